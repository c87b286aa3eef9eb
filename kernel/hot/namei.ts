/**
 * Path resolution in memory file systems (man 7 path_resolution; Linux's fs/namei.c): the way of kernel/fs/namei.ts, for paths that lie in
 * memory file systems from end to end. Where one leads elsewhere (proc, host folders), the walk gives RESULT_COLD.
 */
import { EBADF, EFAULT, ELOOP, ENAMETOOLONG, ENOENT, ENOTDIR } from "../abi/errno";
import { AT_FDCWD, X_OK } from "../abi/fcntl";
import { MAXSYMLINKS, NAME_MAX, PATH_MAX } from "../abi/limits";
import { d_lookup, mounted_on } from "./dcache";
import { fd_get } from "./files";
import { inode_accessed, is_directory, is_symlink, permission } from "./inode";
import {
  DENTRY_INODE,
  DENTRY_MOUNT,
  DENTRY_PARENT,
  FILE_DENTRY,
  FILE_MOUNT,
  FS_CWD_DENTRY,
  FS_CWD_MOUNT,
  FS_ROOT_DENTRY,
  FS_ROOT_MOUNT,
  INODE_LINK,
  INODE_MODE,
  INODE_SIZE,
  MOUNT_PARENT,
  MOUNT_POINT,
  MOUNT_ROOT,
  PF_BENEATH,
  PROC_FLAGS,
  PROC_FSGID,
  PROC_FSUID,
  PROC_GID,
  PROC_UID,
  PROTECTED,
  RESULT_COLD,
  TASK_FILES,
  TASK_FS,
  TASK_PROC,
} from "./layout";
import { copy_in_unchecked, user_end } from "./user";

/** A symbolic link at the end is followed. */
export const LOOKUP_FOLLOW: i32 = 1;
/** The result has to be a directory. */
export const LOOKUP_DIRECTORY: i32 = 2;
/** An empty name means the directory descriptor itself (AT_EMPTY_PATH). */
export const LOOKUP_EMPTY: i32 = 4;
/** The walk is for access(2): real ids. */
export const LOOKUP_REAL_IDS: i32 = 8;
/** The walk is for an open(2) that may make the file: with a slash at the end that fails before a link there is followed. */
export const LOOKUP_CREATE: i32 = 16;

/** After a lookup that gave 0: what was found, and whose permissions count. They hold until the next lookup. */
export let found_mount: u32 = 0;
export let found_dentry: u32 = 0;
export let walk_uid: u32 = 0;
export let walk_gid: u32 = 0;
/** The walk has to stay beneath where it begins (PF_BENEATH): what might lead out of there is for the cold half to decide. */
let beneath: bool = false;

/** Two buffers for the path: following a link puts its text, and what is left of the path, into the other one. */
const PATH_BYTES: u32 = 2 * PATH_MAX;
const paths: u32 = <u32>memory.data(8192, 8);
/** Words are read beyond a path's end: into what follows. */
const other_paths: u32 = <u32>memory.data(8200, 8);

const SLASH: u32 = 0x2f;
const DOT: u32 = 0x2e;
const ONES: u64 = 0x0101010101010101;
const HIGHS: u64 = 0x8080808080808080;
const SLASHES: u64 = 0x2f2f2f2f2f2f2f2f;

/** Marks (by 0x80) the first zero byte of a word, and perhaps bytes after it. */
function zero_byte(word: u64): u64 {
  return (word - ONES) & ~word & HIGHS;
}

/** Bytes are copied in by so many at a time: most paths are shorter. */
const PIECE: u32 = 128;

/**
 * Copies a path in from the user, once: what is looked at afterwards can not change. Gives its length, -EFAULT or
 * -ENAMETOOLONG.
 */
