// SIGPIPE and EPIPE.
#include <sys/uio.h>
#include "../../harness.h"

static int ends[2];
static volatile int calls;
static void count(int number) {
  (void)number;
  calls++;
}
static void break_pipe(void) {
  MUST(pipe(ends));
  close(ends[0]);
}

CASE(kills) {
  break_pipe();
  pid_t pid = (pid_t)MUST(fork());
  if (pid == 0) {
    write(ends[1], "x", 1);
    _exit(0);
  }
  reap(pid);
}

CASE(ignored) {
  break_pipe();
  signal(SIGPIPE, SIG_IGN);
  SHOW(write(ends[1], "x", 1));
  struct iovec parts[2] = {{"ab", 2}, {"cd", 2}};
  SHOW(writev(ends[1], parts, 2));
  SHOW(write(ends[1], "", 0));
}

CASE(handled) {
  break_pipe();
  on_signal(SIGPIPE, count, SA_RESTART);
  SHOW(write(ends[1], "x", 1));
  NUM(calls);
}

CASE(blocked) {
  break_pipe();
  sigset_t set, pending;
  sigemptyset(&set);
  sigaddset(&set, SIGPIPE);
  sigprocmask(SIG_BLOCK, &set, NULL);
  SHOW(write(ends[1], "x", 1));
  sigpending(&pending);
  NUM(sigismember(&pending, SIGPIPE));
}

// A writer that sleeps when the last reader goes is woken, and what it wrote by then counts.
CASE(while_writing) {
  MUST(pipe(ends));
  pid_t pid = (pid_t)MUST(fork());
  if (pid == 0) {
    static char block[100000];
    close(ends[0]);
    on_signal(SIGPIPE, count, 0);
    ssize_t first = write(ends[1], block, sizeof block);
    int before = calls;
    errno = 0;
    ssize_t second = write(ends[1], block, sizeof block);
    printf("%ld, then %ld %s; signals %d, then %d\n", (long)first, (long)second, errname(errno), before, calls);
    _exit(0);
  }
  close(ends[1]);
  until_asleep(pid);
  close(ends[0]);
  reap(pid);
}

CASE(through_stdio) {
  break_pipe();
  signal(SIGPIPE, SIG_IGN);
  FILE *file = fdopen(ends[1], "w");
  SHOW(fputs("text", file) >= 0);
  SHOW(fflush(file));
  NUM(ferror(file) != 0);
}

CASE(fifo) {
  MUST(mkfifo("fifo", 0600));
  int reader = (int)MUST(open("fifo", O_RDONLY | O_NONBLOCK)), writer = (int)MUST(open("fifo", O_WRONLY));
  signal(SIGPIPE, SIG_IGN);
  SHOW(write(writer, "x", 1));
  close(reader);
  SHOW(write(writer, "x", 1));
  // A new reader mends it, and finds it empty.
  reader = (int)MUST(open("fifo", O_RDONLY | O_NONBLOCK));
  SHOW(write(writer, "yz", 2));
  char text[8];
  SHOW(read(reader, text, sizeof text));
}
