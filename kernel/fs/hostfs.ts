/**
 * Folders of the host in the machine's tree. The host is reached through HostDirectory: synchronous operations on names below one
 * folder, none of which follows a symbolic link. Links are resolved by namei.ts, inside the machine's tree.
 *
 * The host changes behind our back, so an entry is looked at anew each time it is used; only what was seen an instant ago is believed.
 */
import { EACCES, EBUSY, EINVAL, EISDIR, ENOENT, ENOTDIR, ENXIO, EOPNOTSUPP, EPERM } from "../abi/errno.ts";
import { O_ACCMODE, O_RDONLY, O_RDWR, O_WRONLY, SEEK_CUR, SEEK_END, SEEK_SET } from "../abi/fcntl.ts";
import { DT_DIR, S_IFBLK, S_IFCHR, S_IFDIR, S_IFMT, S_IFREG, V9FS_MAGIC } from "../abi/stat.ts";
import { FB_WRITE } from "../hot/layout.ts";
import type { Task } from "../task/task.ts";
import { Dentry } from "./dentry.ts";
import { type EmitEntry, File } from "./file.ts";
import { Filename } from "./filename.ts";
import { type Attributes, direntType, type Inode, PlainInode } from "./inode.ts";
import { type FsSizes, MNT_NODEV, MNT_NOSUID, MNT_READONLY, MNT_RELATIME, Mount, SuperBlock } from "./mount.ts";
import type { Path } from "./path.ts";
import { type Cred, newGroup, newMode } from "./permission.ts";
import type { Vfs } from "./vfs.ts";

/** A time: seconds and nanoseconds since the epoch. */
export type HostTime = readonly [seconds: number, nanoseconds: number];

export interface HostStat {
  /** Tells files of different devices below the folder apart. */
  dev: number;
  ino: number;
  /** Type and permissions, with Linux's numbers. */
  mode: number;
  nlink: number;
  uid: number;
  gid: number;
  size: number;
  blocks: number;
  atime: HostTime;
  mtime: HostTime;
  ctime: HostTime;
  btime: HostTime;
}

export interface HostEntry {
  name: string;
  /** DT_*; DT_UNKNOWN where the host does not say. */
  type: number;
}

/** New attributes, in the host's numbers; fields that are not there stay. */
export interface HostAttributes {
  mode?: number;
  uid?: number;
  gid?: number;
  size?: number;
  atime?: HostTime;
  mtime?: HostTime;
}

/** An open regular file. Every method gives -errno where it fails. */
export interface HostFile {
  /** Bytes; 0 at the end. `into` and `from` may be shared memory. */
  read(into: Uint8Array, position: number): number;
  write(from: Uint8Array, position: number): number;
  stat(): HostStat | number;
  set(attributes: HostAttributes): number;
  sync(dataOnly: boolean): number;
  /** The same file opened once more, whether or not it has a name. */
  reopen(access: number): HostFile | number;
  close(): void;
}

/**
 * A folder of the host. Paths are names joined by "/", relative to it, "" itself; names are never "." or "..". Bytes that are no
 * UTF-8 come as U+DC80..U+DCFF. Every method gives -errno where it fails; none follows a symbolic link.
 */
export interface HostDirectory {
  /** For /proc/mounts. */
  readonly name: string;
  /** User and group that own what is made; 0 can give files to others. */
  readonly uid: number;
  readonly gid: number;
  stat(path: string): HostStat | number;
  /** Every entry but "." and "..". */
  list(path: string): HostEntry[] | number;
  /** Opens a regular file: O_RDONLY, O_WRONLY or O_RDWR. */
  open(path: string, access: number): HostFile | number;
  /** Makes a regular file that must not exist, with exactly this mode. */
  create(path: string, mode: number): number;
  mkdir(path: string, mode: number): number;
  symlink(target: string, path: string): number;
  link(from: string, to: string): number;
  unlink(path: string): number;
  rmdir(path: string): number;
  rename(from: string, to: string): number;
  readlink(path: string): string | number;
  set(path: string, attributes: HostAttributes): number;
  sizes(): FsSizes | number;
  /** What was known about a path and below is out of date. */
  forget(path: string): void;
  /** The machine is done with the folder. */
  close(): void;
}

/** How long what the host said is believed, in ms: long enough for the steps of one call. */
const FRESH_MS = 1;
/** The same for directories on the way to something. */
const FRESH_DIRECTORY_MS = 20;
/** Inodes kept; then all that nobody uses are dropped. */
const MAX_INODES = 20000;
/** Who owns what belongs to a host user that the machine has no number for. */
const NOBODY = 65534;

