/** What is about a descriptor: its flags, rights, attributes, the name it was opened by, and its end. */
import { F_GETFL, F_SETFL, O_APPEND, O_DSYNC, O_NONBLOCK, O_SYNC } from "../../../../kernel/abi/fcntl";
import { UTIME_NOW, UTIME_OMIT } from "../../../../kernel/abi/stat";
import {
  STAT_ST_ATIM,
  STAT_ST_CTIM,
  STAT_ST_DEV,
  STAT_ST_INO,
  STAT_ST_MTIM,
  STAT_ST_NLINK,
  STAT_ST_SIZE,
} from "../../../../kernel/hot/structs";
import {
  ALL_RIGHTS,
  FD_ADVISE,
  FD_ALLOCATE,
  FD_BASE,
  FD_DATASYNC,
  FD_FDSTAT_SET_FLAGS,
  FD_FILESTAT_GET,
  FD_FILESTAT_SET_SIZE,
  FD_FILESTAT_SET_TIMES,
  FD_INHERITING,
  FD_NAME,
  FD_NAME_BYTES,
  FD_OPEN,
  FD_RECORD,
  FD_SYNC,
  FD_TYPE,
  PAGE_BOUNCE,
  PAGE_STAT,
  PAGE_TIMES,
} from "../layout";
import { check, forget, record } from "./descriptors";
import { BADF, error_of, FAULT, INVAL, NAMETOOLONG, NOTCAPABLE, NOTSUP } from "./errno";
import {
  copy_out,
  current,
  SYS_close,
  SYS_dup3,
  SYS_fadvise,
  SYS_fallocate,
  SYS_fcntl,
  SYS_fdatasync,
  SYS_fstat,
  SYS_fsync,
  SYS_ftruncate,
  SYS_utimensat,
} from "./hot";
import { page, page_address, put } from "./user";

// witx: fdflags
const FDFLAGS_APPEND: u32 = 1;
const FDFLAGS_DSYNC: u32 = 2;
const FDFLAGS_NONBLOCK: u32 = 4;
const FDFLAGS_RSYNC: u32 = 8;
const FDFLAGS_SYNC: u32 = 16;
const FDFLAGS_ALL: u32 = 31;
/** Those that only path_open can set. */
const FDFLAGS_ALL_SYNC: u32 = FDFLAGS_DSYNC | FDFLAGS_RSYNC | FDFLAGS_SYNC;

/** open(2)'s flags of fdflags; -1 for unknown ones. Linux's O_RSYNC is O_SYNC. */
export function open_flags(fdflags: u32): i32 {
  if (fdflags & ~FDFLAGS_ALL) return -1;
  let flags = 0;
  if (fdflags & FDFLAGS_APPEND) flags |= O_APPEND;
  if (fdflags & FDFLAGS_DSYNC) flags |= O_DSYNC;
  if (fdflags & FDFLAGS_NONBLOCK) flags |= O_NONBLOCK;
  if (fdflags & (FDFLAGS_RSYNC | FDFLAGS_SYNC)) flags |= O_SYNC;
  return flags;
}

/** fdflags of what F_GETFL gives. */
function fdflags(flags: u32): u32 {
  let found: u32 = 0;
  if (flags & O_APPEND) found |= FDFLAGS_APPEND;
  if (flags & O_NONBLOCK) found |= FDFLAGS_NONBLOCK;
  if ((flags & O_SYNC) == O_SYNC) found |= FDFLAGS_SYNC;
  else if (flags & O_DSYNC) found |= FDFLAGS_DSYNC;
  return found;
}

/** Which right of an inheriting set a descriptor with these flags needs (witx: rights, fd_datasync and fd_sync). */
export function sync_rights(fdflags: u32): u32 {
  return (fdflags & FDFLAGS_DSYNC ? FD_DATASYNC : 0) | (fdflags & (FDFLAGS_RSYNC | FDFLAGS_SYNC) ? FD_SYNC : 0);
}

export function fd_close(fd: u32): u32 {
  const at = record(fd);
  if (!at) return BADF;
  forget(at);
  return error_of(SYS_close(fd));
}

