/** open, fcntl, the *at calls, flock, rename and fallocate: x86-64's values of <linux/fcntl.h> and its kin. */

// open(2): the access mode, then flags. O_SYNC holds O_DSYNC, O_TMPFILE holds O_DIRECTORY.
export const O_RDONLY: i32 = 0;
export const O_WRONLY: i32 = 1;
export const O_RDWR: i32 = 2;
export const O_ACCMODE: i32 = 3;
export const O_CREAT: i32 = 0o100;
export const O_EXCL: i32 = 0o200;
export const O_NOCTTY: i32 = 0o400;
export const O_TRUNC: i32 = 0o1000;
export const O_APPEND: i32 = 0o2000;
export const O_NONBLOCK: i32 = 0o4000;
export const O_DSYNC: i32 = 0o10000;
export const O_ASYNC: i32 = 0o20000;
export const O_DIRECT: i32 = 0o40000;
export const O_LARGEFILE: i32 = 0o100000;
export const O_DIRECTORY: i32 = 0o200000;
export const O_NOFOLLOW: i32 = 0o400000;
export const O_NOATIME: i32 = 0o1000000;
export const O_CLOEXEC: i32 = 0o2000000;
export const O_SYNC: i32 = 0o4010000;
export const O_PATH: i32 = 0o10000000;
export const O_TMPFILE: i32 = 0o20200000;

// fcntl(2)
export const F_DUPFD: i32 = 0;
export const F_GETFD: i32 = 1;
export const F_SETFD: i32 = 2;
export const F_GETFL: i32 = 3;
export const F_SETFL: i32 = 4;
export const F_GETLK: i32 = 5;
export const F_SETLK: i32 = 6;
export const F_SETLKW: i32 = 7;
export const F_SETOWN: i32 = 8;
export const F_GETOWN: i32 = 9;
export const F_SETSIG: i32 = 10;
export const F_GETSIG: i32 = 11;
export const F_SETOWN_EX: i32 = 15;
export const F_GETOWN_EX: i32 = 16;
export const F_OFD_GETLK: i32 = 36;
export const F_OFD_SETLK: i32 = 37;
export const F_OFD_SETLKW: i32 = 38;
export const F_SETLEASE: i32 = 1024;
export const F_GETLEASE: i32 = 1025;
export const F_NOTIFY: i32 = 1026;
export const F_DUPFD_CLOEXEC: i32 = 1030;
export const F_SETPIPE_SZ: i32 = 1031;
export const F_GETPIPE_SZ: i32 = 1032;
export const F_ADD_SEALS: i32 = 1033;
export const F_GET_SEALS: i32 = 1034;
export const F_GET_RW_HINT: i32 = 1035;
export const F_SET_RW_HINT: i32 = 1036;

export const FD_CLOEXEC: i32 = 1;

// struct flock's l_type
export const F_RDLCK: i32 = 0;
export const F_WRLCK: i32 = 1;
export const F_UNLCK: i32 = 2;

// flock(2)
export const LOCK_SH: i32 = 1;
export const LOCK_EX: i32 = 2;
export const LOCK_NB: i32 = 4;
export const LOCK_UN: i32 = 8;
export const LOCK_MAND: i32 = 32;

// lseek(2)
export const SEEK_SET: i32 = 0;
export const SEEK_CUR: i32 = 1;
export const SEEK_END: i32 = 2;
export const SEEK_DATA: i32 = 3;
export const SEEK_HOLE: i32 = 4;

// access(2)
export const F_OK: i32 = 0;
export const X_OK: i32 = 1;
export const W_OK: i32 = 2;
export const R_OK: i32 = 4;

// The *at calls. AT_EACCESS is faccessat's, AT_REMOVEDIR unlinkat's, with one value.
export const AT_FDCWD: i32 = -100; // in place of a descriptor: relative to the working directory
export const AT_SYMLINK_NOFOLLOW: i32 = 0x100;
export const AT_EACCESS: i32 = 0x200;
export const AT_REMOVEDIR: i32 = 0x200;
export const AT_SYMLINK_FOLLOW: i32 = 0x400;
export const AT_NO_AUTOMOUNT: i32 = 0x800;
export const AT_EMPTY_PATH: i32 = 0x1000;
export const AT_STATX_SYNC_TYPE: i32 = 0x6000;
export const AT_STATX_SYNC_AS_STAT: i32 = 0;
export const AT_STATX_FORCE_SYNC: i32 = 0x2000;
export const AT_STATX_DONT_SYNC: i32 = 0x4000;

// renameat2(2)
export const RENAME_NOREPLACE: i32 = 1;
export const RENAME_EXCHANGE: i32 = 2;
export const RENAME_WHITEOUT: i32 = 4;

// fallocate(2)
export const FALLOC_FL_KEEP_SIZE: i32 = 1;
export const FALLOC_FL_PUNCH_HOLE: i32 = 2;
export const FALLOC_FL_NO_HIDE_STALE: i32 = 4;
export const FALLOC_FL_COLLAPSE_RANGE: i32 = 8;
export const FALLOC_FL_ZERO_RANGE: i32 = 0x10;
export const FALLOC_FL_INSERT_RANGE: i32 = 0x20;
export const FALLOC_FL_UNSHARE_RANGE: i32 = 0x40;

// posix_fadvise(2)
export const POSIX_FADV_NORMAL: i32 = 0;
export const POSIX_FADV_RANDOM: i32 = 1;
export const POSIX_FADV_SEQUENTIAL: i32 = 2;
export const POSIX_FADV_WILLNEED: i32 = 3;
export const POSIX_FADV_DONTNEED: i32 = 4;
export const POSIX_FADV_NOREUSE: i32 = 5;

// preadv2(2), pwritev2(2)
export const RWF_HIPRI: i32 = 1;
export const RWF_DSYNC: i32 = 2;
export const RWF_SYNC: i32 = 4;
export const RWF_NOWAIT: i32 = 8;
export const RWF_APPEND: i32 = 0x10;

// close_range(2)
export const CLOSE_RANGE_UNSHARE: i32 = 2;
export const CLOSE_RANGE_CLOEXEC: i32 = 4;

// memfd_create(2) and its seals
export const MFD_CLOEXEC: i32 = 1;
export const MFD_ALLOW_SEALING: i32 = 2;
export const F_SEAL_SEAL: i32 = 1;
export const F_SEAL_SHRINK: i32 = 2;
export const F_SEAL_GROW: i32 = 4;
export const F_SEAL_WRITE: i32 = 8;
export const F_SEAL_FUTURE_WRITE: i32 = 0x10;

// Who F_SETOWN_EX means
export const F_OWNER_TID: i32 = 0;
export const F_OWNER_PID: i32 = 1;
export const F_OWNER_PGRP: i32 = 2;
