// From the bytes of a file to a compiled module that the CPU can instantiate, and what there is to know about it.

import { ASYNCIFY_EXPORTS, asyncify } from "./asyncify.ts";
import { recursionEntries } from "./callgraph.ts";
import { LoadError, refuse } from "./errors.ts";
import type { ImageInfo } from "./info.ts";
import * as info from "./info.ts";
import { Feature } from "./opcodes.ts";
import type { PollMode } from "./polls.ts";
import { rewrite } from "./rewrite.ts";
import { type CodeScan, scanCode } from "./scan.ts";
import { type ModuleView, readSections, SectionId } from "./sections.ts";

export interface PrepareOptions {
  /** Name of the file, for messages. */
  readonly file?: string;
  /** Default: `flag`. */
  readonly polls?: PollMode;
}

/** A program that is ready to be instantiated. */
export interface Prepared {
  /** The rewritten module. */
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly module: WebAssembly.Module;
  readonly info: ImageInfo;
}

/** Prepares a program. Throws `LoadError` where the file cannot be one. */
export async function prepare(bytes: Uint8Array, options: PrepareOptions = {}): Promise<Prepared> {
  try {
    return await transform(bytes, options);
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

async function transform(bytes: Uint8Array, options: PrepareOptions): Promise<Prepared> {
  const { polls = "flag" } = options;
  const watch = new Stopwatch();
  const source = readSections(bytes);
  const sourceScan = scanCode(source);
  watch.lap("read");
  const hash = await sha256(bytes);
  watch.lap("hash");

  let view: ModuleView = source;
  let scan: CodeScan = sourceScan;
  const unwinding = info.unwindingImports(source);
  const asyncified = unwinding.length > 0 && info.unwindObstacle(source, sourceScan) === undefined;
  if (asyncified) {
    view = readSections(await asyncify(bytes, unwinding, source.features | sourceScan.features));
    scan = scanCode(view);
    watch.lap("asyncify");
  }

  const names = info.globalNames(view);
  const { stackPointer, tlsBase } = info.specialGlobals(view, names);
  const entries = recursionEntries(view, scan);
  watch.lap("call graph");
  const spawnsThreads = info.spawnsThreads(source);
  const keep = asyncified ? ["_start", ...ASYNCIFY_EXPORTS] : ["_start"];
  const rewritten = rewrite(view, scan, { polls, entries, stackPointer, spawnsThreads, keep });
  watch.lap("rewrite");
  const module = await compile(rewritten.bytes, bytes);
  watch.lap("compile");

  const features = source.features | sourceScan.features;
  const code = source.sections.get(SectionId.code);
  const { min = 0, max, shared = false } = source.memory ?? {};
  const globalExport = (index: number | undefined) => (index === undefined ? undefined : `g:${index}`);
  return {
    bytes: rewritten.bytes,
    module,
    info: {
      abi: info.abiOf(source),
      imports: info.importInfos(source),
      start: source.exports.has("_start"),
      ...info.forkVerdict(source, sourceScan),
      asyncified,
      usesSetjmp: info.usesSetjmp(source),
      threads: spawnsThreads,
      memory: { min, max, shared },
      globals: info.globalInfos(view, names),
      stackPointer: globalExport(stackPointer),
      tlsBase: globalExport(tlsBase),
      table: view.tables[0]?.type === "funcref",
      staticTable: (features & Feature.dynamicTable) === 0,
      functions: source.functions.length,
      features: info.featureNames(features),
      hash,
      polls: { mode: polls, ...rewritten.polls },
      size: { source: bytes.length, code: code ? code.end - code.start : 0, prepared: rewritten.bytes.length },
      timings: watch.timings,
    },
  };
}

async function sha256(bytes: Uint8Array): Promise<string> {
  const plain = bytes.buffer instanceof ArrayBuffer ? (bytes as Uint8Array<ArrayBuffer>) : new Uint8Array(bytes);
  return new Uint8Array(await crypto.subtle.digest("SHA-256", plain)).toHex();
}

/**
 * Compiles the result. Where V8 refuses it, the fault is nearly always one of the source that the loader did not look
 * for, such as a type error: then V8 is asked about the source, so that its message has the source's offsets.
 */
async function compile(bytes: Uint8Array<ArrayBuffer>, source: Uint8Array): Promise<WebAssembly.Module> {
  try {
    return await WebAssembly.compile(bytes);
  } catch (error) {
    try {
      await WebAssembly.compile(new Uint8Array(source));
    } catch (sourceError) {
      const { message } = sourceError as Error;
      const [, reason = message, at = "-1"] = /^WebAssembly\.compile\(\): (.*?)(?: @\+(\d+))?$/s.exec(message) ?? [];
      refuse("malformed", reason, Number(at));
    }
    return refuse("unsupported", `V8 refuses the rewritten module: ${(error as Error).message}`, -1);
  }
}
