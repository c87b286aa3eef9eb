import { SIGABRT, SIGFPE, SIGILL, SIGKILL, SIGSEGV } from "../../kernel/abi/signal.ts";
import type { Hot, KernelMemory } from "../../kernel/hot/hot.ts";
import {
  BREATHE_FLAG,
  CPU_IDLE,
  RUNNABLE,
  SYSTEM_TICKS,
  TASK_DEADLINE,
  TASK_HANDLER_SP,
  TASK_SIGNAL_STUB,
  TASK_SLOT,
  TICK_MS,
  TICKS,
  WAKE_TIMEOUT,
  WORK_KILLED,
} from "../../kernel/hot/layout.ts";
import type { Kernel } from "../../kernel/kernel.ts";
import type { AddressSpace } from "../../kernel/mm/address-space.ts";
import type { Platform, ProgramContent, ThreadStart } from "../../kernel/platform.ts";
import type { Task } from "../../kernel/task/task.ts";
import type { Wasi } from "../abi/wasi/wasi.ts";
import { type Context, contextOf } from "./context.ts";
import type { HotInstance } from "./hot.ts";
import type { Images, LoadedImage } from "./images.ts";
import type { GuestMemory, Memories } from "./memories.ts";
import { type StackHost, Unwinder } from "./unwinder.ts";

/** What the CPU needs of the host's event loop. */
export interface EventLoop {
  /** Runs `body` after pending input, output and timers had their turn. */
  defer(body: () => void): void;
  /** Runs `body` after `ms`; gives a function that cancels it. */
  timeout(body: () => void, ms: number): () => void;
  /** Wakes the ticker, which slept while the CPU was idle. */
  wakeTicker(): void;
  /** The CPU has nothing to run. Called outside of any task, so that it may cause events. */
  idle(): void;
}

export class Cpu implements Platform, StackHost {
  /** Set once by the machine: kernel and CPU know each other. */
  kernel!: Kernel;
  readonly #hot: Hot;
  readonly #kmem: KernelMemory;
  readonly #memories: Memories;
  readonly #images: Images;
  readonly #loop: EventLoop;
  readonly #fill: (bytes: Uint8Array) => void;
  readonly #wasi: Wasi;
  readonly #unwinder: Unwinder;
  /** The task on the CPU, and since when (monotonic ms). */
  #running: Task | null = null;
  #since = 0;
  /** TICKS and SYSTEM_TICKS when time was last accounted. */
  #tick = 0;
  #systemTicks = 0;
  /** The last address space that ran, for shared mappings. */
  #lastMm: AddressSpace | null = null;
  /** A task runs, or a turn of #schedule is under way or deferred. */
  #busy = false;
  #cancelAlarm: (() => void) | null = null;
  #stopped = false;
  /** What Error.stackTraceLimit goes back to after a trap that was expected. */
  #traceLimit: number | null = null;
  #loads = [0, 0, 0];
  #loadAt = 0;

  constructor(
    instance: HotInstance,
    memories: Memories,
    images: Images,
    loop: EventLoop,
    random: (bytes: Uint8Array) => void,
    wasi: Wasi,
  ) {
    this.#hot = instance.hot;
    this.#kmem = instance.kmem;
    this.#memories = memories;
    this.#images = images;
    this.#loop = loop;
    this.#fill = random;
    this.#wasi = wasi;
    this.#kmem.u32[CPU_IDLE >> 2] = 1;
    this.#unwinder = new Unwinder(this, this.#hot, this.#kmem);
  }

  // ------------------------------------------------------------ scheduling

