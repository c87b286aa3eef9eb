// The places of a module that the rewriter changes, or that the call graph needs: found in one pass, patched in another,
// which copies what lies between.

import * as scanner from "./scanner/layout.ts";

/** What is at a site. The position is that of ... */
export const Site = {
  /** ... the function index of a call */
  call: scanner.SITE_CALL,
  /** ... a function index that is a reference, not a call */
  reference: scanner.SITE_REFERENCE,
  /** ... the type index of an indirect call */
  indirect: scanner.SITE_INDIRECT,
  /** ... the opcode, for these */
  loop: scanner.SITE_LOOP,
  memoryGrow: scanner.SITE_MEMORY_GROW,
  atomicNotify: scanner.SITE_ATOMIC_NOTIFY,
  atomicWait32: scanner.SITE_ATOMIC_WAIT32,
  atomicWait64: scanner.SITE_ATOMIC_WAIT64,
  memoryInit: scanner.SITE_MEMORY_INIT,
  dataDrop: scanner.SITE_DATA_DROP,
  memorySize: scanner.SITE_MEMORY_SIZE,
  /** a loop with no other site inside, and no try: it makes no call, nor will it when the module has been rewritten */
  leafLoop: scanner.SITE_LEAF_LOOP,
} as const;

/** A list of (position, kind), in the order of the file. */
export interface SiteList {
  /** Position and kind alternate. */
  readonly words: Uint32Array;
  /** Words in use: twice the number of sites. */
  readonly length: number;
}

/** One that grows. */
export class Sites implements SiteList {
  words = new Uint32Array(64);
  length = 0;

  add(position: number, kind: number): void {
    if (this.length === this.words.length) {
      const words = new Uint32Array(this.words.length * 2);
      words.set(this.words);
      this.words = words;
    }
    this.words[this.length++] = position;
    this.words[this.length++] = kind;
  }
}
