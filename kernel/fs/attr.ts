/** Changing attributes: chmod(2), chown(2), utimensat(2), truncate(2), fallocate(2) and their kin (Linux's fs/open.c, fs/utimes.c). */
import { EBADF, EFBIG, EINVAL, EISDIR, ENODEV, EOPNOTSUPP, EPERM, EROFS, ESPIPE } from "../abi/errno.ts";
import { AT_EMPTY_PATH, AT_FDCWD, AT_SYMLINK_NOFOLLOW } from "../abi/fcntl.ts";
import { S_IFDIR, S_IFIFO, S_IFMT, S_IFREG, S_ISGID, S_ISUID, S_IXGRP, UTIME_NOW, UTIME_OMIT } from "../abi/stat.ts";
import { timespec, timeval, utimbuf } from "../abi/structs.ts";
import { FB_PATH, FB_WRITE } from "../hot/layout.ts";
import type { Handlers } from "../kernel.ts";
import type { Task } from "../task/task.ts";
import { getName } from "./filename.ts";
import type { Attributes, Inode } from "./inode.ts";
import { LOOKUP_FOLLOW } from "./namei.ts";
import { watchPrivileges } from "./open.ts";
import type { Path } from "./path.ts";
import { type Cred, dropPrivileges, MAY_WRITE, permission } from "./permission.ts";
import { limitWrite } from "./read-write.ts";
import { lookupFlags } from "./stat.ts";
import type { Vfs } from "./vfs.ts";

/** The largest file (what the page cache can hold; 2^43 - 1 would be Linux's on 32 bits). */
const MAX_FILE_SIZE = 2 ** 48;

/** Finds what an *at call is about, then runs `change` on it. */
function changeAt(t: Task, dirfd: number, path: number, flags: number, change: (path: Path) => number): number {
  const { walk } = t.kernel.vfs;
  return walk.lookup(t, dirfd, getName(t.mm, path), lookupFlags(flags)) || change(walk);
}

/** The same for a descriptor. */
function changeFile(t: Task, fd: number, change: (path: Path) => number): number {
  const file = t.kernel.vfs.fileOfFd(t, fd);
  if (file === null || file.bits & FB_PATH) return -EBADF;
  t.kernel.vfs.walk.cred.of(t);
  return change(file);
}

function readOnly(path: Path): boolean {
  return path.mount.readOnly;
}

// ---------------------------------------------------------------- mode and owner

export function chmod(vfs: Vfs, path: Path, mode: number, cred: Cred): number {
  if (readOnly(path)) return -EROFS;
  const { inode } = path.dentry;
  const error = inode.refresh();
  if (error) return error;
  if (!cred.owns(inode)) return -EPERM;
  if (inode.isSymlink) return -EOPNOTSUPP;
  let bits = mode & 0o7777;
  if (!cred.inGroup(inode.gid) && !cred.root) bits &= ~S_ISGID;
  const failed = inode.setAttributes({ mode: bits });
  if (!failed) watchPrivileges(vfs, inode);
  return failed;
}

/** uid or gid -1: stays as it is. */
export function chown(path: Path, uid: number, gid: number, cred: Cred): number {
  if (readOnly(path)) return -EROFS;
  const { inode } = path.dentry;
  const error = inode.refresh();
  if (error) return error;
  const attributes: Attributes = {};
  if (uid !== -1) {
    if (!cred.root && (cred.uid !== inode.uid || uid !== inode.uid)) return -EPERM;
    attributes.uid = uid;
  }
  if (gid !== -1) {
    const member = gid === inode.gid || cred.inGroup(gid);
    if (!cred.root && (cred.uid !== inode.uid || !member)) return -EPERM;
    attributes.gid = gid;
  }
  if (!inode.isDirectory) {
    // Whoever gives a program away gives its privileges up, root included.
    const dropSgid = (inode.mode & S_IXGRP) !== 0 || (!cred.inGroup(inode.gid) && !cred.root);
    const mode = inode.mode & ~(S_ISUID | (dropSgid ? S_ISGID : 0));
    if (mode !== inode.mode) attributes.mode = mode & 0o7777;
  }
  return inode.setAttributes(attributes);
}

/** A uid_t or gid_t as a number where all ones are -1. */
function idArgument(id: number): number {
  return id >>> 0 === 0xffffffff ? -1 : id >>> 0;
}

