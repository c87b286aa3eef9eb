/** stat(2) and its kin, statx(2), access(2), readlink(2). */
import { EACCES, EBADF, EINVAL, ENOENT, EROFS } from "../abi/errno.ts";
import {
  AT_EACCESS,
  AT_EMPTY_PATH,
  AT_FDCWD,
  AT_NO_AUTOMOUNT,
  AT_STATX_SYNC_TYPE,
  AT_SYMLINK_NOFOLLOW,
  F_OK,
  R_OK,
  W_OK,
  X_OK,
} from "../abi/fcntl.ts";
import {
  S_IFDIR,
  S_IFLNK,
  S_IFMT,
  S_IFREG,
  STATX_ATTR_MOUNT_ROOT,
  STATX_BASIC_STATS,
  STATX_BTIME,
} from "../abi/stat.ts";
import { stat as statStruct, statx as statxStruct, writeStat } from "../abi/structs.ts";
import type { Handlers } from "../kernel.ts";
import { encodeString } from "../mm/address-space.ts";
import type { Task } from "../task/task.ts";
import { Filename, getName } from "./filename.ts";
import type { Inode } from "./inode.ts";
import { MNT_NOEXEC, majorOf, minorOf } from "./mount.ts";
import { LOOKUP_EMPTY, LOOKUP_FOLLOW, LOOKUP_REAL_IDS } from "./namei.ts";
import { permission } from "./permission.ts";

/** What stat writes; kept and filled anew each time, for it is the most frequent of all calls that name files. */
const buffer = {
  st_dev: 0,
  st_ino: 0,
  st_nlink: 0,
  st_mode: 0,
  st_uid: 0,
  st_gid: 0,
  st_rdev: 0,
  st_size: 0,
  st_blksize: 0,
  st_blocks: 0,
  st_atim: { tv_sec: 0, tv_nsec: 0 },
  st_mtim: { tv_sec: 0, tv_nsec: 0 },
  st_ctim: { tv_sec: 0, tv_nsec: 0 },
};

/** The inode's attributes in the form of stat(2). The same object every time. */
function statOf(inode: Inode): typeof buffer {
  buffer.st_dev = inode.sb.dev;
  buffer.st_ino = inode.ino;
  buffer.st_nlink = inode.nlink;
  buffer.st_mode = inode.mode;
  buffer.st_uid = inode.uid;
  buffer.st_gid = inode.gid;
  buffer.st_rdev = inode.rdev;
  buffer.st_size = inode.size;
  buffer.st_blksize = inode.sb.blockSize;
  buffer.st_blocks = inode.blocks;
  buffer.st_atim.tv_sec = inode.atime;
  buffer.st_atim.tv_nsec = inode.atimeNs;
  buffer.st_mtim.tv_sec = inode.mtime;
  buffer.st_mtim.tv_nsec = inode.mtimeNs;
  buffer.st_ctim.tv_sec = inode.ctime;
  buffer.st_ctim.tv_nsec = inode.ctimeNs;
  return buffer;
}

function fillStat(t: Task, inode: Inode, address: number): number {
  const error = inode.refresh();
  if (error) return error;
  const { view, at } = t.mm.region(address, statStruct.size);
  writeStat(view, at, statOf(inode));
  return 0;
}

function statNamed(t: Task, path: number, address: number, lookup: number): number {
  const { walk } = t.kernel.vfs;
  return walk.lookup(t, AT_FDCWD, getName(t.mm, path), lookup) || fillStat(t, walk.dentry.inode, address);
}

function fstat(t: Task, fd: number, address: number): number {
  const file = t.kernel.vfs.fileOfFd(t, fd);
  return file === null ? -EBADF : fillStat(t, file.inode, address);
}

/** LOOKUP_* of AT_* flags. */
export function lookupFlags(flags: number): number {
  return (flags & AT_SYMLINK_NOFOLLOW ? 0 : LOOKUP_FOLLOW) | (flags & AT_EMPTY_PATH ? LOOKUP_EMPTY : 0);
}

const EMPTY = new Filename("");

/** A path; with AT_EMPTY_PATH a null pointer is an empty one (Linux 6.11 and later). */
function nameOrEmpty(t: Task, path: number, flags: number): Filename {
  return path === 0 && flags & AT_EMPTY_PATH ? EMPTY : getName(t.mm, path);
}

const STAT_FLAGS = AT_SYMLINK_NOFOLLOW | AT_NO_AUTOMOUNT | AT_EMPTY_PATH | AT_STATX_SYNC_TYPE;

function newfstatat(t: Task, dirfd: number, path: number, address: number, flags: number): number {
  if (flags & ~STAT_FLAGS) return -EINVAL;
  const { walk } = t.kernel.vfs;
  const error = walk.lookup(t, dirfd, nameOrEmpty(t, path, flags), lookupFlags(flags));
  return error || fillStat(t, walk.dentry.inode, address);
}

