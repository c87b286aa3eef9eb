// waitid(2): the fields of siginfo, WNOWAIT, each kind of id.
#include "../../harness.h"

static void print(const siginfo_t *info, pid_t pid) {
  static const struct name codes[] = {N(CLD_EXITED),  N(CLD_KILLED),  N(CLD_DUMPED),
                                      N(CLD_TRAPPED), N(CLD_STOPPED), N(CLD_CONTINUED)};
  printf("%s %s pid %d uid %d status %d errno %d\n", signame(info->si_signo),
         info->si_signo ? name_in(codes, COUNT(codes), info->si_code) : "-", info->si_pid == pid,
         info->si_signo ? info->si_uid == getuid() : 0, info->si_signo ? info->si_status : 0, info->si_errno);
}
static pid_t exits(int status) {
  pid_t pid = (pid_t)MUST(fork());
  if (pid == 0) _exit(status);
  return pid;
}
static pid_t sleeps(void) {
  pid_t pid = (pid_t)MUST(fork());
  if (pid == 0) {
    for (;;) pause();
  }
  return pid;
}

CASE(exited) {
  siginfo_t info;
  memset(&info, 0xff, sizeof info);
  pid_t pid = exits(42);
  SHOW(waitid(P_PID, (id_t)pid, &info, WEXITED));
  print(&info, pid);
  pid = exits(-1);
  SHOW(waitid(P_ALL, 0, &info, WEXITED));
  print(&info, pid);
  SHOW(waitid(P_ALL, 0, &info, WEXITED));
}

CASE(killed) {
  siginfo_t info;
  pid_t pid = sleeps();
  MUST(kill(pid, SIGTERM));
  SHOW(waitid(P_PID, (id_t)pid, &info, WEXITED));
  print(&info, pid);
}

CASE(no_wait_leaves_it) {
  siginfo_t info;
  pid_t pid = exits(5);
  for (int i = 0; i < 3; i++) {
    SHOW(waitid(P_PID, (id_t)pid, &info, WEXITED | WNOWAIT));
    print(&info, pid);
  }
  reap(pid);
  SHOW(waitid(P_PID, (id_t)pid, &info, WEXITED | WNOWAIT));
}

CASE(no_hang_clears) {
  siginfo_t info;
  memset(&info, 0xff, sizeof info);
  pid_t pid = sleeps();
  SHOW(waitid(P_PID, (id_t)pid, &info, WEXITED | WNOHANG));
  printf("si_pid %d si_signo %d\n", info.si_pid, info.si_signo);
  MUST(kill(pid, SIGKILL));
  SHOW(waitid(P_PID, (id_t)pid, &info, WEXITED));
  print(&info, pid);
}

CASE(stop_and_continue) {
  siginfo_t info;
  pid_t pid = sleeps();
  MUST(setpgid(pid, pid)); // of this group the parent is the link to its session: it is not orphaned
  MUST(kill(pid, SIGSTOP));
  SHOW(waitid(P_PID, (id_t)pid, &info, WSTOPPED | WNOWAIT));
  print(&info, pid);
  SHOW(waitid(P_PID, (id_t)pid, &info, WSTOPPED));
  print(&info, pid);
  SHOW(waitid(P_PID, (id_t)pid, &info, WSTOPPED | WNOHANG));
  MUST(kill(pid, SIGCONT));
  SHOW(waitid(P_PID, (id_t)pid, &info, WCONTINUED | WEXITED));
  print(&info, pid);
  SHOW(waitid(P_PID, (id_t)pid, &info, WCONTINUED | WNOHANG));
  MUST(kill(pid, SIGTTIN));
  SHOW(waitid(P_PID, (id_t)pid, &info, WSTOPPED));
  print(&info, pid);
  MUST(kill(pid, SIGKILL));
  SHOW(waitid(P_PID, (id_t)pid, &info, WEXITED | WSTOPPED));
  print(&info, pid);
}

CASE(by_group) {
  siginfo_t info;
  pid_t one = sleeps(), two = sleeps();
  MUST(setpgid(one, one));
  MUST(setpgid(two, one));
  MUST(kill(two, SIGINT));
  SHOW(waitid(P_PGID, (id_t)one, &info, WEXITED));
  print(&info, two);
  MUST(kill(one, SIGHUP));
  SHOW(waitid(P_PGID, (id_t)one, &info, WEXITED));
  print(&info, one);
  SHOW(waitid(P_PGID, (id_t)one, &info, WEXITED));
}

CASE(errors) {
  siginfo_t info;
  SHOW(waitid(P_ALL, 0, &info, WEXITED));
  pid_t pid = sleeps();
  SHOW(waitid(P_PID, (id_t)pid, &info, 0));
  SHOW(waitid(P_PID, (id_t)pid, &info, WNOHANG));
  SHOW(waitid(P_PID, (id_t)pid, &info, WEXITED | 0x10));
  SHOW(waitid((idtype_t)17, (id_t)pid, &info, WEXITED));
  SHOW(waitid(P_PID, 0, &info, WEXITED));
  SHOW(waitid(P_PID, (id_t)getpid(), &info, WEXITED));
  SHOW(kill(pid, SIGKILL));
  SHOW(SYS5(SYS_waitid, P_PID, pid, 0, WEXITED, 0));
}

static void alarmed(int number) {
  (void)number;
}
CASE(interrupted) {
  siginfo_t info;
  pid_t pid = sleeps();
  on_signal(SIGALRM, alarmed, 0);
  struct itimerval soon = {.it_value = {0, 20000}};
  MUST(setitimer(ITIMER_REAL, &soon, NULL));
  SHOW(waitid(P_PID, (id_t)pid, &info, WEXITED));
  MUST(setitimer(ITIMER_REAL, &soon, NULL));
  SHOW(waitpid(pid, NULL, 0));
  MUST(kill(pid, SIGKILL));
  reap(pid);
}
