// Ways to end: exit(3), _exit(2), abort(3), handlers, flushing.
#include "../../harness.h"

#define IN_CHILD(...)                     \
  do {                                    \
    pid_t in_child = (pid_t)MUST(fork()); \
    if (in_child == 0) {                  \
      __VA_ARGS__;                        \
      _exit(0);                           \
    }                                     \
    reap(in_child);                       \
  } while (0)

static void first(void) {
  printf("first\n");
}
static void second(void) {
  printf("second\n");
}
static void registers_more(void) {
  printf("registers more\n");
  atexit(first);
}

CASE(handlers_in_reverse) {
  IN_CHILD(atexit(first); atexit(second); atexit(first); exit(3));
  IN_CHILD(atexit(first); atexit(registers_more); atexit(second); exit(4));
  IN_CHILD(atexit(first); _exit(5));
  IN_CHILD(atexit(first); _Exit(6));
}

CASE(many_handlers) {
  IN_CHILD(int failed = 0; for (int i = 0; i < 40; i++) failed += atexit(i % 2 ? first : second) != 0;
           printf("failed %d\n", failed); exit(0));
}

static void child_handler(void) {
  printf("handler in %s\n", getenv("WHO"));
}
CASE(handlers_are_inherited) {
  setenv("WHO", "parent", 1);
  atexit(child_handler);
  pid_t pid = (pid_t)MUST(fork());
  if (pid == 0) {
    setenv("WHO", "child", 1);
    exit(2);
  }
  reap(pid);
}

CASE(flushes) {
  IN_CHILD(FILE *f = fopen("exit", "w"); fputs("flushed by exit", f); exit(0));
  IN_CHILD(FILE *f = fopen("_exit", "w"); fputs("lost", f); _exit(0));
  IN_CHILD(FILE *f = fopen("abort", "w"); fputs("lost", f); abort());
  printf("[%s]", get("exit"));
  printf("[%s]", get("_exit"));
  printf("[%s]\n", get("abort"));
}

static void quick(void) {
  printf("quick\n");
}
CASE(quick) {
  IN_CHILD(atexit(first); at_quick_exit(quick); quick_exit(9));
  IN_CHILD(atexit(first); at_quick_exit(quick); exit(10));
}

static void survive(int number) {
  (void)number;
  static const char text[] = "SIGABRT handled\n";
  MUST(write(1, text, sizeof text - 1));
}
CASE(abort_wins) {
  IN_CHILD(abort());
  IN_CHILD(signal(SIGABRT, SIG_IGN); abort());
  IN_CHILD(on_signal(SIGABRT, survive, 0); abort());
  IN_CHILD(sigset_t set; sigemptyset(&set); sigaddset(&set, SIGABRT); sigprocmask(SIG_BLOCK, &set, NULL); abort());
}

// The status of the case itself: what the harness sees.
CASE(status_of_main) {
  printf("about to exit with 200\n");
  exit(200);
}
CASE(signal_of_main) {
  printf("about to die\n");
  fflush(stdout);
  raise(SIGTERM);
}

// All descriptors close at exit: a reader of the pipe sees its end, a lock is free again.
CASE(closes_everything) {
  int ends[2];
  MUST(pipe(ends));
  int lock = (int)MUST(open("lock", O_RDWR | O_CREAT, 0600));
  pid_t pid = (pid_t)MUST(fork());
  if (pid == 0) {
    struct flock whole = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
    SHOW(fcntl(lock, F_SETLK, &whole));
    MUST(write(ends[1], "last words", 10));
    _exit(0);
  }
  close(ends[1]);
  char text[32] = "";
  SHOW(read(ends[0], text, sizeof text));
  STR(text);
  SHOW(read(ends[0], text, sizeof text));
  reap(pid);
  struct flock whole = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
  SHOW(fcntl(lock, F_GETLK, &whole));
  SHOW(whole.l_type == F_UNLCK);
}
