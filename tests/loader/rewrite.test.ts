// The rewritten module does what the source does, and what the CPU expects of it.

import { describe, expect, test } from "vitest";
import { Reader } from "../../runtime/loader/binary.ts";
import { prepare } from "../../runtime/loader/index.ts";
import { Op } from "../../runtime/loader/opcodes.ts";
import { POLL_PERIOD } from "../../runtime/loader/polls.ts";
import { readSections, SectionId } from "../../runtime/loader/sections.ts";
import { assemble, instantiate, raiseFlag, runOriginal, runPrepared } from "./support.ts";

const LOGGERS = `
  (import "host" "i32" (func $i32 (param i32)))
  (import "host" "i64" (func $i64 (param i64)))
  (import "host" "f32" (func $f32 (param f32)))
  (import "host" "f64" (func $f64 (param f64)))
  (import "host" "fail" (func $fail))`;

const MEMORY = `(memory (export "memory") 1 4)`;

/** Programs by what they exercise; each is run as it is and rewritten, and has to log and leave the same. */
const PROGRAMS: Readonly<Record<string, string>> = {
  "control flow": `${MEMORY}
    (func $switch (param i32) (result i32)
      (block (block (block (block (br_table 0 1 2 3 (local.get 0)))
        (return (i32.const 100))) (return (i32.const 101))) (return (i32.const 102))) (i32.const 103))
    (func (export "_start") (local $i i32)
      (loop $next
        (call $i32 (call $switch (local.get $i)))
        (if (i32.and (local.get $i) (i32.const 1)) (then (call $i32 (i32.const 1))) (else nop))
        (br_if $next (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const 9))))
      (call $i32 (select (i32.const 7) (i32.const 8) (local.get $i)))
      (drop (block $out (result i32) (br_if $out (i32.const 5) (i32.const 1))))
      (call $i32 (local.get $i)))`,
  "loops without calls": `${MEMORY}
    (func $leave (param $n i32) (result i32) (local $i i32)
      (block $a (result i32) (block $b (result i32) (block $c
        (loop $next
          (block $on
            (br_table $on $next $c $on (local.tee $i (i32.add (local.get $i) (i32.const 1)))))
          (drop (br_if $a (i32.const 10) (i32.eq (local.get $n) (i32.const 0))))
          (drop (br_if $b (i32.const 20) (i32.eq (local.get $n) (i32.const 1))))
          (if (i32.eq (local.get $n) (i32.const 2)) (then (return (i32.const 30))) (else (br_if $c (i32.eq (local.get $n) (i32.const 3)))))
          (br_if $next (i32.lt_u (local.get $i) (local.get $n))))
        (return (local.get $i)))
        (i32.const 40)) (i32.const 1) (i32.add)) (i32.const 1000) (i32.add))
    (func $sum (param $n i32) (result i64) (local $i i64)
      (i64.const 1000)
      (loop $next (result i64)
        (br_if $next (i64.lt_u (local.tee $i (i64.add (local.get $i) (i64.const 1))) (i64.extend_i32_u (local.get $n))))
        (if (i64.eq (local.get $i) (i64.const 7)) (then (br $next)))
        (local.get $i))
      (i64.add))
    (func (export "_start") (local $i i32)
      (loop $next
        (call $i32 (call $leave (local.get $i)))
        (call $i64 (call $sum (local.get $i)))
        (br_if $next (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const 9)))))`,
  "blocks with parameters": `${MEMORY}
    (func (export "_start")
      (i32.const 3) (i64.const 4)
      (loop $next (param i32 i64) (result i64 i32)
        (call $i64) (i32.const -1) (i32.add)
        (i64.const 9) (br_if $next (i32.const 0))
        (call $i64) (i64.const 12) (i32.const 13) (drop) (call $i64) (call $i32)
        (i64.const 1) (i32.const 2))
      (call $i32) (call $i64)
      (i32.const 1) (if (param) (result i32) (i32.const 1) (then (i32.const 20)) (else (i32.const 21))) (call $i32)
      (drop))`,
  "loops with parameters that repeat": `${MEMORY}
    (func (export "_start")
      (i32.const 5)
      (loop $next (param i32) (result i32)
        (i32.const 1) (i32.sub)
        (call $log)
        (br_if $next (i32.gt_s (global.get $seen) (i32.const 0))))
      (call $i32))
    (global $seen (mut i32) (i32.const 0))
    (func $log (param i32) (result i32)
      (global.set $seen (local.get 0)) (call $i32 (local.get 0)) (local.get 0))`,
  "numbers and conversions": `${MEMORY}
    (func (export "_start")
      (call $i32 (i32.const -2147483648)) (call $i64 (i64.const -9223372036854775808))
      (call $f32 (f32.const -0)) (call $f64 (f64.const nan)) (call $f64 (f64.const 0x1.921fb54442d18p+1))
      (call $i32 (i32.popcnt (i32.rotl (i32.const 0x12345678) (i32.const 5))))
      (call $i64 (i64.extend32_s (i64.const 0x80000000))) (call $i32 (i32.extend8_s (i32.const 0x80)))
      (call $i32 (i32.trunc_sat_f64_s (f64.const 1e300))) (call $i64 (i64.trunc_sat_f32_u (f32.const nan)))
      (call $f64 (f64.promote_f32 (f32.sqrt (f32.const 2)))) (call $i64 (i64.reinterpret_f64 (f64.const 1)))
      (call $i32 (i32.wrap_i64 (i64.div_s (i64.const -7) (i64.const 2)))))`,
  "loads and stores": `${MEMORY}
    (data (i32.const 8) "\\01\\82\\03\\84\\05\\86\\07\\88")
    (func (export "_start")
      (call $i32 (i32.load (i32.const 8))) (call $i64 (i64.load offset=8 align=1 (i32.const 0)))
      (call $i32 (i32.load8_s (i32.const 9))) (call $i64 (i64.load16_u (i32.const 9))) (call $i64 (i64.load32_s (i32.const 11)))
      (f64.store offset=1024 (i32.const 0) (f64.const 1.5)) (i64.store8 (i32.const 2048) (i64.const 511))
      (i32.store16 offset=65000 (i32.const 7) (i32.const 70000)) (call $i32 (memory.size)))`,
  "bulk memory and passive segments": `${MEMORY}
    (data $p "passive") (data (i32.const 100) "active")
    (func (export "_start")
      (memory.init $p (i32.const 10) (i32.const 1) (i32.const 4)) (data.drop $p)
      (memory.copy (i32.const 200) (i32.const 98) (i32.const 10)) (memory.fill (i32.const 300) (i32.const 0x5a) (i32.const 5))
      (memory.init $p (i32.const 0) (i32.const 0) (i32.const 0)))`,
  "a dropped segment traps": `${MEMORY}
    (data $p "passive")
    (func (export "_start") (data.drop $p) (memory.init $p (i32.const 0) (i32.const 0) (i32.const 1)))`,
  "an active segment is dropped": `${MEMORY}
    (data $a (i32.const 4) "active")
    (func (export "_start") (memory.init $a (i32.const 0) (i32.const 0) (i32.const 1)))`,
  "segments at constant expressions": `${MEMORY}
    (global $base i32 (i32.const 40)) (global $next i32 (i32.add (global.get $base) (i32.const 2)))
    (data (global.get $base) "a") (data (i32.mul (i32.add (global.get $next) (i32.const 2)) (i32.const 2)) "b")
    (func (export "_start") (call $i32 (global.get $next)))`,
  "overlapping segments, in order": `${MEMORY}
    (data (i32.const 0) "aaaa") (data (i32.const 2) "bb") (data (i32.const 1) "c") (data (i32.const 65536) "")
    (func (export "_start"))`,
  "a start function runs after the segments": `${MEMORY}
    (data (i32.const 0) "\\2a") (start $init) (global $x (mut i32) (i32.const 0))
    (func $init (call $i32 (i32.load (i32.const 0))) (global.set $x (i32.const 6)))
    (func (export "_start") (call $i32 (global.get $x)))`,
  "indirect calls, tables and references": `${MEMORY}
    (type $t (func (param i32) (result i32)))
    (table $tab 6 6 funcref) (table $refs 2 externref)
    (elem (i32.const 1) $double $triple) (elem $more func $quad) (elem declare func $own)
    (elem $exprs funcref (ref.func $double) (ref.null func) (item ref.func $quad))
    (func $double (type $t) (i32.mul (local.get 0) (i32.const 2)))
    (func $triple (type $t) (i32.mul (local.get 0) (i32.const 3)))
    (func $quad (type $t) (i32.mul (local.get 0) (i32.const 4)))
    (func $own (type $t) (i32.const 99))
    (global $g funcref (ref.func $triple)) (global $m (mut funcref) (ref.null func))
    (func (export "_start")
      (call $i32 (call_indirect $tab (type $t) (i32.const 10) (i32.const 1)))
      (call $i32 (call_indirect $tab (type $t) (i32.const 10) (i32.const 2)))
      (table.init $tab $more (i32.const 3) (i32.const 0) (i32.const 1)) (elem.drop $more)
      (call $i32 (call_indirect $tab (type $t) (i32.const 10) (i32.const 3)))
      (table.set $tab (i32.const 4) (ref.func $own)) (table.set $tab (i32.const 5) (global.get $g))
      (call $i32 (call_indirect $tab (type $t) (i32.const 10) (i32.const 4)))
      (call $i32 (call_indirect $tab (type $t) (i32.const 10) (i32.const 5)))
      (call $i32 (ref.is_null (table.get $tab (i32.const 0)))) (call $i32 (table.size $refs))
      (call $i32 (table.grow $refs (ref.null extern) (i32.const 3)))
      (table.init $tab $exprs (i32.const 0) (i32.const 0) (i32.const 3))
      (call $i32 (call_indirect $tab (type $t) (i32.const 10) (i32.const 2)))
      (table.copy $tab $tab (i32.const 3) (i32.const 2) (i32.const 1)) (table.fill $tab (i32.const 0) (ref.func $own) (i32.const 1))
      (call $i32 (call_indirect $tab (type $t) (i32.const 10) (i32.const 0)))
      (drop (select (result funcref) (ref.null func) (ref.func $own) (i32.const 0)))
      (call $i32 (call_indirect $tab (type $t) (i32.const 10) (i32.const 1))))`,
  "a function that only an export declares": `${MEMORY}
    (table 1 funcref) (func $f (export "f") (call $i32 (i32.const 5)))
    (func (export "_start") (table.set (i32.const 0) (ref.func $f)) (call_indirect (i32.const 0)))`,
  "tail calls": `${MEMORY}
    (type $t (func (param i32 i32) (result i32))) (table funcref (elem $sum))
    (func $sum (type $t)
      (if (i32.eqz (local.get 0)) (then (return (local.get 1))))
      (if (i32.and (local.get 0) (i32.const 1))
        (then (return_call $sum (i32.sub (local.get 0) (i32.const 1)) (i32.add (local.get 1) (local.get 0)))))
      (return_call_indirect (type $t) (i32.sub (local.get 0) (i32.const 1)) (i32.add (local.get 1) (local.get 0)) (i32.const 0)))
    (func (export "_start") (call $i32 (call $sum (i32.const 100000) (i32.const 0))))`,
  "multiple results": `${MEMORY}
    (func $pair (param i32) (result i32 i64) (local.get 0) (i64.const 5))
    (func (export "_start") (call $pair (i32.const 4)) (call $i64) (call $i32))`,
  vectors: `${MEMORY}
    (data (i32.const 16) "\\00\\01\\02\\03\\04\\05\\06\\07\\08\\09\\0a\\0b\\0c\\0d\\0e\\0f")
    (func (export "_start") (local $v v128)
      (local.set $v (v128.load (i32.const 16)))
      (call $i32 (i8x16.extract_lane_u 15 (i8x16.shuffle 15 14 13 12 11 10 9 8 7 6 5 4 3 2 1 0 (local.get $v) (local.get $v))))
      (v128.store offset=32 (i32.const 0) (i32x4.add (local.get $v) (v128.const i32x4 1 2 3 4)))
      (v128.store8_lane 3 (i32.const 100) (local.get $v)) (local.set $v (v128.load32_lane offset=16 1 (i32.const 0) (local.get $v)))
      (call $f64 (f64x2.extract_lane 1 (f64x2.splat (f64.const 2.5)))) (v128.store (i32.const 64) (local.get $v))
      (call $i32 (i32x4.extract_lane 0 (i32x4.relaxed_trunc_f32x4_s (f32x4.splat (f32.const 3))))))`,
  atomics: `(memory (export "memory") 1 4 shared)
    (func (export "_start")
      (i32.atomic.store (i32.const 8) (i32.const 40)) (call $i32 (i32.atomic.rmw.add offset=4 (i32.const 4) (i32.const 2)))
      (call $i64 (i64.atomic.rmw32.cmpxchg_u (i32.const 8) (i64.const 42) (i64.const 7))) (atomic.fence)
      (call $i32 (i32.atomic.load8_u (i32.const 8))))`,
  "legacy exceptions": `${MEMORY}
    (tag $e (param i32)) (tag $f)
    (func $thrower (param i32)
      (if (i32.eq (local.get 0) (i32.const 1)) (then (throw $e (i32.const 41))))
      (if (i32.eq (local.get 0) (i32.const 2)) (then (throw $f)))
      (if (i32.eq (local.get 0) (i32.const 3)) (then (call $fail))))
    (func (export "_start") (local $i i32)
      (loop $next
        (try $outer
          (do (try
            (do (try (do (call $thrower (local.get $i))) (delegate $outer)))
            (catch_all (call $i32 (i32.const -1)))))
          (catch $e (call $i32))
          (catch $f (call $i32 (i32.const 43)) (try $inner (do (rethrow 1)) (catch_all (call $i32 (i32.const 44)))))
          (catch_all (call $i32 (i32.const 45))))
        (br_if $next (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const 4)))))`,
  "an exception that nobody catches": `${MEMORY}
    (tag $e) (func (export "_start") (try (do (call $i32 (i32.const 1)) (throw $e)) (catch $e (rethrow 0))))`,
  traps: `${MEMORY} (func (export "_start") (call $i32 (i32.const 1)) (call $i32 (i32.load (i32.const 65533))))`,
  unreachable: `${MEMORY} (func (export "_start") (call $i32 (i32.const 1)) (unreachable))`,
  "a bad indirect call": `${MEMORY} (table 1 funcref) (func (export "_start") (call_indirect (i32.const 0)))`,
  "memory.grow": `${MEMORY}
    (func (export "_start")
      (call $i32 (memory.size)) (call $i32 (memory.grow (i32.const 2))) (call $i32 (memory.size))
      (i32.store8 (i32.const 0x2ffff) (i32.const 1)))`,
};

