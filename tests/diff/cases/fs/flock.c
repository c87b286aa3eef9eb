// flock(2): locks on open file descriptions.
#include <sys/file.h>
#include "../../harness.h"

CASE(exclusive) {
  int a = (int)MUST(open("file", O_RDWR | O_CREAT, 0600)), b = (int)MUST(open("file", O_RDONLY));
  SHOW(flock(a, LOCK_EX));
  SHOW(flock(b, LOCK_EX | LOCK_NB));
  SHOW(flock(b, LOCK_SH | LOCK_NB));
  SHOW(flock(a, LOCK_EX | LOCK_NB));
  SHOW(flock(a, LOCK_UN));
  SHOW(flock(b, LOCK_EX | LOCK_NB));
}

CASE(shared) {
  int a = (int)MUST(open("file", O_RDWR | O_CREAT, 0600)), b = (int)MUST(open("file", O_RDONLY));
  SHOW(flock(a, LOCK_SH));
  SHOW(flock(b, LOCK_SH));
  SHOW(flock(a, LOCK_EX | LOCK_NB));
  SHOW(flock(b, LOCK_UN));
  SHOW(flock(a, LOCK_EX | LOCK_NB));
  SHOW(flock(a, LOCK_SH));
  SHOW(flock(b, LOCK_SH | LOCK_NB));
}

CASE(shared_by_dup_and_fork) {
  int a = (int)MUST(open("file", O_RDWR | O_CREAT, 0600)), b = (int)MUST(open("file", O_RDWR)), copy = dup(a);
  SHOW(flock(a, LOCK_EX));
  SHOW(flock(copy, LOCK_EX | LOCK_NB));
  SHOW(close(a));
  SHOW(flock(b, LOCK_EX | LOCK_NB));
  pid_t pid = (pid_t)MUST(fork());
  if (pid == 0) {
    SHOW(flock(copy, LOCK_UN));
    _exit(0);
  }
  reap(pid);
  SHOW(flock(b, LOCK_EX | LOCK_NB));
}

CASE(errors) {
  int a = (int)MUST(open("file", O_RDWR | O_CREAT, 0600));
  SHOW(flock(99, LOCK_EX));
  SHOW(flock(a, 0));
  SHOW(flock(a, LOCK_SH | LOCK_EX));
  SHOW(flock(a, LOCK_UN));
  SHOW(flock(open("file", O_PATH), LOCK_EX));
}

CASE(waiting) {
  int a = (int)MUST(open("file", O_RDWR | O_CREAT, 0600));
  MUST(flock(a, LOCK_EX));
  pid_t pid = (pid_t)MUST(fork());
  if (pid == 0) {
    int b = (int)MUST(open("file", O_RDWR));
    SHOW(flock(b, LOCK_SH));
    _exit(0);
  }
  until_asleep(pid);
  printf("unlocking\n");
  MUST(flock(a, LOCK_UN));
  reap(pid);
}

// Independent of record locks.
CASE(not_record_locks) {
  int a = (int)MUST(open("file", O_RDWR | O_CREAT, 0600));
  MUST(flock(a, LOCK_EX));
  pid_t pid = (pid_t)MUST(fork());
  if (pid == 0) {
    struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
    SHOW(fcntl((int)MUST(open("file", O_RDWR)), F_SETLK, &lock));
    _exit(0);
  }
  reap(pid);
}

CASE(released_at_exit) {
  pid_t pid = (pid_t)MUST(fork());
  if (pid == 0) {
    SHOW(flock((int)MUST(open("file", O_RDWR | O_CREAT, 0600)), LOCK_EX));
    _exit(0);
  }
  reap(pid);
  SHOW(flock((int)MUST(open("file", O_RDWR)), LOCK_EX | LOCK_NB));
}
