// What every differential case is written with. One C file holds several cases; the program runs the one that
// argv[1] names, in a fresh working directory, with stdout a pipe. A case prints what it observes, and prints only
// what Linux itself fixes: no pids, times, addresses, inode numbers, and errors by name (strerror differs by C library).
//
//   CASE(name) { ... }      one test; tests/diff/sources.ts finds them by this line
//   PROGRAM(name) { ... }   not a test: the body of a program that a case execs as `self name`
//   SHOW(call)              prints the call and its result, with errno's name where it is -1
//   OKAY(call)              the same where the result itself is not for printing (a pid, a descriptor): ok or errno
//   OKAY_PTR(call)          the same for mmap and its like
//   ERR(call)               for calls that return an error number (pthread_*, posix_*)
//   NUM(expr), STR(expr)    prints expression and value
//   MUST(call)              a step of the set-up; ends the case with status 99 where it fails
#ifndef RING3_TESTS_HARNESS_H
#define RING3_TESTS_HARNESS_H
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define UNUSED __attribute__((unused))
#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

extern char **environ;
UNUSED static int case_argc;
UNUSED static char **case_argv;
UNUSED static const char *self; // path of this program, for exec

struct body {
  const char *name;
  void (*run)(void);
  struct body *next;
};
static struct body *bodies;

#define PROGRAM(id)                                                 \
  static void body_##id(void);                                      \
  __attribute__((constructor)) static void enter_##id(void) {       \
    static struct body entry = {.name = #id, .run = body_##id};     \
    entry.next = bodies;                                            \
    bodies = &entry;                                                \
  }                                                                 \
  static void body_##id(void)
#define CASE(id) PROGRAM(id)

// --- names of numbers ---

struct name {
  int number;
  const char *text;
};
#define N(constant) {constant, #constant}

static const char *name_in(const struct name *table, size_t count, int number) {
  static char other[4][24];
  static unsigned turn;
  for (size_t i = 0; i < count; i++)
    if (table[i].number == number) return table[i].text;
  char *text = other[turn++ % 4];
  snprintf(text, sizeof other[0], "#%d", number);
  return text;
}

UNUSED static const char *errname(int number) {
  static const struct name table[] = {
      {0, "0"},        N(EPERM),        N(ENOENT),      N(ESRCH),     N(EINTR),      N(EIO),         N(ENXIO),
      N(E2BIG),        N(ENOEXEC),      N(EBADF),       N(ECHILD),    N(EAGAIN),     N(ENOMEM),      N(EACCES),
      N(EFAULT),       N(ENOTBLK),      N(EBUSY),       N(EEXIST),    N(EXDEV),      N(ENODEV),      N(ENOTDIR),
      N(EISDIR),       N(EINVAL),       N(ENFILE),      N(EMFILE),    N(ENOTTY),     N(ETXTBSY),     N(EFBIG),
      N(ENOSPC),       N(ESPIPE),       N(EROFS),       N(EMLINK),    N(EPIPE),      N(EDOM),        N(ERANGE),
      N(EDEADLK),      N(ENAMETOOLONG), N(ENOLCK),      N(ENOSYS),    N(ENOTEMPTY),  N(ELOOP),       N(ENODATA),
      N(ETIME),        N(EOVERFLOW),    N(EILSEQ),      N(ENOTSOCK),  N(EOPNOTSUPP), N(ECONNRESET),  N(ETIMEDOUT),
      N(EOWNERDEAD),   N(ECANCELED),    N(EPROTO),      N(ENOTUNIQ),  N(ENOTRECOVERABLE),
      N(EADDRINUSE),   N(EADDRNOTAVAIL),   N(EAFNOSUPPORT), N(EALREADY),  N(ECONNABORTED),   N(ECONNREFUSED),
      N(EDESTADDRREQ), N(EHOSTUNREACH),    N(EINPROGRESS),  N(EISCONN),   N(EMSGSIZE),       N(ENETDOWN),
      N(ENETUNREACH),  N(ENOBUFS),         N(ENOPROTOOPT),  N(ENOTCONN),  N(EPROTONOSUPPORT), N(EPROTOTYPE),
      N(ESHUTDOWN),    N(ESOCKTNOSUPPORT), N(ETOOMANYREFS),
  };
  return name_in(table, COUNT(table), number);
}

