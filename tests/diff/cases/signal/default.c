// What each signal does to a process that made no arrangements.
#include <sys/resource.h>
#include "../../harness.h"

// The children stand in a group of their own, in a session where it is not orphaned: terminal stops work there.
static void try_all(void (*arrange)(int), int by_kill) {
  pid_t middle = (pid_t)MUST(fork());
  if (middle == 0) {
    MUST(setsid());
    struct rlimit none = {0, 0};
    setrlimit(RLIMIT_CORE, &none);
    for (int number = 1; number < 32; number++) {
      pid_t pid = (pid_t)MUST(fork());
      if (pid == 0) {
        MUST(setpgid(0, 0));
        arrange(number);
        if (by_kill)
          kill(getpid(), number);
        else
          raise(number);
        _exit(0);
      }
      int status;
      MUST(waitpid(pid, &status, WUNTRACED));
      printf("%s: %s\n", signame(number), status_text(status));
      if (WIFSTOPPED(status)) {
        MUST(kill(pid, SIGKILL));
        MUST(waitpid(pid, &status, 0));
      }
    }
    _exit(0);
  }
  reap(middle);
}

static void nothing(int number) {
  (void)number;
}
CASE(action) {
  try_all(nothing, 0);
}

static void ignore(int number) {
  if (signal(number, SIG_IGN) == SIG_ERR) printf("cannot ignore %s\n", signame(number));
}
CASE(ignored) {
  try_all(ignore, 1);
}

static void block(int number) {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, number);
  sigprocmask(SIG_BLOCK, &set, NULL);
}
CASE(blocked) {
  try_all(block, 1);
}

static void handle(int number) {
  if (signal(number, nothing) == SIG_ERR) printf("cannot handle %s\n", signame(number));
}
CASE(handled) {
  try_all(handle, 0);
}
