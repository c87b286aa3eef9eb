/** Copies between descriptors inside the kernel: sendfile(2), copy_file_range(2). */
import { EBADF, EINVAL, EISDIR, EOVERFLOW, ESPIPE, EXDEV } from "../abi/errno.ts";
import { O_APPEND } from "../abi/fcntl.ts";
import { MAX_RW_COUNT } from "../abi/limits.ts";
import { SIGPIPE, SIGXFSZ } from "../abi/signal.ts";
import { FB_READ, FB_SEEK, FB_WRITE, RESULT_BLOCK, RESULT_EFBIG, RESULT_EPIPE } from "../hot/layout.ts";
import type { Handlers } from "../kernel.ts";
import type { Task } from "../task/task.ts";
import { PipeFile } from "./fifo.ts";
import type { File } from "./file.ts";
import { fileFor, limitWrite, writeFile } from "./read-write.ts";

/** Bytes moved at a time; before each piece the copy can stop for a full pipe. */
const PIECE = 65536;
const piece = new Uint8Array(PIECE);

/**
 * Copies up to `count` bytes of `from` at `start` to `to`, at `toStart` or (-1) its own position. Gives the bytes, -errno where there are none, or
 * RESULT_BLOCK: the call then goes on where it was (scratch number 0).
 */
function copy(t: Task, from: File, start: number, to: File, toStart: number, count: number): number {
  let done = t.restarted ? t.scratch(0) : 0;
  while (done < count) {
    const got = from.read(t, piece.subarray(0, Math.min(PIECE, count - done)), start + done);
    if (got <= 0) return done || got;
    const put = writeFile(t, to, piece.subarray(0, got), toStart < 0 ? -1 : toStart + done, false);
    if (put === RESULT_BLOCK) {
      t.setScratch(0, done);
      return put;
    }
    if (put < 0) {
      if (done === 0) return put;
      // What was done counts, but the signal that comes with the error comes too.
      const signal = put === RESULT_EFBIG ? SIGXFSZ : put === RESULT_EPIPE ? SIGPIPE : 0;
      if (signal) t.kernel.signals.toTask(t, signal);
      return done;
    }
    t.setScratch(2, 0);
    t.setScratch(3, 0);
    done += put;
    if (put === 0) break;
  }
  return done;
}

function sendfile(t: Task, outFd: number, inFd: number, offsetAt: number, length: number): number {
  const count = Math.min(length, MAX_RW_COUNT);
  const from = fileFor(t, inFd, FB_READ);
  if (typeof from === "number") return from;
  const seekable = (from.bits & FB_SEEK) !== 0;
  let start = from.pos;
  if (offsetAt !== 0) {
    start = t.mm.i64(offsetAt);
    if (!seekable) return -ESPIPE;
  }
  if (start < 0) return -EINVAL;
  const to = fileFor(t, outFd, FB_WRITE);
  if (typeof to === "number") return to;
  const intoPipe = to instanceof PipeFile;
  if (!intoPipe && to.flags & O_APPEND) return -EINVAL;
  // The source has to be seekable (a pipe has splice for that), and no directory.
  if (!seekable || from.inode.isDirectory) return -EINVAL;
  const error = from.inode.refresh();
  if (error || count === 0) return error;
  const done = copy(t, from, start, to, -1, count);
  if (done > 0) {
    if (offsetAt !== 0) t.mm.setI64(offsetAt, start + done);
    else from.pos = start + done;
  }
  return done;
}

function copyFileRange(
  t: Task,
  inFd: number,
  inAt: number,
  outFd: number,
  outAt: number,
  length: number,
  flags: number,
): number {
  const { vfs } = t.kernel;
  const from = vfs.fileOfFd(t, inFd);
  const to = vfs.fileOfFd(t, outFd);
  if (from === null || to === null) return -EBADF;
  const start = inAt !== 0 ? t.mm.i64(inAt) : from.pos;
  const toStart = outAt !== 0 ? t.mm.i64(outAt) : to.pos;
  if (flags !== 0) return -EINVAL;
  if (from.inode.isDirectory || to.inode.isDirectory) return -EISDIR;
  if (!from.inode.isRegular || !to.inode.isRegular) return -EINVAL;
  if (!(from.bits & FB_READ) || !(to.bits & FB_WRITE) || to.flags & O_APPEND) return -EBADF;
  if (from.inode.sb.type !== to.inode.sb.type) return -EXDEV;
  if (start < 0 || toStart < 0) return -EINVAL;
  const error = from.inode.refresh() || to.inode.refresh();
  if (error) return error;
  if (start + length > Number.MAX_SAFE_INTEGER || toStart + length > Number.MAX_SAFE_INTEGER) return -EOVERFLOW;
  let count = Math.max(0, Math.min(length, from.inode.size - start, MAX_RW_COUNT));
  count = limitWrite(t, to.inode, toStart, count);
  if (count < 0) return count;
  if (from.inode === to.inode && toStart + count > start && toStart < start + count) return -EINVAL;
  const done = copy(t, from, start, to, toStart, count);
  if (done > 0) {
    if (inAt !== 0) t.mm.setI64(inAt, start + done);
    else from.pos = start + done;
    if (outAt !== 0) t.mm.setI64(outAt, toStart + done);
    else to.pos = toStart + done;
  }
  return done;
}

export const spliceCalls: Handlers = { sendfile, copy_file_range: copyFileRange };
