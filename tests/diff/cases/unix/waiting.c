// Waiting for AF_UNIX sockets: select, poll, epoll, threads; what /proc shows of them.
#include <pthread.h>
#include <sys/epoll.h>
#include <sys/select.h>
#include "../../sockets.h"

static int ends[2];
static void pair(int type) { MUST(socketpair(AF_UNIX, type, 0, ends)); }
static int listener(const char *name) {
  int fd = MUST(socket(AF_UNIX, SOCK_STREAM, 0));
  MUST(unix_bind(fd, name));
  MUST(listen(fd, 5));
  return fd;
}

static int watch(int epoll, int fd, uint32_t events) {
  struct epoll_event event = {.events = events, .data.fd = fd};
  return epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event);
}
static void events(int epoll, int wait_ms) {
  struct epoll_event found[8];
  int count = epoll_wait(epoll, found, 8, wait_ms);
  printf("%d:", count);
  for (int i = 0; i < count; i++) printf(" %d %#x", found[i].data.fd, found[i].events);
  printf("\n");
}

CASE(epoll_levels) {
  pair(SOCK_STREAM);
  int epoll = MUST(epoll_create1(0));
  SHOW(watch(epoll, ends[0], EPOLLIN | EPOLLRDHUP));
  events(epoll, 0);
  MUST(write(ends[1], "ab", 2));
  events(epoll, 0);
  READ(ends[0], 1);
  events(epoll, 0);
  READ(ends[0], 1);
  events(epoll, 0);
  MUST(shutdown(ends[1], SHUT_WR));
  events(epoll, 0);
  close(ends[1]);
  events(epoll, 0);
  close(ends[0]);
  events(epoll, 0);
}

CASE(epoll_edges) {
  pair(SOCK_STREAM);
  int epoll = MUST(epoll_create1(0));
  MUST(watch(epoll, ends[0], EPOLLIN | EPOLLOUT | EPOLLET | EPOLLRDHUP));
  events(epoll, 0);
  events(epoll, 0);
  MUST(write(ends[1], "ab", 2));
  events(epoll, 0);
  events(epoll, 0);
  READ(ends[0], 1);
  events(epoll, 0);
  MUST(write(ends[1], "c", 1));
  events(epoll, 0);
  close(ends[1]);
  events(epoll, 0);
  events(epoll, 0);
}

CASE(epoll_edges_of_the_other_direction) {
  pair(SOCK_STREAM);
  int epoll = MUST(epoll_create1(0));
  MUST(watch(epoll, ends[0], EPOLLIN | EPOLLET));
  MUST(write(ends[1], "ab", 2));
  events(epoll, 0);
  MUST(write(ends[0], "cd", 2));
  READ(ends[1], 10);
  events(epoll, 0);
  int other = MUST(epoll_create1(0));
  MUST(watch(other, ends[0], EPOLLOUT | EPOLLET));
  events(other, 0);
  MUST(write(ends[1], "ef", 2));
  events(other, 0);
  int third = MUST(epoll_create1(0));
  MUST(watch(third, ends[0], EPOLLET));
  events(third, 0);
  close(ends[1]);
  events(epoll, 0);
  events(other, 0);
  events(third, 0);
}

CASE(epoll_before_connecting) {
  int server = listener("server"), epoll = MUST(epoll_create1(0));
  MUST(watch(epoll, server, EPOLLIN));
  int client = MUST(socket(AF_UNIX, SOCK_STREAM, 0));
  MUST(watch(epoll, client, EPOLLIN | EPOLLRDHUP));
  events(epoll, 0);
  MUST(unix_connect(client, "server"));
  events(epoll, 0);
  int end = MUST(accept(server, NULL, NULL));
  events(epoll, 0);
  MUST(write(end, "x", 1));
  events(epoll, 0);
  close(end);
  events(epoll, 0);
  close(server);
  events(epoll, 0);
}

