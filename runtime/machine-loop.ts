/** The event loop as the CPU sees it: the host's own, or in deterministic mode one whose time is virtual. */

import type { KernelMemory } from "../kernel/hot/hot.ts";
import { BREATHE_FLAG, COARSE_REALTIME, POLL_FLAG, POLLS_TICK, TICK_MS } from "../kernel/hot/layout.ts";
import type { EventLoop } from "./cpu/cpu.ts";
import type { VirtualTime } from "./machine-clock.ts";

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

/** The host's event loop. */
export class HostLoop implements EventLoop {
  protected readonly kmem: KernelMemory;
  protected readonly events: LoopEvents;
  /** Pieces of work that the machine stands still for, and what goes on when there is none. */
  #pauses = 0;
  readonly #paused: (() => void)[] = [];

  constructor(kmem: KernelMemory, events: LoopEvents) {
    this.kmem = kmem;
    this.events = events;
  }

  defer(body: () => void): void {
    this.events.defer(() =>
      this.whenRunning(() => {
        this.events.pump();
        body();
      }),
    );
  }

  timeout(body: () => void, ms: number): () => void {
    const timer = setTimeout(body, Math.min(Math.ceil(ms), LONGEST));
    return () => clearTimeout(timer);
  }

  wakeTicker(): void {
    this.events.wakeTicker();
  }

  idle(): void {
    this.events.event(() => this.events.pump());
  }

  /** Lets no task run, from the next switch on, until the work is done. */
  async pause<T>(work: Promise<T>): Promise<T> {
    this.#pauses++;
    this.kmem.u32[BREATHE_FLAG >> 2] = 1;
    this.kmem.u32[POLL_FLAG >> 2] = 1;
    try {
      return await work;
    } finally {
      // Later than all that follows from the work.
      this.events.defer(() => {
        this.#pauses--;
        if (this.#pauses === 0) for (const go of this.#paused.splice(0)) go();
        this.resumed();
      });
    }
  }

  protected whenRunning(body: () => void): void {
    if (this.#pauses > 0) this.#paused.push(body);
    else body();
  }

  protected resumed(): void {}
}

/**
 * Virtual time passes by counted polls (each that enters the kernel asks to breathe: hot/sched.ts, preempt) and by looks at the clock;
 * when all tasks sleep it jumps to the next alarm. In a pause none passes.
 */
export class VirtualLoop extends HostLoop {
  readonly #time: VirtualTime;
  #alarm: { at: number; body: () => void } | null = null;
  #idle = false;

  constructor(time: VirtualTime, kmem: KernelMemory, events: LoopEvents) {
    super(kmem, events);
    this.#time = time;
    kmem.u32[POLLS_TICK >> 2] = 1;
    this.#setCoarseClock();
  }

  override defer(body: () => void): void {
    this.#time.advance(TICK_MS);
    this.#setCoarseClock();
    super.defer(() => {
      this.#ring();
      body();
    });
  }

  override timeout(body: () => void, ms: number): () => void {
    const alarm = { at: this.#time.ms + Math.max(0, ms), body };
    this.#alarm = alarm;
    if (this.#idle) this.#jump();
    return () => {
      if (this.#alarm === alarm) this.#alarm = null;
    };
  }

  /** There is no ticker. */
  override wakeTicker(): void {
    this.#idle = false;
  }

  override idle(): void {
    this.#idle = true;
    super.idle();
    if (this.#idle) this.#jump();
  }

  protected override resumed(): void {
    if (this.#idle) this.#jump();
  }

  /** Nothing runs: time passes until the alarm, unless something happens first. */
  #jump(): void {
    if (!this.#alarm) return;
    this.events.defer(() =>
      this.whenRunning(() => {
        const alarm = this.#alarm;
        if (!this.#idle || !alarm) return;
        this.#time.advance(alarm.at - this.#time.ms);
        this.#setCoarseClock();
        this.#ring();
      }),
    );
  }

  #ring(): void {
    const alarm = this.#alarm;
    if (!alarm || alarm.at > this.#time.ms) return;
    this.#alarm = null;
    alarm.body();
  }

  #setCoarseClock(): void {
    this.kmem.i64[COARSE_REALTIME >> 3] = BigInt(Math.floor(this.#time.wall() * 1e6));
  }
}
