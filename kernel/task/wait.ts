/** wait4(2), waitid(2): children that ended, stopped or continued. */
import { ECHILD, EINVAL, ESRCH } from "../abi/errno.ts";
import { CLD_CONTINUED, CLD_DUMPED, CLD_EXITED, CLD_KILLED, CLD_STOPPED, SIGCHLD, SIGCONT } from "../abi/signal.ts";
import { rusage as rusageLayout } from "../abi/structs.ts";
import {
  __WALL,
  __WCLONE,
  __WNOTHREAD,
  P_ALL,
  P_PGID,
  P_PID,
  WCONTINUED,
  WEXITED,
  WNOHANG,
  WNOWAIT,
  WSTOPPED,
  WUNTRACED,
} from "../abi/wait.ts";
import { PROC_UID } from "../hot/layout.ts";
import type { Handlers } from "../kernel.ts";
import type { Process } from "./process.ts";
import type { Task } from "./task.ts";
import { usageOf } from "./usage.ts";

const WAIT4_OPTIONS = WNOHANG | WUNTRACED | WCONTINUED | __WNOTHREAD | __WALL | __WCLONE;
const WAITID_OPTIONS = WNOHANG | WNOWAIT | WEXITED | WSTOPPED | WCONTINUED | __WNOTHREAD | __WALL | __WCLONE;

interface Event {
  child: Process;
  /** As wait4 gives it. */
  status: number;
  code: number;
}

/** The first child of those selected with something to tell; null where none has; -ECHILD where none is selected. */
function findEvent(parent: Process, selected: (child: Process) => boolean, options: number): Event | null | number {
  let any = false;
  for (const child of parent.children) {
    if (!selected(child)) continue;
    // __WCLONE: children that send no SIGCHLD, only them; without it, not them (man 2 wait).
    const clone = child.exitSignal !== SIGCHLD;
    if (!(options & __WALL) && clone !== ((options & __WCLONE) !== 0)) continue;
    any = true;
    if (child.zombie) {
      if (!(options & WEXITED)) continue;
      const signal = child.status & 0x7f;
      return {
        child,
        status: child.status,
        code: signal === 0 ? CLD_EXITED : child.status & 0x80 ? CLD_DUMPED : CLD_KILLED,
      };
    }
    if (child.stopStatus === 0xffff && options & WCONTINUED) return { child, status: 0xffff, code: CLD_CONTINUED };
    if (child.stopStatus > 0 && child.stopStatus < 0xffff && options & WSTOPPED) {
      return { child, status: (child.stopStatus << 8) | 0x7f, code: CLD_STOPPED };
    }
  }
  return any ? null : -ECHILD;
}

/** Takes note that an event was seen: reaps a zombie. */
function consume(t: Task, { child }: Event): void {
  if (child.zombie) t.kernel.lifecycle.reap(child);
  else child.stopStatus = 0;
}

function writeUsage(t: Task, at: number, child: Process): void {
  t.mm.check(at, rusageLayout.size - 128);
  usageOf(t.kernel, child, "both", t.mm.view, at);
}

function wait4(t: Task, pid: number, statusAt: number, options: number, rusageAt: number): number {
  if (options & ~WAIT4_OPTIONS) return -EINVAL;
  if (pid === -0x80000000) return -ESRCH;
  const { process } = t;
  const group = pid === 0 ? process.pgid : -pid;
  const selected = (child: Process): boolean => pid === -1 || (pid > 0 ? child.pid === pid : child.pgid === group);
  const event = findEvent(process, selected, options | WEXITED);
  if (typeof event === "number") return event;
  if (!event) return options & WNOHANG ? 0 : t.block([process.waitQueue]);
  const { child } = event;
  const { pid: found } = child;
  // A bad pointer does not bring the child back (kernel/exit.c writes the status after the reaping).
  try {
    if (rusageAt) writeUsage(t, rusageAt, child);
  } finally {
    consume(t, event);
  }
  if (statusAt) t.mm.setU32(statusAt, event.status);
  return found;
}

function waitid(t: Task, type: number, id: number, infoAt: number, options: number, rusageAt: number): number {
  if (options & ~WAITID_OPTIONS || !(options & (WEXITED | WSTOPPED | WCONTINUED))) return -EINVAL;
  if (type !== P_ALL && type !== P_PID && type !== P_PGID) return -EINVAL;
  if (type === P_PID && id <= 0) return -EINVAL;
  if (type === P_PGID && id < 0) return -EINVAL;
  const { process, mm } = t;
  const group = id === 0 ? process.pgid : id;
  const selected = (child: Process): boolean =>
    type === P_ALL || (type === P_PID ? child.pid === id : child.pgid === group);
  const event = findEvent(process, selected, options);
  if (typeof event === "number") return event;
  if (!event && !(options & WNOHANG)) return t.block([process.waitQueue]);
  if (infoAt) {
    // Linux writes these fields and leaves the rest of siginfo_t alone (kernel/exit.c, waitid).
    mm.setU32(infoAt, event ? SIGCHLD : 0);
    mm.setU32(infoAt + 4, 0);
    mm.setU32(infoAt + 8, event ? event.code : 0);
    mm.setU32(infoAt + 16, event ? event.child.pid : 0);
    mm.setU32(infoAt + 20, event ? t.kernel.kmem.u32[(event.child.ptr + PROC_UID) >> 2] : 0);
    mm.setU32(infoAt + 24, event ? statusOf(event) : 0);
  }
  if (!event) return 0;
  if (rusageAt) writeUsage(t, rusageAt, event.child);
  if (!(options & WNOWAIT)) consume(t, event);
  return 0;
}

function statusOf({ status, code }: Event): number {
  if (code === CLD_EXITED) return (status >> 8) & 0xff;
  if (code === CLD_CONTINUED) return SIGCONT;
  return code === CLD_STOPPED ? status >> 8 : status & 0x7f;
}

export const waitCalls: Handlers = { wait4, waitid };
