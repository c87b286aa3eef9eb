/** Signal calls of the cold half: kill and its kin, sigaction, sigsuspend, sigpending, sigaltstack, sigtimedwait. */
import { EAGAIN, EFAULT, EINTR, EINVAL, ENOMEM, EPERM, ESRCH } from "../abi/errno.ts";
import { SI_TKILL, SIGKILL, SIGSTOP, SS_AUTODISARM, SS_DISABLE, SS_ONSTACK } from "../abi/signal.ts";
import {
  ACTION_FLAGS,
  ACTION_HANDLER,
  ACTION_MASK,
  ACTION_SIZE,
  PROC_PENDING,
  SIGHAND_ACTIONS,
  SIGINFO_SIZE,
  TASK_ALTSTACK_FLAGS,
  TASK_ALTSTACK_SIZE,
  TASK_ALTSTACK_SP,
  TASK_BLOCKED,
  TASK_PENDING,
  TASK_SAVED_MASK,
  WORK_RESTORE_MASK,
} from "../hot/layout.ts";
import type { Handlers } from "../kernel.ts";
import type { Task } from "../task/task.ts";
import type { SignalInfo } from "./signals.ts";

const NSIG = 64;
/** SIGKILL and SIGSTOP in the low half of a mask. */
const UNBLOCKABLE = (1 << (SIGKILL - 1)) | (1 << (SIGSTOP - 1));
/** Smallest alternate stack (MINSIGSTKSZ). */
const MINSIGSTKSZ = 2048;

function kill(t: Task, pid: number, signo: number): number {
  const { kernel } = t;
  if (signo < 0 || signo > NSIG) return -EINVAL;
  if (pid > 0) {
    const target = kernel.processes.get(pid);
    return target ? kernel.signals.killAll(t, [target], signo) : -ESRCH;
  }
  if (pid === -1) {
    const others = [...kernel.processes.values()].filter((each) => each !== kernel.init && each !== t.process);
    // That none may be signalled is no error here (kernel/signal.c, kill_something_info).
    return Math.max(kernel.signals.killAll(t, others, signo), others.length > 0 ? 0 : -ESRCH);
  }
  const group = pid === 0 ? t.process.pgid : -pid;
  return kernel.signals.killAll(t, [...kernel.groups.of(group)], signo);
}

function tgkill(t: Task, tgid: number, tid: number, signo: number, info?: SignalInfo): number {
  const { kernel } = t;
  if (tid <= 0 || signo < 0 || signo > NSIG) return -EINVAL;
  const task = kernel.tasksByTid.get(tid);
  if (!task || (tgid > 0 && task.process.pid !== tgid)) return -ESRCH;
  if (kernel.signals.mayKill(t, task.process, signo) < 0) return -EPERM;
  return kernel.signals.toTask(task, signo, info ?? { code: SI_TKILL, pid: t.process.pid, uid: t.uid });
}

/** The siginfo that sigqueue passes; from others than oneself, a code that claims to be the kernel's is EPERM. */
function queuedInfo(t: Task, at: number, target: number): SignalInfo | number {
  t.mm.check(at, 128);
  const code = t.mm.i32(at + 8);
  if ((code >= 0 || code === SI_TKILL) && target !== t.process.pid) return -EPERM;
  return { code, pid: t.mm.i32(at + 16), uid: t.mm.u32(at + 20), value: t.mm.i64(at + 24) };
}

