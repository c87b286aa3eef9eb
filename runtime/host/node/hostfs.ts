/**
 * A folder of the host, in Node: what kernel/fs/hostfs.ts asks for.
 *
 * Node has no openat(2). On Linux a name in a directory that is held open as descriptor N is reached as /proc/self/fd/N/NAME, which is as good:
 * the directory can not be swapped for another between check and use. Directories are opened one by one from the folder down, each with
 * O_DIRECTORY | O_NOFOLLOW, and the last name is only used by calls that do not follow links, or opened with O_NOFOLLOW first. So no link
 * is ever followed by the host, and nothing outside of the folder can be named, whoever changes the tree meanwhile.
 *
 * On other systems there is no such way: each directory of a path is checked to be a directory and no link just before it is used. Someone on the
 * host who swaps a directory for a link in that very moment can lead the guest outside; guests can not, because their calls
 * run one after the other.
 */
import * as fs from "node:fs";
import { resolve } from "node:path";
import * as errno from "../../../kernel/abi/errno.ts";
import { O_RDWR, O_WRONLY } from "../../../kernel/abi/fcntl.ts";
import { DT_BLK, DT_CHR, DT_DIR, DT_FIFO, DT_LNK, DT_REG, DT_SOCK, DT_UNKNOWN } from "../../../kernel/abi/stat.ts";
import type { HostAttributes, HostDirectory, HostEntry, HostFile, HostStat } from "../../../kernel/fs/hostfs.ts";
import type { FsSizes } from "../../../kernel/fs/mount.ts";
import { decodeBytes, encodeString } from "../../../kernel/mm/address-space.ts";

/** Linux's, which Node does not name: a handle for a name, without opening what it names. */
const O_PATH = 0o10000000;
const { O_CREAT, O_DIRECTORY, O_EXCL, O_NOFOLLOW, O_NONBLOCK, O_RDONLY } = fs.constants;
/** Directories kept open. */
const MAX_HANDLES = 64;
const BILLION = 1000000000n;

/** Linux's numbers by the names that Node gives. */
const numbers = new Map<string, number>(Object.entries(errno));

type HostName = string | Buffer;

/** Runs a host operation; gives its result, or -errno with Linux's number. */
function attempt<T>(operation: () => T): T | number {
  try {
    return operation();
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const number = numbers.get(code ?? "");
    if (number !== undefined) return -number;
    if (code === "ERR_INVALID_ARG_VALUE" || code === "ERR_OUT_OF_RANGE") return -errno.EINVAL;
    if (code === "ENOTSUP") return -errno.EOPNOTSUPP;
    return -errno.EIO;
  }
}

/** An operation without a result. */
function run(operation: () => void): number {
  return attempt(() => {
    operation();
    return 0;
  });
}

/** A name with bytes that are no UTF-8 goes as bytes. */
function hostName(text: string): HostName {
  return /[\udc80-\udcff]/.test(text) ? Buffer.from(encodeString(text)) : text;
}

function time(ns: bigint): readonly [number, number] {
  const seconds = ns / BILLION - (ns % BILLION < 0n ? 1n : 0n);
  return [Number(seconds), Number(ns - seconds * BILLION)];
}

function hostStat(stat: fs.BigIntStats): HostStat {
  return {
    dev: Number(stat.dev),
    ino: Number(stat.ino),
    mode: Number(stat.mode),
    nlink: Number(stat.nlink),
    uid: Number(stat.uid),
    gid: Number(stat.gid),
    size: Number(stat.size),
    blocks: Number(stat.blocks),
    atime: time(stat.atimeNs),
    mtime: time(stat.mtimeNs),
    ctime: time(stat.ctimeNs),
    btime: time(stat.birthtimeNs),
  };
}

/**
 * A time as Node takes it: seconds with a fraction, exact to a quarter of a microsecond. Rounded down, so that a time that is only
 * written back does not become a later one.
 */
function seconds([whole, nanoseconds]: readonly [number, number]): number {
  const time = whole + nanoseconds / 1e9;
  return (time - whole) * 1e9 >= nanoseconds + 1 ? time * (1 - Number.EPSILON) : time;
}

function direntType(entry: fs.Dirent<Buffer>): number {
  if (entry.isFile()) return DT_REG;
  if (entry.isDirectory()) return DT_DIR;
  if (entry.isSymbolicLink()) return DT_LNK;
  if (entry.isCharacterDevice()) return DT_CHR;
  if (entry.isBlockDevice()) return DT_BLK;
  if (entry.isFIFO()) return DT_FIFO;
  return entry.isSocket() ? DT_SOCK : DT_UNKNOWN;
}

class NodeFile implements HostFile {
  readonly #fd: number;

  constructor(fd: number) {
    this.#fd = fd;
  }

