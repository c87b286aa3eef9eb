// Job control: controlling terminals, foreground groups, the signals that keys send (credentials of setpgid(2)).
#include "terminal.h"

static int up[2], down[2];

// Runs the body as a session leader whose controlling terminal is the slave.
static pid_t leader(void (*body)(void)) {
  open_pair();
  MUST(pipe(up));
  MUST(pipe(down));
  pid_t pid = (pid_t)MUST(fork());
  if (pid == 0) {
    close(master);
    MUST(setsid());
    MUST(ioctl(slave, TIOCSCTTY, 0));
    body();
    _exit(0);
  }
  return pid;
}
// A child of the leader in a group of its own, in the foreground or not.
static pid_t job(int foreground, void (*body)(void)) {
  pid_t pid = (pid_t)MUST(fork());
  if (pid == 0) {
    MUST(setpgid(0, 0));
    if (foreground) {
      signal(SIGTTOU, SIG_IGN);
      MUST(tcsetpgrp(slave, getpid()));
      signal(SIGTTOU, SIG_DFL);
    }
    body();
    _exit(0);
  }
  setpgid(pid, pid);
  return pid;
}
static void wait_for(pid_t pid) {
  int status;
  MUST(waitpid(pid, &status, WUNTRACED));
  printf("job: %s\n", status_text(status));
}

static void becomes_controlling(void) {
  SHOW(tcgetpgrp(slave) == getpid());
  SHOW(tcgetsid(slave) == getpid());
  SHOW(open("/dev/tty", O_RDWR) >= 0);
  signal(SIGHUP, SIG_IGN); // giving it up sends this to the foreground
  SHOW(ioctl(slave, TIOCNOTTY));
  SHOW(open("/dev/tty", O_RDWR));
  SHOW(tcgetpgrp(slave));
}
CASE(controlling_terminal) {
  reap(leader(becomes_controlling));
}

CASE(acquired_by_open) {
  open_pair();
  pid_t pid = (pid_t)MUST(fork());
  if (pid == 0) {
    MUST(setsid());
    signal(SIGHUP, SIG_IGN);
    SHOW(open("/dev/tty", O_RDWR));
    close((int)MUST(open(slave_name, O_RDWR | O_NOCTTY)));
    SHOW(open("/dev/tty", O_RDWR));
    close((int)MUST(open(slave_name, O_RDWR)));
    SHOW(open("/dev/tty", O_RDWR) >= 0);
    _exit(0);
  }
  reap(pid);
}

static void ready_and_wait(void) {
  tell(up[1]);
  for (;;) pause();
}
static void job_ready(void) {
  wait_for(job(1, ready_and_wait));
}
CASE(interrupt_key) {
  pid_t pid = leader(job_ready);
  hear(up[0]);
  type("\x03");
  reap(pid);
  screen(2);
}
CASE(quit_key) {
  pid_t pid = leader(job_ready);
  hear(up[0]);
  type("\x1c");
  reap(pid);
  screen(2);
}
static void job_stopped(void) {
  pid_t pid = job(1, ready_and_wait);
  wait_for(pid);
  signal(SIGTTOU, SIG_IGN);
  MUST(tcsetpgrp(slave, getpid()));
  MUST(kill(pid, SIGCONT));
  MUST(kill(pid, SIGTERM));
  wait_for(pid);
}
CASE(suspend_key) {
  pid_t pid = leader(job_stopped);
  hear(up[0]);
  type("\x1a");
  reap(pid);
  screen(2);
}

// Only the foreground group is hit.
static void two_jobs(void) {
  pid_t back = job(0, ready_and_wait);
  hear(up[0]);
  pid_t front = job(1, ready_and_wait);
  hear(up[0]);
  tell(down[1]);
  wait_for(front);
  SHOW(waitpid(back, NULL, WNOHANG));
  MUST(kill(back, SIGKILL));
  wait_for(back);
}
CASE(background_is_spared) {
  pid_t pid = leader(two_jobs);
  hear(down[0]);
  type("\x03");
  reap(pid);
}

// The keys do nothing without ISIG, and throw the line away with it.
static void reads_a_line(void) {
  signal(SIGINT, SIG_IGN);
  tell(up[1]);
  line_read(100);
}
CASE(key_drops_the_line) {
  pid_t pid = leader(reads_a_line);
  hear(up[0]);
  type("abc\x03xyz\n");
  reap(pid);
}
static void without_signals(void) {
  struct termios t = settings();
  t.c_lflag &= ~(tcflag_t)ISIG;
  set(&t);
  reads_a_line();
}
CASE(no_signal_mode) {
  pid_t pid = leader(without_signals);
  hear(up[0]);
  type("a\x03\x1a\x1cz\n");
  reap(pid);
}

