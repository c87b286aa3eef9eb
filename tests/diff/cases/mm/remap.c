// mremap(2), mprotect(2), madvise(2), msync(2).
#include <sys/mman.h>
#include "../../harness.h"

static long page;
static char *anonymous(long pages) {
  page = sysconf(_SC_PAGESIZE);
  char *at = mmap(NULL, (size_t)(pages * page), PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  MUST(at == MAP_FAILED ? -1 : 0);
  return at;
}
static char *remap(char *at, long from, long to, int flags) {
  char *moved = mremap(at, (size_t)(from * page), (size_t)(to * page), flags);
  if (moved == MAP_FAILED) printf("mremap: %s\n", errname(errno));
  return moved;
}

CASE(grow) {
  char *at = anonymous(2);
  memset(at, 5, (size_t)(2 * page));
  at = remap(at, 2, 50, MREMAP_MAYMOVE);
  long ones = 0, zeros = 0;
  for (long i = 0; i < 50 * page; i++) *(at[i] == 5 ? &ones : &zeros) += 1;
  NUM(ones == 2 * page);
  NUM(zeros == 48 * page);
  at[50 * page - 1] = 1;
  SHOW(munmap(at, (size_t)(50 * page)));
}

CASE(shrink) {
  char *at = anonymous(8);
  memset(at, 5, (size_t)(8 * page));
  NUM(remap(at, 8, 3, 0) == at);
  NUM(at[3 * page - 1]);
  // What was cut off is free.
  char *rest = mmap(at + 3 * page, (size_t)(5 * page), PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  NUM(rest == at + 3 * page);
  NUM(rest[0]);
}

CASE(cannot_grow_in_place) {
  char *at = anonymous(3);
  at[0] = 1;
  // The next page is taken by the rest of the mapping.
  remap(at, 1, 2, 0);
  char *moved = remap(at, 1, 2, MREMAP_MAYMOVE);
  NUM(moved != at);
  NUM(moved[0]);
}

CASE(to_a_fixed_place) {
  char *at = anonymous(2), *target = anonymous(4);
  strcpy(at, "moved");
  memset(target, 9, (size_t)(4 * page));
  char *moved = mremap(at, (size_t)page, (size_t)page, MREMAP_MAYMOVE | MREMAP_FIXED, target + page);
  NUM(moved == target + page);
  STR(moved);
  printf("%d %d\n", target[0], target[2 * page]);
}

CASE(remap_errors) {
  char *at = anonymous(2);
  OKAY_PTR(mremap(at + 1, (size_t)page, (size_t)page, 0));
  OKAY_PTR(mremap(at, (size_t)page, 0, 0));
  OKAY_PTR(mremap(at, (size_t)page, (size_t)page, 0x10));
  OKAY_PTR(mremap(at, (size_t)page, (size_t)page, MREMAP_FIXED, at));
  MUST(munmap(at, (size_t)(2 * page)));
  OKAY_PTR(mremap(at, (size_t)page, (size_t)(2 * page), MREMAP_MAYMOVE));
}

// The protection of the mapping at `at`, as /proc/self/maps has it (read without malloc, which might map the place).
static const char *protection(char *at) {
  static char flags[8], text[65536];
  int fd = (int)MUST(open("/proc/self/maps", O_RDONLY));
  size_t length = 0;
  ssize_t got;
  while ((got = read(fd, text + length, sizeof text - 1 - length)) > 0) length += (size_t)got;
  close(fd);
  text[length] = 0;
  for (char *line = text; line && *line; line = strchr(line, '\n') ? strchr(line, '\n') + 1 : NULL) {
    unsigned long from, to;
    if (sscanf(line, "%lx-%lx %7s", &from, &to, flags) != 3) return "malformed";
    if ((unsigned long)(uintptr_t)at >= from && (unsigned long)(uintptr_t)at < to) return flags;
  }
  return "none";
}
CASE(protect) {
  char *at = anonymous(5);
  STR(protection(at));
  SHOW(mprotect(at + page, (size_t)page, PROT_READ));
  SHOW(mprotect(at + 3 * page, (size_t)page, PROT_NONE));
  for (int i = 0; i < 5; i++) STR(protection(at + i * page));
  SHOW(mprotect(at, (size_t)(5 * page), PROT_READ | PROT_WRITE));
  STR(protection(at + 3 * page));
  SHOW(munmap(at, (size_t)page));
  STR(protection(at));
}

CASE(protect_errors) {
  char *at = anonymous(3);
  SHOW(mprotect(at + 1, (size_t)page, PROT_READ) == 0 || errno == EINVAL);
  SHOW(SYS3(SYS_mprotect, at + 1, page, PROT_READ));
  SHOW(SYS3(SYS_mprotect, at, page, 0x100));
  MUST(munmap(at + page, (size_t)page));
  SHOW(mprotect(at, (size_t)(3 * page), PROT_READ));
  put("file", "content");
  char *file = mmap(NULL, (size_t)page, PROT_READ, MAP_SHARED, (int)MUST(open("file", O_RDONLY)), 0);
  SHOW(mprotect(file, (size_t)page, PROT_READ | PROT_WRITE));
  SHOW(mprotect(at, 0, PROT_READ));
}

CASE(advice) {
  char *at = anonymous(3);
  memset(at, 1, (size_t)(3 * page));
  SHOW(madvise(at, (size_t)(3 * page), MADV_NORMAL));
  SHOW(madvise(at, (size_t)(3 * page), MADV_SEQUENTIAL));
  SHOW(madvise(at, (size_t)(3 * page), MADV_WILLNEED));
  SHOW(madvise(at + page, (size_t)page, MADV_DONTNEED));
  printf("%d %d %d\n", at[0], at[page], at[2 * page]);
  SHOW(madvise(at + 1, (size_t)page, MADV_NORMAL));
  SHOW(madvise(at, (size_t)page, 7777));
  MUST(munmap(at + page, (size_t)page));
  SHOW(madvise(at, (size_t)(3 * page), MADV_NORMAL));
  SHOW(madvise(at, 0, MADV_NORMAL));
}

CASE(sync_errors) {
  char *at = anonymous(3);
  SHOW(msync(at, (size_t)page, MS_SYNC));
  SHOW(msync(at, (size_t)page, MS_ASYNC));
  SHOW(msync(at, (size_t)page, MS_SYNC | MS_ASYNC));
  SHOW(msync(at, (size_t)page, 0x40));
  SHOW(msync(at + 1, (size_t)page, MS_SYNC));
  MUST(munmap(at + page, (size_t)page));
  SHOW(msync(at, (size_t)(3 * page), MS_SYNC));
  SHOW(msync(at, 0, MS_SYNC));
}
