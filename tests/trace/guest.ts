/** A made-up guest memory, and shorthands to print calls on it. */
import { putU64 } from "../../kernel/abi/layout.ts";
import { syscallByName } from "../../kernel/abi/syscalls.ts";
import { formatEnter, formatLeave, formatResult } from "../../kernel/trace/format.ts";
import type { GuestMemory } from "../../kernel/trace/memory.ts";
import { lengthBefore } from "../../kernel/trace/sockets.ts";

interface StructWriter<V> {
  readonly size: number;
  write(view: DataView, at: number, value: V): void;
}

export class Guest implements GuestMemory {
  readonly u8 = new Uint8Array(new SharedArrayBuffer(65536));
  readonly view = new DataView(this.u8.buffer);
  #top = 0x1000;

  /** Room for `size` bytes, at a multiple of 16. */
  room(size: number): number {
    const at = this.#top;
    this.#top = (at + size + 15) & ~15;
    return at;
  }

  /** The bytes, as latin-1 text or numbers; returns their address. */
  bytes(data: string | readonly number[]): number {
    const bytes = typeof data === "string" ? [...data].map((letter) => letter.charCodeAt(0)) : data;
    const at = this.room(bytes.length);
    this.u8.set(bytes, at);
    return at;
  }

  text(data: string): number {
    return this.bytes(`${data}\0`);
  }

  words(...words: number[]): number {
    const at = this.room(words.length * 4);
    for (const [i, word] of words.entries()) this.view.setInt32(at + i * 4, word, true);
    return at;
  }

  longs(...longs: number[]): number {
    const at = this.room(longs.length * 8);
    for (const [i, long] of longs.entries()) putU64(this.view, at + i * 8, long);
    return at;
  }

  struct<V>(layout: StructWriter<V>, value: NoInfer<V>): number {
    const at = this.room(layout.size);
    layout.write(this.view, at, value);
    return at;
  }

  /** The call as one line: what is printed when it is made, "|" where it waits, and the rest. `during` stands for the kernel's work. */
  call(name: string, args: readonly number[], result: number, during?: () => void): string {
    const entry = syscallByName(name)!;
    const given = { entry, args, memory: this, limit: 32 };
    const call = { ...given, before: lengthBefore(given) };
    const enter = formatEnter(call);
    during?.();
    const after = { ...call, result };
    return `${enter}|${formatLeave(after)} = ${formatResult(after)}`;
  }
}

/** An address as the formatter prints it. */
export function at(address: number): string {
  return `0x${address.toString(16)}`;
}
