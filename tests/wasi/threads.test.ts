/** wasi-threads: threads are tasks of the process, on its memory, that begin in wasi_thread_start. */
import { expect, test } from "vitest";
import { assemble } from "./build.ts";
import { Bench } from "./machine.ts";

const P1 = "wasi_snapshot_preview1";
/** Imports, a page of memory, and `$say`, which writes what lies at an address. */
const program = (body: string, thread: string) =>
  assemble(`(module
    (import "env" "memory" (memory 1 16 shared))
    (import "wasi" "thread-spawn" (func $spawn (param i32) (result i32)))
    (import "${P1}" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
    (import "${P1}" "fd_read" (func $read (param i32 i32 i32 i32) (result i32)))
    (import "${P1}" "poll_oneoff" (func $poll (param i32 i32 i32 i32) (result i32)))
    (import "${P1}" "path_open" (func $open (param i32 i32 i32 i32 i32 i64 i64 i32 i32) (result i32)))
    (import "${P1}" "proc_exit" (func $exit (param i32)))
    (export "memory" (memory 0))
    (data (i32.const 1024) "thread\\n")
    (data (i32.const 1040) "main\\n")
    (func $say (param $at i32) (param $length i32) (param $scratch i32)
      (i32.store (local.get $scratch) (local.get $at))
      (i32.store offset=4 (local.get $scratch) (local.get $length))
      (drop (call $write (i32.const 1) (local.get $scratch) (i32.const 1) (i32.add (local.get $scratch) (i32.const 8)))))
    ;; Waits until the word at 0 is $count.
    (func $wait (param $count i32) (local $now i32)
      (loop $again
        (local.set $now (i32.atomic.load (i32.const 0)))
        (if (i32.ne (local.get $now) (local.get $count)) (then
          (drop (memory.atomic.wait32 (i32.const 0) (local.get $now) (i64.const -1)))
          (br $again)))))
    ;; Sleeps for a minute.
    (func $sleep (param $scratch i32)
      (i32.store offset=16 (local.get $scratch) (i32.const 1))
      (i64.store offset=24 (local.get $scratch) (i64.const 60000000000))
      (drop (call $poll (local.get $scratch) (i32.add (local.get $scratch) (i32.const 64)) (i32.const 1) (local.get $scratch))))
    (func $done (drop (i32.atomic.rmw.add (i32.const 0) (i32.const 1))) (drop (memory.atomic.notify (i32.const 0) (i32.const 100))))
    (func (export "wasi_thread_start") (param $tid i32) (param $argument i32) ${thread})
    (func (export "_start") (local $i i32) ${body}))`);

async function run(bytes: Uint8Array, stdin = ""): Promise<{ status: string; stdout: string }> {
  await using bench = await Bench.boot();
  await bench.install("/tmp/threads", bytes);
  const { status, stdout } = await bench.run(["/tmp/threads"], { stdin });
  return { status, stdout };
}

test("many threads, each with its number and its argument", async () => {
  const bytes = program(
    `(loop $next
       (local.set $i (i32.add (local.get $i) (i32.const 1)))
       ;; A thread's number is positive, and below 2^29.
       (if (i32.ge_u (i32.sub (call $spawn (local.get $i)) (i32.const 1)) (i32.const 0x1fffffff)) (then unreachable))
       (br_if $next (i32.lt_u (local.get $i) (i32.const 40))))
     (call $wait (i32.const 40))
     ;; 1 + 2 + ... + 40
     (if (i32.ne (i32.atomic.load (i32.const 4)) (i32.const 820)) (then unreachable))
     (call $say (i32.const 1040) (i32.const 5) (i32.const 2048))`,
    `(if (i32.eqz (local.get $tid)) (then unreachable))
     (drop (i32.atomic.rmw.add (i32.const 4) (local.get $argument)))
     (call $done)`,
  );
  expect(await run(bytes)).toEqual({ status: "0", stdout: "main\n" });
});

test("a thread that waits for input holds nobody up", async () => {
  const bytes = program(
    `(drop (call $spawn (i32.const 0)))
     (call $say (i32.const 1040) (i32.const 5) (i32.const 2048))
     (call $wait (i32.const 1))`,
    `(i32.store (i32.const 4096) (i32.const 5000)) (i32.store (i32.const 4100) (i32.const 100))
     (drop (call $read (i32.const 0) (i32.const 4096) (i32.const 1) (i32.const 4104)))
     (call $say (i32.const 5000) (i32.load (i32.const 4104)) (i32.const 4096))
     (call $done)`,
  );
  expect(await run(bytes, "typed\n")).toEqual({ status: "0", stdout: "main\ntyped\n" });
});

test("proc_exit in a thread ends the process", async () => {
  const bytes = program(
    "(drop (call $spawn (i32.const 0))) (call $sleep (i32.const 2048))",
    "(call $exit (i32.const 5))",
  );
  expect(await run(bytes)).toEqual({ status: "5", stdout: "" });
});

test("a trap in a thread ends the process", async () => {
  const bytes = program("(drop (call $spawn (i32.const 0))) (call $sleep (i32.const 2048))", "unreachable");
  expect(await run(bytes)).toEqual({ status: "SIGILL", stdout: "" });
});

test("the process ends when its first thread returns, whatever the others do", async () => {
  const bytes = program(
    "(drop (call $spawn (i32.const 0))) (drop (call $spawn (i32.const 1))) (call $wait (i32.const 2))",
    "(call $done) (if (local.get $argument) (then (loop $forever (br $forever)))) (call $sleep (i32.const 4096))",
  );
  expect(await run(bytes)).toEqual({ status: "0", stdout: "" });
});

test("threads without number: an error, and no harm", async () => {
  const bytes = program(
    `(loop $next
       (local.set $i (i32.add (local.get $i) (i32.const 1)))
       (br_if $next (i32.gt_s (call $spawn (local.get $i)) (i32.const 0))))
     ;; A process can have 512 of them with its first: their calls need a place of their own.
     (if (i32.ne (local.get $i) (i32.const 512)) (then (call $exit (local.get $i))))
     (call $say (i32.const 1040) (i32.const 5) (i32.const 2048))`,
    "(call $sleep (i32.add (i32.const 8192) (i32.mul (local.get $argument) (i32.const 100))))",
  );
  expect(await run(bytes)).toEqual({ status: "0", stdout: "main\n" });
});
