/** Descriptor tables and open file descriptions (man 2 open: "Open file descriptions"). */

import { EBADF, EINVAL, EMFILE, ENOMEM, EOVERFLOW, ESPIPE } from "../abi/errno";
import { F_GETFD, F_GETFL, F_SETFD, FD_CLOEXEC } from "../abi/fcntl";
import { alloc, free } from "./alloc";
import { dget, dput, mntget, mntput } from "./dcache";
import { epoll_file_gone, epoll_release } from "./epoll";
import { eventfd_free } from "./eventfd";
import { cold_close_hook, cold_file_release } from "./imports";
import {
  DENTRY_INODE,
  FB_CLOSE_HOOK,
  FB_PATH,
  FILE_BITS,
  FILE_COLD,
  FILE_DENTRY,
  FILE_EPITEMS,
  FILE_FLAGS,
  FILE_KIND,
  FILE_MOUNT,
  FILE_NEXT,
  FILE_OBJECT,
  FILE_POS,
  FILE_PREV,
  FILE_REFS,
  FILE_SIZE,
  FILES_CAP,
  FILES_NEXT,
  FILES_OPEN,
  FILES_REFS,
  FILES_SIZE,
  FILES_TABLE,
  INODE_FILES,
  INODE_SIZE,
  KIND_EPOLL,
  KIND_EVENTFD,
  KIND_PIPE,
  KIND_REG,
  PROC_NOFILE,
  RESULT_COLD,
  TASK_FILES,
  TASK_PROC,
} from "./layout";
import { pipe_close } from "./pipe";
import { current } from "./sched";

const FIRST_CAP: u32 = 64;
/** RLIMIT_NOFILE can not exceed this (/proc/sys/fs/nr_open). */
const MAX_CAP: u32 = 1048576;

// ---------------------------------------------------------------- open file descriptions

export function file_new(kind: u32, flags: u32, bits: u32): u32 {
  const file = alloc(FILE_SIZE);
  if (!file) return 0;
  store<u32>(file, 1, FILE_REFS);
  store<u32>(file, kind, FILE_KIND);
  store<u32>(file, flags, FILE_FLAGS);
  store<u32>(file, bits, FILE_BITS);
  store<i32>(file, -1, FILE_COLD);
  store<u32>(FILES_OPEN, load<u32>(FILES_OPEN) + 1);
  return file;
}

/** Says what was opened: a mount and a dentry (0 where that has no record), which the description keeps. */
export function file_set_path(file: u32, mount: u32, dentry: u32): void {
  store<u32>(file, mount, FILE_MOUNT);
  mntget(mount);
  if (!dentry) return;
  store<u32>(file, dentry, FILE_DENTRY);
  dget(dentry);
  const inode = load<u32>(dentry, DENTRY_INODE);
  const next = load<u32>(inode, INODE_FILES);
  store<u32>(file, next, FILE_NEXT);
  if (next) store<u32>(next, file, FILE_PREV);
  store<u32>(inode, file, INODE_FILES);
}

/** The description lets go of what file_set_path gave it. */
function leave_path(file: u32): void {
  const mount = load<u32>(file, FILE_MOUNT);
  const dentry = load<u32>(file, FILE_DENTRY);
  if (dentry) {
    const next = load<u32>(file, FILE_NEXT);
    const prev = load<u32>(file, FILE_PREV);
    if (next) store<u32>(next, prev, FILE_PREV);
    if (prev) store<u32>(prev, next, FILE_NEXT);
    else store<u32>(load<u32>(dentry, DENTRY_INODE), next, INODE_FILES);
    dput(dentry);
  }
  if (mount) mntput(mount);
}

export function file_ref(file: u32): void {
  store<u32>(file, load<u32>(file) + 1);
}

export function file_put(file: u32): void {
  const refs = load<u32>(file) - 1;
  store<u32>(file, refs);
  if (refs) return;
  if (load<u32>(file, FILE_EPITEMS)) epoll_file_gone(file);
  const kind = load<u32>(file, FILE_KIND);
  const object = load<u32>(file, FILE_OBJECT);
  if (load<i32>(file, FILE_COLD) >= 0) cold_file_release(file);
  if (kind == KIND_PIPE) pipe_close(object, load<u32>(file, FILE_BITS));
  else if (kind == KIND_EVENTFD) eventfd_free(object);
  else if (kind == KIND_EPOLL) epoll_release(object);
  leave_path(file);
  store<u32>(FILES_OPEN, load<u32>(FILES_OPEN) - 1);
  free(file, FILE_SIZE);
}