  /** The hot half's `block` import: parks the running stack and lets `next` run, or whatever is found (0). */
  block = (ptr: number, next: number): Promise<void> => {
    const context = contextOf(this.#taskAt(ptr));
    if (next === 0 || this.#kmem.u32[TICKS >> 2] !== this.#tick) this.#account();
    const deadline = this.#kmem.f64[(ptr + TASK_DEADLINE) >> 3];
    if (deadline > 0) context.deadline = this.kernel.timers.add(deadline, () => this.#hot.wake_task(ptr, WAKE_TIMEOUT));
    const parked = new Promise<void>((resolve) => {
      context.resume = resolve;
    });
    if (next === 0) {
      this.#running = null;
      this.#schedule();
    } else this.#run(this.#taskAt(next));
    return parked;
  };

  /** Runs the next task, or idles. The caller holds the CPU (#busy). */
  #schedule(): void {
    if (this.#stopped) return;
    const { u32 } = this.#kmem;
    if (u32[BREATHE_FLAG >> 2]) {
      u32[BREATHE_FLAG >> 2] = 0;
      this.#loop.defer(() => {
        this.kernel.vfs.refreshClock();
        this.kernel.timers.run();
        this.#next();
      });
      return;
    }
    this.#next();
  }

  #next(): void {
    if (this.#stopped) return;
    const ptr = this.#hot.pick_next();
    if (ptr === 0) {
      this.#busy = false;
      this.#kmem.u32[CPU_IDLE >> 2] = 1;
      this.#loop.idle();
      return;
    }
    this.#since = this.kernel.clock.monotonic();
    this.#run(this.#taskAt(ptr));
  }

  #run(task: Task): void {
    const context = contextOf(task);
    if (context.deadline) {
      this.kernel.timers.cancel(context.deadline);
      context.deadline = null;
    }
    this.#running = task;
    if (task.mm !== this.#lastMm) this.#switchMemory(task.mm);
    if (context.resume) {
      const { resume } = context;
      context.resume = null;
      resume();
    } else queueMicrotask(() => this.#launch(task));
  }

  #switchMemory(mm: AddressSpace): void {
    const last = this.#lastMm;
    this.#lastMm = mm;
    const { addressSpaces, shared } = this.kernel;
    if (!shared.any) return;
    if (last && addressSpaces.has(last)) shared.publish(last);
    shared.fetch(mm);
  }

  /** Something outside made tasks runnable: takes the CPU if it is idle. */
  #kick(): void {
    if (this.#busy || this.#stopped) return;
    if (!this.#kmem.u32[RUNNABLE >> 2]) return;
    this.#busy = true;
    if (this.#kmem.u32[CPU_IDLE >> 2]) {
      this.#kmem.u32[CPU_IDLE >> 2] = 0;
      this.#loop.wakeTicker();
      // The ticker slept: files are dated by the coarse clock.
      this.kernel.vfs.refreshClock();
    }
    this.#schedule();
  }

  event(body: () => void): void {
    if (this.#stopped) return;
    body();
    this.#kick();
  }

  setAlarm(at: number): void {
    this.#cancelAlarm?.();
    this.#cancelAlarm = null;
    if (at === Number.POSITIVE_INFINITY || this.#stopped) return;
    const ms = Math.max(0, at - this.kernel.clock.monotonic());
    this.#cancelAlarm = this.#loop.timeout(() => {
      this.#cancelAlarm = null;
      this.event(() => this.kernel.timers.run());
    }, ms);
  }

  /**
   * Adds the time since this was last done to the running task. Switches do it once a tick: who runs when a tick has passed is
   * charged for all of it, as by Linux's tick-based accounting (the clock costs more than the switch). Ticks that found the cold half at
   * work on a call are its system time.
   */
  #account(): void {
    const task = this.#running;
    if (!task) return;
    this.#tick = this.#kmem.u32[TICKS >> 2];
    const now = this.kernel.clock.monotonic();
    const ticks = this.#kmem.u32[SYSTEM_TICKS >> 2];
    const system = Math.min(now - this.#since, (ticks - this.#systemTicks) * TICK_MS);
    task.systemTime += system;
    task.userTime += now - this.#since - system;
    this.#systemTicks = ticks;
    this.#since = now;
    if (this.kernel.itimers.watches(task.process)) this.kernel.itimers.check(task.process);
  }

  accountTime = (): void => this.#account();

  /** Exponentially damped numbers of runnable tasks, as Linux's (kernel/sched/loadavg.c): brought up to date when asked. */
  loadAverages = (): readonly [number, number, number] => {
    const now = this.kernel.clock.monotonic();
    const active = this.#kmem.u32[RUNNABLE >> 2] + (this.#running ? 1 : 0);
    const seconds = (now - this.#loadAt) / 1000;
    this.#loadAt = now;
    [60, 300, 900].forEach((period, i) => {
      const keep = Math.exp(-seconds / period);
      this.#loads[i] = this.#loads[i] * keep + active * (1 - keep);
    });
    return this.#loads as [number, number, number];
  };

  /** Ends the machine: no task runs any more, no timer is left. */
  stop(): void {
    this.#stopped = true;
    this.#cancelAlarm?.();
    this.#cancelAlarm = null;
  }

  // ------------------------------------------------------------ stacks

  #taskAt(ptr: number): Task {
    return this.kernel.tasks[this.#kmem.i32[(ptr + TASK_SLOT) >> 2]]!;
  }

  /** Begins a stack: a new task, or one whose stack was unwound. */
  #launch(task: Task): void {
    const context = contextOf(task);
    if (task.work & WORK_KILLED) {
      this.#finish(task);
      return;
    }
    context.live = true;
    const { instance } = context;
    let running: Promise<unknown>;
    try {
      if (context.fresh) {
        context.fresh = false;
        instance.init();
      }
      running = instance.call(...this.#unwinder.root(task));
    } catch (error) {
      running = Promise.reject(error);
    }
    running.then(
      (result) => this.#returned(task, result),
      (error) => this.#trapped(task, error),
    );
  }

  relaunch(task: Task): void {
    this.#running = task;
    this.#hot.set_current(task.ptr);
    this.#launch(task);
  }

  /** The entry returned: the program ended, or its stack is unwound. */
  #returned(task: Task, result: unknown): void {
    const context = contextOf(task);
    this.#account();
    context.live = false;
    const status = typeof result === "number" ? result & 0xff : 0;
    // A WASI program ends when its first thread returns, whatever others do.
    const ends = task.process.tasks.length === 1 || (context.image.info.abi === "wasi" && context.entry === "_start");
    if (ends) this.kernel.lifecycle.endProcess(task.process, status << 8);
    this.#finish(task);
  }

  /** The stack is gone by an exception: an exec, an end, or a fault of the guest. */
  #trapped(task: Task, error: unknown): void {
    const context = contextOf(task);
    if (this.#traceLimit !== null) {
      Error.stackTraceLimit = this.#traceLimit;
      this.#traceLimit = null;
    }
    this.#account();
    context.live = false;
    const { jump } = context;
    context.jump = null;
    const broken = this.#unwinder.broken(task);
    if (broken && !(task.work & WORK_KILLED)) this.endBySignal(task, ...broken);
    if (jump && !(task.work & WORK_KILLED)) {
      this.#unwinder.jump(task, jump);
      return;
    }
    if (task.nextStart) {
      const image = task.nextStart as LoadedImage;
      task.nextStart = null;
      if (!(task.work & WORK_KILLED)) {
        this.#instantiate(task, image, "_start", [], true);
        this.#running = null;
        this.#hot.set_current(0);
        this.#hot.make_runnable(task.ptr);
        this.#schedule();
        return;
      }
    } else if (!(task.work & WORK_KILLED)) this.#fault(task, error);
    this.#finish(task);
  }

  /** A trap that the kernel did not ask for: SIGSEGV and its like end the process, with a line in the log. */
  #fault(task: Task, error: unknown): void {
    const { kernel } = this;
    const { message, stack = "" } = error instanceof Error ? error : { message: String(error) };
    const wasm =
      error instanceof WebAssembly.RuntimeError ||
      error instanceof RangeError ||
      error instanceof WebAssembly.Exception;
    if (!wasm) kernel.log.bug(`${task.comm}[${task.tid}]`, error);
    const signo = faultSignal(error, message);
    const frame = /\bat (?:wasm:\/\/wasm\/)?(\S+) \(wasm:|\bat (\S+) \(wasm/.exec(stack);
    const where = frame?.[1] ?? frame?.[2] ?? "?";
    const what = error instanceof WebAssembly.Exception ? "an exception that nothing catches" : message;
    this.endBySignal(task, signo, `${what} in ${where}`);
  }

  endBySignal(task: Task, signo: number, why: string): void {
    this.kernel.log.print(`${task.comm}[${task.tid}]: ${why}: signal ${signo}`);
    this.kernel.lifecycle.endProcess(task.process, signo);
  }

  /** The stack's last step: the task is over, others run. */
  #finish(task: Task): void {
    this.#running = null;
    if (this.#hot.get_current() === task.ptr) this.#hot.set_current(0);
    this.kernel.lifecycle.finishTask(task);
    this.#schedule();
  }

  // ------------------------------------------------------------ instances

  #instantiate(task: Task, image: LoadedImage, entry: string, args: readonly number[], fresh: boolean): Context {
    this.#leaveInstance(task);
    const instance = this.#memories.instances.take(image, task.mm.memory as GuestMemory, fresh);
    this.#kmem.i32[(task.ptr + TASK_SIGNAL_STUB) >> 2] = instance.stub;
    this.#kmem.u32[(task.ptr + TASK_HANDLER_SP) >> 2] = 0;
    const context: Context = {
      image,
      instance,
      entry,
      args,
      resume: null,
      live: false,
      fresh,
      unwound: null,
      windUp: null,
      deadline: null,
      saved: this.#unwinder.newStacks(),
      jump: null,
    };
    task.context = context;
    return context;
  }

  /** The task's instance, if it has one, is free for others. */
  #leaveInstance(task: Task): void {
    const context = task.context as Context | null;
    if (!context) return;
    context.saved.clear();
    this.#memories.instances.give(context.instance);
  }

