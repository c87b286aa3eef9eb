// pipe(2): capacity, atomic writes, end of file, flags (pipe(7)).
#include <sys/ioctl.h>
#include "../../harness.h"

static int ends[2];

CASE(order_and_flags) {
  SHOW(pipe(ends));
  printf("%d %d\n", ends[0], ends[1]);
  printf("%o %o\n", fcntl(ends[0], F_GETFL) & O_ACCMODE, fcntl(ends[1], F_GETFL) & O_ACCMODE);
  SHOW(pipe2(ends, O_CLOEXEC | O_NONBLOCK));
  SHOW(fcntl(ends[0], F_GETFD));
  SHOW((fcntl(ends[1], F_GETFL) & O_NONBLOCK) != 0);
  SHOW(SYS2(SYS_pipe2, ends, O_APPEND));
  SHOW(SYS2(SYS_pipe2, BAD_ADDRESS, 0));
  SHOW(fcntl(7, F_GETFD)); // the failed call left nothing open
}

CASE(wrong_end) {
  MUST(pipe(ends));
  char byte;
  SHOW(read(ends[1], &byte, 1));
  SHOW(write(ends[0], "x", 1));
}

CASE(stream_of_bytes) {
  MUST(pipe(ends));
  MUST(write(ends[1], "one", 3));
  MUST(write(ends[1], "two", 3));
  char text[8] = "";
  SHOW(read(ends[0], text, 4));
  STR(text);
  memset(text, 0, sizeof text);
  SHOW(read(ends[0], text, 8));
  STR(text);
}

CASE(end_of_file) {
  MUST(pipe(ends));
  MUST(write(ends[1], "rest", 4));
  int copy = dup(ends[1]);
  close(ends[1]);
  char text[8];
  SHOW(read(ends[0], text, sizeof text));
  MUST(fcntl(ends[0], F_SETFL, O_NONBLOCK));
  SHOW(read(ends[0], text, sizeof text));
  close(copy);
  SHOW(read(ends[0], text, sizeof text));
  SHOW(read(ends[0], text, sizeof text));
}

CASE(capacity) {
  static char block[4096];
  MUST(pipe2(ends, O_NONBLOCK));
  SHOW(fcntl(ends[0], F_GETPIPE_SZ));
  long total = 0;
  ssize_t got;
  while ((got = write(ends[1], block, sizeof block)) > 0) total += got;
  printf("%ld, then %s\n", total, errname(errno));
  int waiting;
  SHOW(ioctl(ends[0], FIONREAD, &waiting));
  NUM(waiting);
  SHOW(write(ends[1], "x", 1));
  SHOW(read(ends[0], block, sizeof block));
  SHOW(write(ends[1], block, sizeof block));
  SHOW(write(ends[1], "x", 1));
}

CASE(set_capacity) {
  static char block[65536];
  MUST(pipe2(ends, O_NONBLOCK));
  SHOW(fcntl(ends[1], F_SETPIPE_SZ, 4096));
  SHOW(write(ends[1], block, sizeof block));
  SHOW(fcntl(ends[1], F_SETPIPE_SZ, 5000));
  SHOW(fcntl(ends[1], F_SETPIPE_SZ, 131072));
  SHOW(write(ends[1], block, sizeof block));
  SHOW(fcntl(ends[1], F_SETPIPE_SZ, 4096));
  SHOW(fcntl(ends[1], F_SETPIPE_SZ, 0));
  SHOW(fcntl(0, F_SETPIPE_SZ, -1));
  put("file", "");
  SHOW(fcntl((int)MUST(open("file", O_RDONLY)), F_GETPIPE_SZ));
}

// Up to PIPE_BUF (4096) bytes go in whole or not at all; more may go in part.
CASE(atomic_or_not) {
  static char block[8192];
  MUST(pipe2(ends, O_NONBLOCK));
  while (write(ends[1], block, 4096) > 0) {
  }
  SHOW(read(ends[0], block, 4000));
  SHOW(write(ends[1], block, 4096));
  SHOW(read(ends[0], block, 96));
  SHOW(write(ends[1], block, 4096));
  SHOW(read(ends[0], block, 4096));
  SHOW(write(ends[1], block, 5000));
}

