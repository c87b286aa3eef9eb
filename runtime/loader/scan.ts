// Walks all function bodies once: checks that they are well-formed as far as the rewriter depends on it (types are V8's
// affair), and notes the sites that matter.

import { Reader } from "./binary.ts";
import { refuse } from "./errors.ts";
import * as limits from "./limits.ts";
import { Feature, plainOpcodes, prefixedOpcodes, Shape } from "./opcodes.ts";
import { type ModuleView, SectionId } from "./sections.ts";
import { Site, Sites } from "./sites.ts";

/** What the walk over the code section found. */
export interface CodeScan {
  /** Where each body begins, after its size: one more than there are functions. */
  readonly bodies: Uint32Array;
  /** Where each body's locals end and its instructions begin. */
  readonly entries: Uint32Array;
  readonly ends: Uint32Array;
  readonly sites: Sites;
  /** Per function the index of its first word in `sites.words`; one more than there are functions. */
  readonly firstSite: Uint32Array;
  /** Bits of `Feature`. */
  readonly features: number;
  /** How often each kind of `Site` occurs, by kind. */
  readonly counts: Uint32Array;
  /** The deepest nesting of blocks. */
  readonly depth: number;
}

/** Scans the code section. Throws `LoadError`. */
export function scanCode(view: ModuleView): CodeScan {
  const section = view.sections.get(SectionId.code);
  const declared = view.functions.length;
  const scanner = new Scanner(view);
  if (!section) return scanner.result();
  const r = new Reader(view.bytes, section.start, section.end);
  const count = r.count("function bodies", limits.MAX_FUNCTIONS);
  if (count !== declared) {
    refuse("malformed", `${declared} functions are declared, but ${count} have a body`, section.start);
  }
  for (let i = 0; i < count; i++) {
    const at = r.pos;
    const size = r.u32("size of a function");
    if (size > limits.MAX_FUNCTION_SIZE) {
      refuse("too-big", `a function of ${size} bytes, over the limit of ${limits.MAX_FUNCTION_SIZE}`, at);
    }
    const start = r.skip(size, "function");
    scanner.function(i, start, start + size);
  }
  if (r.pos !== section.end) refuse("malformed", `the code section has ${section.end - r.pos} bytes too many`, r.pos);
  return scanner.result();
}

// What each open block is; decides what may follow inside it.
const FUNCTION = 0;
const BLOCK = 1;
const IF = 2;
const TRY = 3;
const CATCH = 4;

// As constants of this module, the shapes that are frequent cost the interpreter least: nearly all of the first program's
// scan runs in it.
const { leb2: LEB2, memarg: MEMARG, end: END, call: CALL, block: BLOCK_START, loop: LOOP, if: IF_START } = Shape;
const { prefix: PREFIX, unknown: UNKNOWN } = Shape;

const NO_LEAF = -1;

class Scanner {
  readonly #bytes: Uint8Array;
  readonly #functionCount: number;
  readonly #typeCount: number;
  readonly #bodies: Uint32Array;
  readonly #entries: Uint32Array;
  readonly #ends: Uint32Array;
  readonly #firstSite: Uint32Array;
  readonly #sites = new Sites();
  readonly #counts = new Uint32Array(Object.keys(Site).length);
  #nesting = new Uint8Array(256);
  /** Index in the sites of the loop that may be a leaf: the innermost open one, if nothing has spoken against it. */
  #leaf = NO_LEAF;
  /** The depth inside it. */
  #leafDepth = 0;
  #depth = 0;
  #features = 0;

  constructor(view: ModuleView) {
    const count = view.functions.length;
    this.#bytes = view.bytes;
    this.#functionCount = view.imports.length + count;
    this.#typeCount = view.types.length;
    this.#bodies = new Uint32Array(count);
    this.#entries = new Uint32Array(count);
    this.#ends = new Uint32Array(count);
    this.#firstSite = new Uint32Array(count + 1);
  }

