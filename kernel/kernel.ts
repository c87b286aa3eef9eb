/** The kernel of one machine: its memory, tasks, clocks and log. Subsystems hang their state here and find each other through it. */
import { SysError } from "./errors.ts";
import type { Clock } from "./time/clock.ts";
import { Timers } from "./time/timers.ts";
import type { Hot, KernelMemory } from "./hot/hot.ts";
import { WAITQ_SIZE } from "./hot/layout.ts";
import { KernelLog } from "./log.ts";
import type { Platform } from "./platform.ts";
import type { Process } from "./task/process.ts";
import type { Task } from "./task/task.ts";
import { TtyRegistry } from "./tty/registry.ts";
import { Vfs } from "./fs/vfs.ts";

/**
 * A system call's handler in the cold half. Arguments are numbers, by the types of the syscall table: int signed, pointers and
 * sizes unsigned, 64-bit ones exact within 2^53. Gives the result, or -errno; may throw SysError (errors.ts).
 * A handler that has to wait returns task.block(...) and is entered again from its start.
 */
export type Handler = (t: Task, a: number, b: number, c: number, d: number, e: number, f: number) => number;
export type Handlers = Readonly<Record<string, Handler>>;

export interface KernelOptions {
  hostname: string;
  /** Bytes of guest memory, mapped, that one process may have. */
  memoryLimit: number;
  /** Most processes and threads at once. */
  pidsLimit: number;
  /** Called for each line of the kernel log. */
  onLog?: (line: string) => void;
}

export class Kernel {
  readonly kmem: KernelMemory;
  readonly hot: Hot;
  readonly clock: Clock;
  readonly platform: Platform;
  readonly options: KernelOptions;
  readonly log: KernelLog;
  readonly timers: Timers;
  readonly vfs: Vfs;
  readonly ttys: TtyRegistry;
  /** By slot; holes are null. */
  readonly tasks: (Task | null)[] = [null];
  /** By pid, zombies included. */
  readonly processes = new Map<number, Process>();
  /** By tid. */
  readonly tasksByTid = new Map<number, Task>();
  /** pid 1. Set at boot. */
  init!: Process;
  /** Processes forked since boot. */
  forks = 0;
  hostname: string;
  domainname = "(none)";

  constructor(kmem: KernelMemory, hot: Hot, clock: Clock, platform: Platform, options: KernelOptions) {
    this.kmem = kmem;
    this.hot = hot;
    this.clock = clock;
    this.platform = platform;
    this.options = options;
    this.hostname = options.hostname;
    this.log = new KernelLog(clock, options.onLog);
    this.timers = new Timers(this);
    this.ttys = new TtyRegistry(this);
    this.vfs = new Vfs(this);
  }

  /** A new wait queue head in kernel memory. */
  newWaitQueue(): number {
    const queue = this.hot.alloc(16);
    this.hot.waitq_init(queue);
    return queue;
  }

  freeWaitQueue(queue: number): void {
    this.hot.free(queue, 16);
  }

  /** Wakes everyone on a wait queue. */
  wake(queue: number): void {
    this.hot.wake_queue(queue, 0x7fffffff);
  }

  taskAt(ptr: number, slotOffset: number): Task | null {
    return this.tasks[this.kmem.i32[(ptr + slotOffset) >> 2]];
  }

  /** Runs `body`, giving -errno for a SysError it throws. */
  guard(body: () => number): number {
    try {
      return body();
    } catch (error) {
      if (error instanceof SysError) return -error.errno;
      throw error;
    }
  }
}

export const WAITQ_BYTES = WAITQ_SIZE;
