// dup(2) and fcntl(2): descriptors and what they share.
#include <sys/ioctl.h>
#include "../../harness.h"

CASE(dup_shares_the_offset) {
  int fd = (int)MUST(open("file", O_RDWR | O_CREAT, 0600));
  MUST(write(fd, "0123456789", 10));
  int other = (int)SHOW(dup(fd));
  SHOW(lseek(other, 4, SEEK_SET));
  SHOW(lseek(fd, 0, SEEK_CUR));
  int separate = (int)SHOW(open("file", O_RDWR));
  SHOW(lseek(separate, 0, SEEK_CUR));
  SHOW(fcntl(fd, F_SETFL, O_APPEND | O_NONBLOCK));
  SHOW((fcntl(other, F_GETFL) & (O_APPEND | O_NONBLOCK)) == (O_APPEND | O_NONBLOCK));
  SHOW((fcntl(separate, F_GETFL) & (O_APPEND | O_NONBLOCK)) == 0);
  SHOW(close(fd));
  SHOW(write(other, "x", 1));
}

CASE(dup2_and_dup3) {
  int fd = (int)MUST(open("file", O_RDWR | O_CREAT, 0600));
  SHOW(dup2(fd, 10));
  SHOW(dup2(fd, fd));
  SHOW(dup2(fd, 10));
  SHOW(dup2(99, 10));
  SHOW(fcntl(10, F_GETFD));
  SHOW(dup2(99, 99));
  SHOW(dup2(fd, -1));
  SHOW(dup3(fd, 11, O_CLOEXEC));
  SHOW(fcntl(11, F_GETFD));
  SHOW(dup3(fd, fd, 0));
  SHOW(SYS3(SYS_dup3, fd, 12, O_APPEND));
  SHOW(dup3(99, 12, 0));
  // dup2 onto a close-on-exec descriptor clears the flag.
  SHOW(dup2(fd, 11));
  SHOW(fcntl(11, F_GETFD));
  SHOW(dup(99));
}

CASE(duplicate_from) {
  int fd = (int)MUST(open("file", O_RDWR | O_CREAT, 0600));
  SHOW(fcntl(fd, F_DUPFD, 20));
  SHOW(fcntl(fd, F_DUPFD, 20));
  SHOW(fcntl(fd, F_DUPFD_CLOEXEC, 20));
  SHOW(fcntl(22, F_GETFD));
  SHOW(fcntl(fd, F_DUPFD, 0));
  SHOW(fcntl(fd, F_DUPFD, -1));
  SHOW(fcntl(fd, F_DUPFD, 1 << 30));
  SHOW(fcntl(99, F_DUPFD, 0));
}

CASE(flags) {
  int fd = (int)MUST(open("file", O_RDWR | O_CREAT | O_APPEND | O_EXCL | O_TRUNC, 0600));
  int mask = O_ACCMODE | O_APPEND | O_NONBLOCK | O_CREAT | O_EXCL | O_TRUNC;
  NUM(fcntl(fd, F_GETFL) & mask);
  // Only a few can be changed: not the access mode, not the creation flags.
  SHOW(fcntl(fd, F_SETFL, O_RDONLY | O_NONBLOCK | O_CREAT | O_TRUNC));
  NUM(fcntl(fd, F_GETFL) & mask);
  SHOW(write(fd, "x", 1));
  SHOW(fcntl(fd, F_SETFD, FD_CLOEXEC));
  SHOW(fcntl(fd, F_GETFD));
  SHOW(fcntl(fd, F_SETFD, 0));
  SHOW(fcntl(fd, F_GETFD));
  SHOW(fcntl(99, F_GETFL));
  SHOW(fcntl(fd, 9999));
}

CASE(close_on_exec_by_ioctl) {
  int fd = (int)MUST(open("file", O_RDWR | O_CREAT, 0600));
  SHOW(ioctl(fd, FIOCLEX));
  SHOW(fcntl(fd, F_GETFD));
  SHOW(ioctl(fd, FIONCLEX));
  SHOW(fcntl(fd, F_GETFD));
  int on = 1;
  SHOW(ioctl(fd, FIONBIO, &on));
  SHOW((fcntl(fd, F_GETFL) & O_NONBLOCK) != 0);
  on = 0;
  SHOW(ioctl(fd, FIONBIO, &on));
  SHOW((fcntl(fd, F_GETFL) & O_NONBLOCK) != 0);
}

CASE(bytes_to_read) {
  int ends[2], count = -1;
  MUST(pipe(ends));
  SHOW(ioctl(ends[0], FIONREAD, &count));
  NUM(count);
  MUST(write(ends[1], "12345", 5));
  SHOW(ioctl(ends[0], FIONREAD, &count));
  NUM(count);
  int fd = (int)MUST(open("file", O_RDWR | O_CREAT, 0600));
  MUST(write(fd, "0123456789", 10));
  MUST(lseek(fd, 3, SEEK_SET));
  SHOW(ioctl(fd, FIONREAD, &count));
  NUM(count);
}

CASE(not_a_terminal) {
  int fd = (int)MUST(open("file", O_RDWR | O_CREAT, 0600)), ends[2];
  MUST(pipe(ends));
  struct winsize size;
  SHOW(ioctl(fd, TIOCGWINSZ, &size));
  SHOW(ioctl(ends[0], TIOCGWINSZ, &size));
  SHOW(ioctl(99, TIOCGWINSZ, &size));
  SHOW(isatty(fd));
  STR(errname(errno));
  SHOW(isatty(99));
  STR(errname(errno));
  SHOW(ioctl(fd, 0x12345678, &size));
}

CASE(standard_three) {
  close(0);
  put("file", "new input");
  SHOW(open("file", O_RDONLY));
  char text[16] = "";
  SHOW(read(0, text, sizeof text));
  STR(text);
  int saved = (int)SHOW(dup(1));
  int out = (int)SHOW(open("out", O_RDWR | O_CREAT, 0600));
  fflush(stdout);
  dup2(out, 1);
  printf("into the file\n");
  fflush(stdout);
  dup2(saved, 1);
  STR(get("out"));
}

CASE(many) {
  int fd = (int)MUST(open("file", O_RDWR | O_CREAT, 0600)), last = 0;
  for (int i = 0; i < 300; i++) last = (int)MUST(dup(fd));
  NUM(last);
  MUST(write(fd, "x", 1));
  NUM(lseek(last, 0, SEEK_CUR));
  for (int i = fd; i <= last; i++) MUST(close(i));
  SHOW(dup(0));
}
