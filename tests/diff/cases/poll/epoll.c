// epoll(7): level and edge triggering, one-shot, nesting, errors.
#include <sys/epoll.h>
#include "../../harness.h"

static int ep, ends[2];
static void start(void) {
  ep = (int)MUST(epoll_create1(0));
  MUST(pipe2(ends, O_NONBLOCK));
}
static int add(int fd, uint32_t events, int data) {
  struct epoll_event event = {.events = events, .data.u64 = (uint64_t)data << 32 | 7};
  return epoll_ctl(ep, EPOLL_CTL_ADD, fd, &event);
}
static int compare(const void *a, const void *b) {
  return (int)(((const struct epoll_event *)a)->data.u64 >> 32) - (int)(((const struct epoll_event *)b)->data.u64 >> 32);
}
// Prints what is ready, ordered by the data.
static void look(void) {
  struct epoll_event list[8];
  int got = epoll_wait(ep, list, 8, 0);
  printf("%d", got);
  if (got > 0) qsort(list, (size_t)got, sizeof list[0], compare);
  for (int i = 0; i < got; i++)
    printf(", data %d:%s%s%s%s", (int)(list[i].data.u64 >> 32), list[i].events & EPOLLIN ? " IN" : "",
           list[i].events & EPOLLOUT ? " OUT" : "", list[i].events & EPOLLHUP ? " HUP" : "",
           list[i].events & EPOLLERR ? " ERR" : "");
  printf("\n");
}

CASE(level) {
  start();
  SHOW(add(ends[0], EPOLLIN, 1));
  SHOW(add(ends[1], EPOLLOUT, 2));
  look();
  MUST(write(ends[1], "xy", 2));
  look();
  look();
  char text[4];
  MUST(read(ends[0], text, 1));
  look();
  MUST(read(ends[0], text, 1));
  look();
  close(ends[1]);
  look();
}

CASE(edge) {
  start();
  SHOW(add(ends[0], EPOLLIN | EPOLLET, 1));
  look();
  MUST(write(ends[1], "xy", 2));
  look();
  look();
  char text[4];
  MUST(read(ends[0], text, 1));
  look();
  MUST(write(ends[1], "z", 1));
  look();
  look();
  MUST(read(ends[0], text, 2));
  MUST(write(ends[1], "w", 1));
  look();
}

CASE(edge_when_ready_already) {
  start();
  MUST(write(ends[1], "x", 1));
  SHOW(add(ends[0], EPOLLIN | EPOLLET, 1));
  look();
  look();
  struct epoll_event event = {.events = EPOLLIN | EPOLLET, .data.u64 = (uint64_t)5 << 32};
  SHOW(epoll_ctl(ep, EPOLL_CTL_MOD, ends[0], &event));
  look();
  look();
}

CASE(one_shot) {
  start();
  SHOW(add(ends[0], EPOLLIN | EPOLLONESHOT, 1));
  MUST(write(ends[1], "x", 1));
  look();
  MUST(write(ends[1], "y", 1));
  look();
  struct epoll_event event = {.events = EPOLLIN | EPOLLONESHOT, .data.u64 = (uint64_t)9 << 32};
  SHOW(epoll_ctl(ep, EPOLL_CTL_MOD, ends[0], &event));
  look();
  look();
}

CASE(control_errors) {
  start();
  struct epoll_event event = {.events = EPOLLIN};
  SHOW(add(ends[0], EPOLLIN, 1));
  SHOW(add(ends[0], EPOLLIN, 1));
  SHOW(epoll_ctl(ep, EPOLL_CTL_MOD, ends[1], &event));
  SHOW(epoll_ctl(ep, EPOLL_CTL_DEL, ends[1], NULL));
  SHOW(epoll_ctl(ep, EPOLL_CTL_DEL, ends[0], NULL));
  SHOW(epoll_ctl(ep, 77, ends[0], &event));
  SHOW(epoll_ctl(ep, EPOLL_CTL_ADD, 99, &event));
  SHOW(epoll_ctl(99, EPOLL_CTL_ADD, ends[0], &event));
  SHOW(epoll_ctl(ends[0], EPOLL_CTL_ADD, ends[1], &event));
  SHOW(epoll_ctl(ep, EPOLL_CTL_ADD, ep, &event));
  // Files and directories are always ready: epoll refuses them.
  SHOW(epoll_ctl(ep, EPOLL_CTL_ADD, (int)MUST(open("file", O_RDWR | O_CREAT, 0600)), &event));
  SHOW(epoll_ctl(ep, EPOLL_CTL_ADD, (int)MUST(open(".", O_RDONLY)), &event));
  SHOW(SYS4(SYS_epoll_ctl, ep, EPOLL_CTL_ADD, ends[0], BAD_ADDRESS));
}

CASE(wait_errors) {
  start();
  struct epoll_event list[2];
  SHOW(epoll_wait(ep, list, 0, 0));
  SHOW(SYS4(SYS_epoll_wait, ep, list, -1, 0));
  SHOW(epoll_wait(99, list, 1, 0));
  SHOW(epoll_wait(ends[0], list, 1, 0));
  SHOW(SYS1(SYS_epoll_create, 0));
  SHOW(epoll_create1(77));
  SHOW(epoll_wait(ep, list, 1, 10));
  SHOW(SYS4(SYS_epoll_wait, ep, BAD_ADDRESS, 1, 0));
}