  result(): CodeScan {
    return {
      bodies: this.#bodies,
      entries: this.#entries,
      ends: this.#ends,
      sites: this.#sites,
      firstSite: this.#firstSite,
      features: this.#features,
      counts: this.#counts,
      depth: this.#depth,
    };
  }

  function(index: number, start: number, end: number): void {
    this.#bodies[index] = start;
    this.#ends[index] = end;
    const entry = this.#bytes[start] === 0 ? start + 1 : this.#locals(start, end);
    this.#entries[index] = entry;
    const finish = this.#instructions(entry, end);
    if (finish !== end)
      refuse("malformed", `function ${index} ends ${end - finish} bytes before its stated size`, finish);
    this.#firstSite[index + 1] = this.#sites.length;
  }

  #locals(start: number, end: number): number {
    const r = new Reader(this.#bytes, start, end);
    const groups = r.count("groups of locals", limits.MAX_LOCALS);
    let total = 0;
    for (let i = 0; i < groups; i++) {
      const at = r.pos;
      total += r.u32("number of locals");
      if (total > limits.MAX_LOCALS) refuse("too-big", `${total} locals, over the limit of ${limits.MAX_LOCALS}`, at);
      const type = r.byte("type of locals");
      if (type === 0x63 || type === 0x64) refuse("unsupported", "a local of a reference type of the GC proposal", at);
    }
    return r.pos;
  }

