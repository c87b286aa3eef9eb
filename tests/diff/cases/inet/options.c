// Options of tcp(7), ip(7), ipv6(7) and udp(7): what they are at first, what they take, what they give back.
#include <netinet/udp.h>
#include "inet.h"

#define SET(fd, level, option, value) (printf("%s %d: ", #option, (int)(value)), result(set_int(fd, level, option, value)))
#define GET(fd, level, option) (printf("%s ", #option), got(fd, level, option))
static void result(int done) {
  printf("%s\n", done == -1 ? errname(errno) : "ok");
}
static void got(int fd, int level, int option) {
  int value = 0;
  socklen_t length = sizeof value;
  if (getsockopt(fd, level, option, &value, &length) == -1) printf("%s\n", errname(errno));
  else printf("= %d, %d bytes\n", value, (int)length);
}

CASE(tcp) {
  int ends[2];
  connection(ends);
  int fd = ends[0];
  GET(fd, IPPROTO_TCP, TCP_NODELAY);
  SET(fd, IPPROTO_TCP, TCP_NODELAY, 5);
  GET(fd, IPPROTO_TCP, TCP_NODELAY);
  GET(fd, IPPROTO_TCP, TCP_CORK);
  SET(fd, IPPROTO_TCP, TCP_CORK, 1);
  GET(fd, IPPROTO_TCP, TCP_CORK);
  SET(fd, IPPROTO_TCP, TCP_CORK, 0);
  GET(fd, IPPROTO_TCP, TCP_KEEPIDLE);
  SET(fd, IPPROTO_TCP, TCP_KEEPIDLE, 100);
  GET(fd, IPPROTO_TCP, TCP_KEEPIDLE);
  SET(fd, IPPROTO_TCP, TCP_KEEPIDLE, 0);
  SET(fd, IPPROTO_TCP, TCP_KEEPIDLE, 32768);
  GET(fd, IPPROTO_TCP, TCP_KEEPINTVL);
  SET(fd, IPPROTO_TCP, TCP_KEEPINTVL, 3);
  GET(fd, IPPROTO_TCP, TCP_KEEPINTVL);
  GET(fd, IPPROTO_TCP, TCP_KEEPCNT);
  SET(fd, IPPROTO_TCP, TCP_KEEPCNT, 127);
  SET(fd, IPPROTO_TCP, TCP_KEEPCNT, 128);
  GET(fd, IPPROTO_TCP, TCP_KEEPCNT);
  GET(fd, IPPROTO_TCP, TCP_SYNCNT);
  SET(fd, IPPROTO_TCP, TCP_SYNCNT, 3);
  GET(fd, IPPROTO_TCP, TCP_SYNCNT);
  SET(fd, IPPROTO_TCP, TCP_SYNCNT, 0);
  GET(fd, IPPROTO_TCP, TCP_LINGER2);
  SET(fd, IPPROTO_TCP, TCP_LINGER2, 10);
  GET(fd, IPPROTO_TCP, TCP_LINGER2);
  GET(fd, IPPROTO_TCP, TCP_DEFER_ACCEPT);
  GET(fd, IPPROTO_TCP, TCP_QUICKACK);
  SET(fd, IPPROTO_TCP, TCP_QUICKACK, 1);
  GET(fd, IPPROTO_TCP, TCP_USER_TIMEOUT);
  SET(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, 1000);
  GET(fd, IPPROTO_TCP, TCP_USER_TIMEOUT);
  SET(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, -1);
  SET(fd, IPPROTO_TCP, TCP_WINDOW_CLAMP, 10000);
  SET(fd, IPPROTO_TCP, 9999, 1);
  GET(fd, IPPROTO_TCP, 9999);
  SHOW(setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, "x", 1));
  SHOW(SYS5(SYS_setsockopt, fd, IPPROTO_TCP, TCP_NODELAY, BAD_ADDRESS, 4));
  socklen_t length = 2;
  short value = 77;
  SHOW(getsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &value, &length));
  NUM(value);
  NUM(length);
  length = (socklen_t)-1;
  SHOW(getsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &value, &length));
}
CASE(segment_size) {
  int fd = new_socket(AF_INET, SOCK_STREAM);
  GET(fd, IPPROTO_TCP, TCP_MAXSEG);
  SET(fd, IPPROTO_TCP, TCP_MAXSEG, 1000);
  SET(fd, IPPROTO_TCP, TCP_MAXSEG, 87);
  SET(fd, IPPROTO_TCP, TCP_MAXSEG, 40000);
}
CASE(congestion) {
  int fd = new_socket(AF_INET, SOCK_STREAM);
  char name[16] = "";
  socklen_t length = sizeof name;
  SHOW(getsockopt(fd, IPPROTO_TCP, TCP_CONGESTION, name, &length));
  NUM(length);
  SHOW(setsockopt(fd, IPPROTO_TCP, TCP_CONGESTION, "reno", 4));
  length = sizeof name;
  MUST(getsockopt(fd, IPPROTO_TCP, TCP_CONGESTION, name, &length));
  STR(name);
  SHOW(setsockopt(fd, IPPROTO_TCP, TCP_CONGESTION, "nix", 3));
}
CASE(ip) {
  int fd = new_socket(AF_INET, SOCK_STREAM);
  GET(fd, IPPROTO_IP, IP_TTL);
  SET(fd, IPPROTO_IP, IP_TTL, 9);
  GET(fd, IPPROTO_IP, IP_TTL);
  SET(fd, IPPROTO_IP, IP_TTL, 256);
  SET(fd, IPPROTO_IP, IP_TTL, 0);
  SET(fd, IPPROTO_IP, IP_TTL, -1);
  GET(fd, IPPROTO_IP, IP_TTL);
  GET(fd, IPPROTO_IP, IP_TOS);
  SET(fd, IPPROTO_IP, IP_TOS, 0x10);
  GET(fd, IPPROTO_IP, IP_TOS);
  GET(fd, IPPROTO_IP, IP_MTU_DISCOVER);
  SET(fd, IPPROTO_IP, IP_MTU_DISCOVER, IP_PMTUDISC_DO);
  GET(fd, IPPROTO_IP, IP_MTU_DISCOVER);
  SET(fd, IPPROTO_IP, IP_MTU_DISCOVER, 77);
  GET(fd, IPPROTO_IP, IP_MTU);
  GET(fd, IPPROTO_IP, IP_RECVERR);
  SET(fd, IPPROTO_IP, IP_RECVERR, 1);
  GET(fd, IPPROTO_IP, IP_RECVERR);
  GET(fd, IPPROTO_IP, IP_FREEBIND);
  SET(fd, IPPROTO_IP, IP_FREEBIND, 1);
  SHOW(bind_to(fd, v4("192.0.2.7", 0)));
  GET(fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT);
  GET(fd, IPPROTO_IP, 9999);
  SET(fd, IPPROTO_IP, 9999, 1);
  SET(fd, 9999, 1, 1);
  GET(fd, 9999, 1);
  int ends[2];
  connection(ends);
  GET(ends[0], IPPROTO_IP, IP_MTU);
  SHOW(setsockopt(fd, IPPROTO_IP, IP_TTL, "\7", 1));
  GET(fd, IPPROTO_IP, IP_TTL);
  char byte = 0;
  socklen_t length = 1;
  SHOW(getsockopt(fd, IPPROTO_IP, IP_TTL, &byte, &length));
  NUM(byte);
  GET(fd, IPPROTO_IPV6, IPV6_V6ONLY);
}
CASE(ipv6) {
  int fd = new_socket(AF_INET6, SOCK_DGRAM);
  GET(fd, IPPROTO_IPV6, IPV6_V6ONLY);
  SET(fd, IPPROTO_IPV6, IPV6_V6ONLY, 1);
  GET(fd, IPPROTO_IPV6, IPV6_V6ONLY);
  GET(fd, IPPROTO_IPV6, IPV6_UNICAST_HOPS);
  SET(fd, IPPROTO_IPV6, IPV6_UNICAST_HOPS, 5);
  GET(fd, IPPROTO_IPV6, IPV6_UNICAST_HOPS);
  SET(fd, IPPROTO_IPV6, IPV6_UNICAST_HOPS, 256);
  SET(fd, IPPROTO_IPV6, IPV6_UNICAST_HOPS, -1);
  GET(fd, IPPROTO_IPV6, IPV6_UNICAST_HOPS);
  GET(fd, IPPROTO_IPV6, IPV6_MULTICAST_HOPS);
  GET(fd, IPPROTO_IPV6, IPV6_MULTICAST_LOOP);
  GET(fd, IPPROTO_IPV6, IPV6_MULTICAST_IF);
  GET(fd, IPPROTO_IPV6, IPV6_TCLASS);
  SET(fd, IPPROTO_IPV6, IPV6_TCLASS, 8);
  GET(fd, IPPROTO_IPV6, IPV6_TCLASS);
  GET(fd, IPPROTO_IPV6, IPV6_RECVPKTINFO);
  GET(fd, IPPROTO_IPV6, IPV6_RECVERR);
  GET(fd, IPPROTO_IPV6, 9999);
  // The other family's options work as well.
  GET(fd, IPPROTO_IP, IP_TTL);
  SHOW(setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, "x", 1));
}
CASE(general) {
  int fd = new_socket(AF_INET, SOCK_STREAM), udp = new_socket(AF_INET6, SOCK_DGRAM);
  GET(fd, SOL_SOCKET, SO_TYPE);
  GET(fd, SOL_SOCKET, SO_DOMAIN);
  GET(fd, SOL_SOCKET, SO_PROTOCOL);
  GET(udp, SOL_SOCKET, SO_TYPE);
  GET(udp, SOL_SOCKET, SO_DOMAIN);
  GET(udp, SOL_SOCKET, SO_PROTOCOL);
  GET(fd, SOL_SOCKET, SO_ACCEPTCONN);
  MUST(listen(fd, 1));
  GET(fd, SOL_SOCKET, SO_ACCEPTCONN);
  GET(fd, SOL_SOCKET, SO_REUSEADDR);
  SET(fd, SOL_SOCKET, SO_REUSEADDR, 7);
  GET(fd, SOL_SOCKET, SO_REUSEADDR);
  SET(fd, SOL_SOCKET, SO_REUSEPORT, 1);
  GET(fd, SOL_SOCKET, SO_REUSEPORT);
  SET(fd, SOL_SOCKET, SO_KEEPALIVE, 1);
  GET(fd, SOL_SOCKET, SO_KEEPALIVE);
  SET(fd, SOL_SOCKET, SO_OOBINLINE, 1);
  GET(fd, SOL_SOCKET, SO_OOBINLINE);
  SET(fd, SOL_SOCKET, SO_BROADCAST, 1);
  GET(fd, SOL_SOCKET, SO_BROADCAST);
  SET(fd, SOL_SOCKET, SO_SNDBUF, 20000);
  GET(fd, SOL_SOCKET, SO_SNDBUF);
  SET(fd, SOL_SOCKET, SO_RCVBUF, 20000);
  GET(fd, SOL_SOCKET, SO_RCVBUF);
  SET(fd, SOL_SOCKET, SO_RCVLOWAT, 5);
  GET(fd, SOL_SOCKET, SO_RCVLOWAT);
  GET(fd, SOL_SOCKET, SO_SNDLOWAT);
  SET(fd, SOL_SOCKET, SO_SNDLOWAT, 5);
  struct linger linger = {1, 5};
  SHOW(setsockopt(fd, SOL_SOCKET, SO_LINGER, &linger, sizeof linger));
  socklen_t length = sizeof linger;
  linger.l_linger = 0;
  SHOW(getsockopt(fd, SOL_SOCKET, SO_LINGER, &linger, &length));
  NUM(linger.l_linger);
}
CASE(inherited) {
  // What an accepted socket has from its listener.
  int listener = new_socket(AF_INET, SOCK_STREAM), fd = new_socket(AF_INET, SOCK_STREAM);
  MUST(bind_to(listener, v4("127.0.0.1", 0)));
  SET(listener, SOL_SOCKET, SO_REUSEADDR, 1);
  SET(listener, SOL_SOCKET, SO_KEEPALIVE, 1);
  SET(listener, SOL_SOCKET, SO_OOBINLINE, 1);
  SET(listener, SOL_SOCKET, SO_RCVLOWAT, 3);
  SET(listener, IPPROTO_TCP, TCP_NODELAY, 1);
  SET(listener, IPPROTO_TCP, TCP_KEEPIDLE, 33);
  SET(listener, IPPROTO_TCP, TCP_USER_TIMEOUT, 44);
  SET(listener, IPPROTO_IP, IP_TTL, 55);
  SET(listener, IPPROTO_IP, IP_TOS, 0x10);
  SET(listener, SOL_SOCKET, SO_RCVBUF, 9000);
  SET(listener, SOL_SOCKET, SO_SNDBUF, 9000);
  struct linger linger = {1, 5};
  MUST(setsockopt(listener, SOL_SOCKET, SO_LINGER, &linger, sizeof linger));
  MUST(listen(listener, 1));
  MUST(connect_to(fd, name_of(listener)));
  int server = (int)MUST(accept(listener, NULL, NULL));
  GET(server, SOL_SOCKET, SO_REUSEADDR);
  GET(server, SOL_SOCKET, SO_KEEPALIVE);
  GET(server, SOL_SOCKET, SO_OOBINLINE);
  GET(server, SOL_SOCKET, SO_RCVLOWAT);
  GET(server, SOL_SOCKET, SO_ACCEPTCONN);
  GET(server, IPPROTO_TCP, TCP_NODELAY);
  GET(server, IPPROTO_TCP, TCP_KEEPIDLE);
  GET(server, IPPROTO_TCP, TCP_USER_TIMEOUT);
  GET(server, IPPROTO_IP, IP_TTL);
  GET(server, IPPROTO_IP, IP_TOS);
  GET(server, SOL_SOCKET, SO_RCVBUF);
  GET(server, SOL_SOCKET, SO_SNDBUF);
  socklen_t length = sizeof linger;
  linger = (struct linger){0};
  MUST(getsockopt(server, SOL_SOCKET, SO_LINGER, &linger, &length));
  NUM(linger.l_onoff);
  NUM(linger.l_linger);
}
CASE(low_water) {
  // SO_RCVLOWAT: poll and recv wait for so many bytes.
  int ends[2];
  connection(ends);
  MUST(set_int(ends[1], SOL_SOCKET, SO_RCVLOWAT, 4));
  MUST(write(ends[0], "ab", 2));
  sleep_ms(10);
  readiness("two of four", ends[1], 0);
  MUST(write(ends[0], "cd", 2));
  until(ends[1], POLLIN);
  readiness("four", ends[1], 0);
  MUST(read(ends[1], (char[8]){0}, 8));
  MUST(write(ends[0], "ab", 2));
  take("not enough, but there", ends[1], MSG_DONTWAIT);
}
CASE(levels_that_do_not_fit) {
  int udp = new_socket(AF_INET, SOCK_DGRAM), tcp = new_socket(AF_INET, SOCK_STREAM);
  SET(udp, IPPROTO_TCP, TCP_NODELAY, 1);
  GET(udp, IPPROTO_TCP, TCP_NODELAY);
  SET(tcp, IPPROTO_UDP, UDP_CORK, 1);
  GET(udp, IPPROTO_UDP, UDP_CORK);
  GET(udp, IPPROTO_UDP, 9999);
  SET(tcp, IPPROTO_IPV6, IPV6_V6ONLY, 1);
}
