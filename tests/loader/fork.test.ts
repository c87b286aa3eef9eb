// Programs that fork, with a small host in the kernel's place: unwind, copy memory and globals into a new instance, wind
// both up again.

import { describe, expect, test } from "vitest";
import { type Prepared, prepare } from "../../runtime/loader/index.ts";
import { assemble, type Guest, instantiate } from "./support.ts";

const NORMAL = 0;
const UNWINDING = 1;
/** Where the unwound stack is kept in guest memory. */
const SAVED_STACK = 0x8000;
const SAVED_STACK_END = 0x10000;

interface Process {
  readonly guest: Guest;
  /** What fork returns when the stack has been wound up again. */
  result: bigint;
}

/** Runs a program whose forks are real; gives the log of each process, parent first. */
async function runForking(prepared: Prepared): Promise<(number | bigint)[][]> {
  const logs: (number | bigint)[][] = [];
  const start = async (memory?: WebAssembly.Memory): Promise<Process> => {
    const state = () => process.guest.call("asyncify_get_state");
    const wali = {
      SYS_fork: () => {
        if (state() === NORMAL) {
          new Int32Array(process.guest.memory.buffer).set([SAVED_STACK + 8, SAVED_STACK_END], SAVED_STACK >> 2);
          process.guest.call("asyncify_start_unwind", SAVED_STACK);
          return 0n;
        }
        process.guest.call("asyncify_stop_rewind");
        return process.result;
      },
    };
    const process: Process = { guest: await instantiate(prepared, { wali }, memory), result: 0n };
    logs.push(process.guest.log);
    return process;
  };
  const run = async (process: Process): Promise<void> => {
    process.guest.call("_start");
    while (process.guest.call("asyncify_get_state") === UNWINDING) {
      process.guest.call("asyncify_stop_unwind");
      const { buffer } = process.guest.memory;
      const pages = buffer.byteLength >> 16;
      const memory = new WebAssembly.Memory({ initial: pages, maximum: 65536, shared: true });
      new Uint8Array(memory.buffer).set(new Uint8Array(buffer));
      const child = await start(memory);
      for (const global of prepared.info.globals) {
        const from = process.guest.instance.exports[global.export] as WebAssembly.Global;
        (child.guest.instance.exports[global.export] as WebAssembly.Global).value = from.value;
      }
      child.guest.log.push(...process.guest.log);
      process.result = BigInt(logs.length * 100);
      child.result = 0n;
      child.guest.call("asyncify_start_rewind", SAVED_STACK);
      await run(child);
      process.guest.call("asyncify_start_rewind", SAVED_STACK);
      process.guest.call("_start");
    }
  };
  const first = await start();
  first.guest.call("ring3:init");
  await run(first);
  return logs;
}

const HEAD = `
  (import "wali" "SYS_fork" (func $fork (result i64)))
  (import "host" "i32" (func $i32 (param i32))) (import "host" "i64" (func $i64 (param i64)))
  (memory 1) (global $sp (export "__stack_pointer") (mut i32) (i32.const 4096)) (global $other (mut i64) (i64.const 1))`;

const PROGRAMS: Readonly<Record<string, [wat: string, logs: (number | bigint)[][]]>> = {
  "in main": [`(func (export "_start") (call $i64 (call $fork)))`, [[200n], [0n]]],
  "deep down, with locals, globals, memory and operands": [
    `(func $c (param $x i32) (result i32)
       (global.set $sp (i32.sub (global.get $sp) (i32.const 16))) (global.set $other (i64.const 77))
       (i32.store (i32.const 12) (i32.const 5))
       (call $i64 (call $fork))
       (global.set $sp (i32.add (global.get $sp) (i32.const 16)))
       (i32.add (local.get $x) (i32.load (i32.const 12))))
     (func $b (param $f f64) (param $x i32) (result i32)
       (i32.add (i32.mul (local.get $x) (i32.const 3)) (i32.add (call $c (local.get $x)) (i32.trunc_f64_s (local.get $f)))))
     (func (export "_start") (local $i i32)
       (loop $next
         (call $i32 (call $b (f64.const 100) (local.get $i)))
         (br_if $next (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const 1))))
       (call $i32 (global.get $sp)) (call $i64 (global.get $other)))`,
    [
      [200n, 105, 4096, 77n],
      [0n, 105, 4096, 77n],
    ],
  ],
  "through the table": [
    `(type $t (func (result i64))) (table funcref (elem $f)) (func $f (type $t) (call $fork))
     (func (export "_start") (call $i64 (call_indirect (type $t) (i32.const 0))))`,
    [[200n], [0n]],
  ],
  "twice: four processes": [
    `(func (export "_start") (call $i64 (call $fork)) (call $i64 (call $fork)))`,
    [
      [200n, 400n],
      [200n, 0n],
      [0n, 300n],
      [0n, 0n],
    ],
  ],
  "inside try, with an exception afterwards": [
    `(tag $e (param i64))
     (func $thrower (throw $e (i64.add (call $fork) (i64.const 1))))
     (func (export "_start")
       (try (do (call $i32 (i32.const 1)) (call $thrower)) (catch $e (call $i64)))
       (call $i32 (i32.const 2)))`,
    [
      [1, 201n, 2],
      [1, 1n, 2],
    ],
  ],
  "inside nested try with catch_all and delegate": [
    `(tag $e)
     (func (export "_start")
       (try $outer
         (do (try (do (call $i64 (call $fork)) (throw $e)) (delegate $outer)))
         (catch_all (call $i32 (i32.const 9))))
       (call $i64 (call $fork)))`,
    [
      [200n, 9, 400n],
      [200n, 9, 0n],
      [0n, 9, 300n],
      [0n, 9, 0n],
    ],
  ],
  // As clang lowers setjmp: the catch only leaves the try, what follows runs behind it.
  "after a longjmp": [
    `(tag $longjmp (param i32))
     (func $work (param i32) (if (i32.eqz (local.get 0)) (then (throw $longjmp (i32.const 5)))) (call $i64 (call $fork)))
     (func (export "_start") (local $value i32)
       (loop $again
         (block $done
           (block $caught (result i32)
             (try (do (call $work (local.get $value)) (br $done)) (catch $longjmp (br $caught)))
             (unreachable))
           (local.set $value) (call $i32 (local.get $value)) (br $again))))`,
    [
      [5, 200n],
      [5, 0n],
    ],
  ],
  "with multiple results and vectors": [
    `(func $pair (result i32 i64) (i32.const 3) (call $fork))
     (func (export "_start") (local $v v128)
       (local.set $v (i32x4.splat (i32.const 8)))
       (call $pair) (call $i64) (call $i32) (call $i32 (i32x4.extract_lane 2 (local.get $v))))`,
    [
      [200n, 3, 8],
      [0n, 3, 8],
    ],
  ],
};

