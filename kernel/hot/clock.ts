/**
 * The clocks (man 2 clock_gettime), made of the host's two. Each look costs a call of JavaScript, whatever is done here: there is no
 * counter that Wasm could read.
 */

import { host_now, host_wall } from "./imports";
import { COARSE_REALTIME, TICK_MS } from "./layout";

/** The host's now() when the machine was booted, in ms. */
let boot: f64 = 0;
/** CLOCK_REALTIME minus the host's now(), in ns. */
let offset: i64 = 0;

const MS: i64 = 1000000;

/** `at`: host_now() at boot. */
export function clock_init(at: f64): void {
  boot = at;
}

/** CLOCK_MONOTONIC in ms, with fractions: what deadlines are in. */
export function clock_monotonic(): f64 {
  return host_now() - boot;
}

/** CLOCK_MONOTONIC in ns. */
export function monotonic_ns(): i64 {
  return <i64>(clock_monotonic() * 1e6);
}

/**
 * CLOCK_REALTIME in ns: as fine as now(), but never far from the wall clock, which follows when the host's is set. Not behind the last tick
 * either: files are dated by it, and must not look newer than now. While ticks come there is no need to look at the wall clock.
 */
export function realtime_ns(): i64 {
  const now = <i64>(host_now() * 1e6);
  const tick = load<i64>(COARSE_REALTIME);
  const time = now + offset;
  if (time >= tick && time < tick + 2 * TICK_MS * MS) return time;
  const wall = <i64>(host_wall() * 1e6);
  if (time < wall || time >= wall + TICK_MS * MS) offset = wall - now;
  return now + offset;
}

/** CLOCK_REALTIME in ms, for the cold half. */
export function clock_realtime(): f64 {
  return <f64>realtime_ns() / 1e6;
}
