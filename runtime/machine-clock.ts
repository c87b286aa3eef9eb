/** What a machine's clocks are made of, and its random numbers: the host's, or, in deterministic mode, virtual ones that only the machine itself moves. */

/** Two clocks in ms (kernel/hot/clock.ts). */
export interface TimeSource {
  /** now() when the machine booted. */
  readonly boot: number;
  /** As fine as can be had, never going back. */
  readonly now: () => number;
  /** Since the epoch. */
  readonly wall: () => number;
}

// Read once: the property of the global object has a getter, which costs 15 ns a look.
const { performance } = globalThis;

/** The host's clocks. */
export class HostTime implements TimeSource {
  readonly boot = performance.now();
  readonly now = (): number => performance.now();
  readonly wall = (): number => Date.now();
}

/** When every machine with a seed boots: 2026-01-01, 00:00 UTC. */
const EPOCH = Date.UTC(2026, 0, 1);
/** Each look at the clock takes this long, in ms: a program that waits for time to pass sees it pass. */
const LOOK = 0.001;

/** A clock that stands still but for looks at it and for `advance`. */
export class VirtualTime implements TimeSource {
  readonly boot = 0;
  /** Ms since boot, without looking. */
  ms = 0;

  readonly now = (): number => {
    this.ms += LOOK;
    return this.ms;
  };

  readonly wall = (): number => EPOCH + this.ms;

  /** Moves on by `ms`. */
  advance(ms: number): void {
    this.ms += Math.max(0, ms);
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
