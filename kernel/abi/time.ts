/** Clocks and timers: <linux/time.h>. */

export const CLOCK_REALTIME: i32 = 0;
export const CLOCK_MONOTONIC: i32 = 1;
export const CLOCK_PROCESS_CPUTIME_ID: i32 = 2;
export const CLOCK_THREAD_CPUTIME_ID: i32 = 3;
export const CLOCK_MONOTONIC_RAW: i32 = 4;
export const CLOCK_REALTIME_COARSE: i32 = 5;
export const CLOCK_MONOTONIC_COARSE: i32 = 6;
export const CLOCK_BOOTTIME: i32 = 7;
export const CLOCK_REALTIME_ALARM: i32 = 8;
export const CLOCK_BOOTTIME_ALARM: i32 = 9;
export const CLOCK_TAI: i32 = 11;

export const TIMER_ABSTIME: i32 = 1;

// setitimer(2)
export const ITIMER_REAL: i32 = 0;
export const ITIMER_VIRTUAL: i32 = 1;
export const ITIMER_PROF: i32 = 2;

// timerfd(2)
export const TFD_TIMER_ABSTIME: i32 = 1;
export const TFD_TIMER_CANCEL_ON_SET: i32 = 2;
export const TFD_CLOEXEC: i32 = 0o2000000;
export const TFD_NONBLOCK: i32 = 0o4000;

// times(2) counts in ticks of 1/100 s (sysconf(_SC_CLK_TCK)), as do some files of /proc
export const USER_HZ: i32 = 100;