  copyInstance(parent: Task, child: Task): void {
    const from = contextOf(parent);
    this.#instantiate(child, from.image, from.entry, from.args, false).instance.copyGlobals(from.instance);
  }

  startImage(task: Task, image: LoadedImage): void {
    if (image.info.abi === "wasi" && !this.#wasi.begin(task, task.context === null)) {
      this.endBySignal(task, SIGKILL, "no kernel memory is left for a WASI program");
      return;
    }
    if ((task.context as Context | null)?.live) task.nextStart = image;
    else {
      this.#instantiate(task, image, "_start", [], true);
      this.#hot.make_runnable(task.ptr);
    }
  }

  startThread(creator: Task, task: Task, start: ThreadStart): void {
    const { image } = contextOf(creator);
    const one = start.args.length === 1;
    const args = one ? [start.fn, start.args[0]] : [start.fn, task.tid, start.args[1]];
    if (image.info.abi === "wasi" && !this.#wasi.beginThread(task)) throw new Error("no kernel memory is left for it");
    this.#instantiate(task, image, one ? "ring3:call1" : "ring3:call2", args, false);
    const { stackPointer, tlsBase } = image.info;
    if (start.stack !== -1) this.setGlobal(task, stackPointer, start.stack);
    // A global of the creator's that stays the same in its threads: what the new instance starts with is the module's initial value.
    const tls = start.tls === -1 && one ? this.#globalValue(creator, tlsBase) : start.tls;
    if (tls !== -1) this.setGlobal(task, tlsBase, tls);
  }

  setGlobal(task: Task, name: string | undefined, value: number): void {
    if (name !== undefined) contextOf(task).instance.global(name).value = value | 0;
  }

  #globalValue(task: Task, name: string | undefined): number {
    return name === undefined ? 0 : (contextOf(task).instance.global(name).value as number);
  }

