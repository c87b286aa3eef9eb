/**
 * Making, removing and moving names: mkdir(2), mknod(2), symlink(2), link(2), unlink(2), rmdir(2), rename(2). The functions serve the
 * kernel itself, too (`t` null: root). The order of the checks is Linux's (fs/namei.c).
 */
import {
  EBUSY,
  EEXIST,
  EINVAL,
  EISDIR,
  ENAMETOOLONG,
  ENOENT,
  ENOTDIR,
  ENOTEMPTY,
  EPERM,
  EROFS,
  EXDEV,
} from "../abi/errno.ts";
import {
  AT_EMPTY_PATH,
  AT_FDCWD,
  AT_REMOVEDIR,
  AT_SYMLINK_FOLLOW,
  RENAME_EXCHANGE,
  RENAME_NOREPLACE,
} from "../abi/fcntl.ts";
import { PATH_MAX } from "../abi/limits.ts";
import {
  S_IFBLK,
  S_IFCHR,
  S_IFDIR,
  S_IFIFO,
  S_IFMT,
  S_IFREG,
  S_IFSOCK,
  S_ISGID,
  S_ISUID,
  S_ISVTX,
  S_IXGRP,
} from "../abi/stat.ts";
import type { Handlers } from "../kernel.ts";
import type { Task } from "../task/task.ts";
import type { Dentry } from "./dentry.ts";
import { type Filename, getName } from "./filename.ts";
import type { Inode } from "./inode.ts";
import type { Mount } from "./mount.ts";
import { LAST_DOT, LAST_DOTDOT, LAST_NORM, LOOKUP_EMPTY, LOOKUP_FOLLOW } from "./namei.ts";
import { watchPrivileges } from "./open.ts";
import { type Cred, MAY_READ, MAY_WRITE, mayCreate, mayDelete, permission } from "./permission.ts";
import type { Vfs } from "./vfs.ts";

// ---------------------------------------------------------------- making

/** What makes the entry: the directory, its dentry, name and mode are ready. The new inode or -errno. */
type Make = (dir: Inode, dentry: Dentry, name: string, cred: Cred) => Inode | number;

/** Goes to where a new entry is to be and makes it. */
function makeEntry(
  vfs: Vfs,
  t: Task | null,
  dirfd: number,
  name: Filename,
  isDirectory: boolean,
  make: Make,
  mountOf: Mount | null = null,
): number {
  const { walk } = vfs;
  const error = walk.parent(t, dirfd, name, 0);
  if (error) return error;
  if (walk.lastType !== LAST_NORM) return -EEXIST;
  if (walk.lastEntry() !== null) return -EEXIST;
  if (walk.error !== -ENOENT) return walk.error;
  if (walk.trailingSlash && !isDirectory) return -ENOENT;
  if (walk.mount.readOnly) return -EROFS;
  if (mountOf !== null && walk.mount !== mountOf) return -EXDEV;
  const dir = walk.dentry;
  const denied = mayCreate(dir.inode, walk.cred);
  if (denied) return denied;
  const inode = make(dir.inode, dir, walk.last, walk.cred);
  if (typeof inode === "number") return inode;
  vfs.newDentry(dir, walk.last, inode);
  return 0;
}

function umaskOf(t: Task | null): number {
  return t === null ? 0 : t.fs.umask;
}

export function mkdir(vfs: Vfs, t: Task | null, dirfd: number, name: Filename, mode: number): number {
  const bits = mode & (0o777 | S_ISVTX) & ~umaskOf(t);
  return makeEntry(vfs, t, dirfd, name, true, (dir, dentry, last, cred) => dir.mkdir(dentry, last, bits, cred));
}

const NODE_TYPES: readonly number[] = [0, S_IFREG, S_IFCHR, S_IFBLK, S_IFIFO, S_IFSOCK];

export function mknod(vfs: Vfs, t: Task | null, dirfd: number, name: Filename, mode: number, dev: number): number {
  const type = mode & S_IFMT;
  if (type === S_IFDIR) return -EPERM;
  if (!NODE_TYPES.includes(type)) return -EINVAL;
  const device = type === S_IFCHR || type === S_IFBLK;
  const bits = (type || S_IFREG) | (mode & 0o7777 & ~umaskOf(t));
  return makeEntry(vfs, t, dirfd, name, false, (dir, dentry, last, cred) => {
    if (device && !cred.root) return -EPERM;
    const inode = dir.mknod(dentry, last, bits, device ? dev : 0, cred);
    if (typeof inode !== "number") watchPrivileges(vfs, inode);
    return inode;
  });
}

export function symlink(vfs: Vfs, t: Task | null, target: string, dirfd: number, name: Filename): number {
  if (target === "") return -ENOENT;
  if (target.length >= PATH_MAX) return -ENAMETOOLONG;
  return makeEntry(vfs, t, dirfd, name, false, (dir, dentry, last, cred) => dir.symlink(dentry, last, target, cred));
}