function fchmodat2(t: Task, dirfd: number, path: number, mode: number, flags: number): number {
  if (flags & ~(AT_SYMLINK_NOFOLLOW | AT_EMPTY_PATH)) return -EINVAL;
  const { vfs } = t.kernel;
  return changeAt(t, dirfd, path, flags, (found) => chmod(vfs, found, mode, vfs.walk.cred));
}

function fchownat(t: Task, dirfd: number, path: number, uid: number, gid: number, flags: number): number {
  if (flags & ~(AT_SYMLINK_NOFOLLOW | AT_EMPTY_PATH)) return -EINVAL;
  const { cred } = t.kernel.vfs.walk;
  return changeAt(t, dirfd, path, flags, (found) => chown(found, idArgument(uid), idArgument(gid), cred));
}

// ---------------------------------------------------------------- times

/** New times: [seconds, nanoseconds], "now" or "omit". */
export type NewTime = readonly [number, number] | "now" | "omit";
export type NewTimes = readonly [atime: NewTime, mtime: NewTime];
const BOTH_NOW: NewTimes = ["now", "now"];

export function setTimes(vfs: Vfs, path: Path, times: NewTimes, cred: Cred): number {
  if (readOnly(path)) return -EROFS;
  const { inode } = path.dentry;
  const error = inode.refresh();
  if (error) return error;
  if (times[0] === "now" && times[1] === "now") {
    // Who may write the file may say that it was just written.
    if (!cred.owns(inode)) {
      const denied = permission(inode, MAY_WRITE, cred);
      if (denied) return denied;
    }
  } else if (!cred.owns(inode)) return -EPERM;
  const { seconds, nanoseconds } = vfs.now();
  const attributes: Attributes = {};
  if (times[0] !== "omit") attributes.atime = times[0] === "now" ? [seconds, nanoseconds] : times[0];
  if (times[1] !== "omit") attributes.mtime = times[1] === "now" ? [seconds, nanoseconds] : times[1];
  return inode.setAttributes(attributes);
}

/** Two struct timespecs of utimensat; null at address 0: both now. -EINVAL for impossible nanoseconds. */
function readTimespecs(t: Task, address: number): NewTimes | number {
  if (address === 0) return BOTH_NOW;
  const { view, at } = t.mm.region(address, 2 * timespec.size);
  const times: NewTime[] = [];
  for (let i = 0; i < 2; i++) {
    const { tv_sec, tv_nsec } = timespec.read(view, at + i * timespec.size);
    if (tv_nsec === UTIME_NOW) times.push("now");
    else if (tv_nsec === UTIME_OMIT) times.push("omit");
    else if (tv_nsec < 0 || tv_nsec > 999999999) return -EINVAL;
    else times.push([tv_sec, tv_nsec]);
  }
  return times as unknown as NewTimes;
}

function readTimevals(t: Task, address: number): NewTimes | number {
  if (address === 0) return BOTH_NOW;
  t.mm.check(address, 2 * timeval.size);
  const times: NewTime[] = [];
  for (let i = 0; i < 2; i++) {
    const { tv_sec, tv_usec } = timeval.read(t.mm.view, address + i * timeval.size);
    if (tv_usec < 0 || tv_usec > 999999) return -EINVAL;
    times.push([tv_sec, tv_usec * 1000]);
  }
  return times as unknown as NewTimes;
}

function utimensat(t: Task, dirfd: number, path: number, address: number, flags: number): number {
  const times = readTimespecs(t, address);
  if (typeof times === "number") return times;
  if (times[0] === "omit" && times[1] === "omit") return 0;
  const { vfs } = t.kernel;
  if (path === 0 && dirfd !== AT_FDCWD) {
    if (flags !== 0) return -EINVAL;
    return changeFile(t, dirfd, (found) => setTimes(vfs, found, times, vfs.walk.cred));
  }
  if (flags & ~(AT_SYMLINK_NOFOLLOW | AT_EMPTY_PATH)) return -EINVAL;
  return changeAt(t, dirfd, path, flags, (found) => setTimes(vfs, found, times, vfs.walk.cred));
}

function futimesat(t: Task, dirfd: number, path: number, address: number): number {
  const times = readTimevals(t, address);
  if (typeof times === "number") return times;
  const { vfs } = t.kernel;
  if (path === 0 && dirfd !== AT_FDCWD) {
    return changeFile(t, dirfd, (found) => setTimes(vfs, found, times, vfs.walk.cred));
  }
  return changeAt(t, dirfd, path, 0, (found) => setTimes(vfs, found, times, vfs.walk.cred));
}

