// Makes a module able to unwind its stack into kernel memory and to wind it up again, for fork and setjmp. Each function from which
// an import that unwinds can be reached gets two versions: the one that runs (normal.ts), which costs a test after each call that
// may unwind, and one that winds it up (resume.ts). All others stay as they are.
//
// The import itself is called through a wrapper that asks kernel memory whether the stack is to unwind from here, and tells the
// instance: its global `unwinding` is what the functions test. `ring3:run` (run.ts), in which every stack is rooted, sees its
// entry return, has the kernel do what fork or setjmp want, and winds the stack up again.

import { UNWINDING } from "../../../kernel/hot/layout.ts";
import { afterLeb, readIndex, Writer } from "../binary.ts";
import { CodeWriter } from "../code.ts";
import { MAX_FUNCTION_SIZE } from "../limits.ts";
import { Op } from "../opcodes.ts";
import type { CodeScan } from "../scan.ts";
import { type FuncType, type ModuleView, typeKey, typeOfFunction, VALUE_TYPE_CODES } from "../sections.ts";
import { Site } from "../sites.ts";
import type { Signature } from "../stubs.ts";
import { ZERO } from "../thunks.ts";
import { Frames, frameLayout, loadKernel } from "./frames.ts";
import { writeNormal, writeTrap } from "./normal.ts";
import type { Reach } from "./reach.ts";
import { type ResumeHost, writeResume } from "./resume.ts";
import { runBody } from "./run.ts";
import { TooComplex } from "./structure.ts";
import { Walker } from "./walk.ts";

/** What the pass needs of the module that the rewriter makes. */
export interface UnwindModule {
  /** Index of the first function that the pass adds; it adds no others than at the end. */
  readonly firstAdded: number;
  /** Index of the global that the pass has. */
  readonly unwinding: number;
  /** Function index of the import `ring3.unwound`. */
  readonly unwound: number;
  /** The module imports functions that start a thread. */
  readonly spawnsThreads: boolean;
  type(signature: Signature): number;
  /** Function index after renumbering. */
  functionIndex(source: number): number;
  /** Copies source code with what the rewriter changes in it, but for polls. */
  copyCode(w: CodeWriter, from: number, to: number): void;
  /** Writes the poll of a loop's head, of a function's entry. */
  loopPoll(w: CodeWriter): void;
  /** Copies a loop without calls: see EmitHost. */
  copyLeafLoop(w: CodeWriter, at: number): number | undefined;
  entryPoll(w: CodeWriter, index: number): void;
  /** In front of which instruction the latter belongs; undefined where there is none. */
  entryPlace(index: number): number | undefined;
}

/** What became of the module's calls, for `ring3 inspect`. */
export interface UnwindCounts {
  /** Functions with two versions. */
  functions: number;
  /** Calls that may unwind; those of them where it ends the process, since the function cannot be left there. */
  sites: number;
  stuck: number;
}

/** A version may be so many times as long as the function, plus so many bytes: else the function is left as it is. */
const MAX_GROWTH = 16;
const FREE_GROWTH = 64 * 1024;

/** The functions of one result type that may have to be found by the number in their frame. */
interface Dispatcher {
  readonly type: FuncType["results"];
  /** Function indices in the source; a function's place is its number. */
  readonly members: number[];
  /** Its function index, once something uses it. */
  index: number;
}

export class UnwindPass implements ResumeHost {
  readonly source: Uint8Array;
  readonly frames: Frames;
  readonly unwinding: number;
  readonly counts: UnwindCounts = { functions: 0, sites: 0, stuck: 0 };
  readonly #view: ModuleView;
  readonly #scan: CodeScan;
  readonly #reach: Reach;
  readonly #module: UnwindModule;
  readonly #walker: Walker;
  /** By function index in the source: that of its version that winds up, less `firstAdded`. */
  readonly #resumes: Int32Array;
  readonly #wrappers = new Map<number, number>();
  readonly #dispatchers = new Map<string, Dispatcher>();
  readonly #ids: Int32Array;
  /** Type indices of the functions added. */
  readonly #types: number[] = [];
  /** Code of the versions that wind up, which come first, and of the rest. */
  readonly versions: CodeWriter;
  readonly #others = new Writer(4096);

