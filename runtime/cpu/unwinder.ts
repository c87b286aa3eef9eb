// Stacks that come apart and together again, for fork, vfork and setjmp: the part of the CPU that has the guest save its frames,
// does what the call wants done while there is no stack, and has the guest wind them up again.

import { EAGAIN, ENOSYS } from "../../kernel/abi/errno.ts";
import { SIGABRT, SIGILL, SIGSEGV } from "../../kernel/abi/signal.ts";
import type { Hot, KernelMemory } from "../../kernel/hot/hot.ts";
import {
  RESULT_GONE,
  RESULT_UNWIND,
  TASK_BLOCKED,
  TASK_HANDLER_SP,
  TASK_RESULT,
  WORK_KILLED,
  WORK_REWIND,
  WORK_UNWIND,
} from "../../kernel/hot/layout.ts";
import type { Kernel } from "../../kernel/kernel.ts";
import type { AddressSpace } from "../../kernel/mm/address-space.ts";
import { PAGE } from "../../kernel/mm/mappings.ts";
import type { Task } from "../../kernel/task/task.ts";
import { type Context, contextOf } from "./context.ts";
import type { GuestMemory } from "./memories.ts";
import { NO_STACK, type SavedStack, SavedStacks, SavedStackTotals } from "./setjmp.ts";
import { UnwindBuffers } from "./unwind.ts";

/** Bytes below the stack pointer that LLVM's leaf functions may use. */
const RED_ZONE = 128;
const pageDown = (address: number): number => Math.max(0, Math.floor(address / PAGE) * PAGE);

interface AsyncifyExports {
  asyncify_start_unwind(data: number): void;
  asyncify_stop_unwind(): void;
  asyncify_start_rewind(data: number): void;
  asyncify_stop_rewind(): void;
}

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
  readonly #buffers = new UnwindBuffers();
  readonly #savedTotals = new SavedStackTotals();

  constructor(cpu: StackHost, hot: Hot, kmem: KernelMemory) {
    this.#cpu = cpu;
    this.#hot = hot;
    this.#kmem = kmem;
  }

  #asyncify(context: Context): AsyncifyExports {
    return context.instance.exports as unknown as AsyncifyExports;
  }

  /** What setjmp saves for a new task. */
  newStacks(): SavedStacks {
    return new SavedStacks(this.#savedTotals);
  }

  /** See `Platform.unwind`. */
  unwind(task: Task, then: () => number): number {
    if (!contextOf(task).image.info.asyncified) return -ENOSYS;
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

  #begin(task: Task, then: () => number): number {
    const context = contextOf(task);
    const buffer = this.#buffers.prepare(task);
    this.#asyncify(context).asyncify_start_unwind(buffer);
    context.unwound = then;
    task.work |= WORK_UNWIND;
    return RESULT_UNWIND;
  }

  /** The running task's entry returned since its stack unwinds: does what was to be done then. Gives that call's result. */
  finish(task: Task, unwound: () => number): number {
    const context = contextOf(task);
    context.unwound = null;
    this.#asyncify(context).asyncify_stop_unwind();
    this.#buffers.saved(task.mm);
    task.work &= ~WORK_UNWIND;
    return unwound();
  }

  /** Arranges that the task's next launch winds its stack up again, the call giving `result`. */
  rewind(task: Task, result: number): void {
    this.#kmem.setI64(task.ptr + TASK_RESULT, result);
    task.work |= WORK_REWIND;
    this.#asyncify(contextOf(task)).asyncify_start_rewind(this.#buffers.address(task.mm));
  }

  /** The running task's stack is wound up. */
  rewound(task: Task): void {
    this.#asyncify(contextOf(task)).asyncify_stop_rewind();
  }

  copyMemory(from: Task, to: AddressSpace): void {
    const source = from.mm.memory as GuestMemory;
    const target = to.memory as GuestMemory;
    const ranges = from.mm.mappings.list.map(({ start, end, used = end }): [number, number] => [start, used]);
    ranges[0][0] = this.#liveStack(from);
    target.wipe(ranges);
    source.copyTo(target, ranges);
    this.#buffers.inherit(from.mm, to);
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
    this.#cpu.copyInstance(parent, child);
    contextOf(child).saved.inherit(contextOf(parent).saved);
    if (child.mm === parent.mm) this.#buffers.save(parent);
    this.rewind(child, 0);
  }

  resumeVfork(parent: Task, result: number): void {
    if (parent.work & WORK_KILLED) return;
    this.#buffers.restore(parent);
    this.rewind(parent, result);
    this.#hot.make_runnable(parent.ptr);
  }

  setjmp(task: Task, buf: number, withMask: boolean): number {
    const { saved, image } = contextOf(task);
    task.mm.setU32(buf, NO_STACK);
    const { kernel } = this.#cpu;
    const obstacle = !image.info.asyncified
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
      const frames = this.#buffers.frames(task.mm);
      if (kernel.memoryMapped() + this.#savedTotals.bytes + frames.length > kernel.options.memoryLimit) {
        this.#cpu.endBySignal(task, SIGSEGV, "setjmp: no memory is left to save the stack in");
      } else task.mm.setU32(buf, saved.add(buf, stackPointer, mask, frames));
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

  /** After longjmp's trap: the stack of the setjmp is wound up again, which now gives `value`. */
  jump(task: Task, to: SavedStack, value: number): void {
    const { ptr, mm } = task;
    const { u32 } = this.#kmem;
    this.#buffers.putFrames(mm, to.frames);
    this.#cpu.setGlobal(task, contextOf(task).image.info.stackPointer, to.stackPointer);
    u32[(ptr + TASK_HANDLER_SP) >> 2] = 0;
    if (to.mask) {
      [u32[(ptr + TASK_BLOCKED) >> 2], u32[(ptr + TASK_BLOCKED + 4) >> 2]] = to.mask;
      this.#hot.signal_recalc(ptr);
    }
    // Unsigned: no value may look like one of the hot half's special results.
    this.rewind(task, value >>> 0);
    this.#cpu.relaunch(task);
  }

  /**
   * The task called the kernel while its stack unwinds. Asyncify leaves a function after each call that may unwind, but not in a
   * catch block of the legacy exceptions: the guest ran on there, with a result that means nothing.
   */
  broken(task: Task): void {
    const why = "fork or setjmp was called where asyncify can not leave the function (a catch block?)";
    this.#cpu.endBySignal(task, SIGILL, why);
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
