/** Tasks and processes: the cold half's side of the structures in kernel memory (hot/layout.ts). */
import type { FsContext } from "../fs/fs-context.ts";
import {
  ERESTARTNOHAND,
  ERESTARTSYS,
  PROC_EGID,
  PROC_EUID,
  PROC_GID,
  PROC_UID,
  RESULT_BLOCK,
  TASK_DEADLINE,
  TASK_NICE,
  TASK_RESTARTED,
  TASK_SCRATCH,
  TASK_STATE,
  TASK_TID,
  TASK_WAKE,
  TASK_WORK,
  WAIT_EXCLUSIVE,
  WAIT_TASK,
  WAKE_SIGNAL,
  WAKE_TIMEOUT,
} from "../hot/layout.ts";
import type { Kernel } from "../kernel.ts";
import type { AddressSpace } from "../mm/address-space.ts";
import type { Process } from "./process.ts";

export class Task {
  readonly kernel: Kernel;
  /** Index in kernel.tasks. */
  readonly slot: number;
  /** Its struct in kernel memory (TASK_*). */
  readonly ptr: number;
  tid: number;
  process: Process;
  mm: AddressSpace;
  /** Its descriptor table in kernel memory (FILES_*). */
  files: number;
  /** Its signal actions in kernel memory (SIGHAND_*). */
  sighand: number;
  fs: FsContext;
  /** At most 15 bytes: /proc/pid/comm, prctl(PR_SET_NAME). */
  comm: string;
  /** What the runtime keeps for the task: instance, stack, entry. */
  context: unknown = null;
  /** Milliseconds on the CPU in guest code, and in the cold half on its behalf. */
  userTime = 0;
  systemTime = 0;
  /** The vfork parent that waits for this task's exec or exit. */
  vforkParent: Task | null = null;
  /** What the task is being timed out by: its place in the kernel's timer heap. */
  timer = 0;
  /** Head of the list of robust futexes it holds (man 2 set_robust_list); 0 none. */
  robustList = 0;
  /** Set by exec: the image to start in place of the one that traps. */
  nextStart: unknown = null;

  constructor(
    kernel: Kernel,
    slot: number,
    ptr: number,
    process: Process,
    mm: AddressSpace,
    fs: FsContext,
    comm: string,
  ) {
    this.kernel = kernel;
    this.slot = slot;
    this.ptr = ptr;
    this.process = process;
    this.mm = mm;
    this.fs = fs;
    this.comm = comm;
    this.tid = kernel.kmem.i32[(ptr + TASK_TID) >> 2];
    this.files = 0;
    this.sighand = 0;
  }

  get work(): number {
    return this.kernel.kmem.u32[(this.ptr + TASK_WORK) >> 2];
  }

  set work(bits: number) {
    this.kernel.hot.set_work(this.ptr, bits);
  }

  get state(): number {
    return this.kernel.kmem.u32[(this.ptr + TASK_STATE) >> 2];
  }

  set state(state: number) {
    this.kernel.kmem.u32[(this.ptr + TASK_STATE) >> 2] = state;
  }

  get nice(): number {
    return this.kernel.kmem.i32[(this.ptr + TASK_NICE) >> 2];
  }

  set nice(value: number) {
    this.kernel.kmem.i32[(this.ptr + TASK_NICE) >> 2] = value;
  }

  /** True where the handler is entered again after a block. */
  get restarted(): boolean {
    return this.kernel.kmem.u32[(this.ptr + TASK_RESTARTED) >> 2] > 0;
  }

  /** True where the last block of this call ended because a signal came. */
  get interrupted(): boolean {
    return this.restarted && this.kernel.kmem.u32[(this.ptr + TASK_WAKE) >> 2] === WAKE_SIGNAL;
  }

  /** True where the last block of this call ended because its deadline passed. */
  get timedOut(): boolean {
    return this.restarted && this.kernel.kmem.u32[(this.ptr + TASK_WAKE) >> 2] === WAKE_TIMEOUT;
  }

  /** Scratch number i (0..3) of the call in progress: 0 at its first entry, kept over re-entries. */
  scratch(i: number): number {
    return this.kernel.kmem.f64[(this.ptr + TASK_SCRATCH + 8 * i) >> 3];
  }

  setScratch(i: number, value: number): void {
    this.kernel.kmem.f64[(this.ptr + TASK_SCRATCH + 8 * i) >> 3] = value;
  }

  /**
   * Blocks the call in progress on wait queues: `return task.block([queue])`. The hot half parks the task and enters the
   * handler again once it is woken, so a handler tries first and blocks last. When a signal ended the wait it gives -ERESTARTSYS
   * (restarted under SA_RESTART), or with `noRestart` -ERESTARTNOHAND (always EINTR when a handler ran: man 7 signal).
   * `deadline`: monotonic ms; when it passes the handler is entered with `timedOut` true. It is set once for all entries of a call.
   */
  block(queues: readonly number[], options?: { deadline?: number; noRestart?: boolean; exclusive?: boolean }): number {
    if (this.interrupted) return options?.noRestart ? -ERESTARTNOHAND : -ERESTARTSYS;
    const { kmem, hot } = this.kernel;
    for (const queue of queues) hot.wait_add(this.ptr, queue, options?.exclusive ? WAIT_EXCLUSIVE : WAIT_TASK);
    if (options?.deadline !== undefined) kmem.f64[(this.ptr + TASK_DEADLINE) >> 3] = options.deadline;
    return RESULT_BLOCK;
  }

  get uid(): number {
    return this.kernel.kmem.u32[(this.process.ptr + PROC_UID) >> 2];
  }
  get euid(): number {
    return this.kernel.kmem.u32[(this.process.ptr + PROC_EUID) >> 2];
  }
  get gid(): number {
    return this.kernel.kmem.u32[(this.process.ptr + PROC_GID) >> 2];
  }
  get egid(): number {
    return this.kernel.kmem.u32[(this.process.ptr + PROC_EGID) >> 2];
  }
}
