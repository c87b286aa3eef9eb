/**
 * wasi:filesystem 0.2: descriptors of the process. Paths are resolved beneath the descriptor that they are relative to (openat2's
 * RESOLVE_BENEATH): a call on the last name of a path goes by a descriptor of its directory.
 */
import * as fcntl from "../../../../kernel/abi/fcntl.ts";
import * as file from "../../../../kernel/abi/stat.ts";
import { dirent, stat, timespec } from "../../../../kernel/abi/structs.ts";
import { decodeBytes } from "../../../../kernel/mm/address-space.ts";
import { BUFFER, BUFFER_BYTES, type Calls, STRUCTS } from "../calls.ts";
import type { Fd } from "../descriptor.ts";
import type { Datetime } from "./clocks.ts";
import { checked, fileError, WasiError } from "./errors.ts";
import { InputStream, IoError, OutputStream } from "./io.ts";
import { openPreopens } from "./preopens.ts";
import type { World } from "./world.ts";

const { O_CREAT, O_DIRECTORY, O_DSYNC, O_EXCL, O_NOFOLLOW, O_NONBLOCK, O_PATH, O_SYNC, O_TRUNC } = fcntl;
const { AT_EMPTY_PATH, AT_REMOVEDIR, AT_SYMLINK_NOFOLLOW } = fcntl;
const RESOLVE_BENEATH = 8;
const CREATE_MODE = 0o666;

export interface DescriptorFlags {
  read?: boolean;
  write?: boolean;
  fileIntegritySync?: boolean;
  dataIntegritySync?: boolean;
  requestedWriteSync?: boolean;
  mutateDirectory?: boolean;
}

export interface OpenFlags {
  create?: boolean;
  directory?: boolean;
  exclusive?: boolean;
  truncate?: boolean;
}

export interface PathFlags {
  symlinkFollow?: boolean;
}

export type NewTimestamp = { tag: "no-change" } | { tag: "now" } | { tag: "timestamp"; val: Datetime };

/** descriptor-type by the file type bits of a mode. */
const TYPES: Readonly<Record<number, string>> = {
  [file.S_IFREG]: "regular-file",
  [file.S_IFDIR]: "directory",
  [file.S_IFLNK]: "symbolic-link",
  [file.S_IFCHR]: "character-device",
  [file.S_IFBLK]: "block-device",
  [file.S_IFIFO]: "fifo",
  [file.S_IFSOCK]: "socket",
};

export const typeOfMode = (mode: number): string => TYPES[mode & file.S_IFMT] ?? "unknown";

const ADVICE: Readonly<Record<string, number>> = {
  normal: fcntl.POSIX_FADV_NORMAL,
  sequential: fcntl.POSIX_FADV_SEQUENTIAL,
  random: fcntl.POSIX_FADV_RANDOM,
  "will-need": fcntl.POSIX_FADV_WILLNEED,
  "dont-need": fcntl.POSIX_FADV_DONTNEED,
  "no-reuse": fcntl.POSIX_FADV_NOREUSE,
};

/** Throws an error-code for a path that no call may get: absolute, or with a NUL in it. */
function checkPath(path: string): void {
  if (path.startsWith("/")) throw new WasiError("not-permitted");
  if (path.includes("\0")) throw new WasiError("invalid");
  if (path === "") throw new WasiError("no-entry");
}

/** A file size or an offset as a number. */
function position(value: bigint): number {
  if (value > BigInt(Number.MAX_SAFE_INTEGER)) throw new WasiError("invalid");
  return Number(value);
}

interface FileStat {
  dev: number;
  ino: number;
  type: string;
  linkCount: bigint;
  size: bigint;
  times: readonly [accessed: Datetime, modified: Datetime, changed: Datetime];
}

/** What the system calls on a descriptor are, for both versions of the interface. Errors are thrown as error-codes. */
export class Node {
  readonly calls: Calls;
  readonly fd: Fd;
  readonly flags: DescriptorFlags;
  readonly directory: boolean;

