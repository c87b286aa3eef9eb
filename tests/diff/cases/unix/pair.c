// socketpair(2), SOCK_STREAM: bytes both ways, flags, ends that close and shut down (man 7 unix).
#include "../../sockets.h"

static int ends[2];
static void make(void) { MUST(socketpair(AF_UNIX, SOCK_STREAM, 0, ends)); }

CASE(making) {
  SHOW(socketpair(AF_UNIX, SOCK_STREAM, 0, ends));
  printf("%d %d\n", ends[0], ends[1]);
  NUM(fcntl(ends[0], F_GETFL));
  NUM(fcntl(ends[0], F_GETFD));
  SHOW(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, AF_UNIX, ends));
  NUM(fcntl(ends[1], F_GETFL));
  NUM(fcntl(ends[1], F_GETFD));
  SHOW(socketpair(AF_UNIX, SOCK_STREAM, 7, ends));
  SHOW(socketpair(AF_UNIX, 77, 0, ends));
  SHOW(socketpair(AF_UNIX, SOCK_RDM, 0, ends));
  SHOW(socketpair(AF_UNIX, SOCK_STREAM | 0x100000, 0, ends));
  SHOW(socketpair(-1, SOCK_STREAM, 0, ends));
  SHOW(socketpair(999, SOCK_STREAM, 0, ends));
  SHOW(SYS4(SYS_socketpair, AF_UNIX, SOCK_STREAM, 0, BAD_ADDRESS));
  SHOW(fcntl(7, F_GETFD)); // the failed calls left nothing open
}

CASE(what_stat_says) {
  make();
  struct stat status;
  SHOW(fstat(ends[0], &status));
  printf("%o %ld %ld\n", status.st_mode, (long)status.st_size, (long)status.st_nlink);
  SHOW(lseek(ends[0], 0, SEEK_SET));
  char byte;
  SHOW(pread(ends[0], &byte, 1, 0));
  SHOW(pwrite(ends[0], "x", 1, 0));
  SHOW(ftruncate(ends[0], 0));
  SHOW(fsync(ends[0]));
  char link[64] = "", path[64];
  sprintf(path, "/proc/self/fd/%d", ends[0]);
  MUST(readlink(path, link, sizeof link - 1));
  printf("%.8s\n", link);
  SHOW(open(path, O_RDWR));
}

CASE(bytes_both_ways) {
  make();
  SHOW(write(ends[0], "hello", 5));
  SHOW(write(ends[0], " world", 6));
  SHOW(write(ends[1], "back", 4));
  READ(ends[0], 100);
  READ(ends[1], 3);
  READ(ends[1], 100);
  struct iovec out[3] = {{"one", 3}, {"", 0}, {"two", 3}};
  SHOW(writev(ends[0], out, 3));
  char a[4], b[10];
  struct iovec in[2] = {{a, 4}, {b, 10}};
  SHOW(readv(ends[1], in, 2));
  printf("%.4s %.2s\n", a, b);
  SHOW(read(ends[1], a, 0));
  SHOW(write(ends[1], a, 0));
  SHOW(send(ends[1], a, 0, 0));
}

CASE(readiness) {
  make();
  POLL(ends[0]);
  MUST(write(ends[1], "x", 1));
  POLL(ends[0]);
  READ(ends[0], 10);
  SHOW(shutdown(ends[1], SHUT_WR));
  POLL(ends[0]);
  POLL(ends[1]);
  SHOW(shutdown(ends[0], SHUT_WR));
  POLL(ends[0]);
  POLL(ends[1]);
  close(ends[1]);
  POLL(ends[0]);
}

CASE(without_waiting) {
  make();
  MUST(fcntl(ends[0], F_SETFL, O_NONBLOCK));
  READ(ends[0], 10);
  char big[4096] = "";
  long total = 0;
  ssize_t done;
  while ((done = write(ends[0], big, sizeof big)) > 0) total += done;
  printf("full: %s, %s\n", errname(errno), total > 65536 ? "much" : "little");
  POLL(ends[0]);
  SHOW(send(ends[0], "x", 1, MSG_DONTWAIT | MSG_NOSIGNAL));
  RECV(ends[1], 0, MSG_DONTWAIT);
  while (total > 0 && (done = recv(ends[1], big, sizeof big, MSG_DONTWAIT)) > 0) total -= done;
  NUM(total);
  RECV(ends[1], 10, MSG_DONTWAIT);
  RECV(ends[1], 0, MSG_DONTWAIT);
  POLL(ends[0]);
}

CASE(shutting_down) {
  make();
  signal(SIGPIPE, SIG_IGN);
  MUST(write(ends[0], "before", 6));
  SHOW(shutdown(ends[0], SHUT_WR));
  SHOW(write(ends[0], "x", 1));
  SHOW(write(ends[0], "", 0));
  READ(ends[1], 10);
  READ(ends[1], 10);
  SHOW(write(ends[1], "still", 5));
  READ(ends[0], 10);
  SHOW(shutdown(ends[0], SHUT_RD));
  SHOW(write(ends[1], "x", 1));
  READ(ends[0], 10);
  SHOW(shutdown(ends[0], 3));
  SHOW(shutdown(ends[0], -1));
}

static volatile int pipes;
static void on_pipe(int signal) { pipes += signal == SIGPIPE; }

