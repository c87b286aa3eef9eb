/**
 * Sockets as the cold half knows them (man 2 socket, man 7 socket): what all families share. A Socket is the end point of a protocol and the cold
 * side of an open file description in one; a connection that waits to be accepted has no description yet.
 */
import { EAGAIN, EINTR, ENFILE, ENOBUFS, EOPNOTSUPP } from "../abi/errno.ts";
import { O_NONBLOCK } from "../abi/fcntl.ts";
import { MSG_DONTWAIT, SOL_SOCKET } from "../abi/socket.ts";
import { fail } from "../errors.ts";
import { StreamFile } from "../fs/file.ts";
import { RCV_SHUTDOWN, SEND_SHUTDOWN, SOCK_ERROR, SOCK_FLAGS, SOCK_RQ, SOCK_SHUT, SOCK_WQ } from "../hot/layout.ts";
import type { Task } from "../task/task.ts";
import { interfaceIoctl } from "./inet/interfaces.ts";
import { Buffers, Incoming, type Outgoing, outgoing } from "./message.ts";
import type { Net } from "./net.ts";
import { SocketOptions } from "./options.ts";

/** What a family of addresses brings along: see README.md. */
export interface Family {
  /** A new socket for socket(2), without a description; or -EPROTONOSUPPORT, -ESOCKTNOSUPPORT... `type` is SOCK_*. */
  create(t: Task | null, net: Net, type: number, protocol: number): Socket | number;
  /** Connects two new sockets with each other, for socketpair(2): 0 or -errno. */
  pair?(t: Task | null, a: Socket, b: Socket): number;
}

/** Who a socket's other end is, for SO_PEERCRED and SCM_CREDENTIALS. */
export interface Credentials {
  readonly pid: number;
  readonly uid: number;
  readonly gid: number;
  readonly groups: readonly number[];
}

/** The ids of whoever calls; the kernel itself is root. */
export function credentialsOf(t: Task | null): Credentials {
  if (t === null) return { pid: 0, uid: 0, gid: 0, groups: [] };
  return { pid: t.process.pid, uid: t.euid, gid: t.egid, groups: t.process.groups };
}

/** As a time limit: none. */
export const FOREVER = Number.POSITIVE_INFINITY;

export abstract class Socket extends StreamFile {
  readonly net: Net;
  /** AF_* */
  readonly family: number;
  /** SOCK_* */
  readonly type: number;
  readonly protocol: number;
  /** Its record in kernel memory (SOCK_*). */
  readonly sock: number;
  readonly options = new SocketOptions();

  /** Throws ENFILE where there are too many, ENOBUFS where kernel memory is full. */
  constructor(net: Net, family: number, type: number, protocol: number) {
    super(net.kernel, net.kernel.vfs.anon.socketPath());
    this.net = net;
    this.family = family;
    this.type = type;
    this.protocol = protocol;
    if (!net.hasRoomForSocket) fail(ENFILE);
    this.sock = net.kernel.hot.socket_new();
    if (this.sock === 0) fail(ENOBUFS);
    net.sockets++;
    this.options.sndbuf = net.sysctl.wmemDefault;
    this.options.rcvbuf = net.sysctl.rmemDefault;
  }

  /** Gives it its description, with O_NONBLOCK or 0; it belongs to the caller. 0 or -ENFILE: the socket is then gone. */
  attach(t: Task | null, flags: number): number {
    const { vfs, hot } = this.kernel;
    const ptr = vfs.hasRoom() ? hot.socket_open(this.sock, flags) : 0;
    if (ptr === 0) {
      this.release();
      return -ENFILE;
    }
    const { uid, gid } = vfs.walk.cred.of(t);
    this.inode.uid = uid;
    this.inode.gid = gid;
    vfs.adopt(this, ptr);
    return 0;
  }

  /** The last descriptor is gone, or it never had one. Families let go of what they hold first, then call this. */
  override release(): void {
    this.net.sockets--;
    this.kernel.hot.socket_free(this.sock);
  }

  // ------------------------------------------------------------ what a family provides; the defaults say that it does not

