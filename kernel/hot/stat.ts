/** stat(2) and its kin, statx(2), access(2), readlink(2), for files of memory file systems. What is wrong with arguments the cold half says. */

import { EBADF, EFAULT, ENOENT, EROFS } from "../abi/errno";
import {
  AT_EACCESS,
  AT_EMPTY_PATH,
  AT_FDCWD,
  AT_NO_AUTOMOUNT,
  AT_STATX_SYNC_TYPE,
  AT_SYMLINK_NOFOLLOW,
  R_OK,
  W_OK,
  X_OK,
} from "../abi/fcntl";
import {
  S_IFDIR,
  S_IFLNK,
  S_IFMT,
  S_IFREG,
  ST_NOEXEC,
  ST_RDONLY,
  STATX_ATTR_MOUNT_ROOT,
  STATX_BASIC_STATS,
  STATX_BTIME,
} from "../abi/stat";
import { fd_get } from "./files";
import { inode_accessed, is_symlink, permission } from "./inode";
import {
  DENTRY_INODE,
  FILE_DENTRY,
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
  INODE_NLINK,
  INODE_PAGES,
  INODE_RDEV,
  INODE_SIZE,
  INODE_UID,
  MOUNT_FLAGS,
  MOUNT_ROOT,
  PAGE_SIZE,
  RESULT_COLD,
  TASK_FILES,
  TASK_PROC,
} from "./layout";
import {
  found_dentry,
  found_mount,
  LOOKUP_EMPTY,
  LOOKUP_FOLLOW,
  LOOKUP_REAL_IDS,
  lookup,
  lookup_empty,
  walk_gid,
  walk_uid,
} from "./namei";
import {
  STAT_BYTES,
  STAT_ST_ATIM,
  STAT_ST_BLKSIZE,
  STAT_ST_BLOCKS,
  STAT_ST_CTIM,
  STAT_ST_DEV,
  STAT_ST_GID,
  STAT_ST_INO,
  STAT_ST_MODE,
  STAT_ST_MTIM,
  STAT_ST_NLINK,
  STAT_ST_RDEV,
  STAT_ST_SIZE,
  STAT_ST_UID,
  STATX_BYTES,
  STATX_STX_ATIME,
  STATX_STX_ATTRIBUTES,
  STATX_STX_ATTRIBUTES_MASK,
  STATX_STX_BLKSIZE,
  STATX_STX_BLOCKS,
  STATX_STX_BTIME,
  STATX_STX_CTIME,
  STATX_STX_DEV_MAJOR,
  STATX_STX_DEV_MINOR,
  STATX_STX_GID,
  STATX_STX_INO,
  STATX_STX_MASK,
  STATX_STX_MODE,
  STATX_STX_MTIME,
  STATX_STX_NLINK,
  STATX_STX_RDEV_MAJOR,
  STATX_STX_RDEV_MINOR,
  STATX_STX_SIZE,
  STATX_STX_UID,
} from "./structs";
import { copy_out, copy_out_unchecked, user_ok } from "./user";

/** 512-byte blocks of a page. */
const PAGE_BLOCKS: u64 = 8;

/** A struct stat and a struct statx on their way to the user; padding stays zero. */
const stat_buffer: u32 = <u32>memory.data(144, 8);
const statx_buffer: u32 = <u32>memory.data(256, 8);

/** A struct timespec: seconds are at `seconds` of the inode, nanoseconds at `nanoseconds`. */
function put_time(to: u32, inode: u32, seconds: u32, nanoseconds: u32): void {
  store<i64>(to, load<i64>(inode + seconds));
  store<u64>(to, load<u32>(inode + nanoseconds), 8);
}

