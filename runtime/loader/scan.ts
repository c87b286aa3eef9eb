// Walks all function bodies once: checks that they are well-formed as far as the rewriter depends on it (types are V8's affair), and
// notes the sites that matter. The walk itself is Wasm (scanner/scanner.as.ts); here is what goes in, and the words for what is wrong.

import { Reader } from "./binary.ts";
import { type LoadErrorKind, refuse } from "./errors.ts";
import * as limits from "./limits.ts";
import { type OpcodeSpace, plainOpcodes, prefixedOpcodes } from "./opcodes.ts";
import { SCANNER } from "./scanner/code.ts";
import * as layout from "./scanner/layout.ts";
import { type ModuleView, SectionId } from "./sections.ts";
import type { SiteList } from "./sites.ts";

/** What the walk over the code section found. */
export interface CodeScan {
  /** Where each body begins, after its size. */
  readonly bodies: Uint32Array;
  /** Where each body's locals end and its instructions begin. */
  readonly entries: Uint32Array;
  readonly ends: Uint32Array;
  readonly sites: SiteList;
  /** Per function the index of its first word in `sites.words`; one more than there are functions. */
  readonly firstSite: Uint32Array;
  /** Bits of `Feature`. */
  readonly features: number;
  /** How often each kind of `Site` occurs, by kind. */
  readonly counts: Uint32Array;
  /** The sites of some kinds: the index of the first word of each. */
  sitesOf(...kinds: readonly number[]): number[];
  /** The deepest nesting of blocks. */
  readonly depth: number;
  /** The instance of the scanner, which has all this in its memory: to copy the code with (copier.ts). It does not grow any more. */
  readonly scanner: ScannerExports;
}

/** What scanner/index.as.ts exports. */
export interface ScannerExports {
  readonly memory: WebAssembly.Memory;
  scan(...args: number[]): void;
  next(from: number, kinds: number): number;
  copyBodies(first: number, last: number): number;
  copyPlain(from: number, to: number): number;
  copyLoop(at: number): number;
}

/** Scans the code section. Throws `LoadError`. */
export function scanCode(view: ModuleView): CodeScan {
  const section = view.sections.get(SectionId.code) ?? { start: 0, end: 0 };
  const declared = view.functions.length;
  const r = new Reader(view.bytes, section.start, section.end);
  const count = section.end > 0 ? r.count("function bodies", limits.MAX_FUNCTIONS) : declared;
  if (count !== declared) {
    refuse("malformed", `${declared} functions are declared, but ${count} have a body`, section.start);
  }
  return new Scanner(view.bytes, r.pos, section.end, count).run(view.imports.length + count, view.types.length);
}

const PAGE = 65536;
/** Bytes that the copier has room for at least: see layout.COPY_ROOM. */
const COPY_ROOM = 1 << 20;
let compiled: WebAssembly.Module | undefined;

/** An instance of the scanner, used once: what it found stays in its memory. */
class Scanner {
  readonly #exports: ScannerExports;
  readonly #count: number;
  /** What to add to an address for its offset in the file. */
  readonly #offset: number;
  readonly #end: number;

  constructor(bytes: Uint8Array, start: number, end: number, count: number) {
    compiled ??= new WebAssembly.Module(Uint8Array.fromBase64(SCANNER));
    this.#exports = new WebAssembly.Instance(compiled).exports as unknown as ScannerExports;
    this.#count = count;
    this.#offset = start - layout.CODE;
    this.#end = layout.CODE + end - start;
    const { memory } = this.#exports;
    this.#reserve(this.#sites);
    new Uint8Array(memory.buffer, layout.CODE).set(bytes.subarray(start, end));
    [plainOpcodes, ...prefixedOpcodes].forEach((space, i) => {
      this.#put(layout.SPACES + i * layout.SPACE_SIZE, space);
    });
  }

