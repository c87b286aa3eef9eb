// User and group ids: setuid(2) and its family. As root; each case works in children.
#include <grp.h>
#include <sys/fsuid.h>
#include "../../harness.h"

#define IN_CHILD(...)                     \
  do {                                    \
    pid_t in_child = (pid_t)MUST(fork()); \
    if (in_child == 0) {                  \
      __VA_ARGS__;                        \
      _exit(0);                           \
    }                                     \
    MUST(waitpid(in_child, NULL, 0));     \
  } while (0)

static void print(void) {
  uid_t r, e, s;
  gid_t gr, ge, gs;
  MUST(getresuid(&r, &e, &s));
  MUST(getresgid(&gr, &ge, &gs));
  printf("uid %d %d %d gid %d %d %d; %d %d\n", (int)r, (int)e, (int)s, (int)gr, (int)ge, (int)gs,
         r == getuid() && e == geteuid(), gr == getgid() && ge == getegid());
}

CASE(set_uid) {
  IN_CHILD(SHOW(setuid(11)); print(); SHOW(setuid(0)); SHOW(setuid(12)); SHOW(setuid(11)); print());
  IN_CHILD(SHOW(setgid(21)); print(); SHOW(setgid(22)); print());
  IN_CHILD(MUST(setresgid(0, 0, 0)); MUST(setuid(11)); SHOW(setgid(5)); SHOW(setgid(0)); print());
}

CASE(set_effective) {
  IN_CHILD(SHOW(seteuid(11)); print(); SHOW(setuid(12)); SHOW(seteuid(12)); SHOW(seteuid(0)); print());
  IN_CHILD(SHOW(setegid(21)); print(); SHOW(setegid(0)); print());
  IN_CHILD(SHOW(setresuid(11, 12, 13)); SHOW(seteuid(13)); print(); SHOW(seteuid(11)); print(); SHOW(seteuid(14)));
}

CASE(set_real_and_effective) {
  IN_CHILD(SHOW(setreuid(11, 12)); print());
  IN_CHILD(SHOW(setreuid(-1, 12)); print());
  IN_CHILD(SHOW(setreuid(11, -1)); print());
  IN_CHILD(SHOW(setregid(21, 22)); print(); SHOW(setregid(-1, -1)); print());
  // Swapping is what it is for.
  IN_CHILD(MUST(setresuid(11, 12, 12)); SHOW(setreuid(12, 11)); print(); SHOW(setreuid(13, -1)); SHOW(setreuid(-1, 13)));
}

CASE(set_all_three) {
  IN_CHILD(SHOW(setresuid(11, 12, 13)); print(); SHOW(setresuid(13, -1, 12)); print(); SHOW(setresuid(-1, 14, -1));
           SHOW(setresuid(-1, -1, -1)); print());
  IN_CHILD(SHOW(setresgid(21, 22, 23)); print(); MUST(setresuid(11, 11, 11)); SHOW(setresgid(23, 21, 22)); print();
           SHOW(setresgid(24, -1, -1)));
}

CASE(invalid) {
  SHOW(setuid(-1));
  SHOW(setgid(-1));
  SHOW(SYS3(SYS_getresuid, BAD_ADDRESS, BAD_ADDRESS, BAD_ADDRESS));
}

static void list(void) {
  gid_t groups[32];
  int count = getgroups(32, groups);
  printf("%d:", count);
  for (int i = 0; i < count; i++) printf(" %d", (int)groups[i]);
  printf("\n");
}
CASE(supplementary_groups) {
  gid_t some[] = {30, 10, 20, 10};
  SHOW(setgroups(3, some));
  list();
  SHOW(getgroups(0, NULL));
  SHOW(getgroups(2, some));
  SHOW(SYS2(SYS_getgroups, -1, some));
  SHOW(setgroups(0, NULL));
  list();
  SHOW(setgroups(65537, some));
  SHOW(SYS2(SYS_setgroups, 3, BAD_ADDRESS));
  IN_CHILD(MUST(setgroups(2, some)); MUST(setresuid(11, 11, 11)); SHOW(setgroups(0, NULL)); list());
}

CASE(inherited) {
  gid_t some[] = {31, 32};
  IN_CHILD(MUST(setgroups(2, some)); MUST(setresgid(21, 22, 23)); MUST(setresuid(11, 12, 13)); IN_CHILD(print(); list()));
}

PROGRAM(show) {
  print();
  list();
}
// exec copies the effective ids to the saved ones.
CASE(through_exec) {
  copy_self("tool");
  gid_t some[] = {31, 32};
  IN_CHILD(MUST(setgroups(2, some)); MUST(setresgid(21, 22, 23)); MUST(setresuid(11, 12, 13));
           execl("./tool", "tool", "show", (char *)0));
}

CASE(file_system_ids) {
  MUST(chmod(".", 0777));
  IN_CHILD(SHOW(setfsuid(11)); SHOW(setfsuid(-1)); SHOW(setfsuid(-1)); close(creat("file", 0600)); struct stat st;
           MUST(stat("file", &st)); NUM(st.st_uid); SHOW(setfsgid(21)); SHOW(setfsgid(-1)); print();
           MUST(seteuid(12)); SHOW(setfsuid(-1)));
}

CASE(new_files_belong_to) {
  MUST(chmod(".", 0777));
  IN_CHILD(MUST(setresgid(21, 22, 23)); MUST(setresuid(11, 12, 13)); put("file", ""); struct stat st;
           MUST(stat("file", &st)); printf("%d %d\n", (int)st.st_uid, (int)st.st_gid));
}
