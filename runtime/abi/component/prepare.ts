/** From the bytes of a component to an image: transpiled once, its core modules prepared, and the result kept beside other images. */
import { decodeEntry, encodeEntry, LOADER_VERSION } from "../../loader/cache.ts";
import { LoadError } from "../../loader/errors.ts";
import { type PartMemory, type PrepareOptions, preparePart } from "../../loader/index.ts";
import type { ImageInfo } from "../../loader/info.ts";
import { sha256 } from "../../loader/prepare.ts";
import { compileGlue, type Glue } from "./glue.ts";
import { transpile } from "./transpile.ts";

/** Part of each cache entry's name: to be raised with every change that makes what is kept differ, a new jco's among them. */
const COMPONENT_VERSION = 5;

/** A core module of a component, compiled. */
export interface Core {
  readonly module: WebAssembly.Module;
  readonly memory: PartMemory | null;
}

export interface Component {
  readonly glue: Glue;
  readonly cores: ReadonlyMap<string, Core>;
  /** Names of exported interfaces, with versions, and functions. */
  readonly exports: readonly string[];
  /** TypeScript declarations by file name. */
  readonly types: Readonly<Record<string, string>>;
  /** It imports or exports functions of WASI 0.3, which are asynchronous. */
  readonly async: boolean;
  readonly hash: string;
}

/** What an entry's JSON says; the glue and the core modules follow it in this order. */
interface Stored {
  readonly glue: number;
  readonly cores: readonly { readonly name: string; readonly bytes: number; readonly memory: PartMemory | null }[];
  readonly exports: readonly string[];
  readonly async: boolean;
  readonly types: Readonly<Record<string, string>>;
}

/** Prepares a component. Rejects with a LoadError. */
export async function prepareComponent(source: Uint8Array, options: PrepareOptions): Promise<Component> {
  const { polls = "flag", cache, file } = options;
  // A copy: the file may lie in shared memory, and other programs may write to it while we wait.
  const bytes = new Uint8Array(source);
  const hash = await sha256(bytes);
  const key = `${hash}-c${COMPONENT_VERSION}.${LOADER_VERSION}-${polls}`;
  const entry = await cache?.get(key);
  const known = entry && decodeEntry<Stored>(entry);
  if (known) {
    const component = await compile(hash, known.info, known.module).catch(() => undefined);
    if (component) return component;
  }
  try {
    const { glue, cores, exports, types, async } = await transpile(bytes);
    const text = new TextEncoder().encode(glue);
    const parts = [...cores].map(([name, core]) => ({ name, ...preparePart(core, polls) }));
    const stored: Stored = {
      glue: text.length,
      cores: parts.map(({ name, bytes: { length }, memory }) => ({ name, bytes: length, memory })),
      exports,
      async,
      types,
    };
    const blobs = new Uint8Array(await new Blob([text, ...parts.map((part) => part.bytes)]).arrayBuffer());
    const component = await compile(hash, stored, blobs);
    await cache?.put(key, encodeEntry(stored, blobs));
    return component;
  } catch (error) {
    if (error instanceof LoadError && file !== undefined) throw error.withFile(file);
    throw error;
  }
}

/** Rejects with a LoadError where V8 refuses a core module. */
async function compile(hash: string, stored: Stored, blobs: Uint8Array<ArrayBuffer>): Promise<Component> {
  const cores = new Map<string, Core>();
  let at = stored.glue;
  for (const { name, bytes, memory } of stored.cores) {
    try {
      cores.set(name, { module: await WebAssembly.compile(blobs.subarray(at, at + bytes)), memory });
    } catch (error) {
      throw new LoadError("malformed", `${name}: ${(error as Error).message}`, -1);
    }
    at += bytes;
  }
  const { exports, async, types } = stored;
  const glue = compileGlue(new TextDecoder().decode(blobs.subarray(0, stored.glue)));
  return { glue, cores, exports, async, types, hash };
}

/** What the rest of the runtime knows an image by. */
export function componentInfo({ hash }: Component): ImageInfo {
  return {
    abi: "component",
    imports: [],
    start: true,
    canFork: false,
    forkReason: "it is a component",
    usesSetjmp: false,
    threads: false,
    memory: { min: 0, shared: false },
    globals: [],
    table: false,
    restartable: false,
    staticTable: false,
    functions: 0,
    features: [],
    hash,
    polls: { mode: "flag", loops: 0, entries: 0 },
    replaced: { memoryGrow: 0, atomicWaits: 0, atomicNotifies: 0, dataSegments: 0, start: false },
    size: { source: 0, code: 0, prepared: 0 },
    timings: {},
  };
}