static void reads(void) {
  line_read(100);
}
static void background_read(void) {
  pid_t pid = job(0, reads);
  wait_for(pid);
  MUST(tcsetpgrp(slave, pid));
  MUST(kill(pid, SIGCONT));
  tell(up[1]);
  wait_for(pid);
}
CASE(background_reader_stops) {
  pid_t pid = leader(background_read);
  hear(up[0]);
  no_echo();
  type("now\n");
  reap(pid);
}

static void reads_ignoring(void) {
  signal(SIGTTIN, SIG_IGN);
  line_read(100);
}
static void background_read_ignoring(void) {
  wait_for(job(0, reads_ignoring));
}
CASE(background_reader_that_ignores) {
  reap(leader(background_read_ignoring));
}

static void writes(void) {
  SHOW(write(slave, "background\n", 11));
}
static void background_write(void) {
  wait_for(job(0, writes));
  struct termios t = settings();
  t.c_lflag |= TOSTOP;
  set(&t);
  pid_t pid = job(0, writes);
  wait_for(pid);
  MUST(tcsetpgrp(slave, pid));
  MUST(kill(pid, SIGCONT));
  wait_for(pid);
}
CASE(background_writer) {
  pid_t pid = leader(background_write);
  reap(pid);
  screen(24);
}

static void changes_settings(void) {
  struct termios t = settings();
  SHOW(tcsetattr(slave, TCSANOW, &t));
}
static void takes_foreground(void) {
  SHOW(tcsetpgrp(slave, getpgrp()));
}
static void background_settings(void) {
  pid_t pid = job(0, changes_settings);
  wait_for(pid);
  MUST(kill(pid, SIGKILL));
  wait_for(pid);
  pid = job(0, takes_foreground);
  wait_for(pid);
  MUST(kill(pid, SIGKILL));
  wait_for(pid);
}
CASE(background_changes_stop) {
  reap(leader(background_settings));
}

static void foreground_errors(void) {
  SHOW(tcsetpgrp(slave, -1));
  SHOW(tcsetpgrp(slave, 1 << 22));
  SHOW(tcsetpgrp(slave, getppid()));
  SHOW(ioctl(slave, TIOCSCTTY, 0));
  int other = (int)MUST(open("/dev/null", O_RDWR));
  SHOW(tcgetpgrp(other));
}
CASE(errors) {
  reap(leader(foreground_errors));
  SHOW(tcgetpgrp(slave));
  SHOW(tcgetsid(slave));
}

static volatile int calls;
static void resized(int number) {
  (void)number;
  struct winsize size;
  ioctl(slave, TIOCGWINSZ, &size);
  printf("now %d x %d\n", size.ws_row, size.ws_col);
  calls++;
}
static void waits_for_size(void) {
  on_signal(SIGWINCH, resized, 0);
  tell(up[1]);
  while (calls < 1) sleep_ms(1);
}
CASE(window_size) {
  pid_t pid = leader(waits_for_size);
  hear(up[0]);
  MUST(ioctl(master, TIOCSWINSZ, &(struct winsize){30, 90, 0, 0}));
  reap(pid);
}

// When the master goes, the leader gets SIGHUP (and SIGCONT), and reads find the end.
static void hung_up(int number) {
  printf("%s\n", signame(number));
  calls++;
}
static void waits_for_hangup(void) {
  on_signal(SIGHUP, hung_up, 0);
  tell(up[1]);
  while (calls < 1) sleep_ms(1);
  line_read(10);
  SHOW(write(slave, "x", 1));
}
CASE(hang_up) {
  pid_t pid = leader(waits_for_hangup);
  hear(up[0]);
  close(master);
  reap(pid);
}

// When the leader ends, the foreground group gets SIGHUP.
static void says_hangup(int number) {
  MUST(write(down[1], signame(number), 7));
  _exit(0);
}
static void waits_as_job(void) {
  on_signal(SIGHUP, says_hangup, 0);
  tell(up[1]);
  for (;;) pause();
}
static void leaves_a_job(void) {
  job(1, waits_as_job);
  hear(up[0]);
}
CASE(leader_ends) {
  reap(leader(leaves_a_job));
  char text[8] = "";
  close(down[1]);
  SHOW(read(down[0], text, sizeof text));
  STR(text);
  SHOW(read(down[0], text, sizeof text));
}

// A member of an orphaned background group gets EIO, not SIGTTIN.
static void orphan_reads(void) {
  tell(up[1]);
  char byte;
  hear(down[0]);
  ssize_t got = read(slave, &byte, 1);
  dprintf(up[1], "%ld %s", (long)got, got == -1 ? errname(errno) : "");
  _exit(0);
}
static void makes_an_orphan(void) {
  pid_t middle = (pid_t)MUST(fork());
  if (middle == 0) {
    job(0, orphan_reads);
    hear(up[0]);
    _exit(0);
  }
  MUST(waitpid(middle, NULL, 0));
  tell(down[1]);
  close(up[1]);
  char text[32] = "";
  MUST(read(up[0], text, sizeof text));
  STR(text);
}
CASE(orphaned_reader) {
  reap(leader(makes_an_orphan));
}