  constructor(calls: Calls, fd: Fd, flags: DescriptorFlags, directory: boolean) {
    this.calls = calls;
    this.fd = fd;
    this.flags = flags;
    this.directory = directory;
  }

  /** A call on the descriptor. */
  async call(name: string, ...args: number[]): Promise<number> {
    return checked(await this.calls.wait(name, this.fd.number, ...args));
  }

  /** openat2 beneath this directory. */
  async #open(path: string, flags: number, mode = 0): Promise<Fd> {
    const { calls } = this;
    const { view } = calls;
    view.setBigUint64(STRUCTS, BigInt(flags | fcntl.O_CLOEXEC), true);
    view.setBigUint64(STRUCTS + 8, BigInt(mode), true);
    view.setBigUint64(STRUCTS + 16, BigInt(RESOLVE_BENEATH), true);
    const number = await this.call("openat2", calls.path(path), STRUCTS, 24);
    return this.fd.another(number);
  }

  /** Runs `body` with a descriptor of the directory that holds a path's last name, and that name. */
  async at<T>(path: string, body: (directory: number, name: string) => Promise<T>): Promise<T> {
    checkPath(path);
    if (/(^|\/)\.\.$|\/$/.test(path)) await this.#checkBeneath(path);
    const end = path.replace(/\/+$/, "").lastIndexOf("/") + 1;
    if (end === 0) return body(this.fd.number, path);
    const directory = await this.#open(path.slice(0, end), O_PATH | O_DIRECTORY);
    try {
      return await body(directory.number, path.slice(end));
    } finally {
      directory.release();
    }
  }

  /** Throws not-permitted where a name that is no plain one leads out: Linux answers EEXIST and its like without a look. */
  async #checkBeneath(path: string): Promise<void> {
    try {
      (await this.#open(path, O_PATH | O_DIRECTORY)).release();
    } catch (error) {
      if (!(error instanceof WasiError) || error.payload === "not-permitted") throw error;
    }
  }

  /** Makes a call of the form (directory, name, ...) on a path. */
  async pathCall(name: string, path: string, ...args: number[]): Promise<void> {
    await this.at(path, async (directory, last) =>
      checked(await this.calls.wait(name, directory, this.calls.path(last), ...args)),
    );
  }

  needsMutation(): void {
    if (!this.flags.mutateDirectory) throw new WasiError(this.directory ? "read-only" : "not-directory");
  }

  async open(pathFlags: PathFlags, path: string, openFlags: OpenFlags, flags: DescriptorFlags): Promise<Node> {
    checkPath(path);
    const writes = flags.write || openFlags.create || openFlags.truncate || flags.mutateDirectory;
    if (writes && !this.flags.mutateDirectory)
      throw new WasiError(flags.mutateDirectory ? "not-permitted" : "read-only");
    if (openFlags.directory && (openFlags.create || openFlags.exclusive || openFlags.truncate))
      throw new WasiError("invalid");
    // To create implies to write, and to ask for nothing to read.
    const write = flags.write || openFlags.create || false;
    const read = flags.read || !flags.write;
    let bits = write ? (read ? fcntl.O_RDWR : fcntl.O_WRONLY) : fcntl.O_RDONLY;
    if (openFlags.create) bits |= O_CREAT;
    if (openFlags.exclusive) bits |= O_EXCL;
    if (openFlags.truncate) bits |= O_TRUNC;
    if (openFlags.directory) bits |= O_DIRECTORY;
    if (!pathFlags.symlinkFollow) bits |= O_NOFOLLOW;
    if (flags.fileIntegritySync) bits |= O_SYNC;
    if (flags.dataIntegritySync || flags.requestedWriteSync) bits |= O_DSYNC;
    // A FIFO without a peer must not hold up the component; reads and writes wait by poll.
    const fd = await this.#open(path, bits | O_NONBLOCK, openFlags.create ? CREATE_MODE : 0);
    const { type } = fileStat(this.calls, fd.number);
    if (type === "directory" && flags.write) {
      fd.release();
      throw new WasiError("is-directory");
    }
    const kept =
      type === "directory" ? { ...flags, read: true, write: false } : { ...flags, read, write, mutateDirectory: false };
    return new Node(this.calls, fd, kept, type === "directory");
  }

  stat(): FileStat {
    return fileStat(this.calls, this.fd.number);
  }

  async statAt({ symlinkFollow }: PathFlags, path: string): Promise<FileStat> {
    checkPath(path);
    const fd = await this.#open(path, O_PATH | (symlinkFollow ? 0 : O_NOFOLLOW));
    try {
      return fileStat(this.calls, fd.number);
    } finally {
      fd.release();
    }
  }

  async setTimes(accessed: NewTimestamp, modified: NewTimestamp): Promise<void> {
    writeTimes(this.calls, accessed, modified);
    await this.call("utimensat", 0, STRUCTS, 0);
  }

  async setTimesAt(
    { symlinkFollow }: PathFlags,
    path: string,
    accessed: NewTimestamp,
    modified: NewTimestamp,
  ): Promise<void> {
    this.needsMutation();
    checkPath(path);
    const fd = await this.#open(path, O_PATH | (symlinkFollow ? 0 : O_NOFOLLOW));
    try {
      writeTimes(this.calls, accessed, modified);
      const flags = AT_EMPTY_PATH | AT_SYMLINK_NOFOLLOW;
      checked(await this.calls.wait("utimensat", fd.number, this.calls.path(""), STRUCTS, flags));
    } finally {
      fd.release();
    }
  }

  /** At most `length` bytes at an offset; none at the end of the file. */
  async read(length: bigint, offset: bigint): Promise<Uint8Array> {
    const count = length < BigInt(BUFFER_BYTES) ? Number(length) : BUFFER_BYTES;
    const result = await this.call("pread64", BUFFER, count, position(offset));
    return this.calls.copy(BUFFER, result);
  }

  async write(bytes: Uint8Array, offset: bigint): Promise<number> {
    const part = bytes.subarray(0, BUFFER_BYTES);
    this.calls.u8.set(part, BUFFER);
    return this.call("pwrite64", BUFFER, part.length, position(offset));
  }

  async setSize(size: bigint): Promise<void> {
    await this.call("ftruncate", position(size));
  }

  async advise(offset: bigint, length: bigint, advice: string): Promise<void> {
    if (this.directory) throw new WasiError("bad-descriptor");
    await this.call("fadvise", position(offset), position(length), ADVICE[advice]);
  }

  /** The directory's entries, read at once: no position is shared with anyone. */
  async entries(): Promise<{ type: string; name: string }[]> {
    const fd = await this.#open(".", O_DIRECTORY);
    const { calls } = this;
    const entries: { type: string; name: string }[] = [];
    try {
      for (;;) {
        const length = checked(await calls.wait("getdents64", fd.number, BUFFER, BUFFER_BYTES));
        if (length === 0) return entries;
        for (let at = BUFFER; at < BUFFER + length; ) {
          const { d_reclen, d_type } = dirent.read(calls.view, at);
          const bytes = calls.copy(at + dirent.size, d_reclen - dirent.size);
          const name = decodeBytes(bytes.subarray(0, bytes.indexOf(0)));
          // d_type is the mode's type bits (DTTOIF).
          if (name !== "." && name !== "..") entries.push({ type: typeOfMode(d_type << 12), name });
          at += d_reclen;
        }
      }
    } finally {
      fd.release();
    }
  }

  async link({ symlinkFollow }: PathFlags, path: string, to: Node, name: string): Promise<void> {
    this.needsMutation();
    to.needsMutation();
    if (symlinkFollow) throw new WasiError("invalid");
    await this.#two("linkat", path, to, name, 0);
  }

  async rename(path: string, to: Node, name: string): Promise<void> {
    this.needsMutation();
    to.needsMutation();
    await this.#two("renameat", path, to, name);
  }

  async #two(call: string, path: string, to: Node, name: string, ...flags: number[]): Promise<void> {
    const { calls } = this;
    await this.at(path, (from, last) =>
      to.at(name, async (directory, newLast) =>
        checked(await calls.wait(call, from, calls.path(last, 0), directory, calls.path(newLast, 1), ...flags)),
      ),
    );
  }

  async symlink(target: string, path: string): Promise<void> {
    this.needsMutation();
    if (target.startsWith("/")) throw new WasiError("not-permitted");
    if (target.includes("\0")) throw new WasiError("invalid");
    const { calls } = this;
    await this.at(path, async (directory, name) =>
      checked(await calls.wait("symlinkat", calls.path(target, 0), directory, calls.path(name, 1))),
    );
  }

  readlink(path: string): Promise<string> {
    const { calls } = this;
    return this.at(path, async (directory, name) => {
      const length = checked(await calls.wait("readlinkat", directory, calls.path(name), BUFFER, 4096));
      const target = decodeBytes(calls.copy(BUFFER, length));
      // It would tell of a world that the component cannot see.
      if (target.startsWith("/")) throw new WasiError("not-permitted");
      return target;
    });
  }

  async createDirectory(path: string): Promise<void> {
    this.needsMutation();
    await this.pathCall("mkdirat", path, 0o777);
  }

  async removeDirectory(path: string): Promise<void> {
    this.needsMutation();
    await this.pathCall("unlinkat", path, AT_REMOVEDIR);
  }

  async unlinkFile(path: string): Promise<void> {
    this.needsMutation();
    await this.pathCall("unlinkat", path, 0);
  }
}

