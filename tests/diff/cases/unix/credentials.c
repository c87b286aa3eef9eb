// SCM_CREDENTIALS and SO_PASSCRED (man 7 unix).
#include "../../sockets.h"

static int ends[2];
static void make(int type) { MUST(socketpair(AF_UNIX, type, 0, ends)); }
static void want(int fd, int on) { MUST(setsockopt(fd, SOL_SOCKET, SO_PASSCRED, &on, sizeof on)); }

static long send_as(int fd, const char *text, pid_t pid, uid_t uid, gid_t gid) {
  struct iovec part = {(void *)text, strlen(text)};
  union {
    struct cmsghdr head;
    char room[64];
  } control;
  memset(&control, 0, sizeof control);
  struct ucred who = {pid, uid, gid};
  control.head.cmsg_level = SOL_SOCKET;
  control.head.cmsg_type = SCM_CREDENTIALS;
  control.head.cmsg_len = CMSG_LEN(sizeof who);
  memcpy(CMSG_DATA(&control.head), &who, sizeof who);
  struct msghdr message = {
      .msg_iov = &part, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = CMSG_LEN(sizeof who)};
  return sendmsg(fd, &message, 0);
}

CASE(by_option) {
  make(SOCK_DGRAM);
  OPTION(ends[1], SOL_SOCKET, SO_PASSCRED);
  SHOW(send(ends[0], "before", 6, 0));
  want(ends[1], 1);
  OPTION(ends[1], SOL_SOCKET, SO_PASSCRED);
  receive_message(ends[1], 20, 100, 0);
  SHOW(send(ends[0], "after", 5, 0));
  receive_message(ends[1], 20, 100, MSG_PEEK);
  receive_message(ends[1], 20, 100, 0);
  SHOW(send(ends[0], "no room", 7, 0));
  receive_message(ends[1], 20, 0, 0);
  SHOW(send(ends[0], "little room", 11, 0));
  receive_message(ends[1], 20, 20, 0);
  pid_t pid = (pid_t)MUST(fork());
  if (pid == 0) {
    MUST(setgid(1234));
    MUST(setuid(4321));
    MUST(send(ends[0], "child", 5, 0));
    _exit(0);
  }
  reap(pid);
  receive_message(ends[1], 20, 100, 0);
}

CASE(given) {
  make(SOCK_STREAM);
  want(ends[1], 1);
  SHOW(send_as(ends[0], "root may", getpid(), 77, 88));
  receive_message(ends[1], 20, 100, 0);
  SHOW(send_as(ends[0], "no such", 4194303, 0, 0));
  pid_t pid = (pid_t)MUST(fork());
  if (pid == 0) {
    MUST(setgid(500));
    MUST(setuid(600));
    SHOW(send_as(ends[0], "own", getpid(), 600, 500));
    SHOW(send_as(ends[0], "x", getpid(), 601, 500));
    SHOW(send_as(ends[0], "x", getpid(), 600, 501));
    SHOW(send_as(ends[0], "x", getppid(), 600, 500));
    _exit(0);
  }
  reap(pid);
  receive_message(ends[1], 20, 100, 0);
}

CASE(streams_of_several_senders) {
  make(SOCK_STREAM);
  want(ends[1], 1);
  MUST(write(ends[0], "one ", 4));
  MUST(write(ends[0], "more", 4));
  pid_t pid = (pid_t)MUST(fork());
  if (pid == 0) {
    MUST(write(ends[0], "other", 5));
    _exit(0);
  }
  reap(pid);
  MUST(write(ends[0], "again", 5));
  receive_message(ends[1], 6, 100, 0);
  receive_message(ends[1], 100, 100, 0);
  receive_message(ends[1], 100, 100, 0);
  receive_message(ends[1], 100, 100, 0);
  want(ends[1], 0);
  MUST(write(ends[0], "a", 1));
  MUST(send_as(ends[0], "b", getpid(), 5, 6));
  receive_message(ends[1], 100, 100, 0);
  MUST(write(ends[0], "unknown", 7));
  want(ends[1], 1);
  receive_message(ends[1], 100, 100, 0);
}

