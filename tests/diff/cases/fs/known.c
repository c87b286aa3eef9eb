// Names that were looked up before something about them changed: nothing of what was known may outlive the change.
#include <dirent.h>
#include <grp.h>
#include "../../harness.h"

// What stat says of a path: type and permissions, links, owner, size; or the error. Looks twice, in two ways.
static void look(const char *path) {
  struct stat st, again;
  errno = 0;
  if (stat(path, &st)) {
    printf("%s: %s", path, errname(errno));
    printf(", access %s", access(path, F_OK) ? errname(errno) : "ok");
    int fd = open(path, O_RDONLY);
    printf(", open %s\n", fd < 0 ? errname(errno) : "ok");
    if (fd >= 0) close(fd);
    return;
  }
  printf("%s: %o links %ld owner %d:%d", path, st.st_mode, (long)st.st_nlink, (int)st.st_uid, (int)st.st_gid);
  if (!S_ISDIR(st.st_mode)) printf(" size %ld", (long)st.st_size);
  if (fstatat(AT_FDCWD, path, &again, 0) || again.st_ino != st.st_ino || again.st_mode != st.st_mode) printf(" DIFFERS");
  printf("\n");
}

static void look_fd(const char *what, int fd) {
  struct stat st;
  if (fstat(fd, &st))
    printf("%s: %s\n", what, errname(errno));
  else
    printf("%s: %o links %ld owner %d:%d size %ld\n", what, st.st_mode, S_ISDIR(st.st_mode) ? 0 : (long)st.st_nlink,
           (int)st.st_uid, (int)st.st_gid, S_ISDIR(st.st_mode) ? 0 : (long)st.st_size);
}

#define AS(uid, gid, ...)                   \
  do {                                      \
    pid_t in_child = (pid_t)MUST(fork());   \
    if (in_child == 0) {                    \
      MUST(setgroups(0, NULL));             \
      MUST(setresgid(gid, gid, gid));       \
      MUST(setresuid(uid, uid, uid));       \
      __VA_ARGS__;                          \
      _exit(0);                             \
    }                                       \
    MUST(waitpid(in_child, NULL, 0));       \
  } while (0)

CASE(attributes_change) {
  put("file", "hello");
  look("file");
  MUST(chmod("file", 0640));
  look("file");
  MUST(chown("file", 1001, 1002));
  look("file");
  MUST(truncate("file", 100));
  look("file");
  int fd = (int)MUST(open("file", O_RDWR | O_APPEND));
  MUST(write(fd, "more", 4));
  look("file");
  MUST(fchmod(fd, 04755));
  look("file");
  MUST(write(fd, "!", 1));
  look_fd("after a write by root", fd);
  MUST(link("file", "other"));
  look("file");
  MUST(unlink("file"));
  look("other");
  look("file");
}

CASE(absent_then_there) {
  look("x");
  put("x", "1");
  look("x");
  MUST(unlink("x"));
  look("x");
  MUST(mkdir("x", 0755));
  look("x");
  look("x/y");
  put("x/y", "22");
  look("x/y");
  MUST(rename("x", "z"));
  look("x/y");
  look("z/y");
  MUST(symlink("z", "x"));
  look("x/y");
  MUST(unlink("x"));
  look("x/y");
  MUST(symlink("nowhere", "x"));
  look("x");
  put("nowhere", "333");
  look("x");
}

CASE(renames) {
  MUST(mkdir("a", 0755));
  MUST(mkdir("b", 0755));
  put("a/f", "a");
  put("b/f", "bb");
  look("a/f");
  look("b/f");
  MUST(rename("a/f", "b/f"));
  look("a/f");
  look("b/f");
  MUST(rename("b", "a/b"));
  look("b");
  look("a/b/f");
  look("a/b/../b/f");
  put("p", "p");
  put("q", "qq");
  look("p");
  MUST(SYS5(SYS_renameat2, AT_FDCWD, "p", AT_FDCWD, "q", 2)); // RENAME_EXCHANGE
  look("p");
  look("q");
  MUST(SYS5(SYS_renameat2, AT_FDCWD, "p", AT_FDCWD, "a", 2));
  look("p/b/f");
  look("a");
  SHOW(rename("p", "p/b/c"));
  MUST(rename("q", "a name that is much too long to be kept where short names are kept"));
  look("a name that is much too long to be kept where short names are kept");
  MUST(rename("a name that is much too long to be kept where short names are kept", "q"));
  look("q");
  look("a name that is much too long to be kept where short names are kept");
}

