/** Components on one machine: from bytes to what the CPU can start. */
import { TASK_SLOT } from "../../../kernel/hot/layout.ts";
import type { Kernel } from "../../../kernel/kernel.ts";
import type { Task } from "../../../kernel/task/task.ts";
import type { HotInstance } from "../../cpu/hot.ts";
import type { PreparedOther } from "../../cpu/images.ts";
import { LoadError } from "../../loader/errors.ts";
import type { PrepareOptions } from "../../loader/index.ts";
import { checkPreamble } from "../../loader/sections.ts";
import type { HostStream } from "../../machine-pipes.ts";
import { isComponent } from "./binary.ts";
import { Entries, SCRATCH_BYTES } from "./calls.ts";
import { Bodies, type Fetch, HttpClient } from "./exchange.ts";
import { Library, LibraryInstance } from "./library.ts";
import { componentInfo, prepareComponent } from "./prepare.ts";
import { type ComponentHost, ComponentInstance, isCommand } from "./process.ts";

/** What components need of their machine beside its kernel. */
export interface ComponentHooks {
  /** See ComponentHost. */
  addStream(stream: HostStream): void;
  /** The host's, or null where the machine has no network. */
  readonly fetch: Fetch | null;
  /** The machine's mounted folders, by their paths in it. */
  readonly folders: readonly string[];
  /** See MachineHost. */
  defer(body: () => void): void;
}

export class Components implements ComponentHost {
  readonly hot: HotInstance;
  readonly entries: Entries;
  readonly http: HttpClient | null;
  readonly bodies: Bodies;
  readonly kernel: Kernel;
  readonly addStream: (stream: HostStream) => void;

  readonly folders: readonly string[];
  readonly turn: () => Promise<void>;

  constructor(kernel: Kernel, hot: HotInstance, { addStream, fetch, folders, defer }: ComponentHooks) {
    this.kernel = kernel;
    this.hot = hot;
    this.addStream = addStream;
    this.folders = folders;
    this.turn = () => new Promise(defer);
    this.entries = new Entries(hot.exports);
    this.bodies = new Bodies(kernel, addStream);
    this.http = fetch && new HttpClient(fetch, kernel, addStream);
  }

  current(): Task {
    const { hot, kmem } = this.hot;
    return this.kernel.tasks[kmem.i32[(hot.get_current() + TASK_SLOT) >> 2]]!;
  }

  /** Prepares a component to be executed. Rejects with a LoadError. */
  async prepare(bytes: Uint8Array, options: PrepareOptions): Promise<PreparedOther> {
    const component = await prepareComponent(bytes, options);
    if (!isCommand(component)) {
      const what = component.exports.length > 0 ? component.exports.join(", ") : "nothing";
      throw new LoadError(
        "unsupported",
        `a component that is no command: it exports ${what}, but no wasi:cli/run`,
        -1,
        options.file,
      );
    }
    return {
      info: componentInfo(component),
      memoryBytes: SCRATCH_BYTES,
      open: (image, memory, stub) => new ComponentInstance(this, component, image, memory, stub),
    };
  }

  newLibrary(): Library {
    return new Library(this);
  }

  /** Prepares a component to be called as a library. Rejects with a LoadError. */
  async prepareLibrary(library: Library, bytes: Uint8Array, options: PrepareOptions): Promise<PreparedOther> {
    if (!isComponent(bytes)) {
      checkPreamble(bytes);
      throw new LoadError("not-wasm", "a core module, where a component is needed", 4, options.file);
    }
    const component = await prepareComponent(bytes, options);
    return {
      info: componentInfo(component),
      memoryBytes: SCRATCH_BYTES,
      open: (image, memory, stub) => new LibraryInstance(library, this, component, image, memory, stub),
    };
  }
}
