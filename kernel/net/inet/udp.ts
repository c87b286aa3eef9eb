/** UDP (man 7 udp) between sockets of one machine: a datagram is in the receiver's queue when send(2) returns, or it is lost for want of room. */
import {
  EAFNOSUPPORT,
  EAGAIN,
  ECONNREFUSED,
  EDESTADDRREQ,
  EINVAL,
  EMSGSIZE,
  ENOBUFS,
  ENOPROTOOPT,
  ENOTCONN,
  EOPNOTSUPP,
  EPIPE,
} from "../../abi/errno.ts";
import {
  IP_PKTINFO,
  IP_RECVERR,
  IP_RECVTOS,
  IP_RECVTTL,
  IP_TOS,
  IP_TTL,
  IPPROTO_UDP,
  IPV6_HOPLIMIT,
  IPV6_PKTINFO,
  IPV6_RECVERR,
  IPV6_RECVHOPLIMIT,
  IPV6_RECVPKTINFO,
  IPV6_RECVTCLASS,
  IPV6_TCLASS,
  IPV6_UNICAST_HOPS,
  UDP_CORK,
} from "../../abi/inet.ts";
import { FIONREAD, TIOCOUTQ } from "../../abi/ioctl.ts";
import { POLLERR, POLLHUP, POLLIN, POLLOUT, POLLRDHUP, POLLRDNORM, POLLWRBAND, POLLWRNORM } from "../../abi/poll.ts";
import {
  AF_INET,
  AF_INET6,
  AF_UNSPEC,
  MSG_DONTWAIT,
  MSG_ERRQUEUE,
  MSG_MORE,
  MSG_OOB,
  SO_BROADCAST,
  SOCK_DGRAM,
  SOL_IP,
  SOL_IPV6,
  SOL_SOCKET,
  SOL_UDP,
} from "../../abi/socket.ts";
import { in_pktinfo, in6_pktinfo } from "../../abi/structs.ts";
import { RCV_SHUTDOWN, SHUTDOWN_MASK } from "../../hot/layout.ts";
import type { Task } from "../../task/task.ts";
import { DatagramQueue, truesize } from "../dgram.ts";
import { Buffers, type Incoming, type Outgoing } from "../message.ts";
import { Socket } from "../socket.ts";
import { anyHost, type Endpoint, familyOf, type Host, makeSockaddr, putHost4, putHost6 } from "./address.ts";
import { InetEnd } from "./end.ts";
import { type Inet, rankOf } from "./inet.ts";
import { LO_INDEX } from "./interfaces.ts";

/** Bytes that a packet's headers leave to a datagram; more than 65535 in all is not said to be the network's matter but the caller's. */
const MAX4 = 65535 - 20 - 8;
const MAX6 = 65535 - 8;
/** Bytes that wait for the rest of their datagrams, in all sockets of the machine. */
const PENDING_MAX = 16 << 20;

/** What is known of a datagram besides its bytes. */
interface Packet {
  readonly from: Endpoint;
  readonly to: Host;
  /** IP_TTL and IP_TOS of the sender. */
  readonly ttl: number;
  readonly tos: number;
}

export class UdpSocket extends Socket {
  readonly end: InetEnd;
  readonly inet: Inet;
  readonly #queue: DatagramQueue<Packet>;
  /** UDP_CORK is on; what was sent under it, or with MSG_MORE, and goes out with the next. */
  #corked = false;
  #pending: { readonly to: Endpoint; readonly parts: Uint8Array[]; length: number } | null = null;
  /** Datagrams that found no room. */
  drops = 0;

  constructor(inet: Inet, family: number, uid: number) {
    super(inet.net, family, SOCK_DGRAM, IPPROTO_UDP);
    this.inet = inet;
    this.end = new InetEnd(this, inet, inet.udp, uid);
    this.#queue = new DatagramQueue(this.kernel, () => {});
  }

  override release(): void {
    this.#takePending();
    this.#queue.clear();
    this.end.leavePort();
    super.release();
  }

  // ------------------------------------------------------------ names

  override bind(t: Task | null, address: Uint8Array): number {
    return this.end.bind(t, address, this.end.peer === null);
  }

  override connect(_t: Task | null, address: Uint8Array): number {
    const { end } = this;
    if (address.length < 2) return -EINVAL;
    if (familyOf(address) === AF_UNSPEC) {
      end.disconnect(true);
      if (!end.bound) end.port = 0;
      return 0;
    }
    if (!this.#hasPort()) return -EAGAIN;
    const to = end.destination(address, this.family === AF_INET6);
    if (typeof to === "number") return to;
    // An address that an earlier connect chose binds nobody.
    const before = end.host;
    if (!end.hostBound) end.host = anyHost(this.family);
    const source = end.route(to.host, this.options.on.has(SO_BROADCAST));
    if (typeof source === "object") {
      end.host = before;
      const mixed = typeof before === "string" && familyOf(address) === AF_INET;
      return mixed ? -EAFNOSUPPORT : source.error;
    }
    end.host = source;
    end.peer = to;
    return 0;
  }

  #hasPort(): boolean {
    return this.end.bound || this.end.takePort(0) === 0;
  }

