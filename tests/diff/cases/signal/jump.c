// Leaving a handler by siglongjmp.
#include <setjmp.h>
#include "../../harness.h"

static sigjmp_buf point;
static volatile int calls;
static void leave(int number) {
  calls++;
  siglongjmp(point, number);
}
static int blocked(int number) {
  sigset_t now;
  sigprocmask(SIG_SETMASK, NULL, &now);
  return sigismember(&now, number);
}

CASE(out_of_a_handler) {
  on_signal(SIGUSR1, leave, 0);
  int from = sigsetjmp(point, 1);
  if (from == 0) {
    raise(SIGUSR1);
    printf("not reached\n");
  }
  printf("from %s, calls %d, blocked %d\n", signame(from), calls, blocked(SIGUSR1));
}

CASE(mask_not_saved) {
  on_signal(SIGUSR1, leave, 0);
  int from = sigsetjmp(point, 0);
  if (from == 0) raise(SIGUSR1);
  printf("from %s, blocked %d\n", signame(from), blocked(SIGUSR1));
}

CASE(out_of_a_call) {
  int ends[2];
  char text[8];
  MUST(pipe(ends));
  on_signal(SIGALRM, leave, SA_RESTART);
  struct itimerval soon = {.it_value = {0, 5000}};
  if (sigsetjmp(point, 1) == 0) {
    MUST(setitimer(ITIMER_REAL, &soon, NULL));
    read(ends[0], text, sizeof text);
    printf("not reached\n");
  }
  printf("out of read, calls %d\n", calls);
  MUST(write(ends[1], "data", 4));
  SHOW(read(ends[0], text, sizeof text));
}

CASE(out_of_a_loop) {
  on_signal(SIGALRM, leave, 0);
  struct itimerval soon = {.it_value = {0, 5000}};
  volatile unsigned long turns = 0;
  if (sigsetjmp(point, 1) == 0) {
    MUST(setitimer(ITIMER_REAL, &soon, NULL));
    for (;;) turns++;
  }
  printf("out of the loop, turned %d\n", turns > 0);
}

CASE(hundred_times) {
  static volatile int round;
  on_signal(SIGUSR1, leave, 0);
  for (round = 0; round < 100; round++) {
    if (sigsetjmp(point, 1) == 0) raise(SIGUSR1);
  }
  printf("calls %d, blocked %d\n", calls, blocked(SIGUSR1));
}

static sigjmp_buf inner_point;
static void jump_inside(int number) {
  if (sigsetjmp(inner_point, 1) == 0) siglongjmp(inner_point, 1);
  calls += number;
}
CASE(inside_the_handler) {
  on_signal(SIGUSR1, jump_inside, 0);
  raise(SIGUSR1);
  printf("handler went on: %d, blocked %d\n", calls == SIGUSR1, blocked(SIGUSR1));
}

static void raise_second(int number) {
  (void)number;
  raise(SIGUSR2);
  printf("not reached\n");
}
CASE(out_of_two_handlers) {
  on_signal(SIGUSR1, raise_second, 0);
  on_signal(SIGUSR2, leave, 0);
  int from = sigsetjmp(point, 1);
  if (from == 0) raise(SIGUSR1);
  printf("from %s, blocked %d %d\n", signame(from), blocked(SIGUSR1), blocked(SIGUSR2));
}

static void forks(int number) {
  pid_t pid = (pid_t)MUST(fork());
  if (pid == 0) {
    printf("child in the handler of %s, blocked %d\n", signame(number), blocked(number));
    return;
  }
  reap(pid);
}
CASE(fork_in_a_handler) {
  pid_t before = getpid();
  on_signal(SIGUSR1, forks, 0);
  raise(SIGUSR1);
  printf("%s after the handler, blocked %d\n", getpid() == before ? "parent" : "child", blocked(SIGUSR1));
  if (getpid() != before) _exit(4);
}

static void exits(int number) {
  exit(number);
}
CASE(exit_in_a_handler) {
  pid_t pid = (pid_t)MUST(fork());
  if (pid == 0) {
    on_signal(SIGUSR1, exits, 0);
    raise(SIGUSR1);
  }
  reap(pid);
}