function fileStat(calls: Calls, fd: number): FileStat {
  checked(calls.now("fstat", fd, STRUCTS));
  const found = stat.read(calls.view, STRUCTS);
  const time = (at: { tv_sec: number; tv_nsec: number }) => ({ seconds: BigInt(at.tv_sec), nanoseconds: at.tv_nsec });
  return {
    dev: found.st_dev,
    ino: found.st_ino,
    type: typeOfMode(found.st_mode),
    linkCount: BigInt(found.st_nlink),
    size: BigInt(found.st_size),
    times: [time(found.st_atim), time(found.st_mtim), time(found.st_ctim)],
  };
}

function writeTimes(calls: Calls, ...times: readonly [NewTimestamp, NewTimestamp]): void {
  times.forEach((time, i) => {
    const [tv_sec, tv_nsec] =
      time.tag === "timestamp"
        ? [Number(time.val.seconds), time.val.nanoseconds]
        : [0, time.tag === "now" ? file.UTIME_NOW : file.UTIME_OMIT];
    timespec.write(calls.view, STRUCTS + i * timespec.size, { tv_sec, tv_nsec });
  });
}

/** 128 bits that change with the file's identity and content (FNV-1a over both, two times). */
export function metadataHash({ dev, ino, size, times }: FileStat): { lower: bigint; upper: bigint } {
  const modified = times[1];
  const parts = [BigInt(dev), BigInt(ino), size, modified.seconds, BigInt(modified.nanoseconds)];
  const hash = (basis: bigint) =>
    parts.reduce((sum, part) => BigInt.asUintN(64, (sum ^ BigInt.asUintN(64, part)) * 0x100000001b3n), basis);
  return { lower: hash(0xcbf29ce484222325n), upper: hash(0x9ae16a3b2f90404fn) };
}

