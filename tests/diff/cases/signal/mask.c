// sigprocmask(2), sigpending(2): blocking, and the order in which pending signals arrive.
#include "../../harness.h"

static char order[256];
static void note(int number) {
  strcat(order, signame(number) + 3);
  strcat(order, " ");
}
static void handle_all(int flags, int fill) {
  static const int numbers[] = {SIGHUP, SIGINT, SIGUSR1, SIGUSR2, SIGTERM, SIGCHLD};
  struct sigaction action = {.sa_handler = note, .sa_flags = flags};
  sigemptyset(&action.sa_mask);
  if (fill) sigfillset(&action.sa_mask);
  for (size_t i = 0; i < COUNT(numbers); i++) sigaction(numbers[i], &action, NULL);
}

CASE(how) {
  sigset_t set, old;
  sigemptyset(&set);
  sigaddset(&set, SIGUSR1);
  SHOW(sigprocmask(SIG_BLOCK, &set, &old));
  NUM(sigismember(&old, SIGUSR1));
  sigemptyset(&set);
  sigaddset(&set, SIGUSR2);
  SHOW(sigprocmask(SIG_BLOCK, &set, &old));
  printf("%d %d\n", sigismember(&old, SIGUSR1), sigismember(&old, SIGUSR2));
  SHOW(sigprocmask(SIG_SETMASK, &set, &old));
  printf("%d %d\n", sigismember(&old, SIGUSR1), sigismember(&old, SIGUSR2));
  SHOW(sigprocmask(SIG_UNBLOCK, &set, NULL));
  SHOW(sigprocmask(77, NULL, &old));
  printf("%d %d\n", sigismember(&old, SIGUSR1), sigismember(&old, SIGUSR2));
  SHOW(sigprocmask(77, &set, NULL));
  SHOW(SYS4(SYS_rt_sigprocmask, SIG_BLOCK, 0, 0, 16));
}

CASE(cannot_block_kill_and_stop) {
  sigset_t set, old;
  sigfillset(&set);
  SHOW(sigprocmask(SIG_SETMASK, &set, NULL));
  sigprocmask(SIG_SETMASK, NULL, &old);
  for (int i = 1; i < 32; i++)
    if (!sigismember(&old, i)) printf("not blocked: %s\n", signame(i));
}

CASE(pending_once) {
  handle_all(0, 0);
  sigset_t set, pending;
  sigfillset(&set);
  sigprocmask(SIG_BLOCK, &set, NULL);
  for (int i = 0; i < 5; i++) raise(SIGUSR1);
  sigpending(&pending);
  NUM(sigismember(&pending, SIGUSR1));
  NUM(sigismember(&pending, SIGUSR2));
  STR(order);
  sigprocmask(SIG_UNBLOCK, &set, NULL);
  STR(order);
  sigpending(&pending);
  NUM(sigismember(&pending, SIGUSR1));
}

// With every handler blocking all others they run one after another, the lowest number first.
CASE(lowest_first) {
  handle_all(0, 1);
  sigset_t set;
  sigfillset(&set);
  sigprocmask(SIG_BLOCK, &set, NULL);
  raise(SIGTERM);
  raise(SIGUSR2);
  raise(SIGINT);
  raise(SIGUSR1);
  raise(SIGHUP);
  sigprocmask(SIG_UNBLOCK, &set, NULL);
  STR(order);
}

// Without masks each handler's frame is put on top of the one before, so the last to be taken runs first.
CASE(frames_stack_up) {
  handle_all(0, 0);
  sigset_t set;
  sigfillset(&set);
  sigprocmask(SIG_BLOCK, &set, NULL);
  raise(SIGHUP);
  raise(SIGTERM);
  raise(SIGUSR1);
  sigprocmask(SIG_UNBLOCK, &set, NULL);
  STR(order);
}

static void raises_another(int number) {
  strcat(order, "<");
  note(number);
  raise(SIGUSR2);
  strcat(order, ">");
}
CASE(handler_interrupts_handler) {
  handle_all(0, 0);
  struct sigaction action = {.sa_handler = raises_another};
  sigemptyset(&action.sa_mask);
  sigaction(SIGUSR1, &action, NULL);
  raise(SIGUSR1);
  STR(order);
  sigaddset(&action.sa_mask, SIGUSR2);
  sigaction(SIGUSR1, &action, NULL);
  raise(SIGUSR1);
  STR(order);
}

// What a handler does to the mask is undone when it returns.
static void unblocks(int number) {
  (void)number;
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGTERM);
  sigprocmask(SIG_SETMASK, &set, NULL);
}
CASE(restored_after_handler) {
  on_signal(SIGUSR1, unblocks, 0);
  sigset_t set, now;
  sigemptyset(&set);
  sigaddset(&set, SIGHUP);
  sigprocmask(SIG_SETMASK, &set, NULL);
  raise(SIGUSR1);
  sigprocmask(SIG_SETMASK, NULL, &now);
  printf("HUP %d, USR1 %d, TERM %d\n", sigismember(&now, SIGHUP), sigismember(&now, SIGUSR1),
         sigismember(&now, SIGTERM));
}

CASE(set_functions) {
  sigset_t set;
  sigemptyset(&set);
  SHOW(sigaddset(&set, 0));
  SHOW(sigaddset(&set, -1));
  SHOW(sigaddset(&set, 1000));
  SHOW(sigaddset(&set, SIGUSR1));
  SHOW(sigismember(&set, SIGUSR1));
  SHOW(sigdelset(&set, SIGUSR1));
  SHOW(sigismember(&set, SIGUSR1));
}

// A signal that is blocked in one process and sent by another waits too.
CASE(sent_by_another) {
  handle_all(0, 0);
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGUSR1);
  sigprocmask(SIG_BLOCK, &set, NULL);
  pid_t pid = (pid_t)MUST(fork());
  if (pid == 0) _exit(kill(getppid(), SIGUSR1));
  reap(pid);
  STR(order);
  sigprocmask(SIG_UNBLOCK, &set, NULL);
  STR(order);
}
