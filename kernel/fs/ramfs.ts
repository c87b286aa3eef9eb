/**
 * The memory file system: tmpfs, and the root of a machine. Directories are their dentries; regular files are in
 * ram-regular.ts.
 */
import { EINVAL, EISDIR, EMLINK, ENOSPC, ENOTEMPTY } from "../abi/errno.ts";
import { SEEK_CUR, SEEK_SET } from "../abi/fcntl.ts";
import { DT_DIR, S_IFDIR, S_IFLNK, S_IFMT, S_IFREG, TMPFS_MAGIC } from "../abi/stat.ts";
import { fail } from "../errors.ts";
import { DENTRY_INLINE_BYTES, INODE_LINK, PAGE_SIZE, PAGES_LIMIT, PAGES_USED } from "../hot/layout.ts";
import { encodeString } from "../mm/address-space.ts";
import type { Task } from "../task/task.ts";
import { Dentry } from "./dentry.ts";
import { type EmitEntry, File } from "./file.ts";
import { Filename } from "./filename.ts";
import { direntType, type Inode } from "./inode.ts";
import { type FsSizes, SuperBlock } from "./mount.ts";
import type { Path } from "./path.ts";
import { type Cred, newGroup, newMode } from "./permission.ts";
import { INODE_SHARE, MAX_INODES, RamInode } from "./ram-inode.ts";
import { RamRegular } from "./ram-regular.ts";
import type { Vfs } from "./vfs.ts";

/** Hard links of one file; ext4's limit. */
const MAX_LINKS = 65000;
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
    vfs.kernel.hot.dget(this.root.record());
  }

  newIno(): number {
    return this.#nextIno++;
  }

  /** Whether there is no room for one more inode or name: ENOSPC. */
  get isFull(): boolean {
    return this.vfs.memoryInodes >= MAX_INODES || !this.hasMemory;
  }

  /** Whether kernel memory has room for what is known about files. */
  get hasMemory(): boolean {
    return this.vfs.kernel.hot.pages_left(0, INODE_SHARE) !== 0;
  }

  /** All that is in it goes: nobody can reach it any more. */
  override shutdown(): void {
    const { root } = this;
    let dir = root;
    for (;;) {
      const [entry] = dir.entries();
      if (entry !== undefined && !entry.isEmpty) {
        dir = entry;
      } else if (entry !== undefined) {
        const parent = dir.inode as RamDirectory;
        if (entry.inode.isDirectory) parent.rmdir(entry);
        else parent.unlink(entry);
        entry.drop();
      } else if (dir === root) break;
      else dir = dir.parent;
    }
    root.inode.nlink = 0;
    this.vfs.kernel.hot.dput(root.ptr);
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
      files: MAX_INODES,
      freeFiles: MAX_INODES - this.vfs.memoryInodes,
    };
  }
}

export class RamDirectory extends RamInode {
  override readonly complete = true;

  constructor(sb: RamFs, mode: number, uid: number, gid: number) {
    super(sb, mode, uid, gid);
    this.nlink = 2;
    this.setSize(2 * ENTRY_SIZE);
  }

