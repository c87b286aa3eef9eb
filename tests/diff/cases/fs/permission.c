// Who may do what: owner, group, others, and root.
#include <grp.h>
#include "../../harness.h"

// Runs the statements as the given user and group, without supplementary groups.
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

// Which of read, write, execute are granted.
static void rights(const char *path) {
  printf("%s: %c%c%c\n", path, access(path, R_OK) ? '-' : 'r', access(path, W_OK) ? '-' : 'w',
         access(path, X_OK) ? '-' : 'x');
}

CASE(first_class_counts) {
  static const mode_t modes[] = {0777, 0077, 0707, 0770, 0421, 0124, 0000};
  for (size_t i = 0; i < COUNT(modes); i++) {
    put("file", "");
    MUST(chown("file", 1001, 2001));
    MUST(chmod("file", modes[i]));
    printf("mode %03o, owner, group, other:\n", modes[i]);
    AS(1001, 2001, rights("file"));
    AS(1002, 2001, rights("file"));
    AS(1002, 2002, rights("file"));
  }
}

CASE(root) {
  put("file", "");
  static const mode_t modes[] = {0000, 0666, 0001, 0010, 0100};
  for (size_t i = 0; i < COUNT(modes); i++) {
    MUST(chmod("file", modes[i]));
    printf("%03o ", modes[i]);
    rights("file");
  }
  MUST(mkdir("folder", 0));
  rights("folder");
  SHOW(open("folder", O_RDONLY) >= 0);
  SHOW(mkdir("folder/sub", 0));
}

CASE(supplementary_groups) {
  put("file", "");
  MUST(chown("file", 1001, 2005));
  MUST(chmod("file", 0640));
  pid_t pid = (pid_t)MUST(fork());
  if (pid == 0) {
    gid_t groups[] = {2004, 2005, 2006};
    MUST(setgroups(3, groups));
    MUST(setresgid(2000, 2000, 2000));
    MUST(setresuid(1002, 1002, 1002));
    rights("file");
    SHOW(getgroups(0, NULL));
    SHOW(setgroups(0, NULL));
    _exit(0);
  }
  MUST(waitpid(pid, NULL, 0));
  AS(1002, 2000, rights("file"));
}

CASE(directories) {
  MUST(mkdir("r", 0755));
  MUST(mkdir("w", 0755));
  MUST(mkdir("x", 0755));
  put("r/file", "");
  put("w/file", "");
  put("x/file", "");
  MUST(chmod("r", 0744));
  MUST(chmod("w", 0773));
  MUST(chmod("x", 0711));
  AS(1001, 2001, SHOW(access("r/file", F_OK)); SHOW(open("r", O_RDONLY)); SHOW(open("r/file", O_RDONLY));
     SHOW(open("w", O_RDONLY)); SHOW(creat("w/new", 0600)); SHOW(unlink("w/file")); SHOW(open("x", O_RDONLY));
     SHOW(open("x/file", O_RDONLY)); SHOW(unlink("x/file")); SHOW(creat("x/new", 0600)));
}

CASE(sticky_directory) {
  MUST(mkdir("tmp", 0755));
  MUST(chmod("tmp", 01777));
  put("tmp/roots", "");
  AS(1001, 2001, put("tmp/of-1001", ""); MUST(mkdir("tmp/dir", 0777)));
  AS(1002, 2002, SHOW(unlink("tmp/of-1001")); SHOW(rename("tmp/of-1001", "tmp/x")); SHOW(rmdir("tmp/dir"));
     SHOW(unlink("tmp/roots")); put("tmp/of-1002", ""); SHOW(rename("tmp/of-1002", "tmp/of-1001"));
     SHOW(unlink("tmp/of-1002")));
  AS(1001, 2001, SHOW(unlink("tmp/of-1001")); SHOW(rmdir("tmp/dir")));
  // The directory's owner may remove anything in it.
  MUST(mkdir("own", 0755));
  MUST(chmod("own", 01777));
  MUST(chown("own", 1003, 2003));
  put("own/roots", "");
  AS(1003, 2003, SHOW(unlink("own/roots")));
}

