/**
 * How a C struct is described and reached in guest memory.
 *
 * `layout("timespec", { tv_sec: i64, tv_nsec: i64 })` places the fields as a C compiler for wasm32 does (each at a multiple of its
 * alignment), and gives offsets and typed access by DataView. Numbers are little-endian. 64-bit fields are JavaScript numbers, exact up
 * to 2^53 and written as two halves, because a BigInt costs an allocation; `pair` is for 64 bits that are not a count (masks, user data).
 */

/** One field's type: where it may stand, and how it is read and written at a byte address. */
export interface Field<T> {
  readonly size: number;
  readonly align: number;
  get(view: DataView, at: number): T;
  set(view: DataView, at: number, value: T): void;
}

/** Bytes that carry no value: `write` sets them to zero where Linux does, and leaves the others alone. */
export interface Padding {
  readonly size: number;
  readonly align: number;
  readonly zero: boolean;
}

type Fields = { readonly [name: string]: Field<unknown> | Field<never> | Padding };

/** The JavaScript object that a struct with these fields is read as and written from. */
type ValuesOf<F extends Fields> = {
  -readonly [K in keyof F as F[K] extends Padding ? never : K]: F[K] extends Field<infer T> ? T : never;
};

export interface Layout<F extends Fields = Fields> extends Field<ValuesOf<F>> {
  readonly name: string;
  readonly offset: { readonly [K in keyof F]: number };
  readonly fields: F;
  read(view: DataView, address: number): ValuesOf<F>;
  write(view: DataView, address: number, value: ValuesOf<F>): void;
}

/** What `read` gives and `write` takes: `Values<typeof stat>`. */
export type Values<L> = L extends Layout<infer F> ? ValuesOf<F> : never;

const TWO32 = 2 ** 32;

/**
 * Writes `value` (an integer; 2^64 and more become 64 ones, see RLIM_INFINITY) as 64 bits at byte `at`. Small integers, nearly all there
 * are, go their own way: converting a double costs several times as much.
 */
export function putU64(view: DataView, at: number, value: number): void {
  if ((value | 0) === value) {
    view.setInt32(at, value, true);
    view.setInt32(at + 4, value >> 31, true);
    return;
  }
  const high = Math.floor(value / TWO32);
  const fits = high < TWO32;
  view.setInt32(at, fits ? value | 0 : -1, true);
  view.setInt32(at + 4, fits ? high | 0 : -1, true);
}

/** Reads 64 unsigned bits; above 2^53 the nearest number, 64 ones as 2^64. */
export function getU64(view: DataView, at: number): number {
  return view.getUint32(at + 4, true) * TWO32 + view.getUint32(at, true);
}

/** Reads 64 signed bits; beyond 2^53 the nearest number. */
export function getI64(view: DataView, at: number): number {
  return view.getInt32(at + 4, true) * TWO32 + view.getUint32(at, true);
}

export const u8: Field<number> = {
  size: 1,
  align: 1,
  get: (view, at) => view.getUint8(at),
  set: (view, at, value) => view.setUint8(at, value),
};
export const u16: Field<number> = {
  size: 2,
  align: 2,
  get: (view, at) => view.getUint16(at, true),
  set: (view, at, value) => view.setUint16(at, value, true),
};
export const i16: Field<number> = {
  size: 2,
  align: 2,
  get: (view, at) => view.getInt16(at, true),
  set: (view, at, value) => view.setInt16(at, value, true),
};
export const u32: Field<number> = {
  size: 4,
  align: 4,
  get: (view, at) => view.getUint32(at, true),
  set: (view, at, value) => view.setUint32(at, value, true),
};
export const i32: Field<number> = {
  size: 4,
  align: 4,
  get: (view, at) => view.getInt32(at, true),
  set: (view, at, value) => view.setInt32(at, value, true),
};
export const u64: Field<number> = { size: 8, align: 8, get: getU64, set: putU64 };
export const i64: Field<number> = { size: 8, align: 8, get: getI64, set: putU64 };
/** A guest pointer. */
export const ptr: Field<number> = u32;

