// Stopping and going on: job control signals without a terminal.
#include "../../harness.h"

static int ends[2];
static volatile int calls;
static void count(int number) {
  (void)number;
  calls++;
}
static void wait_for(pid_t pid, int options) {
  int status;
  MUST(waitpid(pid, &status, options));
  printf("child: %s\n", status_text(status));
}

CASE(stopped_does_not_run) {
  MUST(pipe2(ends, O_NONBLOCK));
  pid_t pid = (pid_t)MUST(fork());
  if (pid == 0) {
    for (;;) {
      if (write(ends[1], "x", 1) == -1) sleep_ms(1);
    }
  }
  char block[4096];
  while (read(ends[0], block, 1) != 1) sleep_ms(1);
  MUST(kill(pid, SIGSTOP));
  wait_for(pid, WUNTRACED);
  printf("state %c\n", state_of(pid));
  while (read(ends[0], block, sizeof block) > 0) {
  }
  sleep_ms(20);
  SHOW(read(ends[0], block, sizeof block));
  MUST(kill(pid, SIGCONT));
  wait_for(pid, WCONTINUED);
  while (read(ends[0], block, 1) != 1) sleep_ms(1);
  printf("runs again\n");
  MUST(kill(pid, SIGKILL));
  reap(pid);
}

static void continued(int number) {
  (void)number;
  tell(ends[1]);
}
CASE(cont_handler) {
  MUST(pipe(ends));
  pid_t pid = (pid_t)MUST(fork());
  if (pid == 0) {
    on_signal(SIGCONT, continued, 0);
    raise(SIGSTOP);
    _exit(3);
  }
  wait_for(pid, WUNTRACED);
  MUST(kill(pid, SIGCONT));
  SHOW(hear(ends[0]));
  reap(pid);
}

// SIGCONT goes through even when it is blocked; its handler runs later.
CASE(cont_while_blocked) {
  pid_t pid = (pid_t)MUST(fork());
  if (pid == 0) {
    on_signal(SIGCONT, count, 0);
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGCONT);
    sigprocmask(SIG_BLOCK, &set, NULL);
    raise(SIGSTOP);
    printf("runs, handler calls %d\n", calls);
    sigprocmask(SIG_UNBLOCK, &set, NULL);
    printf("handler calls %d\n", calls);
    _exit(0);
  }
  wait_for(pid, WUNTRACED);
  MUST(kill(pid, SIGCONT));
  reap(pid);
}

// A SIGCONT throws away pending stop signals, a stop signal throws away a pending SIGCONT.
CASE(cancel_each_other) {
  sigset_t set, pending;
  sigemptyset(&set);
  sigaddset(&set, SIGTSTP);
  sigaddset(&set, SIGTTIN);
  sigaddset(&set, SIGCONT);
  sigprocmask(SIG_BLOCK, &set, NULL);
  on_signal(SIGCONT, count, 0);
  raise(SIGTSTP);
  raise(SIGTTIN);
  sigpending(&pending);
  printf("TSTP %d TTIN %d CONT %d\n", sigismember(&pending, SIGTSTP), sigismember(&pending, SIGTTIN),
         sigismember(&pending, SIGCONT));
  raise(SIGCONT);
  sigpending(&pending);
  printf("TSTP %d TTIN %d CONT %d\n", sigismember(&pending, SIGTSTP), sigismember(&pending, SIGTTIN),
         sigismember(&pending, SIGCONT));
  raise(SIGTSTP);
  sigpending(&pending);
  printf("TSTP %d TTIN %d CONT %d\n", sigismember(&pending, SIGTSTP), sigismember(&pending, SIGTTIN),
         sigismember(&pending, SIGCONT));
}

CASE(handled_tstp_does_not_stop) {
  on_signal(SIGTSTP, count, 0);
  raise(SIGTSTP);
  NUM(calls);
  signal(SIGTTOU, SIG_IGN);
  raise(SIGTTOU);
  printf("still here\n");
}

// Signals sent to a stopped process wait for it to go on; then they come at once.
CASE(pending_until_continued) {
  MUST(pipe(ends));
  pid_t pid = (pid_t)MUST(fork());
  if (pid == 0) {
    on_signal(SIGUSR1, continued, 0);
    raise(SIGSTOP);
    for (;;) pause();
  }
  wait_for(pid, WUNTRACED);
  MUST(kill(pid, SIGUSR1));
  struct pollfd one = {.fd = ends[0], .events = POLLIN};
  SHOW(poll(&one, 1, 20));
  MUST(kill(pid, SIGCONT));
  SHOW(hear(ends[0]));
  MUST(kill(pid, SIGTERM));
  reap(pid);
}

CASE(sleep_goes_on_after_stop) {
  pid_t pid = (pid_t)MUST(fork());
  if (pid == 0) {
    struct timespec time = {0, 60000000};
    SHOW(nanosleep(&time, NULL));
    _exit(0);
  }
  until_asleep(pid);
  MUST(kill(pid, SIGSTOP));
  wait_for(pid, WUNTRACED);
  MUST(kill(pid, SIGCONT));
  reap(pid);
}

CASE(kill_ends_a_stopped_one) {
  pid_t pid = (pid_t)MUST(fork());
  if (pid == 0) {
    raise(SIGSTOP);
    _exit(0);
  }
  wait_for(pid, WUNTRACED);
  MUST(kill(pid, SIGHUP));
  until_state(pid, 'T');
  MUST(kill(pid, SIGKILL));
  reap(pid);
}

CASE(stop_a_group) {
  pid_t pids[3];
  for (int i = 0; i < 3; i++) {
    pids[i] = (pid_t)MUST(fork());
    if (pids[i] == 0) {
      for (;;) pause();
    }
    MUST(setpgid(pids[i], pids[0]));
  }
  MUST(kill(-pids[0], SIGSTOP));
  for (int i = 0; i < 3; i++) wait_for(pids[i], WUNTRACED);
  MUST(kill(-pids[0], SIGCONT));
  for (int i = 0; i < 3; i++) wait_for(pids[i], WCONTINUED);
  MUST(kill(-pids[0], SIGINT));
  for (int i = 0; i < 3; i++) wait_for(pids[i], 0);
}
