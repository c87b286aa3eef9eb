/** AF_UNIX, SOCK_DGRAM: datagrams that are not lost: senders wait for room at their own socket and in the receiver's queue. */
import { ECONNREFUSED, ECONNRESET, EINVAL, EMSGSIZE, ENOTCONN, EOPNOTSUPP, EPERM, EPIPE } from "../../abi/errno.ts";
import { FIONREAD, TIOCOUTQ } from "../../abi/ioctl.ts";
import { POLLERR, POLLHUP, POLLIN, POLLOUT, POLLRDHUP, POLLRDNORM, POLLWRBAND, POLLWRNORM } from "../../abi/poll.ts";
import { AF_UNIX, AF_UNSPEC, MSG_DONTWAIT, MSG_OOB, MSG_PEEK, SOCK_DGRAM } from "../../abi/socket.ts";
import { RCV_SHUTDOWN, SHUTDOWN_MASK } from "../../hot/layout.ts";
import type { Task } from "../../task/task.ts";
import { DatagramQueue } from "../dgram.ts";
import type { Buffers, Incoming, Outgoing } from "../message.ts";
import type { Net } from "../net.ts";
import { type Credentials, credentialsOf, Socket } from "../socket.ts";
import { controlOf, parseControl, type UnixControl } from "./scm.ts";
import { UnixEnd, type UnixSocket } from "./socket.ts";

/** What is kept with a message. */
export interface UnixMessage extends UnixControl {
  /** Whose buffer it counts against. */
  readonly sender: Sender;
  readonly from: UnixEnd;
}

/** Who sends messages: what they hold of its buffer until they are received. */
export class Sender {
  readonly #socket: Socket;
  /** Sum of the sizes of messages that nobody has received. */
  bytes = 0;

  constructor(socket: Socket) {
    this.#socket = socket;
  }

  get isFull(): boolean {
    return this.bytes >= this.#socket.options.sndbuf;
  }
  /** unix_writable: poll and the waiting want more room than a message that does not wait. */
  get isWritable(): boolean {
    return this.bytes * 4 <= this.#socket.options.sndbuf;
  }

  /** A message has gone. */
  freed(size: number): void {
    this.bytes -= size;
    if (this.isWritable && !this.#closed) this.#socket.wakeWriters();
  }

  #closed = false;
  close(): void {
    this.#closed = true;
  }
}

/** The queue of messages of an AF_UNIX socket. */
export function messageQueue(net: Net): DatagramQueue<UnixMessage> {
  return new DatagramQueue<UnixMessage>(net.kernel, ({ size, extra }) => {
    if (extra.rights !== null) net.flight.drop(extra.rights);
    extra.sender.freed(size);
  });
}

/** Queues a message at a receiver: bytes, or -ENOBUFS. */
export function deliverMessage(
  t: Task | null,
  queue: DatagramQueue<UnixMessage>,
  buffers: Buffers,
  extra: UnixMessage,
): number {
  const datagram = queue.push(buffers, extra);
  if (typeof datagram === "number") {
    if (extra.rights !== null) t!.kernel.net.flight.drop(extra.rights);
    return datagram;
  }
  extra.sender.bytes += datagram.size;
  return datagram.length;
}

/** Receives the first message of a queue that has one. */
export function receiveMessage(
  t: Task | null,
  socket: Socket,
  queue: DatagramQueue<UnixMessage>,
  message: Incoming,
): number {
  return queue.receive(message, ({ extra }) => {
    message.name = extra.from.address;
    const peek = (message.flags & MSG_PEEK) !== 0;
    socket.net.flight.deliver(t, message, extra, socket.options.passcred, peek);
  });
}

export class UnixDgram extends Socket {
  readonly end = new UnixEnd();
  readonly #queue: DatagramQueue<UnixMessage>;
  readonly #sender = new Sender(this);
  /** Where send(2) goes to. It may have been closed. */
  #peer: UnixDgram | null = null;
  /** Those whose peer this is: they poll as writable by this one's queue. */
  readonly #from = new Set<UnixDgram>();
  #dead = false;
  readonly #limit: number;

  constructor(net: Net) {
    super(net, AF_UNIX, SOCK_DGRAM, 0);
    net.unix.sockets.add(this);
    this.#queue = messageQueue(net);
    this.#limit = net.sysctl.maxDgramQlen;
  }

  get connected(): boolean {
    return this.#peer !== null;
  }

  override get peerCredentials(): Credentials | null {
    return this.end.peer;
  }

  // ------------------------------------------------------------ names

  override bind(t: Task | null, address: Uint8Array): number {
    return this.net.unix.bind(t, this, address);
  }

