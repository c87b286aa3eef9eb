/** Job control: controlling terminals, and who may touch one from the background (man 4 tty_ioctl, man 2 setsid, credentials(7)). */
import { EIO, ENOTTY, EPERM } from "../abi/errno.ts";
import { SIGCONT, SIGHUP, SIGTTIN } from "../abi/signal.ts";
import { ERESTARTSYS } from "../hot/layout.ts";
import type { Kernel } from "../kernel.ts";
import type { Process, Session } from "../task/process.ts";
import type { Task } from "../task/task.ts";
import type { Tty } from "./tty.ts";

/** What a session's foreground group was when its terminal hung up: it hears of the leader's end too. */
const lastForeground = new WeakMap<Session, number>();
/** Processes that gave their controlling terminal up for themselves alone (TIOCNOTTY), until they start a session. */
const without = new WeakMap<Process, Session>();

/** A process's controlling terminal. */
export function terminalOf(process: Process): Tty | null {
  return without.get(process) === process.session ? null : process.session.tty;
}

/** The session's leader, if it lives. */
export function leaderOf(kernel: Kernel, session: Session): Process | null {
  const leader = kernel.processes.get(session.sid);
  return leader !== undefined && leader.session === session && !leader.zombie ? leader : null;
}

export function isLeader(process: Process): boolean {
  return process.pid === process.session.sid;
}

/** The session has no terminal any more. `foreground`: the group that was in the foreground of one that hung up, or 0. */
export function clearSession(session: Session, foreground: number): void {
  session.tty = null;
  if (foreground !== 0) lastForeground.set(session, foreground);
}

/**
 * The check before a background process may read (SIGTTIN), or write or change something (SIGTTOU). 0 where it may, or the signal is sent
 * to its group and the call is to be restarted (-ERESTARTSYS), or -EIO where no stop would ever end.
 */
export function checkBackground(t: Task, tty: Tty, signo: number): number {
  const { process, kernel } = t;
  if (terminalOf(process) !== tty || tty.pgrp === 0 || process.pgid === tty.pgrp) return 0;
  if (kernel.signals.blockedOrIgnored(t, signo)) return signo === SIGTTIN ? -EIO : 0;
  if (kernel.signals.isOrphaned(process.pgid)) return -EIO;
  kernel.signals.toProcessGroup(process.pgid, signo);
  return -ERESTARTSYS;
}

/** Makes the terminal the controlling one of the process's session, the process's group the foreground. */
export function takeTerminal(process: Process, tty: Tty): void {
  process.session.tty = tty;
  tty.session = process.session;
  tty.pgrp = process.pgid;
  lastForeground.delete(process.session);
}

/** At open(2) without O_NOCTTY: a session leader without a terminal gets this one, if it is free and opened for reading. */
export function takeTerminalAtOpen(process: Process, tty: Tty, readable: boolean): void {
  if (isLeader(process) && process.session.tty === null && tty.session === null && readable) takeTerminal(process, tty);
}

/** TIOCSCTTY. `steal` (argument 1): root takes it from another session. */
export function setControllingTerminal(t: Task, tty: Tty, readable: boolean, steal: boolean): number {
  const { process } = t;
  const privileged = t.euid === 0;
  if (isLeader(process) && process.session === tty.session) return 0;
  if (!isLeader(process) || process.session.tty !== null) return -EPERM;
  if (tty.session !== null) {
    if (!steal || !privileged) return -EPERM;
    clearSession(tty.session, 0);
  }
  if (!readable && !privileged) return -EPERM;
  takeTerminal(process, tty);
  return 0;
}

/** TIOCNOTTY: gives up the controlling terminal; a session leader does so for the whole session. */
export function giveUpTerminal(t: Task, tty: Tty): number {
  const { process, kernel } = t;
  if (terminalOf(process) !== tty) return -ENOTTY;
  if (!isLeader(process)) {
    without.set(process, process.session);
    return 0;
  }
  const { pgrp } = tty;
  if (pgrp !== 0) {
    kernel.signals.toProcessGroup(pgrp, SIGHUP);
    kernel.signals.toProcessGroup(pgrp, SIGCONT);
  }
  leave(process.session, tty);
  return 0;
}

function leave(session: Session, tty: Tty): void {
  tty.session = null;
  tty.pgrp = 0;
  clearSession(session, 0);
}

/** A process ends: if it led a session, its foreground group hears of it (SIGHUP) and the session loses its terminal. */
export function leaderExits(process: Process): void {
  if (!isLeader(process)) return;
  const { session, kernel } = process;
  const { tty } = session;
  if (tty === null) {
    const pgrp = lastForeground.get(session);
    lastForeground.delete(session);
    if (pgrp === undefined) return;
    kernel.signals.toProcessGroup(pgrp, SIGHUP);
    kernel.signals.toProcessGroup(pgrp, SIGCONT);
  } else if (tty.hangsUpWithLeader) {
    tty.hangup(true);
    lastForeground.delete(session);
  } else {
    if (tty.pgrp !== 0) kernel.signals.toProcessGroup(tty.pgrp, SIGHUP);
    leave(session, tty);
  }
}
