/** Calls about processes themselves: fork, clone, exit, groups, sessions, limits, priorities, prctl, and the C start-up's imports. */
import { EACCES, EFAULT, EINVAL, ENOSYS, EPERM, ESRCH } from "../abi/errno.ts";
import * as pr from "../abi/prctl.ts";
import { PRIO_PGRP, PRIO_PROCESS, PRIO_USER, RLIM_NLIMITS, RLIMIT_NOFILE } from "../abi/resource.ts";
import {
  CLONE_FILES,
  CLONE_FS,
  CLONE_SIGHAND,
  CLONE_SYSVSEM,
  CLONE_THREAD,
  CLONE_VFORK,
  CLONE_VM,
} from "../abi/sched.ts";
import { RESULT_GONE, TASK_CLEAR_TID, WORK_KILLED } from "../hot/layout.ts";
import type { Handlers } from "../kernel.ts";
import { encodeString } from "../mm/address-space.ts";
import type { Process } from "./process.ts";
import type { Task } from "./task.ts";

/** The environment, one variable a line, as WALI's start-up reads it: see proc/. */
export const ENVIRON_FILE = "/proc/self/environ_lines";

const RLIM_INFINITY = Number.POSITIVE_INFINITY;

function exitTask(t: Task, status: number): number {
  const { process, kernel } = t;
  if (process.tasks.length === 1) kernel.lifecycle.endProcess(process, (status & 0xff) << 8);
  else t.work |= WORK_KILLED;
  return RESULT_GONE;
}

function exitGroup(t: Task, status: number): number {
  t.kernel.lifecycle.endProcess(t.process, (status & 0xff) << 8);
  return RESULT_GONE;
}

function setpgid(t: Task, pid: number, pgid: number): number {
  const { kernel, process } = t;
  if ((pgid === 0 ? pid : pgid) < 0) return -EINVAL;
  const target = pid === 0 ? process : kernel.processes.get(pid);
  if (!target) return -ESRCH;
  if (target !== process) {
    if (target.parent !== process) return -ESRCH;
    if (target.session !== process.session) return -EPERM;
    if (target.execed) return -EACCES;
  }
  if (target.session.sid === target.pid) return -EPERM;
  const group = pgid === 0 ? target.pid : pgid;
  if (group !== target.pid) {
    if (![...kernel.groups.of(group)].some(({ session }) => session === target.session)) return -EPERM;
  }
  const old = target.pgid;
  target.pgid = group;
  if (old !== group) kernel.signals.checkOrphans(old);
  return 0;
}

/** Whether a pid or tid is in use; 0 is the caller. init has no task, but counts. */
function exists(t: Task, pid: number): boolean {
  const { tasksByTid, init } = t.kernel;
  return pid === 0 || pid === init.pid || tasksByTid.has(pid);
}

function findProcess(t: Task, pid: number): Process | undefined {
  return pid === 0 ? t.process : t.kernel.processes.get(pid);
}

function readLimit(t: Task, at: number): { soft: number; hard: number } {
  const value = (address: number): number => {
    const high = t.mm.u32(address + 4);
    return high >= 0x80000000 ? RLIM_INFINITY : high * 0x100000000 + t.mm.u32(address);
  };
  return { soft: value(at), hard: value(at + 8) };
}

function writeLimit(t: Task, at: number, { soft, hard }: { soft: number; hard: number }): void {
  const put = (address: number, value: number): void => {
    const infinite = value === RLIM_INFINITY;
    t.mm.setU32(address, infinite ? 0xffffffff : value % 0x100000000);
    t.mm.setU32(address + 4, infinite ? 0xffffffff : Math.floor(value / 0x100000000));
  };
  t.mm.check(at, 16);
  put(at, soft);
  put(at + 8, hard);
}

function setLimit(t: Task, target: Process, resource: number, wanted: { soft: number; hard: number }): number {
  const limit = target.rlimits[resource];
  if (wanted.soft > wanted.hard) return -EINVAL;
  if (resource === RLIMIT_NOFILE && wanted.hard > 1048576) return -EPERM;
  if (wanted.hard > limit.hard && t.euid !== 0) return -EPERM;
  target.rlimits[resource] = wanted;
  t.kernel.lifecycle.limitsChanged(target);
  t.kernel.itimers.cpuLimitChanged(target);
  return 0;
}

