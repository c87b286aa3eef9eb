// rename(2), renameat2(2).
#include "../../harness.h"
#define NOREPLACE 1
#define EXCHANGE 2
#define rename2(from, to, flags) SYS5(SYS_renameat2, AT_FDCWD, from, AT_FDCWD, to, flags)

static ino_t inode(const char *path) {
  struct stat st;
  return stat(path, &st) == 0 ? st.st_ino : 0;
}

CASE(files) {
  put("a", "A");
  put("b", "B");
  ino_t a = inode("a");
  SHOW(rename("a", "c"));
  SHOW(access("a", F_OK));
  SHOW(rename("c", "b"));
  STR(get("b"));
  NUM(inode("b") == a);
  SHOW(rename("b", "b"));
  SHOW(rename("absent", "b"));
  SHOW(rename("b", "absent/b"));
  SHOW(rename("b", ""));
  SHOW(rename("", "b"));
}

CASE(directories) {
  MUST(mkdir("empty", 0755));
  MUST(mkdir("full", 0755));
  put("full/file", "x");
  put("file", "y");
  SHOW(rename("empty", "full"));
  SHOW(rename("empty", "file"));
  SHOW(rename("file", "empty"));
  SHOW(rename("full", "empty"));
  STR(get("empty/file"));
  SHOW(access("full", F_OK));
  SHOW(rename("empty", "new/"));
  STR(get("new/file"));
  SHOW(rename("file", "other/"));
}

CASE(into_itself) {
  MUST(mkdir("a", 0755));
  MUST(mkdir("a/b", 0755));
  MUST(mkdir("a/b/c", 0755));
  SHOW(rename("a", "a/x"));
  SHOW(rename("a", "a/b/c/x"));
  SHOW(rename("a/b", "a"));
  SHOW(rename("a/b/c", "a"));
  SHOW(rename("a", "a/b/c"));
  SHOW(rename("a/b/c", "c"));
}

CASE(dots) {
  MUST(mkdir("a", 0755));
  SHOW(rename("a/.", "b"));
  SHOW(rename(".", "b"));
  SHOW(rename("a/..", "b"));
  SHOW(rename("a", "."));
  SHOW(rename("a", "a/.."));
}

// Two names of one file: rename does nothing and says so with 0.
CASE(hard_links) {
  put("a", "one");
  MUST(link("a", "b"));
  SHOW(rename("a", "b"));
  SHOW(access("a", F_OK));
  SHOW(access("b", F_OK));
}

CASE(open_files) {
  put("a", "A");
  put("b", "B");
  int a = (int)MUST(open("a", O_RDWR)), b = (int)MUST(open("b", O_RDWR));
  SHOW(rename("a", "b"));
  char text[4] = "";
  SHOW(read(b, text, 3));
  STR(text);
  SHOW(write(a, "now b", 5));
  STR(get("b"));
  struct stat st;
  MUST(fstat(b, &st));
  printf("links of the old b: %ld\n", (long)st.st_nlink);
}

CASE(keeps_working_directory) {
  MUST(mkdir("a", 0755));
  MUST(mkdir("a/b", 0755));
  MUST(mkdir("z", 0755));
  MUST(chdir("a/b"));
  SHOW(rename("../../a", "../../z/moved"));
  char path[4096];
  MUST(getcwd(path, sizeof path) ? 0 : -1);
  STR(strrchr(path, 'z'));
  put("file", "x");
  MUST(chdir("../../.."));
  STR(get("z/moved/b/file"));
}

CASE(parent_of_a_moved_directory) {
  MUST(mkdir("a", 0755));
  MUST(mkdir("a/sub", 0755));
  MUST(mkdir("b", 0755));
  int sub = (int)MUST(open("a/sub", O_RDONLY));
  SHOW(rename("a/sub", "b/sub"));
  struct stat up, b, a;
  MUST(fstatat(sub, "..", &up, 0));
  MUST(stat("b", &b));
  MUST(stat("a", &a));
  NUM(up.st_ino == b.st_ino);
  printf("links: a %ld, b %ld\n", (long)a.st_nlink, (long)b.st_nlink);
}

CASE(no_replace) {
  put("a", "A");
  put("b", "B");
  SHOW(rename2("a", "b", NOREPLACE));
  SHOW(rename2("a", "c", NOREPLACE));
  STR(get("b"));
  STR(get("c"));
  SHOW(rename2("c", "d", NOREPLACE | EXCHANGE));
  SHOW(rename2("c", "d", 0x80));
  SHOW(rename2("c", "d", 0));
  STR(get("d"));
}

CASE(exchange) {
  put("a", "A");
  MUST(mkdir("folder", 0755));
  put("folder/inside", "I");
  SHOW(rename2("a", "folder", EXCHANGE));
  STR(get("folder"));
  STR(get("a/inside"));
  SHOW(rename2("a", "absent", EXCHANGE));
  SHOW(rename2("a", "a/inside", EXCHANGE));
}

CASE(permission) {
  MUST(mkdir("mine", 0755));
  put("mine/file", "x");
  MUST(mkdir("shared", 0755));
  MUST(chmod("shared", 01777));
  put("shared/file", "y");
  pid_t pid = (pid_t)MUST(fork());
  if (pid == 0) {
    MUST(setresuid(12345, 12345, 12345));
    SHOW(rename("mine/file", "mine/other"));
    SHOW(rename("shared/file", "shared/other"));
    put("shared/own", "z");
    SHOW(rename("shared/own", "shared/renamed"));
    SHOW(rename("shared/renamed", "shared/file"));
    _exit(0);
  }
  reap(pid);
}
