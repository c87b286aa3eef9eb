/**
 * TCP (man 7 tcp) between sockets of one machine: there are no packets, and so nothing is lost or late. A connection is what stream.ts says;
 * its states are as RFC 9293 names them, less those that only last while packets are on their way.
 */
import {
  EADDRINUSE,
  EADDRNOTAVAIL,
  EAGAIN,
  EALREADY,
  ECONNABORTED,
  ECONNREFUSED,
  ECONNRESET,
  EINPROGRESS,
  EINVAL,
  EISCONN,
  ENOBUFS,
  ENOTCONN,
  EPIPE,
  ETIMEDOUT,
} from "../../abi/errno.ts";
import {
  IPPROTO_TCP,
  TCP_CLOSE,
  TCP_CLOSE_WAIT,
  TCP_ESTABLISHED,
  TCP_FIN_WAIT2,
  TCP_LISTEN,
  TCP_SYN_SENT,
  TCP_SYNCNT,
} from "../../abi/inet.ts";
import { FIONREAD, SIOCATMARK, TIOCOUTQ } from "../../abi/ioctl.ts";
import { POLLERR, POLLIN, POLLOUT, POLLPRI, POLLRDNORM, POLLWRNORM } from "../../abi/poll.ts";
import { AF_UNSPEC, MSG_DONTWAIT, MSG_OOB, MSG_PEEK, MSG_TRUNC, SOCK_STREAM } from "../../abi/socket.ts";
import { RCV_SHUTDOWN, SEND_SHUTDOWN, SF_SHUT_WRITABLE, SHUTDOWN_MASK, SPARE_SHARE } from "../../hot/layout.ts";
import type { Task } from "../../task/task.ts";
import type { Timer } from "../../time/timers.ts";
import { Buffers, type Incoming, type Outgoing, outgoing } from "../message.ts";
import type { Socket } from "../socket.ts";
import { StreamSocket } from "../stream.ts";
import { type Endpoint, familyOf } from "./address.ts";
import { InetEnd } from "./end.ts";
import type { Inet } from "./inet.ts";
import { Remains } from "./remains.ts";
import { TcpOptions } from "./tcp-options.ts";
import { signalOwner, Urgent } from "./urgent.ts";

const UNACCEPTED_MAX = 65536;
/** Most ms between two tries to connect (include/net/tcp.h, TCP_RTO_MAX). */
const RTO_MAX = 120000;

/**
 * Where a socket is for connect(2): it has not been called, it has but not said how it ended, it has; or shutdown(2) came in between, and
 * only AF_UNSPEC is taken (Linux's socket states, SS_*).
 */
type Phase = "unconnected" | "connecting" | "connected" | "disconnecting";

export class TcpSocket extends StreamSocket {
  readonly end: InetEnd;
  readonly tcp: TcpOptions;
  readonly inet: Inet;
  /** TCP_* */
  state = TCP_CLOSE;
  #phase: Phase = "unconnected";
  /** The peer sends nothing more. */
  #finished = false;
  /** Of a listener: who found its queue full and waits, the longest first. */
  #waiting: Set<TcpSocket> | null = null;
  /** The listener that it waits for, and the end of its patience. */
  #waitsFor: TcpSocket | null = null;
  #patience: Timer | null = null;
  /** Urgent data that reading has not passed. */
  #urgent: Urgent | null = null;
  /** What the peer left behind when it closed: it is told when this end closes as well. */
  #remains: Remains | null = null;

  constructor(inet: Inet, family: number, uid: number) {
    super(inet.net, family, SOCK_STREAM, IPPROTO_TCP);
    this.inet = inet;
    this.options.rcvbuf = inet.settings.tcpRmem[1];
    this.options.sndbuf = inet.settings.tcpWmem[1];
    this.end = new InetEnd(this, inet, inet.tcp, uid);
    this.tcp = new TcpOptions(this);
  }

  // ------------------------------------------------------------ as a stream

  protected override capacity(peer: StreamSocket): number {
    return this.options.rcvbuf + peer.options.sndbuf;
  }
  /** include/net/sock.h, sk_stream_is_writeable: the free part is at least half of the full one. */
  protected override lowMark(capacity: number): number {
    return Math.floor((capacity * 2) / 3);
  }
  /** An urgent byte at the head of the ring does not count. */
  protected override pollsAt(capacity: number): number {
    return Math.min(this.options.rcvlowat, capacity) + this.skipped;
  }
  protected override get coldReads(): boolean {
    return this.#urgent !== null;
  }
  protected override get readyMask(): number {
    return this.#urgent?.waits ? POLLPRI : 0;
  }

