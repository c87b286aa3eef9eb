// netdevice(7): what programs ask about interfaces. Only the loopback interface is the same everywhere.
#include <net/if.h>
#include <net/route.h>
#include "inet.h"

static struct ifreq request(const char *name) {
  struct ifreq r;
  memset(&r, 0, sizeof r);
  strcpy(r.ifr_name, name);
  return r;
}
static const char *address_in(const struct ifreq *r) {
  static char text[32];
  const struct sockaddr_in *a = (const struct sockaddr_in *)&r->ifr_addr;
  return a->sin_family == AF_INET ? inet_ntop(AF_INET, &a->sin_addr, text, sizeof text) : "no address";
}
CASE(lo) {
  int fd = new_socket(AF_INET, SOCK_DGRAM);
  struct ifreq r = request("lo");
  SHOW(ioctl(fd, SIOCGIFFLAGS, &r));
  NUM(r.ifr_flags == (IFF_UP | IFF_LOOPBACK | IFF_RUNNING));
  r = request("lo");
  SHOW(ioctl(fd, SIOCGIFADDR, &r));
  STR(address_in(&r));
  r = request("lo");
  SHOW(ioctl(fd, SIOCGIFNETMASK, &r));
  STR(address_in(&r));
  r = request("lo");
  SHOW(ioctl(fd, SIOCGIFBRDADDR, &r));
  STR(address_in(&r));
  r = request("lo");
  SHOW(ioctl(fd, SIOCGIFDSTADDR, &r));
  STR(address_in(&r));
  r = request("lo");
  SHOW(ioctl(fd, SIOCGIFMTU, &r));
  NUM(r.ifr_mtu);
  r = request("lo");
  SHOW(ioctl(fd, SIOCGIFINDEX, &r));
  NUM(r.ifr_ifindex);
  r = request("");
  r.ifr_ifindex = 1;
  SHOW(ioctl(fd, SIOCGIFNAME, &r));
  STR(r.ifr_name);
  r = request("lo");
  SHOW(ioctl(fd, SIOCGIFHWADDR, &r));
  NUM(r.ifr_hwaddr.sa_family);
  NUM(r.ifr_hwaddr.sa_data[5]);
  r = request("lo");
  SHOW(ioctl(fd, SIOCGIFMETRIC, &r));
  NUM(r.ifr_metric);
  r = request("lo");
  SHOW(ioctl(fd, SIOCGIFTXQLEN, &r));
  NUM(r.ifr_qlen);
  r = request("lo");
  SHOW(ioctl(fd, SIOCGIFMAP, &r));
  NUM(r.ifr_map.irq);
}
CASE(none) {
  int fd = new_socket(AF_INET, SOCK_STREAM);
  struct ifreq r = request("nix0");
  SHOW(ioctl(fd, SIOCGIFFLAGS, &r));
  SHOW(ioctl(fd, SIOCGIFADDR, &r));
  SHOW(ioctl(fd, SIOCGIFINDEX, &r));
  SHOW(ioctl(fd, SIOCGIFMTU, &r));
  r.ifr_ifindex = 4711;
  SHOW(ioctl(fd, SIOCGIFNAME, &r));
  SHOW(ioctl(fd, SIOCGIFFLAGS, BAD_ADDRESS));
  SHOW(ioctl(0, SIOCGIFFLAGS, &r));
}
CASE(list) {
  int fd = new_socket(AF_INET, SOCK_DGRAM);
  struct ifreq list[32];
  struct ifconf all = {.ifc_len = sizeof list, .ifc_req = list};
  SHOW(ioctl(fd, SIOCGIFCONF, &all));
  int found = 0;
  for (int i = 0; i < all.ifc_len / (int)sizeof list[0]; i++) {
    if (strcmp(list[i].ifr_name, "lo") != 0) continue;
    found++;
    STR(address_in(&list[i]));
  }
  NUM(found);
  NUM(all.ifc_len >= (int)sizeof list[0] && all.ifc_len % (int)sizeof list[0] == 0);
  all = (struct ifconf){.ifc_len = 0, .ifc_req = NULL};
  SHOW(ioctl(fd, SIOCGIFCONF, &all));
  NUM(all.ifc_len >= (int)sizeof list[0]);
  all = (struct ifconf){.ifc_len = 10, .ifc_req = list};
  SHOW(ioctl(fd, SIOCGIFCONF, &all));
  NUM(all.ifc_len);
}
CASE(changes_need_privilege) {
  pid_t child = (pid_t)MUST(fork());
  if (!child) {
    if (geteuid() == 0) MUST(setuid(1234));
    int fd = new_socket(AF_INET, SOCK_DGRAM);
    struct ifreq r = request("lo");
    r.ifr_flags = 0;
    SHOW(ioctl(fd, SIOCSIFFLAGS, &r));
    SHOW(ioctl(fd, SIOCSIFADDR, &r));
    SHOW(ioctl(fd, SIOCSIFMTU, &r));
    struct rtentry route = {0};
    SHOW(ioctl(fd, SIOCADDRT, &route));
    _exit(0);
  }
  reap(child);
}
CASE(names) {
  NUM(if_nametoindex("lo"));
  char name[IF_NAMESIZE] = "";
  STR(if_indextoname(1, name));
  NUM(if_nametoindex("nix0"));
}
CASE(bind_to_device) {
  int fd = new_socket(AF_INET, SOCK_STREAM);
  char name[IFNAMSIZ] = "?";
  socklen_t length = sizeof name;
  SHOW(getsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, name, &length));
  NUM(length);
  SHOW(setsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, "nix0", 5));
}
