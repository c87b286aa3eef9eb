// One misdeed each: abuse NAME. Prints what the kernel answered; most end by being killed.
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

extern char **environ;

static const char *errno_name(int error) {
  static const struct { int number; const char *name; } names[] = {
      {EAGAIN, "EAGAIN"}, {ENOMEM, "ENOMEM"}, {ENOSPC, "ENOSPC"}, {EMFILE, "EMFILE"}, {ENFILE, "ENFILE"}, {ELOOP, "ELOOP"},
      {ENOBUFS, "ENOBUFS"}, {ENAMETOOLONG, "ENAMETOOLONG"}, {EINVAL, "EINVAL"}, {ENOTEMPTY, "ENOTEMPTY"}, {ERANGE, "ERANGE"}, {EFAULT, "EFAULT"},
  };
  for (size_t i = 0; i < sizeof names / sizeof *names; i++) if (names[i].number == error) return names[i].name;
  return strerror(error);
}
static const char *why(void) { return errno_name(errno); }

#define SAY(...) printf(__VA_ARGS__), fflush(stdout)

// ---------------------------------------------------------------- too many of something

// Forks until there is no more room; all children wait to be killed.
static void forks(void) {
  int n = 0;
  for (;; n++) {
    pid_t pid = fork();
    if (pid < 0) break;
    if (pid == 0) pause(), _exit(0);
  }
  SAY("%s after %s\n", why(), n > 10 ? "many" : "few");
  signal(SIGTERM, SIG_IGN), kill(0, SIGTERM);
  while (wait(0) > 0) {}
}

// Each child forks too, and nobody waits for anybody.
static void bomb(void) {
  for (;;) fork();
}

static void *idle(void *unused) {
  pause();
  return unused;
}

static void threads(void) {
  pthread_attr_t attr;
  pthread_attr_init(&attr), pthread_attr_setstacksize(&attr, 16384);
  int n = 0, error = 0;
  for (pthread_t thread; n < 10000 && !(error = pthread_create(&thread, &attr, idle, 0)); n++) {}
  SAY("%s after %s\n", error ? errno_name(error) : "none", n > 10 ? "many" : "few");
}

// musl's sbrk only tells; brk(2) itself moves.
static char *more_heap(long bytes) {
  char *old = (char *)syscall(SYS_brk, 0), *new = (char *)syscall(SYS_brk, old + bytes);
  return new == old ? 0 : old;
}

static void use_brk(void) {
  long n = 0;
  for (char *p; (p = more_heap(1 << 20)); n++) *p = 1;
  SAY("refused after %s\n", n > 3 ? "many" : "few");
}

static void use_mmap(void) {
  long n = 0;
  for (char *p; (p = mmap(0, 1 << 20, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)) != MAP_FAILED; n++) *p = 1;
  SAY("%s after %s\n", why(), n > 3 ? "many" : "few");
}

static void grow(void) {
  long n = 0;
  while (__builtin_wasm_memory_grow(0, 16) != (size_t)-1) n++;
  SAY("refused after %s\n", n > 3 ? "many" : "few");
}

// Fills the kernel's own memory by way of a file, which is removed at the end.
static void fill_file(void) {
  static char block[1 << 20];
  memset(block, 'x', sizeof block);
  int fd = open("/tmp/huge", O_CREAT | O_RDWR | O_TRUNC, 0600);
  unlink("/tmp/huge");
  long n = 0;
  while (write(fd, block, sizeof block) > 0) n++;
  SAY("%s after %s\n", why(), n > 3 ? "many" : "few");
  SAY("a pipe: %s\n", pipe((int[2]){0}) ? why() : "ok");
  pid_t pid = fork();
  if (pid == 0) _exit(0);
  SAY("a child: %s\n", pid < 0 ? why() : "ok");
  wait(0);
}

// As many names as fit.
static void fill_names(void) {
  char name[300];
  mkdir("/tmp/names", 0700);
  long n = 0;
  for (; n < 20000; n++) {
    snprintf(name, sizeof name, "/tmp/names/%0200ld", n);
    int fd = open(name, O_CREAT | O_WRONLY, 0600);
    if (fd < 0 || write(fd, name, 200) < 0) break;
    close(fd);
  }
  SAY("%s\n", n == 20000 ? "all" : why());
  for (; n >= 0; n--) snprintf(name, sizeof name, "/tmp/names/%0200ld", n), unlink(name);
  rmdir("/tmp/names");
}