CASE(permission_of_directories) {
  MUST(mkdir("dir", 0755));
  MUST(mkdir("dir/sub", 0755));
  put("dir/sub/file", "x");
  AS(1001, 1001, look("dir/sub/file"));
  MUST(chmod("dir", 0700));
  AS(1001, 1001, look("dir/sub/file"));
  look("dir/sub/file");
  MUST(chown("dir", 1001, 0));
  AS(1001, 1001, look("dir/sub/file"));
  AS(1002, 1002, look("dir/sub/file"));
  MUST(chmod("dir", 0750));
  MUST(chown("dir", 0, 1002));
  AS(1001, 1002, look("dir/sub/file"));
  AS(1001, 1001, look("dir/sub/file"); MUST(access("/", X_OK)));
  pid_t pid = (pid_t)MUST(fork());
  if (pid == 0) {
    gid_t groups[] = {7, 1002};
    MUST(setgroups(2, groups));
    MUST(setresgid(1001, 1001, 1001));
    MUST(setresuid(1001, 1001, 1001));
    look("dir/sub/file");
    _exit(0);
  }
  MUST(waitpid(pid, NULL, 0));
  MUST(chmod("dir", 0705));
  AS(1001, 1002, look("dir/sub/file"));
  AS(1001, 1001, look("dir/sub/file"));
  // A directory that may be searched but not read, and the other way round.
  MUST(chmod("dir", 0711));
  AS(1001, 1001, look("dir"); look("dir/sub"); look("dir/none"));
  MUST(chmod("dir", 0744));
  AS(1001, 1001, look("dir"); look("dir/sub"); look("dir/none"); look("dir/."));
}

CASE(ids_change) {
  MUST(mkdir("dir", 0700));
  put("dir/file", "x");
  MUST(chown("dir", 1001, 1001));
  pid_t pid = (pid_t)MUST(fork());
  if (pid == 0) {
    MUST(setgroups(0, NULL));
    MUST(setresgid(1000, 1000, 1000));
    MUST(setresuid(1001, 1000, 0));
    look("dir/file");
    SHOW(access("dir/file", F_OK));
    SHOW(faccessat(AT_FDCWD, "dir/file", F_OK, AT_EACCESS));
    MUST(setresuid(-1, 1001, -1));
    look("dir/file");
    MUST(setresuid(-1, 0, -1));
    look("dir/file");
    _exit(0);
  }
  MUST(waitpid(pid, NULL, 0));
}

CASE(symlink_swaps) {
  MUST(mkdir("one", 0755));
  MUST(mkdir("two", 0755));
  put("one/f", "1");
  put("two/f", "22");
  MUST(symlink("one", "current"));
  look("current/f");
  MUST(symlink("two", "next"));
  MUST(rename("next", "current"));
  look("current/f");
  MUST(symlink("current/f", "deep"));
  look("deep");
  look("deep/");
  look("current/");
  look("current/../one/f");
  MUST(unlink("current"));
  look("deep");
  MUST(symlink("current", "current"));
  look("deep");
  MUST(unlink("current"));
  MUST(symlink("../two/../one/", "two/back"));
  look("two/back/f");
  look("two/back/../one/f");
  char text[600];
  memset(text, 'x', sizeof text);
  for (int i = 0; i < 250; i++) memcpy(text + 2 * i, "./", 2);
  strcpy(text + 500, "one/f");
  MUST(symlink(text, "long"));
  look("long");
  struct stat st;
  MUST(lstat("long", &st));
  NUM(st.st_size);
}

CASE(many_links_in_a_row) {
  put("target", "x");
  MUST(symlink("target", "l0"));
  char from[20], to[20];
  for (int i = 1; i <= 41; i++) {
    snprintf(to, sizeof to, "l%d", i - 1);
    snprintf(from, sizeof from, "l%d", i);
    MUST(symlink(to, from));
  }
  look("l38");
  look("l39");
  look("l40");
}

