// Instances of images. One that its task has left is kept with its memory and used again: making one costs more than a whole
// fork otherwise does (measured.md: most of it for its exports).

import type { LoadedImage } from "./images.ts";
import type { GuestMemory } from "./memories.ts";

type Entry = (...args: number[]) => unknown;
type PromisingEntry = (...args: number[]) => Promise<unknown>;

/** Idle instances that one memory keeps: more only where many threads ended. */
const KEEP_INSTANCES = 8;

/** An instance of an image on a guest's memory. */
export class GuestInstance {
  readonly image: LoadedImage;
  readonly memory: GuestMemory;
  readonly exports: Readonly<Record<string, unknown>>;
  /** Index in the hot table of its `ring3:signal`. */
  readonly stub: number;
  /** The image's mutable globals, in the order of `info.globals`. */
  readonly globals: readonly WebAssembly.Global[];
  readonly #entries = new Map<string, PromisingEntry>();

  constructor(image: LoadedImage, memory: GuestMemory, exports: WebAssembly.Exports, stub: number) {
    this.image = image;
    this.memory = memory;
    this.exports = exports;
    this.stub = stub;
    this.globals = image.info.globals.map(({ export: name }) => exports[name] as WebAssembly.Global);
  }

  /** Applies data segments and runs the start function, as instantiation would have: at exec. */
  init(): void {
    (this.exports["ring3:init"] as Entry | undefined)?.();
  }

  /** Calls an exported function on a stack of its own. */
  call(name: string, args: readonly number[]): Promise<unknown> {
    let entry = this.#entries.get(name);
    if (!entry) {
      entry = WebAssembly.promising(this.exports[name] as Entry) as PromisingEntry;
      this.#entries.set(name, entry);
    }
    return entry(...args);
  }

  global(name: string): WebAssembly.Global {
    return this.exports[name] as WebAssembly.Global;
  }

  /** Takes over the values of another instance's globals. */
  copyGlobals(from: GuestInstance): void {
    this.setGlobals(from.globals.map(({ value }) => value));
  }

  setGlobals(values: readonly unknown[]): void {
    this.globals.forEach((global, i) => {
      global.value = values[i];
    });
  }
}

export class Instances {
  readonly #kernel: WebAssembly.Memory;
  readonly #table: WebAssembly.Table;
  readonly #freeStubs: number[] = [];
  /** What each image's globals start with. */
  readonly #initial = new WeakMap<LoadedImage, readonly unknown[]>();

  constructor(kernel: WebAssembly.Memory, table: WebAssembly.Table) {
    this.#kernel = kernel;
    this.#table = table;
  }

  /**
   * An instance of `image` on `memory`, as if new. `starting`: for an exec, which calls `init`; else for a thread or a forked
   * child, whose memory is initialised already.
   */
  take(image: LoadedImage, memory: GuestMemory, starting: boolean): GuestInstance {
    const { idle } = memory;
    const at = starting && !image.info.restartable ? -1 : idle.findLastIndex((each) => each.image === image);
    if (at >= 0) {
      const [instance] = idle.splice(at, 1);
      instance.setGlobals(this.#initial.get(image)!);
      return instance;
    }
    const stub = this.#freeStubs.pop() ?? this.#table.grow(1);
    if (image.open) return image.open(image, memory, stub);
    const { ring3, ...others } = image.imports;
    const imports = { ...others, ring3: { ...ring3, memory: memory.memory, kernel: this.#kernel } };
    const { exports } = new WebAssembly.Instance(image.module!, imports as unknown as WebAssembly.Imports);
    this.#table.set(stub, exports["ring3:signal"] ?? null);
    const instance = new GuestInstance(image, memory, exports, stub);
    if (!this.#initial.has(image)) {
      const values = instance.globals.map(({ value }) => value as unknown);
      this.#initial.set(image, values);
    }
    return instance;
  }

  /** No task uses the instance any more. */
  give(instance: GuestInstance): void {
    const { image, memory } = instance;
    if (image.info.staticTable && !memory.gone && memory.idle.length < KEEP_INSTANCES) memory.idle.push(instance);
    else this.drop(instance);
  }

  /** Leaves an instance to the garbage collector. */
  drop(instance: GuestInstance): void {
    this.#table.set(instance.stub, null);
    this.#freeStubs.push(instance.stub);
  }
}
