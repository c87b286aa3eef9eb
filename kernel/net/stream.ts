/**
 * Connected streams, which AF_UNIX and TCP share: a connection is two sockets in kernel memory, each with a ring of what it received
 * (hot/socket.ts). A listener keeps connections in a queue until they are accepted.
 */
import { EAGAIN, EINVAL, ENOTCONN, EOPNOTSUPP, EPIPE } from "../abi/errno.ts";
import { FIONREAD, TIOCOUTQ } from "../abi/ioctl.ts";
import { POLLERR, POLLHUP, POLLIN, POLLOUT, POLLRDHUP, POLLRDNORM, POLLWRBAND, POLLWRNORM } from "../abi/poll.ts";
import { MSG_DONTWAIT, MSG_NOSIGNAL, MSG_OOB, MSG_PEEK, MSG_WAITALL } from "../abi/socket.ts";
import {
  RCV_SHUTDOWN,
  RESULT_BLOCK,
  RESULT_EPIPE,
  RING_ALLOC,
  RING_BUFFER,
  RING_CAP,
  RING_HEAD,
  RING_LEN,
  SEND_SHUTDOWN,
  SF_COLD_READ,
  SF_COLD_WRITE,
  SF_STREAM,
  SHUTDOWN_MASK,
  SOCK_ENOUGH,
  SOCK_LOW,
  SOCK_PEER,
  SOCK_READY,
  SOCK_WRITABLE,
} from "../hot/layout.ts";
import type { Task } from "../task/task.ts";
import { Buffers, type Incoming, type Outgoing } from "./message.ts";
import { FOREVER, Socket } from "./socket.ts";

export abstract class StreamSocket extends Socket {
  /** The other end of the connection; null before, and once it is closed. */
  peer: StreamSocket | null = null;
  /** It is, or was, an end of a connection. */
  connected = false;
  /** Longest queue of a listener, -1 for a socket that does not listen. */
  backlog = -1;
  /** Connections that wait to be accepted. */
  readonly queue: StreamSocket[] = [];

  // ------------------------------------------------------------ what protocols differ in

  /** Bytes that may wait in this socket's ring; `peer` sends them. */
  protected capacity(peer: StreamSocket): number {
    return peer.options.sndbuf;
  }
  /** Of these, at how many at most its peer polls as writable (AF_UNIX: unix_writable). */
  protected lowMark(capacity: number): number {
    return capacity >> 2;
  }
  /** At how many bytes it polls as readable. */
  protected pollsAt(_capacity: number): number {
    return 1;
  }
  /** POLL* mask of a socket that can be written to. */
  protected get writableMask(): number {
    return POLLOUT | POLLWRNORM | POLLWRBAND;
  }
  /** POLL* bits that it has besides those of bytes, errors and ends. */
  protected get readyMask(): number {
    return 0;
  }
  /** SF_* bits that it always has. */
  protected get streamFlags(): number {
    return 0;
  }
  /** Whether reads, or writes, cannot be the hot half's for a reason of the protocol's. */
  protected get coldReads(): boolean {
    return false;
  }
  protected get coldWrites(): boolean {
    return false;
  }
  /** What receiving, and sending, gives before a connection: -errno. */
  protected receiveUnconnected(): number {
    return -ENOTCONN;
  }
  protected sendUnconnected(): number {
    return -ENOTCONN;
  }
  /** Looks at a message before it is sent: 0 or -errno. */
  protected checkOutgoing(_t: Task | null, _message: Outgoing): number {
    return 0;
  }
  /** Bytes at the head of the ring that MSG_PEEK does not show. */
  protected get skipped(): number {
    return 0;
  }
  /** Whether the caller gets the bytes that it receives. */
  protected copies(_flags: number): boolean {
    return true;
  }
  /** Bytes of the ring that may be taken together with what the call has taken so far (`done` bytes); 0 ends it. */
  protected run(_message: Incoming, _done: number): number {
    return this.unread;
  }
  /** `count` bytes were copied, and unless `peek` taken, out of what run() allowed: gives true where the call ends with them. */
  protected taken(_t: Task | null, _message: Incoming, _count: number, _peek: boolean): boolean {
    return false;
  }
  /** The call ends with the stream. */
  protected atEnd(_t: Task | null, _message: Incoming): void {}
  /** `count` bytes of a message, the first of which are its `done`th, were put into the peer's ring. */
  protected sent(_t: Task | null, _message: Outgoing, _done: number, _count: number): void {}
  /** The end of a connection: tells the other end. `reset`: bytes were lost that nobody read, or it was never accepted. */
  protected abstract hangUp(peer: StreamSocket, reset: boolean): void;

  // ------------------------------------------------------------ connections

