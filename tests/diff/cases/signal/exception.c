// What the processor refuses becomes a signal that ends the process.
#include <sys/resource.h>
#include "../../harness.h"

static volatile int zero, lowest = INT_MIN, minus_one = -1;
static volatile char *volatile nowhere = (volatile char *)BAD_ADDRESS;

static void run(void (*body)(void)) {
  pid_t pid = (pid_t)MUST(fork());
  if (pid == 0) {
    struct rlimit none = {0, 0};
    setrlimit(RLIMIT_CORE, &none);
    body();
    _exit(0);
  }
  reap(pid);
}

static void divide(void) {
  zero = lowest / zero;
}
static void remainder_of(void) {
  zero = lowest % zero;
}
static void overflow(void) {
  zero = lowest / minus_one;
}
CASE(division) {
  run(divide);
  run(remainder_of);
  run(overflow);
}

static void read_outside(void) {
  zero = *nowhere;
}
static void write_outside(void) {
  *nowhere = 1;
}
CASE(memory) {
  run(read_outside);
  run(write_outside);
}

static void trap(void) {
  __builtin_trap();
}
CASE(illegal_instruction) {
  run(trap);
}

__attribute__((noinline)) static int deeper(int depth) {
  volatile char frame[512];
  frame[depth % 512] = (char)depth;
  if (zero) return 0;
  return deeper(depth + 1) + frame[depth % 512];
}
static void recurse(void) {
  zero = deeper(1);
}
CASE(stack_overflow) {
  struct rlimit stack = {1 << 20, 1 << 20};
  setrlimit(RLIMIT_STACK, &stack);
  run(recurse);
}

// The parent's wait sees it, other processes are not disturbed.
CASE(others_go_on) {
  int ends[2];
  MUST(pipe(ends));
  pid_t other = (pid_t)MUST(fork());
  if (other == 0) {
    hear(ends[0]);
    _exit(3);
  }
  run(divide);
  run(read_outside);
  tell(ends[1]);
  reap(other);
}

// Ignoring such a signal does not help.
static void ignored(void) {
  signal(SIGFPE, SIG_IGN);
  divide();
}
static void blocked(void) {
  sigset_t set;
  sigfillset(&set);
  sigprocmask(SIG_BLOCK, &set, NULL);
  divide();
}
CASE(cannot_be_ignored) {
  run(ignored);
  run(blocked);
}

// Buffered output that was not flushed is lost.
static void buffered(void) {
  FILE *file = fopen("out", "w");
  fputs("buffered", file);
  divide();
}
CASE(no_flush) {
  run(buffered);
  printf("[%s]\n", get("out"));
}
