/** The event loop as the CPU sees it: the host's own, or in deterministic mode one whose time is virtual. */

import type { KernelMemory } from "../kernel/hot/hot.ts";
import { BREATHE_FLAG, COARSE_REALTIME, POLLS_TICK, TICK_MS } from "../kernel/hot/layout.ts";
import type { EventLoop } from "./cpu/cpu.ts";
import type { VirtualClock } from "./machine-clock.ts";

export interface MachineLoop extends EventLoop {
  /** Called around work that the host does for the machine at its own pace, such as preparing a program. */
  hold<T>(work: Promise<T>): Promise<T>;
}

export interface LoopEvents {
  /** Moves bytes between guests and owner: called on each return to the event loop. */
  pump(): void;
  /** As EventLoop.defer's, of the host. */
  defer(body: () => void): void;
  wakeTicker(): void;
  /** Runs `body` as an event of the CPU. */
  event(body: () => void): void;
}

/** Longest delay that setTimeout takes. */
const LONGEST = 0x7fffffff;

export function hostLoop(events: LoopEvents): MachineLoop {
  return {
    defer: (body) =>
      events.defer(() => {
        events.pump();
        body();
      }),
    timeout: (body, ms) => {
      const timer = setTimeout(body, Math.min(Math.ceil(ms), LONGEST));
      return () => clearTimeout(timer);
    },
    wakeTicker: () => events.wakeTicker(),
    idle: () => events.event(() => events.pump()),
    hold: (work) => work,
  };
}

/**
 * Time passes by counted polls (each that enters the kernel asks to breathe: hot/sched.ts, preempt) and by looks at the clock; when all
 * tasks sleep it jumps to the next alarm. While the host works for the machine nothing runs and no time passes, so it does not matter
 * how long that takes.
 */
export class VirtualLoop implements MachineLoop {
  readonly #clock: VirtualClock;
  readonly #kmem: KernelMemory;
  readonly #events: LoopEvents;
  #alarm: { at: number; body: () => void } | null = null;
  /** Pieces of work that are held for, and what goes on when there is none. */
  #held = 0;
  readonly #waiting: (() => void)[] = [];
  #idle = false;

  constructor(clock: VirtualClock, kmem: KernelMemory, events: LoopEvents) {
    this.#clock = clock;
    this.#kmem = kmem;
    this.#events = events;
    kmem.u32[POLLS_TICK >> 2] = 1;
    this.#setCoarseClock();
  }

  defer(body: () => void): void {
    this.#clock.advance(TICK_MS);
    this.#setCoarseClock();
    this.#events.defer(() =>
      this.#whenFree(() => {
        this.#events.pump();
        this.#ring();
        body();
      }),
    );
  }

  timeout(body: () => void, ms: number): () => void {
    const alarm = { at: this.#clock.now + Math.max(0, ms), body };
    this.#alarm = alarm;
    if (this.#idle) this.#jump();
    return () => {
      if (this.#alarm === alarm) this.#alarm = null;
    };
  }

  wakeTicker(): void {
    this.#idle = false;
  }

  idle(): void {
    this.#idle = true;
    this.#events.event(() => this.#events.pump());
    if (this.#idle) this.#jump();
  }

  async hold<T>(work: Promise<T>): Promise<T> {
    this.#held++;
    // Whatever runs now stops at its next switch.
    this.#kmem.u32[BREATHE_FLAG >> 2] = 1;
    try {
      return await work;
    } finally {
      // Later than all that follows from the work.
      this.#events.defer(() => {
        this.#held--;
        if (this.#held === 0) for (const go of this.#waiting.splice(0)) go();
        if (this.#idle) this.#jump();
      });
    }
  }

  /** Nothing runs: time passes until the alarm, unless something happens first. */
  #jump(): void {
    if (!this.#alarm) return;
    this.#events.defer(() =>
      this.#whenFree(() => {
        const alarm = this.#alarm;
        if (!this.#idle || !alarm) return;
        this.#clock.advance(alarm.at - this.#clock.now);
        this.#setCoarseClock();
        this.#ring();
      }),
    );
  }

  #ring(): void {
    const alarm = this.#alarm;
    if (!alarm || alarm.at > this.#clock.now) return;
    this.#alarm = null;
    alarm.body();
  }

  #whenFree(body: () => void): void {
    if (this.#held > 0) this.#waiting.push(body);
    else body();
  }

  #setCoarseClock(): void {
    this.#kmem.i64[COARSE_REALTIME >> 3] = BigInt(Math.floor(this.#clock.wall * 1e6));
  }
}
