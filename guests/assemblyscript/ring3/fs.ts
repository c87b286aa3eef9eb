// Files and directories. What fails gives -1, false or null, and sets `errno` (errors.ts).

import {
  DT_DIR,
  DT_LNK,
  DT_REG,
  O_APPEND,
  O_CLOEXEC,
  O_CREAT,
  O_DIRECTORY,
  O_RDONLY,
  O_TRUNC,
  O_WRONLY,
  S_IFDIR,
  S_IFLNK,
  S_IFMT,
  S_IFREG,
  SEEK_SET,
} from "./abi/constants";
import { EINTR } from "./abi/errno";
import {
  DIRENT_BYTES,
  DIRENT_D_INO,
  DIRENT_D_RECLEN,
  DIRENT_D_TYPE,
  STAT_BYTES,
  STAT_ST_GID,
  STAT_ST_INO,
  STAT_ST_MODE,
  STAT_ST_MTIM,
  STAT_ST_NLINK,
  STAT_ST_SIZE,
  STAT_ST_UID,
} from "./abi/structs";
import {
  SYS_access,
  SYS_chmod,
  SYS_close,
  SYS_dup2,
  SYS_fstat,
  SYS_ftruncate,
  SYS_getdents64,
  SYS_link,
  SYS_lseek,
  SYS_lstat,
  SYS_mkdir,
  SYS_open,
  SYS_read,
  SYS_readlink,
  SYS_rename,
  SYS_rmdir,
  SYS_stat,
  SYS_symlink,
  SYS_unlink,
  SYS_write,
} from "./abi/syscalls";
import { checked, errno } from "./errors";
import { cstring, fromCString } from "./text";
import "./language";

/** The longest name that readlink gives: <linux/limits.h>, PATH_MAX. */
const PATH_MAX = 4096;
/** How much is read at once where the length is not known. */
const CHUNK = 16384;

/** What stat(2) says about a file. */
export class Stat {
  inode: u64;
  /** Type and permissions, st_mode. */
  mode: u32;
  links: u64;
  uid: u32;
  gid: u32;
  /** In bytes. */
  size: i64;
  /** Last change of the contents, in seconds since 1970. */
  modified: i64;

  constructor(at: usize) {
    this.inode = load<u64>(at + STAT_ST_INO);
    this.mode = load<u32>(at + STAT_ST_MODE);
    this.links = load<u64>(at + STAT_ST_NLINK);
    this.uid = load<u32>(at + STAT_ST_UID);
    this.gid = load<u32>(at + STAT_ST_GID);
    this.size = load<i64>(at + STAT_ST_SIZE);
    this.modified = load<i64>(at + STAT_ST_MTIM);
  }

  get isFile(): bool {
    return (this.mode & S_IFMT) == S_IFREG;
  }
  get isDirectory(): bool {
    return (this.mode & S_IFMT) == S_IFDIR;
  }
  get isSymlink(): bool {
    return (this.mode & S_IFMT) == S_IFLNK;
  }
  /** The permission bits alone, as chmod(2) takes them. */
  get permissions(): u32 {
    return this.mode & 0o7777;
  }
}

/** An open descriptor. Nothing is buffered; nothing closes it but `close` and the end of the process. */
export class File {
  constructor(readonly fd: i32) {}

  /** open(2). Without O_CREAT in `flags` the file has to be there. Not inherited by programs that are executed. */
  static open(path: string, flags: i32 = O_RDONLY, mode: i32 = 0o666): File | null {
    const name = cstring(path);
    const fd = checked(SYS_open(changetype<usize>(name), flags | O_CLOEXEC, mode));
    return fd < 0 ? null : new File(i32(fd));
  }

  /** For writing: made if it is not there, emptied if it is. */
  static create(path: string, mode: i32 = 0o666): File | null {
    return File.open(path, O_WRONLY | O_CREAT | O_TRUNC, mode);
  }

  /** For writing at its end: made if it is not there. */
  static append(path: string, mode: i32 = 0o666): File | null {
    return File.open(path, O_WRONLY | O_CREAT | O_APPEND, mode);
  }

