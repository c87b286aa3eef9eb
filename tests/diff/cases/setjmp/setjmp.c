// setjmp and longjmp: values, depth, masks, and together with fork.
#include <setjmp.h>
#include "../../harness.h"

static jmp_buf point;
static sigjmp_buf signal_point;

static void jump(int value) {
  longjmp(point, value);
}
static void deep(int depth, int value) {
  volatile char frame[64];
  frame[0] = (char)depth;
  if (depth == 0) jump(value);
  deep(depth - 1, value);
  printf("not reached %d\n", frame[0]);
}

CASE(values) {
  static volatile int step;
  int got = setjmp(point);
  printf("%d\n", got);
  switch (step++) {
    case 0: jump(1); break;
    case 1: jump(-5); break;
    case 2: jump(0); break; // arrives as 1
    case 3: deep(100, 42);
  }
}

CASE(locals) {
  volatile int kept = 1;
  if (setjmp(point) == 0) {
    kept = 2;
    deep(10, 1);
  }
  NUM(kept);
}

CASE(many_times) {
  static volatile int count;
  if (setjmp(point) < 1000) jump(++count);
  NUM(count);
}

// Each level catches, and passes on to the one above.
static void level(int depth) {
  jmp_buf outer;
  memcpy(&outer, &point, sizeof outer);
  if (setjmp(point) == 0) {
    if (depth == 5) jump(1);
    level(depth + 1);
  }
  printf("caught at %d\n", depth);
  memcpy(&point, &outer, sizeof outer);
  if (depth > 0) jump(1);
}
CASE(nested) {
  level(0);
}

static int parse(const char *text) {
  int sum = 0;
  for (; *text; text++) {
    if (*text < '0' || *text > '9') longjmp(point, (unsigned char)*text);
    sum = sum * 10 + *text - '0';
  }
  return sum;
}
CASE(as_exceptions) {
  static const char *texts[] = {"12", "3x4", "567", "-8", ""};
  for (volatile size_t i = 0; i < COUNT(texts); i++) {
    int error = setjmp(point);
    if (error)
      printf("%s: bad character %c\n", texts[i], error);
    else
      printf("%s: %d\n", texts[i], parse(texts[i]));
  }
}

CASE(mask_saved) {
  sigset_t set, now;
  sigemptyset(&set);
  sigaddset(&set, SIGUSR1);
  if (sigsetjmp(signal_point, 1) == 0) {
    sigprocmask(SIG_BLOCK, &set, NULL);
    siglongjmp(signal_point, 1);
  }
  sigprocmask(SIG_SETMASK, NULL, &now);
  NUM(sigismember(&now, SIGUSR1));
  if (sigsetjmp(signal_point, 0) == 0) {
    sigprocmask(SIG_BLOCK, &set, NULL);
    siglongjmp(signal_point, 1);
  }
  sigprocmask(SIG_SETMASK, NULL, &now);
  NUM(sigismember(&now, SIGUSR1));
}

CASE(fork_inside) {
  int got = setjmp(point);
  if (got == 0) {
    pid_t pid = (pid_t)MUST(fork());
    if (pid == 0) deep(5, 10);
    reap(pid);
    deep(5, 20);
  }
  if (got == 10) {
    printf("the child is back at setjmp\n");
    _exit(4);
  }
  printf("the parent is back with %d\n", got);
}

CASE(fork_after_a_jump) {
  static volatile int turn;
  if (setjmp(point) < 3) {
    pid_t pid = (pid_t)MUST(fork());
    if (pid == 0) _exit(turn);
    reap(pid);
    jump(++turn);
  }
  NUM(turn);
}

static int fork_below(int depth) {
  if (depth > 0) return fork_below(depth - 1) + 1;
  pid_t pid = (pid_t)MUST(fork());
  if (pid == 0) longjmp(point, 7);
  reap(pid);
  return 0;
}
// The child of a fork deep down jumps out over all frames.
CASE(child_jumps_over_fork) {
  int got = setjmp(point);
  if (got) _exit(got);
  NUM(fork_below(50));
}

static int compare(const void *a, const void *b) {
  if (*(const int *)a == 13 || *(const int *)b == 13) longjmp(point, 13);
  return *(const int *)a - *(const int *)b;
}
// Out of a callback, over the frames of a library function.
CASE(out_of_qsort) {
  int good[] = {5, 3, 9, 1}, unlucky[] = {5, 3, 13, 1};
  int got = setjmp(point);
  printf("%d\n", got);
  if (got == 0) {
    qsort(good, 4, sizeof good[0], compare);
    printf("%d %d %d %d\n", good[0], good[1], good[2], good[3]);
    qsort(unlucky, 4, sizeof unlucky[0], compare);
    printf("not reached\n");
  }
}