describe("fork", () => {
  test.each(Object.entries(PROGRAMS))("%s", async (_, [wat, expected]) => {
    const prepared = await prepare(assemble(`(module ${HEAD} ${wat})`));
    expect(prepared.info).toMatchObject({ canFork: true, asyncified: true, stackPointer: "g:0" });
    const logs = await runForking(prepared);
    expect(logs.map(String).sort()).toEqual(expected.map(String).sort());
  });

  test("200 frames deep", async () => {
    const wat = `(module ${HEAD}
      (func $down (param i32) (result i32)
        (if (result i32) (local.get 0)
          (then (i32.add (local.get 0) (call $down (i32.sub (local.get 0) (i32.const 1)))))
          (else (call $i64 (call $fork)) (i32.const 0))))
      (func (export "_start") (call $i32 (call $down (i32.const 200)))))`;
    expect(await runForking(await prepare(assemble(wat)))).toEqual([
      [200n, 20100],
      [0n, 20100],
    ]);
  });
});

describe("what is asyncified", () => {
  const importing = (name: string) =>
    assemble(`(module (import "wali" "${name}" (func $i)) (func (export "_start") (call $i)))`);

  test.each(["SYS_fork", "SYS_vfork", "setjmp", "sigsetjmp", "longjmp"])("a module that imports %s", async (name) => {
    const { info, module } = await prepare(importing(name));
    expect(info.asyncified).toBe(true);
    expect(info.canFork).toBe(/fork/.test(name));
    expect(info.usesSetjmp).toBe(/jmp/.test(name));
    expect(WebAssembly.Module.exports(module).filter(({ name }) => name.startsWith("asyncify_")).length).toBe(5);
  });

  test("no other module", async () => {
    expect((await prepare(importing("SYS_clone"))).info).toMatchObject({ asyncified: false, canFork: false });
  });

  test("no module with exceptions in the new encoding, which still runs", async () => {
    const plain = importing("SYS_fork");
    // The body `call 0`, put into a try_table without catch clauses.
    const body = [0x00, 0x1f, 0x40, 0x00, 0x10, 0x00, 0x0b, 0x0b];
    const at = plain.length - 4 - 4;
    expect([...plain.slice(at)]).toEqual([10, 6, 1, 4, 0, 0x10, 0, 0x0b]);
    const bytes = new Uint8Array([...plain.slice(0, at), 10, body.length + 2, 1, body.length, ...body]);
    const prepared = await prepare(bytes);
    expect(prepared.info).toMatchObject({ asyncified: false, canFork: false });
    expect(prepared.info.forkReason).toMatch(/try_table/);
    const guest = await instantiate(prepared, { wali: { SYS_fork: () => {} } });
    guest.call("_start");
  });

  test("no module with tail calls", async () => {
    const wat = `(module (import "wali" "SYS_fork" (func $i)) (func (export "_start") (return_call $i)))`;
    const { info } = await prepare(assemble(wat));
    expect(info).toMatchObject({ asyncified: false, canFork: false });
    expect(info.forkReason).toMatch(/tail calls/);
  });

  test("a module that asyncify fails on runs without fork", async () => {
    const asyncify = () => Promise.reject(new Error("out of memory"));
    const { info } = await prepare(importing("SYS_fork"), { asyncify });
    expect(info).toMatchObject({ asyncified: false, canFork: false, forkReason: "asyncify failed: out of memory" });
  });

  test("a module with a mutable reference, which a child cannot inherit, cannot fork", async () => {
    const wat = `(module (import "wali" "SYS_fork" (func $fork (result i64)))
      (global (mut externref) (ref.null extern)) (func (export "_start") (drop (call $fork))))`;
    expect((await prepare(assemble(wat))).info.canFork).toBe(false);
  });
});
