// Files that the loader refuses: one line each, with file, offset and reason. And files that are strange, but in order.

import { describe, expect, test } from "vitest";
import { Writer } from "../../runtime/loader/binary.ts";
import { LoadError, prepare } from "../../runtime/loader/index.ts";
import { assemble } from "./support.ts";

const HEADER = [0, 0x61, 0x73, 0x6d, 1, 0, 0, 0];
const TYPE = [1, 4, 1, 0x60, 0, 0];
const FUNCTION = [3, 2, 1, 0];
const MEMORY = [5, 3, 1, 0, 1];

const module = (...sections: number[][]) => new Uint8Array([...HEADER, ...sections.flat()]);
const text = (string: string) => new TextEncoder().encode(string);
/** A module of one function of type () -> () with these bytes as its body. */
const body = (...bytes: number[]) => module(TYPE, FUNCTION, MEMORY, [10, bytes.length + 2, 1, bytes.length, ...bytes]);
const long = (value: number) => [...new Writer().u32(value).view()];

type Case = [name: string, bytes: Uint8Array, kind: string, offset: number, reason: RegExp];

const REFUSED: Case[] = [
  ["an empty file", new Uint8Array(), "not-wasm", 0, /empty/],
  ["a text file", text("hello, world\n"), "not-wasm", 0, /text file/],
  ["a script", text("#!/bin/sh\n"), "not-wasm", 0, /script/],
  ["a native program", text("\x7fELF\x02\x01\x01"), "not-wasm", 0, /ELF/],
  ["a module in text form", text("(module)"), "not-wasm", 0, /text form/],
  ["binary rubbish", new Uint8Array([1, 2, 3, 0, 255]), "not-wasm", 0, /does not begin with/],
  ["a file of one byte", new Uint8Array([0]), "not-wasm", 0, /does not begin with/],
  ["half a preamble", new Uint8Array(HEADER.slice(0, 6)), "malformed", 6, /preamble/],
  ["another version", new Uint8Array([0, 0x61, 0x73, 0x6d, 2, 0, 0, 0]), "unsupported", 4, /version 2/],
  ["a component", new Uint8Array([0, 0x61, 0x73, 0x6d, 0x0d, 0, 1, 0]), "component", 4, /component/],
  ["another layer", new Uint8Array([0, 0x61, 0x73, 0x6d, 1, 0, 7, 0]), "unsupported", 6, /layer 7/],
  ["an unknown section", module([14, 0]), "malformed", 8, /section id 14/],
  ["a section that is cut short", module([1, 50, 0]), "malformed", 8, /says 50 bytes, but 1 are left/],
  ["sections out of order", module(MEMORY, TYPE), "malformed", 13, /type section is twice there or out of order/],
  ["a section twice", module(TYPE, TYPE), "malformed", 14, /twice/],
  ["a section that is too long", module([1, 5, 1, 0x60, 0, 0, 9]), "malformed", 14, /1 bytes too many/],
  ["an integer of six bytes", module([1, 6, 0x80, 0x80, 0x80, 0x80, 0x80, 0]), "malformed", 10, /32 bits/],
  ["an integer over 32 bits", module([1, 5, 0x80, 0x80, 0x80, 0x80, 0x10]), "malformed", 10, /32 bits/],
  ["an integer that is cut short", module([1, 1, 0x80]), "malformed", 11, /cut short/],
  ["billions of types", module([1, 5, ...long(0xffffffff)]), "malformed", 10, /only 0 bytes left/],
  ["billions of functions", module(TYPE, [3, 6, ...long(0xfffffff0), 0]), "malformed", 16, /only 1 bytes left/],
  ["a GC type", module([1, 4, 1, 0x5f, 0, 0]), "unsupported", 11, /GC proposal/],
  ["an unknown type", module([1, 5, 1, 0x60, 1, 0x11, 0]), "malformed", 13, /unknown type 0x11/],
  ["a name that is not UTF-8", module(TYPE, [2, 6, 1, 1, 0xff, 0, 0, 0]), "malformed", 17, /UTF-8/],
  ["an import of an unknown kind", module(TYPE, [2, 5, 1, 0, 0, 9, 0]), "malformed", 19, /kind of import 9/],
  ["an imported global", assemble(`(module (import "env" "g" (global i32)))`), "unsupported", 11, /global env\.g/],
  ["an imported table", assemble(`(module (import "env" "t" (table 1 funcref)))`), "unsupported", 11, /table env\.t/],
  ["an imported tag", assemble(`(module (import "env" "t" (tag)))`), "unsupported", 17, /tag env\.t/],
  ["two memories", module([5, 5, 2, 0, 1, 0, 1]), "unsupported", 13, /more than one memory/],
  ["a 64-bit memory", assemble("(module (memory i64 1))"), "unsupported", 11, /memory64/],
  ["a 64-bit table", module([4, 4, 1, 0x70, 4, 1]), "unsupported", 12, /64-bit/],
  ["a memory over 4 GiB", module([5, 5, 1, 0, ...long(65537)]), "malformed", 11, /65537 pages/],
  ["a memory with its maximum too small", module([5, 4, 1, 1, 3, 2]), "malformed", 11, /maximum below/],
  ["a function without a body", module(TYPE, FUNCTION), "malformed", 18, /no code section/],
  ["a body without a function", module([10, 4, 1, 2, 0, 0x0b]), "malformed", 10, /0 functions are declared, but 1/],
  ["a function of an unknown type", module(TYPE, [3, 2, 1, 1]), "malformed", 17, /type of a function 1/],
  ["an export of nothing", module([7, 5, 1, 1, 0x61, 0, 3]), "malformed", 13, /item 3 of 0/],
  ["a data segment without a memory", module([11, 6, 1, 0, 0x41, 0, 0x0b, 0]), "malformed", 11, /no memory/],
  [
    "a data segment beyond the memory",
    assemble(`(module (memory 1) (data (i32.const 65535) "ab"))`),
    "malformed",
    16,
    /passes the memory's end/,
  ],
  [
    "a data segment at a negative address",
    assemble(`(module (memory 1) (data (i32.const -1) "a"))`),
    "malformed",
    16,
    /4294967295/,
  ],
  [
    "an element segment beyond the table",
    assemble(`(module (table 1 funcref) (func $f) (elem (i32.const 1) $f))`),
    "malformed",
    -3,
    /table's end/,
  ],
  ["a wrong data count", module(MEMORY, [12, 1, 2], [11, 1, 0]), "malformed", 15, /data count section says 2/],
  ["a body that is cut short", body(0, 0x01, 0x01), "malformed", 30, /cut short/],
  ["a body that goes on", body(0, 0x0b, 0x01), "malformed", 29, /1 bytes before/],
  ["an instruction beyond the body", body(0, 0x41, 0x80, 0x80), "malformed", 31, /cut short/],
  ["an unknown opcode", body(0, 0x17, 0x0b), "malformed", 28, /0x17/],
  ["an unknown vector opcode", body(0, 0xfd, 0xff, 0x7f, 0x0b), "malformed", 28, /0xfd 0x3fff/],
  ["an opcode of more than 32 bits", body(0, 0xfc, 0xff, 0xff, 0xff, 0xff, 0x7f, 0x0b), "malformed", 28, /0xfc/],
  ["a GC instruction", body(0, 0xfb, 0, 0, 0x0b), "unsupported", 28, /GC/],
  ["call_ref", body(0, 0x14, 0, 0x0b), "unsupported", 28, /0x14/],
  ["a call of no function", body(0, 0x10, 7, 0x0b), "malformed", 29, /function 7, but there are 1/],
  ["an indirect call of no type", body(0, 0x11, 7, 0, 0x0b), "malformed", 29, /type 7/],
  ["another memory", body(0, 0x3f, 1, 0x1a, 0x0b), "unsupported", 29, /more than one memory/],
  ["a store to another memory", body(0, 0x36, 0x42, 1, 0, 0x0b), "unsupported", 30, /more than one memory/],
  ["an else without an if", body(0, 0x05, 0x0b), "malformed", 28, /else/],
  ["a catch without a try", body(0, 0x07, 0, 0x0b), "malformed", 28, /catch/],
  ["a delegate without a try", body(0, 0x02, 0x40, 0x18, 0, 0x0b), "malformed", 30, /delegate/],
  ["br_table of 2^32 targets", body(0, 0x0e, ...long(0xffffffff), 0x0b), "malformed", 29, /branch targets/],
  ["billions of locals", body(1, ...long(0xffffffff), 0x7f, 0x0b), "too-big", 28, /locals/],
  ["billions of groups of locals", body(...long(0xffffffff), 0x0b), "malformed", 27, /groups of locals/],
  ["a type error", body(0, 0x41, 1, 0x0b), "malformed", 30, /Compiling function/],
  ["a branch to nowhere", body(0, 0x0c, 9, 0x0b), "malformed", 29, /branch depth/],
  ["a local that is not there", body(0, 0x20, 3, 0x1a, 0x0b), "malformed", 29, /local index/],
];

