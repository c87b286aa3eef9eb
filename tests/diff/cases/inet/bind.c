// bind(2) in AF_INET and AF_INET6: who may have a port, and what is chosen where nobody asks.
#include "inet.h"

// A second socket wants the port of a first one. Options: r SO_REUSEADDR, p SO_REUSEPORT, 6 an IPv6 socket, o IPV6_V6ONLY, l listens.
static void options(int fd, const char *text) {
  if (strchr(text, 'r')) MUST(set_int(fd, SOL_SOCKET, SO_REUSEADDR, 1));
  if (strchr(text, 'p')) MUST(set_int(fd, SOL_SOCKET, SO_REUSEPORT, 1));
  if (strchr(text, 'o')) MUST(set_int(fd, IPPROTO_IPV6, IPV6_V6ONLY, 1));
}
static union address address(const char *host, int number) {
  return strchr(host, ':') ? v6(host, number) : v4(host, number);
}
// A port that nobody has at any address, so that other programs' sockets do not count.
static int free_port(int type) {
  int fd = new_socket(AF_INET6, type);
  MUST(bind_to(fd, v6("::", 0)));
  int number = port(fd);
  close(fd);
  return number;
}
static void pair(int type, const char *first, const char *first_host, const char *second, const char *second_host) {
  int a = new_socket(strchr(first_host, ':') ? AF_INET6 : AF_INET, type);
  int b = new_socket(strchr(second_host, ':') ? AF_INET6 : AF_INET, type);
  options(a, first);
  options(b, second);
  MUST(bind_to(a, address(first_host, free_port(type))));
  if (strchr(first, 'l')) MUST(listen(a, 1));
  errno = 0;
  int done = bind_to(b, address(second_host, port(a)));
  printf("%s%s, then %s%s: %s\n", first_host, *first ? first : "-", second_host, *second ? second : "-", errname(errno));
  if (done == 0 && strchr(second, 'l')) {
    errno = 0;
    listen(b, 1);
    printf("  listen: %s\n", errname(errno));
  }
  close(a);
  close(b);
}
static void pairs(int type) {
  static const char *const ways[][2] = {{"", ""}, {"r", ""}, {"", "r"}, {"r", "r"}, {"p", ""}, {"p", "p"}, {"rp", "r"}, {"rp", "p"}};
  for (size_t i = 0; i < COUNT(ways); i++) {
    pair(type, ways[i][0], "127.0.0.1", ways[i][1], "127.0.0.1");
    pair(type, ways[i][0], "0.0.0.0", ways[i][1], "127.0.0.1");
    pair(type, ways[i][0], "127.0.0.1", ways[i][1], "0.0.0.0");
  }
  pair(type, "", "127.0.0.1", "", "127.0.0.2");
  pair(type, "", "127.0.0.1", "", "::1");
  pair(type, "", "::", "", "127.0.0.1");
  pair(type, "", "::", "", "0.0.0.0");
  pair(type, "o", "::", "", "0.0.0.0");
  pair(type, "", "0.0.0.0", "", "::");
  pair(type, "", "0.0.0.0", "o", "::");
  pair(type, "", "127.0.0.1", "", "::ffff:127.0.0.1");
  pair(type, "", "::ffff:127.0.0.1", "", "::");
  pair(type, "", "::1", "", "::");
  pair(type, "o", "::", "o", "::1");
}
CASE(conflicts_tcp) {
  pairs(SOCK_STREAM);
}
CASE(conflicts_udp) {
  pairs(SOCK_DGRAM);
}
CASE(conflicts_listening) {
  static const char *const ways[][2] = {{"l", ""}, {"rl", "r"}, {"rl", "rl"}, {"r", "rl"}, {"pl", "pl"}, {"pl", "p"}, {"rpl", "r"}};
  for (size_t i = 0; i < COUNT(ways); i++) {
    pair(SOCK_STREAM, ways[i][0], "127.0.0.1", ways[i][1], "127.0.0.1");
    pair(SOCK_STREAM, ways[i][0], "0.0.0.0", ways[i][1], "127.0.0.1");
  }
}
CASE(two_bound_one_listens) {
  int a = new_socket(AF_INET, SOCK_STREAM), b = new_socket(AF_INET, SOCK_STREAM);
  options(a, "r");
  options(b, "r");
  MUST(bind_to(a, v4("127.0.0.1", 0)));
  MUST(bind_to(b, name_of(a)));
  SHOW(listen(a, 1));
  SHOW(listen(b, 1));
  close(a);
  SHOW(listen(b, 1));
}
CASE(users_and_reuseport) {
  int a = new_socket(AF_INET, SOCK_DGRAM);
  options(a, "p");
  MUST(bind_to(a, v4("127.0.0.1", 0)));
  union address at = name_of(a);
  pid_t child = (pid_t)MUST(fork());
  if (!child) {
    if (geteuid() == 0) MUST(setuid(1234));
    int b = new_socket(AF_INET, SOCK_DGRAM);
    options(b, "p");
    if (getuid() == 1234) SHOW(bind_to(b, at));
    else printf("bind_to(b, at) = -1 EADDRINUSE\n");
    _exit(0);
  }
  reap(child);
}
CASE(errors) {
  int fd = new_socket(AF_INET, SOCK_STREAM);
  union address a = v4("127.0.0.1", 0);
  SHOW(bind(fd, &a.any, sizeof a.v4 - 1));
  SHOW(bind(fd, &a.any, 0));
  SHOW(bind(fd, &a.any, 200));
  SHOW(SYS3(SYS_bind, fd, BAD_ADDRESS, sizeof a.v4));
  a.any.sa_family = AF_UNIX;
  SHOW(bind_to(fd, a));
  a.any.sa_family = AF_INET6;
  SHOW(bind(fd, &a.any, sizeof a.v6));
  // AF_UNSPEC passes for AF_INET where the address is INADDR_ANY.
  a = v4("127.0.0.1", 0);
  a.any.sa_family = AF_UNSPEC;
  SHOW(bind(fd, &a.any, sizeof a.v4));
  SHOW(bind_to(fd, v4("192.0.2.1", 0)));
  SHOW(bind_to(fd, v4("127.0.0.1", 0)));
  SHOW(bind_to(fd, v4("127.0.0.1", 0)));
  int any = new_socket(AF_INET, SOCK_STREAM);
  a = v4("0.0.0.0", 0);
  a.any.sa_family = AF_UNSPEC;
  SHOW(bind(any, &a.any, sizeof a.v4));
  SHOW(bind(-1, &a.any, sizeof a.v4));
  SHOW(bind(0, &a.any, sizeof a.v4));
  int six = new_socket(AF_INET6, SOCK_STREAM);
  SHOW(bind_to(six, v4("127.0.0.1", 0)));
  SHOW(bind_to(six, v6("2001:db8::1", 0)));
  union address b = v6("::1", 0);
  SHOW(bind(six, &b.any, 20));
  SHOW(bind(six, &b.any, 24));
}
CASE(privileged_ports) {
  pid_t child = (pid_t)MUST(fork());
  if (!child) {
    if (geteuid() == 0) MUST(setuid(1234));
    int fd = new_socket(AF_INET, SOCK_STREAM);
    SHOW(bind_to(fd, v4("127.0.0.1", 79)));
    SHOW(bind_to(fd, v4("127.0.0.1", 0)));
    SHOW(bind_to(new_socket(AF_INET, SOCK_DGRAM), v4("127.0.0.1", 79)));
    SHOW(bind_to(new_socket(AF_INET6, SOCK_STREAM), v6("::1", 1023)));
    NUM(port(fd) >= 1024);
    SHOW(socket(AF_INET, SOCK_RAW, IPPROTO_ICMP));
    SHOW(socket(AF_INET6, SOCK_RAW, IPPROTO_ICMPV6));
    SHOW(socket(AF_PACKET, SOCK_RAW, 0));
    SHOW(socket(AF_INET, SOCK_DGRAM, IPPROTO_ICMP) == -1);
    _exit(0);
  }
  reap(child);
}
CASE(chosen) {
  // connect, listen and sendto choose a port where none was bound.
  int listener = new_socket(AF_INET, SOCK_STREAM);
  SHOW(listen(listener, 3));
  STR(text_of(name_of(listener)));
  int fd = new_socket(AF_INET, SOCK_STREAM);
  SHOW(connect_to(fd, v4("127.0.0.1", port(listener))));
  STR(text_of(name_of(fd)));
  int bound = new_socket(AF_INET, SOCK_STREAM);
  MUST(bind_to(bound, v4("127.0.0.3", 0)));
  SHOW(connect_to(bound, v4("127.0.0.2", port(listener))));
  STR(text_of(name_of(bound)));
  int third = new_socket(AF_INET, SOCK_STREAM);
  SHOW(connect_to(third, v4("127.0.0.9", port(listener))));
  STR(text_of(name_of(third)));
  int whole = new_socket(AF_INET, SOCK_STREAM);
  SHOW(connect_to(whole, v4("0.0.0.0", port(listener))));
  STR(text_of(name_of(whole)));
  STR(text_of(peer_of(whole)));
  int udp = new_socket(AF_INET, SOCK_DGRAM);
  MUST(send_to(udp, "x", v4("127.0.0.1", 9)));
  STR(text_of(name_of(udp)));
  int joined = new_socket(AF_INET, SOCK_DGRAM);
  MUST(connect_to(joined, v4("127.0.0.5", 9)));
  STR(text_of(name_of(joined)));
  int low, high;
  sscanf(get("/proc/sys/net/ipv4/ip_local_port_range"), "%d %d", &low, &high);
  NUM(port(fd) >= low && port(fd) <= high && port(udp) >= low && port(udp) <= high);
}
CASE(after_connection) {
  // The server's port after a connection that the server closed first: TIME_WAIT keeps it, but not from SO_REUSEADDR.
  for (int reuse = 0; reuse < 2; reuse++) {
    int listener = new_socket(AF_INET, SOCK_STREAM), fd = new_socket(AF_INET, SOCK_STREAM);
    if (reuse) options(listener, "r");
    MUST(bind_to(listener, v4("127.0.0.1", 0)));
    union address at = name_of(listener);
    MUST(listen(listener, 1));
    MUST(connect_to(fd, at));
    int server = (int)MUST(accept(listener, NULL, NULL));
    close(listener);
    int again = new_socket(AF_INET, SOCK_STREAM);
    SHOW(bind_to(again, at));
    options(again, "r");
    SHOW(bind_to(again, at));
    close(again);
    close(server);
    until(fd, POLLRDHUP);
    close(fd);
    sleep_ms(20);
    again = new_socket(AF_INET, SOCK_STREAM);
    SHOW(bind_to(again, at));
    options(again, "r");
    SHOW(bind_to(again, at));
    SHOW(listen(again, 1));
  }
}
CASE(client_closes_first) {
  // The server's port is free at once where the client closed first.
  int listener = new_listener(1), fd = new_socket(AF_INET, SOCK_STREAM);
  union address at = name_of(listener);
  MUST(connect_to(fd, at));
  int server = (int)MUST(accept(listener, NULL, NULL));
  close(listener);
  close(fd);
  until(server, POLLRDHUP);
  close(server);
  sleep_ms(20);
  SHOW(bind_to(new_socket(AF_INET, SOCK_STREAM), at));
}
CASE(many_from_one_port) {
  // One local port may have connections to many, but each of them once.
  int one = new_listener(3), two = new_listener(3);
  int a = new_socket(AF_INET, SOCK_STREAM), b = new_socket(AF_INET, SOCK_STREAM), c = new_socket(AF_INET, SOCK_STREAM);
  options(a, "r");
  options(b, "r");
  options(c, "r");
  MUST(bind_to(a, v4("127.0.0.1", 0)));
  MUST(bind_to(b, name_of(a)));
  MUST(bind_to(c, name_of(a)));
  SHOW(connect_to(a, name_of(one)));
  SHOW(connect_to(b, name_of(two)));
  SHOW(connect_to(c, name_of(two)));
}
