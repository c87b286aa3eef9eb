/**
 * A component as the program of a task. Its stack is the glue's promises and the core modules' stacks: all of it runs while the task has
 * the CPU, and gives it away inside a system call or at a poll. When the task ends, nothing settles any more what the glue waits for.
 */

import type { Kernel } from "../../../kernel/kernel.ts";
import type { Task } from "../../../kernel/task/task.ts";
import type { HotInstance } from "../../cpu/hot.ts";
import type { LoadedImage } from "../../cpu/images.ts";
import { GuestInstance } from "../../cpu/instances.ts";
import type { GuestMemory } from "../../cpu/memories.ts";
import type { HostStream } from "../../machine-pipes.ts";
import { ignorePipeSignal } from "../wasi/wasi.ts";
import { Calls, type Entries } from "./calls.ts";
import { Cores } from "./cores.ts";
import type { Bodies, HttpClient } from "./exchange.ts";
import { type Exports, GLUE_URL } from "./glue.ts";
import type { Component } from "./prepare.ts";
import { Reactor } from "./reactor.ts";
import { makeImports } from "./wasi/interfaces.ts";
import { World } from "./wasi/world.ts";

/** What components have of their machine. */
export interface ComponentHost {
  readonly hot: HotInstance;
  readonly entries: Entries;
  /** Null where the machine has no network. */
  readonly http: HttpClient | null;
  readonly bodies: Bodies;
  /** The machine's mounted folders, by their paths in it. */
  readonly folders: readonly string[];
  /** Resolves when the event loop has had a turn. */
  turn(): Promise<void>;
  /** Has the machine move what can be moved in a pipe whenever it returns to the event loop. */
  addStream(stream: HostStream): void;
  readonly kernel: Kernel;
  /** The running task. */
  current(): Task;
}

/** The export that makes a component a command. */
const RUNS = [/^wasi:cli\/run@0\.3\.\d/, /^wasi:cli\/run@0\.2\.\d/];

/** The name of the interface that a command exports; the newest of several. */
function runInterface({ exports }: Component): string | undefined {
  return RUNS.map((run) => exports.find((name) => run.test(name))).find((name) => name !== undefined);
}

export function isCommand(component: Component): boolean {
  return runInterface(component) !== undefined;
}

export class ComponentInstance extends GuestInstance {
  readonly #component: Component;
  readonly #host: ComponentHost;

  constructor(host: ComponentHost, component: Component, image: LoadedImage, memory: GuestMemory, stub: number) {
    super(image, memory, {}, stub);
    this.#host = host;
    this.#component = component;
  }

  /** Runs the component in the running task. Rejects when the task ends, with the trap that ended it. */
  override call(): Promise<unknown> {
    const task = this.#host.current();
    ignorePipeSignal(task);
    return new Promise((resolve, reject) => {
      const calls = new Calls(task, this.#host.entries, (trap) => reject(asTrap(trap)));
      if (this.#component.async) calls.reactor = new Reactor(calls, () => this.#host.turn());
      const main = async () => {
        const status = await this.main(calls);
        for (const finish of calls.unwritten) await finish();
        return status;
      };
      (calls.reactor?.drive(main()) ?? main())
        .then((status) => calls.wait("exit_group", status))
        .then(resolve, (error) => reject(asTrap(error)));
    });
  }

  /** What it does until it ends: gives its exit status. */
  protected async main(calls: Calls): Promise<number> {
    const { exports } = await this.instantiate(calls);
    const name = runInterface(this.#component)!;
    const { run } = exports[name] as { run: () => Promise<void> };
    try {
      await run();
      return 0;
    } catch (error) {
      // The error of its result carries nothing.
      if (error !== undefined) throw error;
      return 1;
    }
  }

  protected async instantiate(calls: Calls): Promise<{ exports: Exports; world: World }> {
    const { cores, glue } = this.#component;
    const { hot } = this.#host;
    const linker = new Cores(calls, hot.memory, hot.exports.poll);
    const world = new World(calls, this.#host);
    const { setTimeout = () => {}, setInterval = () => {}, clearInterval = () => {} } = calls.reactor ?? {};
    const keepTaskMeta = (meta: Record<string, unknown>) => calls.reactor?.keepTaskMeta(meta);
    const instantiate = glue({ setTimeout, setInterval, clearInterval, keepTaskMeta });
    const exports = await instantiate((name) => cores.get(name), makeImports(world), linker.instantiate);
    return { exports, world };
  }
}

/** Whether an error ended the component: a trap of core code, or of the canonical ABI. */
export const isTrap = (error: unknown): boolean =>
  error instanceof WebAssembly.RuntimeError || error instanceof RangeError || error instanceof WebAssembly.Exception;

/** What the glue throws about a guest's doing is a trap by the canonical ABI. What we throw is not: it stays as it is. */
function asTrap(error: unknown): unknown {
  if (!(error instanceof Error) || error instanceof WebAssembly.RuntimeError) return error;
  const [, top = ""] = /\n\s+at (.*)/.exec(error.stack ?? "") ?? [];
  const fromGlue = top.includes(GLUE_URL) || error instanceof WebAssembly.LinkError;
  return fromGlue ? new WebAssembly.RuntimeError(error.message) : error;
}
