// What each opcode takes off the operand stack and puts on it, for those where the opcode alone says so: a table.
// Source: the core specification 3.0 (valid/instructions), the threads and relaxed SIMD proposals.

import type { ValueType } from "../sections.ts";

/** Letters of the signatures below. */
const LETTERS: Readonly<Record<string, ValueType>> = { i: "i32", l: "i64", f: "f32", d: "f64", v: "v128" };

/** Opcodes, operands (the topmost last), result. */
type Row = readonly [first: number, last: number, operands: string, result: string];

const PLAIN: readonly Row[] = [
  [0x28, 0x28, "i", "i"], // loads
  [0x29, 0x29, "i", "l"],
  [0x2a, 0x2a, "i", "f"],
  [0x2b, 0x2b, "i", "d"],
  [0x2c, 0x2f, "i", "i"],
  [0x30, 0x35, "i", "l"],
  [0x36, 0x36, "ii", ""], // stores
  [0x37, 0x37, "il", ""],
  [0x38, 0x38, "if", ""],
  [0x39, 0x39, "id", ""],
  [0x3a, 0x3b, "ii", ""],
  [0x3c, 0x3e, "il", ""],
  [0x3f, 0x3f, "", "i"], // memory.size, .grow
  [0x40, 0x40, "i", "i"],
  [0x41, 0x41, "", "i"], // constants
  [0x42, 0x42, "", "l"],
  [0x43, 0x43, "", "f"],
  [0x44, 0x44, "", "d"],
  [0x45, 0x45, "i", "i"], // comparisons
  [0x46, 0x4f, "ii", "i"],
  [0x50, 0x50, "l", "i"],
  [0x51, 0x5a, "ll", "i"],
  [0x5b, 0x60, "ff", "i"],
  [0x61, 0x66, "dd", "i"],
  [0x67, 0x69, "i", "i"], // arithmetic
  [0x6a, 0x78, "ii", "i"],
  [0x79, 0x7b, "l", "l"],
  [0x7c, 0x8a, "ll", "l"],
  [0x8b, 0x91, "f", "f"],
  [0x92, 0x98, "ff", "f"],
  [0x99, 0x9f, "d", "d"],
  [0xa0, 0xa6, "dd", "d"],
  [0xa7, 0xa7, "l", "i"], // conversions
  [0xa8, 0xa9, "f", "i"],
  [0xaa, 0xab, "d", "i"],
  [0xac, 0xad, "i", "l"],
  [0xae, 0xaf, "f", "l"],
  [0xb0, 0xb1, "d", "l"],
  [0xb2, 0xb3, "i", "f"],
  [0xb4, 0xb5, "l", "f"],
  [0xb6, 0xb6, "d", "f"],
  [0xb7, 0xb8, "i", "d"],
  [0xb9, 0xba, "l", "d"],
  [0xbb, 0xbb, "f", "d"],
  [0xbc, 0xbc, "f", "i"],
  [0xbd, 0xbd, "d", "l"],
  [0xbe, 0xbe, "i", "f"],
  [0xbf, 0xbf, "l", "d"],
  [0xc0, 0xc1, "i", "i"],
  [0xc2, 0xc4, "l", "l"],
];

/** After 0xfc. (Those of tables depend on the table's type: walk.ts.) */
const MISC: readonly Row[] = [
  [0x00, 0x01, "f", "i"], // saturating conversions
  [0x02, 0x03, "d", "i"],
  [0x04, 0x05, "f", "l"],
  [0x06, 0x07, "d", "l"],
  [0x08, 0x08, "iii", ""], // memory.init
  [0x09, 0x09, "", ""], // data.drop
  [0x0a, 0x0c, "iii", ""], // memory.copy, memory.fill, table.init
  [0x0d, 0x0d, "", ""], // elem.drop
  [0x0e, 0x0e, "iii", ""], // table.copy
  [0x10, 0x10, "", "i"], // table.size
];

