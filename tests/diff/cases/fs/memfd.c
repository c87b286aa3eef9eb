// Files without a name: memfd_create(2), its seals, and close_range(2), openat2(2), preadv2(2), which came late to Linux.
#include "../../harness.h"
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/uio.h>

#ifndef SYS_close_range
#define SYS_close_range 436
#endif
#ifndef SYS_openat2
#define SYS_openat2 437
#endif
#define memfd(name, flags) SYS2(SYS_memfd_create, name, flags)
enum { ALLOW_SEALING = 2, ADD_SEALS = 1033, GET_SEALS = 1034, SEAL = 1, SHRINK = 2, GROW = 4, WRITE = 8 };

CASE(nameless) {
  int fd = (int)SHOW(memfd("a name", 1));
  SHOW(fcntl(fd, F_GETFD));
  SHOW(write(fd, "content", 7));
  char path[64], text[64] = "";
  snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
  SHOW(readlink(path, text, sizeof text));
  STR(text);
  int again = (int)SHOW(open(path, O_RDONLY));
  memset(text, 0, sizeof text);
  SHOW(read(again, text, sizeof text));
  STR(text);
  struct stat st;
  MUST(fstat(fd, &st));
  printf("mode %o links %ld size %ld\n", st.st_mode, (long)st.st_nlink, (long)st.st_size);
  SHOW(memfd("x", 0x100));
  char longer[260];
  memset(longer, 'n', sizeof longer);
  longer[250] = 0;
  OKAY(memfd(longer, 0));
  longer[249] = 0;
  OKAY(memfd(longer, 0));
}

CASE(seals) {
  int fd = (int)MUST(memfd("sealed", ALLOW_SEALING));
  MUST(write(fd, "0123456789", 10));
  SHOW(fcntl(fd, GET_SEALS));
  SHOW(fcntl(fd, ADD_SEALS, SHRINK));
  SHOW(ftruncate(fd, 5));
  SHOW(ftruncate(fd, 20));
  SHOW(fcntl(fd, ADD_SEALS, GROW));
  SHOW(ftruncate(fd, 30));
  SHOW(pwrite(fd, "xyz", 3, 19));
  SHOW(pwrite(fd, "ab", 2, 0));
  SHOW(fcntl(fd, ADD_SEALS, WRITE));
  SHOW(pwrite(fd, "ab", 2, 0));
  SHOW(fcntl(fd, GET_SEALS));
  SHOW(fcntl(fd, ADD_SEALS, SEAL));
  SHOW(fcntl(fd, ADD_SEALS, SHRINK));
  SHOW(fcntl(fd, ADD_SEALS, 0x1000));
  int plain = (int)MUST(memfd("plain", 0));
  SHOW(fcntl(plain, GET_SEALS));
  SHOW(fcntl(plain, ADD_SEALS, WRITE));
  int ends[2];
  MUST(pipe(ends));
  SHOW(fcntl(ends[0], GET_SEALS));
}

static void list(void) {
  for (int fd = 3; fd < 12; fd++) {
    int flags = fcntl(fd, F_GETFD);
    putchar(flags == -1 ? '-' : flags ? 'c' : 'o');
  }
  putchar('\n');
}

CASE(close_ranges) {
  for (int fd = 3; fd < 12; fd++) MUST(dup2(1, fd));
  list();
  SHOW(SYS3(SYS_close_range, 5, 6, 0));
  list();
  SHOW(SYS3(SYS_close_range, 8, 9, 4));
  list();
  SHOW(SYS3(SYS_close_range, 10, ~0u, 0));
  list();
  SHOW(SYS3(SYS_close_range, 9, 8, 0));
  SHOW(SYS3(SYS_close_range, 3, 4, 0x80));
  list();
}

struct how {
  uint64_t flags, mode, resolve;
};
static long open2(const char *path, struct how how) {
  return SYS4(SYS_openat2, AT_FDCWD, path, &how, sizeof how);
}
enum { NO_XDEV = 1, NO_MAGICLINKS = 2, NO_SYMLINKS = 4, BENEATH = 8, IN_ROOT = 16 };

