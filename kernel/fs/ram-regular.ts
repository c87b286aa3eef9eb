/** Regular files of memory file systems: their bytes are page caches in kernel memory, which the hot half reads and writes by itself. */
import { EFBIG, EINVAL, ENOENT, ENOSPC, ENXIO, EOPNOTSUPP, EPERM } from "../abi/errno.ts";
import {
  F_SEAL_FUTURE_WRITE,
  F_SEAL_GROW,
  F_SEAL_SEAL,
  F_SEAL_SHRINK,
  F_SEAL_WRITE,
  FALLOC_FL_KEEP_SIZE,
  FALLOC_FL_PUNCH_HOLE,
  FALLOC_FL_ZERO_RANGE,
  O_NOATIME,
  SEEK_DATA,
  SEEK_END,
  SEEK_HOLE,
} from "../abi/fcntl.ts";
import {
  FILE_OBJECT,
  IF_LAZY,
  INODE_CAP,
  INODE_PAGES,
  INODE_SEQ,
  INODE_TABLE,
  KIND_REG,
  PAGE_SIZE,
  PAGES_LIMIT,
  PAGES_USED,
} from "../hot/layout.ts";
import type { Task } from "../task/task.ts";
import { File } from "./file.ts";
import type { Attributes } from "./inode.ts";
import type { Path } from "./path.ts";
import { RamInode } from "./ram-inode.ts";
import type { RamFs } from "./ramfs.ts";

/** Content that is fetched when it is first needed. */
export interface LazyContent {
  readonly size: number;
  /** Inode.digest. */
  readonly digest?: string;
  load(): Uint8Array;
}

/** Largest file (hot/pagecache.ts). */
const MAX_SIZE = 2 ** 38;

export class RamRegular extends RamInode {
  /** Content that is not in pages yet: IF_LAZY. */
  #lazy: LazyContent | null = null;
  /** The digest of version 0. */
  readonly #digest: string | undefined;
  /** INODE_SEQ of the content that counts as version 0. */
  #firstSeq = 0;
  /** fcntl's F_SEAL_* bits. Only a memfd made for it can get some: others have F_SEAL_SEAL from the start. */
  seals: number = F_SEAL_SEAL;

  constructor(sb: RamFs, mode: number, uid: number, gid: number, lazy: LazyContent | null = null) {
    super(sb, mode, uid, gid);
    this.#digest = lazy?.digest;
    if (lazy === null) return;
    this.#lazy = lazy;
    this.flags |= IF_LAZY;
    this.#claim(lazy.size);
  }

  /** Says how much content there is, before it is there. */
  #claim(size: number): void {
    this.setSize(size);
    this.sb.vfs.kernel.kmem.u32[(this.ptr + INODE_PAGES) >> 2] = Math.ceil(size / PAGE_SIZE);
  }

  override get version(): number {
    return this.ptr === 0 ? 0 : this.sb.vfs.kernel.kmem.u32[(this.ptr + INODE_SEQ) >> 2] - this.#firstSeq;
  }

  override get digest(): string | undefined {
    return this.version === 0 ? this.#digest : undefined;
  }

  /** Brings the content into pages: 0, -ENOSPC where kernel memory is full, -ENOENT where the inode is gone. */
  #load(): number {
    if (this.ptr === 0) return -ENOENT;
    const lazy = this.#lazy;
    if (lazy === null) return 0;
    const bytes = lazy.load();
    const { mtime, mtimeNs, ctime, ctimeNs } = this;
    this.#claim(0);
    const complete = this.writePages(bytes, 0) === bytes.length;
    if (complete) {
      this.#lazy = null;
      this.flags &= ~IF_LAZY;
    } else {
      this.sb.vfs.kernel.hot.cache_free(this.ptr);
      this.#claim(lazy.size);
    }
    Object.assign(this, { mtime, mtimeNs, ctime, ctimeNs });
    this.#firstSeq = this.sb.vfs.kernel.kmem.u32[(this.ptr + INODE_SEQ) >> 2];
    return complete ? 0 : -ENOSPC;
  }

  override open(_t: Task | null, path: Path, flags: number): File | number {
    const error = this.#load();
    if (error) return error;
    const { vfs } = this.sb;
    const file = new RamFile(vfs.kernel, path);
    const failed = vfs.attach(file, flags, KIND_REG);
    if (failed) return failed;
    vfs.kernel.kmem.u32[(file.ptr + FILE_OBJECT) >> 2] = this.ptr;
    return file;
  }

  override coldSide(path: Path): File {
    return new RamFile(this.sb.vfs.kernel, path);
  }

  override setAttributes(attributes: Attributes): number {
    if (attributes.size !== undefined) {
      const error = this.#load() || this.sb.vfs.kernel.hot.cache_truncate(this.ptr, attributes.size);
      if (error) return error;
    }
    this.applyAttributes(attributes);
    return 0;
  }

  override readAll(): Uint8Array | number {
    if (this.#lazy !== null) return this.#lazy.load();
    if (this.ptr === 0) return -ENOENT;
    const bytes = new Uint8Array(this.size);
    this.readPages(bytes, 0);
    return bytes;
  }

  /** Copies content out: bytes. */
  readPages(into: Uint8Array, pos: number): number {
    const { kmem, hot } = this.sb.vfs.kernel;
    const count = Math.min(into.length, this.size - pos);
    for (let done = 0; done < count; ) {
      const offset = (pos + done) % PAGE_SIZE;
      const chunk = Math.min(PAGE_SIZE - offset, count - done);
      const page = hot.cache_page(this.ptr, pos + done, 0);
      if (page === 0) into.fill(0, done, done + chunk);
      else into.set(kmem.u8.subarray(page + offset, page + offset + chunk), done);
      done += chunk;
    }
    return Math.max(0, count);
  }

  /** Copies content in, growing the file: bytes, short or -ENOSPC where kernel memory is full; -EFBIG. */
  writePages(from: Uint8Array, pos: number): number {
    if (from.length === 0) return 0;
    if (pos + from.length > MAX_SIZE) return -EFBIG;
    const { kmem, hot } = this.sb.vfs.kernel;
    let done = 0;
    while (done < from.length) {
      const offset = (pos + done) % PAGE_SIZE;
      const chunk = Math.min(PAGE_SIZE - offset, from.length - done);
      const page = hot.cache_page(this.ptr, pos + done, 1);
      if (page === 0) break;
      kmem.u8.set(from.subarray(done, done + chunk), page + offset);
      done += chunk;
    }
    if (done === 0) return -ENOSPC;
    if (pos + done > this.size) this.setSize(pos + done);
    kmem.u32[(this.ptr + INODE_SEQ) >> 2]++;
    this.modified();
    return done;
  }

  /** The first byte at or after `pos` that is stored (data) or is not (hole); the end of the file counts as a hole. */
  findExtent(pos: number, data: boolean): number {
    const { size } = this;
    const { u32 } = this.sb.vfs.kernel.kmem;
    const table = u32[(this.ptr + INODE_TABLE) >> 2] >> 2;
    const stored = Math.min(u32[(this.ptr + INODE_CAP) >> 2], Math.ceil(size / PAGE_SIZE));
    let index = Math.floor(pos / PAGE_SIZE);
    while (index < stored && (u32[table + index] !== 0) !== data) index++;
    if (data && index >= stored) return size;
    return Math.min(Math.max(pos, index * PAGE_SIZE), size);
  }

  /** Fills holes; 0 or -ENOSPC. */
  fill(pos: number, bytes: number): number {
    const { hot, kmem } = this.sb.vfs.kernel;
    const first = Math.floor(pos / PAGE_SIZE) * PAGE_SIZE;
    const free = kmem.u32[PAGES_LIMIT >> 2] - kmem.u32[PAGES_USED >> 2];
    if (this.findExtent(first, false) < pos + bytes && (pos + bytes - first) / PAGE_SIZE > free) return -ENOSPC;
    for (let at = first; at < pos + bytes; at += PAGE_SIZE) {
      if (hot.cache_page(this.ptr, at, 1) === 0) return -ENOSPC;
    }
    return 0;
  }
}

