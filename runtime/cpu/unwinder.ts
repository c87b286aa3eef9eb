// Stacks that come apart and together again, for fork, vfork and setjmp. The guest does it, as the loader's unwinding pass made it
// (runtime/loader/unwind): it returns from all its functions, each of which leaves a frame in kernel memory, up to `ring3:run`, and
// is wound up from there by versions of the functions that take the frames. Here is what happens in between, and who gets the frames:
// the same stack at once; a forked child and a longjmp on a new one; a vfork parent when its child is gone.

import { EAGAIN, ENOMEM, ENOSYS } from "../../kernel/abi/errno.ts";
import { SIGABRT, SIGILL, SIGSEGV } from "../../kernel/abi/signal.ts";
import { fail } from "../../kernel/errors.ts";
import type { Hot, KernelMemory } from "../../kernel/hot/hot.ts";
import {
  RESULT_GONE,
  RESULT_UNWIND,
  STATE_VFORK,
  TASK_BLOCKED,
  TASK_HANDLER_SP,
  TASK_RESULT,
  UNWIND_END,
  UNWIND_SP,
  UNWINDING,
  UNWINDING_FULL,
  UNWINDING_ON,
  WORK_REWIND,
} from "../../kernel/hot/layout.ts";
import type { Kernel } from "../../kernel/kernel.ts";
import type { AddressSpace } from "../../kernel/mm/address-space.ts";
import { PAGE } from "../../kernel/mm/mappings.ts";
import type { Task } from "../../kernel/task/task.ts";
import { RUN_KINDS } from "../loader/index.ts";
import { type Context, contextOf } from "./context.ts";
import type { GuestMemory } from "./memories.ts";
import { NO_STACK, SavedStacks, SavedStackTotals } from "./setjmp.ts";

/** Bytes below the stack pointer that LLVM's leaf functions may use. */
const RED_ZONE = 128;
const pageDown = (address: number): number => Math.max(0, Math.floor(address / PAGE) * PAGE);

/** Bytes of frames that one stack may have. As much as the stack itself (host/node/thread.js): a frame is hardly bigger than V8's. */
const ROOM = 2 * 1024 * 1024;

/** Result of `unwound`: the task has its frames and winds up; it is to sleep first, and ask again. */
const WIND_UP = 0;
const SLEEP = 1;

/** What the unwinder asks of the CPU. */
export interface StackHost {
  readonly kernel: Kernel;
  /** Begins a stack for the task, whose last one is gone, at once. */
  relaunch(task: Task): void;
  /** Makes `child` an instance of the parent's image, with the parent's globals. */
  copyInstance(parent: Task, child: Task): void;
  setGlobal(task: Task, name: string | undefined, value: number): void;
  /** Ends the task's process by a signal, with a line in the kernel log. */
  endBySignal(task: Task, signo: number, why: string): void;
}

export class Unwinder {
  readonly #cpu: StackHost;
  readonly #hot: Hot;
  readonly #kmem: KernelMemory;
  readonly #savedTotals = new SavedStackTotals();
  /** Where frames are written and read: an address in kernel memory. One stack at a time comes apart, or together. */
  #room = 0;

  constructor(cpu: StackHost, hot: Hot, kmem: KernelMemory) {
    this.#cpu = cpu;
    this.#hot = hot;
    this.#kmem = kmem;
  }

