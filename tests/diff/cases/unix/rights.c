// Descriptors in messages: SCM_RIGHTS (man 7 unix).
#include <sys/resource.h>
#include "../../sockets.h"

static int ends[2];
static void make(int type) { MUST(socketpair(AF_UNIX, type, 0, ends)); }
static int text_file(const char *name, const char *text) {
  put(name, text);
  return (int)MUST(open(name, O_RDWR));
}

CASE(one_descriptor) {
  make(SOCK_STREAM);
  int fd = text_file("file", "content");
  SHOW(send_fds(ends[0], "take", &fd, 1));
  close(fd);
  NUM(receive_message(ends[1], 100, 100, 0));
  READ(received[0], 3);
  NUM(fcntl(received[0], F_GETFD));
  SHOW(lseek(received[0], 0, SEEK_CUR));
}

CASE(shared_description) {
  make(SOCK_DGRAM);
  int fd = text_file("file", "content");
  MUST(send_fds(ends[0], "take", &fd, 1));
  receive_message(ends[1], 100, 100, MSG_CMSG_CLOEXEC);
  NUM(fcntl(received[0], F_GETFD));
  READ(received[0], 3);
  READ(fd, 10);
}

CASE(several) {
  make(SOCK_STREAM);
  int fds[4];
  for (int i = 0; i < 4; i++) fds[i] = MUST(dup(ends[0]));
  SHOW(send_fds(ends[0], "four", fds, 4));
  NUM(receive_message(ends[1], 100, CMSG_LEN(8), 0));
  SHOW(send_fds(ends[0], "four", fds, 4));
  NUM(receive_message(ends[1], 100, CMSG_LEN(0), 0));
  SHOW(send_fds(ends[0], "four", fds, 4));
  NUM(receive_message(ends[1], 100, 8, 0));
  SHOW(send_fds(ends[0], "four", fds, 4));
  NUM(receive_message(ends[1], 100, 0, 0));
  SHOW(send_fds(ends[0], "four", fds, 4));
  READ(ends[1], 100);
}

CASE(where_a_read_ends) {
  make(SOCK_STREAM);
  int fd = ends[0];
  MUST(write(ends[0], "plain", 5));
  MUST(send_fds(ends[0], "first", &fd, 1));
  MUST(write(ends[0], "more", 4));
  MUST(write(ends[0], "more", 4));
  MUST(send_fds(ends[0], "second", &fd, 1));
  MUST(send_fds(ends[0], "third", &fd, 1));
  int left;
  MUST(ioctl(ends[1], FIONREAD, &left));
  NUM(left);
  POLL(ends[1]);
  receive_message(ends[1], 3, 100, 0);
  receive_message(ends[1], 100, 100, 0);
  receive_message(ends[1], 2, 100, MSG_PEEK);
  receive_message(ends[1], 10, 100, MSG_PEEK);
  receive_message(ends[1], 10, 100, 0);
  receive_message(ends[1], 2, 100, 0);
  READ(ends[1], 100);
  RECV(ends[1], 100, MSG_DONTWAIT);
  MUST(write(ends[0], "fast again", 10));
  READ(ends[1], 100);
}

CASE(only_part_of_a_message) {
  make(SOCK_STREAM);
  int fd = ends[0];
  MUST(send_fds(ends[0], "abcdef", &fd, 1));
  MUST(write(ends[0], "ghi", 3));
  receive_message(ends[1], 2, 100, 0);
  receive_message(ends[1], 100, 100, 0);
}

CASE(no_bytes_but_a_descriptor) {
  make(SOCK_STREAM);
  int fd = ends[0];
  MUST(send_fds(ends[0], "abc", &fd, 1));
  RECV(ends[1], 0, 0);
  MUST(write(ends[0], "def", 3));
  receive_message(ends[1], 10, 100, 0);
}

CASE(peeking_copies) {
  make(SOCK_DGRAM);
  int fd = text_file("file", "content");
  MUST(send_fds(ends[0], "take", &fd, 1));
  NUM(receive_message(ends[1], 10, 100, MSG_PEEK));
  int first = received[0];
  NUM(receive_message(ends[1], 10, 100, 0));
  NUM(first != received[0]);
  READ(first, 4);
  READ(received[0], 10);
}