function rt_sigaction(t: Task, signo: number, act: number, old: number, size: number): number {
  if (size !== 8) return -EINVAL;
  if (signo < 1 || signo > NSIG || (act && (signo === SIGKILL || signo === SIGSTOP))) return -EINVAL;
  const { kmem, hot } = t.kernel;
  const at = t.sighand + SIGHAND_ACTIONS + (signo - 1) * ACTION_SIZE;
  const handler = kmem.u32[(at + ACTION_HANDLER) >> 2];
  const flags = kmem.u32[(at + ACTION_FLAGS) >> 2];
  const low = kmem.u32[(at + ACTION_MASK) >> 2];
  const high = kmem.u32[(at + ACTION_MASK + 4) >> 2];
  if (act) {
    const { mm } = t;
    mm.check(act, 24);
    const wanted = mm.u32(act);
    kmem.u32[(at + ACTION_HANDLER) >> 2] = wanted;
    kmem.u32[(at + ACTION_FLAGS) >> 2] = mm.u32(act + 4);
    kmem.u32[(at + ACTION_MASK) >> 2] = mm.u32(act + 16) & ~UNBLOCKABLE;
    kmem.u32[(at + ACTION_MASK + 4) >> 2] = mm.u32(act + 20);
    // A signal that becomes ignored is no longer pending (POSIX, sigaction).
    if (wanted === 1 || (wanted === 0 && [17, 18, 23, 28].includes(signo))) hot.signal_discard(t.process.ptr, signo);
  }
  if (old) {
    const { mm } = t;
    mm.check(old, 24);
    mm.setU32(old, handler);
    mm.setU32(old + 4, flags);
    mm.setU32(old + 8, 0);
    mm.setU32(old + 12, 0);
    mm.setU32(old + 16, low);
    mm.setU32(old + 20, high);
  }
  return 0;
}

/** Puts a mask in place until the call ends or a handler returns. */
export function setTemporaryMask(t: Task, low: number, high: number): void {
  const { kmem, hot } = t.kernel;
  const blocked = (t.ptr + TASK_BLOCKED) >> 2;
  const saved = (t.ptr + TASK_SAVED_MASK) >> 2;
  kmem.u32[saved] = kmem.u32[blocked];
  kmem.u32[saved + 1] = kmem.u32[blocked + 1];
  kmem.u32[blocked] = low & ~UNBLOCKABLE;
  kmem.u32[blocked + 1] = high;
  t.work |= WORK_RESTORE_MASK;
  hot.signal_recalc(t.ptr);
}

function sigaltstack(t: Task, at: number, old: number): number {
  const { kmem, hot } = t.kernel;
  const sp = kmem.u32[(t.ptr + TASK_ALTSTACK_SP) >> 2];
  const size = kmem.u32[(t.ptr + TASK_ALTSTACK_SIZE) >> 2];
  const flags = kmem.u32[(t.ptr + TASK_ALTSTACK_FLAGS) >> 2];
  const now = hot.stack_pointer(t.ptr);
  const on = size > 0 && now > sp && now <= sp + size;
  if (at) {
    t.mm.check(at, 12);
    const wanted = t.mm.i32(at + 4);
    const mode = wanted & ~SS_AUTODISARM;
    if (on) return -EPERM;
    if (mode !== 0 && mode !== SS_ONSTACK && mode !== SS_DISABLE) return -EINVAL;
    const disable = mode === SS_DISABLE;
    if (!disable && t.mm.u32(at + 8) < MINSIGSTKSZ) return -ENOMEM;
    kmem.u32[(t.ptr + TASK_ALTSTACK_SP) >> 2] = disable ? 0 : t.mm.u32(at);
    kmem.u32[(t.ptr + TASK_ALTSTACK_SIZE) >> 2] = disable ? 0 : t.mm.u32(at + 8);
    kmem.u32[(t.ptr + TASK_ALTSTACK_FLAGS) >> 2] = wanted & SS_AUTODISARM;
  }
  if (old) {
    t.mm.check(old, 12);
    t.mm.setU32(old, sp);
    t.mm.setU32(old + 4, (size === 0 ? SS_DISABLE : on ? SS_ONSTACK : 0) | flags);
    t.mm.setU32(old + 8, size);
  }
  return 0;
}

