// read(2), write(2), pread(2), pwrite(2), readv(2), writev(2) on files.
#include <sys/uio.h>
#include "../../harness.h"

CASE(offsets) {
  int fd = (int)MUST(open("file", O_RDWR | O_CREAT, 0600));
  char text[16] = "";
  SHOW(write(fd, "0123456789", 10));
  SHOW(pwrite(fd, "ab", 2, 3));
  SHOW(lseek(fd, 0, SEEK_CUR));
  SHOW(pread(fd, text, 4, 2));
  STR(text);
  SHOW(lseek(fd, 0, SEEK_CUR));
  SHOW(pread(fd, text, 4, 8));
  SHOW(pread(fd, text, 4, 10));
  SHOW(pread(fd, text, 4, 100));
  SHOW(read(fd, text, 4));
  SHOW(pwrite(fd, "z", 1, 20));
  SHOW(lseek(fd, 0, SEEK_END));
}

CASE(on_a_pipe) {
  int ends[2];
  MUST(pipe(ends));
  char text[4];
  SHOW(pread(ends[0], text, 4, 0));
  SHOW(pwrite(ends[1], "x", 1, 0));
  SHOW(preadv(ends[0], (struct iovec[]){{text, 4}}, 1, 0));
}

CASE(nothing) {
  int fd = (int)MUST(open("file", O_RDWR | O_CREAT, 0600));
  SHOW(write(fd, NULL, 0));
  SHOW(read(fd, NULL, 0));
  SHOW(read(99, NULL, 0));
  SHOW(write(-1, "", 0));
  SHOW(writev(fd, NULL, 0));
}

CASE(bad_buffers) {
  int fd = (int)MUST(open("file", O_RDWR | O_CREAT, 0600)), ends[2];
  MUST(write(fd, "0123456789", 10));
  MUST(pipe(ends));
  MUST(write(ends[1], "x", 1));
  SHOW(SYS3(SYS_write, fd, BAD_ADDRESS, 5));
  SHOW(SYS3(SYS_write, ends[1], BAD_ADDRESS, 5));
  MUST(lseek(fd, 0, SEEK_SET));
  SHOW(SYS3(SYS_read, fd, BAD_ADDRESS, 5));
  SHOW(SYS3(SYS_read, ends[0], BAD_ADDRESS, 5));
  SHOW(SYS3(SYS_readv, fd, BAD_ADDRESS, 1));
  SHOW(lseek(fd, 0, SEEK_CUR));
}

CASE(vectors) {
  int fd = (int)MUST(open("file", O_RDWR | O_CREAT, 0600));
  struct iovec out[4] = {{"one,", 4}, {"", 0}, {"two,", 4}, {"three", 5}};
  SHOW(writev(fd, out, 4));
  STR(get("file"));
  char a[4] = "", b[3] = "", c[32] = "";
  struct iovec in[3] = {{a, 3}, {b, 2}, {c, 31}};
  SHOW(lseek(fd, 0, SEEK_SET));
  SHOW(readv(fd, in, 3));
  printf("[%s][%s][%s]\n", a, b, c);
  SHOW(readv(fd, in, 3));
  SHOW(pwritev(fd, out, 1, 20));
  SHOW(preadv(fd, in, 3, 1));
  printf("[%s][%s][%s]\n", a, b, c);
  SHOW(lseek(fd, 0, SEEK_CUR));
}

CASE(vector_errors) {
  int fd = (int)MUST(open("file", O_RDWR | O_CREAT, 0600));
  static char byte[1];
  static struct iovec many[1025];
  for (int i = 0; i < 1025; i++) many[i] = (struct iovec){byte, 1};
  SHOW(writev(fd, many, 1024));
  SHOW(writev(fd, many, 1025));
  SHOW(SYS3(SYS_writev, fd, many, -1));
  SHOW(SYS3(SYS_writev, fd, BAD_ADDRESS, 1));
  SHOW(writev(99, many, 1));
}

// One write call is one piece in an O_APPEND file, whoever else writes.
CASE(append_from_many) {
  for (int i = 0; i < 4; i++) {
    if (MUST(fork()) == 0) {
      int fd = (int)MUST(open("log", O_WRONLY | O_CREAT | O_APPEND, 0600));
      for (int line = 0; line < 50; line++) {
        char text[32];
        int length = snprintf(text, sizeof text, "%d:%02d:abcdefghijklmn\n", i, line);
        MUST(write(fd, text, (size_t)length));
      }
      _exit(0);
    }
  }
  while (wait(NULL) > 0) {
  }
  FILE *file = fopen("log", "r");
  char text[64];
  int lines = 0, bad = 0, next[4] = {0};
  while (fgets(text, sizeof text, file)) {
    int who = text[0] - '0', line = atoi(text + 2);
    bad += strlen(text) != 20 || line != next[who]++;
    lines++;
  }
  printf("lines %d, bad %d\n", lines, bad);
}

CASE(large) {
  static char block[1 << 20];
  for (size_t i = 0; i < sizeof block; i++) block[i] = (char)(i * 7 + i / 256);
  int fd = (int)MUST(open("file", O_RDWR | O_CREAT, 0600));
  SHOW(write(fd, block, sizeof block));
  SHOW(write(fd, block, sizeof block));
  static char back[1 << 20];
  SHOW(pread(fd, back, sizeof back, 12345));
  int same = memcmp(back, block + 12345, sizeof block - 12345) == 0 && memcmp(back + sizeof block - 12345, block, 12345) == 0;
  NUM(same);
}

CASE(size_limit) {
  // RLIMIT_FSIZE: what fits is written, then SIGXFSZ or EFBIG.
  pid_t pid = (pid_t)MUST(fork());
  if (pid == 0) {
    SHOW(SYS4(SYS_prlimit64, 0, 1 /* RLIMIT_FSIZE */, ((uint64_t[]){10, 10}), 0));
    signal(SIGXFSZ, SIG_IGN);
    int fd = (int)MUST(open("file", O_RDWR | O_CREAT, 0600));
    SHOW(write(fd, "01234567", 8));
    SHOW(write(fd, "01234567", 8));
    SHOW(write(fd, "x", 1));
    SHOW(ftruncate(fd, 11));
    signal(SIGXFSZ, SIG_DFL);
    write(fd, "x", 1);
    _exit(0);
  }
  reap(pid);
}