CASE(bad_messages) {
  make(SOCK_STREAM);
  int bad[2] = {ends[0], 77};
  SHOW(send_fds(ends[0], "x", bad, 2));
  int fds[254];
  for (int i = 0; i < 254; i++) fds[i] = ends[0];
  SHOW(send_fds(ends[0], "x", fds, 254));
  SHOW(send_fds(ends[0], "x", fds, 253));
  NUM(receive_message(ends[1], 1, CMSG_LEN(8), 0));
  SHOW(send_fds(ends[0], "", fds, 1));
  RECV(ends[1], 1, MSG_DONTWAIT);
  struct iovec part = {"x", 1};
  union {
    struct cmsghdr head;
    char room[64];
  } control;
  memset(&control, 0, sizeof control);
  struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = 20};
  SHOW(sendmsg(ends[0], &message, 0)); // no length
  control.head.cmsg_len = 24;
  SHOW(sendmsg(ends[0], &message, 0)); // longer than the buffer
  control.head.cmsg_len = 20;
  SHOW(sendmsg(ends[0], &message, 0)); // another level: passed over
  control.head.cmsg_level = SOL_SOCKET;
  control.head.cmsg_type = 77;
  SHOW(sendmsg(ends[0], &message, 0));
  message.msg_controllen = 15;
  SHOW(sendmsg(ends[0], &message, 0)); // shorter than a head
  message = (struct msghdr){.msg_iov = &part, .msg_iovlen = 1025};
  SHOW(SYS3(SYS_sendmsg, ends[0], &message, 0));
  SHOW(SYS3(SYS_sendmsg, ends[0], BAD_ADDRESS, 0));
  SHOW(SYS3(SYS_recvmsg, ends[0], BAD_ADDRESS, 0));
  message = (struct msghdr){.msg_iov = BAD_ADDRESS, .msg_iovlen = 1};
  SHOW(SYS3(SYS_sendmsg, ends[0], &message, 0));
  part.iov_base = BAD_ADDRESS;
  message.msg_iov = &part;
  SHOW(SYS3(SYS_sendmsg, ends[0], &message, 0));
}

CASE(descriptors_run_out) {
  make(SOCK_STREAM);
  int fds[3] = {ends[0], ends[0], ends[0]};
  struct rlimit limit = {6, 6};
  MUST(setrlimit(RLIMIT_NOFILE, &limit));
  SHOW(send_fds(ends[0], "three", fds, 3));
  NUM(receive_message(ends[1], 10, 100, 0));
  SHOW(send_fds(ends[0], "three", fds, 3));
  NUM(receive_message(ends[1], 10, 100, 0));
}

CASE(lost_with_the_message) {
  int pipes[2];
  MUST(pipe(pipes));
  make(SOCK_STREAM);
  MUST(send_fds(ends[0], "x", &pipes[1], 1));
  close(pipes[1]);
  struct pollfd ready = {.fd = pipes[0], .events = POLLIN};
  NUM(poll(&ready, 1, 0));
  close(ends[1]);
  NUM(poll(&ready, 1, 1000));
  NUM(ready.revents == POLLHUP);
}

// Waits until the other end of a pipe is closed: cycles are collected some time after they came about.
static void until_closed(int fd) {
  struct pollfd ready = {.fd = fd, .events = POLLIN};
  printf("closed: %s\n", poll(&ready, 1, 3000) == 1 && ready.revents == POLLHUP ? "yes" : "no");
}

CASE(a_socket_in_itself) {
  int pipes[2];
  MUST(pipe(pipes));
  make(SOCK_STREAM);
  int both[2] = {ends[1], pipes[1]};
  MUST(send_fds(ends[0], "x", both, 2)); // waits at ends[1], which it carries
  close(pipes[1]);
  close(ends[1]);
  struct pollfd ready = {.fd = pipes[0], .events = POLLIN};
  NUM(poll(&ready, 1, 0));
  POLL(ends[0]);
  NUM(send(ends[0], "still there", 11, 0));
  close(ends[0]);
  int other[2];
  MUST(socketpair(AF_UNIX, SOCK_STREAM, 0, other));
  close(other[0]);
  close(other[1]);
  until_closed(pipes[0]);
}

