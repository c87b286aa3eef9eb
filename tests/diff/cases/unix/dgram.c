// AF_UNIX datagrams: boundaries, names of senders, queues, errors (man 7 unix).
#include "../../sockets.h"

static int ends[2];
static int make(void) { return (int)MUST(socket(AF_UNIX, SOCK_DGRAM, 0)); }
static int named(const char *name) {
  int fd = make();
  MUST(unix_bind(fd, name));
  return fd;
}
static void pair(void) { MUST(socketpair(AF_UNIX, SOCK_DGRAM, 0, ends)); }

CASE(boundaries) {
  pair();
  POLL(ends[0]);
  SHOW(write(ends[0], "first", 5));
  SHOW(write(ends[0], "second", 6));
  SHOW(send(ends[0], "", 0, 0));
  SHOW(write(ends[0], "", 0));
  SHOW(write(ends[0], "last", 4));
  int bytes;
  MUST(ioctl(ends[1], FIONREAD, &bytes));
  NUM(bytes);
  READ(ends[1], 3);
  RECV(ends[1], 3, MSG_TRUNC);
  RECV(ends[1], 10, MSG_PEEK);
  POLL(ends[1]);
  READ(ends[1], 0);
  READ(ends[1], 10);
  READ(ends[1], 10);
  RECV(ends[1], 2, MSG_PEEK | MSG_TRUNC);
  receive_message(ends[1], 2, 0, 0);
  RECV(ends[1], 10, MSG_DONTWAIT);
  struct iovec parts[2] = {{"one ", 4}, {"message", 7}};
  SHOW(writev(ends[1], parts, 2));
  READ(ends[0], 20);
  POLL(ends[1]);
}

CASE(by_name) {
  int server = named("server"), client = make();
  SHOW(unix_sendto(client, "anonymous", "server"));
  receive_message(server, 100, 0, 0);
  MUST(unix_bind(client, "client"));
  SHOW(unix_sendto(client, "named", "server"));
  receive_message(server, 100, 0, 0);
  SHOW(unix_sendto(server, "reply", "client"));
  READ(client, 10);
  SHOW(send(client, "x", 1, 0));
  SHOW(unix_sendto(client, "x", "missing"));
  put("file", "");
  SHOW(unix_sendto(client, "x", "file"));
  SHOW(sendto(client, "x", 1, 0, NULL, 5));
  struct sockaddr_un from;
  socklen_t length = sizeof from;
  MUST(unix_sendto(client, "again", "server"));
  char text[10];
  SHOW(recvfrom(server, text, 10, 0, (void *)&from, &length));
  print_unix("from", &from, length);
  MUST(unix_sendto(client, "later", "server"));
  close(client);
  receive_message(server, 100, 0, 0);
}

CASE(connected) {
  int server = named("server"), client = make(), third = named("third");
  PEERNAME(client);
  SHOW(unix_connect(client, "server"));
  PEERNAME(client);
  SHOW(send(client, "hello", 5, 0));
  READ(server, 10);
  SHOW(unix_sendto(client, "elsewhere", "third"));
  READ(third, 10);
  SHOW(unix_connect(server, "third"));
  SHOW(send(client, "x", 1, 0));
  SHOW(unix_sendto(client, "x", "server"));
  SHOW(unix_connect(make(), "server"));
  SHOW(send(server, "to third", 8, 0));
  receive_message(third, 20, 0, 0);
  struct sockaddr nobody = {.sa_family = AF_UNSPEC};
  SHOW(connect(server, &nobody, sizeof nobody));
  PEERNAME(server);
  SHOW(send(client, "again", 5, 0));
  READ(server, 10);
  SHOW(connect(client, &nobody, 1));
  SHOW(send(server, "x", 1, 0));
}

CASE(peer_goes) {
  int server = named("server"), client = make();
  MUST(unix_connect(client, "server"));
  MUST(send(client, "lost", 4, 0));
  close(server);
  POLL(client);
  SHOW(send(client, "x", 1, 0));
  SHOW(send(client, "x", 1, 0));
  PEERNAME(client);
  SHOW(unix_sendto(client, "x", "server"));
  pair();
  MUST(write(ends[1], "kept", 4));
  close(ends[1]);
  POLL(ends[0]);
  READ(ends[0], 10);
  RECV(ends[0], 10, MSG_DONTWAIT);
  signal(SIGPIPE, SIG_DFL);
  SHOW(write(ends[0], "x", 1));
}

CASE(peer_that_was_connected_goes) {
  int server = named("server"), client = named("client");
  MUST(unix_connect(client, "server"));
  MUST(unix_connect(server, "client"));
  SHOW(unix_connect(make(), "client"));
  MUST(unix_connect(server, "server"));
  close(server);
  SHOW(send(client, "x", 1, 0));
  PEERNAME(client);
}

CASE(shutting_down) {
  pair();
  MUST(write(ends[1], "before", 6));
  SHOW(shutdown(ends[0], SHUT_RD));
  POLL(ends[0]);
  SHOW(write(ends[1], "x", 1));
  READ(ends[0], 10);
  READ(ends[0], 10);
  RECV(ends[0], 10, MSG_DONTWAIT);
  SHOW(shutdown(ends[0], SHUT_WR));
  SHOW(write(ends[0], "x", 1));
  POLL(ends[0]);
  POLL(ends[1]);
  SHOW(shutdown(make(), SHUT_RDWR));
}

