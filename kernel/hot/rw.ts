/** read(2), write(2) and their vector and positioned forms, on every kind of file that the hot half serves. */

import { EAGAIN, EBADF, EFAULT, EINVAL, ENOSPC, EPIPE, ESPIPE } from "../abi/errno";
import { SIGPIPE } from "../abi/signal";
import { eventfd_read, eventfd_write } from "./eventfd";
import { fd_get } from "./files";
import { inode_accessed } from "./inode";
import {
  ERESTARTSYS,
  EVENTFD_WQ,
  FB_PATH,
  FB_READ,
  FB_READ_HOOK,
  FB_WRITE,
  FB_WRITE_HOOK,
  FILE_BITS,
  FILE_FLAGS,
  FILE_KIND,
  FILE_MOUNT,
  FILE_OBJECT,
  FILE_POS,
  INODE_SIZE,
  KIND_COLD,
  KIND_EVENTFD,
  KIND_FULL,
  KIND_NULL,
  KIND_PIPE,
  KIND_REG,
  KIND_SOCKET,
  KIND_ZERO,
  PIPE_BUF,
  PIPE_READERS,
  PIPE_RQ,
  PIPE_WQ,
  PROC_FSIZE,
  RESULT_BLOCK,
  RESULT_COLD,
  RESULT_EFBIG,
  RESULT_EPIPE,
  RING_LEN,
  TASK_FILES,
  TASK_PROC,
  TASK_RESTARTED,
  TASK_SCRATCH,
  TASK_WAKE,
  WAIT_EXCLUSIVE,
  WAKE_SIGNAL,
} from "./layout";
import { cache_copy_in, cache_copy_out } from "./pagecache";
import { pipe_read, pipe_write } from "./pipe";
import { ring_space } from "./ring";
import { signal_self } from "./signal";
import { socket_recv, socket_send, socket_stopped, socket_write, socket_writes } from "./socket";
import { BOUNCE, copy_in, fill_unchecked, user_ok } from "./user";
import { wait_add } from "./wait";

const O_NONBLOCK: u32 = 0o4000;
const O_APPEND: u32 = 0o2000;
const O_NOATIME: u32 = 0o1000000;
/** Most bytes one call moves (man 2 read). */
export const MAX_RW: u32 = 0x7ffff000;
const IOV_MAX: i32 = 1024;
/** As the position: the file's own. */
const POS_FILE: i64 = -1;

/** Ends a try that would block: -EAGAIN unless it `waits`, what was done before a signal, -ERESTARTSYS, or a block on `queue`. */
export function would_block(task: u32, waits: bool, queue: u32, done: u32): i64 {
  if (!waits) return done ? <i64>done : <i64>-EAGAIN;
  if (load<u32>(task, TASK_RESTARTED) && load<u32>(task, TASK_WAKE) == WAKE_SIGNAL) {
    return done ? <i64>done : <i64>-ERESTARTSYS;
  }
  store<f64>(task, done, TASK_SCRATCH);
  wait_add(task, queue, WAIT_EXCLUSIVE);
  return RESULT_BLOCK;
}

/** Whether reads and writes of the description wait. */
function waits(file: u32): bool {
  return !(load<u32>(file, FILE_FLAGS) & O_NONBLOCK);
}

/** The readers are gone: EPIPE, or what was written before, and SIGPIPE in either case. */
function broken_pipe(task: u32, done: u32): i64 {
  if (!done) return RESULT_EPIPE;
  signal_self(task, SIGPIPE);
  return done;
}

/** Reads into one checked range. `pos`: where in a file, or POS_FILE. */
function read_one(task: u32, file: u32, dst: u32, bytes: u32, pos: i64): i64 {
  const kind = load<u32>(file, FILE_KIND);
  const object = load<u32>(file, FILE_OBJECT);
  if (kind == KIND_PIPE) {
    if (!bytes) return 0;
    const count = pipe_read(object, task, dst, bytes);
    return count == -EAGAIN ? would_block(task, waits(file), object + PIPE_RQ, 0) : count;
  }
  if (kind == KIND_SOCKET) return bytes ? socket_recv(task, file, dst, bytes, 0) : 0;
  if (kind == KIND_REG) {
    const at = pos == POS_FILE ? load<i64>(file, FILE_POS) : pos;
    const count = cache_copy_out(object, task, dst, at, bytes);
    if (pos == POS_FILE) store<i64>(file, at + count, FILE_POS);
    if (bytes && !(load<u32>(file, FILE_FLAGS) & O_NOATIME)) inode_accessed(object, load<u32>(file, FILE_MOUNT));
    return count;
  }
  if (kind == KIND_NULL) return 0;
  if (kind == KIND_ZERO || kind == KIND_FULL) {
    fill_unchecked(task, dst, 0, bytes);
    return bytes;
  }
  if (kind == KIND_EVENTFD) {
    const count = eventfd_read(object, task, dst, bytes);
    return count == -EAGAIN ? would_block(task, waits(file), object + EVENTFD_WQ, 0) : count;
  }
  return RESULT_COLD;
}

