/** Cases that ring3 does not pass yet: "area/file case" and the true reason. A case that passes must not stand here. */
export const EXPECTED_FAILURES: Readonly<Record<string, string>> = {
  "signal/jump fork_in_a_handler":
    "fork fails with EAGAIN inside a signal handler: nothing can unwind the kernel's frame between the handler and what it interrupted",
  "time/sleep timer_signals": "timer_create fails with ENOSYS: there are no POSIX timers yet",
  "time/sleep timer_overrun": "timer_create fails with ENOSYS: there are no POSIX timers yet",
};
