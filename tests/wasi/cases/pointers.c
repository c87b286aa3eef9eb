/* Addresses that are no memory: FAULT (21), whatever the call. Those from 0xff800000 on are the kernel's own use. */
#include "../wasi.h"

#define BAD ((void *)0xfffffff0u)
#define PAGE ((void *)0xff800000u)
#define FAR ((void *)0xff900000u)

void _start(void) {
  u32 n, fd = open_file("file", O_CREAT);
  u64 at;
  struct iovec bad = {BAD, 8}, wraps = {(void *)16, 0xffffffffu}, far = {FAR, 8}, none = {BAD, 0};
  CALL(fd_write(fd, BAD, 1, &n));
  CALL(fd_write(fd, BAD, 2, &n));
  CALL(fd_write(fd, &bad, 1, &n));
  CALL(fd_write(fd, &wraps, 1, &n));
  CALL(fd_write(fd, &far, 1, &n));
  CALL(fd_read(fd, &far, 1, &n));
  CALL(fd_write(fd, &none, 1, BAD));
  CALL(fd_tell(fd, BAD));
  CALL(fd_fdstat_get(fd, BAD));
  CALL(fd_filestat_get(fd, BAD));
  CALL(fd_prestat_get(3, BAD));
  CALL(fd_prestat_dir_name(3, BAD, 100));
  CALL(fd_prestat_dir_name(3, BAD, 0));
  CALL(fd_prestat_get(fd, &(struct prestat){0}));
  CALL(fd_readdir(3, BAD, 100, 0, &n));
  CALL(path_open(3, 0, BAD, 4, 0, 0, 0, 0, &n));
  CALL(path_open(3, 0, FAR, 4, 0, 0, 0, 0, &n));
  CALL(path_open(3, 0, "file", 5000, 0, 0, 0, 0, &n));
  CALL(path_filestat_get(3, 0, P("file"), BAD));
  CALL(path_readlink(3, BAD, 3, (char *)&at, 8, &n));
  CALL(path_symlink(BAD, 3, 3, P("link")));
  CALL(path_rename(3, P("file"), 3, BAD, 3));
  CALL(clock_time_get(1, 0, BAD));
  CALL(clock_time_get(9, 0, &at));
  CALL(clock_res_get(0, BAD));
  CALL(random_get(BAD, 100));
  CALL(random_get(FAR, 100));
  CALL(args_sizes_get(BAD, BAD));
  CALL(args_get(BAD, BAD));
  CALL(poll_oneoff(BAD, BAD, 1, &n));
  CALL(poll_oneoff(0, BAD, 0, &n));
  CALL(poll_oneoff(BAD, BAD, 100000000, &n));
  /* Its own page of the kernel's: it may spoil that for itself only. */
  u64 junk[2048 + 64];
  for (u32 i = 0; i < 2048 + 64; i++) junk[i] = 0xa5a5a5a5a5a5a5a5ull;
  struct iovec all = {junk, 16384}, page = {PAGE, 16384}, beyond = {PAGE, 16385};
  CALL(fd_pwrite(fd, &all, 1, 0, &n));
  fd_pread(fd, &page, 1, 0, &n);
  path_open(3, 0, PAGE, 4, 0, 0, 0, 0, &n);
  CALL(fd_pread(fd, &beyond, 1, 0, &n));
  CALL(fd_tell(fd, &at));
  show("at", at);
  CALL(fd_close(fd));
  CALL(path_unlink_file(3, P("file")));
}