/** Closes `to`, which has to be open, and moves `fd` there. */
export function fd_renumber(fd: u32, to: u32): u32 {
  if (!record(fd) || !record(to)) return BADF;
  if (fd == to) return 0;
  const error = error_of(SYS_dup3(fd, to, 0));
  if (error) return error;
  memory.copy(record(to), record(fd), FD_RECORD);
  forget(record(fd));
  return error_of(SYS_close(fd));
}

/** witx: fdstat: type u8, flags u16 at 2, rights u64 at 8 and 16. */
export function fd_fdstat_get(fd: u32, out: u32): u32 {
  if (!record(fd)) return BADF;
  const flags = SYS_fcntl(fd, F_GETFL, 0);
  if (flags < 0) return error_of(flags);
  const at = record(fd);
  if (!at) return BADF;
  const to = page(PAGE_BOUNCE);
  store<u64>(to, load<u8>(at, FD_TYPE));
  store<u16>(to, <u16>fdflags(<u32>flags), 2);
  store<u64>(to, load<u32>(at, FD_BASE) & ~FD_OPEN, 8);
  store<u64>(to, load<u32>(at, FD_INHERITING), 16);
  return put(out, 24);
}

export function fd_fdstat_set_flags(fd: u32, flags: u32): u32 {
  const refused = check(fd, FD_FDSTAT_SET_FLAGS);
  if (refused) return refused;
  const wanted = open_flags(flags);
  if (wanted < 0) return INVAL;
  if (flags & FDFLAGS_ALL_SYNC) {
    // F_SETFL leaves them as they are (man 2 fcntl): asking for what is so already is no mistake.
    const now = SYS_fcntl(fd, F_GETFL, 0);
    if (now < 0) return error_of(now);
    if (wanted & O_SYNC & ~(<i32>now)) return NOTSUP;
  }
  return error_of(SYS_fcntl(fd, F_SETFL, wanted));
}

/** Rights can only be given up. */
export function fd_fdstat_set_rights(fd: u32, base: u64, inheriting: u64): u32 {
  const at = record(fd);
  if (!at) return BADF;
  if (base & ~(<u64>(load<u32>(at, FD_BASE) & ALL_RIGHTS))) return NOTCAPABLE;
  if (inheriting & ~(<u64>load<u32>(at, FD_INHERITING))) return NOTCAPABLE;
  store<u32>(at, <u32>base | FD_OPEN, FD_BASE);
  store<u32>(at, <u32>inheriting, FD_INHERITING);
  return 0;
}

const SECOND: u64 = 1000000000;

/** Nanoseconds since the epoch of the struct timespec at a kernel address; before it is 0, as there is no sign. */
function timestamp(time: u32): u64 {
  const seconds = load<i64>(time);
  return seconds < 0 ? 0 : <u64>seconds * SECOND + load<u64>(time, 8);
}

/**
 * Gives the guest the struct stat in the page as a filestat: dev, ino u64, type u8, nlink, size, atim, mtim, ctim u64. In the old form nlink
 * is a u32, and what follows lies 8 bytes lower. `type`: FILETYPE_*.
 */
export function put_filestat(out: u32, old: bool, type: u32): u32 {
  const stat = page(PAGE_STAT);
  const to = page(PAGE_BOUNCE);
  store<u64>(to, load<u64>(stat, STAT_ST_DEV));
  store<u64>(to, load<u64>(stat, STAT_ST_INO), 8);
  store<u64>(to, type, 16);
  const nlink = load<u64>(stat, STAT_ST_NLINK);
  if (old) store<u32>(to, <u32>nlink, 20);
  else store<u64>(to, nlink, 24);
  const rest = to + (old ? 24 : 32);
  store<u64>(rest, load<u64>(stat, STAT_ST_SIZE));
  store<u64>(rest, timestamp(stat + STAT_ST_ATIM), 8);
  store<u64>(rest, timestamp(stat + STAT_ST_MTIM), 16);
  store<u64>(rest, timestamp(stat + STAT_ST_CTIM), 24);
  return put(out, old ? 56 : 64);
}