CASE(hard_links) {
  put("a", "12345");
  for (int i = 0; i < 5; i++) {
    char name[20];
    snprintf(name, sizeof name, "link%d", i);
    MUST(link("a", name));
    look(name);
  }
  MUST(chmod("link3", 0600));
  look("a");
  put("link4", "1234567");
  look("a");
  MUST(rename("link0", "link1"));
  look("link0");
  look("link1");
  MUST(unlink("a"));
  look("link2");
}

CASE(open_then_unlink) {
  put("f", "hello");
  int fd = (int)MUST(open("f", O_RDWR));
  look_fd("named", fd);
  MUST(unlink("f"));
  look_fd("nameless", fd);
  look("f");
  put("f", "another file");
  look_fd("nameless", fd);
  look("f");
  MUST(ftruncate(fd, 3));
  MUST(fchmod(fd, 0600));
  look_fd("nameless", fd);
  char text[10] = "";
  SHOW(pread(fd, text, 9, 0));
  STR(text);
  int dir = (int)MUST(open(".", O_RDONLY | O_DIRECTORY));
  SHOW(linkat(fd, "", dir, "again", AT_EMPTY_PATH));
  look("again");
  char path[64], name[300] = "";
  snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
  MUST(readlink(path, name, sizeof name - 1));
  STR(strrchr(name, '/') + 1);
}

CASE(removed_working_directory) {
  MUST(mkdir("up", 0755));
  MUST(mkdir("up/here", 0755));
  MUST(chdir("up/here"));
  put("f", "x");
  look("f");
  int fd = (int)MUST(open(".", O_RDONLY | O_DIRECTORY));
  MUST(unlink("f"));
  MUST(rmdir("../here"));
  look("f");
  look(".");
  look("../here");
  SHOW(open("new", O_CREAT | O_RDWR, 0644));
  SHOW(mkdir("new", 0755));
  SHOW(getcwd((char[300]){0}, 300) != NULL);
  look_fd("descriptor", fd);
  SHOW(fstatat(fd, "f", &(struct stat){0}, 0));
  SHOW(SYS3(SYS_getdents64, fd, (char[300]){0}, 300));
  // The name again, but not the directory.
  MUST(mkdir("../here", 0755));
  put("../here/g", "x");
  look("g");
  look("../here/g");
  MUST(rmdir("../here") == -1 ? 0 : -1);
  SHOW(chdir("../here"));
  look("g");
}

CASE(moved_working_directory) {
  MUST(mkdir("a", 0755));
  MUST(mkdir("a/b", 0755));
  MUST(mkdir("c", 0755));
  put("c/mark", "c");
  put("a/mark", "aa");
  MUST(chdir("a/b"));
  look("../mark");
  MUST(rename("../../a/b", "../../c/b"));
  look("../mark");
  put("x", "x");
  MUST(chdir("../.."));
  look("c/b/x");
  look("a/b/x");
}

CASE(descriptors_of_directories) {
  MUST(mkdir("d", 0755));
  put("d/f", "1");
  int fd = (int)MUST(open("d", O_RDONLY | O_DIRECTORY));
  int path = (int)MUST(open("d", O_PATH));
  struct stat st;
  SHOW(fstatat(fd, "f", &st, 0));
  SHOW(fstatat(path, "f", &st, 0));
  MUST(rename("d", "e"));
  SHOW(fstatat(fd, "f", &st, 0));
  SHOW(fstatat(path, "f", &st, 0));
  SHOW(fstatat(fd, "../e/f", &st, 0));
  SHOW(fstatat(fd, "", &st, AT_EMPTY_PATH));
  SHOW(S_ISDIR(st.st_mode));
  int file = (int)MUST(open("e/f", O_RDONLY));
  SHOW(fstatat(file, "x", &st, 0));
  SHOW(fstatat(file, "", &st, 0));
  SHOW(fstatat(file, "", &st, AT_EMPTY_PATH));
  SHOW(st.st_size);
  SHOW(fstatat(file, "/", &st, 0));
  SHOW(fstatat(99, "x", &st, 0));
  SHOW(fstatat(99, "/", &st, 0));
  MUST(unlink("e/f"));
  MUST(rmdir("e"));
  SHOW(fstatat(fd, "f", &st, 0));
  SHOW(fstatat(fd, "..", &st, 0));
  SHOW(openat(fd, "f", O_CREAT | O_RDWR, 0644));
}

