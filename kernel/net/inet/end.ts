/** What a socket of AF_INET or AF_INET6 has besides its protocol: addresses, its port, the options of IP. TCP's and UDP's sockets have one each. */
import { EACCES, EADDRINUSE, EADDRNOTAVAIL, EAFNOSUPPORT, EINVAL, ENETUNREACH, ENOTCONN } from "../../abi/errno.ts";
import { IP_BIND_ADDRESS_NO_PORT, IP_FREEBIND, IPV6_FREEBIND, IPV6_V6ONLY } from "../../abi/inet.ts";
import { AF_INET, AF_INET6, AF_UNSPEC, SO_REUSEADDR, SO_REUSEPORT, SOCK_STREAM } from "../../abi/socket.ts";
import type { Task } from "../../task/task.ts";
import type { Socket } from "../socket.ts";
import {
  ANY4,
  anyHost,
  BROADCAST,
  type Endpoint,
  familyOf,
  type Host,
  isAny,
  isLocal,
  isMulticast,
  LOOPBACK4,
  LOOPBACK6,
  makeSockaddr,
  readSockaddrIn,
  readSockaddrIn6,
  SIN6_LEN_RFC2133,
  sockaddrSize,
  sourceFor,
} from "./address.ts";
import type { Inet } from "./inet.ts";
import { IpOptions } from "./ip-options.ts";
import type { Holder, Ports } from "./ports.ts";

export class InetEnd implements Holder {
  readonly socket: Socket;
  readonly inet: Inet;
  readonly ports: Ports;
  readonly ip: IpOptions;
  /** Its own address; all zeros before bind(2) or connect(2), or where it takes packets to every address. */
  host: Host;
  /** 0: none yet. After a connection that ended it may be one that the socket no longer has. */
  port = 0;
  /** It has the port. */
  bound = false;
  peer: Endpoint | null = null;
  /** bind(2) named them: they outlive the end of a connection. */
  hostBound = false;
  portBound = false;
  shared = false;
  uid: number;

  constructor(socket: Socket, inet: Inet, ports: Ports, uid: number) {
    this.socket = socket;
    this.inet = inet;
    this.ports = ports;
    this.uid = uid;
    this.ip = new IpOptions(this);
    this.host = anyHost(socket.family);
  }

  // ------------------------------------------------------------ as the holder of a port

  get only6(): boolean {
    return this.ip.six(IPV6_V6ONLY) !== 0;
  }
  get reuseAddress(): boolean {
    return this.socket.options.on.has(SO_REUSEADDR);
  }
  get reusePort(): boolean {
    return this.socket.options.on.has(SO_REUSEPORT);
  }
  get listening(): boolean {
    return this.socket.listening;
  }

  // ------------------------------------------------------------ addresses that callers give

