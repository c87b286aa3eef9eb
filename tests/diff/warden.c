// Runs one native program and leaves nothing of it behind, whatever happens to the test run itself.
//
//   warden SECONDS DIRECTORY PROGRAM [ARGS...]
//
// It makes DIRECTORY, runs the program there in a session of its own, and removes the directory again. All that the program
// leaves running becomes the warden's child (PR_SET_CHILD_SUBREAPER) and is killed. When the test run dies, so does the
// program (PR_SET_PDEATHSIG). On descriptor 3 goes one line: "exit N", "signal N" or "timeout", and then "left N" where N
// processes were still there half a second after the end.
#define _GNU_SOURCE
#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { REPORT = 3, GRACE_MS = 500 };

static long now_ms(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

// Sends the signal (0: only counts) to every child, as /proc shows them: pid (comm) state ppid.
static int each_child(int number) {
  DIR *proc = opendir("/proc");
  struct dirent *entry;
  int count = 0;
  while (proc && (entry = readdir(proc))) {
    char path[300], text[512];
    if (!isdigit((unsigned char)entry->d_name[0])) continue;
    snprintf(path, sizeof path, "/proc/%s/stat", entry->d_name);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t got = fd == -1 ? -1 : read(fd, text, sizeof text - 1);
    if (fd != -1) close(fd);
    if (got <= 0) continue;
    text[got] = 0;
    char state, *end = strrchr(text, ')');
    int parent;
    if (!end || sscanf(end + 1, " %c %d", &state, &parent) != 2 || parent != getpid()) continue;
    count++;
    if (number) kill(atoi(entry->d_name), number);
  }
  if (proc) closedir(proc);
  return count;
}

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *where) {
  (void)st, (void)where;
  return type == FTW_DP ? rmdir(path) : unlink(path);
}
// A case may have taken its own rights to a directory away; the owner can give them back.
static int open_up(const char *path, const struct stat *st, int type, struct FTW *where) {
  (void)where;
  if (type == FTW_D || type == FTW_DNR) chmod(path, (st->st_mode & 07777) | 0700);
  return 0;
}

int main(int argc, char **argv) {
  if (argc < 4) return 2;
  setsid(); // what is sent to the test run's group (kill -9 as well) must not end the one that cleans up
  pid_t parent = getppid();
  prctl(PR_SET_PDEATHSIG, SIGTERM);
  if (getppid() != parent) return 2;
  prctl(PR_SET_CHILD_SUBREAPER, 1);
  fcntl(REPORT, F_SETFD, FD_CLOEXEC);
  long end = now_ms() + atol(argv[1]) * 1000;
  const char *directory = argv[2];
  umask(022);
  if (mkdir(directory, 0755) == -1 && errno != EEXIST) return perror(directory), 2;

  sigset_t set, old;
  sigemptyset(&set);
  sigaddset(&set, SIGCHLD);
  sigaddset(&set, SIGTERM);
  sigaddset(&set, SIGINT);
  sigaddset(&set, SIGHUP);
  sigprocmask(SIG_BLOCK, &set, &old);
  signal(SIGCHLD, SIG_DFL);
  pid_t pid = fork();
  if (pid == 0) {
    sigprocmask(SIG_SETMASK, &old, NULL);
    setsid();
    if (chdir(directory) == 0) execvp(argv[3], argv + 3);
    perror(argv[3]);
    _exit(126);
  }

  int status = 0, over = 0, stopped = pid == -1, left = 0;
  while (!stopped) {
    pid_t got;
    int one;
    while ((got = waitpid(-1, &one, WNOHANG)) > 0)
      if (got == pid) status = one, over = 1, end = now_ms() + GRACE_MS;
    if (got == -1) break; // no child is left
    long rest = end - now_ms();
    if (rest <= 0) break;
    if (over && rest > 10) rest = 10;
    struct timespec t = {rest / 1000, rest % 1000 * 1000000};
    int number = sigtimedwait(&set, NULL, &t);
    stopped = number > 0 && number != SIGCHLD;
  }
  if (over) left = each_child(0);
  while (each_child(SIGKILL) > 0 && waitpid(-1, NULL, 0) > 0) {
  }
  nftw(directory, open_up, 16, FTW_PHYS);
  nftw(directory, remove_one, 16, FTW_PHYS | FTW_DEPTH);

  if (!over)
    dprintf(REPORT, "timeout");
  else if (WIFSIGNALED(status))
    dprintf(REPORT, "signal %d", WTERMSIG(status));
  else
    dprintf(REPORT, "exit %d", WEXITSTATUS(status));
  dprintf(REPORT, left ? " left %d\n" : "\n", left);
  return 0;
}