export function filestat(fd: u32, out: u32, old: bool): u32 {
  const refused = check(fd, FD_FILESTAT_GET);
  if (refused) return refused;
  const error = error_of(SYS_fstat(fd, page_address(PAGE_STAT)));
  return error ? error : put_filestat(out, old, load<u8>(record(fd), FD_TYPE));
}

export function fd_filestat_get(fd: u32, out: u32): u32 {
  return filestat(fd, out, false);
}

export function fd_filestat_set_size(fd: u32, size: i64): u32 {
  const refused = check(fd, FD_FILESTAT_SET_SIZE);
  return refused ? refused : error_of(SYS_ftruncate(fd, size));
}

// witx: fstflags
const ATIM: u32 = 1;
const ATIM_NOW: u32 = 2;
const MTIM: u32 = 4;
const MTIM_NOW: u32 = 8;

function put_time(at: u32, time: u64, set: u32, now: u32): void {
  store<u64>(at, time / SECOND);
  store<u64>(at, now ? UTIME_NOW : set ? time % SECOND : UTIME_OMIT, 8);
}

/** Puts the times of utimensat(2) into the page. 0, or INVAL for a time that is to be set to two things. */
export function take_times(atim: u64, mtim: u64, flags: u32): u32 {
  if (flags > 15 || (flags & 3) == (ATIM | ATIM_NOW) || (flags & 12) == (MTIM | MTIM_NOW)) return INVAL;
  const times = page(PAGE_TIMES);
  put_time(times, atim, flags & ATIM, flags & ATIM_NOW);
  put_time(times + 16, mtim, flags & MTIM, flags & MTIM_NOW);
  return 0;
}

export function fd_filestat_set_times(fd: u32, atim: u64, mtim: u64, flags: u32): u32 {
  const refused = check(fd, FD_FILESTAT_SET_TIMES);
  if (refused) return refused;
  const bad = take_times(atim, mtim, flags);
  return bad ? bad : error_of(SYS_utimensat(fd, 0, page_address(PAGE_TIMES), 0));
}

/** witx: advice: normal, sequential, random, willneed, dontneed, noreuse. They are Linux's 0, 2, 1, 3, 4, 5 (man 2 posix_fadvise). */
function linux_advice(advice: u32): u32 {
  return advice == 1 ? 2 : advice == 2 ? 1 : advice;
}

export function fd_advise(fd: u32, offset: i64, length: i64, advice: u32): u32 {
  const refused = check(fd, FD_ADVISE);
  if (refused) return refused;
  return advice > 5 ? INVAL : error_of(SYS_fadvise(fd, offset, length, linux_advice(advice)));
}

export function fd_allocate(fd: u32, offset: i64, length: i64): u32 {
  const refused = check(fd, FD_ALLOCATE);
  return refused ? refused : error_of(SYS_fallocate(fd, 0, offset, length));
}

export function fd_sync(fd: u32): u32 {
  const refused = check(fd, FD_SYNC);
  return refused ? refused : error_of(SYS_fsync(fd));
}

export function fd_datasync(fd: u32): u32 {
  const refused = check(fd, FD_DATASYNC);
  return refused ? refused : error_of(SYS_fdatasync(fd));
}

/** witx: prestat: tag u8 (0: a directory), length of the name u32 at 4. */
export function fd_prestat_get(fd: u32, out: u32): u32 {
  const at = record(fd);
  if (!at || !load<u32>(at, FD_NAME)) return BADF;
  const to = page(PAGE_BOUNCE);
  store<u32>(to, 0);
  store<u32>(to, load<u16>(at, FD_NAME_BYTES), 4);
  return put(out, 8);
}

export function fd_prestat_dir_name(fd: u32, out: u32, size: u32): u32 {
  const at = record(fd);
  if (!at || !load<u32>(at, FD_NAME)) return BADF;
  const bytes: u32 = load<u16>(at, FD_NAME_BYTES);
  if (size < bytes) return NAMETOOLONG;
  return copy_out(current, out, load<u32>(at, FD_NAME), bytes) ? 0 : FAULT;
}
