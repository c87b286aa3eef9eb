// Copies code with what the rewriter changes in it: in Wasm (scanner/copier.as.ts), where the scanner has left code and sites.

import type { CodeWriter } from "./code.ts";
import type { Polls } from "./polls.ts";
import type { CodeScan } from "./scan.ts";
import * as layout from "./scanner/layout.ts";

/** What changes. */
export interface Changes {
  /** New function indices of the source's imports; what the others' move by. */
  readonly imports: readonly number[];
  readonly added: number;
  /** By kind of site: the function that is called instead. */
  readonly replaced: ReadonlyMap<number, number>;
  /** Nothing drops data segments. */
  readonly restartable: boolean;
  /** Where each defined function polls: recursion.ts. */
  readonly places: Uint32Array;
}

export class Copier {
  readonly #scan: CodeScan;
  readonly #polls: Polls;
  readonly #words: Uint32Array;
  readonly #memory: Uint8Array;

  constructor(scan: CodeScan, polls: Polls, { imports, added, replaced, restartable, places }: Changes) {
    this.#scan = scan;
    this.#polls = polls;
    const { buffer } = scan.scanner.memory;
    this.#memory = new Uint8Array(buffer);
    this.#words = new Uint32Array(buffer, 0, layout.SPACES >> 2);
    const words = this.#words;
    const set = (at: number, value: number) => {
      words[at >> 2] = value;
    };
    set(layout.COPY_IMPORTED, imports.length);
    set(layout.COPY_ADDED, added);
    set(layout.COPY_FIRST_INDEX, imports.length + added);
    set(layout.COPY_POLLS, Number(polls.wanted));
    set(layout.COPY_RESTARTABLE, Number(restartable));
    for (let kind = 0; kind < layout.SITE_KINDS; kind++) {
      set(layout.COPY_REPLACED + 4 * kind, replaced.get(kind) ?? layout.NOT_REPLACED);
    }
    new Uint32Array(buffer, this.#word(layout.COPY_PLACES)).set(places);
    new Uint32Array(buffer, this.#word(layout.COPY_IMPORTS)).set(imports);
    [polls.due, polls.enter].forEach((code, i) => {
      const at = layout.COPY_CODE + i * layout.COPY_CODE_SIZE;
      this.#memory.set(code, at);
      set(layout.COPY_DUE + 8 * i, at);
      set(layout.COPY_DUE_LENGTH + 8 * i, code.length);
    });
  }

  #word(at: number): number {
    return this.#words[at >> 2];
  }

  /** Copies bodies with their polls, from the `first` on up to the `last` but one. */
  bodies(w: CodeWriter, first: number, last: number): void {
    const out = this.#word(layout.COPY_OUT);
    const hints = this.#word(layout.COPY_HINTS);
    for (let next = first; next < last; ) {
      next = this.#scan.scanner.copyBodies(next, last);
      w.copy(this.#memory, out, this.#word(layout.COPY_NEXT));
      w.addHints(this.#memory.subarray(hints, this.#word(layout.COPY_HINTS_END)), this.#word(layout.COPY_HINTED));
    }
    this.#polls.counts.loops += this.#take(layout.COPY_LOOP_POLLS);
    this.#polls.counts.entries += this.#take(layout.COPY_ENTRY_POLLS);
  }

  #take(counter: number): number {
    const count = this.#word(counter);
    this.#words[counter >> 2] = 0;
    return count;
  }

  /** Copies the code between two offsets in the file, without polls. */
  code(w: CodeWriter, from: number, to: number): void {
    if (from === to) return;
    const length = this.#scan.scanner.copyPlain(from, to);
    const out = this.#word(layout.COPY_OUT);
    w.copy(this.#memory, out, out + length);
  }

  /** Copies the loop at an offset, with its poll, if it makes no calls, and gives where it ends. */
  leafLoop(w: CodeWriter, at: number): number | undefined {
    if (!this.#polls.wanted) return undefined;
    const length = this.#scan.scanner.copyLoop(at);
    if (length === 0) return undefined;
    const out = this.#word(layout.COPY_OUT);
    w.likely(this.#word(layout.COPY_HINT)).copy(this.#memory, out, out + length);
    this.#polls.counts.loops += this.#take(layout.COPY_LOOP_POLLS);
    return this.#word(layout.COPY_NEXT);
  }
}