CASE(epoll_datagrams) {
  pair(SOCK_DGRAM);
  int epoll = MUST(epoll_create1(0));
  MUST(watch(epoll, ends[0], EPOLLIN));
  MUST(watch(epoll, ends[1], EPOLLOUT));
  events(epoll, 0);
  MUST(write(ends[1], "a", 1));
  MUST(write(ends[1], "b", 1));
  events(epoll, 0);
  READ(ends[0], 1);
  READ(ends[0], 1);
  events(epoll, 0);
}

CASE(waiting_for_events) {
  int server = listener("server"), epoll = MUST(epoll_create1(0));
  MUST(watch(epoll, server, EPOLLIN));
  pid_t pid = (pid_t)MUST(fork());
  if (pid == 0) {
    events(epoll, -1);
    int end = MUST(accept(server, NULL, NULL));
    struct pollfd ready = {.fd = end, .events = POLLIN};
    NUM(poll(&ready, 1, -1));
    READ(end, 10);
    fd_set set;
    FD_ZERO(&set);
    FD_SET(end, &set);
    NUM(select(end + 1, &set, NULL, NULL, NULL));
    READ(end, 10);
    FD_SET(end, &set);
    NUM(select(end + 1, &set, NULL, NULL, NULL));
    READ(end, 10);
    _exit(0);
  }
  until_asleep(pid);
  int client = MUST(socket(AF_UNIX, SOCK_STREAM, 0));
  MUST(unix_connect(client, "server"));
  until_asleep(pid);
  MUST(write(client, "one", 3));
  until_asleep(pid);
  MUST(write(client, "two", 3));
  until_asleep(pid);
  close(client);
  reap(pid);
}

CASE(writable_again) {
  pair(SOCK_STREAM);
  MUST(fcntl(ends[0], F_SETFL, O_NONBLOCK));
  char block[4096] = "";
  while (write(ends[0], block, sizeof block) > 0);
  struct pollfd ready = {.fd = ends[0], .events = POLLOUT};
  NUM(poll(&ready, 1, 0));
  pid_t pid = (pid_t)MUST(fork());
  if (pid == 0) {
    NUM(poll(&ready, 1, -1));
    NUM(ready.revents);
    _exit(0);
  }
  until_asleep(pid);
  MUST(read(ends[1], block, 10));
  until_asleep(pid);
  while (recv(ends[1], block, sizeof block, MSG_DONTWAIT) > 0);
  reap(pid);
}

static void *reader(void *unused) {
  (void)unused;
  READ(ends[0], 10);
  return NULL;
}
static void *accepter(void *server) {
  long result = accept((int)(intptr_t)server, NULL, NULL);
  printf("accept: %s\n", result == -1 ? errname(errno) : "ok");
  return NULL;
}

CASE(shut_down_under_a_sleeper) {
  pair(SOCK_STREAM);
  pthread_t thread;
  MUST(-pthread_create(&thread, NULL, reader, NULL));
  sleep_ms(20);
  // Said once the other thread has said its part: on Linux both run at once.
  int ended = shutdown(ends[0], SHUT_RD);
  pthread_join(thread, NULL);
  SHOW(ended);
  int server = listener("server");
  MUST(-pthread_create(&thread, NULL, accepter, (void *)(intptr_t)server));
  sleep_ms(20);
  ended = shutdown(server, SHUT_RDWR);
  pthread_join(thread, NULL);
  SHOW(ended);
}

CASE(several_readers) {
  pair(SOCK_STREAM);
  pid_t pids[3];
  for (int i = 0; i < 3; i++) {
    pids[i] = (pid_t)MUST(fork());
    if (pids[i] == 0) {
      char byte;
      _exit(read(ends[0], &byte, 1) == 1 ? 1 : 2);
    }
    until_asleep(pids[i]);
  }
  MUST(write(ends[1], "abc", 3));
  for (int i = 0; i < 3; i++) reap(pids[i]);
}

CASE(several_writers) {
  pair(SOCK_STREAM);
  static char block[400000];
  pid_t pids[3];
  for (int i = 0; i < 3; i++) {
    pids[i] = (pid_t)MUST(fork());
    if (pids[i] == 0) {
      close(ends[0]);
      _exit(write(ends[1], block, sizeof block) == (ssize_t)sizeof block ? 1 : 2);
    }
    until_asleep(pids[i]);
  }
  close(ends[1]);
  long total = 0;
  ssize_t got;
  while ((got = read(ends[0], block, sizeof block)) > 0) total += got;
  NUM(total);
  for (int i = 0; i < 3; i++) reap(pids[i]);
}

