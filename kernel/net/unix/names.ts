/** Names of AF_UNIX sockets (man 7 unix): paths, found by the inode that bind makes, and abstract ones. */
import { EADDRINUSE, ECONNREFUSED, EEXIST, EINVAL, ENOSPC, EPROTOTYPE } from "../../abi/errno.ts";
import { AT_FDCWD } from "../../abi/fcntl.ts";
import { AF_UNIX } from "../../abi/socket.ts";
import { S_IFMT, S_IFSOCK } from "../../abi/stat.ts";
import { sockaddr_un } from "../../abi/structs.ts";
import { fail } from "../../errors.ts";
import { Filename } from "../../fs/filename.ts";
import type { Inode } from "../../fs/inode.ts";
import { LOOKUP_FOLLOW } from "../../fs/namei.ts";
import { mknod, unlink } from "../../fs/names.ts";
import { MAY_WRITE, permission } from "../../fs/permission.ts";
import type { Kernel } from "../../kernel.ts";
import { decodeBytes } from "../../mm/address-space.ts";
import type { Task } from "../../task/task.ts";
import type { UnixSocket } from "./socket.ts";

const FAMILY_BYTES = sockaddr_un.offset.sun_path;
/** Names that autobind can give: 5 hexadecimal digits. */
const AUTOBIND = 0x100000;

/** The address of a socket without a name. */
export const UNNAMED: Uint8Array = Uint8Array.of(AF_UNIX, 0);

export class UnixNames {
  readonly #kernel: Kernel;
  /** Every AF_UNIX socket, in the order in which they were made. */
  readonly sockets = new Set<UnixSocket>();
  readonly #byInode = new Map<Inode, UnixSocket>();
  /** By type and name: sockets of different types do not see each other's names. */
  readonly #abstract = new Map<string, UnixSocket>();
  #nextAuto = 0;

  constructor(kernel: Kernel) {
    this.#kernel = kernel;
  }

  /** The name in an address as /proc shows it: "@" for NUL. */
  static text(address: Uint8Array): string {
    const end = address[FAMILY_BYTES] === 0 ? address.length : address.length - 1;
    return decodeBytes(address.slice(FAMILY_BYTES, end)).replaceAll("\0", "@");
  }

  /** Checks an address that is given as a name (unix_validate_addr). Throws EINVAL. */
  validate(address: Uint8Array): void {
    const family = address.length > 1 ? address[0] | (address[1] << 8) : -1;
    if (address.length <= FAMILY_BYTES || address.length > sockaddr_un.size || family !== AF_UNIX) fail(EINVAL);
  }

  /** The socket of that type and (valid) name; -errno as connect(2) gives it. */
  find(t: Task | null, address: Uint8Array, type: number): UnixSocket | number {
    if (address[FAMILY_BYTES] === 0) return this.#abstract.get(key(type, address)) ?? -ECONNREFUSED;
    const { walk } = this.#kernel.vfs;
    const error = walk.lookup(t, AT_FDCWD, pathOf(address), LOOKUP_FOLLOW);
    if (error) return error;
    const { inode } = walk.dentry;
    const denied = permission(inode, MAY_WRITE, walk.cred);
    if (denied) return denied;
    const socket = (inode.mode & S_IFMT) === S_IFSOCK ? this.#byInode.get(inode) : undefined;
    if (socket === undefined) return -ECONNREFUSED;
    if (socket.type !== type) return -EPROTOTYPE;
    inode.accessed(walk.mount);
    return socket;
  }

  /** bind(2): gives the socket a name. 0 or -errno; throws EINVAL. */
  bind(t: Task | null, socket: UnixSocket, address: Uint8Array): number {
    if (address.length === FAMILY_BYTES && address[0] === AF_UNIX && address[1] === 0) return this.autobind(socket);
    this.validate(address);
    return address[FAMILY_BYTES] === 0 ? this.#bindAbstract(socket, address) : this.#bindPath(t, socket, address);
  }

  #bindPath(t: Task | null, socket: UnixSocket, address: Uint8Array): number {
    const { vfs } = this.#kernel;
    const name = pathOf(address);
    const error = mknod(vfs, t, AT_FDCWD, name, S_IFSOCK | (socket.inode.mode & 0o777), 0);
    if (error) return error === -EEXIST ? -EADDRINUSE : error;
    if (socket.end.address !== null) {
      unlink(vfs, t, AT_FDCWD, name);
      return -EINVAL;
    }
    const lost = vfs.walk.lookup(t, AT_FDCWD, name, 0);
    if (lost) return lost;
    const path = vfs.walk.path();
    vfs.hold(path);
    this.#byInode.set(path.dentry.inode, socket);
    const length = address.indexOf(0, FAMILY_BYTES);
    const bytes = new Uint8Array((length < 0 ? address.length : length) + 1);
    bytes.set(address.subarray(0, bytes.length - 1));
    socket.end.address = bytes;
    socket.end.path = path;
    return 0;
  }

  #bindAbstract(socket: UnixSocket, address: Uint8Array): number {
    if (socket.end.address !== null) return -EINVAL;
    const name = key(socket.type, address);
    if (this.#abstract.has(name)) return -EADDRINUSE;
    this.#abstract.set(name, socket);
    socket.end.address = address;
    socket.end.abstract = name;
    return 0;
  }

  /** Gives the socket an abstract name of five digits, unless it has a name. 0 or -ENOSPC. */
  autobind(socket: UnixSocket): number {
    if (socket.end.address !== null) return 0;
    for (let tries = 0; tries < AUTOBIND; tries++) {
      const text = this.#nextAuto.toString(16).padStart(5, "0");
      this.#nextAuto = (this.#nextAuto + 1) % AUTOBIND;
      const address = Uint8Array.of(AF_UNIX, 0, 0, ...Array.from(text, (digit) => digit.charCodeAt(0)));
      if (this.#bindAbstract(socket, address) === 0) return 0;
    }
    return -ENOSPC;
  }

  /** The socket ends: its name is free (a path stays in the file system, with nobody behind it). */
  forget(socket: UnixSocket): void {
    const { end } = socket;
    this.sockets.delete(socket);
    if (end.abstract !== null) this.#abstract.delete(end.abstract);
    if (end.path !== null) {
      this.#byInode.delete(end.path.dentry.inode);
      this.#kernel.vfs.release(end.path);
    }
    end.abstract = end.path = null;
  }
}

/** A path as it stands in an address: up to its NUL, or all of it. */
function pathOf(address: Uint8Array): Filename {
  const end = address.indexOf(0, FAMILY_BYTES);
  return new Filename(decodeBytes(address.subarray(FAMILY_BYTES, end < 0 ? address.length : end)));
}

function key(type: number, address: Uint8Array): string {
  return `${type}${String.fromCharCode(...address.subarray(FAMILY_BYTES))}`;
}
