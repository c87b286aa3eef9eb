/** Inodes of memory file systems: their records, times, and who may do what with them. */

import { EACCES } from "../abi/errno";
import { X_OK } from "../abi/fcntl";
import {
  S_IFDIR,
  S_IFLNK,
  S_IFMT,
  S_IXGRP,
  S_IXOTH,
  S_IXUSR,
  ST_NOATIME,
  ST_NODIRATIME,
  ST_RDONLY,
  ST_RELATIME,
} from "../abi/stat";
import { alloc, free } from "./alloc";
import {
  COARSE_REALTIME,
  INODE_ATIME,
  INODE_ATIME_NS,
  INODE_BTIME,
  INODE_BTIME_NS,
  INODE_CTIME,
  INODE_CTIME_NS,
  INODE_DEV,
  INODE_GID,
  INODE_INO,
  INODE_LINK,
  INODE_MODE,
  INODE_MTIME,
  INODE_MTIME_NS,
  INODE_NEXT_OFFSET,
  INODE_NLINK,
  INODE_SIZE,
  INODE_STRUCT,
  INODE_UID,
  MOUNT_FLAGS,
  PF_GROUPS,
  PROC_FLAGS,
  RESULT_COLD,
} from "./layout";
import { cache_free } from "./pagecache";

/** Seconds after which relatime updates an access time in any case (man 8 mount). */
const DAY: i64 = 86400;
const SECOND: i64 = 1000000000;

/** The coarse clock, in seconds and nanoseconds: divided once a tick. */
let now: i64 = 0;
let now_seconds: i64 = 0;
let now_nanoseconds: u32 = 0;

function read_clock(): void {
  const ns = load<i64>(COARSE_REALTIME);
  if (ns == now) return;
  now = ns;
  now_seconds = ns / SECOND;
  now_nanoseconds = <u32>(ns % SECOND);
}

// ---------------------------------------------------------------- records

/** An inode with one name, made now; 0 where memory is full. */
export function inode_new(dev: u32, ino: f64, mode: u32, uid: u32, gid: u32): u32 {
  const inode = alloc(INODE_STRUCT);
  if (!inode) return 0;
  store<u32>(inode, dev, INODE_DEV);
  store<u64>(inode, <u64>ino, INODE_INO);
  store<u32>(inode, mode, INODE_MODE);
  store<u32>(inode, uid, INODE_UID);
  store<u32>(inode, gid, INODE_GID);
  store<u32>(inode, 1, INODE_NLINK);
  inode_modified(inode);
  store<i64>(inode, now_seconds, INODE_ATIME);
  store<i64>(inode, now_seconds, INODE_BTIME);
  store<u32>(inode, now_nanoseconds, INODE_ATIME_NS);
  store<u32>(inode, now_nanoseconds, INODE_BTIME_NS);
  // "." and ".." are at 0 and 1.
  store<i64>(inode, 2, INODE_NEXT_OFFSET);
  return inode;
}

/** Frees the record and what it holds. */
export function inode_free(inode: u32): void {
  cache_free(inode);
  const text = load<u32>(inode, INODE_LINK);
  if (text) free(text, <u32>load<i64>(inode, INODE_SIZE));
  free(inode, INODE_STRUCT);
}

export function is_type(inode: u32, type: i32): bool {
  return (load<i32>(inode, INODE_MODE) & S_IFMT) == type;
}

export function is_directory(inode: u32): bool {
  return is_type(inode, S_IFDIR);
}

export function is_symlink(inode: u32): bool {
  return is_type(inode, S_IFLNK);
}

// ---------------------------------------------------------------- times

/** Attributes changed now. */
export function inode_changed(inode: u32): void {
  read_clock();
  store<i64>(inode, now_seconds, INODE_CTIME);
  store<u32>(inode, now_nanoseconds, INODE_CTIME_NS);
}

/** The content changed now. */
export function inode_modified(inode: u32): void {
  inode_changed(inode);
  store<i64>(inode, now_seconds, INODE_MTIME);
  store<u32>(inode, now_nanoseconds, INODE_MTIME_NS);
}

/** Whether a time of the inode (its offsets) is later than its access time, or the same. */
function after_access(inode: u32, seconds: u32, nanoseconds: u32): bool {
  const access = load<i64>(inode, INODE_ATIME);
  const other = load<i64>(inode + seconds);
  return access < other || (access == other && load<u32>(inode, INODE_ATIME_NS) <= load<u32>(inode + nanoseconds));
}

/** It was read now, through `mount`, whose flags say what that means for the access time (man 8 mount: relatime...). */
export function inode_accessed(inode: u32, mount: u32): void {
  const flags = load<u32>(mount, MOUNT_FLAGS);
  if (flags & (ST_NOATIME | ST_RDONLY) || (flags & ST_NODIRATIME && is_directory(inode))) return;
  read_clock();
  const due =
    !(flags & ST_RELATIME) ||
    after_access(inode, INODE_MTIME, INODE_MTIME_NS) ||
    after_access(inode, INODE_CTIME, INODE_CTIME_NS) ||
    now_seconds - load<i64>(inode, INODE_ATIME) >= DAY;
  if (!due) return;
  store<i64>(inode, now_seconds, INODE_ATIME);
  store<u32>(inode, now_nanoseconds, INODE_ATIME_NS);
}

// ---------------------------------------------------------------- permission

/**
 * Whether user and group may do `mask` (R_OK, W_OK, X_OK): 0 or -EACCES; RESULT_COLD where it depends on the supplementary groups of
 * `proc`. As permission() in kernel/fs/permission.ts.
 */
export function permission(inode: u32, mask: i32, uid: u32, gid: u32, proc: u32): i32 {
  const mode = load<i32>(inode, INODE_MODE);
  let refused: i32;
  if (uid == load<u32>(inode, INODE_UID)) refused = mask & ~(mode >> 6);
  else if (gid == load<u32>(inode, INODE_GID)) refused = mask & ~(mode >> 3);
  else {
    refused = mask & ~mode;
    const as_member = mask & ~(mode >> 3);
    if (uid && (refused == 0) != (as_member == 0) && load<u32>(proc, PROC_FLAGS) & PF_GROUPS) return RESULT_COLD;
  }
  if (!refused) return 0;
  // Root may search any directory, read and write anything, and execute what anyone may execute.
  if (!uid && (!(mask & X_OK) || (mode & S_IFMT) == S_IFDIR || mode & (S_IXUSR | S_IXGRP | S_IXOTH))) return 0;
  return -EACCES;
}