  constructor(view: ModuleView, scan: CodeScan, reach: Reach, module: UnwindModule) {
    this.#view = view;
    this.#scan = scan;
    this.#reach = reach;
    this.#module = module;
    this.source = view.bytes;
    this.unwinding = module.unwinding;
    this.#walker = new Walker(view, scan, reach);
    this.versions = new CodeWriter(view.bytes.length);
    this.frames = new Frames((signature, body) => this.#add(signature, body));
    this.#resumes = new Int32Array(reach.functions.length).fill(-1);
    this.#ids = new Int32Array(reach.functions.length).fill(-1);
    for (let index = view.imports.length; index < reach.functions.length; index++) {
      if (reach.functions[index]) this.#resumes[index] = this.#types.push(this.#resumeType(index)) - 1;
    }
    for (const index of reach.dispatched.keys()) if (reach.dispatched[index]) this.#register(index);
    for (const index of reach.imports) this.#wrap(index);
  }

  /** Function index of what stands for an import that unwinds. */
  wrapperOf(index: number): number | undefined {
    return this.#wrappers.get(index);
  }

  // ------------------------------------------------------------ added functions

  #add(signature: Signature, body: Uint8Array): number {
    this.#others.u32(body.length).copy(body, 0, body.length);
    return this.#module.firstAdded + this.#types.push(this.#module.type(signature)) - 1;
  }

  /** Adds `ring3:run`, and gives its index. */
  addRun(): number {
    const { unwound, spawnsThreads } = this.#module;
    const type = (signature: Signature) => this.#module.type(signature);
    return this.#add(...runBody(this.#view, { type, unwound, spawnsThreads, unwinding: this.unwinding, calls: this }));
  }

  /** Type indices of the functions added, once all is written. */
  get added(): readonly number[] {
    return this.#types;
  }

  writeAdded(w: Writer): void {
    for (const { bytes, length } of [this.versions, this.#others]) w.copy(bytes, 0, length);
  }

  #typeOf(index: number): FuncType {
    return this.#view.types[typeOfFunction(this.#view, index)];
  }

  #resumeType(index: number): number {
    return this.#module.type([[], this.#typeOf(index).results]);
  }

  /** Adds what stands for an import that unwinds. Its frame is a number; 0 where no dispatcher knows it. */
  #wrap(index: number): void {
    const { params, results } = this.#typeOf(index);
    const id = this.#idOf(index) ?? 0;
    const w = new Writer(64).u8(0);
    for (let i = 0; i < params.length; i++) w.u8(Op.localGet).u32(i);
    w.u8(Op.call).u32(index);
    loadKernel(w, UNWINDING);
    w.u8(Op.globalSet).u32(this.unwinding).u8(Op.globalGet).u32(this.unwinding).u8(Op.if).u8(Op.emptyBlock);
    this.frames.saveId(w, id);
    this.#wrappers.set(index, this.#add([params, results], w.u8(Op.end).u8(Op.end).view()));