CASE(few_at_a_time) {
  ep = (int)MUST(epoll_create1(EPOLL_CLOEXEC));
  SHOW(fcntl(ep, F_GETFD));
  int seen[6] = {0};
  for (int i = 0; i < 6; i++) {
    int pair[2];
    MUST(pipe(pair));
    MUST(write(pair[1], "x", 1));
    MUST(add(pair[0], EPOLLIN, i));
  }
  // Ready descriptors take turns.
  for (int turn = 0; turn < 3; turn++) {
    struct epoll_event list[2];
    int got = epoll_wait(ep, list, 2, 0);
    for (int i = 0; i < got; i++) seen[list[i].data.u64 >> 32]++;
  }
  for (int i = 0; i < 6; i++) printf("%d ", seen[i]);
  printf("\n");
}

CASE(nested) {
  start();
  int inner = ep;
  MUST(add(ends[0], EPOLLIN, 1));
  ep = (int)MUST(epoll_create1(0));
  SHOW(add(inner, EPOLLIN, 2));
  look();
  struct pollfd one = {.fd = ep, .events = POLLIN};
  SHOW(poll(&one, 1, 0));
  MUST(write(ends[1], "x", 1));
  look();
  SHOW(poll(&one, 1, 0));
  char byte;
  MUST(read(ends[0], &byte, 1));
  look();
  // A circle is refused.
  struct epoll_event event = {.events = EPOLLIN};
  SHOW(epoll_ctl(inner, EPOLL_CTL_ADD, ep, &event));
}

// The registration belongs to the open file description: it goes when the last descriptor does.
CASE(closing) {
  start();
  MUST(add(ends[0], EPOLLIN, 1));
  int copy = dup(ends[0]);
  MUST(write(ends[1], "x", 1));
  close(ends[0]);
  look();
  close(copy);
  look();
}

CASE(same_file_twice) {
  start();
  int copy = dup(ends[0]);
  SHOW(add(ends[0], EPOLLIN, 1));
  SHOW(add(copy, EPOLLIN, 2));
  MUST(write(ends[1], "x", 1));
  look();
}

CASE(waking) {
  start();
  MUST(add(ends[0], EPOLLIN, 3));
  pid_t parent = getpid(), pid = (pid_t)MUST(fork());
  if (pid == 0) {
    until_asleep(parent);
    tell(ends[1]);
    _exit(0);
  }
  struct epoll_event event;
  SHOW(epoll_wait(ep, &event, 1, -1));
  NUM(event.data.u64 >> 32);
  reap(pid);
}

// Of several waiters on one edge-triggered descriptor, one is woken.
CASE(shared_by_fork) {
  start();
  MUST(add(ends[0], EPOLLIN | EPOLLET, 1));
  int result[2];
  MUST(pipe(result));
  pid_t pids[2];
  for (int i = 0; i < 2; i++) {
    pids[i] = (pid_t)MUST(fork());
    if (pids[i] == 0) {
      struct epoll_event event;
      if (epoll_wait(ep, &event, 1, -1) == 1) tell(result[1]);
      for (;;) pause();
    }
  }
  until_asleep(pids[0]);
  until_asleep(pids[1]);
  tell(ends[1]);
  SHOW(hear(result[0]));
  struct pollfd one = {.fd = result[0], .events = POLLIN};
  SHOW(poll(&one, 1, 20));
  for (int i = 0; i < 2; i++) {
    kill(pids[i], SIGKILL);
    reap(pids[i]);
  }
}

CASE(exclusive) {
  start();
  SHOW(add(ends[0], EPOLLIN | EPOLLEXCLUSIVE, 1));
  struct epoll_event event = {.events = EPOLLIN | EPOLLEXCLUSIVE};
  SHOW(epoll_ctl(ep, EPOLL_CTL_MOD, ends[0], &event));
  event.events = EPOLLIN;
  SHOW(epoll_ctl(ep, EPOLL_CTL_MOD, ends[0], &event));
  SHOW(epoll_ctl(ep, EPOLL_CTL_DEL, ends[0], NULL));
  SHOW(add(ends[0], EPOLLIN | EPOLLEXCLUSIVE | EPOLLONESHOT, 1));
}

static volatile int calls;
static void count(int number) {
  (void)number;
  calls++;
}
CASE(signal_mask) {
  start();
  on_signal(SIGUSR1, count, 0);
  sigset_t block, none;
  sigemptyset(&none);
  sigemptyset(&block);
  sigaddset(&block, SIGUSR1);
  sigprocmask(SIG_BLOCK, &block, NULL);
  raise(SIGUSR1);
  struct epoll_event event;
  SHOW(epoll_wait(ep, &event, 1, 0));
  SHOW(epoll_pwait(ep, &event, 1, -1, &none));
  NUM(calls);
}
