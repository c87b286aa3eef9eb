/**
 * Inodes: the objects of a file system. An inode class overrides what its kind can do; everything else fails as
 * Linux fails it.
 */
import { EACCES, EINVAL, ENOENT, ENOTDIR, ENXIO, EOPNOTSUPP, EPERM } from "../abi/errno.ts";
import {
  DT_BLK,
  DT_CHR,
  DT_DIR,
  DT_FIFO,
  DT_LNK,
  DT_REG,
  DT_SOCK,
  S_IFBLK,
  S_IFCHR,
  S_IFDIR,
  S_IFIFO,
  S_IFLNK,
  S_IFMT,
  S_IFREG,
  S_IFSOCK,
} from "../abi/stat.ts";
import type { Task } from "../task/task.ts";
import type { Dentry } from "./dentry.ts";
import { openFifo } from "./fifo.ts";
import { File } from "./file.ts";
import type { Filename } from "./filename.ts";
import type { FileLocks } from "./locks.ts";
import type { Mount, SuperBlock } from "./mount.ts";
import type { Path } from "./path.ts";
import type { Cred } from "./permission.ts";

/** What chmod, chown, truncate and utimensat change: only the fields that are set. Times are [seconds, nanoseconds]. */
export interface Attributes {
  mode?: number;
  uid?: number;
  gid?: number;
  size?: number;
  atime?: readonly [number, number];
  mtime?: readonly [number, number];
}

const DIRENT_TYPES = new Map<number, number>([
  [S_IFREG, DT_REG],
  [S_IFDIR, DT_DIR],
  [S_IFLNK, DT_LNK],
  [S_IFCHR, DT_CHR],
  [S_IFBLK, DT_BLK],
  [S_IFIFO, DT_FIFO],
  [S_IFSOCK, DT_SOCK],
]);

/** What the content of a file was at one moment; others keep things made of it under this object as the key. */
export class Content {
  readonly version: number;
  /** Its first bytes, once someone read them. */
  head: Uint8Array | null = null;

  constructor(version: number) {
    this.version = version;
  }
}

/** d_type of a mode. */
export function direntType(mode: number): number {
  return DIRENT_TYPES.get(mode & S_IFMT) ?? 0;
}

export abstract class Inode {
  readonly sb: SuperBlock;
  /** Its record in kernel memory (INODE_*), from which the hot half serves it; 0 where its attributes are fields (PlainInode). */
  abstract readonly ptr: number;
  abstract ino: number;
  abstract mode: number;
  abstract uid: number;
  abstract gid: number;
  abstract nlink: number;
  /** Device number of a device node, as makedev gives it. */
  abstract rdev: number;
  // Times in seconds and nanoseconds: one number would lose nanoseconds.
  abstract atime: number;
  abstract atimeNs: number;
  abstract mtime: number;
  abstract mtimeNs: number;
  abstract ctime: number;
  abstract ctimeNs: number;
  abstract btime: number;
  abstract btimeNs: number;
  /** Who keeps it alive without a name: open file descriptions, or where it has a record, dentries. */
  abstract users: number;
  /** FB_* bits that every new open file description of it gets: hooks of locks, seals, set-user-ID bits. */
  abstract hooks: number;
  /** A removed directory: nothing can be made in it. */
  abstract dead: boolean;
  /** A name it has or had: the last one that was added or used. */
  alias: Dentry | null = null;
  /** Directory entries are all in the dcache: see Dentry.find. */
  readonly complete: boolean = false;
  /** Record locks and flocks; null until the first. */
  locks: FileLocks | null = null;
  /** Without a name, but may get one by linkat (O_TMPFILE). */
  linkable = false;
  /** A FIFO's pipe in kernel memory, once it was opened. */
  pipe = 0;

  constructor(sb: SuperBlock) {
    this.sb = sb;
  }

  get isDirectory(): boolean {
    return (this.mode & S_IFMT) === S_IFDIR;
  }
  get isRegular(): boolean {
    return (this.mode & S_IFMT) === S_IFREG;
  }
  get isSymlink(): boolean {
    return (this.mode & S_IFMT) === S_IFLNK;
  }

  /** Bytes. */
  get size(): number {
    return 0;
  }
  /** 512-byte blocks in use. */
  get blocks(): number {
    return 0;
  }
  /** Changes whenever the content does: what a cache of the content can be checked with. */
  get version(): number {
    return 0;
  }

