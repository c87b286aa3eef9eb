// Plays a script on a real pty and says what happened: what ours is compared with. One operation a line on stdin, one answer a line on
// stdout. The process leads the session that the slave is the terminal of, is its foreground group, and notes the signals it gets.
//
// usage: pty-oracle SETTLE    microseconds to wait for the kernel's worker after each operation
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/types.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

struct kernel_termios {
  unsigned c_iflag, c_oflag, c_cflag, c_lflag;
  unsigned char c_line, c_cc[19];
};
#ifndef TIOCSIG
#define TIOCSIG _IOW('T', 0x36, int)
#endif

static int master, slave;
static char name[64];
static volatile sig_atomic_t seen[65];

static void note(int number) {
  seen[number]++;
}

static size_t unhex(const char *text, unsigned char *out) {
  size_t n = 0;
  for (; text[0] && text[1] && text[0] != '\n' && text[0] != '-'; text += 2) {
    char pair[3] = {text[0], text[1], 0};
    out[n++] = (unsigned char)strtoul(pair, NULL, 16);
  }
  return n;
}

static void answer(long result, const unsigned char *bytes) {
  if (result < 0) {
    printf(" error %d", errno);
    return;
  }
  printf(" %ld", result);
  if (!bytes) return;
  printf(" ");
  for (long i = 0; i < result; i++) printf("%02x", bytes[i]);
}

static void signals(void) {
  for (int i = 1; i < 65; i++) {
    // How often does not count: signals that are pending twice come once.
    if (seen[i]) printf(" sig%d", i);
    seen[i] = 0;
  }
}

// In packet mode, packets of data that follow each other count as one: how they are cut depends on how far the kernel's worker was.
static void read_all(int fd) {
  unsigned char *all = malloc(1 << 20);
  long n = 0, got;
  int packets = 0, in_data = 0;
  ioctl(fd, TIOCGPKT, &packets);
  errno = 0;
  while ((got = read(fd, all + n, 4096)) > 0) {
    int data = packets && all[n] == TIOCPKT_DATA;
    if (data && in_data) memmove(all + n, all + n + 1, (size_t)--got);
    in_data = data;
    n += got;
  }
  int error = errno;
  answer(n, all);
  if (got < 0 && error != EAGAIN) printf(" then %d", error);
  free(all);
}

static void show_poll(int fd) {
  struct pollfd p = {fd, POLLIN | POLLOUT | POLLPRI | POLLRDNORM | POLLWRNORM, 0};
  poll(&p, 1, 0);
  printf(" %x", p.revents);
}

// Waits so long, whatever signals arrive meanwhile.
static void wait_for_worker(long microseconds) {
  struct timespec left = {microseconds / 1000000, microseconds % 1000000 * 1000};
  while (nanosleep(&left, &left) && errno == EINTR) {}
}

int main(int argc, char **argv) {
  long settle = argc > 1 ? atol(argv[1]) : 300;
  static char line[300000];
  static unsigned char bytes[150000];
  if (setsid() == -1 && fork()) _exit(0);
  setsid();
  struct sigaction action = {.sa_handler = note, .sa_flags = SA_RESTART};
  static const int watched[] = {SIGHUP, SIGINT, SIGQUIT, SIGTSTP, SIGCONT, SIGWINCH, SIGTTIN, SIGTTOU};
  for (size_t i = 0; i < sizeof watched / sizeof *watched; i++) sigaction(watched[i], &action, NULL);
  master = open("/dev/ptmx", O_RDWR | O_NOCTTY | O_NONBLOCK);
  int zero = 0, number;
  ioctl(master, TIOCSPTLCK, &zero);
  ioctl(master, TIOCGPTN, &number);
  snprintf(name, sizeof name, "/dev/pts/%d", number);
  slave = open(name, O_RDWR | O_NONBLOCK);
  while (fgets(line, sizeof line, stdin)) {
    char *rest = line + 2;
    printf("%c", line[0]);
    errno = 0;
    switch (line[0]) {
      case 'S': { // settings: iflag oflag lflag then 17 control characters, in hex
        struct kernel_termios t;
        ioctl(slave, TCGETS, &t);
        t.c_iflag = (unsigned)strtoul(rest, &rest, 16);
        t.c_oflag = (unsigned)strtoul(rest, &rest, 16);
        t.c_lflag = (unsigned)strtoul(rest, &rest, 16);
        unsigned how = (unsigned)strtoul(rest, &rest, 16);
        for (int i = 0; i < 17; i++) t.c_cc[i] = (unsigned char)strtoul(rest, &rest, 16);
        answer(ioctl(slave, TCSETS + how, &t), NULL);
        break;
      }
      case 'M': // written to the master
        answer(write(master, bytes, unhex(rest, bytes)), NULL);
        break;
      case 'W': // written to the slave
        answer(write(slave, bytes, unhex(rest, bytes)), NULL);
        break;
      case 'R': // read from the slave
        answer(read(slave, bytes, strtoul(rest, NULL, 10)), bytes);
        break;
      case 'r': // read from the master
        answer(read(master, bytes, strtoul(rest, NULL, 10)), bytes);
        break;
      case 'E': // all that the master has
        read_all(master);
        break;
      case 'P':
        show_poll(master);
        show_poll(slave);
        break;
      case 'Q': { // FIONREAD of both
        int n = -1;
        answer(ioctl(slave, FIONREAD, &n), NULL);
        printf(" %d", n);
        ioctl(master, FIONREAD, &n);
        printf(" %d", n);
        break;
      }
      case 'F':
        answer(ioctl(slave, TCFLSH, strtoul(rest, NULL, 10)), NULL);
        break;
      case 'f':
        answer(ioctl(master, TCFLSH, strtoul(rest, NULL, 10)), NULL);
        break;
      case 'X':
        answer(ioctl(slave, TCXONC, strtoul(rest, NULL, 10)), NULL);
        break;
      case 'K': {
        int on = atoi(rest);
        answer(ioctl(master, TIOCPKT, &on), NULL);
        break;
      }
      case 'G':
        answer(ioctl(master, TIOCSIG, strtoul(rest, NULL, 10)), NULL);
        break;
      case 'T':
        for (const char *p = rest; *p && *p != '\n'; p++) answer(ioctl(slave, TIOCSTI, p), NULL);
        break;
      case 'Z': // window size: rows, columns
      {
        struct winsize w = {0, 0, 0, 0};
        w.ws_row = (unsigned short)strtoul(rest, &rest, 10);
        w.ws_col = (unsigned short)strtoul(rest, &rest, 10);
        answer(ioctl(slave, TIOCSWINSZ, &w), NULL);
        break;
      }
      case 'C': // close the slave
        answer(close(slave), NULL);
        slave = -1;
        break;
      case 'O': // open it again
        slave = open(name, O_RDWR | O_NONBLOCK);
        answer(slave < 0 ? -1 : 0, NULL);
        break;
      case 'H': // close the master
        answer(close(master), NULL);
        master = -1;
        break;
      case 'I': { // any ioctl of the slave (1) or master (0) with a buffer: request, number at its start
        int which = (int)strtol(rest, &rest, 10);
        unsigned long request = strtoul(rest, &rest, 16);
        int buffer[32] = {(int)strtol(rest, &rest, 10)};
        answer(ioctl(which ? slave : master, request, buffer), NULL);
        break;
      }
    }
    if (strchr("SMWRrEFfXKGTZCOHI", line[0])) wait_for_worker(settle);
    signals();
    printf("\n");
  }
  return 0;
}
