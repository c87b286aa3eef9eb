/**
 * The cold side of an open file description (man 2 open). The description itself (flags, position, kind) is in kernel memory, FILE_*; a File
 * is what the cold half knows about it. Kinds of file override what they can do.
 *
 * `t` is null where the kernel itself reads or writes; a File that would have to wait then gives -EAGAIN.
 */
import { EBADF, EINVAL, ENODEV, ENOTDIR, ENOTTY, ESPIPE } from "../abi/errno.ts";
import {
  O_CLOEXEC,
  O_CREAT,
  O_EXCL,
  O_LARGEFILE,
  O_NOCTTY,
  O_PATH,
  O_TRUNC,
  SEEK_CUR,
  SEEK_SET,
} from "../abi/fcntl.ts";
import { POLLIN, POLLOUT, POLLRDNORM, POLLWRNORM } from "../abi/poll.ts";
import { FILE_BITS, FILE_FLAGS, FILE_KIND, FILE_POS, FILE_WAITQ0, FILE_WAITQ1 } from "../hot/layout.ts";
import type { Kernel } from "../kernel.ts";
import type { Task } from "../task/task.ts";
import type { Dentry } from "./dentry.ts";
import type { Inode } from "./inode.ts";
import type { Mount } from "./mount.ts";
import type { Path } from "./path.ts";

/** Takes directory entries one by one; false when it is full: the entry is then offered again. `offset`: where the next one begins. */
export type EmitEntry = (name: string, ino: number, type: number, offset: number) => boolean;

export class File implements Path {
  readonly kernel: Kernel;
  readonly mount: Mount;
  readonly dentry: Dentry;
  readonly inode: Inode;
  /** The description in kernel memory, set by Vfs.attach. */
  ptr = 0;
  /** Index in Vfs.files: FILE_COLD. */
  index = -1;
  /** fcntl's F_SETOWN (a group's id is negative), whether that is one thread (F_SETOWN_EX), and F_SETSIG. */
  owner = 0;
  ownerThread = false;
  ownerSignal = 0;

  /** mmap works: the file has bytes at positions. */
  readonly mappable: boolean = false;

  constructor(kernel: Kernel, path: Path) {
    this.kernel = kernel;
    this.mount = path.mount;
    this.dentry = path.dentry;
    this.inode = path.dentry.inode;
  }

  get path(): Path {
    return this;
  }

  // ------------------------------------------------------------ the description

  /** Open flags as F_GETFL shows them. */
  get flags(): number {
    return this.kernel.kmem.u32[(this.ptr + FILE_FLAGS) >> 2];
  }
  set flags(flags: number) {
    this.kernel.kmem.u32[(this.ptr + FILE_FLAGS) >> 2] = flags;
  }
  /** FB_* */
  get bits(): number {
    return this.kernel.kmem.u32[(this.ptr + FILE_BITS) >> 2];
  }
  set bits(bits: number) {
    this.kernel.kmem.u32[(this.ptr + FILE_BITS) >> 2] = bits;
  }
  /** KIND_* */
  get kind(): number {
    return this.kernel.kmem.u32[(this.ptr + FILE_KIND) >> 2];
  }
  get pos(): number {
    return this.kernel.kmem.getI64(this.ptr + FILE_POS);
  }
  set pos(pos: number) {
    this.kernel.kmem.setI64(this.ptr + FILE_POS, pos);
  }

  /** The wait queues (addresses, 0 for none) that are woken when what poll() gives may have changed. */
  setWaitQueues(first: number, second = 0): void {
    this.kernel.kmem.u32[(this.ptr + FILE_WAITQ0) >> 2] = first;
    this.kernel.kmem.u32[(this.ptr + FILE_WAITQ1) >> 2] = second;
  }

  // ------------------------------------------------------------ operations

  /**
   * Reads into `into` (user memory, or the kernel's) from `pos`; files without a position take no notice of it. Gives bytes, 0 at the
   * end, -errno, or what t.block(...) gives.
   */
  read(_t: Task | null, _into: Uint8Array, _pos: number): number {
    return -EINVAL;
  }

  /** Writes; as read. O_APPEND is the caller's matter: `pos` is then the end of the file. */
  write(_t: Task | null, _from: Uint8Array, _pos: number): number {
    return -EINVAL;
  }

  /** read(2) and readv(2), write(2) and writev(2), where many buffers are not the same as one after the other: sockets. */
  readv?(t: Task, into: readonly Uint8Array[]): number;
  writev?(t: Task, from: readonly Uint8Array[]): number;

  /** Reads until `into` is full or the file ends: for mmap and exec. Bytes or -errno. */
  readAt(pos: number, into: Uint8Array): number {
    let done = 0;
    while (done < into.length) {
      const got = this.read(null, into.subarray(done), pos + done);
      if (got < 0) return done || got;
      if (got === 0) break;
      done += got;
    }
    return done;
  }

  /** The new position, or -errno. */
  seek(offset: number, whence: number): number {
    return this.seekTo(offset, whence, this.inode.size);
  }

  protected seekTo(offset: number, whence: number, end: number): number {
    const base = whence === SEEK_SET ? 0 : whence === SEEK_CUR ? this.pos : end;
    const to = base + offset;
    if (to < 0 || !Number.isSafeInteger(to)) return -EINVAL;
    this.pos = to;
    return to;
  }

  /** ioctl(2) for what the generic ones do not cover. */
  ioctl(_t: Task, _request: number, _argument: number): number {
    return -ENOTTY;
  }

  /** POLL* mask now. */
  poll(): number {
    return POLLIN | POLLRDNORM | POLLOUT | POLLWRNORM;
  }

  /** Offers the directory's entries from the description's position on. 0 or -errno. */
  readdir(_emit: EmitEntry): number {
    return -ENOTDIR;
  }

  /** ftruncate(2), permissions checked. */
  truncate(_size: number): number {
    return -EINVAL;
  }

  allocate(_mode: number, _offset: number, _length: number): number {
    return -ENODEV;
  }

  sync(_dataOnly: boolean): number {
    return -EINVAL;
  }

  /** The last descriptor is gone. */
  release(): void {}
}

/** What cannot seek at all: pipes, terminals... */
export class StreamFile extends File {
  override seek(_offset: number, _whence: number): number {
    return -ESPIPE;
  }
}

/** A description opened with O_PATH: it names a file and can do nothing else. */
export class PathFile extends File {
  override read(): number {
    return -EBADF;
  }
  override write(): number {
    return -EBADF;
  }
  override seek(): number {
    return -EBADF;
  }
  override ioctl(): number {
    return -EBADF;
  }
  override readdir(): number {
    return -EBADF;
  }
  override truncate(): number {
    return -EBADF;
  }
  override sync(): number {
    return -EBADF;
  }
}

/** Open flags as F_GETFL shows them: those that only matter while opening are gone. */
export function fileFlags(flags: number): number {
  if (flags & O_PATH) return flags & ~O_CLOEXEC;
  return (flags & ~(O_CREAT | O_EXCL | O_NOCTTY | O_TRUNC | O_CLOEXEC)) | O_LARGEFILE;
}