  hasStack(task: Task): boolean {
    return contextOf(task)?.live ?? false;
  }

  imageOf(task: Task): LoadedImage {
    return contextOf(task).image;
  }

  endTask(task: Task): void {
    if (task.process.tasks.length === 0) this.#wasi.end(task.process);
    const context = task.context as Context | null;
    if (!context) return;
    if (context.deadline) this.kernel.timers.cancel(context.deadline);
    this.#leaveInstance(task);
    if (this.#lastMm === task.mm && task.mm.users === 0) this.#lastMm = null;
    task.context = null;
  }

  loadImage(content: ProgramContent, bytes: () => Uint8Array, path: string): LoadedImage | Promise<LoadedImage> {
    return this.#images.load(content, bytes, path);
  }

  newMemory(bytes: number, maximum: number, image?: LoadedImage): GuestMemory {
    const memory = this.#memories.take(bytes, maximum, image);
    memory.wipe();
    return memory;
  }

  forkMemory(parent: Task): GuestMemory {
    const { size, memory } = parent.mm;
    return this.#memories.take(size, memory.maximum, contextOf(parent).image);
  }

  random(bytes: Uint8Array): void {
    this.#fill(bytes);
  }

  // ------------------------------------------------------------ unwinding: see unwinder.ts

  unwind(task: Task, then: () => number): number {
    return this.#unwinder.unwind(task, then);
  }

  copyMemory(from: Task, to: AddressSpace): void {
    this.#unwinder.copyMemory(from, to);
  }

  startFork(parent: Task, child: Task): void {
    this.#unwinder.startFork(parent, child);
  }

  setjmp(task: Task, buf: number, withMask: boolean): number {
    return this.#unwinder.setjmp(task, buf, withMask);
  }

  longjmp(task: Task, buf: number, value: number): number {
    return this.#unwinder.longjmp(task, buf, value);
  }

  // ------------------------------------------------------------ the cold half's side of the hot half's imports

  /** The stack ends by a trap now, as it should: V8 spends two thirds of the time that takes on a stack trace, unless it is told not to. */
  expectTrap = (): void => {
    this.#traceLimit = Error.stackTraceLimit;
    Error.stackTraceLimit = 0;
  };

  defaultAction = (ptr: number, signo: number): void => this.kernel.signals.defaultAction(this.#taskAt(ptr), signo);

  unwoundAt = (ptr: number): number => this.#unwinder.unwound(this.#taskAt(ptr));

  taskAt = (ptr: number): Task => this.#taskAt(ptr);
}

/** What V8's message for a trap, or a component's glue's, means to Linux. */
function faultSignal(error: unknown, message: string): number {
  // What an exception that nothing catches comes to in C++: std::terminate, abort.
  if (error instanceof WebAssembly.Exception) return SIGABRT;
  if (error instanceof RangeError || /call stack/.test(message)) return SIGSEGV;
  if (/divide|remainder|unrepresentable|integer overflow|conversion to integer/.test(message)) return SIGFPE;
  if (/unreachable|indirect|signature|table index|null function|undefined element/.test(message)) return SIGILL;
  return SIGSEGV;
}