  /** Reading stops at the mark, unless it begins there: #passMark, which MSG_PEEK leaves alone. */
  protected override run(_message: Incoming, done: number): number {
    if (this.#urgent === null) return this.unread;
    return this.#urgent.before === 0 && done === 0 ? this.unread - this.skipped : this.#urgent.before;
  }
  protected override get skipped(): number {
    return this.#urgent !== null && this.#urgent.before === 0 && !this.#urgent.inLine ? 1 : 0;
  }
  protected override taken(_t: Task | null, _message: Incoming, count: number, peek: boolean): boolean {
    if (this.#urgent === null || peek) return false;
    this.#urgent.before -= count;
    if (this.#urgent.before === 0) this.optionsChanged();
    return false;
  }
  protected override sent(_t: Task | null, message: Outgoing, done: number, count: number): void {
    if (!(message.flags & MSG_OOB) || done + count < message.buffers.length) return;
    const { peer } = this;
    if (!(peer instanceof TcpSocket)) return;
    // An older one that reading has reached is left out; before that it becomes part of the stream.
    if (peer.#urgent !== null && peer.#urgent.before === 0) peer.#passMark(peer.#urgent);
    peer.#urgent = new Urgent(peer);
    peer.optionsChanged();
    signalOwner(peer);
    peer.wakeReaders();
  }
  protected override receiveUrgent(_t: Task | null, message: Incoming): number {
    if (this.#urgent?.waits && !this.#urgent.inLine && this.state === TCP_CLOSE && !this.#finished) return -ENOTCONN;
    const result = this.#urgent?.receive(message) ?? -EINVAL;
    if (result >= 0) this.optionsChanged();
    return result;
  }

  /** Reading begins at the mark, and goes on behind it; what is urgent is left out unless it is part of the stream. */
  #passMark({ inLine }: Urgent): void {
    this.#urgent = null;
    if (!inLine) this.kernel.hot.socket_consume(this.sock, 1);
    this.optionsChanged();
  }
  protected override get writableMask(): number {
    return POLLOUT | POLLWRNORM;
  }
  protected override get streamFlags(): number {
    return SF_SHUT_WRITABLE;
  }
  /** Bytes to a peer that has closed, or will not read, are taken, and answered by a reset (RFC 1122, 4.2.2.13). */
  protected override get coldWrites(): boolean {
    const { peer } = this;
    if (peer === null) return this.state === TCP_CLOSE_WAIT;
    return peer instanceof TcpSocket && peer.state === TCP_FIN_WAIT2 && peer.receiveShut;
  }

  /** man 7 tcp: MSG_TRUNC drops what is received. */
  protected override copies(flags: number): boolean {
    return !(flags & MSG_TRUNC);
  }

  override poll(): number {
    if (this.state === TCP_SYN_SENT) return this.error ? POLLERR : 0;
    if (this.state === TCP_LISTEN) return this.queue.length > 0 ? POLLIN | POLLRDNORM : 0;
    return super.poll();
  }

  override recvmsg(t: Task | null, message: Incoming): number {
    if (this.state === TCP_LISTEN) return -ENOTCONN;
    if (message.flags & MSG_OOB) return this.receiveUrgent(t, message);
    if (this.connected) {
      const urgent = this.#urgent;
      if (urgent !== null && urgent.before === 0 && !(t?.restarted && t.scratch(0) > 0)) {
        if (!(message.flags & MSG_PEEK)) this.#passMark(urgent);
        else if (this.unread === this.skipped && !this.receiveShut) {
          return this.takeError() || this.wait(t, this.readQueue, message.flags, this.options.rcvtimeo);
        }
      }
      // The end of the stream comes before an error that a write met.
      if (this.#finished && this.unread === this.skipped) return 0;
      return super.recvmsg(t, message);
    }
    if (this.error) return this.takeError();
    if (this.receiveShut) return 0;
    if (this.state !== TCP_SYN_SENT) return -ENOTCONN;
    return this.wait(t, this.readQueue, message.flags, this.options.rcvtimeo);
  }

  override sendmsg(t: Task | null, message: Outgoing): number {
    const done = t?.restarted ? t.scratch(0) : 0;
    if (this.error && done === 0) {
      const error = this.takeError();
      return error === -EPIPE ? this.brokenPipe(t, message.flags) : error;
    }
    if (this.state === TCP_SYN_SENT) return this.wait(t, this.writeQueue, message.flags, this.options.sndtimeo);
    if (!this.connected) return this.brokenPipe(t, message.flags);
    if (this.coldWrites && !this.sendShut) {
      const { length } = message.buffers;
      const { peer } = this;
      if (length > done) this.#reset(EPIPE);
      if (length > done && peer instanceof TcpSocket) peer.#reset(ECONNRESET);
      return length;
    }
    return super.sendmsg(t, message);
  }

  /** Part of a longer copy: the stream's matter as long as it is one. */
  override write(t: Task | null, from: Uint8Array): number {
    if (this.connected && !this.error && !this.coldWrites) return super.write(t, from);
    return this.sendmsg(t, outgoing(new Buffers([from]), this.waitFlags));
  }

  override ioctl(t: Task, request: number, argument: number): number {
    if (request !== FIONREAD && request !== TIOCOUTQ && request !== SIOCATMARK) {
      return super.ioctl(t, request, argument);
    }
    if (this.state === TCP_LISTEN && request !== SIOCATMARK) return -EINVAL;
    const urgent = this.#urgent;
    const { peer, unread } = this;
    let value = Number(urgent?.before === 0);
    if (request === FIONREAD) value = urgent === null || urgent.inLine ? unread : urgent.before;
    // What the peer's receive buffer holds has been acknowledged.
    if (request === TIOCOUTQ) value = peer === null ? 0 : Math.max(0, peer.unread - peer.options.rcvbuf);
    t.mm.setU32(argument, value);
    return 0;
  }

  // ------------------------------------------------------------ names and options

  override bind(t: Task | null, address: Uint8Array): number {
    return this.end.bind(t, address, this.state === TCP_CLOSE);
  }

  override getname(peer: boolean): Uint8Array | number {
    if (peer && (this.state === TCP_CLOSE || this.state === TCP_SYN_SENT)) return -ENOTCONN;
    return this.end.name(peer);
  }

  override setOption(t: Task, level: number, name: number, value: Uint8Array): number | undefined {
    return this.tcp.set(t, level, name, value);
  }
  override getOption(
    t: Task,
    level: number,
    name: number,
    room: number,
  ): Uint8Array | number | { error: number } | undefined {
    return this.tcp.get(t, level, name, room);
  }

  // ------------------------------------------------------------ listen and accept

  /** Nor may the machine have too many connections that nobody has accepted: they count as no program's descriptors. */
  override get isFull(): boolean {
    return super.isFull || this.inet.unaccepted >= UNACCEPTED_MAX;
  }

  override listen(_t: Task | null, backlog: number): number {
    if (this.#phase !== "unconnected") return -EINVAL;
    if (this.state !== TCP_CLOSE && this.state !== TCP_LISTEN) return -EINVAL;
    const starts = this.state === TCP_CLOSE;
    const before = this.backlog;
    this.backlog = backlog;
    if (!starts) {
      this.#admit();
      return 0;
    }
    const error = this.end.bound
      ? this.inet.tcp.taken(this.end.port, this.end)
        ? -EADDRINUSE
        : 0
      : this.end.takePort(0);
    if (error) {
      this.backlog = before;
      return error;
    }
    this.state = TCP_LISTEN;
    this.inet.addListener(this);
    return 0;
  }

  override accept(t: Task | null, flags: number): Socket | number {
    const connection = super.accept(t, flags);
    if (typeof connection === "number") return connection;
    this.inet.unaccepted--;
    this.#admit();
    return connection;
  }

  /** Who waits for room in the queue gets it. */
  #admit(): void {
    for (const client of this.#waiting ?? []) {
      if (this.isFull) return;
      client.#leaveQueue();
      client.#establish(this);
      client.wakeAll();
    }
  }

  #stopListening(): void {
    this.inet.removeListener(this);
    this.backlog = -1;
    this.state = TCP_CLOSE;
    for (const client of this.#waiting ?? []) client.#fail(ECONNREFUSED);
    this.inet.unaccepted -= this.queue.length;
    for (const connection of this.queue.splice(0)) connection.refuse();
  }

  // ------------------------------------------------------------ connect

  override connect(t: Task | null, address: Uint8Array, flags: number): number {
    if (address.length < 2) return -EINVAL;
    if (familyOf(address) === AF_UNSPEC) {
      this.#disconnect();
      this.#phase = "unconnected";
      return 0;
    }
    if (this.#phase === "connected") return -EISCONN;
    if (this.#phase === "disconnecting") return -EINVAL;
    if (this.#phase === "connecting") return this.#connecting(t, flags, -EALREADY);
    if (this.state !== TCP_CLOSE) return -EISCONN;
    const to = this.end.destination(address, false);
    if (typeof to === "number") return to;
    const error = this.#claim(to);
    if (error) return error;
    this.#phase = "connecting";
    this.error = 0;
    this.#open(to);
    // The answer is there at once, but who does not want to wait for it is not told yet (man 2 connect, EINPROGRESS).
    return flags & MSG_DONTWAIT ? -EINPROGRESS : this.#connecting(t, flags, -EINPROGRESS);
  }

  /** Takes addresses and ports for a connection: 0, or -ENETUNREACH, -EAFNOSUPPORT, -EADDRNOTAVAIL. */
  #claim(to: Endpoint): number {
    const { end, inet } = this;
    const source = end.route(to.host, false);
    if (typeof source === "object") return source.error;
    inet.expire();
    if (end.bound) {
      if (!inet.isFree(end.port, source, to)) return -EADDRNOTAVAIL;
    } else {
      const { low, high } = inet.settings.portRange;
      const port = inet.tcp.choose(low, high, (each) => inet.maySharePort(each) && inet.isFree(each, source, to));
      if (port === 0) return -EADDRNOTAVAIL;
      end.shared = true;
      end.setPort(port);
    }
    end.host = source;
    end.peer = to;
    return 0;
  }

  /** Sends the SYN, so to say. */
  #open(to: Endpoint): void {
    const { end, inet } = this;
    if (to.host === end.host && to.port === end.port) {
      // RFC 9293, 3.5: a simultaneous open, of one socket with itself.
      this.state = TCP_ESTABLISHED;
      this.join(this);
      return;
    }
    const listener = inet.listener(to);
    if (listener === null) this.#fail(ECONNREFUSED);
    else if (!listener.isFull) this.#establish(listener);
    else {
      this.state = TCP_SYN_SENT;
      this.#waitsFor = listener;
      listener.#waiting ??= new Set();
      listener.#waiting.add(this);
      const { timers, clock } = this.kernel;
      // A second, then twice as long after each try, up to two minutes.
      let patience = 0;
      for (let i = 0; i <= this.tcp.value(TCP_SYNCNT); i++) patience += Math.min(1000 * 2 ** i, RTO_MAX);
      this.#patience = timers.add(clock.monotonic() + patience, () => this.#fail(ETIMEDOUT));
    }
  }

  #leaveQueue(): void {
    const listener = this.#waitsFor;
    if (listener !== null && listener.#waiting !== null) listener.#waiting.delete(this);
    this.#waitsFor = null;
    if (this.#patience !== null) this.kernel.timers.cancel(this.#patience);
    this.#patience = null;
  }

  /** The connection does not come about. */
  #fail(errno: number): void {
    this.#leaveQueue();
    this.#end(errno);
  }

  /** Makes the connection; its other end waits at the listener. */
  #establish(listener: TcpSocket): void {
    const { end } = this;
    if (this.kernel.hot.pages_left(0, SPARE_SHARE) === 0) {
      this.#fail(ENOBUFS);
      return;
    }
    const server = new TcpSocket(this.inet, listener.family, listener.end.uid);
    server.options.inherit(listener.options);
    server.tcp.inherit(listener.tcp);
    server.end.ip.inherit(listener.end.ip);
    server.end.host = end.peer!.host;
    server.end.peer = { host: end.host, port: end.port };
    server.end.setPort(listener.end.port);
    server.#phase = "connected";
    server.state = this.state = TCP_ESTABLISHED;
    this.join(server);
    // A listener that was shut down before it listened passes that on.
    server.shut = listener.shut;
    if (server.sendShut) server.#sendEnd();
    this.inet.unaccepted++;
    listener.enqueue(server);
  }

  /** How a connect stands. `pending`: what it gives while it does not wait. */
  #connecting(t: Task | null, flags: number, pending: number): number {
    if (this.state === TCP_SYN_SENT) {
      const result = this.wait(t, this.writeQueue, flags, this.options.sndtimeo);
      return result === -EAGAIN ? pending : result;
    }
    if (this.state === TCP_CLOSE) {
      const error = this.takeError() || -ECONNABORTED;
      this.#disconnect();
      this.#phase = "unconnected";
      return error;
    }
    this.#phase = "connected";
    return 0;
  }

  /** connect(2) to AF_UNSPEC and its like: the socket is as new, but for what bind(2) gave it. */
  #disconnect(): void {
    const ended = this.state !== TCP_CLOSE;
    if (this.state === TCP_LISTEN) this.#stopListening();
    const resets = this.state !== TCP_CLOSE;
    this.#leaveQueue();
    this.state = TCP_CLOSE;
    this.part(true);
    if (this.connected) {
      this.kernel.hot.socket_consume(this.sock, this.unread);
      this.connected = this.#finished = false;
      this.#urgent = null;
      this.hotFlags = 0;
    }
    this.shut = 0;
    if (resets) this.error = ECONNRESET;
    this.end.disconnect(ended);
    this.wakeAll();
  }

  // ------------------------------------------------------------ the end of a connection

  /** It is over, for the reason given: as a reset that came in. */
  #end(errno: number): void {
    this.state = TCP_CLOSE;
    this.error = errno;
    this.shut = SHUTDOWN_MASK;
    if (!this.end.portBound) this.end.leavePort();
    this.optionsChanged();
    this.wakeAll();
  }

  /** A reset goes out to a peer that has closed, or none is there: what is left of it goes. */
  #reset(errno: number): void {
    this.#remains?.remove();
    this.#remains = null;
    this.#end(errno);
  }

  /** The peer sends nothing more (FIN). */
  #receiveEnd(): void {
    this.shut |= RCV_SHUTDOWN;
    this.#finished = true;
    if (this.state === TCP_ESTABLISHED) this.state = TCP_CLOSE_WAIT;
    else if (this.state === TCP_FIN_WAIT2) this.#timeWait();
    this.optionsChanged();
    this.wakeAll();
  }