  /** read(2) into a buffer: how many bytes came, 0 at the end of the file, -1 on failure. */
  read(buffer: Uint8Array): i32 {
    return i32(checked(SYS_read(this.fd, buffer.dataStart, buffer.length)));
  }

  /** Writes all of a buffer, however many calls it takes. */
  write(buffer: Uint8Array): bool {
    return this.writeAll(buffer.dataStart, buffer.length);
  }

  /** Writes a text as UTF-8. */
  writeText(text: string): bool {
    const bytes = String.UTF8.encode(text);
    return this.writeAll(changetype<usize>(bytes), bytes.byteLength);
  }

  /** From here to the end. */
  readAll(): Uint8Array | null {
    let bytes = new Uint8Array(CHUNK);
    let length = 0;
    while (true) {
      if (length == bytes.length) {
        const larger = new Uint8Array(length * 2);
        memory.copy(larger.dataStart, bytes.dataStart, length);
        bytes = larger;
      }
      const got = checked(SYS_read(this.fd, bytes.dataStart + length, bytes.length - length));
      if (got == 0) return bytes.subarray(0, length);
      if (got < 0 && errno != EINTR) return null;
      if (got > 0) length += i32(got);
    }
  }

  /** From here to the end, as UTF-8. */
  readText(): string | null {
    const bytes = this.readAll();
    return bytes === null ? null : String.UTF8.decodeUnsafe(bytes.dataStart, bytes.length);
  }

  /** lseek(2): the new position, counted from the beginning; -1 on failure. `whence`: SEEK_SET, SEEK_CUR, SEEK_END. */
  seek(offset: i64, whence: i32 = SEEK_SET): i64 {
    return checked(SYS_lseek(this.fd, offset, whence));
  }

  stat(): Stat | null {
    const buffer = new ArrayBuffer(i32(STAT_BYTES));
    return checked(SYS_fstat(this.fd, changetype<usize>(buffer))) < 0 ? null : new Stat(changetype<usize>(buffer));
  }

  truncate(length: i64): bool {
    return checked(SYS_ftruncate(this.fd, length)) == 0;
  }

  /** Makes `fd` another name of this description, as a program expects it that is executed next: dup2(2). */
  placeAt(fd: i32): bool {
    return checked(SYS_dup2(this.fd, fd)) >= 0;
  }

  close(): bool {
    return checked(SYS_close(this.fd)) == 0;
  }

  private writeAll(at: usize, length: i32): bool {
    while (length > 0) {
      const written = checked(SYS_write(this.fd, at, length));
      if (written < 0 && errno != EINTR) return false;
      if (written > 0) {
        at += usize(written);
        length -= i32(written);
      }
    }
    return true;
  }
}

/** Reads a descriptor line by line. It reads ahead: what it has not given yet is lost to others who read the same file. */
export class Lines {
  private buffer: Uint8Array = new Uint8Array(CHUNK);
  private at: i32 = 0;
  private end: i32 = 0;

  constructor(private file: File) {}

  /** The next line without its newline; null at the end and on failure. */
  next(): string | null {
    let line: string | null = null;
    while (true) {
      if (this.at == this.end) {
        this.at = 0;
        this.end = max(this.file.read(this.buffer), 0);
        if (this.end == 0) return line;
      }
      const start = this.at;
      while (this.at < this.end && this.buffer[this.at] != 0x0a) this.at++;
      // A character that two reads share would come out wrong if each were decoded alone, but lines of more than CHUNK are rare.
      const part = String.UTF8.decodeUnsafe(this.buffer.dataStart + start, this.at - start);
      line = line === null ? part : line + part;
      if (this.at < this.end) {
        this.at++;
        return line;
      }
    }
  }
}

/** stat(2). */
export function stat(path: string): Stat | null {
  const name = cstring(path);
  const buffer = new ArrayBuffer(i32(STAT_BYTES));
  const at = changetype<usize>(buffer);
  return checked(SYS_stat(changetype<usize>(name), at)) < 0 ? null : new Stat(at);
}