export class HostFs extends SuperBlock {
  override readonly revalidates = true;
  readonly host: HostDirectory;
  readonly #inodes = new Map<string, HostInode>();

  /** Throws an Error where the folder can not be read. */
  constructor(vfs: Vfs, host: HostDirectory, readOnly: boolean) {
    // As a guest of a hypervisor sees a shared folder.
    super(vfs, "9p", V9FS_MAGIC);
    this.host = host;
    this.readOnly = readOnly;
    const stat = host.stat("");
    if (typeof stat === "number") throw new Error(`${host.name}: cannot be read (errno ${-stat})`);
    const root = new HostInode(this, stat);
    this.root = new Dentry("", null, root);
    root.alias = this.root;
    this.#inodes.set(key(stat), root);
  }

  /** The one inode of a host file, its attributes brought up to date. */
  inodeOf(stat: HostStat): HostInode {
    let inode = this.#inodes.get(key(stat));
    // The host gives the number of a directory that went to another one.
    if (inode === undefined || inode.dead || (inode.mode & S_IFMT) !== (stat.mode & S_IFMT)) {
      if (this.#inodes.size >= MAX_INODES) this.#forgetUnused();
      inode = new HostInode(this, stat);
      this.#inodes.set(key(stat), inode);
    } else inode.load(stat);
    return inode;
  }

  /** Drops inodes without users, and with them every dentry but those that lead to mounts: the next walk finds them anew. */
  #forgetUnused(): void {
    for (const [id, inode] of this.#inodes) {
      if (inode.users === 0 && inode.locks === null && inode !== this.root.inode) this.#inodes.delete(id);
    }
    dropBelow(this.root);
  }

  /** Host numbers of owners are the machine's where the host user is root; else that user is root, and all others nobody. */
  uidOf(uid: number): number {
    if (this.host.uid === 0) return uid;
    return uid === this.host.uid ? 0 : NOBODY;
  }
  gidOf(gid: number): number {
    if (this.host.uid === 0) return gid;
    return gid === this.host.gid ? 0 : NOBODY;
  }

  override sizes(): FsSizes {
    const sizes = this.host.sizes();
    if (typeof sizes !== "number") return sizes;
    return { blockSize: 4096, blocks: 0, freeBlocks: 0, availableBlocks: 0, files: 0, freeFiles: 0 };
  }

  override shutdown(): void {
    this.host.close();
  }
}

function key(stat: HostStat): string {
  return `${stat.dev}:${stat.ino}`;
}

/** Whether something is mounted below the directory; entries with nothing are dropped. */
function dropBelow(dir: Dentry): boolean {
  let needed = false;
  for (const child of [...dir.entries()]) {
    if (dropBelow(child) || child.mounts > 0) needed = true;
    else child.forget();
  }
  return needed;
}

/** A dentry's path below the folder. */
function pathOf(dentry: Dentry): string {
  let path = "";
  for (let d = dentry; d.parent !== d; d = d.parent) path = path === "" ? d.name : `${d.name}/${path}`;
  return path;
}

function childPath(dir: Dentry, name: string): string {
  const path = pathOf(dir);
  return path === "" ? name : `${path}/${name}`;
}

class HostInode extends PlainInode {
  declare readonly sb: HostFs;
  readonly #dev: number;
  #size = 0;
  #blocks = 0;
  #version = 0;
  /** Monotonic ms at which the attributes were read. */
  #loadedAt = 0;
  /**
   * Times as they were set here, and as the host has them since: its interface may be coarser (Node takes times as doubles, to some
   * hundreds of ns). While the host's are these, they are the ones that were set.
   */
  #set: Partial<Record<"atime" | "mtime", { readonly asked: HostTime; readonly got: HostTime }>> = {};
  /** Open host files, by which it can be reached when it has no name any more. */
  readonly handles = new Set<HostFile>();

  constructor(sb: HostFs, stat: HostStat) {
    super(sb, stat.ino, stat.mode, 0, 0);
    this.#dev = stat.dev;
    this.load(stat);
    this.#version = 0;
  }

  override get size(): number {
    return this.#size;
  }
  override get blocks(): number {
    return this.#blocks;
  }
  override get version(): number {
    return this.#version;
  }

