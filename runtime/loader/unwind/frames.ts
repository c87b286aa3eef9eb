// Frames of unwound functions, in kernel memory (memory 1), where no guest can reach them: how they are laid out, and the code
// that writes and reads them. A frame is the number of the site, the locals that matter, and for a function that is found
// through a table its number there; the innermost function's lies lowest. Functions share the code that moves values, a few at a
// time, which makes saving and restoring small.

import { UNWIND_END, UNWIND_SP, UNWINDING, UNWINDING_FULL } from "../../../kernel/hot/layout.ts";
import { Writer } from "../binary.ts";
import { Op } from "../opcodes.ts";
import { VALUE_TYPE_CODES, type ValueType } from "../sections.ts";
import type { Signature } from "../stubs.ts";
import { VALUE_TYPE_LIST } from "./effects.ts";
import type { Walked } from "./structure.ts";

/** By type number: how many values one helper moves, its size, and the opcodes of loads and stores. */
const MOVES: readonly {
  counts: readonly number[];
  bytes: number;
  load: readonly number[];
  store: readonly number[];
}[] = [
  { counts: [8, 4, 2, 1], bytes: 4, load: [Op.i32Load], store: [Op.i32Store] },
  { counts: [4, 2, 1], bytes: 8, load: [Op.i64Load], store: [Op.i64Store] },
  { counts: [2, 1], bytes: 4, load: [Op.f32Load], store: [Op.f32Store] },
  { counts: [4, 2, 1], bytes: 8, load: [Op.f64Load], store: [Op.f64Store] },
  { counts: [2, 1], bytes: 16, load: [Op.vector, 0x00], store: [Op.vector, 0x0b] },
];
const I32 = 0;
/** More than any count. */
const MOST = 16;

/** In a list of locals: the number of the site, which lies on the operand stack; the function's number in its dispatcher. */
const SITE = -1;
const ID = -2;

/** Adds a function to the module, and gives its index. */
export type AddFunction = (signature: Signature, body: Uint8Array) => number;

/** Alignment 2^0 or 2^2, with bit 6: a memory index follows. */
const UNALIGNED = 0x40;
const ALIGNED = 0x42;

/** Writes the load of a word at a fixed address of kernel memory. */
export function loadKernel(w: Writer, address: number): void {
  w.u8(Op.i32Const).u8(0).u8(Op.i32Load).u8(ALIGNED).u8(1).u32(address);
}

function storeKernel(w: Writer, address: number, value: () => void): void {
  w.u8(Op.i32Const).u8(0);
  value();
  w.u8(Op.i32Store).u8(ALIGNED).u8(1).u32(address);
}

/** Values of a frame that one helper moves: their type, and their locals, SITE or ID. */
interface Chunk {
  readonly type: number;
  readonly locals: readonly number[];
}

/** What a frame of a function consists of, from its low end. `id`: its number in its dispatcher, if it has one. */
export interface FrameLayout {
  readonly chunks: readonly Chunk[];
  readonly id: number | undefined;
}

export function frameLayout({ saved, locals }: Walked, id: number | undefined): FrameLayout {
  return { chunks: chunks(saved, locals, id), id };
}

export class Frames {
  readonly #add: AddFunction;
  /** Indices of the helpers, by type and count. */
  readonly #savers: number[] = [];
  readonly #loaders: number[] = [];

  constructor(add: AddFunction) {
    this.#add = add;
  }

