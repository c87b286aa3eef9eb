// sendfile(2), copy_file_range(2).
#include <sys/sendfile.h>
#include "../../harness.h"

static int in, out;
static void start(void) {
  in = (int)MUST(open("in", O_RDWR | O_CREAT, 0600));
  out = (int)MUST(open("out", O_RDWR | O_CREAT, 0600));
  MUST(write(in, "0123456789", 10));
  MUST(lseek(in, 0, SEEK_SET));
}

CASE(sendfile_offsets) {
  start();
  SHOW(sendfile(out, in, NULL, 4));
  SHOW(lseek(in, 0, SEEK_CUR));
  off_t at = 6;
  SHOW(sendfile(out, in, &at, 100));
  NUM(at);
  SHOW(lseek(in, 0, SEEK_CUR));
  STR(get("out"));
  SHOW(sendfile(out, in, &at, 100));
  at = 50;
  SHOW(sendfile(out, in, &at, 100));
  SHOW(sendfile(out, in, NULL, 0));
}

CASE(sendfile_to_pipe) {
  start();
  int ends[2];
  MUST(pipe(ends));
  SHOW(sendfile(ends[1], in, NULL, 10));
  char text[16] = "";
  SHOW(read(ends[0], text, sizeof text));
  STR(text);
  SHOW(sendfile(out, ends[0], NULL, 10));
}

CASE(sendfile_errors) {
  start();
  off_t at = -1;
  SHOW(sendfile(out, in, &at, 5));
  SHOW(sendfile(99, in, NULL, 5));
  SHOW(sendfile(out, 99, NULL, 5));
  SHOW(sendfile((int)MUST(open("out", O_RDONLY)), in, NULL, 5));
  SHOW(sendfile(out, (int)MUST(open("in", O_WRONLY)), NULL, 5));
  SHOW(sendfile((int)MUST(open("out", O_WRONLY | O_APPEND)), in, NULL, 5));
}

CASE(copy_range) {
  start();
  off_t from = 2, to = 5;
  SHOW(copy_file_range(in, &from, out, &to, 4, 0));
  printf("%ld %ld\n", (long)from, (long)to);
  SHOW(lseek(in, 0, SEEK_CUR));
  SHOW(copy_file_range(in, NULL, out, NULL, 3, 0));
  SHOW(lseek(in, 0, SEEK_CUR));
  SHOW(lseek(out, 0, SEEK_CUR));
  char text[16];
  ssize_t got = pread(out, text, sizeof text, 0);
  for (ssize_t i = 0; i < got; i++) putchar(text[i] ? text[i] : '.');
  putchar('\n');
  SHOW(copy_file_range(in, &(off_t){8}, out, &(off_t){0}, 100, 0));
  SHOW(copy_file_range(in, &(off_t){10}, out, &(off_t){0}, 100, 0));
  SHOW(copy_file_range(in, NULL, out, NULL, 0, 0));
}

CASE(copy_range_errors) {
  start();
  int ends[2];
  MUST(pipe(ends));
  SHOW(copy_file_range(in, NULL, out, NULL, 5, 1));
  SHOW(copy_file_range(99, NULL, out, NULL, 5, 0));
  SHOW(copy_file_range(in, NULL, (int)MUST(open("out", O_RDONLY)), NULL, 5, 0));
  SHOW(copy_file_range(in, NULL, (int)MUST(open("out", O_WRONLY | O_APPEND)), NULL, 5, 0));
  SHOW(copy_file_range(ends[0], NULL, out, NULL, 5, 0));
  MUST(mkdir("folder", 0755));
  SHOW(copy_file_range((int)MUST(open("folder", O_RDONLY)), NULL, out, NULL, 5, 0));
  // Ranges of one file may not overlap.
  SHOW(copy_file_range(in, &(off_t){0}, in, &(off_t){2}, 5, 0));
  SHOW(copy_file_range(in, &(off_t){0}, in, &(off_t){5}, 5, 0));
  STR(get("in"));
}

CASE(a_megabyte) {
  in = (int)MUST(open("in", O_RDWR | O_CREAT, 0600));
  out = (int)MUST(open("out", O_RDWR | O_CREAT, 0600));
  static char block[1 << 20], back[1 << 20];
  for (size_t i = 0; i < sizeof block; i++) block[i] = (char)(i * 31 + i / 4096);
  MUST(write(in, block, sizeof block));
  off_t at = 0;
  while (at < (off_t)sizeof block) MUST(sendfile(out, in, &at, sizeof block));
  MUST(pread(out, back, sizeof back, 0));
  NUM(memcmp(block, back, sizeof block));
}
