// Names of AF_UNIX sockets and connections by them: bind, listen, connect, accept (man 7 unix).
#include "../../sockets.h"

static int make(int type) { return (int)MUST(socket(AF_UNIX, type, 0)); }
static int server(const char *name, int backlog) {
  int fd = make(SOCK_STREAM);
  MUST(unix_bind(fd, name));
  MUST(listen(fd, backlog));
  return fd;
}

CASE(a_connection) {
  int listener = make(SOCK_STREAM);
  SHOW(unix_bind(listener, "server"));
  SOCKNAME(listener);
  PEERNAME(listener);
  POLL(listener);
  SHOW(listen(listener, 5));
  POLL(listener);
  OPTION(listener, SOL_SOCKET, SO_ACCEPTCONN);
  int client = make(SOCK_STREAM);
  POLL(client);
  SHOW(unix_connect(client, "server"));
  POLL(listener);
  POLL(client);
  SHOW(write(client, "early", 5));
  struct sockaddr_un from;
  socklen_t length = sizeof from;
  int end = (int)SHOW(accept4(listener, (void *)&from, &length, SOCK_CLOEXEC));
  print_unix("from", &from, length);
  NUM(fcntl(end, F_GETFD));
  NUM(fcntl(end, F_GETFL));
  SOCKNAME(client);
  PEERNAME(client);
  SOCKNAME(end);
  PEERNAME(end);
  READ(end, 10);
  SHOW(write(end, "answer", 6));
  READ(client, 10);
  POLL(listener);
  SHOW(close(listener));
  SHOW(write(end, "still", 5));
  READ(client, 10);
  OPTION(client, SOL_SOCKET, SO_TYPE);
  OPTION(client, SOL_SOCKET, SO_DOMAIN);
  OPTION(client, SOL_SOCKET, SO_PROTOCOL);
  OPTION(client, SOL_SOCKET, SO_ACCEPTCONN);
}

CASE(what_the_path_is) {
  int fd = make(SOCK_STREAM);
  umask(027);
  MUST(unix_bind(fd, "name"));
  struct stat status;
  MUST(lstat("name", &status));
  printf("%o %ld\n", status.st_mode, (long)status.st_size);
  SHOW(open("name", O_RDWR));
  SHOW(open("name", O_PATH));
  int other = make(SOCK_STREAM);
  SHOW(unix_bind(other, "name"));
  SHOW(unix_bind(fd, "second"));
  SHOW(access("second", F_OK));
  SHOW(unix_bind(other, "missing/name"));
  SHOW(unix_bind(other, "name/below"));
  close(fd);
  SHOW(unix_connect(other, "name"));
  SHOW(unix_bind(other, "name"));
  SHOW(unlink("name"));
  SHOW(unix_bind(other, "name"));
  int third = make(SOCK_STREAM);
  MUST(fchmod(third, 0600));
  MUST(fstat(third, &status));
  printf("%o\n", status.st_mode);
  MUST(unix_bind(third, "private"));
  MUST(lstat("private", &status));
  printf("%o\n", status.st_mode);
}

CASE(renamed_and_unlinked) {
  int listener = server("first", 3);
  MUST(rename("first", "second"));
  SHOW(unix_connect(make(SOCK_STREAM), "first"));
  SHOW(unix_connect(make(SOCK_STREAM), "second"));
  SOCKNAME(listener);
  MUST(link("second", "third"));
  MUST(unlink("second"));
  SHOW(unix_connect(make(SOCK_STREAM), "third"));
  MUST(symlink("third", "link"));
  SHOW(unix_connect(make(SOCK_STREAM), "link"));
  MUST(unlink("third"));
  SHOW(unix_connect(make(SOCK_STREAM), "link"));
  MUST(mkdir("folder", 0755));
  SHOW(unix_connect(make(SOCK_STREAM), "folder"));
  put("file", "text");
  SHOW(unix_connect(make(SOCK_STREAM), "file"));
  MUST(mknod("node", S_IFSOCK | 0600, 0));
  SHOW(unix_connect(make(SOCK_STREAM), "node"));
}

CASE(abstract_names) {
  int fd = make(SOCK_STREAM);
  SHOW(unix_bind(fd, "@ring3-test-abstract"));
  SOCKNAME(fd);
  SHOW(unix_bind(make(SOCK_STREAM), "@ring3-test-abstract"));
  SHOW(unix_connect(make(SOCK_STREAM), "@ring3-test-abstract"));
  MUST(listen(fd, 1));
  SHOW(unix_connect(make(SOCK_STREAM), "@ring3-test-abstract"));
  SHOW(unix_connect(make(SOCK_STREAM), "@ring3-test-abstrac"));
  SHOW(unix_connect(make(SOCK_DGRAM), "@ring3-test-abstract"));
  close(fd);
  SHOW(unix_connect(make(SOCK_STREAM), "@ring3-test-abstract"));
  SHOW(unix_bind(make(SOCK_STREAM), "@ring3-test-abstract"));
}