describe("a rewritten program behaves as its source", () => {
  test.each(Object.entries(PROGRAMS))("%s", async (_, body) => {
    const wat = `(module ${LOGGERS} ${body})`;
    const bytes = assemble(wat);
    const expected = await runOriginal(bytes);
    for (const polls of ["flag", "raised", "count", "none"] as const) {
      const { log, trap, memory } = await runPrepared(
        bytes,
        { polls: polls === "raised" ? "flag" : polls },
        polls === "raised",
      );
      expect(log).toEqual(expected.log);
      expect(trap).toBe(expected.trap);
      expect(memory).toBe(expected.memory);
    }
  });

  test("exceptions in the new encoding", async () => {
    // (wabt does not know try_table.) block $h (result i32); try_table (catch $e $h); throw $e 7; end; unreachable; end
    const bytes = assemble(`(module ${LOGGERS} (tag $e (param i32)) ${MEMORY} (func (export "_start") nop))`);
    const body = [0x00, 0x02, 0x7f, 0x1f, 0x40, 0x01, 0x00, 0x00, 0x00, 0x41, 0x07, 0x08, 0x00, 0x0b, 0x00, 0x0b];
    const module = replaceLastBody(bytes, [...body, 0x10, 0x00, 0x0b]);
    expect((await runOriginal(module)).log).toEqual([7]);
    const { log, prepared } = await runPrepared(module);
    expect(log).toEqual([7]);
    expect(prepared.info.features).toContain("exceptions");
  });
});

