// What the loader finds out about a program: its ABI, its imports, whether it can fork, where its stack pointer is.

import { Reader } from "./binary.ts";
import { Feature } from "./opcodes.ts";
import type { PollMode } from "./polls.ts";
import { ExternKind, type ModuleView, type Range, typeKey, typeOfFunction, type ValueType } from "./sections.ts";
import type { UnwindCounts } from "./unwind/pass.ts";

export interface ImportInfo {
  readonly module: string;
  readonly name: string;
  readonly params: readonly ValueType[];
  readonly results: readonly ValueType[];
}

/** A mutable global, exported by the rewritten module as `g:<index>`. */
export interface GlobalInfo {
  readonly index: number;
  readonly type: ValueType;
  readonly name?: string;
  /** Its export. */
  readonly export: string;
}

/** What is known about a program. Plain data: it is kept in the cache as JSON. */
export interface ImageInfo {
  /** Which system interface the imports speak; `none`: no imports, `unknown`: imports of none that ring3 knows. */
  readonly abi: "wali" | "wasi" | "component" | "none" | "unknown";
  /** Function imports, in the order of the file. */
  readonly imports: readonly ImportInfo[];
  /** The module exports `_start`. */
  readonly start: boolean;
  readonly canFork: boolean;
  /** Why it can or cannot. */
  readonly forkReason: string;
  /** Its stack can be unwound and wound up: exports `ring3:run` in the place of `_start`. How much of it is concerned. */
  readonly unwinding?: Readonly<UnwindCounts>;
  /** Imports WALI's setjmp, sigsetjmp or longjmp. */
  readonly usesSetjmp: boolean;
  /** Imports functions that start threads. */
  readonly threads: boolean;
  /** WASI's threads have somewhere to begin: it exports wasi_thread_start. */
  readonly threadStart?: true;
  /** As the file declares it, in pages of 64 KiB; `min` is 0 where there is none. `exported`: as "memory". */
  readonly memory: { readonly min: number; readonly max?: number; readonly shared: boolean; readonly exported?: true };
  readonly globals: readonly GlobalInfo[];
  /** Export (`g:N`) of the stack pointer. */
  readonly stackPointer?: string;
  /**
   * Where the main stack begins that grows down to address 0, in a module whose data all lie above it (wasm-ld --stack-first):
   * what lies below the stack pointer then means nothing to the program.
   */
  readonly stackTop?: number;
  /** Export (`g:N`) of the base of thread-local storage. */
  readonly tlsBase?: string;
  /** The module has a table of functions, so signals and threads can reach them: `ring3:signal` and so on exist. */
  readonly table: boolean;
  /** `ring3:init` can be called again on cleared memory: it drops no data segments. */
  readonly restartable: boolean;
  /** No instruction changes a table at run time. */
  readonly staticTable: boolean;
  /** Functions defined, without imports. */
  readonly functions: number;
  /** Names of `Feature` that the source uses. */
  readonly features: readonly string[];
  /** SHA-256 of the source, in hex, where it was looked up in a cache: not for a small program, nor without a cache. */
  readonly hash?: string;
  readonly polls: { readonly mode: PollMode; readonly loops: number; readonly entries: number };
  /** What else the rewriter changed: instructions replaced, active data segments, whether there was a start function. */
  readonly replaced: {
    readonly memoryGrow: number;
    readonly atomicWaits: number;
    readonly atomicNotifies: number;
    readonly dataSegments: number;
    readonly start: boolean;
  };
  /** Bytes: the file, its code section, the file after rewriting. */
  readonly size: { readonly source: number; readonly code: number; readonly prepared: number };
  /** Milliseconds a step took when the image was prepared. */
  readonly timings: Readonly<Record<string, number>>;
}

const SETJMP_IMPORTS = ["setjmp", "sigsetjmp", "longjmp"];

export function spawnsThreads(view: ModuleView): boolean {
  const spawns = [
    ["wali", "__wasm_thread_spawn"],
    ["ring3", "clone"],
    ["wasi", "thread-spawn"],
  ];
  return view.imports.some((item) => spawns.some(([module, name]) => item.module === module && item.name === name));
}

/** The function that WASI's threads begin in (wasi-threads: wasi_thread_start), in a module that starts some. */
export function wasiThreadStart(view: ModuleView): number | undefined {
  const entry = view.exports.get("wasi_thread_start");
  if (entry?.kind !== ExternKind.function || !view.imports.some(({ module }) => module === "wasi")) return undefined;
  const { key } = view.types[typeOfFunction(view, entry.index)];
  return key === typeKey(["i32", "i32"], []) ? entry.index : undefined;
}

