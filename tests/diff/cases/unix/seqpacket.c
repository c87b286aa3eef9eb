// AF_UNIX SOCK_SEQPACKET: connections that keep boundaries (man 7 unix).
#include "../../sockets.h"

static int ends[2];
static void pair(void) { MUST(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, ends)); }

CASE(boundaries) {
  pair();
  OPTION(ends[0], SOL_SOCKET, SO_TYPE);
  SHOW(write(ends[0], "first", 5));
  SHOW(write(ends[0], "second", 6));
  SHOW(send(ends[0], "", 0, MSG_EOR));
  int bytes;
  MUST(ioctl(ends[1], FIONREAD, &bytes));
  NUM(bytes);
  receive_message(ends[1], 3, 0, 0);
  POLL(ends[1]);
  READ(ends[1], 10);
  RECV(ends[1], 10, 0);
  RECV(ends[1], 10, MSG_DONTWAIT);
  static char big[300000];
  SHOW(send(ends[0], big, sizeof big, 0));
  SHOW(send(ends[0], big, 100000, 0));
  SHOW(recv(ends[1], big, 10, MSG_TRUNC));
}

CASE(closing) {
  signal(SIGPIPE, SIG_DFL);
  pair();
  MUST(write(ends[0], "kept", 4));
  close(ends[0]);
  POLL(ends[1]);
  READ(ends[1], 10);
  READ(ends[1], 10);
  RECV(ends[1], 10, MSG_DONTWAIT);
  SHOW(write(ends[1], "x", 1));
  pair();
  MUST(write(ends[0], "unread", 6));
  MUST(write(ends[1], "unread", 6));
  close(ends[0]);
  POLL(ends[1]);
  READ(ends[1], 10);
  READ(ends[1], 10);
  READ(ends[1], 10);
}

CASE(shutting_down) {
  pair();
  SHOW(shutdown(ends[0], SHUT_WR));
  POLL(ends[0]);
  POLL(ends[1]);
  READ(ends[1], 1);
  SHOW(write(ends[0], "x", 1));
  SHOW(write(ends[1], "back", 4));
  READ(ends[0], 10);
  SHOW(shutdown(ends[0], SHUT_RD));
  SHOW(write(ends[1], "x", 1));
  POLL(ends[1]);
}

CASE(by_name) {
  int listener = MUST(socket(AF_UNIX, SOCK_SEQPACKET, 0));
  SHOW(write(listener, "x", 1));
  READ(listener, 1);
  POLL(listener);
  MUST(unix_bind(listener, "server"));
  SHOW(listen(listener, 2));
  int client = MUST(socket(AF_UNIX, SOCK_SEQPACKET, 0));
  SHOW(unix_connect(client, "server"));
  SHOW(write(client, "one", 3));
  SHOW(write(client, "two", 3));
  POLL(client);
  int end = MUST(accept(listener, NULL, NULL));
  receive_message(end, 10, 0, 0);
  SHOW(unix_sendto(end, "name ignored", "nowhere"));
  READ(client, 20);
  PEERNAME(client);
  close(client);
  POLL(end);
  READ(end, 10);
  READ(end, 10);
}

CASE(waiting) {
  pair();
  pid_t pid = (pid_t)MUST(fork());
  if (pid == 0) {
    close(ends[0]);
    READ(ends[1], 10);
    READ(ends[1], 10);
    _exit(0);
  }
  close(ends[1]);
  until_asleep(pid);
  MUST(write(ends[0], "woken", 5));
  until_asleep(pid);
  close(ends[0]);
  reap(pid);
  pair();
  pid = (pid_t)MUST(fork());
  if (pid == 0) {
    close(ends[0]);
    int count = 0;
    for (int i = 0; i < 400; i++) count += write(ends[1], "x", 1) == 1;
    NUM(count);
    _exit(0);
  }
  close(ends[1]);
  until_asleep(pid);
  int count = 0;
  char byte;
  while (read(ends[0], &byte, 1) == 1) count++;
  reap(pid);
  NUM(count);
}