class RamFile extends File {
  declare readonly inode: RamRegular;
  override readonly mappable = true;

  override read(_t: Task | null, into: Uint8Array, pos: number): number {
    if (into.length === 0) return 0;
    if (!(this.flags & O_NOATIME)) this.inode.accessed(this.mount);
    return this.inode.readPages(into, pos);
  }

  override write(_t: Task | null, from: Uint8Array, pos: number): number {
    const { seals } = this.inode;
    if (seals & (F_SEAL_WRITE | F_SEAL_FUTURE_WRITE)) return -EPERM;
    if (seals & F_SEAL_GROW && pos + from.length > this.inode.size) return -EPERM;
    return this.inode.writePages(from, pos);
  }

  override seek(offset: number, whence: number): number {
    const { size } = this.inode;
    if (whence === SEEK_DATA || whence === SEEK_HOLE) {
      if (offset < 0 || offset >= size) return -ENXIO;
      const to = this.inode.findExtent(offset, whence === SEEK_DATA);
      if (whence === SEEK_DATA && to === size) return -ENXIO;
      this.pos = to;
      return to;
    }
    return whence <= SEEK_END ? this.seekTo(offset, whence, size) : -EINVAL;
  }

  override truncate(size: number): number {
    const { seals } = this.inode;
    if (seals & F_SEAL_SHRINK && size < this.inode.size) return -EPERM;
    if (seals & F_SEAL_GROW && size > this.inode.size) return -EPERM;
    return this.inode.setAttributes({ size });
  }

  /** fallocate(2): room, holes, zeros. */
  override allocate(mode: number, offset: number, length: number): number {
    const { inode, kernel } = this;
    const { seals, size } = inode;
    const operation = mode & ~FALLOC_FL_KEEP_SIZE;
    const punches = operation === FALLOC_FL_PUNCH_HOLE && (mode & FALLOC_FL_KEEP_SIZE) !== 0;
    const clears = punches || operation === FALLOC_FL_ZERO_RANGE;
    if (!clears && operation !== 0) return -EOPNOTSUPP;
    const end = offset + length;
    const grows = !(mode & FALLOC_FL_KEEP_SIZE) && end > size;
    if (end > MAX_SIZE) return -EFBIG;
    if (clears && seals & (F_SEAL_WRITE | F_SEAL_FUTURE_WRITE)) return -EPERM;
    if (grows && seals & F_SEAL_GROW) return -EPERM;
    if (clears) kernel.hot.cache_punch(inode.ptr, offset, Math.max(0, Math.min(end, size) - offset));
    const error = punches ? 0 : inode.fill(offset, length);
    if (error) return error;
    if (grows) kernel.hot.cache_truncate(inode.ptr, end);
    inode.changed();
    return 0;
  }

  override sync(): number {
    return 0;
  }
}
