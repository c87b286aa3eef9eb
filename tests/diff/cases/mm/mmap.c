// mmap(2), munmap(2): anonymous and file mappings.
#define _GNU_SOURCE // mremap
#include <sys/mman.h>
#include <sched.h>
#include "../../harness.h"
#ifndef MAP_FIXED_NOREPLACE
#define MAP_FIXED_NOREPLACE 0x100000
#endif

static long page;
static char *map(long pages, int prot, int flags, int fd) {
  page = sysconf(_SC_PAGESIZE);
  char *at = mmap(NULL, (size_t)(pages * page), prot, flags, fd, 0);
  MUST(at == MAP_FAILED ? -1 : 0);
  return at;
}
static char *anonymous(long pages) {
  return map(pages, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1);
}
static long sum(const char *at, long bytes) {
  long total = 0;
  for (long i = 0; i < bytes; i++) total += at[i];
  return total;
}

CASE(anonymous_memory) {
  char *at = anonymous(4);
  NUM(sum(at, 4 * page));
  NUM((uintptr_t)at % (uintptr_t)page);
  memset(at, 1, (size_t)(4 * page));
  NUM(sum(at, 4 * page) == 4 * page);
  SHOW(munmap(at, (size_t)(4 * page)));
  // What comes from a freed range is zero again.
  char *again = anonymous(4);
  NUM(sum(again, 4 * page));
}