/** Puts another body in place of the only function's `nop` (00 01 0b), which is the last section but for none. */
function replaceLastBody(bytes: Uint8Array, body: readonly number[]): Uint8Array<ArrayBuffer> {
  const at = bytes.length - 6; // section id, size, count, size of the body, no locals, nop, end
  return new Uint8Array([...bytes.slice(0, at - 1), 10, body.length + 2, 1, body.length, ...body]);
}

/** The body of a defined function: its locals and instructions. */
function bodyOf(bytes: Uint8Array, index: number): Uint8Array {
  const view = readSections(bytes);
  const { start } = view.sections.get(SectionId.code)!;
  const r = new Reader(bytes, start);
  r.u32("number of functions");
  for (let i = view.imports.length; i < index; i++) r.skip(r.u32("size"), "function");
  const size = r.u32("size");
  return bytes.subarray(r.pos, r.pos + size);
}

describe("memory", () => {
  test.each([
    ["defined", `(memory 3 5)`],
    ["imported", `(import "env" "memory" (memory 3 5))`],
    [
      "imported between functions",
      `(import "host" "i32" (func)) (import "env" "m" (memory 3)) (import "host" "i64" (func))`,
    ],
    ["shared", `(memory 3 5 shared)`],
  ])("%s: is imported with the source's minimum and the greatest maximum", async (_, source) => {
    const prepared = await prepare(assemble(`(module ${source})`));
    const imports = WebAssembly.Module.imports(prepared.module).filter(({ kind }) => kind === "memory");
    expect(imports.map(({ module, name }) => `${module}.${name}`)).toEqual(["ring3.memory", "ring3.kernel"]);
    expect(prepared.info.memory.min).toBe(3);
    await instantiate(prepared);
    const small = new WebAssembly.Memory({ initial: 2, maximum: 9, shared: true });
    await expect(instantiate(prepared, {}, small)).rejects.toThrow(/smaller than the declared initial/);
    const least = new WebAssembly.Memory({ initial: 3, maximum: 3, shared: true });
    await instantiate(prepared, {}, least);
  });

  test("a module without memory gets one of no pages", async () => {
    const prepared = await prepare(assemble(`(module (func (export "_start")))`));
    expect(prepared.info.memory).toEqual({ min: 0, max: undefined, shared: false });
    await instantiate(prepared);
  });

  test("memory.grow and memory.size ask the kernel", async () => {
    const wat = `(module (import "host" "i32" (func $i32 (param i32))) (memory 1)
      (func (export "_start") (call $i32 (memory.grow (i32.const -1))) (call $i32 (memory.size))))`;
    const { guest, log } = await runPrepared(assemble(wat));
    expect(guest.calls).toEqual([["memory_grow", -1], ["memory_size"]]);
    expect(log).toEqual([-1, 1]);
  });
});