  override getname(peer: boolean): Uint8Array | number {
    return UnixEnd.nameOf(peer ? (this.#peer?.end ?? null) : this.end);
  }

  override connect(t: Task | null, address: Uint8Array): number {
    if (address.length < 2) return -EINVAL;
    const { unix } = this.net;
    let other: UnixSocket | number | null = null;
    if ((address[0] | (address[1] << 8)) !== AF_UNSPEC) {
      unix.validate(address);
      const refused = this.options.passcred ? unix.autobind(this) : 0;
      if (refused) return refused;
      other = unix.find(t, address, SOCK_DGRAM);
      if (typeof other === "number") return other;
    }
    const peer = other as UnixDgram | null;
    if (peer !== null && !peer.#hears(this)) return -EPERM;
    this.#connectTo(peer);
    return 0;
  }

  #connectTo(peer: UnixDgram | null): void {
    const old = this.#peer;
    if (old === peer) return;
    if (old !== null) old.#from.delete(this);
    this.#peer = peer;
    if (peer !== null) peer.#from.add(this);
    if (old !== null) this.#disconnected(old);
    this.wakeWriters();
  }

  /** What it has got from its former peer is lost; that learns of it where it was connected back. */
  #disconnected(old: UnixDgram): void {
    if (this.#queue.length === 0) return;
    this.#queue.clear();
    if (!old.#dead && old.#peer === this) {
      old.error = ECONNRESET;
      old.wakeAll();
    }
  }

  /** socketpair(2) */
  pair(t: Task | null, other: UnixDgram): void {
    this.end.peer = other.end.peer = credentialsOf(t);
    this.#connectTo(other);
    other.#connectTo(this);
  }

  /** Whether it takes messages from that socket: one that is connected takes its peer's only. */
  #hears(from: UnixDgram): boolean {
    return this.#peer === null || this.#peer === from;
  }

  override shutdown(how: number): number {
    this.shut |= how;
    this.wakeAll();
    return 0;
  }

  override release(): void {
    const { unix, flight } = this.net;
    this.#dead = true;
    this.#sender.close();
    unix.forget(this);
    if (this.#peer !== null) this.#peer.#from.delete(this);
    this.#peer = null;
    for (const sender of this.#from) sender.wakeWriters();
    this.#queue.clear();
    super.release();
    flight.collect();
  }

  // ------------------------------------------------------------ messages

  override sendmsg(t: Task | null, message: Outgoing): number {
    const { buffers, flags, name } = message;
    const { unix, flight } = this.net;
    const request = parseControl(t, message.control);
    flight.check(t, request.files);
    if (flags & MSG_OOB) return -EOPNOTSUPP;
    if (name !== null) unix.validate(name);
    const refused = this.options.passcred ? unix.autobind(this) : 0;
    if (refused) return refused;
    if (buffers.length > this.options.sndbuf - 32) return -EMSGSIZE;
    const error = this.takeError();
    if (error) return error;
    if (this.sendShut) return -EPIPE;
    if (this.#sender.isFull) return this.wait(t, this.writeQueue, flags, this.options.sndtimeo);
    const other = name === null ? (this.#peer ?? -ENOTCONN) : unix.find(t, name, SOCK_DGRAM);
    if (typeof other === "number") return other;
    const to = other as UnixDgram;
    if (!to.#hears(this)) return -EPERM;
    if (to.#dead) {
      this.#connectTo(null);
      return -ECONNREFUSED;
    }
    if (to.receiveShut) return -EPIPE;
    if (to !== this && to.#peer !== this && to.#isFull) {
      return this.wait(t, to.writeQueue, flags, this.options.sndtimeo);
    }
    const wanted = this.options.passcred || to.options.passcred;
    const control = controlOf(flight, t, request, wanted);
    const done = deliverMessage(t, to.#queue, buffers, { ...control, sender: this.#sender, from: this.end });
    if (done >= 0) this.kernel.hot.wake_queue(to.readQueue, 1);
    return done;
  }

  /** unix_recvq_full */
  get #isFull(): boolean {
    return this.#queue.length > this.#limit;
  }

  override recvmsg(t: Task | null, message: Incoming): number {
    const { flags } = message;
    if (flags & MSG_OOB) return -EOPNOTSUPP;
    const error = this.takeError();
    if (error) return error;
    if (this.#queue.length === 0) {
      if (this.receiveShut && !(flags & MSG_DONTWAIT)) return 0;
      return this.wait(t, this.readQueue, flags, this.options.rcvtimeo);
    }
    const wasFull = this.#isFull;
    const done = receiveMessage(t, this, this.#queue, message);
    if (wasFull) {
      this.wakeWriters();
      for (const sender of this.#from) sender.wakeWriters();
    }
    return done;
  }

  override poll(): number {
    const { shut } = this;
    let mask = this.error ? POLLERR : 0;
    if (shut & RCV_SHUTDOWN) mask |= POLLRDHUP | POLLIN | POLLRDNORM;
    if (shut === SHUTDOWN_MASK) mask |= POLLHUP;
    if (this.#queue.length > 0) mask |= POLLIN | POLLRDNORM;
    const peer = this.#peer;
    const blocked = peer !== null && !peer.#dead && peer.#peer !== this && peer.#isFull;
    return this.#sender.isWritable && !blocked ? mask | POLLOUT | POLLWRNORM | POLLWRBAND : mask;
  }

  override ioctl(t: Task, request: number, argument: number): number {
    if (request === FIONREAD) t.mm.setU32(argument, this.#queue.items[0]?.length ?? 0);
    else if (request === TIOCOUTQ) t.mm.setU32(argument, this.#sender.bytes);
    else return super.ioctl(t, request, argument);
    return 0;
  }

  *controls(): Iterable<UnixControl> {
    for (const { extra } of this.#queue.items) yield extra;
  }

  purge(): void {
    this.#queue.clear();
  }
}
