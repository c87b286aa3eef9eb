/** Pipes and FIFOs as the cold half sees them: opening a FIFO (man 7 fifo), and access to a pipe's bytes for the kernel itself. */
import { EAGAIN, ENOMEM, ENXIO } from "../abi/errno.ts";
import { O_ACCMODE, O_NONBLOCK, O_RDONLY, O_RDWR, O_WRONLY } from "../abi/fcntl.ts";
import { FIONREAD } from "../abi/ioctl.ts";
import {
  FILE_OBJECT,
  PIPE_READER_COUNT,
  PIPE_READERS,
  PIPE_RQ,
  PIPE_WQ,
  PIPE_WRITER_COUNT,
  PIPE_WRITERS,
  RESULT_BLOCK,
  RING_LEN,
} from "../hot/layout.ts";
import type { Task } from "../task/task.ts";
import { type File, fileFlags, StreamFile } from "./file.ts";
import type { Inode } from "./inode.ts";
import type { Path } from "./path.ts";

export class PipeFile extends StreamFile {
  /** The pipe in kernel memory. */
  get pipe(): number {
    return this.kernel.kmem.u32[(this.ptr + FILE_OBJECT) >> 2];
  }

  override read(t: Task | null, into: Uint8Array): number {
    const { hot, kmem, vfs } = this.kernel;
    const count = Math.min(into.length, vfs.bufferSize);
    const got = hot.pipe_read_kernel(this.pipe, vfs.buffer(), count);
    if (got > 0) into.set(kmem.u8.subarray(vfs.buffer(), vfs.buffer() + got));
    if (got === -EAGAIN && t !== null && !(this.flags & O_NONBLOCK)) return t.block([this.pipe + PIPE_RQ]);
    return got;
  }

  override write(t: Task | null, from: Uint8Array): number {
    const { hot, kmem, vfs } = this.kernel;
    let done = 0;
    while (done < from.length) {
      const chunk = from.subarray(done, done + vfs.bufferSize);
      kmem.u8.set(chunk, vfs.buffer());
      const put = hot.pipe_write_kernel(this.pipe, vfs.buffer(), chunk.length);
      if (put < 0) {
        if (done > 0) break;
        if (put === -EAGAIN && t !== null && !(this.flags & O_NONBLOCK)) return t.block([this.pipe + PIPE_WQ]);
        return put;
      }
      done += put;
      if (put < chunk.length) break;
    }
    return done;
  }

  override ioctl(t: Task, request: number, argument: number): number {
    if (request !== FIONREAD) return super.ioctl(t, request, argument);
    t.mm.setU32(argument, this.kernel.kmem.u32[(this.pipe + RING_LEN) >> 2]);
    return 0;
  }

  override poll(): number {
    return this.kernel.hot.file_poll(this.ptr);
  }
}

/**
 * Opens a FIFO, or a pipe by its name in /proc. Waits for the other side as fifo(7) says: the description is then kept in the
 * call's scratch numbers, and open(2), entered again, goes on with resumeFifo.
 */
export function openFifo(t: Task | null, inode: Inode, path: Path, flags: number): File | number {
  const { kernel } = inode.sb.vfs;
  const { hot, kmem, vfs } = kernel;
  const mode = flags & O_ACCMODE;
  inode.pipe ||= hot.pipe_new();
  if (inode.pipe === 0) return -ENOMEM;
  const reader = mode === O_RDONLY;
  const hasPeer = kmem.u32[(inode.pipe + (reader ? PIPE_WRITERS : PIPE_READERS)) >> 2] > 0;
  if (mode === O_WRONLY && flags & O_NONBLOCK && !hasPeer) return -ENXIO;
  const ptr = hot.pipe_open(inode.pipe, fileFlags(flags));
  if (ptr === 0) return -ENOMEM;
  const file = new PipeFile(kernel, path);
  vfs.adopt(file, ptr);
  if (hasPeer || mode === O_RDWR || flags & O_NONBLOCK || path.mount === vfs.anon.pipefs) return file;
  if (t === null) {
    hot.file_put(ptr);
    return -EAGAIN;
  }
  t.setScratch(0, ptr);
  t.setScratch(1, peerCount(file));
  vfs.opening.set(t, ptr);
  return waitForPeer(t, file);
}

/** An open(2) that waits in openFifo is entered again: the file, or what to return. */
export function resumeFifo(t: Task): File | number {
  const { vfs } = t.kernel;
  const file = vfs.fileOf(t.scratch(0)) as PipeFile;
  if (peerCount(file) === t.scratch(1)) return waitForPeer(t, file);
  vfs.opening.delete(t);
  return file;
}

/** How often the other side was opened so far: counts one that came and went, too. */
function peerCount(file: PipeFile): number {
  const reader = (file.flags & O_ACCMODE) === O_RDONLY;
  return file.kernel.kmem.u32[(file.pipe + (reader ? PIPE_WRITER_COUNT : PIPE_READER_COUNT)) >> 2];
}

/** Blocks; where a signal ends the wait instead, the description is given up. */
function waitForPeer(t: Task, file: PipeFile): number {
  const reader = (file.flags & O_ACCMODE) === O_RDONLY;
  const result = t.block([file.pipe + (reader ? PIPE_RQ : PIPE_WQ)]);
  if (result !== RESULT_BLOCK) {
    t.setScratch(0, 0);
    t.kernel.vfs.opening.delete(t);
    t.kernel.hot.file_put(file.ptr);
  }
  return result;
}
