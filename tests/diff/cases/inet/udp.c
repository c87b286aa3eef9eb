// udp(7): datagrams over the loopback interface.
#include <netinet/udp.h>
#include "inet.h"

static void two(int ends[2]) {
  for (int i = 0; i < 2; i++) {
    ends[i] = new_socket(AF_INET, SOCK_DGRAM);
    MUST(bind_to(ends[i], v4("127.0.0.1", 0)));
  }
}
CASE(send_receive) {
  int ends[2];
  two(ends);
  SHOW(send_to(ends[0], "hello", name_of(ends[1])));
  char text[32] = "";
  union address from = {0};
  socklen_t length = sizeof from;
  SHOW(recvfrom(ends[1], text, sizeof text, 0, &from.any, &length));
  STR(text);
  NUM(length);
  NUM(port_of(from) == port(ends[0]));
  STR(text_of(from));
  // An empty datagram is one.
  SHOW(send_to(ends[0], "", name_of(ends[1])));
  SHOW(recv(ends[1], text, sizeof text, 0));
  SHOW(recv(ends[1], text, sizeof text, MSG_DONTWAIT));
  SHOW(write(ends[0], "x", 1));
  SHOW(send(ends[0], "x", 1, 0));
}
CASE(connected) {
  int ends[2];
  two(ends);
  SHOW(connect_to(ends[0], name_of(ends[1])));
  NUM(port_of(peer_of(ends[0])) == port(ends[1]));
  SHOW(write(ends[0], "abc", 3));
  take("other", ends[1], 0);
  // Only what comes from the peer arrives.
  int stranger = new_socket(AF_INET, SOCK_DGRAM);
  SHOW(send_to(stranger, "no", name_of(ends[0])));
  SHOW(send_to(ends[1], "yes", name_of(ends[0])));
  take("peer's", ends[0], 0);
  take("nothing else", ends[0], MSG_DONTWAIT);
  SHOW(send_to(ends[0], "elsewhere", name_of(stranger)));
  take("stranger", stranger, 0);
  SHOW(send(ends[0], "to peer", 7, 0));
  take("other", ends[1], 0);
  struct sockaddr none = {.sa_family = AF_UNSPEC};
  SHOW(connect(ends[0], &none, sizeof none));
  union address a;
  socklen_t length = sizeof a;
  SHOW(getpeername(ends[0], &a.any, &length));
  STR(text_of(name_of(ends[0])));
  SHOW(write(ends[0], "abc", 3));
  // Connecting again is moving on.
  MUST(connect_to(ends[0], name_of(ends[1])));
  SHOW(connect_to(ends[0], name_of(stranger)));
  NUM(port_of(peer_of(ends[0])) == port(stranger));
}
CASE(disconnect_unbound) {
  int fd = new_socket(AF_INET, SOCK_DGRAM);
  MUST(connect_to(fd, v4("127.0.0.1", 9)));
  STR(text_of(name_of(fd)));
  struct sockaddr none = {.sa_family = AF_UNSPEC};
  MUST(connect(fd, &none, sizeof none));
  STR(text_of(name_of(fd)));
}
CASE(truncation) {
  int ends[2];
  two(ends);
  char text[8] = "";
  struct iovec into = {text, 4};
  struct msghdr message = {.msg_iov = &into, .msg_iovlen = 1};
  SHOW(send_to(ends[0], "abcdefgh", name_of(ends[1])));
  SHOW(recvmsg(ends[1], &message, MSG_PEEK));
  NUM(message.msg_flags == MSG_TRUNC);
  int count;
  SHOW(ioctl(ends[1], FIONREAD, &count));
  NUM(count);
  SHOW(recvmsg(ends[1], &message, MSG_TRUNC));
  NUM(message.msg_flags == MSG_TRUNC);
  STR(text);
  take("gone", ends[1], MSG_DONTWAIT);
  SHOW(ioctl(ends[1], FIONREAD, &count));
  NUM(count);
  MUST(send_to(ends[0], "abcdefgh", name_of(ends[1])));
  SHOW(read(ends[1], text, 2));
  MUST(send_to(ends[0], "abcdefgh", name_of(ends[1])));
  SHOW(recv(ends[1], NULL, 0, MSG_TRUNC));
}
CASE(refused) {
  int fd = new_socket(AF_INET, SOCK_DGRAM), closed = new_socket(AF_INET, SOCK_DGRAM);
  MUST(bind_to(closed, v4("127.0.0.1", 0)));
  union address at = name_of(closed);
  close(closed);
  // Unconnected sockets do not hear of it.
  SHOW(send_to(fd, "x", at));
  sleep_ms(5);
  readiness("unconnected", fd, 0);
  SHOW(send_to(fd, "x", at));
  MUST(connect_to(fd, at));
  SHOW(send(fd, "x", 1, 0));
  until(fd, POLLERR);
  readiness("refused", fd, 0);
  SHOW(send(fd, "x", 1, 0));
  SHOW(send(fd, "x", 1, 0));
  until(fd, POLLERR);
  take("recv", fd, MSG_DONTWAIT);
  take("recv", fd, MSG_DONTWAIT);
  MUST(send(fd, "x", 1, 0));
  until(fd, POLLERR);
  STR(error_of(fd));
  STR(error_of(fd));
  // Of what was sent elsewhere a connected socket hears nothing.
  int other = new_socket(AF_INET, SOCK_DGRAM);
  MUST(bind_to(other, v4("127.0.0.1", 0)));
  MUST(connect_to(fd, name_of(other)));
  SHOW(send_to(fd, "x", at));
  sleep_ms(5);
  readiness("sent elsewhere", fd, 0);
}
CASE(port_without_address) {
  // A call that fails for want of an address has chosen a port.
  int fd = new_socket(AF_INET, SOCK_DGRAM), six = new_socket(AF_INET, SOCK_DGRAM);
  SHOW(send(fd, "x", 1, 0));
  STR(text_of(name_of(fd)));
  SHOW(connect_to(six, v6("::1", 9)));
  STR(text_of(name_of(six)));
}
CASE(shut_and_nonblocking) {
  int ends[2];
  two(ends);
  MUST(connect_to(ends[0], name_of(ends[1])));
  MUST(shutdown(ends[0], SHUT_RD));
  take("who waits", ends[0], 0);
  take("who does not", ends[0], MSG_DONTWAIT);
}
CASE(corked) {
  int ends[2];
  two(ends);
  MUST(connect_to(ends[0], name_of(ends[1])));
  SHOW(send(ends[0], "one ", 4, MSG_MORE));
  SHOW(send(ends[0], "", 0, MSG_MORE));
  take("not yet", ends[1], MSG_DONTWAIT);
  SHOW(send(ends[0], "datagram", 8, 0));
  take("whole", ends[1], 0);
  SHOW(set_int(ends[0], IPPROTO_UDP, UDP_CORK, 1));
  NUM(get_int(ends[0], IPPROTO_UDP, UDP_CORK));
  SHOW(send(ends[0], "a", 1, 0));
  SHOW(send(ends[0], "b", 1, 0));
  take("not yet", ends[1], MSG_DONTWAIT);
  SHOW(set_int(ends[0], IPPROTO_UDP, UDP_CORK, 0));
  take("whole", ends[1], 0);
}
CASE(small_buffer) {
  // A first datagram fits whatever SO_RCVBUF is.
  int ends[2];
  two(ends);
  MUST(set_int(ends[1], SOL_SOCKET, SO_RCVBUF, 1));
  static char text[20000];
  union address to = name_of(ends[1]);
  SHOW(sendto(ends[0], text, sizeof text, 0, &to.any, sizeof to.v4));
  SHOW(recv(ends[1], text, sizeof text, MSG_DONTWAIT));
}
CASE(errors) {
  int fd = new_socket(AF_INET, SOCK_DGRAM);
  union address a = v4("127.0.0.1", 9);
  static char large[70000];
  SHOW(sendto(fd, large, 65507, 0, &a.any, sizeof a.v4));
  SHOW(sendto(fd, large, 65508, 0, &a.any, sizeof a.v4));
  SHOW(sendto(fd, large, 70000, 0, &a.any, sizeof a.v4));
  SHOW(sendto(fd, large, 1, 0, &a.any, 8));
  SHOW(send_to(fd, "x", v4("127.0.0.1", 0)));
  a.any.sa_family = AF_UNIX;
  SHOW(sendto(fd, large, 1, 0, &a.any, sizeof a.v4));
  a = v4("127.0.0.1", 9);
  a.any.sa_family = AF_UNSPEC;
  SHOW(sendto(fd, large, 1, 0, &a.any, sizeof a.v4));
  SHOW(sendto(fd, large, 1, MSG_OOB, &a.any, sizeof a.v4));
  SHOW(listen(fd, 1));
  SHOW(accept(fd, NULL, NULL));
  SHOW(recv(fd, large, 1, MSG_OOB | MSG_DONTWAIT));
  SHOW(shutdown(fd, SHUT_RD));
  SHOW(send_to(fd, "x", v4("255.255.255.255", 9)));
  SHOW(connect_to(fd, v4("255.255.255.255", 9)));
  SHOW(bind_to(fd, v4("127.0.0.1", 0)));
  SHOW(SYS6(SYS_sendto, fd, BAD_ADDRESS, 5, 0, 0, 0));
  int six = new_socket(AF_INET6, SOCK_DGRAM);
  SHOW(sendto(six, large, 65527, 0, NULL, 0));
  SHOW(socket(AF_INET, SOCK_STREAM, IPPROTO_UDP));
  SHOW(socket(AF_INET, SOCK_DGRAM, IPPROTO_TCP));
  SHOW(socket(AF_INET, SOCK_SEQPACKET, 0));
  SHOW(socket(AF_INET, 77, 0));
  SHOW(socket(AF_INET, 0, 0));
  SHOW(socket(AF_INET, SOCK_RDM, 0));
  SHOW(socket(AF_INET, SOCK_RAW, 0));
  SHOW(socket(AF_INET, SOCK_STREAM, -1));
  SHOW(socket(AF_INET, SOCK_STREAM, 400));
  SHOW(socket(99, SOCK_STREAM, 0));
  SHOW(socket(-1, SOCK_STREAM, 0));
  SHOW(socket(AF_UNSPEC, SOCK_STREAM, 0));
  int pair[2];
  SHOW(socketpair(AF_INET, SOCK_STREAM, 0, pair));
  SHOW(socketpair(AF_INET, SOCK_DGRAM, 0, pair));
}
CASE(shut_down) {
  int ends[2];
  two(ends);
  SHOW(shutdown(ends[0], SHUT_RDWR));
  MUST(connect_to(ends[0], name_of(ends[1])));
  SHOW(shutdown(ends[0], SHUT_WR));
  signal(SIGPIPE, SIG_IGN);
  SHOW(send(ends[0], "x", 1, 0));
  readiness("no writing", ends[0], 0);
  SHOW(shutdown(ends[0], SHUT_RD));
  readiness("neither", ends[0], 0);
  take("recv", ends[0], 0);
  SHOW(send_to(ends[1], "in", name_of(ends[0])));
  sleep_ms(5);
  take("recv", ends[0], 0);
}
CASE(readiness_and_order) {
  int ends[2];
  two(ends);
  readiness("empty", ends[1], 0);
  MUST(send_to(ends[0], "1", name_of(ends[1])));
  MUST(send_to(ends[0], "2", name_of(ends[1])));
  readiness("two", ends[1], 0);
  take("peek", ends[1], MSG_PEEK);
  take("first", ends[1], 0);
  take("second", ends[1], 0);
  readiness("empty", ends[1], 0);
}
CASE(blocking) {
  int ends[2];
  two(ends);
  pid_t child = (pid_t)MUST(fork());
  if (!child) {
    take("child", ends[1], 0);
    _exit(0);
  }
  until_asleep(child);
  MUST(send_to(ends[0], "wake", name_of(ends[1])));
  reap(child);
  struct timeval soon = {.tv_usec = 20000};
  MUST(setsockopt(ends[0], SOL_SOCKET, SO_RCVTIMEO, &soon, sizeof soon));
  take("timeout", ends[0], 0);
}
CASE(overflow) {
  // A receiver that does not read loses what does not fit; the sender is not told.
  int ends[2];
  two(ends);
  MUST(set_int(ends[1], SOL_SOCKET, SO_RCVBUF, 4096));
  char text[1000] = "";
  int sent = 0, got = 0;
  for (int i = 0; i < 100; i++) {
    text[0] = (char)i;
    union address to = name_of(ends[1]);
    sent += sendto(ends[0], text, sizeof text, MSG_DONTWAIT, &to.any, sizeof to.v4) == sizeof text;
  }
  int ordered = 1;
  while (recv(ends[1], text, sizeof text, MSG_DONTWAIT) > 0) ordered &= text[0] == got++;
  NUM(sent);
  NUM(ordered);
  NUM(got > 0 && got < 20);
}
CASE(who_gets_it) {
  // The most specific socket of a port.
  int any = new_socket(AF_INET, SOCK_DGRAM), one = new_socket(AF_INET, SOCK_DGRAM), joined = new_socket(AF_INET, SOCK_DGRAM);
  int from = new_socket(AF_INET, SOCK_DGRAM), other = new_socket(AF_INET, SOCK_DGRAM);
  MUST(set_int(any, SOL_SOCKET, SO_REUSEADDR, 1));
  MUST(set_int(one, SOL_SOCKET, SO_REUSEADDR, 1));
  MUST(set_int(joined, SOL_SOCKET, SO_REUSEADDR, 1));
  MUST(bind_to(any, v4("0.0.0.0", 0)));
  MUST(bind_to(one, v4("127.0.0.1", port(any))));
  MUST(bind_to(joined, v4("127.0.0.1", port(any))));
  MUST(bind_to(from, v4("127.0.0.1", 0)));
  MUST(connect_to(joined, name_of(from)));
  MUST(send_to(from, "from the peer", name_of(one)));
  MUST(send_to(other, "from another", name_of(one)));
  MUST(send_to(other, "to another address", v4("127.0.0.2", port(any))));
  take("any", any, MSG_DONTWAIT);
  take("any", any, MSG_DONTWAIT);
  take("one", one, MSG_DONTWAIT);
  take("one", one, MSG_DONTWAIT);
  take("joined", joined, MSG_DONTWAIT);
  take("joined", joined, MSG_DONTWAIT);
}
CASE(source_of_replies) {
  int server = new_socket(AF_INET, SOCK_DGRAM), client = new_socket(AF_INET, SOCK_DGRAM);
  MUST(bind_to(server, v4("0.0.0.0", 0)));
  MUST(send_to(client, "q", v4("127.0.0.7", port(server))));
  union address from;
  socklen_t length = sizeof from;
  char text[4];
  SHOW(recvfrom(server, text, 4, 0, &from.any, &length));
  STR(text_of(from));
  MUST(sendto(server, "a", 1, 0, &from.any, length));
  SHOW(recvfrom(client, text, 4, 0, &from.any, &length));
  STR(text_of(from));
}
// Prints the control messages of IPPROTO_IP and IPPROTO_IPV6.
static void controls(struct msghdr *message) {
  for (struct cmsghdr *c = CMSG_FIRSTHDR(message); c; c = CMSG_NXTHDR(message, c)) {
    if (c->cmsg_level == IPPROTO_IP && c->cmsg_type == IP_PKTINFO) {
      struct in_pktinfo info;
      char a[32], b[32];
      memcpy(&info, CMSG_DATA(c), sizeof info);
      printf("IP_PKTINFO: interface %d, %s, %s\n", info.ipi_ifindex, inet_ntop(AF_INET, &info.ipi_spec_dst, a, sizeof a),
             inet_ntop(AF_INET, &info.ipi_addr, b, sizeof b));
    } else if (c->cmsg_level == IPPROTO_IPV6 && c->cmsg_type == IPV6_PKTINFO) {
      struct in6_pktinfo info;
      char a[64];
      memcpy(&info, CMSG_DATA(c), sizeof info);
      printf("IPV6_PKTINFO: interface %d, %s\n", (int)info.ipi6_ifindex, inet_ntop(AF_INET6, &info.ipi6_addr, a, sizeof a));
    } else {
      int value;
      memcpy(&value, CMSG_DATA(c), sizeof value);
      printf("level %d type %d: %d\n", c->cmsg_level, c->cmsg_type, c->cmsg_len == CMSG_LEN(1) ? value & 255 : value);
    }
  }
}
CASE(packet_information) {
  int ends[2];
  two(ends);
  int any = new_socket(AF_INET, SOCK_DGRAM), six = new_socket(AF_INET6, SOCK_DGRAM);
  MUST(bind_to(any, v4("0.0.0.0", 0)));
  MUST(bind_to(six, v6("::", 0)));
  SHOW(set_int(any, IPPROTO_IP, IP_PKTINFO, 1));
  SHOW(set_int(any, IPPROTO_IP, IP_RECVTTL, 1));
  SHOW(set_int(any, IPPROTO_IP, IP_RECVTOS, 1));
  SHOW(set_int(six, IPPROTO_IPV6, IPV6_RECVPKTINFO, 1));
  SHOW(set_int(six, IPPROTO_IPV6, IPV6_RECVHOPLIMIT, 1));
  MUST(send_to(ends[0], "a", v4("127.0.0.4", port(any))));
  MUST(send_to(new_socket(AF_INET6, SOCK_DGRAM), "b", v6("::1", port(six))));
  char text[8], room[256];
  struct iovec into = {text, sizeof text};
  struct msghdr message = {.msg_iov = &into, .msg_iovlen = 1, .msg_control = room, .msg_controllen = sizeof room};
  SHOW(recvmsg(any, &message, 0));
  controls(&message);
  message.msg_controllen = sizeof room;
  SHOW(recvmsg(six, &message, 0));
  controls(&message);
  message.msg_controllen = 0;
  MUST(send_to(ends[0], "a", v4("127.0.0.4", port(any))));
  SHOW(recvmsg(any, &message, 0));
  NUM(message.msg_flags == MSG_CTRUNC);
}
CASE(several_messages) {
  int ends[2];
  two(ends);
  MUST(connect_to(ends[0], name_of(ends[1])));
  struct iovec parts[3] = {{"one", 3}, {"second", 6}, {"", 0}};
  struct mmsghdr out[3] = {{.msg_hdr = {.msg_iov = &parts[0], .msg_iovlen = 1}},
                           {.msg_hdr = {.msg_iov = &parts[0], .msg_iovlen = 2}},
                           {.msg_hdr = {.msg_iov = &parts[2], .msg_iovlen = 1}}};
  SHOW(sendmmsg(ends[0], out, 3, 0));
  for (int i = 0; i < 3; i++) NUM(out[i].msg_len);
  char room[4][16] = {""};
  struct iovec rooms[4];
  struct mmsghdr in[4] = {0};
  for (int i = 0; i < 4; i++) {
    rooms[i] = (struct iovec){room[i], sizeof room[i] - 1};
    in[i].msg_hdr = (struct msghdr){.msg_iov = &rooms[i], .msg_iovlen = 1};
  }
  SHOW(recvmmsg(ends[1], in, 4, MSG_WAITFORONE, NULL));
  for (int i = 0; i < 3; i++) {
    NUM(in[i].msg_len);
    STR(room[i]);
  }
}
CASE(multicast) {
  int a = new_socket(AF_INET, SOCK_DGRAM);
  unsigned char byte = 0;
  socklen_t length = 1;
  SHOW(getsockopt(a, IPPROTO_IP, IP_MULTICAST_TTL, &byte, &length));
  NUM(byte);
  NUM(get_int(a, IPPROTO_IP, IP_MULTICAST_LOOP));
  SHOW(set_int(a, IPPROTO_IP, IP_MULTICAST_TTL, 3));
  NUM(get_int(a, IPPROTO_IP, IP_MULTICAST_TTL));
  struct ip_mreqn group = {.imr_multiaddr.s_addr = htonl(0xe0000155), .imr_address.s_addr = htonl(INADDR_LOOPBACK)};
  SHOW(setsockopt(a, IPPROTO_IP, IP_ADD_MEMBERSHIP, &group, sizeof group));
  SHOW(setsockopt(a, IPPROTO_IP, IP_ADD_MEMBERSHIP, &group, sizeof group));
  SHOW(setsockopt(a, IPPROTO_IP, IP_DROP_MEMBERSHIP, &group, sizeof group));
  SHOW(setsockopt(a, IPPROTO_IP, IP_DROP_MEMBERSHIP, &group, sizeof group));
  group.imr_multiaddr.s_addr = htonl(INADDR_LOOPBACK);
  SHOW(setsockopt(a, IPPROTO_IP, IP_ADD_MEMBERSHIP, &group, sizeof group));
  SHOW(setsockopt(a, IPPROTO_IP, IP_ADD_MEMBERSHIP, &group, 4));
}
