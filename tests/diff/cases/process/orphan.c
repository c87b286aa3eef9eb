// What becomes of a process whose parent ended, and of one that nobody waits for.
#include <sys/prctl.h>
#include "../../harness.h"

CASE(zombie) {
  pid_t pid = (pid_t)MUST(fork());
  if (pid == 0) _exit(4);
  siginfo_t info;
  MUST(waitid(P_PID, (id_t)pid, &info, WEXITED | WNOWAIT));
  printf("state %c\n", state_of(pid));
  SHOW(kill(pid, 0));
  SHOW(kill(pid, SIGKILL));
  SHOW(getpgid(pid) == getpgrp());
  SHOW(setpgid(pid, pid));
  reap(pid);
  printf("state %c\n", state_of(pid));
  SHOW(kill(pid, 0));
  SHOW(getpgid(pid));
}

CASE(gets_a_new_parent) {
  int up[2], down[2];
  MUST(pipe(up));
  MUST(pipe(down));
  pid_t middle = (pid_t)MUST(fork());
  if (middle == 0) {
    pid_t parent = getpid();
    if (MUST(fork()) == 0) {
      tell(up[1]);
      hear(down[0]);
      char answer = getppid() == parent ? 'n' : 'y';
      MUST(write(up[1], &answer, 1));
      _exit(0);
    }
    hear(up[0]);
    _exit(0);
  }
  reap(middle);
  tell(down[1]);
  char answer = '?';
  SHOW(read(up[0], &answer, 1));
  printf("new parent: %c\n", answer);
  close(up[1]);
  // End of file: the orphan is gone.
  SHOW(read(up[0], &answer, 1));
  SHOW(wait(NULL));
}

// PR_SET_CHILD_SUBREAPER: orphans come to the nearest ancestor that asked for them.
CASE(subreaper) {
  SHOW(prctl(PR_SET_CHILD_SUBREAPER, 1));
  int value = 7;
  SHOW(prctl(PR_GET_CHILD_SUBREAPER, &value));
  NUM(value);
  pid_t me = getpid();
  int down[2];
  MUST(pipe(down));
  pid_t middle = (pid_t)MUST(fork());
  if (middle == 0) {
    if (MUST(fork()) == 0) {
      hear(down[0]);
      _exit(getppid() == me ? 20 : 21);
    }
    MUST(prctl(PR_GET_CHILD_SUBREAPER, &value));
    _exit(value);
  }
  reap(middle);
  tell(down[1]);
  int status;
  SHOW(wait(&status) > 0);
  STR(status_text(status));
}

// A zombie child of a process that ends is not left behind.
CASE(zombies_of_the_dead) {
  int out[2];
  MUST(pipe(out));
  pid_t middle = (pid_t)MUST(fork());
  if (middle == 0) {
    pid_t below = (pid_t)MUST(fork());
    if (below == 0) _exit(0);
    siginfo_t info;
    MUST(waitid(P_PID, (id_t)below, &info, WEXITED | WNOWAIT));
    MUST(write(out[1], &below, sizeof below));
    _exit(0);
  }
  pid_t below;
  MUST(read(out[0], &below, sizeof below));
  reap(middle);
  // Whoever adopts it reaps it soon.
  for (int i = 0; i < 500 && kill(below, 0) == 0; i++) sleep_ms(1);
  SHOW(kill(below, 0));
}

// A process group that loses its last link to the session while a member is stopped gets SIGHUP and SIGCONT
// (credentials of POSIX: _exit, "orphaned process group").
static int up[2]; // the handler's word goes to the parent, which prints it
static void hangup(int number) {
  (void)number;
  MUST(write(up[1], "SIGHUP", 7));
  _exit(0);
}
CASE(stopped_group_gets_hangup) {
  MUST(pipe(up));
  pid_t middle = (pid_t)MUST(fork());
  if (middle == 0) {
    MUST(setsid());
    pid_t below = (pid_t)MUST(fork());
    if (below == 0) {
      MUST(setpgid(0, 0));
      on_signal(SIGHUP, hangup, 0);
      raise(SIGSTOP);
      for (;;) pause();
    }
    siginfo_t info;
    MUST(waitid(P_PID, (id_t)below, &info, WSTOPPED));
    _exit(0);
  }
  reap(middle);
  close(up[1]);
  char text[16] = "";
  SHOW(read(up[0], text, sizeof text));
  STR(text);
  SHOW(read(up[0], text, sizeof text));
}

// SIGTSTP, SIGTTIN and SIGTTOU do not stop a member of an orphaned group; SIGSTOP does.
CASE(no_stop_in_orphaned_group) {
  pid_t pid = (pid_t)MUST(fork());
  if (pid == 0) {
    MUST(setsid());
    raise(SIGTSTP);
    raise(SIGTTIN);
    raise(SIGTTOU);
    _exit(8);
  }
  int status;
  MUST(waitpid(pid, &status, WUNTRACED));
  STR(status_text(status));
}

CASE(parent_death_signal) {
  MUST(pipe(up));
  pid_t middle = (pid_t)MUST(fork());
  if (middle == 0) {
    if (MUST(fork()) == 0) {
      MUST(prctl(PR_SET_PDEATHSIG, SIGHUP));
      int number = 0;
      MUST(prctl(PR_GET_PDEATHSIG, &number));
      STR(signame(number));
      on_signal(SIGHUP, hangup, 0);
      tell(up[1]);
      for (;;) pause();
    }
    hear(up[0]);
    _exit(0);
  }
  reap(middle);
  close(up[1]);
  char text[16] = "";
  SHOW(read(up[0], text, sizeof text));
  STR(text);
  SHOW(read(up[0], text, sizeof text));
}