function rt_sigtimedwait(t: Task, setAt: number, infoAt: number, timeoutAt: number, size: number): number {
  if (size !== 8) return -EINVAL;
  const { kernel } = t;
  const { kmem, hot } = kernel;
  const low = t.mm.u32(setAt) & ~UNBLOCKABLE;
  const high = t.mm.u32(setAt + 4);
  let deadline: number | undefined;
  if (timeoutAt) {
    const seconds = t.mm.i64(timeoutAt);
    const nanoseconds = t.mm.i64(timeoutAt + 8);
    if (seconds < 0 || nanoseconds < 0 || nanoseconds > 999999999) return -EINVAL;
    deadline = kernel.clock.monotonic() + seconds * 1000 + nanoseconds / 1e6;
  }
  const info = hot.alloc(SIGINFO_SIZE);
  const user = hot.alloc(128);
  try {
    const signo = hot.signal_take(t.ptr, low, high, info);
    if (signo > 0) {
      if (t.restarted) restoreMask(t);
      if (infoAt) {
        hot.siginfo_to_user_layout(info, user);
        t.mm.copyOut(infoAt, kmem.u8.slice(user, user + 128));
      }
      return signo;
    }
  } finally {
    hot.free(info, SIGINFO_SIZE);
    hot.free(user, 128);
  }
  if (t.timedOut || (deadline !== undefined && !t.restarted && deadline <= kernel.clock.monotonic())) {
    if (t.restarted) restoreMask(t);
    return -EAGAIN;
  }
  if (t.interrupted) {
    restoreMask(t);
    return -EINTR;
  }
  if (!t.restarted) {
    // The signals waited for must be able to wake the task: they are unblocked for the wait, and taken before delivery.
    const blocked = (t.ptr + TASK_BLOCKED) >> 2;
    const saved = [kmem.u32[blocked], kmem.u32[blocked + 1]];
    t.setScratch(0, saved[0]);
    t.setScratch(1, saved[1]);
    kmem.u32[blocked] &= ~low;
    kmem.u32[blocked + 1] &= ~high;
    hot.signal_recalc(t.ptr);
  }
  return t.block([], deadline === undefined ? {} : { deadline });
}

function restoreMask(t: Task): void {
  const { kmem, hot } = t.kernel;
  const blocked = (t.ptr + TASK_BLOCKED) >> 2;
  kmem.u32[blocked] = t.scratch(0);
  kmem.u32[blocked + 1] = t.scratch(1);
  hot.signal_recalc(t.ptr);
}

export const signalCalls: Handlers = {
  kill,
  tkill: (t, tid, signo) => tgkill(t, 0, tid, signo),
  tgkill: (t, tgid, tid, signo) => (tgid <= 0 ? -EINVAL : tgkill(t, tgid, tid, signo)),
  rt_sigqueueinfo(t, pid, signo, at) {
    const { kernel } = t;
    if (signo < 0 || signo > NSIG) return -EINVAL;
    const info = queuedInfo(t, at, pid);
    if (typeof info === "number") return info;
    const target = kernel.processes.get(pid);
    if (!target) return -ESRCH;
    if (kernel.signals.mayKill(t, target, signo) < 0) return -EPERM;
    return kernel.signals.toProcess(target, signo, info);
  },
  rt_tgsigqueueinfo(t, tgid, tid, signo, at) {
    if (tgid <= 0) return -EINVAL;
    const info = queuedInfo(t, at, tgid);
    return typeof info === "number" ? info : tgkill(t, tgid, tid, signo, info);
  },
  rt_sigaction,
  rt_sigpending(t, at, size) {
    if (size > 8) return -EINVAL;
    const { kmem } = t.kernel;
    const own = (t.ptr + TASK_PENDING) >> 2;
    const shared = (t.process.ptr + PROC_PENDING) >> 2;
    const blocked = (t.ptr + TASK_BLOCKED) >> 2;
    for (const half of [0, 1]) {
      t.mm.setU32(at + 4 * half, (kmem.u32[own + half] | kmem.u32[shared + half]) & kmem.u32[blocked + half]);
    }
    return 0;
  },
  rt_sigsuspend(t, at, size) {
    if (size !== 8) return -EINVAL;
    if (!t.restarted) setTemporaryMask(t, t.mm.u32(at), t.mm.u32(at + 4));
    return t.block([], { noRestart: true });
  },
  pause: (t) => t.block([], { noRestart: true }),
  rt_sigtimedwait,
  sigaltstack,
  // Handlers return by returning.
  rt_sigreturn: () => -EFAULT,
};