describe("atomic waits", () => {
  const wat = (instruction: string) => `(module (import "host" "i64" (func $i64 (param i64)))
    (import "host" "i32" (func $i32 (param i32))) (memory 1 65536 shared)
    (func (export "_start") (call $i32 ${instruction})))`;

  test.each([
    ["memory.atomic.wait32 offset=8 (i32.const 16) (i32.const 5) (i64.const -1)", ["atomic_wait32", 24, 5, -1n]],
    ["memory.atomic.wait64 (i32.const 16) (i64.const 5) (i64.const 9)", ["atomic_wait64", 16, 5n, 9n]],
    ["memory.atomic.notify offset=65532 (i32.const 0) (i32.const 7)", ["atomic_notify", 65532, 7]],
  ])("%s becomes a call", async (instruction, call) => {
    const { guest, trap } = await runPrepared(assemble(wat(`(${instruction})`)));
    expect(trap).toBeUndefined();
    expect(guest.calls).toEqual([call]);
  });

  test.each([
    "memory.atomic.wait32 (i32.const 65536) (i32.const 5) (i64.const 0)",
    "memory.atomic.wait32 offset=65536 (i32.const 0) (i32.const 5) (i64.const 0)",
    "memory.atomic.wait32 offset=4294967292 (i32.const 8) (i32.const 5) (i64.const 0)",
    "memory.atomic.notify offset=4 (i32.const -4) (i32.const 5)",
    "memory.atomic.notify (i32.const -4) (i32.const 5)",
    "memory.atomic.wait32 (i32.const 2) (i32.const 5) (i64.const 0)",
    "memory.atomic.wait64 offset=4 (i32.const 8) (i64.const 5) (i64.const 0)",
    "memory.atomic.notify offset=1 (i32.const 0) (i32.const 5)",
  ])("%s traps as in the source", async (instruction) => {
    const bytes = assemble(wat(`(${instruction})`));
    const expected = await runOriginal(bytes);
    const { trap, guest } = await runPrepared(bytes);
    expect(expected.trap).toBeDefined();
    expect(trap).toBe(expected.trap);
    expect(guest.calls).toEqual([]);
  });
});

