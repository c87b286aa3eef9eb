/** Regular files of memory file systems: their bytes are page caches in kernel memory, which the hot half reads and writes by itself. */
import { EINVAL, ENOSPC, ENXIO, EOPNOTSUPP, EPERM } from "../abi/errno.ts";
import {
  F_SEAL_FUTURE_WRITE,
  F_SEAL_GROW,
  F_SEAL_SEAL,
  F_SEAL_SHRINK,
  F_SEAL_WRITE,
  FALLOC_FL_KEEP_SIZE,
  FALLOC_FL_PUNCH_HOLE,
  FALLOC_FL_ZERO_RANGE,
  SEEK_DATA,
  SEEK_END,
  SEEK_HOLE,
} from "../abi/fcntl.ts";
import {
  CACHE_ATIME,
  CACHE_CAP,
  CACHE_MTIME,
  CACHE_PAGES,
  CACHE_SEQ,
  CACHE_SIZE,
  CACHE_TABLE,
  COARSE_REALTIME,
  FILE_OBJECT,
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
  load(): Uint8Array;
}

export class RamRegular extends RamInode {
  /** Page cache in kernel memory; 0 until the content is needed. */
  #cache = 0;
  #lazy: LazyContent | null = null;
  /** CACHE_SEQ of the content that counts as version 0. */
  #firstSeq = 0;
  /** CACHE_SEQ as last seen: when it differs, the hot half wrote. */
  #seenSeq = 0;
  /** fcntl's F_SEAL_* bits. Only a memfd made for it can get some: others have F_SEAL_SEAL from the start. */
  seals: number = F_SEAL_SEAL;

  constructor(sb: RamFs, mode: number, uid: number, gid: number, lazy: LazyContent | null = null) {
    super(sb, mode, uid, gid);
    this.#lazy = lazy;
  }

  override get size(): number {
    return this.#cache === 0 ? (this.#lazy?.size ?? 0) : this.sb.vfs.kernel.kmem.getI64(this.#cache + CACHE_SIZE);
  }

