// Canonical mode: lines, editing, echo (termios(3), N_TTY).
#include "terminal.h"

CASE(lines) {
  open_pair();
  no_echo();
  type("one\ntwo\nthree");
  line_read(100);
  line_read(100);
  SHOW(readable(0));
  type("\n");
  line_read(100);
}

// A short read takes part of a line, the rest comes next; a long one never takes two.
CASE(short_reads) {
  open_pair();
  no_echo();
  type("abcdef\nghi\n");
  line_read(3);
  line_read(3);
  line_read(100);
  line_read(100);
}

CASE(end_of_file) {
  open_pair();
  no_echo();
  type("\x04");
  line_read(100);
  type("part\x04");
  line_read(100);
  type("x\n\x04");
  line_read(100);
  line_read(100);
  type("ab\x04\x04");
  line_read(100);
  line_read(100);
}

CASE(erase_characters) {
  open_pair();
  no_echo();
  type("helpo\x7f\x7flo\n");
  line_read(100);
  type("\x7f\x7fx\x7f\x7fy\n");
  line_read(100);
  type("one two  three\x17\x17xx\n");
  line_read(100);
  type("wrong line\x15right\n");
  line_read(100);
}

CASE(literal_next) {
  open_pair();
  no_echo();
  type("a\x16\x7f"
       "b\x16\x16"
       "c\x16\x04"
       "d\n");
  line_read(100);
}

CASE(echo) {
  open_pair();
  type("abc\n");
  screen(5);
  type("x\x7fy\n");
  screen(7);
  type("\x01\x02\n");
  screen(6);
  type("\t\n");
  screen(3);
}

CASE(echo_of_kill) {
  open_pair();
  type("abc\x15z\n");
  screen(15);
  line_read(100);
  struct termios t = settings();
  t.c_lflag &= ~(tcflag_t)(ECHOKE | ECHOE);
  set(&t);
  type("abc\x15\n");
  screen(9);
  line_read(100);
  type("ab\x7f\n");
  screen(5);
  line_read(100);
}

CASE(echo_of_word_erase) {
  open_pair();
  type("one two\x17\n");
  screen(18);
  line_read(100);
}

CASE(echo_of_control_characters) {
  open_pair();
  struct termios t = settings();
  t.c_lflag &= ~(tcflag_t)ECHOCTL;
  set(&t);
  type("\x01z\n");
  screen(4);
  line_read(100);
  t.c_lflag |= ECHOCTL;
  set(&t);
  type("a\x01\x7f\x7f\n");
  screen(14);
  line_read(100);
}

CASE(echo_newline_only) {
  open_pair();
  struct termios t = settings();
  t.c_lflag &= ~(tcflag_t)ECHO;
  t.c_lflag |= ECHONL;
  set(&t);
  type("secret\n");
  screen(2);
  line_read(100);
}

CASE(carriage_returns) {
  open_pair();
  no_echo();
  type("a\rb\n");
  line_read(100);
  line_read(100);
  struct termios t = settings();
  t.c_iflag &= ~(tcflag_t)ICRNL;
  set(&t);
  type("a\rb\n");
  line_read(100);
  t.c_iflag |= IGNCR;
  set(&t);
  type("a\rb\n");
  line_read(100);
  t.c_iflag = (t.c_iflag & ~(tcflag_t)IGNCR) | INLCR;
  t.c_cc[VEOL] = '!';
  set(&t);
  type("a\nb!");
  line_read(100);
}

CASE(more_line_ends) {
  open_pair();
  no_echo();
  struct termios t = settings();
  t.c_cc[VEOL] = ';';
  t.c_cc[VEOL2] = ',';
  set(&t);
  type("one;two,three\n");
  line_read(100);
  line_read(100);
  line_read(100);
}

CASE(output_processing) {
  open_pair();
  MUST(write(slave, "a\nb\n", 4));
  screen(6);
  struct termios t = settings();
  t.c_oflag &= ~(tcflag_t)ONLCR;
  set(&t);
  MUST(write(slave, "a\nb\n", 4));
  screen(4);
  t.c_oflag |= OCRNL;
  set(&t);
  MUST(write(slave, "a\rb", 3));
  screen(3);
  t.c_oflag = OPOST | OLCUC;
  set(&t);
  MUST(write(slave, "lower", 5));
  screen(5);
  t.c_oflag = OPOST | ONLCR | XTABS;
  set(&t);
  MUST(write(slave, "\nab\tc\n", 6));
  screen(13);
  t.c_oflag = ONLCR;
  set(&t);
  MUST(write(slave, "a\n", 2));
  screen(2);
}

// The longest line has 4095 characters and its newline; what is typed beyond is lost.
CASE(longest_line) {
  open_pair();
  no_echo();
  char block[1001];
  memset(block, 'x', 1000);
  block[1000] = 0;
  for (int i = 0; i < 5; i++) {
    type(block);
    sleep_ms(2);
  }
  type("\n");
  char text[6000];
  SHOW(read(slave, text, sizeof text));
  NUM(text[4094]);
  NUM(text[4095]);
}

CASE(utf8_erase) {
  open_pair();
  no_echo();
  struct termios t = settings();
  t.c_iflag |= IUTF8;
  set(&t);
  type("a\xc3\xa9\x7f"
       "b\n");
  line_read(100);
  t.c_iflag &= ~(tcflag_t)IUTF8;
  set(&t);
  type("a\xc3\xa9\x7f"
       "b\n");
  line_read(100);
}
