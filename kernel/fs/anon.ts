/** Objects that stand in no directory: pipes, sockets, eventfds, epolls, memfds. Their file systems are mounted nowhere. */
import { ANON_INODE_FS_MAGIC, PIPEFS_MAGIC, S_IFDIR, S_IFIFO, S_IFSOCK, SOCKFS_MAGIC } from "../abi/stat.ts";
import { FILE_DENTRY, FILE_KIND, FILE_MOUNT, FILE_OBJECT, KIND_EPOLL, KIND_EVENTFD, KIND_PIPE } from "../hot/layout.ts";
import { Dentry } from "./dentry.ts";
import { PipeFile } from "./fifo.ts";
import { type File, StreamFile } from "./file.ts";
import { type Inode, PlainInode } from "./inode.ts";
import { type FsSizes, Mount, SuperBlock } from "./mount.ts";
import type { Path } from "./path.ts";
import { RamFs } from "./ramfs.ts";
import type { Vfs } from "./vfs.ts";

class NamelessFs extends SuperBlock {
  constructor(vfs: Vfs, type: string, magic: number) {
    super(vfs, type, magic);
    this.root = new Dentry("", null, new AnonInode(this, 0, S_IFDIR | 0o555, 0, 0), `${type}:`);
  }

  override sizes(): FsSizes {
    return { blockSize: 4096, blocks: 0, freeBlocks: 0, availableBlocks: 0, files: 0, freeFiles: 0 };
  }
}

/** The inode of a pipe(2): both ends share it. It lives as long as some end is known to the cold half. */
class PipeInode extends PlainInode {
  override put(): void {
    if (--this.users === 0) this.sb.vfs.anon.forgetPipe(this);
  }
  override evict(): void {}
}

class AnonInode extends PlainInode {}

/** An eventfd or epoll; the hot half serves it. */
class AnonFile extends StreamFile {
  override poll(): number {
    return this.kernel.hot.file_poll(this.ptr);
  }
}

export class AnonFs {
  readonly pipefs: Mount;
  readonly sockfs: Mount;
  readonly anonInodes: Mount;
  /** Where memfds live. */
  readonly memory: Mount;
  readonly #pipes = new Map<number, PipeInode>();
  #nextIno = 1;

  constructor(vfs: Vfs) {
    this.pipefs = new Mount(new NamelessFs(vfs, "pipefs", PIPEFS_MAGIC), "pipefs", 0);
    this.sockfs = new Mount(new NamelessFs(vfs, "sockfs", SOCKFS_MAGIC), "sockfs", 0);
    this.anonInodes = new Mount(new NamelessFs(vfs, "anon_inodefs", ANON_INODE_FS_MAGIC), "anon_inodefs", 0);
    this.memory = new Mount(new RamFs(vfs, "tmpfs", 0o1777), "tmpfs", 0);
  }

  pipeInode(pipe: number): PipeInode {
    let inode = this.#pipes.get(pipe);
    if (inode === undefined) {
      inode = new PipeInode(this.pipefs.sb, this.#nextIno++, S_IFIFO | 0o600, 0, 0);
      inode.pipe = pipe;
      this.#pipes.set(pipe, inode);
    }
    return inode;
  }

  forgetPipe(inode: PipeInode): void {
    this.#pipes.delete(inode.pipe);
  }

  /** Where a new socket is: "socket:[7]". */
  socketPath(): Path {
    const inode = new AnonInode(this.sockfs.sb, this.#nextIno++, S_IFSOCK | 0o777, 0, 0);
    return { mount: this.sockfs, dentry: nameless(inode, `socket:[${inode.ino}]`) };
  }

  anonInode(): Inode {
    return new AnonInode(this.anonInodes.sb, this.#nextIno++, 0o600, 0, 0);
  }
}

/** The cold side of a description that the hot half made by itself. */
export function coldSideOf(vfs: Vfs, ptr: number): File {
  const { kmem } = vfs.kernel;
  const { anon } = vfs;
  const dentryAt = kmem.u32[(ptr + FILE_DENTRY) >> 2];
  if (dentryAt !== 0) {
    const dentry = vfs.dentryAt(dentryAt);
    return dentry.inode.coldSide({ mount: vfs.mountAt(kmem.u32[(ptr + FILE_MOUNT) >> 2]), dentry });
  }
  const kind = kmem.u32[(ptr + FILE_KIND) >> 2];
  if (kind === KIND_PIPE) {
    const inode = anon.pipeInode(kmem.u32[(ptr + FILE_OBJECT) >> 2]);
    return new PipeFile(vfs.kernel, { mount: anon.pipefs, dentry: nameless(inode, `pipe:[${inode.ino}]`) });
  }
  const name = kind === KIND_EVENTFD ? "[eventfd]" : kind === KIND_EPOLL ? "[eventpoll]" : "[?]";
  return new AnonFile(vfs.kernel, { mount: anon.anonInodes, dentry: nameless(anon.anonInode(), `anon_inode:${name}`) });
}

/** A dentry for an object outside of every tree. */
export function nameless(inode: Inode, ownName: string): Dentry {
  return new Dentry("", null, inode, ownName);
}