CASE(set_group_directory) {
  MUST(mkdir("plain", 0755));
  MUST(chown("plain", 0, 2007));
  MUST(mkdir("set", 0755));
  MUST(chown("set", 0, 2007));
  MUST(chmod("set", 02777));
  struct stat st;
  put("plain/file", "");
  MUST(stat("plain/file", &st));
  NUM(st.st_gid == getegid());
  put("set/file", "");
  MUST(stat("set/file", &st));
  NUM(st.st_gid);
  MUST(mkdir("set/sub", 0755));
  MUST(stat("set/sub", &st));
  printf("group %d, mode %o\n", (int)st.st_gid, st.st_mode & 07777);
  AS(1001, 2001, put("set/theirs", ""));
  MUST(stat("set/theirs", &st));
  printf("owner %d, group %d\n", (int)st.st_uid, (int)st.st_gid);
}

CASE(change_mode) {
  put("file", "");
  MUST(chown("file", 1001, 2001));
  AS(1002, 2001, SHOW(chmod("file", 0777)));
  AS(1001, 2001, SHOW(chmod("file", 0644)); SHOW(chmod("file", 06755)));
  struct stat st;
  MUST(stat("file", &st));
  printf("%o\n", st.st_mode & 07777);
  // An owner outside the file's group cannot set the set-group-ID bit.
  AS(1001, 2009, SHOW(chmod("file", 02755)));
  MUST(stat("file", &st));
  printf("%o\n", st.st_mode & 07777);
  SHOW(chmod("file", 0100777));
  MUST(stat("file", &st));
  printf("%o\n", st.st_mode);
}

CASE(change_owner) {
  put("file", "");
  MUST(chown("file", 1001, 2001));
  AS(1001, 2001, SHOW(chown("file", 1002, -1)); SHOW(chown("file", 1001, -1)); SHOW(chown("file", -1, 2002));
     SHOW(chown("file", -1, 2001)); SHOW(chown("file", -1, -1)));
  AS(1002, 2001, SHOW(chown("file", -1, 2001)));
  pid_t pid = (pid_t)MUST(fork());
  if (pid == 0) {
    gid_t groups[] = {2001, 2002};
    MUST(setgroups(2, groups));
    MUST(setresgid(2001, 2001, 2001));
    MUST(setresuid(1001, 1001, 1001));
    SHOW(chown("file", -1, 2002));
    _exit(0);
  }
  MUST(waitpid(pid, NULL, 0));
  struct stat st;
  MUST(stat("file", &st));
  printf("%d %d\n", (int)st.st_uid, (int)st.st_gid);
}

CASE(bits_lost) {
  struct stat st;
  put("file", "x");
  MUST(chmod("file", 06777));
  MUST(chown("file", 1001, 2001));
  MUST(stat("file", &st));
  printf("after chown: %o\n", st.st_mode & 07777);
  MUST(chmod("file", 06777));
  AS(1002, 2002, put("file", "written"));
  MUST(stat("file", &st));
  printf("after a stranger's write: %o\n", st.st_mode & 07777);
  MUST(mkdir("folder", 0755));
  MUST(chmod("folder", 06777));
  MUST(chown("folder", 1001, 2001));
  MUST(stat("folder", &st));
  printf("directory after chown: %o\n", st.st_mode & 07777);
}

// access asks for the real user, faccessat with AT_EACCESS for the effective one.
CASE(real_or_effective) {
  put("file", "");
  MUST(chmod("file", 0600));
  pid_t pid = (pid_t)MUST(fork());
  if (pid == 0) {
    MUST(setresuid(1001, 0, 0));
    SHOW(access("file", R_OK));
    SHOW(faccessat(AT_FDCWD, "file", R_OK, AT_EACCESS));
    SHOW(open("file", O_RDONLY));
    MUST(setresuid(0, 1001, 0));
    SHOW(access("file", R_OK));
    SHOW(faccessat(AT_FDCWD, "file", R_OK, AT_EACCESS));
    SHOW(open("file", O_RDONLY));
    _exit(0);
  }
  reap(pid);
  SHOW(access("file", 8));
  SHOW(access("file", F_OK));
}

CASE(set_effective_user) {
  put("file", "");
  MUST(chmod("file", 0600));
  pid_t pid = (pid_t)MUST(fork());
  if (pid == 0) {
    SHOW(seteuid(1001));
    SHOW(open("file", O_RDONLY));
    SHOW(creat("new", 0600));
    SHOW(seteuid(0));
    SHOW(open("file", O_RDONLY));
    _exit(0);
  }
  reap(pid);
}