  override getname(peer: boolean): Uint8Array | number {
    return this.end.name(peer);
  }

  override shutdown(how: number): number {
    this.shut |= how;
    this.wakeAll();
    return this.end.peer === null ? -ENOTCONN : 0;
  }

  // ------------------------------------------------------------ options

  override setOption(t: Task, level: number, name: number, value: Uint8Array): number | undefined {
    if (level === SOL_SOCKET) return undefined;
    if (level !== SOL_UDP) return this.end.ip.set(t, level, name, value);
    if (value.length < 4) return -EINVAL;
    if (name !== UDP_CORK) return -ENOPROTOOPT;
    this.#corked = new DataView(value.buffer, value.byteOffset).getInt32(0, true) !== 0;
    if (!this.#corked) this.#flush();
    return 0;
  }

  override getOption(
    _t: Task,
    level: number,
    name: number,
    room: number,
  ): Uint8Array | number | { error: number } | undefined {
    if (level === SOL_SOCKET) return undefined;
    if (level !== SOL_UDP) return this.end.ip.get(level, name, room);
    return name === UDP_CORK ? Number(this.#corked) : { error: -ENOPROTOOPT };
  }

  override ioctl(t: Task, request: number, argument: number): number {
    if (request !== FIONREAD && request !== TIOCOUTQ) return super.ioctl(t, request, argument);
    t.mm.setU32(argument, request === FIONREAD ? (this.#queue.items[0]?.length ?? 0) : 0);
    return 0;
  }

  // ------------------------------------------------------------ sending

  override sendmsg(_t: Task | null, { buffers, flags, name }: Outgoing): number {
    const { length } = buffers;
    if (!this.#hasPort()) return -EAGAIN;
    if (length > 65535) return -EMSGSIZE;
    if (flags & MSG_OOB) return -EOPNOTSUPP;
    const to = this.#pending?.to ?? this.#target(name);
    if (typeof to === "number") return to;
    const source = this.end.route(to.host, this.options.on.has(SO_BROADCAST));
    if (typeof source === "object") return source.error;
    const limit = typeof to.host === "number" ? MAX4 : MAX6;
    if (length + (this.#pending?.length ?? 0) > limit) return -EMSGSIZE;
    const error = this.takeError();
    if (error) return error;
    if (this.sendShut) return -EPIPE;
    const more = this.#corked || (flags & MSG_MORE) !== 0;
    if (this.#pending === null && !more) this.#send(to, source, buffers);
    else if (!this.#addPending(to, buffers)) return -ENOBUFS;
    else if (!more) this.#flush();
    return length;
  }

  /** Where a datagram goes: -EDESTADDRREQ, -EINVAL, -EAFNOSUPPORT, -ENETUNREACH. */
  #target(name: Uint8Array | null): Endpoint | number {
    if (name === null) return this.end.peer ?? -EDESTADDRREQ;
    if (name.length < 2) return -EINVAL;
    const to = this.end.destination(name, this.family === AF_INET6);
    return typeof to !== "number" && to.port === 0 ? -EINVAL : to;
  }

  /** Keeps bytes until the rest of their datagram comes; false where too much is kept already. */
  #addPending(to: Endpoint, buffers: Buffers): boolean {
    this.#pending ??= { to, parts: [], length: 0 };
    const { length } = buffers;
    if (length === 0) return true;
    const cost = truesize(length);
    if (this.inet.pendingBytes + cost > PENDING_MAX) return false;
    this.inet.pendingBytes += cost;
    const bytes = new Uint8Array(length);
    buffers.copyTo(bytes, 0);
    this.#pending.parts.push(bytes);
    this.#pending.length += length;
    return true;
  }

  /** What is pending, which then is so no more. */
  #takePending(): { to: Endpoint; buffers: Buffers } | null {
    if (this.#pending === null) return null;
    const { to, parts } = this.#pending;
    this.#pending = null;
    for (const { length } of parts) this.inet.pendingBytes -= truesize(length);
    return { to, buffers: new Buffers(parts) };
  }

  #flush(): void {
    const pending = this.#takePending();
    if (pending === null) return;
    const source = this.end.route(pending.to.host, true);
    if (typeof source !== "object") this.#send(pending.to, source, pending.buffers);
  }

  #send(to: Endpoint, source: Host, buffers: Buffers): void {
    const { ip } = this.end;
    const four = typeof to.host === "number";
    const from = { host: source, port: this.end.port };
    const receiver = this.#receiver(to, from);
    if (receiver !== null) {
      receiver.#deliver(buffers, {
        from,
        to: to.host,
        ttl: four ? ip.four(IP_TTL) : ip.six(IPV6_UNICAST_HOPS),
        tos: four ? ip.four(IP_TOS) : ip.six(IPV6_TCLASS),
      });
    } else if (this.#isPeer(to) || ip.four(IP_RECVERR) || ip.six(IPV6_RECVERR)) {
      // ICMP's "port unreachable".
      this.error = ECONNREFUSED;
      this.wakeAll();
    }
  }

  #isPeer({ host, port }: Endpoint): boolean {
    return this.end.peer?.host === host && this.end.peer.port === port;
  }

  /** Who gets a datagram: the socket of the port that says most about its address and its sender, the latest of several. */
  #receiver(to: Endpoint, from: Endpoint): UdpSocket | null {
    let best: UdpSocket | null = null;
    let bestRank = 0;
    let alike: UdpSocket[] = [];
    for (const holder of this.inet.udp.holders(to.port)) {
      if (!(holder instanceof InetEnd)) continue;
      const { peer } = holder;
      if (peer !== null && (peer.host !== from.host || peer.port !== from.port)) continue;
      const fits = rankOf(holder.host, holder.only6, to.host);
      const rank = fits === 0 ? 0 : fits + (peer === null ? 0 : 4);
      if (rank === 0 || rank < bestRank) continue;
      if (rank > bestRank) alike = [];
      best = holder.socket as UdpSocket;
      bestRank = rank;
      if (holder.reusePort) alike.push(best);
    }
    // Those that share a port by SO_REUSEPORT get the datagrams of a sender each.
    return alike.length > 1 ? alike[from.port % alike.length] : best;
  }

  #deliver(buffers: Buffers, packet: Packet): void {
    // A full buffer is one that is fuller than it may be: a first datagram always fits.
    const full = this.#queue.bytes > this.options.rcvbuf;
    if (full || typeof this.#queue.push(buffers, packet) === "number") this.drops++;
    else this.kernel.hot.wake_queue(this.readQueue, 1);
  }

  // ------------------------------------------------------------ receiving

  /** Bytes that wait, for /proc/net/udp. */
  get waiting(): number {
    return this.#queue.bytes;
  }

  override recvmsg(t: Task | null, message: Incoming): number {
    const { flags } = message;
    // Errors are not queued: SO_ERROR has them.
    if (flags & MSG_ERRQUEUE) return -EAGAIN;
    const error = this.takeError();
    if (error) return error;
    if (this.#queue.length === 0) {
      // Only who would wait is told that nothing is to come (net/core/datagram.c).
      if (this.receiveShut && !(flags & MSG_DONTWAIT)) return 0;
      return this.wait(t, this.readQueue, flags, this.options.rcvtimeo);
    }
    return this.#queue.receive(message, ({ extra }) => {
      message.name = makeSockaddr(this.family, extra.from);
      this.#controls(extra, message);
    });
  }

  /** The control messages that the socket asked for. */
  #controls({ to, ttl, tos }: Packet, message: Incoming): void {
    const { ip } = this.end;
    const int = (value: number) => new Uint8Array(new Int32Array([value]).buffer);
    if (typeof to === "number") {
      if (ip.four(IP_PKTINFO)) {
        const info = new Uint8Array(in_pktinfo.size);
        info[in_pktinfo.offset.ipi_ifindex] = LO_INDEX;
        putHost4(info, in_pktinfo.offset.ipi_spec_dst, to);
        putHost4(info, in_pktinfo.offset.ipi_addr, to);
        message.putControl(SOL_IP, IP_PKTINFO, info);
      }
      if (ip.four(IP_RECVTTL)) message.putControl(SOL_IP, IP_TTL, int(ttl));
      if (ip.four(IP_RECVTOS)) message.putControl(SOL_IP, IP_TOS, Uint8Array.of(tos));
    }
    if (this.family === AF_INET) return;
    if (ip.six(IPV6_RECVPKTINFO)) {
      const info = new Uint8Array(in6_pktinfo.size);
      putHost6(info, in6_pktinfo.offset.ipi6_addr, to);
      info[in6_pktinfo.offset.ipi6_ifindex] = LO_INDEX;
      message.putControl(SOL_IPV6, IPV6_PKTINFO, info);
    }
    if (ip.six(IPV6_RECVHOPLIMIT)) message.putControl(SOL_IPV6, IPV6_HOPLIMIT, int(ttl));
    if (ip.six(IPV6_RECVTCLASS)) message.putControl(SOL_IPV6, IPV6_TCLASS, int(tos));
  }

  override poll(): number {
    const { shut } = this;
    let mask = POLLOUT | POLLWRNORM | POLLWRBAND;
    if (this.error) mask |= POLLERR;
    if (shut & RCV_SHUTDOWN) mask |= POLLRDHUP | POLLIN | POLLRDNORM;
    if (shut === SHUTDOWN_MASK) mask |= POLLHUP;
    if (this.#queue.length > 0) mask |= POLLIN | POLLRDNORM;
    return mask;
  }
}