// Writers of up to PIPE_BUF bytes never mix.
CASE(writers_do_not_mix) {
  MUST(pipe(ends));
  for (int i = 0; i < 5; i++) {
    if (MUST(fork()) == 0) {
      char block[3000];
      memset(block, 'a' + i, sizeof block);
      for (int turn = 0; turn < 20; turn++) MUST(write(ends[1], block, sizeof block));
      _exit(0);
    }
  }
  close(ends[1]);
  static char all[5 * 20 * 3000];
  size_t length = 0;
  ssize_t got;
  while ((got = read(ends[0], all + length, sizeof all - length)) > 0) length += (size_t)got;
  int bad = 0;
  for (size_t at = 0; at < length; at++) bad += all[at] != all[at - at % 3000];
  printf("%zu bytes, %d mixed\n", length, bad);
  while (wait(NULL) > 0) {
  }
}

CASE(blocking_writer) {
  MUST(pipe(ends));
  pid_t pid = (pid_t)MUST(fork());
  if (pid == 0) {
    static char block[200000];
    close(ends[0]);
    for (size_t i = 0; i < sizeof block; i++) block[i] = (char)(i % 251);
    SHOW(write(ends[1], block, sizeof block));
    _exit(0);
  }
  close(ends[1]);
  until_asleep(pid);
  static char back[200000];
  size_t length = 0;
  ssize_t got;
  int bad = 0;
  while ((got = read(ends[0], back + length, 7777)) > 0) length += (size_t)got;
  for (size_t i = 0; i < length; i++) bad += back[i] != (char)(i % 251);
  reap(pid);
  printf("%zu bytes, %d wrong\n", length, bad);
}

CASE(ping_pong) {
  int there[2], back[2];
  MUST(pipe(there));
  MUST(pipe(back));
  pid_t pid = (pid_t)MUST(fork());
  if (pid == 0) {
    int number;
    close(there[1]);
    close(back[0]);
    while (read(there[0], &number, sizeof number) == sizeof number) {
      number++;
      MUST(write(back[1], &number, sizeof number));
    }
    _exit(0);
  }
  close(there[0]);
  close(back[1]);
  int number = 0;
  for (int i = 0; i < 500; i++) {
    MUST(write(there[1], &number, sizeof number));
    MUST(read(back[0], &number, sizeof number));
  }
  close(there[1]);
  NUM(number);
  reap(pid);
}

// A chain of processes, each passing on what it reads.
CASE(pipeline) {
  int in = (int)MUST(open("/dev/null", O_RDONLY)), first = 1;
  for (int i = 0; i < 8; i++) {
    MUST(pipe(ends));
    if (MUST(fork()) == 0) {
      close(ends[0]);
      if (first) {
        for (int line = 0; line < 2000; line++) dprintf(ends[1], "line %d\n", line);
        _exit(0);
      }
      char block[1000];
      ssize_t got;
      while ((got = read(in, block, sizeof block)) > 0) MUST(write(ends[1], block, (size_t)got));
      _exit(0);
    }
    close(ends[1]);
    close(in);
    in = ends[0];
    first = 0;
  }
  FILE *file = fdopen(in, "r");
  char line[64];
  int lines = 0, bad = 0;
  while (fgets(line, sizeof line, file)) bad += atoi(line + 5) != lines++;
  printf("%d lines, %d out of order\n", lines, bad);
  while (wait(NULL) > 0) {
  }
}

// Readers and writers that die take their ends with them.
CASE(killed_writer) {
  MUST(pipe(ends));
  pid_t pid = (pid_t)MUST(fork());
  if (pid == 0) {
    for (;;) pause();
  }
  close(ends[1]);
  MUST(kill(pid, SIGKILL));
  char byte;
  SHOW(read(ends[0], &byte, 1));
  reap(pid);
}