function prlimit64(t: Task, pid: number, resource: number, newAt: number, oldAt: number): number {
  if (resource < 0 || resource >= RLIM_NLIMITS) return -EINVAL;
  const target = findProcess(t, pid);
  if (!target || target.zombie) return -ESRCH;
  if (target !== t.process && t.kernel.signals.mayKill(t, target, 0) < 0) return -EPERM;
  const wanted = newAt ? readLimit(t, newAt) : null;
  const old = { ...target.rlimits[resource] };
  if (wanted) {
    const result = setLimit(t, target, resource, wanted);
    if (result < 0) return result;
  }
  if (oldAt) writeLimit(t, oldAt, old);
  return 0;
}

/** The tasks that getpriority and setpriority mean; null for a bad `which`. */
function prioritized(t: Task, which: number, who: number): Task[] | null {
  const all = [...t.kernel.tasksByTid.values()];
  if (which === PRIO_PROCESS) {
    const task = who === 0 ? t : t.kernel.tasksByTid.get(who);
    return task ? [task] : [];
  }
  if (which === PRIO_PGRP) return all.filter((task) => task.process.pgid === (who === 0 ? t.process.pgid : who));
  if (which === PRIO_USER) return all.filter((task) => task.uid === (who === 0 ? t.uid : who));
  return null;
}

/** struct robust_list_head: list pointer, 64-bit offset, pending pointer. */
const ROBUST_HEAD_SIZE = 24;

const SCHED_OTHER = 0;
/** Lowest and highest priority by policy: other, FIFO, RR, batch, idle, deadline (man 2 sched_get_priority_max). */
const PRIORITIES: Readonly<Record<number, readonly [number, number]>> = {
  0: [0, 0],
  1: [1, 99],
  2: [1, 99],
  3: [0, 0],
  5: [0, 0],
  6: [0, 0],
};

/** prctl's options that are served, each (task, argument) -> result. */
const PRCTL: Readonly<Record<number, (t: Task, argument: number) => number>> = {
  [pr.PR_SET_NAME](t, at) {
    const { u8 } = t.mm;
    t.mm.check(at, 1);
    let end = at;
    while (end < at + 15 && end < u8.length && u8[end] !== 0) end++;
    t.comm = new TextDecoder().decode(u8.slice(at, end));
    return 0;
  },
  [pr.PR_GET_NAME](t, at) {
    const name = new Uint8Array(16);
    name.set(encodeString(t.comm).subarray(0, 15));
    t.mm.copyOut(at, name);
    return 0;
  },
  [pr.PR_SET_PDEATHSIG](t, signo) {
    if (signo < 0 || signo > 64) return -EINVAL;
    t.process.parentDeathSignal = signo;
    return 0;
  },
  [pr.PR_GET_PDEATHSIG](t, at) {
    t.mm.setU32(at, t.process.parentDeathSignal);
    return 0;
  },
  [pr.PR_SET_DUMPABLE](t, value) {
    if (value !== 0 && value !== 1) return -EINVAL;
    t.process.dumpable = value;
    return 0;
  },
  [pr.PR_GET_DUMPABLE]: (t) => t.process.dumpable,
  [pr.PR_SET_CHILD_SUBREAPER](t, value) {
    t.process.subreaper = value !== 0;
    return 0;
  },
  [pr.PR_GET_CHILD_SUBREAPER](t, at) {
    t.mm.setU32(at, t.process.subreaper ? 1 : 0);
    return 0;
  },
  [pr.PR_SET_NO_NEW_PRIVS](t, value) {
    if (value !== 1) return -EINVAL;
    t.process.noNewPrivileges = true;
    return 0;
  },
  [pr.PR_GET_NO_NEW_PRIVS]: (t) => (t.process.noNewPrivileges ? 1 : 0),
  [pr.PR_SET_KEEPCAPS]: (_t, value) => (value > 1 ? -EINVAL : 0),
  [pr.PR_GET_KEEPCAPS]: () => 0,
  [pr.PR_GET_SECCOMP]: () => 0,
  [pr.PR_SET_TIMERSLACK]: () => 0,
  [pr.PR_GET_TIMERSLACK]: () => 50000,
};