function utime(t: Task, path: number, address: number): number {
  let times = BOTH_NOW;
  if (address !== 0) {
    t.mm.check(address, utimbuf.size);
    const { actime, modtime } = utimbuf.read(t.mm.view, address);
    times = [
      [actime, 0],
      [modtime, 0],
    ];
  }
  const { vfs } = t.kernel;
  return changeAt(t, AT_FDCWD, path, 0, (found) => setTimes(vfs, found, times, vfs.walk.cred));
}

// ---------------------------------------------------------------- size

/** truncate(2) on what a path names, permissions and all. `t` null: the kernel's own, without RLIMIT_FSIZE. */
export function truncate(t: Task | null, path: Path, size: number, cred: Cred): number {
  const { inode } = path.dentry;
  if (inode.isDirectory) return -EISDIR;
  if (!inode.isRegular) return -EINVAL;
  if (readOnly(path)) return -EROFS;
  const error = permission(inode, MAY_WRITE, cred) || inode.refresh() || mayResize(t, inode, size);
  if (error) return error;
  const failed = inode.setAttributes({ size });
  if (!failed) dropPrivileges(inode, cred);
  return failed;
}

function mayResize(t: Task | null, inode: Inode, size: number): number {
  if (size <= inode.size) return 0;
  if (size > MAX_FILE_SIZE) return -EFBIG;
  const allowed = t === null ? size : limitWrite(t, inode, 0, size);
  return allowed < 0 ? allowed : allowed < size ? limitWrite(t!, inode, size, 1) : 0;
}

function ftruncate(t: Task, fd: number, size: number): number {
  if (size < 0) return -EINVAL;
  const { vfs } = t.kernel;
  const file = vfs.fileOfFd(t, fd);
  if (file === null || file.bits & FB_PATH) return -EBADF;
  if (!file.inode.isRegular || !(file.bits & FB_WRITE)) return -EINVAL;
  const error = file.inode.refresh() || mayResize(t, file.inode, size) || file.truncate(size);
  if (!error) dropPrivileges(file.inode, vfs.walk.cred.of(t));
  return error;
}

function fallocate(t: Task, fd: number, mode: number, offset: number, length: number): number {
  const file = t.kernel.vfs.fileOfFd(t, fd);
  if (file === null || file.bits & FB_PATH) return -EBADF;
  if (offset < 0 || length <= 0) return -EINVAL;
  if (!(file.bits & FB_WRITE)) return -EBADF;
  const type = file.inode.mode & S_IFMT;
  if (type === S_IFIFO) return -ESPIPE;
  if (type === S_IFDIR) return -EISDIR;
  if (type !== S_IFREG) return -ENODEV;
  if (offset + length > MAX_FILE_SIZE) return -EFBIG;
  const error =
    file.inode.refresh() || mayResize(t, file.inode, offset + length) || file.allocate(mode, offset, length);
  if (!error) dropPrivileges(file.inode, t.kernel.vfs.walk.cred.of(t));
  return error;
}

export const attrCalls: Handlers = {
  chmod: (t, path, mode) => fchmodat2(t, AT_FDCWD, path, mode, 0),
  fchmodat: (t, dirfd, path, mode) => fchmodat2(t, dirfd, path, mode, 0),
  fchmodat2,
  fchmod: (t, fd, mode) => changeFile(t, fd, (path) => chmod(t.kernel.vfs, path, mode, t.kernel.vfs.walk.cred)),
  chown: (t, path, uid, gid) => fchownat(t, AT_FDCWD, path, uid, gid, 0),
  lchown: (t, path, uid, gid) => fchownat(t, AT_FDCWD, path, uid, gid, AT_SYMLINK_NOFOLLOW),
  fchownat,
  fchown: (t, fd, uid, gid) =>
    changeFile(t, fd, (path) => chown(path, idArgument(uid), idArgument(gid), t.kernel.vfs.walk.cred)),
  utimensat,
  futimesat,
  utimes: (t, path, address) => futimesat(t, AT_FDCWD, path, address),
  utime,
  truncate(t, path, size) {
    if (size < 0) return -EINVAL;
    const { walk } = t.kernel.vfs;
    return walk.lookup(t, AT_FDCWD, getName(t.mm, path), LOOKUP_FOLLOW) || truncate(t, walk, size, walk.cred);
  },
  ftruncate,
  fallocate,
};
