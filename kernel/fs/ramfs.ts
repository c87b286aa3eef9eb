/**
 * The memory file system: tmpfs, and the root of a machine. Directories are their dentries; the bytes of regular files are page caches
 * in kernel memory, which the hot half reads and writes by itself.
 */
import { EINVAL, EISDIR, ENOSPC, ENOTEMPTY, ENXIO, EOPNOTSUPP, EPERM } from "../abi/errno.ts";
import {
  F_SEAL_FUTURE_WRITE,
  F_SEAL_GROW,
  F_SEAL_SEAL,
  F_SEAL_SHRINK,
  F_SEAL_WRITE,
  FALLOC_FL_KEEP_SIZE,
  FALLOC_FL_PUNCH_HOLE,
  SEEK_CUR,
  SEEK_DATA,
  SEEK_END,
  SEEK_HOLE,
  SEEK_SET,
} from "../abi/fcntl.ts";
import { DT_DIR, S_IFDIR, S_IFLNK, S_IFMT, S_IFREG, TMPFS_MAGIC } from "../abi/stat.ts";
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
import { encodeString } from "../mm/address-space.ts";
import type { Task } from "../task/task.ts";
import { Dentry } from "./dentry.ts";
import { type EmitEntry, File } from "./file.ts";
import { Filename } from "./filename.ts";
import { type Attributes, direntType, Inode } from "./inode.ts";
import { type FsSizes, SuperBlock } from "./mount.ts";
import type { Path } from "./path.ts";
import { type Cred, newGroup, newMode } from "./permission.ts";
import type { Vfs } from "./vfs.ts";

/** tmpfs counts each entry of a directory as this many bytes of its size. */
const ENTRY_SIZE = 20;

export class RamFs extends SuperBlock {
  #nextIno = 1;
  readonly rootDirectory: RamDirectory;

  /** `mode`: the root directory's permission bits. */
  constructor(vfs: Vfs, type: string, mode: number) {
    super(vfs, type, TMPFS_MAGIC);
    this.rootDirectory = new RamDirectory(this, S_IFDIR | mode, 0, 0);
    this.root = new Dentry("/", null, this.rootDirectory);
  }

  newIno(): number {
    return this.#nextIno++;
  }

  sizes(): FsSizes {
    const { u32 } = this.vfs.kernel.kmem;
    const blocks = u32[PAGES_LIMIT >> 2];
    const freeBlocks = Math.max(0, blocks - u32[PAGES_USED >> 2]);
    return {
      blockSize: PAGE_SIZE,
      blocks,
      freeBlocks,
      availableBlocks: freeBlocks,
      files: blocks,
      freeFiles: freeBlocks,
    };
  }
}

export class RamDirectory extends Inode {
  override readonly complete = true;
  declare readonly sb: RamFs;
  #entries = 0;

  constructor(sb: RamFs, mode: number, uid: number, gid: number) {
    super(sb, sb.newIno(), mode, uid, gid);
    this.nlink = 2;
  }

  override get size(): number {
    return ENTRY_SIZE * (2 + this.#entries);
  }

  /** An entry was added (+1) or taken away (-1). */
  #count(change: number, directory: boolean): void {
    this.#entries += change;
    if (directory) this.nlink += change;
    this.modified();
  }

  /** Counts an entry that someone else makes (imagefs.ts). */
  addEntry(): void {
    this.#count(1, false);
  }

  override create(_dir: Dentry, _name: string, mode: number, cred: Cred): Inode {
    this.#count(1, false);
    return this.#file(mode, cred);
  }

  #file(mode: number, cred: Cred): RamRegular {
    return new RamRegular(this.sb, newMode(this, S_IFREG | mode, cred), cred.uid, newGroup(this, cred));
  }

  override tmpfile(mode: number, cred: Cred): Inode {
    const inode = this.#file(mode, cred);
    inode.nlink = 0;
    return inode;
  }

  override mkdir(_dir: Dentry, _name: string, mode: number, cred: Cred): Inode {
    this.#count(1, true);
    return new RamDirectory(this.sb, newMode(this, S_IFDIR | mode, cred), cred.uid, newGroup(this, cred));
  }

  override symlink(_dir: Dentry, _name: string, target: string, cred: Cred): Inode {
    this.#count(1, false);
    return new RamSymlink(this.sb, target, cred.uid, newGroup(this, cred));
  }

  override mknod(_dir: Dentry, _name: string, mode: number, rdev: number, cred: Cred): Inode {
    if ((mode & S_IFMT) === S_IFREG) return this.create(_dir, _name, mode & 0o7777, cred);
    this.#count(1, false);
    const inode = new RamSpecial(this.sb, this.sb.newIno(), newMode(this, mode, cred), cred.uid, newGroup(this, cred));
    inode.rdev = rdev;
    return inode;
  }

  override link(_dir: Dentry, _name: string, inode: Inode): number {
    this.#count(1, false);
    inode.nlink++;
    inode.changed();
    return 0;
  }

  override unlink(entry: Dentry): number {
    this.#count(-1, false);
    entry.inode.dropLink();
    return 0;
  }

  override rmdir(entry: Dentry): number {
    if (entry.children !== null && entry.children.size > 0) return -ENOTEMPTY;
    this.#count(-1, true);
    entry.inode.nlink = 0;
    entry.inode.dead = true;
    entry.inode.changed();
    return 0;
  }

  override rename(entry: Dentry, newDir: Dentry, _name: string, target: Dentry | null, exchange: boolean): number {
    const to = newDir.inode as RamDirectory;
    const { isDirectory } = entry.inode;
    if (exchange) {
      const other = target!.inode.isDirectory;
      this.#count(-1, isDirectory);
      this.#count(1, other);
      to.#count(-1, other);
      to.#count(1, isDirectory);
      target!.inode.changed();
    } else {
      if (target !== null) {
        const error = target.inode.isDirectory ? to.rmdir(target) : to.unlink(target);
        if (error) return error;
      }
      this.#count(-1, isDirectory);
      to.#count(1, isDirectory);
    }
    entry.inode.changed();
    return 0;
  }

  override open(_t: Task | null, path: Path, flags: number): File | number {
    const file = new RamDirectoryFile(this.sb.vfs.kernel, path);
    return this.sb.vfs.attach(file, flags) || file;
  }
}

