/** A machine's clocks and random numbers: the host's, or, in deterministic mode, virtual ones that only the machine itself moves. */
import type { Clock } from "../kernel/time/clock.ts";

/** The host's clocks. */
export class HostClock implements Clock {
  readonly #boot = performance.now();
  /** Wall clock minus performance.now(). */
  #offset = Date.now() - this.#boot;

  monotonic(): number {
    return performance.now() - this.#boot;
  }

  /**
   * As fine as performance.now(), but never far from Date.now(), which follows when the host's clock is set; and never behind it, since
   * files are dated by Date.now() (the ticker) and must not look newer than now.
   */
  realtime(): number {
    const now = performance.now();
    const wall = Date.now();
    const time = now + this.#offset;
    if (time >= wall && time < wall + 2) return time;
    this.#offset = wall - now;
    return wall;
  }
}

/** When every machine with a seed boots: 2026-01-01, 00:00 UTC. */
const EPOCH = Date.UTC(2026, 0, 1);
/** Each look at the clock takes this long, in ms: a program that waits for time to pass sees it pass. */
const LOOK = 0.001;

/** A clock that stands still but for looks at it and for `advance`. */
export class VirtualClock implements Clock {
  /** Ms since boot, without looking. */
  now = 0;

  monotonic(): number {
    this.now += LOOK;
    return this.now;
  }

  realtime(): number {
    return EPOCH + this.monotonic();
  }

  /** CLOCK_REALTIME without looking. */
  get wall(): number {
    return EPOCH + this.now;
  }

  /** Moves on by `ms`. */
  advance(ms: number): void {
    this.now += Math.max(0, ms);
  }
}

/** Random bytes of the host. */
export function hostRandom(bytes: Uint8Array): void {
  // getRandomValues takes neither shared memory nor more than 64 KiB at once.
  for (let at = 0; at < bytes.length; at += 65536) {
    const part = new Uint8Array(Math.min(65536, bytes.length - at));
    bytes.set(crypto.getRandomValues(part), at);
  }
}

/** Random bytes from a seed: xorshift32 (Marsaglia, 2003), its state spread by a multiplication so that near seeds differ. */
export function seededRandom(seed: number): (bytes: Uint8Array) => void {
  let state = Math.imul(seed ^ 0x9e3779b9, 0x85ebca6b) | 1;
  return (bytes) => {
    for (let i = 0; i < bytes.length; i++) {
      state ^= state << 13;
      state ^= state >>> 17;
      state ^= state << 5;
      bytes[i] = state >>> 11;
    }
  };
}
