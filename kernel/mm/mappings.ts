/**
 * What is where in a process's linear memory: the image at the bottom, the brk heap above it, mmap regions above that.
 * Addresses are handed out from below, because linear memory only grows upward. Protections are recorded, not enforced.
 */
import { EINVAL, ENOMEM } from "../abi/errno.ts";
import { MAP_ANONYMOUS, MAP_PRIVATE, MAP_SHARED, PROT_EXEC, PROT_READ, PROT_WRITE } from "../abi/mman.ts";
import { fail } from "../errors.ts";
import type { AddressSpace } from "./address-space.ts";

export const PAGE = 4096;

/** Where a mapping's bytes come from: an open file that outlives its descriptor. */
export interface MappedFile {
  /** Path for /proc/pid/maps. */
  readonly name: string;
  readonly inode: number;
  readonly device: number;
  /** Reads bytes at a file position; the count, short at the end of the file. */
  read(position: number, into: Uint8Array): number;
  /** Writes bytes back (MAP_SHARED). Bytes beyond the end of the file are dropped. */
  write(position: number, from: Uint8Array): void;
  retain(): void;
  release(): void;
}

/** One region; `end` is exclusive, both are page aligned. */
export interface Mapping {
  start: number;
  end: number;
  prot: number;
  flags: number;
  file: MappedFile | null;
  /** File position of `start`. */
  offset: number;
  /** "[heap]", "[stack]"... for /proc/pid/maps. */
  name: string;
  /** A shared mapping of a file that is not open for writing: it can not be made writable. */
  readOnly?: boolean;
}

/**
 * Bytes that brk can still grow before it meets the mmap regions, when those are first needed: much for a program that lives on brk,
 * as some allocators do, little for one that has hardly used it. musl's malloc goes on by mmap, and nothing else of musl uses brk. Linear
 * memory has to reach over the gap, and its length, touched or not, is what makes V8 collect garbage (with 16 MiB at every fourth fork), and
 * what is looked through before another process gets the memory (16 us a MiB, the first time 0.3 ms).
 */
const BRK_ROOM = 4 * 2 ** 20;
const BRK_ROOM_UNUSED = 2 * 2 ** 20;
/** A heap up to this is hardly used. */
const BRK_LITTLE = 64 * 1024;

export const pageUp = (address: number): number => Math.ceil(address / PAGE) * PAGE;

const READ_WRITE = PROT_READ | PROT_WRITE;
const ANONYMOUS = MAP_PRIVATE | MAP_ANONYMOUS;

export class Mappings {
  /** Sorted by address, disjoint. The first is the image itself. */
  list: Mapping[] = [];
  brkStart = 0;
  brk = 0;
  /** Lowest address that mmap uses of its own accord; 0 until it is first needed. */
  #mmapBase = 0;
  /** Bytes below this were used before: they are zeroed when they are mapped again. */
  #fresh = 0;
  /** Highest end of the heap so far. */
  #brkTop = 0;
  #total = 0;
  /** Bytes that `hold` counted, which are in `total` too. */
  held = 0;
  /** Where what is mapped here is added up with other address spaces. */
  account: { bytes: number } | null = null;
  readonly #space: AddressSpace;

  constructor(space: AddressSpace) {
    this.#space = space;
  }

  /** Lays out a new image: `dataEnd` is the end of its data and stack, `initial` the size of memory it asked for. */
  layOut(dataEnd: number, initial: number, name: string): void {
    this.brkStart = pageUp(Math.max(dataEnd, initial));
    this.brk = this.brkStart;
    this.#brkTop = this.brkStart;
    this.#count(this.brkStart - this.#total);
    this.list = [
      { start: 0, end: this.brkStart, prot: READ_WRITE | PROT_EXEC, flags: ANONYMOUS, file: null, offset: 0, name },
    ];
  }

  /** A copy for fork; shared files gain a user each. */
  copyFrom(parent: Mappings): void {
    this.list = parent.list.map((mapping) => ({ ...mapping }));
    for (const { file } of this.list) file?.retain();
    this.#count(parent.total);
    this.brkStart = parent.brkStart;
    this.brk = parent.brk;
    this.#mmapBase = parent.#mmapBase;
    this.#fresh = parent.#fresh;
    this.#brkTop = pageUp(parent.brk);
  }

  /** Bytes mapped, the heap included: what limits count, and VmSize. */
  get total(): number {
    return this.#total;
  }

