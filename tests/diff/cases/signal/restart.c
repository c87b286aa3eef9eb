// Which calls a handler interrupts for good (EINTR), and which go on after it when SA_RESTART is set (signal(7)).
#include <sys/epoll.h>
#include <sys/file.h>
#include <sys/select.h>
#include "../../harness.h"

static int ack[2], data[2];
static pid_t subject;
static void handler(int number) {
  (void)number;
  tell(ack[1]);
}

// Runs the call in a child twice, without and with SA_RESTART. The parent waits until it sleeps, sends a signal, and, where
// the child went on sleeping afterwards, lets `finish` end its wait.
static void interrupt(long (*call)(void), void (*finish)(void)) {
  for (int restart = 0; restart < 2; restart++) {
    MUST(pipe(ack));
    MUST(pipe(data));
    pid_t pid = (pid_t)MUST(fork());
    if (pid == 0) {
      on_signal(SIGUSR1, handler, restart ? SA_RESTART : 0);
      errno = 0;
      long result = call();
      printf("%s: %ld %s\n", restart ? "SA_RESTART" : "no flag", result, errname(result == -1 ? errno : 0));
      _exit(0);
    }
    subject = pid;
    until_asleep(pid);
    MUST(kill(pid, SIGUSR1));
    hear(ack[0]);
    // Either it ends now, or it stays asleep.
    int asleep = 0;
    for (char state = 0; asleep < 20 && (state = state_of(pid)) != 'Z'; sleep_ms(1))
      asleep = state == 'S' ? asleep + 1 : 0;
    if (asleep == 20) {
      printf("still waiting\n");
      finish();
    }
    reap(pid);
    for (int i = 0; i < 2; i++) close(ack[i]), close(data[i]);
  }
}

static void feed(void) {
  MUST(write(data[1], "abc", 3));
}
static void no_way_out(void) {
  printf("(not expected)\n");
}

static long read_pipe(void) {
  char text[8];
  return read(data[0], text, sizeof text);
}
CASE(read_from_pipe) {
  interrupt(read_pipe, feed);
}

static long write_pipe(void) {
  static char block[65536];
  MUST(write(data[1], block, sizeof block));
  return write(data[1], "more", 4);
}
static void drain(void) {
  static char block[65536];
  MUST(read(data[0], block, sizeof block));
}
CASE(write_to_full_pipe) {
  interrupt(write_pipe, drain);
}

// What was already written counts, with either flag.
static long write_much(void) {
  static char block[100000];
  return write(data[1], block, sizeof block);
}
CASE(partial_write) {
  interrupt(write_much, no_way_out);
}

static long in_poll(void) {
  struct pollfd one = {.fd = data[0], .events = POLLIN};
  return poll(&one, 1, -1);
}
CASE(poll_never_restarts) {
  interrupt(in_poll, no_way_out);
}

static long in_select(void) {
  fd_set set;
  FD_ZERO(&set);
  FD_SET(data[0], &set);
  return select(data[0] + 1, &set, NULL, NULL, NULL);
}
CASE(select_never_restarts) {
  interrupt(in_select, no_way_out);
}

static long in_epoll(void) {
  int epoll = epoll_create1(0);
  struct epoll_event event = {.events = EPOLLIN};
  MUST(epoll_ctl(epoll, EPOLL_CTL_ADD, data[0], &event));
  return epoll_wait(epoll, &event, 1, -1);
}
CASE(epoll_never_restarts) {
  interrupt(in_epoll, no_way_out);
}

static long in_sleep(void) {
  struct timespec time = {20, 0}, left = {0, 0};
  int result = nanosleep(&time, &left);
  if (left.tv_sec < 15 || left.tv_sec > 20) printf("strange rest\n");
  return result;
}
CASE(sleep_never_restarts) {
  interrupt(in_sleep, no_way_out);
}

static long in_wait(void) {
  pid_t pid = (pid_t)MUST(fork());
  if (pid == 0) {
    hear(data[0]);
    _exit(0);
  }
  long result = waitpid(pid, NULL, 0);
  int error = errno;
  if (result == -1) {
    kill(pid, SIGKILL);
    waitpid(pid, NULL, 0);
  }
  errno = error;
  return result == pid ? 1 : result;
}
CASE(wait_for_child) {
  interrupt(in_wait, feed);
}

static long open_fifo(void) {
  return open("fifo", O_RDONLY) >= 0 ? 1 : -1;
}
static void open_other_end(void) {
  close((int)MUST(open("fifo", O_WRONLY)));
}
CASE(open_of_fifo) {
  MUST(mkfifo("fifo", 0600));
  interrupt(open_fifo, open_other_end);
}

static int lock_fd;
static long lock_record(void) {
  struct flock whole = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
  return fcntl(lock_fd, F_SETLKW, &whole);
}
static void unlock_record(void) {
  struct flock whole = {.l_type = F_UNLCK, .l_whence = SEEK_SET};
  MUST(fcntl(lock_fd, F_SETLK, &whole));
}
CASE(record_lock) {
  lock_fd = (int)MUST(open("lock", O_RDWR | O_CREAT, 0600));
  struct flock whole = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
  MUST(fcntl(lock_fd, F_SETLK, &whole));
  interrupt(lock_record, unlock_record);
}

static long lock_file(void) {
  return flock((int)MUST(open("lock", O_RDWR)), LOCK_EX);
}
static void unlock_file(void) {
  MUST(flock(lock_fd, LOCK_UN));
}
CASE(file_lock) {
  lock_fd = (int)MUST(open("lock", O_RDWR | O_CREAT, 0600));
  MUST(flock(lock_fd, LOCK_EX));
  interrupt(lock_file, unlock_file);
}

static int word;
static long in_futex(void) {
  return SYS6(SYS_futex, &word, 0 /* FUTEX_WAIT */, 0, 0, 0, 0);
}
static void end_it(void) {
  MUST(kill(subject, SIGTERM));
}
CASE(futex_wait) {
  interrupt(in_futex, end_it);
}
