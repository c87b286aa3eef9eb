// Guest memories with their gates. Small ones that were given back are wiped and kept: touching fresh pages costs more than
// clearing used ones (measured.md: 5.2 ms against 0.3 ms for 2 MB).

import { ENOMEM } from "../../kernel/abi/errno.ts";
import { fail } from "../../kernel/errors.ts";
import { GATE_FUNCTIONS } from "../../kernel/hot/layout.ts";
import type { UserMemory } from "../../kernel/mm/address-space.ts";
import { openGate } from "./gate.ts";

const WASM_PAGE = 65536;
/** Memories with more dirty bytes than this are left to the garbage collector, and those longer than KEEP_LENGTH. */
const KEEP_DIRTY = 8 * 2 ** 20;
const KEEP_LENGTH = 64 * 2 ** 20;
const KEEP_COUNT = 64;

/** A guest's linear memory. */
export class GuestMemory implements UserMemory {
  readonly memory: WebAssembly.Memory;
  readonly maximum: number;
  readonly gate: number;
  readonly #pool: Memories;

  constructor(pool: Memories, memory: WebAssembly.Memory, maximum: number, gate: number) {
    this.#pool = pool;
    this.memory = memory;
    this.maximum = maximum;
    this.gate = gate;
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
  /** Memories in use. */
  count = 0;

  constructor(kernel: WebAssembly.Memory, table: WebAssembly.Table) {
    this.#kernel = kernel;
    this.#table = table;
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
    openGate(this.#kernel, memory, this.#table, gate);
    this.count++;
    return new GuestMemory(this, memory, maximum, gate);
  }

  release(memory: GuestMemory, used: readonly (readonly [number, number])[]): void {
    this.count--;
    let dirty = 0;
    for (const [start, end] of used) dirty += end - start;
    if (dirty <= KEEP_DIRTY && this.#idle.length < KEEP_COUNT && memory.buffer.byteLength <= KEEP_LENGTH) {
      const bytes = new Uint8Array(memory.buffer);
      for (const [start, end] of used) bytes.fill(0, start, end);
      this.#idle.push(memory);
      return;
    }
    for (let i = 0; i < GATE_FUNCTIONS; i++) this.#table.set(memory.gate + i, null);
    this.#freeGates.push(memory.gate);
  }
}
