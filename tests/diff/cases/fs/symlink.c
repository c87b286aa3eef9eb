// symlink(2), readlink(2), lstat(2).
#include "../../harness.h"

CASE(read_back) {
  SHOW(symlink("where/it/points", "link"));
  char text[32];
  memset(text, '#', sizeof text);
  SHOW(readlink("link", text, sizeof text));
  printf("%.16s\n", text);
  memset(text, '#', sizeof text);
  SHOW(readlink("link", text, 5));
  printf("%.8s\n", text);
  SHOW(SYS3(SYS_readlink, "link", text, 0));
  SHOW(SYS3(SYS_readlink, "link", text, -1));
}

CASE(size_and_mode) {
  struct stat st;
  MUST(symlink("0123456789", "link"));
  MUST(lstat("link", &st));
  printf("size %ld mode %o links %ld\n", (long)st.st_size, st.st_mode, (long)st.st_nlink);
}

CASE(errors) {
  put("file", "");
  MUST(mkdir("folder", 0755));
  SHOW(symlink("x", "file"));
  SHOW(symlink("x", "folder"));
  SHOW(symlink("", "empty"));
  SHOW(symlink("x", ""));
  SHOW(symlink("x", "absent/link"));
  SHOW(symlink("x", "file/link"));
  SHOW(symlink("x", "new/"));
  static char big[4200];
  memset(big, 'x', 4096);
  OKAY(symlink(big, "link"));
  big[1000] = 0;
  OKAY(symlink(big, "link"));
  char text[8];
  SHOW(readlink("file", text, sizeof text));
  SHOW(readlink("folder", text, sizeof text));
  SHOW(readlink("absent", text, sizeof text));
  SHOW(readlink("", text, sizeof text));
}

CASE(calls_that_follow) {
  put("file", "content");
  MUST(symlink("file", "link"));
  struct stat st;
  SHOW(chmod("link", 0600));
  SHOW(truncate("link", 3));
  SHOW(chown("link", 1, 2));
  MUST(stat("file", &st));
  printf("mode %o size %ld owner %d %d\n", st.st_mode & 07777, (long)st.st_size, (int)st.st_uid, (int)st.st_gid);
  SHOW(lchown("link", 3, 4));
  MUST(lstat("link", &st));
  printf("link's owner %d %d\n", (int)st.st_uid, (int)st.st_gid);
  SHOW(access("link", F_OK));
}

CASE(calls_that_do_not) {
  put("file", "content");
  MUST(symlink("file", "link"));
  SHOW(rename("link", "moved"));
  STR(get("file"));
  SHOW(link("moved", "hard"));
  struct stat st;
  MUST(lstat("hard", &st));
  printf("hard link to the link: %d, links %ld\n", S_ISLNK(st.st_mode), (long)st.st_nlink);
  SHOW(linkat(AT_FDCWD, "moved", AT_FDCWD, "followed", AT_SYMLINK_FOLLOW));
  MUST(lstat("followed", &st));
  NUM(S_ISREG(st.st_mode));
  SHOW(unlink("moved"));
  STR(get("file"));
}

CASE(dangling) {
  MUST(symlink("absent", "link"));
  struct stat st;
  SHOW(stat("link", &st));
  SHOW(access("link", F_OK));
  SHOW(faccessat(AT_FDCWD, "link", F_OK, AT_SYMLINK_NOFOLLOW));
  SHOW(chmod("link", 0600));
  SHOW(mkdir("link", 0700));
  SHOW(open("link", O_RDONLY));
  SHOW(creat("link", 0600));
  SHOW(access("absent", F_OK));
}

CASE(real_path) {
  MUST(mkdir("a", 0755));
  MUST(mkdir("a/b", 0755));
  put("a/b/file", "");
  MUST(symlink("a/b", "short"));
  MUST(symlink("../../short/file", "a/b/back"));
  char here[4096], there[4096];
  MUST(realpath(".", here) ? 0 : -1);
  static const char *paths[] = {"short/back", "a/../short/./file", "a/b/", "absent"};
  for (size_t i = 0; i < COUNT(paths); i++) {
    errno = 0;
    char *got = realpath(paths[i], there);
    printf("%s -> %s\n", paths[i], got ? got + strlen(here) : errname(errno));
  }
}
