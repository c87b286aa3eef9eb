/** Components on one machine: from bytes to what the CPU can start. */
import { TASK_SLOT } from "../../../kernel/hot/layout.ts";
import type { Kernel } from "../../../kernel/kernel.ts";
import type { Task } from "../../../kernel/task/task.ts";
import type { HotInstance } from "../../cpu/hot.ts";
import type { PreparedOther } from "../../cpu/images.ts";
import { LoadError } from "../../loader/errors.ts";
import type { PrepareOptions } from "../../loader/index.ts";
import { Entries, SCRATCH_BYTES } from "./calls.ts";
import type { HttpClient } from "./exchange.ts";
import { componentInfo, prepareComponent } from "./prepare.ts";
import { type ComponentHost, ComponentInstance, isCommand } from "./process.ts";

export { HttpClient } from "./exchange.ts";

export class Components implements ComponentHost {
  readonly hot: HotInstance;
  readonly entries: Entries;
  readonly http: HttpClient | null;
  readonly #kernel: Kernel;

  constructor(kernel: Kernel, hot: HotInstance, http: HttpClient | null) {
    this.#kernel = kernel;
    this.hot = hot;
    this.entries = new Entries(hot.exports);
    this.http = http;
  }

  current(): Task {
    const { hot, kmem } = this.hot;
    return this.#kernel.tasks[kmem.i32[(hot.get_current() + TASK_SLOT) >> 2]]!;
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
}
