// kill(2): its forms, permission, errors.
#include "../../harness.h"

#define IN_CHILD(...)                     \
  do {                                    \
    pid_t in_child = (pid_t)MUST(fork()); \
    if (in_child == 0) {                  \
      __VA_ARGS__;                        \
      _exit(0);                           \
    }                                     \
    reap(in_child);                       \
  } while (0)

static pid_t sleeps(void) {
  pid_t pid = (pid_t)MUST(fork());
  if (pid == 0) {
    for (;;) pause();
  }
  return pid;
}

CASE(errors) {
  SHOW(kill(getpid(), -1));
  SHOW(kill(getpid(), 65));
  SHOW(kill(getpid(), 1000));
  SHOW(kill(1 << 22, 0));
  SHOW(kill(1 << 22, SIGTERM));
  SHOW(kill(-(1 << 22), 0));
  SHOW(kill(INT_MIN, 0));
  SHOW(kill(getpid(), 0));
  SHOW(SYS2(SYS_tkill, -1, 0));
  SHOW(SYS2(SYS_tkill, 1 << 22, 0));
  SHOW(SYS3(SYS_tgkill, getpid(), -1, 0));
  SHOW(SYS3(SYS_tgkill, -1, getpid(), 0));
  SHOW(SYS3(SYS_tgkill, getppid(), getpid(), 0));
  SHOW(SYS3(SYS_tgkill, getpid(), getpid(), 0));
}

CASE(own_group) {
  IN_CHILD(MUST(setpgid(0, 0)); pid_t one = sleeps(), two = sleeps(); signal(SIGTERM, SIG_IGN);
           SHOW(kill(0, SIGTERM)); reap(one); reap(two));
}

CASE(other_group) {
  pid_t one = sleeps(), two = sleeps(), three = sleeps();
  MUST(setpgid(one, one));
  MUST(setpgid(two, one));
  SHOW(kill(-one, SIGHUP));
  reap(one);
  reap(two);
  SHOW(kill(three, SIGINT));
  reap(three);
  SHOW(kill(-one, SIGHUP));
  SHOW(killpg(three, 0));
}

// Permission: the sender's real or effective uid has to be the receiver's real or saved one.
CASE(permission) {
  pid_t root = sleeps();
  int ready[2];
  MUST(pipe(ready));
  pid_t other = (pid_t)MUST(fork());
  if (other == 0) {
    MUST(setresuid(23456, 23456, 23456));
    tell(ready[1]);
    for (;;) pause();
  }
  hear(ready[0]);
  IN_CHILD(MUST(setresuid(12345, 12345, 12345)); SHOW(kill(root, 0)); SHOW(kill(root, SIGTERM));
           SHOW(kill(other, SIGTERM)); SHOW(kill(root, SIGCONT)); SHOW(kill(root, 65)); SHOW(kill(getpid(), 0)));
  IN_CHILD(MUST(setresuid(23456, 12345, 12345)); SHOW(kill(other, 0)); SHOW(kill(root, 0)));
  IN_CHILD(MUST(setresuid(12345, 23456, 12345)); SHOW(kill(other, 0)));
  // SIGCONT within a session needs no permission, across sessions it does.
  IN_CHILD(MUST(setsid()); MUST(setresuid(12345, 12345, 12345)); SHOW(kill(root, SIGCONT)));
  SHOW(kill(other, SIGTERM));
  reap(other);
  SHOW(kill(root, SIGTERM));
  reap(root);
}

// To a group: it succeeds where at least one member could be signalled.
CASE(group_permission) {
  int ready[2];
  MUST(pipe(ready));
  pid_t leader = sleeps();
  MUST(setpgid(leader, leader));
  IN_CHILD(MUST(setresuid(12345, 12345, 12345)); SHOW(kill(-leader, SIGTERM)));
  pid_t other = (pid_t)MUST(fork());
  if (other == 0) {
    MUST(setpgid(0, leader));
    MUST(setresuid(12345, 12345, 12345));
    tell(ready[1]);
    for (;;) pause();
  }
  hear(ready[0]);
  IN_CHILD(MUST(setresuid(12345, 12345, 12345)); SHOW(kill(-leader, SIGTERM)));
  reap(other);
  SHOW(kill(leader, SIGKILL));
  reap(leader);
}

// kill(-1) reaches everything that the sender may signal, but not itself. As a user whose processes are all here.
CASE(everything) {
  pid_t middle = (pid_t)MUST(fork());
  if (middle == 0) {
    MUST(setresuid(54321, 54321, 54321));
    pid_t one = sleeps(), two = sleeps();
    MUST(setpgid(two, two));
    SHOW(kill(-1, SIGTERM));
    reap(one);
    reap(two);
    SHOW(kill(-1, SIGTERM));
    _exit(5);
  }
  reap(middle);
}

CASE(zero_checks_only) {
  pid_t pid = sleeps();
  SHOW(kill(pid, 0));
  SHOW(kill(-getpgrp(), 0));
  SHOW(kill(pid, SIGKILL));
  reap(pid);
  SHOW(kill(pid, 0));
}

static volatile int calls;
static void count(int number) {
  (void)number;
  calls++;
}
// A signal to one's own group reaches oneself before the call returns.
CASE(self_in_group) {
  IN_CHILD(MUST(setpgid(0, 0)); on_signal(SIGUSR1, count, 0); SHOW(kill(0, SIGUSR1)); NUM(calls);
           SHOW(kill(-getpid(), SIGUSR1)); NUM(calls));
}
