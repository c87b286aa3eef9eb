// Options of sockets (man 7 socket), on AF_UNIX ones.
#include "../../sockets.h"

static int make(void) { return (int)MUST(socket(AF_UNIX, SOCK_STREAM, 0)); }
static int set(int fd, int name, int value) { return setsockopt(fd, SOL_SOCKET, name, &value, sizeof value); }

CASE(at_first) {
  int fd = make();
  OPTION(fd, SOL_SOCKET, SO_TYPE);
  OPTION(fd, SOL_SOCKET, SO_DOMAIN);
  OPTION(fd, SOL_SOCKET, SO_PROTOCOL);
  OPTION(fd, SOL_SOCKET, SO_ERROR);
  OPTION(fd, SOL_SOCKET, SO_ACCEPTCONN);
  OPTION(fd, SOL_SOCKET, SO_REUSEADDR);
  OPTION(fd, SOL_SOCKET, SO_KEEPALIVE);
  OPTION(fd, SOL_SOCKET, SO_BROADCAST);
  OPTION(fd, SOL_SOCKET, SO_DONTROUTE);
  OPTION(fd, SOL_SOCKET, SO_DEBUG);
  OPTION(fd, SOL_SOCKET, SO_OOBINLINE);
  OPTION(fd, SOL_SOCKET, SO_PRIORITY);
  OPTION(fd, SOL_SOCKET, SO_RCVLOWAT);
  OPTION(fd, SOL_SOCKET, SO_SNDLOWAT);
  OPTION(fd, SOL_SOCKET, SO_SNDBUF);
  OPTION(fd, SOL_SOCKET, SO_RCVBUF);
  OPTION(fd, SOL_SOCKET, SO_MARK);
  OPTION(fd, SOL_SOCKET, SO_TIMESTAMP);
  OPTION(fd, SOL_SOCKET, 999);
  OPTION(fd, 77, 1);
  SHOW(set(fd, 999, 1));
  SHOW(setsockopt(fd, 77, 1, &fd, 4));
  SHOW(set(fd, SO_TYPE, 1));
  SHOW(set(fd, SO_ERROR, 1));
  SHOW(set(fd, SO_ACCEPTCONN, 1));
  SHOW(set(fd, SO_SNDLOWAT, 1));
}

CASE(buffers) {
  int fd = make();
  static const int sizes[] = {0, 1, 1000, 2304, 3000, 5000, 100000, 106496, 212992};
  for (size_t i = 0; i < COUNT(sizes); i++) {
    printf("%d: %d %d, ", sizes[i], set(fd, SO_SNDBUF, sizes[i]), set(fd, SO_RCVBUF, sizes[i]));
    printf("%d %d\n", int_option(fd, SOL_SOCKET, SO_SNDBUF), int_option(fd, SOL_SOCKET, SO_RCVBUF));
  }
  SHOW(set(fd, SO_SNDBUFFORCE, 300000));
  OPTION(fd, SOL_SOCKET, SO_SNDBUF);
  MUST(setuid(65534));
  SHOW(set(fd, SO_SNDBUFFORCE, 300000));
}

CASE(on_and_off) {
  int fd = make();
  static const int names[] = {SO_REUSEADDR, SO_KEEPALIVE, SO_BROADCAST, SO_DONTROUTE, SO_DEBUG, SO_OOBINLINE, SO_PASSCRED};
  for (size_t i = 0; i < COUNT(names); i++) {
    printf("%d: %d", names[i], set(fd, names[i], 42));
    printf(" %d", int_option(fd, SOL_SOCKET, names[i]));
    printf(" %d", set(fd, names[i], 0));
    printf(" %d\n", int_option(fd, SOL_SOCKET, names[i]));
  }
  SHOW(set(fd, SO_RCVLOWAT, 10));
  OPTION(fd, SOL_SOCKET, SO_RCVLOWAT);
  SHOW(set(fd, SO_RCVLOWAT, 0));
  OPTION(fd, SOL_SOCKET, SO_RCVLOWAT);
  SHOW(set(fd, SO_RCVLOWAT, -1));
  OPTION(fd, SOL_SOCKET, SO_RCVLOWAT);
  SHOW(set(fd, SO_PRIORITY, 6));
  SHOW(set(fd, SO_PRIORITY, 7));
  OPTION(fd, SOL_SOCKET, SO_PRIORITY);
  MUST(setuid(65534));
  SHOW(set(fd, SO_PRIORITY, 7));
  SHOW(set(fd, SO_MARK, 7));
  SHOW(set(fd, SO_DEBUG, 1));
  SHOW(set(fd, SO_DEBUG, 0));
}