describe("exports", () => {
  const source = `(module
    (import "host" "i32" (func $i32 (param i32)))
    (memory (export "memory") 1) (table (export "t") 4 funcref) (elem (i32.const 1) $plain $info $entry)
    (global $sp (export "__stack_pointer") (mut i32) (i32.const 1000)) (global $c i32 (i32.const 3))
    (global $x (mut i64) (i64.const 5))
    (func $plain (param i32) (call $i32 (local.get 0)) (call $i32 (global.get $sp)) (global.set $sp (i32.const 1)))
    (func $info (param i32 i32 i32) (call $i32 (local.get 0)) (call $i32 (local.get 1)) (call $i32 (local.get 2)))
    (func $entry (param i32) (result i32) (i32.add (local.get 0) (i32.const 1)))
    (func (export "other")) (func (export "_start")))`;

  test("are what the kernel needs and no more", async () => {
    const { module } = await prepare(assemble(source));
    const names = WebAssembly.Module.exports(module).map(({ name }) => name);
    expect(names.sort()).toEqual(["_start", "g:0", "g:2", "ring3:call1", "ring3:init", "ring3:signal"]);
    const plain = await prepare(assemble(`(module (func (export "x")))`), { polls: "count" });
    expect(WebAssembly.Module.exports(plain.module).map(({ name }) => name)).toEqual(["ring3:init", "ring3:polls"]);
  });

  test("ring3:signal runs a handler on another stack", async () => {
    const prepared = await prepare(assemble(source));
    expect(prepared.info.stackPointer).toBe("g:0");
    const guest = await instantiate(prepared);
    const stack = guest.instance.exports["g:0"] as WebAssembly.Global;
    expect(guest.call("ring3:signal", 1, 15, 0, 0, 800)).toBe(1000);
    expect(guest.log).toEqual([15, 800]);
    expect(guest.call("ring3:signal", 0, 0, 0, 0, 0)).toBe(1000);
    expect(stack.value).toBe(1000);
    guest.call("ring3:signal", 2, 11, 96, 128, 700);
    expect(guest.log.slice(2)).toEqual([11, 96, 128]);
    expect(() => guest.call("ring3:signal", 2, 11, 0, 0, 700)).toThrow(/signature/);
  });

  test("ring3:call1 starts a task", async () => {
    const guest = await instantiate(await prepare(assemble(source)));
    expect(guest.call("ring3:call1", 3, 41)).toBe(42);
  });

  test.each([
    ["without a result", "", ""],
    ["with a result", "(result i32)", "(i32.const 0)"],
  ])("ring3:call2 starts a thread whose entry is %s", async (_, result, value) => {
    const prepared = await prepare(
      assemble(`(module (import "wali" "__wasm_thread_spawn" (func (param i32 i32) (result i32)))
        (import "host" "i32" (func $i32 (param i32))) (table 2 funcref) (elem (i32.const 1) $start)
        (func $start (export "__wasm_thread_start_libc") (param i32 i32) ${result}
          (call $i32 (local.get 0)) (call $i32 (local.get 1)) ${value}))`),
    );
    expect(prepared.info.threads).toBe(true);
    const guest = await instantiate(prepared, { wali: { __wasm_thread_spawn: () => 0 } });
    guest.call("ring3:call2", 1, 77, 4096);
    expect(guest.log).toEqual([77, 4096]);
  });
});