function getname(task: u32, address: u32): i32 {
  const size = user_end(task, address);
  if (<u64>address >= size) return -EFAULT;
  const limit = <u32>min<u64>(PATH_MAX, size - address);
  let length: u32 = 0;
  for (let copied: u32 = 0; copied < limit; ) {
    const bytes = min(PIECE, limit - copied);
    copy_in_unchecked(task, paths + copied, address + copied, bytes);
    copied += bytes;
    while (length < copied) {
      const end = zero_byte(load<u64>(paths + length));
      if (!end) {
        length += 8;
        continue;
      }
      length += <u32>(ctz(end) >> 3);
      if (length < copied) return length;
    }
    length = copied;
  }
  return limit < <u32>PATH_MAX ? -EFAULT : -ENAMETOOLONG;
}

/** The end of the component that begins at `at`: a slash or NUL. */
function component_end(at: u32): u32 {
  while (true) {
    const word = load<u64>(at);
    const end = zero_byte(word) | zero_byte(word ^ SLASHES);
    if (end) return at + <u32>(ctz(end) >> 3);
    at += 8;
  }
}

/** Resolves the path at a user address. 0 with found_mount and found_dentry, -errno, or RESULT_COLD. */
export function lookup(task: u32, dirfd: i32, address: u32, flags: i32): i32 {
  const length = getname(task, address);
  return length < 0 ? length : lookup_name(task, dirfd, length, flags);
}

/** As lookup, where an empty path is meant whatever the address (AT_EMPTY_PATH with a null pointer). */
export function lookup_empty(task: u32, dirfd: i32): i32 {
  return lookup_name(task, dirfd, 0, LOOKUP_EMPTY);
}

/** Resolves the path of `length` bytes at `paths`. */
function lookup_name(task: u32, dirfd: i32, length: u32, flags: i32): i32 {
  const proc = load<u32>(task, TASK_PROC);
  const real = flags & LOOKUP_REAL_IDS;
  walk_uid = load<u32>(proc + (real ? PROC_UID : PROC_FSUID));
  walk_gid = load<u32>(proc + (real ? PROC_GID : PROC_FSGID));
  const fs = load<u32>(task, TASK_FS);
  beneath = (load<u32>(proc, PROC_FLAGS) & PF_BENEATH) != 0;
  if (!length && !(flags & LOOKUP_EMPTY)) return -ENOENT;
  if (length && load<u8>(paths) == SLASH) {
    if (beneath) return RESULT_COLD;
    found_mount = load<u32>(fs, FS_ROOT_MOUNT);
    found_dentry = load<u32>(fs, FS_ROOT_DENTRY);
  } else if (dirfd == AT_FDCWD) {
    found_mount = load<u32>(fs, FS_CWD_MOUNT);
    found_dentry = load<u32>(fs, FS_CWD_DENTRY);
  } else {
    const file = fd_get(load<u32>(task, TASK_FILES), dirfd);
    if (!file) return -EBADF;
    found_mount = load<u32>(file, FILE_MOUNT);
    found_dentry = load<u32>(file, FILE_DENTRY);
    if (found_dentry && length && !is_directory(load<u32>(found_dentry, DENTRY_INODE))) return -ENOTDIR;
  }
  if (!found_dentry || !load<u32>(fs, FS_ROOT_DENTRY)) return RESULT_COLD;
  return length ? walk(fs, proc, paths + length, flags) : 0;
}

/** Goes on to whatever is mounted where the walk stands. 0, or RESULT_COLD where that is no memory file system. */
function down(): i32 {
  while (load<u32>(found_dentry, DENTRY_MOUNT)) {
    const mount = mounted_on(found_mount, found_dentry);
    if (!mount) break;
    found_mount = mount;
    found_dentry = load<u32>(mount, MOUNT_ROOT);
    if (!found_dentry) return RESULT_COLD;
  }
  return 0;
}

