// Writes the module that the CPU instantiates: memory imported, memory.grow and atomic waits turned into kernel calls,
// polls added, data segments applied on demand, exports reduced to what the kernel calls. All that does not change is
// copied from the source as it lies there.

import { afterLeb, Reader, readIndex, Writer } from "./binary.ts";
import { CodeWriter } from "./code.ts";
import { Copier } from "./copier.ts";
import { refuse } from "./errors.ts";
import { wasiThreadStart } from "./info.ts";
import { MAX_PAGES } from "./limits.ts";
import { Op } from "./opcodes.ts";
import { type PollMode, Polls } from "./polls.ts";
import { NO_PLACE } from "./recursion.ts";
import type { CodeScan } from "./scan.ts";
import { ExternKind, type ModuleView, type Range, SectionId, typeKey, VALUE_TYPE_CODES } from "./sections.ts";
import { Site, type SiteList } from "./sites.ts";
import * as stubs from "./stubs.ts";
import { KERNEL_IMPORTS, type KernelImport, type Signature, type Stub } from "./stubs.ts";
import { writeTrap } from "./unwind/normal.ts";
import { type UnwindCounts, type UnwindModule, UnwindPass } from "./unwind/pass.ts";
import type { Reach } from "./unwind/reach.ts";

export interface RewriteOptions {
  readonly polls: PollMode;
  /** Where each defined function polls, beside its loops: recursion.ts. */
  readonly entries: Uint32Array;
  /** Global that holds the stack pointer. */
  readonly stackPointer: number | undefined;
  /** The module imports functions that start a thread. */
  readonly spawnsThreads: boolean;
  /** No data segment is dropped: see segments.ts. */
  readonly restartable: boolean;
  /** What may unwind, if anything does: the module then gets the unwinding pass. */
  readonly reach: Reach | undefined;
  /**
   * A core module of a component: it stays linked to others and is instantiated once, so it keeps its exports and segments, and
   * a memory that it imports; its start function becomes an export. One that it defines is imported from the kernel, not shared, and exported on.
   */
  readonly part?: boolean;
}

export interface Rewritten {
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** Polls written. */
  readonly polls: { readonly loops: number; readonly entries: number };
  readonly unwinding: Readonly<UnwindCounts> | undefined;
}

/** Rewrites a module whose sections and code have been read. */
export function rewrite(view: ModuleView, scan: CodeScan, options: RewriteOptions): Rewritten {
  return new Rewriter(view, scan, options).run();
}

type ExportEntry = [name: string, kind: number, index: number];

const ATOMIC_SITES = [Site.atomicNotify, Site.atomicWait32, Site.atomicWait64] as const;

class Rewriter implements stubs.StubContext, UnwindModule {
  readonly stackPointer: number | undefined;
  /** Global of the unwinding pass, if the module gets it. */
  readonly unwinding: number;
  readonly spawnsThreads: boolean;
  readonly #view: ModuleView;
  readonly #scan: CodeScan;
  readonly #options: RewriteOptions;
  readonly #out: Writer;
  readonly #code: CodeWriter;
  readonly #kernelImports: KernelImport[] = [];
  readonly #newTypes: Signature[] = [];
  readonly #typeIndices = new Map<string, number>();
  readonly #stubs: Stub[] = [];
  /** Function index of the stub that replaces an atomic instruction, by site kind. */
  readonly #atomicStubs: number[] = [];
  readonly #polls: Polls;
  readonly #counter: number;
  #stubCount = 0;
  #pass: UnwindPass | undefined;
  /** Function index of `ring3:run`. */
  #run = 0;
  #copier!: Copier;

