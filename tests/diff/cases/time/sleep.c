// nanosleep(2), clock_nanosleep(2), and timers made by timer_create(2).
#include "../../harness.h"

static volatile int calls;
static void count(int number) {
  (void)number;
  calls++;
}

CASE(duration) {
  static const long lengths[] = {0, 1, 1000, 1000000, 20000000};
  for (size_t i = 0; i < COUNT(lengths); i++) {
    struct timespec t = {0, lengths[i]}, a, b;
    clock_gettime(CLOCK_MONOTONIC, &a);
    int result = nanosleep(&t, NULL);
    clock_gettime(CLOCK_MONOTONIC, &b);
    long long passed = (b.tv_sec - a.tv_sec) * 1000000000LL + b.tv_nsec - a.tv_nsec;
    printf("%ld: %d, long enough %d\n", lengths[i], result, passed >= lengths[i]);
  }
}

CASE(errors) {
  SHOW(nanosleep(&(struct timespec){0, 1000000000}, NULL));
  SHOW(nanosleep(&(struct timespec){0, -1}, NULL));
  SHOW(nanosleep(&(struct timespec){-1, 0}, NULL));
  SHOW(SYS2(SYS_nanosleep, BAD_ADDRESS, 0));
  ERR(clock_nanosleep(77, 0, &(struct timespec){0, 0}, NULL));
  ERR(clock_nanosleep(CLOCK_MONOTONIC, 0, &(struct timespec){0, 1000000000}, NULL));
  ERR(clock_nanosleep(CLOCK_THREAD_CPUTIME_ID, 0, &(struct timespec){0, 0}, NULL));
}

static void soon(long us) {
  struct itimerval timer = {.it_value = {0, us}};
  MUST(setitimer(ITIMER_REAL, &timer, NULL));
}
CASE(remaining) {
  on_signal(SIGALRM, count, 0);
  struct timespec rest = {77, 77};
  soon(10000);
  SHOW(nanosleep(&(struct timespec){30, 0}, &rest));
  NUM(rest.tv_sec >= 28 && rest.tv_sec < 30);
  soon(10000);
  rest.tv_sec = 77;
  ERR(clock_nanosleep(CLOCK_MONOTONIC, 0, &(struct timespec){30, 0}, &rest));
  NUM(rest.tv_sec >= 28 && rest.tv_sec < 30);
  NUM(calls);
}

CASE(absolute) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  long before = now_ms();
  ERR(clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &now, NULL));
  ERR(clock_nanosleep(CLOCK_REALTIME, TIMER_ABSTIME, &(struct timespec){1, 0}, NULL));
  NUM(now_ms() - before < 1000);
  struct timespec then = {now.tv_sec, now.tv_nsec + 30000000};
  if (then.tv_nsec >= 1000000000) then.tv_sec++, then.tv_nsec -= 1000000000;
  ERR(clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &then, NULL));
  struct timespec after;
  clock_gettime(CLOCK_MONOTONIC, &after);
  NUM((after.tv_sec - then.tv_sec) * 1000000000LL + after.tv_nsec - then.tv_nsec >= 0);
  // An absolute sleep leaves the rest alone.
  on_signal(SIGALRM, count, 0);
  soon(10000);
  struct timespec rest = {77, 77};
  clock_gettime(CLOCK_REALTIME, &then);
  then.tv_sec += 30;
  ERR(clock_nanosleep(CLOCK_REALTIME, TIMER_ABSTIME, &then, &rest));
  printf("%ld %ld\n", (long)rest.tv_sec, (long)rest.tv_nsec);
}

// Sleepers wake in the order of their times.
CASE(order) {
  int ends[2];
  MUST(pipe(ends));
  static const int delays[] = {210, 30, 150, 90};
  struct timespec start;
  clock_gettime(CLOCK_MONOTONIC, &start);
  for (int i = 0; i < 4; i++) {
    if (MUST(fork()) == 0) {
      struct timespec then = {start.tv_sec, start.tv_nsec + delays[i] * 1000000L};
      if (then.tv_nsec >= 1000000000) then.tv_sec++, then.tv_nsec -= 1000000000;
      clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &then, NULL);
      MUST(write(ends[1], &(char){(char)('a' + i)}, 1));
      _exit(0);
    }
  }
  while (wait(NULL) > 0) {
  }
  char text[8] = "";
  MUST(read(ends[0], text, 4));
  STR(text);
}

CASE(timer_signals) {
  on_signal(SIGUSR1, count, 0);
  timer_t timer;
  struct sigevent event = {.sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGUSR1};
  MUST(timer_create(CLOCK_MONOTONIC, &event, &timer));
  struct itimerspec every = {{0, 5000000}, {0, 5000000}}, rest;
  SHOW(timer_settime(timer, 0, &every, NULL));
  while (calls < 3) sleep_ms(1);
  SHOW(timer_gettime(timer, &rest));
  NUM(rest.it_interval.tv_nsec);
  SHOW(timer_settime(timer, 0, &(struct itimerspec){{0, 0}, {0, 0}}, NULL));
  int seen = calls;
  sleep_ms(20);
  NUM(calls - seen);
  SHOW(timer_delete(timer));
  SHOW(timer_gettime(timer, &rest));
}

CASE(timer_overrun) {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGUSR1);
  sigprocmask(SIG_BLOCK, &set, NULL);
  timer_t timer;
  struct sigevent event = {.sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGUSR1, .sigev_value.sival_int = 31};
  MUST(timer_create(CLOCK_MONOTONIC, &event, &timer));
  MUST(timer_settime(timer, 0, &(struct itimerspec){{0, 2000000}, {0, 2000000}}, NULL));
  sleep_ms(30);
  siginfo_t info;
  SHOW(sigwaitinfo(&set, &info) == SIGUSR1);
  printf("SI_TIMER %d, value %d, overrun %d\n", info.si_code == SI_TIMER, info.si_value.sival_int, info.si_overrun >= 5);
  NUM(timer_getoverrun(timer) >= 5);
  SHOW(timer_delete(timer));
}
