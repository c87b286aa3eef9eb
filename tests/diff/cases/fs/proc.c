// /proc: what it says about the process itself, and whether it agrees with the calls.
#include <ctype.h>
#include <dirent.h>
#include "../../harness.h"

static const char *link_of(const char *path) {
  static char text[4096];
  ssize_t got = readlink(path, text, sizeof text - 1);
  if (got == -1) return errname(errno);
  text[got] = 0;
  return text;
}
// The value after "Name:\t" in a status-like file.
static const char *field(const char *file, const char *name) {
  static char line[512];
  FILE *in = fopen(file, "r");
  if (!in) return errname(errno);
  while (fgets(line, sizeof line, in)) {
    size_t length = strlen(name);
    if (strncmp(line, name, length) != 0 || line[length] != ':') continue;
    fclose(in);
    line[strcspn(line, "\n")] = 0;
    char *value = line + length + 1;
    while (isspace((unsigned char)*value)) value++;
    return value;
  }
  fclose(in);
  return "(no such line)";
}

CASE(self) {
  NUM(atoi(link_of("/proc/self")) == getpid());
  struct stat st;
  SHOW(stat("/proc/self", &st));
  NUM(S_ISDIR(st.st_mode));
  char path[64];
  snprintf(path, sizeof path, "/proc/%d/status", (int)getpid());
  SHOW(access(path, R_OK));
  SHOW(access("/proc/4194304", F_OK));
  SHOW(access("/proc/self/absent", F_OK));
  SHOW(mkdir("/proc/new", 0755));
  SHOW(unlink("/proc/self/status"));
}

CASE(links) {
  char cwd[4096];
  NUM(strcmp(link_of("/proc/self/cwd"), getcwd(cwd, sizeof cwd)));
  const char *base = strrchr(self, '/') + 1;
  NUM(strcmp(strrchr(link_of("/proc/self/exe"), '/') + 1, base));
  STR(link_of("/proc/self/root"));
  int fd = (int)MUST(open("/dev/null", O_RDONLY));
  char path[64];
  snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
  STR(link_of(path));
  close(fd);
  STR(link_of(path));
}

CASE(command_line_and_environment) {
  char text[4096];
  int fd = (int)MUST(open("/proc/self/cmdline", O_RDONLY));
  ssize_t got = read(fd, text, sizeof text);
  NUM((size_t)got == strlen(case_argv[0]) + 1 + strlen(case_argv[1]) + 1);
  NUM(strcmp(text, case_argv[0]));
  STR(text + strlen(text) + 1);
  pid_t pid = (pid_t)MUST(fork());
  if (pid == 0) {
    char *env[] = {"CASE_STARTED=1", "A=1", "B=two words", NULL};
    execle(self, self, "print_environment", (char *)0, env);
    _exit(1);
  }
  reap(pid);
}
PROGRAM(print_environment) {
  char text[4096];
  int fd = (int)MUST(open("/proc/self/environ", O_RDONLY));
  ssize_t got = read(fd, text, sizeof text);
  for (ssize_t i = 0; i < got; i++) putchar(text[i] ? text[i] : '\n');
}

CASE(status) {
  MUST(setresgid(21, 22, 23));
  MUST(setresuid(11, 0, 13));
  static const char file[] = "/proc/self/status";
  STR(field(file, "Uid"));
  STR(field(file, "Gid"));
  NUM(atoi(field(file, "Pid")) == getpid());
  NUM(atoi(field(file, "Tgid")) == getpid());
  NUM(atoi(field(file, "PPid")) == getppid());
  NUM(field(file, "State")[0] == 'R');
  STR(field(file, "Threads"));
  const char *base = strrchr(self, '/') + 1;
  NUM(strncmp(field(file, "Name"), base, strlen(base) > 15 ? 15 : strlen(base)));
  umask(027);
  STR(field(file, "Umask"));
}

CASE(signal_masks) {
  static const char file[] = "/proc/self/status";
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGHUP);
  sigaddset(&set, SIGTERM);
  sigprocmask(SIG_BLOCK, &set, NULL);
  signal(SIGUSR1, SIG_IGN);
  raise(SIGTERM);
  STR(field(file, "SigBlk"));
  STR(field(file, "SigIgn"));
  STR(field(file, "SigCgt"));
}