UNUSED static const char *signame(int number) {
  static const struct name table[] = {
      {0, "0"},   N(SIGHUP),  N(SIGINT),  N(SIGQUIT), N(SIGILL),   N(SIGTRAP), N(SIGABRT), N(SIGBUS),
      N(SIGFPE),  N(SIGKILL), N(SIGUSR1), N(SIGSEGV), N(SIGUSR2),  N(SIGPIPE), N(SIGALRM), N(SIGTERM),
      N(SIGSTKFLT), N(SIGCHLD), N(SIGCONT), N(SIGSTOP), N(SIGTSTP), N(SIGTTIN), N(SIGTTOU), N(SIGURG),
      N(SIGXCPU), N(SIGXFSZ), N(SIGVTALRM), N(SIGPROF), N(SIGWINCH), N(SIGIO), N(SIGPWR),  N(SIGSYS),
  };
  return name_in(table, COUNT(table), number);
}

// A wait status in words.
UNUSED static const char *status_text(int status) {
  static char text[64];
  if (WIFEXITED(status))
    snprintf(text, sizeof text, "exited %d", WEXITSTATUS(status));
  else if (WIFSIGNALED(status))
    snprintf(text, sizeof text, "killed by %s", signame(WTERMSIG(status)));
  else if (WIFSTOPPED(status))
    snprintf(text, sizeof text, "stopped by %s", signame(WSTOPSIG(status)));
  else if (WIFCONTINUED(status))
    snprintf(text, sizeof text, "continued");
  else
    snprintf(text, sizeof text, "status %#x", status);
  return text;
}

// --- printing what a call did ---

UNUSED static long show(const char *text, long result) {
  if (result == -1)
    printf("%s = -1 %s\n", text, errname(errno));
  else
    printf("%s = %ld\n", text, result);
  return result;
}

UNUSED static long okay(const char *text, long result) {
  printf("%s: %s\n", text, result == -1 ? errname(errno) : "ok");
  return result;
}

UNUSED static long must(const char *file, int line, const char *text, long result) {
  if (result != -1) return result;
  printf("%s:%d: set-up failed: %s: %s\n", file, line, text, errname(errno));
  fflush(stdout);
  _exit(99);
}

#define SHOW(call) (errno = 0, show(#call, (long)(call)))
#define OKAY(call) (errno = 0, okay(#call, (long)(call)))
#define OKAY_PTR(call) (errno = 0, (void)okay(#call, (call) == (void *)-1 ? -1 : 0))
#define ERR(call) (printf("%s: %s\n", #call, errname(call)))
#define NUM(expr) (printf("%s: %ld\n", #expr, (long)(expr)))
#define STR(expr) (printf("%s: %s\n", #expr, (expr)))
#define MUST(call) must(__FILE_NAME__, __LINE__, #call, (long)(call))
#ifndef __FILE_NAME__
#define __FILE_NAME__ (strrchr("/" __FILE__, '/') + 1)
#endif

// A raw system call: every argument as wide as the register it stands for.
#define SYS6(nr, a, b, c, d, e, f) \
  syscall((nr), (long)(a), (long)(b), (long)(c), (long)(d), (long)(e), (long)(f))
#define SYS5(nr, a, b, c, d, e) SYS6(nr, a, b, c, d, e, 0)
#define SYS4(nr, a, b, c, d) SYS6(nr, a, b, c, d, 0, 0)
#define SYS3(nr, a, b, c) SYS6(nr, a, b, c, 0, 0, 0)
#define SYS2(nr, a, b) SYS6(nr, a, b, 0, 0, 0, 0)
#define SYS1(nr, a) SYS6(nr, a, 0, 0, 0, 0, 0)

// An address that no process has: the kernel's half on x86-64, above the linear memory on Wasm (where 0 and 1 are
// ordinary memory).
#define BAD_ADDRESS ((void *)-4096)

// --- steps that many cases take ---

UNUSED static void sleep_ms(long ms) {
  struct timespec t = {ms / 1000, ms % 1000 * 1000000};
  while (nanosleep(&t, &t) == -1 && errno == EINTR) {
  }
}

