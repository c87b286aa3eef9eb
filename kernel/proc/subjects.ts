/** What files of /proc are about. */
import { PROC_EGID, PROC_EUID, PROC_UID } from "../hot/layout.ts";
import type { Kernel } from "../kernel.ts";
import type { Process } from "../task/process.ts";
import type { Task } from "../task/task.ts";
import type { Subject } from "./node.ts";

/** The machine as a whole. */
export class Machine implements Subject {
  readonly kernel: Kernel;
  readonly id = 0;
  readonly uid = 0;
  readonly gid = 0;
  readonly alive = true;

  constructor(kernel: Kernel) {
    this.kernel = kernel;
  }
}

/** A process, or one of its tasks. */
export class Member implements Subject {
  readonly kernel: Kernel;
  readonly process: Process;
  /** The task that /proc/pid/task/tid is about; null for /proc/pid. */
  readonly only: Task | null;
  readonly id: number;

  constructor(process: Process, only: Task | null = null) {
    this.kernel = process.kernel;
    this.process = process;
    this.only = only;
    this.id = only === null ? process.pid : only.tid;
  }

  get alive(): boolean {
    if (this.kernel.processes.get(this.process.pid) !== this.process) return false;
    return this.only === null || this.process.tasks.includes(this.only);
  }

  /** The task that stands for it; null where all have ended (a zombie, and init, which has none). */
  get task(): Task | null {
    return this.only ?? this.process.tasks[0] ?? null;
  }

  get uid(): number {
    return this.kernel.kmem.u32[(this.process.ptr + PROC_EUID) >> 2];
  }
  get gid(): number {
    return this.kernel.kmem.u32[(this.process.ptr + PROC_EGID) >> 2];
  }

  get comm(): string {
    if (this.task !== null) return this.task.comm;
    // A zombie's task is gone, and with it its name: what it was called as.
    const name = this.process.argv[0] ?? "init";
    return name.slice(name.lastIndexOf("/") + 1).slice(0, 15);
  }

  /** Whether a task may look into the process (man 2 ptrace, PTRACE_MODE_READ): root, itself, or the same user. */
  mayBeReadBy(t: Task | null): boolean {
    if (t === null || t.process === this.process || t.euid === 0) return true;
    const ids = (this.process.ptr + PROC_UID) >> 2;
    const [real, effective, saved] = this.kernel.kmem.u32.subarray(ids, ids + 3);
    return real === t.uid && effective === t.uid && saved === t.uid;
  }
}