const STATX_RESERVED = 0x80000000;

function statx(t: Task, dirfd: number, path: number, flags: number, mask: number, address: number): number {
  if (mask & STATX_RESERVED) return -EINVAL;
  if (flags & ~STAT_FLAGS || (flags & AT_STATX_SYNC_TYPE) === AT_STATX_SYNC_TYPE) return -EINVAL;
  const { walk } = t.kernel.vfs;
  const error = walk.lookup(t, dirfd, nameOrEmpty(t, path, flags), lookupFlags(flags)) || walk.dentry.inode.refresh();
  if (error) return error;
  t.mm.check(address, statxStruct.size);
  const { inode } = walk.dentry;
  const { sb } = inode;
  const time = (tv_sec: number, tv_nsec: number) => ({ tv_sec, tv_nsec });
  statxStruct.write(t.mm.view, address, {
    stx_mask: STATX_BASIC_STATS | (inode.btime > 0 ? mask & STATX_BTIME : 0),
    stx_blksize: sb.blockSize,
    stx_attributes: walk.dentry === walk.mount.root ? STATX_ATTR_MOUNT_ROOT : 0,
    stx_nlink: inode.nlink,
    stx_uid: inode.uid,
    stx_gid: inode.gid,
    stx_mode: inode.mode,
    stx_ino: inode.ino,
    stx_size: inode.size,
    stx_blocks: inode.blocks,
    stx_attributes_mask: STATX_ATTR_MOUNT_ROOT,
    stx_atime: time(inode.atime, inode.atimeNs),
    stx_btime: time(inode.btime, inode.btimeNs),
    stx_ctime: time(inode.ctime, inode.ctimeNs),
    stx_mtime: time(inode.mtime, inode.mtimeNs),
    stx_rdev_major: majorOf(inode.rdev),
    stx_rdev_minor: minorOf(inode.rdev),
    stx_dev_major: majorOf(sb.dev),
    stx_dev_minor: minorOf(sb.dev),
  });
  return 0;
}

/** access(2): what the real ids may do; with AT_EACCESS, the effective ones. */
function faccessat(t: Task, dirfd: number, path: number, mode: number, flags: number): number {
  if (mode & ~(R_OK | W_OK | X_OK) || flags & ~(AT_EACCESS | AT_SYMLINK_NOFOLLOW | AT_EMPTY_PATH)) return -EINVAL;
  const { walk } = t.kernel.vfs;
  const ids = flags & AT_EACCESS ? 0 : LOOKUP_REAL_IDS;
  const error = walk.lookup(t, dirfd, getName(t.mm, path), lookupFlags(flags) | ids);
  if (error || mode === F_OK) return error;
  const { inode } = walk.dentry;
  const type = inode.mode & S_IFMT;
  if (mode & X_OK && type === S_IFREG && walk.mount.flags & MNT_NOEXEC) return -EACCES;
  const stale = inode.refresh();
  if (stale) return stale;
  const denied = permission(inode, mode, walk.cred);
  if (denied) return denied;
  const writable = type === S_IFREG || type === S_IFDIR || type === S_IFLNK;
  return mode & W_OK && writable && walk.mount.readOnly ? -EROFS : 0;
}

function readlinkat(t: Task, dirfd: number, path: number, address: number, size: number): number {
  if (size === 0 || size > 0x7fffffff) return -EINVAL;
  const { vfs } = t.kernel;
  const name = getName(t.mm, path);
  const error = vfs.walk.lookup(t, dirfd, name, LOOKUP_EMPTY);
  if (error) return name.text === "" && error === -EBADF ? -ENOENT : error;
  const { inode } = vfs.walk.dentry;
  if (!inode.isSymlink) return name.text === "" ? -ENOENT : -EINVAL;
  const target = inode.readlink(t);
  if (typeof target === "number") return target;
  inode.accessed(vfs.walk.mount);
  const bytes = encodeString(target.text);
  t.mm.copyOut(address, bytes.length > size ? bytes.subarray(0, size) : bytes);
  return Math.min(bytes.length, size);
}

export const statCalls: Handlers = {
  stat: (t, path, address) => statNamed(t, path, address, LOOKUP_FOLLOW),
  lstat: (t, path, address) => statNamed(t, path, address, 0),
  fstat,
  newfstatat,
  statx,
  access: (t, path, mode) => faccessat(t, AT_FDCWD, path, mode, 0),
  faccessat: (t, dirfd, path, mode) => faccessat(t, dirfd, path, mode, 0),
  faccessat2: faccessat,
  readlink: (t, path, address, size) => readlinkat(t, AT_FDCWD, path, address, size),
  readlinkat,
};
