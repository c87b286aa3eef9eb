/** open(2) and its kin. The order of the checks is Linux's (fs/namei.c: path_openat). */
import { E2BIG, EACCES, EBADF, EEXIST, EINVAL, EISDIR, ELOOP, ENOENT, EPERM, EROFS } from "../abi/errno.ts";
import {
  AT_FDCWD,
  CLOSE_RANGE_CLOEXEC,
  CLOSE_RANGE_UNSHARE,
  O_ACCMODE,
  O_CLOEXEC,
  O_CREAT,
  O_DIRECTORY,
  O_EXCL,
  O_NOATIME,
  O_NOFOLLOW,
  O_PATH,
  O_RDWR,
  O_TMPFILE,
  O_TRUNC,
  O_WRONLY,
} from "../abi/fcntl.ts";
import { S_IFBLK, S_IFCHR, S_IFDIR, S_IFIFO, S_IFLNK, S_IFMT, S_IFREG, S_ISVTX } from "../abi/stat.ts";
import { FB_WRITE_HOOK, FILES_CAP } from "../hot/layout.ts";
import type { Handlers } from "../kernel.ts";
import type { Task } from "../task/task.ts";
import { Dentry } from "./dentry.ts";
import { resumeFifo } from "./fifo.ts";
import { type File, PathFile } from "./file.ts";
import { type Filename, getName } from "./filename.ts";
import type { Inode } from "./inode.ts";
import { MNT_NODEV } from "./mount.ts";
import {
  LAST_NORM,
  LAST_ROOT,
  LOOKUP_BENEATH,
  LOOKUP_DIRECTORY,
  LOOKUP_FOLLOW,
  LOOKUP_IN_ROOT,
  LOOKUP_NO_MAGICLINKS,
  LOOKUP_NO_SYMLINKS,
  LOOKUP_NO_XDEV,
} from "./namei.ts";
import type { Path } from "./path.ts";
import {
  type Cred,
  dropPrivileges,
  MAY_EXEC,
  MAY_READ,
  MAY_WRITE,
  mayCreate,
  permission,
  withoutPrivileges,
} from "./permission.ts";
import type { Vfs } from "./vfs.ts";

/** The bit of O_TMPFILE beside O_DIRECTORY. */
const TMPFILE_BIT = O_TMPFILE & ~O_DIRECTORY;
/** MAY_* of an access mode; mode 3 (an old way to open for ioctl alone) asks for both. */
const ACCESS = [MAY_READ, MAY_WRITE, MAY_READ | MAY_WRITE, MAY_READ | MAY_WRITE];

/**
 * Opens a file. `flags` and `mode` as open(2)'s (umask not yet taken off), `lookup`: LOOKUP_* flags of openat2. Gives the File, its
 * description having one reference, or -errno, or what a wait for a FIFO's other side gives.
 */
export function openFile(
  vfs: Vfs,
  t: Task | null,
  dirfd: number,
  name: Filename,
  flags: number,
  mode: number,
  lookup = 0,
): File | number {
  const { walk } = vfs;
  const directory = flags & O_DIRECTORY ? LOOKUP_DIRECTORY : 0;
  if (flags & TMPFILE_BIT) {
    const error = walk.lookup(t, dirfd, name, lookup | LOOKUP_FOLLOW | LOOKUP_DIRECTORY);
    return error || openTmpfile(vfs, t, flags, mode);
  }
  if (!(flags & O_CREAT)) {
    const error = walk.lookup(t, dirfd, name, lookup | directory | (flags & O_NOFOLLOW ? 0 : LOOKUP_FOLLOW));
    return error || openFound(vfs, t, walk, flags, ACCESS[flags & O_ACCMODE]);
  }
  const error = walk.parent(t, dirfd, name, lookup);
  return error || openOrCreate(vfs, t, flags, mode);
}

/** With O_CREAT: the walk stands at the directory. */
function openOrCreate(vfs: Vfs, t: Task | null, flags: number, mode: number): File | number {
  const { walk } = vfs;
  for (;;) {
    if (walk.lastType !== LAST_NORM) {
      const error = walk.lastType === LAST_ROOT ? 0 : walk.finish(0);
      if (error) return error;
      break;
    }
    if (walk.trailingSlash) return -EISDIR;
    const found = walk.lastEntry();
    if (found === null) {
      if (walk.error !== -ENOENT) return walk.error;
      return create(vfs, t, flags, mode);
    }
    if (found.inode.isSymlink && !(flags & (O_NOFOLLOW | O_EXCL))) {
      const error = walk.followLast(found);
      if (error) return error;
      continue;
    }
    const dir = walk.dentry.inode;
    const error = walk.enter(found) || (flags & O_EXCL ? 0 : mayCreateInSticky(vfs, dir, walk.dentry.inode, walk.cred));
    if (error) return error;
    break;
  }
  if (flags & O_EXCL) return -EEXIST;
  if (walk.dentry.inode.isDirectory) return -EISDIR;
  return openFound(vfs, t, walk, flags, ACCESS[flags & O_ACCMODE]);
}