  /** Writes what saves a frame; the number of the site lies on the operand stack. */
  save(w: Writer, { chunks, id }: FrameLayout): void {
    for (const { type, locals } of chunks) {
      for (const local of locals) {
        if (local >= 0) w.u8(Op.localGet).u32(local);
        else if (local === ID) w.u8(Op.i32Const).s32(id!);
      }
      w.u8(Op.call).u32(this.#saver(type, locals.length));
    }
  }

  /** Writes what restores it; the number of the site goes to a local. */
  restore(w: Writer, { chunks }: FrameLayout, site: number): void {
    for (let i = chunks.length - 1; i >= 0; i--) {
      const { type, locals } = chunks[i];
      w.u8(Op.call).u32(this.#loader(type, locals.length));
      for (let j = locals.length - 1; j >= 0; j--) {
        if (locals[j] === ID) w.u8(Op.drop);
        else w.u8(Op.localSet).u32(locals[j] === SITE ? site : locals[j]);
      }
    }
  }

  /** Writes a frame that is nothing but a number. */
  saveId(w: Writer, id: number): void {
    w.u8(Op.i32Const).s32(id).u8(Op.call).u32(this.#saver(I32, 1));
  }

  dropId(w: Writer): void {
    w.u8(Op.call).u32(this.#loader(I32, 1)).u8(Op.drop);
  }

  /** Writes what pushes the number at the end of the outermost frame that is left. */
  peekId(w: Writer): void {
    loadKernel(w, UNWIND_SP);
    w.u8(Op.i32Const).u8(4).u8(Op.i32Sub).u8(Op.i32Load).u8(ALIGNED).u8(1).u8(0);
  }

  #saver(type: number, count: number): number {
    return cached(this.#savers, type * MOST + count, () => {
      const { bytes, store } = MOVES[type];
      const [from, to] = [count, count + 1];
      const w = new Writer(128).u8(1).u8(2).u8(VALUE_TYPE_CODES.i32);
      loadKernel(w, UNWIND_SP);
      w.u8(Op.localTee)
        .u8(from)
        .u8(Op.i32Const)
        .s32(bytes * count)
        .u8(Op.i32Add)
        .u8(Op.localTee)
        .u8(to);
      loadKernel(w, UNWIND_END);
      w.u8(Op.i32GtU).u8(Op.if).u8(Op.emptyBlock);
      storeKernel(w, UNWINDING, () => w.u8(Op.i32Const).s32(UNWINDING_FULL));
      w.u8(Op.unreachable).u8(Op.end);
      for (let i = 0; i < count; i++) {
        w.u8(Op.localGet)
          .u8(from)
          .u8(Op.localGet)
          .u8(i)
          .raw(store)
          .u8(UNALIGNED)
          .u8(1)
          .u32(bytes * i);
      }
      storeKernel(w, UNWIND_SP, () => w.u8(Op.localGet).u8(to));
      return this.#add([values(type, count), []], w.u8(Op.end).view());
    });
  }

  #loader(type: number, count: number): number {
    return cached(this.#loaders, type * MOST + count, () => {
      const { bytes, load } = MOVES[type];
      const w = new Writer(128).u8(1).u8(1).u8(VALUE_TYPE_CODES.i32);
      loadKernel(w, UNWIND_SP);
      w.u8(Op.i32Const)
        .s32(bytes * count)
        .u8(Op.i32Sub)
        .u8(Op.localSet)
        .u8(0);
      storeKernel(w, UNWIND_SP, () => w.u8(Op.localGet).u8(0));
      for (let i = 0; i < count; i++)
        w.u8(Op.localGet)
          .u8(0)
          .raw(load)
          .u8(UNALIGNED)
          .u8(1)
          .u32(bytes * i);
      return this.#add([[], values(type, count)], w.u8(Op.end).view());
    });
  }
}

function values(type: number, count: number): ValueType[] {
  return Array<ValueType>(count).fill(VALUE_TYPE_LIST[type]);
}

function cached(known: number[], key: number, make: () => number): number {
  known[key] ??= make();
  return known[key];
}

/** The values of a frame from its low end, in pieces that one helper each moves. */
function chunks(saved: readonly number[], types: readonly number[], id: number | undefined): Chunk[] {
  const list: Chunk[] = [];
  let from = 0;
  for (let type = I32; type < MOVES.length; type++) {
    let to = from;
    while (to < saved.length && types[saved[to]] === type) to++;
    const values = type === I32 ? [SITE, ...saved.slice(from, to)] : saved.slice(from, to);
    from = to;
    let at = 0;
    for (const count of MOVES[type].counts) {
      for (; values.length - at >= count; at += count) list.push({ type, locals: values.slice(at, at + count) });
    }
  }
  if (id !== undefined) list.push({ type: I32, locals: [ID] });
  return list;
}
