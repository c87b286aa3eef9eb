// A pseudo-terminal for the tty cases. What is typed on the master goes through the line discipline on a kernel worker, so
// a case waits for what it expects to see (screen) before it looks at anything that depends on it.
#ifndef RING3_TESTS_TERMINAL_H
#define RING3_TESTS_TERMINAL_H
#include <sys/ioctl.h>
#include <termios.h>
#include "../../harness.h"

UNUSED static int master, slave;
UNUSED static char slave_name[64];

UNUSED static void open_pair(void) {
  master = (int)MUST(posix_openpt(O_RDWR | O_NOCTTY));
  MUST(grantpt(master));
  MUST(unlockpt(master));
  snprintf(slave_name, sizeof slave_name, "%s", ptsname(master));
  slave = (int)MUST(open(slave_name, O_RDWR | O_NOCTTY));
}

UNUSED static void type(const char *text) {
  MUST(write(master, text, strlen(text)));
}

UNUSED static void escaped(const char *text, ssize_t length) {
  putchar('"');
  for (ssize_t i = 0; i < length; i++) {
    unsigned char c = (unsigned char)text[i];
    if (c == '\n')
      printf("\\n");
    else if (c == '\r')
      printf("\\r");
    else if (c == '\b')
      printf("\\b");
    else if (c == '\t')
      printf("\\t");
    else if (c < 32 || c > 126)
      printf("\\x%02x", c);
    else
      putchar(c);
  }
  printf("\"\n");
}

// Prints what the terminal's user sees: waits for `wanted` bytes, at most a second.
UNUSED static void screen(size_t wanted) {
  char text[4096];
  size_t length = 0;
  struct pollfd one = {.fd = master, .events = POLLIN};
  while (length < wanted && poll(&one, 1, 1000) == 1) {
    ssize_t got = read(master, text + length, sizeof text - length);
    if (got <= 0) break;
    length += (size_t)got;
  }
  printf("screen ");
  escaped(text, (ssize_t)length);
}

// Reads once from the slave, and prints what came.
UNUSED static void line_read(size_t size) {
  char text[4096];
  errno = 0;
  ssize_t got = read(slave, text, size);
  if (got == -1) {
    printf("read: %s\n", errname(errno));
    return;
  }
  printf("read %ld ", (long)got);
  escaped(text, got);
}

// Whether the slave has something to read within the time (milliseconds).
UNUSED static int readable(int time) {
  struct pollfd one = {.fd = slave, .events = POLLIN};
  return poll(&one, 1, time);
}

UNUSED static struct termios settings(void) {
  struct termios t;
  MUST(tcgetattr(slave, &t));
  return t;
}
UNUSED static void set(const struct termios *t) {
  MUST(tcsetattr(slave, TCSANOW, t));
}
UNUSED static void no_echo(void) {
  struct termios t = settings();
  t.c_lflag &= ~(tcflag_t)(ECHO | ECHONL);
  set(&t);
}
UNUSED static void raw(int min, int time) {
  struct termios t = settings();
  cfmakeraw(&t);
  t.c_cc[VMIN] = (cc_t)min;
  t.c_cc[VTIME] = (cc_t)time;
  set(&t);
}
#endif