  /** Has the memory reach up to an address. */
  #reserve(end: number): void {
    const { memory } = this.#exports;
    try {
      memory.grow(Math.max(0, Math.ceil((end - memory.buffer.byteLength) / PAGE)));
    } catch {
      complain(layout.ERROR_ROOM, 0);
    }
  }

  #put(at: number, { shape, features }: OpcodeSpace): void {
    const { buffer } = this.#exports.memory;
    new Uint8Array(buffer, at).set(shape);
    new Uint16Array(buffer, at + layout.SPACE_FEATURES).set(features);
    new Uint32Array(buffer, at + layout.SPACE_COUNT)[0] = shape.length;
  }

  /** Address of the n-th array of a word for each function. */
  #array(n: number): number {
    return ((this.#end + layout.ZEROS + 3) & ~3) + 4 * n * this.#count;
  }

  /** Address of the sites: the last of those arrays has one word more. */
  get #sites(): number {
    return this.#array(4) + 4;
  }

  #words(at: number, count: number): Uint32Array {
    return new Uint32Array(this.#exports.memory.buffer, at, count);
  }

  run(functions: number, types: number): CodeScan {
    const count = this.#count;
    const [bodies, entries, ends, firsts] = [0, 1, 2, 3].map((n) => this.#array(n));
    const sites = this.#sites;
    const into = [bodies, entries, ends, firsts, sites];
    try {
      this.#exports.scan(this.#offset, layout.CODE, this.#end, count, functions, types, ...into);
    } catch (error) {
      const [kind, at, a, b, c] = this.#words(layout.ERROR, 5);
      if (kind > 0) complain(kind, at, a, b, c);
      throw error;
    }
    const [features, depth, sitesEnd, largest] = this.#words(layout.FEATURES, 4);
    const length = (sitesEnd - sites) >> 2;
    const places = sitesEnd;
    const imports = places + 4 * count;
    const out = imports + 4 * (functions - count);
    const room = Math.max(COPY_ROOM, layout.GROWTH * largest + layout.GROWTH_FREE);
    this.#reserve(out + 3 * room);
    this.#words(layout.COPY_SITES, 6).set([sites, bodies, entries, ends, places, imports]);
    this.#words(layout.COPY_OUT, 3).set([out, out + room, room]);
    return {
      bodies: this.#words(bodies, count),
      entries: this.#words(entries, count),
      ends: this.#words(ends, count),
      firstSite: this.#words(firsts, count + 1),
      sites: { words: this.#words(sites, length), length },
      features,
      depth,
      counts: this.#words(layout.COUNTS, layout.SITE_KINDS),
      sitesOf: (...kinds) => {
        const found: number[] = [];
        const wanted = kinds.reduce((bits, kind) => bits | (1 << kind), 0);
        for (let at = sites; (at = this.#exports.next(at, wanted)) < sitesEnd; at += 8) found.push((at - sites) >> 2);
        return found;
      },
      scanner: this.#exports,
    };
  }
}

/** What was being read: layout.WHAT_*. */
const WHAT: readonly string[] = [
  "a function body",
  "size of a function",
  "function",
  "groups of locals",
  "number of locals",
  "type of locals",
  "function",
  "type",
  "branch targets",
  "types of a select",
  "catch clauses",
  "catch clause",
  "tag of a catch clause",
  "label of a catch clause",
];
const VECTORS = [layout.WHAT_LOCAL_GROUPS, layout.WHAT_TARGETS, layout.WHAT_TYPES, layout.WHAT_CLAUSES];
const INDICES = [layout.WHAT_FUNCTION_INDEX, layout.WHAT_TYPE_INDEX];

/** The integer or the part of a file that something is. */
function part(what: number): string {
  if (VECTORS.includes(what)) return `number of ${WHAT[what]}`;
  return INDICES.includes(what) ? `${WHAT[what]} index` : WHAT[what];
}

const opcode = (prefix: number, op: number) => `${prefix ? `0x${prefix.toString(16)} ` : ""}0x${op.toString(16)}`;

type Complaint = readonly [kind: LoadErrorKind, text: string | ((a: number, b: number, c: number) => string)];

const COMPLAINTS: Readonly<Record<number, Complaint>> = {
  [layout.ERROR_CUT]: ["malformed", (what) => `${part(what)} is cut short`],
  [layout.ERROR_LONG]: ["malformed", (what) => `${part(what)}: an integer of more than 32 bits`],
  [layout.ERROR_COUNT]: ["malformed", (what, count, left) => `${count} ${WHAT[what]}, but only ${left} bytes left`],
  [layout.ERROR_LIMIT]: ["too-big", (what, count, limit) => `${count} ${WHAT[what]}, over the limit of ${limit}`],
  [layout.ERROR_INDEX]: ["malformed", (what, index, count) => `${WHAT[what]} ${index}, but there are ${count}`],
  [layout.ERROR_FUNCTION_SIZE]: [
    "too-big",
    (size) => `a function of ${size} bytes, over the limit of ${limits.MAX_FUNCTION_SIZE}`,
  ],
  [layout.ERROR_LOCALS]: ["too-big", (total) => `${total} locals, over the limit of ${limits.MAX_LOCALS}`],
  [layout.ERROR_EARLY_END]: ["malformed", (index, by) => `function ${index} ends ${by} bytes before its stated size`],
  [layout.ERROR_CODE_LEFT]: ["malformed", (left) => `the code section has ${left} bytes too many`],
  [layout.ERROR_OPCODE]: ["malformed", (prefix, op) => `unknown opcode ${opcode(prefix, op)}`],
  [layout.ERROR_GC_OPCODE]: [
    "unsupported",
    (prefix, op) => `opcode ${opcode(prefix, op)} of the GC or function references proposal`,
  ],
  [layout.ERROR_ELSE]: ["malformed", "an else outside an if"],
  [layout.ERROR_CATCH]: ["malformed", "a catch outside a try"],
  [layout.ERROR_CATCH_ALL]: ["malformed", "a catch_all outside a try"],
  [layout.ERROR_DELEGATE]: ["malformed", "a delegate outside a try"],
  [layout.ERROR_CATCH_CLAUSE]: ["malformed", (kind) => `unknown kind of catch clause ${kind}`],
  [layout.ERROR_MEMORY]: ["unsupported", "more than one memory"],
  [layout.ERROR_GC_BLOCK]: ["unsupported", "a block of a reference type of the GC proposal"],
  [layout.ERROR_GC_LOCAL]: ["unsupported", "a local of a reference type of the GC proposal"],
  [layout.ERROR_GC_NULL]: ["unsupported", "ref.null of a type of the GC proposal"],
  [layout.ERROR_ROOM]: ["too-big", "there is no memory to prepare it in"],
  [layout.ERROR_GC_TYPE]: ["unsupported", "a reference type of the GC proposal"],
};

function complain(error: number, at: number, a = 0, b = 0, c = 0): never {
  const [kind, text] = COMPLAINTS[error];
  return refuse(kind, typeof text === "string" ? text : text(a, b, c), at);
}
