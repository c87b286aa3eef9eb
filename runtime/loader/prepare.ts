// From the bytes of a file to a compiled module that the CPU can instantiate, and what there is to know about it.

import { cacheKey, decodeEntry, encodeEntry, type ImageCache } from "./cache.ts";
import { callGraph } from "./callgraph.ts";
import { LoadError, refuse } from "./errors.ts";
import type { ImageInfo } from "./info.ts";
import * as info from "./info.ts";
import { Feature } from "./opcodes.ts";
import type { PollMode } from "./polls.ts";
import { entryPolls } from "./recursion.ts";
import { type RewriteOptions, type Rewritten, rewrite } from "./rewrite.ts";
import { type CodeScan, scanCode } from "./scan.ts";
import { checkPreamble, ExternKind, type ModuleView, readSections, SectionId } from "./sections.ts";
import { segmentUse } from "./segments.ts";
import { Site } from "./sites.ts";
import { unwindingImports, unwindingReach } from "./unwind/reach.ts";

export interface PrepareOptions {
  /** Name of the file, for messages. */
  readonly file?: string;
  /** Default: `flag`. */
  readonly polls?: PollMode;
  /** Where images that were prepared before are kept. */
  readonly cache?: ImageCache;
  /** Images that came prepared, looked at before the cache and never written. */
  readonly prepared?: Pick<ImageCache, "get">;
}

/** A program that is ready to be instantiated. */
export interface Prepared {
  /** The rewritten module. */
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly module: WebAssembly.Module;
  readonly info: ImageInfo;
  /** Came from `cache` or `prepared`: `info.timings` then has what this took beside what preparing took once. */
  readonly cached: boolean;
}

/** Prepares a program. Throws `LoadError` where the file cannot be one. */
export async function prepare(bytes: Uint8Array, options: PrepareOptions = {}): Promise<Prepared> {
  try {
    checkPreamble(bytes);
    // A copy: the file may lie in shared memory, and other programs may write to it while we wait.
    return await load(new Uint8Array(bytes), options);
  } catch (error) {
    if (error instanceof LoadError && options.file !== undefined) throw error.withFile(options.file);
    throw error;
  }
}

/** Measures steps, in milliseconds. */
class Stopwatch {
  readonly timings: Record<string, number> = {};
  #last = performance.now();

  lap(step: string): void {
    const now = performance.now();
    this.timings[step] = now - this.#last;
    this.#last = now;
  }
}

/**
 * A program of fewer bytes is prepared in less time than it takes to find it in a cache: the digest alone costs a process that needs its
 * first one 8 ms in Node.
 */
export const CACHED_FROM = 64 * 1024;

async function load(bytes: Uint8Array<ArrayBuffer>, options: PrepareOptions): Promise<Prepared> {
  const { polls = "flag", cache, prepared } = options;
  const watch = new Stopwatch();
  const small = bytes.length < CACHED_FROM && unwindingImports(readSections(bytes)).length === 0;
  if (small || !(cache || prepared)) return transform(bytes, undefined, polls, watch);
  const hash = await sha256(bytes);
  watch.lap("hash");
  const known = await lookUp(hash, options, watch);
  if (known) return known;
  const image = await transform(bytes, hash, polls, watch);
  if (cache) await cache.put(cacheKey(hash, polls), encodeEntry(image.info, image.bytes));
  return image;
}

/** The program whose SHA-256 (in hex) this is, if it has been prepared before: without its bytes. */
export function findPrepared(hash: string, options: PrepareOptions): Promise<Prepared | undefined> {
  return lookUp(hash, options, new Stopwatch());
}

async function lookUp(hash: string, options: PrepareOptions, watch: Stopwatch): Promise<Prepared | undefined> {
  const { polls = "flag", cache, prepared } = options;
  for (const store of [prepared, cache]) {
    const entry = await store?.get(cacheKey(hash, polls));
    const known = entry && decodeEntry(entry);
    if (!known) continue;
    watch.lap("cache");
    const module = await WebAssembly.compile(known.module).catch(() => undefined);
    if (!module) continue; // another V8 wrote it: prepare it anew
    watch.lap("compile");
    const info = { ...known.info, timings: { ...known.info.timings, ...watch.timings } };
    return { bytes: known.module, module, info, cached: true };
  }
  return undefined;
}

/** SHA-256 in hex. */
export async function sha256(bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  return new Uint8Array(await crypto.subtle.digest("SHA-256", bytes)).toHex();
}