  constructor(view: ModuleView, scan: CodeScan, options: RewriteOptions) {
    this.#view = view;
    this.#scan = scan;
    this.#options = options;
    this.stackPointer = options.stackPointer;
    this.spawnsThreads = options.spawnsThreads;
    // What usually suffices: a fourth more for the polls, and as much again and more for the unwinding pass.
    this.#code = new CodeWriter(view.bytes.length * (options.reach ? 3 : 1.25) + 1024);
    this.#out = new Writer();
    this.#counter = view.globals.length;
    this.unwinding = this.#counter + (options.polls === "count" ? 1 : 0);
    view.types.forEach((type, index) => {
      if (!this.#typeIndices.has(type.key)) this.#typeIndices.set(type.key, index);
    });
    const { counts } = scan;
    const { entries, polls } = options;
    const loops = counts[Site.loop] + counts[Site.leafLoop];
    if (polls !== "none" && (loops > 0 || entries.some((place) => place !== NO_PLACE)))
      this.#kernelImports.push("poll");
    if (counts[Site.memorySize] > 0 && !options.part) this.#kernelImports.push("memory_size");
    if (counts[Site.memoryGrow] > 0) this.#kernelImports.push("memory_grow");
    for (const kind of ATOMIC_SITES) {
      if (counts[kind] > 0 && !options.part) this.#kernelImports.push(stubs.ATOMICS[kind].name);
    }
    if (options.reach) this.#kernelImports.push("unwound");
    this.#polls = new Polls(polls, this.kernelImport("poll"), this.#counter);
    if (!options.part) this.#addStubs();
    for (const name of this.#kernelImports) this.type(KERNEL_IMPORTS[name]);
    for (const { signature } of this.#stubs) this.type(signature);
  }

  type([params, results]: Signature): number {
    const key = typeKey(params, results);
    let index = this.#typeIndices.get(key);
    if (index === undefined) {
      index = this.#view.types.length + this.#newTypes.length;
      this.#typeIndices.set(key, index);
      this.#newTypes.push([params, results]);
    }
    return index;
  }

  kernelImport(name: KernelImport): number {
    return this.#view.imports.length + this.#kernelImports.indexOf(name);
  }

  functionIndex(source: number): number {
    if (source >= this.#view.imports.length) return source + this.#kernelImports.length;
    return this.#pass?.wrapperOf(source) ?? source;
  }

  get unwound(): number {
    return this.kernelImport("unwound");
  }

  /** The stubs stand in front, `ring3:init` among them, which comes last since it may call what the pass adds. */
  get firstAdded(): number {
    return this.#firstStub + this.#stubCount;
  }

  callStart(w: Writer, source: number): void {
    if (!this.#pass) {
      w.u8(Op.call).u32(this.functionIndex(source));
      return;
    }
    // It runs outside of `ring3:run`, so nothing can unwind it. (The instance may have been another task's.)
    w.u8(Op.i32Const).u8(0).u8(Op.globalSet).u32(this.unwinding);
    w.u8(Op.call).u32(this.functionIndex(source));
    writeTrap(w, this.unwinding);
  }

  constant(w: Writer, start: number, end: number): void {
    const { references, bytes } = this.#view;
    this.#copyPatched(w, references, start, end, bytes);
  }

  get #firstStub(): number {
    return this.functionIndex(this.#view.imports.length + this.#view.functions.length);
  }

  #addStub(stub: Stub): number {
    return this.#firstStub + this.#stubs.push(stub) - 1;
  }

  #addStubs(): void {
    const view = this.#view;
    const { reach, restartable, spawnsThreads } = this.#options;
    const threadStart = wasiThreadStart(view);
    if (threadStart !== undefined) this.#addStub(stubs.wasiThreadStub(threadStart, this));
    if (view.tables[0]?.type === "funcref") {
      this.#addStub(stubs.signalStub(this));
      if (!reach) {
        this.#addStub(stubs.call1Stub(this));
        if (spawnsThreads && threadStart === undefined) this.#addStub(stubs.call2Stub(view, this));
      }
    }
    for (const kind of ATOMIC_SITES) {
      if (this.#scan.counts[kind] > 0) this.#atomicStubs[kind] = this.#addStub(stubs.atomicStub(kind, this));
    }
    this.#stubCount = this.#stubs.length + 1;
    if (reach) {
      this.#pass = new UnwindPass(view, this.#scan, reach, this);
      this.#run = this.#pass.addRun();
    }
    this.#addStub(stubs.initStub(view, this, restartable));
  }

  run(): Rewritten {
    const out = this.#out;
    const { part } = this.#options;
    // First: writing the code may add types and functions.
    this.#writeCode();
    out.reserve(this.#code.length + this.#view.bytes.length + 1024);
    out.raw([0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00]);
    out.section(SectionId.type, () => this.#types());
    out.section(SectionId.import, () => this.#imports());
    out.section(SectionId.function, () => this.#functions());
    this.#copySection(SectionId.table);
    this.#copySection(SectionId.tag);
    this.#globals();
    out.section(SectionId.export, () => this.#exports());
    this.#elements();
    if (this.#view.data.length > 0) out.section(SectionId.dataCount, () => out.u32(this.#view.data.length));
    CodeWriter.writeHints(out, this.#pass ? [this.#code, this.#pass.versions] : [this.#code]);
    out.section(SectionId.code, () => {
      out.u32(this.#view.functions.length + this.#stubs.length + this.#added.length);
      out.copy(this.#code.bytes, 0, this.#code.length);
    });
    if (part) this.#copySection(SectionId.data);
    else if (this.#view.data.length > 0) out.section(SectionId.data, () => this.#data());
    if (this.#view.names) this.#names(this.#view.names);
    return { bytes: out.view(), polls: this.#polls.counts, unwinding: this.#pass?.counts };
  }

  /** Writes a vector's new length and gives back where its elements lie in the source. */
  #vector(id: number, added: number): Range {
    const section = this.#view.sections.get(id);
    if (!section) {
      this.#out.u32(added);
      return { start: 0, end: 0 };
    }
    const r = new Reader(this.#view.bytes, section.start, section.end);
    this.#out.u32(r.u32("length") + added);
    return { start: r.pos, end: section.end };
  }

  #types(): void {
    const out = this.#out;
    const { start, end } = this.#vector(SectionId.type, this.#newTypes.length);
    out.copy(this.#view.bytes, start, end);
    for (const [params, results] of this.#newTypes) {
      out.u8(0x60).u32(params.length);
      for (const type of params) out.u8(VALUE_TYPE_CODES[type]);
      out.u32(results.length);
      for (const type of results) out.u8(VALUE_TYPE_CODES[type]);
    }
  }

  #imports(): void {
    const out = this.#out;
    const { bytes, memory } = this.#view;
    const memories = this.#options.polls === "flag" || this.#pass ? 2 : 1;
    const dropped = memory?.imported ? 1 : 0;
    const { start, end } = this.#vector(SectionId.import, memories + this.#kernelImports.length - dropped);
    if (memory?.imported) {
      out.copy(bytes, start, memory.imported.start).copy(bytes, memory.imported.end, end);
    } else {
      out.copy(bytes, start, end);
    }
    if (this.#options.part && memory?.imported) out.copy(bytes, memory.imported.start, memory.imported.end);
    else {
      // Limits flags: 1 has a maximum, 2 is shared.
      out.name("ring3").name("memory").u8(ExternKind.memory);
      out.u8(this.#options.part ? 1 : 3);
      out.u32(memory?.min ?? 0).u32((this.#options.part && memory?.max) || MAX_PAGES);
    }
    if (memories === 2) out.name("ring3").name("kernel").u8(ExternKind.memory).u8(3).u32(1).u32(MAX_PAGES);
    for (const name of this.#kernelImports) {
      out.name("ring3").name(name).u8(ExternKind.function).u32(this.type(KERNEL_IMPORTS[name]));
    }
  }

  #functions(): void {
    const { start, end } = this.#vector(SectionId.function, this.#stubs.length + this.#added.length);
    this.#out.copy(this.#view.bytes, start, end);
    for (const { signature } of this.#stubs) this.#out.u32(this.type(signature));
    for (const type of this.#added) this.#out.u32(type);
  }

  /** Type indices of the functions that the unwinding pass adds. */
  get #added(): readonly number[] {
    return this.#pass?.added ?? [];
  }

  /** Copies a section with its function indices renumbered; `added` more elements may follow. */
  #copySection(id: number): void {
    const range = this.#view.sections.get(id);
    if (range) this.#out.section(id, () => this.constant(this.#out, range.start, range.end));
  }

  #globals(): void {
    const out = this.#out;
    // The counter of polls, the flag of the unwinding pass.
    const added = (this.#options.polls === "count" ? 1 : 0) + (this.#pass ? 1 : 0);
    if (added === 0) {
      this.#copySection(SectionId.global);
      return;
    }
    out.section(SectionId.global, () => {
      const { start, end } = this.#vector(SectionId.global, added);
      this.constant(out, start, end);
      for (let i = 0; i < added; i++) out.u8(VALUE_TYPE_CODES.i32).u8(1).u8(Op.i32Const).u8(0).u8(Op.end);
    });
  }

  #exports(): void {
    const list = this.#options.part ? this.#partExports() : this.#programExports();
    this.#out.u32(list.length);
    for (const [name, kind, index] of list) this.#out.name(name).u8(kind).u32(index);
  }

  #partExports(): ExportEntry[] {
    const { exports, start } = this.#view;
    const list = [...exports].map(
      ([name, { kind, index }]): ExportEntry => [
        name,
        kind,
        kind === ExternKind.function ? this.functionIndex(index) : index,
      ],
    );
    if (start !== undefined) list.push(["ring3:start", ExternKind.function, this.functionIndex(start)]);
    return list;
  }

  #programExports(): ExportEntry[] {
    const { exports, globals } = this.#view;
    const list: ExportEntry[] = [];
    const start = exports.get("_start");
    if (this.#pass) list.push(["ring3:run", ExternKind.function, this.#run]);
    else if (start?.kind === ExternKind.function) list.push(["_start", start.kind, this.functionIndex(start.index)]);
    this.#stubs.forEach(({ name, exported }, i) => {
      if (exported) list.push([name, ExternKind.function, this.#firstStub + i]);
    });
    globals.forEach(({ mutable }, index) => {
      if (mutable) list.push([`g:${index}`, ExternKind.global, index]);
    });
    if (this.#options.polls === "count") list.push(["ring3:polls", ExternKind.global, this.#counter]);
    return list;
  }

  /**
   * The element section, and a declarative segment more where the code has ref.func: the format wants such functions
   * named outside the code, and it may have been an export, now gone, that named them.
   */
  #elements(): void {
    const out = this.#out;
    const referenced = this.#referencedInCode();
    if (referenced.length === 0) {
      this.#copySection(SectionId.element);
      return;
    }
    out.section(SectionId.element, () => {
      const { start, end } = this.#vector(SectionId.element, 1);
      this.constant(out, start, end);
      out.u8(3).u8(0).u32(referenced.length);
      for (const index of referenced) out.u32(index);
    });
  }

  #referencedInCode(): number[] {
    const { words } = this.#scan.sites;
    const found = new Set<number>();
    for (const i of this.#scan.sitesOf(Site.reference)) {
      found.add(this.functionIndex(readIndex(this.#view.bytes, words[i])));
    }
    return [...found];
  }

  #writeCode(): void {
    const w = this.#code;
    const { imports, functions } = this.#view;
    const { reach } = this.#options;
    this.#copier = this.#newCopier();
    for (let i = 0; i < functions.length; ) {
      let last = i;
      while (last < functions.length && !reach?.functions[imports.length + last]) last++;
      this.#copier.bodies(w, i, last);
      for (i = last; i < functions.length && reach?.functions[imports.length + i]; i++) this.#writeVersions(i);
    }
    for (const { body } of this.#stubs) w.u32(body.length).raw(body);
    this.#pass?.writeAdded(w);
  }

  /** Writes a function that can be reached from one that unwinds. */
  #writeVersions(index: number): void {
    const w = this.#code;
    w.openBody();
    if (this.#pass!.write(w, index)) w.closeBody(this.functionIndex(this.#view.imports.length + index));
    else {
      w.dropBody();
      this.#copier.bodies(w, index, index + 1);
    }
  }

  #newCopier(): Copier {
    const { entries, restartable, part } = this.#options;
    const replaced = new Map<number, number>();
    replaced.set(Site.memoryGrow, this.kernelImport("memory_grow"));
    if (!part) {
      replaced.set(Site.memorySize, this.kernelImport("memory_size"));
      for (const kind of ATOMIC_SITES) replaced.set(kind, this.#atomicStubs[kind]);
    }
    return new Copier(this.#scan, this.#polls, {
      imports: this.#view.imports.map((_, index) => this.functionIndex(index)),
      added: this.#kernelImports.length,
      replaced,
      restartable,
      places: entries,
    });
  }

  entryPlace(index: number): number | undefined {
    const place = this.#options.entries[index];
    return place === NO_PLACE ? undefined : place;
  }

  entryPoll(w: CodeWriter, index: number): void {
    if (this.entryPlace(index) !== undefined) this.#polls.entry(w);
  }

  loopPoll(w: CodeWriter): void {
    this.#polls.loop(w);
  }

  copyLeafLoop(w: CodeWriter, at: number): number | undefined {
    return this.#copier.leafLoop(w, at);
  }

  copyCode(w: CodeWriter, from: number, to: number): void {
    this.#copier.code(w, from, to);
  }

  /** Copies `source[start, end)`, which may hold references in `sites`, with the references renumbered. */
  #copyPatched(w: Writer, sites: SiteList, start: number, end: number, source: Uint8Array): void {
    const { words, length } = sites;
    let from = start;
    for (let i = firstAtOrAfter(sites, start); i < length && words[i] < end; i += 2) {
      w.copy(source, from, words[i]).u32(this.functionIndex(readIndex(source, words[i])));
      from = afterLeb(source, words[i]);
    }
    w.copy(source, from, end);
  }

  /** All segments passive: `ring3:init` applies those that were active. */
  #data(): void {
    const out = this.#out;
    const { data, bytes } = this.#view;
    out.u32(data.length);
    for (const segment of data) {
      const { start, end } = segment.bytes;
      out
        .u8(1)
        .u32(end - start)
        .copy(bytes, start, end);
    }
  }

  /** The name section with function names only. A bad one is left out: custom sections cannot make a module invalid. */
  #names(range: Range): void {
    const out = this.#out;
    const before = out.length;
    try {
      const names = functionNames(this.#view.bytes, range);
      out.section(SectionId.custom, () => {
        out.name("name").u8(1);
        const start = out.open();
        this.#nameMap(names);
        out.close(start);
      });
    } catch {
      out.length = before;
    }
  }

  #nameMap({ start, end }: Range): void {
    const out = this.#out;
    const { bytes, imports, functions } = this.#view;
    const r = new Reader(bytes, start, end);
    const count = r.u32("number of names");
    out.u32(count + this.#stubs.length);
    const total = imports.length + functions.length;
    for (let i = 0; i < count; i++) {
      const index = r.u32("index of a name");
      if (index >= total) refuse("malformed", `a name for function ${index}`, r.pos);
      const at = r.pos;
      r.skip(r.u32("name"), "name");
      out.u32(this.functionIndex(index)).copy(bytes, at, r.pos);
    }
    const firstStub = this.functionIndex(total);
    this.#stubs.forEach(({ name }, i) => {
      out.u32(firstStub + i).name(name);
    });
  }
}

/** Where the map of function names (subsection 1) lies in a name section. */
function functionNames(bytes: Uint8Array, range: Range): Range {
  const r = new Reader(bytes, range.start, range.end);
  while (r.pos < r.end) {
    const id = r.byte("name subsection");
    const size = r.u32("size of a name subsection");
    const start = r.skip(size, "name subsection");
    if (id === 1) return { start, end: start + size };
  }
  return refuse("malformed", "no function names", range.start);
}

/** Index in `words` of the first site at or after a position. */
function firstAtOrAfter({ words, length }: SiteList, position: number): number {
  let low = 0;
  let high = length >> 1;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (words[middle * 2] < position) low = middle + 1;
    else high = middle;
  }
  return low * 2;
}