CASE(autobind) {
  int fd = make(SOCK_STREAM);
  struct sockaddr_un address = {.sun_family = AF_UNIX};
  SHOW(bind(fd, (void *)&address, 2));
  socklen_t length = sizeof address;
  SHOW(getsockname(fd, (void *)&address, &length));
  NUM(length);
  NUM(address.sun_path[0]);
  NUM(strspn(address.sun_path + 1, "0123456789abcdef") >= 5);
  SHOW(bind(fd, (void *)&address, 2));
  SHOW(unix_bind(fd, "other"));
}

CASE(bad_addresses) {
  int fd = make(SOCK_STREAM);
  struct sockaddr_un address = {.sun_family = AF_UNIX, .sun_path = "name"};
  SHOW(bind(fd, (void *)&address, 0));
  SHOW(bind(fd, (void *)&address, 1));
  SHOW(bind(fd, (void *)&address, 111));
  SHOW(bind(fd, (void *)&address, 200));
  SHOW(SYS3(SYS_bind, fd, BAD_ADDRESS, 10));
  SHOW(SYS3(SYS_bind, fd, &address, -1));
  SHOW(connect(fd, (void *)&address, 2));
  SHOW(connect(fd, (void *)&address, 0));
  address.sun_family = AF_INET;
  SHOW(bind(fd, (void *)&address, 8));
  SHOW(connect(fd, (void *)&address, 8));
  address.sun_family = AF_UNIX;
  SHOW(bind(fd, (void *)&address, 4)); // "na", without a NUL
  SOCKNAME(fd);
  memset(address.sun_path, 'x', sizeof address.sun_path);
  int other = make(SOCK_STREAM);
  SHOW(bind(other, (void *)&address, sizeof address));
  SOCKNAME(other);
  SHOW(listen(other, 1));
  SHOW(connect(make(SOCK_STREAM), (void *)&address, sizeof address));
  char small[4] = "";
  socklen_t length = 4;
  SHOW(getsockname(other, (void *)small, &length));
  printf("%d %.2s\n", (int)length, small + 2);
  length = (socklen_t)-1;
  SHOW(getsockname(other, (void *)small, &length));
  SHOW(SYS3(SYS_getsockname, other, &address, BAD_ADDRESS));
}

CASE(wrong_states) {
  int fd = make(SOCK_STREAM);
  SHOW(listen(fd, 1));
  SHOW(accept(fd, NULL, NULL));
  READ(fd, 1);
  SHOW(write(fd, "x", 1));
  SHOW(shutdown(fd, SHUT_RDWR));
  POLL(fd);
  int listener = server("server", 5);
  READ(listener, 1);
  SHOW(write(listener, "x", 1));
  SHOW(unix_connect(listener, "server"));
  int client = make(SOCK_STREAM);
  SHOW(unix_connect(client, "server"));
  SHOW(unix_connect(client, "server"));
  SHOW(listen(client, 1));
  SHOW(unix_sendto(client, "x", "server"));
  SHOW(unix_sendto(make(SOCK_STREAM), "x", "server"));
  SHOW(unix_connect(make(SOCK_DGRAM), "server"));
  SHOW(unix_connect(make(SOCK_SEQPACKET), "server"));
  SHOW(listen(make(SOCK_DGRAM), 1));
  SHOW(accept(make(SOCK_DGRAM), NULL, NULL));
  SHOW(SYS4(SYS_accept4, listener, NULL, NULL, 1));
  SHOW(unix_bind(client, "after"));
  SOCKNAME(client);
  int end = MUST(accept(listener, NULL, NULL));
  PEERNAME(end);
}

CASE(backlog) {
  int listener = server("server", 1);
  int clients[4];
  for (int i = 0; i < 4; i++) {
    clients[i] = make(SOCK_STREAM | SOCK_NONBLOCK);
    SHOW(unix_connect(clients[i], "server"));
  }
  OKAY(accept(listener, NULL, NULL));
  SHOW(unix_connect(clients[2], "server"));
  SHOW(unix_connect(clients[3], "server"));
  SHOW(listen(listener, 3));
  SHOW(unix_connect(clients[3], "server"));
  MUST(fcntl(listener, F_SETFL, O_NONBLOCK));
  OKAY(accept(listener, NULL, NULL));
  OKAY(accept(listener, NULL, NULL));
  OKAY(accept(listener, NULL, NULL));
  OKAY(accept(listener, NULL, NULL));
}

CASE(connect_waits_for_room) {
  int listener = server("server", 0);
  MUST(unix_connect(make(SOCK_STREAM), "server"));
  pid_t pid = (pid_t)MUST(fork());
  if (pid == 0) {
    SHOW(unix_connect(make(SOCK_STREAM), "server"));
    _exit(0);
  }
  until_asleep(pid);
  MUST(accept(listener, NULL, NULL));
  reap(pid);
  pid = (pid_t)MUST(fork());
  if (pid == 0) {
    close(listener);
    int fd = make(SOCK_STREAM);
    struct timeval limit = {.tv_usec = 10000};
    MUST(setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit));
    SHOW(unix_connect(fd, "server"));
    SHOW(unix_connect(make(SOCK_STREAM), "server"));
    _exit(0);
  }
  sleep_ms(30);
  until_asleep(pid);
  close(listener);
  reap(pid);
}