UNUSED static long now_ms(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

// Waits for the child and prints how it ended.
UNUSED static int reap(pid_t pid) {
  int status = 0;
  pid_t got;
  while ((got = waitpid(pid, &status, 0)) == -1 && errno == EINTR) {
  }
  printf("child: %s\n", got == pid ? status_text(status) : errname(errno));
  return status;
}

// One byte through a pipe, to put two processes in order.
UNUSED static void tell(int fd) {
  MUST(write(fd, "!", 1));
}
UNUSED static int hear(int fd) {
  char byte;
  ssize_t got;
  while ((got = read(fd, &byte, 1)) == -1 && errno == EINTR) {
  }
  return got == 1;
}

// The state letter in /proc/PID/stat ('S' while it sleeps in a call, 'T' stopped, 'Z' zombie), '-' for no process.
UNUSED static char state_of(pid_t pid) {
  char path[64], text[512];
  snprintf(path, sizeof path, "/proc/%d/stat", (int)pid);
  int fd = open(path, O_RDONLY | O_CLOEXEC);
  ssize_t got = fd == -1 ? -1 : read(fd, text, sizeof text - 1);
  if (fd != -1) close(fd);
  if (got <= 0) return '-';
  text[got] = 0;
  const char *end = strrchr(text, ')');
  return end && end[1] == ' ' ? end[2] : '?';
}
UNUSED static void until_state(pid_t pid, char wanted) {
  for (int i = 0; i < 4000; i++) {
    if (state_of(pid) == wanted) return;
    sleep_ms(1);
  }
  printf("the process never reached state %c\n", wanted);
}
UNUSED static void until_asleep(pid_t pid) {
  until_state(pid, 'S');
}

// Writes a whole file, or reads one as text (static storage, at most 4 KiB).
UNUSED static void put(const char *path, const char *text) {
  int fd = (int)MUST(open(path, O_WRONLY | O_CREAT | O_TRUNC, 0644));
  MUST(write(fd, text, strlen(text)));
  close(fd);
}
UNUSED static const char *get(const char *path) {
  static char text[4097];
  int fd = open(path, O_RDONLY);
  if (fd == -1) return errname(errno);
  ssize_t length = 0, got;
  while ((got = read(fd, text + length, sizeof text - 1 - (size_t)length)) > 0) length += got;
  close(fd);
  text[length] = 0;
  return text;
}

// Copies this program to `path`, executable by everyone: for exec as another user, from a folder that all may search.
UNUSED static void copy_self(const char *path) {
  static char block[65536];
  int in = (int)MUST(open(self, O_RDONLY)), out = (int)MUST(open(path, O_WRONLY | O_CREAT | O_TRUNC, 0755));
  ssize_t got;
  while ((got = read(in, block, sizeof block)) > 0) MUST(write(out, block, (size_t)got));
  close(in);
  close(out);
}

// Installs a handler with the given flags and no mask.
UNUSED static void on_signal(int number, void (*handler)(int), int flags) {
  struct sigaction action = {.sa_handler = handler, .sa_flags = flags};
  sigemptyset(&action.sa_mask);
  MUST(sigaction(number, &action, NULL));
}

// Every case starts from the same state, whatever started the program: no stray descriptors, default signal actions,
// nothing blocked, umask 022. stdout is line-buffered, so that a fork copies no half-written output.
int main(int argc, char **argv) {
  case_argc = argc;
  case_argv = argv;
  self = argv[0];
  setvbuf(stdout, NULL, _IOLBF, 4096);
  for (const struct body *body = bodies; body; body = body->next) {
    if (argc < 2 || strcmp(body->name, argv[1]) != 0) continue;
    if (!getenv("CASE_STARTED")) {
      setenv("CASE_STARTED", "1", 1);
      for (int fd = 3; fd < 1024; fd++) close(fd);
      for (int number = 1; number < 32; number++) signal(number, SIG_DFL);
      sigset_t none;
      sigemptyset(&none);
      sigprocmask(SIG_SETMASK, &none, NULL);
      umask(022);
    }
    body->run();
    return 0;
  }
  fprintf(stderr, "no case %s\n", argc < 2 ? "named" : argv[1]);
  return 98;
}
#endif
