// alarm(2), setitimer(2), getitimer(2), and timers against CPU time.
#include "../../harness.h"

static volatile int calls;
static void count(int number) {
  (void)number;
  calls++;
}

CASE(alarm_rest) {
  SHOW(alarm(0));
  SHOW(alarm(100));
  NUM(alarm(50) >= 99);
  NUM(alarm(0) >= 49);
  SHOW(alarm(0));
}

CASE(alarm_kills) {
  pid_t pid = (pid_t)MUST(fork());
  if (pid == 0) {
    struct itimerval soon = {.it_value = {0, 5000}};
    setitimer(ITIMER_REAL, &soon, NULL);
    for (;;) pause();
  }
  reap(pid);
}

CASE(interval) {
  on_signal(SIGALRM, count, 0);
  struct itimerval every = {{0, 3000}, {0, 3000}}, off = {{0, 0}, {0, 0}}, rest;
  long before = now_ms();
  SHOW(setitimer(ITIMER_REAL, &every, NULL));
  while (calls < 5) pause();
  NUM(now_ms() - before >= 14);
  SHOW(getitimer(ITIMER_REAL, &rest));
  printf("interval %ld us, rest within it %d\n", (long)rest.it_interval.tv_usec, rest.it_value.tv_usec <= 3000);
  SHOW(setitimer(ITIMER_REAL, &off, &rest));
  printf("old interval %ld us\n", (long)rest.it_interval.tv_usec);
  SHOW(getitimer(ITIMER_REAL, &rest));
  printf("now %ld %ld\n", (long)rest.it_value.tv_usec, (long)rest.it_interval.tv_usec);
  int seen = calls;
  sleep_ms(10);
  NUM(calls - seen);
}

CASE(once) {
  on_signal(SIGALRM, count, 0);
  struct itimerval soon = {.it_value = {0, 2000}}, rest;
  SHOW(setitimer(ITIMER_REAL, &soon, NULL));
  while (calls < 1) sleep_ms(1);
  sleep_ms(10);
  NUM(calls);
  SHOW(getitimer(ITIMER_REAL, &rest));
  NUM(rest.it_value.tv_sec == 0 && rest.it_value.tv_usec == 0);
}

CASE(errors) {
  struct itimerval bad = {.it_value = {0, 1000000}}, negative = {.it_value = {-1, 0}}, rest;
  SHOW(setitimer(ITIMER_REAL, &bad, NULL));
  SHOW(setitimer(ITIMER_REAL, &negative, NULL));
  SHOW(setitimer(77, &bad, NULL));
  SHOW(getitimer(77, &rest));
  SHOW(SYS2(SYS_getitimer, ITIMER_REAL, BAD_ADDRESS));
}

// A loop that makes no call is interrupted too.
CASE(interrupts_a_loop) {
  on_signal(SIGALRM, count, 0);
  struct itimerval soon = {.it_value = {0, 5000}};
  MUST(setitimer(ITIMER_REAL, &soon, NULL));
  volatile unsigned long turns = 0;
  while (!calls) turns++;
  printf("calls %d, turned %d\n", calls, turns > 0);
}

CASE(virtual_time) {
  on_signal(SIGVTALRM, count, 0);
  struct itimerval soon = {.it_value = {0, 10000}};
  MUST(setitimer(ITIMER_VIRTUAL, &soon, NULL));
  sleep_ms(30);
  printf("after sleeping: %d\n", calls);
  volatile unsigned long turns = 0;
  while (!calls) turns++;
  printf("after computing: %d\n", calls);
}

CASE(profiling_time) {
  on_signal(SIGPROF, count, 0);
  struct itimerval soon = {.it_value = {0, 10000}};
  MUST(setitimer(ITIMER_PROF, &soon, NULL));
  volatile unsigned long turns = 0;
  while (!calls) turns++;
  printf("after computing: %d\n", calls);
}

CASE(alarm_and_itimer_are_one) {
  struct itimerval long_time = {.it_value = {500, 0}}, rest;
  MUST(setitimer(ITIMER_REAL, &long_time, NULL));
  NUM(alarm(700) >= 499);
  MUST(getitimer(ITIMER_REAL, &rest));
  NUM(rest.it_value.tv_sec >= 699);
  NUM(rest.it_interval.tv_sec);
}

CASE(sleep_is_interrupted) {
  on_signal(SIGALRM, count, 0);
  struct itimerval soon = {.it_value = {0, 5000}};
  MUST(setitimer(ITIMER_REAL, &soon, NULL));
  unsigned left = sleep(30);
  printf("left at least 29: %d, calls %d\n", left >= 29, calls);
  MUST(setitimer(ITIMER_REAL, &soon, NULL));
  SHOW(usleep(900000));
}
