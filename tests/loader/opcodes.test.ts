// Every opcode of the table, with the immediates that the table states, against V8: what V8 takes, the loader has to
// copy unharmed, and what the table states wrongly, V8 does not take.

import { expect, test } from "vitest";
import { Writer } from "../../runtime/loader/binary.ts";
import { LoadError, prepare } from "../../runtime/loader/index.ts";
import { plainOpcodes, prefixedOpcodes, Shape } from "../../runtime/loader/opcodes.ts";
import { VALUE_TYPE_CODES, type ValueType } from "../../runtime/loader/sections.ts";
import { plainEffects, prefixedEffects } from "../../runtime/loader/unwind/effects.ts";

/**
 * A module whose one function has the given instructions, with one of everything that an instruction may name. It gives `results`, and its
 * locals are an i32, or `locals`.
 */
function moduleWith(
  instructions: readonly number[],
  locals: readonly ValueType[] = ["i32"],
  results: readonly ValueType[] = [],
): Uint8Array<ArrayBuffer> {
  const w = new Writer().raw([0, 0x61, 0x73, 0x6d, 1, 0, 0, 0]);
  const section = (id: number, bytes: number[]) => w.section(id, () => w.raw(bytes));
  section(1, [2, 0x60, 0, 0, 0x60, 0, results.length, ...results.map((type) => VALUE_TYPE_CODES[type])]);
  section(3, [1, results.length > 0 ? 1 : 0]);
  section(4, [1, 0x70, 0, 1]);
  section(5, [1, 3, 1, 2]);
  section(13, [1, 0, 0]);
  section(6, [1, 0x7f, 1, 0x41, 0, 0x0b]);
  section(9, [1, 1, 0, 1, 0]);
  section(12, [1]);
  w.section(10, () => {
    w.u8(1);
    const start = w.open();
    w.u32(locals.length);
    for (const type of locals) w.u8(1).u8(VALUE_TYPE_CODES[type]);
    w.raw([...instructions, 0x0b]);
    w.close(start);
  });
  section(11, [1, 1, 0]);
  return w.view().slice();
}

/** The ways to write an opcode's immediates that are worth trying: several where alignment has to fit. */
function immediates(shape: number): number[][] {
  const memargs = [0, 1, 2, 3, 4].map((align) => [align, 0]);
  const shapes: Readonly<Record<number, number[][]>> = {
    [Shape.none]: [[]],
    [Shape.leb]: [[0]],
    [Shape.leb2]: [[0, 0]],
    [Shape.memarg]: memargs,
    [Shape.memargLane]: memargs.map((memarg) => [...memarg, 0]),
    [Shape.byte]: [[0]],
    [Shape.bytes4]: [[0, 0, 0, 0]],
    [Shape.bytes8]: [new Array(8).fill(0)],
    [Shape.bytes16]: [new Array(16).fill(0)],
    [Shape.brTable]: [[2, 0, 0, 0]],
    [Shape.call]: [[0]],
    [Shape.callIndirect]: [[0, 0]],
    [Shape.refFunc]: [[0]],
    [Shape.refNull]: [[0x70]],
    [Shape.types]: [[1, 0x7f]],
    [Shape.memory]: [[0]],
    [Shape.memorySize]: [[0]],
    [Shape.memoryGrow]: [[0]],
    [Shape.memoryInit]: [[0, 0]],
    [Shape.dataDrop]: [[0]],
    [Shape.memoryCopy]: [[0, 0]],
    [Shape.atomicNotify]: memargs,
    [Shape.atomicWait32]: memargs,
    [Shape.atomicWait64]: memargs,
    [Shape.fence]: [[0]],
  };
  return shapes[shape] ?? [];
}

/** The opcodes that are not alone valid, in their setting. */
const IN_CONTEXT: Readonly<Record<string, number[]>> = {
  block: [0x02, 0x40, 0x0b],
  "block with a type index": [0x02, 0x00, 0x0b],
  loop: [0x03, 0x40, 0x0b],
  "if else": [0x41, 0, 0x04, 0x40, 0x05, 0x0b],
  "try catch rethrow": [0x06, 0x40, 0x07, 0, 0x09, 0, 0x0b],
  "try catch_all": [0x06, 0x40, 0x07, 0, 0x19, 0x0b],
  "try delegate": [0x06, 0x40, 0x18, 0],
  try_table: [0x02, 0x40, 0x1f, 0x40, 2, 0, 0, 0, 2, 0, 0x0b, 0x0b],
  "try_table with exnref": [0x02, 0x69, 0x1f, 0x40, 2, 1, 0, 0, 3, 0, 0x0b, 0, 0x0b, 0x1a],
  "a memarg with a memory index": [0x41, 0, 0x28, 0x42, 0, 0, 0x1a],
  "memory.grow with a long index": [0x41, 0, 0x40, 0x80, 0x80, 0, 0x1a],
  "a function index of five bytes": [0x10, 0x80, 0x80, 0x80, 0x80, 0],
  "a vector opcode of three bytes": [0x41, 0, 0xfd, 0x8f, 0x80, 0, 0x1a],
};