/** /proc/sys/fs/protected_hardlinks: only what one could read and write anyway, and nothing privileged. */
function mayLink(vfs: Vfs, inode: Inode, cred: Cred): number {
  if (!vfs.sysctl.protectedHardlinks || cred.owns(inode)) return 0;
  const setgid = (inode.mode & (S_ISGID | S_IXGRP)) === (S_ISGID | S_IXGRP);
  if (!inode.isRegular || inode.mode & S_ISUID || setgid) return -EPERM;
  return permission(inode, MAY_READ | MAY_WRITE, cred) ? -EPERM : 0;
}

export function link(
  vfs: Vfs,
  t: Task | null,
  oldDirfd: number,
  oldName: Filename,
  newDirfd: number,
  newName: Filename,
  lookup: number,
): number {
  const error = vfs.walk.lookup(t, oldDirfd, oldName, lookup);
  if (error) return error;
  const from = vfs.walk.dentry;
  const { inode } = from;
  return makeEntry(
    vfs,
    t,
    newDirfd,
    newName,
    false,
    (dir, dentry, last, cred) => {
      const denied = mayLink(vfs, inode, cred);
      if (denied) return denied;
      if (inode.sb !== dir.sb) return -EXDEV;
      if (inode.isDirectory) return -EPERM;
      if (inode.nlink === 0 && !inode.linkable) return -ENOENT;
      return dir.link(dentry, last, inode, from) || inode;
    },
    vfs.walk.mount,
  );
}

// ---------------------------------------------------------------- removing

export function unlink(vfs: Vfs, t: Task | null, dirfd: number, name: Filename): number {
  const { walk } = vfs;
  const error = walk.parent(t, dirfd, name, 0);
  if (error) return error;
  if (walk.lastType !== LAST_NORM) return -EISDIR;
  if (walk.mount.readOnly) return -EROFS;
  const entry = walk.lastEntry();
  if (entry === null) return walk.error;
  if (walk.trailingSlash) return entry.inode.isDirectory ? -EISDIR : -ENOTDIR;
  const dir = walk.dentry.inode;
  const denied = mayDelete(dir, entry, false, walk.cred);
  if (denied) return denied;
  if (entry.mounts > 0) return -EBUSY;
  const failed = dir.unlink(entry);
  if (!failed) entry.drop();
  return failed;
}

export function rmdir(vfs: Vfs, t: Task | null, dirfd: number, name: Filename): number {
  const { walk } = vfs;
  const error = walk.parent(t, dirfd, name, 0);
  if (error) return error;
  if (walk.lastType === LAST_DOTDOT) return -ENOTEMPTY;
  if (walk.lastType === LAST_DOT) return -EINVAL;
  if (walk.lastType !== LAST_NORM) return -EBUSY;
  if (walk.mount.readOnly) return -EROFS;
  const entry = walk.lastEntry();
  if (entry === null) return walk.error;
  const dir = walk.dentry.inode;
  const denied = mayDelete(dir, entry, true, walk.cred);
  if (denied) return denied;
  if (entry.mounts > 0) return -EBUSY;
  const failed = dir.rmdir(entry);
  if (!failed) entry.drop();
  return failed;
}

// ---------------------------------------------------------------- moving

export function rename(
  vfs: Vfs,
  t: Task | null,
  oldDirfd: number,
  oldName: Filename,
  newDirfd: number,
  newName: Filename,
  flags: number,
): number {
  const exchange = (flags & RENAME_EXCHANGE) !== 0;
  const noReplace = (flags & RENAME_NOREPLACE) !== 0;
  if (flags & ~(RENAME_EXCHANGE | RENAME_NOREPLACE) || (exchange && noReplace)) return -EINVAL;
  const { walk } = vfs;
  let error = walk.parent(t, oldDirfd, oldName, 0);
  if (error) return error;
  const { mount, dentry: oldDir, last: oldLast, lastType: oldType, trailingSlash: oldSlash } = walk;
  error = walk.parent(t, newDirfd, newName, 0);
  if (error) return error;
  const { dentry: newDir, last: newLast, trailingSlash: newSlash, cred } = walk;
  if (mount !== walk.mount) return -EXDEV;
  if (oldType !== LAST_NORM) return -EBUSY;
  if (walk.lastType !== LAST_NORM) return noReplace ? -EEXIST : -EBUSY;
  if (mount.readOnly) return -EROFS;

  walk.dentry = oldDir;
  walk.last = oldLast;
  const entry = walk.lastEntry();
  if (entry === null) return walk.error;
  walk.dentry = newDir;
  walk.last = newLast;
  const target = walk.lastEntry();
  if (target === null && walk.error !== -ENOENT) return walk.error;
  if (target === null ? exchange : noReplace) return target === null ? -ENOENT : -EEXIST;
  if (exchange && !target!.inode.isDirectory && newSlash) return -ENOTDIR;
  const { isDirectory } = entry.inode;
  if (!isDirectory && (oldSlash || (!exchange && newSlash))) return -ENOTDIR;
  // A directory can not go below itself, nor replace one that holds it.
  if (newDir.isWithin(entry)) return -EINVAL;
  if (target !== null && oldDir.isWithin(target)) return exchange ? -EINVAL : -ENOTEMPTY;

  if (target !== null && entry.inode === target.inode) return 0;
  error = mayDelete(oldDir.inode, entry, isDirectory, cred);
  if (error) return error;
  if (target === null) error = mayCreate(newDir.inode, cred);
  else error = mayDelete(newDir.inode, target, exchange ? target.inode.isDirectory : isDirectory, cred);
  if (error) return error;
  if (oldDir !== newDir) {
    // Its ".." changes: that is a write to the directory that moves.
    if (isDirectory) error = permission(entry.inode, MAY_WRITE, cred);
    if (!error && exchange && target!.inode.isDirectory) error = permission(target!.inode, MAY_WRITE, cred);
    if (error) return error;
  }
  if (entry.mounts > 0 || (target !== null && target.mounts > 0)) return -EBUSY;
  error = oldDir.inode.rename(entry, newDir, newLast, target, exchange);
  if (error) return error;
  move(entry, oldDir, newDir, newLast, target, exchange);
  return 0;
}