  #content: Content | null = null;
  /** The object that stands for the content as it is now. */
  content(): Content {
    if (this.#content?.version !== this.version) this.#content = new Content(this.version);
    return this.#content!;
  }

  /** SHA-256 of the content in hex, of a program whose content came with one and is still that. */
  get digest(): string | undefined {
    return undefined;
  }

  /** Brings the fields up to date with what is below (page cache, host). 0 or -errno. */
  refresh(): number {
    return 0;
  }

  // ------------------------------------------------------------ directories

  /** The entry `name`: an inode, or -errno (-ENOENT where there is none). Not asked where `complete`. */
  lookup(_name: string, _dir: Dentry): Inode | number {
    return this.isDirectory ? -ENOENT : -ENOTDIR;
  }
  /** Whether an entry found in the dcache is still that; only asked where SuperBlock.revalidates. */
  revalidate(_entry: Dentry): boolean {
    return true;
  }
  // These make an entry in this directory; the caller has checked names and permissions and adds the result to the dcache.
  create(_dir: Dentry, _name: string, _mode: number, _cred: Cred): Inode | number {
    return -EACCES;
  }
  mkdir(_dir: Dentry, _name: string, _mode: number, _cred: Cred): Inode | number {
    return -EPERM;
  }
  symlink(_dir: Dentry, _name: string, _target: string, _cred: Cred): Inode | number {
    return -EPERM;
  }
  mknod(_dir: Dentry, _name: string, _mode: number, _rdev: number, _cred: Cred): Inode | number {
    return -EPERM;
  }
  /** A file without a name (O_TMPFILE). */
  tmpfile(_mode: number, _cred: Cred): Inode | number {
    return -EOPNOTSUPP;
  }
  link(_dir: Dentry, _name: string, _inode: Inode, _from: Dentry): number {
    return -EPERM;
  }
  unlink(_entry: Dentry): number {
    return -EPERM;
  }
  rmdir(_entry: Dentry): number {
    return -EPERM;
  }
  /** Moves `entry` of this directory to `name` in `newDir`, over `target` or, with `exchange`, in exchange for it. */
  rename(_entry: Dentry, _newDir: Dentry, _name: string, _target: Dentry | null, _exchange: boolean): number {
    return -EPERM;
  }

  // ------------------------------------------------------------ all

  /** A symbolic link's text, or -errno. */
  readlink(_t: Task | null): Filename | number {
    return -EINVAL;
  }
  /** Where a link of /proc leads without a name being looked up (/proc/self/fd/3); null for other links. */
  magicLink(_t: Task | null): Path | number | null {
    return null;
  }
  /** Makes the open file of an open(2), permissions checked: a File whose description attach() has made, or -errno. */
  open(t: Task | null, path: Path, flags: number): File | number {
    const type = this.mode & S_IFMT;
    if (type === S_IFCHR) return this.sb.vfs.openCharDevice(t, this, path, flags);
    if (type === S_IFIFO) return openFifo(t, this, path, flags);
    return -ENXIO;
  }
  /** The File for a description that the hot half made: of memory file systems only. */
  coldSide(path: Path): File {
    return new File(this.sb.vfs.kernel, path);
  }
  /** Sets attributes; permissions are checked. 0 or -errno. */
  setAttributes(attributes: Attributes): number {
    if (attributes.size !== undefined) return -EINVAL;
    this.applyAttributes(attributes);
    return 0;
  }
  /** The whole content, for the kernel itself. */
  readAll(): Uint8Array | number {
    return -EINVAL;
  }
  /** No name, no user: frees what it holds. */
  evict(): void {
    if (this.pipe !== 0) this.sb.vfs.kernel.hot.pipe_put(this.pipe);
    this.pipe = 0;
  }

  // ------------------------------------------------------------ for file systems

  /** Sets the metadata fields of `attributes`, and ctime. */
  protected applyAttributes(attributes: Attributes): void {
    this.changed();
    if (attributes.mode !== undefined) this.mode = (this.mode & S_IFMT) | (attributes.mode & 0o7777);
    if (attributes.uid !== undefined) this.uid = attributes.uid;
    if (attributes.gid !== undefined) this.gid = attributes.gid;
    if (attributes.atime) [this.atime, this.atimeNs] = attributes.atime;
    if (attributes.mtime) [this.mtime, this.mtimeNs] = attributes.mtime;
  }

  /** Its metadata changed now. */
  changed(): void {
    const now = this.sb.vfs.now();
    this.ctime = now.seconds;
    this.ctimeNs = now.nanoseconds;
  }

  /** Its content changed now. */
  modified(): void {
    const now = this.sb.vfs.now();
    this.ctime = this.mtime = now.seconds;
    this.ctimeNs = this.mtimeNs = now.nanoseconds;
  }

  /** It was read now, through a mount. Only memory file systems keep access times. */
  accessed(_mount: Mount): void {}

  /** One user less; the last one of a nameless inode frees it. */
  put(): void {
    this.users--;
    this.evictUnused();
  }

  /** One name less. */
  dropLink(): void {
    this.nlink--;
    this.changed();
    this.evictUnused();
  }

  /** Frees it where neither a name nor a user is left. */
  evictUnused(): void {
    if (this.nlink === 0 && this.users === 0) this.evict();
  }
}

/** An inode that is all in the object: of file systems that the hot half does not know. */
export abstract class PlainInode extends Inode {
  readonly ptr = 0;
  ino: number;
  mode: number;
  uid: number;
  gid: number;
  nlink = 1;
  rdev = 0;
  atime: number;
  atimeNs: number;
  mtime: number;
  mtimeNs: number;
  ctime: number;
  ctimeNs: number;
  btime: number;
  btimeNs: number;
  users = 0;
  hooks = 0;
  dead = false;

  constructor(sb: SuperBlock, ino: number, mode: number, uid: number, gid: number) {
    super(sb);
    this.ino = ino;
    this.mode = mode;
    this.uid = uid;
    this.gid = gid;
    const now = sb.vfs.now();
    this.atime = this.mtime = this.ctime = this.btime = now.seconds;
    this.atimeNs = this.mtimeNs = this.ctimeNs = this.btimeNs = now.nanoseconds;
  }
}