  #site(position: number, kind: number): void {
    this.#sites.add(position, kind);
    this.#counts[kind]++;
    this.#leaf = NO_LEAF;
  }

  #loop(at: number, type: number, depth: number): void {
    this.#site(at, Site.loop);
    // One with parameters has the index of a type here.
    if (type < 0x40 || type >= 0x80) return;
    this.#leaf = this.#sites.length - 2;
    this.#leafDepth = depth;
  }

  #leafEnds(): void {
    this.#sites.words[this.#leaf + 1] = Site.leafLoop;
    this.#counts[Site.loop]--;
    this.#counts[Site.leafLoop]++;
    this.#leaf = NO_LEAF;
  }

  /**
   * Walks the instructions from `entry` to the end of the body, and returns where the last `end` stands.
   * Every read beyond `end` is noticed at the top of the loop, before anything is done with what was read.
   */
  #instructions(entry: number, end: number): number {
    const bytes = this.#bytes;
    const { shape, features } = plainOpcodes;
    const functionCount = this.#functionCount;
    let nesting = this.#nesting;
    let used = 0;
    let depth = 0;
    let p = entry;
    this.#leaf = NO_LEAF;
    nesting[0] = FUNCTION;
    while (p < end) {
      const at = p;
      const op = bytes[p++];
      let kind = shape[op];
      used |= features[op];
      // The frequent shapes first; the rest is in #rare.
      if (kind <= LEB2) {
        for (; kind > 0; kind--) while (bytes[p++] >= 0x80);
      } else if (kind === MEMARG && bytes[p] < 0x40) {
        p++;
        while (bytes[p++] >= 0x80);
      } else if (kind === END) {
        if (depth === 0) {
          this.#features |= used;
          return p;
        }
        if (depth-- === this.#leafDepth && this.#leaf >= 0) this.#leafEnds();
      } else if (kind === CALL) {
        this.#site(p, Site.call);
        if (bytes[p] < 0x80 && bytes[p] < functionCount) p++;
        else p = this.#index(p, end, functionCount, "function");
      } else if (kind === BLOCK_START || kind === LOOP || kind === IF_START) {
        const type = bytes[p];
        p = this.#blockType(p);
        if (++depth === nesting.length) nesting = this.#grow();
        nesting[depth] = kind === IF_START ? IF : BLOCK;
        if (kind === LOOP) this.#loop(at, type, depth);
        if (depth > this.#depth) this.#depth = depth;
      } else if (kind === Shape.try || kind === Shape.tryTable) {
        p = this.#blockType(p);
        if (kind === Shape.tryTable) p = this.#handlers(p, end);
        this.#leaf = NO_LEAF;
        if (++depth === nesting.length) nesting = this.#grow();
        nesting[depth] = kind === Shape.try ? TRY : BLOCK;
        if (depth > this.#depth) this.#depth = depth;
      } else if (kind === Shape.delegate) {
        while (bytes[p++] >= 0x80);
        if (nesting[depth] !== TRY) refuse("malformed", "a delegate outside a try", at);
        depth--;
      } else {
        p = this.#rare(kind, op, at, p, end, depth);
      }
    }
    return refuse("malformed", "a function body is cut short", end);
  }

  /** The instructions that are not frequent and neither open nor close a block. Returns where the instruction ends. */
  #rare(shape: number, op: number, at: number, after: number, end: number, depth: number): number {
    const bytes = this.#bytes;
    const nesting = this.#nesting;
    let p = after;
    switch (shape) {
      case Shape.none:
        return p;
      case Shape.leb:
        while (bytes[p++] >= 0x80);
        return p;
      case Shape.leb2:
        while (bytes[p++] >= 0x80);
        while (bytes[p++] >= 0x80);
        return p;
      case Shape.memarg:
        return this.#memarg(p);
      case Shape.memargLane:
        return this.#memarg(p) + 1;
      case Shape.byte:
      case Shape.fence:
        return p + 1;
      case Shape.bytes4:
        return p + 4;
      case Shape.bytes8:
        return p + 8;
      case Shape.bytes16:
        return p + 16;
      case Shape.else:
        if (nesting[depth] !== IF) refuse("malformed", "an else outside an if", at);
        nesting[depth] = BLOCK;
        return p;
      case Shape.catch:
        while (bytes[p++] >= 0x80);
        if (nesting[depth] !== TRY && nesting[depth] !== CATCH) refuse("malformed", "a catch outside a try", at);
        nesting[depth] = CATCH;
        return p;
      case Shape.catchAll:
        if (nesting[depth] !== TRY && nesting[depth] !== CATCH) refuse("malformed", "a catch_all outside a try", at);
        nesting[depth] = BLOCK;
        return p;
      case Shape.brTable:
        return this.#labels(p, end);
      case Shape.callIndirect:
        this.#site(p, Site.indirect);
        p = this.#index(p, end, this.#typeCount, "type");
        while (bytes[p++] >= 0x80);
        return p;
      case Shape.refFunc:
        this.#site(p, Site.reference);
        return this.#index(p, end, this.#functionCount, "function");
      case Shape.refNull:
        if (bytes[p] !== 0x70 && bytes[p] !== 0x6f && bytes[p] !== 0x69) {
          refuse("unsupported", "ref.null of a type of the GC proposal", at);
        }
        return p + 1;
      case Shape.types:
        return this.#types(p, end);
      case Shape.memory:
        return this.#memoryZero(p);
      case Shape.memorySize:
        this.#site(at, Site.memorySize);
        return this.#memoryZero(p);
      case Shape.memoryGrow:
        this.#site(at, Site.memoryGrow);
        return this.#memoryZero(p);
      case Shape.dataDrop:
        this.#site(at, Site.dataDrop);
        while (bytes[p++] >= 0x80);
        return p;
      case Shape.memoryInit:
        this.#site(at, Site.memoryInit);
        while (bytes[p++] >= 0x80);
        return this.#memoryZero(p);
      case Shape.memoryCopy:
        return this.#memoryZero(this.#memoryZero(p));
      case Shape.atomicNotify:
      case Shape.atomicWait32:
      case Shape.atomicWait64:
        this.#site(at, shape - Shape.atomicNotify + Site.atomicNotify);
        return this.#memarg(p);
      case PREFIX:
        return this.#prefixed(op, at, p, end, depth);
      case Shape.gc:
        return refuse("unsupported", `opcode 0x${op.toString(16)} of the GC or function references proposal`, at);
      default:
        return refuse("malformed", `unknown opcode 0x${op.toString(16)}`, at);
    }
  }

  #prefixed(prefix: number, at: number, after: number, end: number, depth: number): number {
    const bytes = this.#bytes;
    const { shape, features } = prefixedOpcodes[prefix - 0xfc];
    let p = after;
    let op = 0;
    for (let shift = 0; shift < 35; shift += 7) {
      op |= (bytes[p] & 0x7f) << shift;
      if (bytes[p++] < 0x80) break;
    }
    const kind = op >= 0 && op < shape.length ? shape[op] : UNKNOWN;
    if (kind === UNKNOWN) {
      refuse("malformed", `unknown opcode 0x${prefix.toString(16)} 0x${(op >>> 0).toString(16)}`, at);
    }
    this.#features |= features[op];
    return this.#rare(kind, op, at, p, end, depth);
  }

  #grow(): Uint8Array<ArrayBuffer> {
    const nesting = new Uint8Array(this.#nesting.length * 2);
    nesting.set(this.#nesting);
    this.#nesting = nesting;
    return nesting;
  }

  /** Alignment and offset; bit 6 of the alignment announces a memory index (multi-memory), which has to be 0. */
  #memarg(at: number): number {
    const bytes = this.#bytes;
    let p = at;
    const flags = bytes[p];
    while (bytes[p++] >= 0x80);
    if (flags & 0x40) p = this.#memoryZero(p);
    while (bytes[p++] >= 0x80);
    return p;
  }

  #memoryZero(at: number): number {
    let p = at;
    let index = this.#bytes[p] & 0x7f;
    while (this.#bytes[p++] >= 0x80) index |= this.#bytes[p] & 0x7f;
    if (index !== 0) refuse("unsupported", "more than one memory", at);
    return p;
  }

  /** Empty, a value type, or a type index as a signed 33-bit LEB128. */
  #blockType(at: number): number {
    const bytes = this.#bytes;
    const first = bytes[at];
    if (first === 0x40) return at + 1;
    if (first === 0x63 || first === 0x64) refuse("unsupported", "a block of a reference type of the GC proposal", at);
    if (first < 0x40 || first >= 0x80) this.#features |= Feature.multiValue;
    let p = at;
    while (bytes[p++] >= 0x80);
    return p;
  }

  #index(at: number, end: number, count: number, what: string): number {
    const first = this.#bytes[at];
    if (first < 0x80 && first < count) return at + 1;
    const r = new Reader(this.#bytes, at, end);
    const index = r.u32(`${what} index`);
    if (index >= count) refuse("malformed", `${what} ${index}, but there are ${count}`, at);
    return r.pos;
  }

  #labels(at: number, end: number): number {
    const bytes = this.#bytes;
    const r = new Reader(bytes, at, end);
    const count = r.count("branch targets", limits.MAX_FUNCTION_SIZE);
    let p = r.pos;
    for (let i = 0; i <= count && p < end; i++) while (bytes[p++] >= 0x80);
    return p;
  }

  #types(at: number, end: number): number {
    const r = new Reader(this.#bytes, at, end);
    const count = r.count("types of a select", limits.MAX_RESULTS);
    const first = r.pos;
    for (let i = 0; i < count; i++) {
      if (this.#bytes[first + i] === 0x63 || this.#bytes[first + i] === 0x64) {
        refuse("unsupported", "a reference type of the GC proposal", first + i);
      }
    }
    return first + count;
  }

  /** The catch clauses of try_table: kind, tag (kinds 0 and 1), label. */
  #handlers(at: number, end: number): number {
    const r = new Reader(this.#bytes, at, end);
    const count = r.count("catch clauses", limits.MAX_FUNCTION_SIZE);
    for (let i = 0; i < count; i++) {
      const kindAt = r.pos;
      const kind = r.byte("catch clause");
      if (kind > 3) refuse("malformed", `unknown kind of catch clause ${kind}`, kindAt);
      if (kind < 2) r.u32("tag of a catch clause");
      r.u32("label of a catch clause");
    }
    return r.pos;
  }
}
