/* WASI preview 1 for programs without a C library: its functions, structures and a few helpers to print with. */
#pragma once
typedef unsigned char u8;
typedef unsigned short u16;
typedef unsigned u32;
typedef unsigned long long u64;
typedef long long i64;

struct iovec { void *buf; u32 len; };
struct fdstat { u8 type; u16 flags; u64 base, inheriting; };
struct filestat { u64 dev, ino; u8 type; u64 nlink, size, atim, mtim, ctim; };
struct prestat { u8 tag; u32 length; };
struct dirent { u64 next, ino; u32 length; u8 type; };
struct event { u64 userdata; u16 error; u8 type; u64 nbytes; u16 flags; };
struct subscription {
  u64 userdata;
  u8 type;
  union {
    struct { u32 id; u64 timeout, precision; u16 flags; } clock;
    u32 fd;
  };
};
enum { CLOCK, FD_READ, FD_WRITE };

#ifndef WASI_MODULE
#define WASI_MODULE "wasi_snapshot_preview1"
#endif
#define IMPORT(name) __attribute__((import_module(WASI_MODULE), import_name(#name)))
IMPORT(args_get) int args_get(char **, char *);
IMPORT(args_sizes_get) int args_sizes_get(u32 *, u32 *);
IMPORT(environ_get) int environ_get(char **, char *);
IMPORT(environ_sizes_get) int environ_sizes_get(u32 *, u32 *);
IMPORT(clock_res_get) int clock_res_get(u32, u64 *);
IMPORT(clock_time_get) int clock_time_get(u32, u64, u64 *);
IMPORT(fd_advise) int fd_advise(u32, u64, u64, u32);
IMPORT(fd_allocate) int fd_allocate(u32, u64, u64);
IMPORT(fd_close) int fd_close(u32);
IMPORT(fd_datasync) int fd_datasync(u32);
IMPORT(fd_fdstat_get) int fd_fdstat_get(u32, struct fdstat *);
IMPORT(fd_fdstat_set_flags) int fd_fdstat_set_flags(u32, u32);
IMPORT(fd_fdstat_set_rights) int fd_fdstat_set_rights(u32, u64, u64);
IMPORT(fd_filestat_get) int fd_filestat_get(u32, struct filestat *);
IMPORT(fd_filestat_set_size) int fd_filestat_set_size(u32, u64);
IMPORT(fd_filestat_set_times) int fd_filestat_set_times(u32, u64, u64, u32);
IMPORT(fd_pread) int fd_pread(u32, const struct iovec *, u32, u64, u32 *);
IMPORT(fd_prestat_get) int fd_prestat_get(u32, struct prestat *);
IMPORT(fd_prestat_dir_name) int fd_prestat_dir_name(u32, char *, u32);
IMPORT(fd_pwrite) int fd_pwrite(u32, const struct iovec *, u32, u64, u32 *);
IMPORT(fd_read) int fd_read(u32, const struct iovec *, u32, u32 *);
IMPORT(fd_readdir) int fd_readdir(u32, void *, u32, u64, u32 *);
IMPORT(fd_renumber) int fd_renumber(u32, u32);
IMPORT(fd_seek) int fd_seek(u32, i64, u32, u64 *);
IMPORT(fd_sync) int fd_sync(u32);
IMPORT(fd_tell) int fd_tell(u32, u64 *);
IMPORT(fd_write) int fd_write(u32, const struct iovec *, u32, u32 *);
IMPORT(path_create_directory) int path_create_directory(u32, const char *, u32);
IMPORT(path_filestat_get) int path_filestat_get(u32, u32, const char *, u32, struct filestat *);
IMPORT(path_filestat_set_times) int path_filestat_set_times(u32, u32, const char *, u32, u64, u64, u32);
IMPORT(path_link) int path_link(u32, u32, const char *, u32, u32, const char *, u32);
IMPORT(path_open) int path_open(u32, u32, const char *, u32, u32, u64, u64, u32, u32 *);
IMPORT(path_readlink) int path_readlink(u32, const char *, u32, char *, u32, u32 *);
IMPORT(path_remove_directory) int path_remove_directory(u32, const char *, u32);
IMPORT(path_rename) int path_rename(u32, const char *, u32, u32, const char *, u32);
IMPORT(path_symlink) int path_symlink(const char *, u32, u32, const char *, u32);
IMPORT(path_unlink_file) int path_unlink_file(u32, const char *, u32);
IMPORT(poll_oneoff) int poll_oneoff(const struct subscription *, struct event *, u32, u32 *);
IMPORT(proc_exit) _Noreturn void proc_exit(u32);
IMPORT(proc_raise) int proc_raise(u32);
IMPORT(sched_yield) int sched_yield(void);
IMPORT(random_get) int random_get(void *, u32);
IMPORT(sock_accept) int sock_accept(u32, u32, u32 *);
IMPORT(sock_recv) int sock_recv(u32, const struct iovec *, u32, u32, u32 *, u16 *);
IMPORT(sock_send) int sock_send(u32, const struct iovec *, u32, u32, u32 *);
IMPORT(sock_shutdown) int sock_shutdown(u32, u32);

