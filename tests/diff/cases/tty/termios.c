// termios(3): the settings themselves, window size, queues.
#include "terminal.h"

static void print(const struct termios *t) {
  printf("i %lx o %lx c %lx l %lx\n", (long)t->c_iflag, (long)t->c_oflag, (long)t->c_cflag, (long)t->c_lflag);
}

CASE(at_first) {
  open_pair();
  struct termios t = settings();
  print(&t);
  static const struct name characters[] = {N(VINTR), N(VQUIT), N(VERASE), N(VKILL), N(VEOF),   N(VTIME),   N(VMIN),
                                           N(VSTART), N(VSTOP), N(VSUSP), N(VEOL),  N(VREPRINT), N(VDISCARD), N(VWERASE),
                                           N(VLNEXT), N(VEOL2)};
  for (size_t i = 0; i < COUNT(characters); i++) printf("%s %d\n", characters[i].text, t.c_cc[characters[i].number]);
  printf("%d %d\n", cfgetispeed(&t) == B38400, cfgetospeed(&t) == B38400);
}

CASE(set_and_get) {
  open_pair();
  struct termios t = settings();
  t.c_lflag &= ~(tcflag_t)ECHO;
  t.c_iflag |= IXOFF;
  t.c_cc[VINTR] = 1;
  t.c_cc[VMIN] = 9;
  SHOW(tcsetattr(slave, TCSANOW, &t));
  struct termios now = settings();
  print(&now);
  printf("%d %d\n", now.c_cc[VINTR], now.c_cc[VMIN]);
  // The master sees the same.
  SHOW(tcgetattr(master, &now));
  print(&now);
  cfsetispeed(&t, B9600);
  cfsetospeed(&t, B9600);
  SHOW(tcsetattr(slave, TCSADRAIN, &t));
  now = settings();
  NUM(cfgetospeed(&now) == B9600);
  SHOW(tcsetattr(slave, 77, &t));
}

CASE(make_raw) {
  open_pair();
  struct termios t = settings();
  cfmakeraw(&t);
  SHOW(tcsetattr(slave, TCSANOW, &t));
  struct termios now = settings();
  print(&now);
  printf("%d %d\n", now.c_cc[VMIN], now.c_cc[VTIME]);
}

CASE(window_size) {
  open_pair();
  struct winsize size = {9, 9, 9, 9};
  SHOW(ioctl(slave, TIOCGWINSZ, &size));
  printf("%d %d %d %d\n", size.ws_row, size.ws_col, size.ws_xpixel, size.ws_ypixel);
  SHOW(ioctl(master, TIOCSWINSZ, &(struct winsize){24, 80, 1, 2}));
  SHOW(ioctl(slave, TIOCGWINSZ, &size));
  printf("%d %d %d %d\n", size.ws_row, size.ws_col, size.ws_xpixel, size.ws_ypixel);
  SHOW(ioctl(slave, TIOCSWINSZ, &(struct winsize){25, 132, 0, 0}));
  SHOW(ioctl(master, TIOCGWINSZ, &size));
  printf("%d %d\n", size.ws_row, size.ws_col);
}

CASE(bytes_waiting) {
  open_pair();
  no_echo();
  int count = -1;
  SHOW(ioctl(slave, FIONREAD, &count));
  NUM(count);
  type("hello\nrest");
  SHOW(readable(1000));
  SHOW(ioctl(slave, FIONREAD, &count));
  NUM(count);
  SHOW(ioctl(slave, TIOCOUTQ, &count));
  NUM(count);
}

CASE(flush_input) {
  open_pair();
  no_echo();
  type("thrown away\n");
  SHOW(readable(1000));
  SHOW(tcflush(slave, TCIFLUSH));
  SHOW(readable(0));
  type("kept\n");
  line_read(100);
  type("thrown away too\n");
  SHOW(readable(1000));
  struct termios t = settings();
  SHOW(tcsetattr(slave, TCSAFLUSH, &t));
  SHOW(readable(0));
  SHOW(tcflush(slave, 77));
}

CASE(stop_and_start_output) {
  open_pair();
  SHOW(tcflow(slave, TCOOFF));
  MUST(fcntl(slave, F_SETFL, O_NONBLOCK));
  SHOW(write(slave, "held", 4));
  SHOW(tcflow(slave, TCOON));
  SHOW(write(slave, "sent", 4));
  screen(4);
  SHOW(tcdrain(slave));
  SHOW(tcflow(slave, 77));
}

CASE(not_terminals) {
  struct termios t;
  int ends[2];
  MUST(pipe(ends));
  SHOW(tcgetattr(ends[0], &t));
  SHOW(tcgetattr(99, &t));
  SHOW(tcsetattr(ends[0], TCSANOW, &t));
  SHOW(tcflush(ends[0], TCIFLUSH));
  SHOW(tcgetpgrp(ends[0]));
  SHOW(tcsetpgrp(ends[0], getpgrp()));
  SHOW(tcdrain(ends[0]));
  SHOW(ttyname(ends[0]) == NULL);
  STR(errname(errno));
}