CASE(lengths) {
  int fd = make(), value = 0x01020304;
  SHOW(setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &value, 3));
  SHOW(setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &value, 100));
  SHOW(SYS5(SYS_setsockopt, fd, SOL_SOCKET, SO_KEEPALIVE, &value, -1));
  SHOW(SYS5(SYS_setsockopt, fd, SOL_SOCKET, SO_KEEPALIVE, BAD_ADDRESS, 4));
  unsigned char bytes[16];
  memset(bytes, 0xee, sizeof bytes);
  for (socklen_t want = 0; want < 8; want += 2) {
    socklen_t length = want;
    SHOW(getsockopt(fd, SOL_SOCKET, SO_TYPE, bytes, &length));
    printf("%d -> %d: %02x %02x %02x %02x %02x\n", want, (int)length, bytes[0], bytes[1], bytes[2], bytes[3], bytes[4]);
  }
  socklen_t length = (socklen_t)-1;
  SHOW(getsockopt(fd, SOL_SOCKET, SO_TYPE, bytes, &length));
  length = 4;
  SHOW(SYS5(SYS_getsockopt, fd, SOL_SOCKET, SO_TYPE, BAD_ADDRESS, &length));
  SHOW(SYS5(SYS_getsockopt, fd, SOL_SOCKET, SO_TYPE, bytes, BAD_ADDRESS));
}

CASE(times) {
  int fd = make();
  static const struct timeval times[] = {{0, 0}, {1, 500000}, {0, 40000}, {-1, 0}, {0, 1000000}, {0, -1}, {100000, 0}};
  for (size_t i = 0; i < COUNT(times); i++) {
    SHOW(setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &times[i], sizeof times[i]));
    struct timeval now = {7, 7};
    socklen_t length = sizeof now;
    MUST(getsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &now, &length));
    printf("%ld %ld, %d bytes\n", (long)now.tv_sec, (long)now.tv_usec, (int)length);
  }
  SHOW(setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &times[1], 8));
  SHOW(setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &times[1], 3));
}

CASE(lingering) {
  int fd = make();
  struct linger value = {7, 7};
  socklen_t length = sizeof value;
  SHOW(getsockopt(fd, SOL_SOCKET, SO_LINGER, &value, &length));
  printf("%d %d %d\n", value.l_onoff, value.l_linger, (int)length);
  value = (struct linger){1, 30};
  SHOW(setsockopt(fd, SOL_SOCKET, SO_LINGER, &value, sizeof value));
  SHOW(getsockopt(fd, SOL_SOCKET, SO_LINGER, &value, &length));
  printf("%d %d\n", value.l_onoff, value.l_linger);
  value = (struct linger){0, 30};
  SHOW(setsockopt(fd, SOL_SOCKET, SO_LINGER, &value, sizeof value));
  SHOW(getsockopt(fd, SOL_SOCKET, SO_LINGER, &value, &length));
  printf("%d %d\n", value.l_onoff, value.l_linger);
  SHOW(setsockopt(fd, SOL_SOCKET, SO_LINGER, &value, 4));
}

CASE(time_limits) {
  int ends[2];
  MUST(socketpair(AF_UNIX, SOCK_STREAM, 0, ends));
  struct timeval limit = {.tv_usec = 20000};
  MUST(setsockopt(ends[0], SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit));
  MUST(setsockopt(ends[0], SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit));
  READ(ends[0], 1);
  RECV(ends[0], 1, MSG_DONTWAIT);
  MUST(write(ends[1], "ab", 2));
  RECV(ends[0], 5, MSG_WAITALL);
  static char big[1 << 20];
  long put = send(ends[0], big, sizeof big, 0);
  NUM(put > 0 && put < (long)sizeof big);
  SHOW(send(ends[0], big, sizeof big, 0));
}

CASE(low_water) {
  int ends[2];
  MUST(socketpair(AF_UNIX, SOCK_STREAM, 0, ends));
  SHOW(set(ends[1], SO_RCVLOWAT, 4));
  pid_t pid = (pid_t)MUST(fork());
  if (pid == 0) {
    close(ends[0]);
    RECV(ends[1], 10, 0);
    RECV(ends[1], 2, 0);
    RECV(ends[1], 10, 0);
    _exit(0);
  }
  until_asleep(pid);
  MUST(write(ends[0], "ab", 2));
  until_asleep(pid);
  MUST(write(ends[0], "cd", 2));
  until_asleep(pid);
  MUST(write(ends[0], "ef", 2));
  until_asleep(pid);
  MUST(write(ends[0], "gh", 2));
  close(ends[0]);
  close(ends[1]);
  reap(pid);
}
