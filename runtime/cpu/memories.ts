// Guest memories with their gates. Small ones that were given back are wiped and kept: touching fresh pages costs more than
// clearing used ones (measured.md: 5.2 ms against 0.3 ms for 2 MB).

import { ENOMEM } from "../../kernel/abi/errno.ts";
import { fail } from "../../kernel/errors.ts";
import { GATE_FUNCTIONS } from "../../kernel/hot/layout.ts";
import type { UserMemory } from "../../kernel/mm/address-space.ts";
import { type Gate, openGate } from "./gate.ts";

const WASM_PAGE = 65536;
/** Memories with more dirty bytes than this are left to the garbage collector, and those longer than KEEP_LENGTH. */
const KEEP_DIRTY = 8 * 2 ** 20;
const KEEP_LENGTH = 64 * 2 ** 20;
const KEEP_COUNT = 64;
const BOUNCE_SIZE = 256 * 1024;

/** A guest's linear memory. */
export class GuestMemory implements UserMemory {
  readonly memory: WebAssembly.Memory;
  readonly maximum: number;
  readonly gate: number;
  readonly #pool: Memories;
  readonly #gate: Gate;

  constructor(pool: Memories, memory: WebAssembly.Memory, maximum: number, slot: number, gate: Gate) {
    this.#pool = pool;
    this.memory = memory;
    this.maximum = maximum;
    this.gate = slot;
    this.#gate = gate;
  }

  /** Zeroes bytes. By Wasm: a typed array's fill on shared memory is several times slower. */
  wipe(start: number, end: number): void {
    if (end > start) this.#gate.fill(start, 0, end - start);
  }

  /** Copies a range to the same place in another memory, through kernel memory: twice at Wasm's speed beats once at a typed array's. */
  copyTo(to: GuestMemory, start: number, end: number): void {
    const { address, size } = this.#pool.bounce();
    for (let at = start; at < end; at += size) {
      const bytes = Math.min(size, end - at);
      this.#gate.in(address, at, bytes);
      to.#gate.out(at, address, bytes);
    }
  }

  get buffer(): ArrayBufferLike {
    return this.memory.buffer;
  }

  grow(bytes: number): boolean {
    const pages = Math.ceil((bytes - this.memory.buffer.byteLength) / WASM_PAGE);
    if (pages <= 0) return true;
    try {
      this.memory.grow(pages);
      return true;
    } catch {
      return false;
    }
  }

  release(used: readonly (readonly [number, number])[]): void {
    this.#pool.release(this, used);
  }
}

export class Memories {
  readonly #kernel: WebAssembly.Memory;
  readonly #table: WebAssembly.Table;
  readonly #idle: GuestMemory[] = [];
  readonly #freeGates: number[] = [];
  readonly #allocate: (bytes: number) => number;
  #bounce = 0;
  /** Memories in use. */
  count = 0;

  constructor(kernel: WebAssembly.Memory, table: WebAssembly.Table, allocate: (bytes: number) => number) {
    this.#kernel = kernel;
    this.#table = table;
    this.#allocate = allocate;
  }

  /** A block of kernel memory for bytes on their way; valid until the next call of anything here. Throws ENOMEM. */
  bounce(): { address: number; size: number } {
    this.#bounce ||= this.#allocate(BOUNCE_SIZE) || fail(ENOMEM);
    return { address: this.#bounce, size: BOUNCE_SIZE };
  }

  /** A zeroed memory of at least `bytes`. Throws ENOMEM. */
  take(bytes: number, maximum: number): GuestMemory {
    const index = this.#idle.findLastIndex((each) => each.maximum === maximum);
    if (index >= 0) {
      const [memory] = this.#idle.splice(index, 1);
      if (!memory.grow(bytes)) return fail(ENOMEM);
      this.count++;
      return memory;
    }
    let memory: WebAssembly.Memory;
    try {
      memory = new WebAssembly.Memory({
        initial: Math.ceil(bytes / WASM_PAGE),
        maximum: Math.floor(maximum / WASM_PAGE),
        shared: true,
      });
    } catch {
      return fail(ENOMEM);
    }
    const gate = this.#freeGates.pop() ?? this.#table.grow(GATE_FUNCTIONS);
    const functions = openGate(this.#kernel, memory, this.#table, gate);
    this.count++;
    return new GuestMemory(this, memory, maximum, gate, functions);
  }

  release(memory: GuestMemory, used: readonly (readonly [number, number])[]): void {
    this.count--;
    let dirty = 0;
    for (const [start, end] of used) dirty += end - start;
    if (dirty <= KEEP_DIRTY && this.#idle.length < KEEP_COUNT && memory.buffer.byteLength <= KEEP_LENGTH) {
      for (const [start, end] of used) memory.wipe(start, end);
      this.#idle.push(memory);
      return;
    }
    for (let i = 0; i < GATE_FUNCTIONS; i++) this.#table.set(memory.gate + i, null);
    this.#freeGates.push(memory.gate);
  }
}
