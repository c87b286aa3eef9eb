// Calls system calls at random: calls SEED CHILDREN UID.
//
// Each child makes CALLS calls with the arguments that their types suggest, or with the worst there are: pointers at
// memory's end and beyond, huge sizes, other descriptors, unterminated strings. What a child does to itself is its own
// affair; a result that no system call can have is printed. The parent kills children that hang. CHILDREN is 0 in a child.
#define _GNU_SOURCE
#include <errno.h>
#include <spawn.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
// Generated: for each call its name, a letter for each argument, and a function that makes it.
#include "calls.h"

enum { CALLS = 300, PATIENCE_MS = 200, AREA = 65536 };

static uint64_t state;
static char area[AREA] __attribute__((aligned(64)));

static uint32_t rnd(void) {
  state ^= state << 13, state ^= state >> 7, state ^= state << 17;
  return state >> 16;
}
static uint32_t below(uint32_t n) { return rnd() % n; }

static const char *const paths[] = {
    "f",       "g",         "d",          "d/e",           "d/../f",     "link",      "loop",       "/tmp/hostile/f", ".",
    "..",      "",          "/",          "nowhere/at/all", "/dev/null",  "/dev/zero", "/dev/full",  "/dev/tty",       "/dev/ptmx",
    "fifo",    "/proc/self/mem", "/proc/self/maps", "/proc/self/fd/1", "/proc/self/exe", "/dev/fd/3", "/proc/1/stat", "f/", "//f//", "d/.",
};
static const uint32_t edges[] = {0, 1, 2, 3, 7, 8, 16, 63, 64, 65, 127, 128, 255, 4095, 4096, 4097, 65535, 65536,
    0x7fffffff, 0x80000000, 0x80000001, 0xfffff000, 0xfffffff8, 0xfffffffc, 0xfffffffe, 0xffffffff};
#define PICK(list) (list)[below(sizeof(list) / sizeof *(list))]

static uint32_t memory_end(void) { return (uint32_t)__builtin_wasm_memory_size(0) << 16; }

static uint32_t pointer(void) {
  switch (below(10)) {
    case 0: return memory_end() - below(20);
    case 1: return memory_end() - PICK(edges);
    case 2: return PICK(edges);
    case 3: return (uint32_t)(uintptr_t)area + AREA - below(64);
    default: return (uint32_t)(uintptr_t)area + (below(AREA - 4096) & (below(8) ? ~7u : ~0u));
  }
}

static uint32_t string(void) {
  char *at = area + below(AREA - 8192);
  switch (below(12)) {
    case 0: return pointer();
    case 1: memset(at, 'x', 300), at[300] = 0; break;
    case 2: memset(at, '/', 5000), at[5000] = 0; break;
    case 3: memset(at, 'y', 4200), at[4095 + below(3)] = 0; break;
    case 4: at = (char *)(uintptr_t)(memory_end() - 8), memcpy(at, "unended!", 8); break;
    default: strcpy(at, PICK(paths));
  }
  return (uint32_t)(uintptr_t)at;
}

static long long number(void) {
  switch (below(6)) {
    case 0: return (int32_t)PICK(edges);
    case 1: return PICK(edges);
    case 2: return (long long)((uint64_t)rnd() << 32 | rnd());
    case 3: return (long long)PICK(edges) << 32;
    case 4: return 1u << below(32);
    default: return below(20);
  }
}

// What is likely in structures: small numbers, pointers, edges.
static void scramble(void) {
  for (int i = 0; i < 200; i++) {
    uint32_t at = below(AREA - 8) & ~3u, value = below(3) == 0 ? pointer() : below(2) ? below(32) : PICK(edges);
    memcpy(area + at, &value, 4);
  }
}

// A socket's address, of any family.
static uint32_t address(void) {
  char *at = area + below(AREA - 8192);
  struct sockaddr_un un = {.sun_family = AF_UNIX};
  static const char *const names[] = {"s", "t", "d/s", "f", "\0s", "\0t", "d", ""};
  memcpy(un.sun_path, PICK(names), 4);
  if (below(3) == 0) un.sun_family = below(12);
  memcpy(at, &un, sizeof un);
  // Few ports, so that some meet.
  struct sockaddr_in in = {.sin_family = AF_INET, .sin_port = htons(7000 + below(3)), .sin_addr.s_addr = htonl(below(4) ? 0x7f000001 : 0)};
  struct sockaddr_in6 in6 = {.sin6_family = AF_INET6, .sin6_port = htons(7000 + below(3)), .sin6_addr.s6_addr[15] = below(4) > 0};
  if (below(2)) memcpy(at, &in, sizeof in);
  else if (below(2)) memcpy(at, &in6, sizeof in6);
  return (uint32_t)(uintptr_t)at;
}

// A message with buffers, an address and control messages, most of them good.
static uint32_t message(void) {
  char *at = area + (below(AREA - 16384) & ~7u);
  struct { struct msghdr head; unsigned length; struct iovec parts[3]; struct cmsghdr control; int data[8]; } m;
  memset(&m, 0, sizeof m);
  for (int i = 0; i < 3; i++) m.parts[i] = (struct iovec){(void *)(uintptr_t)pointer(), below(4) ? below(300) : PICK(edges)};
  size_t parts = (size_t)((char *)m.parts - (char *)&m), control = (size_t)((char *)&m.control - (char *)&m);
  m.head.msg_iov = (struct iovec *)(at + parts), m.head.msg_iovlen = below(5) ? (int)below(4) : (int)PICK(edges);
  if (below(2)) m.head.msg_name = (void *)(uintptr_t)address(), m.head.msg_namelen = below(120);
  if (below(2)) m.head.msg_control = at + control, m.head.msg_controllen = below(5) ? 16 + below(40) : PICK(edges);
  m.control = (struct cmsghdr){.cmsg_len = below(4) ? 16 + below(30) : PICK(edges), .cmsg_level = SOL_SOCKET, .cmsg_type = 1 + below(3)};
  for (int i = 0; i < 8; i++) m.data[i] = below(10);
  memcpy(at, &m, sizeof m);
  return (uint32_t)(uintptr_t)at;
}

