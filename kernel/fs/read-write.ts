/**
 * read(2), write(2) and their kin, for what the hot half does not serve by itself: files of KIND_COLD, and those with FB_READ_HOOK or
 * FB_WRITE_HOOK. lseek for the same.
 */
import { EAGAIN, EBADF, EFAULT, EINVAL, EOPNOTSUPP, EPIPE, ESPIPE } from "../abi/errno.ts";
import { O_APPEND, RWF_APPEND, RWF_DSYNC, RWF_HIPRI, RWF_NOWAIT, RWF_SYNC, SEEK_HOLE } from "../abi/fcntl.ts";
import { IOV_MAX, MAX_RW_COUNT } from "../abi/limits.ts";
import {
  FB_PATH,
  FB_READ,
  FB_SEEK,
  FB_WRITE,
  FB_WRITE_HOOK,
  PROC_FSIZE,
  RESULT_BLOCK,
  RESULT_EFBIG,
  RESULT_EPIPE,
} from "../hot/layout.ts";
import type { Handlers } from "../kernel.ts";
import type { Task } from "../task/task.ts";
import type { File } from "./file.ts";
import type { Inode } from "./inode.ts";
import { dropPrivileges } from "./permission.ts";

/** What RLIMIT_FSIZE leaves of a write to a regular file at `pos`: bytes, or RESULT_EFBIG: SIGXFSZ and EFBIG. */
export function limitWrite(t: Task, inode: Inode, pos: number, length: number): number {
  if (!inode.isRegular) return length;
  const { kmem } = t.kernel;
  const at = t.process.ptr + PROC_FSIZE;
  const limit = kmem.u32[(at + 4) >> 2] * 0x100000000 + kmem.u32[at >> 2];
  if (length === 0 || pos + length <= limit) return length;
  if (pos < limit) return limit - pos;
  return RESULT_EFBIG;
}

/** One buffer into the file. `pos` < 0: at the description's position. */
export function writeFile(t: Task, file: File, from: Uint8Array, pos: number, append: boolean): number {
  const seekable = (file.bits & FB_SEEK) !== 0;
  let at = pos < 0 && seekable ? file.pos : pos;
  if (append && seekable) {
    const error = file.inode.refresh();
    if (error) return error;
    at = file.inode.size;
  }
  const allowed = limitWrite(t, file.inode, at, from.length);
  if (allowed < 0) return allowed;
  if (file.bits & FB_WRITE_HOOK && from.length > 0) dropPrivileges(file.inode, t.kernel.vfs.walk.cred.of(t));
  const done = file.write(t, allowed < from.length ? from.subarray(0, allowed) : from, at);
  if (done > 0 && pos < 0 && seekable) file.pos = at + done;
  return done === -EPIPE ? RESULT_EPIPE : done;
}

export function readFile(t: Task, file: File, into: Uint8Array, pos: number): number {
  const seekable = (file.bits & FB_SEEK) !== 0;
  const at = pos < 0 && seekable ? file.pos : pos;
  const done = file.read(t, into, at);
  if (done > 0 && pos < 0 && seekable) file.pos = at + done;
  return done;
}

/** The file of a descriptor that may be read (FB_READ) or written (FB_WRITE); -EBADF. */
export function fileFor(t: Task, fd: number, bit: number): File | number {
  const file = t.kernel.vfs.fileOfFd(t, fd);
  return file === null || !(file.bits & bit) ? -EBADF : file;
}

type Transfer = (t: Task, file: File, bytes: Uint8Array, pos: number) => number;

function append(file: File): boolean {
  return (file.flags & O_APPEND) !== 0;
}
const readInto: Transfer = readFile;
const writeFrom: Transfer = (t, file, bytes, pos) => writeFile(t, file, bytes, pos, append(file));

/** What a file does with all buffers at once, where it does that. */
function asMessage(t: Task, file: File, buffers: readonly Uint8Array[], bit: number): number | undefined {
  return bit === FB_READ ? file.readv?.(t, buffers) : file.writev?.(t, buffers);
}

function plain(t: Task, fd: number, address: number, count: number, bit: number, move: Transfer): number {
  const file = fileFor(t, fd, bit);
  if (typeof file === "number") return file;
  const bytes = t.mm.bytes(address, Math.min(count, MAX_RW_COUNT));
  return asMessage(t, file, [bytes], bit) ?? move(t, file, bytes, -1);
}

/** pread64 and pwrite64. */
function positioned(
  t: Task,
  fd: number,
  address: number,
  count: number,
  pos: number,
  bit: number,
  move: Transfer,
): number {
  if (pos < 0) return -EINVAL;
  const file = t.kernel.vfs.fileOfFd(t, fd);
  if (file === null || file.bits & FB_PATH) return -EBADF;
  if (!(file.bits & FB_SEEK)) return -ESPIPE;
  if (!(file.bits & bit)) return -EBADF;
  return move(t, file, t.mm.bytes(address, Math.min(count, MAX_RW_COUNT)), pos);
}

/**
 * The vector forms: buffer after buffer, until one is not filled. `pos` < 0: at the description's position. A write that waits in the middle
 * goes on there when it is entered again (scratch number 0 holds the bytes so far; 2 and 3 are the file's own).
 */
