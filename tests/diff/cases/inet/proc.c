// /proc/net: how sockets show there.
#include <dirent.h>
#include "inet.h"

// The line of /proc/net/NAME whose local port is `number`, without numbers that differ from run to run.
static void line(const char *name, int number, int remote) {
  char path[64], text[512], wanted[8];
  snprintf(path, sizeof path, "/proc/net/%s", name);
  snprintf(wanted, sizeof wanted, ":%04X", number);
  FILE *file = fopen(path, "r");
  if (!file) {
    printf("%s: %s\n", name, errname(errno));
    return;
  }
  while (fgets(text, sizeof text, file)) {
    char local[64], other[64];
    unsigned state, tx, rx, uid, sl;
    unsigned long inode;
    int got = sscanf(text, "%u: %63s %63s %x %x:%x %*x:%*x %*x %u %*u %lu", &sl, local, other, &state, &tx, &rx, &uid, &inode);
    if (got != 8 || !strstr(local, wanted)) continue;
    char *colon = strchr(other, ':');
    if (remote >= 0 && strtol(colon + 1, NULL, 16) != remote) continue;
    *strchr(local, ':') = *colon = 0;
    printf("%s: local %s, remote %s, state %02X, uid %d, inode %d", name, local, other, state, uid == geteuid(), inode > 0);
    // An end of the stream counts as a byte for a while.
    if (state == 1 || state == 10) printf(", tx %u, rx %u", tx, rx);
    printf("\n");
  }
  fclose(file);
}
CASE(tcp) {
  int listener = new_listener(3), fd = new_socket(AF_INET, SOCK_STREAM);
  MUST(connect_to(fd, name_of(listener)));
  line("tcp", port(listener), 0);
  int server = (int)MUST(accept(listener, NULL, NULL));
  line("tcp", port(fd), -1);
  line("tcp", port(listener), port(fd));
  MUST(write(fd, "abc", 3));
  until(server, POLLIN);
  sleep_ms(100);
  line("tcp", port(listener), port(fd));
  MUST(shutdown(server, SHUT_WR));
  until(fd, POLLRDHUP);
  sleep_ms(100);
  line("tcp", port(listener), port(fd));
  line("tcp", port(fd), -1);
}
CASE(tcp6) {
  int listener = new_socket(AF_INET6, SOCK_STREAM);
  MUST(listen(listener, 1));
  line("tcp6", port(listener), -1);
  int four = new_socket(AF_INET, SOCK_STREAM);
  MUST(connect_to(four, v4("127.0.0.1", port(listener))));
  int server = (int)MUST(accept(listener, NULL, NULL));
  line("tcp6", port(listener), port(four));
  line("tcp", port(four), -1);
  (void)server;
}
CASE(udp) {
  int fd = new_socket(AF_INET, SOCK_DGRAM), six = new_socket(AF_INET6, SOCK_DGRAM);
  MUST(bind_to(fd, v4("127.0.0.1", 0)));
  MUST(bind_to(six, v6("::1", 0)));
  line("udp", port(fd), -1);
  line("udp6", port(six), -1);
  MUST(connect_to(fd, v4("127.0.0.1", 9)));
  line("udp", port(fd), -1);
}
CASE(links) {
  // /proc/self/fd names sockets by the inode that fstat gives, and it is the one in /proc/net/tcp.
  int listener = new_listener(1);
  char path[64], text[64] = "", wanted[64];
  struct stat st;
  MUST(fstat(listener, &st));
  snprintf(path, sizeof path, "/proc/self/fd/%d", listener);
  MUST(readlink(path, text, sizeof text - 1));
  snprintf(wanted, sizeof wanted, "socket:[%lu]", (unsigned long)st.st_ino);
  NUM(strcmp(text, wanted) == 0);
  NUM(S_ISSOCK(st.st_mode));
  NUM(st.st_mode & 07777);
  FILE *file = fopen("/proc/net/tcp", "r");
  char row[512];
  int found = 0;
  while (fgets(row, sizeof row, file)) {
    unsigned long inode = 0;
    if (sscanf(row, "%*d: %*s %*s %*x %*s %*s %*s %*u %*u %lu", &inode) == 1 && inode == st.st_ino) found++;
  }
  NUM(found);
}
CASE(headers) {
  static const char *const names[] = {"tcp", "tcp6", "udp", "udp6", "dev", "route", "raw"};
  for (size_t i = 0; i < COUNT(names); i++) {
    char path[64], text[512] = "";
    snprintf(path, sizeof path, "/proc/net/%s", names[i]);
    FILE *file = fopen(path, "r");
    if (!file || !fgets(text, sizeof text, file)) printf("%s: nothing\n", path);
    for (char *at = text; *at; at++) {
      char *end = at;
      while (*end == ' ') end++;
      if (end > at + 1) memmove(at + 1, end, strlen(end) + 1);
    }
    printf("%s: %s", names[i], text);
    if (file) fclose(file);
  }
}
CASE(settings) {
  static const char *const names[] = {"ipv4/ip_default_ttl", "ipv4/tcp_fin_timeout", "ipv4/tcp_keepalive_time",
                                      "ipv4/tcp_keepalive_probes", "ipv4/tcp_keepalive_intvl", "ipv4/tcp_syn_retries",
                                      "ipv6/bindv6only", "ipv4/ip_forward", "ipv4/tcp_syncookies"};
  for (size_t i = 0; i < COUNT(names); i++) {
    char path[64];
    snprintf(path, sizeof path, "/proc/sys/net/%s", names[i]);
    printf("%s: %s", names[i], get(path));
  }
  NUM(atoi(get("/proc/sys/net/core/somaxconn")) >= 128);
}