CASE(odd_length) {
  char *at = mmap(NULL, 100, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  page = sysconf(_SC_PAGESIZE);
  at[page - 1] = 1;
  NUM(sum(at, page));
  SHOW(munmap(at, 100));
}

CASE(errors) {
  page = sysconf(_SC_PAGESIZE);
  put("file", "content");
  MUST(mkdir("folder", 0755));
  int reader = (int)MUST(open("file", O_RDONLY)), writer = (int)MUST(open("file", O_WRONLY));
  int folder = (int)MUST(open("folder", O_RDONLY));
  size_t size = (size_t)page;
  OKAY_PTR(mmap(NULL, 0, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
  OKAY_PTR(mmap(NULL, size, PROT_READ, MAP_ANONYMOUS, -1, 0));
  OKAY_PTR(mmap(NULL, size, PROT_READ, MAP_PRIVATE, -1, 0));
  OKAY_PTR(mmap(NULL, size, PROT_READ, MAP_PRIVATE, 99, 0));
  OKAY_PTR(mmap(NULL, size, PROT_READ, MAP_PRIVATE, folder, 0));
  OKAY_PTR(mmap(NULL, size, PROT_READ, MAP_PRIVATE, writer, 0));
  OKAY_PTR(mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, reader, 0));
  OKAY_PTR(mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE, reader, 0));
  OKAY_PTR(mmap((void *)(page + 1), size, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0));
  NUM(SYS6(SYS_mmap, 0, size, PROT_READ, MAP_PRIVATE, reader, 100));
  STR(errname(errno));
  int ends[2];
  MUST(pipe(ends));
  OKAY_PTR(mmap(NULL, size, PROT_READ, MAP_PRIVATE, ends[0], 0));
}

CASE(munmap_errors) {
  char *at = anonymous(2);
  SHOW(munmap(at + 1, 10));
  SHOW(munmap(at, 0));
  SHOW(munmap(at, (size_t)(2 * page)));
  // Nothing mapped there is no error.
  SHOW(munmap(at, (size_t)(2 * page)));
}

CASE(private_file) {
  int fd = (int)MUST(open("file", O_RDWR | O_CREAT, 0600));
  MUST(write(fd, "0123456789", 10));
  char *at = map(1, PROT_READ | PROT_WRITE, MAP_PRIVATE, fd);
  close(fd);
  printf("%.10s, then zeros: %ld\n", at, sum(at + 10, page - 10));
  memcpy(at, "changed", 7);
  printf("%.10s\n", at);
  STR(get("file"));
  SHOW(munmap(at, (size_t)page));
}

CASE(file_offset) {
  page = sysconf(_SC_PAGESIZE);
  int fd = (int)MUST(open("file", O_RDWR | O_CREAT, 0600));
  MUST(pwrite(fd, "first", 5, 0));
  MUST(pwrite(fd, "second", 6, page));
  MUST(pwrite(fd, "third", 5, 2 * page));
  char *at = mmap(NULL, (size_t)(2 * page), PROT_READ, MAP_PRIVATE, fd, page);
  MUST(at == MAP_FAILED ? -1 : 0);
  printf("%s %s\n", at, at + page);
}

CASE(fixed) {
  char *at = anonymous(5);
  memset(at, 7, (size_t)(5 * page));
  char *middle = mmap(at + 2 * page, (size_t)page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
  NUM(middle == at + 2 * page);
  for (int i = 0; i < 5; i++) printf("%d ", at[i * page]);
  printf("\n");
  OKAY_PTR(mmap(at, (size_t)page, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0));
  SHOW(munmap(at + page, (size_t)page));
  NUM(mmap(at + page, (size_t)page, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0) == at + page);
  printf("%d %d %d\n", at[0], at[page], at[3 * page]);
}

CASE(unmap_in_part) {
  char *at = anonymous(6);
  memset(at, 3, (size_t)(6 * page));
  SHOW(munmap(at + 2 * page, (size_t)(2 * page)));
  printf("%d %d %d\n", at[0], at[2 * page - 1], at[4 * page]);
  // The hole is the first place for something of its size to be put by hint.
  char *hole = mmap(at + 2 * page, (size_t)(2 * page), PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  NUM(hole == at + 2 * page);
  NUM(sum(hole, 2 * page));
  SHOW(munmap(at, (size_t)(6 * page)));
}

// The mappings in a range, as /proc/self/maps has them: first and last page, counted from its start, and protection.
static void mappings(char *start, long pages) {
  static char text[65536];
  int fd = (int)MUST(open("/proc/self/maps", O_RDONLY));
  size_t length = 0;
  ssize_t got;
  while ((got = read(fd, text + length, sizeof text - 1 - length)) > 0) length += (size_t)got;
  close(fd);
  text[length] = 0;
  for (char *line = text; line && *line; line = strchr(line, '\n') ? strchr(line, '\n') + 1 : NULL) {
    unsigned long from, to, offset;
    char flags[8];
    if (sscanf(line, "%lx-%lx %7s %lx", &from, &to, flags, &offset) != 4) printf("malformed\n");
    long first = (long)(from - (uintptr_t)start) / page, end = (long)(to - (uintptr_t)start) / page;
    if (end > 0 && first < pages) printf("%ld-%ld %s %lx; ", first < 0 ? 0 : first, end > pages ? pages : end, flags, offset);
  }
  printf("\n");
}
CASE(neighbours_are_one_mapping) {
  char *at = map(8, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1);
  static const int order[] = {2, 4, 3, 5, 6};
  for (int i = 0; i < 5; i++) {
    char *each = at + order[i] * page;
    mmap(each, (size_t)page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
    mappings(at, 8);
  }
  // (Linux keeps apart what was written to before it was joined.)
  for (int i = 2; i < 7; i++) memset(at + i * page, i, (size_t)page);
  SHOW(munmap(at + 3 * page, (size_t)page));
  mappings(at, 8);
  mmap(at + 3 * page, (size_t)page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
  mappings(at, 8);
  NUM(sum(at + 2 * page, 5 * page));
  char *moved = mremap(at + 3 * page, (size_t)(2 * page), (size_t)(3 * page), MREMAP_MAYMOVE);
  NUM(moved != at + 3 * page);
  NUM(sum(moved, 3 * page));
  mappings(at, 8);
  SHOW(munmap(at, (size_t)(8 * page)));
  mappings(at, 8);
}

CASE(copied_by_fork) {
  char *at = anonymous(2);
  strcpy(at, "before");
  pid_t pid = (pid_t)MUST(fork());
  if (pid == 0) {
    STR(at);
    strcpy(at, "of the child");
    anonymous(3);
    _exit(0);
  }
  reap(pid);
  STR(at);
}

CASE(shared_by_fork) {
  char *at = map(1, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1);
  strcpy(at, "from the parent");
  pid_t pid = (pid_t)MUST(fork());
  if (pid == 0) {
    STR(at);
    strcpy(at, "from the child");
    _exit(0);
  }
  reap(pid);
  STR(at);
}

// Two processes count in shared memory, in turns that a flag there decides.
CASE(spinning_on_shared_memory) {
  volatile int *turn = (volatile int *)map(1, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1);
  pid_t pid = (pid_t)MUST(fork());
  int mine = pid == 0;
  for (int i = 0; i < 20; i++) {
    while ((turn[0] & 1) != mine) sched_yield();
    turn[1]++;
    turn[0]++;
  }
  if (pid == 0) _exit(0);
  reap(pid);
  printf("%d turns, count %d\n", turn[0], turn[1]);
}

CASE(shared_file) {
  int fd = (int)MUST(open("file", O_RDWR | O_CREAT, 0600));
  MUST(write(fd, "0123456789", 10));
  char *at = map(1, PROT_READ | PROT_WRITE, MAP_SHARED, fd);
  memcpy(at, "WRITTEN", 7);
  SHOW(msync(at, (size_t)page, MS_SYNC));
  STR(get("file"));
  memcpy(at + 7, "xyz", 3);
  SHOW(munmap(at, (size_t)page));
  STR(get("file"));
}

CASE(shared_file_between_processes) {
  int fd = (int)MUST(open("file", O_RDWR | O_CREAT, 0600));
  page = sysconf(_SC_PAGESIZE);
  MUST(ftruncate(fd, page));
  char *at = map(1, PROT_READ | PROT_WRITE, MAP_SHARED, fd);
  pid_t pid = (pid_t)MUST(fork());
  if (pid == 0) {
    char *mine = map(1, PROT_READ | PROT_WRITE, MAP_SHARED, (int)MUST(open("file", O_RDWR)));
    strcpy(mine + 100, "by another mapping");
    _exit(0);
  }
  reap(pid);
  STR(at + 100);
  char text[32] = "";
  SHOW(pread(fd, text, 18, 100));
  STR(text);
}

CASE(too_much) {
  OKAY_PTR(mmap(NULL, SIZE_MAX - 1000000, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
  OKAY_PTR(mmap(NULL, (size_t)3 << (sizeof(size_t) * 8 - 2), PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
  char *at = anonymous(1);
  at[0] = 1;
  printf("still well: %d\n", at[0]);
}
