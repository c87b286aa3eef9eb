// What the cases about AF_INET and AF_INET6 share: addresses on the loopback interface, ports that the kernel chooses.
#ifndef RING3_TESTS_INET_H
#define RING3_TESTS_INET_H
#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include "../../harness.h"

union address {
  struct sockaddr any;
  struct sockaddr_in v4;
  struct sockaddr_in6 v6;
  struct sockaddr_storage storage;
};

UNUSED static union address v4(const char *host, int port) {
  union address a = {.v4 = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)}};
  MUST(inet_pton(AF_INET, host, &a.v4.sin_addr) - 1);
  return a;
}
UNUSED static union address v6(const char *host, int port) {
  union address a = {.v6 = {.sin6_family = AF_INET6, .sin6_port = htons((uint16_t)port)}};
  MUST(inet_pton(AF_INET6, host, &a.v6.sin6_addr) - 1);
  return a;
}
UNUSED static socklen_t length_of(const union address *a) {
  return a->any.sa_family == AF_INET6 ? sizeof a->v6 : sizeof a->v4;
}
UNUSED static int bind_to(int fd, union address a) {
  return bind(fd, &a.any, length_of(&a));
}
UNUSED static int connect_to(int fd, union address a) {
  return connect(fd, &a.any, length_of(&a));
}
UNUSED static ssize_t send_to(int fd, const char *text, union address a) {
  return sendto(fd, text, strlen(text), 0, &a.any, length_of(&a));
}
UNUSED static union address name_of(int fd) {
  union address a = {0};
  socklen_t length = sizeof a;
  MUST(getsockname(fd, &a.any, &length));
  return a;
}
UNUSED static union address peer_of(int fd) {
  union address a = {0};
  socklen_t length = sizeof a;
  MUST(getpeername(fd, &a.any, &length));
  return a;
}
UNUSED static int port_of(union address a) {
  return ntohs(a.v4.sin_port); // the same place in both
}
UNUSED static int port(int fd) {
  return port_of(name_of(fd));
}
// The address in words; its port only as 0 or not.
UNUSED static const char *text_of(union address a) {
  static char text[4][80];
  static unsigned turn;
  char host[64] = "?";
  if (a.any.sa_family == AF_INET) inet_ntop(AF_INET, &a.v4.sin_addr, host, sizeof host);
  if (a.any.sa_family == AF_INET6) inet_ntop(AF_INET6, &a.v6.sin6_addr, host, sizeof host);
  char *to = text[turn++ % 4];
  snprintf(to, sizeof text[0], "%s %s port %s", a.any.sa_family == AF_INET ? "v4" : a.any.sa_family == AF_INET6 ? "v6" : "?",
           host, port_of(a) ? "some" : "0");
  return to;
}
UNUSED static int new_socket(int family, int type) {
  return (int)MUST(socket(family, type, 0));
}
// A socket that listens on 127.0.0.1 and a port of its own.
UNUSED static int new_listener(int backlog) {
  int fd = new_socket(AF_INET, SOCK_STREAM);
  MUST(bind_to(fd, v4("127.0.0.1", 0)));
  MUST(listen(fd, backlog));
  return fd;
}
// A connection: ends[0] connected, ends[1] accepted it.
UNUSED static void connection(int ends[2]) {
  int listener = new_listener(4);
  ends[0] = new_socket(AF_INET, SOCK_STREAM);
  MUST(connect_to(ends[0], name_of(listener)));
  ends[1] = (int)MUST(accept(listener, NULL, NULL));
  close(listener);
}
UNUSED static void nonblocking(int fd) {
  MUST(fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK));
}
// What poll(2) says, waiting `ms` for something that the mask asks for.
UNUSED static void readiness(const char *what, int fd, int ms) {
  struct pollfd one = {.fd = fd, .events = POLLIN | POLLOUT | POLLPRI | POLLRDHUP};
  poll(&one, 1, ms);
  printf("%s:%s%s%s%s%s%s\n", what, one.revents & POLLIN ? " IN" : "", one.revents & POLLPRI ? " PRI" : "",
         one.revents & POLLOUT ? " OUT" : "", one.revents & POLLRDHUP ? " RDHUP" : "", one.revents & POLLERR ? " ERR" : "",
         one.revents & POLLHUP ? " HUP" : "");
}
// Waits until one of the events is there: packets on the loopback interface may take a moment.
UNUSED static void until(int fd, int events) {
  struct pollfd one = {.fd = fd, .events = (short)events};
  if (poll(&one, 1, 5000) <= 0) printf("nothing came\n");
}
UNUSED static int get_int(int fd, int level, int option) {
  int value = -12345;
  socklen_t length = sizeof value;
  return getsockopt(fd, level, option, &value, &length) == -1 ? -1 : value;
}
UNUSED static int set_int(int fd, int level, int option, int value) {
  return setsockopt(fd, level, option, &value, sizeof value);
}
UNUSED static const char *error_of(int fd) {
  return errname(get_int(fd, SOL_SOCKET, SO_ERROR));
}
// Reads once and prints what came.
UNUSED static void take(const char *what, int fd, int flags) {
  char text[128];
  errno = 0;
  ssize_t got = recv(fd, text, sizeof text - 1, flags);
  if (got < 0) printf("%s: %s\n", what, errname(errno));
  else printf("%s: %zd \"%.*s\"\n", what, got, (int)got, text);
}
#endif