/** Writes one checked range, of which `done` bytes went out before a block. */
function write_one(task: u32, file: u32, src: u32, bytes: u32, pos: i64, done: u32): i64 {
  const kind = load<u32>(file, FILE_KIND);
  const object = load<u32>(file, FILE_OBJECT);
  if (kind == KIND_PIPE) {
    if (!bytes) return 0;
    while (done < bytes) {
      // What follows a first part is no longer atomic, but a short rest must not be treated as a new atomic write.
      const space = ring_space(object);
      const part = done && space ? min(space, bytes - done) : bytes - done;
      const count = pipe_write(object, task, src + done, part);
      if (count == -EPIPE) return broken_pipe(task, done);
      if (count == -EAGAIN) return would_block(task, waits(file), object + PIPE_WQ, done);
      if (count < 0) return done ? <i64>done : <i64>count;
      done += count;
    }
    return bytes;
  }
  if (kind == KIND_SOCKET) return socket_send(task, file, src, bytes, 0, done);
  if (kind == KIND_REG) {
    let at = pos == POS_FILE ? load<i64>(file, FILE_POS) : pos;
    if (load<u32>(file, FILE_FLAGS) & O_APPEND) at = load<i64>(object, INODE_SIZE);
    if (!bytes) return 0;
    const limit = load<u64>(load<u32>(task, TASK_PROC), PROC_FSIZE);
    if (<u64>at + bytes > limit) {
      if (<u64>at >= limit) return RESULT_EFBIG;
      bytes = <u32>(limit - at);
    }
    const count = cache_copy_in(object, task, src, at, bytes);
    if (count > 0 && pos == POS_FILE) store<i64>(file, at + count, FILE_POS);
    return count;
  }
  if (kind == KIND_NULL || kind == KIND_ZERO) return bytes;
  if (kind == KIND_FULL) return -ENOSPC;
  if (kind == KIND_EVENTFD) {
    const count = eventfd_write(object, task, src, bytes);
    return count == -EAGAIN ? would_block(task, waits(file), object + EVENTFD_WQ, 0) : count;
  }
  return RESULT_COLD;
}

/** The description behind a descriptor if `need` (FB_*) allows; 0 for EBADF. */
function file_for(task: u32, fd: u32, need: u32): u32 {
  const file = fd_get(load<u32>(task, TASK_FILES), fd);
  if (!file || (load<u32>(file, FILE_BITS) & (need | FB_PATH)) != need) return 0;
  return file;
}

export function sys_read(task: u32, fd: u32, dst: u32, bytes: u32): i64 {
  const file = file_for(task, fd, FB_READ);
  if (!file) return -EBADF;
  if (load<u32>(file, FILE_BITS) & FB_READ_HOOK) return RESULT_COLD;
  if (<i32>bytes < 0) return -EINVAL;
  if (!user_ok(task, dst, bytes)) return -EFAULT;
  return read_one(task, file, dst, min(bytes, MAX_RW), POS_FILE);
}

export function sys_write(task: u32, fd: u32, src: u32, bytes: u32): i64 {
  const file = file_for(task, fd, FB_WRITE);
  if (!file) return -EBADF;
  if (load<u32>(file, FILE_BITS) & FB_WRITE_HOOK) return RESULT_COLD;
  if (<i32>bytes < 0) return -EINVAL;
  if (!user_ok(task, src, bytes)) return -EFAULT;
  const done = load<u32>(task, TASK_RESTARTED) ? <u32>load<f64>(task, TASK_SCRATCH) : 0;
  return write_one(task, file, src, min(bytes, MAX_RW), POS_FILE, done);
}

export function sys_pread64(task: u32, fd: u32, dst: u32, bytes: u32, pos: i64): i64 {
  if (pos < 0) return -EINVAL;
  const file = fd_get(load<u32>(task, TASK_FILES), fd);
  if (!file || load<u32>(file, FILE_BITS) & FB_PATH) return -EBADF;
  const kind = load<u32>(file, FILE_KIND);
  if (kind == KIND_PIPE || kind == KIND_EVENTFD || kind == KIND_SOCKET) return -ESPIPE;
  if (!(load<u32>(file, FILE_BITS) & FB_READ)) return -EBADF;
  if (load<u32>(file, FILE_BITS) & FB_READ_HOOK) return RESULT_COLD;
  if (<i32>bytes < 0) return -EINVAL;
  if (!user_ok(task, dst, bytes)) return -EFAULT;
  return read_one(task, file, dst, min(bytes, MAX_RW), pos);
}

