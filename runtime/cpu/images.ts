// Images in memory: prepared once, found again by the file they came from or by their content.

import { ENOEXEC } from "../../kernel/abi/errno.ts";
import { SysError } from "../../kernel/errors.ts";
import type { Image, ProgramContent } from "../../kernel/platform.ts";
import type { ImageInfo, Prepared } from "../loader/index.ts";
import type { Imports } from "./link.ts";

/** A program that the CPU can start. */
export interface LoadedImage extends Image {
  readonly module: WebAssembly.Module;
  readonly info: ImageInfo;
  readonly imports: Imports;
}

/** Prepares a program: the loader with its caches, see runtime/machine. */
export type Prepare = (content: ProgramContent, bytes: () => Uint8Array, file: string) => Promise<Prepared>;

const WASM_PAGE = 65536;

export class Images {
  readonly #prepare: Prepare;
  readonly #link: (info: ImageInfo) => Imports;
  readonly #log: (line: string) => void;
  readonly #byContent = new WeakMap<ProgramContent, LoadedImage>();
  readonly #byHash = new Map<string, LoadedImage>();

  constructor(prepare: Prepare, link: (info: ImageInfo) => Imports, log: (line: string) => void) {
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
    let prepared: Prepared;
    try {
      prepared = await this.#prepare(content, bytes, path);
      if (!prepared.info.start) throw new Error(`${path}: it exports no _start function`);
      if (prepared.info.abi === "wasi")
        throw new Error(`${path}: a WASI program; this version runs WALI programs only`);
    } catch (error) {
      this.#log(`exec: ${(error as Error).message}`);
      throw new SysError(ENOEXEC);
    }
    const { info, module } = prepared;
    let image = info.hash === undefined ? undefined : this.#byHash.get(info.hash);
    if (!image) {
      const { min, max } = info.memory;
      image = {
        module,
        info,
        imports: this.#link(info),
        canFork: info.canFork,
        initialBytes: Math.max(1, min) * WASM_PAGE,
        // A program that declares less than it may map would be at its limit at once: the machine's limit counts.
        maximumBytes: Math.max(max ?? 65536, 65536) * WASM_PAGE,
      };
      if (info.hash !== undefined) this.#byHash.set(info.hash, image);
    }
    this.#byContent.set(content, image);
    return image;
  }
}
