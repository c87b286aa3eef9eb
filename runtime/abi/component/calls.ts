/**
 * Linux system calls of a component's task, made from JavaScript: what its imports are served by. They enter the kernel where a guest's
 * calls do, with addresses in the small memory that the process has for the purpose, so that descriptors, signals, limits and strace
 * are what they are for every process.
 */
import { SYSCALLS, wasmParams } from "../../../kernel/abi/syscalls.ts";
import { WORK_SIGNAL, WORK_STOPPED } from "../../../kernel/hot/layout.ts";
import { encodeString } from "../../../kernel/mm/address-space.ts";
import type { Task } from "../../../kernel/task/task.ts";
import type { Reactor } from "./reactor.ts";

/**
 * A component's Linux memory: nothing at 0, two paths, structures, one buffer. Then structures and a buffer again, for what goes on
 * beside the call that the component waits in (reactor.ts).
 */
export const SCRATCH_BYTES = 512 * 1024;
const PATHS = [4096, 8192] as const;
const PATH_BYTES = 4096;
export const STRUCTS = 12288;
export const BUFFER = 16384;
export const BUFFER_BYTES = 256 * 1024;
export const ASYNC_STRUCTS = BUFFER + BUFFER_BYTES;
export const ASYNC_BUFFER = ASYNC_STRUCTS + 4096;
export const ASYNC_BUFFER_BYTES = SCRATCH_BYTES - ASYNC_BUFFER;

type Entry = (...args: (number | bigint)[]) => number | bigint;

interface Call {
  readonly direct: Entry;
  /** The same on a stack of its own, which can be parked. */
  readonly parking: (...args: never[]) => Promise<unknown>;
  /** Which of its parameters are i64. */
  readonly wide: readonly boolean[];
}

/** The hot half's entries for system calls, as JavaScript calls them. One for each machine. */
export class Entries {
  readonly #hot: Readonly<Record<string, unknown>>;
  readonly #calls = new Map<string, Call>();
  /** A poll, on a stack of its own. */
  readonly poll: () => Promise<unknown>;

  constructor(hot: Readonly<Record<string, unknown>>) {
    this.#hot = hot;
    this.poll = WebAssembly.promising(hot.poll as never);
  }

  get(name: string): Call {
    let call = this.#calls.get(name);
    if (!call) {
      const direct = this.#hot[`SYS_${name}`] as Entry;
      const wide = wasmParams(SYSCALLS.find((each) => each.name === name)!).map((type) => type === "i64");
      call = { direct, parking: WebAssembly.promising(direct as never) as Call["parking"], wide };
      this.#calls.set(name, call);
    }
    return call;
  }
}

/** A promise that nobody settles: what waits for it is left to the garbage collector. */
export const NEVER = new Promise<never>(() => {});

export class Calls {
  readonly task: Task;
  readonly #entries: Entries;
  readonly #ended: (trap: unknown) => void;
  #over = false;
  /** Polls that were put off since the last call (see cores.ts): they are made up for before the next. */
  deferredPolls = 0;
  /** The call under way that may have parked the task. */
  flying: Promise<void> | null = null;
  /** Writes that could not be done without waiting: to be finished before the process ends. */
  readonly unwritten = new Set<() => Promise<void>>();
  /** For a component with asynchronous functions. */
  reactor: Reactor | null = null;

  /** `ended` is told the trap by which the kernel ends the task: nothing of the component runs after that. */
  constructor(task: Task, entries: Entries, ended: (trap: unknown) => void) {
    this.task = task;
    this.#entries = entries;
    this.#ended = ended;
  }

  /** The task has ended: nothing of the component may run any more, in whose time that would be. */
  get over(): boolean {
    return this.#over;
  }

  get u8(): Uint8Array {
    return this.task.mm.u8;
  }

  get view(): DataView {
    return this.task.mm.view;
  }

  /** What a guest does at its loops' heads: others may run, signals arrive. */
  async poll(): Promise<void> {
    if (this.#over) return NEVER;
    this.deferredPolls = 0;
    try {
      await this.#entries.poll();
    } catch (trap) {
      this.#end(trap);
      return NEVER;
    }
  }

  /** Makes a call that may wait: the result, or -errno. Where the task ends meanwhile it does not return. */
  async wait(name: string, ...args: number[]): Promise<number> {
    if (this.#over) return NEVER;
    const { parking, wide } = this.#entries.get(name);
    let landed = (): void => {};
    this.flying = new Promise((resolve) => {
      landed = resolve;
    });
    try {
      if (this.deferredPolls > 0) {
        this.deferredPolls = 0;
        await this.#entries.poll();
      }
      return Number(await parking(...(widen(args, wide) as never[])));
    } catch (trap) {
      this.#end(trap);
      return NEVER;
    } finally {
      this.flying = null;
      landed();
    }
  }

  /** Makes a call that never waits. Signals, which might stop the task, wait for the next one that may. */
  now(name: string, ...args: number[]): number {
    if (this.#over) throw new WebAssembly.RuntimeError(`${name}: the process has ended`);
    const { task } = this;
    const { direct, wide } = this.#entries.get(name);
    const held = task.work & (WORK_SIGNAL | WORK_STOPPED);
    if (held) task.work &= ~held;
    try {
      return Number(direct(...widen(args, wide)));
    } catch (trap) {
      this.#end(trap);
      throw trap;
    } finally {
      if (held) task.work |= held;
    }
  }

  /** Work beside what the component was called for: a trap in it ends the process. */
  detach(work: Promise<unknown>): void {
    work.catch((trap) => this.#end(trap));
  }

  #end(trap: unknown): void {
    this.#over = true;
    this.#ended(trap);
  }

  /** Puts a path where a call can read it; `slot` tells two paths of one call apart. */
  path(text: string, slot: 0 | 1 = 0): number {
    const bytes = encodeString(text);
    const at = PATHS[slot];
    // One byte too many without a NUL: the call answers ENAMETOOLONG.
    const length = Math.min(bytes.length, PATH_BYTES);
    this.u8.set(bytes.subarray(0, length), at);
    if (length < PATH_BYTES) this.u8[at + length] = 0;
    return at;
  }

  /** A copy of `length` bytes at an address. */
  copy(at: number, length: number): Uint8Array {
    // Shared memory's slice gives a copy that is not shared.
    return new Uint8Array(this.u8.subarray(at, at + length));
  }
}

function widen(args: readonly number[], wide: readonly boolean[]): (number | bigint)[] {
  return wide.map((is64, i) => (is64 ? BigInt(args[i] ?? 0) : (args[i] ?? 0)));
}
