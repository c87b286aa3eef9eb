// wait4(2): which children it waits for, its options, what the status says.
#include <sys/resource.h>
#include "../../harness.h"

static pid_t exits(int status) {
  pid_t pid = (pid_t)MUST(fork());
  if (pid == 0) _exit(status);
  return pid;
}
static pid_t sleeps(void) {
  pid_t pid = (pid_t)MUST(fork());
  if (pid == 0) {
    for (;;) pause();
  }
  return pid;
}

CASE(no_children) {
  int status = 77;
  SHOW(wait(&status));
  SHOW(waitpid(-1, &status, WNOHANG));
  SHOW(waitpid(getpid(), &status, 0));
  SHOW(waitpid(1, &status, 0));
  SHOW(waitpid(0, &status, 0));
  NUM(status);
}

CASE(exit_codes) {
  static const int codes[] = {0, 1, 127, 128, 255, 256, 257, -1, 1000};
  for (size_t i = 0; i < COUNT(codes); i++) {
    printf("_exit(%d): ", codes[i]);
    reap(exits(codes[i]));
  }
}

CASE(no_hang) {
  pid_t pid = sleeps();
  int status = 77;
  SHOW(waitpid(pid, &status, WNOHANG));
  SHOW(waitpid(-1, &status, WNOHANG));
  NUM(status);
  SHOW(kill(pid, SIGKILL));
  reap(pid);
  SHOW(waitpid(pid, &status, WNOHANG));
}

CASE(invalid_options) {
  int status;
  SHOW(waitpid(-1, &status, 0x10));
  SHOW(SYS4(SYS_wait4, -1, 0, 0x40000, 0));
  SHOW(SYS4(SYS_wait4, INT_MIN, 0, 0, 0));
}

CASE(by_group) {
  pid_t one = sleeps(), two = sleeps(), other = exits(1);
  MUST(setpgid(one, one));
  MUST(setpgid(two, one));
  int status;
  SHOW(waitpid(-one, &status, WNOHANG));
  MUST(kill(-one, SIGTERM));
  int got = 0;
  for (int i = 0; i < 2; i++) {
    pid_t pid = waitpid(-one, &status, 0);
    got += pid == one || pid == two;
    printf("%s\n", status_text(status));
  }
  printf("both of the group %d\n", got);
  SHOW(waitpid(-one, &status, 0));
  SHOW(waitpid(0, &status, 0) == other);
  STR(status_text(status));
}

CASE(stopped_and_continued) {
  pid_t pid = sleeps();
  MUST(setpgid(pid, pid)); // of this group the parent is the link to its session: it is not orphaned
  int status;
  MUST(kill(pid, SIGSTOP));
  SHOW(waitpid(pid, &status, WUNTRACED) == pid);
  STR(status_text(status));
  // It is reported once.
  SHOW(waitpid(pid, &status, WUNTRACED | WNOHANG));
  MUST(kill(pid, SIGCONT));
  SHOW(waitpid(pid, &status, WCONTINUED) == pid);
  STR(status_text(status));
  SHOW(waitpid(pid, &status, WCONTINUED | WUNTRACED | WNOHANG));
  MUST(kill(pid, SIGTSTP));
  SHOW(waitpid(pid, &status, WUNTRACED) == pid);
  STR(status_text(status));
  // A stopped process does not die of a signal until it goes on; of SIGKILL it does.
  MUST(kill(pid, SIGTERM));
  SHOW(waitpid(pid, &status, WNOHANG));
  MUST(kill(pid, SIGKILL));
  reap(pid);
}

CASE(stop_needs_the_option) {
  pid_t pid = sleeps();
  int status = 0;
  MUST(kill(pid, SIGSTOP));
  siginfo_t info;
  MUST(waitid(P_PID, (id_t)pid, &info, WSTOPPED | WNOWAIT));
  SHOW(waitpid(pid, &status, WNOHANG));
  MUST(kill(pid, SIGTERM));
  MUST(kill(pid, SIGCONT));
  reap(pid);
}

CASE(any_order) {
  pid_t pids[5];
  for (int i = 0; i < 5; i++) pids[i] = exits(10 + i);
  for (int i = 4; i >= 0; i--) reap(pids[i]);
  SHOW(wait(NULL));
}

CASE(null_status) {
  pid_t pid = exits(3);
  SHOW(waitpid(pid, NULL, 0) == pid);
  pid = exits(3);
  SHOW(wait4(pid, NULL, 0, NULL) == pid);
  pid = exits(3);
  // A bad pointer is found out when the child is already gone.
  SHOW(SYS4(SYS_wait4, pid, BAD_ADDRESS, 0, 0));
  SHOW(waitpid(pid, NULL, 0));
}

CASE(resource_usage) {
  pid_t pid = (pid_t)MUST(fork());
  if (pid == 0) {
    struct timespec t;
    do clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    while (t.tv_nsec < 20000000);
    _exit(0);
  }
  struct rusage usage, all;
  memset(&usage, 0xff, sizeof usage);
  int status;
  SHOW(wait4(pid, &status, 0, &usage) == pid);
  long us = usage.ru_utime.tv_usec + usage.ru_stime.tv_usec;
  printf("child's time at least 15 ms: %d, below 2 s: %d\n", us >= 15000, usage.ru_utime.tv_sec < 2);
  SHOW(getrusage(RUSAGE_CHILDREN, &all));
  printf("counted for the parent: %d\n", all.ru_utime.tv_usec + all.ru_stime.tv_usec >= 15000);
}

// A child of one's child is not one's child.
CASE(not_grandchildren) {
  int up[2], down[2];
  MUST(pipe(up));
  MUST(pipe(down));
  pid_t pid = (pid_t)MUST(fork());
  if (pid == 0) {
    pid_t below = sleeps();
    MUST(write(up[1], &below, sizeof below));
    hear(down[0]);
    MUST(kill(below, SIGKILL));
    MUST(waitpid(below, NULL, 0));
    _exit(0);
  }
  pid_t below;
  MUST(read(up[0], &below, sizeof below));
  SHOW(waitpid(below, NULL, 0));
  SHOW(kill(below, 0));
  tell(down[1]);
  reap(pid);
  SHOW(kill(below, 0));
}
