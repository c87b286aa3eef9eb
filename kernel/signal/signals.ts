/** Sending signals from the cold half, and what they do by default (man 7 signal). Delivery to handlers is in hot/signal.ts. */
import { EPERM, ESRCH } from "../abi/errno.ts";
import {
  CLD_CONTINUED,
  CLD_STOPPED,
  SA_NOCLDSTOP,
  SI_KERNEL,
  SI_USER,
  SIGCHLD,
  SIGCONT,
  SIGHUP,
  SIGKILL,
  SIGSTOP,
  SIGTSTP,
  SIGTTIN,
  SIGTTOU,
} from "../abi/signal.ts";
import {
  ACTION_FLAGS,
  ACTION_HANDLER,
  ACTION_SIZE,
  PROC_SUID,
  PROC_UID,
  SIGHAND_ACTIONS,
  TASK_BLOCKED,
  WAKE_SIGNAL,
  WORK_STOPPED,
} from "../hot/layout.ts";
import type { Kernel } from "../kernel.ts";
import type { Process } from "../task/process.ts";
import type { Task } from "../task/task.ts";

/** Who sends, and with what: fields of siginfo_t (man 2 sigaction). */
export interface SignalInfo {
  code: number;
  pid: number;
  uid: number;
  status?: number;
  value?: number;
}

const FROM_KERNEL: SignalInfo = { code: SI_KERNEL, pid: 0, uid: 0 };
const STOP_SIGNALS: readonly number[] = [SIGSTOP, SIGTSTP, SIGTTIN, SIGTTOU];
const DUMPS_CORE = new Set([3, 4, 5, 6, 7, 8, 11, 24, 25, 31]);
/** In a wait status: a core was, or would have been, dumped. ring3 writes none, so the bit stays clear. */
export const dumpsCore = (signo: number): boolean => DUMPS_CORE.has(signo);

export class Signals {
  readonly #kernel: Kernel;

  constructor(kernel: Kernel) {
    this.#kernel = kernel;
  }

  /** Sends to a process: any of its tasks that does not block it takes it. 0 or -EAGAIN. */
  toProcess(process: Process, signo: number, info: SignalInfo = FROM_KERNEL): number {
    return this.#send(process, 0, signo, info);
  }

  /** Sends to one task. */
  toTask(task: Task, signo: number, info: SignalInfo = FROM_KERNEL): number {
    return this.#send(task.process, task.ptr, signo, info);
  }

  #send(process: Process, task: number, signo: number, info: SignalInfo): number {
    if (process.zombie || signo === 0) return 0;
    const { code, pid, uid, status = 0, value = 0 } = info;
    const result = this.#kernel.hot.signal_send(process.ptr, task, signo, code, pid, uid, status, value);
    if ((signo === SIGCONT || signo === SIGKILL) && process.stopped) {
      process.stopped = false;
      if (signo === SIGCONT) {
        process.stopStatus = 0xffff;
        this.#tellParent(process, CLD_CONTINUED, SIGCONT);
      }
    }
    return result;
  }

  /** Sends to every process of a group. Gives how many there were. */
  toProcessGroup(pgid: number, signo: number, info: SignalInfo = FROM_KERNEL): number {
    let count = 0;
    for (const process of [...this.#kernel.groups.of(pgid)]) {
      if (process.zombie) continue;
      this.toProcess(process, signo, info);
      count++;
    }
    return count;
  }

  /** Whether `t` may signal a process (man 2 kill): root, the same user, or SIGCONT within the session. 0, -EPERM. */
  mayKill(t: Task, target: Process, signo: number): number {
    if (t.euid === 0) return 0;
    const { kmem } = this.#kernel;
    const real = kmem.u32[(target.ptr + PROC_UID) >> 2];
    const saved = kmem.u32[(target.ptr + PROC_SUID) >> 2];
    if (t.euid === real || t.euid === saved || t.uid === real || t.uid === saved) return 0;
    return signo === SIGCONT && target.session === t.process.session ? 0 : -EPERM;
  }

  /** kill(2) on a set of processes: EPERM only where none could be signalled. */
  killAll(t: Task, targets: Iterable<Process>, signo: number): number {
    const info: SignalInfo = { code: SI_USER, pid: t.process.pid, uid: t.uid };
    let found = false;
    let sent = false;
    for (const target of targets) {
      found = true;
      if (this.mayKill(t, target, signo) < 0) continue;
      sent = true;
      this.toProcess(target, signo, info);
    }
    return sent ? 0 : found ? -EPERM : -ESRCH;
  }

  action(sighand: number, signo: number): { handler: number; flags: number } {
    const at = sighand + SIGHAND_ACTIONS + (signo - 1) * ACTION_SIZE;
    const { u32 } = this.#kernel.kmem;
    return { handler: u32[(at + ACTION_HANDLER) >> 2], flags: u32[(at + ACTION_FLAGS) >> 2] };
  }

  /** Whether a task blocks or ignores a signal: what decides about SIGTTIN and SIGTTOU. */
  blockedOrIgnored(t: Task, signo: number): boolean {
    const word = this.#kernel.kmem.u32[(t.ptr + TASK_BLOCKED + (signo > 32 ? 4 : 0)) >> 2];
    return (word & (1 << ((signo - 1) & 31))) !== 0 || this.action(t.sighand, signo).handler === 1;
  }

  /** The hot half delivers a signal that has no handler and is not ignored: stops the process or ends it. */
  defaultAction(t: Task, signo: number): void {
    const { process } = t;
    if (STOP_SIGNALS.includes(signo)) {
      if (signo !== SIGSTOP && this.isOrphaned(process.pgid)) return;
      this.#stop(process, signo);
      return;
    }
    this.#kernel.lifecycle.endProcess(process, signo);
  }

  #stop(process: Process, signo: number): void {
    if (process.stopped) return;
    process.stopped = true;
    process.stopStatus = signo;
    for (const task of process.tasks) {
      task.work |= WORK_STOPPED;
      this.#kernel.hot.wake_task(task.ptr, WAKE_SIGNAL);
    }
    this.#tellParent(process, CLD_STOPPED, signo);
  }

  #tellParent(process: Process, code: number, status: number): void {
    const parent = process.parent;
    if (!parent || parent.zombie) return;
    const leader = parent.tasks[0];
    if (!leader) return;
    if (!(this.action(leader.sighand, SIGCHLD).flags & SA_NOCLDSTOP)) {
      this.toProcess(parent, SIGCHLD, { code, pid: process.pid, uid: 0, status });
    }
    this.#kernel.wake(parent.waitQueue);
  }

  /** A group is orphaned where no member has a parent outside the group but in the session (POSIX, 3.264). */
  isOrphaned(pgid: number): boolean {
    for (const process of this.#kernel.groups.of(pgid)) {
      if (process.zombie) continue;
      const parent = process.parent;
      if (parent && parent !== this.#kernel.init && parent.pgid !== pgid && parent.session === process.session)
        return false;
    }
    return true;
  }

  /** After a process left a group or ended: a newly orphaned group with a stopped member gets SIGHUP and SIGCONT. */
  checkOrphans(pgid: number): void {
    if (this.#kernel.stopped === 0) return;
    const members = [...this.#kernel.groups.of(pgid)];
    if (!members.some((process) => process.stopped) || !this.isOrphaned(pgid)) return;
    this.toProcessGroup(pgid, SIGHUP);
    this.toProcessGroup(pgid, SIGCONT);
  }
}