CASE(openat2_call) {
  MUST(mkdir("d", 0755));
  put("d/file", "in d");
  put("file", "outside");
  MUST(symlink("../file", "d/up"));
  MUST(symlink("/file", "d/absolute"));
  MUST(symlink("file", "d/same"));
  SHOW(open2("file", (struct how){O_RDONLY, 0, 0}));
  SHOW(open2("new", (struct how){O_WRONLY | O_CREAT, 0600, 0}));
  SHOW(open2("file", (struct how){O_RDONLY, 0600, 0}));
  SHOW(open2("file", (struct how){O_RDONLY | 1ull << 40, 0, 0}));
  SHOW(open2("file", (struct how){O_RDONLY, 0, 1 << 10}));
  SHOW(open2("d/same", (struct how){O_RDONLY, 0, NO_SYMLINKS}));
  SHOW(open2("/proc/self/exe", (struct how){O_RDONLY, 0, NO_MAGICLINKS}));
  SHOW(open2("/proc/version", (struct how){O_RDONLY, 0, BENEATH}));
  int d = (int)MUST(open("d", O_PATH | O_DIRECTORY));
  struct how how = {O_RDONLY, 0, BENEATH};
  SHOW(SYS4(SYS_openat2, d, "file", &how, sizeof how));
  SHOW(SYS4(SYS_openat2, d, "same", &how, sizeof how));
  SHOW(SYS4(SYS_openat2, d, "../file", &how, sizeof how));
  SHOW(SYS4(SYS_openat2, d, "up", &how, sizeof how));
  SHOW(SYS4(SYS_openat2, d, "absolute", &how, sizeof how));
  how.resolve = IN_ROOT;
  char text[16] = "";
  int fd = (int)SHOW(SYS4(SYS_openat2, d, "up", &how, sizeof how));
  SHOW(read(fd, text, 15));
  STR(text);
  SHOW(SYS4(SYS_openat2, d, "absolute", &how, sizeof how));
  SHOW(SYS4(SYS_openat2, d, "/../../file", &how, sizeof how));
  SHOW(SYS4(SYS_openat2, d, "file", &how, 8));
}

CASE(vectors_with_flags) {
  int fd = (int)MUST(open("file", O_RDWR | O_CREAT, 0600));
  struct iovec two[2] = {{"abc", 3}, {"defg", 4}};
  SHOW(SYS6(SYS_pwritev2, fd, two, 2, 0, 0, 0));
  SHOW(lseek(fd, 0, SEEK_CUR));
  SHOW(SYS6(SYS_pwritev2, fd, two, 1, -1, -1, 0));
  SHOW(lseek(fd, 0, SEEK_CUR));
  SHOW(SYS6(SYS_pwritev2, fd, two, 1, 0, 0, 0x10));
  STR(get("file"));
  char a[4] = "", b[16] = "";
  struct iovec in[2] = {{a, 3}, {b, 15}};
  SHOW(SYS6(SYS_preadv2, fd, in, 2, 1, 0, 0));
  printf("%s %s\n", a, b);
  SHOW(SYS6(SYS_preadv2, fd, in, 2, 0, 0, 0x4000));
  SHOW(SYS6(SYS_preadv2, fd, in, 2, -2, -1, 0));
  SHOW(SYS6(SYS_preadv2, fd, in, -1, 0, 0, 0));
  SHOW(SYS6(SYS_preadv2, fd, in, 1025, 0, 0, 0));
  int ends[2];
  MUST(pipe(ends));
  SHOW(SYS6(SYS_preadv2, ends[0], in, 1, 0, 0, 0));
  SHOW(SYS6(SYS_preadv2, ends[0], in, 1, -1, -1, 8));
}

CASE(generic_ioctls) {
  int fd = (int)MUST(open("file", O_RDWR | O_CREAT, 0600)), on = 1;
  MUST(write(fd, "0123456789", 10));
  SHOW(ioctl(fd, FIONREAD, &on));
  NUM(on);
  SHOW(ioctl(fd, FIONBIO, &on));
  SHOW(ioctl((int)MUST(open("file", O_PATH)), FIOCLEX));
  SHOW(ioctl((int)MUST(open("/dev/null", O_RDWR)), FIONREAD, &on));
  SHOW(ioctl((int)MUST(open(".", O_RDONLY)), FIONREAD, &on));
}