static void fill_pipes(void) {
  static char block[65536];
  struct rlimit most = {60000, 60000};
  setrlimit(RLIMIT_NOFILE, &most);
  int fds[2], n = 0;
  for (; !pipe2(fds, O_NONBLOCK); n++) {
    if (write(fds[1], block, sizeof block) < 0) break;
  }
  SAY("%s after %s\n", why(), n > 100 ? "many" : "few");
}

// Whether others can still speak, with the kernel's memory full.
static void say_what_is_left(void) {
  for (int fd = 900; fd < 1000; fd++) close(fd);
  SAY("a pipe: %s\n", pipe((int[2]){0}) ? why() : "ok");
  pid_t pid = fork();
  if (pid == 0) _exit(0);
  SAY("a child: %s\n", pid < 0 ? why() : "ok");
  wait(0);
}

// Pairs of sockets that hold all they can.
static void fill_sockets(int type) {
  static char block[65536];
  struct rlimit most = {200000, 200000};
  setrlimit(RLIMIT_NOFILE, &most);
  int fds[2], n = 0;
  for (; !socketpair(AF_UNIX, type | SOCK_NONBLOCK, 0, fds); n++) {
    errno = 0;
    while (write(fds[0], block, n % 3 ? sizeof block : 1) > 1) {}
    if (errno == ENOBUFS) break;
  }
  SAY("%s after %s\n", why(), n > 100 ? "many" : "few");
  say_what_is_left();
}
static void fill_streams(void) { fill_sockets(SOCK_STREAM); }
static void fill_datagrams(void) { fill_sockets(SOCK_DGRAM); }

// Connections that hold all they can, some of which nobody accepts and whose clients are gone.
static void fill_connections(void) {
  static char block[65536];
  struct rlimit most = {200000, 200000};
  setrlimit(RLIMIT_NOFILE, &most);
  struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  socklen_t size = sizeof at;
  int listener = -1, n = 0, client = 0;
  for (;; n++) {
    if (n % 1000 == 0) {
      listener = socket(AF_INET, SOCK_STREAM, 0);
      at.sin_port = 0;
      if (bind(listener, (struct sockaddr *)&at, size) || listen(listener, 4096)) break;
      getsockname(listener, (struct sockaddr *)&at, &size);
    }
    client = socket(AF_INET, SOCK_STREAM, 0);
    if (client < 0 || connect(client, (struct sockaddr *)&at, size)) break;
    fcntl(client, F_SETFL, O_NONBLOCK);
    errno = 0;
    while (write(client, block, n % 3 ? sizeof block : 1) > 1) {}
    if (errno == ENOBUFS) break;
    if (n % 3 == 0) close(client);
  }
  SAY("%s after %s\n", why(), n > 100 ? "many" : "few");
  say_what_is_left();
}

static long send_descriptors(int to, int *fds, int count) {
  struct iovec part = {"x", 1};
  struct { struct cmsghdr head; int fds[253]; } control = {{.cmsg_level = SOL_SOCKET, .cmsg_type = SCM_RIGHTS}};
  control.head.cmsg_len = CMSG_LEN(4 * count);
  memcpy(control.fds, fds, 4 * count);
  struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = CMSG_LEN(4 * count)};
  return syscall(SYS_sendmsg, to, &message, MSG_DONTWAIT);
}

// Descriptors that wait in messages which nobody receives, those of the messages' own sockets among them.
static void fill_flight(void) {
  int fds[2], many[253], n = 0, refused = 0;
  for (; n < 100000 && !refused; n++) {
    if (socketpair(AF_UNIX, n % 2 ? SOCK_DGRAM : SOCK_STREAM, 0, fds)) break;
    for (int i = 0; i < 253; i++) many[i] = fds[i % 2];
    for (int i = 0; i < 3; i++) if (send_descriptors(fds[0], many, n % 10 ? 253 : 2) < 0) refused = 1;
    if (n % 3) close(fds[0]), close(fds[1]);
  }
  SAY("%s after %s\n", errno == EMFILE ? "EMFILE" : errno == ETOOMANYREFS ? "ETOOMANYREFS" : why(), n > 100 ? "many" : "few");
  say_what_is_left();
}

