// What the cases about sockets share.
#ifndef RING3_TESTS_SOCKETS_H
#define RING3_TESTS_SOCKETS_H
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <sys/un.h>
#include "harness.h"

// What poll says at once, all of its bits asked for.
UNUSED static const char *poll_text(int fd) {
  static const struct name table[] = {
      {POLLIN, "IN"},   {POLLPRI, "PRI"},       {POLLOUT, "OUT"},       {POLLERR, "ERR"},       {POLLHUP, "HUP"},
      {0x2000, "RDHUP"}, {POLLRDNORM, "RDNORM"}, {POLLWRNORM, "WRNORM"}, {POLLWRBAND, "WRBAND"}, {POLLNVAL, "NVAL"},
  };
  static char text[4][96];
  static unsigned turn;
  struct pollfd p = {.fd = fd, .events = POLLIN | POLLPRI | POLLOUT | 0x2000 | POLLRDNORM | POLLWRNORM | POLLWRBAND};
  poll(&p, 1, 0);
  char *to = text[turn++ % 4];
  *to = 0;
  for (size_t i = 0; i < COUNT(table); i++)
    if (p.revents & table[i].number) sprintf(to + strlen(to), "%s%s", *to ? "|" : "", table[i].text);
  return to;
}
#define POLL(fd) printf("poll(%s): %s\n", #fd, poll_text(fd))

UNUSED static void show_read(const char *what, int fd, size_t size) {
  char text[4096] = "";
  ssize_t got = read(fd, text, size);
  if (got < 0) printf("%s: %s\n", what, errname(errno));
  else printf("%s: %zd \"%.*s\"\n", what, got, (int)got, text);
}
#define READ(fd, size) show_read("read(" #fd ")", fd, size)

UNUSED static void show_recv(const char *what, int fd, size_t size, int flags) {
  char text[4096] = "";
  ssize_t got = recv(fd, text, size, flags);
  if (got < 0) printf("%s: %s\n", what, errname(errno));
  else printf("%s: %zd \"%.*s\"\n", what, got, (int)(got < (ssize_t)size ? got : (ssize_t)size), text);
}
#define RECV(fd, size, flags) show_recv("recv(" #fd ", " #flags ")", fd, size, flags)

UNUSED static int int_option(int fd, int level, int name) {
  int value = -12345;
  socklen_t length = sizeof value;
  return getsockopt(fd, level, name, &value, &length) == 0 ? value : -errno;
}
#define OPTION(fd, level, name) printf("%s: %d\n", #name, int_option(fd, level, name))
#endif