/** An open directory: entries come in the order in which they were made, by their offsets. */
class RamDirectoryFile extends File {
  #entries: Iterator<Dentry> | null = null;
  /** The position that the iterator stands at, and the entry that found no room. */
  #at = -1;
  #pending: Dentry | null = null;

  override read(): number {
    return -EISDIR;
  }

  override readdir(emit: EmitEntry): number {
    const dir = this.dentry;
    const kept = this.pos === this.#at;
    let { pos } = this;
    if (pos === 0 && emit(".", dir.inode.ino, DT_DIR, 1)) pos = 1;
    if (pos === 1 && emit("..", dir.parent.inode.ino, DT_DIR, 2)) pos = 2;
    if (pos >= 2) {
      if (!kept) this.#entries = this.#pending = null;
      this.#entries ??= (dir.children ?? new Map<string, Dentry>()).values();
      for (;;) {
        let entry = this.#pending;
        if (entry === null) {
          const next = this.#entries.next();
          if (next.done) {
            this.#entries = null;
            break;
          }
          entry = next.value;
        }
        this.#pending = null;
        if (entry.offset < pos || entry.unhashed || entry.parent !== dir) continue;
        if (!emit(entry.name, entry.inode.ino, direntType(entry.inode.mode), entry.offset + 1)) {
          this.#pending = entry;
          break;
        }
        pos = entry.offset + 1;
      }
    }
    this.pos = this.#at = pos;
    return 0;
  }

  override seek(offset: number, whence: number): number {
    return whence === SEEK_SET || whence === SEEK_CUR ? this.seekTo(offset, whence, 0) : -EINVAL;
  }

  override sync(): number {
    return 0;
  }
}

/** Content that is fetched when it is first needed. */
export interface LazyContent {
  readonly size: number;
  load(): Uint8Array;
}

export class RamRegular extends Inode {
  declare readonly sb: RamFs;
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
    super(sb, sb.newIno(), mode, uid, gid);
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

export class RamFile extends File {
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

  /** As tmpfs: plain allocation and holes (man 2 fallocate). */
  override allocate(mode: number, offset: number, length: number): number {
    const { inode, kernel } = this;
    const { seals, size } = inode;
    const cache = inode.cache();
    if (mode & ~(FALLOC_FL_KEEP_SIZE | FALLOC_FL_PUNCH_HOLE)) return -EOPNOTSUPP;
    if (mode & FALLOC_FL_PUNCH_HOLE) {
      if (!(mode & FALLOC_FL_KEEP_SIZE)) return -EOPNOTSUPP;
      if (seals & (F_SEAL_WRITE | F_SEAL_FUTURE_WRITE)) return -EPERM;
      kernel.hot.cache_punch(cache, offset, Math.min(length, Math.max(0, size - offset)));
      inode.modified();
      return 0;
    }
    const end = offset + length;
    const grows = !(mode & FALLOC_FL_KEEP_SIZE) && end > size;
    if (grows && seals & F_SEAL_GROW) return -EPERM;
    const error = inode.fill(offset, length);
    if (error) return error;
    if (grows) kernel.hot.cache_truncate(cache, end);
    inode.changed();
    return 0;
  }

  override sync(): number {
    return 0;
  }
}

export class RamSymlink extends Inode {
  readonly #target: Filename;

  constructor(sb: RamFs, target: string, uid: number, gid: number) {
    super(sb, sb.newIno(), S_IFLNK | 0o777, uid, gid);
    this.#target = new Filename(target);
  }

  override get size(): number {
    return encodeString(this.#target.text).length;
  }

  override readlink(): Filename {
    return this.#target;
  }
}

/** Device nodes, FIFOs and sockets: what they do is not the file system's matter. */
export class RamSpecial extends Inode {}