CASE(accept_waits) {
  int listener = server("server", 3);
  pid_t pid = (pid_t)MUST(fork());
  if (pid == 0) {
    int end = MUST(accept(listener, NULL, NULL));
    READ(end, 10);
    _exit(0);
  }
  until_asleep(pid);
  int client = make(SOCK_STREAM);
  MUST(unix_connect(client, "server"));
  until_asleep(pid);
  MUST(write(client, "hello", 5));
  reap(pid);
  pid = (pid_t)MUST(fork());
  if (pid == 0) {
    accept(listener, NULL, NULL);
    _exit(0);
  }
  until_asleep(pid);
  kill(pid, SIGKILL);
  reap(pid);
}

CASE(never_accepted) {
  int listener = server("server", 3);
  int client = make(SOCK_STREAM);
  MUST(unix_connect(client, "server"));
  MUST(write(client, "x", 1));
  close(listener);
  POLL(client);
  READ(client, 1);
  READ(client, 1);
  signal(SIGPIPE, SIG_IGN);
  SHOW(write(client, "x", 1));
}

CASE(gone_before_accept) {
  int listener = server("server", 3);
  int client = make(SOCK_STREAM);
  MUST(unix_connect(client, "server"));
  MUST(write(client, "left", 4));
  close(client);
  POLL(listener);
  int end = MUST(accept(listener, NULL, NULL));
  READ(end, 10);
  READ(end, 10);
  POLL(end);
}

CASE(listener_shut_down) {
  int listener = server("server", 3);
  int client = make(SOCK_STREAM);
  MUST(unix_connect(client, "server"));
  SHOW(shutdown(listener, SHUT_RD));
  POLL(listener);
  SHOW(unix_connect(make(SOCK_STREAM), "server"));
  OKAY(accept(listener, NULL, NULL));
  SHOW(accept(listener, NULL, NULL));
  MUST(fcntl(listener, F_SETFL, O_NONBLOCK));
  SHOW(accept(listener, NULL, NULL));
}

CASE(shut_down_before_connecting) {
  int listener = server("server", 3), client = make(SOCK_STREAM);
  signal(SIGPIPE, SIG_IGN);
  SHOW(shutdown(client, SHUT_RD));
  SHOW(unix_connect(client, "server"));
  POLL(client);
  SHOW(send(client, "heard", 5, 0));
  int end = MUST(accept(listener, NULL, NULL));
  POLL(end);
  READ(end, 10);
  SHOW(send(end, "unheard", 7, 0));
  POLL(end);
  READ(client, 10);
}

CASE(permission) {
  int listener = server("server", 3);
  MUST(chmod("server", 0755));
  MUST(chmod(".", 0755));
  pid_t pid = (pid_t)MUST(fork());
  if (pid == 0) {
    MUST(setuid(65534));
    SHOW(unix_connect(make(SOCK_STREAM), "server"));
    SHOW(unix_bind(make(SOCK_STREAM), "mine"));
    _exit(0);
  }
  reap(pid);
  MUST(chmod("server", 0722));
  pid = (pid_t)MUST(fork());
  if (pid == 0) {
    MUST(setuid(65534));
    int fd = make(SOCK_STREAM);
    SHOW(unix_connect(fd, "server"));
    _exit(0);
  }
  reap(pid);
  int end = MUST(accept(listener, NULL, NULL));
  struct ucred who;
  socklen_t length = sizeof who;
  SHOW(getsockopt(end, SOL_SOCKET, SO_PEERCRED, &who, &length));
  printf("%d %s %d %d\n", (int)length, who.pid == pid ? "the child" : "other", (int)who.uid, (int)who.gid);
}

CASE(peer_credentials) {
  int listener = server("server", 3);
  struct ucred who;
  socklen_t length = sizeof who;
  SHOW(getsockopt(listener, SOL_SOCKET, SO_PEERCRED, &who, &length));
  printf("%d %d %d\n", who.pid == getpid(), (int)who.uid, (int)who.gid);
  int client = make(SOCK_STREAM);
  MUST(unix_connect(client, "server"));
  length = 100;
  SHOW(getsockopt(client, SOL_SOCKET, SO_PEERCRED, &who, &length));
  printf("%d %d %d %d\n", (int)length, who.pid == getpid(), (int)who.uid, (int)who.gid);
  length = 5;
  SHOW(getsockopt(client, SOL_SOCKET, SO_PEERCRED, &who, &length));
  NUM(length);
}

CASE(kept_open_by_fork) {
  int listener = server("server", 3);
  int client = make(SOCK_STREAM);
  MUST(unix_connect(client, "server"));
  int end = MUST(accept(listener, NULL, NULL));
  pid_t pid = (pid_t)MUST(fork());
  if (pid == 0) {
    char byte;
    read(end, &byte, 1);
    _exit(0);
  }
  close(end);
  POLL(client);
  until_asleep(pid);
  MUST(write(client, "x", 1));
  reap(pid);
  POLL(client);
  READ(client, 1);
}
