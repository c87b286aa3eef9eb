// Programs that fork, with a small host in the kernel's place: unwind, copy memory and globals into a new instance, wind
// both up again.

import { describe, expect, test } from "vitest";
import { UNWIND_END, UNWIND_SP, UNWINDING, UNWINDING_FULL, UNWINDING_ON } from "../../kernel/hot/layout.ts";
import { Writer } from "../../runtime/loader/binary.ts";
import { type Prepared, prepare } from "../../runtime/loader/index.ts";
import { Op } from "../../runtime/loader/opcodes.ts";
import { SectionId } from "../../runtime/loader/sections.ts";
import { assemble, type Guest, instantiate } from "./support.ts";

/** Where frames are kept in kernel memory. */
const FRAMES = 0x1000;
const FRAMES_END = 0x8000;

interface Process {
  readonly guest: Guest;
  /** What fork returns when the stack has been wound up again. */
  result: bigint;
  /** It is being wound up. */
  resuming: boolean;
}

const words = ({ kernel }: Guest) => new Int32Array(kernel.buffer);

/** Runs a program whose forks are real; gives the log of each process, parent first. */
async function runForking(prepared: Prepared): Promise<(number | bigint)[][]> {
  const logs: (number | bigint)[][] = [];
  const children: Promise<void>[] = [];
  const start = async (memory?: WebAssembly.Memory): Promise<Process> => {
    const wali = {
      SYS_fork: () => {
        if (process.resuming) {
          process.resuming = false;
          expect(words(process.guest)[UNWIND_SP >> 2]).toBe(FRAMES);
          return process.result;
        }
        words(process.guest)[UNWINDING >> 2] = UNWINDING_ON;
        words(process.guest)[UNWIND_SP >> 2] = FRAMES;
        words(process.guest)[UNWIND_END >> 2] = FRAMES_END;
        return -1n;
      },
    };
    const unwound = () => {
      const { guest } = process;
      words(guest)[UNWINDING >> 2] = 0;
      const buffer = guest.memory.buffer.slice(0);
      const frames = guest.kernel.buffer.slice(0);
      const globals = prepared.info.globals.map(
        ({ export: name }) => (guest.instance.exports[name] as WebAssembly.Global).value,
      );
      const log = [...guest.log];
      children.push(fork(buffer, frames, globals, log));
      process.result = BigInt((children.length + 1) * 100);
      process.resuming = true;
    };
    const process: Process = {
      guest: await instantiate(prepared, { wali, ring3: { unwound } }, memory),
      result: 0n,
      resuming: false,
    };
    logs.push(process.guest.log);
    return process;
  };
  const fork = async (
    buffer: ArrayBufferLike,
    frames: ArrayBufferLike,
    globals: unknown[],
    log: (number | bigint)[],
  ) => {
    const memory = new WebAssembly.Memory({ initial: buffer.byteLength >> 16, maximum: 65536, shared: true });
    new Uint8Array(memory.buffer).set(new Uint8Array(buffer));
    const child = await start(memory);
    new Uint8Array(child.guest.kernel.buffer).set(new Uint8Array(frames));
    prepared.info.globals.forEach(({ export: name }, i) => {
      (child.guest.instance.exports[name] as WebAssembly.Global).value = globals[i];
    });
    child.guest.log.push(...log);
    child.resuming = true;
    child.guest.call("ring3:run", 0, 1, 0, 0, 0);
  };
  const first = await start();
  first.guest.call("ring3:init");
  first.guest.call("ring3:run", 0, 0, 0, 0, 0);
  for (let i = 0; i < children.length; i++) await children[i];
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
      [200n, 300n],
      [200n, 0n],
      [0n, 400n],
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
      [200n, 9, 300n],
      [200n, 9, 0n],
      [0n, 9, 400n],
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
  // The child's table is the module's own again: it is wound up without it.
  "through a table that has changed": [
    `(type $t (func (result i64))) (table 1 funcref) (elem declare func $f) (func $f (type $t) (call $fork))
     (func (export "_start")
       (table.set (i32.const 0) (ref.func $f)) (call $i64 (call_indirect (type $t) (i32.const 0))))`,
    [[200n], [0n]],
  ],
  "by tail calls": [
    `(type $t (func (param i32) (result i64))) (table funcref (elem $c))
     (func $a (param i32) (result i64) (return_call $b (i32.const 3) (local.get 0)))
     (func $b (param i32 i32) (result i64)
       (if (i32.eqz (local.get 1)) (then (return (i64.add (i64.const 1000) (call $fork)))))
       (return_call_indirect (type $t) (local.get 0) (i32.const 0)))
     (func $c (type $t) (return_call $fork))
     (func (export "_start") (call $i64 (call $a (i32.const 0))) (call $i64 (call $a (i32.const 1))))`,
    [
      [1200n, 300n],
      [1200n, 0n],
      [1000n, 400n],
      [1000n, 0n],
    ],
  ],
  "in both arms of an if, with a condition that is used again": [
    `(func $f (param $x i32) (result i32)
       (i32.add (local.get $x)
         (if (result i32) (local.get $x)
           (then (call $i64 (call $fork)) (i32.const 10)) (else (call $i64 (call $fork)) (i32.const 20)))))
     (func (export "_start") (call $i32 (i32.add (call $f (i32.const 1)) (call $f (i32.const 0)))))`,
    [
      [200n, 300n, 31],
      [200n, 0n, 31],
      [0n, 400n, 31],
      [0n, 0n, 31],
    ],
  ],
  "in a handler, which gets what the exception carries": [
    `(tag $e (param i32 i64))
     (func (export "_start")
       (try (do (throw $e (i32.const 5) (i64.const 6)))
         (catch $e (call $i64 (call $fork)) (call $i64) (call $i32)))
       (call $i32 (i32.const 7)))`,
    [
      [200n, 6n, 5, 7],
      [0n, 6n, 5, 7],
    ],
  ],
  "in a handler that passes on what it caught": [
    `(tag $e (param i32 i64))
     (func $pass (param $i i32)
       (try (do (throw $e (i32.const 5) (i64.const 6)))
         (catch $e
           (drop) (drop)
           (i32.const 9) (call $i64 (call $fork)) (call $i32)
           (try (do (if (local.get $i) (then (rethrow 2))) (call $i32 (i32.const 8))) (catch $e (call $i64) (call $i32)))
           (rethrow 0))))
     (func (export "_start")
       (try (do (call $pass (i32.const 0))) (catch $e (call $i64) (call $i32)))
       (try (do (call $pass (i32.const 1))) (catch $e (call $i64) (call $i32))))`,
    [
      [200n, 9, 8, 6n, 5, 300n, 9, 6n, 5, 6n, 5],
      [200n, 9, 8, 6n, 5, 0n, 9, 6n, 5, 6n, 5],
      [0n, 9, 8, 6n, 5, 400n, 9, 6n, 5, 6n, 5],
      [0n, 9, 8, 6n, 5, 0n, 9, 6n, 5, 6n, 5],
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
    expect(prepared.info).toMatchObject({ canFork: true, stackPointer: "g:0" });
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

describe("what can be unwound", () => {
  const importing = (name: string) =>
    assemble(`(module (import "wali" "${name}" (func $i)) (func (export "_start") (call $i)))`);

  test.each(["SYS_fork", "SYS_vfork", "setjmp", "sigsetjmp"])("a module that imports %s", async (name) => {
    const { info, module } = await prepare(importing(name));
    expect(info.unwinding).toEqual({ functions: 1, sites: 1, stuck: 0 });
    expect(info.canFork).toBe(/fork/.test(name));
    expect(info.usesSetjmp).toBe(/jmp/.test(name));
    expect(WebAssembly.Module.exports(module).map(({ name }) => name)).toEqual(["ring3:run", "ring3:init"]);
  });

  test.each(["SYS_clone", "longjmp"])("no module that imports only %s", async (name) => {
    const { info, module } = await prepare(importing(name));
    expect(info.canFork).toBe(false);
    expect(info.unwinding).toBeUndefined();
    expect(WebAssembly.Module.exports(module).map(({ name }) => name)).toEqual(["_start", "ring3:init"]);
  });

  test("only the functions from which such an import can be reached", async () => {
    const { info } = await prepare(
      assemble(`(module (import "wali" "SYS_fork" (func $fork (result i64))) (table funcref (elem $a $d))
        (type $pid (func (result i64))) (type $other (func (result i32)))
        (func $a (result i64) (call $fork)) (func $b (result i64) (call_indirect (type $pid) (i32.const 0)))
        (func $c (result i32) (call_indirect (type $other) (i32.const 1))) (func $d (result i32) (i32.const 1))
        (func (export "_start") (drop (call $b)) (drop (call $c)) (drop (call $d))))`),
    );
    expect(info.unwinding).toEqual({ functions: 3, sites: 3, stuck: 0 });
  });

  test("no function that keeps a reference over the call, which ends the process", async () => {
    const { info } = await prepare(
      assemble(`(module (import "wali" "SYS_fork" (func $fork (result i64))) (func $use (param externref))
        (func $f (local $r externref) (drop (call $fork)) (call $use (local.get $r)) (drop (call $fork)))
        (func (export "_start") (call $f)))`),
    );
    expect(info.unwinding).toEqual({ functions: 2, sites: 3, stuck: 1 });
  });

  test("no stack that is deeper than there is room for its frames", async () => {
    const prepared = await prepare(
      assemble(`(module ${HEAD}
        (func $down (param i32) (result i64)
          (if (result i64) (local.get 0)
            (then (i64.add (i64.const 1) (call $down (i32.sub (local.get 0) (i32.const 1))))) (else (call $fork))))
        (func (export "_start") (call $i64 (call $down (i32.const 4000)))))`),
    );
    const wali = {
      SYS_fork: () => {
        words(guest)[UNWINDING >> 2] = UNWINDING_ON;
        words(guest)[UNWIND_SP >> 2] = FRAMES;
        words(guest)[UNWIND_END >> 2] = FRAMES_END;
        return 0n;
      },
    };
    const guest = await instantiate(prepared, { wali });
    expect(() => guest.call("ring3:run", 0, 0, 0, 0, 0)).toThrow("unreachable");
    expect(words(guest)[UNWINDING >> 2]).toBe(UNWINDING_FULL);
    expect(words(guest)[UNWIND_SP >> 2]).toBeLessThanOrEqual(FRAMES_END);
  });

  test("not a module with a mutable reference, which a child cannot inherit", async () => {
    const wat = `(module (import "wali" "SYS_fork" (func $fork (result i64)))
      (global (mut externref) (ref.null extern)) (func (export "_start") (drop (call $fork))))`;
    expect((await prepare(assemble(wat))).info.canFork).toBe(false);
  });
});

describe("programs made to cost much", { timeout: 60_000 }, () => {
  /** Prepares a module with one function, that calls fork; gives its counts and prints what it took. */
  async function prepareBody(what: string, locals: number, write: (w: Writer) => void) {
    const w = new Writer().raw([0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00]);
    w.section(SectionId.type, () => w.raw([2, 0x60, 0, 1, 0x7e, 0x60, 0, 0]));
    w.section(SectionId.import, () => w.u32(1).name("wali").name("SYS_fork").u8(0).u8(0));
    w.section(SectionId.function, () => w.raw([1, 1]));
    w.section(SectionId.export, () => w.u32(1).name("_start").u8(0).u8(1));
    w.section(SectionId.code, () => {
      w.u8(1);
      const start = w.open();
      w.u8(1).u32(locals).u8(0x7f);
      write(w);
      w.close(start);
    });
    const began = performance.now();
    const { info } = await prepare(w.view());
    const { source, prepared } = info.size;
    const steps = Object.entries(info.timings).map(([step, ms]) => `${step} ${Math.round(ms)}`);
    console.log(
      `${what}: ${source} bytes become ${prepared}, ${Math.round(performance.now() - began)} ms: ${steps.join(", ")}`,
    );
    return info.unwinding;
  }
  const repeat = (count: number, write: (i: number) => void) => {
    for (let i = 0; i < count; i++) write(i);
  };

  test.each([1_000, 100_000])("%i forks whose results are all operands at once", async (count) => {
    const counts = await prepareBody(`${count} operands`, 0, (w) => {
      repeat(count, () => w.u8(Op.call).u8(0));
      repeat(count, () => w.u8(Op.drop));
      w.u8(Op.end);
    });
    expect(counts).toMatchObject({ sites: count, stuck: count });
  });

  test("100,000 blocks in each other, with a fork before and after each", async () => {
    const count = 100_000;
    await prepareBody("nested blocks", 0, (w) => {
      repeat(count, () => w.raw([Op.call, 0, Op.drop, Op.block, Op.emptyBlock]));
      repeat(count, () => w.raw([Op.end, Op.call, 0, Op.drop]));
      w.u8(Op.end);
    });
  });

  test("loops in each other, with locals that matter in all of them", async () => {
    const count = 1_000;
    const locals = 45_000;
    const counts = await prepareBody("nested loops", locals, (w) => {
      repeat(count, (i) => w.raw([Op.loop, Op.emptyBlock, Op.call, 0, Op.drop, Op.localGet]).u32(i).u8(Op.brIf).u32(0));
      repeat(count, (i) =>
        w
          .u8(Op.localGet)
          .u32(locals - 1 - i)
          .u8(Op.brIf)
          .u32(0)
          .u8(Op.end),
      );
      w.u8(Op.end);
    });
    expect(counts).toEqual({ functions: 1, sites: count, stuck: 0 });
  });

  test("200,000 forks in a row", async () => {
    const count = 200_000;
    const counts = await prepareBody("in a row", 0, (w) => {
      repeat(count, () => w.raw([Op.call, 0, Op.drop]));
      w.u8(Op.end);
    });
    expect(counts).toMatchObject({ sites: count });
  });

  test("handlers in each other", async () => {
    const count = 10_000;
    const w = new Writer();
    repeat(count, () => w.raw([Op.try, Op.emptyBlock, Op.catchAll, Op.call, 0, Op.drop]));
    repeat(count, () => w.u8(Op.end));
    const counts = await prepareBody("nested handlers", 0, (body) => body.copy(w.bytes, 0, w.length).u8(Op.end));
    expect(counts).toMatchObject({ sites: count, stuck: count });
  });
});