// Holes of the opcode space inside the table's ranges, and what is only valid in a setting.
const HOLES = new Set(
  (
    "9,fd 9a,fd a2,fd a5,fd a6,fd af,fd b0,fd b2,fd b3,fd b4,fd bb,fd bc,fd bf,fd c2,fd c5,fd c6,fd cf,fd d0," +
    "fd d2,fd d3,fd d4,fd e2,fd ee"
  ).split(","),
);

test("V8 takes every opcode with the immediates that the table states", async () => {
  const refused: string[] = [];
  let taken = 0;
  const check = async (name: string, prefix: number[], shape: number) => {
    const candidates = immediates(shape).map((immediate) => moduleWith([0, ...prefix, ...immediate, 0]));
    if (candidates.length === 0) return;
    const valid = candidates.find((module) => WebAssembly.validate(module));
    if (valid) {
      taken++;
      const prepared = await prepare(valid, { polls: "none" });
      expect(prepared.module, name).toBeInstanceOf(WebAssembly.Module);
    } else {
      refused.push(name);
      await expect(prepare(candidates[0]), name).rejects.toThrow(LoadError);
    }
  };
  for (let op = 0; op < 0x100; op++) await check(op.toString(16), [op], plainOpcodes.shape[op]);
  for (const [i, { shape }] of prefixedOpcodes.entries()) {
    const prefix = 0xfc + i;
    for (let op = 0; op < shape.length; op++) {
      const encoded = op < 0x80 ? [op] : [(op & 0x7f) | 0x80, op >> 7];
      await check(`${prefix.toString(16)} ${op.toString(16)}`, [prefix, ...encoded], shape[op]);
    }
  }
  expect(refused.filter((name) => !HOLES.has(name))).toEqual([]);
  console.log(`${taken} opcodes checked against V8, ${refused.length} holes`);
});

test("V8 takes every opcode with the operands and the result that the unwinding pass knows of", () => {
  const wrong: string[] = [];
  let right = 0;
  const spaces = [
    { name: "", prefix: [], shapes: plainOpcodes.shape, rows: plainEffects.rows },
    ...prefixedEffects.map(({ rows }, i) => {
      const prefix = 0xfc + i;
      return { name: `${prefix.toString(16)} `, prefix: [prefix], shapes: prefixedOpcodes[i].shape, rows };
    }),
  ];
  for (const { name, prefix, shapes, rows } of spaces) {
    for (const { op, operands, result } of rows) {
      const code = [...prefix, ...(op < 0x80 || prefix.length === 0 ? [op] : [(op & 0x7f) | 0x80, op >> 7])];
      const pushed = operands.flatMap((_, local) => [0x20, local]);
      const valid = immediates(shapes[op]).some((immediate) =>
        WebAssembly.validate(moduleWith([...pushed, ...code, ...immediate], operands, result ? [result] : [])),
      );
      if (valid) right++;
      else if (!HOLES.has(`${name}${op.toString(16)}`)) wrong.push(`${name}${op.toString(16)}`);
    }
  }
  expect(wrong).toEqual([]);
  console.log(`the effects of ${right} opcodes checked against V8`);
});

test.each(Object.entries(IN_CONTEXT))("%s", async (name, instructions) => {
  const module = moduleWith(instructions);
  expect(WebAssembly.validate(module), `V8 takes ${name}`).toBe(true);
  // Either all exceptions of a function are in the new encoding or none: V8 refuses a mixture.
  await prepare(module);
});

test("no opcode outside the table is one that V8 knows", async () => {
  const unknown = [];
  for (let op = 0; op < 0x100; op++) {
    if (plainOpcodes.shape[op] !== Shape.unknown) continue;
    for (const immediates of [[], [0], [0, 0], [0x40, 0x0b]]) {
      if (WebAssembly.validate(moduleWith([0, op, ...immediates, 0]))) unknown.push(op.toString(16));
    }
  }
  expect(unknown).toEqual([]);
});