  /** What setjmp saves for a new task. */
  newStacks(): SavedStacks {
    return new SavedStacks(this.#savedTotals);
  }

  /** See `Platform.unwind`. */
  unwind(task: Task, then: () => number): number {
    if (!contextOf(task).image.info.unwinding) return -ENOSYS;
    if (this.#insideHandler(task)) {
      this.#cpu.kernel.log.print(`${task.comm}[${task.tid}]: fork inside a signal handler is not possible: EAGAIN`);
      return -EAGAIN;
    }
    return this.#begin(task, then);
  }

  /**
   * A signal handler runs on the running task's stack: frames of the hot half, which can not unwind, lie in between. A handler
   * that was left by an exception, as our C library's longjmp does, has not said so: the stack tells.
   */
  #insideHandler(task: Task): boolean {
    const handler = (task.ptr + TASK_HANDLER_SP) >> 2;
    if (this.#kmem.u32[handler] === 0) return false;
    if (hotHalfBelowGuest()) return true;
    this.#kmem.u32[handler] = 0;
    return false;
  }

  /** The running task's guest unwinds from here; `then` gives the result of its call. Throws ENOMEM. */
  #begin(task: Task, then: () => number): number {
    const { u32 } = this.#kmem;
    this.#room ||= this.#hot.alloc(ROOM) || fail(ENOMEM);
    u32[UNWIND_SP >> 2] = this.#room;
    u32[UNWIND_END >> 2] = this.#room + ROOM;
    u32[UNWINDING >> 2] = UNWINDING_ON;
    contextOf(task).unwound = then;
    return RESULT_UNWIND;
  }

  /** The running task's stack is unwound to its root, which asks what to do; or it has slept since this said so. */
  unwound(task: Task): number {
    const context = contextOf(task);
    const { unwound, windUp } = context;
    if (windUp) {
      this.#take(task, context);
      return WIND_UP;
    }
    context.unwound = null;
    this.#kmem.u32[UNWINDING >> 2] = 0;
    const result = unwound!();
    if (task.state === STATE_VFORK) {
      context.windUp = { frames: this.#frames(), result };
      return SLEEP;
    }
    this.#windUp(task, result);
    return WIND_UP;
  }

  /** The running task's call, to which it winds up what is in the room, gives `result`. */
  #windUp(task: Task, result: number): void {
    this.#kmem.setI64(task.ptr + TASK_RESULT, result);
    task.work |= WORK_REWIND;
  }