describe("refused", () => {
  test.each(REFUSED)("%s", async (_, bytes, kind, offset, reason) => {
    const error = await prepare(bytes, { file: "prog" }).then(
      () => undefined,
      (error: unknown) => error,
    );
    expect(error).toBeInstanceOf(LoadError);
    const { message, kind: found, offset: at } = error as LoadError;
    expect(message).toMatch(reason);
    expect(found).toBe(kind);
    if (offset >= 0) expect(at, message).toBe(offset);
    expect(message).not.toContain("\n");
    expect(message.startsWith(`prog: offset ${at}: `)).toBe(true);
  });

  test("a start function with a parameter", async () => {
    const bytes = module([1, 5, 1, 0x60, 1, 0x7f, 0], FUNCTION, [8, 1, 0], [10, 4, 1, 2, 0, 0x0b]);
    await expect(prepare(bytes)).rejects.toThrow(
      "module: offset 21: the start function takes parameters or has a result",
    );
  });

  test("a file over the limit, before anything is read", async () => {
    const bytes = new Uint8Array(256 * 1024 * 1024 + 1);
    await expect(prepare(bytes, { file: "huge" })).rejects.toThrow(/^huge: \d+ bytes, over the limit/);
  });
});

describe("strange, but in order", () => {
  test.each<[string, Uint8Array]>([
    ["an empty module", module()],
    ["custom sections anywhere", module([0, 2, 1, 0x61], TYPE, [0, 5, 4, 0x6e, 0x61, 0x6d, 0x65], [0, 1, 0])],
    [
      "a name section that is cut short",
      module(TYPE, FUNCTION, [10, 4, 1, 2, 0, 0x0b], [0, 7, 4, 0x6e, 0x61, 0x6d, 0x65, 1, 99]),
    ],
    ["empty sections", module([1, 1, 0], [2, 1, 0], [3, 1, 0], [4, 1, 0], [5, 1, 0], [6, 1, 0], [7, 1, 0], [10, 1, 0])],
    ["integers that are longer than need be", module([1, 0x88, 0x80, 0, 0x81, 0x80, 0, 0x60, 0x80, 0, 0x80, 0])],
    ["a function that begins with unreachable code", body(0, 0x00, 0x1a, 0x6a, 0x1a, 0x0b)],
  ])("%s", async (_, bytes) => {
    expect(WebAssembly.validate(new Uint8Array(bytes))).toBe(true);
    await prepare(bytes);
  });

  test("blocks 100,000 deep", async () => {
    const depth = 100_000;
    const w = new Writer().raw([...HEADER, ...TYPE, ...FUNCTION]);
    w.section(10, () => {
      w.u8(1);
      const start = w.open();
      w.u8(0);
      for (let i = 0; i < depth; i++) w.u8(0x02).u8(0x40);
      for (let i = 0; i < depth; i++) w.u8(0x0b);
      w.u8(0x0b);
      w.close(start);
    });
    await prepare(w.view());
  });

  test("60,000 functions", async () => {
    const count = 60_000;
    const w = new Writer().raw([...HEADER, ...TYPE]);
    w.section(3, () => {
      w.u32(count);
      for (let i = 0; i < count; i++) w.u8(0);
    });
    w.section(10, () => {
      w.u32(count);
      for (let i = 0; i < count; i++) {
        const start = w.open();
        w.u8(0)
          .u8(0x10)
          .u32((i * 7919) % count)
          .u8(0x0b);
        w.close(start);
      }
    });
    const began = performance.now();
    const { info } = await prepare(w.view());
    console.log(`60,000 functions, ${w.length} bytes: ${Math.round(performance.now() - began)} ms`);
    expect(info.functions).toBe(count);
    expect(info.polls.entries).toBeGreaterThan(0);
  });
});
