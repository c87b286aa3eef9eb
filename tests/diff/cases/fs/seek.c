// lseek(2), sparse files, SEEK_HOLE and SEEK_DATA.
#include "../../harness.h"

CASE(whence) {
  int fd = (int)MUST(open("file", O_RDWR | O_CREAT, 0600));
  MUST(write(fd, "0123456789", 10));
  SHOW(lseek(fd, 3, SEEK_SET));
  SHOW(lseek(fd, 4, SEEK_CUR));
  SHOW(lseek(fd, -2, SEEK_CUR));
  SHOW(lseek(fd, -3, SEEK_END));
  SHOW(lseek(fd, 5, SEEK_END));
  SHOW(lseek(fd, -1, SEEK_SET));
  SHOW(lseek(fd, -100, SEEK_CUR));
  SHOW(lseek(fd, 0, SEEK_CUR));
  SHOW(lseek(fd, 0, 77));
  SHOW(lseek(99, 0, SEEK_SET));
}

CASE(not_seekable) {
  int ends[2];
  MUST(pipe(ends));
  SHOW(lseek(ends[0], 0, SEEK_CUR));
  SHOW(lseek(1, 0, SEEK_CUR));
  SHOW(lseek((int)MUST(open("/dev/null", O_RDWR)), 5, SEEK_SET));
}

CASE(beyond_the_end) {
  int fd = (int)MUST(open("file", O_RDWR | O_CREAT, 0600));
  SHOW(lseek(fd, 100, SEEK_SET));
  char text[120];
  SHOW(read(fd, text, 10));
  struct stat st;
  MUST(fstat(fd, &st));
  NUM(st.st_size);
  SHOW(write(fd, "end", 3));
  MUST(fstat(fd, &st));
  NUM(st.st_size);
  SHOW(pread(fd, text, sizeof text, 0));
  int zeros = 0;
  for (int i = 0; i < 100; i++) zeros += text[i] == 0;
  printf("zeros %d, then %.3s\n", zeros, text + 100);
}

CASE(four_gigabytes) {
  int fd = (int)MUST(open("file", O_RDWR | O_CREAT, 0600));
  off_t far = (off_t)5 << 30;
  SHOW(lseek(fd, far, SEEK_SET));
  SHOW(write(fd, "far", 3));
  struct stat st;
  MUST(fstat(fd, &st));
  NUM(st.st_size);
  NUM(st.st_blocks < 100);
  char text[8] = "";
  SHOW(pread(fd, text, 8, far));
  STR(text);
  SHOW(lseek(fd, 0, SEEK_END));
  SHOW(lseek(fd, -4, SEEK_END));
  SHOW(read(fd, text, 8));
  NUM(text[0]);
  SHOW(pread(fd, text, 8, (off_t)1 << 32));
}

CASE(holes) {
  int fd = (int)MUST(open("file", O_RDWR | O_CREAT, 0600));
  MUST(ftruncate(fd, 1 << 20));
  MUST(pwrite(fd, "data", 4, 512 << 10));
  off_t data = lseek(fd, 0, SEEK_DATA);
  printf("data found no later than what was written: %d\n", data > 0 && data <= 512 << 10);
  off_t hole = lseek(fd, data, SEEK_HOLE);
  printf("hole after it: %d\n", hole > 512 << 10 && hole <= 1 << 20);
  SHOW(lseek(fd, 0, SEEK_HOLE));
  SHOW(lseek(fd, 1 << 20, SEEK_HOLE));
  SHOW(lseek(fd, 1 << 20, SEEK_DATA));
  SHOW(lseek(fd, 900 << 10, SEEK_DATA));
  SHOW(lseek(fd, -1, SEEK_HOLE));
}

CASE(hole_of_a_full_file) {
  int fd = (int)MUST(open("file", O_RDWR | O_CREAT, 0600));
  MUST(write(fd, "0123456789", 10));
  SHOW(lseek(fd, 0, SEEK_HOLE));
  SHOW(lseek(fd, 5, SEEK_DATA));
  SHOW(lseek(fd, 10, SEEK_DATA));
}

CASE(huge_offsets) {
  int fd = (int)MUST(open("file", O_RDWR | O_CREAT, 0600));
  SHOW(lseek(fd, LLONG_MIN, SEEK_CUR));
  SHOW(pwrite(fd, "x", 1, -1));
  char byte;
  SHOW(pread(fd, &byte, 1, -5));
  SHOW(ftruncate(fd, -1));
}
