// Images in memory: prepared once, found again by the file they came from or by their content.

import { ENOEXEC } from "../../kernel/abi/errno.ts";
import { SysError } from "../../kernel/errors.ts";
import { WINDOW_START } from "../../kernel/mm/address-space.ts";
import type { Image, ProgramContent } from "../../kernel/platform.ts";
import type { ImageInfo, Prepared } from "../loader/index.ts";
import type { GuestInstance } from "./instances.ts";
import type { Imports } from "./link.ts";
import type { GuestMemory } from "./memories.ts";

/** A program that the CPU can start. */
export interface LoadedImage extends Image {
  readonly info: ImageInfo;
  /** What its instances are made of, with `imports`; null where `open` makes them. */
  readonly module: WebAssembly.Module | null;
  readonly imports: Imports;
  readonly open?: OpenInstance;
}

/** Makes an instance of a program that is no single module. `stub`: its index in the hot table for a signal stub. */
export type OpenInstance = (image: LoadedImage, memory: GuestMemory, stub: number) => GuestInstance;

/** A program that is no single module. */
export interface PreparedOther {
  readonly info: ImageInfo;
  readonly open: OpenInstance;
  /** Bytes of memory that a process of it has. */
  readonly memoryBytes: number;
}

/** Prepares a program: the loader with its caches, see runtime/machine. */
export type Prepare = (
  content: ProgramContent,
  bytes: () => Uint8Array,
  file: string,
) => Promise<Prepared | PreparedOther>;

/** Finds what a program imports. Throws an Error whose message names the file and says what is missing. */
export type Link = (info: ImageInfo, file: string) => Imports | Promise<Imports>;

const WASM_PAGE = 65536;

export class Images {
  readonly #prepare: Prepare;
  readonly #link: Link;
  readonly #log: (line: string) => void;
  readonly #byContent = new WeakMap<ProgramContent, LoadedImage>();
  readonly #byHash = new Map<string, LoadedImage>();

  constructor(prepare: Prepare, link: Link, log: (line: string) => void) {
    this.#prepare = prepare;
    this.#link = link;
    this.#log = log;
  }

  /** The image of a file's bytes. Rejects with ENOEXEC, after a log line that says why. */
  load(content: ProgramContent, bytes: () => Uint8Array, path: string): LoadedImage | Promise<LoadedImage> {
    const known = this.#byContent.get(content);
    return known ?? this.#load(content, bytes, path);
  }

  async #load(content: ProgramContent, bytes: () => Uint8Array, path: string): Promise<LoadedImage> {
    try {
      const prepared = await this.#prepare(content, bytes, path);
      const { hash } = prepared.info;
      const image = (hash === undefined ? undefined : this.#byHash.get(hash)) ?? (await this.#make(prepared, path));
      if (hash !== undefined) this.#byHash.set(hash, image);
      this.#byContent.set(content, image);
      return image;
    } catch (error) {
      this.#log(`exec: ${(error as Error).message}`);
      throw new SysError(ENOEXEC);
    }
  }

  /** Throws an Error whose message names the file and says why it is no program. */
  async #make(prepared: Prepared | PreparedOther, path: string): Promise<LoadedImage> {
    if ("open" in prepared) return otherImage(prepared);
    const { info, module } = prepared;
    if (!info.start) throw new Error(`${path}: it exports no _start function`);
    const { min, max = 65536 } = info.memory;
    return {
      module,
      info,
      imports: await this.#link(info, path),
      canFork: info.canFork,
      initialBytes: Math.max(1, min) * WASM_PAGE,
      // A Linux program that declares less than it may map would be at its limit at once: the machine's limit counts.
      maximumBytes: info.abi === "wasi" ? Math.min(max * WASM_PAGE, WINDOW_START) : 65536 * WASM_PAGE,
    };
  }
}

/** The image of a program that is no single module. */
export function otherImage({ info, open, memoryBytes }: PreparedOther): LoadedImage {
  return {
    module: null,
    info,
    imports: {},
    open,
    canFork: info.canFork,
    initialBytes: memoryBytes,
    maximumBytes: memoryBytes,
  };
}
