/** getdents64(2) and getdents(2) for directories of memory file systems. */

import { EBADF, EFAULT, EINVAL, ENOENT, ENOTDIR } from "../abi/errno";
import { O_NOATIME } from "../abi/fcntl";
import { S_IFMT } from "../abi/stat";
import { fd_get } from "./files";
import { inode_accessed, is_directory } from "./inode";
import {
  DENTRY_INODE,
  DENTRY_LENGTH,
  DENTRY_NAME,
  DENTRY_NEXT,
  DENTRY_OFFSET,
  DENTRY_PARENT,
  FB_PATH,
  FILE_BITS,
  FILE_CURSOR,
  FILE_CURSOR_POS,
  FILE_CURSOR_REMOVED,
  FILE_DENTRY,
  FILE_FLAGS,
  FILE_MOUNT,
  FILE_POS,
  IF_DEAD,
  INODE_FIRST,
  INODE_FLAGS,
  INODE_INO,
  INODE_MODE,
  INODE_REMOVED,
  RESULT_COLD,
  TASK_FILES,
} from "./layout";
import { DIRENT_BYTES, DIRENT_D_INO, DIRENT_D_OFF, DIRENT_D_RECLEN, DIRENT_D_TYPE } from "./structs";
import { copy_out_unchecked, user_end } from "./user";

/** Entries on their way to the user, copied out when another may not fit. */
const buffer: u32 = <u32>memory.data(4096, 8);
const BUFFER_BYTES: u32 = 4096;
/** The largest: a name of NAME_MAX, its NUL, the old form's type. */
const LARGEST: u32 = 280;
/** d_type is the type of the mode (<linux/fs_types.h>). */
const TYPE_SHIFT: i32 = 12;

/** Where the next entry goes in the user's memory, the end of the user's buffer, and how much of `buffer` is filled. */
let user: u32 = 0;
let end: u32 = 0;
let filled: u32 = 0;

function flush(task: u32): void {
  copy_out_unchecked(task, user, buffer, filled);
  user += filled;
  filled = 0;
}

/** Adds an entry; false where the user has no room for it. `next`: the position after it. */
function emit(task: u32, old: bool, inode: u32, name: u32, length: u32, next: i64): bool {
  // The name's NUL, and in the old form the type in the last byte.
  const name_at = old ? <u32>DIRENT_D_TYPE : <u32>DIRENT_BYTES;
  const bytes = (name_at + length + (old ? 2 : 1) + 7) & ~7;
  if (filled + bytes > end - user) return false;
  if (filled + LARGEST > BUFFER_BYTES) flush(task);
  const to = buffer + filled;
  store<u64>(to + bytes - 8, 0);
  store<u64>(to, load<u64>(inode, INODE_INO), DIRENT_D_INO);
  store<i64>(to, next, DIRENT_D_OFF);
  store<u16>(to, <u16>bytes, DIRENT_D_RECLEN);
  memory.copy(to + name_at, name, length);
  store<u8>(to + name_at + length, 0);
  const type = (load<u32>(inode, INODE_MODE) & S_IFMT) >> TYPE_SHIFT;
  store<u8>(to + (old ? bytes - 1 : <u32>DIRENT_D_TYPE), <u8>type);
  filled += bytes;
  return true;
}

const DOTS: u32 = <u32>memory.data<u8>([0x2e, 0x2e]);

function read_directory(task: u32, fd: u32, address: u32, size: u32, old: bool): i64 {
  const file = fd_get(load<u32>(task, TASK_FILES), fd);
  if (!file || load<u32>(file, FILE_BITS) & FB_PATH) return -EBADF;
  const dentry = load<u32>(file, FILE_DENTRY);
  if (!dentry) return RESULT_COLD;
  const dir = load<u32>(dentry, DENTRY_INODE);
  if (!is_directory(dir)) return -ENOTDIR;
  if (load<u32>(dir, INODE_FLAGS) & IF_DEAD) return -ENOENT;
  const limit = user_end(task, address);
  if (<u64>address > limit) return -EFAULT;
  const wanted = <u64>address + size;
  user = address;
  end = <u32>min<u64>(min<u64>(wanted, limit), u32.MAX_VALUE);
  filled = 0;

  let pos = load<i64>(file, FILE_POS);
  let full = false;
  // What the position says, in the list: the entry before it, 0 for the beginning.
  let before =
    pos == load<i64>(file, FILE_CURSOR_POS) && load<i64>(file, FILE_CURSOR_REMOVED) == load<i64>(dir, INODE_REMOVED)
      ? load<u32>(file, FILE_CURSOR)
      : 0;
  if (pos == 0) {
    full = !emit(task, old, dir, DOTS, 1, 1);
    if (!full) pos = 1;
  }
  if (pos == 1) {
    const parent = load<u32>(load<u32>(dentry, DENTRY_PARENT), DENTRY_INODE);
    full = !emit(task, old, parent, DOTS, 2, 2);
    if (!full) pos = 2;
  }
  if (pos >= 2) {
    let entry = before ? load<u32>(before, DENTRY_NEXT) : load<u32>(dir, INODE_FIRST);
    while (entry) {
      const offset = load<i64>(entry, DENTRY_OFFSET);
      if (offset >= pos) {
        const inode = load<u32>(entry, DENTRY_INODE);
        full = !emit(task, old, inode, load<u32>(entry, DENTRY_NAME), load<u32>(entry, DENTRY_LENGTH), offset + 1);
        if (full) break;
        pos = offset + 1;
      }
      before = entry;
      entry = load<u32>(entry, DENTRY_NEXT);
    }
  }
  flush(task);
  store<i64>(file, pos, FILE_POS);
  store<i64>(file, pos, FILE_CURSOR_POS);
  store<u32>(file, before, FILE_CURSOR);
  store<i64>(file, load<i64>(dir, INODE_REMOVED), FILE_CURSOR_REMOVED);
  if (!(load<u32>(file, FILE_FLAGS) & O_NOATIME)) inode_accessed(dir, load<u32>(file, FILE_MOUNT));
  if (user == address && full) return <u64>end < wanted ? <i64>-EFAULT : <i64>-EINVAL;
  return user - address;
}

export function sys_getdents64(task: u32, fd: u32, address: u32, size: u32): i64 {
  return read_directory(task, fd, address, size, false);
}

export function sys_getdents(task: u32, fd: u32, address: u32, size: u32): i64 {
  return read_directory(task, fd, address, size, true);
}