  bind(_t: Task | null, _address: Uint8Array): number {
    return -EOPNOTSUPP;
  }
  listen(_t: Task | null, _backlog: number): number {
    return -EOPNOTSUPP;
  }
  /** The next connection, without a description; -errno, or what wait() gives. `flags`: MSG_DONTWAIT or 0. */
  accept(_t: Task | null, _flags: number): Socket | number {
    return -EOPNOTSUPP;
  }
  connect(_t: Task | null, _address: Uint8Array, _flags: number): number {
    return -EOPNOTSUPP;
  }
  /** Its own address, or (`peer`) its peer's; -errno. */
  getname(_peer: boolean): Uint8Array | number {
    return -EOPNOTSUPP;
  }
  /** `how`: RCV_SHUTDOWN, SEND_SHUTDOWN or both. */
  shutdown(_how: number): number {
    return -EOPNOTSUPP;
  }
  /** Bytes sent, -errno, or what wait() gives. RESULT_EPIPE is EPIPE with SIGPIPE. */
  sendmsg(_t: Task | null, _message: Outgoing): number {
    return -EOPNOTSUPP;
  }
  recvmsg(_t: Task | null, _message: Incoming): number {
    return -EOPNOTSUPP;
  }
  /** Options of other levels than SOL_SOCKET, and those of SOL_SOCKET that the family changes (undefined: as usual). */
  setOption(_t: Task, level: number, _name: number, _value: Uint8Array): number | undefined {
    return level === SOL_SOCKET ? undefined : -EOPNOTSUPP;
  }
  /** The option's value in at most `room` bytes, or a number for an int; -errno as { error }. */
  getOption(
    _t: Task,
    level: number,
    _name: number,
    _room: number,
  ): Uint8Array | number | { error: number } | undefined {
    return level === SOL_SOCKET ? undefined : { error: -EOPNOTSUPP };
  }
  /** A socket that accepts connections. */
  get listening(): boolean {
    return false;
  }
  /** Who is at the other end, for SO_PEERCRED; null where nobody knows. */
  get peerCredentials(): Credentials | null {
    return null;
  }
  /** SO_SNDBUF, SO_RCVBUF or time limits changed. */
  optionsChanged(): void {}
  /** ioctls of the family, which end here: those about the network's interfaces work on sockets of any. */
  override ioctl(t: Task, request: number, argument: number): number {
    return interfaceIoctl(t, this.family, request, argument);
  }

  // ------------------------------------------------------------ what a family gets

  get readQueue(): number {
    return this.sock + SOCK_RQ;
  }
  get writeQueue(): number {
    return this.sock + SOCK_WQ;
  }

  /** RCV_SHUTDOWN, SEND_SHUTDOWN. */
  get shut(): number {
    return this.kernel.kmem.u32[(this.sock + SOCK_SHUT) >> 2];
  }
  set shut(bits: number) {
    this.kernel.kmem.u32[(this.sock + SOCK_SHUT) >> 2] = bits;
  }
  get receiveShut(): boolean {
    return (this.shut & RCV_SHUTDOWN) !== 0;
  }
  get sendShut(): boolean {
    return (this.shut & SEND_SHUTDOWN) !== 0;
  }

  /** The pending error, a positive errno; 0 none. Whoever sets one wakes. */
  get error(): number {
    return this.kernel.kmem.u32[(this.sock + SOCK_ERROR) >> 2];
  }
  set error(errno: number) {
    this.kernel.kmem.u32[(this.sock + SOCK_ERROR) >> 2] = errno;
  }
  /** Takes the pending error: -errno, 0 where there is none. */
  takeError(): number {
    const { error } = this;
    this.error = 0;
    return -error;
  }

  /** SF_* bits of the record. */
  get hotFlags(): number {
    return this.kernel.kmem.u32[(this.sock + SOCK_FLAGS) >> 2];
  }
  set hotFlags(flags: number) {
    this.kernel.kmem.u32[(this.sock + SOCK_FLAGS) >> 2] = flags;
  }

  /** Something changed that whoever reads, accepts or polls wants to see; the same for who writes or connects; for all. */
  wakeReaders(): void {
    this.kernel.wake(this.readQueue);
  }
  wakeWriters(): void {
    this.kernel.wake(this.writeQueue);
  }
  wakeAll(): void {
    this.wakeReaders();
    this.wakeWriters();
  }

  /**
   * Ends a try that has to wait, as man 7 signal says for sockets: -EAGAIN under MSG_DONTWAIT or after `limit` ms (from the first wait of the
   * call on), -EINTR for a signal where there is a limit, else -ERESTARTSYS; or a block on the queue.
   */
  wait(t: Task | null, queue: number, flags: number, limit: number): number {
    if (t === null || flags & MSG_DONTWAIT || t.timedOut) return -EAGAIN;
    if (limit === FOREVER) return t.block([queue], { exclusive: true });
    if (t.interrupted) return -EINTR;
    if (t.restarted) return t.block([queue], { exclusive: true });
    return t.block([queue], { exclusive: true, deadline: this.kernel.clock.monotonic() + limit });
  }

  /** MSG_DONTWAIT for O_NONBLOCK. */
  get waitFlags(): number {
    return this.flags & O_NONBLOCK ? MSG_DONTWAIT : 0;
  }

  // ------------------------------------------------------------ as a file

  override read(t: Task | null, into: Uint8Array): number {
    return into.length === 0 ? 0 : this.recvmsg(t, new Incoming(new Buffers([into]), this.waitFlags));
  }

  /** One part of a longer copy (sendfile): streams override it to take what fits. */
  override write(t: Task | null, from: Uint8Array): number {
    return this.sendmsg(t, outgoing(new Buffers([from]), this.waitFlags));
  }

  /** read(2) and readv(2): one message. */
  override readv(t: Task, into: readonly Uint8Array[]): number {
    const buffers = new Buffers(into);
    return buffers.length === 0 ? 0 : this.recvmsg(t, new Incoming(buffers, this.waitFlags));
  }

  /** write(2) and writev(2): one message. */
  override writev(t: Task | null, from: readonly Uint8Array[]): number {
    return this.sendmsg(t, outgoing(new Buffers(from), this.waitFlags));
  }
}
