// truncate(2), ftruncate(2), fallocate(2).
#include "../../harness.h"
#define KEEP_SIZE 1
#define PUNCH_HOLE 2

static long size_of(int fd) {
  struct stat st;
  MUST(fstat(fd, &st));
  return (long)st.st_size;
}

CASE(shrink_and_grow) {
  int fd = (int)MUST(open("file", O_RDWR | O_CREAT, 0600));
  MUST(write(fd, "0123456789", 10));
  SHOW(ftruncate(fd, 4));
  STR(get("file"));
  SHOW(lseek(fd, 0, SEEK_CUR));
  SHOW(ftruncate(fd, 8));
  char text[16];
  SHOW(pread(fd, text, sizeof text, 0));
  for (int i = 0; i < 8; i++) printf("%d ", text[i]);
  printf("\n");
  SHOW(write(fd, "x", 1));
  NUM(size_of(fd));
  SHOW(truncate("file", 2));
  NUM(size_of(fd));
}

CASE(errors) {
  put("file", "content");
  MUST(mkdir("folder", 0755));
  SHOW(truncate("absent", 0));
  SHOW(truncate("folder", 0));
  SHOW(truncate("file", -1));
  SHOW(truncate("file/x", 0));
  SHOW(truncate("", 0));
  SHOW(ftruncate((int)MUST(open("file", O_RDONLY)), 0));
  SHOW(ftruncate(99, 0));
  SHOW(ftruncate((int)MUST(open("folder", O_RDONLY)), 0));
  int ends[2];
  MUST(pipe(ends));
  SHOW(ftruncate(ends[1], 0));
  STR(get("file"));
}

CASE(to_the_page_and_over) {
  static char block[10000], back[20000];
  memset(block, 'x', sizeof block);
  int fd = (int)MUST(open("file", O_RDWR | O_CREAT, 0600));
  MUST(write(fd, block, sizeof block));
  static const long sizes[] = {4096, 5000, 4095, 4097, 8192, 12289, 1, 0, 20000};
  for (size_t i = 0; i < COUNT(sizes); i++) {
    MUST(ftruncate(fd, sizes[i]));
    ssize_t got = pread(fd, back, sizeof back, 0);
    int marked = 0;
    for (ssize_t at = 0; at < got; at++) marked += back[at] == 'x';
    printf("%ld: %ld bytes, %d of them written\n", sizes[i], (long)got, marked);
  }
}

CASE(allocate) {
  int fd = (int)MUST(open("file", O_RDWR | O_CREAT, 0600));
  SHOW(fallocate(fd, 0, 0, 10000));
  NUM(size_of(fd));
  SHOW(fallocate(fd, 0, 5000, 1000));
  NUM(size_of(fd));
  SHOW(fallocate(fd, KEEP_SIZE, 0, 50000));
  NUM(size_of(fd));
  ERR(posix_fallocate(fd, 15000, 5000));
  NUM(size_of(fd));
  SHOW(fallocate(fd, 0, 0, 0));
  SHOW(fallocate(fd, 0, -1, 10));
  SHOW(fallocate(fd, 0, 0, -10));
  SHOW(fallocate(99, 0, 0, 10));
  int reader = (int)MUST(open("file", O_RDONLY)), ends[2];
  MUST(pipe(ends));
  SHOW(fallocate(reader, 0, 0, 10));
  SHOW(fallocate(ends[1], 0, 0, 10));
  ERR(posix_fallocate(fd, 0, 0));
}

CASE(punch_hole) {
  static char block[16384], back[16384];
  memset(block, 'x', sizeof block);
  int fd = (int)MUST(open("file", O_RDWR | O_CREAT, 0600));
  MUST(write(fd, block, sizeof block));
  SHOW(fallocate(fd, PUNCH_HOLE | KEEP_SIZE, 4096, 5000));
  NUM(size_of(fd));
  MUST(pread(fd, back, sizeof back, 0));
  int from = 0, to = 0;
  while (back[from]) from++;
  for (to = from; !back[to];) to++;
  printf("zeros from %d to %d\n", from, to);
  SHOW(fallocate(fd, PUNCH_HOLE, 0, 4096));
}

CASE(permission) {
  put("file", "content");
  pid_t pid = (pid_t)MUST(fork());
  if (pid == 0) {
    int fd = (int)MUST(open("file", O_RDWR));
    MUST(setresuid(12345, 12345, 12345));
    SHOW(truncate("file", 0));
    // A descriptor keeps the right it was opened with.
    SHOW(ftruncate(fd, 3));
    _exit(0);
  }
  reap(pid);
  STR(get("file"));
}
