// poll(2), ppoll(2), select(2), pselect(2).
#include <sys/select.h>
#include "../../harness.h"

static int ends[2];
static const char *events(short revents) {
  static char text[64];
  snprintf(text, sizeof text, "%s%s%s%s%s", revents & POLLIN ? "IN " : "", revents & POLLOUT ? "OUT " : "",
           revents & POLLHUP ? "HUP " : "", revents & POLLERR ? "ERR " : "", revents & POLLNVAL ? "NVAL " : "");
  return text;
}
static void look(int fd, short wanted) {
  struct pollfd one = {.fd = fd, .events = wanted};
  int got = poll(&one, 1, 0);
  printf("%d %s\n", got, events(one.revents));
}

CASE(pipe_states) {
  MUST(pipe2(ends, O_NONBLOCK));
  look(ends[0], POLLIN | POLLOUT);
  look(ends[1], POLLIN | POLLOUT);
  MUST(write(ends[1], "x", 1));
  look(ends[0], POLLIN);
  look(ends[0], 0);
  static char block[4096];
  MUST(read(ends[0], block, 1));
  while (write(ends[1], block, sizeof block) > 0) {
  }
  while (write(ends[1], block, 1) > 0) {
  }
  look(ends[1], POLLOUT);
  MUST(read(ends[0], block, 1));
  look(ends[1], POLLOUT);
  MUST(read(ends[0], block, 4095));
  look(ends[1], POLLOUT);
}

CASE(hang_up) {
  MUST(pipe(ends));
  MUST(write(ends[1], "x", 1));
  close(ends[1]);
  look(ends[0], POLLIN);
  char byte;
  MUST(read(ends[0], &byte, 1));
  look(ends[0], POLLIN);
  look(ends[0], 0);
  MUST(pipe(ends));
  close(ends[0]);
  look(ends[1], POLLOUT);
}

CASE(other_files) {
  look((int)MUST(open("file", O_RDWR | O_CREAT, 0600)), POLLIN | POLLOUT);
  look((int)MUST(open(".", O_RDONLY)), POLLIN);
  look((int)MUST(open("/dev/null", O_RDWR)), POLLIN | POLLOUT);
  look((int)MUST(open("/dev/zero", O_RDONLY)), POLLIN);
  look(99, POLLIN);
  look(-1, POLLIN);
}

CASE(several) {
  int other[2];
  MUST(pipe(ends));
  MUST(pipe(other));
  MUST(write(other[1], "x", 1));
  struct pollfd set[5] = {{.fd = ends[0], .events = POLLIN},
                          {.fd = other[0], .events = POLLIN},
                          {.fd = -1, .events = POLLIN, .revents = 77},
                          {.fd = ends[1], .events = POLLOUT},
                          {.fd = 99, .events = POLLIN}};
  SHOW(poll(set, 5, -1));
  for (int i = 0; i < 5; i++) printf("%d: %s\n", i, events(set[i].revents));
}

CASE(timeouts) {
  MUST(pipe(ends));
  struct pollfd one = {.fd = ends[0], .events = POLLIN};
  long before = now_ms();
  SHOW(poll(&one, 1, 20));
  NUM(now_ms() - before >= 20);
  before = now_ms();
  SHOW(poll(NULL, 0, 10));
  NUM(now_ms() - before >= 10);
  SHOW(poll(NULL, 0, 0));
  SHOW(ppoll(&one, 1, &(struct timespec){0, 5000000}, NULL));
  SHOW(ppoll(&one, 1, &(struct timespec){0, 1000000000}, NULL));
  SHOW(ppoll(&one, 1, &(struct timespec){-1, 0}, NULL));
}

CASE(woken) {
  MUST(pipe(ends));
  pid_t parent = getpid(), pid = (pid_t)MUST(fork());
  if (pid == 0) {
    until_asleep(parent);
    tell(ends[1]);
    _exit(0);
  }
  struct pollfd one = {.fd = ends[0], .events = POLLIN};
  SHOW(poll(&one, 1, -1));
  STR(events(one.revents));
  reap(pid);
}

static volatile int calls;
static void count(int number) {
  (void)number;
  calls++;
}
// A signal that was blocked until the call: the mask is swapped for the wait only.
CASE(signal_mask) {
  MUST(pipe(ends));
  on_signal(SIGUSR1, count, 0);
  sigset_t block, none, now;
  sigemptyset(&none);
  sigemptyset(&block);
  sigaddset(&block, SIGUSR1);
  sigprocmask(SIG_BLOCK, &block, NULL);
  raise(SIGUSR1);
  struct pollfd one = {.fd = ends[0], .events = POLLIN};
  SHOW(ppoll(&one, 1, NULL, &none));
  NUM(calls);
  raise(SIGUSR1);
  fd_set set;
  FD_ZERO(&set);
  FD_SET(ends[0], &set);
  SHOW(pselect(ends[0] + 1, &set, NULL, NULL, NULL, &none));
  NUM(calls);
  raise(SIGUSR1);
  MUST(write(ends[1], "x", 1));
  // Ready: no wait, but a pending signal that the mask lets through is taken on the way out all the same.
  int got = ppoll(&one, 1, NULL, &block);
  printf("%d, calls %d\n", got, calls);
  sigprocmask(SIG_SETMASK, NULL, &now);
  NUM(sigismember(&now, SIGUSR1));
}

CASE(select_sets) {
  int other[2];
  MUST(pipe(ends));
  MUST(pipe(other));
  MUST(write(other[1], "x", 1));
  fd_set in, out, err;
  FD_ZERO(&in);
  FD_ZERO(&out);
  FD_ZERO(&err);
  FD_SET(ends[0], &in);
  FD_SET(other[0], &in);
  FD_SET(ends[1], &out);
  FD_SET(ends[0], &err);
  SHOW(select(other[1] + 1, &in, &out, &err, NULL));
  printf("in %d %d, out %d, err %d\n", FD_ISSET(ends[0], &in) != 0, FD_ISSET(other[0], &in) != 0,
         FD_ISSET(ends[1], &out) != 0, FD_ISSET(ends[0], &err) != 0);
  // Descriptors from nfds on are not looked at.
  FD_ZERO(&in);
  FD_SET(other[0], &in);
  SHOW(select(other[0], &in, NULL, NULL, &(struct timeval){0, 0}));
}

CASE(select_errors_and_time) {
  MUST(pipe(ends));
  fd_set set;
  FD_ZERO(&set);
  FD_SET(60, &set);
  SHOW(select(61, &set, NULL, NULL, &(struct timeval){0, 0}));
  FD_ZERO(&set);
  FD_SET(ends[0], &set);
  SHOW(select(-1, NULL, NULL, NULL, &(struct timeval){0, 0}));
  struct timeval time = {0, 20000};
  long before = now_ms();
  SHOW(SYS5(SYS_select, ends[0] + 1, &set, 0, 0, &time));
  NUM(now_ms() - before >= 20);
  // Linux writes back what is left of the time (musl's function hides it).
  NUM(time.tv_sec == 0 && time.tv_usec == 0);
  NUM(FD_ISSET(ends[0], &set) != 0);
  SHOW(select(0, NULL, NULL, NULL, &(struct timeval){-1, 0}));
  close(ends[1]);
  FD_SET(ends[0], &set);
  SHOW(select(ends[0] + 1, &set, NULL, NULL, NULL));
}

CASE(limits) {
  struct pollfd one = {.fd = 0, .events = 0};
  SHOW(SYS3(SYS_poll, BAD_ADDRESS, 1, 0));
  SHOW(SYS3(SYS_poll, &one, 0x7fffffff, 0));
}
