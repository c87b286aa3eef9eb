/** Calls that read a field: ids, clocks; and sched_yield. */

import { EFAULT } from "../abi/errno";
import {
  CLOCK_BOOTTIME,
  CLOCK_MONOTONIC,
  CLOCK_MONOTONIC_RAW,
  CLOCK_REALTIME,
  CLOCK_REALTIME_COARSE,
} from "../abi/time";
import { monotonic_ns, realtime_ns } from "./clock";
import {
  COARSE_REALTIME,
  CPU_PID,
  MM_BYTES,
  PROC_EGID,
  PROC_EUID,
  PROC_GID,
  PROC_PPID,
  PROC_UID,
  RESULT_COLD,
  RUNNABLE,
  TASK_MM,
  TASK_PROC,
  TASK_TID,
} from "./layout";
import { yield_cpu } from "./sched";
import { BOUNCE, copy_out, put_pair } from "./user";

/** The instruction memory.size: pages of 64 KiB. The memory itself may be longer, where another process had it before. */
export function sys_memory_size(task: u32): i64 {
  return load<i64>(load<u32>(task, TASK_MM), MM_BYTES) >> 16;
}

export function sys_getpid(_task: u32): i32 {
  return load<i32>(CPU_PID);
}

export function sys_gettid(task: u32): i32 {
  return load<i32>(task, TASK_TID);
}

export function sys_getppid(task: u32): i32 {
  return load<i32>(load<u32>(task, TASK_PROC), PROC_PPID);
}

export function sys_getuid(task: u32): u32 {
  return load<u32>(load<u32>(task, TASK_PROC), PROC_UID);
}

export function sys_geteuid(task: u32): u32 {
  return load<u32>(load<u32>(task, TASK_PROC), PROC_EUID);
}

export function sys_getgid(task: u32): u32 {
  return load<u32>(load<u32>(task, TASK_PROC), PROC_GID);
}

export function sys_getegid(task: u32): u32 {
  return load<u32>(load<u32>(task, TASK_PROC), PROC_EGID);
}

const SECOND: i64 = 1000000000;

export function sys_clock_gettime(task: u32, clock: i32, to: u32): i64 {
  let ns: i64;
  if (clock == CLOCK_MONOTONIC || clock == CLOCK_MONOTONIC_RAW || clock == CLOCK_BOOTTIME) ns = monotonic_ns();
  else if (clock == CLOCK_REALTIME) ns = realtime_ns();
  else if (clock == CLOCK_REALTIME_COARSE) ns = load<i64>(COARSE_REALTIME);
  else return RESULT_COLD;
  return put_pair(task, to, ns / SECOND, ns % SECOND) ? 0 : <i64>-EFAULT;
}

export function sys_gettimeofday(task: u32, tv: u32, tz: u32): i64 {
  if (tv) {
    const us = realtime_ns() / 1000;
    if (!put_pair(task, tv, us / 1000000, us % 1000000)) return -EFAULT;
  }
  if (tz) {
    store<u64>(BOUNCE, 0);
    if (!copy_out(task, tz, BOUNCE, 8)) return -EFAULT;
  }
  return 0;
}

export function sys_sched_yield(task: u32): i64 {
  if (load<u32>(RUNNABLE)) yield_cpu(task);
  return 0;
}