  /** Takes over what the host says. */
  load(stat: HostStat): void {
    const { sb } = this;
    const [ctime, ctimeNs] = stat.ctime;
    if (stat.size !== this.#size || ctime !== this.ctime || ctimeNs !== this.ctimeNs) this.#version++;
    this.mode = stat.mode;
    this.nlink = stat.nlink;
    this.uid = sb.uidOf(stat.uid);
    this.gid = sb.gidOf(stat.gid);
    this.#size = stat.size;
    this.#blocks = stat.blocks;
    [this.atime, this.atimeNs] = this.#exact("atime", stat);
    [this.mtime, this.mtimeNs] = this.#exact("mtime", stat);
    this.ctime = ctime;
    this.ctimeNs = ctimeNs;
    [this.btime, this.btimeNs] = stat.btime;
    this.#loadedAt = sb.vfs.kernel.clock.monotonic();
  }

  #exact(time: "atime" | "mtime", stat: HostStat): HostTime {
    const set = this.#set[time];
    const [seconds, nanoseconds] = stat[time];
    return set && set.got[0] === seconds && set.got[1] === nanoseconds ? set.asked : stat[time];
  }

  /** What is known is out of date. */
  stale(): void {
    this.#loadedAt = -Infinity;
  }

  #isFresh(ms: number): boolean {
    return this.sb.vfs.kernel.clock.monotonic() - this.#loadedAt < ms;
  }

  override refresh(): number {
    if (this.#isFresh(FRESH_MS)) return 0;
    const [handle] = this.handles;
    // Removed while in use (a working directory): what was known last stays true.
    if (handle === undefined && this.alias !== null && this.alias.unhashed) return 0;
    const stat = handle !== undefined ? handle.stat() : this.#byName((path) => this.sb.host.stat(path));
    if (typeof stat === "number") return stat;
    this.load(stat);
    return 0;
  }

  /** Runs an operation on a name of the file. */
  #byName<T>(operation: (path: string) => T | number): T | number {
    if (this.alias === null || (this.alias.unhashed && this.alias !== this.sb.root)) return -ENOENT;
    return operation(pathOf(this.alias));
  }

  // The host keeps the times; these are Linux's own bookkeeping.
  override changed(): void {}
  override modified(): void {}
  override put(): void {
    this.users--;
  }

  // ------------------------------------------------------------ directories

  override lookup(name: string, dir: Dentry): Inode | number {
    if (!this.isDirectory) return -ENOTDIR;
    const stat = this.sb.host.stat(childPath(dir, name));
    return typeof stat === "number" ? stat : this.sb.inodeOf(stat);
  }

  override revalidate(entry: Dentry): boolean {
    const inode = entry.inode as HostInode;
    inode.alias = entry;
    if (inode.#isFresh(inode.isDirectory ? FRESH_DIRECTORY_MS : FRESH_MS)) return true;
    const path = pathOf(entry);
    const stat = this.sb.host.stat(path);
    const same =
      typeof stat !== "number" &&
      stat.ino === inode.ino &&
      stat.dev === inode.#dev &&
      (stat.mode & S_IFMT) === (inode.mode & S_IFMT);
    if (same) inode.load(stat);
    else if (entry.mounts > 0) return true;
    else this.sb.host.forget(path);
    return same;
  }

  /** After something was made: its inode, given to its maker where the host can. `mode` is set again: a change of owner costs bits. */
  #made(path: string, error: number, cred: Cred, mode?: number): Inode | number {
    this.stale();
    if (error) return error;
    const { host } = this.sb;
    if (host.uid === 0 && (cred.uid !== 0 || cred.gid !== 0)) {
      host.set(path, { uid: cred.uid, gid: newGroup(this, cred), ...(mode !== undefined && { mode }) });
    }
    const stat = host.stat(path);
    return typeof stat === "number" ? stat : this.sb.inodeOf(stat);
  }

  override create(dir: Dentry, name: string, mode: number, cred: Cred): Inode | number {
    const path = childPath(dir, name);
    const bits = newMode(this, S_IFREG | mode, cred) & 0o7777;
    return this.#made(path, this.sb.host.create(path, bits), cred, bits);
  }

  override mkdir(dir: Dentry, name: string, mode: number, cred: Cred): Inode | number {
    const path = childPath(dir, name);
    const bits = newMode(this, S_IFDIR | mode, cred) & 0o7777;
    return this.#made(path, this.sb.host.mkdir(path, bits), cred, bits);
  }

  override symlink(dir: Dentry, name: string, target: string, cred: Cred): Inode | number {
    const path = childPath(dir, name);
    return this.#made(path, this.sb.host.symlink(target, path), cred);
  }

  override mknod(dir: Dentry, name: string, mode: number, _rdev: number, cred: Cred): Inode | number {
    return (mode & S_IFMT) === S_IFREG ? this.create(dir, name, mode & 0o7777, cred) : -EPERM;
  }

  override link(dir: Dentry, name: string, inode: Inode, from: Dentry): number {
    this.stale();
    (inode as HostInode).stale();
    return this.sb.host.link(pathOf(from), childPath(dir, name));
  }

  override unlink(entry: Dentry): number {
    const inode = entry.inode as HostInode;
    const error = this.sb.host.unlink(pathOf(entry));
    this.stale();
    inode.stale();
    return error;
  }

  override rmdir(entry: Dentry): number {
    const path = pathOf(entry);
    const error = this.sb.host.rmdir(path);
    if (error) return error;
    this.sb.host.forget(path);
    this.stale();
    entry.inode.nlink = 0;
    entry.inode.dead = true;
    return 0;
  }

  override rename(entry: Dentry, newDir: Dentry, name: string, target: Dentry | null, exchange: boolean): number {
    const { host } = this.sb;
    const from = pathOf(entry);
    const to = childPath(newDir, name);
    const error = exchange ? this.#exchange(from, to) : host.rename(from, to);
    if (error) return error;
    host.forget(from);
    host.forget(to);
    for (const inode of [this, newDir.inode, entry.inode, target?.inode]) (inode as HostInode | undefined)?.stale();
    if (!exchange && target?.inode.isDirectory) {
      target.inode.dead = true;
      target.inode.nlink = 0;
    }
    return 0;
  }

  /** The host can not exchange two names at once: three steps do, which no guest sees between. */
  #exchange(a: string, b: string): number {
    const { host } = this.sb;
    const spare = `${a}.${this.ino}.exchange`;
    if (typeof host.stat(spare) !== "number") return -EBUSY;
    const error = host.rename(a, spare);
    if (error) return error;
    const failed = host.rename(b, a);
    if (failed) {
      host.rename(spare, a);
      return failed;
    }
    return host.rename(spare, b);
  }

  // ------------------------------------------------------------ all

  override readlink(): Filename | number {
    const target = this.#byName((path) => this.sb.host.readlink(path));
    return typeof target === "number" ? target : new Filename(target);
  }

  override setAttributes(attributes: Attributes): number {
    const { host } = this.sb;
    const wanted: HostAttributes = { ...attributes };
    if (host.uid !== 0) {
      // Files belong to the host's user, whom the machine knows as root: that much can be granted.
      if ((wanted.uid ?? this.uid) !== this.uid || (wanted.gid ?? this.gid) !== this.gid) return -EPERM;
      wanted.uid = wanted.gid = undefined;
    }
    const { atime, mtime } = wanted;
    // The host sets both, and rounds the one that is to stay as well.
    const times = atime || mtime ? this.refresh() === 0 && this.#times(atime, mtime) : null;
    this.stale();
    const [handle] = this.handles;
    const error =
      handle !== undefined && wanted.size === undefined
        ? handle.set(wanted)
        : this.#byName((path) => host.set(path, wanted));
    if (!error && times) this.#keep(times);
    return error;
  }

  #times(
    atime: HostTime = [this.atime, this.atimeNs],
    mtime: HostTime = [this.mtime, this.mtimeNs],
  ): Pick<HostStat, "atime" | "mtime"> {
    return { atime, mtime };
  }

  /** Remembers times that were set. */
  #keep({ atime, mtime }: Pick<HostStat, "atime" | "mtime">): void {
    const [handle] = this.handles;
    const stat = handle !== undefined ? handle.stat() : this.#byName((path) => this.sb.host.stat(path));
    if (typeof stat === "number") return;
    this.#set = { atime: { asked: atime, got: stat.atime }, mtime: { asked: mtime, got: stat.mtime } };
  }

  override readAll(): Uint8Array | number {
    const file = this.#byName((path) => this.sb.host.open(path, O_RDONLY));
    if (typeof file === "number") return file;
    const bytes = new Uint8Array(this.#size);
    let done = 0;
    while (done < bytes.length) {
      const got = file.read(bytes.subarray(done), done);
      if (got <= 0) break;
      done += got;
    }
    file.close();
    return bytes.subarray(0, done);
  }

  override open(_t: Task | null, path: Path, flags: number): File | number {
    const { vfs, host } = this.sb;
    const type = this.mode & S_IFMT;
    if (type === S_IFDIR) {
      const directory = new HostDirectoryFile(vfs.kernel, path);
      return vfs.attach(directory, flags) || directory;
    }
    // A device, FIFO or socket of the host is the host's: nothing of the machine reaches through it.
    if (type !== S_IFREG) return type === S_IFCHR || type === S_IFBLK ? -EACCES : -ENXIO;
    const mode = flags & O_ACCMODE;
    const access = mode === O_WRONLY || mode === O_RDWR ? mode : O_RDONLY;
    const [other] = this.handles;
    const unnamed = path.dentry.unhashed && other !== undefined;
    const handle = unnamed ? other.reopen(access) : host.open(pathOf(path.dentry), access);
    if (typeof handle === "number") return handle;
    const file = new HostRegularFile(vfs.kernel, path, handle);
    const error = vfs.attach(file, flags);
    if (error) {
      handle.close();
      return error;
    }
    this.handles.add(handle);
    return file;
  }
}