  /** Both directions have ended, this end's first: its port stays behind for a while. */
  #timeWait(): void {
    this.state = TCP_CLOSE;
    this.shut = SHUTDOWN_MASK;
    new Remains(this.inet, this.end).timeWait();
    if (!this.end.portBound) this.end.leavePort();
  }

  /** FIN to the peer, which may have closed already. */
  #sendEnd(): void {
    const { peer } = this;
    if (this.state === TCP_CLOSE_WAIT) {
      this.state = TCP_CLOSE;
      this.shut = SHUTDOWN_MASK;
      this.#remains?.timeWait();
      this.#remains = null;
    } else this.state = TCP_FIN_WAIT2;
    if (peer instanceof TcpSocket) peer.#receiveEnd();
  }

  override shutdown(how: number): number {
    if (this.#phase === "connecting") {
      const over = this.state === TCP_SYN_SENT || this.state === TCP_CLOSE;
      this.#phase = over ? "disconnecting" : "connected";
    }
    if (this.state === TCP_LISTEN || this.state === TCP_SYN_SENT) {
      if (this.state === TCP_SYN_SENT || how & RCV_SHUTDOWN) this.#disconnect();
      this.#phase = "unconnected";
      return 0;
    }
    this.shut |= how;
    this.wakeAll();
    if (this.state === TCP_CLOSE) return -ENOTCONN;
    if (how & SEND_SHUTDOWN && (this.state === TCP_ESTABLISHED || this.state === TCP_CLOSE_WAIT)) this.#sendEnd();
    // What the peer may write has changed.
    else if (this.state === TCP_FIN_WAIT2) this.peer?.optionsChanged();
    return 0;
  }

  protected override hangUp(peer: StreamSocket, lost: boolean): void {
    const other = peer as TcpSocket;
    const open = this.state === TCP_ESTABLISHED;
    const reset = lost || this.options.linger === 0 || this.state === TCP_CLOSE;
    if (reset) {
      if (other.state !== TCP_CLOSE) other.#reset(other.state === TCP_CLOSE_WAIT ? EPIPE : ECONNRESET);
      return;
    }
    if (open || this.state === TCP_FIN_WAIT2) {
      other.#remains = new Remains(this.inet, this.end);
      if (open) other.#receiveEnd();
      else other.optionsChanged();
    } else if (this.state === TCP_CLOSE_WAIT) other.#receiveEnd();
  }

  override release(): void {
    if (this.state === TCP_LISTEN) this.#stopListening();
    this.#leaveQueue();
    const orphaned = this.peer === null;
    // The last bytes of a peer that has closed were not read, or it is told that this end closes as well.
    if (orphaned && (this.unread > 0 || this.options.linger === 0)) this.#remains?.remove();
    else if (orphaned) this.#remains?.timeWait();
    this.#remains = null;
    this.end.leavePort();
    super.release();
  }
}
