/** Instances of a component's core modules: their memories count as the process's, and their polls stop where glue can be interrupted. */

import { SIGKILL } from "../../../kernel/abi/signal.ts";
import { POLL_FLAG, POLLS_TICK, TASK_CREDIT, TICK_MS, TICKS, WORK_KILLED } from "../../../kernel/hot/layout.ts";
import { chargeMemory } from "../../../kernel/mm/calls.ts";
import type { Task } from "../../../kernel/task/task.ts";
import { START } from "../../loader/index.ts";
import { type Calls, NEVER } from "./calls.ts";
import type { Core } from "./prepare.ts";

const WASM_PAGE = 65536;
const MAX_PAGES = 65536;

/**
 * A poll between glue and kernel. Core code that glue entered by a plain call (cabi_realloc, post-return) cannot be suspended, since
 * frames of JavaScript lie below it, and nothing tells but the attempt: `probe` suspends for a moment, which throws a SuspendError there.
 * The poll is then put off, and made up for as soon as the import returns in which glue called the core code; a task that was killed ends.
 *
 *   (func (export "p")
 *     (block $put_off
 *       (try_table (catch_all $put_off) (call $probe))
 *       (call $poll) (call $resumed) (return))
 *     (if (call $put_off) (then unreachable)))
 */
// biome-ignore format: one section, one line
const POLL_BYTES = new Uint8Array([
  0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00,
  // types: () -> (), () -> i32
  0x01, 0x08, 0x02, 0x60, 0x00, 0x00, 0x60, 0x00, 0x01, 0x7f,
  // imports: "p" "a" probe, "p" "b" poll, "p" "c" put_off, "p" "d" resumed
  0x02, 0x19, 0x04, 0x01, 0x70, 0x01, 0x61, 0x00, 0x00, 0x01, 0x70, 0x01, 0x62, 0x00, 0x00, 0x01, 0x70, 0x01, 0x63, 0x00, 0x01,
  0x01, 0x70, 0x01, 0x64, 0x00, 0x00,
  0x03, 0x02, 0x01, 0x00,
  0x07, 0x05, 0x01, 0x01, 0x70, 0x00, 0x04,
  0x0a, 0x1a, 0x01, 0x18, 0x00,
  0x02, 0x40, 0x1f, 0x40, 0x01, 0x02, 0x00, 0x10, 0x00, 0x0b, 0x10, 0x01, 0x10, 0x03, 0x0f, 0x0b,
  0x10, 0x02, 0x04, 0x40, 0x00, 0x0b, 0x0b,
]);

let pollModule: WebAssembly.Module | undefined;

/** Whether an import is a function of the glue's; functions exported by modules have numbers for names (JS API, "the name of a function"). */
const isGlue = (value: unknown): value is (...args: unknown[]) => unknown =>
  typeof value === "function" && !/^\d+$/.test(value.name);

const SETTLED = Promise.resolve();

/** Polls in a row that can be put off, each a tick (2 ms) after the other: nobody else runs all that time, so the process is killed then. */
const MOST_DEFERRED = 500;

export class Cores {
  readonly #task: Task;
  readonly #calls: Calls;
  readonly #kernelMemory: WebAssembly.Memory;
  readonly #poll: WebAssembly.ExportValue;
  /** TICKS when a poll was last put off. */
  #tick = -1;
  /** A poll of this tick was put off, and not tried again yet. */
  #owed = false;

  constructor(calls: Calls, kernelMemory: WebAssembly.Memory, poll: unknown) {
    this.#task = calls.task;
    this.#calls = calls;
    this.#kernelMemory = kernelMemory;
    pollModule ??= new WebAssembly.Module(POLL_BYTES);
    const probe = () => {
      if (calls.over) return NEVER;
      calls.deferredPolls = 0;
      this.#owed = false;
      return calls.reactor?.pause() ?? SETTLED;
    };
    const imports = {
      a: new WebAssembly.Suspending(probe),
      b: poll,
      c: () => this.#putOff(),
      d: () => calls.reactor?.resume(),
    };
    this.#poll = new WebAssembly.Instance(pollModule, { p: imports as unknown as WebAssembly.ModuleImports }).exports.p;
  }

  /** A poll cannot suspend. The tick is charged for nevertheless, so that others get their share later. Whether the task is to end. */
  #putOff(): number {
    if (this.#calls.over) return 1;
    const { kernel, comm, tid, process, ptr } = this.#task;
    const { u32, i32 } = kernel.kmem;
    u32[POLL_FLAG >> 2] = 0;
    const tick = u32[TICKS >> 2];
    if (tick !== this.#tick || u32[POLLS_TICK >> 2]) {
      this.#tick = tick;
      this.#owed = true;
      i32[(ptr + TASK_CREDIT) >> 2] -= TICK_MS * 1000;
      if (++this.#calls.deferredPolls > MOST_DEFERRED) {
        kernel.log.print(`${comm}[${tid}]: it computes for too long where it cannot be interrupted: signal ${SIGKILL}`);
        kernel.lifecycle.endProcess(process, SIGKILL);
      }
    }
    return this.#task.work & WORK_KILLED ? 1 : 0;
  }

  /** Has core code poll again once an import of the glue's has returned in which a poll was put off. */
  #pollingAfter(imports: WebAssembly.ModuleImports): WebAssembly.ModuleImports {
    const { kmem } = this.#task.kernel;
    const polling = (serve: (...args: unknown[]) => unknown) => {
      return (...args: unknown[]) => {
        const result = serve(...args);
        if (this.#owed) {
          this.#owed = false;
          kmem.u32[POLL_FLAG >> 2] = 1;
        }
        return result;
      };
    };
    const entries = Object.entries(imports).map(([name, value]) => [name, isGlue(value) ? polling(value) : value]);
    return Object.fromEntries(entries) as WebAssembly.ModuleImports;
  }

  /**
   * What the glue calls in place of WebAssembly.instantiate. The start function, which may take its time, has a stack of its own. Rejects
   * where imports do not fit, or memory is short.
   */
  instantiate = async ({ module, memory }: Core, imports: WebAssembly.Imports = {}): Promise<WebAssembly.Instance> => {
    const { min = 0, max = MAX_PAGES, imported } = memory ?? {};
    let own: WebAssembly.Memory;
    if (imported) own = imports[imported.module]?.[imported.name] as WebAssembly.Memory;
    else {
      this.#charge(min);
      own = new WebAssembly.Memory({ initial: min, maximum: max });
    }
    const ring3 = {
      memory: own,
      kernel: this.#kernelMemory,
      poll: this.#poll,
      memory_grow: (pages: number) => this.#grow(own, pages >>> 0),
    };
    const served = Object.entries(imports).map(([name, each]) => [name, this.#pollingAfter(each)]);
    const instance = new WebAssembly.Instance(module, { ...Object.fromEntries(served), ring3 });
    const start = instance.exports[START];
    if (start) await WebAssembly.promising(start as never)();
    return instance;
  };

  /** Throws SysError ENOMEM. */
  #charge(pages: number): void {
    const bytes = pages * WASM_PAGE;
    chargeMemory(this.#task, bytes);
    this.#task.mm.mappings.hold(bytes);
  }

  /** memory.grow: the old size in pages, or -1. */
  #grow(memory: WebAssembly.Memory, pages: number): number {
    try {
      chargeMemory(this.#task, pages * WASM_PAGE);
      const old = memory.grow(pages);
      this.#task.mm.mappings.hold(pages * WASM_PAGE);
      return old;
    } catch {
      return -1;
    }
  }
}
