// sigaction(2): flags, masks, what a change of action does to pending signals.
#include "../../harness.h"

static volatile int calls, depth, deepest;
static volatile sig_atomic_t last;

static void count(int number) {
  calls++;
  last = number;
}
static void nested(int number) {
  calls++;
  depth++;
  if (depth > deepest) deepest = depth;
  if (calls < 3) raise(number);
  depth--;
}

CASE(reads_back) {
  struct sigaction action, old;
  memset(&action, 0, sizeof action);
  action.sa_handler = count;
  action.sa_flags = SA_RESTART | SA_NODEFER;
  sigemptyset(&action.sa_mask);
  sigaddset(&action.sa_mask, SIGUSR2);
  sigaddset(&action.sa_mask, SIGKILL);
  SHOW(sigaction(SIGUSR1, &action, &old));
  NUM(old.sa_handler == SIG_DFL);
  SHOW(sigaction(SIGUSR1, NULL, &old));
  NUM(old.sa_handler == count);
  NUM(old.sa_flags & (SA_RESTART | SA_NODEFER | SA_SIGINFO | SA_ONSTACK | (int)SA_RESETHAND) & ~0x04000000);
  NUM(sigismember(&old.sa_mask, SIGUSR2));
  NUM(sigismember(&old.sa_mask, SIGKILL));
  NUM(sigismember(&old.sa_mask, SIGTERM));
}

CASE(invalid) {
  struct sigaction action = {.sa_handler = SIG_IGN}, old;
  SHOW(sigaction(SIGKILL, &action, NULL));
  SHOW(sigaction(SIGSTOP, &action, NULL));
  SHOW(sigaction(SIGKILL, NULL, &old));
  SHOW(sigaction(0, &action, NULL));
  SHOW(sigaction(65, &action, NULL));
  SHOW(sigaction(-1, NULL, &old));
  NUM(signal(SIGKILL, SIG_IGN) == SIG_ERR);
  SHOW(SYS4(SYS_rt_sigaction, SIGUSR1, 0, 0, 7));
  SHOW(SYS4(SYS_rt_sigaction, SIGUSR1, BAD_ADDRESS, 0, 8));
  SHOW(SYS4(SYS_rt_sigaction, SIGUSR1, 0, BAD_ADDRESS, 8));
}

CASE(blocked_in_its_handler) {
  on_signal(SIGUSR1, nested, 0);
  raise(SIGUSR1);
  printf("calls %d, deepest %d\n", calls, deepest);
}
CASE(no_defer) {
  on_signal(SIGUSR1, nested, SA_NODEFER);
  raise(SIGUSR1);
  printf("calls %d, deepest %d\n", calls, deepest);
}

CASE(reset_hand) {
  on_signal(SIGUSR1, count, SA_RESETHAND);
  SHOW(raise(SIGUSR1));
  NUM(calls);
  struct sigaction old;
  sigaction(SIGUSR1, NULL, &old);
  NUM(old.sa_handler == SIG_DFL);
  pid_t pid = (pid_t)MUST(fork());
  if (pid == 0) {
    raise(SIGUSR1);
    _exit(0);
  }
  reap(pid);
}

static void show_mask(int number) {
  sigset_t mask;
  sigprocmask(SIG_SETMASK, NULL, &mask);
  printf("in the handler of %s, blocked:", signame(number));
  for (int i = 1; i < 32; i++)
    if (sigismember(&mask, i) == 1) printf(" %s", signame(i));
  printf("\n");
}
CASE(mask_while_handled) {
  struct sigaction action = {.sa_handler = show_mask};
  sigemptyset(&action.sa_mask);
  sigaddset(&action.sa_mask, SIGTERM);
  sigaddset(&action.sa_mask, SIGHUP);
  sigaction(SIGUSR1, &action, NULL);
  raise(SIGUSR1);
  action.sa_flags = SA_NODEFER;
  sigaction(SIGUSR1, &action, NULL);
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGINT);
  sigprocmask(SIG_SETMASK, &set, NULL);
  raise(SIGUSR1);
  show_mask(0);
}

CASE(ignoring_discards_pending) {
  sigset_t set, pending;
  sigemptyset(&set);
  sigaddset(&set, SIGUSR1);
  sigaddset(&set, SIGCHLD);
  sigprocmask(SIG_BLOCK, &set, NULL);
  on_signal(SIGUSR1, count, 0);
  on_signal(SIGCHLD, count, 0);
  raise(SIGUSR1);
  raise(SIGCHLD);
  signal(SIGUSR1, SIG_IGN);
  signal(SIGCHLD, SIG_DFL); // its default is to be ignored
  sigpending(&pending);
  printf("pending %d %d\n", sigismember(&pending, SIGUSR1), sigismember(&pending, SIGCHLD));
  on_signal(SIGUSR1, count, 0);
  sigprocmask(SIG_UNBLOCK, &set, NULL);
  NUM(calls);
}

CASE(ignored_while_blocked) {
  sigset_t set, pending;
  sigemptyset(&set);
  sigaddset(&set, SIGUSR1);
  signal(SIGUSR1, SIG_IGN);
  raise(SIGUSR1);
  sigpending(&pending);
  NUM(sigismember(&pending, SIGUSR1));
  // Linux keeps an ignored signal that is blocked: it might be handled by the time it is unblocked.
  sigprocmask(SIG_BLOCK, &set, NULL);
  raise(SIGUSR1);
  sigpending(&pending);
  NUM(sigismember(&pending, SIGUSR1));
}

CASE(signal_function) {
  NUM(signal(SIGUSR1, count) == SIG_DFL);
  NUM(signal(SIGUSR1, SIG_IGN) == count);
  NUM(signal(SIGUSR1, count) == SIG_IGN);
  raise(SIGUSR1);
  raise(SIGUSR1);
  NUM(calls);
  struct sigaction old;
  sigaction(SIGUSR1, NULL, &old);
  NUM((old.sa_flags & SA_RESTART) != 0);
}

// A default-ignored signal does nothing, a handled one runs before kill returns.
CASE(delivered_before_return) {
  on_signal(SIGUSR1, count, 0);
  on_signal(SIGURG, count, 0);
  kill(getpid(), SIGUSR1);
  printf("after kill: %d %s\n", calls, signame(last));
  raise(SIGURG);
  printf("after raise: %d %s\n", calls, signame(last));
  raise(SIGWINCH);
  printf("after a default-ignored one: %d\n", calls);
}
