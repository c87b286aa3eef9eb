// execve(2) and its family: arguments, environment, what survives, every error.
#include <linux/futex.h>
#include "../../harness.h"

PROGRAM(show_arguments) {
  for (int i = 2; i < case_argc; i++) printf("[%s]\n", case_argv[i]);
  printf("argc %d, ends with null %d\n", case_argc, case_argv[case_argc] == NULL);
}
PROGRAM(show_environment) {
  for (char **entry = environ; *entry; entry++) printf("<%s>\n", *entry);
}
PROGRAM(seven) {
  exit(7);
}

#define IN_CHILD(...)                     \
  do {                                    \
    pid_t in_child = (pid_t)MUST(fork()); \
    if (in_child == 0) {                  \
      __VA_ARGS__;                        \
      printf("exec: %s\n", errname(errno)); \
      _exit(1);                           \
    }                                     \
    reap(in_child);                       \
  } while (0)

CASE(arguments) {
  IN_CHILD(execl(self, self, "show_arguments", "", "two words", "new\nline", "\xc3\xa9", (char *)0));
  char *none[] = {(char *)self, "show_arguments", NULL};
  IN_CHILD(execv(self, none));
}

CASE(environment) {
  char *args[] = {(char *)self, "show_environment", NULL};
  char *env[] = {"CASE_STARTED=1", "A=1", "B=", "A=2", "no equals sign", "C=x=y", "D=two\nlines", NULL};
  IN_CHILD(execve(self, args, env));
  IN_CHILD(execle(self, self, "show_environment", (char *)0, env));
}

CASE(empty_environment) {
  char *env[] = {NULL};
  IN_CHILD(execle(self, self, "show_environment", (char *)0, env));
}

CASE(long_arguments) {
  char *args[502] = {(char *)self, "show_arguments"};
  static char big[100001];
  memset(big, 'x', 100000);
  args[2] = big;
  args[3] = NULL;
  int out[2];
  MUST(pipe(out));
  pid_t pid = (pid_t)MUST(fork());
  if (pid == 0) {
    dup2(out[1], 1);
    close(out[0]);
    execv(self, args);
    _exit(1);
  }
  close(out[1]);
  long total = 0;
  ssize_t got;
  static char block[4096];
  while ((got = read(out[0], block, sizeof block)) > 0) total += got;
  NUM(total);
  reap(pid);
  // One string may have 32 pages, its NUL included.
  static char too_big[131073];
  memset(too_big, 'y', 131072);
  args[2] = too_big;
  IN_CHILD(execv(self, args));
}

CASE(errors) {
  char *args[] = {"x", NULL};
  put("text", "no program, and no #! line\n");
  put("plain", "");
  MUST(chmod("plain", 0755));
  MUST(mkdir("folder", 0755));
  MUST(symlink("loop", "loop"));
  SHOW(execve("absent", args, environ));
  SHOW(execve("", args, environ));
  SHOW(execve("folder", args, environ));
  SHOW(execve("text", args, environ));
  SHOW(chmod("text", 0755));
  SHOW(execve("text", args, environ));
  SHOW(execve("plain", args, environ));
  SHOW(execve("text/below", args, environ));
  SHOW(execve("loop", args, environ));
  static char name[300];
  memset(name, 'n', 299);
  SHOW(execve(name, args, environ));
  SHOW(SYS3(SYS_execve, BAD_ADDRESS, args, environ));
  SHOW(SYS3(SYS_execve, "absent", BAD_ADDRESS, environ));
}

CASE(search_path) {
  MUST(mkdir("one", 0755));
  MUST(mkdir("two", 0755));
  put("one/tool", "not executable");
  copy_self("two/tool");
  setenv("PATH", "one:two", 1);
  IN_CHILD(execlp("tool", "tool", "seven", (char *)0));
  IN_CHILD(execlp("absent", "absent", (char *)0));
  setenv("PATH", "one", 1);
  IN_CHILD(execlp("tool", "tool", "seven", (char *)0));
  IN_CHILD(execlp("./two/tool", "tool", "seven", (char *)0));
  MUST(chdir("two"));
  setenv("PATH", ":/absent", 1);
  char *args[] = {"tool", "seven", NULL};
  IN_CHILD(execvpe("tool", args, environ));
}

PROGRAM(open_descriptors) {
  for (int fd = 0; fd < 12; fd++)
    if (fcntl(fd, F_GETFD) != -1) printf("%d ", fd);
  printf("\n");
}
CASE(close_on_exec) {
  int fd = (int)MUST(open("file", O_RDWR | O_CREAT, 0600));
  MUST(dup2(fd, 5));
  MUST(dup3(fd, 6, O_CLOEXEC));
  MUST(fcntl(fd, F_DUPFD, 7));
  MUST(fcntl(fd, F_DUPFD_CLOEXEC, 8));
  MUST(fcntl(5, F_SETFD, FD_CLOEXEC));
  MUST(fcntl(6, F_SETFD, 0));
  int ends[2];
  MUST(pipe2(ends, O_CLOEXEC));
  IN_CHILD(execl(self, self, "open_descriptors", (char *)0));
  // A failed exec closes nothing.
  SHOW(execl("./absent", "absent", (char *)0));
  SHOW(fcntl(5, F_GETFD));
}

