// tcp(7): connections over the loopback interface, as both ends see them.
#include "inet.h"

CASE(connect_accept) {
  int listener = new_socket(AF_INET, SOCK_STREAM);
  STR(text_of(name_of(listener)));
  SHOW(bind_to(listener, v4("127.0.0.1", 0)));
  STR(text_of(name_of(listener)));
  SHOW(listen(listener, 5));
  int client = new_socket(AF_INET, SOCK_STREAM);
  SHOW(connect_to(client, name_of(listener)));
  union address peer = {0};
  socklen_t length = sizeof peer;
  int server = (int)accept(listener, &peer.any, &length);
  OKAY(server);
  NUM(length);
  STR(text_of(peer));
  NUM(port_of(peer) == port(client));
  NUM(port_of(peer_of(client)) == port(listener));
  NUM(port(server) == port(listener));
  STR(text_of(name_of(server)));
  STR(text_of(peer_of(server)));
  SHOW(write(client, "hello", 5));
  take("server", server, 0);
  SHOW(send(server, "you", 3, 0));
  take("client", client, 0);
  close(client);
  take("after close", server, 0);
  take("and again", server, 0);
}
CASE(not_connected) {
  int fd = new_socket(AF_INET, SOCK_STREAM);
  signal(SIGPIPE, SIG_IGN);
  take("recv", fd, 0);
  SHOW(send(fd, "x", 1, 0));
  SHOW(shutdown(fd, SHUT_WR));
  union address a;
  socklen_t length = sizeof a;
  SHOW(getpeername(fd, &a.any, &length));
  SHOW(accept(fd, NULL, NULL));
  readiness("fresh", fd, 0);
  MUST(bind_to(fd, v4("127.0.0.1", 0)));
  readiness("bound", fd, 0);
  MUST(listen(fd, 1));
  readiness("listening", fd, 0);
  take("recv", fd, 0);
  SHOW(send(fd, "x", 1, 0));
  SHOW(connect_to(fd, v4("127.0.0.1", 9)));
  SHOW(getpeername(fd, &a.any, &length));
}
CASE(refused) {
  int closed = new_socket(AF_INET, SOCK_STREAM);
  MUST(bind_to(closed, v4("127.0.0.1", 0)));
  int fd = new_socket(AF_INET, SOCK_STREAM);
  SHOW(connect_to(fd, name_of(closed)));
  STR(error_of(fd));
  readiness("refused", fd, 0);
  take("recv", fd, 0);
  // The same socket may try again.
  MUST(listen(closed, 1));
  SHOW(connect_to(fd, name_of(closed)));
  SHOW(connect_to(fd, name_of(closed)));
}
CASE(refused_nonblocking) {
  int closed = new_socket(AF_INET, SOCK_STREAM);
  MUST(bind_to(closed, v4("127.0.0.1", 0)));
  int fd = new_socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK);
  SHOW(connect_to(fd, name_of(closed)));
  until(fd, POLLOUT);
  readiness("refused", fd, 0);
  STR(error_of(fd));
  STR(error_of(fd));
  readiness("error taken", fd, 0);
  SHOW(connect_to(fd, name_of(closed)));
  until(fd, POLLOUT);
  SHOW(connect_to(fd, name_of(closed)));
  take("recv", fd, 0);
}
CASE(nonblocking_connect) {
  int listener = new_listener(1);
  int fd = new_socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK);
  SHOW(connect_to(fd, name_of(listener)));
  until(fd, POLLOUT);
  STR(error_of(fd));
  SHOW(connect_to(fd, name_of(listener)));
  SHOW(connect_to(fd, name_of(listener)));
  readiness("connected", fd, 0);
  take("recv", fd, 0);
}
CASE(accept_nonblocking) {
  int listener = new_listener(3);
  nonblocking(listener);
  SHOW(accept(listener, NULL, NULL));
  int one = new_socket(AF_INET, SOCK_STREAM);
  MUST(connect_to(one, name_of(listener)));
  until(listener, POLLIN);
  readiness("listener", listener, 0);
  int server = (int)MUST(accept(listener, NULL, NULL));
  NUM(fcntl(server, F_GETFL) & O_NONBLOCK);
  NUM(fcntl(server, F_GETFD));
  MUST(connect_to(new_socket(AF_INET, SOCK_STREAM), name_of(listener)));
  until(listener, POLLIN);
  server = (int)MUST(accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC));
  NUM(!!(fcntl(server, F_GETFL) & O_NONBLOCK));
  NUM(fcntl(server, F_GETFD));
  SHOW(SYS4(SYS_accept4, listener, 0, 0, 1));
}
CASE(half_close) {
  int ends[2];
  connection(ends);
  SHOW(shutdown(ends[0], SHUT_WR));
  until(ends[1], POLLRDHUP);
  readiness("closed for writing", ends[0], 0);
  readiness("peer", ends[1], 0);
  take("peer", ends[1], 0);
  SHOW(send(ends[1], "still", 5, 0));
  take("reply", ends[0], 0);
  SHOW(send(ends[0], "x", 1, MSG_NOSIGNAL));
  SHOW(shutdown(ends[0], SHUT_WR));
  SHOW(shutdown(ends[1], SHUT_WR));
  until(ends[0], POLLRDHUP);
  readiness("both closed", ends[0], 0);
  readiness("peer", ends[1], 0);
  take("end", ends[0], 0);
  SHOW(shutdown(ends[1], SHUT_RD));
  SHOW(shutdown(ends[0], 7));
}
CASE(shutdown_read) {
  int ends[2];
  connection(ends);
  MUST(write(ends[1], "before", 6));
  until(ends[0], POLLIN);
  SHOW(shutdown(ends[0], SHUT_RD));
  readiness("shut", ends[0], 0);
  take("kept", ends[0], 0);
  take("then", ends[0], 0);
  readiness("peer", ends[1], 0);
  SHOW(send(ends[1], "after", 5, MSG_NOSIGNAL));
  until(ends[0], POLLIN);
  take("what comes later", ends[0], 0);
  take("then", ends[0], 0);
}
CASE(shut_down_wholly) {
  // Who has said its last and will not read answers bytes with a reset.
  int ends[2];
  connection(ends);
  SHOW(shutdown(ends[0], SHUT_RDWR));
  until(ends[1], POLLRDHUP);
  readiness("shut", ends[0], 0);
  readiness("peer", ends[1], 0);
  SHOW(send(ends[1], "x", 1, MSG_NOSIGNAL));
  until(ends[1], POLLERR);
  readiness("shut", ends[0], 0);
  readiness("peer", ends[1], 0);
  take("shut", ends[0], 0);
  STR(error_of(ends[0]));
  SHOW(send(ends[1], "x", 1, MSG_NOSIGNAL));
  // In two steps it is the same.
  connection(ends);
  SHOW(shutdown(ends[0], SHUT_WR));
  SHOW(shutdown(ends[0], SHUT_RD));
  until(ends[1], POLLRDHUP);
  SHOW(send(ends[1], "x", 1, MSG_NOSIGNAL));
  until(ends[1], POLLERR);
  STR(error_of(ends[1]));
}
CASE(shut_down_before) {
  // What shutdown(2) says of a socket without a connection is not forgotten.
  int listener = new_socket(AF_INET, SOCK_STREAM), fd = new_socket(AF_INET, SOCK_STREAM);
  SHOW(shutdown(listener, SHUT_WR));
  MUST(bind_to(listener, v4("127.0.0.1", 0)));
  MUST(listen(listener, 2));
  readiness("listening", listener, 0);
  MUST(connect_to(fd, name_of(listener)));
  until(fd, POLLRDHUP);
  readiness("client", fd, 0);
  int server = (int)MUST(accept(listener, NULL, NULL));
  readiness("server", server, 0);
  SHOW(send(server, "x", 1, MSG_NOSIGNAL));
  SHOW(send(fd, "x", 1, MSG_NOSIGNAL));
  take("server", server, 0);
  int late = new_socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK);
  SHOW(connect_to(late, name_of(listener)));
  until(late, POLLOUT);
  SHOW(shutdown(late, SHUT_RD));
  SHOW(connect_to(late, name_of(listener)));
}
CASE(shutdown_listener) {
  int listener = new_listener(2);
  union address to = name_of(listener);
  SHOW(shutdown(listener, SHUT_WR));
  readiness("write half", listener, 0);
  SHOW(shutdown(listener, SHUT_RD));
  readiness("read half", listener, 0);
  SHOW(accept(listener, NULL, NULL));
  int fd = new_socket(AF_INET, SOCK_STREAM);
  SHOW(connect_to(fd, to));
  // It is still bound, and can listen again.
  NUM(port(listener) == port_of(to));
  SHOW(listen(listener, 2));
  readiness("listening again", listener, 0);
}
CASE(peer_gone) {
  int ends[2];
  connection(ends);
  signal(SIGPIPE, SIG_IGN);
  close(ends[1]);
  until(ends[0], POLLRDHUP);
  readiness("closed", ends[0], 0);
  take("end", ends[0], 0);
  SHOW(write(ends[0], "lost", 4));
  until(ends[0], POLLERR);
  readiness("answered by a reset", ends[0], 0);
  take("end", ends[0], 0);
  SHOW(write(ends[0], "lost", 4));
  STR(error_of(ends[0]));
  readiness("error taken", ends[0], 0);
  SHOW(write(ends[0], "lost", 4));
  take("end", ends[0], 0);
}
CASE(reset_by_unread_data) {
  int ends[2];
  connection(ends);
  signal(SIGPIPE, SIG_IGN);
  MUST(write(ends[1], "for you", 7));
  MUST(write(ends[0], "never read", 10));
  until(ends[1], POLLIN);
  until(ends[0], POLLIN);
  close(ends[1]);
  until(ends[0], POLLERR);
  readiness("reset", ends[0], 0);
  take("what had come", ends[0], 0);
  take("then", ends[0], 0);
  take("then", ends[0], 0);
  SHOW(write(ends[0], "x", 1));
  union address a;
  socklen_t length = sizeof a;
  SHOW(getpeername(ends[0], &a.any, &length));
  SHOW(shutdown(ends[0], SHUT_RDWR));
}
CASE(reset_seen_by_write) {
  int ends[2];
  connection(ends);
  signal(SIGPIPE, SIG_IGN);
  MUST(write(ends[0], "never read", 10));
  until(ends[1], POLLIN);
  close(ends[1]);
  until(ends[0], POLLERR);
  SHOW(write(ends[0], "x", 1));
  SHOW(write(ends[0], "x", 1));
  take("then", ends[0], 0);
}
CASE(reset_by_linger) {
  int ends[2];
  connection(ends);
  struct linger hard = {.l_onoff = 1, .l_linger = 0};
  MUST(setsockopt(ends[1], SOL_SOCKET, SO_LINGER, &hard, sizeof hard));
  MUST(write(ends[1], "x", 1));
  until(ends[0], POLLIN);
  close(ends[1]);
  until(ends[0], POLLERR);
  readiness("reset", ends[0], 0);
  STR(error_of(ends[0]));
  take("then", ends[0], 0);
  take("then", ends[0], 0);
}
CASE(listener_gone) {
  // What waits to be accepted is reset.
  int listener = new_listener(2), fd = new_socket(AF_INET, SOCK_STREAM);
  MUST(connect_to(fd, name_of(listener)));
  until(listener, POLLIN);
  close(listener);
  until(fd, POLLERR);
  readiness("reset", fd, 0);
  take("then", fd, 0);
  take("then", fd, 0);
}
CASE(backlog) {
  int listener = new_listener(1), fds[4];
  union address to = name_of(listener);
  for (int i = 0; i < 2; i++) {
    fds[i] = new_socket(AF_INET, SOCK_STREAM);
    MUST(connect_to(fds[i], to));
  }
  // One more than the backlog fits; the next waits for room.
  fds[2] = new_socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK);
  SHOW(connect_to(fds[2], to));
  SHOW(connect_to(fds[2], to));
  readiness("waiting", fds[2], 20);
  take("recv", fds[2], 0);
  SHOW(send(fds[2], "x", 1, MSG_NOSIGNAL));
  STR(text_of(peer_of(fds[0])));
  union address a;
  socklen_t length = sizeof a;
  SHOW(getpeername(fds[2], &a.any, &length));
  OKAY(accept(listener, NULL, NULL));
  OKAY(accept(listener, NULL, NULL));
  until(fds[2], POLLOUT);
  readiness("connected", fds[2], 0);
  OKAY(accept(listener, NULL, NULL));
}
CASE(data_before_accept) {
  int listener = new_listener(2), fd = new_socket(AF_INET, SOCK_STREAM);
  MUST(connect_to(fd, name_of(listener)));
  SHOW(write(fd, "early", 5));
  close(fd);
  int server = (int)MUST(accept(listener, NULL, NULL));
  until(server, POLLRDHUP);
  take("server", server, 0);
  take("server", server, 0);
}
CASE(blocking_accept) {
  int listener = new_listener(2);
  pid_t child = (pid_t)MUST(fork());
  if (!child) {
    int server = (int)MUST(accept(listener, NULL, NULL));
    char text[8];
    SHOW(read(server, text, sizeof text));
    MUST(write(server, "back", 4));
    _exit(3);
  }
  until_asleep(child);
  int fd = new_socket(AF_INET, SOCK_STREAM);
  MUST(connect_to(fd, name_of(listener)));
  until_asleep(child);
  MUST(write(fd, "abc", 3));
  take("parent", fd, MSG_WAITALL);
  reap(child);
}
CASE(large) {
  // More than any buffer holds, from one process to another.
  int ends[2];
  connection(ends);
  pid_t child = (pid_t)MUST(fork());
  static unsigned char block[100000];
  if (!child) {
    close(ends[0]);
    unsigned long sum = 0, total = 0;
    ssize_t got;
    while ((got = read(ends[1], block, sizeof block)) > 0) {
      for (ssize_t i = 0; i < got; i++) sum = sum * 31 + block[i];
      total += (unsigned long)got;
    }
    printf("child read %lu, sum %lx\n", total, sum & 0xffffffff);
    _exit(0);
  }
  close(ends[1]);
  unsigned long sum = 0;
  for (int round = 0; round < 100; round++) {
    for (size_t i = 0; i < sizeof block; i++) {
      block[i] = (unsigned char)(i * 7 + (size_t)round);
      sum = sum * 31 + block[i];
    }
    for (size_t done = 0; done < sizeof block;) done += (size_t)MUST(write(ends[0], block + done, sizeof block - done));
  }
  close(ends[0]);
  reap(child);
  printf("parent sent %lx\n", sum & 0xffffffff);
}
CASE(peek_and_wait) {
  int ends[2];
  connection(ends);
  MUST(write(ends[0], "abcdef", 6));
  until(ends[1], POLLIN);
  char text[16] = "";
  SHOW(recv(ends[1], text, 3, MSG_PEEK));
  STR(text);
  int count = -1;
  SHOW(ioctl(ends[1], FIONREAD, &count));
  NUM(count);
  SHOW(recv(ends[1], text, 16, MSG_TRUNC));
  STR(text);
  SHOW(recv(ends[1], text, 16, MSG_DONTWAIT));
  MUST(write(ends[0], "12", 2));
  MUST(shutdown(ends[0], SHUT_WR));
  SHOW(recv(ends[1], text, 16, MSG_WAITALL));
  SHOW(recv(ends[1], text, 0, 0));
}
CASE(vectors) {
  int ends[2];
  connection(ends);
  struct iovec out[3] = {{"one", 3}, {"", 0}, {"three", 5}};
  SHOW(writev(ends[0], out, 3));
  until(ends[1], POLLIN);
  char a[4] = "", b[16] = "";
  struct iovec in[2] = {{a, 3}, {b, 15}};
  SHOW(readv(ends[1], in, 2));
  STR(a);
  STR(b);
  union address from = {0};
  struct msghdr message = {.msg_name = &from, .msg_namelen = sizeof from, .msg_iov = in, .msg_iovlen = 2};
  MUST(write(ends[0], "xyz", 3));
  SHOW(recvmsg(ends[1], &message, 0));
  NUM(message.msg_namelen);
  NUM(message.msg_flags);
  // recvfrom leaves the address alone as well.
  MUST(write(ends[0], "xyz", 3));
  socklen_t length = sizeof from;
  SHOW(recvfrom(ends[1], b, 3, 0, &from.any, &length));
  NUM(length);
  // An address given to send is ignored on a connection.
  SHOW(send_to(ends[0], "zzz", v4("127.0.0.1", 1)));
}
CASE(full_buffer) {
  int ends[2];
  connection(ends);
  nonblocking(ends[0]);
  static char block[65536];
  long total = 0;
  ssize_t put;
  // The kernel's buffers grow while nobody reads; there is an end.
  while (total < 64 << 20 && (put = write(ends[0], block, sizeof block)) > 0) total += put;
  printf("%s\n", errname(errno));
  NUM(total > 100000 && total < 64 << 20);
  sleep_ms(30);
  while (total < 64 << 20 && (put = write(ends[0], block, sizeof block)) > 0) total += put;
  readiness("full", ends[0], 0);
  long got = 0;
  nonblocking(ends[1]);
  while (got < total) {
    ssize_t some = read(ends[1], block, sizeof block);
    if (some > 0) got += some;
    else until(ends[1], POLLIN);
  }
  NUM(got == total);
  until(ends[0], POLLOUT);
  readiness("drained", ends[0], 0);
}
CASE(broken_pipe_signal) {
  int ends[2];
  connection(ends);
  shutdown(ends[0], SHUT_WR);
  pid_t child = (pid_t)MUST(fork());
  if (!child) {
    SHOW(send(ends[0], "x", 1, MSG_NOSIGNAL));
    write(ends[0], "x", 1);
    _exit(0);
  }
  reap(child);
}
CASE(timeouts) {
  int ends[2];
  connection(ends);
  struct timeval soon = {.tv_usec = 30000};
  MUST(setsockopt(ends[0], SOL_SOCKET, SO_RCVTIMEO, &soon, sizeof soon));
  take("recv", ends[0], 0);
  int listener = new_listener(1);
  MUST(setsockopt(listener, SOL_SOCKET, SO_RCVTIMEO, &soon, sizeof soon));
  SHOW(accept(listener, NULL, NULL));
}
static void nothing(int number) {
}
CASE(interrupted) {
  // man 7 signal: with a timeout set a call is not restarted.
  int ends[2];
  connection(ends);
  struct itimerval alarm_soon = {.it_value.tv_usec = 30000};
  on_signal(SIGALRM, nothing, 0);
  MUST(setitimer(ITIMER_REAL, &alarm_soon, NULL));
  take("no SA_RESTART", ends[0], 0);
  struct timeval later = {.tv_sec = 5};
  MUST(setsockopt(ends[0], SOL_SOCKET, SO_RCVTIMEO, &later, sizeof later));
  on_signal(SIGALRM, nothing, SA_RESTART);
  MUST(setitimer(ITIMER_REAL, &alarm_soon, NULL));
  take("SA_RESTART and a timeout", ends[0], 0);
}
CASE(simultaneous_processes) {
  // Eight clients, one server: every byte comes back to whom it belongs.
  int listener = new_listener(8);
  for (int i = 0; i < 8; i++) {
    if (MUST(fork())) continue;
    int fd = new_socket(AF_INET, SOCK_STREAM);
    MUST(connect_to(fd, name_of(listener)));
    char mine = (char)('a' + i), back = 0;
    for (int round = 0; round < 20; round++) {
      MUST(write(fd, &mine, 1));
      MUST(read(fd, &back, 1));
      if (back != mine) _exit(1);
    }
    _exit(0);
  }
  struct pollfd list[9] = {{.fd = listener, .events = POLLIN}};
  int used = 1, open_ends = 0, accepted = 0;
  while (accepted < 8 || open_ends > 0) {
    MUST(poll(list, (nfds_t)used, 5000));
    for (int i = used - 1; i >= 1; i--) {
      if (!list[i].revents) continue;
      char byte;
      if (read(list[i].fd, &byte, 1) == 1) MUST(write(list[i].fd, &byte, 1));
      else {
        close(list[i].fd);
        list[i] = list[--used];
        open_ends--;
      }
    }
    if (list[0].revents) {
      list[used++] = (struct pollfd){.fd = (int)MUST(accept(listener, NULL, NULL)), .events = POLLIN};
      accepted++;
      open_ends++;
    }
  }
  int failed = 0, status;
  while (wait(&status) > 0) failed += status != 0;
  NUM(failed);
}
CASE(disconnect) {
  // AF_UNSPEC ends a connection.
  int ends[2];
  connection(ends);
  struct sockaddr none = {.sa_family = AF_UNSPEC};
  SHOW(connect(ends[0], &none, sizeof none));
  until(ends[1], POLLERR | POLLIN);
  take("peer", ends[1], 0);
  STR(text_of(name_of(ends[0])));
  readiness("disconnected", ends[0], 0);
  int listener = new_listener(1);
  SHOW(connect_to(ends[0], name_of(listener)));
}
CASE(to_itself) {
  // RFC 793's simultaneous open: a socket that connects to its own address.
  int fd = new_socket(AF_INET, SOCK_STREAM);
  MUST(bind_to(fd, v4("127.0.0.1", 0)));
  SHOW(connect_to(fd, name_of(fd)));
  SHOW(write(fd, "me", 2));
  take("itself", fd, 0);
  NUM(port(fd) == port_of(peer_of(fd)));
}
CASE(info) {
  int ends[2];
  connection(ends);
  struct tcp_info info = {0};
  socklen_t length = sizeof info;
  SHOW(getsockopt(ends[0], IPPROTO_TCP, TCP_INFO, &info, &length));
  NUM(info.tcpi_state);
  MUST(shutdown(ends[0], SHUT_WR));
  until(ends[1], POLLRDHUP);
  sleep_ms(100); // the peer may acknowledge it later
  length = sizeof info;
  MUST(getsockopt(ends[0], IPPROTO_TCP, TCP_INFO, &info, &length));
  NUM(info.tcpi_state);
  length = sizeof info;
  MUST(getsockopt(ends[1], IPPROTO_TCP, TCP_INFO, &info, &length));
  NUM(info.tcpi_state);
  length = 1;
  SHOW(getsockopt(ends[1], IPPROTO_TCP, TCP_INFO, &info, &length));
  NUM(length);
  NUM(info.tcpi_state);
  int listener = new_listener(3);
  length = sizeof info;
  MUST(getsockopt(listener, IPPROTO_TCP, TCP_INFO, &info, &length));
  NUM(info.tcpi_state);
}
CASE(queues) {
  int ends[2], count = -1;
  connection(ends);
  SHOW(ioctl(ends[0], FIONREAD, &count));
  NUM(count);
  MUST(write(ends[1], "12345", 5));
  until(ends[0], POLLIN);
  sleep_ms(100);
  SHOW(ioctl(ends[0], FIONREAD, &count));
  NUM(count);
  SHOW(ioctl(ends[1], TIOCOUTQ, &count));
  NUM(count);
  int listener = new_listener(3);
  SHOW(ioctl(listener, FIONREAD, &count));
  SHOW(ioctl(listener, TIOCOUTQ, &count));
}
