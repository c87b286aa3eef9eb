/* What is different in wasi_unstable: the order of whence, filestat, and the clock's subscription. */
#define WASI_MODULE "wasi_unstable"
#include "../wasi.h"

struct old_filestat { u64 dev, ino; u8 type; u32 nlink; u64 size, atim, mtim, ctim; };
struct old_subscription {
  u64 userdata;
  u8 type;
  struct { u64 identifier; u32 id; u64 timeout, precision; u16 flags; } clock;
};
_Static_assert(sizeof(struct old_filestat) == 56 && sizeof(struct old_subscription) == 56, "sizes of the specification");

static void stat(const struct old_filestat *st) {
  show("type", st->type);
  show("nlink", st->nlink);
  show("size", st->size);
  show("mtim", st->mtim);
}

void _start(void) {
  u32 n, fd = open_file("file", O_CREAT);
  u64 at, before, after;
  struct old_filestat st;
  struct event event;
  show("wrote", write_to(fd, "0123456789"));
  CALL(fd_seek(fd, -4, 0, &at)); /* cur */
  show("at", at);
  CALL(fd_seek(fd, -1, 1, &at)); /* end */
  show("at", at);
  CALL(fd_seek(fd, 2, 2, &at)); /* set */
  show("at", at);
  CALL(fd_seek(fd, 0, 3, &at));
  CALL(fd_filestat_set_times(fd, 0, 7000000000ull, 4));
  CALL(fd_filestat_get(fd, (void *)&st));
  stat(&st);
  CALL(path_filestat_get(3, 0, P("file"), (void *)&st));
  stat(&st);
  clock_time_get(1, 0, &before);
  struct old_subscription sub = {.userdata = 9, .clock = {.identifier = 77, .id = 1, .timeout = 5000000}};
  CALL(poll_oneoff((void *)&sub, &event, 1, &n));
  clock_time_get(1, 0, &after);
  show("events", n);
  show("userdata", event.userdata);
  show("error", event.error);
  show("type", event.type);
  show("waited", after - before >= 5000000);
  CALL(path_unlink_file(3, P("file")));
}
