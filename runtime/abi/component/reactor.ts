/**
 * What a component with asynchronous functions (WASI 0.3) has in place of an event loop. Many things may wait at once in its glue, but
 * it is one task of the kernel: only when nothing of it can run any more does the task park, in one ppoll for all that it waits for.
 */

import { pollfd, timespec } from "../../../kernel/abi/structs.ts";
import { CLOCK_MONOTONIC } from "../../../kernel/abi/time.ts";
import type { Calls } from "./calls.ts";
import { ASYNC_BUFFER, ASYNC_BUFFER_BYTES, ASYNC_STRUCTS, NEVER } from "./calls.ts";

/** A descriptor and POLL* events, or a time in ns of CLOCK_MONOTONIC. */
export type Event = { readonly fd: number; readonly events: number } | { readonly deadline: bigint };

/** Who waits for one of several events. */
interface Waiter {
  readonly events: readonly Event[];
  readonly resolve: () => void;
}

/** What the glue set a timer for. An idle one only looks again whether something has happened; `repeats`: until it has. */
interface Timer {
  readonly body: () => void;
  readonly idle: boolean;
  readonly repeats: boolean;
}

/** How often idle timers run before the task parks, and before it is said to wait for nothing. */
const LOOKS = 2;
const LAST_LOOKS = 50;

export class Reactor {
  readonly #calls: Calls;
  readonly #settle: () => Promise<void>;
  readonly #waiters = new Set<Waiter>();
  #timers: Timer[] = [];
  #ticking = false;
  /** What a repeating timer looked for was there. */
  #found = false;
  #taskMeta: Record<string, unknown> = {};
  /** Pauses of core code under way: it will go on. */
  #pauses = 0;

  /** `settle` resolves when all that can run now has run. */
  constructor(calls: Calls, settle: () => Promise<void>) {
    this.#calls = calls;
    this.#settle = settle;
  }

  keepTaskMeta(meta: Record<string, unknown>): void {
    this.#taskMeta = meta;
  }

  /**
   * Before core code is preempted: whatever else of the component can run must have, since it may not while another task has the CPU.
   * The glue knows nothing of such a pause, and is to find who runs as it was.
   */
  async pause(): Promise<void> {
    const before = { ...this.#taskMeta };
    this.#pauses++;
    await this.#settle();
    if (this.#calls.over) return NEVER;
    for (const name of Object.keys(this.#taskMeta)) if (!(name in before)) delete this.#taskMeta[name];
    Object.assign(this.#taskMeta, before);
  }

  /** The core code that paused goes on. */
  resume(): void {
    this.#pauses--;
  }

  /** Resolves when one of the events is there: a descriptor is ready, or never will be, or a time has come. */
  any(events: readonly Event[]): Promise<void> {
    return new Promise((resolve) => this.#waiters.add({ events, resolve }));
  }

  ready(fd: number, events: number): Promise<void> {
    return this.any([{ fd, events }]);
  }

  time(deadline: bigint): Promise<void> {
    return this.any([{ deadline }]);
  }

  /** CLOCK_MONOTONIC in ns. */
  now(): bigint {
    this.#calls.now("clock_gettime", CLOCK_MONOTONIC, ASYNC_STRUCTS);
    const { view } = this.#calls;
    return view.getBigInt64(ASYNC_STRUCTS, true) * 1_000_000_000n + view.getBigInt64(ASYNC_STRUCTS + 8, true);
  }

  /** The glue's setTimeout. It polls for what its own tasks wait for, every 10 ms where nothing happens: those timers wait for us. */
  setTimeout = (body: () => void, ms: number): void => {
    this.#timers.push({ body, idle: this.#ticking && ms > 0, repeats: false });
  };

  /** The glue's setInterval, by which it waits for what its own streams and futures do. */
  setInterval = (body: () => void): Timer => {
    const timer = { body, idle: true, repeats: true };
    this.#timers.push(timer);
    return timer;
  };

  clearInterval = (timer: Timer): void => {
    this.#timers = this.#timers.filter((other) => other !== timer);
    this.#found = true;
  };

  /** Runs the component until `work` is done. Gives or throws what it does. */
  async drive<T>(work: Promise<T>): Promise<T> {
    let done = false;
    let looks = 0;
    const settled = work.finally(() => {
      done = true;
    });
    settled.catch(() => {});
    for (;;) {
      await this.#settle();
      this.#ticking = false;
      if (done) return settled;
      const { flying } = this.#calls;
      if (flying) {
        await flying;
        continue;
      }
      // While core code is paused the task is not ours to stop: it polls itself.
      if (this.#pauses === 0) await this.#calls.poll();
      if (this.#pauses > 0 || this.#runTimers(false)) continue;
      if (looks++ < (this.#waiters.size > 0 ? LOOKS : LAST_LOOKS) && this.#runTimers(true)) {
        if (this.#found) looks = 0;
        this.#found = false;
        continue;
      }
      looks = 0;
      if (this.#waiters.size === 0) {
        throw new WebAssembly.RuntimeError("deadlock: the component waits for nothing that could happen");
      }
      await this.#wait();
    }
  }

  /** Runs the timers that are due; whether there were any. */
  #runTimers(idle: boolean): boolean {
    const due = this.#timers.filter((timer) => idle || !timer.idle);
    this.#timers = this.#timers.filter((timer) => timer.repeats || !due.includes(timer));
    this.#ticking = due.length > 0;
    for (const { body } of due) body();
    return due.length > 0;
  }

  async #wait(): Promise<void> {
    const calls = this.#calls;
    const events = [...this.#waiters].flatMap((waiter) => waiter.events.map((event) => ({ ...event, waiter })));
    const fds = events.filter((event) => "fd" in event);
    if (fds.length * pollfd.size > ASYNC_BUFFER_BYTES)
      throw new WebAssembly.RuntimeError(`${fds.length} things to wait for`);
    const times = events.filter((event) => "deadline" in event);
    fds.forEach(({ fd, events }, i) => {
      pollfd.write(calls.view, ASYNC_BUFFER + i * pollfd.size, { fd, events, revents: 0 });
    });
    if (times.length > 0) {
      const left = soonest(times) - this.now();
      const wait = left > 0n ? left : 0n;
      const tv_sec = Number(wait / 1_000_000_000n);
      timespec.write(calls.view, ASYNC_STRUCTS, { tv_sec, tv_nsec: Number(wait % 1_000_000_000n) });
    }
    await calls.wait("ppoll", ASYNC_BUFFER, fds.length, times.length > 0 ? ASYNC_STRUCTS : 0, 0, 8);
    const ready = fds.filter((_, i) => pollfd.read(calls.view, ASYNC_BUFFER + i * pollfd.size).revents !== 0);
    const now = times.length > 0 ? this.now() : 0n;
    const passed = times.filter(({ deadline }) => deadline <= now);
    for (const { waiter } of [...ready, ...passed]) {
      this.#waiters.delete(waiter);
      waiter.resolve();
    }
  }
}

/** The first of some times; not by Math.min, which has no bigints. */
function soonest(times: readonly { readonly deadline: bigint }[]): bigint {
  let first = times[0].deadline;
  for (const { deadline } of times) if (deadline < first) first = deadline;
  return first;
}
