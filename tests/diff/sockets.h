// What the cases about sockets share.
#ifndef RING3_TESTS_SOCKETS_H
#define RING3_TESTS_SOCKETS_H
#include <stddef.h>
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

// An AF_UNIX address: a path, or after '@' an abstract name. Its length goes to `length`.
UNUSED static struct sockaddr_un unix_address(const char *name, socklen_t *length) {
  struct sockaddr_un address = {.sun_family = AF_UNIX};
  size_t size = strlen(name);
  memcpy(address.sun_path, name, size);
  if (*name == '@') address.sun_path[0] = 0;
  *length = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + size + (*name != '@'));
  return address;
}
UNUSED static int unix_bind(int fd, const char *name) {
  socklen_t length;
  struct sockaddr_un address = unix_address(name, &length);
  return bind(fd, (void *)&address, length);
}
UNUSED static int unix_connect(int fd, const char *name) {
  socklen_t length;
  struct sockaddr_un address = unix_address(name, &length);
  return connect(fd, (void *)&address, length);
}
UNUSED static long unix_sendto(int fd, const char *text, const char *name) {
  socklen_t length;
  struct sockaddr_un address = unix_address(name, &length);
  return sendto(fd, text, strlen(text), 0, (void *)&address, length);
}

// An AF_UNIX address as it came: its length, and its name with '@' for NUL.
UNUSED static void print_unix(const char *what, const struct sockaddr_un *address, socklen_t length) {
  printf("%s: %d", what, (int)length);
  if (length >= 2) printf(" family %d \"", address->sun_family);
  for (int i = 2; i < (int)length && i < (int)sizeof *address; i++) {
    char c = address->sun_path[i - 2];
    putchar(c ? c : '@');
  }
  printf("%s\n", length >= 2 ? "\"" : "");
}
UNUSED static void show_name(const char *what, int fd, int (*call)(int, struct sockaddr *, socklen_t *)) {
  struct sockaddr_un address;
  memset(&address, 0x55, sizeof address);
  socklen_t length = sizeof address;
  if (call(fd, (void *)&address, &length) == -1) printf("%s: %s\n", what, errname(errno));
  else print_unix(what, &address, length);
}
#define SOCKNAME(fd) show_name("getsockname(" #fd ")", fd, getsockname)
#define PEERNAME(fd) show_name("getpeername(" #fd ")", fd, getpeername)

// Sends text with descriptors, and receives what there is: bytes, flags, descriptors that came, credentials.
UNUSED static long send_fds(int fd, const char *text, const int *fds, int count) {
  struct iovec part = {(void *)text, strlen(text)};
  union {
    struct cmsghdr head;
    char room[2048];
  } control;
  memset(&control, 0, sizeof control);
  struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1};
  if (count > 0) {
    message.msg_control = &control;
    message.msg_controllen = CMSG_SPACE(4 * (unsigned)count);
    control.head.cmsg_level = SOL_SOCKET;
    control.head.cmsg_type = SCM_RIGHTS;
    control.head.cmsg_len = CMSG_LEN(4 * (unsigned)count);
    memcpy(CMSG_DATA(&control.head), fds, 4 * (unsigned)count);
  }
  return SYS3(SYS_sendmsg, fd, &message, 0); // musl's sendmsg takes no more than 1 KiB of control messages
}

UNUSED static int received[64];
UNUSED static int receive_message(int fd, size_t size, size_t control_size, int flags) {
  static char text[65536];
  struct iovec part = {text, size};
  union {
    struct cmsghdr head;
    char room[2048];
  } control;
  struct sockaddr_un from;
  memset(&from, 0, sizeof from);
  struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1, .msg_name = &from, .msg_namelen = sizeof from};
  message.msg_control = control_size ? &control : NULL;
  message.msg_controllen = (socklen_t)control_size;
  ssize_t got = recvmsg(fd, &message, flags);
  if (got < 0) {
    printf("recvmsg: %s\n", errname(errno));
    return -1;
  }
  printf("recvmsg: %zd", got);
  if (got <= 64) printf(" \"%.*s\"", (int)(got < (ssize_t)size ? got : (ssize_t)size), text);
  printf("%s%s%s%s", message.msg_flags & MSG_TRUNC ? " TRUNC" : "", message.msg_flags & MSG_CTRUNC ? " CTRUNC" : "",
         message.msg_flags & MSG_EOR ? " EOR" : "", message.msg_flags & MSG_CMSG_CLOEXEC ? " CLOEXEC" : "");
  int count = 0;
  for (struct cmsghdr *at = CMSG_FIRSTHDR(&message); at; at = CMSG_NXTHDR(&message, at)) {
    if (at->cmsg_level != SOL_SOCKET) printf(" level %d", at->cmsg_level);
    if (at->cmsg_type == SCM_RIGHTS) {
      int fds = (int)((at->cmsg_len - CMSG_LEN(0)) / 4);
      printf(" rights %d", fds);
      memcpy(received + count, CMSG_DATA(at), 4 * (unsigned)fds);
      count += fds;
    } else if (at->cmsg_type == SCM_CREDENTIALS) {
      struct ucred who;
      memcpy(&who, CMSG_DATA(at), sizeof who);
      printf(" from %s %d/%d", who.pid == getpid() ? "self" : who.pid == 0 ? "nobody" : "other", who.uid, who.gid);
    } else printf(" type %d", at->cmsg_type);
  }
  printf("\n");
  if (message.msg_namelen > 0) print_unix("  name", &from, message.msg_namelen);
  return count;
}
#endif
