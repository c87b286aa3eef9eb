/**
 * One process's memory as handlers see it: checked access to user bytes. A bad pointer is EFAULT, never an exception of the host.
 * The mappings in it (brk, mmap) are in mappings.ts.
 */
import { EFAULT, ENAMETOOLONG } from "../abi/errno.ts";
import { fail } from "../errors.ts";
import type { Hot, KernelMemory } from "../hot/hot.ts";
import { MM_BYTES, MM_GATE, MM_ID, MM_WINDOW, WINDOW, WINDOW_PAGE, WINDOW_PAGE_SHIFT } from "../hot/layout.ts";
import { Mappings } from "./mappings.ts";

/** A guest's linear memory, handed in by the runtime. */
export interface UserMemory {
  /** All its bytes, zero at first; there may be more than the process uses. A new object after each grow. */
  readonly buffer: ArrayBufferLike;
  /** Largest size it can have, in bytes. */
  readonly maximum: number;
  /** Index in the hot table of its gate. */
  readonly gate: number;
  /** Grows to at least `bytes`; false where the host refuses. */
  grow(bytes: number): boolean;
  /** Zeroes bytes, which lie in it. */
  zero(start: number, end: number): void;
  /** Gives the memory back; nobody uses it any more. `dirty`: how many of its bytes may have been touched. */
  release(dirty: number): void;
}

const decoder = new TextDecoder();
const encoder = new TextEncoder();
let nextId = 1;
const WASM_PAGE = 65536;
/** Where windows begin, as an address. */
export const WINDOW_START = WINDOW >>> 0;

/** User bytes at an address: where they are, and how far one may read on. */
export interface Region {
  readonly u8: Uint8Array;
  readonly view: DataView;
  /** Offset of the address in these. */
  readonly at: number;
  /** Offset of the end of the memory that it is in. */
  readonly end: number;
}

export class AddressSpace {
  /** Its struct in kernel memory (MM_*). */
  readonly ptr: number;
  readonly memory: UserMemory;
  readonly mappings: Mappings;
  /** Users: tasks and vfork children. The last one to leave frees it. */
  users = 1;
  u8: Uint8Array;
  view: DataView;
  readonly #kmem: KernelMemory;

  /** `length`: bytes of `memory` that are the process's; it can be longer. */
  constructor(kmem: KernelMemory, hot: Hot, memory: UserMemory, length: number) {
    this.#kmem = kmem;
    this.ptr = hot.mm_new();
    kmem.u32[(this.ptr + MM_ID) >> 2] = nextId++;
    kmem.i32[(this.ptr + MM_GATE) >> 2] = memory.gate;
    this.memory = memory;
    this.u8 = new Uint8Array(memory.buffer, 0, 0);
    this.view = new DataView(memory.buffer, 0, 0);
    this.mappings = new Mappings(this);
    this.#resize(length);
  }

  /** Bytes of linear memory now, as memory.size has it. */
  get size(): number {
    return this.u8.length;
  }

  /** Makes it at least `bytes` long, in whole Wasm pages. False where the host refuses. */
  reach(bytes: number): boolean {
    const length = Math.ceil(bytes / WASM_PAGE) * WASM_PAGE;
    if (length <= this.u8.length) return true;
    if (!this.memory.grow(length)) return false;
    this.#resize(length);
    return true;
  }