static void descriptors(void) {
  int n = 0;
  while (dup(0) >= 0) n++;
  SAY("%s after %d\n", why(), n + 3);
  SAY("open: %s, pipe: ", open("/", O_RDONLY) < 0 ? why() : "ok");
  SAY("%s, eventfd: ", pipe((int[2]){0}) ? why() : "ok");
  SAY("%s\n", eventfd(0, 0) < 0 ? why() : "ok");
}

static void queue_signals(void) {
  sigset_t all;
  sigfillset(&all), sigprocmask(SIG_BLOCK, &all, 0);
  int n = 0;
  while (n < 100000 && !sigqueue(getpid(), SIGRTMIN + n % 8, (union sigval){.sival_int = n})) n++;
  SAY("%s\n", n == 100000 ? "no limit" : why());
}

// ---------------------------------------------------------------- bad memory, bad stacks

static volatile int depth;

// Uses up the machine's own stack, not the one in memory, with a system call at each level: the end comes inside the kernel.
static int calls_deeply(int a, int b, int c, int d, int *fds) {
  switch (depth++ % 4) {
    case 0: write(fds[1], fds, a % 50); break;
    case 1: read(fds[0], fds + 2, b % 50); break;
    case 2: close(dup(fds[0])); break;
    case 3: kill(getpid(), SIGUSR1); break;
  }
  int below = calls_deeply(b + 1, c, d, a, fds);
  return below * 3 + d; // no loop can do that
}

static void ignore(int signo) { (void)signo; }

static void deep_calls(void) {
  signal(SIGUSR1, ignore);
  for (int i = 0; i < 40; i++) {
    int fds[100], status;
    pipe2(fds, O_NONBLOCK);
    if (fork() == 0) depth = i, _exit(calls_deeply(i, i % 7, 2, 3, fds));
    if (wait(&status) < 0 || !WIFSIGNALED(status)) SAY("ended by itself\n");
    close(fds[0]), close(fds[1]);
  }
  SAY("done\n");
}

static int recurse(int n) {
  volatile char frame[200];
  frame[n % 200] = (char)n;
  depth++;
  return recurse(n + 1) + frame[(n + 1) % 200];
}
static void recursion(void) { SAY("%d\n", recurse(0)); }

static void nested(int signo) {
  depth++;
  raise(signo);
}
static void handlers(void) {
  struct sigaction action = {.sa_handler = nested, .sa_flags = SA_NODEFER};
  sigaction(SIGUSR1, &action, 0);
  raise(SIGUSR1);
}

static void bad_handler(void) {
  signal(SIGUSR1, (void (*)(int))(uintptr_t)0x7fffffff);
  raise(SIGUSR1);
  SAY("went on\n");
}

static void wrong_type(void) {
  signal(SIGUSR1, (void (*)(int))(uintptr_t)recursion);
  raise(SIGUSR1);
  SAY("went on\n");
}

static void bad_stack(void) {
  signal(SIGUSR1, ignore);
  __asm__ volatile("i32.const 0x7ffffff0\n global.set __stack_pointer" ::: "memory");
  kill(getpid(), SIGUSR1);
  __asm__ volatile("unreachable");
}

static void bad_altstack(void) {
  stack_t stack = {.ss_sp = (void *)0xfffff000u, .ss_size = 65536};
  int set = sigaltstack(&stack, 0);
  struct sigaction action = {.sa_handler = ignore, .sa_flags = SA_ONSTACK};
  sigaction(SIGUSR1, &action, 0);
  if (set == 0) raise(SIGUSR1);
  SAY("went on\n");
}

static void out_of_bounds(void) { *(volatile char *)0xfffffff0u = 1; }
static void zero_division(void) {
  volatile int zero = 0, ten = 10;
  SAY("%d\n", ten / zero);
}
static void bad_call(void) { ((void (*)(void))(uintptr_t)0x7ffffff)(); }