static void nothing(int number) {
  (void)number;
}
PROGRAM(show_state) {
  struct sigaction action;
  for (int number = 1; number < 32; number++) {
    sigaction(number, NULL, &action);
    if (action.sa_handler == SIG_IGN) printf("ignored %s\n", signame(number));
    if (action.sa_handler != SIG_IGN && action.sa_handler != SIG_DFL) printf("handled %s\n", signame(number));
  }
  sigset_t set;
  sigprocmask(SIG_SETMASK, NULL, &set);
  for (int number = 1; number < 32; number++)
    if (sigismember(&set, number)) printf("blocked %s\n", signame(number));
  sigpending(&set);
  for (int number = 1; number < 32; number++)
    if (sigismember(&set, number)) printf("pending %s\n", signame(number));
  char cwd[4096];
  printf("umask %03o, cwd %s, alarm kept %d\n", umask(0), strrchr(getcwd(cwd, sizeof cwd), '/'), alarm(0) > 0);
}
CASE(what_survives) {
  MUST(mkdir("folder", 0755));
  pid_t pid = (pid_t)MUST(fork());
  if (pid == 0) {
    MUST(chdir("folder"));
    umask(037);
    on_signal(SIGUSR1, nothing, 0);
    on_signal(SIGUSR2, SIG_IGN, 0);
    on_signal(SIGHUP, SIG_IGN, 0);
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGTERM);
    sigaddset(&set, SIGUSR1);
    sigprocmask(SIG_BLOCK, &set, NULL);
    raise(SIGTERM);
    alarm(100);
    execl(self, self, "show_state", (char *)0);
    _exit(1);
  }
  reap(pid);
}

PROGRAM(show_pid) {
  printf("same pid %d, same parent %d\n", getpid() == atoi(case_argv[2]), getppid() == atoi(case_argv[3]));
}
CASE(same_process) {
  char parent[16], pid[16];
  snprintf(parent, sizeof parent, "%d", (int)getpid());
  pid_t child = (pid_t)MUST(fork());
  if (child == 0) {
    snprintf(pid, sizeof pid, "%d", (int)getpid());
    execl(self, self, "show_pid", pid, parent, (char *)0);
    _exit(1);
  }
  reap(child);
}

PROGRAM(again) {
  int left = atoi(case_argv[2]);
  if (left == 0) _exit(44);
  char text[16];
  snprintf(text, sizeof text, "%d", left - 1);
  execl(self, self, "again", text, (char *)0);
}
CASE(chain_of_twenty) {
  IN_CHILD(execl(self, self, "again", "20", (char *)0));
}

// The first call that can wait after an exec that had to: nothing of the exec's own waiting may be left.
PROGRAM(wait_on_futex) {
  int word = 1;
  struct timespec timeout = {0, 20000000};
  SHOW(SYS4(SYS_futex, &word, FUTEX_WAIT, 1, &timeout));
}
CASE(another_file) {
  copy_self("other");
  IN_CHILD(execl("other", "other", "wait_on_futex", (char *)0));
}

CASE(by_descriptor) {
  char *args[] = {(char *)self, "seven", NULL};
  int fd = (int)MUST(open(self, O_RDONLY | O_CLOEXEC));
  IN_CHILD(fexecve(fd, args, environ));
  int path = (int)MUST(open(self, O_PATH | O_CLOEXEC));
  IN_CHILD(fexecve(path, args, environ));
  IN_CHILD(fexecve(99, args, environ));
}

// Permission is asked of the effective user, and root needs at least one x bit.
CASE(permission) {
  copy_self("tool");
  MUST(chmod("tool", 0644));
  char *args[] = {"tool", "seven", NULL};
  IN_CHILD(execv("./tool", args));
  MUST(chmod("tool", 0744));
  IN_CHILD(execv("./tool", args));
  IN_CHILD(MUST(setuid(12345)); execv("./tool", args));
  MUST(chmod("tool", 0711));
  IN_CHILD(MUST(setuid(12345)); execv("./tool", args));
  MUST(mkdir("closed", 0700));
  copy_self("closed/tool");
  IN_CHILD(MUST(setuid(12345)); execv("./closed/tool", args));
}

PROGRAM(show_ids) {
  printf("real %d, effective %d, gid %d %d\n", getuid() == 12345, (int)geteuid(), getgid() == 0, (int)getegid());
}
CASE(set_user_id) {
  copy_self("tool");
  MUST(chown("tool", 4321, 4322));
  MUST(chmod("tool", 06755));
  char *args[] = {"tool", "show_ids", NULL};
  IN_CHILD(MUST(setresuid(12345, 12345, 12345)); execv("./tool", args));
  // chown takes the bits away.
  MUST(chown("tool", 4321, 4322));
  struct stat st;
  MUST(stat("tool", &st));
  printf("mode %o\n", st.st_mode & 07777);
}