CASE(at_the_end) {
  make(SOCK_STREAM);
  want(ends[1], 1);
  MUST(write(ends[0], "last", 4));
  close(ends[0]);
  receive_message(ends[1], 100, 100, 0);
  receive_message(ends[1], 100, 100, 0);
}

CASE(sequenced_packets) {
  make(SOCK_SEQPACKET);
  want(ends[1], 1);
  MUST(send(ends[0], "packet", 6, 0));
  receive_message(ends[1], 100, 100, 0);
  MUST(send(ends[1], "back", 4, 0)); // names itself, as senders do that pass credentials
  struct sockaddr_un name;
  socklen_t length = sizeof name;
  MUST(getsockname(ends[1], (void *)&name, &length));
  NUM(length);
}

CASE(before_accept) {
  int listener = MUST(socket(AF_UNIX, SOCK_STREAM, 0));
  MUST(unix_bind(listener, "server"));
  MUST(listen(listener, 3));
  int client = MUST(socket(AF_UNIX, SOCK_STREAM, 0));
  MUST(unix_connect(client, "server"));
  MUST(write(client, "early", 5));
  int end = MUST(accept(listener, NULL, NULL));
  MUST(write(client, "late", 4));
  want(end, 1);
  receive_message(end, 100, 100, 0);
  receive_message(end, 100, 100, MSG_DONTWAIT);
}

CASE(passed_on_to_connections) {
  int listener = MUST(socket(AF_UNIX, SOCK_STREAM, 0));
  want(listener, 1);
  MUST(unix_bind(listener, "server"));
  MUST(listen(listener, 3));
  int client = MUST(socket(AF_UNIX, SOCK_STREAM, 0));
  MUST(unix_connect(client, "server"));
  int end = MUST(accept(listener, NULL, NULL));
  OPTION(end, SOL_SOCKET, SO_PASSCRED);
  MUST(write(client, "text", 4));
  receive_message(end, 100, 100, 0);
}

CASE(autobound) {
  int fd = MUST(socket(AF_UNIX, SOCK_DGRAM, 0)), server = MUST(socket(AF_UNIX, SOCK_DGRAM, 0));
  MUST(unix_bind(server, "server"));
  want(fd, 1);
  MUST(unix_sendto(fd, "x", "server"));
  struct sockaddr_un name;
  socklen_t length = sizeof name;
  MUST(getsockname(fd, (void *)&name, &length));
  NUM(length);
}

// Two control messages in one buffer, laid out by the C library's macros.
CASE(beside_descriptors) {
  make(SOCK_STREAM);
  want(ends[1], 1);
  struct ucred who = {getpid(), 5, 6};
  struct iovec part = {"both", 4};
  union {
    struct cmsghdr head;
    char room[CMSG_SPACE(sizeof(int)) + CMSG_SPACE(sizeof who)];
  } control;
  memset(&control, 0, sizeof control);
  struct msghdr message = {
      .msg_iov = &part, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof control};
  struct cmsghdr *head = CMSG_FIRSTHDR(&message);
  *head = (struct cmsghdr){.cmsg_len = CMSG_LEN(sizeof(int)), .cmsg_level = SOL_SOCKET, .cmsg_type = SCM_RIGHTS};
  *(int *)CMSG_DATA(head) = ends[0];
  head = CMSG_NXTHDR(&message, head);
  *head = (struct cmsghdr){.cmsg_len = CMSG_LEN(sizeof who), .cmsg_level = SOL_SOCKET, .cmsg_type = SCM_CREDENTIALS};
  memcpy(CMSG_DATA(head), &who, sizeof who);
  NUM(CMSG_SPACE(1));
  NUM(CMSG_SPACE(sizeof who));
  SHOW(sendmsg(ends[0], &message, 0));
  receive_message(ends[1], 20, 100, 0);
}
