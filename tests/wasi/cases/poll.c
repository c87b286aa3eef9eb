/* poll_oneoff: clocks, files, descriptors that are none. */
#include "../wasi.h"

static struct event events[8];

static void poll(const struct subscription *subs, u32 count) {
  u32 n = 0;
  show("poll", (u32)poll_oneoff(subs, events, count, &n));
  for (u32 i = 0; i < n; i++) {
    show(" userdata", events[i].userdata);
    show("  error", events[i].error);
    show("  type", events[i].type);
    if (events[i].type == FD_READ) show("  nbytes", events[i].nbytes);
    if (events[i].type != CLOCK) show("  flags", events[i].flags);
  }
}

void _start(void) {
  u64 before, after, wall;
  u32 fd = open_file("file", O_CREAT), narrow;
  u64 at;
  write_to(fd, "ten bytes.");
  fd_seek(fd, 4, 0, &at);

  clock_time_get(1, 0, &before);
  poll(&(struct subscription){.userdata = 7, .type = CLOCK, .clock = {.id = 1, .timeout = 20000000}}, 1);
  clock_time_get(1, 0, &after);
  show("waited", after - before >= 20000000);

  clock_time_get(1, 0, &before);
  poll(&(struct subscription){.userdata = 8, .type = CLOCK, .clock = {.id = 1, .timeout = before + 20000000, .flags = 1}}, 1);
  clock_time_get(1, 0, &after);
  show("waited", after - before >= 20000000);

  clock_time_get(0, 0, &wall);
  poll(&(struct subscription){.userdata = 9, .type = CLOCK, .clock = {.id = 0, .timeout = wall - 1, .flags = 1}}, 1);

  struct subscription both[] = {
    {.userdata = 1, .type = CLOCK, .clock = {.id = 1, .timeout = 60000000000ull}},
    {.userdata = 2, .type = CLOCK, .clock = {.id = 1, .timeout = 1000000}},
  };
  poll(both, 2);

  struct subscription files[] = {
    {.userdata = 1, .type = FD_READ, .fd = fd},
    {.userdata = 2, .type = FD_WRITE, .fd = fd},
    {.userdata = 3, .type = CLOCK, .clock = {.id = 1, .timeout = 60000000000ull}},
  };
  poll(files, 3);

  struct subscription wrong[] = {
    {.userdata = 1, .type = FD_READ, .fd = 1000},
    {.userdata = 2, .type = CLOCK, .clock = {.id = 1, .timeout = 60000000000ull}},
    {.userdata = 3, .type = CLOCK, .clock = {.id = 77, .timeout = 0}},
  };
  poll(wrong, 3);
  CALL(path_open(3, 0, P("file"), 0, R_READ, 0, 0, &narrow));
  poll(&(struct subscription){.userdata = 1, .type = FD_READ, .fd = narrow}, 1);
  poll(files, 0);
  CALL(path_unlink_file(3, P("file")));
}
