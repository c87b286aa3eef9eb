// sigaltstack(2): handlers with SA_ONSTACK run on it.
#include "../../harness.h"

static char stack_memory[65536];
static volatile int on_it, reported;

static int here(void) {
  volatile char mark = 0;
  uintptr_t at = (uintptr_t)&mark;
  return at >= (uintptr_t)stack_memory && at < (uintptr_t)(stack_memory + sizeof stack_memory);
}
static void look(int number) {
  (void)number;
  stack_t now;
  on_it = here();
  sigaltstack(NULL, &now);
  reported = now.ss_flags;
}
static void use(void) {
  stack_t mine = {.ss_sp = stack_memory, .ss_size = sizeof stack_memory};
  SHOW(sigaltstack(&mine, NULL));
}

CASE(none_at_first) {
  stack_t now;
  memset(&now, 0xff, sizeof now);
  SHOW(sigaltstack(NULL, &now));
  NUM(now.ss_flags == SS_DISABLE);
  NUM(now.ss_size);
}

CASE(used_with_the_flag) {
  use();
  on_signal(SIGUSR1, look, SA_ONSTACK);
  raise(SIGUSR1);
  printf("on it %d, reported %d\n", on_it, reported == SS_ONSTACK);
  on_signal(SIGUSR1, look, 0);
  raise(SIGUSR1);
  printf("on it %d, reported %d\n", on_it, reported);
  stack_t now;
  SHOW(sigaltstack(NULL, &now));
  NUM(now.ss_flags);
  NUM(now.ss_sp == stack_memory);
  NUM(now.ss_size);
}

CASE(disable) {
  use();
  stack_t off = {.ss_flags = SS_DISABLE}, old;
  SHOW(sigaltstack(&off, &old));
  NUM(old.ss_size);
  on_signal(SIGUSR1, look, SA_ONSTACK);
  raise(SIGUSR1);
  printf("on it %d, disabled %d\n", on_it, reported == SS_DISABLE);
}

CASE(errors) {
  stack_t small = {.ss_sp = stack_memory, .ss_size = 1024};
  SHOW(sigaltstack(&small, NULL));
  stack_t strange = {.ss_sp = stack_memory, .ss_size = sizeof stack_memory, .ss_flags = 77};
  SHOW(sigaltstack(&strange, NULL));
  stack_t now;
  SHOW(sigaltstack(NULL, &now));
  NUM(now.ss_flags == SS_DISABLE);
}

static void change(int number) {
  (void)number;
  stack_t mine = {.ss_sp = stack_memory, .ss_size = sizeof stack_memory / 2};
  SHOW(sigaltstack(&mine, NULL));
}
CASE(not_while_on_it) {
  use();
  on_signal(SIGUSR1, change, SA_ONSTACK);
  raise(SIGUSR1);
  on_signal(SIGUSR1, change, 0);
  raise(SIGUSR1);
}

// A second signal inside goes on where the first one is, not back to the top.
static void *outer_at;
static void inner(int number) {
  (void)number;
  volatile char mark = 0;
  printf("inner: on it %d, below the outer %d\n", here(), (uintptr_t)&mark < (uintptr_t)outer_at);
}
static void outer(int number) {
  (void)number;
  volatile char mark = 0;
  outer_at = (void *)&mark;
  printf("outer: on it %d\n", here());
  raise(SIGUSR2);
}
CASE(nested) {
  use();
  on_signal(SIGUSR1, outer, SA_ONSTACK);
  on_signal(SIGUSR2, inner, SA_ONSTACK);
  raise(SIGUSR1);
}

PROGRAM(show_stack) {
  stack_t now;
  sigaltstack(NULL, &now);
  printf("after exec: disabled %d\n", now.ss_flags == SS_DISABLE);
}
CASE(fork_and_exec) {
  use();
  pid_t pid = (pid_t)MUST(fork());
  if (pid == 0) {
    stack_t now;
    sigaltstack(NULL, &now);
    printf("after fork: kept %d\n", now.ss_sp == stack_memory);
    execl(self, self, "show_stack", (char *)0);
    _exit(1);
  }
  reap(pid);
}