CASE(two_in_each_other) {
  int pipes[2], other[2];
  MUST(pipe(pipes));
  make(SOCK_DGRAM);
  MUST(socketpair(AF_UNIX, SOCK_STREAM, 0, other));
  MUST(send_fds(ends[0], "a", &other[1], 1));
  int both[2] = {ends[1], pipes[1]};
  MUST(send_fds(other[0], "b", both, 2));
  close(pipes[1]);
  close(ends[1]);
  close(other[1]);
  close(ends[0]);
  close(other[0]);
  until_closed(pipes[0]);
}

CASE(reachable_cycles_stay) {
  int pipes[2], other[2];
  MUST(pipe(pipes));
  make(SOCK_STREAM);
  MUST(socketpair(AF_UNIX, SOCK_STREAM, 0, other));
  int both[2] = {ends[1], pipes[1]};
  MUST(send_fds(ends[0], "inner", both, 2));
  MUST(send_fds(other[0], "outer", &ends[1], 1));
  close(pipes[1]);
  close(ends[1]);
  close(ends[0]);
  close(other[0]);
  struct pollfd ready = {.fd = pipes[0], .events = POLLIN};
  NUM(poll(&ready, 1, 50));
  receive_message(other[1], 10, 100, 0);
  int inner = received[0];
  NUM(receive_message(inner, 10, 100, 0));
  NUM(poll(&ready, 1, 0));
  close(received[1]);
  NUM(poll(&ready, 1, 0));
}

CASE(in_a_listeners_queue) {
  int pipes[2];
  MUST(pipe(pipes));
  int listener = MUST(socket(AF_UNIX, SOCK_STREAM, 0));
  MUST(unix_bind(listener, "server"));
  MUST(listen(listener, 3));
  int client = MUST(socket(AF_UNIX, SOCK_STREAM, 0));
  MUST(unix_connect(client, "server"));
  int both[2] = {listener, pipes[1]};
  MUST(send_fds(client, "x", both, 2));
  close(pipes[1]);
  close(client);
  struct pollfd ready = {.fd = pipes[0], .events = POLLIN};
  NUM(poll(&ready, 1, 0));
  close(listener);
  make(SOCK_STREAM);
  close(ends[0]);
  close(ends[1]);
  until_closed(pipes[0]);
}

CASE(too_many_in_flight) {
  make(SOCK_STREAM);
  struct rlimit limit = {20, 20};
  MUST(setrlimit(RLIMIT_NOFILE, &limit));
  int fds[15];
  for (int i = 0; i < 15; i++) fds[i] = ends[0];
  SHOW(send_fds(ends[0], "root may", fds, 15));
  SHOW(send_fds(ends[0], "root may", fds, 15));
  SHOW(send_fds(ends[0], "root may", fds, 15));
  pid_t pid = (pid_t)MUST(fork());
  if (pid == 0) {
    MUST(socketpair(AF_UNIX, SOCK_STREAM, 0, ends));
    MUST(setuid(65533));
    SHOW(send_fds(ends[0], "x", fds, 15));
    SHOW(send_fds(ends[0], "x", fds, 15));
    SHOW(send_fds(ends[0], "x", fds, 15));
    char text[8];
    MUST(read(ends[1], text, 1));
    SHOW(send_fds(ends[0], "x", fds, 15));
    _exit(0);
  }
  reap(pid);
}

CASE(to_another_process) {
  make(SOCK_SEQPACKET);
  pid_t pid = (pid_t)MUST(fork());
  if (pid == 0) {
    close(ends[0]);
    receive_message(ends[1], 10, 100, 0);
    MUST(write(received[0], "from the child", 14));
    _exit(0);
  }
  close(ends[1]);
  until_asleep(pid);
  int fd = MUST(open("file", O_RDWR | O_CREAT, 0600));
  MUST(send_fds(ends[0], "file", &fd, 1));
  close(fd);
  reap(pid);
  STR(get("file"));
}