  read(into: Uint8Array, position: number): number {
    return attempt(() => fs.readSync(this.#fd, into, 0, into.length, position));
  }

  write(from: Uint8Array, position: number): number {
    return attempt(() => fs.writeSync(this.#fd, from, 0, from.length, position));
  }

  stat(): HostStat | number {
    return attempt(() => hostStat(fs.fstatSync(this.#fd, { bigint: true })));
  }

  set(attributes: HostAttributes): number {
    const { size, uid, gid, mode, atime, mtime } = attributes;
    return run(() => {
      if (size !== undefined) fs.ftruncateSync(this.#fd, size);
      if (uid !== undefined || gid !== undefined) {
        const stat = fs.fstatSync(this.#fd);
        fs.fchownSync(this.#fd, uid ?? stat.uid, gid ?? stat.gid);
      }
      if (mode !== undefined) fs.fchmodSync(this.#fd, mode);
      if (atime || mtime) {
        const stat = hostStat(fs.fstatSync(this.#fd, { bigint: true }));
        fs.futimesSync(this.#fd, seconds(atime ?? stat.atime), seconds(mtime ?? stat.mtime));
      }
    });
  }

  sync(dataOnly: boolean): number {
    return run(() => (dataOnly ? fs.fdatasyncSync(this.#fd) : fs.fsyncSync(this.#fd)));
  }

  reopen(access: number): HostFile | number {
    return attempt(() => new NodeFile(fs.openSync(`/proc/self/fd/${this.#fd}`, hostAccess(access))));
  }

  close(): void {
    run(() => fs.closeSync(this.#fd));
  }
}

/** The host's number for an access mode. */
function hostAccess(access: number): number {
  return access === O_WRONLY ? fs.constants.O_WRONLY : access === O_RDWR ? fs.constants.O_RDWR : O_RDONLY;
}

class NodeDirectory implements HostDirectory {
  readonly name: string;
  readonly uid = process.getuid?.() ?? 0;
  readonly gid = process.getgid?.() ?? 0;
  /** Linux's way through /proc/self/fd works. */
  readonly #byHandle: boolean;
  readonly #root: number;
  /** Open directories by path, the one used last at the end. */
  readonly #handles = new Map<string, number>();
  /** One that a call still needs. */
  #pinned = -1;

  /** Throws Node's error where the folder can not be opened. */
  constructor(path: string) {
    this.name = fs.realpathSync(resolve(path));
    this.#byHandle = process.platform === "linux" && fs.existsSync("/proc/self/fd");
    if (!this.#byHandle && !fs.statSync(this.name).isDirectory()) {
      throw Object.assign(new Error(`ENOTDIR: not a directory, '${path}'`), { code: "ENOTDIR" });
    }
    this.#root = this.#byHandle ? fs.openSync(this.name, O_PATH | O_DIRECTORY | O_NOFOLLOW) : -1;
  }

  // ------------------------------------------------------------ names

  /** What the host calls a path of the folder. Throws Node's errors, ENOENT and ENOTDIR for the directories on the way. */
  #at(path: string): HostName {
    if (path === "") return this.#byHandle ? `/proc/self/fd/${this.#root}` : this.name;
    const slash = path.lastIndexOf("/");
    const name = path.slice(slash + 1);
    if (slash === 0 || name === "" || name === "." || name === ".." || name.includes("\0")) throw failure("EINVAL");
    const parent = slash < 0 ? "" : path.slice(0, slash);
    return hostName(`${this.#byHandle ? `/proc/self/fd/${this.#handle(parent)}` : this.#checked(parent)}/${name}`);
  }

  /** A descriptor for a directory of the folder, opened step by step. */
  #handle(path: string): number {
    if (path === "") return this.#root;
    const kept = this.#handles.get(path);
    if (kept !== undefined) {
      this.#handles.delete(path);
      this.#handles.set(path, kept);
      return kept;
    }
    const handle = fs.openSync(this.#at(path), O_PATH | O_DIRECTORY | O_NOFOLLOW);
    if (this.#handles.size >= MAX_HANDLES) {
      const [oldest] = [...this.#handles].filter(([, fd]) => fd !== this.#pinned);
      fs.closeSync(oldest[1]);
      this.#handles.delete(oldest[0]);
    }
    this.#handles.set(path, handle);
    return handle;
  }

  /** On other systems: the name of a directory, each step of which is none but a directory. */
  #checked(path: string): string {
    let at = this.name;
    for (const name of path === "" ? [] : path.split("/")) {
      if (name === "" || name === "." || name === "..") throw failure("EINVAL");
      at += `/${name}`;
      if (!fs.lstatSync(at).isDirectory()) throw failure("ENOTDIR");
    }
    return at;
  }

  /** A path to the thing itself for calls that follow links: by a handle that is known to be no link. Closed after `use`. */
  #throughHandle(path: string, use: (name: HostName) => void): void {
    const at = this.#at(path);
    if (!this.#byHandle) {
      if (fs.lstatSync(at).isSymbolicLink()) throw failure("EOPNOTSUPP");
      use(at);
      return;
    }
    const handle = fs.openSync(at, O_PATH | O_NOFOLLOW);
    try {
      if (fs.fstatSync(handle).isSymbolicLink()) throw failure("EOPNOTSUPP");
      use(`/proc/self/fd/${handle}`);
    } finally {
      fs.closeSync(handle);
    }
  }

  /** A call with two names: the way to the second must not cost the first its directory. */
  #two(from: string, to: string, call: (from: HostName, to: HostName) => void): number {
    return run(() => {
      const first = this.#at(from);
      if (this.#byHandle) this.#pinned = this.#handle(from.slice(0, Math.max(0, from.lastIndexOf("/"))));
      try {
        call(first, this.#at(to));
      } finally {
        this.#pinned = -1;
      }
    });
  }

  forget(path: string): void {
    for (const [known, handle] of this.#handles) {
      if (known !== path && !known.startsWith(`${path}/`)) continue;
      fs.closeSync(handle);
      this.#handles.delete(known);
    }
  }

  close(): void {
    for (const handle of this.#handles.values()) run(() => fs.closeSync(handle));
    this.#handles.clear();
    if (this.#byHandle) run(() => fs.closeSync(this.#root));
  }

  // ------------------------------------------------------------ operations

  stat(path: string): HostStat | number {
    return attempt(() => {
      if (path === "" && this.#byHandle) return hostStat(fs.fstatSync(this.#root, { bigint: true }));
      const stat = fs.lstatSync(this.#at(path), { bigint: true, throwIfNoEntry: false });
      return stat === undefined ? -errno.ENOENT : hostStat(stat);
    });
  }

  list(path: string): HostEntry[] | number {
    return attempt(() => {
      const name = this.#byHandle ? `/proc/self/fd/${this.#handle(path)}` : this.#checked(path);
      const entries = fs.readdirSync(name, { withFileTypes: true, encoding: "buffer" });
      return entries.map((entry) => ({ name: decodeBytes(entry.name), type: direntType(entry) }));
    });
  }

  open(path: string, access: number): HostFile | number {
    return attempt(() => {
      // O_NONBLOCK: a FIFO that someone puts here this very moment must not make us wait.
      const fd = fs.openSync(this.#at(path), hostAccess(access) | O_NOFOLLOW | O_NONBLOCK);
      if (fs.fstatSync(fd).isFile()) return new NodeFile(fd);
      fs.closeSync(fd);
      return -errno.EACCES;
    });
  }

  create(path: string, mode: number): number {
    return run(() => {
      const fd = fs.openSync(this.#at(path), O_CREAT | O_EXCL | fs.constants.O_WRONLY | O_NOFOLLOW, 0o600);
      try {
        // The host's own umask is none of the guest's business.
        fs.fchmodSync(fd, mode);
      } finally {
        fs.closeSync(fd);
      }
    });
  }

  mkdir(path: string, mode: number): number {
    return run(() => {
      fs.mkdirSync(this.#at(path), 0o700);
      // A set-group-ID bit that the host handed on from the parent stays.
      this.#throughHandle(path, (name) => fs.chmodSync(name, mode | (fs.statSync(name).mode & 0o2000)));
    });
  }

  symlink(target: string, path: string): number {
    return run(() => fs.symlinkSync(hostName(target), this.#at(path)));
  }

  link(from: string, to: string): number {
    return this.#two(from, to, fs.linkSync);
  }

  unlink(path: string): number {
    return run(() => fs.unlinkSync(this.#at(path)));
  }

  rmdir(path: string): number {
    return run(() => fs.rmdirSync(this.#at(path)));
  }

  rename(from: string, to: string): number {
    return this.#two(from, to, fs.renameSync);
  }

  readlink(path: string): string | number {
    return attempt(() => decodeBytes(fs.readlinkSync(this.#at(path), { encoding: "buffer" })));
  }

  set(path: string, attributes: HostAttributes): number {
    const { size, uid, gid, mode, atime, mtime } = attributes;
    return run(() => {
      const at = this.#at(path);
      if (size !== undefined) {
        const fd = fs.openSync(at, fs.constants.O_WRONLY | O_NOFOLLOW | O_NONBLOCK);
        try {
          fs.ftruncateSync(fd, size);
        } finally {
          fs.closeSync(fd);
        }
      }
      const before = fs.lstatSync(at, { bigint: true });
      if (uid !== undefined || gid !== undefined) {
        fs.lchownSync(at, uid ?? Number(before.uid), gid ?? Number(before.gid));
      }
      if (mode !== undefined) this.#throughHandle(path, (name) => fs.chmodSync(name, mode));
      if (atime || mtime) {
        const stat = hostStat(before);
        fs.lutimesSync(at, seconds(atime ?? stat.atime), seconds(mtime ?? stat.mtime));
      }
    });
  }

  sizes(): FsSizes | number {
    return attempt(() => {
      const { bsize, blocks, bfree, bavail, files, ffree } = fs.statfsSync(this.#at(""));
      return {
        blockSize: bsize,
        blocks,
        freeBlocks: bfree,
        availableBlocks: bavail,
        files,
        freeFiles: ffree,
      };
    });
  }
}

function failure(code: string): Error {
  return Object.assign(new Error(code), { code });
}

/** Opens a folder for a machine. Throws Node's error (ENOENT, ENOTDIR, EACCES...) where that fails. */
export function openHostDirectory(path: string): HostDirectory {
  return new NodeDirectory(path);
}
