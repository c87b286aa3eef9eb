/**
 * How tasks and processes come to be and end: fork, vfork, threads, exit, zombies, reaping, orphans (man 2 fork, clone, _exit).
 * Stacks and instances are the platform's; see platform.ts for the order of steps.
 */
import { EAGAIN, ENOMEM, ENOSYS } from "../abi/errno.ts";
import { RLIMIT_NPROC } from "../abi/resource.ts";
import {
  CLONE_CHILD_CLEARTID,
  CLONE_CHILD_SETTID,
  CLONE_FILES,
  CLONE_FS,
  CLONE_PARENT_SETTID,
  CLONE_SETTLS,
  CLONE_SIGHAND,
  CLONE_THREAD,
  CLONE_VFORK,
  CLONE_VM,
} from "../abi/sched.ts";
import { CLD_DUMPED, CLD_EXITED, CLD_KILLED, SA_NOCLDWAIT, SIGCHLD } from "../abi/signal.ts";
import type { FsContext } from "../fs/fs-context.ts";
import {
  PROC_FSIZE,
  PROC_GID,
  PROC_NOFILE,
  PROC_PPID,
  PROC_UID,
  RESULT_SLEEP,
  SPARE_SHARE,
  STATE_DEAD,
  STATE_RUNNING,
  STATE_SLEEPING,
  STATE_STOPPED,
  STATE_VFORK,
  TASK_ALTSTACK_SIZE,
  TASK_BLOCKED,
  TASK_CLEAR_TID,
  TASK_FILES,
  TASK_FS,
  TASK_MM,
  TASK_SIGHAND,
  TASK_TGID,
  TASK_TID,
  WAKE_SIGNAL,
  WORK_KILLED,
  WORK_STOPPED,
  WORK_TRACED,
} from "../hot/layout.ts";
import type { Kernel } from "../kernel.ts";
import { AddressSpace } from "../mm/address-space.ts";
import { releaseMappings } from "../mm/calls.ts";
import type { ThreadStart } from "../platform.ts";
import { dumpsCore } from "../signal/signals.ts";
import { Process } from "./process.ts";
import { releaseRobustFutexes } from "./robust.ts";
import { Task } from "./task.ts";

/** Pids go up to this and around (man 5 proc: /proc/sys/kernel/pid_max). */
export const PID_MAX = 4194304;

export class Lifecycle {
  readonly #kernel: Kernel;
  #lastPid = 1;
  readonly #endings = new Map<Process, ((status: number) => void)[]>();

  constructor(kernel: Kernel) {
    this.#kernel = kernel;
  }

