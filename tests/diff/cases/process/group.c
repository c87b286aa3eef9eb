// Process groups and sessions: setpgid(2), setsid(2), getsid(2).
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
static void end(pid_t pid) {
  MUST(kill(pid, SIGKILL));
  reap(pid);
}

CASE(inherited) {
  pid_t group = getpgrp(), session = getsid(0);
  IN_CHILD(printf("same group %d, same session %d, leader of neither %d\n", getpgrp() == group, getsid(0) == session,
                  getpid() != group && getpid() != session));
  SHOW(getpgid(0) == group);
  SHOW(getpgid(getpid()) == group);
}

CASE(own_group) {
  IN_CHILD(SHOW(setpgid(0, 0)); SHOW(getpgrp() == getpid()); SHOW(setpgid(0, 0)); SHOW(setpgid(getpid(), getpid())));
}

CASE(new_session) {
  IN_CHILD(SHOW(setsid() == getpid()); SHOW(getsid(0) == getpid()); SHOW(getpgrp() == getpid()); SHOW(setsid());
           SHOW(setpgid(0, 0)));
  IN_CHILD(MUST(setpgid(0, 0)); SHOW(setsid()));
}

CASE(move_children) {
  pid_t one = sleeps(), two = sleeps();
  SHOW(setpgid(one, one));
  SHOW(setpgid(two, one));
  SHOW(getpgid(two) == one);
  SHOW(setpgid(two, getpgrp()));
  SHOW(getpgid(two) == getpgrp());
  SHOW(setpgid(two, two));
  end(one);
  // The group of the dead leader has no members left: nothing to join.
  SHOW(setpgid(two, one));
  end(two);
}

CASE(errors) {
  SHOW(setpgid(0, -1));
  SHOW(setpgid(-1, 0));
  SHOW(setpgid(1 << 22, 0));
  SHOW(setpgid(0, 1 << 22));
  SHOW(getpgid(1 << 22));
  SHOW(getpgid(-1));
  SHOW(getsid(1 << 22));
  SHOW(getsid(-1));
}

PROGRAM(ready) {
  tell(atoi(case_argv[2]));
  for (;;) pause();
}
CASE(not_after_exec) {
  int up[2];
  MUST(pipe(up));
  pid_t pid = (pid_t)MUST(fork());
  if (pid == 0) {
    char text[16];
    snprintf(text, sizeof text, "%d", up[1]);
    execl(self, self, "ready", text, (char *)0);
    _exit(1);
  }
  hear(up[0]);
  SHOW(setpgid(pid, pid));
  end(pid);
}

CASE(not_in_another_session) {
  int up[2];
  MUST(pipe(up));
  pid_t pid = (pid_t)MUST(fork());
  if (pid == 0) {
    MUST(setsid());
    tell(up[1]);
    for (;;) pause();
  }
  hear(up[0]);
  SHOW(setpgid(pid, 0));
  SHOW(setpgid(0, pid));
  SHOW(getsid(pid) == pid);
  end(pid);
}

// Of a process that is not a child of the caller, nobody may change the group.
CASE(not_the_parent) {
  pid_t me = getpid();
  IN_CHILD(SHOW(setpgid(me, 0)));
  pid_t sibling = sleeps();
  IN_CHILD(SHOW(setpgid(sibling, sibling)));
  end(sibling);
}

CASE(group_outlives_its_leader) {
  pid_t leader = sleeps(), member = sleeps();
  MUST(setpgid(leader, leader));
  MUST(setpgid(member, leader));
  end(leader);
  SHOW(getpgid(member) == leader);
  SHOW(kill(-leader, 0));
  MUST(kill(-leader, SIGTERM));
  reap(member);
  SHOW(kill(-leader, 0));
}