/** Linux's way to say who waits: CLONE_THREAD needs CLONE_SIGHAND, which needs CLONE_VM (man 2 clone). */
function checkCloneFlags(flags: number): number {
  if (flags & CLONE_THREAD && !(flags & CLONE_SIGHAND)) return -EINVAL;
  return flags & CLONE_SIGHAND && !(flags & CLONE_VM) ? -EINVAL : 0;
}

/** The environment and arguments for the C start-up, as bytes with a final NUL. */
const cString = (text: string): Uint8Array => encodeString(`${text}\0`);

function copyString(t: Task, at: number, text: string | undefined): number {
  if (text === undefined) return -EINVAL;
  const bytes = cString(text);
  t.mm.copyOut(at, bytes);
  return bytes.length;
}

export const taskCalls: Handlers = {
  exit: (t, status) => exitTask(t, status),
  exit_group: (t, status) => exitGroup(t, status),
  fork: (t) => t.kernel.lifecycle.fork(t, false),
  vfork: (t) => t.kernel.lifecycle.fork(t, true),
  clone(t, flags, stack) {
    // The raw call returns twice on the caller's stack: only as fork or vfork can it do so here. Threads come by ring3.clone.
    if (stack !== 0 || flags & CLONE_THREAD) return -ENOSYS;
    return t.kernel.lifecycle.fork(t, (flags & (CLONE_VM | CLONE_VFORK)) === (CLONE_VM | CLONE_VFORK));
  },
  setpgid,
  getpgid(t, pid) {
    return findProcess(t, pid)?.pgid ?? -ESRCH;
  },
  getpgrp: (t) => t.process.pgid,
  getsid(t, pid) {
    return findProcess(t, pid)?.session.sid ?? -ESRCH;
  },
  setsid(t) {
    const { process, kernel } = t;
    if (kernel.groups.has(process.pid)) return -EPERM;
    const old = process.pgid;
    process.session = { sid: process.pid, tty: null };
    process.pgid = process.pid;
    kernel.signals.checkOrphans(old);
    return process.pid;
  },
  set_tid_address(t, at) {
    t.kernel.kmem.u32[(t.ptr + TASK_CLEAR_TID) >> 2] = at;
    return t.tid;
  },
  set_robust_list(t, head, size) {
    if (size !== ROBUST_HEAD_SIZE) return -EINVAL;
    t.robustList = head;
    return 0;
  },
  get_robust_list(t, pid, headAt, sizeAt) {
    const task = pid === 0 ? t : t.kernel.tasksByTid.get(pid);
    if (!task) return -ESRCH;
    t.mm.setU32(headAt, task.robustList);
    t.mm.setU32(sizeAt, ROBUST_HEAD_SIZE);
    return 0;
  },
  getrlimit: (t, resource, at) => prlimit64(t, 0, resource, 0, at),
  setrlimit: (t, resource, at) => (at ? prlimit64(t, 0, resource, at, 0) : -EFAULT),
  prlimit64,
  getpriority(t, which, who) {
    const tasks = prioritized(t, which, who);
    if (!tasks) return -EINVAL;
    if (tasks.length === 0) return -ESRCH;
    return 20 - Math.min(...tasks.map(({ nice }) => nice));
  },
  setpriority(t, which, who, value) {
    const tasks = prioritized(t, which, who);
    if (!tasks) return -EINVAL;
    if (tasks.length === 0) return -ESRCH;
    const nice = Math.max(-20, Math.min(19, value));
    for (const task of tasks) {
      if (t.euid !== 0 && t.euid !== task.uid && t.euid !== task.euid) return -EPERM;
      if (nice < task.nice && t.euid !== 0) return -EACCES;
      task.nice = nice;
    }
    return 0;
  },
  prctl: (t, option, argument) => PRCTL[option]?.(t, argument) ?? -EINVAL,
  // Everything runs under SCHED_OTHER, whose only priority is 0 (man 7 sched).
  sched_getscheduler: (t, pid) =>
    pid < 0 ? -EINVAL : pid === 0 || t.kernel.tasksByTid.has(pid) ? SCHED_OTHER : -ESRCH,
  sched_setscheduler(t, pid, policy, at) {
    if (pid < 0 || !(policy in PRIORITIES)) return -EINVAL;
    const priority = t.mm.i32(at);
    const [low, high] = PRIORITIES[policy];
    if (priority < low || priority > high) return -EINVAL;
    if (pid !== 0 && !t.kernel.tasksByTid.has(pid)) return -ESRCH;
    return policy === SCHED_OTHER ? 0 : -EPERM;
  },
  sched_getparam(t, pid, at) {
    if (pid < 0) return -EINVAL;
    if (pid !== 0 && !t.kernel.tasksByTid.has(pid)) return -ESRCH;
    t.mm.setU32(at, 0);
    return 0;
  },
  sched_setparam(t, pid, at) {
    if (pid < 0 || t.mm.i32(at) !== 0) return -EINVAL;
    return pid === 0 || t.kernel.tasksByTid.has(pid) ? 0 : -ESRCH;
  },
  sched_get_priority_max: (_t, policy) => PRIORITIES[policy]?.[1] ?? -EINVAL,
  sched_get_priority_min: (_t, policy) => PRIORITIES[policy]?.[0] ?? -EINVAL,
  sched_getaffinity(t, pid, size, mask) {
    if (!exists(t, pid)) return -ESRCH;
    if (size < 8 || size % 8 !== 0) return -EINVAL;
    t.mm.bytes(mask, 8).fill(0);
    t.mm.u8[mask] = 1;
    return 8;
  },
  sched_setaffinity(t, pid, size, mask) {
    if (!exists(t, pid)) return -ESRCH;
    return size > 0 && t.mm.bytes(mask, Math.min(size, 8))[0] & 1 ? 0 : -EINVAL;
  },
  getcpu(t, cpu, node) {
    if (cpu) t.mm.setU32(cpu, 0);
    if (node) t.mm.setU32(node, 0);
    return 0;
  },

  // ------------------------------------------------------------ imports that are no system calls: abi/internal.ts
  __init: () => 0,
  __deinit: () => 0,
  __proc_exit: (t, status) => exitGroup(t, status),
  __cl_get_argc: (t) => t.process.argv.length,
  __cl_get_argv_len(t, i) {
    const argument = t.process.argv[i];
    return argument === undefined ? -EINVAL : cString(argument).length - 1;
  },
  __cl_copy_argv: (t, at, i) => copyString(t, at, t.process.argv[i]),
  __get_init_envfile(t, at, size) {
    const bytes = cString(ENVIRON_FILE);
    if (bytes.length > size) return 0;
    t.mm.copyOut(at, bytes);
    return 1;
  },
  env_count: (t) => t.process.environ.length,
  env_len(t, i) {
    const variable = t.process.environ[i];
    return variable === undefined ? -EINVAL : cString(variable).length - 1;
  },
  env_copy: (t, at, i) => copyString(t, at, t.process.environ[i]),
  ring3_clone(t, fn, stack, flags, argument, ptid, tls, ctid) {
    const bad = checkCloneFlags(flags);
    if (bad) return bad;
    return t.kernel.lifecycle.clone(t, flags, { fn, args: [argument], stack, tls }, ptid, ctid);
  },
  setjmp: (t, buf) => t.kernel.platform.setjmp(t, buf, false),
  sigsetjmp: (t, buf, save) => t.kernel.platform.setjmp(t, buf, save !== 0),
  longjmp: (t, buf, value) => t.kernel.platform.longjmp(t, buf, value),
  __wasm_thread_spawn(t, fn, argument) {
    // The stack pointer and TLS base at `argument` are installed by the guest's own `fn` (shared/abi/README.md).
    const flags = CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND | CLONE_THREAD | CLONE_SYSVSEM;
    const start = { fn, args: [-1, argument], stack: -1, tls: -1 };
    return t.kernel.lifecycle.clone(t, flags, start, 0, 0);
  },
};
