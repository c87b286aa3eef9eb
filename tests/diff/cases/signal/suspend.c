// Waiting for signals: pause, sigsuspend, sigwait, sigwaitinfo, sigtimedwait.
#include "../../harness.h"

static volatile int calls;
static void count(int number) {
  (void)number;
  calls++;
}
static void block(int number) {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, number);
  sigprocmask(SIG_BLOCK, &set, NULL);
}
// A child that sends the signal once this process sleeps, then ends.
static pid_t sender(int number) {
  pid_t pid = (pid_t)MUST(fork());
  if (pid == 0) {
    until_asleep(getppid());
    _exit(kill(getppid(), number));
  }
  return pid;
}

CASE(pause_returns) {
  on_signal(SIGUSR1, count, 0);
  pid_t pid = sender(SIGUSR1);
  SHOW(pause());
  NUM(calls);
  reap(pid);
}

CASE(suspend_swaps_the_mask) {
  on_signal(SIGUSR1, count, 0);
  block(SIGUSR1);
  raise(SIGUSR1);
  NUM(calls);
  sigset_t none, now;
  sigemptyset(&none);
  SHOW(sigsuspend(&none));
  NUM(calls);
  sigprocmask(SIG_SETMASK, NULL, &now);
  NUM(sigismember(&now, SIGUSR1));
}

CASE(suspend_from_outside) {
  on_signal(SIGUSR1, count, SA_RESTART);
  block(SIGUSR1);
  pid_t pid = sender(SIGUSR1);
  sigset_t none;
  sigemptyset(&none);
  SHOW(sigsuspend(&none));
  NUM(calls);
  reap(pid);
}

static void show_mask(int number) {
  sigset_t now;
  sigprocmask(SIG_SETMASK, NULL, &now);
  printf("in handler of %s: USR1 %d, USR2 %d\n", signame(number), sigismember(&now, SIGUSR1),
         sigismember(&now, SIGUSR2));
}
// In the handler the mask of sigsuspend holds (and the signal itself), after it the one from before.
CASE(mask_in_handler) {
  on_signal(SIGUSR1, show_mask, 0);
  block(SIGUSR1);
  raise(SIGUSR1);
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGUSR2);
  SHOW(sigsuspend(&set));
  show_mask(0);
}

CASE(wait_takes_it) {
  on_signal(SIGUSR1, count, 0);
  block(SIGUSR1);
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGUSR1);
  raise(SIGUSR1);
  int number = 0;
  ERR(sigwait(&set, &number));
  STR(signame(number));
  NUM(calls);
  pid_t pid = sender(SIGUSR1);
  ERR(sigwait(&set, &number));
  STR(signame(number));
  NUM(calls);
  reap(pid);
}

CASE(wait_info) {
  block(SIGUSR2);
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGUSR2);
  pid_t pid = sender(SIGUSR2);
  siginfo_t info;
  int number = sigwaitinfo(&set, &info);
  printf("%s, SI_USER %d, from %d\n", signame(number), info.si_code == SI_USER, info.si_pid == pid);
  reap(pid);
}

CASE(timed_wait) {
  block(SIGUSR1);
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGUSR1);
  struct timespec short_time = {0, 20000000}, none = {0, 0}, bad = {0, 1000000000}, negative = {-1, 0};
  long before = now_ms();
  SHOW(sigtimedwait(&set, NULL, &short_time));
  NUM(now_ms() - before >= 20);
  SHOW(sigtimedwait(&set, NULL, &none));
  SHOW(sigtimedwait(&set, NULL, &bad));
  SHOW(sigtimedwait(&set, NULL, &negative));
  raise(SIGUSR1);
  SHOW(sigtimedwait(&set, NULL, &none) == SIGUSR1);
}

// A signal outside the set interrupts the wait (the call itself: musl's function repeats it).
CASE(other_signal_interrupts) {
  on_signal(SIGUSR2, count, SA_RESTART);
  block(SIGUSR1);
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGUSR1);
  pid_t pid = sender(SIGUSR2);
  SHOW(SYS4(SYS_rt_sigtimedwait, &set, 0, 0, 8));
  NUM(calls);
  reap(pid);
}