/** The dcache's side of a rename that was done. */
function move(
  entry: Dentry,
  oldDir: Dentry,
  newDir: Dentry,
  name: string,
  target: Dentry | null,
  exchange: boolean,
): void {
  const oldName = entry.name;
  if (!exchange) target?.drop();
  entry.moveTo(newDir, name);
  if (exchange) target?.moveTo(oldDir, oldName);
}

// ---------------------------------------------------------------- calls

function linkat(t: Task, oldDirfd: number, from: number, newDirfd: number, to: number, flags: number): number {
  if (flags & ~(AT_SYMLINK_FOLLOW | AT_EMPTY_PATH)) return -EINVAL;
  const oldName = getName(t.mm, from);
  const newName = getName(t.mm, to);
  // Only root may give a name to what it has but a descriptor of (CAP_DAC_READ_SEARCH).
  const { vfs } = t.kernel;
  if (flags & AT_EMPTY_PATH && oldName.text === "" && !vfs.walk.cred.of(t).root) return -ENOENT;
  const lookup = (flags & AT_SYMLINK_FOLLOW ? LOOKUP_FOLLOW : 0) | (flags & AT_EMPTY_PATH ? LOOKUP_EMPTY : 0);
  return link(vfs, t, oldDirfd, oldName, newDirfd, newName, lookup);
}

function unlinkat(t: Task, dirfd: number, path: number, flags: number): number {
  if (flags & ~AT_REMOVEDIR) return -EINVAL;
  const remove = flags & AT_REMOVEDIR ? rmdir : unlink;
  return remove(t.kernel.vfs, t, dirfd, getName(t.mm, path));
}

function renameat2(t: Task, oldDirfd: number, from: number, newDirfd: number, to: number, flags: number): number {
  return rename(t.kernel.vfs, t, oldDirfd, getName(t.mm, from), newDirfd, getName(t.mm, to), flags);
}

function symlinkat(t: Task, target: number, dirfd: number, path: number): number {
  return symlink(t.kernel.vfs, t, getName(t.mm, target).text, dirfd, getName(t.mm, path));
}

export const nameCalls: Handlers = {
  mkdir: (t, path, mode) => mkdir(t.kernel.vfs, t, AT_FDCWD, getName(t.mm, path), mode),
  mkdirat: (t, dirfd, path, mode) => mkdir(t.kernel.vfs, t, dirfd, getName(t.mm, path), mode),
  mknod: (t, path, mode, dev) => mknod(t.kernel.vfs, t, AT_FDCWD, getName(t.mm, path), mode, dev),
  mknodat: (t, dirfd, path, mode, dev) => mknod(t.kernel.vfs, t, dirfd, getName(t.mm, path), mode, dev),
  symlink: (t, target, path) => symlinkat(t, target, AT_FDCWD, path),
  symlinkat,
  link: (t, from, to) => linkat(t, AT_FDCWD, from, AT_FDCWD, to, 0),
  linkat,
  unlink: (t, path) => unlinkat(t, AT_FDCWD, path, 0),
  rmdir: (t, path) => unlinkat(t, AT_FDCWD, path, AT_REMOVEDIR),
  unlinkat,
  rename: (t, from, to) => renameat2(t, AT_FDCWD, from, AT_FDCWD, to, 0),
  renameat: (t, oldDirfd, from, newDirfd, to) => renameat2(t, oldDirfd, from, newDirfd, to, 0),
  renameat2,
};