CASE(kept_over_exec) {
  pair(SOCK_STREAM);
  MUST(fcntl(ends[1], F_SETFD, FD_CLOEXEC));
  pid_t pid = (pid_t)MUST(fork());
  if (pid == 0) {
    char number[8];
    sprintf(number, "%d", ends[0]);
    execl(self, self, "says_hello", number, NULL);
    _exit(9);
  }
  close(ends[0]);
  reap(pid);
  READ(ends[1], 20);
  READ(ends[1], 20);
}
PROGRAM(says_hello) {
  int fd = atoi(case_argv[2]);
  SHOW(write(fd, "hello", 5));
  SHOW(write(fd + 1, "x", 1));
}

CASE(in_proc) {
  int server = listener("server");
  int fd = MUST(socket(AF_UNIX, SOCK_DGRAM, 0));
  MUST(unix_bind(fd, "@ring3-in-proc"));
  int client = MUST(socket(AF_UNIX, SOCK_STREAM, 0));
  MUST(unix_connect(client, "server"));
  (void)server;
  static const char *wanted[] = {"10000 1 1 server", "0 1 2 server", "0 2 1 @ring3-in-proc"};
  for (size_t i = 0; i < COUNT(wanted); i++) {
    FILE *file = fopen("/proc/net/unix", "r");
    char line[256];
    for (int n = 0; fgets(line, sizeof line, file); n++) {
      unsigned flags, type, state;
      char name[128] = "", found[192];
      if (n == 0 && i == 0) printf("%s", line);
      if (sscanf(line, "%*[^:]: %*x %*x %x %x %x %*u %127s", &flags, &type, &state, name) < 4) continue;
      snprintf(found, sizeof found, "%x %x %x %s", flags, type, state, name);
      if (strcmp(found, wanted[i]) == 0) printf("%s\n", found);
    }
    fclose(file);
  }
}

CASE(sending_files) {
  pair(SOCK_STREAM);
  char path[] = "/proc/self/exe";
  int fd = MUST(open(path, O_RDONLY));
  (void)fd;
  put("file", "0123456789");
  int file = MUST(open("file", O_RDONLY));
  off_t offset = 2;
  SHOW(SYS4(SYS_sendfile, ends[0], file, &offset, 5));
  NUM(offset);
  SHOW(SYS4(SYS_sendfile, ends[0], file, NULL, 100));
  READ(ends[1], 100);
  close(ends[1]);
  signal(SIGPIPE, SIG_IGN);
  MUST(lseek(file, 0, SEEK_SET));
  SHOW(SYS4(SYS_sendfile, ends[0], file, NULL, 100));
}

CASE(flags_of_the_description) {
  pair(SOCK_STREAM);
  int on = 1;
  SHOW(ioctl(ends[0], FIONBIO, &on));
  NUM(fcntl(ends[0], F_GETFL));
  READ(ends[0], 1);
  SHOW(fcntl(ends[0], F_SETFL, O_APPEND | O_ASYNC));
  NUM(fcntl(ends[0], F_GETFL));
  SHOW(fcntl(ends[0], F_SETOWN, getpid()));
  SHOW(fcntl(ends[0], F_GETOWN) == getpid());
  SHOW(fcntl(ends[0], F_SETOWN, -getpgrp()));
  SHOW(fcntl(ends[0], F_GETOWN) == -getpgrp());
  SHOW(fcntl(ends[0], F_SETOWN, 4194303));
  SHOW(fcntl(ends[0], F_SETOWN, INT_MIN));
  SHOW(fcntl(ends[0], F_SETOWN, 0));
  SHOW(fcntl(ends[0], F_GETOWN));
  SHOW(fchmod(ends[0], 0600));
  struct stat status;
  MUST(fstat(ends[0], &status));
  printf("%o\n", status.st_mode);
}