/** "..": to the parent directory, across mount points, but never above the root. 0 or RESULT_COLD. */
function up(fs: u32): i32 {
  const root_mount = load<u32>(fs, FS_ROOT_MOUNT);
  const root = load<u32>(fs, FS_ROOT_DENTRY);
  while (true) {
    if (found_dentry == root && found_mount == root_mount) return 0;
    if (found_dentry != load<u32>(found_mount, MOUNT_ROOT)) {
      found_dentry = load<u32>(found_dentry, DENTRY_PARENT);
      return down();
    }
    const parent = load<u32>(found_mount, MOUNT_PARENT);
    if (!parent) return 0;
    found_dentry = load<u32>(found_mount, MOUNT_POINT);
    found_mount = parent;
    if (!found_dentry) return RESULT_COLD;
  }
}

/** Walks the path in the first buffer, which ends at `stop`, from where found_mount and found_dentry stand. */
function walk(fs: u32, proc: u32, stop: u32, flags: i32): i32 {
  let buffer = paths;
  let at = buffer;
  let links = 0;
  while (true) {
    while (load<u8>(at) == SLASH) at++;
    if (at == stop) break;
    const inode = load<u32>(found_dentry, DENTRY_INODE);
    if (!is_directory(inode)) return -ENOTDIR;
    // Where everyone may search, nobody needs to be asked who.
    if ((load<u32>(inode, INODE_MODE) & 0o111) != 0o111) {
      const refused = permission(inode, X_OK, walk_uid, walk_gid, proc);
      if (refused) return refused;
    }
    const name = at;
    at = component_end(at);
    const length = at - name;
    let rest = at;
    while (load<u8>(rest) == SLASH) rest++;
    const last = rest == stop;
    // A slash at the end asks for a directory, and looks through a link to it.
    if (last && rest != at) {
      if (flags & LOOKUP_CREATE) return RESULT_COLD;
      flags |= LOOKUP_DIRECTORY | LOOKUP_FOLLOW;
    }
    at = rest;
    if (load<u8>(name) == DOT) {
      if (length == 1) continue;
      if (length == 2 && load<u8>(name, 1) == DOT) {
        const error = beneath ? RESULT_COLD : up(fs);
        if (error) return error;
        continue;
      }
    }
    if (length > <u32>NAME_MAX) return -ENAMETOOLONG;
    const child = d_lookup(found_dentry, name, length);
    if (!child) return -ENOENT;
    const target = load<u32>(child, DENTRY_INODE);
    if (!is_symlink(target) || (last && !(flags & LOOKUP_FOLLOW))) {
      found_dentry = child;
      if (load<u32>(child, DENTRY_MOUNT)) {
        const error = down();
        if (error) return error;
      }
      continue;
    }

    if (++links > MAXSYMLINKS) return -ELOOP;
    if (last && load<u32>(PROTECTED)) return RESULT_COLD;
    const text = load<u32>(target, INODE_LINK);
    const bytes = <u32>load<i64>(target, INODE_SIZE);
    if (!bytes) return -ENOENT;
    const left = stop - at;
    if (bytes + 1 + left > PATH_BYTES) return RESULT_COLD;
    inode_accessed(target, found_mount);
    buffer = buffer == paths ? other_paths : paths;
    memory.copy(buffer, text, bytes);
    store<u8>(buffer + bytes, SLASH);
    memory.copy(buffer + bytes + 1, at, left);
    // What was the last component stays it: no slash follows it that was not there.
    stop = last ? buffer + bytes : buffer + bytes + 1 + left;
    store<u8>(stop, 0);
    at = buffer;
    if (load<u8>(at) == SLASH) {
      if (beneath) return RESULT_COLD;
      found_mount = load<u32>(fs, FS_ROOT_MOUNT);
      found_dentry = load<u32>(fs, FS_ROOT_DENTRY);
    }
  }
  if (flags & LOOKUP_DIRECTORY && !is_directory(load<u32>(found_dentry, DENTRY_INODE))) return -ENOTDIR;
  return 0;
}