/** lstat(2): of a symbolic link itself. */
export function lstat(path: string): Stat | null {
  const name = cstring(path);
  const buffer = new ArrayBuffer(i32(STAT_BYTES));
  const at = changetype<usize>(buffer);
  return checked(SYS_lstat(changetype<usize>(name), at)) < 0 ? null : new Stat(at);
}

export function exists(path: string): bool {
  const name = cstring(path);
  return checked(SYS_access(changetype<usize>(name), 0)) == 0;
}

/** The whole of a file as UTF-8. */
export function readTextFile(path: string): string | null {
  const file = File.open(path);
  if (file === null) return null;
  const text = file.readText();
  file.close();
  return text;
}

/** Replaces what a file holds. */
export function writeTextFile(path: string, text: string): bool {
  const file = File.create(path);
  if (file === null) return false;
  const written = file.writeText(text);
  return file.close() && written;
}

export function mkdir(path: string, mode: i32 = 0o777): bool {
  const name = cstring(path);
  return checked(SYS_mkdir(changetype<usize>(name), mode)) == 0;
}

export function rmdir(path: string): bool {
  const name = cstring(path);
  return checked(SYS_rmdir(changetype<usize>(name))) == 0;
}

export function unlink(path: string): bool {
  const name = cstring(path);
  return checked(SYS_unlink(changetype<usize>(name))) == 0;
}

export function chmod(path: string, mode: i32): bool {
  const name = cstring(path);
  return checked(SYS_chmod(changetype<usize>(name), mode)) == 0;
}

export function rename(from: string, to: string): bool {
  const old = cstring(from);
  const name = cstring(to);
  return checked(SYS_rename(changetype<usize>(old), changetype<usize>(name))) == 0;
}

export function link(from: string, to: string): bool {
  const old = cstring(from);
  const name = cstring(to);
  return checked(SYS_link(changetype<usize>(old), changetype<usize>(name))) == 0;
}

export function symlink(target: string, path: string): bool {
  const text = cstring(target);
  const name = cstring(path);
  return checked(SYS_symlink(changetype<usize>(text), changetype<usize>(name))) == 0;
}

/** Where a symbolic link points. */
export function readlink(path: string): string | null {
  const name = cstring(path);
  const buffer = new ArrayBuffer(PATH_MAX);
  const length = checked(SYS_readlink(changetype<usize>(name), changetype<usize>(buffer), PATH_MAX));
  return length < 0 ? null : String.UTF8.decodeUnsafe(changetype<usize>(buffer), usize(length));
}

/** One name in a directory. */
export class DirectoryEntry {
  constructor(
    readonly name: string,
    readonly inode: u64,
    /** DT_REG, DT_DIR...; DT_UNKNOWN where only stat can tell. */
    readonly type: u8,
  ) {}

  get isFile(): bool {
    return this.type == DT_REG;
  }
  get isDirectory(): bool {
    return this.type == DT_DIR;
  }
  get isSymlink(): bool {
    return this.type == DT_LNK;
  }
}

/** What is in a directory, but for "." and "..", in the order of the file system. */
export function readDirectory(path: string): DirectoryEntry[] | null {
  const directory = File.open(path, O_RDONLY | O_DIRECTORY);
  if (directory === null) return null;
  const entries: DirectoryEntry[] = [];
  const buffer = new ArrayBuffer(CHUNK);
  let got: i64;
  while ((got = checked(SYS_getdents64(directory.fd, changetype<usize>(buffer), CHUNK))) > 0) {
    for (let at = changetype<usize>(buffer), end = at + usize(got); at < end; ) {
      const name = fromCString(at + DIRENT_BYTES);
      const inode = load<u64>(at + DIRENT_D_INO);
      if (name != "." && name != "..") entries.push(new DirectoryEntry(name, inode, load<u8>(at + DIRENT_D_TYPE)));
      at += load<u16>(at + DIRENT_D_RECLEN);
    }
  }
  directory.close();
  return got < 0 ? null : entries;
}
