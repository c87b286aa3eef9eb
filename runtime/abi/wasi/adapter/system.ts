/** Arguments, environment, clocks, random bytes, and the process's end. */
import { CLOCK_MONOTONIC } from "../../../../kernel/abi/time";
import { CPU_WORK } from "../../../../kernel/hot/layout";
import { PAGE_BOUNCE } from "../layout";
import { error_of, FAULT, INVAL } from "./errno";
import {
  argument_copy,
  argument_count,
  argument_length,
  environment_copy,
  environment_count,
  environment_length,
  monotonic_ns,
  realtime_ns,
  SYS_clock_getres,
  SYS_clock_gettime,
  SYS_exit_group,
  SYS_getpid,
  SYS_getrandom,
  SYS_kill,
  SYS_sched_yield,
  spawn_thread,
} from "./hot";
import { page, page_address, put32, put64 } from "./user";

export function args_sizes_get(count_out: u32, bytes_out: u32): u32 {
  const count = argument_count();
  let bytes = 0;
  for (let i = 0; i < count; i++) bytes += argument_length(i) + 1;
  return put32(count_out, count) | put32(bytes_out, bytes);
}

export function args_get(pointers: u32, strings: u32): u32 {
  const count = argument_count();
  for (let i = 0; i < count; i++) {
    if (put32(pointers + 4 * i, strings) || argument_copy(strings, i) < 0) return FAULT;
    strings += argument_length(i) + 1;
  }
  return 0;
}

export function environ_sizes_get(count_out: u32, bytes_out: u32): u32 {
  const count = environment_count();
  let bytes = 0;
  for (let i = 0; i < count; i++) bytes += environment_length(i) + 1;
  return put32(count_out, count) | put32(bytes_out, bytes);
}

export function environ_get(pointers: u32, strings: u32): u32 {
  const count = environment_count();
  for (let i = 0; i < count; i++) {
    if (put32(pointers + 4 * i, strings) || environment_copy(strings, i) < 0) return FAULT;
    strings += environment_length(i) + 1;
  }
  return 0;
}

const SECOND: u64 = 1000000000;
/** witx: clockid: realtime, monotonic, the process's and the thread's CPU time have Linux's numbers. */
const CLOCKS: u32 = 4;

/** The struct timespec in the bounce buffer, in nanoseconds. */
function nanoseconds(): u64 {
  const time = page(PAGE_BOUNCE);
  return load<u64>(time) * SECOND + load<u64>(time, 8);
}

export function clock_res_get(clock: u32, out: u32): u32 {
  if (clock >= CLOCKS) return INVAL;
  const error = error_of(SYS_clock_getres(clock, page_address(PAGE_BOUNCE)));
  return error ? error : put64(out, nanoseconds());
}

export function clock_time_get(clock: u32, _precision: u64, out: u32): u32 {
  // Where nothing is attached to the task (kernel/hot/entries.ts tests the same), without a struct timespec between, whose divisions take
  // longer than all else but the host's clock.
  if (clock <= <u32>CLOCK_MONOTONIC && !load<u32>(CPU_WORK)) {
    return put64(out, clock == CLOCK_MONOTONIC ? monotonic_ns() : realtime_ns());
  }
  if (clock >= CLOCKS) return INVAL;
  const error = error_of(SYS_clock_gettime(clock, page_address(PAGE_BOUNCE)));
  return error ? error : put64(out, nanoseconds());
}

/** getrandom(2) gives at most 32 MiB at once. */
export function random_get(buffer: u32, bytes: u32): u32 {
  let done: u32 = 0;
  do {
    const count = SYS_getrandom(buffer + done, bytes - done, 0);
    if (count < 0) return error_of(count);
    done += <u32>count;
  } while (done < bytes);
  return 0;
}

export function sched_yield(): u32 {
  return error_of(SYS_sched_yield());
}

export function proc_exit(status: u32): void {
  SYS_exit_group(status);
}

/** witx: signal: 16 on are Linux's 17 on, which has SIGSTKFLT as 16; 0 sends nothing. */
export function proc_raise(signal: u32): u32 {
  if (signal > 30) return INVAL;
  return error_of(SYS_kill(<i32>SYS_getpid(), signal < 16 ? signal : signal + 1));
}

/** wasi-threads: a thread that begins in the export wasi_thread_start. Its number, or a negated error. */
export function thread_spawn(argument: u32): i32 {
  const tid = spawn_thread(0, argument);
  return tid < 0 ? -(<i32>error_of(tid)) : tid;
}
