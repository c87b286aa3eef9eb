/** Sleeping, clocks and interval timers: man 2 nanosleep, clock_gettime, setitimer, alarm. */
import { EFAULT, EINVAL, EPERM } from "../abi/errno.ts";
import {
  CLOCK_BOOTTIME,
  CLOCK_MONOTONIC,
  CLOCK_MONOTONIC_COARSE,
  CLOCK_MONOTONIC_RAW,
  CLOCK_PROCESS_CPUTIME_ID,
  CLOCK_REALTIME,
  CLOCK_REALTIME_COARSE,
  CLOCK_TAI,
  CLOCK_THREAD_CPUTIME_ID,
  ITIMER_PROF,
  ITIMER_REAL,
  TIMER_ABSTIME,
} from "../abi/time.ts";
import { TICK_MS } from "../hot/layout.ts";
import type { Handlers } from "../kernel.ts";
import type { Task } from "../task/task.ts";
import { processTimes } from "../task/usage.ts";

const WALL_CLOCKS: readonly number[] = [CLOCK_REALTIME, CLOCK_REALTIME_COARSE, CLOCK_TAI];
const MONOTONIC_CLOCKS: readonly number[] = [
  CLOCK_MONOTONIC,
  CLOCK_MONOTONIC_RAW,
  CLOCK_MONOTONIC_COARSE,
  CLOCK_BOOTTIME,
];

/** A clock's time in ms; undefined for one that there is not. */
export function readClock(t: Task, clock: number): number | undefined {
  const { kernel } = t;
  if (WALL_CLOCKS.includes(clock)) return kernel.clock.realtime();
  if (MONOTONIC_CLOCKS.includes(clock)) return kernel.clock.monotonic();
  // CPU clocks of other processes and threads: ~pid << 3 | kind, bit 2 for a thread (man 3 clock_getcpuclockid).
  if (clock === CLOCK_PROCESS_CPUTIME_ID || clock === CLOCK_THREAD_CPUTIME_ID || clock < 0) {
    kernel.accountTime();
    if (clock < 0 && (clock & 3) === 3) return undefined; // a device's clock, by descriptor
    const id = clock < 0 ? ~(clock >> 3) : 0;
    const perThread = clock < 0 ? (clock & 4) !== 0 : clock === CLOCK_THREAD_CPUTIME_ID;
    if (perThread) {
      const task = id === 0 ? t : kernel.tasksByTid.get(id);
      return task && task.userTime + task.systemTime;
    }
    const process = id === 0 ? t.process : kernel.processes.get(id);
    if (!process) return undefined;
    const { user, system } = processTimes(process);
    return user + system;
  }
  return undefined;
}

/** A struct timespec in ms; -1 for an invalid one. Throws EFAULT. */
export function readTimespec(t: Task, at: number): number {
  const seconds = t.mm.i64(at);
  const nanoseconds = t.mm.i64(at + 8);
  return seconds < 0 || nanoseconds < 0 || nanoseconds > 999999999 ? -1 : seconds * 1000 + nanoseconds / 1e6;
}

export function writeTimespec(t: Task, at: number, ms: number): void {
  const seconds = Math.floor(ms / 1000);
  t.mm.setI64(at, seconds);
  t.mm.setI64(at + 8, Math.min(999999999, Math.round((ms - seconds * 1000) * 1e6)));
}

const readTimeval = (t: Task, at: number): number => {
  const seconds = t.mm.i64(at);
  const microseconds = t.mm.i64(at + 8);
  return seconds < 0 || microseconds < 0 || microseconds > 999999 ? -1 : seconds * 1000 + microseconds / 1000;
};

function writeTimeval(t: Task, at: number, ms: number): void {
  const microseconds = Math.ceil(ms * 1000);
  t.mm.setI64(at, Math.floor(microseconds / 1e6));
  t.mm.setI64(at + 8, microseconds % 1e6);
}

/** Sleeps until a deadline; what is left goes to `rem` when a handler interrupts. */
function sleepUntil(t: Task, deadline: number, rem: number): number {
  const { clock } = t.kernel;
  const now = clock.monotonic();
  if (t.timedOut || deadline <= now) return 0;
  if (t.interrupted && rem) writeTimespec(t, rem, deadline - now);
  return t.block([], { deadline, noRestart: true });
}

function clock_nanosleep(t: Task, clock: number, flags: number, request: number, rem: number): number {
  const { kernel } = t;
  if (clock === CLOCK_THREAD_CPUTIME_ID || !(WALL_CLOCKS.includes(clock) || MONOTONIC_CLOCKS.includes(clock)))
    return -EINVAL;
  const ms = readTimespec(t, request);
  if (ms < 0) return -EINVAL;
  const absolute = (flags & TIMER_ABSTIME) !== 0;
  if (!t.restarted) {
    const now = kernel.clock.monotonic();
    const wait = absolute ? ms - (WALL_CLOCKS.includes(clock) ? kernel.clock.realtime() : now) : ms;
    if (wait <= 0) return 0;
    t.setScratch(0, now + wait);
  }
  return sleepUntil(t, t.scratch(0), absolute ? 0 : rem);
}

export const timeCalls: Handlers = {
  nanosleep(t, request, rem) {
    return clock_nanosleep(t, CLOCK_MONOTONIC, 0, request, rem);
  },
  clock_nanosleep,
  clock_gettime(t, clock, at) {
    const ms = readClock(t, clock);
    if (ms === undefined) return -EINVAL;
    writeTimespec(t, at, ms);
    return 0;
  },
  clock_getres(t, clock, at) {
    if (readClock(t, clock) === undefined) return -EINVAL;
    const coarse = clock === CLOCK_REALTIME_COARSE || clock === CLOCK_MONOTONIC_COARSE;
    if (at) {
      t.mm.setI64(at, 0);
      t.mm.setI64(at + 8, coarse ? TICK_MS * 1e6 : 1);
    }
    return 0;
  },
  // Only the wall clock could be set, and it is the host's.
  clock_settime: (_t, clock) => (clock === CLOCK_REALTIME ? -EPERM : -EINVAL),
  settimeofday: () => -EPERM,
  time(t, at) {
    const seconds = Math.floor(t.kernel.clock.realtime() / 1000);
    if (at) t.mm.setI64(at, seconds);
    return seconds;
  },
  alarm(t, seconds) {
    const left = t.kernel.itimers.set(t.process, ITIMER_REAL, seconds * 1000, 0).value;
    return left > 0 ? Math.max(1, Math.round(left / 1000)) : 0;
  },
  setitimer(t, which, newAt, oldAt) {
    if (which < ITIMER_REAL || which > ITIMER_PROF) return -EINVAL;
    if (!newAt) return -EFAULT;
    const interval = readTimeval(t, newAt);
    const value = readTimeval(t, newAt + 16);
    if (interval < 0 || value < 0) return -EINVAL;
    const old = t.kernel.itimers.set(t.process, which, value, interval);
    if (oldAt) {
      writeTimeval(t, oldAt, old.interval);
      writeTimeval(t, oldAt + 16, old.value);
    }
    return 0;
  },
  getitimer(t, which, at) {
    if (which < ITIMER_REAL || which > ITIMER_PROF) return -EINVAL;
    const { value, interval } = t.kernel.itimers.get(t.process, which);
    writeTimeval(t, at, interval);
    writeTimeval(t, at + 16, value);
    return 0;
  },
};
