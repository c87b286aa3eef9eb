/** open(2) of a regular file or directory that is there, in a memory file system. All else is left to the cold half. */

import { ENFILE, EROFS } from "../abi/errno";
import {
  AT_FDCWD,
  O_ACCMODE,
  O_CLOEXEC,
  O_CREAT,
  O_DIRECTORY,
  O_EXCL,
  O_LARGEFILE,
  O_NOATIME,
  O_NOCTTY,
  O_NOFOLLOW,
  O_PATH,
  O_RDONLY,
  O_TMPFILE,
  O_TRUNC,
  O_WRONLY,
  R_OK,
  W_OK,
} from "../abi/fcntl";
import { S_IFDIR, S_IFMT, S_IFREG, ST_RDONLY } from "../abi/stat";
import { pages_left } from "./alloc";
import { fd_alloc, fd_install, file_new, file_set_path } from "./files";
import { permission } from "./inode";
import {
  DENTRY_INODE,
  FB_READ,
  FB_SEEK,
  FB_WRITE,
  FILE_OBJECT,
  FILES_MAX,
  FILES_OPEN,
  IF_LAZY,
  INODE_FLAGS,
  INODE_HOOKS,
  INODE_MODE,
  KIND_COLD,
  KIND_REG,
  MOUNT_FLAGS,
  PROC_NOFILE,
  PROTECTED,
  RESULT_COLD,
  SPARE_SHARE,
  TASK_FILES,
  TASK_PROC,
} from "./layout";
import {
  found_dentry,
  found_mount,
  LOOKUP_CREATE,
  LOOKUP_DIRECTORY,
  LOOKUP_FOLLOW,
  lookup,
  walk_gid,
  walk_uid,
} from "./namei";

/** Flags that ask for more than to open what is there. */
const NOT_HERE: i32 = O_EXCL | O_TRUNC | O_NOATIME | O_PATH | (O_TMPFILE & ~O_DIRECTORY);
/** open and openat take no notice of flags that they do not know (kernel/fs/open.ts). */
const VALID_FLAGS: i32 = 0o37777777 & ~0o40;
/** What F_GETFL does not show. */
const ONLY_OPENING: i32 = O_CREAT | O_EXCL | O_NOCTTY | O_TRUNC | O_CLOEXEC;

export function sys_open(task: u32, path: u32, flags: i32, mode: i32): i64 {
  return sys_openat(task, AT_FDCWD, path, flags, mode);
}

export function sys_openat(task: u32, dirfd: i32, path: u32, flags: i32, _mode: i32): i64 {
  flags &= VALID_FLAGS;
  const access = flags & O_ACCMODE;
  if (flags & NOT_HERE || access == O_ACCMODE) return RESULT_COLD;
  if (flags & O_CREAT && (flags & O_DIRECTORY || load<u32>(PROTECTED))) return RESULT_COLD;
  const proc = load<u32>(task, TASK_PROC);
  const files = load<u32>(task, TASK_FILES);
  const fd = fd_alloc(files, 0, load<u32>(proc, PROC_NOFILE));
  // A bad or empty name comes before a full table.
  if (fd < 0) return RESULT_COLD;
  let how = flags & O_NOFOLLOW ? 0 : LOOKUP_FOLLOW;
  if (flags & O_DIRECTORY) how |= LOOKUP_DIRECTORY;
  if (flags & O_CREAT) how |= LOOKUP_CREATE;
  const error = lookup(task, dirfd, path, how);
  if (error) return flags & O_CREAT ? <i64>RESULT_COLD : <i64>error;

  const inode = load<u32>(found_dentry, DENTRY_INODE);
  const type = load<i32>(inode, INODE_MODE) & S_IFMT;
  const regular = type == S_IFREG;
  if (regular ? load<u32>(inode, INODE_FLAGS) & IF_LAZY : type != S_IFDIR || access || flags & O_CREAT)
    return RESULT_COLD;
  const wanted = access == O_RDONLY ? R_OK : access == O_WRONLY ? W_OK : R_OK | W_OK;
  const refused = permission(inode, wanted, walk_uid, walk_gid, proc);
  if (refused) return refused;
  if (access && load<u32>(found_mount, MOUNT_FLAGS) & ST_RDONLY) return -EROFS;

  let bits = load<u32>(inode, INODE_HOOKS) | FB_SEEK;
  if (access != O_WRONLY) bits |= FB_READ;
  if (access != O_RDONLY) bits |= FB_WRITE;
  const room = load<u32>(FILES_OPEN) < load<u32>(FILES_MAX) && pages_left(0, SPARE_SHARE);
  const file = room ? file_new(regular ? KIND_REG : KIND_COLD, (flags & ~ONLY_OPENING) | O_LARGEFILE, bits) : 0;
  if (!file) return -ENFILE;
  if (regular) store<u32>(file, inode, FILE_OBJECT);
  file_set_path(file, found_mount, found_dentry);
  fd_install(files, fd, file, flags & O_CLOEXEC ? 1 : 0);
  return fd;
}
