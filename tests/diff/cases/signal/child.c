// SIGCHLD: when it is sent, and children whose parent does not want to know.
#include "../../harness.h"

static volatile int calls;
static void count(int number) {
  (void)number;
  calls++;
}
static pid_t sleeps(void) {
  pid_t pid = (pid_t)MUST(fork());
  if (pid == 0) {
    for (;;) pause();
  }
  return pid;
}
static void until_calls(int wanted) {
  for (int i = 0; i < 2000 && calls < wanted; i++) sleep_ms(1);
}

CASE(on_exit) {
  on_signal(SIGCHLD, count, 0);
  pid_t pid = (pid_t)MUST(fork());
  if (pid == 0) _exit(0);
  until_calls(1);
  NUM(calls);
  reap(pid);
  NUM(calls);
}

CASE(on_stop_and_continue) {
  on_signal(SIGCHLD, count, 0);
  pid_t pid = sleeps();
  kill(pid, SIGSTOP);
  until_calls(1);
  kill(pid, SIGCONT);
  until_calls(2);
  kill(pid, SIGKILL);
  until_calls(3);
  NUM(calls);
  reap(pid);
}

CASE(no_child_stop) {
  on_signal(SIGCHLD, count, SA_NOCLDSTOP);
  pid_t pid = sleeps();
  int status;
  kill(pid, SIGSTOP);
  MUST(waitpid(pid, &status, WUNTRACED));
  STR(status_text(status));
  kill(pid, SIGCONT);
  MUST(waitpid(pid, &status, WCONTINUED));
  STR(status_text(status));
  NUM(calls);
  kill(pid, SIGKILL);
  until_calls(1);
  NUM(calls);
  reap(pid);
}

// Blocked, any number of them is one.
CASE(coalesced) {
  on_signal(SIGCHLD, count, 0);
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGCHLD);
  sigprocmask(SIG_BLOCK, &set, NULL);
  for (int i = 0; i < 5; i++) {
    pid_t pid = (pid_t)MUST(fork());
    if (pid == 0) _exit(0);
    siginfo_t info;
    MUST(waitid(P_PID, (id_t)pid, &info, WEXITED | WNOWAIT));
  }
  sigprocmask(SIG_UNBLOCK, &set, NULL);
  NUM(calls);
  int reaped = 0;
  while (waitpid(-1, NULL, WNOHANG) > 0) reaped++;
  NUM(reaped);
}

// With SIGCHLD ignored children leave no zombie, and wait returns when the last is gone.
CASE(ignored) {
  signal(SIGCHLD, SIG_IGN);
  for (int i = 0; i < 3; i++) {
    if (MUST(fork()) == 0) {
      sleep_ms(5);
      _exit(7);
    }
  }
  SHOW(wait(NULL));
  int status = 77;
  pid_t pid = (pid_t)MUST(fork());
  if (pid == 0) _exit(7);
  SHOW(waitpid(pid, &status, 0));
  NUM(status);
}

CASE(no_child_wait) {
  struct sigaction action = {.sa_handler = count, .sa_flags = SA_NOCLDWAIT};
  sigemptyset(&action.sa_mask);
  MUST(sigaction(SIGCHLD, &action, NULL));
  pid_t pid = (pid_t)MUST(fork());
  if (pid == 0) _exit(7);
  while (waitpid(pid, NULL, 0) == -1 && errno == EINTR) {
  }
  STR(errname(errno));
  // Linux sends the signal all the same.
  until_calls(1);
  NUM(calls);
}

// The default action also does nothing, but keeps the zombie.
CASE(default_keeps_zombies) {
  pid_t pid = (pid_t)MUST(fork());
  if (pid == 0) _exit(6);
  until_state(pid, 'Z');
  printf("state %c\n", state_of(pid));
  reap(pid);
}

// What was a zombie before stays one when SIGCHLD is ignored later.
CASE(ignored_too_late) {
  pid_t pid = (pid_t)MUST(fork());
  if (pid == 0) _exit(9);
  until_state(pid, 'Z');
  signal(SIGCHLD, SIG_IGN);
  reap(pid);
}

PROGRAM(fork_and_wait) {
  pid_t pid = (pid_t)MUST(fork());
  if (pid == 0) _exit(1);
  SHOW(waitpid(pid, NULL, 0) == pid);
  STR(errname(errno));
}
CASE(ignored_through_exec) {
  signal(SIGCHLD, SIG_IGN);
  execl(self, self, "fork_and_wait", (char *)0);
}

static void reaper(int number) {
  (void)number;
  int status;
  while (waitpid(-1, &status, WNOHANG) > 0) calls += WEXITSTATUS(status);
}
CASE(reaped_in_the_handler) {
  on_signal(SIGCHLD, reaper, SA_RESTART);
  for (int i = 1; i <= 20; i++) {
    if (MUST(fork()) == 0) _exit(i);
  }
  until_calls(210);
  NUM(calls);
  SHOW(wait(NULL));
}