  override get blocks(): number {
    const pages =
      this.#cache === 0
        ? Math.ceil(this.size / PAGE_SIZE)
        : this.sb.vfs.kernel.kmem.u32[(this.#cache + CACHE_PAGES) >> 2];
    return pages * (PAGE_SIZE / 512);
  }

  override get version(): number {
    return this.#cache === 0 ? 0 : this.sb.vfs.kernel.kmem.u32[(this.#cache + CACHE_SEQ) >> 2] - this.#firstSeq;
  }

  /** The page cache, its content loaded; -ENOSPC where kernel memory is full. */
  cache(): number {
    if (this.#cache !== 0) return this.#cache;
    const { kernel } = this.sb.vfs;
    const cache = kernel.hot.cache_new();
    if (cache === 0) return -ENOSPC;
    this.#cache = cache;
    if (this.#lazy !== null) {
      const bytes = this.#lazy.load();
      if (this.writePages(bytes, 0) !== bytes.length) {
        kernel.hot.cache_free(cache);
        this.#cache = 0;
        return -ENOSPC;
      }
      this.#lazy = null;
    }
    this.#firstSeq = kernel.kmem.u32[(cache + CACHE_SEQ) >> 2];
    this.#seen();
    return cache;
  }

  /** Takes what the hot half did with the cache so far for seen. */
  #seen(): void {
    const { u32 } = this.sb.vfs.kernel.kmem;
    this.#seenSeq = u32[(this.#cache + CACHE_SEQ) >> 2];
    u32[(this.#cache + CACHE_ATIME) >> 2] = 0;
    u32[(this.#cache + CACHE_ATIME + 4) >> 2] = 0;
  }

  override refresh(): number {
    if (this.#cache === 0) return 0;
    const { u32, i64 } = this.sb.vfs.kernel.kmem;
    const written = u32[(this.#cache + CACHE_SEQ) >> 2] !== this.#seenSeq;
    const read = u32[(this.#cache + CACHE_ATIME + 4) >> 2] !== 0;
    if (!written && !read) return 0;
    if (written) {
      const ns = i64[(this.#cache + CACHE_MTIME) >> 3];
      this.mtime = this.ctime = Number(ns / 1000000000n);
      this.mtimeNs = this.ctimeNs = Number(ns % 1000000000n);
    }
    if (read) {
      const ns = i64[(this.#cache + CACHE_ATIME) >> 3];
      this.accessedAt(Number(ns / 1000000000n), Number(ns % 1000000000n));
    }
    this.#seen();
    return 0;
  }

  override changed(): void {
    this.refresh();
    super.changed();
  }

  override open(_t: Task | null, path: Path, flags: number): File | number {
    const cache = this.cache();
    if (cache < 0) return cache;
    const { vfs } = this.sb;
    const file = new RamFile(vfs.kernel, path);
    const error = vfs.attach(file, flags, KIND_REG);
    if (error) return error;
    vfs.kernel.kmem.u32[(file.ptr + FILE_OBJECT) >> 2] = cache;
    return file;
  }

  override setAttributes(attributes: Attributes): number {
    if (attributes.size !== undefined) {
      const cache = this.cache();
      if (cache < 0) return cache;
      const error = this.sb.vfs.kernel.hot.cache_truncate(cache, attributes.size);
      if (error) return error;
      this.refresh();
    }
    this.applyAttributes(attributes);
    return 0;
  }

  override readAll(): Uint8Array | number {
    if (this.#lazy !== null) return this.#lazy.load();
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
      const page = hot.cache_page(this.#cache, pos + done, 0);
      if (page === 0) into.fill(0, done, done + chunk);
      else into.set(kmem.u8.subarray(page + offset, page + offset + chunk), done);
      done += chunk;
    }
    return Math.max(0, count);
  }

  /** Copies content in, growing the file: bytes, short or -ENOSPC where kernel memory is full. */
  writePages(from: Uint8Array, pos: number): number {
    const { kmem, hot } = this.sb.vfs.kernel;
    let done = 0;
    while (done < from.length) {
      const offset = (pos + done) % PAGE_SIZE;
      const chunk = Math.min(PAGE_SIZE - offset, from.length - done);
      const page = hot.cache_page(this.#cache, pos + done, 1);
      if (page === 0) break;
      kmem.u8.set(from.subarray(done, done + chunk), page + offset);
      done += chunk;
    }
    if (done === 0 && from.length > 0) return -ENOSPC;
    if (pos + done > this.size) kmem.setI64(this.#cache + CACHE_SIZE, pos + done);
    kmem.i64[(this.#cache + CACHE_MTIME) >> 3] = kmem.i64[COARSE_REALTIME >> 3];
    kmem.u32[(this.#cache + CACHE_SEQ) >> 2]++;
    return done;
  }

  /** The first byte at or after `pos` that is stored (data) or is not (hole); the end of the file counts as a hole. */
  findExtent(pos: number, data: boolean): number {
    const { size } = this;
    const { u32 } = this.sb.vfs.kernel.kmem;
    const table = u32[(this.#cache + CACHE_TABLE) >> 2] >> 2;
    const stored = Math.min(u32[(this.#cache + CACHE_CAP) >> 2], Math.ceil(size / PAGE_SIZE));
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
      if (hot.cache_page(this.#cache, at, 1) === 0) return -ENOSPC;
    }
    return 0;
  }

  override evict(): void {
    super.evict();
    if (this.#cache !== 0) this.sb.vfs.kernel.hot.cache_free(this.#cache);
    this.#cache = 0;
  }
}

class RamFile extends File {
  declare readonly inode: RamRegular;
  override readonly mappable = true;

  override read(_t: Task | null, into: Uint8Array, pos: number): number {
    this.inode.refresh();
    this.inode.accessed();
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
    const cache = inode.cache();
    const operation = mode & ~FALLOC_FL_KEEP_SIZE;
    const punches = operation === FALLOC_FL_PUNCH_HOLE && (mode & FALLOC_FL_KEEP_SIZE) !== 0;
    const clears = punches || operation === FALLOC_FL_ZERO_RANGE;
    if (!clears && operation !== 0) return -EOPNOTSUPP;
    const end = offset + length;
    const grows = !(mode & FALLOC_FL_KEEP_SIZE) && end > size;
    if (clears && seals & (F_SEAL_WRITE | F_SEAL_FUTURE_WRITE)) return -EPERM;
    if (grows && seals & F_SEAL_GROW) return -EPERM;
    if (clears) kernel.hot.cache_punch(cache, offset, Math.max(0, Math.min(end, size) - offset));
    const error = punches ? 0 : inode.fill(offset, length);
    if (error) return error;
    if (grows) kernel.hot.cache_truncate(cache, end);
    inode.changed();
    return 0;
  }

  override sync(): number {
    return 0;
  }
}