/** After 0xfd. */
const VECTOR: readonly Row[] = [
  [0x00, 0x0a, "i", "v"], // loads
  [0x0b, 0x0b, "iv", ""], // v128.store
  [0x0c, 0x0c, "", "v"], // v128.const
  [0x0d, 0x0e, "vv", "v"], // shuffle, swizzle
  [0x0f, 0x11, "i", "v"], // splat
  [0x12, 0x12, "l", "v"],
  [0x13, 0x13, "f", "v"],
  [0x14, 0x14, "d", "v"],
  [0x15, 0x16, "v", "i"], // extract_lane, replace_lane
  [0x17, 0x17, "vi", "v"],
  [0x18, 0x19, "v", "i"],
  [0x1a, 0x1a, "vi", "v"],
  [0x1b, 0x1b, "v", "i"],
  [0x1c, 0x1c, "vi", "v"],
  [0x1d, 0x1d, "v", "l"],
  [0x1e, 0x1e, "vl", "v"],
  [0x1f, 0x1f, "v", "f"],
  [0x20, 0x20, "vf", "v"],
  [0x21, 0x21, "v", "d"],
  [0x22, 0x22, "vd", "v"],
  [0x23, 0x4c, "vv", "v"], // comparisons
  [0x4d, 0x4d, "v", "v"], // not
  [0x4e, 0x51, "vv", "v"],
  [0x52, 0x52, "vvv", "v"], // bitselect
  [0x53, 0x53, "v", "i"], // any_true
  [0x54, 0x57, "iv", "v"], // load and store of one lane
  [0x58, 0x5b, "iv", ""],
  [0x5c, 0x5d, "i", "v"], // load32_zero, load64_zero
  [0x5e, 0x62, "v", "v"], // i8x16, and conversions of floats between
  [0x63, 0x64, "v", "i"],
  [0x65, 0x66, "vv", "v"],
  [0x67, 0x6a, "v", "v"],
  [0x6b, 0x6d, "vi", "v"],
  [0x6e, 0x73, "vv", "v"],
  [0x74, 0x75, "v", "v"],
  [0x76, 0x79, "vv", "v"],
  [0x7a, 0x7a, "v", "v"],
  [0x7b, 0x7b, "vv", "v"],
  [0x7c, 0x81, "v", "v"], // i16x8
  [0x82, 0x82, "vv", "v"],
  [0x83, 0x84, "v", "i"],
  [0x85, 0x86, "vv", "v"],
  [0x87, 0x8a, "v", "v"],
  [0x8b, 0x8d, "vi", "v"],
  [0x8e, 0x93, "vv", "v"],
  [0x94, 0x94, "v", "v"],
  [0x95, 0x99, "vv", "v"],
  [0x9b, 0x9f, "vv", "v"],
  [0xa0, 0xa1, "v", "v"], // i32x4
  [0xa3, 0xa4, "v", "i"],
  [0xa7, 0xaa, "v", "v"],
  [0xab, 0xad, "vi", "v"],
  [0xae, 0xae, "vv", "v"],
  [0xb1, 0xb1, "vv", "v"],
  [0xb5, 0xba, "vv", "v"],
  [0xbc, 0xbf, "vv", "v"],
  [0xc0, 0xc1, "v", "v"], // i64x2
  [0xc3, 0xc4, "v", "i"],
  [0xc7, 0xca, "v", "v"],
  [0xcb, 0xcd, "vi", "v"],
  [0xce, 0xce, "vv", "v"],
  [0xd1, 0xd1, "vv", "v"],
  [0xd5, 0xdf, "vv", "v"],
  [0xe0, 0xe1, "v", "v"], // f32x4
  [0xe3, 0xe3, "v", "v"],
  [0xe4, 0xeb, "vv", "v"],
  [0xec, 0xed, "v", "v"], // f64x2
  [0xef, 0xef, "v", "v"],
  [0xf0, 0xf7, "vv", "v"],
  [0xf8, 0xff, "v", "v"],
  [0x100, 0x100, "vv", "v"], // relaxed
  [0x101, 0x104, "v", "v"],
  [0x105, 0x10c, "vvv", "v"],
  [0x10d, 0x112, "vv", "v"],
  [0x113, 0x113, "vvv", "v"],
];

/** After 0xfe. Read-modify-write operations come in sevens: i32, i64, i32 of 8 and 16 bits, i64 of 8, 16 and 32 bits. */
const ATOMIC: readonly Row[] = [
  [0x00, 0x00, "ii", "i"], // notify, wait
  [0x01, 0x01, "iil", "i"],
  [0x02, 0x02, "ill", "i"],
  [0x03, 0x03, "", ""], // fence
  [0x10, 0x10, "i", "i"], // loads
  [0x11, 0x11, "i", "l"],
  [0x12, 0x13, "i", "i"],
  [0x14, 0x16, "i", "l"],
  [0x17, 0x17, "ii", ""], // stores
  [0x18, 0x18, "il", ""],
  [0x19, 0x1a, "ii", ""],
  [0x1b, 0x1d, "il", ""],
  ...[0x1e, 0x25, 0x2c, 0x33, 0x3a, 0x41].flatMap((first): Row[] => [
    [first, first, "ii", "i"],
    [first + 1, first + 1, "il", "l"],
    [first + 2, first + 3, "ii", "i"],
    [first + 4, first + 6, "il", "l"],
  ]),
  [0x48, 0x48, "iii", "i"], // compare and exchange
  [0x49, 0x49, "ill", "l"],
  [0x4a, 0x4b, "iii", "i"],
  [0x4c, 0x4e, "ill", "l"],
];

/** The effects in one opcode space. */
export interface Effects {
  /** Number of operands by opcode. */
  readonly pops: Uint8Array;
  /** Index in `VALUE_TYPE_LIST` of the result, plus one; 0 where there is none. */
  readonly pushes: Uint8Array;
  /** What the table says, for tests. */
  readonly rows: readonly {
    readonly op: number;
    readonly operands: readonly ValueType[];
    readonly result?: ValueType;
  }[];
}

/** Value types by the small numbers that the pass knows them by; those that a frame can hold come first. */
export const VALUE_TYPE_LIST: readonly ValueType[] = [
  "i32",
  "i64",
  "f32",
  "f64",
  "v128",
  "funcref",
  "externref",
  "exnref",
];
/** Number of the first type that cannot be saved. */
export const FIRST_REFERENCE = VALUE_TYPE_LIST.indexOf("funcref");

/** The small number of a value type. */
export const TYPE_NUMBER = Object.fromEntries(VALUE_TYPE_LIST.map((type, number) => [type, number])) as Readonly<
  Record<ValueType, number>
>;

function effects(table: readonly Row[], size: number): Effects {
  const pops = new Uint8Array(size);
  const pushes = new Uint8Array(size);
  const rows = table.flatMap(([first, last, operands, result]) => {
    pops.fill(operands.length, first, last + 1);
    if (result) pushes.fill(TYPE_NUMBER[LETTERS[result]] + 1, first, last + 1);
    return Array.from({ length: last - first + 1 }, (_, i) => ({
      op: first + i,
      operands: [...operands].map((letter) => LETTERS[letter]),
      ...(result ? { result: LETTERS[result] } : {}),
    }));
  });
  return { pops, pushes, rows };
}

export const plainEffects = effects(PLAIN, 0x100);
/** By prefix byte less 0xfc. */
export const prefixedEffects: readonly Effects[] = [effects(MISC, 0x12), effects(VECTOR, 0x114), effects(ATOMIC, 0x4f)];
