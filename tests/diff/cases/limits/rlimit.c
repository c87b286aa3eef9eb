// getrlimit(2), setrlimit(2), prlimit(2), getrusage(2), getpriority(2).
#include <sys/resource.h>
#include "../../harness.h"

static void print(int resource) {
  struct rlimit limit;
  if (getrlimit(resource, &limit) == -1)
    printf("%s\n", errname(errno));
  else
    printf("%ld %ld\n", (long)limit.rlim_cur, (long)limit.rlim_max);
}

CASE(set_and_get) {
  SHOW(setrlimit(RLIMIT_CPU, &(struct rlimit){1000, 2000}));
  print(RLIMIT_CPU);
  SHOW(setrlimit(RLIMIT_CPU, &(struct rlimit){1500, 2000}));
  print(RLIMIT_CPU);
}

CASE(every_kind) {
  static const struct name kinds[] = {N(RLIMIT_CPU),    N(RLIMIT_FSIZE),   N(RLIMIT_DATA),    N(RLIMIT_STACK),
                                      N(RLIMIT_CORE),   N(RLIMIT_RSS),     N(RLIMIT_NPROC),   N(RLIMIT_NOFILE),
                                      N(RLIMIT_MEMLOCK), N(RLIMIT_AS),     N(RLIMIT_LOCKS),   N(RLIMIT_SIGPENDING),
                                      N(RLIMIT_MSGQUEUE), N(RLIMIT_NICE),  N(RLIMIT_RTPRIO),  N(RLIMIT_RTTIME)};
  for (size_t i = 0; i < COUNT(kinds); i++) {
    struct rlimit limit;
    printf("%s %d %d\n", kinds[i].text, kinds[i].number, getrlimit(kinds[i].number, &limit));
    NUM(limit.rlim_cur <= limit.rlim_max);
  }
}

CASE(errors) {
  struct rlimit limit = {1, 1};
  SHOW(getrlimit(77, &limit));
  SHOW(setrlimit(77, &limit));
  SHOW(setrlimit(RLIMIT_CPU, &(struct rlimit){10, 5}));
  SHOW(SYS2(SYS_getrlimit, RLIMIT_CPU, BAD_ADDRESS));
  SHOW(prlimit(1 << 22, RLIMIT_CPU, NULL, &limit));
}

CASE(without_privilege) {
  MUST(setrlimit(RLIMIT_FSIZE, &(struct rlimit){1 << 20, 2 << 20}));
  MUST(setresuid(1001, 1001, 1001));
  SHOW(setrlimit(RLIMIT_FSIZE, &(struct rlimit){2 << 20, 2 << 20}));
  SHOW(setrlimit(RLIMIT_FSIZE, &(struct rlimit){1 << 20, 1 << 20}));
  SHOW(setrlimit(RLIMIT_FSIZE, &(struct rlimit){1 << 20, 2 << 20}));
  print(RLIMIT_FSIZE);
}

CASE(of_another_process) {
  int ends[2];
  MUST(pipe(ends));
  pid_t pid = (pid_t)MUST(fork());
  if (pid == 0) {
    hear(ends[0]);
    print(RLIMIT_NPROC);
    _exit(0);
  }
  struct rlimit limit = {300, 400}, old;
  SHOW(prlimit(pid, RLIMIT_NPROC, &limit, NULL));
  SHOW(prlimit(pid, RLIMIT_NPROC, NULL, &old));
  printf("%ld %ld\n", (long)old.rlim_cur, (long)old.rlim_max);
  tell(ends[1]);
  reap(pid);
}

PROGRAM(show) {
  print(RLIMIT_FSIZE);
}
CASE(inherited) {
  MUST(setrlimit(RLIMIT_FSIZE, &(struct rlimit){12345678, 23456789}));
  pid_t pid = (pid_t)MUST(fork());
  if (pid == 0) execl(self, self, "show", (char *)0);
  reap(pid);
}

CASE(processes) {
  MUST(setresuid(54322, 54322, 54322));
  SHOW(setrlimit(RLIMIT_NPROC, &(struct rlimit){4, 4}));
  int count = 0;
  pid_t pid;
  while ((pid = fork()) > 0) count++;
  if (pid == 0) {
    for (;;) pause();
  }
  printf("%d, then %s\n", count, errname(errno));
  kill(-1, SIGKILL); // this user's only
  int reaped = 0;
  while (wait(NULL) > 0) reaped++;
  NUM(reaped);
  pid = fork();
  if (pid == 0) _exit(5);
  reap(pid);
}

CASE(usage) {
  struct rusage before, after;
  SHOW(getrusage(RUSAGE_SELF, &before));
  struct timespec t;
  do clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
  while (t.tv_sec == 0 && t.tv_nsec < 60000000);
  SHOW(getrusage(RUSAGE_SELF, &after));
  long us = (after.ru_utime.tv_sec - before.ru_utime.tv_sec) * 1000000 + after.ru_utime.tv_usec - before.ru_utime.tv_usec +
            (after.ru_stime.tv_sec - before.ru_stime.tv_sec) * 1000000 + after.ru_stime.tv_usec - before.ru_stime.tv_usec;
  NUM(us >= 30000 && us < 5000000);
  NUM(after.ru_maxrss > 0);
  SHOW(getrusage(RUSAGE_THREAD, &after));
  SHOW(getrusage(77, &after));
  SHOW(getrusage(RUSAGE_CHILDREN, &after));
  NUM(after.ru_utime.tv_sec + after.ru_utime.tv_usec + after.ru_stime.tv_sec + after.ru_stime.tv_usec);
}

CASE(cpu_time_limit) {
  pid_t pid = (pid_t)MUST(fork());
  if (pid == 0) {
    // The hard limit kills at once where it has passed already.
    MUST(setrlimit(RLIMIT_CORE, &(struct rlimit){0, 0}));
    MUST(setrlimit(RLIMIT_CPU, &(struct rlimit){0, 0}));
    volatile unsigned long turns = 0;
    for (;;) turns++;
  }
  int status;
  MUST(waitpid(pid, &status, 0));
  printf("killed %d\n", WIFSIGNALED(status));
}

CASE(priority) {
  SHOW(setpriority(PRIO_PROCESS, 0, 5));
  SHOW(getpriority(PRIO_PROCESS, 0));
  SHOW(nice(3));
  SHOW(getpriority(PRIO_PROCESS, getpid()));
  SHOW(setpriority(PRIO_PROCESS, 0, 100));
  SHOW(getpriority(PRIO_PROCESS, 0));
  SHOW(getpriority(77, 0));
  SHOW(getpriority(PRIO_PROCESS, 1 << 22));
  pid_t pid = (pid_t)MUST(fork());
  if (pid == 0) {
    SHOW(getpriority(PRIO_PROCESS, 0));
    MUST(setresuid(1001, 1001, 1001));
    SHOW(setpriority(PRIO_PROCESS, 0, 0));
    _exit(0);
  }
  reap(pid);
}
