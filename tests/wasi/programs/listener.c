/*
 * Sockets, which a WASI program can only inherit: standard input is one that listens; with the argument "pair" a connection, with
 * "dgram" datagrams. Answers in upper case.
 */
#include "../wasi.h"

static char buffer[100];

static void serve(u32 fd, u32 flags) {
  u32 got, sent;
  u16 more;
  struct fdstat stat;
  CALL(fd_fdstat_get(fd, &stat));
  show("type", stat.type);
  struct filestat file;
  CALL(fd_filestat_get(fd, &file));
  show("type", file.type);
  for (;;) {
    struct iovec in[2] = {{buffer, 2}, {buffer + 2, 3}};
    /* A look at what comes, then the same again. */
    CALL(sock_recv(fd, in, 1, 1, &got, &more));
    show("truncated", more);
    int error = sock_recv(fd, in, 2, flags, &got, &more);
    show("recv", error ? 1000 + error : got);
    show("flags", more);
    if (error || !got) break;
    for (u32 i = 0; i < got; i++)
      if (buffer[i] >= 'a' && buffer[i] <= 'z') buffer[i] -= 32;
    struct iovec out[2] = {{buffer, 1}, {buffer + 1, got - 1}};
    CALL(sock_send(fd, out, 2, 0, &sent));
    show("sent", sent);
  }
  CALL(sock_shutdown(fd, 2));
  struct iovec late = {buffer, 1};
  show("after shutdown", sock_send(fd, &late, 1, 0, &sent));
  CALL(fd_close(fd));
}

void _start(void) {
  u32 count, bytes, fd;
  char *arguments[3], strings[100];
  CALL(args_sizes_get(&count, &bytes));
  CALL(args_get(arguments, strings));
  if (count > 1) return serve(0, arguments[1][0] == 'p' ? 2 : 0);
  CALL(fd_fdstat_set_flags(0, NONBLOCK));
  /* Its parent connects when it has read this. */
  show("nobody there", sock_accept(0, 0, &fd));
  struct subscription wait = {.userdata = 1, .type = FD_READ, .fd = 0};
  struct event event;
  u32 events;
  CALL(poll_oneoff(&wait, &event, 1, &events));
  CALL(sock_accept(0, 0, &fd));
  show("receive from the listener", sock_recv(0, &(struct iovec){buffer, 1}, 1, 0, &count, (u16 *)buffer));
  serve(fd, 0);
  show("not a socket", sock_shutdown(1, 1));
}
