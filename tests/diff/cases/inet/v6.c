// ipv6(7): the other family, and IPv4 through its sockets.
#include "inet.h"

CASE(connect_accept) {
  int listener = new_socket(AF_INET6, SOCK_STREAM), fd = new_socket(AF_INET6, SOCK_STREAM);
  SHOW(bind_to(listener, v6("::1", 0)));
  MUST(listen(listener, 2));
  SHOW(connect_to(fd, name_of(listener)));
  union address peer;
  socklen_t length = sizeof peer;
  int server = (int)MUST(accept(listener, &peer.any, &length));
  NUM(length);
  STR(text_of(peer));
  STR(text_of(name_of(server)));
  NUM(peer.v6.sin6_scope_id);
  NUM(peer.v6.sin6_flowinfo);
  MUST(write(fd, "six", 3));
  take("server", server, 0);
}
CASE(dual_stack) {
  int listener = new_socket(AF_INET6, SOCK_STREAM), four = new_socket(AF_INET, SOCK_STREAM);
  MUST(bind_to(listener, v6("::", 0)));
  MUST(listen(listener, 4));
  SHOW(connect_to(four, v4("127.0.0.1", port(listener))));
  union address peer;
  socklen_t length = sizeof peer;
  int server = (int)MUST(accept(listener, &peer.any, &length));
  STR(text_of(peer));
  STR(text_of(name_of(server)));
  STR(text_of(name_of(four)));
  int six = new_socket(AF_INET6, SOCK_STREAM);
  SHOW(connect_to(six, v6("::1", port(listener))));
  int mapped = new_socket(AF_INET6, SOCK_STREAM);
  SHOW(connect_to(mapped, v6("::ffff:127.0.0.1", port(listener))));
  STR(text_of(name_of(mapped)));
  STR(text_of(peer_of(mapped)));
  int whole = new_socket(AF_INET6, SOCK_STREAM);
  SHOW(connect_to(whole, v6("::", port(listener))));
  STR(text_of(name_of(whole)));
  STR(text_of(peer_of(whole)));
}
CASE(v6only) {
  int listener = new_socket(AF_INET6, SOCK_STREAM);
  NUM(get_int(listener, IPPROTO_IPV6, IPV6_V6ONLY));
  SHOW(set_int(listener, IPPROTO_IPV6, IPV6_V6ONLY, 1));
  SHOW(bind_to(listener, v6("::ffff:127.0.0.1", 0)));
  MUST(bind_to(listener, v6("::", 0)));
  SHOW(set_int(listener, IPPROTO_IPV6, IPV6_V6ONLY, 0));
  MUST(listen(listener, 4));
  SHOW(connect_to(new_socket(AF_INET, SOCK_STREAM), v4("127.0.0.1", port(listener))));
  SHOW(connect_to(new_socket(AF_INET6, SOCK_STREAM), v6("::1", port(listener))));
  int fd = new_socket(AF_INET6, SOCK_STREAM);
  MUST(set_int(fd, IPPROTO_IPV6, IPV6_V6ONLY, 1));
  SHOW(connect_to(fd, v6("::ffff:127.0.0.1", port(listener))));
}
CASE(addresses) {
  int fd = new_socket(AF_INET6, SOCK_STREAM);
  SHOW(connect_to(fd, v4("127.0.0.1", 1)));
  union address a = v6("::1", 1);
  SHOW(connect(fd, &a.any, 16));
  SHOW(connect(fd, &a.any, 24));
  int four = new_socket(AF_INET, SOCK_STREAM);
  SHOW(connect(four, &a.any, sizeof a.v6));
  MUST(bind_to(fd, v6("::1", 0)));
  SHOW(connect_to(fd, v6("::ffff:127.0.0.1", 1)));
  int mapped = new_socket(AF_INET6, SOCK_STREAM);
  SHOW(bind_to(mapped, v6("::ffff:127.0.0.1", 0)));
  STR(text_of(name_of(mapped)));
  SHOW(connect_to(mapped, v6("::1", 1)));
}
CASE(udp) {
  int a = new_socket(AF_INET6, SOCK_DGRAM), b = new_socket(AF_INET6, SOCK_DGRAM);
  MUST(bind_to(a, v6("::", 0)));
  SHOW(send_to(b, "via six", v6("::1", port(a))));
  char text[32] = "";
  union address from;
  socklen_t length = sizeof from;
  SHOW(recvfrom(a, text, sizeof text, 0, &from.any, &length));
  NUM(length);
  STR(text_of(from));
  int four = new_socket(AF_INET, SOCK_DGRAM);
  SHOW(send_to(four, "via four", v4("127.0.0.1", port(a))));
  SHOW(recvfrom(a, text, sizeof text, 0, &from.any, &length));
  STR(text_of(from));
  // And back, by a mapped address and by an IPv4 one.
  SHOW(sendto(a, "reply", 5, 0, &from.any, length));
  take("four", four, 0);
  SHOW(send_to(a, "reply", v4("127.0.0.1", port(four))));
  take("four", four, 0);
}
