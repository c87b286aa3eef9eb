/** Interval timers (man 2 setitimer) and RLIMIT_CPU: real time by the timer heap, CPU time checked when a process is switched out. */
import { RLIMIT_CPU } from "../abi/resource.ts";
import { SIGALRM, SIGKILL, SIGPROF, SIGVTALRM, SIGXCPU } from "../abi/signal.ts";
import { ITIMER_PROF, ITIMER_REAL, ITIMER_VIRTUAL } from "../abi/time.ts";
import type { Kernel } from "../kernel.ts";
import type { Process } from "../task/process.ts";
import { processTimes } from "../task/usage.ts";
import type { Timer } from "./timers.ts";

export interface Interval {
  /** Ms until it fires, 0 where it is off. */
  value: number;
  /** Ms between later times, 0 for once. */
  interval: number;
}

interface Armed {
  interval: number;
  /** ITIMER_REAL: monotonic ms. Others: CPU time of the process, in ms. */
  at: number;
  timer: Timer | null;
}

const SIGNALS: Readonly<Record<number, number>> = {
  [ITIMER_REAL]: SIGALRM,
  [ITIMER_VIRTUAL]: SIGVTALRM,
  [ITIMER_PROF]: SIGPROF,
};

export class IntervalTimers {
  readonly #kernel: Kernel;
  readonly #armed = new Map<Process, (Armed | undefined)[]>();
  /** Processes with a limit on CPU time, and the second at which the next SIGXCPU is due. */
  readonly #cpuLimits = new Map<Process, number>();

  constructor(kernel: Kernel) {
    this.#kernel = kernel;
  }

  #now(process: Process, which: number): number {
    if (which === ITIMER_REAL) return this.#kernel.clock.monotonic();
    this.#kernel.accountTime();
    const { user, system } = processTimes(process);
    return which === ITIMER_VIRTUAL ? user : user + system;
  }

  get(process: Process, which: number): Interval {
    const armed = this.#armed.get(process)?.[which];
    return armed
      ? { value: Math.max(0.001, armed.at - this.#now(process, which)), interval: armed.interval }
      : { value: 0, interval: 0 };
  }

  /** Arms (`value` ms, then every `interval` ms) or disarms (0); gives what was. */
  set(process: Process, which: number, value: number, interval: number): Interval {
    const old = this.get(process, which);
    const list = this.#armed.get(process) ?? [];
    const before = list[which];
    if (before?.timer) this.#kernel.timers.cancel(before.timer);
    list[which] = undefined;
    this.#armed.set(process, list);
    if (value > 0) this.#arm(process, which, this.#now(process, which) + value, interval);
    return old;
  }

  #arm(process: Process, which: number, at: number, interval: number): void {
    const armed: Armed = { interval, at, timer: null };
    this.#armed.get(process)![which] = armed;
    if (which === ITIMER_REAL) armed.timer = this.#kernel.timers.add(at, () => this.#fire(process, which, armed));
  }

  #fire(process: Process, which: number, armed: Armed): void {
    const list = this.#armed.get(process);
    if (!list || list[which] !== armed) return;
    list[which] = undefined;
    this.#kernel.signals.toProcess(process, SIGNALS[which]);
    if (armed.interval > 0) {
      const next = armed.at + armed.interval;
      this.#arm(process, which, Math.max(next, this.#now(process, which)), armed.interval);
    }
  }

  cpuLimitChanged(process: Process): void {
    const { soft } = process.rlimits[RLIMIT_CPU];
    if (Number.isFinite(soft)) this.#cpuLimits.set(process, soft);
    else this.#cpuLimits.delete(process);
  }

  /** A task of the process used CPU time: whether a timer on it, or its limit, is due. */
  check(process: Process): void {
    const list = this.#armed.get(process);
    for (const which of [ITIMER_VIRTUAL, ITIMER_PROF]) {
      const armed = list?.[which];
      if (!armed) continue;
      const { user, system } = processTimes(process);
      if ((which === ITIMER_VIRTUAL ? user : user + system) >= armed.at) this.#fire(process, which, armed);
    }
    const due = this.#cpuLimits.get(process);
    if (due === undefined) return;
    const { user, system } = processTimes(process);
    const seconds = (user + system) / 1000;
    if (seconds >= process.rlimits[RLIMIT_CPU].hard) this.#kernel.signals.toProcess(process, SIGKILL);
    else if (seconds >= due) {
      this.#cpuLimits.set(process, Math.floor(seconds) + 1);
      this.#kernel.signals.toProcess(process, SIGXCPU);
    }
  }

  /** Whether check() has anything to look at. */
  watches(process: Process): boolean {
    return this.#armed.has(process) || this.#cpuLimits.has(process);
  }

  /** The process ended. */
  drop(process: Process): void {
    for (const armed of this.#armed.get(process) ?? []) if (armed?.timer) this.#kernel.timers.cancel(armed.timer);
    this.#armed.delete(process);
    this.#cpuLimits.delete(process);
  }
}