  /** The running task winds up the frames that are kept for it. */
  #take(task: Task, context: Context): void {
    const { frames, result } = context.windUp!;
    context.windUp = null;
    this.#kmem.u8.set(frames, this.#room);
    this.#kmem.u32[UNWIND_SP >> 2] = this.#room + frames.length;
    this.#windUp(task, result);
  }

  /** A copy of the frames in the room. */
  #frames(): Uint8Array {
    return this.#kmem.u8.slice(this.#room, this.#kmem.u32[UNWIND_SP >> 2]);
  }

  /** The export that the task's stack is rooted in, and its arguments; it is to begin now. */
  root(task: Task): [name: string, args: readonly number[]] {
    const context = contextOf(task);
    const { entry, args, image, windUp } = context;
    if (!image.info.unwinding) return [entry, args];
    if (windUp) this.#take(task, context);
    return ["ring3:run", [RUN_KINDS[entry], windUp ? 1 : 0, ...args]];
  }

  /**
   * The running task's stack is gone by a trap. Where it was being unwound, that is why: gives the signal to end it with, and the
   * line for the log.
   */
  broken(task: Task): [signo: number, why: string] | undefined {
    const { u32 } = this.#kmem;
    const state = u32[UNWINDING >> 2];
    if (state === 0) return undefined;
    u32[UNWINDING >> 2] = 0;
    contextOf(task).unwound = null;
    if (state === UNWINDING_FULL) return [SIGSEGV, "fork or setjmp: the stack is too deep to be saved"];
    return [SIGILL, "fork or setjmp was called where a function can not be left (see ring3 inspect)"];
  }

  copyMemory(from: Task, to: AddressSpace): void {
    const source = from.mm.memory as GuestMemory;
    const target = to.memory as GuestMemory;
    const ranges = from.mm.mappings.list.map(({ start, end }): [number, number] => [start, end]);
    ranges[0][0] = this.#liveStack(from);
    target.wipe(ranges);
    source.copyTo(target, ranges);
  }

  /**
   * Where the part of the task's memory begins that it can still read: at its stack pointer, where the image's stack lies below all else
   * and the task is on it (not on a thread's or a signal handler's), else at 0.
   */
  #liveStack(task: Task): number {
    const { instance, image } = contextOf(task);
    const { stackPointer, stackTop = 0 } = image.info;
    if (stackPointer === undefined) return 0;
    const pointer = instance.global(stackPointer).value as number;
    return pointer > 0 && pointer <= stackTop ? pageDown(pointer - RED_ZONE) : 0;
  }

  startFork(parent: Task, child: Task): void {
    const frames = this.#frames();
    this.#checkRoom(frames);
    this.#cpu.copyInstance(parent, child);
    const context = contextOf(child);
    context.saved.inherit(contextOf(parent).saved);
    context.windUp = { frames, result: 0 };
  }

  /** Throws ENOMEM where frames would pass the machine's limit. */
  #checkRoom(frames: Uint8Array): void {
    const { kernel } = this.#cpu;
    const used = kernel.memoryMapped() + this.#savedTotals.bytes;
    if (used + frames.length > kernel.options.memoryLimit) fail(ENOMEM);
  }

  setjmp(task: Task, buf: number, withMask: boolean): number {
    const { saved, image } = contextOf(task);
    task.mm.setU32(buf, NO_STACK);
    const { kernel } = this.#cpu;
    const obstacle = !image.info.unwinding
      ? "the image can not be unwound (see ring3 inspect)"
      : this.#insideHandler(task)
        ? "a signal handler runs"
        : undefined;
    if (obstacle !== undefined) {
      kernel.log.printOnce(`${task.comm}[${task.tid}]: setjmp saves no stack: ${obstacle}`);
      return 0;
    }
    const { u32 } = this.#kmem;
    const blocked = (task.ptr + TASK_BLOCKED) >> 2;
    const mask = withMask ? ([u32[blocked], u32[blocked + 1]] as const) : null;
    const stackPointer = this.#hot.stack_pointer(task.ptr);
    return this.#begin(task, () => {
      const frames = this.#frames();
      try {
        this.#checkRoom(frames);
        task.mm.setU32(buf, saved.add(buf, stackPointer, mask, frames));
      } catch {
        this.#cpu.endBySignal(task, SIGSEGV, "setjmp: no memory is left to save the stack in");
      }
      return 0;
    });
  }

  longjmp(task: Task, buf: number, value: number): number {
    const context = contextOf(task);
    const to = context.saved.take(task.mm.u32(buf));
    if (to) context.jump = { to, value: value === 0 ? 1 : value };
    else this.#cpu.endBySignal(task, SIGABRT, "longjmp to a function that is not running");
    return RESULT_GONE;
  }

  /** After longjmp's trap: the stack of the setjmp is wound up again, which now gives the value. */
  jump(task: Task, { to, value }: NonNullable<Context["jump"]>): void {
    const { ptr } = task;
    const { u32 } = this.#kmem;
    this.#cpu.setGlobal(task, contextOf(task).image.info.stackPointer, to.stackPointer);
    u32[(ptr + TASK_HANDLER_SP) >> 2] = 0;
    if (to.mask) {
      [u32[(ptr + TASK_BLOCKED) >> 2], u32[(ptr + TASK_BLOCKED + 4) >> 2]] = to.mask;
      this.#hot.signal_recalc(ptr);
    }
    // Unsigned: no value may look like one of the hot half's special results.
    contextOf(task).windUp = { frames: to.frames, result: value >>> 0 };
    this.#cpu.relaunch(task);
  }
}

/** Whether the hot half stands on the present stack not only on top but also below the guest, as it does where it called a handler. */
function hotHalfBelowGuest(): boolean {
  const { stackTraceLimit } = Error;
  Error.stackTraceLimit = Number.POSITIVE_INFINITY;
  const { stack = "" } = new Error();
  Error.stackTraceLimit = stackTraceLimit;
  const modules = [...stack.matchAll(/wasm:\/\/wasm\/([^\s:]+)/g)].map(([, module]) => module);
  const guest = modules.findIndex((module) => module !== modules[0]);
  return guest >= 0 && modules.includes(modules[0], guest);
}