export function usesSetjmp(view: ModuleView): boolean {
  return view.imports.some(({ module, name }) => module === "wali" && SETJMP_IMPORTS.includes(name));
}

export function abiOf(view: ModuleView): ImageInfo["abi"] {
  const modules = new Set(view.imports.map(({ module }) => module));
  if (modules.has("wali") || modules.has("ring3")) return "wali";
  for (const module of modules) if (module.startsWith("wasi")) return "wasi";
  return modules.size === 0 ? "none" : "unknown";
}

export function importInfos(view: ModuleView): ImportInfo[] {
  return view.imports.map(({ module, name, type }) => {
    const { params, results } = view.types[type];
    return { module, name, params, results };
  });
}

/** The names of `Feature` in a set of bits. */
export function featureNames(bits: number): string[] {
  return Object.entries(Feature).flatMap(([name, bit]) => (bits & bit ? [name] : []));
}

/**
 * Names of globals: the exports, then the name section (subsection 7 of the extended name section). What is unreadable
 * has no name.
 */
export function globalNames(view: ModuleView): Map<number, string> {
  const names = new Map<number, string>();
  try {
    if (view.names) readNameMap(view, view.names, 7, names);
  } catch {
    names.clear();
  }
  for (const [name, { kind, index }] of view.exports) if (kind === ExternKind.global) names.set(index, name);
  return names;
}

function readNameMap(view: ModuleView, range: Range, subsection: number, names: Map<number, string>): void {
  const r = new Reader(view.bytes, range.start, range.end);
  while (r.pos < r.end) {
    const id = r.byte("name subsection");
    const size = r.u32("size of a name subsection");
    const start = r.skip(size, "name subsection");
    if (id !== subsection) continue;
    const map = new Reader(view.bytes, start, start + size);
    const count = map.count("names", view.globals.length);
    for (let i = 0; i < count; i++) names.set(map.u32("index of a name"), map.name("name"));
    return;
  }
}

/** The globals with a fixed meaning for the kernel. */
export interface SpecialGlobals {
  readonly stackPointer: number | undefined;
  readonly tlsBase: number | undefined;
}

/**
 * Finds the stack pointer and the base of thread-local storage, by name, else by wasm-ld's habit: the stack pointer is
 * the first global, and in programs with shared memory __tls_base, __tls_size and __tls_align follow, the latter two
 * constant (LLVM, lld/wasm/Driver.cpp, createSyntheticSymbols).
 */
export function specialGlobals(view: ModuleView, names: ReadonlyMap<number, string>): SpecialGlobals {
  const { globals } = view;
  const isPointer = (index: number) => globals[index]?.mutable && globals[index].type === "i32";
  const named = (wanted: string) => {
    for (const [index, name] of names) if (name === wanted && isPointer(index)) return index;
    return undefined;
  };
  const habit = (index: number) => isPointer(index) && !names.has(index);
  const first = habit(0) && globals[0].value !== undefined && globals[0].value !== 0 ? 0 : undefined;
  const constant = (index: number) => globals[index]?.type === "i32" && !globals[index].mutable;
  const second = habit(1) && first === 0 && globals[1].value === 0 && constant(2) && constant(3) ? 1 : undefined;
  return { stackPointer: named("__stack_pointer") ?? first, tlsBase: named("__tls_base") ?? second };
}

/** See `ImageInfo.stackTop`. */
export function stackTop(view: ModuleView, stackPointer: number | undefined, lowest = 0): number | undefined {
  const top = stackPointer === undefined ? undefined : view.globals[stackPointer].value;
  return top !== undefined && top > 0 && lowest >= top ? top : undefined;
}

export function globalInfos(view: ModuleView, names: ReadonlyMap<number, string>): GlobalInfo[] {
  return view.globals.flatMap(({ type, mutable }, index) => {
    if (!mutable) return [];
    const name = names.get(index);
    return [{ index, type, export: `g:${index}`, ...(name === undefined ? {} : { name }) }];
  });
}

/** Whether a forked child can be made, and why (not). */
export function forkVerdict(view: ModuleView): Pick<ImageInfo, "canFork" | "forkReason"> {
  const forks = view.imports.some(({ module, name }) => module === "wali" && /^SYS_v?fork$/.test(name));
  const reference = view.globals.findIndex(({ mutable, type }) => mutable && !/^[if]\d\d$/.test(type));
  const reason = !forks
    ? "it imports neither SYS_fork nor SYS_vfork"
    : reference >= 0
      ? `global ${reference} is a mutable ${view.globals[reference].type}, which cannot be copied to a child`
      : undefined;
  return { canFork: reason === undefined, forkReason: reason ?? "its stack can be saved and restored" };
}
