// Reading and writing the primitive parts of the Wasm binary format: bytes, LEB128 integers, names.
// https://webassembly.github.io/spec/core/binary/values.html

import { refuse } from "./errors.ts";

const utf8 = new TextDecoder("utf-8", { fatal: true });
const encoder = new TextEncoder();

/** A cursor over a part of a module. Every method that reads past `end` refuses the module. */
export class Reader {
  readonly bytes: Uint8Array;
  pos: number;
  end: number;

  constructor(bytes: Uint8Array, pos = 0, end = bytes.length) {
    this.bytes = bytes;
    this.pos = pos;
    this.end = end;
  }

  /** What is being read, for the message when it is cut short. */
  byte(what: string): number {
    if (this.pos >= this.end) refuse("malformed", `${what} is cut short`, this.pos);
    return this.bytes[this.pos++];
  }

  skip(count: number, what: string): number {
    const at = this.pos;
    if (count > this.end - at) refuse("malformed", `${what} is cut short`, at);
    this.pos += count;
    return at;
  }

  /** An unsigned 32-bit LEB128: at most five bytes, the unused bits of the fifth zero. */
  u32(what: string): number {
    const at = this.pos;
    let value = 0;
    for (let shift = 0; shift < 35; shift += 7) {
      const byte = this.byte(what);
      if (shift === 28 && byte > 0x0f) break;
      value += (byte & 0x7f) * 2 ** shift;
      if (byte < 0x80) return value;
    }
    return refuse("malformed", `${what}: an integer of more than 32 bits`, at);
  }

  /** A signed LEB128 of `bits` bits (32, 33 or 64). */
  signed(bits: number, what: string): bigint {
    const at = this.pos;
    let value = 0n;
    for (let shift = 0; shift < bits; shift += 7) {
      const byte = this.byte(what);
      value |= BigInt(byte & 0x7f) << BigInt(shift);
      if (byte >= 0x80) continue;
      const result = BigInt.asIntN(Math.min(shift + 7, 64), value);
      if (BigInt.asIntN(bits, result) !== result) break;
      return result;
    }
    return refuse("malformed", `${what}: an integer of more than ${bits} bits`, at);
  }

  /**
   * The length of a vector. Each element takes at least one byte, so a length beyond the bytes that are left is refused
   * before anything is allocated for it; `limit` is the implementation limit that applies.
   */
  count(what: string, limit: number): number {
    const at = this.pos;
    const count = this.u32(`number of ${what}`);
    if (count > this.end - this.pos) {
      refuse("malformed", `${count} ${what}, but only ${this.end - this.pos} bytes left`, at);
    }
    if (count > limit) refuse("too-big", `${count} ${what}, over the limit of ${limit}`, at);
    return count;
  }

  name(what: string): string {
    const at = this.pos;
    const length = this.u32(what);
    const start = this.skip(length, what);
    try {
      return utf8.decode(this.bytes.subarray(start, start + length));
    } catch {
      return refuse("malformed", `${what} is not UTF-8`, at);
    }
  }
}

/** An unsigned LEB128 that has been checked before. */
export function readIndex(bytes: Uint8Array, at: number): number {
  let value = bytes[at] & 0x7f;
  for (let p = at, shift = 7; bytes[p] >= 0x80; shift += 7) value |= (bytes[++p] & 0x7f) << shift;
  return value >>> 0;
}

/** Where a LEB128 that has been checked before ends. */
export function afterLeb(bytes: Uint8Array, at: number): number {
  let p = at;
  while (bytes[p++] >= 0x80);
  return p;
}

// Below this many bytes a loop beats `set(subarray)`, which makes a view object for each copy.
const SHORT_COPY = 16;

/** A growing byte buffer with the encoders that a module needs. */
export class Writer {
  bytes: Uint8Array<ArrayBuffer>;
  length = 0;

  constructor(capacity = 256) {
    this.bytes = new Uint8Array(Math.max(capacity, 16));
  }

  /** Makes room for `count` more bytes. */
  reserve(count: number): void {
    const wanted = this.length + count;
    if (wanted <= this.bytes.length) return;
    const bytes = new Uint8Array(Math.max(wanted, this.bytes.length + (this.bytes.length >> 1)));
    bytes.set(this.bytes.subarray(0, this.length));
    this.bytes = bytes;
  }

  u8(value: number): this {
    if (this.length === this.bytes.length) this.reserve(1);
    this.bytes[this.length++] = value;
    return this;
  }

  raw(values: ArrayLike<number>): this {
    this.reserve(values.length);
    this.bytes.set(values, this.length);
    this.length += values.length;
    return this;
  }

  u32(value: number): this {
    this.reserve(5);
    let rest = value >>> 0;
    while (rest >= 0x80) {
      this.bytes[this.length++] = (rest & 0x7f) | 0x80;
      rest >>>= 7;
    }
    this.bytes[this.length++] = rest;
    return this;
  }

  /** A signed 32-bit LEB128, as `i32.const` takes it. */
  s32(value: number): this {
    let rest = value | 0;
    for (;;) {
      const byte = rest & 0x7f;
      rest >>= 7;
      if ((rest === 0 && byte < 0x40) || (rest === -1 && byte >= 0x40)) return this.u8(byte);
      this.u8(byte | 0x80);
    }
  }

  name(text: string): this {
    const encoded = encoder.encode(text);
    return this.u32(encoded.length).raw(encoded);
  }

  /** Copies `source[start, end)`. */
  copy(source: Uint8Array, start: number, end: number): this {
    const count = end - start;
    this.reserve(count);
    if (count < SHORT_COPY) {
      const { bytes } = this;
      let to = this.length;
      for (let from = start; from < end; from++) bytes[to++] = source[from];
    } else {
      this.bytes.set(source.subarray(start, end), this.length);
    }
    this.length += count;
    return this;
  }

  /** Leaves room for a length that is not known yet; give the result to `close`. */
  open(): number {
    this.reserve(5);
    this.length += 5;
    return this.length;
  }

  /** Writes the length of all that came since `open` in front of it, and closes the gap that a short length leaves. */
  close(start: number): void {
    const end = this.length;
    this.length = start - 5;
    this.u32(end - start);
    this.bytes.copyWithin(this.length, start, end);
    this.length += end - start;
  }

  /** A section: its id, its size and what `body` writes. */
  section(id: number, body: () => void): void {
    this.u8(id);
    const start = this.open();
    body();
    this.close(start);
  }

  /** What has been written, without copying. */
  view(): Uint8Array<ArrayBuffer> {
    return this.bytes.subarray(0, this.length);
  }
}
