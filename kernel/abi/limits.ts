/** Limits that Linux does not let a process change: <linux/limits.h> and manual pages. */

// Lengths in bytes; PATH_MAX counts the final NUL, NAME_MAX does not. PIPE_BUF: writes to a pipe up to here are atomic (man 7 pipe).
export const NAME_MAX: i32 = 255;
export const PATH_MAX: i32 = 4096;
export const PIPE_BUF: i32 = 4096;

// The largest number of elements of an iovec array (man 2 readv).
export const IOV_MAX: i32 = 1024;

// The most bytes that one read or write moves (man 2 read).
export const MAX_RW_COUNT: i32 = 0x7ffff000;

// Symbolic links followed in one path before ELOOP (man 7 path_resolution).
export const MAXSYMLINKS: i32 = 40;
