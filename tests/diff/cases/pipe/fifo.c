// Named pipes: what open waits for (fifo(7)).
#include "../../harness.h"

CASE(open_without_waiting) {
  SHOW(mkfifo("fifo", 0600));
  SHOW(open("fifo", O_WRONLY | O_NONBLOCK));
  SHOW(open("fifo", O_RDONLY | O_NONBLOCK));
  SHOW(open("fifo", O_WRONLY | O_NONBLOCK));
  char byte;
  SHOW(read(3, &byte, 1));
  SHOW(write(4, "x", 1));
  SHOW(read(3, &byte, 1));
  SHOW(close(4));
  SHOW(read(3, &byte, 1));
}

CASE(both_ends_at_once) {
  MUST(mkfifo("fifo", 0600));
  int fd = (int)SHOW(open("fifo", O_RDWR));
  SHOW(write(fd, "loop", 4));
  char text[8] = "";
  SHOW(read(fd, text, sizeof text));
  STR(text);
}

CASE(reader_waits_for_writer) {
  MUST(mkfifo("fifo", 0600));
  pid_t pid = (pid_t)MUST(fork());
  if (pid == 0) {
    int fd = (int)MUST(open("fifo", O_RDONLY));
    char text[16] = "";
    SHOW(read(fd, text, sizeof text));
    STR(text);
    SHOW(read(fd, text, sizeof text));
    _exit(0);
  }
  until_asleep(pid);
  int fd = (int)MUST(open("fifo", O_WRONLY));
  MUST(write(fd, "hello", 5));
  close(fd);
  reap(pid);
}

CASE(writer_waits_for_reader) {
  MUST(mkfifo("fifo", 0600));
  pid_t pid = (pid_t)MUST(fork());
  if (pid == 0) {
    int fd = (int)MUST(open("fifo", O_WRONLY));
    MUST(write(fd, "from the child", 14));
    _exit(0);
  }
  until_asleep(pid);
  int fd = (int)MUST(open("fifo", O_RDONLY));
  char text[16] = "";
  SHOW(read(fd, text, sizeof text));
  STR(text);
  SHOW(read(fd, text, sizeof text));
  reap(pid);
}

// The content is gone when the last end closes.
CASE(content_is_not_kept) {
  MUST(mkfifo("fifo", 0600));
  int fd = (int)MUST(open("fifo", O_RDWR | O_NONBLOCK));
  MUST(write(fd, "lost", 4));
  close(fd);
  fd = (int)MUST(open("fifo", O_RDWR | O_NONBLOCK));
  char byte;
  SHOW(read(fd, &byte, 1));
  struct stat st;
  MUST(stat("fifo", &st));
  printf("%o %ld\n", st.st_mode, (long)st.st_size);
}

CASE(unlinked_while_open) {
  MUST(mkfifo("fifo", 0600));
  int reader = (int)MUST(open("fifo", O_RDONLY | O_NONBLOCK)), writer = (int)MUST(open("fifo", O_WRONLY));
  SHOW(unlink("fifo"));
  SHOW(write(writer, "still", 5));
  char text[8] = "";
  SHOW(read(reader, text, sizeof text));
  STR(text);
}

CASE(poll_it) {
  MUST(mkfifo("fifo", 0600));
  int reader = (int)MUST(open("fifo", O_RDONLY | O_NONBLOCK));
  struct pollfd one = {.fd = reader, .events = POLLIN};
  SHOW(poll(&one, 1, 0));
  int writer = (int)MUST(open("fifo", O_WRONLY));
  SHOW(poll(&one, 1, 0));
  MUST(write(writer, "x", 1));
  SHOW(poll(&one, 1, 0));
  NUM(one.revents);
  close(writer);
  SHOW(poll(&one, 1, 0));
  NUM(one.revents);
  char byte;
  MUST(read(reader, &byte, 1));
  SHOW(poll(&one, 1, 0));
  NUM(one.revents);
}
