/** The kernel of one machine: its memory, tasks, clocks and log. Subsystems hang their state here and find each other through it. */

import { ENOMEM } from "./abi/errno.ts";
import { fail } from "./errors.ts";
import { Vfs } from "./fs/vfs.ts";
import type { Hot, KernelMemory } from "./hot/hot.ts";
import { FILES_REFS, TASK_FILES } from "./hot/layout.ts";
import { KernelLog } from "./log.ts";
import type { AddressSpace } from "./mm/address-space.ts";
import { SharedMappings } from "./mm/shared.ts";
import { Net } from "./net/net.ts";
import type { Platform } from "./platform.ts";
import { makeProcFs } from "./proc/procfs.ts";
import { Signals } from "./signal/signals.ts";
import { Lifecycle } from "./task/lifecycle.ts";
import { Members } from "./task/members.ts";
import type { Process } from "./task/process.ts";
import type { Task } from "./task/task.ts";
import type { Clock } from "./time/clock.ts";
import { IntervalTimers } from "./time/itimers.ts";
import { Timers } from "./time/timers.ts";
import type { Tracer } from "./trace/tracer.ts";
import { TtyRegistry } from "./tty/registry.ts";

/**
 * A system call's handler in the cold half. Arguments are numbers, by the types of the syscall table: int signed, pointers and
 * sizes unsigned, 64-bit ones exact within 2^53; what is beyond the call's own is undefined. Gives the result, or -errno; may throw SysError (errors.ts).
 * A handler that has to wait returns task.block(...) and is entered again from its start.
 */
export type Handler = (t: Task, a: number, b: number, c: number, d: number, e: number, f: number, g: number) => number;
export type Handlers = Readonly<Record<string, Handler | undefined>>;

export interface KernelOptions {
  hostname: string;
  /** Bytes of guest memory that all processes together may map. */
  memoryLimit: number;
  /** Most processes and threads at once. */
  pidsLimit: number;
  /** Called for each line of the kernel log. */
  onLog?: (line: string) => void;
}

/** Tasks by slot, from 1 on; holes are null. */
export type TaskTable = (Task | null)[];

export class Kernel {
  readonly kmem: KernelMemory;
  readonly hot: Hot;
  readonly clock: Clock;
  readonly platform: Platform;
  readonly options: KernelOptions;
  readonly log: KernelLog;
  readonly timers: Timers;
  readonly vfs: Vfs;
  readonly net: Net;
  readonly ttys: TtyRegistry;
  readonly signals: Signals;
  readonly lifecycle: Lifecycle;
  readonly itimers: IntervalTimers;
  readonly shared: SharedMappings;
  readonly #mapped = { bytes: 0 };
  /** Every address space in use. */
  readonly addressSpaces = new Set<AddressSpace>();
  /** Names of imports that nobody serves, by the number that a call of one brings along. */
  readonly unknownImports: string[] = [];
  /** strace, where it is on. */
  tracer: Tracer | null = null;
  /** strace -f. */
  traceChildren = false;
  /** What the hot half's calls name their callers by: made before all else. */
  readonly tasks: TaskTable;
  /** Slots of `tasks` that are holes. */
  readonly freeSlots: number[] = [];
  /** By pid, zombies included. */
  readonly processes = new Map<number, Process>();
  /** Process groups by pgid and sessions by sid, zombies included. */
  readonly groups = new Members<Process>();
  readonly sessions = new Members<Process>();
  /** How many processes are zombies, and how many are stopped. */
  zombies = 0;
  stopped = 0;
  /** By tid. */
  readonly tasksByTid = new Map<number, Task>();
  /** pid 1. Set at boot. */
  init!: Process;
  /** Processes forked since boot. */
  forks = 0;
  hostname: string;
  domainname = "(none)";

  constructor(
    kmem: KernelMemory,
    hot: Hot,
    tasks: TaskTable,
    clock: Clock,
    platform: Platform,
    options: KernelOptions,
  ) {
    this.kmem = kmem;
    this.hot = hot;
    this.tasks = tasks;
    this.clock = clock;
    this.platform = platform;
    this.options = options;
    this.hostname = options.hostname;
    this.log = new KernelLog(clock, options.onLog);
    this.timers = new Timers(this);
    this.signals = new Signals(this);
    this.lifecycle = new Lifecycle(this);
    this.itimers = new IntervalTimers(this);
    this.shared = new SharedMappings(kmem);
    this.ttys = new TtyRegistry(this);
    this.vfs = new Vfs(this);
    this.net = new Net(this);
    this.vfs.fileSystems.set("proc", () => makeProcFs(this));
  }

  /** A new wait queue head in kernel memory. Throws ENOMEM. */
  newWaitQueue(): number {
    const queue = this.hot.alloc(16);
    if (queue === 0) fail(ENOMEM);
    this.hot.waitq_init(queue);
    return queue;
  }

  /** Whoever sleeps on it is woken. */
  freeWaitQueue(queue: number): void {
    this.hot.waitq_drain(queue);
    this.hot.free(queue, 16);
  }

  /** Wakes everyone on a wait queue. */
  wake(queue: number): void {
    this.hot.wake_queue(queue, 0x7fffffff);
  }

  /** The address space whose struct in kernel memory this is. */
  addressSpaceAt(ptr: number): AddressSpace | undefined {
    for (const space of this.addressSpaces) if (space.ptr === ptr) return space;
    return undefined;
  }

  /** Bytes of guest memory mapped by all processes. */
  memoryMapped(): number {
    return this.#mapped.bytes;
  }

  /** An address space comes into use: it counts from now on. */
  addAddressSpace(space: AddressSpace): void {
    this.addressSpaces.add(space);
    space.mappings.account = this.#mapped;
    this.#mapped.bytes += space.mappings.total;
  }

  dropAddressSpace(space: AddressSpace): void {
    this.addressSpaces.delete(space);
    space.mappings.account = null;
    this.#mapped.bytes -= space.mappings.total;
  }

  /** Brings the running task's CPU time up to date. Set by the CPU. */
  accountTime: () => void = () => {};

  /** Load averages over 1, 5 and 15 minutes. Set by the CPU. */
  loadAverages: () => readonly [number, number, number] = () => [0, 0, 0];

  /** exec: a descriptor table shared with others becomes the task's own. */
  unshareFiles(t: Task): void {
    const { kmem, hot } = this;
    if (kmem.u32[(t.files + FILES_REFS) >> 2] === 1) return;
    const own = hot.files_clone(t.files);
    hot.files_put(t.files);
    t.files = own;
    kmem.u32[(t.ptr + TASK_FILES) >> 2] = own;
  }
}
