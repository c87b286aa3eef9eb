// What the loader finds out about a program, and how `ring3 inspect` shows it.

import { describe, expect, test } from "vitest";
import { inspect, prepare, renderInspection } from "../../runtime/loader/index.ts";
import { assemble } from "./support.ts";

const infoOf = async (wat: string, names = false) => (await prepare(assemble(`(module ${wat})`, names))).info;

describe("the ABI", () => {
  test.each([
    ["none", ""],
    ["wali", `(import "wali" "SYS_read" (func))`],
    ["wali", `(import "ring3" "env_count" (func (result i32)))`],
    ["wasi", `(import "wasi_snapshot_preview1" "fd_write" (func))`],
    ["unknown", `(import "env" "puts" (func))`],
  ])("%s: %s", async (abi, wat) => {
    expect((await infoOf(wat)).abi).toBe(abi);
  });
});

test("imports, in the order of the file, with their types", async () => {
  const { imports } = await infoOf(
    `(import "wali" "SYS_read" (func (param i32 i32 i32) (result i64))) (import "env" "m" (memory 1))
     (import "wali" "__proc_exit" (func (param i32)))`,
  );
  expect(imports).toEqual([
    { module: "wali", name: "SYS_read", params: ["i32", "i32", "i32"], results: ["i64"] },
    { module: "wali", name: "__proc_exit", params: ["i32"], results: [] },
  ]);
});

describe("the stack pointer and the base of thread-local storage", () => {
  const special = async (wat: string, names = false) => {
    const { stackPointer, tlsBase } = await infoOf(wat, names);
    return [stackPointer, tlsBase];
  };
  const I32 = "(mut i32) (i32.const 0)";
  const STACK = "(mut i32) (i32.const 65536)";
  const CONSTANTS = "(global i32 (i32.const 8)) (global i32 (i32.const 4))";

  test.each<[string, string, (string | undefined)[]]>([
    [
      "by export",
      `(global ${I32}) (global (export "__stack_pointer") ${I32}) (global (export "__tls_base") ${I32})`,
      ["g:1", "g:2"],
    ],
    ["by wasm-ld's order", `(global ${STACK})`, ["g:0", undefined]],
    ["by wasm-ld's order, with shared memory", `(global ${STACK}) (global ${I32}) ${CONSTANTS}`, ["g:0", "g:1"]],
    ["not where the first global is of another type", "(global (mut i64) (i64.const 7))", [undefined, undefined]],
    ["not where the first global is constant", "(global i32 (i32.const 7))", [undefined, undefined]],
    ["not where the first global is 0", `(global ${I32})`, [undefined, undefined]],
    [
      "not where the exported one is constant",
      `(global (export "__stack_pointer") i32 (i32.const 7))`,
      [undefined, undefined],
    ],
    ["none without globals", "", [undefined, undefined]],
  ])("%s", async (_, wat, expected) => {
    expect(await special(wat)).toEqual(expected);
  });

  test("by the name section, which also says that the first global is another", async () => {
    // (wabt writes names of functions and locals only: subsection 7 is added here.)
    const module = assemble(`(module (global ${STACK}) (global ${STACK}))`);
    const name = (text: string) => [text.length, ...new TextEncoder().encode(text)];
    const map = [2, 0, ...name("other"), 1, ...name("__stack_pointer")];
    const section = [...name("name"), 7, map.length, ...map];
    const { info } = await prepare(new Uint8Array([...module, 0, section.length, ...section]));
    expect(info.stackPointer).toBe("g:1");
    expect(info.globals.map(({ name }) => name)).toEqual(["other", "__stack_pointer"]);
  });
});

test("mutable globals are listed, constant ones not", async () => {
  const { globals } = await infoOf(
    `(global i32 (i32.const 1)) (global (export "x") (mut f64) (f64.const 1)) (global (mut externref) (ref.null extern))`,
  );
  expect(globals).toEqual([
    { index: 1, type: "f64", name: "x", export: "g:1" },
    { index: 2, type: "externref", export: "g:2" },
  ]);
});