  /** Counts memory that the process has beside this address space: a component's core modules have memories of their own. */
  hold(bytes: number): void {
    this.held += bytes;
    this.#count(bytes);
  }

  #count(bytes: number): void {
    this.#total += bytes;
    if (this.account) this.account.bytes += bytes;
  }

  /** Bytes of private writable memory, what RLIMIT_DATA limits. */
  get data(): number {
    let bytes = 0;
    for (const { start, end, prot, flags } of this.list) {
      if (prot & PROT_WRITE && flags & MAP_PRIVATE) bytes += end - start;
    }
    return bytes;
  }

  /** How many bytes were ever mapped. */
  get touched(): number {
    return this.#brkTop + this.#fresh - this.#mmapBase;
  }

  at(address: number): Mapping | undefined {
    return this.list.find(({ start, end }) => address >= start && address < end);
  }

  /** Whether every byte of a range is mapped. */
  covers(start: number, end: number): boolean {
    let at = start;
    for (const mapping of this.list) {
      if (mapping.start > at) break;
      if (mapping.end > at) at = mapping.end;
      if (at >= end) return true;
    }
    return at >= end;
  }

  #insert(mapping: Mapping): void {
    this.#count(mapping.end - mapping.start);
    const index = this.list.findIndex(({ start }) => start > mapping.start);
    if (index < 0) this.list.push(mapping);
    else this.list.splice(index, 0, mapping);
  }

  /**
   * Has the neighbours of a new private anonymous mapping reach over it, if they are of its kind, as Linux does: musl's malloc maps and
   * unmaps single pages by the thousand. Gives whether one does.
   */
  #join({ start, end, prot, flags, file, name }: Mapping): boolean {
    if (file || name !== "" || flags & MAP_SHARED) return false;
    const alike = (each: Mapping | undefined) =>
      each && each.prot === prot && each.flags === flags && !each.file && each.name === "" ? each : undefined;
    const found = this.list.findIndex((each) => each.start >= end);
    const next = found < 0 ? this.list.length : found;
    const before = alike(this.list[next - 1]);
    const after = alike(this.list[next]);
    if (before?.end === start) {
      before.end = end;
      if (after?.start === end) {
        before.end = after.end;
        this.list.splice(next, 1);
      }
    } else if (after?.start === end) after.start = start;
    else return false;
    this.#count(end - start);
    return true;
  }

  /** Zeroes a range that is mapped anew, as far as it was used before. */
  #clear(start: number, end: number): void {
    const used = Math.min(end, this.#fresh);
    if (start < used) this.#space.zero(start, used);
  }

  /** Makes memory reach to `end`. Throws ENOMEM. */
  #reach(end: number): void {
    if (end > this.#space.memory.maximum || !this.#space.reach(end)) fail(ENOMEM);
  }

  /** Where the mmap regions begin, settled the first time that this is asked. */
  #base(): number {
    if (this.#mmapBase === 0) {
      const wanted = this.brk - this.brkStart > BRK_LITTLE ? BRK_ROOM : BRK_ROOM_UNUSED;
      const gap = Math.min(wanted, Math.max(64 * 1024, pageUp((this.#space.memory.maximum - this.brkStart) / 4)));
      this.#mmapBase = Math.ceil((this.brk + gap) / 65536) * 65536;
      this.#fresh = this.#mmapBase;
    }
    return this.#mmapBase;
  }

  /** A free range of `length` bytes (page aligned) at or above `from`. Throws ENOMEM. */
  #find(length: number, from: number): number {
    let at = Math.max(from, this.#base());
    for (const { start, end } of this.list) {
      if (end <= at) continue;
      if (start >= at + length) break;
      at = end;
    }
    if (at + length > this.#space.memory.maximum) fail(ENOMEM);
    return at;
  }

  /** Whether the range is free. */
  #isFree(start: number, end: number): boolean {
    return !this.list.some((mapping) => mapping.start < end && mapping.end > start);
  }

  /**
   * Maps `length` bytes (page aligned): at `address` when it is free, else wherever there is room; with `fixed` exactly there,
   * replacing what was (the caller unmapped it). The bytes are zero. Gives the address. Throws ENOMEM.
   */
  map(address: number, length: number, fixed: boolean, wanted: Omit<Mapping, "start" | "end">): number {
    let start = address;
    if (
      !fixed &&
      (address === 0 ||
        address < this.#base() ||
        !this.#isFree(address, address + length) ||
        address + length > this.#space.memory.maximum)
    ) {
      start = this.#find(length, 0);
    }
    const end = start + length;
    this.#reach(end);
    this.#clear(start, end);
    this.#fresh = Math.max(this.#fresh, end);
    const mapping = { ...wanted, start, end };
    if (!this.#join(mapping)) this.#insert(mapping);
    return start;
  }

  /** Splits the mapping that contains `at`, so that a mapping begins there. */
  #split(at: number): void {
    const mapping = this.at(at);
    if (!mapping || mapping.start === at) return;
    mapping.file?.retain();
    const alone = !mapping.file && !(mapping.flags & MAP_SHARED);
    this.#insert({ ...mapping, start: at, offset: alone ? 0 : mapping.offset + (at - mapping.start) });
    this.#count(at - mapping.end);
    mapping.end = at;
  }

  /** Takes everything out of a range; gives what was there, whose files the caller releases. The image and heap can not go. */
  unmap(start: number, end: number): Mapping[] {
    if (start < this.brkStart) fail(EINVAL);
    this.#split(start);
    this.#split(end);
    const gone = this.list.filter((mapping) => mapping.start >= start && mapping.end <= end);
    this.list = this.list.filter((mapping) => !gone.includes(mapping));
    for (const mapping of gone) this.#count(mapping.start - mapping.end);
    return gone;
  }

  /** mprotect: records. Throws ENOMEM where part of the range is not mapped. */
  protect(start: number, end: number, prot: number): void {
    if (!this.covers(start, end)) fail(ENOMEM);
    this.#split(start);
    this.#split(end);
    for (const mapping of this.list) if (mapping.start >= start && mapping.end <= end) mapping.prot = prot;
  }

  /** mremap in place: the mapping that ends at `end` gets `more` bytes, if they are free. */
  extend(mapping: Mapping, more: number): boolean {
    const end = mapping.end + more;
    if (!this.#isFree(mapping.end, end) || end > this.#space.memory.maximum) return false;
    this.#reach(end);
    this.#clear(mapping.end, end);
    this.#fresh = Math.max(this.#fresh, end);
    this.#count(more);
    mapping.end = end;
    return true;
  }

  /** brk(2): moves the end of the heap; gives where it is then. */
  setBrk(to: number): number {
    if (to < this.brkStart || to > this.#space.memory.maximum) return this.brk;
    const oldEnd = pageUp(this.brk);
    const newEnd = pageUp(to);
    if (newEnd > oldEnd) {
      if (!this.#isFree(oldEnd, newEnd)) return this.brk;
      this.#reach(newEnd);
      // What the heap had before is zero. What mmap has used is not.
      if (this.#mmapBase !== 0) {
        this.#space.zero(Math.max(oldEnd, this.#brkTop, this.#mmapBase), Math.min(newEnd, this.#fresh));
      }
      this.#brkTop = Math.max(this.#brkTop, newEnd);
    } else this.#space.zero(newEnd, Math.min(oldEnd, this.#space.size));
    if (to < this.brk) this.#space.zero(to, Math.min(newEnd, this.#space.size));
    const heap = this.list.find(({ name }) => name === "[heap]");
    if (heap) {
      this.#count(newEnd - heap.end);
      heap.end = newEnd;
    } else if (newEnd > this.brkStart) {
      this.#insert({
        start: this.brkStart,
        end: newEnd,
        prot: READ_WRITE,
        flags: ANONYMOUS,
        file: null,
        offset: 0,
        name: "[heap]",
      });
    }
    if (heap && heap.end === heap.start) this.list.splice(this.list.indexOf(heap), 1);
    this.brk = to;
    return to;
  }

  /** The loader's memory.grow: `bytes` more at the end of memory, as one mapping; gives the old size in bytes, -1 on failure. */
  grow(bytes: number): number {
    const old = this.#space.size;
    if (bytes === 0) return old;
    if (old + bytes > this.#space.memory.maximum || !this.#space.reach(old + bytes)) return -1;
    this.#clear(old, old + bytes);
    // The mmap regions begin here at the latest: below them only brk uses memory.
    if (this.#mmapBase === 0 || this.#mmapBase > old) this.#mmapBase = this.#fresh = old;
    // What lies between the last mapping and the old end was never used.
    this.#fresh = Math.max(this.#fresh, old + bytes);
    this.#insert({
      start: old,
      end: old + bytes,
      prot: READ_WRITE,
      flags: ANONYMOUS,
      file: null,
      offset: 0,
      name: "[grow]",
    });
    return old;
  }
}