CASE(writing_to_nobody) {
  make();
  struct sigaction act = {.sa_handler = on_pipe};
  sigaction(SIGPIPE, &act, NULL);
  close(ends[1]);
  SHOW(write(ends[0], "x", 1));
  NUM(pipes);
  SHOW(send(ends[0], "x", 1, MSG_NOSIGNAL));
  NUM(pipes);
  SHOW(send(ends[0], "x", 1, 0));
  NUM(pipes);
  READ(ends[0], 10);
  POLL(ends[0]);
}

CASE(unread_bytes_are_a_reset) {
  make();
  MUST(write(ends[0], "kept", 4));
  MUST(write(ends[1], "lost", 4));
  close(ends[0]);
  POLL(ends[1]);
  READ(ends[1], 2);
  READ(ends[1], 10);
  READ(ends[1], 10);
  READ(ends[1], 10);
}

CASE(error_by_option) {
  make();
  MUST(write(ends[1], "lost", 4));
  close(ends[0]);
  POLL(ends[1]);
  OPTION(ends[1], SOL_SOCKET, SO_ERROR);
  OPTION(ends[1], SOL_SOCKET, SO_ERROR);
  POLL(ends[1]);
  READ(ends[1], 10);
}

CASE(reader_waits) {
  make();
  pid_t pid = (pid_t)MUST(fork());
  if (pid == 0) {
    close(ends[0]);
    READ(ends[1], 100);
    READ(ends[1], 100);
    _exit(0);
  }
  close(ends[1]);
  until_asleep(pid);
  MUST(write(ends[0], "woken", 5));
  until_asleep(pid);
  close(ends[0]);
  reap(pid);
}

CASE(writer_waits) {
  make();
  pid_t pid = (pid_t)MUST(fork());
  if (pid == 0) {
    static char big[1 << 20];
    close(ends[0]);
    SHOW(write(ends[1], big, sizeof big));
    _exit(0);
  }
  close(ends[1]);
  until_asleep(pid);
  long total = 0;
  char buffer[10000];
  ssize_t got;
  while ((got = read(ends[0], buffer, sizeof buffer)) > 0) total += got;
  reap(pid);
  NUM(total);
  NUM(got);
}

CASE(writer_is_left) {
  make();
  signal(SIGPIPE, SIG_IGN);
  pid_t pid = (pid_t)MUST(fork());
  if (pid == 0) {
    static char big[1 << 20];
    close(ends[0]);
    long put = write(ends[1], big, sizeof big);
    printf("%s\n", put > 0 && put < (long)sizeof big ? "part" : errname(errno));
    SHOW(write(ends[1], big, 1));
    _exit(0);
  }
  close(ends[1]);
  until_asleep(pid);
  close(ends[0]);
  reap(pid);
}

CASE(peeking) {
  make();
  MUST(write(ends[0], "abcdef", 6));
  RECV(ends[1], 3, MSG_PEEK);
  RECV(ends[1], 100, MSG_PEEK);
  RECV(ends[1], 2, 0);
  RECV(ends[1], 100, MSG_PEEK | MSG_DONTWAIT);
  RECV(ends[1], 2, MSG_WAITALL);
  int left = -1;
  SHOW(ioctl(ends[1], FIONREAD, &left));
  NUM(left);
  SHOW(ioctl(ends[1], TIOCOUTQ, &left));
  NUM(left);
}

CASE(waiting_for_all) {
  make();
  pid_t pid = (pid_t)MUST(fork());
  if (pid == 0) {
    close(ends[0]);
    RECV(ends[1], 6, MSG_WAITALL);
    RECV(ends[1], 6, MSG_WAITALL);
    _exit(0);
  }
  until_asleep(pid);
  MUST(write(ends[0], "abc", 3));
  until_asleep(pid);
  MUST(write(ends[0], "defgh", 5));
  until_asleep(pid);
  close(ends[1]);
  close(ends[0]);
  reap(pid);
}

static void on_alarm(int signal) { (void)signal; }

CASE(interrupted) {
  make();
  struct sigaction act = {.sa_handler = on_alarm};
  sigaction(SIGALRM, &act, NULL);
  struct itimerval soon = {.it_value = {.tv_usec = 20000}};
  setitimer(ITIMER_REAL, &soon, NULL);
  READ(ends[0], 10);
  struct timeval limit = {.tv_usec = 30000};
  SHOW(setsockopt(ends[0], SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit));
  READ(ends[0], 10);
  act.sa_flags = SA_RESTART;
  sigaction(SIGALRM, &act, NULL);
  limit.tv_sec = 5;
  SHOW(setsockopt(ends[0], SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit));
  setitimer(ITIMER_REAL, &soon, NULL);
  READ(ends[0], 10);
}

CASE(not_sockets) {
  int fd = MUST(open("/dev/null", O_RDWR));
  char byte;
  SHOW(send(fd, "x", 1, 0));
  SHOW(recv(fd, &byte, 1, 0));
  SHOW(send(77, "x", 1, 0));
  SHOW(listen(fd, 1));
  SHOW(shutdown(fd, 0));
  SHOW(accept(fd, NULL, NULL));
  SHOW(getsockname(77, NULL, NULL));
}

CASE(duplicates) {
  make();
  int copy = MUST(dup(ends[0]));
  close(ends[0]);
  POLL(ends[1]);
  SHOW(write(copy, "by the copy", 11));
  READ(ends[1], 100);
  close(copy);
  POLL(ends[1]);
}