// ---------------------------------------------------------------- descriptor tables

export function files_new(): u32 {
  const files = alloc(FILES_SIZE);
  if (!files) return 0;
  const table = alloc(4 * FIRST_CAP);
  store<u32>(files, 1, FILES_REFS);
  store<u32>(files, FIRST_CAP, FILES_CAP);
  store<u32>(files, table, FILES_TABLE);
  return files;
}

export function files_ref(files: u32): void {
  store<u32>(files, load<u32>(files) + 1);
}

/** A copy of a table: the same open file descriptions, for fork. 0 when memory is full. */
export function files_clone(files: u32): u32 {
  const copy = alloc(FILES_SIZE);
  if (!copy) return 0;
  const cap = load<u32>(files, FILES_CAP);
  const table = alloc(4 * cap);
  if (!table) {
    free(copy, FILES_SIZE);
    return 0;
  }
  const from = load<u32>(files, FILES_TABLE);
  for (let i: u32 = 0; i < cap; i++) {
    const entry = load<u32>(from + 4 * i);
    if (entry) {
      file_ref(entry & ~1);
      store<u32>(table + 4 * i, entry);
    }
  }
  store<u32>(copy, 1, FILES_REFS);
  store<u32>(copy, cap, FILES_CAP);
  store<u32>(copy, table, FILES_TABLE);
  store<u32>(copy, load<u32>(files, FILES_NEXT), FILES_NEXT);
  return copy;
}

export function files_put(files: u32): void {
  const refs = load<u32>(files) - 1;
  store<u32>(files, refs);
  if (refs) return;
  const cap = load<u32>(files, FILES_CAP);
  for (let fd: u32 = 0; fd < cap; fd++) {
    const file = fd_take(files, fd);
    if (file) {
      if (load<u32>(file, FILE_BITS) & FB_CLOSE_HOOK) cold_close_hook(current, file);
      file_put(file);
    }
  }
  free(load<u32>(files, FILES_TABLE), 4 * cap);
  free(files, FILES_SIZE);
}

function grow(files: u32, wanted: u32): bool {
  const cap = load<u32>(files, FILES_CAP);
  if (wanted < cap) return true;
  if (wanted >= MAX_CAP) return false;
  let larger = cap;
  while (larger <= wanted) larger <<= 1;
  const table = alloc(4 * larger);
  if (!table) return false;
  memory.copy(table, load<u32>(files, FILES_TABLE), 4 * cap);
  free(load<u32>(files, FILES_TABLE), 4 * cap);
  store<u32>(files, larger, FILES_CAP);
  store<u32>(files, table, FILES_TABLE);
  return true;
}

/** The lowest free descriptor >= min and below limit; the slot is there but still empty. Else -EMFILE, -ENOMEM. */
export function fd_alloc(files: u32, min: u32, limit: u32): i32 {
  const next = load<u32>(files, FILES_NEXT);
  let fd = min > next ? min : next;
  const cap = load<u32>(files, FILES_CAP);
  const table = load<u32>(files, FILES_TABLE);
  while (fd < cap && load<u32>(table + 4 * fd)) fd++;
  if (fd >= limit) return -EMFILE;
  if (!grow(files, fd)) return -ENOMEM;
  if (min <= next) store<u32>(files, fd, FILES_NEXT);
  return fd;
}

export function fd_install(files: u32, fd: u32, file: u32, cloexec: u32): void {
  grow(files, fd);
  store<u32>(load<u32>(files, FILES_TABLE) + 4 * fd, file | (cloexec & 1));
}

export function fd_get(files: u32, fd: u32): u32 {
  if (fd >= load<u32>(files, FILES_CAP)) return 0;
  return load<u32>(load<u32>(files, FILES_TABLE) + 4 * fd) & ~1;
}

export function fd_cloexec(files: u32, fd: u32): i32 {
  if (fd >= load<u32>(files, FILES_CAP)) return 0;
  return load<u32>(load<u32>(files, FILES_TABLE) + 4 * fd) & 1;
}

export function fd_set_cloexec(files: u32, fd: u32, on: u32): void {
  const at = load<u32>(files, FILES_TABLE) + 4 * fd;
  store<u32>(at, (load<u32>(at) & ~1) | (on & 1));
}

