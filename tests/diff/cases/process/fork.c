// fork(2): what the child gets a copy of, what it shares, what it does not inherit.
#include "../../harness.h"

static int global = 1;

CASE(copies_memory) {
  int local = 1, *heap = malloc(sizeof *heap);
  *heap = 1;
  pid_t pid = (pid_t)MUST(fork());
  if (pid == 0) {
    global = local = *heap = 2;
    printf("child sees %d %d %d\n", global, local, *heap);
    _exit(0);
  }
  reap(pid);
  printf("parent sees %d %d %d\n", global, local, *heap);
}

CASE(ids) {
  pid_t parent = getpid();
  int to_parent[2];
  MUST(pipe(to_parent));
  pid_t pid = (pid_t)MUST(fork());
  if (pid == 0) {
    pid_t ids[2] = {getpid(), getppid()};
    MUST(write(to_parent[1], ids, sizeof ids));
    _exit(0);
  }
  pid_t ids[2];
  SHOW(read(to_parent[0], ids, sizeof ids) == sizeof ids);
  printf("the pid that fork returned: %d, its parent: %d, a new one: %d\n", ids[0] == pid, ids[1] == parent,
         pid != parent);
  reap(pid);
}

CASE(shares_offsets) {
  int fd = (int)MUST(open("file", O_RDWR | O_CREAT, 0600));
  MUST(write(fd, "0123456789", 10));
  MUST(lseek(fd, 2, SEEK_SET));
  pid_t pid = (pid_t)MUST(fork());
  if (pid == 0) {
    char text[4] = "";
    SHOW(read(fd, text, 3));
    STR(text);
    SHOW(fcntl(fd, F_SETFL, O_APPEND));
    SHOW(close(fd));
    _exit(0);
  }
  reap(pid);
  SHOW(lseek(fd, 0, SEEK_CUR));
  SHOW((fcntl(fd, F_GETFL) & O_APPEND) != 0);
  SHOW(fcntl(fd, F_GETFD));
}

CASE(hundred_children) {
  int lines[2];
  MUST(pipe(lines));
  for (int i = 0; i < 100; i++) {
    if (MUST(fork()) > 0) continue;
    char text[16];
    snprintf(text, sizeof text, "%03d\n", i);
    MUST(write(lines[1], text, 4));
    _exit(i % 7);
  }
  close(lines[1]);
  int seen[100] = {0}, statuses[7] = {0}, status, count = 0, distinct = 0;
  char text[5] = "";
  while (read(lines[0], text, 4) == 4) seen[atoi(text)]++;
  for (int i = 0; i < 100; i++) distinct += seen[i] == 1;
  while (wait(&status) > 0) {
    count++;
    statuses[WEXITSTATUS(status)]++;
  }
  printf("lines %d, reaped %d, then %s\n", distinct, count, errname(errno));
  for (int i = 0; i < 7; i++) printf("status %d: %d\n", i, statuses[i]);
}

// Each process forks two more down to depth 4, and its status is the number of processes below and including it.
static int tree(int depth) {
  int sum = 1;
  for (int i = 0; depth > 0 && i < 2; i++) {
    pid_t pid = (pid_t)MUST(fork());
    if (pid == 0) _exit(tree(depth - 1));
    int status;
    MUST(waitpid(pid, &status, 0));
    sum += WEXITSTATUS(status);
  }
  return sum;
}
CASE(tree_of_processes) {
  SHOW(tree(4));
}

// The child's stack holds every frame, each with its own values.
static long frames(int depth, long carried) {
  volatile long mine = carried * 3 + depth;
  if (depth == 0) {
    pid_t pid = (pid_t)MUST(fork());
    if (pid != 0) reap(pid);
    return pid == 0 ? 1 : 2;
  }
  long below = frames(depth - 1, mine % 1000);
  return (below * 31 + mine) % 1000003;
}
CASE(two_hundred_frames) {
  pid_t before = getpid();
  long sum = frames(200, 5);
  if (getpid() != before) {
    printf("child's sum %ld\n", sum);
    _exit(7);
  }
  printf("parent's sum %ld\n", sum);
}

CASE(unflushed_stdio_is_copied) {
  FILE *file = fopen("out", "w");
  fputs("once or twice;", file);
  pid_t pid = (pid_t)MUST(fork());
  if (pid == 0) {
    fputs("child;", file);
    exit(0);
  }
  reap(pid);
  fputs("parent;", file);
  fclose(file);
  STR(get("out"));
}

static void nothing(int number) {
  (void)number;
}
CASE(signals_and_timers) {
  on_signal(SIGUSR1, nothing, 0);
  sigset_t set, pending, mask;
  sigemptyset(&set);
  sigaddset(&set, SIGUSR1);
  sigaddset(&set, SIGUSR2);
  sigprocmask(SIG_BLOCK, &set, NULL);
  raise(SIGUSR1);
  alarm(100);
  pid_t pid = (pid_t)MUST(fork());
  if (pid == 0) {
    sigpending(&pending);
    printf("child: pending %d\n", sigismember(&pending, SIGUSR1));
    sigprocmask(SIG_SETMASK, NULL, &mask);
    printf("child: blocked %d %d %d\n", sigismember(&mask, SIGUSR1), sigismember(&mask, SIGUSR2),
           sigismember(&mask, SIGTERM));
    struct sigaction action;
    sigaction(SIGUSR1, NULL, &action);
    printf("child: handler kept %d, alarm %u\n", action.sa_handler == nothing, alarm(0));
    _exit(0);
  }
  reap(pid);
  sigpending(&pending);
  printf("parent: pending %d, alarm set %d\n", sigismember(&pending, SIGUSR1), alarm(0) > 0);
}

CASE(descriptors_are_separate) {
  int fd = (int)MUST(open("file", O_RDWR | O_CREAT | O_CLOEXEC, 0600));
  pid_t pid = (pid_t)MUST(fork());
  if (pid == 0) {
    SHOW(fcntl(fd, F_GETFD));
    SHOW(fcntl(fd, F_SETFD, 0));
    SHOW(dup2(fd, 20));
    _exit(0);
  }
  reap(pid);
  SHOW(fcntl(fd, F_GETFD));
  SHOW(fcntl(20, F_GETFD));
}

CASE(working_directory_and_umask) {
  MUST(mkdir("below", 0755));
  umask(027);
  pid_t pid = (pid_t)MUST(fork());
  if (pid == 0) {
    MUST(chdir("below"));
    printf("child: umask %03o\n", umask(077));
    put("made-by-child", "x");
    _exit(0);
  }
  reap(pid);
  printf("parent: umask %03o\n", umask(022));
  SHOW(access("made-by-child", F_OK));
  SHOW(access("below/made-by-child", F_OK));
  struct stat st;
  MUST(stat("below/made-by-child", &st));
  printf("mode %03o\n", st.st_mode & 0777);
}
