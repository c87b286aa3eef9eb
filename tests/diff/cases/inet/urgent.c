// Urgent data of TCP (man 7 tcp, MSG_OOB): one byte that overtakes the rest, and the mark where it stood.
#include "inet.h"

static int at_mark(int fd) {
  int at = -1;
  return ioctl(fd, SIOCATMARK, &at) == -1 ? -1 : at;
}
CASE(one_byte) {
  int ends[2], count;
  connection(ends);
  take("none yet", ends[1], MSG_OOB);
  SHOW(send(ends[0], "abc", 3, MSG_OOB));
  until(ends[1], POLLPRI);
  readiness("urgent", ends[1], 0);
  NUM(at_mark(ends[1]));
  SHOW(ioctl(ends[1], FIONREAD, &count));
  NUM(count);
  take("peek", ends[1], MSG_OOB | MSG_PEEK);
  take("urgent", ends[1], MSG_OOB);
  take("again", ends[1], MSG_OOB);
  readiness("taken", ends[1], 0);
  take("the rest", ends[1], 0);
  NUM(at_mark(ends[1]));
  readiness("at the mark", ends[1], 0);
  take("nothing", ends[1], MSG_DONTWAIT);
  SHOW(send(ends[0], "de", 2, 0));
  until(ends[1], POLLIN);
  readiness("more", ends[1], 0);
  take("more", ends[1], 0);
  NUM(at_mark(ends[1]));
}
CASE(stops_at_the_mark) {
  int ends[2];
  connection(ends);
  MUST(send(ends[0], "12", 2, 0));
  MUST(send(ends[0], "!", 1, MSG_OOB));
  MUST(send(ends[0], "34", 2, 0));
  until(ends[1], POLLPRI);
  sleep_ms(5);
  take("before", ends[1], 0);
  NUM(at_mark(ends[1]));
  take("after", ends[1], 0);
  NUM(at_mark(ends[1]));
  take("too late", ends[1], MSG_OOB);
}
CASE(in_line) {
  int ends[2];
  connection(ends);
  MUST(set_int(ends[1], SOL_SOCKET, SO_OOBINLINE, 1));
  MUST(send(ends[0], "ab!", 3, MSG_OOB));
  MUST(send(ends[0], "cd", 2, 0));
  until(ends[1], POLLPRI);
  sleep_ms(5);
  readiness("urgent", ends[1], 0);
  take("out of line", ends[1], MSG_OOB);
  take("before", ends[1], 0);
  NUM(at_mark(ends[1]));
  take("from the mark on", ends[1], 0);
  NUM(at_mark(ends[1]));
}
static volatile int signals;
static void count_signal(int number) {
  signals++;
}
CASE(signal_to_the_owner) {
  int ends[2];
  connection(ends);
  on_signal(SIGURG, count_signal, SA_RESTART);
  SHOW(fcntl(ends[1], F_SETOWN, getpid()));
  NUM(fcntl(ends[1], F_GETOWN) == getpid());
  MUST(send(ends[0], "!", 1, MSG_OOB));
  until(ends[1], POLLPRI);
  sleep_ms(5);
  NUM(signals);
}
CASE(wait_all) {
  int ends[2];
  connection(ends);
  MUST(send(ends[0], "12", 2, 0));
  MUST(send(ends[0], "!", 1, MSG_OOB));
  MUST(send(ends[0], "34", 2, 0));
  until(ends[1], POLLPRI);
  sleep_ms(5);
  char text[8] = "";
  SHOW(recv(ends[1], text, 4, MSG_WAITALL));
  STR(text);
}
CASE(peek_at_the_mark) {
  int ends[2];
  connection(ends);
  MUST(send(ends[0], "!", 1, MSG_OOB));
  MUST(send(ends[0], "ab", 2, 0));
  until(ends[1], POLLPRI);
  sleep_ms(5);
  take("peek", ends[1], MSG_PEEK);
  NUM(at_mark(ends[1]));
  take("read", ends[1], 0);
  NUM(at_mark(ends[1]));
}
CASE(passed_by_a_read_in_vain) {
  int ends[2];
  connection(ends);
  MUST(send(ends[0], "!", 1, MSG_OOB));
  until(ends[1], POLLPRI);
  take("peek", ends[1], MSG_PEEK | MSG_DONTWAIT);
  readiness("still there", ends[1], 0);
  take("read", ends[1], MSG_DONTWAIT);
  readiness("gone", ends[1], 0);
  take("urgent", ends[1], MSG_OOB);
}
CASE(two) {
  int ends[2], one = 1;
  connection(ends);
  MUST(setsockopt(ends[0], IPPROTO_TCP, TCP_NODELAY, &one, sizeof one));
  MUST(send(ends[0], "ab!", 3, MSG_OOB));
  MUST(send(ends[0], "cd?", 3, MSG_OOB));
  until(ends[1], POLLPRI);
  sleep_ms(5);
  take("urgent", ends[1], MSG_OOB);
  take("before", ends[1], 0);
  take("rest", ends[1], MSG_DONTWAIT);
}
CASE(the_end) {
  int ends[2];
  connection(ends);
  MUST(send(ends[0], "!", 1, MSG_OOB));
  MUST(shutdown(ends[0], SHUT_WR));
  until(ends[1], POLLRDHUP);
  readiness("closed", ends[1], 0);
  take("data", ends[1], 0);
  take("urgent", ends[1], MSG_OOB);
}
CASE(not_connected) {
  int fd = new_socket(AF_INET, SOCK_STREAM);
  take("recv", fd, MSG_OOB);
  SHOW(send(fd, "x", 1, MSG_OOB | MSG_NOSIGNAL));
  NUM(at_mark(fd));
}
