// RLIMIT_FSIZE (man 2 getrlimit): what stands below the limit is written, beyond it SIGXFSZ and EFBIG.
#include "../../harness.h"
#include <sys/resource.h>
#include <sys/sendfile.h>
#include <sys/uio.h>

static int limited(rlim_t bytes) {
  int fd = (int)MUST(open("file", O_RDWR | O_CREAT, 0600));
  struct rlimit limit = {bytes, bytes};
  MUST(setrlimit(RLIMIT_FSIZE, &limit));
  return fd;
}

CASE(ignored_signal) {
  signal(SIGXFSZ, SIG_IGN);
  int fd = limited(10);
  SHOW(write(fd, "0123456", 7));
  SHOW(write(fd, "789abcdef", 9));
  SHOW(write(fd, "x", 1));
  SHOW(pwrite(fd, "x", 1, 10));
  SHOW(pwrite(fd, "x", 1, 9));
  SHOW(write(fd, "", 0));
  SHOW(ftruncate(fd, 11));
  SHOW(ftruncate(fd, 10));
  SHOW(truncate("file", 100));
  SHOW(fallocate(fd, 0, 0, 20));
  SHOW(lseek(fd, 0, SEEK_END));
  struct iovec two[2] = {{"ab", 2}, {"cd", 2}};
  SHOW(pwritev(fd, two, 2, 7));
  STR(get("file"));
}

CASE(deadly_signal) {
  pid_t pid = (pid_t)MUST(fork());
  if (pid == 0) {
    int fd = limited(4);
    SHOW(write(fd, "012345", 6));
    write(fd, "6", 1);
    _exit(0);
  }
  reap(pid);
  STR(get("file"));
}

static volatile sig_atomic_t seen;
static void count(int number) {
  seen += number == SIGXFSZ;
}
CASE(handled_signal) {
  on_signal(SIGXFSZ, count, 0);
  int fd = limited(4);
  SHOW(pwrite(fd, "x", 1, 100));
  NUM(seen);
  SHOW(ftruncate(fd, 100));
  NUM(seen);
  int in = (int)MUST(open(self, O_RDONLY));
  SHOW(sendfile(fd, in, NULL, 100));
  SHOW(sendfile(fd, in, NULL, 100));
  NUM(seen);
}

CASE(other_kinds) {
  limited(0);
  int ends[2];
  MUST(pipe(ends));
  SHOW(write(ends[1], "free", 4));
  SHOW(write((int)MUST(open("/dev/null", O_WRONLY)), "free", 4));
  SHOW(mkdir("folder", 0755));
  SHOW(symlink("far/away", "link"));
  SHOW(open("empty", O_WRONLY | O_CREAT, 0600) >= 0);
}