test.each([
  [true, "(table 1 funcref) (func (call_indirect (i32.const 0)))"],
  [false, "(table 1 funcref) (func (table.set (i32.const 0) (ref.null func)))"],
  [false, "(table 1 funcref) (func (drop (table.grow (ref.null func) (i32.const 1))))"],
  [false, "(table 1 funcref) (func (table.fill (i32.const 0) (ref.null func) (i32.const 1)))"],
  [false, "(table 1 funcref) (func (table.copy (i32.const 0) (i32.const 0) (i32.const 1)))"],
  [false, "(table 1 funcref) (elem $e func) (func (table.init $e (i32.const 0) (i32.const 0) (i32.const 0)))"],
])("the table is static: %s, with %s", async (staticTable, wat) => {
  expect(await infoOf(wat)).toMatchObject({ staticTable, table: true });
});

test.each([
  ["signExtension", "(func (drop (i32.extend8_s (i32.const 0))))"],
  ["saturatingFloat", "(func (drop (i32.trunc_sat_f32_s (f32.const 0))))"],
  ["bulkMemory", "(memory 1) (func (memory.fill (i32.const 0) (i32.const 0) (i32.const 0)))"],
  ["referenceTypes", "(table 1 externref)"],
  ["simd", "(func (drop (v128.const i64x2 0 0)))"],
  ["relaxedSimd", "(func (drop (i8x16.relaxed_swizzle (v128.const i64x2 0 0) (v128.const i64x2 0 0))))"],
  ["atomics", "(memory 1 1 shared)"],
  ["tailCalls", "(func $f (return_call $f))"],
  ["legacyExceptions", "(func (try (do) (catch_all)))"],
  ["multiValue", "(func (result i32 i32) (i32.const 0) (i32.const 0))"],
  ["extendedConst", "(global i32 (i32.add (i32.const 1) (i32.const 1)))"],
  ["mutableGlobals", `(global (export "g") (mut i32) (i32.const 0))`],
])("features: %s", async (feature, wat) => {
  expect((await infoOf(wat)).features).toContain(feature);
  expect((await infoOf("(func)")).features).toEqual([]);
});

test("an inspection says what is served, what is rewritten, and how long that took", async () => {
  const wat = `(module (import "wali" "SYS_read" (func (param i32) (result i64)))
    (import "wali" "SYS_nonsense\\1b[31m" (func (param i32 i64))) (memory 2 10 shared) (data (i32.const 0) "x") (start $init)
    (func $init (drop (memory.grow (i32.const 1))) (drop (memory.atomic.notify (i32.const 0) (i32.const 0))))
    (func (export "_start") (loop (br_if 0 (i32.const 0)))))`;
  const served = (module: string, name: string) => module === "wali" && name === "SYS_read";
  const report = await inspect(assemble(wat), served, { file: "prog\n.wasm" });
  expect(report.imports.map((item) => item.served)).toEqual([true, false]);
  expect(report.replaced).toEqual({ memoryGrow: 1, atomicWaits: 0, atomicNotifies: 1, dataSegments: 1, start: true });
  expect(report.memory).toEqual({ min: 2, max: 10, shared: true });
  expect(JSON.parse(JSON.stringify(report))).toMatchObject({ file: "prog\n.wasm", abi: "wali", polls: { loops: 1 } });
  const text = renderInspection(report);
  expect(text).toContain("prog .wasm\n");
  expect(text).toContain("imports     2 functions: 1 served, 1 not\n");
  expect(text).toContain("not served  wali.SYS_nonsense [31m (i32, i64) -> ()\n");
  expect(text).toContain("memory      at least 2 pages (128 KiB), at most 10 (640 KiB), shared\n");
  expect(text).toMatch(/time {8}read/);
  expect(text).not.toMatch(/[^\n -~]/);
});
