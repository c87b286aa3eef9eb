/** fsync(2) and its kin, advice about files, statfs(2), extended attributes. */
import { E2BIG, EBADF, EINVAL, EOPNOTSUPP, ERANGE, ESPIPE } from "../abi/errno.ts";
import { AT_FDCWD } from "../abi/fcntl.ts";
import { S_IFIFO, S_IFMT, ST_VALID } from "../abi/stat.ts";
import { statfs as statfsStruct } from "../abi/structs.ts";
import { FB_PATH, FB_READ } from "../hot/layout.ts";
import type { Handlers } from "../kernel.ts";
import type { Task } from "../task/task.ts";
import type { File } from "./file.ts";
import { getName } from "./filename.ts";
import { LOOKUP_FOLLOW } from "./namei.ts";
import type { Path } from "./path.ts";

function fileOf(t: Task, fd: number): File | number {
  const file = t.kernel.vfs.fileOfFd(t, fd);
  return file === null || file.bits & FB_PATH ? -EBADF : file;
}

function fsync(t: Task, fd: number, dataOnly: boolean): number {
  const file = fileOf(t, fd);
  return typeof file === "number" ? file : file.sync(dataOnly);
}

function isPipe(file: File): boolean {
  return (file.inode.mode & S_IFMT) === S_IFIFO;
}

const SYNC_FILE_RANGE_FLAGS = 7;

function syncFileRange(t: Task, fd: number, offset: number, length: number, flags: number): number {
  const file = fileOf(t, fd);
  if (typeof file === "number") return file;
  if (flags & ~SYNC_FILE_RANGE_FLAGS || offset < 0 || length < 0) return -EINVAL;
  if (!file.inode.isRegular && !file.inode.isDirectory && !file.inode.isSymlink) return -ESPIPE;
  return file.inode.isRegular ? file.sync(true) : 0;
}

/** POSIX_FADV_NOREUSE, the last one. */
const ADVICE_MAX = 5;

/** Advice is checked and not needed: everything is in memory, or the host's matter. */
function fadvise(t: Task, fd: number, _offset: number, length: number, advice: number): number {
  const file = fileOf(t, fd);
  if (typeof file === "number") return file;
  if (isPipe(file)) return -ESPIPE;
  return length < 0 || advice < 0 || advice > ADVICE_MAX ? -EINVAL : 0;
}

function readahead(t: Task, fd: number): number {
  const file = fileOf(t, fd);
  if (typeof file === "number" || !(file.bits & FB_READ)) return -EBADF;
  return file.inode.isRegular ? 0 : -EINVAL;
}

const NAME_LENGTH = 255;

function fillStatfs(t: Task, path: Path, address: number): number {
  const { sb } = path.dentry.inode;
  const sizes = sb.sizes();
  t.mm.check(address, statfsStruct.size);
  statfsStruct.write(t.mm.view, address, {
    f_type: sb.magic,
    f_bsize: sizes.blockSize,
    f_blocks: sizes.blocks,
    f_bfree: sizes.freeBlocks,
    f_bavail: sizes.availableBlocks,
    f_files: sizes.files,
    f_ffree: sizes.freeFiles,
    f_fsid: [sb.dev, 0],
    f_namelen: NAME_LENGTH,
    f_frsize: sizes.blockSize,
    f_flags: path.mount.flags | (sb.readOnly ? 1 : 0) | ST_VALID,
  });
  return 0;
}

function statfs(t: Task, path: number, address: number): number {
  const { walk } = t.kernel.vfs;
  return walk.lookup(t, AT_FDCWD, getName(t.mm, path), LOOKUP_FOLLOW) || fillStatfs(t, walk, address);
}

function fstatfs(t: Task, fd: number, address: number): number {
  const file = t.kernel.vfs.fileOfFd(t, fd);
  return file === null ? -EBADF : fillStatfs(t, file, address);
}

// ---------------------------------------------------------------- extended attributes: no file system here has any

const XATTR_NAME_MAX = 255;
const XATTR_SIZE_MAX = 65536;

/** The checks of an attribute's name that come before the file is looked at. */
function checkName(t: Task, address: number): number {
  const name = t.mm.readString(address, XATTR_NAME_MAX + 2);
  return name === "" || name.length > XATTR_NAME_MAX ? -ERANGE : 0;
}

function byPath(
  follow: number,
  result: number,
): (t: Task, path: number, name: number, value: number, size: number) => number {
  return (t, path, name, _value, size) => {
    if (result !== 0) {
      const error = checkName(t, name) || (size > XATTR_SIZE_MAX ? -E2BIG : 0);
      if (error) return error;
    }
    return t.kernel.vfs.walk.lookup(t, AT_FDCWD, getName(t.mm, path), follow) || result;
  };
}

function byFd(result: number): (t: Task, fd: number, name: number) => number {
  return (t, fd, name) => {
    const file = fileOf(t, fd);
    if (typeof file === "number") return file;
    return result === 0 ? 0 : checkName(t, name) || result;
  };
}

export const syncCalls: Handlers = {
  sync(t) {
    for (const mount of t.kernel.vfs.mounts) mount.sb.sync();
    return 0;
  },
  fsync: (t, fd) => fsync(t, fd, false),
  fdatasync: (t, fd) => fsync(t, fd, true),
  syncfs(t, fd) {
    const file = fileOf(t, fd);
    return typeof file === "number" ? file : file.inode.sb.sync();
  },
  sync_file_range: syncFileRange,
  fadvise,
  readahead,
  statfs,
  fstatfs,
  setxattr: byPath(LOOKUP_FOLLOW, -EOPNOTSUPP),
  lsetxattr: byPath(0, -EOPNOTSUPP),
  fsetxattr: byFd(-EOPNOTSUPP),
  getxattr: byPath(LOOKUP_FOLLOW, -EOPNOTSUPP),
  lgetxattr: byPath(0, -EOPNOTSUPP),
  fgetxattr: byFd(-EOPNOTSUPP),
  removexattr: byPath(LOOKUP_FOLLOW, -EOPNOTSUPP),
  lremovexattr: byPath(0, -EOPNOTSUPP),
  fremovexattr: byFd(-EOPNOTSUPP),
  listxattr: byPath(LOOKUP_FOLLOW, 0),
  llistxattr: byPath(0, 0),
  flistxattr: byFd(0),
};
