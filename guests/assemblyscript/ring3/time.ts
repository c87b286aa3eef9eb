// Clocks and sleeping.

import { CLOCK_MONOTONIC, CLOCK_REALTIME } from "./abi/constants";
import { SYS_clock_gettime, SYS_nanosleep } from "./abi/syscalls";
import { checked } from "./errors";
import "./language";

function read(clock: i32): i64 {
  const time = new ArrayBuffer(16);
  SYS_clock_gettime(clock, changetype<usize>(time));
  return load<i64>(changetype<usize>(time)) * 1_000_000_000 + load<i64>(changetype<usize>(time), 8);
}

/** Nanoseconds since 1970. */
export function now(): i64 {
  return read(CLOCK_REALTIME);
}

/** Nanoseconds since some moment; never goes back. */
export function monotonic(): i64 {
  return read(CLOCK_MONOTONIC);
}

/** Waits that many nanoseconds; false if a signal cut it short. */
export function sleep(nanoseconds: i64): bool {
  const time = new ArrayBuffer(16);
  store<i64>(changetype<usize>(time), nanoseconds / 1_000_000_000);
  store<i64>(changetype<usize>(time), nanoseconds % 1_000_000_000, 8);
  return checked(SYS_nanosleep(changetype<usize>(time), 0)) == 0;
}