// ---------------------------------------------------------------- paths

static void paths(void) {
  chdir("/tmp"), mkdir("p", 0700), chdir("p");
  symlink("b", "a"), symlink("a", "b");
  SAY("loop: %s\n", open("a/x", O_RDONLY) < 0 ? why() : "ok");
  char name[5000];
  memset(name, 'n', sizeof name), name[255] = 0;
  SAY("255: %s\n", mkdir(name, 0700) ? why() : "ok");
  rmdir(name);
  name[255] = 'n', name[256] = 0;
  SAY("256: %s\n", mkdir(name, 0700) ? why() : "ok");
  for (int i = 0; i < 4999; i++) name[i] = i & 1 ? '/' : '.';
  name[4095] = 0, name[4094] = '.';
  SAY("4095: %s\n", access(name, F_OK) ? why() : "ok");
  name[4095] = '/', name[4096] = 0;
  SAY("4096: %s\n", access(name, F_OK) ? why() : "ok");
  mkdir("s", 0700), mkdir("s/t", 0700);
  SAY("into itself: %s", rename("s", "s/t/u") ? why() : "ok");
  SAY(" %s", rename("s", "s/u") ? why() : "ok");
  SAY(" %s\n", rename("s/t", "s") ? why() : "ok");
  // A tree far deeper than any path can say, made and removed step by step.
  int deep = 0;
  while (deep < 2000 && !mkdir("deepdeepdeep", 0700) && !chdir("deepdeepdeep")) deep++;
  char cwd[100];
  SAY("deep: %d, getcwd: %s\n", deep, getcwd(cwd, sizeof cwd) ? "ok" : why());
  while (deep-- && !chdir("..") && !rmdir("deepdeepdeep")) {}
  SAY("back: %d\n", deep);
  unlink("a"), unlink("b"), rmdir("s/t"), rmdir("s"), chdir("/"), rmdir("/tmp/p");
}

// ---------------------------------------------------------------- ends

static void *in_pipe(void *fd) { return (void *)(intptr_t)read(*(int *)fd, &depth, 1); }
static void *in_sleep(void *unused) { return nanosleep(&(struct timespec){1000, 0}, 0), unused; }
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static void *in_futex(void *unused) { return pthread_mutex_lock(&lock), unused; }
static void *in_wait(void *unused) { return wait(0), unused; }
static void *in_loop(void *unused) {
  for (;;) depth++;
  return unused;
}

// Exits while its threads are blocked or busy in every way.
static void blocked_threads(void) {
  static int fds[2];
  pipe(fds), pthread_mutex_lock(&lock);
  if (fork() == 0) nanosleep(&(struct timespec){0, 50000000}, 0), _exit(0);
  void *(*const ways[])(void *) = {in_pipe, in_sleep, in_futex, in_wait, in_loop, idle};
  for (int i = 0; i < 30; i++) {
    pthread_t thread;
    pthread_create(&thread, 0, ways[i % 6], fds);
  }
  nanosleep(&(struct timespec){0, 20000000}, 0);
  SAY("exits\n");
  exit(7);
}

static void execs(void) {
  int n = getenv("LEFT") ? atoi(getenv("LEFT")) : 1000;
  if (n == 0) {
    SAY("done in %d\n", getpid() == getsid(0) ? 1 : 0);
    return;
  }
  char left[20];
  snprintf(left, sizeof left, "%d", n - 1);
  setenv("LEFT", left, 1);
  execl("/proc/self/exe", "abuse", "execs", (char *)0);
  SAY("%s\n", why());
}