CASE(roots) {
  MUST(mkdir("jail", 0755));
  MUST(mkdir("jail/in", 0755));
  put("jail/file", "in");
  put("file", "outside");
  MUST(symlink("/file", "jail/in/link"));
  MUST(symlink("../../../../file", "jail/in/up"));
  int outside = (int)MUST(open(".", O_RDONLY | O_DIRECTORY));
  pid_t pid = (pid_t)MUST(fork());
  if (pid == 0) {
    MUST(chroot("jail"));
    look("file");
    MUST(chdir("/in"));
    look("/file");
    look("link");
    look("up");
    look("../../file");
    look("/../file");
    MUST(fchdir(outside));
    look("file");
    look("jail/in/link");
    look("/in/link");
    MUST(chroot("/in"));
    look("/link");
    look("/up");
    look("file");
    _exit(0);
  }
  MUST(waitpid(pid, NULL, 0));
  look("jail/in/up");
  look("file");
}

CASE(the_same_names_in_many_directories) {
  char path[100];
  for (int i = 0; i < 50; i++) {
    snprintf(path, sizeof path, "d%d", i);
    MUST(mkdir(path, 0755));
    for (int j = 0; j < 10; j++) {
      snprintf(path, sizeof path, "d%d/n%d", i, j);
      if ((i + j) % 3) put(path, &"0123456789"[j]);
    }
  }
  long sum = 0, absent = 0;
  for (int i = 0; i < 50; i++)
    for (int j = 0; j < 10; j++) {
      struct stat st;
      snprintf(path, sizeof path, "d%d/n%d", i, j);
      if (stat(path, &st))
        absent++;
      else
        sum += st.st_size * (i + 1);
    }
  NUM(sum);
  NUM(absent);
}

CASE(names_of_all_lengths) {
  char name[300];
  struct stat st;
  for (int length = 1; length <= 256; length++) {
    memset(name, 'a' + length % 26, (size_t)length);
    name[length] = 0;
    int fd = open(name, O_CREAT | O_EXCL | O_WRONLY, 0644);
    if (fd < 0) {
      printf("%d: %s\n", length, errname(errno));
      continue;
    }
    MUST(ftruncate(fd, length));
    close(fd);
  }
  int wrong = 0;
  for (int length = 1; length <= 255; length++) {
    memset(name, 'a' + length % 26, (size_t)length);
    name[length] = 0;
    if (stat(name, &st) || st.st_size != length) wrong++;
    name[length - 1] = '#';
    if (stat(name, &st) == 0) wrong++;
  }
  NUM(wrong);
  int listed = 0, bytes = 0;
  DIR *dir = opendir(".");
  for (struct dirent *entry; (entry = readdir(dir));)
    if (entry->d_name[0] != '.') {
      listed++;
      bytes += (int)strlen(entry->d_name);
      if (entry->d_type != DT_REG) printf("type of %s: %d\n", entry->d_name, entry->d_type);
    }
  closedir(dir);
  NUM(listed);
  NUM(bytes);
}

CASE(paths_of_all_kinds) {
  put("f", "x");
  struct stat st;
  SHOW(stat(BAD_ADDRESS, &st));
  SHOW(open(BAD_ADDRESS, O_RDONLY));
  SHOW(access(BAD_ADDRESS, F_OK));
  SHOW(readlink(BAD_ADDRESS, (char[9]){0}, 9));
  SHOW(readlink("f", BAD_ADDRESS, 9));
  static char path[5000];
  memset(path, '/', 4095);
  path[4094] = 'f';
  SHOW(stat(path, &st));
  memset(path, '/', 4096);
  SHOW(stat(path, &st));
  memset(path, 0, sizeof path);
  for (int i = 0; i < 2046; i++) memcpy(path + 2 * i, "./", 2);
  strcat(path, "f");
  NUM(strlen(path));
  SHOW(stat(path, &st));
  strcat(path, "///");
  SHOW(stat(path, &st));
}
