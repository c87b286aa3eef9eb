/**
 * The machine's files for whoever owns the machine, in the manner of node:fs, with the rights of root. Paths are absolute (others begin at
 * the root, too). Failures are FsErrors. A FIFO or terminal is never waited for: EAGAIN.
 */
import { EEXIST, EINVAL, EISDIR, ENOENT, ENOTDIR } from "../abi/errno.ts";
import { errnoName, strerror } from "../abi/errno-names.ts";
import { AT_FDCWD, O_CREAT, O_EXCL, O_NONBLOCK, O_RDONLY, O_TRUNC, O_WRONLY } from "../abi/fcntl.ts";
import { S_IFBLK, S_IFCHR, S_IFDIR, S_IFIFO, S_IFLNK, S_IFMT, S_IFREG, S_IFSOCK } from "../abi/stat.ts";
import { chmod, chown, setTimes, truncate } from "./attr.ts";
import type { File } from "./file.ts";
import { Filename } from "./filename.ts";
import type { Inode } from "./inode.ts";
import { LOOKUP_FOLLOW } from "./namei.ts";
import { link, mkdir, mknod, rename, rmdir, symlink, unlink } from "./names.ts";
import { openFile } from "./open.ts";
import { type Path, pathName } from "./path.ts";
import type { Vfs } from "./vfs.ts";

export class FsError extends Error {
  override readonly name = "FsError";
  readonly errno: number;
  /** "ENOENT" and so on. */
  readonly code: string;
  /** The call that failed: "open", "mkdir"... */
  readonly syscall: string;
  readonly path: string;

  constructor(error: number, syscall: string, path: string) {
    super(`${errnoName(error)}: ${strerror(error)}, ${syscall} '${path}'`);
    this.errno = error;
    this.code = errnoName(error) ?? `errno ${error}`;
    this.syscall = syscall;
    this.path = path;
  }
}

export type FileType = "file" | "directory" | "symlink" | "fifo" | "socket" | "character" | "block";

const FILE_TYPES: ReadonlyMap<number, FileType> = new Map([
  [S_IFREG, "file"],
  [S_IFDIR, "directory"],
  [S_IFLNK, "symlink"],
  [S_IFIFO, "fifo"],
  [S_IFSOCK, "socket"],
  [S_IFCHR, "character"],
  [S_IFBLK, "block"],
]);

function typeOf(inode: Inode): FileType {
  return FILE_TYPES.get(inode.mode & S_IFMT) ?? "file";
}

/** Times are ms since the epoch. */
export interface FileStat {
  type: FileType;
  /** Permission bits with set-user-ID, set-group-ID and sticky: 0o7777. */
  mode: number;
  uid: number;
  gid: number;
  /** Bytes. */
  size: number;
  /** Blocks of 512 bytes. */
  blocks: number;
  nlink: number;
  dev: number;
  rdev: number;
  ino: number;
  atimeMs: number;
  mtimeMs: number;
  ctimeMs: number;
}

export interface DirectoryEntry {
  name: string;
  type: FileType;
}

/** Bytes read at a time from files that do not say how long they are (proc, devices). */
const PIECE = 65536;
/** Most bytes of such a file: /dev/zero has no end. */
const LONGEST = 1 << 30;

export class FileApi {
  readonly #vfs: Vfs;

  constructor(vfs: Vfs) {
    this.#vfs = vfs;
  }

  // ------------------------------------------------------------ files

