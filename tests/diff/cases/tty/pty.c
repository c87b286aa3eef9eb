// Pseudo-terminals: opening, closing, both directions (pty(7)).
#include "terminal.h"

CASE(open_both) {
  master = (int)MUST(posix_openpt(O_RDWR | O_NOCTTY));
  const char *name = ptsname(master);
  NUM(strncmp(name, "/dev/pts/", 9));
  unsigned number = 0;
  SHOW(ioctl(master, TIOCGPTN, &number));
  NUM((int)number == atoi(name + 9));
  // Locked until unlockpt.
  SHOW(open(name, O_RDWR | O_NOCTTY));
  SHOW(grantpt(master));
  SHOW(unlockpt(master));
  SHOW(open(name, O_RDWR | O_NOCTTY));
  printf("%d %d\n", isatty(3), isatty(4));
  NUM(strcmp(ttyname(4), name));
  struct stat st;
  MUST(fstat(4, &st));
  printf("%o\n", st.st_mode & S_IFMT);
  SHOW(ptsname(0) == NULL);
  STR(errname(errno));
}

CASE(through_it) {
  open_pair();
  MUST(write(slave, "to the screen\n", 14));
  screen(15);
  no_echo();
  type("typed\n");
  line_read(100);
}

CASE(slave_closed) {
  open_pair();
  close(slave);
  struct pollfd one = {.fd = master, .events = POLLIN};
  SHOW(poll(&one, 1, 1000));
  NUM(one.revents & (POLLIN | POLLHUP | POLLERR));
  char byte;
  SHOW(read(master, &byte, 1));
  // Opened again, it works again.
  slave = (int)MUST(open(slave_name, O_RDWR | O_NOCTTY));
  MUST(write(slave, "back", 4));
  screen(4);
}

CASE(output_before_close) {
  open_pair();
  MUST(write(slave, "last words", 10));
  close(slave);
  screen(10);
  char byte;
  SHOW(read(master, &byte, 1));
}

CASE(master_closed) {
  open_pair();
  close(master);
  signal(SIGHUP, SIG_IGN);
  char byte;
  SHOW(read(slave, &byte, 1));
  SHOW(write(slave, "x", 1));
  struct pollfd one = {.fd = slave, .events = POLLIN | POLLOUT};
  SHOW(poll(&one, 1, 0));
  NUM((one.revents & POLLHUP) != 0);
  struct termios t;
  SHOW(tcgetattr(slave, &t));
  SHOW(open(slave_name, O_RDWR | O_NOCTTY));
}

CASE(without_waiting) {
  open_pair();
  MUST(fcntl(slave, F_SETFL, O_NONBLOCK));
  MUST(fcntl(master, F_SETFL, O_NONBLOCK));
  char byte;
  SHOW(read(slave, &byte, 1));
  SHOW(read(master, &byte, 1));
  no_echo();
  type("partial");
  sleep_ms(20);
  // A line that is not complete is not there.
  SHOW(read(slave, &byte, 1));
  type("\n");
  SHOW(readable(1000));
  line_read(100);
}

CASE(not_seekable) {
  open_pair();
  SHOW(lseek(slave, 0, SEEK_CUR));
  SHOW(pread(slave, &(char){0}, 1, 0));
  SHOW(ftruncate(slave, 0));
}

CASE(much_output) {
  open_pair();
  pid_t pid = (pid_t)MUST(fork());
  if (pid == 0) {
    for (int i = 0; i < 2000; i++) dprintf(slave, "line %04d\n", i);
    _exit(0);
  }
  close(slave);
  long total = 0, newlines = 0;
  char block[512];
  ssize_t got;
  while ((got = read(master, block, sizeof block)) > 0) {
    total += got;
    for (ssize_t i = 0; i < got; i++) newlines += block[i] == '\n';
  }
  printf("%ld bytes, %ld lines, then %s\n", total, newlines, errname(errno));
  reap(pid);
}

CASE(several_pairs) {
  int masters[4];
  char names[4][64];
  for (int i = 0; i < 4; i++) {
    open_pair();
    masters[i] = master;
    strcpy(names[i], slave_name);
    MUST(write(slave, &(char){(char)('a' + i)}, 1));
  }
  for (int i = 0; i < 4; i++) {
    master = masters[i];
    screen(1);
  }
  NUM(strcmp(names[0], names[1]) != 0);
}