function create(vfs: Vfs, t: Task | null, flags: number, mode: number): File | number {
  const { walk } = vfs;
  const dir = walk.dentry;
  const { cred } = walk;
  if (dir.inode.dead) return -ENOENT;
  if (walk.mount.readOnly) return -EROFS;
  const error = mayCreate(dir.inode, cred);
  if (error) return error;
  const umask = t === null ? 0 : t.fs.umask;
  const inode = dir.inode.create(dir, walk.last, mode & 0o7777 & ~umask, cred);
  if (typeof inode === "number") return inode;
  watchPrivileges(vfs, inode);
  walk.dentry = vfs.newDentry(dir, walk.last, inode);
  // Whoever makes a file may open it, whatever its mode says.
  return openFound(vfs, t, walk, flags & ~O_TRUNC, 0);
}

/** Makes writes to a file with set-user-ID or set-group-ID bits go through the cold half, which takes them away. */
export function watchPrivileges(vfs: Vfs, inode: Inode): void {
  if (inode.isRegular && withoutPrivileges(inode) !== inode.mode) vfs.hook(inode, FB_WRITE_HOOK);
}

/** /proc/sys/fs/protected_regular and protected_fifos (man 5 proc_sys_fs). */
function mayCreateInSticky(vfs: Vfs, dir: Inode, inode: Inode, cred: Cred): number {
  const level = inode.isRegular
    ? vfs.sysctl.protectedRegular
    : (inode.mode & S_IFMT) === S_IFIFO
      ? vfs.sysctl.protectedFifos
      : 0;
  if (level === 0 || !(dir.mode & S_ISVTX) || inode.uid === dir.uid || inode.uid === cred.uid) return 0;
  return dir.mode & 0o002 || (dir.mode & 0o020 && level >= 2) ? -EACCES : 0;
}

/** Opens what the path names, if `access` (MAY_*) is allowed. */
function openFound(vfs: Vfs, t: Task | null, found: Path, flags: number, access: number): File | number {
  const path: Path = { mount: found.mount, dentry: found.dentry };
  const { inode } = path.dentry;
  if (flags & O_PATH) {
    const file = new PathFile(vfs.kernel, path);
    return vfs.attach(file, flags) || file;
  }
  const { cred } = vfs.walk;
  const type = inode.mode & S_IFMT;
  if (flags & O_TRUNC && access !== 0) {
    if (type === S_IFREG) {
      if (path.mount.readOnly) return -EROFS;
      access |= MAY_WRITE;
    } else if (type === S_IFDIR) access |= MAY_WRITE;
  }
  if (type === S_IFLNK) return -ELOOP;
  if (type === S_IFDIR && access & MAY_WRITE) return -EISDIR;
  if ((type === S_IFCHR || type === S_IFBLK) && path.mount.flags & MNT_NODEV) return -EACCES;
  if (access) {
    const error = permission(inode, access, cred);
    if (error) return error;
  }
  if (flags & O_NOATIME && !cred.owns(inode)) return -EPERM;
  const writes = (flags & O_ACCMODE) === O_WRONLY || (flags & O_ACCMODE) === O_RDWR;
  if (writes && path.mount.readOnly && (type === S_IFREG || type === S_IFDIR)) return -EROFS;
  const truncates = (flags & O_TRUNC) !== 0 && type === S_IFREG;
  const file = inode.open(t, path, flags);
  if (typeof file === "number" || !truncates) return file;
  const error = file.truncate(0);
  if (error) {
    vfs.kernel.hot.file_put(file.ptr);
    return error;
  }
  dropPrivileges(inode, cred);
  return file;
}

function openTmpfile(vfs: Vfs, t: Task | null, flags: number, mode: number): File | number {
  const { walk } = vfs;
  const dir = walk.dentry;
  if (walk.mount.readOnly) return -EROFS;
  const error = permission(dir.inode, MAY_WRITE | MAY_EXEC, walk.cred);
  if (error) return error;
  const inode = dir.inode.tmpfile(mode & 0o7777 & ~(t === null ? 0 : t.fs.umask), walk.cred);
  if (typeof inode === "number") return inode;
  inode.linkable = !(flags & O_EXCL);
  const dentry = new Dentry(`#${inode.ino}`, dir, inode);
  dentry.unhashed = true;
  const file = openFound(vfs, t, { mount: walk.mount, dentry }, flags & ~O_EXCL, 0);
  if (typeof file === "number") inode.evictUnused();
  return file;
}

