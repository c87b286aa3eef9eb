// /dev/null, zero, full, random, fd; making nodes.
#include <sys/sysmacros.h>
#include "../../harness.h"

static int device(const char *path) {
  return (int)MUST(open(path, O_RDWR));
}

CASE(null) {
  int fd = device("/dev/null");
  char text[8];
  SHOW(read(fd, text, sizeof text));
  SHOW(write(fd, "12345", 5));
  SHOW(SYS3(SYS_write, fd, BAD_ADDRESS, 5));
  SHOW(lseek(fd, 100, SEEK_SET));
  SHOW(pread(fd, text, 5, 10));
  SHOW(ftruncate(fd, 0));
  SHOW(open("/dev/null", O_WRONLY | O_TRUNC) >= 0);
}

CASE(zero) {
  int fd = device("/dev/zero");
  char text[8];
  memset(text, 'x', sizeof text);
  SHOW(read(fd, text, 5));
  for (int i = 0; i < 8; i++) printf("%d ", text[i]);
  printf("\n");
  SHOW(write(fd, "12345", 5));
  SHOW(pread(fd, text, 8, 1000));
  NUM(text[7]);
  static char big[300000];
  memset(big, 1, sizeof big);
  SHOW(read(fd, big, sizeof big));
  int sum = 0;
  for (size_t i = 0; i < sizeof big; i++) sum += big[i];
  NUM(sum);
}

CASE(full) {
  int fd = device("/dev/full");
  char text[4] = "xxx";
  SHOW(read(fd, text, 3));
  NUM(text[0]);
  SHOW(write(fd, "x", 1));
  FILE *file = fopen("/dev/full", "w");
  SHOW(fputs("text", file) >= 0);
  SHOW(fflush(file));
}

CASE(random_bytes) {
  static const char *paths[] = {"/dev/urandom", "/dev/random"};
  for (int i = 0; i < 2; i++) {
    int fd = (int)MUST(open(paths[i], O_RDONLY));
    unsigned char a[64], b[64];
    SHOW(read(fd, a, sizeof a));
    SHOW(read(fd, b, sizeof b));
    NUM(memcmp(a, b, sizeof a) != 0);
    SHOW(write(fd, a, 4));
  }
}

CASE(descriptor_files) {
  int fd = (int)MUST(open("file", O_RDWR | O_CREAT, 0600));
  MUST(write(fd, "0123456789", 10));
  char path[32], text[16] = "";
  snprintf(path, sizeof path, "/dev/fd/%d", fd);
  int again = (int)SHOW(open(path, O_RDONLY));
  SHOW(read(again, text, 5));
  STR(text);
  SHOW(lseek(fd, 0, SEEK_CUR));
  SHOW(open("/dev/fd/99", O_RDONLY));
  MUST(dup2(fd, 0));
  SHOW(open("/dev/stdin", O_RDONLY));
  struct stat a, b;
  MUST(stat("/dev/stdin", &a));
  MUST(stat("file", &b));
  NUM(a.st_ino == b.st_ino);
}

CASE(pipe_by_name) {
  int ends[2];
  MUST(pipe(ends));
  MUST(write(ends[1], "through", 7));
  char path[32], text[16] = "";
  snprintf(path, sizeof path, "/proc/self/fd/%d", ends[0]);
  int again = (int)SHOW(open(path, O_RDONLY | O_NONBLOCK));
  SHOW(read(again, text, sizeof text));
  STR(text);
  ssize_t got = readlink(path, text, sizeof text);
  printf("%.*s\n", got > 5 ? 5 : (int)got, text);
}

CASE(make_nodes) {
  SHOW(mknod("null", S_IFCHR | 0666, makedev(1, 3)));
  struct stat st;
  MUST(stat("null", &st));
  printf("%o %d:%d\n", st.st_mode, (int)major(st.st_rdev), (int)minor(st.st_rdev));
  SHOW(mknod("file", S_IFREG | 0640, 0));
  MUST(stat("file", &st));
  printf("%o %ld\n", st.st_mode, (long)st.st_size);
  SHOW(mknod("plain", 0600, 0));
  SHOW(mknod("file", S_IFREG | 0640, 0));
  SHOW(mknod("folder", S_IFDIR | 0755, 0));
  SHOW(mknod("strange", 0170000, 0));
  SHOW(mkfifo("fifo", 0600));
  SHOW(mkfifo("fifo", 0600));
  MUST(chmod(".", 0777));
  MUST(setresuid(1001, 1001, 1001));
  SHOW(mknod("other", S_IFCHR | 0666, makedev(1, 3)));
}

CASE(no_controlling_terminal) {
  pid_t pid = (pid_t)MUST(fork());
  if (pid == 0) {
    MUST(setsid());
    SHOW(open("/dev/tty", O_RDWR));
    _exit(0);
  }
  reap(pid);
}

CASE(sync_calls) {
  int fd = (int)MUST(open("file", O_RDWR | O_CREAT, 0600)), ends[2];
  MUST(pipe(ends));
  SHOW(fsync(fd));
  SHOW(fdatasync(fd));
  SHOW(fsync(ends[1]));
  SHOW(fdatasync(99));
  SHOW(syncfs(fd));
  SHOW(syncfs(99));
  ERR(posix_fadvise(fd, 0, 100, POSIX_FADV_WILLNEED));
  ERR(posix_fadvise(ends[0], 0, 100, POSIX_FADV_WILLNEED));
  ERR(posix_fadvise(fd, 0, 100, 77));
}
