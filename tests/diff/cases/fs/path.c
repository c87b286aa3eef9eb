// Path resolution (path_resolution(7)).
#include "../../harness.h"

static const char *name_of(size_t length) {
  static char text[5000];
  memset(text, 'n', length);
  text[length] = 0;
  return text;
}

CASE(not_a_directory) {
  put("file", "");
  struct stat st;
  SHOW(stat("file/x", &st));
  SHOW(stat("file/.", &st));
  SHOW(stat("file/..", &st));
  SHOW(stat("file/", &st));
  SHOW(lstat("file/", &st));
  SHOW(stat("absent/x", &st));
  SHOW(stat("absent/", &st));
  SHOW(stat("", &st));
  SHOW(stat("absent/../file", &st));
}

CASE(name_length) {
  struct stat st;
  SHOW(creat(name_of(255), 0600));
  SHOW(stat(name_of(255), &st));
  SHOW(stat(name_of(256), &st));
  SHOW(mkdir(name_of(256), 0700));
  SHOW(unlink(name_of(255)));
  // A path may have 4095 bytes.
  static char path[5000] = "";
  while (strlen(path) < 4094) strcat(path, "./");
  path[4094] = 0;
  strcat(path, ".");
  printf("%zu\n", strlen(path));
  OKAY(stat(path, &st));
  strcat(path, ".");
  OKAY(stat(path, &st));
}

CASE(slashes_and_dots) {
  MUST(mkdir("a", 0755));
  MUST(mkdir("a/b", 0755));
  put("a/b/file", "found");
  STR(get("a//b///file"));
  STR(get("./a/./b/./file"));
  STR(get("a/b/../b/../../a/b/file"));
  STR(get("a/b/file/"));
  struct stat root, up;
  MUST(stat("/", &root));
  MUST(stat("/../../..", &up));
  NUM(root.st_ino == up.st_ino);
  SHOW(chdir("a/b/"));
  STR(get("../../a/b/file"));
}

CASE(symlink_loops) {
  MUST(symlink("loop", "loop"));
  MUST(symlink("b", "a"));
  MUST(symlink("a", "b"));
  struct stat st;
  SHOW(stat("loop", &st));
  SHOW(lstat("loop", &st));
  SHOW(stat("loop/x", &st));
  SHOW(open("a", O_RDONLY));
  SHOW(open("a", O_RDWR | O_CREAT, 0600));
  SHOW(chdir("b"));
  SHOW(mkdir("loop/x", 0700));
  SHOW(unlink("loop"));
}

// At most 40 links are followed in one resolution.
CASE(symlink_chain) {
  put("l0", "end of the chain");
  for (int i = 1; i <= 41; i++) {
    char from[8], to[8];
    snprintf(from, sizeof from, "l%d", i);
    snprintf(to, sizeof to, "l%d", i - 1);
    MUST(symlink(to, from));
  }
  STR(get("l39"));
  STR(get("l40"));
  STR(get("l41"));
}

CASE(relative_links) {
  MUST(mkdir("a", 0755));
  MUST(mkdir("a/b", 0755));
  put("a/file", "in a");
  put("file", "at the top");
  MUST(symlink("../file", "a/b/up"));
  MUST(symlink("file", "a/same"));
  MUST(symlink("a/b", "into"));
  STR(get("a/b/up"));
  STR(get("a/same"));
  STR(get("into/up"));
  // `..` goes to the parent of where the link led, not back.
  STR(get("into/../file"));
}

CASE(links_with_slash) {
  MUST(mkdir("folder", 0755));
  put("file", "");
  MUST(symlink("folder", "to-folder"));
  MUST(symlink("file", "to-file"));
  struct stat st;
  SHOW(lstat("to-folder", &st));
  NUM(S_ISLNK(st.st_mode));
  SHOW(lstat("to-folder/", &st));
  NUM(S_ISDIR(st.st_mode));
  SHOW(stat("to-file/", &st));
  SHOW(unlink("to-folder/"));
  SHOW(rmdir("to-folder"));
  SHOW(rmdir("to-folder/"));
  SHOW(mkdir("to-folder", 0700));
  SHOW(mkdir("new/", 0700));
  SHOW(rmdir("new/"));
}

CASE(bad_pointers) {
  struct stat st;
  SHOW(SYS3(SYS_open, BAD_ADDRESS, O_RDONLY, 0));
  SHOW(SYS2(SYS_stat, BAD_ADDRESS, &st));
  SHOW(SYS2(SYS_stat, ".", BAD_ADDRESS));
  SHOW(SYS2(SYS_getcwd, BAD_ADDRESS, 4096));
  SHOW(SYS2(SYS_rename, ".", BAD_ADDRESS));
  SHOW(SYS3(SYS_readlink, "/proc/self", BAD_ADDRESS, 10));
}

CASE(search_permission) {
  MUST(mkdir("closed", 0700));
  put("closed/file", "secret");
  MUST(mkdir("open", 0755));
  MUST(mkdir("passage", 0711));
  put("passage/file", "known by name");
  pid_t pid = (pid_t)MUST(fork());
  if (pid == 0) {
    struct stat st;
    MUST(setresuid(12345, 12345, 12345));
    SHOW(stat("closed/file", &st));
    SHOW(stat("closed/absent", &st));
    SHOW(stat("closed", &st));
    SHOW(stat("open/../closed/..", &st));
    SHOW(stat("open/..", &st));
    SHOW(open("passage", O_RDONLY));
    STR(get("passage/file"));
    SHOW(chdir("closed"));
    SHOW(chdir("passage"));
    _exit(0);
  }
  reap(pid);
}
