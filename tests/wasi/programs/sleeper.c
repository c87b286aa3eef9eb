/* Says in /tmp/state that it sleeps, and does, for ten minutes. */
#include "../wasi.h"

/** The descriptor of the preopened directory of that name. */
static u32 preopen(const char *name) {
  char found[64];
  struct prestat st;
  for (u32 fd = 3; fd_prestat_get(fd, &st) == 0; fd++) {
    fd_prestat_dir_name(fd, found, sizeof found);
    u32 same = 0;
    while (same < st.length && found[same] == name[same]) same++;
    if (same == st.length && !name[same]) return fd;
  }
  proc_exit(98);
}

void _start(void) {
  u32 fd, n;
  struct event event;
  struct subscription sleep = {.userdata = 1, .type = CLOCK, .clock = {.id = 1, .timeout = 600000000000ull}};
  u32 root = preopen("/");
  if (path_open(root, 0, P("tmp/state"), O_CREAT, R_WRITE, 0, 0, &fd)) proc_exit(97);
  write_to(fd, "sleeping\n");
  poll_oneoff(&sleep, &event, 1, &n);
}
