/* Copies its input to its output in capitals. */
#include "../wasi.h"

void _start(void) {
  char buffer[64];
  for (;;) {
    struct iovec part = {buffer, sizeof buffer};
    u32 n;
    if (fd_read(0, &part, 1, &n) || n == 0) return;
    for (u32 i = 0; i < n; i++) if (buffer[i] >= 'a' && buffer[i] <= 'z') buffer[i] -= 32;
    put(buffer, n);
  }
}