const descriptorStat = ({ type, linkCount, size, times }: FileStat) => ({
  type,
  linkCount,
  size,
  dataAccessTimestamp: times[0],
  dataModificationTimestamp: times[1],
  statusChangeTimestamp: times[2],
});

export class DirectoryEntryStream {
  readonly #entries: Iterator<{ type: string; name: string }>;

  constructor(entries: Iterable<{ type: string; name: string }>) {
    this.#entries = entries[Symbol.iterator]();
  }

  readDirectoryEntry(): { type: string; name: string } | undefined {
    const { done, value } = this.#entries.next();
    return done ? undefined : value;
  }
}

/** wasi:filesystem/types' descriptor, version 0.2. */
export class Descriptor {
  readonly node: Node;

  constructor(node: Node) {
    this.node = node;
  }

  readViaStream(offset: bigint): InputStream {
    if (!this.node.flags.read) throw new WasiError("bad-descriptor");
    return new InputStream(this.node.calls, this.node.fd.share(), offset);
  }

  writeViaStream(offset: bigint): OutputStream {
    if (!this.node.flags.write) throw new WasiError("bad-descriptor");
    return new OutputStream(this.node.calls, this.node.fd.share(), offset);
  }

  appendViaStream(): OutputStream {
    if (!this.node.flags.write) throw new WasiError("bad-descriptor");
    return new OutputStream(this.node.calls, this.node.fd.share(), "append");
  }