test("the start function is not run at instantiation, and data not applied: a second instance shares the memory", async () => {
  // What wasm-ld makes of a program with shared memory: passive segments, and a start function guarded by a flag.
  const wat = `(module (import "host" "i32" (func $i32 (param i32))) (memory (export "memory") 1 2 shared)
    (data $d "hello") (start $init)
    (func $init
      (if (i32.eqz (i32.atomic.rmw.cmpxchg (i32.const 0) (i32.const 0) (i32.const 1)))
        (then (memory.init $d (i32.const 16) (i32.const 0) (i32.const 5)) (call $i32 (i32.const 1)))
        (else (call $i32 (i32.const 2))))
      (data.drop $d))
    (func (export "_start") (i32.store8 (i32.const 16) (i32.const 0x4a))))`;
  const { guest, prepared, log } = await runPrepared(assemble(wat));
  expect(log).toEqual([1]);
  const second = await instantiate(prepared, {}, guest.memory);
  expect(second.log).toEqual([]);
  expect(new TextDecoder().decode(new Uint8Array(guest.memory.buffer).slice(16, 21))).toBe("Jello");
});

test("functions keep their names, also those whose index changed", async () => {
  const wat = `(module (memory 1) (func $grow (drop (memory.grow (i32.const 0)))) (func $boom (unreachable))
    (func $main (export "_start") (call $grow) (call $boom)))`;
  const prepared = await prepare(assemble(wat, true));
  const guest = await instantiate(prepared);
  let stack = "";
  try {
    guest.call("_start");
  } catch (error) {
    stack = (error as Error).stack ?? "";
  }
  expect(stack).toMatch(/boom/);
  expect(stack).toMatch(/main/);
});

