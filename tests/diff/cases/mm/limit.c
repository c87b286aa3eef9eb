// brk(2), and memory under RLIMIT_AS and RLIMIT_DATA.
#include <sys/mman.h>
#include <sys/resource.h>
#include "../../harness.h"

// The call itself: it returns the new break, or the old one where it refuses. (musl's brk and sbrk always fail.)
static long program_break(long at) {
  return (long)SYS1(SYS_brk, at);
}

CASE(moves) {
  long start = program_break(0);
  NUM(start > 0);
  NUM(program_break(start + 100000) - start);
  volatile char *memory = (volatile char *)(uintptr_t)start;
  long sum = 0;
  // The first page may hold what was there before.
  for (long i = 4096; i < 100000; i++) sum += memory[i];
  NUM(sum);
  for (long i = 4096; i < 100000; i++) memory[i] = 1;
  NUM(program_break(start + 4096) - start);
  NUM(program_break(start + 100000) - start);
  sum = 0;
  for (long i = 8192; i < 100000; i++) sum += memory[i];
  NUM(sum);
  NUM(program_break(1) - start);
  NUM(program_break(start) - start);
}

CASE(inherited_by_fork) {
  long start = program_break(0);
  program_break(start + 65536);
  volatile char *memory = (volatile char *)(uintptr_t)start;
  memory[65535] = 5;
  pid_t pid = (pid_t)MUST(fork());
  if (pid == 0) {
    NUM(program_break(0) - start);
    NUM(memory[65535]);
    program_break(start + 131072);
    _exit(0);
  }
  reap(pid);
  NUM(program_break(0) - start);
}

static void *big(size_t size) {
  return mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
}
CASE(address_space) {
  struct rlimit limit = {256 << 20, 256 << 20};
  SHOW(setrlimit(RLIMIT_AS, &limit));
  OKAY_PTR(big(300 << 20));
  OKAY_PTR(big(1 << 20));
  errno = 0;
  void *volatile kept = malloc(300 << 20); // volatile: compilers know malloc, and may do without it
  printf("malloc: %d %s\n", kept == NULL, errname(errno));
  int count = 0;
  while (big(16 << 20) != MAP_FAILED) count++;
  printf("some but not all of 16: %d\n", count >= 8 && count < 16);
  pid_t pid = fork();
  if (pid == 0) {
    OKAY_PTR(big(16 << 20));
    _exit(0);
  }
  reap(pid);
}

CASE(data_segment) {
  long start = program_break(0);
  struct rlimit limit = {32 << 20, 32 << 20};
  SHOW(setrlimit(RLIMIT_DATA, &limit));
  NUM(program_break(start + (64 << 20)) - start);
  NUM(program_break(start + (1 << 20)) - start);
  OKAY_PTR(big(64 << 20));
}

CASE(malloc_until_it_fails) {
  struct rlimit limit = {128 << 20, 128 << 20};
  MUST(setrlimit(RLIMIT_AS, &limit));
  struct block {
    struct block *next;
    char rest[1 << 20];
  } *list = NULL, *next;
  int count = 0;
  while ((next = malloc(sizeof *next))) {
    next->next = list;
    list = next;
    next->rest[sizeof next->rest - 1] = 1;
    count++;
  }
  STR(errname(errno));
  printf("between 64 and 128: %d\n", count >= 64 && count < 128);
  for (; list; list = next) {
    next = list->next;
    free(list);
  }
  void *volatile again = malloc(64 << 20);
  printf("after freeing: %d\n", again != NULL);
}
