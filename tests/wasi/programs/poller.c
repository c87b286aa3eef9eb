/* Waits for its input, or with an argument for 30 ms as well, and says what came; reads it; ends with the input, or with the time. */
#include "../wasi.h"

void _start(void) {
  struct subscription subs[] = {
    {.userdata = 1, .type = FD_READ, .fd = 0},
    {.userdata = 2, .type = CLOCK, .clock = {.id = 1, .timeout = 30000000}},
  };
  struct event event;
  char buffer[100];
  u32 n, count, bytes;
  args_sizes_get(&count, &bytes);
  for (;;) {
    if (poll_oneoff(subs, &event, count, &n) || n != 1 || event.error) proc_exit(1);
    print("type ");
    number(event.type);
    if (event.type == CLOCK) break;
    print(" bytes ");
    number(event.nbytes);
    if (event.flags & 1) print(" hangup");
    print("\n");
    struct iovec part = {buffer, sizeof buffer};
    if (fd_read(0, &part, 1, &n) || n == 0) return;
  }
  print("\n");
}