function fill_stat(task: u32, inode: u32, address: u32): i64 {
  const to = stat_buffer;
  store<u64>(to, load<u32>(inode, INODE_DEV), STAT_ST_DEV);
  store<u64>(to, load<u64>(inode, INODE_INO), STAT_ST_INO);
  store<u64>(to, load<u32>(inode, INODE_NLINK), STAT_ST_NLINK);
  store<u32>(to, load<u32>(inode, INODE_MODE), STAT_ST_MODE);
  store<u32>(to, load<u32>(inode, INODE_UID), STAT_ST_UID);
  store<u32>(to, load<u32>(inode, INODE_GID), STAT_ST_GID);
  store<u64>(to, load<u64>(inode, INODE_RDEV), STAT_ST_RDEV);
  store<i64>(to, load<i64>(inode, INODE_SIZE), STAT_ST_SIZE);
  store<u64>(to, PAGE_SIZE, STAT_ST_BLKSIZE);
  store<u64>(to, PAGE_BLOCKS * load<u32>(inode, INODE_PAGES), STAT_ST_BLOCKS);
  put_time(to + STAT_ST_ATIM, inode, INODE_ATIME, INODE_ATIME_NS);
  put_time(to + STAT_ST_MTIM, inode, INODE_MTIME, INODE_MTIME_NS);
  put_time(to + STAT_ST_CTIM, inode, INODE_CTIME, INODE_CTIME_NS);
  return copy_out(task, address, to, STAT_BYTES) ? 0 : <i64>-EFAULT;
}

function stat_found(task: u32, error: i32, address: u32): i64 {
  return error ? <i64>error : fill_stat(task, load<u32>(found_dentry, DENTRY_INODE), address);
}

export function sys_stat(task: u32, path: u32, address: u32): i64 {
  return stat_found(task, lookup(task, AT_FDCWD, path, LOOKUP_FOLLOW), address);
}

export function sys_lstat(task: u32, path: u32, address: u32): i64 {
  return stat_found(task, lookup(task, AT_FDCWD, path, 0), address);
}

export function sys_fstat(task: u32, fd: u32, address: u32): i64 {
  const file = fd_get(load<u32>(task, TASK_FILES), fd);
  if (!file) return -EBADF;
  const dentry = load<u32>(file, FILE_DENTRY);
  return dentry ? fill_stat(task, load<u32>(dentry, DENTRY_INODE), address) : <i64>RESULT_COLD;
}

const STAT_FLAGS: i32 = AT_SYMLINK_NOFOLLOW | AT_NO_AUTOMOUNT | AT_EMPTY_PATH | AT_STATX_SYNC_TYPE;

/** Resolves the path of an *at call. An empty path may come as a null pointer (Linux 6.11 and later). */
function lookup_at(task: u32, dirfd: i32, path: u32, flags: i32, more: i32): i32 {
  if (!path && flags & AT_EMPTY_PATH) return lookup_empty(task, dirfd);
  if (!(flags & AT_SYMLINK_NOFOLLOW)) more |= LOOKUP_FOLLOW;
  if (flags & AT_EMPTY_PATH) more |= LOOKUP_EMPTY;
  return lookup(task, dirfd, path, more);
}

export function sys_newfstatat(task: u32, dirfd: i32, path: u32, address: u32, flags: i32): i64 {
  if (flags & ~STAT_FLAGS) return RESULT_COLD;
  return stat_found(task, lookup_at(task, dirfd, path, flags, 0), address);
}

/** The two halves of a device number, as userspace's makedev packs them. */
function major_of(dev: u64): u32 {
  return <u32>(((dev >> 8) & 0xfff) | ((dev >> 32) & 0xfffff000));
}

function minor_of(dev: u64): u32 {
  return <u32>((dev & 0xff) | ((dev >> 12) & 0xfff00));
}