/** 64 bits as [low, high], both unsigned. */
export const pair: Field<readonly [number, number]> = {
  size: 8,
  align: 8,
  get: (view, at) => [view.getUint32(at, true), view.getUint32(at + 4, true)],
  set: (view, at, [low, high]) => {
    view.setUint32(at, low, true);
    view.setUint32(at + 4, high, true);
  },
};

/** `length` bytes; a shorter value is filled up with zeros. Reading copies. */
export function bytes(length: number): Field<Uint8Array> {
  return {
    size: length,
    align: 1,
    get: (view, at) => new Uint8Array(view.buffer, view.byteOffset + at, length).slice(),
    set: (view, at, value) => {
      const target = new Uint8Array(view.buffer, view.byteOffset + at, length);
      target.set(value.subarray(0, length));
      target.fill(0, Math.min(value.length, length));
    },
  };
}

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** A string in `length` bytes, which always ends with NUL. */
export function text(length: number): Field<string> {
  const raw = bytes(length);
  return {
    size: length,
    align: 1,
    get: (view, at) => {
      const value = raw.get(view, at);
      const end = value.indexOf(0);
      return decoder.decode(end < 0 ? value : value.subarray(0, end));
    },
    set: (view, at, value) => raw.set(view, at, encoder.encode(value).subarray(0, length - 1)),
  };
}

/** `length` elements in a row. */
export function array<T>(element: Field<T>, length: number): Field<T[]> {
  return {
    size: element.size * length,
    align: element.align,
    get: (view, at) => Array.from({ length }, (_, i) => element.get(view, at + i * element.size)),
    set: (view, at, values) => {
      for (let i = 0; i < length; i++) element.set(view, at + i * element.size, values[i]);
    },
  };
}

/** Bytes that Linux sets to zero: padding, and fields for the future. */
export const zero = (size: number, align = 1): Padding => ({ size, align, zero: true });
/** Bytes that Linux does not touch: room that only the C library's declaration of the struct has. */
export const gap = (size: number, align = 1): Padding => ({ size, align, zero: false });

/** Describes a struct. `packed` leaves out alignment, as the attribute of that name does in C. */
export function layout<const F extends Fields>(name: string, fields: F, packed = false): Layout<F> {
  const offset: Record<string, number> = {};
  const values: { name: string; at: number; field: Field<unknown> }[] = [];
  const zeros: { at: number; size: number }[] = [];
  let end = 0;
  let align = 1;
  for (const [key, field] of Object.entries(fields)) {
    const fieldAlign = packed ? 1 : field.align;
    align = Math.max(align, fieldAlign);
    end = roundUp(end, fieldAlign);
    offset[key] = end;
    if (!("zero" in field)) values.push({ name: key, at: end, field: field as Field<unknown> });
    else if (field.zero) zeros.push({ at: end, size: field.size });
    end += field.size;
  }

  const get = (view: DataView, at: number): ValuesOf<F> => {
    const value: Record<string, unknown> = {};
    for (let i = 0; i < values.length; i++) value[values[i].name] = values[i].field.get(view, at + values[i].at);
    return value as ValuesOf<F>;
  };
  const set = (view: DataView, at: number, value: ValuesOf<F>): void => {
    for (let i = 0; i < values.length; i++) {
      values[i].field.set(view, at + values[i].at, (value as Record<string, unknown>)[values[i].name]);
    }
    for (let i = 0; i < zeros.length; i++) {
      for (let j = 0; j < zeros[i].size; j++) view.setUint8(at + zeros[i].at + j, 0);
    }
  };
  const size = roundUp(end, align);
  return { name, fields, offset: offset as Layout<F>["offset"], size, align, get, set, read: get, write: set };
}

function roundUp(value: number, multiple: number): number {
  return Math.ceil(value / multiple) * multiple;
}