  /** Makes this and `other` the ends of a connection. */
  join(other: StreamSocket): void {
    const { u32 } = this.kernel.kmem;
    this.peer = other;
    other.peer = this;
    u32[(this.sock + SOCK_PEER) >> 2] = other.sock;
    u32[(other.sock + SOCK_PEER) >> 2] = this.sock;
    for (const end of [this, other]) {
      end.connected = true;
      u32[(end.sock + SOCK_WRITABLE) >> 2] = end.writableMask;
      end.optionsChanged();
    }
  }

  override get listening(): boolean {
    return this.backlog >= 0;
  }

  /** Whether there are as many connections as listen(2) allows, which is one more than it says. */
  get isFull(): boolean {
    return this.queue.length > this.backlog;
  }

  /** A connection, joined already, waits to be accepted. */
  enqueue(connection: StreamSocket): void {
    this.queue.push(connection);
    this.kernel.hot.wake_queue(this.readQueue, 1);
  }

  override accept(t: Task | null, flags: number): Socket | number {
    if (!this.listening) return -EINVAL;
    const connection = this.queue.shift();
    // Without waiting it is told only that there is none (unix_accept).
    if (connection === undefined && this.receiveShut && !(flags & MSG_DONTWAIT)) return -EINVAL;
    if (connection === undefined) return this.wait(t, this.readQueue, flags, this.options.rcvtimeo);
    // Who waits for room in the queue.
    this.wakeWriters();
    return connection;
  }

  override shutdown(how: number): number {
    this.shut |= how;
    const { peer } = this;
    if (peer !== null) {
      peer.shut |= (how & RCV_SHUTDOWN ? SEND_SHUTDOWN : 0) | (how & SEND_SHUTDOWN ? RCV_SHUTDOWN : 0);
      peer.wakeAll();
    }
    this.wakeAll();
    return 0;
  }

  override release(): void {
    for (const connection of this.queue.splice(0)) connection.refuse();
    this.part(this.unread > 0);
    super.release();
  }

  /** A connection that is never accepted. */
  refuse(): void {
    this.part(true);
    this.release();
  }

  /** The two ends no longer know each other. */
  protected part(reset: boolean): void {
    const { peer } = this;
    if (peer === null) return;
    const { u32 } = this.kernel.kmem;
    this.peer = peer.peer = null;
    u32[(this.sock + SOCK_PEER) >> 2] = u32[(peer.sock + SOCK_PEER) >> 2] = 0;
    this.hangUp(peer, reset);
  }

  override optionsChanged(): void {
    if (!this.connected) return;
    const { rcvtimeo, sndtimeo, rcvlowat } = this.options;
    let flags = SF_STREAM | this.streamFlags;
    if (rcvtimeo !== FOREVER || rcvlowat !== 1 || this.coldReads) flags |= SF_COLD_READ;
    if (sndtimeo !== FOREVER || this.coldWrites) flags |= SF_COLD_WRITE;
    this.hotFlags = flags;
    this.kernel.kmem.u32[(this.sock + SOCK_READY) >> 2] = this.readyMask;
    this.limitRing();
    this.peer?.limitRing();
  }

  /** Sets what its ring may hold. */
  private limitRing(): void {
    const { peer } = this;
    if (peer === null) return;
    const { u32 } = this.kernel.kmem;
    const capacity = this.capacity(peer);
    u32[(this.sock + RING_CAP) >> 2] = capacity;
    u32[(this.sock + SOCK_LOW) >> 2] = this.lowMark(capacity);
    u32[(this.sock + SOCK_ENOUGH) >> 2] = this.pollsAt(capacity);
  }

  /** Bytes in its ring. */
  get unread(): number {
    return this.kernel.kmem.u32[(this.sock + RING_LEN) >> 2];
  }

  // ------------------------------------------------------------ readiness, where the hot half does not serve it

  override poll(): number {
    if (this.connected) return this.kernel.hot.file_poll(this.ptr);
    const { shut } = this;
    let mask = this.error ? POLLERR : 0;
    if (this.listening) {
      if (this.queue.length > 0) mask |= POLLIN | POLLRDNORM;
      if (shut === SHUTDOWN_MASK) mask |= POLLHUP;
      if (shut & RCV_SHUTDOWN) mask |= POLLRDHUP | POLLIN | POLLRDNORM;
      return mask;
    }
    if (shut & RCV_SHUTDOWN) mask |= POLLRDHUP | POLLIN | POLLRDNORM;
    return mask | POLLHUP | this.writableMask;
  }

  override ioctl(t: Task, request: number, argument: number): number {
    if (request !== FIONREAD && request !== TIOCOUTQ) return super.ioctl(t, request, argument);
    if (this.listening) return -EINVAL;
    t.mm.setU32(argument, request === FIONREAD ? this.unread : (this.peer?.unread ?? 0));
    return 0;
  }

