// Non-canonical mode: VMIN and VTIME, no processing.
#include "terminal.h"

CASE(at_once) {
  open_pair();
  raw(1, 0);
  type("a");
  line_read(100);
  type("\x03\x04\x7f\r\n\x1a");
  SHOW(readable(1000));
  line_read(100);
}

CASE(no_echo_no_processing) {
  open_pair();
  raw(1, 0);
  type("typed");
  line_read(100);
  MUST(write(slave, "a\nb\r", 4));
  screen(4);
}

CASE(polling_read) {
  open_pair();
  raw(0, 0);
  line_read(100);
  type("xyz");
  SHOW(readable(1000));
  line_read(2);
  line_read(2);
  line_read(2);
}

CASE(read_with_timeout) {
  open_pair();
  raw(0, 1);
  long before = now_ms();
  line_read(100);
  NUM(now_ms() - before >= 90);
  type("quick");
  SHOW(readable(1000));
  line_read(100);
}

CASE(minimum) {
  open_pair();
  raw(5, 0);
  pid_t pid = (pid_t)MUST(fork());
  if (pid == 0) {
    line_read(100);
    _exit(0);
  }
  until_asleep(pid);
  type("ab");
  sleep_ms(20);
  NUM(waitpid(pid, NULL, WNOHANG));
  type("cde");
  reap(pid);
  // A reader that asks for less than the minimum is content with less.
  type("fg");
  SHOW(readable(50));
  line_read(2);
}

CASE(between_bytes) {
  open_pair();
  raw(10, 1);
  type("abc");
  long before = now_ms();
  line_read(100);
  NUM(now_ms() - before >= 50);
}

CASE(from_canonical_to_raw) {
  open_pair();
  no_echo();
  type("no newline");
  SHOW(readable(30));
  raw(1, 0);
  SHOW(readable(1000));
  line_read(100);
}

CASE(strip_and_signals) {
  open_pair();
  raw(1, 0);
  struct termios t = settings();
  t.c_iflag |= ISTRIP | ICRNL;
  set(&t);
  type("\xe1\r");
  SHOW(readable(1000));
  sleep_ms(5);
  line_read(100);
}

CASE(flow_control) {
  open_pair();
  struct termios t = settings();
  t.c_lflag &= ~(tcflag_t)ECHO;
  set(&t);
  MUST(fcntl(slave, F_SETFL, O_NONBLOCK));
  type("\x13line\n");
  SHOW(readable(1000));
  SHOW(write(slave, "held", 4));
  type("\x11more\n");
  line_read(100);
  SHOW(readable(1000));
  line_read(100);
  SHOW(write(slave, "sent", 4));
  screen(4);
}