export function fd_take(files: u32, fd: u32): u32 {
  const file = fd_get(files, fd);
  if (file) {
    store<u32>(load<u32>(files, FILES_TABLE) + 4 * fd, 0);
    if (fd < load<u32>(files, FILES_NEXT)) store<u32>(files, fd, FILES_NEXT);
  }
  return file;
}

/** Closes one descriptor that is known to be open. */
function close_taken(task: u32, file: u32): void {
  if (load<u32>(file, FILE_BITS) & FB_CLOSE_HOOK) cold_close_hook(task, file);
  file_put(file);
}

export function files_close_exec(files: u32): void {
  const cap = load<u32>(files, FILES_CAP);
  for (let fd: u32 = 0; fd < cap; fd++) {
    if (fd_cloexec(files, fd)) close_taken(current, fd_take(files, fd));
  }
}

// ---------------------------------------------------------------- calls

export function sys_close(task: u32, fd: u32): i64 {
  const file = fd_take(load<u32>(task, TASK_FILES), fd);
  if (!file) return -EBADF;
  close_taken(task, file);
  return 0;
}

export function sys_dup(task: u32, oldfd: u32): i64 {
  const files = load<u32>(task, TASK_FILES);
  const file = fd_get(files, oldfd);
  if (!file) return -EBADF;
  const fd = fd_alloc(files, 0, load<u32>(load<u32>(task, TASK_PROC), PROC_NOFILE));
  if (fd < 0) return fd;
  file_ref(file);
  fd_install(files, fd, file, 0);
  return fd;
}

function dup_to(task: u32, file: u32, newfd: u32, cloexec: u32): i64 {
  const files = load<u32>(task, TASK_FILES);
  if (newfd >= load<u32>(load<u32>(task, TASK_PROC), PROC_NOFILE)) return -EBADF;
  if (!grow(files, newfd)) return -ENOMEM;
  file_ref(file);
  const old = fd_take(files, newfd);
  fd_install(files, newfd, file, cloexec);
  if (old) close_taken(task, old);
  return newfd;
}

export function sys_dup2(task: u32, oldfd: u32, newfd: u32): i64 {
  const file = fd_get(load<u32>(task, TASK_FILES), oldfd);
  if (!file) return -EBADF;
  if (oldfd == newfd) return newfd;
  return dup_to(task, file, newfd, 0);
}

const O_CLOEXEC: i32 = 0o2000000;

export function sys_dup3(task: u32, oldfd: u32, newfd: u32, flags: i32): i64 {
  if (flags & ~O_CLOEXEC) return -EINVAL;
  if (oldfd == newfd) return -EINVAL;
  const file = fd_get(load<u32>(task, TASK_FILES), oldfd);
  if (!file) return -EBADF;
  return dup_to(task, file, newfd, flags ? 1 : 0);
}

/** What is about the descriptor and the description alone; all else is the cold half's. */
export function sys_fcntl(task: u32, fd: u32, command: i32, argument: i64): i64 {
  if (command != F_GETFL && command != F_GETFD && command != F_SETFD) return RESULT_COLD;
  const files = load<u32>(task, TASK_FILES);
  const file = fd_get(files, fd);
  if (!file) return -EBADF;
  if (command == F_GETFL) return load<u32>(file, FILE_FLAGS);
  if (command == F_GETFD) return fd_cloexec(files, fd);
  fd_set_cloexec(files, fd, <u32>argument & FD_CLOEXEC);
  return 0;
}

const SEEK_SET: i32 = 0;
const SEEK_CUR: i32 = 1;
const SEEK_END: i32 = 2;

export function sys_lseek(task: u32, fd: u32, offset: i64, whence: i32): i64 {
  const file = fd_get(load<u32>(task, TASK_FILES), fd);
  if (!file || load<u32>(file, FILE_BITS) & FB_PATH) return -EBADF;
  const kind = load<u32>(file, FILE_KIND);
  if (kind != KIND_REG || whence < SEEK_SET || whence > SEEK_END) {
    return kind == KIND_PIPE ? <i64>-ESPIPE : <i64>RESULT_COLD;
  }
  let from: i64 = 0;
  if (whence == SEEK_CUR) from = load<i64>(file, FILE_POS);
  else if (whence == SEEK_END) from = load<i64>(load<u32>(file, FILE_OBJECT), INODE_SIZE);
  const to = from + offset;
  if (to < 0) return from > 0 && offset > 0 ? <i64>-EOVERFLOW : <i64>-EINVAL;
  store<i64>(file, to, FILE_POS);
  return to;
}
