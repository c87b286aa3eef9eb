// Writes function bodies, and notes which of their branches are hardly ever taken, or nearly always: V8 then lays the code out for
// that, and saves no registers for the rare case. The branch hinting proposal: a custom section `metadata.code.branch_hint`.
// https://webassembly.github.io/branch-hinting/core/appendix/custom.html

import { Writer } from "./binary.ts";
import { LIKELY, UNLIKELY } from "./scanner/layout.ts";

export class CodeWriter extends Writer {
  /** Entries of the section's vector, and how many. */
  readonly #hints = new Writer();
  #functions = 0;
  /** Of the function that is being written: offsets of branches, and what is said of each. */
  #offsets: number[] = [];
  #values: number[] = [];
  #start = 0;

  /** Begins a function's body: its size follows from what is written until `closeBody`. */
  openBody(): void {
    this.#start = this.open();
    this.#offsets.length = 0;
    this.#values.length = 0;
  }

  /** `index`: that of the function; they come in order. */
  closeBody(index: number): void {
    const offsets = this.#offsets;
    if (offsets.length > 0) {
      const hints = this.#hints.u32(index).u32(offsets.length);
      for (let i = 0; i < offsets.length; i++) hints.u32(offsets[i]).u8(1).u8(this.#values[i]);
      this.#functions++;
    }
    this.close(this.#start);
  }

  /** Takes back what has been written of a body. */
  dropBody(): void {
    this.length = this.#start - 5;
  }

  /** Adds what the section says of functions whose bodies were copied whole. */
  addHints(hints: Uint8Array, functions: number): void {
    this.#hints.copy(hints, 0, hints.length);
    this.#functions += functions;
  }

  /** What comes next is an `if` or a `br_if` whose condition is hardly ever true. */
  unlikely(): this {
    return this.#hint(0, UNLIKELY);
  }

  /** What comes after so many bytes is an `if` or a `br_if` whose condition is nearly always true. */
  likely(after: number): this {
    return this.#hint(after, LIKELY);
  }

  #hint(after: number, value: number): this {
    this.#offsets.push(this.length + after - this.#start);
    this.#values.push(value);
    return this;
  }

  /** Takes back what has been written of the body beyond a length. */
  truncate(length: number): void {
    this.length = length;
    while (this.#offsets[this.#offsets.length - 1] >= length - this.#start) {
      this.#offsets.pop();
      this.#values.pop();
    }
  }

  /** Writes the section for the functions of several writers, those with the lower indices first. */
  static writeHints(w: Writer, writers: readonly CodeWriter[]): void {
    const count = writers.reduce((sum, writer) => sum + writer.#functions, 0);
    if (count === 0) return;
    w.section(0, () => {
      w.name("metadata.code.branch_hint").u32(count);
      for (const writer of writers) w.copy(writer.#hints.bytes, 0, writer.#hints.length);
    });
  }
}