export function sys_statx(task: u32, dirfd: i32, path: u32, flags: i32, mask: u32, address: u32): i64 {
  if (<i32>mask < 0 || flags & ~STAT_FLAGS || (flags & AT_STATX_SYNC_TYPE) == AT_STATX_SYNC_TYPE) return RESULT_COLD;
  const error = lookup_at(task, dirfd, path, flags, 0);
  if (error) return error;
  const inode = load<u32>(found_dentry, DENTRY_INODE);
  const to = statx_buffer;
  const dev = load<u32>(inode, INODE_DEV);
  const rdev = load<u64>(inode, INODE_RDEV);
  const born = load<i64>(inode, INODE_BTIME) > 0 ? mask & STATX_BTIME : 0;
  store<u32>(to, STATX_BASIC_STATS | born, STATX_STX_MASK);
  store<u32>(to, PAGE_SIZE, STATX_STX_BLKSIZE);
  const is_root = found_dentry == load<u32>(found_mount, MOUNT_ROOT);
  store<u64>(to, is_root ? STATX_ATTR_MOUNT_ROOT : 0, STATX_STX_ATTRIBUTES);
  store<u32>(to, load<u32>(inode, INODE_NLINK), STATX_STX_NLINK);
  store<u32>(to, load<u32>(inode, INODE_UID), STATX_STX_UID);
  store<u32>(to, load<u32>(inode, INODE_GID), STATX_STX_GID);
  store<u16>(to, <u16>load<u32>(inode, INODE_MODE), STATX_STX_MODE);
  store<u64>(to, load<u64>(inode, INODE_INO), STATX_STX_INO);
  store<i64>(to, load<i64>(inode, INODE_SIZE), STATX_STX_SIZE);
  store<u64>(to, PAGE_BLOCKS * load<u32>(inode, INODE_PAGES), STATX_STX_BLOCKS);
  store<u64>(to, STATX_ATTR_MOUNT_ROOT, STATX_STX_ATTRIBUTES_MASK);
  put_time(to + STATX_STX_ATIME, inode, INODE_ATIME, INODE_ATIME_NS);
  put_time(to + STATX_STX_BTIME, inode, INODE_BTIME, INODE_BTIME_NS);
  put_time(to + STATX_STX_CTIME, inode, INODE_CTIME, INODE_CTIME_NS);
  put_time(to + STATX_STX_MTIME, inode, INODE_MTIME, INODE_MTIME_NS);
  store<u32>(to, major_of(rdev), STATX_STX_RDEV_MAJOR);
  store<u32>(to, minor_of(rdev), STATX_STX_RDEV_MINOR);
  store<u32>(to, major_of(dev), STATX_STX_DEV_MAJOR);
  store<u32>(to, minor_of(dev), STATX_STX_DEV_MINOR);
  return copy_out(task, address, to, STATX_BYTES) ? 0 : <i64>-EFAULT;
}

export function sys_access(task: u32, path: u32, mode: i32): i64 {
  return sys_faccessat2(task, AT_FDCWD, path, mode, 0);
}

export function sys_faccessat(task: u32, dirfd: i32, path: u32, mode: i32, _flags: i32): i64 {
  return sys_faccessat2(task, dirfd, path, mode, 0);
}

/** What the real ids may do; with AT_EACCESS, the effective ones. */
export function sys_faccessat2(task: u32, dirfd: i32, path: u32, mode: i32, flags: i32): i64 {
  if (mode & ~(R_OK | W_OK | X_OK) || flags & ~(AT_EACCESS | AT_SYMLINK_NOFOLLOW | AT_EMPTY_PATH)) return RESULT_COLD;
  // Here a null pointer is no empty path.
  if (!path) return RESULT_COLD;
  const error = lookup_at(task, dirfd, path, flags, flags & AT_EACCESS ? 0 : LOOKUP_REAL_IDS);
  if (error || !mode) return error;
  const inode = load<u32>(found_dentry, DENTRY_INODE);
  const type = load<i32>(inode, INODE_MODE) & S_IFMT;
  const mount_flags = load<u32>(found_mount, MOUNT_FLAGS);
  if (mode & X_OK && type == S_IFREG && mount_flags & ST_NOEXEC) return RESULT_COLD;
  const refused = permission(inode, mode, walk_uid, walk_gid, load<u32>(task, TASK_PROC));
  if (refused) return refused;
  const writable = type == S_IFREG || type == S_IFDIR || type == S_IFLNK;
  return mode & W_OK && writable && mount_flags & ST_RDONLY ? <i64>-EROFS : 0;
}

export function sys_readlink(task: u32, path: u32, address: u32, size: i32): i64 {
  return sys_readlinkat(task, AT_FDCWD, path, address, size);
}

export function sys_readlinkat(task: u32, dirfd: i32, path: u32, address: u32, size: i32): i64 {
  if (size <= 0) return RESULT_COLD;
  const error = lookup(task, dirfd, path, 0);
  if (error) return error == -ENOENT ? <i64>RESULT_COLD : <i64>error;
  const inode = load<u32>(found_dentry, DENTRY_INODE);
  if (!is_symlink(inode)) return RESULT_COLD;
  const length = <i32>min<i64>(load<i64>(inode, INODE_SIZE), size);
  inode_accessed(inode, found_mount);
  if (!user_ok(task, address, length)) return -EFAULT;
  copy_out_unchecked(task, address, load<u32>(inode, INODE_LINK), length);
  return length;
}