export function sys_pwrite64(task: u32, fd: u32, src: u32, bytes: u32, pos: i64): i64 {
  if (pos < 0) return -EINVAL;
  const file = fd_get(load<u32>(task, TASK_FILES), fd);
  if (!file || load<u32>(file, FILE_BITS) & FB_PATH) return -EBADF;
  const kind = load<u32>(file, FILE_KIND);
  if (kind == KIND_PIPE || kind == KIND_EVENTFD || kind == KIND_SOCKET) return -ESPIPE;
  if (!(load<u32>(file, FILE_BITS) & FB_WRITE)) return -EBADF;
  if (load<u32>(file, FILE_BITS) & FB_WRITE_HOOK) return RESULT_COLD;
  if (<i32>bytes < 0) return -EINVAL;
  if (!user_ok(task, src, bytes)) return -EFAULT;
  return write_one(task, file, src, min(bytes, MAX_RW), pos, 0);
}

/** Sum of an iovec array's lengths; -EINVAL, -EFAULT. Checks every range. */
function iovec_total(task: u32, iov: u32, count: i32): i64 {
  if (count < 0 || count > IOV_MAX) return -EINVAL;
  if (!user_ok(task, iov, 8 * count)) return -EFAULT;
  let total: u64 = 0;
  for (let i = 0; i < count; i++) {
    copy_in(task, BOUNCE, iov + 8 * i, 8);
    const length = load<u32>(BOUNCE, 4);
    if (<i32>length < 0) return -EINVAL;
    if (length && !user_ok(task, load<u32>(BOUNCE), length)) return -EFAULT;
    total += length;
  }
  return total > <u64>i32.MAX_VALUE ? <i64>-EINVAL : <i64>total;
}

export function sys_readv(task: u32, fd: u32, iov: u32, count: i32): i64 {
  const file = file_for(task, fd, FB_READ);
  if (!file) return -EBADF;
  const kind = load<u32>(file, FILE_KIND);
  if (kind == KIND_COLD || load<u32>(file, FILE_BITS) & FB_READ_HOOK) return RESULT_COLD;
  const streams = kind == KIND_PIPE || kind == KIND_SOCKET;
  const total = iovec_total(task, iov, count);
  if (total < 0) return total;
  let done: i64 = 0;
  for (let i = 0; i < count; i++) {
    copy_in(task, BOUNCE, iov + 8 * i, 8);
    const length = load<u32>(BOUNCE, 4);
    if (!length) continue;
    // Only the first part may wait: after that, what is there is what there is (man 2 readv).
    if (done && streams && !load<u32>(load<u32>(file, FILE_OBJECT), RING_LEN)) break;
    const part = read_one(task, file, load<u32>(BOUNCE), length, POS_FILE);
    if (part < 0) return done ? done : part;
    done += part;
    if (part < <i64>length) break;
  }
  return done;
}

export function sys_writev(task: u32, fd: u32, iov: u32, count: i32): i64 {
  const file = file_for(task, fd, FB_WRITE);
  if (!file) return -EBADF;
  const kind = load<u32>(file, FILE_KIND);
  if (kind == KIND_COLD || load<u32>(file, FILE_BITS) & FB_WRITE_HOOK) return RESULT_COLD;
  const total = iovec_total(task, iov, count);
  if (total < 0) return total;
  const object = load<u32>(file, FILE_OBJECT);
  if (kind == KIND_SOCKET && (!total || !socket_writes(object))) return RESULT_COLD;
  let skip = load<u32>(task, TASK_RESTARTED) ? <u32>load<f64>(task, TASK_SCRATCH) : 0;
  let done = skip;
  if (
    kind == KIND_PIPE &&
    !skip &&
    total > 0 &&
    total <= PIPE_BUF &&
    load<u32>(object, PIPE_READERS) &&
    <i64>ring_space(object) < total
  ) {
    return would_block(task, waits(file), object + PIPE_WQ, 0);
  }
  for (let i = 0; i < count; i++) {
    copy_in(task, BOUNCE, iov + 8 * i, 8);
    let address = load<u32>(BOUNCE);
    let length = load<u32>(BOUNCE, 4);
    if (skip >= length) {
      skip -= length;
      continue;
    }
    address += skip;
    length -= skip;
    skip = 0;
    if (kind == KIND_PIPE) {
      while (length) {
        const space = ring_space(object);
        const part = space && total > PIPE_BUF ? min(space, length) : length;
        const written = pipe_write(object, task, address, part);
        if (written == -EPIPE) return broken_pipe(task, done);
        if (written == -EAGAIN) return would_block(task, waits(file), object + PIPE_WQ, done);
        if (written < 0) return done ? <i64>done : <i64>written;
        address += written;
        length -= written;
        done += written;
      }
    } else if (kind == KIND_SOCKET) {
      while (length) {
        const written = socket_write(object, task, address, length);
        if (written < 0) return socket_stopped(task, file, written, 0, done);
        address += written;
        length -= written;
        done += written;
      }
    } else {
      const part = write_one(task, file, address, length, POS_FILE, 0);
      if (part < 0) return done && part > -4096 ? <i64>done : part;
      done += <u32>part;
      if (part < <i64>length) break;
    }
  }
  return done;
}