  readFile(path: string): Uint8Array<ArrayBuffer> {
    return this.#withFile("open", path, O_RDONLY | O_NONBLOCK, 0, (file) => {
      if (file.inode.isDirectory) throw new FsError(EISDIR, "read", path);
      const pieces: Uint8Array[] = [];
      let length = 0;
      let piece = new Uint8Array(file.inode.size || PIECE);
      while (length < LONGEST) {
        const got = this.#check(file.read(null, piece, length), "read", path);
        if (got === 0) break;
        pieces.push(piece.subarray(0, got));
        length += got;
        piece = new Uint8Array(PIECE);
      }
      const bytes = new Uint8Array(length);
      let at = 0;
      for (const part of pieces) {
        bytes.set(part, at);
        at += part.length;
      }
      return bytes;
    });
  }

  /** `flag`: "w" replaces, "a" appends, "x" only makes a new file. `mode`: of a new file, no umask taken off. */
  writeFile(path: string, data: Uint8Array, mode = 0o644, flag: "w" | "a" | "x" = "w"): void {
    const how = { w: O_TRUNC, a: 0, x: O_EXCL }[flag];
    this.#withFile("open", path, O_WRONLY | O_CREAT | O_NONBLOCK | how, mode, (file) => {
      let at = flag === "a" ? file.inode.size : 0;
      for (let done = 0; done < data.length; ) {
        const put = this.#check(file.write(null, data.subarray(done), at), "write", path);
        done += put;
        at += put;
      }
    });
  }

  truncate(path: string, size: number): void {
    if (size < 0) throw new FsError(EINVAL, "truncate", path);
    this.#change("truncate", path, true, (found) => truncate(null, found, size, this.#vfs.walk.cred));
  }

  // ------------------------------------------------------------ attributes

  stat(path: string): FileStat {
    return this.#stat(path, true);
  }

  lstat(path: string): FileStat {
    return this.#stat(path, false);
  }

  chmod(path: string, mode: number): void {
    this.#change("chmod", path, true, (found) => chmod(this.#vfs, found, mode, this.#vfs.walk.cred));
  }

  chown(path: string, uid: number, gid: number): void {
    this.#change("chown", path, true, (found) => chown(found, uid, gid, this.#vfs.walk.cred));
  }

  utimes(path: string, atimeMs: number, mtimeMs: number): void {
    const time = (ms: number): readonly [number, number] => {
      const seconds = Math.floor(ms / 1000);
      return [seconds, Math.floor((ms - seconds * 1000) * 1e6)];
    };
    const times = [time(atimeMs), time(mtimeMs)] as const;
    this.#change("utimensat", path, true, (found) => setTimes(this.#vfs, found, times, this.#vfs.walk.cred));
  }

  // ------------------------------------------------------------ names

  readdir(path: string): DirectoryEntry[] {
    return this.#withFile("open", path, O_RDONLY, 0, (file) => {
      if (!file.inode.isDirectory) throw new FsError(ENOTDIR, "readdir", path);
      const names: string[] = [];
      const error = file.readdir((name) => {
        if (name !== "." && name !== "..") names.push(name);
        return true;
      });
      this.#check(error, "readdir", path);
      const entries: DirectoryEntry[] = [];
      for (const name of names) {
        const { walk } = this.#vfs;
        // What went away meanwhile is left out.
        if (walk.lookupAt(null, file.path, new Filename(name), 0) === 0) {
          entries.push({ name, type: typeOf(walk.dentry.inode) });
        }
      }
      return entries;
    });
  }

  mkdir(path: string, mode = 0o755, recursive = false): void {
    const vfs = this.#vfs;
    const make = (name: string) => mkdir(vfs, null, AT_FDCWD, new Filename(name), mode);
    if (!recursive) {
      this.#check(make(path), "mkdir", path);
      return;
    }
    let at = "";
    for (const part of new Filename(path).parts) {
      at += `/${part}`;
      const error = make(at);
      if (error === -EEXIST && this.#lookup(at, true) === 0 && vfs.walk.dentry.inode.isDirectory) continue;
      this.#check(error, "mkdir", at);
    }
  }

  /** A device node or FIFO: `mode` with its type, `rdev` as makedev gives it. */
  mknod(path: string, mode: number, rdev = 0): void {
    this.#check(mknod(this.#vfs, null, AT_FDCWD, new Filename(path), mode, rdev), "mknod", path);
  }

  /** Removes a file, or with `recursive` a directory and all below it; `force` ignores what is not there. */
  rm(path: string, recursive = false, force = false): void {
    const error = this.#lookup(path, false);
    if (error === -ENOENT && force) return;
    this.#check(error, "unlink", path);
    const name = new Filename(path);
    if (!this.#vfs.walk.dentry.inode.isDirectory) {
      this.#check(unlink(this.#vfs, null, AT_FDCWD, name), "unlink", path);
      return;
    }
    if (!recursive) throw new FsError(EISDIR, "unlink", path);
    for (const entry of this.readdir(path)) this.rm(`${path}/${entry.name}`, true, true);
    this.#check(rmdir(this.#vfs, null, AT_FDCWD, name), "rmdir", path);
  }

  rename(from: string, to: string): void {
    const [old, name] = [new Filename(from), new Filename(to)];
    this.#check(rename(this.#vfs, null, AT_FDCWD, old, AT_FDCWD, name, 0), "rename", from);
  }

  link(existing: string, path: string): void {
    const [old, name] = [new Filename(existing), new Filename(path)];
    this.#check(link(this.#vfs, null, AT_FDCWD, old, AT_FDCWD, name, 0), "link", existing);
  }

  symlink(target: string, path: string): void {
    this.#check(symlink(this.#vfs, null, target, AT_FDCWD, new Filename(path)), "symlink", path);
  }

  readlink(path: string): string {
    this.#check(this.#lookup(path, false), "readlink", path);
    const text = this.#vfs.walk.dentry.inode.readlink(null);
    return typeof text === "number" ? this.#fail(text, "readlink", path) : text.text;
  }

  /** The path without links, "." and "..". */
  realpath(path: string): string {
    this.#check(this.#lookup(path, true), "realpath", path);
    return pathName(this.#vfs.walk, this.#vfs.root);
  }

  // ------------------------------------------------------------

  #fail(error: number, syscall: string, path: string): never {
    throw new FsError(-error, syscall, path);
  }

  #check(result: number, syscall: string, path: string): number {
    return result < 0 ? this.#fail(result, syscall, path) : result;
  }

  #lookup(path: string, follow: boolean): number {
    const { walk } = this.#vfs;
    this.#vfs.refreshClock();
    return walk.lookup(null, AT_FDCWD, new Filename(path), follow ? LOOKUP_FOLLOW : 0);
  }

  #change(syscall: string, path: string, follow: boolean, change: (path: Path) => number): void {
    this.#check(this.#lookup(path, follow) || change(this.#vfs.walk.path()), syscall, path);
  }

  #withFile<T>(syscall: string, path: string, flags: number, mode: number, use: (file: File) => T): T {
    this.#vfs.refreshClock();
    const file = openFile(this.#vfs, null, AT_FDCWD, new Filename(path), flags, mode);
    if (typeof file === "number") return this.#fail(file, syscall, path);
    try {
      return use(file);
    } finally {
      this.#vfs.kernel.hot.file_put(file.ptr);
    }
  }

  #stat(path: string, follow: boolean): FileStat {
    this.#check(this.#lookup(path, follow), "stat", path);
    const { inode } = this.#vfs.walk.dentry;
    this.#check(inode.refresh(), "stat", path);
    const ms = (seconds: number, nanoseconds: number) => seconds * 1000 + nanoseconds / 1e6;
    return {
      type: typeOf(inode),
      mode: inode.mode & 0o7777,
      uid: inode.uid,
      gid: inode.gid,
      size: inode.size,
      blocks: inode.blocks,
      nlink: inode.nlink,
      dev: inode.sb.dev,
      rdev: inode.rdev,
      ino: inode.ino,
      atimeMs: ms(inode.atime, inode.atimeNs),
      mtimeMs: ms(inode.mtime, inode.mtimeNs),
      ctimeMs: ms(inode.ctime, inode.ctimeNs),
    };
  }
}
