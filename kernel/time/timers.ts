/** Everything that is to happen at a time: a binary heap by monotonic ms. The platform's one alarm is kept at the earliest. */
import type { Kernel } from "../kernel.ts";

export interface Timer {
  readonly at: number;
  /** null once it fired or was cancelled. */
  fire: (() => void) | null;
}

export class Timers {
  readonly #kernel: Kernel;
  readonly #heap: Timer[] = [];
  #alarm = Number.POSITIVE_INFINITY;

  constructor(kernel: Kernel) {
    this.#kernel = kernel;
  }

  /** Runs `fire` at or soon after monotonic ms `at`. */
  add(at: number, fire: () => void): Timer {
    const timer: Timer = { at, fire };
    const heap = this.#heap;
    let i = heap.push(timer) - 1;
    while (i > 0) {
      const parent = (i - 1) >> 1;
      if (heap[parent].at <= at) break;
      heap[i] = heap[parent];
      i = parent;
    }
    heap[i] = timer;
    this.#setAlarm();
    return timer;
  }

  /** Cancelled timers leave the heap when they come to its top. */
  cancel(timer: Timer): void {
    timer.fire = null;
  }

  /** Monotonic ms of the earliest timer; Infinity when there is none. */
  next(): number {
    while (this.#heap.length > 0 && !this.#heap[0].fire) this.#pop();
    return this.#heap.length > 0 ? this.#heap[0].at : Number.POSITIVE_INFINITY;
  }

  /** Fires all that is due. */
  run(): void {
    this.#alarm = Number.POSITIVE_INFINITY;
    const now = this.#kernel.clock.monotonic();
    while (this.next() <= now) {
      const { fire } = this.#pop();
      fire?.();
    }
    this.#setAlarm();
  }

  #setAlarm(): void {
    const at = this.next();
    if (at >= this.#alarm) return;
    this.#alarm = at;
    this.#kernel.platform.setAlarm(at);
  }

  #pop(): Timer {
    const heap = this.#heap;
    const top = heap[0];
    const last = heap.pop()!;
    if (heap.length === 0) return top;
    let i = 0;
    for (;;) {
      let child = 2 * i + 1;
      if (child >= heap.length) break;
      if (child + 1 < heap.length && heap[child + 1].at < heap[child].at) child++;
      if (heap[child].at >= last.at) break;
      heap[i] = heap[child];
      i = child;
    }
    heap[i] = last;
    return top;
  }
}