function vector(t: Task, file: File, iov: number, count: number, pos: number, bit: number, move: Transfer): number {
  if (count < 0 || count > IOV_MAX) return -EINVAL;
  t.mm.check(iov, 8 * count);
  const { view } = t.mm;
  for (let i = 0; i < count; i++) {
    const base = view.getUint32(iov + 8 * i, true);
    const length = view.getUint32(iov + 8 * i + 4, true);
    if (length > 0x7fffffff) return -EINVAL;
    if (base + length > t.mm.size) return -EFAULT;
  }
  if (file.readv !== undefined) {
    const buffers: Uint8Array[] = [];
    for (let i = 0; i < count; i++) {
      buffers.push(t.mm.bytes(view.getUint32(iov + 8 * i, true), view.getUint32(iov + 8 * i + 4, true)));
    }
    return asMessage(t, file, buffers, bit)!;
  }
  let skip = t.restarted && bit === FB_WRITE ? t.scratch(0) : 0;
  let done = skip;
  for (let i = 0; i < count && done < MAX_RW_COUNT; i++) {
    const length = Math.min(view.getUint32(iov + 8 * i + 4, true), MAX_RW_COUNT - done);
    if (skip >= length && (skip > 0 || (length === 0 && count > 1))) {
      skip -= length;
      continue;
    }
    const bytes = t.mm.bytes(view.getUint32(iov + 8 * i, true) + skip, length - skip);
    skip = 0;
    const moved = move(t, file, bytes, pos < 0 ? pos : pos + done);
    if (moved < 0) {
      if (done === 0) return moved;
      if (moved !== RESULT_BLOCK) break;
      if (bit === FB_WRITE) {
        t.setScratch(0, done);
        return moved;
      }
      // What was read counts: the call does not wait, though the file put the task on its wait queues.
      t.kernel.hot.wait_clear(t.ptr);
      break;
    }
    t.setScratch(2, 0);
    t.setScratch(3, 0);
    done += moved;
    if (moved < bytes.length) break;
  }
  return done;
}

function plainVector(t: Task, fd: number, iov: number, count: number, bit: number, move: Transfer): number {
  const file = fileFor(t, fd, bit);
  return typeof file === "number" ? file : vector(t, file, iov, count, -1, bit, move);
}

/** A position that came as an unsigned 64-bit number (preadv's pos_l). */
function signedPosition(pos: number): number {
  return pos >= 2 ** 63 ? pos - 2 ** 64 : pos;
}

function positionedVector(
  t: Task,
  fd: number,
  iov: number,
  count: number,
  position: number,
  bit: number,
  move: Transfer,
): number {
  const pos = signedPosition(position);
  if (pos < 0) return -EINVAL;
  const file = t.kernel.vfs.fileOfFd(t, fd);
  if (file === null || file.bits & FB_PATH) return -EBADF;
  if (!(file.bits & FB_SEEK)) return -ESPIPE;
  if (!(file.bits & bit)) return -EBADF;
  return vector(t, file, iov, count, pos, bit, move);
}

const RWF_KNOWN = RWF_HIPRI | RWF_DSYNC | RWF_SYNC | RWF_NOWAIT | RWF_APPEND;

/** preadv2 and pwritev2: position -1 means the description's. */
function flaggedVector(
  t: Task,
  fd: number,
  iov: number,
  count: number,
  position: number,
  flags: number,
  bit: number,
  move: Transfer,
): number {
  if (flags & ~RWF_KNOWN) return -EOPNOTSUPP;
  if (flags & RWF_APPEND && bit === FB_READ) return -EOPNOTSUPP;
  const nowait = (flags & RWF_NOWAIT) !== 0;
  const moveNow: Transfer = (task, file, bytes, pos) => {
    const appends = bit === FB_WRITE && (flags & RWF_APPEND) !== 0;
    const done = appends ? writeFile(task, file, bytes, pos, true) : move(task, file, bytes, pos);
    if (!nowait || done !== RESULT_BLOCK) return done;
    task.kernel.hot.wait_clear(task.ptr);
    return -EAGAIN;
  };
  if (signedPosition(position) === -1) return plainVector(t, fd, iov, count, bit, moveNow);
  return positionedVector(t, fd, iov, count, position, bit, moveNow);
}

function lseek(t: Task, fd: number, offset: number, whence: number): number {
  const file = t.kernel.vfs.fileOfFd(t, fd);
  if (file === null || file.bits & FB_PATH) return -EBADF;
  if (whence < 0 || whence > SEEK_HOLE) return -EINVAL;
  if (!(file.bits & FB_SEEK)) return -ESPIPE;
  return file.inode.refresh() || file.seek(offset, whence);
}

export const readWriteCalls: Handlers = {
  read: (t, fd, address, count) => plain(t, fd, address, count, FB_READ, readInto),
  write: (t, fd, address, count) => plain(t, fd, address, count, FB_WRITE, writeFrom),
  pread64: (t, fd, address, count, pos) => positioned(t, fd, address, count, pos, FB_READ, readInto),
  pwrite64: (t, fd, address, count, pos) => positioned(t, fd, address, count, pos, FB_WRITE, writeFrom),
  readv: (t, fd, iov, count) => plainVector(t, fd, iov, count, FB_READ, readInto),
  writev: (t, fd, iov, count) => plainVector(t, fd, iov, count, FB_WRITE, writeFrom),
  preadv: (t, fd, iov, count, pos) => positionedVector(t, fd, iov, count, pos, FB_READ, readInto),
  pwritev: (t, fd, iov, count, pos) => positionedVector(t, fd, iov, count, pos, FB_WRITE, writeFrom),
  preadv2: (t, fd, iov, count, pos, _high, flags) => flaggedVector(t, fd, iov, count, pos, flags, FB_READ, readInto),
  pwritev2: (t, fd, iov, count, pos, _high, flags) => flaggedVector(t, fd, iov, count, pos, flags, FB_WRITE, writeFrom),
  lseek,
};
