/** Limits, usage and priorities: <linux/resource.h>. */

// getrlimit(2)
export const RLIMIT_CPU: i32 = 0;
export const RLIMIT_FSIZE: i32 = 1;
export const RLIMIT_DATA: i32 = 2;
export const RLIMIT_STACK: i32 = 3;
export const RLIMIT_CORE: i32 = 4;
export const RLIMIT_RSS: i32 = 5;
export const RLIMIT_NPROC: i32 = 6;
export const RLIMIT_NOFILE: i32 = 7;
export const RLIMIT_MEMLOCK: i32 = 8;
export const RLIMIT_AS: i32 = 9;
export const RLIMIT_LOCKS: i32 = 10;
export const RLIMIT_SIGPENDING: i32 = 11;
export const RLIMIT_MSGQUEUE: i32 = 12;
export const RLIMIT_NICE: i32 = 13;
export const RLIMIT_RTPRIO: i32 = 14;
export const RLIMIT_RTTIME: i32 = 15;
export const RLIM_NLIMITS: i32 = 16;

// getrusage(2)
export const RUSAGE_SELF: i32 = 0;
export const RUSAGE_CHILDREN: i32 = -1;
export const RUSAGE_THREAD: i32 = 1;
export const RUSAGE_BOTH: i32 = -2;

// getpriority(2)
export const PRIO_PROCESS: i32 = 0;
export const PRIO_PGRP: i32 = 1;
export const PRIO_USER: i32 = 2;

/** "No limit": a field of 64 ones, which structs.ts reads and writes as 2^64, the nearest number that JavaScript has. */
export const RLIM_INFINITY: f64 = 2.0 ** 64;
