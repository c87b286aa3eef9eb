// A process's memory ends where it says, though another had a longer one before.
#include "../../harness.h"
#include <sys/mman.h>
#include <sys/uio.h>

PROGRAM(small) {
  // Past the end: nothing that the last process left there can be read, nor reached by a call.
  char byte;
  int p[2];
  MUST(pipe(p));
#ifdef __wasm__
  char *end = (char *)(__builtin_wasm_memory_size(0) * 65536);
#else
  char *end = (char *)-4096;
#endif
  SHOW(write(p[1], end, 1));
  char *fresh = mmap(NULL, 8 << 20, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  long dirty = 0;
  for (long i = 0; i < 8 << 20; i += 256) dirty += fresh[i] != 0;
  NUM(dirty);
  SHOW(write(p[1], fresh + (8 << 20) - 1, 1));
  SHOW(read(p[0], &byte, 1));
}

PROGRAM(large) {
  char *at = mmap(NULL, 6 << 20, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  memset(at, 0x5a, 6 << 20);
  NUM(at[5 << 20]);
}

CASE(after_a_larger_one) {
  const char *programs[] = {"large", "small", "large", "small", "small"};
  for (int i = 0; i < 5; i++) {
    fflush(stdout);
    pid_t pid = (pid_t)MUST(fork());
    if (pid == 0) {
      execl(self, self, programs[i], (char *)0);
      _exit(1);
    }
    reap(pid);
  }
}
