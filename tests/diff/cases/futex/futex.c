// futex(2): the calls themselves, between processes by shared memory.
#include <sys/mman.h>
#include <sched.h>
#include "../../harness.h"
enum { WAIT = 0, WAKE = 1, REQUEUE = 3, CMP_REQUEUE = 4, WAIT_BITSET = 9, WAKE_BITSET = 10, PRIVATE = 128, REALTIME = 256 };

static int *word;
static void start(void) {
  void *at = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  MUST(at == MAP_FAILED ? -1 : 0);
  word = at;
}
#define futex(at, op, value, time, at2, value3) SYS6(SYS_futex, at, op, value, time, at2, value3)

// A child that waits on a word, and exits with 0 when woken.
static pid_t waiter(int *at, int bits) {
  pid_t pid = (pid_t)MUST(fork());
  if (pid == 0) {
    long result = bits ? futex(at, WAIT_BITSET, *at, 0, 0, bits) : futex(at, WAIT, *at, 0, 0, 0);
    _exit(result == 0 ? 0 : errno);
  }
  until_asleep(pid);
  return pid;
}

CASE(wait_errors) {
  start();
  *word = 5;
  SHOW(futex(word, WAIT, 6, 0, 0, 0));
  SHOW(futex(word, WAIT | PRIVATE, 6, 0, 0, 0));
  SHOW(futex((char *)word + 1, WAIT, 5, 0, 0, 0));
  SHOW(futex(BAD_ADDRESS, WAIT, 5, 0, 0, 0));
  SHOW(futex(word, 99, 5, 0, 0, 0));
  SHOW(futex(word, WAIT_BITSET, 5, 0, 0, 0));
  SHOW(futex(word, WAIT, 5, (&(struct timespec){0, 1000000000}), 0, 0));
  SHOW(futex(word, WAIT, 5, (&(struct timespec){-1, 0}), 0, 0));
}

CASE(timeouts) {
  start();
  long before = now_ms();
  SHOW(futex(word, WAIT, 0, (&(struct timespec){0, 20000000}), 0, 0));
  NUM(now_ms() - before >= 20);
  SHOW(futex(word, WAIT | PRIVATE, 0, (&(struct timespec){0, 0}), 0, 0));
  struct timespec then;
  clock_gettime(CLOCK_MONOTONIC, &then);
  SHOW(futex(word, WAIT_BITSET, 0, &then, 0, -1));
  clock_gettime(CLOCK_REALTIME, &then);
  then.tv_nsec += 20000000;
  if (then.tv_nsec >= 1000000000) then.tv_sec++, then.tv_nsec -= 1000000000;
  SHOW(futex(word, WAIT_BITSET | REALTIME, 0, &then, 0, -1));
}

CASE(wake) {
  start();
  SHOW(futex(word, WAKE, 1, 0, 0, 0));
  pid_t pids[3];
  for (int i = 0; i < 3; i++) pids[i] = waiter(word, 0);
  SHOW(futex(word, WAKE, 1, 0, 0, 0));
  SHOW(futex(word, WAKE, 100, 0, 0, 0));
  SHOW(futex(word, WAKE, 100, 0, 0, 0));
  for (int i = 0; i < 3; i++) reap(pids[i]);
}

CASE(first_come_first_served) {
  start();
  pid_t pids[3];
  for (int i = 0; i < 3; i++) pids[i] = waiter(word, 0);
  for (int i = 0; i < 3; i++) {
    MUST(futex(word, WAKE, 1, 0, 0, 0));
    pid_t got = wait(NULL);
    printf("%d ", got == pids[0] ? 0 : got == pids[1] ? 1 : 2);
  }
  printf("\n");
}

CASE(bits) {
  start();
  pid_t one = waiter(word, 1), two = waiter(word, 2), both = waiter(word, 3);
  SHOW(futex(word, WAKE_BITSET, 100, 0, 0, 4));
  SHOW(futex(word, WAKE_BITSET, 100, 0, 0, 1));
  reap(one);
  reap(both);
  SHOW(futex(word, WAKE_BITSET, 100, 0, 0, 0));
  SHOW(futex(word, WAKE, 100, 0, 0, 0));
  reap(two);
}

CASE(requeue) {
  start();
  pid_t pids[3];
  for (int i = 0; i < 3; i++) pids[i] = waiter(word, 0);
  SHOW(futex(word, CMP_REQUEUE, 1, 100, word + 1, 77));
  SHOW(futex(word, CMP_REQUEUE, 1, 100, word + 1, 0));
  SHOW(futex(word, WAKE, 100, 0, 0, 0));
  SHOW(futex(word + 1, WAKE, 1, 0, 0, 0));
  SHOW(futex(word + 1, REQUEUE, 0, 100, word + 2, 0));
  SHOW(futex(word + 2, WAKE, 100, 0, 0, 0));
  for (int i = 0; i < 3; i++) reap(pids[i]);
}

// A killed waiter is no waiter.
CASE(killed_waiter) {
  start();
  pid_t pid = waiter(word, 0);
  MUST(kill(pid, SIGKILL));
  reap(pid);
  SHOW(futex(word, WAKE, 100, 0, 0, 0));
}

static volatile int calls;
static void handler(int number) {
  (void)number;
  calls++;
}
CASE(interrupted) {
  start();
  on_signal(SIGALRM, handler, 0);
  struct itimerval soon = {.it_value = {0, 10000}};
  MUST(setitimer(ITIMER_REAL, &soon, NULL));
  SHOW(futex(word, WAIT, 0, (&(struct timespec){30, 0}), 0, 0));
  NUM(calls);
}

// A lock of one word: 0 free, 1 taken, 2 taken and waited for.
static void lock(int *at) {
  int seen = 0;
  if (__atomic_compare_exchange_n(at, &seen, 1, 0, __ATOMIC_ACQUIRE, __ATOMIC_RELAXED)) return;
  while (__atomic_exchange_n(at, 2, __ATOMIC_ACQUIRE) != 0) futex(at, WAIT, 2, 0, 0, 0);
}
static void unlock(int *at) {
  if (__atomic_exchange_n(at, 0, __ATOMIC_RELEASE) == 2) futex(at, WAKE, 1, 0, 0, 0);
}
CASE(lock_between_processes) {
  start();
  for (int i = 0; i < 3; i++) {
    if (MUST(fork()) == 0) {
      for (int turn = 0; turn < 200; turn++) {
        lock(word);
        int value = word[8];
        if (turn % 20 == 0) sched_yield();
        word[8] = value + 1;
        unlock(word);
      }
      _exit(0);
    }
  }
  while (wait(NULL) > 0) {
  }
  NUM(word[8]);
}
