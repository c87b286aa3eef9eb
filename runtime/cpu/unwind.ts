// Where asyncify saves unwound stacks: a region in the guest's own memory, one for each address space, mapped at its first fork
// or setjmp. Its head is asyncify's pair: the current position and the end (binaryen, src/passes/Asyncify.cpp).

import { MAP_ANONYMOUS, MAP_PRIVATE, PROT_READ, PROT_WRITE } from "../../kernel/abi/mman.ts";
import type { AddressSpace } from "../../kernel/mm/address-space.ts";
import type { Task } from "../../kernel/task/task.ts";

/** Bytes of saved stack there is room for. Only what was used is copied at fork. */
const SIZE = 1024 * 1024;
const HEAD = 16;

export class UnwindBuffers {
  static readonly NAME = "[unwound]";
  readonly #addresses = new WeakMap<AddressSpace, number>();
  /** Saved stacks of vfork parents, whose memory the child uses meanwhile. */
  readonly #saved = new WeakMap<Task, Uint8Array>();

  address(mm: AddressSpace): number {
    return this.#addresses.get(mm)!;
  }

  /** End of what is saved in the region now. */
  end(mm: AddressSpace): number {
    return mm.view.getUint32(this.address(mm), true);
  }

  /** Makes the region ready to take the task's stack; gives its address. Throws ENOMEM. */
  prepare(task: Task): number {
    const { mm } = task;
    let at = this.#addresses.get(mm);
    if (at === undefined) {
      const flags = MAP_PRIVATE | MAP_ANONYMOUS;
      at = mm.mappings.map(0, SIZE, false, {
        prot: PROT_READ | PROT_WRITE,
        flags,
        file: null,
        offset: 0,
        name: UnwindBuffers.NAME,
      });
      this.#addresses.set(mm, at);
    }
    mm.setU32(at, at + HEAD);
    mm.setU32(at + 4, at + SIZE);
    return at;
  }

  /** The stack is saved: how far the region was written. */
  saved(mm: AddressSpace): void {
    const mapping = mm.mappings.at(this.address(mm))!;
    mapping.used = Math.max(mapping.used ?? 0, this.end(mm));
  }

  /** A copy of the frames that are saved in the region now. */
  frames(mm: AddressSpace): Uint8Array {
    return mm.u8.slice(this.address(mm) + HEAD, this.end(mm));
  }

  /** Puts such a copy back. */
  putFrames(mm: AddressSpace, frames: Uint8Array): void {
    const at = this.address(mm);
    mm.setU32(at, at + HEAD + frames.length);
    mm.setU32(at + 4, at + SIZE);
    mm.copyOut(at + HEAD, frames);
    this.saved(mm);
  }

  /** The forked child's memory has the region at the same place. */
  inherit(from: AddressSpace, to: AddressSpace): void {
    this.#addresses.set(to, this.address(from));
  }

  save(parent: Task): void {
    const at = this.address(parent.mm);
    this.#saved.set(parent, parent.mm.u8.slice(at, this.end(parent.mm)));
  }

  restore(parent: Task): void {
    const saved = this.#saved.get(parent);
    if (saved) parent.mm.copyOut(this.address(parent.mm), saved);
    this.#saved.delete(parent);
  }
}
