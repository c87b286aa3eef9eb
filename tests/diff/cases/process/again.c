// A process that ended leaves nothing to the next one: no byte of memory, no global, no stack, whatever is used again underneath.
#include "../../harness.h"
#include <pthread.h>
#include <sys/mman.h>

static int data = 42;
static int zero;
static char big[300000];
static __thread int local = 7;
static int *volatile heap;

/** Bytes that are not zero in a fresh allocation of each kind. */
static long leftovers(void) {
  long found = 0;
  char *anonymous = mmap(0, 1 << 20, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  for (int i = 0; i < 1 << 20; i++) found += anonymous[i] != 0;
  for (int i = 0; i < (int)sizeof(big); i++) found += big[i] != 0;
  return found;
}

static void soil(int depth) {
  volatile char frame[20000];
  memset((void *)frame, 0xa5, sizeof(frame));
  if (depth > 0) soil(depth - 1);
  frame[0] = 0;
}

static void spoil(void) {
  data = 1;
  zero = 2;
  local = 3;
  memset(big, 0x5a, sizeof(big));
  soil(20);
  memset(mmap(0, 1 << 20, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0), 0x77, 1 << 20);
}

PROGRAM(pristine) {
  printf("data %d, zero %d, local %d, leftovers %ld\n", data, zero, local, leftovers());
  fflush(stdout);
  spoil();
}

CASE(exec_starts_anew) {
  for (int i = 0; i < 4; i++) {
    pid_t pid = (pid_t)MUST(fork());
    if (pid == 0) {
      if (i & 1) spoil();
      execl(self, self, "pristine", (char *)0);
      _exit(1);
    }
    reap(pid);
  }
}

CASE(fork_copies_the_parent) {
  heap = malloc(100000 * sizeof(int));
  for (int i = 0; i < 100000; i++) heap[i] = i;
  for (int round = 0; round < 4; round++) {
    pid_t pid = (pid_t)MUST(fork());
    if (pid == 0) {
      long wrong = 0;
      for (int i = 0; i < 100000; i++) wrong += heap[i] != i;
      printf("round %d: data %d, zero %d, local %d, wrong %ld, leftovers %ld\n", round, data, zero, local, wrong, leftovers());
      fflush(stdout);
      for (int i = 0; i < 100000; i++) heap[i] = -1;
      spoil();
      _exit(0);
    }
    reap(pid);
  }
}

static void *count_up(void *from) {
  int before = local;
  local += (int)(long)from;
  soil(2);
  return (void *)(long)(before * 1000 + local);
}

CASE(threads_start_anew) {
  for (long i = 1; i <= 4; i++) {
    pthread_t thread;
    void *result;
    pthread_create(&thread, NULL, count_up, (void *)i);
    pthread_join(thread, &result);
    printf("%ld\n", (long)result);
  }
}

/** A deep stack is in use at the fork; both sides go back through it. */
static long down(int depth) {
  volatile int frame[1000];
  for (int i = 0; i < 1000; i++) frame[i] = depth * i;
  long below = depth > 0 ? down(depth - 1) : (long)MUST(fork());
  for (int i = 0; i < 1000; i++)
    if (frame[i] != depth * i) return -1000;
  return below;
}

CASE(fork_deep_in_the_stack) {
  for (int i = 0; i < 3; i++) {
    soil(10);
    pid_t pid = (pid_t)down(5 + 20 * (i == 1));
    if (pid == 0) {
      soil(10);
      _exit(i);
    }
    printf("parent: %s\n", pid > 0 ? "child" : "damaged");
    reap(pid);
  }
}