  /** An entry was added (+1) or taken away (-1). */
  #count(change: number, directory: boolean): void {
    this.setSize(this.size + change * ENTRY_SIZE);
    if (directory) this.nlink += change;
    this.modified();
  }

  /** Counts an entry that someone else makes (imagefs.ts). */
  addEntry(): void {
    this.#count(1, false);
  }

  override create(_dir: Dentry, _name: string, mode: number, cred: Cred): Inode | number {
    if (this.sb.isFull) return -ENOSPC;
    this.#count(1, false);
    return this.#file(mode, cred);
  }

  #file(mode: number, cred: Cred): RamRegular {
    return new RamRegular(this.sb, newMode(this, S_IFREG | mode, cred), cred.uid, newGroup(this, cred));
  }

  override tmpfile(mode: number, cred: Cred): Inode | number {
    if (this.sb.isFull) return -ENOSPC;
    const inode = this.#file(mode, cred);
    inode.nlink = 0;
    return inode;
  }

  override mkdir(_dir: Dentry, _name: string, mode: number, cred: Cred): Inode | number {
    if (this.sb.isFull) return -ENOSPC;
    this.#count(1, true);
    return new RamDirectory(this.sb, newMode(this, S_IFDIR | mode, cred), cred.uid, newGroup(this, cred));
  }

  override symlink(_dir: Dentry, _name: string, target: string, cred: Cred): Inode | number {
    if (this.sb.isFull) return -ENOSPC;
    this.#count(1, false);
    return new RamSymlink(this.sb, target, cred.uid, newGroup(this, cred));
  }

  override mknod(_dir: Dentry, _name: string, mode: number, rdev: number, cred: Cred): Inode | number {
    if ((mode & S_IFMT) === S_IFREG) return this.create(_dir, _name, mode & 0o7777, cred);
    if (this.sb.isFull) return -ENOSPC;
    this.#count(1, false);
    const inode = new RamSpecial(this.sb, newMode(this, mode, cred), cred.uid, newGroup(this, cred));
    inode.rdev = rdev;
    return inode;
  }

  override link(_dir: Dentry, _name: string, inode: Inode): number {
    if (this.sb.isFull) return -ENOSPC;
    if (inode.nlink >= MAX_LINKS) return -EMLINK;
    this.#count(1, false);
    // A further name counts as an inode does; a nameless file gets its first.
    if (inode.nlink++ > 0) this.sb.vfs.memoryInodes++;
    inode.changed();
    return 0;
  }

  override unlink(entry: Dentry): number {
    this.#count(-1, false);
    if (entry.inode.nlink > 1) this.sb.vfs.memoryInodes--;
    entry.inode.dropLink();
    return 0;
  }

  override rmdir(entry: Dentry): number {
    if (!entry.isEmpty) return -ENOTEMPTY;
    this.#count(-1, true);
    entry.inode.nlink = 0;
    entry.inode.dead = true;
    entry.inode.changed();
    return 0;
  }

  override rename(entry: Dentry, newDir: Dentry, name: string, target: Dentry | null, exchange: boolean): number {
    const to = newDir.inode as RamDirectory;
    // A name that is not short is memory of its own.
    const longest = Math.max(name.length, exchange ? entry.name.length : 0);
    if (longest * 3 > DENTRY_INLINE_BYTES && !this.sb.hasMemory) return -ENOSPC;
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
      if (to === this) this.modified();
      else {
        this.#count(-1, isDirectory);
        to.#count(1, isDirectory);
      }
    }
    entry.inode.changed();
    return 0;
  }

  override open(_t: Task | null, path: Path, flags: number): File | number {
    const file = this.coldSide(path);
    return this.sb.vfs.attach(file, flags) || file;
  }

  override coldSide(path: Path): File {
    return new RamDirectoryFile(this.sb.vfs.kernel, path);
  }
}

/** An open directory: entries come in the order in which they were made, by their offsets. */
class RamDirectoryFile extends File {
  override read(): number {
    return -EISDIR;
  }

  override readdir(emit: EmitEntry): number {
    const dir = this.dentry;
    let { pos } = this;
    if (pos === 0 && emit(".", dir.inode.ino, DT_DIR, 1)) pos = 1;
    if (pos === 1 && emit("..", dir.parent.inode.ino, DT_DIR, 2)) pos = 2;
    if (pos >= 2) {
      for (const entry of dir.entries()) {
        const { offset } = entry;
        if (offset < pos) continue;
        if (!emit(entry.name, entry.inode.ino, direntType(entry.inode.mode), offset + 1)) break;
        pos = offset + 1;
      }
    }
    this.pos = pos;
    return 0;
  }

  override seek(offset: number, whence: number): number {
    return whence === SEEK_SET || whence === SEEK_CUR ? this.seekTo(offset, whence, 0) : -EINVAL;
  }

  override sync(): number {
    return 0;
  }
}

export class RamSymlink extends RamInode {
  readonly #text: string;
  #target: Filename | null = null;

  constructor(sb: RamFs, target: string, uid: number, gid: number) {
    super(sb, S_IFLNK | 0o777, uid, gid);
    this.#text = target;
    const { kmem, hot } = sb.vfs.kernel;
    const bytes = encodeString(target);
    const text = bytes.length === 0 ? 0 : hot.alloc(bytes.length);
    if (text === 0 && bytes.length > 0) fail(ENOSPC);
    kmem.u8.set(bytes, text);
    kmem.u32[(this.ptr + INODE_LINK) >> 2] = text;
    this.setSize(bytes.length);
  }

  override readlink(): Filename {
    this.#target ??= new Filename(this.#text);
    return this.#target;
  }
}

/** Device nodes, FIFOs and sockets: what they do is not the file system's matter. */
class RamSpecial extends RamInode {}
