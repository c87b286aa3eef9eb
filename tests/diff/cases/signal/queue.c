// Real-time signals: queued, in order, with their values (signal(7)).
#include "../../harness.h"

static char order[512];
static void take(int number, siginfo_t *info, void *context) {
  (void)context;
  char text[32];
  snprintf(text, sizeof text, "+%d:%d ", number - SIGRTMIN, info->si_value.sival_int);
  strcat(order, text);
}
static void take_all(void) {
  struct sigaction action = {.sa_sigaction = take, .sa_flags = SA_SIGINFO};
  sigfillset(&action.sa_mask);
  for (int i = 0; i < 4; i++) MUST(sigaction(SIGRTMIN + i, &action, NULL));
}
static void block_all(int how) {
  sigset_t set;
  sigemptyset(&set);
  for (int i = 0; i < 4; i++) sigaddset(&set, SIGRTMIN + i);
  sigprocmask(how, &set, NULL);
}
static void send(int offset, int value) {
  MUST(sigqueue(getpid(), SIGRTMIN + offset, (union sigval){.sival_int = value}));
}

CASE(in_order) {
  take_all();
  block_all(SIG_BLOCK);
  send(2, 1);
  send(0, 2);
  send(2, 3);
  send(1, 4);
  send(0, 5);
  send(2, 6);
  block_all(SIG_UNBLOCK);
  STR(order);
}

CASE(wait_for_them) {
  block_all(SIG_BLOCK);
  for (int i = 0; i < 3; i++) send(1, 10 + i);
  send(0, 20);
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGRTMIN);
  sigaddset(&set, SIGRTMIN + 1);
  for (int i = 0; i < 4; i++) {
    siginfo_t info;
    int number = sigwaitinfo(&set, &info);
    printf("+%d %d SI_QUEUE %d\n", number - SIGRTMIN, info.si_value.sival_int, info.si_code == SI_QUEUE);
  }
  struct timespec none = {0, 0};
  SHOW(sigtimedwait(&set, NULL, &none));
}

CASE(limit) {
  NUM(SIGRTMAX);
  NUM(SIGRTMIN >= 32 && SIGRTMIN <= 35);
  SHOW(sigqueue(getpid(), 65, (union sigval){.sival_int = 0}));
  SHOW(sigqueue(getpid(), 0, (union sigval){.sival_int = 0}));
  SHOW(sigqueue(1 << 22, SIGUSR1, (union sigval){.sival_int = 0}));
}

CASE(fifty_from_a_child) {
  take_all();
  block_all(SIG_BLOCK);
  pid_t pid = (pid_t)MUST(fork());
  if (pid == 0) {
    for (int i = 0; i < 50; i++) MUST(sigqueue(getppid(), SIGRTMIN + 3, (union sigval){.sival_int = i}));
    _exit(0);
  }
  reap(pid);
  block_all(SIG_UNBLOCK);
  STR(order);
}

CASE(default_kills) {
  pid_t pid = (pid_t)MUST(fork());
  if (pid == 0) {
    raise(SIGRTMIN + 2);
    _exit(0);
  }
  int status;
  waitpid(pid, &status, 0);
  printf("killed %d, by RTMIN+%d\n", WIFSIGNALED(status), WTERMSIG(status) - SIGRTMIN);
}

// Standard signals come before real-time ones.
static void standard(int number) {
  strcat(order, signame(number));
  strcat(order, " ");
}
CASE(after_standard_ones) {
  take_all();
  struct sigaction action = {.sa_handler = standard};
  sigfillset(&action.sa_mask);
  sigaction(SIGUSR1, &action, NULL);
  sigset_t set;
  sigfillset(&set);
  sigprocmask(SIG_BLOCK, &set, NULL);
  send(0, 1);
  raise(SIGUSR1);
  send(0, 2);
  sigprocmask(SIG_UNBLOCK, &set, NULL);
  STR(order);
}