CASE(stat_line) {
  char text[1024];
  int fd = (int)MUST(open("/proc/self/stat", O_RDONLY));
  text[read(fd, text, sizeof text - 1)] = 0;
  NUM(atoi(text) == getpid());
  char state;
  int parent, group, session;
  NUM(sscanf(strrchr(text, ')') + 1, " %c %d %d %d", &state, &parent, &group, &session));
  printf("%c %d %d %d\n", state, parent == getppid(), group == getpgrp(), session == getsid(0));
  int fields = 1;
  for (char *at = strrchr(text, ')'); *at; at++) fields += *at == ' ';
  NUM(fields + 1 >= 44);
}

CASE(descriptors) {
  MUST(open("/dev/null", O_RDONLY));
  MUST(open("/dev/null", O_RDONLY));
  close(3);
  MUST(dup2(4, 9));
  // The listing has an open directory of its own: it takes 3.
  DIR *dir = opendir("/proc/self/fd");
  int seen[16] = {0};
  struct dirent *entry;
  while ((entry = readdir(dir)))
    if (isdigit((unsigned char)entry->d_name[0])) seen[atoi(entry->d_name) % 16]++;
  closedir(dir);
  for (int fd = 0; fd < 16; fd++)
    if (seen[fd]) printf("%d ", fd);
  printf("\n");
}

CASE(other_processes) {
  pid_t pid = (pid_t)MUST(fork());
  if (pid == 0) {
    MUST(setresuid(1001, 1001, 1001));
    for (;;) pause();
  }
  char path[64];
  snprintf(path, sizeof path, "/proc/%d/status", (int)pid);
  while (atoi(field(path, "Uid")) != 1001) sleep_ms(1);
  until_asleep(pid);
  STR(field(path, "Uid"));
  NUM(atoi(field(path, "PPid")) == getpid());
  NUM(field(path, "State")[0]);
  MUST(kill(pid, SIGSTOP));
  until_state(pid, 'T');
  STR(field(path, "State"));
  MUST(kill(pid, SIGKILL));
  until_state(pid, 'Z');
  STR(field(path, "State"));
  reap(pid);
  STR(field(path, "State"));
}

CASE(maps) {
  FILE *in = fopen("/proc/self/maps", "r");
  char line[512];
  int lines = 0, bad = 0, ordered = 1;
  unsigned long last = 0;
  while (fgets(line, sizeof line, in)) {
    unsigned long from, to, offset;
    char flags[8];
    lines++;
    if (sscanf(line, "%lx-%lx %4s %lx", &from, &to, flags, &offset) != 4) bad++;
    if (from < last || to <= from) ordered = 0;
    last = to;
  }
  fclose(in);
  printf("some lines %d, bad %d, ordered %d\n", lines > 2, bad, ordered);
}

CASE(of_the_system) {
  double up, idle;
  NUM(sscanf(get("/proc/uptime"), "%lf %lf", &up, &idle));
  double one, five, fifteen;
  NUM(sscanf(get("/proc/loadavg"), "%lf %lf %lf", &one, &five, &fifteen));
  NUM(strncmp(get("/proc/version"), "Linux version ", 14));
  long total = atol(field("/proc/meminfo", "MemTotal")), available = atol(field("/proc/meminfo", "MemAvailable"));
  NUM(total > 1000 && available > 0 && available <= total);
  NUM(strstr(get("/proc/filesystems"), "nodev\tproc\n") != NULL);
  NUM(strstr(get("/proc/mounts"), " /proc proc ") != NULL);
  NUM(strncmp(get("/proc/cpuinfo"), "processor\t: 0\n", 14));
}

CASE(comm) {
  put("long-script-name-here", "");
  copy_self("long-program-name-here");
  pid_t pid = (pid_t)MUST(fork());
  if (pid == 0) {
    execl("./long-program-name-here", "other", "print_comm", (char *)0);
    _exit(1);
  }
  reap(pid);
}
PROGRAM(print_comm) {
  STR(get("/proc/self/comm"));
  STR(field("/proc/self/status", "Name"));
}
