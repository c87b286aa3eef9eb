// eventfd(2): counter and semaphore.
#include <sys/eventfd.h>
#include "../../harness.h"

static void state(int fd) {
  struct pollfd one = {.fd = fd, .events = POLLIN | POLLOUT};
  poll(&one, 1, 0);
  printf("readable %d, writable %d\n", (one.revents & POLLIN) != 0, (one.revents & POLLOUT) != 0);
}
static uint64_t value;
static long take(int fd) {
  value = 0;
  return read(fd, &value, sizeof value);
}
static long give(int fd, uint64_t amount) {
  return write(fd, &amount, sizeof amount);
}

CASE(counter) {
  int fd = (int)SHOW(eventfd(3, EFD_NONBLOCK));
  state(fd);
  SHOW(take(fd));
  NUM(value);
  state(fd);
  SHOW(take(fd));
  SHOW(give(fd, 5));
  SHOW(give(fd, 6));
  SHOW(take(fd));
  NUM(value);
  SHOW(give(fd, 0));
  SHOW(take(fd));
}

CASE(semaphore) {
  int fd = (int)SHOW(eventfd(2, EFD_NONBLOCK | EFD_SEMAPHORE));
  SHOW(take(fd));
  NUM(value);
  SHOW(take(fd));
  NUM(value);
  SHOW(take(fd));
  SHOW(give(fd, 1));
  SHOW(take(fd));
}

CASE(limits) {
  int fd = (int)SHOW(eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC));
  SHOW(fcntl(fd, F_GETFD));
  SHOW(give(fd, UINT64_MAX - 1));
  state(fd);
  SHOW(give(fd, 1));
  SHOW(give(fd, UINT64_MAX));
  SHOW(take(fd));
  NUM(value == UINT64_MAX - 1);
  char small[4];
  SHOW(read(fd, small, sizeof small));
  SHOW(write(fd, small, sizeof small));
  char big[16] = {1};
  SHOW(read(fd, big, sizeof big));
  SHOW(eventfd(0, 0x10000));
}

CASE(between_processes) {
  int fd = (int)MUST(eventfd(0, 0));
  pid_t pid = (pid_t)MUST(fork());
  if (pid == 0) {
    SHOW(take(fd));
    NUM(value);
    _exit(0);
  }
  until_asleep(pid);
  MUST(give(fd, 42));
  reap(pid);
  MUST(fcntl(fd, F_SETFL, O_NONBLOCK));
  SHOW(take(fd));
}

CASE(blocking_writer) {
  int fd = (int)MUST(eventfd(0, 0));
  MUST(give(fd, UINT64_MAX - 1));
  pid_t pid = (pid_t)MUST(fork());
  if (pid == 0) {
    SHOW(give(fd, 3));
    _exit(0);
  }
  until_asleep(pid);
  MUST(take(fd));
  reap(pid);
  NUM(value == UINT64_MAX - 1);
  MUST(take(fd));
  NUM(value);
}
