// posix_spawn(3), system(3), popen(3).
#include <spawn.h>
#include "../../harness.h"

PROGRAM(say) {
  printf("argument %s, variable %s\n", case_argv[2], getenv("VARIABLE") ? getenv("VARIABLE") : "(none)");
  exit(12);
}
PROGRAM(copy_input) {
  char text[64];
  ssize_t got = read(0, text, sizeof text);
  printf("read %d bytes: %.*s\n", (int)got, (int)got, text);
}
PROGRAM(state) {
  sigset_t mask;
  sigprocmask(SIG_SETMASK, NULL, &mask);
  struct sigaction usr1, usr2;
  sigaction(SIGUSR1, NULL, &usr1);
  sigaction(SIGUSR2, NULL, &usr2);
  printf("SIGHUP blocked %d, SIGUSR1 ignored %d, SIGUSR2 ignored %d, group leader %d\n", sigismember(&mask, SIGHUP),
         usr1.sa_handler == SIG_IGN, usr2.sa_handler == SIG_IGN, getpgrp() == getpid());
}

// The result is printed after the child ended, so that the lines of the two have an order.
static void spawn(const char *path, const posix_spawn_file_actions_t *actions, const posix_spawnattr_t *attributes,
                  char **args) {
  pid_t pid;
  int error = posix_spawn(&pid, path, actions, attributes, args, environ);
  if (error == 0) reap(pid);
  printf("posix_spawn: %s\n", errname(error));
}

CASE(simple) {
  setenv("VARIABLE", "value", 1);
  spawn(self, NULL, NULL, (char *[]){(char *)self, "say", "hello", NULL});
}

CASE(not_found) {
  pid_t pid;
  char *args[] = {"absent", NULL};
  ERR(posix_spawn(&pid, "./absent", NULL, NULL, args, environ));
  ERR(posix_spawnp(&pid, "absent-from-the-path", NULL, NULL, args, environ));
  SHOW(wait(NULL));
}

CASE(search_path) {
  pid_t pid;
  copy_self("tool");
  setenv("PATH", "/absent:.", 1);
  unsetenv("VARIABLE");
  char *args[] = {"tool", "say", "found", NULL};
  int error = posix_spawnp(&pid, "tool", NULL, NULL, args, environ);
  reap(pid);
  STR(errname(error));
}

CASE(file_actions) {
  put("input", "from a file");
  posix_spawn_file_actions_t actions;
  ERR(posix_spawn_file_actions_init(&actions));
  ERR(posix_spawn_file_actions_addopen(&actions, 0, "input", O_RDONLY, 0));
  ERR(posix_spawn_file_actions_addopen(&actions, 9, "output", O_WRONLY | O_CREAT, 0640));
  ERR(posix_spawn_file_actions_adddup2(&actions, 9, 1));
  ERR(posix_spawn_file_actions_addclose(&actions, 9));
  char *args[] = {(char *)self, "copy_input", NULL};
  spawn(self, &actions, NULL, args);
  STR(get("output"));
  ERR(posix_spawn_file_actions_addopen(&actions, 0, "absent", O_RDONLY, 0));
  spawn(self, &actions, NULL, args);
  ERR(posix_spawn_file_actions_destroy(&actions));
  SHOW(wait(NULL));
}

CASE(change_directory) {
  MUST(mkdir("below", 0755));
  copy_self("below/tool");
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  ERR(posix_spawn_file_actions_addchdir_np(&actions, "below"));
  ERR(posix_spawn_file_actions_addopen(&actions, 1, "output", O_WRONLY | O_CREAT, 0640));
  char *args[] = {"tool", "say", "from below", NULL};
  spawn("./tool", &actions, NULL, args);
  STR(get("below/output"));
  posix_spawn_file_actions_destroy(&actions);
}

CASE(attributes) {
  signal(SIGUSR1, SIG_IGN);
  signal(SIGUSR2, SIG_IGN);
  sigset_t set;
  posix_spawnattr_t attributes;
  ERR(posix_spawnattr_init(&attributes));
  sigemptyset(&set);
  sigaddset(&set, SIGHUP);
  ERR(posix_spawnattr_setsigmask(&attributes, &set));
  sigemptyset(&set);
  sigaddset(&set, SIGUSR1);
  ERR(posix_spawnattr_setsigdefault(&attributes, &set));
  ERR(posix_spawnattr_setpgroup(&attributes, 0));
  ERR(posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETPGROUP));
  char *args[] = {(char *)self, "state", NULL};
  spawn(self, NULL, &attributes, args);
  ERR(posix_spawnattr_destroy(&attributes));
  spawn(self, NULL, NULL, args);
}

CASE(system_status) {
  STR(status_text(system("exit 3")));
  STR(status_text(system("echo from the shell; kill -TERM $$")));
  STR(status_text(system("/absent/command 2>/dev/null")));
  STR(status_text(system("true && false")));
  NUM(system(NULL) != 0);
}

static void interrupted(int number) {
  (void)number;
  printf("handler\n");
}
// While the shell runs, SIGINT and SIGQUIT are ignored and SIGCHLD is blocked in the caller; afterwards all is as before.
CASE(system_signals) {
  on_signal(SIGINT, interrupted, 0);
  STR(status_text(system("kill -INT $PPID")));
  struct sigaction action;
  sigaction(SIGINT, NULL, &action);
  NUM(action.sa_handler == interrupted);
  raise(SIGINT);
}

CASE(popen_read) {
  FILE *out = popen("echo one; echo two; exit 5", "r");
  char line[64];
  while (fgets(line, sizeof line, out)) printf("line %s", line);
  STR(status_text(pclose(out)));
}

CASE(popen_write) {
  FILE *in = popen("while read -r line; do echo \"got $line\"; done", "w");
  fputs("first\nsecond\n", in);
  STR(status_text(pclose(in)));
}

CASE(popen_modes) {
  SHOW(popen("true", "x") == NULL);
  FILE *out = popen("true", "re");
  NUM(fcntl(fileno(out), F_GETFD));
  pclose(out);
  out = popen("true", "r");
  NUM(fcntl(fileno(out), F_GETFD));
  pclose(out);
}