// ---------------------------------------------------------------- calls

function doOpen(t: Task, dirfd: number, address: number, flags: number, mode: number, lookup = 0): number {
  const { vfs } = t.kernel;
  const cloexec = (flags & O_CLOEXEC) !== 0;
  if (t.restarted && t.scratch(0) !== 0) {
    const file = resumeFifo(t);
    return typeof file === "number" ? file : vfs.installFd(t, file.ptr, cloexec);
  }
  if (flags & O_PATH) flags &= O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;
  else if (flags & TMPFILE_BIT) {
    if ((flags & O_TMPFILE) !== O_TMPFILE || flags & O_CREAT) return -EINVAL;
    if (!(ACCESS[flags & O_ACCMODE] & MAY_WRITE)) return -EINVAL;
  } else if ((flags & (O_CREAT | O_DIRECTORY)) === (O_CREAT | O_DIRECTORY)) return -EINVAL;
  const name = getName(t.mm, address);
  if (name.text === "") return -ENOENT;
  const fd = vfs.freeFd(t);
  if (fd < 0) return fd;
  const file = openFile(vfs, t, dirfd, name, flags, mode, lookup);
  if (typeof file === "number") return file;
  t.kernel.hot.fd_install(t.files, fd, file.ptr, cloexec ? 1 : 0);
  return fd;
}

/** open and openat take no notice of flags that they do not know. */
const VALID_FLAGS = 0o37777777 & ~0o40;

// struct open_how: flags u64, mode u64 at 8, resolve u64 at 16.
const OPEN_HOW_SIZE = 24;
const RESOLVE: readonly (readonly [bit: number, lookup: number])[] = [
  [1, LOOKUP_NO_XDEV],
  [2, LOOKUP_NO_MAGICLINKS],
  [4, LOOKUP_NO_SYMLINKS | LOOKUP_NO_MAGICLINKS],
  [8, LOOKUP_BENEATH],
  [16, LOOKUP_IN_ROOT],
  // RESOLVE_CACHED: nothing is ever waited for.
  [32, 0],
];

function openat2(t: Task, dirfd: number, path: number, how: number, size: number): number {
  if (size < OPEN_HOW_SIZE) return -EINVAL;
  if (size > 4096) return -E2BIG;
  t.mm.check(how, size);
  for (let i = OPEN_HOW_SIZE; i < size; i++) if (t.mm.u8[how + i] !== 0) return -E2BIG;
  const flags = t.mm.i64(how);
  const mode = t.mm.i64(how + 8);
  const resolve = t.mm.i64(how + 16);
  if (flags < 0 || flags > VALID_FLAGS || (flags & ~VALID_FLAGS) !== 0) return -EINVAL;
  if (resolve < 0 || resolve > 63 || (resolve & 24) === 24) return -EINVAL;
  const makes = (flags & O_CREAT) !== 0 || (flags & TMPFILE_BIT) !== 0;
  if (makes ? mode < 0 || mode > 0o7777 : mode !== 0) return -EINVAL;
  if (flags & O_PATH && flags & ~(O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)) return -EINVAL;
  let lookup = 0;
  for (const [bit, flag] of RESOLVE) if (resolve & bit) lookup |= flag;
  return doOpen(t, dirfd, path, flags, mode, lookup);
}

/** Closes, or marks close-on-exec, every descriptor from `first` to `last`. */
function closeRange(t: Task, first: number, last: number, flags: number): number {
  if (flags & ~(CLOSE_RANGE_UNSHARE | CLOSE_RANGE_CLOEXEC) || first > last) return -EINVAL;
  const { hot, kmem, vfs } = t.kernel;
  if (flags & CLOSE_RANGE_UNSHARE) t.kernel.unshareFiles(t);
  const end = Math.min(last, kmem.u32[(t.files + FILES_CAP) >> 2] - 1);
  for (let fd = first; fd <= end; fd++) {
    if (flags & CLOSE_RANGE_CLOEXEC) {
      if (hot.fd_get(t.files, fd) !== 0) hot.fd_set_cloexec(t.files, fd, 1);
    } else vfs.closeFd(t, fd);
  }
  return 0;
}

export const openCalls: Handlers = {
  open: (t, path, flags, mode) => doOpen(t, AT_FDCWD, path, flags & VALID_FLAGS, mode),
  openat: (t, dirfd, path, flags, mode) => doOpen(t, dirfd, path, flags & VALID_FLAGS, mode),
  creat: (t, path, mode) => doOpen(t, AT_FDCWD, path, O_CREAT | O_WRONLY | O_TRUNC, mode),
  openat2,
  close: (t, fd) => (t.kernel.vfs.closeFd(t, fd) ? -EBADF : 0),
  close_range: closeRange,
};