class HostRegularFile extends File {
  declare readonly inode: HostInode;
  override readonly mappable = true;
  readonly #handle: HostFile;

  constructor(kernel: Vfs["kernel"], path: Path, handle: HostFile) {
    super(kernel, path);
    this.#handle = handle;
  }

  override read(_t: Task | null, into: Uint8Array, pos: number): number {
    return into.length === 0 ? 0 : this.#handle.read(into, pos);
  }

  override write(_t: Task | null, from: Uint8Array, pos: number): number {
    if (from.length === 0) return 0;
    this.inode.stale();
    return this.#handle.write(from, pos);
  }

  override seek(offset: number, whence: number): number {
    // The host does not tell where holes are: all is data, as Linux says of file systems that do not know.
    if (whence > SEEK_END) {
      const { size } = this.inode;
      if (offset < 0 || offset >= size) return -ENXIO;
      this.pos = whence === SEEK_END + 1 ? offset : size;
      return this.pos;
    }
    return this.seekTo(offset, whence, this.inode.size);
  }

  override truncate(size: number): number {
    this.inode.stale();
    if (this.bits & FB_WRITE) return this.#handle.set({ size });
    // By open's O_TRUNC alone, whose permission was checked: the host wants a file that is open for writing.
    const writable = this.#handle.reopen(O_WRONLY);
    if (typeof writable === "number") return writable;
    const error = writable.set({ size });
    writable.close();
    return error;
  }