/** Prepares without a cache. */
async function transform(
  bytes: Uint8Array<ArrayBuffer>,
  hash: string | undefined,
  polls: PollMode,
  watch: Stopwatch,
): Promise<Prepared> {
  const source = readSections(bytes);
  const scan = scanCode(source);
  const features = source.features | scan.features;
  watch.lap("read");

  const names = info.globalNames(source);
  const { stackPointer, tlsBase } = info.specialGlobals(source, names);
  const graph = callGraph(source, scan);
  const entries = polls === "none" ? new Uint32Array(source.functions.length) : entryPolls(source, scan, graph);
  const reach = unwindingReach(source, scan, graph);
  watch.lap("call graph");
  const segments = segmentUse(source, scan);
  const spawnsThreads = info.spawnsThreads(source);
  const options = { polls, entries, stackPointer, spawnsThreads, restartable: segments.restartable, reach };
  const rewritten = await rewriteValid(source, scan, options);
  watch.lap("rewrite");
  const module = await compile(rewritten.bytes, bytes);
  watch.lap("compile");

  const exported = source.exports.get("memory")?.kind === ExternKind.memory;
  const code = source.sections.get(SectionId.code);
  const { min = 0, max, shared = false } = source.memory ?? {};
  const globalExport = (index: number | undefined) => (index === undefined ? undefined : `g:${index}`);
  return {
    bytes: rewritten.bytes,
    module,
    cached: false,
    info: {
      abi: info.abiOf(source),
      imports: info.importInfos(source),
      start: source.exports.get("_start")?.kind === ExternKind.function,
      ...info.forkVerdict(source),
      ...(rewritten.unwinding ? { unwinding: rewritten.unwinding } : {}),
      usesSetjmp: info.usesSetjmp(source),
      threads: spawnsThreads,
      ...(info.wasiThreadStart(source) === undefined ? {} : { threadStart: true }),
      memory: { min, max, shared, ...(exported ? { exported } : {}) },
      globals: info.globalInfos(source, names),
      stackPointer: globalExport(stackPointer),
      tlsBase: globalExport(tlsBase),
      stackTop: info.stackTop(source, stackPointer, segments.lowest),
      restartable: segments.restartable,
      table: source.tables[0]?.type === "funcref",
      staticTable: (features & Feature.dynamicTable) === 0,
      functions: source.functions.length,
      features: info.featureNames(features),
      hash,
      polls: { mode: polls, ...rewritten.polls },
      replaced: {
        memoryGrow: scan.counts[Site.memoryGrow],
        atomicWaits: scan.counts[Site.atomicWait32] + scan.counts[Site.atomicWait64],
        atomicNotifies: scan.counts[Site.atomicNotify],
        dataSegments: source.data.filter(({ offset }) => offset).length,
        start: source.start !== undefined,
      },
      size: { source: bytes.length, code: code ? code.end - code.start : 0, prepared: rewritten.bytes.length },
      timings: watch.timings,
    },
  };
}

/** Rewrites. The unwinding pass takes code to be valid: should it stumble over some that is not, V8 says what is wrong with it. */
async function rewriteValid(source: ModuleView, scan: CodeScan, options: RewriteOptions): Promise<Rewritten> {
  try {
    return rewrite(source, scan, options);
  } catch (error) {
    await compileSource(source.bytes);
    throw error;
  }
}

/**
 * Compiles the result. Where V8 refuses it, the fault is nearly always one of the source that the loader did not look
 * for, such as a type error: then V8 is asked about the source, so that its message has the source's offsets.
 */
async function compile(bytes: Uint8Array<ArrayBuffer>, source: Uint8Array<ArrayBuffer>): Promise<WebAssembly.Module> {
  try {
    return await WebAssembly.compile(bytes);
  } catch (error) {
    await compileSource(source);
    return refuse("unsupported", `V8 refuses the rewritten module: ${(error as Error).message}`, -1);
  }
}

/** Has V8 check a file as it is. */
async function compileSource(source: Uint8Array): Promise<void> {
  try {
    await WebAssembly.compile(source as Uint8Array<ArrayBuffer>);
  } catch (error) {
    const { message } = error as Error;
    const [, reason = message, at = "-1"] = /^WebAssembly\.compile\(\): (.*?)(?: @\+(\d+))?$/s.exec(message) ?? [];
    refuse("malformed", reason, Number(at));
  }
}