    const resume = new Writer(64).u8(0);
    this.frames.dropId(resume);
    for (const type of params) resume.raw(ZERO[type]);
    const added = this.#add([[], results], resume.u8(Op.call).u32(index).u8(Op.end).view());
    this.#resumes[index] = added - this.#module.firstAdded;
  }

  #register(index: number): void {
    const { results } = this.#typeOf(index);
    const key = typeKey([], results);
    const dispatcher = this.#dispatchers.get(key) ?? { type: results, members: [], index: -1 };
    this.#dispatchers.set(key, dispatcher);
    this.#ids[index] = dispatcher.members.push(index) - 1;
  }

  /** Function index of what winds up the function whose frame is the next one; undefined where no function can be that. */
  #dispatcher(results: FuncType["results"]): number | undefined {
    const dispatcher = this.#dispatchers.get(typeKey([], results));
    if (!dispatcher) return undefined;
    if (dispatcher.index < 0) {
      const { members } = dispatcher;
      const w = new Writer(16 * members.length).u8(0);
      for (let i = 0; i < members.length; i++) w.u8(Op.block).u8(Op.emptyBlock);
      this.frames.peekId(w);
      w.u8(Op.brTable).u32(members.length - 1);
      for (let i = 0; i < members.length; i++) w.u32(i);
      for (const member of members) w.u8(Op.end).u8(Op.call).u32(this.#resumeIndex(member)).u8(Op.return);
      dispatcher.index = this.#add([[], results], w.u8(Op.unreachable).u8(Op.end).view());
    }
    return dispatcher.index;
  }

  #resumeIndex(index: number): number {
    return this.#module.firstAdded + this.#resumes[index];
  }

  // ------------------------------------------------------------ ResumeHost

  copyCode(w: CodeWriter, from: number, to: number): void {
    this.#module.copyCode(w, from, to);
  }

  loopPoll(w: CodeWriter): void {
    this.#module.loopPoll(w);
  }

  copyLeafLoop(w: CodeWriter, at: number): number | undefined {
    return this.#module.copyLeafLoop(w, at);
  }

  blockType(w: Writer, results: FuncType["results"]): void {
    if (results.length === 0) w.u8(Op.emptyBlock);
    else if (results.length === 1) w.u8(VALUE_TYPE_CODES[results[0]]);
    else w.s32(this.#module.type([[], results]));
  }

  /** The number of a function in its dispatcher, if it has one. */
  #idOf(index: number): number | undefined {
    const id = this.#ids[index];
    return id < 0 ? undefined : id;
  }

  writeResumeCall(w: Writer, target: number, results: FuncType["results"]): void {
    const { functions, tails } = this.#reach;
    const direct = target >= 0 && !tails[target];
    const index = !direct ? this.#dispatcher(results) : functions[target] ? this.#resumeIndex(target) : undefined;
    if (index === undefined) w.u8(Op.unreachable);
    else w.u8(Op.call).u32(index);
  }

  callTarget(target: number): number {
    return this.#module.functionIndex(target);
  }

  // ------------------------------------------------------------ functions of the source

  /**
   * Writes a defined function's version that runs, from its locals on, and keeps the other; gives false, having written nothing,
   * where it has no calls that may unwind.
   */
  write(w: CodeWriter, index: number): boolean {
    const functionIndex = this.#view.imports.length + index;
    if (!this.#reach.functions[functionIndex]) return false;
    this.versions.openBody();
    try {
      return this.#writeVersions(w, index, functionIndex);
    } finally {
      this.versions.closeBody(this.#resumeIndex(functionIndex));
    }
  }

  #writeVersions(w: CodeWriter, index: number, functionIndex: number): boolean {
    const { bodies, entries, ends } = this.#scan;
    const [start, startVersions] = [w.length, this.versions.length];
    const limit = Math.min(MAX_FUNCTION_SIZE, FREE_GROWTH + MAX_GROWTH * (ends[index] - bodies[index]));
    try {
      const walked = this.#walker.walk(index);
      if (walked) {
        const frame = frameLayout(walked, this.#idOf(functionIndex));
        const place = this.#module.entryPlace(index);
        const poll = () => this.#module.entryPoll(w, index);
        writeNormal(w, this, walked, frame, { locals: bodies[index], entry: entries[index], place, poll });
        if (w.length - start > limit) throw new TooComplex();
        writeResume(this.versions, this, walked, frame, limit);
        this.counts.functions++;
        this.counts.sites += walked.sites.length;
        for (const { resumable } of walked.sites) if (!resumable) this.counts.stuck++;
        return true;
      }
    } catch (error) {
      if (!(error instanceof TooComplex)) throw error;
      w.truncate(start);
      this.versions.truncate(startVersions);
      this.#writeStuck(w, index);
    }
    this.versions.u8(0).u8(Op.unreachable).u8(Op.end);
    return w.length > start;
  }

  /** Writes a function as it was, but that it traps when the stack unwinds through it. */
  #writeStuck(w: CodeWriter, index: number): void {
    const { bodies, entries, ends, firstSite, sites } = this.#scan;
    const { functions, types } = this.#reach;
    w.copy(this.source, bodies[index], entries[index]);
    this.#module.entryPoll(w, index);
    let from = entries[index];
    for (let i = firstSite[index]; i < firstSite[index + 1]; i += 2) {
      const at = sites.words[i];
      const kind = sites.words[i + 1];
      if (kind === Site.loop || kind === Site.leafLoop) {
        this.copyCode(w, from, at);
        const end = this.copyLeafLoop(w, at);
        from = end ?? afterLeb(this.source, at + 1);
        if (end === undefined) {
          this.copyCode(w, at, from);
          this.loopPoll(w);
        }
      }
      if (kind !== Site.call && kind !== Site.indirect) continue;
      const opcode = this.source[at - 1];
      const target = readIndex(this.source, at);
      const unwinds = opcode === Op.call ? functions[target] : opcode === Op.callIndirect && types[target];
      if (!unwinds) continue;
      const after = afterLeb(this.source, at);
      const end = opcode === Op.call ? after : afterLeb(this.source, after);
      this.copyCode(w, from, end);
      writeTrap(w, this.unwinding);
      from = end;
      this.counts.sites++;
      this.counts.stuck++;
    }
    this.copyCode(w, from, ends[index]);
  }
}