/** Rights by bit, as in the specification. */
enum {
  R_DATASYNC = 1 << 0, R_READ = 1 << 1, R_SEEK = 1 << 2, R_SET_FLAGS = 1 << 3, R_SYNC = 1 << 4, R_TELL = 1 << 5, R_WRITE = 1 << 6,
  R_ADVISE = 1 << 7, R_ALLOCATE = 1 << 8, R_CREATE_DIRECTORY = 1 << 9, R_CREATE_FILE = 1 << 10, R_OPEN = 1 << 13, R_READDIR = 1 << 14,
  R_FILESTAT_GET = 1 << 21, R_SET_SIZE = 1 << 22, R_SET_TIMES = 1 << 23, R_POLL = 1 << 27,
};
enum { O_CREAT = 1, O_DIRECTORY = 2, O_EXCL = 4, O_TRUNC = 8 };
enum { APPEND = 1, DSYNC = 2, NONBLOCK = 4, RSYNC = 8, SYNC = 16 };

static u32 length_of(const char *s) {
  u32 n = 0;
  while (s[n]) n++;
  return n;
}

/** A path as two arguments. */
#define P(s) (s), length_of(s)

static void put(const char *s, u32 n) {
  struct iovec part = {(void *)s, n};
  u32 written;
  fd_write(1, &part, 1, &written);
}
static void print(const char *s) { put(s, length_of(s)); }
static void number(u64 value) {
  char digits[24], *at = digits + sizeof digits;
  do *--at = '0' + value % 10;
  while (value /= 10);
  put(at, (u32)(digits + sizeof digits - at));
}
/** "what: value\n" */
static void show(const char *what, u64 value) {
  print(what);
  print(": ");
  number(value);
  print("\n");
}
/** Shows a call with the error that it gives. */
#define CALL(...) show(#__VA_ARGS__, (u64)(u32)(__VA_ARGS__))

/** Opens a path beneath the first preopened directory, for reading and writing; gives the descriptor, or ends the program. */
static u32 open_file(const char *path, u32 oflags) {
  u32 fd;
  u64 rights = R_READ | R_WRITE | R_SEEK | R_TELL | R_SET_FLAGS | R_FILESTAT_GET | R_SET_SIZE | R_SET_TIMES | R_ADVISE | R_ALLOCATE | R_SYNC |
               R_DATASYNC | R_POLL;
  int error = path_open(3, 0, P(path), oflags, rights, 0, 0, &fd);
  if (error) {
    show(path, (u32)error);
    proc_exit(99);
  }
  return fd;
}
static u32 write_to(u32 fd, const char *text) {
  struct iovec part = {(void *)text, length_of(text)};
  u32 written = 0;
  int error = fd_write(fd, &part, 1, &written);
  return error ? 1000 + error : written;
}
static void make_file(const char *path, const char *text) {
  u32 fd = open_file(path, O_CREAT);
  write_to(fd, text);
  fd_close(fd);
}
void _start(void);