test("a damaged name section is left out", async () => {
  const bytes = assemble(`(module (func $f))`, true);
  const at = bytes.length - 2;
  bytes[at - 4] = 0xff;
  const prepared = await prepare(bytes);
  expect(WebAssembly.Module.customSections(prepared.module, "name").length).toBeLessThanOrEqual(1);
});

test("the flag is looked up in kernel memory", async () => {
  const wat = `(module (memory 1) (func (export "_start") (local i32)
    (loop (br_if 0 (i32.lt_u (local.tee 0 (i32.add (local.get 0) (i32.const 1))) (i32.const 10))))))`;
  const prepared = await prepare(assemble(wat));
  expect(prepared.info.polls).toEqual({ mode: "flag", loops: 1, entries: 0 });
  const guest = await instantiate(prepared);
  guest.call("_start");
  expect(guest.calls).toEqual([]);
  raiseFlag(guest);
  guest.call("_start");
  // Not in front of the first step, but after each that another follows.
  expect(guest.calls).toEqual(new Array(9).fill(["poll"]));
});

test("a loop with calls polls at its head, one without outside of it, both unlikely", async () => {
  const wat = `(module (memory 1) (func $f) (func (export "_start") (local i32)
    (loop (call $f) (br_if 0 (i32.lt_u (local.tee 0 (i32.add (local.get 0) (i32.const 1))) (i32.const 10))))
    (loop (br_if 0 (i32.lt_u (local.tee 0 (i32.add (local.get 0) (i32.const 1))) (i32.const 20))))))`;
  const { guest } = await runPrepared(assemble(wat), {}, true);
  expect(guest.calls).toEqual(new Array(10 + 9).fill(["poll"]));
  // (With counting polls there is one memory: the loader can read its own output.)
  const prepared = await prepare(assemble(wat), { polls: "count" });
  const [hints] = WebAssembly.Module.customSections(prepared.module, "metadata.code.branch_hint");
  const [count, index, branches, first, , firstValue, second, , secondValue] = new Uint8Array(hints);
  expect([count, branches, firstValue, secondValue]).toEqual([1, 2, 0, 1]);
  const code = bodyOf(prepared.bytes, index);
  expect([code[first], code[second]]).toEqual([Op.if, Op.brIf]);
});

test("counting polls enters the kernel when the counter passes zero, and rearms the counter", async () => {
  const wat = `(module (memory 1) (func (export "_start") (local i32)
    (loop (br_if 0 (i32.lt_u (local.tee 0 (i32.add (local.get 0) (i32.const 1))) (i32.const 100))))))`;
  const prepared = await prepare(assemble(wat), { polls: "count" });
  const guest = await instantiate(prepared);
  const counter = guest.instance.exports["ring3:polls"] as WebAssembly.Global;
  counter.value = 99;
  guest.call("_start");
  expect(guest.calls).toEqual([]);
  expect(counter.value).toBe(0);
  guest.call("_start");
  expect(guest.calls).toEqual([["poll"]]);
  expect(counter.value).toBe(POLL_PERIOD - 98);
});