  #resize(length: number): void {
    const { buffer } = this.memory;
    this.u8 = new Uint8Array(buffer, 0, length);
    this.view = new DataView(buffer, 0, length);
    this.#kmem.setI64(this.ptr + MM_BYTES, length);
  }

  /**
   * Where the bytes at `address` are: in memory, or in a page of the window (hot/layout.ts: WINDOW). What handlers do with what the
   * adapters of foreign ABIs put there goes through this: paths, struct stat, struct timespec. Throws EFAULT unless there are `bytes`.
   */
  region(address: number, bytes: number): Region {
    const { u8, view } = this;
    if (address >= 0 && bytes >= 0 && address + bytes <= u8.length) return { u8, view, at: address, end: u8.length };
    const kmem = this.#kmem;
    const pages = kmem.u32[(this.ptr + MM_WINDOW) >> 2];
    const offset = address - WINDOW_START;
    if (pages === 0 || offset < 0 || address >= 2 ** 32) fail(EFAULT);
    const page = kmem.u32[(pages >> 2) + (offset >> WINDOW_PAGE_SHIFT)];
    const at = page + (offset & (WINDOW_PAGE - 1));
    if (page === 0 || bytes < 0 || at + bytes > page + WINDOW_PAGE) fail(EFAULT);
    return { u8: kmem.u8, view: kmem.view, at, end: page + WINDOW_PAGE };
  }

  /** Throws EFAULT unless `bytes` at `address` lie in memory. */
  check(address: number, bytes: number): void {
    if (address < 0 || bytes < 0 || address + bytes > this.u8.length) fail(EFAULT);
  }

  /** The user bytes themselves (not a copy). Throws EFAULT. */
  bytes(address: number, length: number): Uint8Array {
    this.check(address, length);
    return this.u8.subarray(address, address + length);
  }

  /** A copy of user bytes. Throws EFAULT. */
  copyIn(address: number, length: number): Uint8Array {
    this.check(address, length);
    return this.u8.slice(address, address + length);
  }

  /** Zeroes what of a range lies in memory. Not by a typed array's fill, which takes 100 us for 128 KiB of shared memory. */
  zero(start: number, end: number): void {
    const to = Math.min(end, this.u8.length);
    if (start < to) this.memory.zero(start, to);
  }

  copyOut(address: number, bytes: Uint8Array): void {
    this.check(address, bytes.length);
    this.u8.set(bytes, address);
  }

  /**
   * A NUL-terminated string of at most `max` bytes with the NUL. Invalid UTF-8 is kept apart by lone surrogates U+DC80..U+DCFF
   * (as Python's surrogateescape), so that every Linux name has one string. Throws EFAULT, ENAMETOOLONG.
   */
  readString(address: number, max = 4096): string {
    const { u8, at, end } = this.region(address, 1);
    const limit = Math.min(at + max, end);
    const bytes = u8.subarray(at, limit);
    const length = bytes.indexOf(0);
    if (length < 0) fail(limit < at + max ? EFAULT : ENAMETOOLONG);
    return decodeBytes(bytes.subarray(0, length));
  }

  u32(address: number): number {
    this.check(address, 4);
    return this.view.getUint32(address, true);
  }

  i32(address: number): number {
    this.check(address, 4);
    return this.view.getInt32(address, true);
  }

  setU32(address: number, value: number): void {
    const { view, at } = this.region(address, 4);
    view.setUint32(at, value, true);
  }

  /** A 64-bit integer as a number: exact within +-2^53. */
  i64(address: number): number {
    this.check(address, 8);
    return this.view.getInt32(address + 4, true) * 0x100000000 + this.view.getUint32(address, true);
  }

  setI64(address: number, value: number): void {
    const { view, at } = this.region(address, 8);
    view.setInt32(at + 4, Math.floor(value / 0x100000000), true);
    view.setUint32(at, value % 0x100000000, true);
  }
}

/** Bytes to a string; see AddressSpace.readString for bytes that are not UTF-8. */
export function decodeBytes(bytes: Uint8Array): string {
  if (bytes.length < 64) {
    let text = "";
    let i = 0;
    for (; i < bytes.length && bytes[i] < 0x80; i++) text += String.fromCharCode(bytes[i]);
    if (i === bytes.length) return text;
  }
  const copy = bytes.slice();
  const text = decoder.decode(copy);
  return text.includes("\ufffd") ? decodeEscaping(copy) : text;
}

/** A string (with surrogate escapes) to bytes. */
export function encodeString(text: string): Uint8Array {
  const { length } = text;
  if (length < 64) {
    const bytes = new Uint8Array(length);
    let i = 0;
    for (let code = 0; i < length && (code = text.charCodeAt(i)) < 0x80; i++) bytes[i] = code;
    if (i === length) return bytes;
  }
  if (!/[\udc80-\udcff]/.test(text)) return encoder.encode(text);
  const out: number[] = [];
  for (const c of text) {
    const code = c.codePointAt(0)!;
    if (code >= 0xdc80 && code <= 0xdcff) out.push(code - 0xdc00);
    else out.push(...encoder.encode(c));
  }
  return Uint8Array.from(out);
}

function decodeEscaping(bytes: Uint8Array): string {
  const strict = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
  let text = "";
  for (let i = 0; i < bytes.length; ) {
    const first = bytes[i];
    const length = first < 0x80 ? 1 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
    try {
      if (length > bytes.length - i) throw new TypeError();
      text += strict.decode(bytes.subarray(i, i + length));
      i += length;
    } catch {
      text += String.fromCharCode(0xdc00 + first);
      i++;
    }
  }
  return text;
}
