// The *at calls: paths relative to a directory descriptor.
#include "../../harness.h"

static int folder;
static void start(void) {
  MUST(mkdir("folder", 0755));
  folder = (int)MUST(open("folder", O_RDONLY | O_DIRECTORY));
}

CASE(open_and_make) {
  start();
  SHOW(openat(folder, "file", O_RDWR | O_CREAT, 0600));
  SHOW(mkdirat(folder, "sub", 0700));
  SHOW(symlinkat("file", folder, "link"));
  SHOW(mknodat(folder, "fifo", S_IFIFO | 0600, 0));
  SHOW(mkfifoat(folder, "fifo2", 0600));
  SHOW(access("folder/file", F_OK));
  SHOW(access("folder/sub", F_OK));
  SHOW(access("folder/link", F_OK));
  SHOW(access("folder/fifo", F_OK));
  SHOW(faccessat(folder, "fifo2", F_OK, 0));
  char text[16] = "";
  SHOW(readlinkat(folder, "link", text, sizeof text));
  STR(text);
}

CASE(remove_and_rename) {
  start();
  put("folder/a", "A");
  MUST(mkdir("folder/sub", 0700));
  SHOW(unlinkat(folder, "sub", 0));
  SHOW(unlinkat(folder, "a", AT_REMOVEDIR));
  SHOW(unlinkat(folder, "sub", AT_REMOVEDIR));
  SHOW(renameat(folder, "a", AT_FDCWD, "b"));
  SHOW(renameat(AT_FDCWD, "b", folder, "c"));
  SHOW(linkat(folder, "c", AT_FDCWD, "d", 0));
  STR(get("d"));
  SHOW(unlinkat(folder, "c", 0));
  SHOW(unlinkat(folder, "c", 0));
  SHOW(unlinkat(AT_FDCWD, "d", 0x1));
}

CASE(modes_and_owners) {
  start();
  put("folder/file", "");
  MUST(symlink("file", "folder/link"));
  struct stat st;
  SHOW(fchmodat(folder, "file", 0751, 0));
  SHOW(fchownat(folder, "link", 11, 12, 0));
  MUST(stat("folder/file", &st));
  printf("%o %d %d\n", st.st_mode & 07777, (int)st.st_uid, (int)st.st_gid);
  SHOW(fchownat(folder, "link", 13, 14, AT_SYMLINK_NOFOLLOW));
  MUST(lstat("folder/link", &st));
  printf("%d %d\n", (int)st.st_uid, (int)st.st_gid);
  int fd = (int)MUST(openat(folder, "file", O_RDONLY));
  SHOW(fchownat(fd, "", 15, 16, AT_EMPTY_PATH));
  SHOW(fchown(fd, -1, 17));
  SHOW(fchmod(fd, 0600));
  MUST(fstat(fd, &st));
  printf("%o %d %d\n", st.st_mode & 07777, (int)st.st_uid, (int)st.st_gid);
}

CASE(absolute_paths_ignore_it) {
  SHOW(openat(99, "/", O_RDONLY));
  SHOW(faccessat(-5, "/proc", F_OK, 0));
  SHOW(openat(99, "relative", O_RDONLY));
  SHOW(openat(AT_FDCWD, "relative", O_RDONLY));
  put("file", "");
  int fd = (int)MUST(open("file", O_RDONLY));
  SHOW(openat(fd, "relative", O_RDONLY));
  SHOW(mkdirat(fd, "relative", 0700));
  SHOW(unlinkat(99, "relative", 0));
  SHOW(symlinkat("x", 99, "relative"));
  SHOW(renameat(99, "a", AT_FDCWD, "b"));
}

// The descriptor stays with the directory wherever that goes.
CASE(moved_directory) {
  start();
  MUST(mkdir("other", 0755));
  MUST(rename("folder", "other/moved"));
  SHOW(openat(folder, "file", O_RDWR | O_CREAT, 0600));
  SHOW(access("other/moved/file", F_OK));
  SHOW(faccessat(folder, "../../other", F_OK, 0));
  MUST(fchdir(folder));
  SHOW(access("file", F_OK));
}

CASE(closed_on_the_way) {
  start();
  put("folder/file", "text");
  int fd = (int)MUST(openat(folder, "file", O_RDONLY));
  close(folder);
  char text[8] = "";
  SHOW(read(fd, text, 4));
  STR(text);
  SHOW(openat(folder, "file", O_RDONLY));
}

CASE(change_directory) {
  start();
  MUST(mkdir("folder/sub", 0755));
  put("folder/sub/file", "deep");
  SHOW(fchdir(folder));
  STR(get("sub/file"));
  SHOW(chdir("sub"));
  STR(get("file"));
  char path[4096];
  STR(strstr(getcwd(path, sizeof path), "/folder"));
  SHOW(chdir("file"));
  SHOW(chdir("absent"));
  SHOW(chdir(""));
  SHOW(fchdir(99));
  SHOW(fchdir((int)MUST(open("file", O_RDONLY))));
  SHOW(chdir("../.."));
  SHOW(access("folder/sub/file", F_OK));
  SHOW(getcwd(path, 1) == NULL);
  STR(errname(errno));
  SHOW(SYS2(SYS_getcwd, path, 0));
  SHOW(SYS2(SYS_getcwd, path, sizeof path) == (long)strlen(path) + 1);
  MUST(chdir("/"));
  STR(getcwd(path, sizeof path));
  SHOW(chdir(".."));
  STR(getcwd(path, sizeof path));
}

CASE(change_root) {
  MUST(mkdir("root", 0755));
  MUST(mkdir("root/inner", 0755));
  put("root/inner/file", "inside");
  MUST(symlink("/inner/file", "root/link"));
  pid_t pid = (pid_t)MUST(fork());
  if (pid == 0) {
    SHOW(chroot("root"));
    STR(get("/inner/file"));
    STR(get("/link"));
    SHOW(chdir("/"));
    STR(get("../../../inner/file"));
    SHOW(access("/proc", F_OK));
    char path[64];
    STR(getcwd(path, sizeof path));
    _exit(0);
  }
  reap(pid);
  SHOW(chroot("absent"));
  MUST(setresuid(1001, 1001, 1001));
  SHOW(chroot("root"));
}