static long long argument(char type) {
  if (below(8) == 0) return below(2) ? number() : pointer();
  switch (type) {
    case 'f': return below(6) ? (int)below(16) : below(2) ? -100 : (int)PICK(edges);
    case 'p': return pointer();
    case 's': return string();
    case 'z': return below(4) ? below(300) : PICK(edges);
    case 'P': return below(4) ? 0 : below(2) ? getpid() : (int)PICK(edges);
    case 'a': return address();
    case 'm': return message();
    case 'k': return below(4) ? below(20) : below(2) ? 1 << below(31) : (int)(below(6) | 04000);
    case 'x': return below(2) ? pointer() : number();
    default: return number();
  }
}

static void on_signal(int signo) { (void)signo; }

static int is_harmless(long number, const long long *a, int root) {
  const char *name = calls[number].name;
  if (strstr(name, "exit") || strstr(name, "__deinit") || strstr(name, "SYS_pause")) return below(40) == 0;
  // These trap where a pointer is bad.
  if (strstr(name, "atomic")) return below(10) == 0;
  // As root these reach everyone: only ourselves, then. reboot and its like are left to those who may not.
  if (strstr(name, "kill") || strstr(name, "queueinfo")) return !root || a[0] == getpid();
  // Not too many threads at once.
  if (strstr(name, "clone") || strstr(name, "spawn")) return below(20) == 0;
  return 1;
}

static void child(int root) {
  struct sigaction action = {.sa_handler = on_signal};
  for (int signo = 1; signo < 32; signo++) {
    if (signo != SIGSEGV && signo != SIGILL && signo != SIGFPE && signo != SIGABRT) sigaction(signo, &action, 0);
  }
  struct itimerval often = {{0, 4000}, {0, 4000}};
  setitimer(ITIMER_REAL, &often, 0);
  int pair[2];
  if (pipe(pair) || socketpair(AF_UNIX, SOCK_STREAM, 0, pair) || socketpair(AF_UNIX, SOCK_DGRAM, 0, pair)) _exit(1);
  socket(AF_UNIX, SOCK_STREAM, 0), socket(AF_UNIX, SOCK_SEQPACKET, 0), socket(AF_INET, SOCK_STREAM, 0), socket(AF_INET6, SOCK_DGRAM, 0);
  for (int i = 0; i < CALLS; i++) {
    if (i % 16 == 0) scramble();
    long at = below(sizeof calls / sizeof *calls);
    long long a[7] = {0};
    for (int k = 0; k < 6 && calls[at].types[k]; k++) a[k] = argument(calls[at].types[k]);
    if (!is_harmless(at, a, root)) continue;
    long long result = calls[at].make(a);
    if (result < -4095 || (result < 0 && result > -1)) {
      char line[200];
      int n = snprintf(line, sizeof line, "BAD %s(%llx, %llx, %llx, %llx) = %llx\n", calls[at].name, a[0], a[1], a[2], a[3], result);
      write(2, line, n);
    }
  }
  _exit(0);
}

int main(int argc, char **argv) {
  if (argc != 4) return 2;
  uint64_t seed = strtoull(argv[1], 0, 10);
  int children = atoi(argv[2]), uid = atoi(argv[3]), ended = 0, killed = 0, signalled = 0;
  if (children == 0) {
    state = seed * 0x9e3779b97f4a7c15u + 88172645463325252u;
    setsid();
    if (uid && setuid(uid)) return 5;
    child(uid == 0);
  }
  // In a folder of its own, with a few of each kind of file.
  mkdir("/tmp/hostile", 0777), chmod("/tmp/hostile", 0777);
  if (chdir("/tmp/hostile")) return 3;
  for (int i = 0; i < children; i++) {
    mkdir("d", 0777), mkdir("d/e", 0777), symlink("f", "link"), symlink("loop", "loop"), mkfifo("fifo", 0666);
    remove("f"); // it may be a FIFO by now
    FILE *f = fopen("f", "wx");
    if (f) fprintf(f, "some text\n"), fclose(f);
    // A process of its own is spawned: a program with this many imports takes long to be made able to fork.
    char own_seed[30];
    snprintf(own_seed, sizeof own_seed, "%llu", (unsigned long long)(seed * 1000003 + i));
    pid_t pid;
    if (posix_spawn(&pid, "/proc/self/exe", 0, 0, (char *[]){argv[0], own_seed, "0", argv[3], 0}, environ)) return 4;
    int status = 0, waited = 0;
    for (; waitpid(pid, &status, WNOHANG) == 0; waited++) {
      if (waited == PATIENCE_MS / 2) kill(pid, SIGKILL), killed++;
      struct timespec nap = {0, 2000000};
      nanosleep(&nap, 0);
    }
    // What it left: this is the only program of the machine.
    kill(-1, SIGKILL);
    if (WIFSIGNALED(status)) signalled++;
    else ended++;
  }
  printf("%d ended, %d by a signal, %d of them were hung\n", ended, signalled, killed);
  return 0;
}
