// getaddrinfo(3) and its kin, as far as no name server is needed.
#include <ifaddrs.h>
#include <netdb.h>
#include "inet.h"

static int compare(const void *a, const void *b) {
  return strcmp(*(char *const *)a, *(char *const *)b);
}
static void lookup(const char *host, const char *service, int family, int type, int flags) {
  struct addrinfo hints = {.ai_family = family, .ai_socktype = type, .ai_flags = flags}, *list;
  int error = getaddrinfo(host, service, &hints, &list);
  printf("%s %s: ", host ? host : "(none)", service ? service : "(none)");
  if (error) {
    printf("%s\n", error == EAI_NONAME ? "EAI_NONAME" : error == EAI_SERVICE ? "EAI_SERVICE" : error == EAI_FAMILY ? "EAI_FAMILY" : "other");
    return;
  }
  char *found[16];
  int count = 0;
  for (struct addrinfo *at = list; at && count < 16; at = at->ai_next) {
    char name[64] = "", number[16] = "";
    getnameinfo(at->ai_addr, at->ai_addrlen, name, sizeof name, number, sizeof number, NI_NUMERICHOST | NI_NUMERICSERV);
    if (asprintf(&found[count], "%s %s type %d", name, number, at->ai_socktype) > 0) count++;
  }
  qsort(found, (size_t)count, sizeof found[0], compare);
  for (int i = 0; i < count; i++) printf("%s%s", i ? ", " : "", found[i]);
  printf("\n");
  freeaddrinfo(list);
}
CASE(numeric) {
  lookup("127.0.0.1", "80", AF_UNSPEC, SOCK_STREAM, AI_NUMERICHOST);
  lookup("::1", "8080", AF_UNSPEC, SOCK_STREAM, AI_NUMERICHOST);
  lookup("::1", "8080", AF_UNSPEC, SOCK_DGRAM, AI_NUMERICHOST | AI_NUMERICSERV);
  lookup("not an address", "1", AF_UNSPEC, SOCK_STREAM, AI_NUMERICHOST);
  lookup(NULL, "80", AF_INET, SOCK_STREAM, 0);
  lookup(NULL, "80", AF_INET, SOCK_STREAM, AI_PASSIVE);
  lookup(NULL, "80", AF_INET6, SOCK_STREAM, AI_PASSIVE);
  lookup(NULL, NULL, AF_INET6, SOCK_STREAM, AI_PASSIVE);
}
CASE(hosts_and_services) {
  lookup("localhost", "80", AF_INET, SOCK_STREAM, 0);
  lookup("127.0.0.1", "http", AF_INET, SOCK_STREAM, 0);
  lookup("127.0.0.1", "domain", AF_INET, SOCK_DGRAM, 0);
  lookup("127.0.0.1", "no-such-service", AF_INET, SOCK_STREAM, 0);
}
CASE(interfaces) {
  struct ifaddrs *list;
  OKAY(getifaddrs(&list));
  int four = 0, six = 0;
  for (struct ifaddrs *at = list; at; at = at->ifa_next) {
    if (strcmp(at->ifa_name, "lo") != 0 || !at->ifa_addr) continue;
    char text[64];
    if (at->ifa_addr->sa_family == AF_INET) {
      four++;
      STR(inet_ntop(AF_INET, &((struct sockaddr_in *)at->ifa_addr)->sin_addr, text, sizeof text));
      STR(inet_ntop(AF_INET, &((struct sockaddr_in *)at->ifa_netmask)->sin_addr, text, sizeof text));
    }
    if (at->ifa_addr->sa_family == AF_INET6) {
      six++;
      STR(inet_ntop(AF_INET6, &((struct sockaddr_in6 *)at->ifa_addr)->sin6_addr, text, sizeof text));
    }
  }
  NUM(four);
  NUM(six);
  freeifaddrs(list);
}
