// The places of a module that the rewriter changes, or that the call graph needs: found in one pass, patched in another,
// which copies what lies between.

/** What is at a site. The position is that of ... */
export const Site = {
  /** ... the function index of a call */
  call: 0,
  /** ... a function index that is a reference, not a call */
  reference: 1,
  /** ... the type index of an indirect call */
  indirect: 2,
  /** ... the opcode, for these */
  loop: 3,
  memoryGrow: 4,
  atomicNotify: 5,
  atomicWait32: 6,
  atomicWait64: 7,
  memoryInit: 8,
  dataDrop: 9,
  memorySize: 10,
  /** a loop with no other site inside, and no try: it makes no call, nor will it when the module has been rewritten */
  leafLoop: 11,
} as const;

/** A growing list of (position, kind), in the order of the file. */
export class Sites {
  /** Position and kind alternate. */
  words = new Uint32Array(64);
  /** Words in use: twice the number of sites. */
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
