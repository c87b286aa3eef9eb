// rtnetlink(7): the interface lo and its addresses; only that one is the same everywhere.
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include "inet.h"

static void attributes(struct rtattr *at, int length, const unsigned short *wanted) {
  for (; RTA_OK(at, length); at = RTA_NEXT(at, length)) {
    const unsigned short *w = wanted;
    while (*w && *w != at->rta_type) w++;
    if (!*w) continue;
    printf("  %d:", at->rta_type);
    for (size_t i = 0; i < RTA_PAYLOAD(at); i++) printf(" %02x", ((unsigned char *)RTA_DATA(at))[i]);
    printf("\n");
  }
}
// What one message says. False where it is the last of an answer.
static int tell_message(struct nlmsghdr *h) {
  static const unsigned short of_link[] = {IFLA_IFNAME, IFLA_MTU, IFLA_ADDRESS, IFLA_BROADCAST, IFLA_QDISC, IFLA_TXQLEN, 0};
  static const unsigned short of_address[] = {IFA_ADDRESS, IFA_LOCAL, IFA_LABEL, IFA_FLAGS, 0};
  NUM(h->nlmsg_seq);
  if (h->nlmsg_type == NLMSG_DONE) {
    printf("done, %d bytes\n", (int)h->nlmsg_len);
    return 0;
  }
  if (h->nlmsg_type == NLMSG_ERROR) {
    struct nlmsgerr *e = NLMSG_DATA(h);
    printf("error %s, %d bytes, flags %#x, about type %d\n", errname(-e->error), (int)h->nlmsg_len, h->nlmsg_flags, e->msg.nlmsg_type);
    return 0;
  }
  if (h->nlmsg_type == RTM_NEWLINK) {
    struct ifinfomsg *i = NLMSG_DATA(h);
    printf("link %d: type %d flags %#x multi %d\n", i->ifi_index, i->ifi_type, i->ifi_flags, h->nlmsg_flags & NLM_F_MULTI);
    attributes(IFLA_RTA(i), (int)(h->nlmsg_len - NLMSG_LENGTH(sizeof *i)), of_link);
  } else if (h->nlmsg_type == RTM_NEWADDR) {
    struct ifaddrmsg *i = NLMSG_DATA(h);
    printf("address of %d: family %d /%d flags %#x scope %d\n", (int)i->ifa_index, i->ifa_family, i->ifa_prefixlen, i->ifa_flags, i->ifa_scope);
    attributes(IFA_RTA(i), (int)(h->nlmsg_len - NLMSG_LENGTH(sizeof *i)), of_address);
  }
  return h->nlmsg_flags & NLM_F_MULTI;
}
static int is_los(struct nlmsghdr *h) {
  if (h->nlmsg_type == RTM_NEWLINK) return ((struct ifinfomsg *)NLMSG_DATA(h))->ifi_index == 1;
  if (h->nlmsg_type == RTM_NEWADDR) return ((struct ifaddrmsg *)NLMSG_DATA(h))->ifa_index == 1;
  return h->nlmsg_type == NLMSG_DONE || h->nlmsg_type == NLMSG_ERROR;
}
static void listen_to(int fd) {
  static char room[65536];
  for (int more = 1; more;) {
    int got = (int)recv(fd, room, sizeof room, 0);
    if (got <= 0) break;
    for (struct nlmsghdr *h = (struct nlmsghdr *)room; NLMSG_OK(h, got); h = NLMSG_NEXT(h, got))
      if (is_los(h)) more = tell_message(h);
  }
}
static long ask(int fd, int type, int flags, struct ifinfomsg body) {
  struct {
    struct nlmsghdr head;
    struct ifinfomsg body;
  } request = {.head = {.nlmsg_type = (unsigned short)type, .nlmsg_flags = (unsigned short)flags, .nlmsg_seq = 7}, .body = body};
  request.head.nlmsg_len = sizeof request;
  return send(fd, &request, sizeof request, 0);
}
static int route_socket(void) {
  return (int)MUST(socket(AF_NETLINK, SOCK_RAW, NETLINK_ROUTE));
}
CASE(links) {
  int fd = route_socket();
  SHOW(ask(fd, RTM_GETLINK, NLM_F_REQUEST | NLM_F_DUMP, (struct ifinfomsg){0}));
  listen_to(fd);
}
CASE(addresses) {
  int fd = route_socket();
  SHOW(ask(fd, RTM_GETADDR, NLM_F_REQUEST | NLM_F_DUMP, (struct ifinfomsg){0}));
  listen_to(fd);
  SHOW(ask(fd, RTM_GETADDR, NLM_F_REQUEST | NLM_F_DUMP, (struct ifinfomsg){.ifi_family = AF_INET6}));
  listen_to(fd);
}
CASE(one_link) {
  int fd = route_socket();
  SHOW(ask(fd, RTM_GETLINK, NLM_F_REQUEST, (struct ifinfomsg){.ifi_index = 1}));
  listen_to(fd);
  SHOW(ask(fd, RTM_GETLINK, NLM_F_REQUEST, (struct ifinfomsg){.ifi_index = 4711}));
  listen_to(fd);
  SHOW(ask(fd, RTM_GETLINK, NLM_F_REQUEST, (struct ifinfomsg){0}));
  listen_to(fd);
}
CASE(wrong_requests) {
  int fd = route_socket();
  SHOW(ask(fd, 1000, NLM_F_REQUEST, (struct ifinfomsg){0}));
  listen_to(fd);
  SHOW(ask(fd, 1, NLM_F_REQUEST | NLM_F_ACK, (struct ifinfomsg){0}));
  listen_to(fd);
  SHOW(ask(fd, RTM_GETLINK, 0, (struct ifinfomsg){0}));
  SHOW(send(fd, "abc", 3, 0));
  take("nothing", fd, MSG_DONTWAIT);
  readiness("idle", fd, 0);
  pid_t child = (pid_t)MUST(fork());
  if (!child) {
    if (geteuid() == 0) MUST(setuid(1234));
    int own = route_socket();
    SHOW(ask(own, RTM_NEWLINK, NLM_F_REQUEST | NLM_F_ACK, (struct ifinfomsg){.ifi_index = 1}));
    listen_to(own);
    _exit(0);
  }
  reap(child);
}
CASE(names) {
  int one = route_socket(), two = route_socket();
  struct sockaddr_nl a = {0};
  socklen_t length = sizeof a;
  SHOW(getsockname(one, (struct sockaddr *)&a, &length));
  NUM(length);
  NUM(a.nl_pid);
  a.nl_family = AF_NETLINK;
  SHOW(bind(one, (struct sockaddr *)&a, sizeof a));
  MUST(getsockname(one, (struct sockaddr *)&a, &length));
  NUM((pid_t)a.nl_pid == getpid());
  SHOW(bind(one, (struct sockaddr *)&a, sizeof a));
  SHOW(bind(two, (struct sockaddr *)&a, sizeof a));
  a.nl_pid = 0;
  SHOW(bind(two, (struct sockaddr *)&a, sizeof a));
  MUST(getsockname(two, (struct sockaddr *)&a, &length));
  NUM((int)a.nl_pid < 0);
  SHOW(bind(one, (struct sockaddr *)&a, 8));
  SHOW(getpeername(one, (struct sockaddr *)&a, &length));
  NUM(a.nl_pid);
  SHOW(listen(one, 1));
  SHOW(accept(one, NULL, NULL));
  SHOW(shutdown(one, SHUT_RDWR));
  SHOW(socket(AF_NETLINK, SOCK_STREAM, NETLINK_ROUTE));
  SHOW(socket(AF_NETLINK, SOCK_RAW, 300));
}