static void stop_storm(void) {
  pid_t pid = fork();
  if (pid == 0) in_loop(0);
  for (int i = 0; i < 1000; i++) kill(pid, SIGSTOP), kill(pid, SIGCONT);
  int status;
  kill(pid, SIGSTOP), waitpid(pid, &status, WUNTRACED);
  SAY("stopped %d\n", WIFSTOPPED(status));
  kill(pid, SIGKILL), waitpid(pid, &status, 0);
  SAY("killed %d\n", WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
}

// Children that signal each other without end, until they are killed.
static void signal_storm(void) {
  signal(SIGUSR1, ignore), signal(SIGUSR2, ignore);
  pid_t parent = getpid(), pids[8];
  for (int i = 0; i < 8; i++) {
    if ((pids[i] = fork()) == 0) {
      for (;;) kill(parent, SIGUSR1), kill(0, SIGUSR2);
    }
  }
  for (int i = 0; i < 50; i++) nanosleep(&(struct timespec){0, 5000000}, 0);
  for (int i = 0; i < 8; i++) kill(pids[i], SIGKILL);
  int n = 0;
  while (n < 8) if (wait(0) > 0) n++;
  SAY("reaped %d\n", n);
}

// Reads where nothing of its own is: what is there must be zero, or a fault.
static void peek(void) {
  unsigned char *p = mmap(0, 8 << 20, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  long dirty = 0;
  for (long i = 0; i < 8 << 20; i++) dirty += p[i] != 0;
  unsigned char *heap = (unsigned char *)more_heap(1 << 20);
  for (long i = 0; i < 1 << 20; i++) dirty += heap[i] != 0;
  __builtin_wasm_memory_grow(0, 16);
  unsigned char *end = (unsigned char *)(__builtin_wasm_memory_size(0) * 65536ul - (16 << 16));
  for (long i = 0; i < 16 << 16; i++) dirty += end[i] != 0;
  SAY("dirty bytes: %ld\n", dirty);
}

// Leaves its memory full of something for `peek` to find.
static void soil(void) {
  char *p = mmap(0, 4 << 20, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  memset(p, 'S', 4 << 20), memset(more_heap(1 << 20), 'S', 1 << 20);
  SAY("soiled\n");
}

// Bytes that the kernel itself holds, in kB.
static long kernel_memory(void) {
  char text[2048];
  int fd = open("/proc/meminfo", O_RDONLY);
  long got = read(fd, text, sizeof text - 1);
  close(fd);
  text[got > 0 ? got : 0] = 0;
  const char *at = strstr(text, "Cached:");
  return at ? strtol(at + 7, 0, 10) : -1;
}

// Polls that do not wait: nothing of them may stay behind in the kernel.
static void idle_polls(void) {
  int ends[2];
  pipe(ends);
  struct pollfd list[2] = {{.fd = ends[0], .events = POLLIN}, {.fd = ends[0], .events = POLLPRI}};
  struct timespec zero = {0, 0};
  long before = kernel_memory();
  for (int i = 0; i < 30000; i++) poll(list, 2, 0), ppoll(list, 2, &zero, 0);
  long grown = kernel_memory() - before;
  SAY("%s\n", grown < 64 ? "kept nothing" : "kept something");
}

static const struct { const char *name; void (*run)(void); } misdeeds[] = {
    {"forks", forks}, {"bomb", bomb}, {"threads", threads}, {"brk", use_brk}, {"mmap", use_mmap}, {"grow", grow},
    {"fill-file", fill_file}, {"fill-names", fill_names}, {"fill-pipes", fill_pipes}, {"fill-streams", fill_streams},
    {"fill-datagrams", fill_datagrams}, {"fill-flight", fill_flight}, {"fill-connections", fill_connections}, {"descriptors", descriptors},
    {"queue-signals", queue_signals}, {"recursion", recursion}, {"deep-calls", deep_calls}, {"handlers", handlers}, {"bad-handler", bad_handler},
    {"wrong-type", wrong_type}, {"bad-stack", bad_stack}, {"bad-altstack", bad_altstack}, {"out-of-bounds", out_of_bounds},
    {"zero-division", zero_division}, {"bad-call", bad_call}, {"paths", paths}, {"blocked-threads", blocked_threads},
    {"execs", execs}, {"stop-storm", stop_storm}, {"signal-storm", signal_storm}, {"peek", peek}, {"soil", soil}, {"idle-polls", idle_polls},
};

int main(int argc, char **argv) {
  for (size_t i = 0; i < sizeof misdeeds / sizeof *misdeeds; i++) {
    if (argc == 2 && !strcmp(argv[1], misdeeds[i].name)) return misdeeds[i].run(), 0;
  }
  return 2;
}