  /** A pid that no process, group, session or task uses. */
  #newPid(): number {
    const { processes, tasksByTid, groups, sessions } = this.#kernel;
    for (;;) {
      this.#lastPid = this.#lastPid >= PID_MAX - 1 ? 300 : this.#lastPid + 1;
      const pid = this.#lastPid;
      if (!tasksByTid.has(pid) && !processes.has(pid) && !groups.has(pid) && !sessions.has(pid)) return pid;
    }
  }

  /** -EAGAIN where one more task would pass --pids-limit, -ENOMEM where kernel memory is nearly full. */
  checkRoom(): number {
    const { tasksByTid, zombies, options, hot } = this.#kernel;
    if (tasksByTid.size + zombies >= options.pidsLimit) return -EAGAIN;
    return hot.pages_left(0, SPARE_SHARE) ? 0 : -ENOMEM;
  }

  /** checkRoom, and -EAGAIN where one more task would pass RLIMIT_NPROC. */
  checkLimits(t: Task): number {
    const { tasksByTid } = this.#kernel;
    const room = this.checkRoom();
    if (room < 0) return room;
    const limit = t.process.rlimits[RLIMIT_NPROC].soft;
    if (t.uid === 0 || limit === Number.POSITIVE_INFINITY) return 0;
    let mine = 0;
    for (const task of tasksByTid.values()) if (task.uid === t.uid) mine++;
    return mine >= limit ? -EAGAIN : 0;
  }

  #allocateSlot(): number {
    const { tasks, freeSlots } = this.#kernel;
    return freeSlots.pop() ?? tasks.length;
  }

  /** A process without tasks. */
  newProcess(parent: Process | null, pid = this.#newPid()): Process {
    const kernel = this.#kernel;
    const { kmem } = kernel;
    const ptr = kernel.hot.proc_new();
    const session = parent?.session ?? { sid: pid, tty: null };
    const process = new Process(kernel, ptr, pid, parent, session, parent?.pgid ?? pid);
    if (parent) {
      kmem.u8.copyWithin(ptr + PROC_UID, parent.ptr + PROC_UID, parent.ptr + PROC_GID + 16);
      kmem.i32[(ptr + PROC_PPID) >> 2] = parent.pid;
      process.rlimits = parent.rlimits.map((limit) => ({ ...limit }));
      process.groups = parent.groups;
      process.exe = parent.exe;
      process.argv = parent.argv;
      process.environ = parent.environ;
      process.dumpable = parent.dumpable;
      process.noNewPrivileges = parent.noNewPrivileges;
      parent.children.add(process);
    }
    this.limitsChanged(process);
    kernel.processes.set(pid, process);
    return process;
  }

  /** Copies to kernel memory what the hot half needs of the resource limits. */
  limitsChanged(process: Process): void {
    const { kmem } = this.#kernel;
    const { rlimits } = process;
    if (rlimits.length === 0) return;
    const fsize = rlimits[1].soft;
    kmem.setI64(process.ptr + PROC_FSIZE, Math.min(fsize, Number.MAX_SAFE_INTEGER));
    kmem.u32[(process.ptr + PROC_NOFILE) >> 2] = Math.min(rlimits[7].soft, 1048576);
  }

  /** A task of a process. `files` and `sighand`: references that pass to it. */
  newTask(process: Process, mm: AddressSpace, fs: FsContext, files: number, sighand: number, comm: string): Task {
    const kernel = this.#kernel;
    const { hot, kmem } = kernel;
    const slot = this.#allocateSlot();
    const ptr = hot.task_new(slot);
    const tid = process.tasks.length === 0 && !kernel.tasksByTid.has(process.pid) ? process.pid : this.#newPid();
    kmem.i32[(ptr + TASK_TID) >> 2] = tid;
    kmem.i32[(ptr + TASK_TGID) >> 2] = process.pid;
    kmem.u32[(ptr + TASK_MM) >> 2] = mm.ptr;
    kmem.u32[(ptr + TASK_FILES) >> 2] = files;
    kmem.u32[(ptr + TASK_SIGHAND) >> 2] = sighand;
    kmem.u32[(ptr + TASK_FS) >> 2] = fs.ptr;
    hot.proc_add_task(process.ptr, ptr);
    const task = new Task(kernel, slot, ptr, process, mm, fs, comm);
    task.files = files;
    task.sighand = sighand;
    kernel.tasks[slot] = task;
    kernel.tasksByTid.set(tid, task);
    process.tasks.push(task);
    kernel.forks++;
    return task;
  }

  #inheritSignals(parent: Task, child: Task): void {
    const { kmem } = this.#kernel;
    kmem.u8.copyWithin(child.ptr + TASK_BLOCKED, parent.ptr + TASK_BLOCKED, parent.ptr + TASK_BLOCKED + 8);
  }

  /** fork and vfork: the calling stack is unwound first, then `#forked` runs. */
  fork(t: Task, vfork: boolean): number {
    const kernel = this.#kernel;
    const limited = this.checkLimits(t);
    if (limited < 0) return limited;
    if (!kernel.platform.imageOf(t).canFork) {
      kernel.log.print(`${t.comm}[${t.tid}]: fork: the image can not be unwound (see ring3 inspect)`);
      return -ENOSYS;
    }
    return kernel.platform.unwind(t, () => this.#forked(t, vfork));
  }

  #forked(t: Task, vfork: boolean): number {
    const kernel = this.#kernel;
    const { hot, platform } = kernel;
    let mm = t.mm;
    if (vfork) mm.users++;
    else {
      const total = t.mm.mappings.total;
      if (kernel.memoryMapped() + total > kernel.options.memoryLimit) return -ENOMEM;
      try {
        kernel.shared.publish(t.mm);
        mm = new AddressSpace(kernel.kmem, hot, platform.forkMemory(t), t.mm.size);
      } catch {
        return -ENOMEM;
      }
      mm.mappings.copyFrom(t.mm.mappings);
      platform.copyMemory(t, mm);
      kernel.shared.inherit(t.mm, mm);
      kernel.addAddressSpace(mm);
    }
    const files = hot.files_clone(t.files);
    const sighand = hot.sighand_clone(t.sighand);
    const process = this.newProcess(t.process);
    const child = this.newTask(process, mm, t.fs.copy(), files, sighand, t.comm);
    this.#inheritSignals(t, child);
    child.nice = t.nice;
    kernel.kmem.u8.copyWithin(
      child.ptr + TASK_ALTSTACK_SIZE - 4,
      t.ptr + TASK_ALTSTACK_SIZE - 4,
      t.ptr + TASK_ALTSTACK_SIZE + 8,
    );
    if (vfork) {
      child.vforkParent = t;
      t.state = STATE_VFORK;
    }
    this.#trace(t, child);
    try {
      platform.startFork(t, child);
    } catch (error) {
      kernel.log.print(`${t.comm}[${t.tid}]: fork: the host gave no instance: ${error}`);
      t.state = STATE_RUNNING;
      child.vforkParent = null;
      this.#undo(child);
      return -EAGAIN;
    }
    hot.make_runnable(child.ptr);
    return process.pid;
  }

  /** Takes back a task that could not be started, and its process where it is the only one. */
  #undo(child: Task): void {
    const { process } = child;
    process.exitSignal = 0;
    this.finishTask(child);
    if (process.zombie && this.#kernel.processes.has(process.pid)) this.reap(process);
  }

  /** strace -f: what a traced task makes is traced. */
  #trace(t: Task, child: Task): void {
    const { tracer, traceChildren } = this.#kernel;
    if (!(t.work & WORK_TRACED) || !tracer || !traceChildren) return;
    child.work |= WORK_TRACED;
    tracer.attached(child.tid);
  }

  /** The vfork child has exec'd or ended: its parent goes on. */
  releaseVfork(child: Task): void {
    const parent = child.vforkParent;
    if (!parent) return;
    child.vforkParent = null;
    this.#kernel.hot.wake_uninterruptible(parent.ptr);
  }

  /** clone(2) with a function, on shared memory: a thread, or a vfork-like child with its own stack. Gives the tid, or -errno. */
  clone(t: Task, flags: number, start: ThreadStart, ptid: number, ctid: number): number {
    const kernel = this.#kernel;
    const { hot, kmem, platform } = kernel;
    if (!(flags & CLONE_VM)) return -ENOSYS;
    if (t.restarted) return t.scratch(0); // CLONE_VFORK: the child has exec'd or ended
    const limited = this.checkLimits(t);
    if (limited < 0) return limited;
    const thread = (flags & CLONE_THREAD) !== 0;
    if (flags & CLONE_FILES) hot.files_ref(t.files);
    const files = flags & CLONE_FILES ? t.files : hot.files_clone(t.files);
    if (flags & CLONE_SIGHAND) hot.sighand_ref(t.sighand);
    const sighand = flags & CLONE_SIGHAND ? t.sighand : hot.sighand_clone(t.sighand);
    const fs = flags & CLONE_FS ? t.fs.share() : t.fs.copy();
    t.mm.users++;
    const process = thread ? t.process : this.newProcess(t.process);
    if (!thread) process.exitSignal = flags & 0xff;
    const child = this.newTask(process, t.mm, fs, files, sighand, t.comm);
    this.#inheritSignals(t, child);
    child.nice = t.nice;
    // A bad pointer changes nothing, as on Linux: the task exists already.
    if (flags & CLONE_PARENT_SETTID && ptid + 4 <= t.mm.size) t.mm.setU32(ptid, child.tid);
    if (flags & CLONE_CHILD_SETTID && ctid + 4 <= t.mm.size) t.mm.setU32(ctid, child.tid);
    if (flags & CLONE_CHILD_CLEARTID) kmem.u32[(child.ptr + TASK_CLEAR_TID) >> 2] = ctid;
    this.#trace(t, child);
    try {
      platform.startThread(t, child, { ...start, tls: flags & CLONE_SETTLS ? start.tls : -1 });
    } catch (error) {
      kernel.log.print(`${t.comm}[${t.tid}]: clone: the host gave no instance: ${error}`);
      this.#undo(child);
      return -EAGAIN;
    }
    hot.make_runnable(child.ptr);
    if (flags & CLONE_VFORK) {
      child.vforkParent = t;
      t.setScratch(0, child.tid);
      return RESULT_SLEEP;
    }
    return child.tid;
  }

  /** exit_group(2), or death by a signal: every task of the process is to end. `status` as wait4 gives it. */
  endProcess(process: Process, status: number): void {
    if (process.exiting) return;
    process.exiting = true;
    process.status = status & 0x7f && dumpsCore(status & 0x7f) && process.rlimits[4].soft > 0 ? status | 0x80 : status;
    for (const task of [...process.tasks]) this.#kill(task);
  }

  /** Ends one task: at its next step it traps; one that has no stack is finished at once. */
  #kill(task: Task): void {
    task.work = (task.work | WORK_KILLED) & ~WORK_STOPPED;
    const { hot, platform } = this.#kernel;
    if (platform.hasStack(task)) {
      if (task.state === STATE_STOPPED) task.state = STATE_SLEEPING;
      hot.wake_task(task.ptr, WAKE_SIGNAL);
      hot.wake_uninterruptible(task.ptr);
    } else this.finishTask(task);
  }

  /** exec: all other threads of the process are to end. True once they have. */
  killOtherThreads(t: Task): boolean {
    for (const task of [...t.process.tasks]) if (task !== t && !(task.work & WORK_KILLED)) this.#kill(task);
    return t.process.tasks.length === 1;
  }

  /** Lets go of a task's address space: the last user frees the memory. */
  leaveMemory(t: Task): void {
    const { mm } = t;
    this.#kernel.hot.window_close(t.ptr);
    if (--mm.users > 0) return;
    releaseMappings(t);
    this.#kernel.dropAddressSpace(mm);
    mm.memory.release(mm.mappings.touched);
    this.#kernel.hot.mm_free(mm.ptr);
  }

  /** The task's stack is gone: frees what it holds; with the last task the process becomes a zombie. */
  finishTask(t: Task): void {
    const kernel = this.#kernel;
    const { hot, kmem } = kernel;
    const { process } = t;
    if (t.state === STATE_DEAD) return;
    if (t.work & WORK_TRACED) kernel.tracer?.ended(t.tid, process.status);
    releaseRobustFutexes(t);
    const clear = kmem.u32[(t.ptr + TASK_CLEAR_TID) >> 2];
    if (clear && t.mm.users > 1 && clear + 4 <= t.mm.size) {
      t.mm.setU32(clear, 0);
      hot.futex_wake_address(t.mm.ptr, clear, 1);
    }
    t.state = STATE_DEAD;
    hot.dequeue(t.ptr);
    hot.wait_clear(t.ptr);
    hot.futex_leave(t.ptr);
    kernel.vfs.taskExit(t);
    process.times.user += t.userTime;
    process.times.system += t.systemTime;
    process.maxRss = Math.max(process.maxRss, t.mm.mappings.total / 1024);
    const last = process.tasks.length === 1;
    // Closing files asks who closes them (record locks).
    const running = hot.get_current();
    hot.set_current(t.ptr);
    hot.files_put(t.files);
    hot.set_current(running === t.ptr ? 0 : running);
    t.fs.leave();
    hot.sighand_put(t.sighand);
    this.leaveMemory(t);
    this.releaseVfork(t);
    hot.signal_flush(t.ptr, 0);
    hot.proc_remove_task(process.ptr, t.ptr);
    process.tasks.splice(process.tasks.indexOf(t), 1);
    kernel.tasksByTid.delete(t.tid);
    kernel.tasks[t.slot] = null;
    kernel.freeSlots.push(t.slot);
    kernel.platform.endTask(t);
    hot.task_free(t.ptr);
    if (last) this.#becomeZombie(process);
    else kernel.wake(process.waitQueue);
  }

  #becomeZombie(process: Process): void {
    const kernel = this.#kernel;
    process.zombie = true;
    kernel.zombies++;
    process.exe = null;
    process.stopped = false;
    kernel.itimers.drop(process);
    kernel.hot.signal_flush(0, process.ptr);
    if (process.session.sid === process.pid) kernel.ttys.sessionLeaderExit(process);
    this.#giveAwayChildren(process);
    for (const ended of this.#endings.get(process) ?? []) ended(process.status);
    this.#endings.delete(process);
    const parent = process.parent ?? kernel.init;
    if (ties(parent, process)) kernel.signals.checkOrphans(process.pgid);
    if (parent === kernel.init || parent.zombie || this.#reapsItself(parent)) {
      if (parent !== kernel.init && !parent.zombie) this.#notify(process, parent);
      this.reap(process);
      kernel.wake(parent.waitQueue);
      return;
    }
    this.#notify(process, parent);
  }

  #notify(process: Process, parent: Process): void {
    const kernel = this.#kernel;
    const signal = process.status & 0x7f;
    const code = signal === 0 ? CLD_EXITED : process.status & 0x80 ? CLD_DUMPED : CLD_KILLED;
    const status = signal === 0 ? process.status >> 8 : signal;
    if (process.exitSignal) {
      kernel.signals.toProcess(parent, process.exitSignal, {
        code,
        pid: process.pid,
        uid: kernel.kmem.u32[(process.ptr + PROC_UID) >> 2],
        status,
      });
    }
    kernel.wake(parent.waitQueue);
  }

  /** Whether a parent has said that its children leave no zombies (man 2 sigaction: SA_NOCLDWAIT). */
  #reapsItself(parent: Process): boolean {
    const leader = parent.tasks[0];
    if (!leader) return true;
    const { handler, flags } = this.#kernel.signals.action(leader.sighand, SIGCHLD);
    return handler === 1 || (flags & SA_NOCLDWAIT) !== 0;
  }

  /** Children of a process that ended go to the nearest subreaper, else to init. */
  #giveAwayChildren(process: Process): void {
    const kernel = this.#kernel;
    let heir = process.parent;
    while (heir && heir !== kernel.init && !(heir.subreaper && !heir.zombie)) heir = heir.parent;
    const adopter = heir ?? kernel.init;
    for (const child of [...process.children]) {
      process.children.delete(child);
      child.parent = adopter;
      adopter.children.add(child);
      kernel.kmem.i32[(child.ptr + PROC_PPID) >> 2] = adopter.pid;
      if (child.parentDeathSignal && !child.zombie) kernel.signals.toProcess(child, child.parentDeathSignal);
      if (child.zombie) {
        if (adopter === kernel.init) this.reap(child);
        else this.#notify(child, adopter);
      } else if (child.stopped && ties(process, child)) kernel.signals.checkOrphans(child.pgid);
    }
  }

  /** A zombie's end: its times go to the parent, its pid is free. */
  reap(process: Process): void {
    const kernel = this.#kernel;
    const { parent } = process;
    if (parent) {
      parent.children.delete(process);
      parent.childTimes.user += process.times.user + process.childTimes.user;
      parent.childTimes.system += process.times.system + process.childTimes.system;
      parent.childMaxRss = Math.max(parent.childMaxRss, process.maxRss, process.childMaxRss);
    }
    kernel.processes.delete(process.pid);
    kernel.zombies--;
    process.forget();
    kernel.freeWaitQueue(process.waitQueue);
    kernel.hot.proc_free(process.ptr);
  }

  /** Calls `ended` with the wait status when a process ends. */
  onEnd(process: Process, ended: (status: number) => void): void {
    const list = this.#endings.get(process) ?? [];
    list.push(ended);
    this.#endings.set(process, list);
  }
}

/** Whether this parent and child keep the child's group from being orphaned: no other's end can orphan it (Linux: kill_orphaned_pgrp). */
function ties(parent: Process, child: Process): boolean {
  return parent.pgid !== child.pgid && parent.session === child.session;
}