  async advise(offset: bigint, length: bigint, advice: string): Promise<void> {
    await this.node.advise(offset, length, advice);
  }

  async syncData(): Promise<void> {
    await this.node.call("fdatasync");
  }

  async sync(): Promise<void> {
    await this.node.call("fsync");
  }

  getFlags(): DescriptorFlags {
    return this.node.flags;
  }

  getType(): string {
    return this.node.stat().type;
  }

  async setSize(size: bigint): Promise<void> {
    await this.node.setSize(size);
  }

  async setTimes(accessed: NewTimestamp, modified: NewTimestamp): Promise<void> {
    await this.node.setTimes(accessed, modified);
  }

  async read(length: bigint, offset: bigint): Promise<[Uint8Array, boolean]> {
    const bytes = await this.node.read(length, offset);
    return [bytes, bytes.length === 0 && length > 0n];
  }

  async write(bytes: Uint8Array, offset: bigint): Promise<bigint> {
    return BigInt(await this.node.write(bytes, offset));
  }

  async readDirectory(): Promise<DirectoryEntryStream> {
    return new DirectoryEntryStream(await this.node.entries());
  }

  stat() {
    return descriptorStat(this.node.stat());
  }

  async statAt(flags: PathFlags, path: string) {
    return descriptorStat(await this.node.statAt(flags, path));
  }

  async setTimesAt(flags: PathFlags, path: string, accessed: NewTimestamp, modified: NewTimestamp): Promise<void> {
    await this.node.setTimesAt(flags, path, accessed, modified);
  }

  async createDirectoryAt(path: string): Promise<void> {
    await this.node.createDirectory(path);
  }

  async linkAt(flags: PathFlags, path: string, to: Descriptor, name: string): Promise<void> {
    await this.node.link(flags, path, to.node, name);
  }

  async openAt(path: PathFlags, name: string, open: OpenFlags, flags: DescriptorFlags): Promise<Descriptor> {
    return new Descriptor(await this.node.open(path, name, open, flags));
  }

  async readlinkAt(path: string): Promise<string> {
    return this.node.readlink(path);
  }

  async removeDirectoryAt(path: string): Promise<void> {
    await this.node.removeDirectory(path);
  }

  async renameAt(path: string, to: Descriptor, name: string): Promise<void> {
    await this.node.rename(path, to.node, name);
  }

  async symlinkAt(target: string, path: string): Promise<void> {
    await this.node.symlink(target, path);
  }

  async unlinkFileAt(path: string): Promise<void> {
    await this.node.unlinkFile(path);
  }

  isSameObject(other: Descriptor): boolean {
    const [a, b] = [this.node.stat(), other.node.stat()];
    return a.dev === b.dev && a.ino === b.ino;
  }

  metadataHash() {
    return metadataHash(this.node.stat());
  }

  async metadataHashAt(flags: PathFlags, path: string) {
    return metadataHash(await this.node.statAt(flags, path));
  }

  [Symbol.dispose](): void {
    this.node.fd.release();
  }
}

export const filesystem = ({ calls, folders }: World) => ({
  types: {
    Descriptor,
    DirectoryEntryStream,
    filesystemErrorCode: (error: unknown) => (error instanceof IoError ? fileError(error.result) : undefined),
  },
  preopens: {
    getDirectories: () => openPreopens(calls, folders).map(([node, path]) => [new Descriptor(node), path]),
  },
});
