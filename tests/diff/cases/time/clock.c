// Clocks: clock_gettime(2), gettimeofday(2), times(2), CPU time.
#include <sys/times.h>
#include "../../harness.h"

static long long nanoseconds(clockid_t id) {
  struct timespec t;
  MUST(clock_gettime(id, &t));
  return t.tv_sec * 1000000000LL + t.tv_nsec;
}

CASE(never_goes_back) {
  static const clockid_t ids[] = {CLOCK_MONOTONIC, CLOCK_MONOTONIC_RAW, CLOCK_BOOTTIME, CLOCK_MONOTONIC_COARSE,
                                  CLOCK_PROCESS_CPUTIME_ID, CLOCK_THREAD_CPUTIME_ID};
  for (size_t i = 0; i < COUNT(ids); i++) {
    int back = 0;
    long long last = nanoseconds(ids[i]);
    for (int turn = 0; turn < 2000; turn++) {
      long long now = nanoseconds(ids[i]);
      back += now < last;
      last = now;
    }
    NUM(back);
  }
}

CASE(moves_on) {
  static const clockid_t ids[] = {CLOCK_REALTIME, CLOCK_MONOTONIC, CLOCK_MONOTONIC_RAW, CLOCK_BOOTTIME};
  for (size_t i = 0; i < COUNT(ids); i++) {
    long long before = nanoseconds(ids[i]);
    sleep_ms(20);
    long long passed = nanoseconds(ids[i]) - before;
    NUM(passed >= 19000000 && passed < 5000000000LL);
  }
}

CASE(errors) {
  struct timespec t;
  SHOW(clock_gettime(77, &t));
  SHOW(clock_getres(77, &t));
  SHOW(clock_gettime(-1, &t));
  SHOW(SYS2(SYS_clock_gettime, 77, &t));
  SHOW(clock_settime(CLOCK_MONOTONIC, &t));
  SHOW(SYS2(SYS_gettimeofday, BAD_ADDRESS, 0));
}

CASE(resolution) {
  struct timespec t;
  SHOW(clock_getres(CLOCK_MONOTONIC, &t));
  NUM(t.tv_sec == 0 && t.tv_nsec > 0);
  SHOW(clock_getres(CLOCK_REALTIME, NULL));
}

CASE(agree) {
  struct timeval day;
  long long real = nanoseconds(CLOCK_REALTIME);
  SHOW(gettimeofday(&day, NULL));
  time_t seconds = time(NULL);
  long long difference = day.tv_sec * 1000000000LL + day.tv_usec * 1000LL - real;
  NUM(difference > -1000000 && difference < 2000000000LL);
  NUM(seconds - day.tv_sec >= 0 && seconds - day.tv_sec <= 2);
  NUM(seconds > 1700000000);
  time_t stored;
  NUM(time(&stored) == stored);
}

// CPU time counts while computing, not while sleeping.
CASE(cpu_time) {
  long long before = nanoseconds(CLOCK_PROCESS_CPUTIME_ID);
  sleep_ms(50);
  long long slept = nanoseconds(CLOCK_PROCESS_CPUTIME_ID) - before;
  NUM(slept < 20000000);
  volatile unsigned long turns = 0;
  before = nanoseconds(CLOCK_PROCESS_CPUTIME_ID);
  long long real = nanoseconds(CLOCK_MONOTONIC);
  while (nanoseconds(CLOCK_PROCESS_CPUTIME_ID) - before < 20000000)
    for (int i = 0; i < 1000; i++) turns++;
  NUM(nanoseconds(CLOCK_MONOTONIC) - real >= 19000000);
  NUM(clock() > 0);
}

CASE(of_children) {
  struct tms t;
  NUM(times(&t) != (clock_t)-1);
  NUM(t.tms_cutime + t.tms_cstime);
  pid_t pid = (pid_t)MUST(fork());
  if (pid == 0) {
    while (nanoseconds(CLOCK_PROCESS_CPUTIME_ID) < 60000000) {
    }
    _exit(0);
  }
  reap(pid);
  times(&t);
  NUM(t.tms_cutime + t.tms_cstime >= 5);
  NUM(sysconf(_SC_CLK_TCK));
}
