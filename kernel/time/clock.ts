/** The machine's clocks, handed in by the runtime: the host's, or a virtual one in deterministic mode. Milliseconds, with fractions. */
export interface Clock {
  /** CLOCK_MONOTONIC: ms since boot. Never goes back. */
  monotonic(): number;
  /** CLOCK_REALTIME: ms since the epoch. */
  realtime(): number;
}
