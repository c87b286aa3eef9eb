// Adapters between the type that a program declares for an import and the type that the kernel's function has: binaries
// of different ages disagree on widths (shared/abi). They are Wasm functions, so that no JavaScript frame comes between
// guest and kernel, through which JSPI could not suspend.

import { Writer } from "./binary.ts";
import { Op } from "./opcodes.ts";
import { ExternKind, SectionId, typeKey, VALUE_TYPE_CODES, type ValueType } from "./sections.ts";

/** A function's type, as far as linking is concerned. */
export interface LinkType {
  readonly params: readonly ValueType[];
  readonly results: readonly ValueType[];
}

export interface Thunk {
  /** Name of the adapter among the exports; any text, once. */
  readonly name: string;
  /** The type that the program declares. */
  readonly wanted: LinkType;
  /** The kernel's function, imported as `kernel.<target>`; thunks may share one. */
  readonly target: string;
  readonly canonical: LinkType;
  /** Which parameters of the kernel's function are pointers, sizes or other unsigned numbers: widened with zeros. */
  readonly unsigned?: readonly boolean[];
  /** A number that the kernel's function gets as its first parameter, before those of the program. */
  readonly first?: number;
}

export function sameType(a: LinkType, b: LinkType): boolean {
  return typeKey(a.params, a.results) === typeKey(b.params, b.results);
}

/**
 * A module that exports an adapter for each thunk and imports each target once, from module `kernel`.
 * Integers are widened or wrapped; a parameter that the program does not pass is 0, one too many is dropped; a result
 * that it does not expect is dropped, one that the kernel does not give is 0. Between other types nothing is converted:
 * the value is 0.
 */
export function thunkModule(thunks: readonly Thunk[]): Uint8Array<ArrayBuffer> {
  const types = new Map<string, LinkType>();
  const typeIndex = (type: LinkType) => {
    const key = typeKey(type.params, type.results);
    if (!types.has(key)) types.set(key, type);
    return [...types.keys()].indexOf(key);
  };
  const targets = new Map(thunks.map(({ target, canonical }) => [target, canonical]));
  const targetNames = [...targets.keys()];
  const imports = [...targets].map(([name, type]) => ({ name, type: typeIndex(type) }));
  const functions = thunks.map(({ wanted }) => typeIndex(wanted));

  const w = new Writer(1024).raw([0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00]);
  w.section(SectionId.type, () => {
    w.u32(types.size);
    for (const { params, results } of types.values()) {
      w.u8(0x60)
        .u32(params.length)
        .raw(params.map((type) => VALUE_TYPE_CODES[type]));
      w.u32(results.length).raw(results.map((type) => VALUE_TYPE_CODES[type]));
    }
  });
  w.section(SectionId.import, () => {
    w.u32(imports.length);
    for (const { name, type } of imports) w.name("kernel").name(name).u8(ExternKind.function).u32(type);
  });
  w.section(SectionId.function, () => {
    w.u32(functions.length);
    for (const type of functions) w.u32(type);
  });
  w.section(SectionId.export, () => {
    w.u32(thunks.length);
    thunks.forEach(({ name }, i) => {
      w.name(name)
        .u8(ExternKind.function)
        .u32(imports.length + i);
    });
  });
  w.section(SectionId.code, () => {
    w.u32(thunks.length);
    for (const thunk of thunks) {
      const start = w.open();
      writeBody(w, thunk, targetNames.indexOf(thunk.target));
      w.close(start);
    }
  });
  return w.view();
}

function writeBody(w: Writer, thunk: Thunk, target: number): void {
  const { wanted, canonical, unsigned, first } = thunk;
  w.u8(0);
  const leading = first === undefined ? 0 : 1;
  canonical.params.forEach((to, i) => {
    if (first !== undefined && i === 0) {
      w.u8(Op.i32Const).s32(first);
      return;
    }
    const from = wanted.params[i - leading];
    if (from !== undefined) w.u8(Op.localGet).u32(i - leading);
    convert(w, from, to, unsigned?.[i] ?? false);
  });
  w.u8(Op.call).u32(target);
  // The kernel's functions have one result or none.
  let have: ValueType | undefined = canonical.results[0];
  if (wanted.results.length === 0 && have !== undefined) w.u8(Op.drop);
  for (const to of wanted.results) {
    convert(w, have, to, false);
    have = undefined;
  }
  w.u8(Op.end);
}

/** Turns the value of type `from` on the stack (none where `from` is undefined) into one of type `to`. */
function convert(w: Writer, from: ValueType | undefined, to: ValueType, unsigned: boolean): void {
  if (from === to) return;
  if (from === "i32" && to === "i64") {
    w.u8(unsigned ? Op.i64ExtendI32U : Op.i64ExtendI32S);
  } else if (from === "i64" && to === "i32") {
    w.u8(Op.i32WrapI64);
  } else {
    if (from !== undefined) w.u8(Op.drop);
    w.raw(ZERO[to]);
  }
}

/** The instruction that pushes a type's zero or null. */
export const ZERO: Readonly<Record<ValueType, readonly number[]>> = {
  i32: [0x41, 0],
  i64: [0x42, 0],
  f32: [0x43, 0, 0, 0, 0],
  f64: [0x44, 0, 0, 0, 0, 0, 0, 0, 0],
  v128: [0xfd, 0x0c, ...new Array(16).fill(0)],
  funcref: [0xd0, 0x70],
  externref: [0xd0, 0x6f],
  exnref: [0xd0, 0x69],
};