  /** The address of bind(2): -EINVAL, -EAFNOSUPPORT. */
  #bindAddress(address: Uint8Array): Endpoint | number {
    const family = familyOf(address);
    if (this.socket.family === AF_INET) {
      if (address.length < sockaddrSize(AF_INET)) return -EINVAL;
      const wanted = readSockaddrIn(address);
      // Programs of old left sin_family 0.
      return family === AF_INET || (family === AF_UNSPEC && wanted.host === ANY4) ? wanted : -EAFNOSUPPORT;
    }
    if (address.length < SIN6_LEN_RFC2133) return -EINVAL;
    return family === AF_INET6 ? readSockaddrIn6(address) : -EAFNOSUPPORT;
  }

  /**
   * The address to connect or send to, as it was given; all zeros mean the machine itself. -EINVAL, -EAFNOSUPPORT, -ENETUNREACH.
   * `mixes`: an IPv6 socket takes a struct sockaddr_in (UDP's do).
   */
  destination(address: Uint8Array, mixes: boolean): Endpoint | number {
    const family = familyOf(address);
    const four = this.socket.family === AF_INET || (mixes && family === AF_INET);
    if (address.length < (four ? sockaddrSize(AF_INET) : SIN6_LEN_RFC2133)) return -EINVAL;
    if (four ? family !== AF_INET && family !== AF_UNSPEC : family !== AF_INET6) return -EAFNOSUPPORT;
    const { host, port } = four ? readSockaddrIn(address) : readSockaddrIn6(address);
    if (typeof host === "number" && this.only6) return -ENETUNREACH;
    const mapped = typeof this.host === "number";
    if (isAny(host)) return { host: typeof host === "number" || mapped ? LOOPBACK4 : LOOPBACK6, port };
    return { host, port };
  }

  /**
   * The address that packets to `host` have as their source. -ENETUNREACH, or -EAFNOSUPPORT for one of the other kind than the socket is
   * bound to; -EACCES for the broadcast address without SO_BROADCAST (`broadcasts`).
   */
  route(host: Host, broadcasts: boolean): Host | { error: number } {
    const source =
      isAny(this.host) && !(typeof this.host === "number" && this.socket.family === AF_INET6) ? null : this.host;
    if (source !== null && typeof source !== typeof host) {
      return { error: typeof source === "number" ? -EAFNOSUPPORT : -ENETUNREACH };
    }
    if (host === BROADCAST && !broadcasts) return { error: -EACCES };
    if (!isLocal(host)) return { error: -ENETUNREACH };
    return source === null || isAny(source) ? sourceFor(host) : source;
  }

  // ------------------------------------------------------------ bind

  /** bind(2): 0, or -EINVAL, -EAFNOSUPPORT, -EADDRNOTAVAIL, -EACCES, -EADDRINUSE. `idle`: neither connected nor listening. */
  bind(t: Task | null, address: Uint8Array, idle: boolean): number {
    const wanted = this.#bindAddress(address);
    if (typeof wanted === "number") return wanted;
    const { host, port } = wanted;
    const low = t !== null && t.euid !== 0 && port > 0 && port < this.inet.settings.unprivilegedPortStart;
    const missing = !isAny(host) && !isLocal(host) && !this.#mayBeAnothers(host);
    // The two families look at these in different orders.
    if (this.socket.family === AF_INET) {
      if (missing) return -EADDRNOTAVAIL;
      if (low) return -EACCES;
      if (!idle || this.bound) return -EINVAL;
    } else {
      if (this.socket.type === SOCK_STREAM && isMulticast(host)) return -EINVAL;
      if (low) return -EACCES;
      if (!idle || this.bound) return -EINVAL;
      if (typeof host === "number" && this.only6) return -EINVAL;
      if (missing) return -EADDRNOTAVAIL;
    }
    const before = this.host;
    this.host = host;
    const error = port === 0 && this.ip.four(IP_BIND_ADDRESS_NO_PORT) ? 0 : this.takePort(port);
    if (error) {
      this.host = before;
      return error;
    }
    this.hostBound = !isAny(host);
    this.portBound = port !== 0;
    return 0;
  }

  #mayBeAnothers(host: Host): boolean {
    return (
      isMulticast(host) || host === BROADCAST || this.ip.four(IP_FREEBIND) !== 0 || this.ip.six(IPV6_FREEBIND) !== 0
    );
  }

  /** Takes a port, or where it is 0 one that nobody has: 0 or -EADDRINUSE. */
  takePort(port: number): number {
    this.shared = false;
    const { low, high } = this.inet.settings.portRange;
    const chosen =
      port ||
      this.ports.choose(low, high, (free) => this.ports.holders(free).size === 0) ||
      (this.reuseAddress || this.reusePort ? this.ports.choose(low, high, (free) => !this.ports.taken(free, this)) : 0);
    if (chosen === 0 || this.ports.taken(chosen, this)) return -EADDRINUSE;
    this.setPort(chosen);
    return 0;
  }

  setPort(port: number): void {
    this.port = port;
    this.bound = true;
    this.ports.add(this);
  }

  /** Gives the port back. */
  leavePort(): void {
    if (this.bound) this.ports.remove(this);
    this.bound = false;
  }

  /** The connection is over: what bind(2) did not name is forgotten; the port as well where there was one (`ended`). */
  disconnect(ended: boolean): void {
    this.peer = null;
    if (!this.hostBound) this.host = anyHost(this.socket.family);
    if (!this.portBound && ended) this.leavePort();
  }

  // ------------------------------------------------------------ names

  /** getsockname(2), getpeername(2): -ENOTCONN. */
  name(peer: boolean): Uint8Array | number {
    if (!peer) return makeSockaddr(this.socket.family, this);
    return this.peer === null ? -ENOTCONN : makeSockaddr(this.socket.family, this.peer);
  }
}