CASE(full_queue) {
  int server = named("server"), client = make();
  MUST(unix_connect(client, "server"));
  MUST(fcntl(client, F_SETFL, O_NONBLOCK));
  int count = 0;
  while (send(client, "x", 1, 0) == 1) count++;
  printf("%d then %s\n", count, errname(errno));
  POLL(client);
  SHOW(unix_sendto(client, "x", "server"));
  READ(server, 1);
  POLL(client);
  SHOW(send(client, "x", 1, 0));
  SHOW(send(client, "x", 1, 0));
}

CASE(full_buffer) {
  pair();
  MUST(fcntl(ends[0], F_SETFL, O_NONBLOCK));
  int count = 0;
  while (send(ends[0], "x", 1, 0) == 1) count++;
  printf("%d then %s\n", count, errname(errno));
  POLL(ends[0]);
  for (int i = 0; i < 100; i++) MUST(read(ends[1], &count, 1));
  POLL(ends[0]);
  SHOW(send(ends[0], "x", 1, 0));
  while (recv(ends[1], &count, 1, MSG_DONTWAIT) == 1);
  POLL(ends[0]);
  int size = 5000;
  MUST(setsockopt(ends[0], SOL_SOCKET, SO_SNDBUF, &size, sizeof size));
  static char big[300000];
  SHOW(send(ends[0], big, 10000 - 31, 0));
  SHOW(send(ends[0], big, 10000 - 32, 0));
  SHOW(send(ends[1], big, sizeof big, 0));
  SHOW(send(ends[1], big, 200000, 0));
  SHOW(recv(ends[0], big, sizeof big, 0));
}

CASE(sender_waits) {
  int server = named("server");
  pid_t pid = (pid_t)MUST(fork());
  if (pid == 0) {
    int fd = make();
    for (int i = 0; i < 11; i++) MUST(unix_sendto(fd, "x", "server"));
    SHOW(unix_sendto(fd, "waited", "server"));
    struct timeval limit = {.tv_usec = 10000};
    MUST(setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit));
    SHOW(unix_sendto(fd, "not", "server"));
    _exit(0);
  }
  until_asleep(pid);
  char byte;
  MUST(read(server, &byte, 1));
  reap(pid);
  for (int i = 0; i < 10; i++) READ(server, 1);
  READ(server, 10);
}

CASE(receiver_waits) {
  pair();
  pid_t pid = (pid_t)MUST(fork());
  if (pid == 0) {
    READ(ends[1], 10);
    READ(ends[1], 10);
    _exit(0);
  }
  until_asleep(pid);
  MUST(write(ends[0], "woken", 5));
  until_asleep(pid);
  MUST(shutdown(ends[1], SHUT_RD));
  reap(pid);
}

CASE(many_at_once) {
  pair();
  struct iovec parts[4] = {{"one", 3}, {"two", 3}, {"three", 5}, {"four", 4}};
  struct mmsghdr messages[4];
  memset(messages, 0, sizeof messages);
  for (int i = 0; i < 4; i++) messages[i].msg_hdr = (struct msghdr){.msg_iov = parts + i, .msg_iovlen = 1};
  SHOW(sendmmsg(ends[0], messages, 4, 0));
  NUM(messages[2].msg_len);
  char texts[6][4];
  struct iovec into[6];
  struct mmsghdr got[6];
  memset(got, 0, sizeof got);
  for (int i = 0; i < 6; i++) {
    into[i] = (struct iovec){texts[i], 4};
    got[i].msg_hdr = (struct msghdr){.msg_iov = into + i, .msg_iovlen = 1};
  }
  SHOW(recvmmsg(ends[1], got, 2, 0, NULL));
  SHOW(recvmmsg(ends[1], got + 2, 4, MSG_WAITFORONE, NULL));
  for (int i = 0; i < 4; i++)
    printf("%.4s %u %s\n", texts[i], got[i].msg_len, got[i].msg_hdr.msg_flags & MSG_TRUNC ? "cut" : "");
  SHOW(recvmmsg(ends[1], got, 2, MSG_DONTWAIT, NULL));
  struct timespec bad = {.tv_nsec = -1};
  SHOW(recvmmsg(ends[1], got, 2, 0, &bad));
  pid_t pid = (pid_t)MUST(fork());
  if (pid == 0) {
    SHOW(recvmmsg(ends[1], got, 3, 0, NULL));
    _exit(0);
  }
  for (int i = 0; i < 3; i++) {
    until_asleep(pid);
    MUST(write(ends[0], "part", 4));
  }
  reap(pid);
}

CASE(to_itself) {
  int fd = named("self");
  SHOW(unix_connect(fd, "self"));
  SHOW(write(fd, "echo", 4));
  receive_message(fd, 10, 0, 0);
  POLL(fd);
}

CASE(raw_is_datagram) {
  SHOW(socketpair(AF_UNIX, SOCK_RAW, 0, ends));
  OPTION(ends[0], SOL_SOCKET, SO_TYPE);
  SHOW(write(ends[0], "raw", 3));
  READ(ends[1], 10);
}

CASE(reset_by_reconnecting) {
  pair();
  int other = named("other");
  MUST(write(ends[1], "unread", 6));
  SHOW(unix_connect(ends[0], "other"));
  POLL(ends[1]);
  OPTION(ends[1], SOL_SOCKET, SO_ERROR);
  POLL(ends[0]);
  close(other);
}
