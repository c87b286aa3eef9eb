// vfork(2): the child borrows the parent's memory, and the parent stands still until exec or _exit.
#include "../../harness.h"

static volatile int shared;

PROGRAM(three) {
  _exit(3);
}

CASE(shares_memory) {
  shared = 1;
  pid_t pid = vfork();
  if (pid == 0) {
    shared = 2;
    _exit(5);
  }
  NUM(shared);
  reap(pid);
}

CASE(then_exec) {
  pid_t pid = vfork();
  if (pid == 0) {
    execl(self, self, "three", (char *)0);
    _exit(127);
  }
  reap(pid);
}

CASE(failed_exec) {
  shared = 0;
  pid_t pid = vfork();
  if (pid == 0) {
    execl("./absent", "absent", (char *)0);
    shared = errno;
    _exit(127);
  }
  reap(pid);
  STR(errname(shared));
}

CASE(parent_waits_for_the_child) {
  shared = 0;
  pid_t pid = vfork();
  if (pid == 0) {
    struct timespec t = {0, 30000000};
    nanosleep(&t, NULL);
    shared = 9;
    _exit(0);
  }
  NUM(shared);
  reap(pid);
}

CASE(descriptors_are_separate) {
  int fd = (int)MUST(open("file", O_RDWR | O_CREAT, 0600));
  pid_t pid = vfork();
  if (pid == 0) {
    close(fd);
    _exit(0);
  }
  SHOW(fcntl(fd, F_GETFD));
  reap(pid);
}

CASE(ten_in_a_row) {
  static volatile int sum, i;
  int status;
  for (i = 0; i < 10; i++) {
    pid_t pid = vfork();
    if (pid == 0) _exit(i);
    MUST(waitpid(pid, &status, 0));
    sum += WEXITSTATUS(status);
  }
  NUM(sum);
}