  override allocate(mode: number, offset: number, length: number): number {
    if (mode !== 0) return -EOPNOTSUPP;
    // Growing is all that the host can be asked for.
    return offset + length > this.inode.size ? this.truncate(offset + length) : 0;
  }

  override sync(dataOnly: boolean): number {
    return this.#handle.sync(dataOnly);
  }

  override release(): void {
    this.inode.handles.delete(this.#handle);
    this.#handle.close();
  }
}

/** An open directory: the entries are those that it had when reading began. */
class HostDirectoryFile extends File {
  declare readonly inode: HostInode;
  #entries: HostEntry[] | null = null;

  override read(): number {
    return -EISDIR;
  }

  override readdir(emit: EmitEntry): number {
    const dir = this.dentry;
    const { host } = this.inode.sb;
    const path = pathOf(dir);
    let { pos } = this;
    if (pos === 0 || this.#entries === null) {
      const entries = host.list(path);
      if (typeof entries === "number") return entries;
      this.#entries = entries;
    }
    if (pos === 0 && emit(".", dir.inode.ino, DT_DIR, 1)) pos = 1;
    if (pos === 1 && emit("..", dir.parent.inode.ino, DT_DIR, 2)) pos = 2;
    for (; pos >= 2 && pos - 2 < this.#entries.length; pos++) {
      const { name } = this.#entries[pos - 2];
      const stat = host.stat(path === "" ? name : `${path}/${name}`);
      if (typeof stat === "number") continue; // gone meanwhile
      if (!emit(name, stat.ino, direntType(stat.mode), pos + 1)) break;
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

/** A mount of a host folder, to be attached. Programs in it get no privileges, device nodes in it do nothing. */
export function hostMount(vfs: Vfs, host: HostDirectory, readOnly: boolean): Mount {
  const flags = MNT_NOSUID | MNT_NODEV | MNT_RELATIME | (readOnly ? MNT_READONLY : 0);
  return new Mount(new HostFs(vfs, host, readOnly), host.name, flags);
}
