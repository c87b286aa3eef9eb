// utimensat(2), and which calls change which of a file's times.
#include <utime.h>
#include "../../harness.h"

static struct stat before;
static void mark(const char *path) {
  MUST(lstat(path, &before));
  sleep_ms(15); // longer than the kernel's clock tick
}
static int later(struct timespec a, struct timespec b) {
  return a.tv_sec != b.tv_sec ? a.tv_sec > b.tv_sec : a.tv_nsec > b.tv_nsec;
}
static void changed(const char *what, const char *path) {
  struct stat now;
  MUST(lstat(path, &now));
  printf("%s: mtime %d ctime %d\n", what, later(now.st_mtim, before.st_mtim), later(now.st_ctim, before.st_ctim));
}
static void print(const char *path) {
  struct stat st;
  MUST(lstat(path, &st));
  printf("atime %ld.%09ld mtime %ld.%09ld\n", (long)st.st_atim.tv_sec, (long)st.st_atim.tv_nsec,
         (long)st.st_mtim.tv_sec, (long)st.st_mtim.tv_nsec);
}

CASE(set) {
  put("file", "");
  struct timespec times[2] = {{1000000001, 123456789}, {1600000000, 987654321}};
  SHOW(utimensat(AT_FDCWD, "file", times, 0));
  print("file");
  times[0].tv_nsec = UTIME_OMIT;
  times[1] = (struct timespec){5, 6};
  SHOW(utimensat(AT_FDCWD, "file", times, 0));
  print("file");
  times[1].tv_nsec = UTIME_OMIT;
  SHOW(utimensat(AT_FDCWD, "file", times, 0));
  print("file");
  int fd = (int)MUST(open("file", O_RDONLY));
  SHOW(futimens(fd, (struct timespec[]){{7, 8}, {9, 10}}));
  print("file");
  SHOW(utimes("file", (struct timeval[]){{11, 12}, {13, 14}}));
  print("file");
  SHOW(utime("file", &(struct utimbuf){15, 16}));
  print("file");
}

CASE(now) {
  put("file", "");
  struct timespec old[2] = {{1, 0}, {1, 0}}, times[2] = {{0, UTIME_OMIT}, {0, UTIME_NOW}};
  MUST(utimensat(AT_FDCWD, "file", old, 0));
  SHOW(utimensat(AT_FDCWD, "file", times, 0));
  struct stat st;
  MUST(stat("file", &st));
  printf("atime %ld, mtime is now %d\n", (long)st.st_atime, labs((long)(time(NULL) - st.st_mtime)) < 5);
  MUST(utimensat(AT_FDCWD, "file", old, 0));
  SHOW(utimensat(AT_FDCWD, "file", NULL, 0));
  MUST(stat("file", &st));
  printf("both now %d\n", labs((long)(time(NULL) - st.st_mtime)) < 5 && labs((long)(time(NULL) - st.st_atime)) < 5);
}

CASE(links) {
  put("file", "");
  MUST(symlink("file", "link"));
  struct timespec times[2] = {{100, 0}, {200, 0}};
  SHOW(utimensat(AT_FDCWD, "link", times, AT_SYMLINK_NOFOLLOW));
  print("link");
  times[1].tv_sec = 300;
  SHOW(utimensat(AT_FDCWD, "link", times, 0));
  print("file");
}

CASE(errors) {
  put("file", "");
  struct timespec times[2] = {{1, 1000000000}, {1, 0}}, good[2] = {{1, 0}, {1, 0}};
  SHOW(utimensat(AT_FDCWD, "file", times, 0));
  times[0].tv_nsec = -1;
  SHOW(utimensat(AT_FDCWD, "file", times, 0));
  SHOW(utimensat(AT_FDCWD, "absent", good, 0));
  SHOW(utimensat(AT_FDCWD, "file", good, 0x4));
  SHOW(futimens(99, good));
  pid_t pid = (pid_t)MUST(fork());
  if (pid == 0) {
    MUST(setresuid(1001, 1001, 1001));
    SHOW(utimensat(AT_FDCWD, "file", good, 0));
    SHOW(utimensat(AT_FDCWD, "file", NULL, 0));
    _exit(0);
  }
  reap(pid);
}

// Who may write may set the times to now, but not to anything else.
CASE(writer_may_touch) {
  put("file", "");
  MUST(chmod("file", 0666));
  pid_t pid = (pid_t)MUST(fork());
  if (pid == 0) {
    struct timespec good[2] = {{1, 0}, {1, 0}};
    MUST(setresuid(1001, 1001, 1001));
    SHOW(utimensat(AT_FDCWD, "file", good, 0));
    SHOW(utimensat(AT_FDCWD, "file", NULL, 0));
    _exit(0);
  }
  reap(pid);
}

CASE(of_a_file) {
  put("file", "text");
  int fd = (int)MUST(open("file", O_RDWR));
  mark("file");
  MUST(write(fd, "x", 1));
  changed("write", "file");
  mark("file");
  MUST(chmod("file", 0640));
  changed("chmod", "file");
  mark("file");
  MUST(link("file", "other"));
  changed("link", "file");
  mark("file");
  MUST(rename("file", "new"));
  changed("rename", "new");
  mark("new");
  MUST(ftruncate(fd, 2));
  changed("ftruncate", "new");
  mark("new");
  MUST(chown("new", 1, 1));
  changed("chown", "new");
  mark("new");
  MUST(utimensat(AT_FDCWD, "new", (struct timespec[]){{1, 0}, {0, UTIME_OMIT}}, 0));
  changed("utimensat", "new");
  mark("new");
  MUST(access("new", R_OK));
  changed("access", "new");
}

CASE(of_a_directory) {
  MUST(mkdir("d", 0755));
  mark("d");
  put("d/file", "");
  changed("create", "d");
  mark("d");
  put("d/file", "more");
  changed("write into a file", "d");
  mark("d");
  MUST(chmod("d/file", 0600));
  changed("chmod of a file", "d");
  mark("d");
  MUST(rename("d/file", "d/new"));
  changed("rename", "d");
  mark("d");
  MUST(unlink("d/new"));
  changed("unlink", "d");
  mark("d");
  MUST(mkdir("d/sub", 0755));
  changed("mkdir", "d");
  mark("d");
  MUST(rmdir("d/sub"));
  changed("rmdir", "d");
}