  // ------------------------------------------------------------ bytes

  override recvmsg(t: Task | null, message: Incoming): number {
    const { buffers, flags } = message;
    if (flags & MSG_OOB) return this.receiveUrgent(t, message);
    if (!this.connected) return this.receiveUnconnected();
    const { length } = buffers;
    const peek = (flags & MSG_PEEK) !== 0;
    const enough = flags & MSG_WAITALL ? length : Math.min(this.options.rcvlowat, length);
    let done = t?.restarted ? t.scratch(0) : 0;
    for (;;) {
      const { unread } = this;
      if (unread > 0) {
        const count = Math.min(this.run(message, done), length - done);
        // A call for no bytes at all still takes what came with the first of them.
        if (count === 0 && length > 0) return done;
        if (this.copies(flags)) this.#copyOut(buffers, done, count, this.skipped);
        if (!peek) this.kernel.hot.socket_consume(this.sock, count);
        done += count;
        if (this.taken(t, message, count, peek) || peek || done === length) return done;
        continue;
      }
      if (done >= Math.max(enough, 1)) return done;
      const error = this.takeError();
      if (error) return done || error;
      if (this.receiveShut) {
        this.atEnd(t, message);
        return done;
      }
      const result = this.wait(t, this.readQueue, flags, this.options.rcvtimeo);
      if (result === RESULT_BLOCK) t!.setScratch(0, done);
      return result === RESULT_BLOCK ? result : done || result;
    }
  }

  /** MSG_OOB. */
  protected receiveUrgent(_t: Task | null, _message: Incoming): number {
    return -EOPNOTSUPP;
  }

  /** The `count` bytes of the ring that come after `skipped` ones into the buffers, from `from` on. */
  #copyOut(buffers: Buffers, from: number, count: number, skipped: number): void {
    const { u8, u32 } = this.kernel.kmem;
    const ring = u32[(this.sock + RING_BUFFER) >> 2];
    const mask = u32[(this.sock + RING_ALLOC) >> 2] - 1;
    const head = u32[(this.sock + RING_HEAD) >> 2];
    buffers.each(from, from + count, (piece, at) => {
      const start = (head + skipped + at - from) & mask;
      const first = Math.min(piece.length, mask + 1 - start);
      piece.set(u8.subarray(ring + start, ring + start + first));
      if (first < piece.length) piece.set(u8.subarray(ring, ring + piece.length - first), first);
      return true;
    });
  }

  override sendmsg(t: Task | null, message: Outgoing): number {
    const { buffers, flags } = message;
    let done = t?.restarted ? t.scratch(0) : 0;
    if (done === 0) {
      const error = this.checkOutgoing(t, message);
      if (error) return error;
    }
    if (!this.connected) return this.sendUnconnected();
    if (this.sendShut) return done || this.brokenPipe(t, flags);
    while (done < buffers.length) {
      const put = this.takeError() || this.#put(buffers, done);
      if (put > 0) {
        this.sent(t, message, done, put);
        done += put;
        continue;
      }
      if (put === -EPIPE) return done || this.brokenPipe(t, flags);
      const result = put === -EAGAIN ? this.wait(t, this.writeQueue, flags, this.options.sndtimeo) : put;
      if (result === RESULT_BLOCK) t!.setScratch(0, done);
      return result === RESULT_BLOCK ? result : done || result;
    }
    return done;
  }

  /** EPIPE, with the signal unless it is not wanted. */
  protected brokenPipe(t: Task | null, flags: number): number {
    return t === null || flags & MSG_NOSIGNAL ? -EPIPE : RESULT_EPIPE;
  }

  /** Puts what fits of the next bytes into the peer's ring: bytes, -EAGAIN, -EPIPE, -ENOBUFS. */
  #put(buffers: Buffers, done: number): number {
    const { hot, vfs, kmem } = this.kernel;
    const count = Math.min(buffers.length - done, vfs.bufferSize);
    const at = vfs.buffer();
    buffers.each(done, done + count, (piece, from) => {
      kmem.u8.set(piece, at + from - done);
      return true;
    });
    return hot.socket_write(this.sock, 0, at, count);
  }

  /** As much as fits, at least one byte: part of a longer copy. */
  override write(t: Task | null, from: Uint8Array): number {
    if (!this.connected) return this.sendUnconnected();
    const put = this.takeError() || (this.sendShut ? -EPIPE : this.#put(new Buffers([from]), 0));
    return put === -EAGAIN ? this.wait(t, this.writeQueue, this.waitFlags, this.options.sndtimeo) : put;
  }
}
