// Guest memories with their gates. Small ones that were given back are kept, with their instances: touching fresh pages costs
// more than clearing used ones (measured.md: 5.2 ms against 0.3 ms for 2 MB). They are cleared when they are taken again,
// and then only where a forked child's bytes do not go. A guest can write wherever its memory reaches, mapped or not: all of it is
// looked through, and what is not zero is zeroed.

import { ENOMEM } from "../../kernel/abi/errno.ts";
import { fail } from "../../kernel/errors.ts";
import { GATE_FUNCTIONS } from "../../kernel/hot/layout.ts";
import type { UserMemory } from "../../kernel/mm/address-space.ts";
import { type Copier, type Gate, openCopier, openGate } from "./gate.ts";
import type { LoadedImage } from "./images.ts";
import type { GuestInstance, Instances } from "./instances.ts";

/** Bytes from start to end, exclusive. */
export type Range = readonly [start: number, end: number];

const WASM_PAGE = 65536;
/** Memories with more dirty bytes than this are left to the garbage collector, and those longer than KEEP_LENGTH. */
const KEEP_DIRTY = 32 * 2 ** 20;
const KEEP_LENGTH = 64 * 2 ** 20;
/** Bytes that a memory may be longer than an image asks for that it was never used for: looking through it takes 16 us a MiB each time. */
const SPARE = 8 * 2 ** 20;
/** Most memories that are kept, and dirty bytes in all of them together. */
const KEEP_COUNT = 64;
const KEEP_TOTAL = 64 * 2 ** 20;

/** A guest's linear memory. */
export class GuestMemory implements UserMemory {
  readonly memory: WebAssembly.Memory;
  readonly maximum: number;
  readonly gate: number;
  /** Instances on it that no task uses. */
  readonly idle: GuestInstance[] = [];
  /** How long it was for its former users, and how much of it they may have touched, in bytes. */
  former = 0;
  dirty = 0;
  /** Left to the garbage collector. */
  gone = false;
  readonly #pool: Memories;
  readonly #gate: Gate;
  readonly #copiers = new WeakMap<GuestMemory, Copier>();

  constructor(pool: Memories, memory: WebAssembly.Memory, maximum: number, slot: number, gate: Gate) {
    this.#pool = pool;
    this.memory = memory;
    this.maximum = maximum;
    this.gate = slot;
    this.#gate = gate;
  }

  zero(start: number, end: number): void {
    this.#gate.fill(start, 0, end - start);
  }

  /** Makes all of it zero after its former users but for `except`: sorted, disjoint, of whole pages. */
  wipe(except: readonly Range[] = []): void {
    let at = 0;
    for (const [start, end] of except) {
      if (start >= this.former) break;
      this.#gate.sweep(at, start);
      at = end;
    }
    this.#gate.sweep(at, this.former);
    this.former = this.dirty = 0;
  }

  /** Copies ranges to the same places in another memory. */
  copyTo(to: GuestMemory, ranges: readonly Range[]): void {
    let copy = this.#copiers.get(to);
    if (!copy) {
      copy = openCopier(this.memory, to.memory);
      this.#copiers.set(to, copy);
    }
    for (const [start, end] of ranges) copy(start, end - start);
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

  release(dirty: number): void {
    this.#pool.release(this, dirty);
  }
}

export class Memories {
  readonly instances: Instances;
  readonly #kernel: WebAssembly.Memory;
  readonly #table: WebAssembly.Table;
  readonly #idle: GuestMemory[] = [];
  readonly #freeGates: number[] = [];
  #idleDirty = 0;
  /** Memories in use. */
  count = 0;

  constructor(kernel: WebAssembly.Memory, table: WebAssembly.Table, instances: Instances) {
    this.#kernel = kernel;
    this.#table = table;
    this.instances = instances;
  }

  /**
   * A memory of at least `bytes`, if possible one with an idle instance of `image`. The caller wipes it. Throws ENOMEM.
   */
  take(bytes: number, maximum: number, image: LoadedImage | undefined): GuestMemory {
    const index = this.#find(bytes, maximum, image);
    if (index >= 0) {
      const [memory] = this.#idle.splice(index, 1);
      this.#idleDirty -= memory.dirty;
      if (memory.grow(bytes)) {
        this.count++;
        return memory;
      }
      this.#drop(memory);
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

  /**
   * Which idle memory to use: one with an instance of `image` rather than another, one that need not grow rather than another (V8 then
   * visits every memory and instance that there is), the shortest of several.
   */
  #find(bytes: number, maximum: number, image: LoadedImage | undefined): number {
    let best = -1;
    let bestScore = -1;
    for (let i = this.#idle.length - 1; i >= 0; i--) {
      const { maximum: most, former, idle } = this.#idle[i];
      if (most !== maximum) continue;
      const known = idle.some((instance) => instance.image === image);
      if (!known && former > bytes + SPARE) continue;
      const score = (known ? 2 : 0) + (former >= bytes ? 1 : 0);
      if (score > bestScore || (score === bestScore && former < this.#idle[best].former)) {
        best = i;
        bestScore = score;
      }
    }
    return best;
  }

  release(memory: GuestMemory, dirty: number): void {
    this.count--;
    memory.dirty = dirty;
    memory.former = memory.buffer.byteLength;
    if (
      dirty <= KEEP_DIRTY &&
      this.#idleDirty + dirty <= KEEP_TOTAL &&
      this.#idle.length < KEEP_COUNT &&
      memory.buffer.byteLength <= KEEP_LENGTH
    ) {
      this.#idle.push(memory);
      this.#idleDirty += dirty;
    } else this.#drop(memory);
  }

  #drop(memory: GuestMemory): void {
    memory.gone = true;
    for (const instance of memory.idle.splice(0)) this.instances.drop(instance);
    for (let i = 0; i < GATE_FUNCTIONS; i++) this.#table.set(memory.gate + i, null);
    this.#freeGates.push(memory.gate);
  }
}
