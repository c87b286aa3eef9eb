/**
 * What the system calls on a socket of the Internet's families are, for both versions of wasi:sockets. Sockets are of the machine's own
 * network (kernel/net) and never wait: they have O_NONBLOCK.
 */
import * as errno from "../../../../kernel/abi/errno.ts";
import * as inet from "../../../../kernel/abi/inet.ts";
import * as abi from "../../../../kernel/abi/socket.ts";
import { sockaddr, sockaddr_in, sockaddr_in6 } from "../../../../kernel/abi/structs.ts";
import { ASYNC_BUFFER, ASYNC_BUFFER_BYTES, ASYNC_STRUCTS, type Calls } from "../calls.ts";
import { Fd } from "../descriptor.ts";
import type { WasiError } from "./errors.ts";

export type Family = "ipv4" | "ipv6";
export type IpAddress = { tag: Family; val: number[] };
export type SocketAddress =
  | { tag: "ipv4"; val: { port: number; address: number[] } }
  | { tag: "ipv6"; val: { port: number; flowInfo: number; address: number[]; scopeId: number } };

const FAMILIES: Readonly<Record<Family, number>> = { ipv4: abi.AF_INET, ipv6: abi.AF_INET6 };

/** Where addresses and options stand for a call: nothing that waits has anything there. */
const ADDRESS = ASYNC_STRUCTS;
const LENGTH = ASYNC_STRUCTS + 64;
const OPTION = ASYNC_STRUCTS + 72;

/** error-codes that both versions have, by Linux's number. */
export const CODES: Readonly<Record<number, string>> = {
  [errno.EACCES]: "access-denied",
  [errno.EPERM]: "access-denied",
  [errno.EOPNOTSUPP]: "not-supported",
  [errno.ENOPROTOOPT]: "not-supported",
  [errno.EPFNOSUPPORT]: "not-supported",
  [errno.EPROTONOSUPPORT]: "not-supported",
  [errno.ESOCKTNOSUPPORT]: "not-supported",
  [errno.EINVAL]: "invalid-argument",
  [errno.EDESTADDRREQ]: "invalid-argument",
  [errno.EAFNOSUPPORT]: "invalid-argument",
  [errno.ENOMEM]: "out-of-memory",
  [errno.ENOBUFS]: "out-of-memory",
  [errno.ETIMEDOUT]: "timeout",
  [errno.EISCONN]: "invalid-state",
  [errno.ENOTCONN]: "invalid-state",
  [errno.EADDRNOTAVAIL]: "address-not-bindable",
  [errno.EADDRINUSE]: "address-in-use",
  [errno.EHOSTUNREACH]: "remote-unreachable",
  [errno.EHOSTDOWN]: "remote-unreachable",
  [errno.ENETUNREACH]: "remote-unreachable",
  [errno.ENETDOWN]: "remote-unreachable",
  [errno.ENONET]: "remote-unreachable",
  [errno.ECONNREFUSED]: "connection-refused",
  [errno.ECONNRESET]: "connection-reset",
  [errno.ECONNABORTED]: "connection-aborted",
  [errno.EMSGSIZE]: "datagram-too-large",
};

/** What an address is looked at for before the kernel sees it. */
export interface Wanted {
  /** It is somebody's to send to: neither 0.0.0.0 or :: nor port 0. */
  readonly remote?: boolean;
  readonly unicast?: boolean;
}

const isMapped = (words: readonly number[]): boolean =>
  words.slice(0, 5).every((word) => word === 0) && words[5] === 0xffff;

function isUnicast({ tag, val: { address } }: SocketAddress): boolean {
  if (tag === "ipv6") return address[0] >> 8 !== 0xff;
  return address[0] >> 4 !== 14 && !address.every((byte) => byte === 255);
}

/** Whether an address can be meant at all, on a socket of that family. */
export function isValid(address: SocketAddress, family: Family, { remote = false, unicast = false }: Wanted): boolean {
  const { tag, val } = address;
  if (tag !== family || (tag === "ipv6" && isMapped(val.address))) return false;
  if (remote && (val.port === 0 || val.address.every((part) => part === 0))) return false;
  return !unicast || isUnicast(address);
}

export const sameAddress = (a: SocketAddress, b: SocketAddress): boolean =>
  a.tag === b.tag && a.val.port === b.val.port && a.val.address.every((part, i) => part === b.val.address[i]);

/** Between host and network byte order. */
const swapped = (port: number): number => ((port & 0xff) << 8) | (port >> 8);

const words = (bytes: Uint8Array): number[] =>
  Array.from({ length: 8 }, (_, i) => (bytes[2 * i] << 8) | bytes[2 * i + 1]);
const fromWords = (address: readonly number[]): Uint8Array =>
  Uint8Array.from(address.flatMap((word) => [word >> 8, word & 0xff]));

/** Writes an address where calls are given it; gives its length. */
function putAddress({ view }: Calls, { tag, val }: SocketAddress): number {
  const sin_port = swapped(val.port);
  if (tag === "ipv4") {
    const sin_addr = Uint8Array.from(val.address);
    sockaddr_in.write(view, ADDRESS, { sin_family: abi.AF_INET, sin_port, sin_addr, sin_zero: new Uint8Array(8) });
    return sockaddr_in.size;
  }
  sockaddr_in6.write(view, ADDRESS, {
    sin6_family: abi.AF_INET6,
    sin6_port: sin_port,
    sin6_flowinfo: val.flowInfo,
    sin6_addr: fromWords(val.address),
    sin6_scope_id: val.scopeId,
  });
  return sockaddr_in6.size;
}

/** The address that a call has written. */
function takeAddress({ view }: Calls): SocketAddress {
  if (sockaddr.read(view, ADDRESS).sa_family === abi.AF_INET) {
    const { sin_port, sin_addr } = sockaddr_in.read(view, ADDRESS);
    return { tag: "ipv4", val: { port: swapped(sin_port), address: [...sin_addr] } };
  }
  const { sin6_port, sin6_flowinfo, sin6_addr, sin6_scope_id } = sockaddr_in6.read(view, ADDRESS);
  const val = { port: swapped(sin6_port), flowInfo: sin6_flowinfo, address: words(sin6_addr), scopeId: sin6_scope_id };
  return { tag: "ipv6", val };
}

/** Nanoseconds as TCP has them: whole seconds, at least one. */
const SECOND = 1_000_000_000n;
/** The most that Linux takes for TCP_KEEPIDLE and TCP_KEEPINTVL, in seconds, and for TCP_KEEPCNT (man 7 tcp; include/net/tcp.h). */
const MAX_KEEPALIVE = 32767n;
const MAX_KEEPCNT = 127;
const INT_MAX = 0x7fffffff;

/** Makes the error that a version of the interface throws for a code, or for a negative result. */
export interface Errors {
  code(name: string): WasiError;
  result(result: number): WasiError;
}

export class Socket {
  readonly calls: Calls;
  readonly fd: Fd;
  readonly family: Family;
  readonly errors: Errors;

  /** Of a descriptor that it holds from now on. */
  constructor(calls: Calls, errors: Errors, fd: Fd, family: Family) {
    this.calls = calls;
    this.errors = errors;
    this.fd = fd;
    this.family = family;
  }

  /** A new one. `type`: SOCK_STREAM or SOCK_DGRAM. */
  static open(calls: Calls, errors: Errors, family: Family, type: number): Socket {
    const flags = type | abi.SOCK_NONBLOCK | abi.SOCK_CLOEXEC;
    const number = calls.now("socket", FAMILIES[family], flags, 0);
    // A family that the machine lacks.
    if (number === -errno.EAFNOSUPPORT) throw errors.code("not-supported");
    if (number < 0) throw errors.result(number);
    const socket = new Socket(calls, errors, new Fd(calls, number), family);
    if (family === "ipv6") socket.setOption(inet.IPPROTO_IPV6, inet.IPV6_V6ONLY, 1);
    return socket;
  }

  /** A call on the descriptor: its result, or -errno. */
  try(name: string, ...args: number[]): number {
    return this.calls.now(name, this.fd.number, ...args);
  }

  call(name: string, ...args: number[]): number {
    const result = this.try(name, ...args);
    if (result < 0) throw this.errors.result(result);
    return result;
  }

  /** Throws invalid-argument for an address that is not as it has to be. */
  check(address: SocketAddress, wanted: Wanted): void {
    if (!isValid(address, this.family, wanted)) throw this.errors.code("invalid-argument");
  }

  bind(address: SocketAddress): void {
    this.call("bind", ADDRESS, putAddress(this.calls, address));
  }

  /** The result of connect(2), which does not wait. */
  connect(address: SocketAddress): number {
    return this.try("connect", ADDRESS, putAddress(this.calls, address));
  }

  /** Takes a datagram socket's peer away. */
  disconnect(): void {
    sockaddr.write(this.calls.view, ADDRESS, { sa_family: abi.AF_UNSPEC, sa_data: new Uint8Array(14) });
    this.call("connect", ADDRESS, sockaddr.size);
  }

  /** What came of a connect that was under way: 0 or -errno. */
  connected(): number {
    return -this.getOption(abi.SOL_SOCKET, abi.SO_ERROR);
  }

  /** A connection that waits, or -errno. */
  accept(): number | Socket {
    const number = this.try("accept4", 0, 0, abi.SOCK_NONBLOCK | abi.SOCK_CLOEXEC);
    return number < 0 ? number : new Socket(this.calls, this.errors, this.fd.another(number), this.family);
  }

  #name(call: "getsockname" | "getpeername"): SocketAddress {
    this.calls.view.setInt32(LENGTH, sockaddr_in6.size, true);
    this.call(call, ADDRESS, LENGTH);
    return takeAddress(this.calls);
  }

  /** Throws invalid-state where it is not bound. */
  localAddress(): SocketAddress {
    const address = this.#name("getsockname");
    if (address.val.port === 0) throw this.errors.code("invalid-state");
    return address;
  }

  isBound(): boolean {
    return this.#name("getsockname").val.port !== 0;
  }

  /** Throws invalid-state where it has no peer. */
  remoteAddress(): SocketAddress {
    return this.#name("getpeername");
  }

  /** Sends a datagram, to the socket's peer where no address is given: 0 or -errno. */
  sendTo(data: Uint8Array, address: SocketAddress | undefined): number {
    if (data.length > ASYNC_BUFFER_BYTES) return -errno.EMSGSIZE;
    this.calls.u8.set(data, ASYNC_BUFFER);
    const length = address ? putAddress(this.calls, address) : 0;
    const result = this.try("sendto", ASYNC_BUFFER, data.length, 0, length > 0 ? ADDRESS : 0, length);
    return Math.min(result, 0);
  }

  /** A datagram that is there, or -errno. */
  receiveFrom(): number | { data: Uint8Array; remoteAddress: SocketAddress } {
    this.calls.view.setInt32(LENGTH, sockaddr_in6.size, true);
    const result = this.try("recvfrom", ASYNC_BUFFER, ASYNC_BUFFER_BYTES, 0, ADDRESS, LENGTH);
    return result < 0
      ? result
      : { data: this.calls.copy(ASYNC_BUFFER, result), remoteAddress: takeAddress(this.calls) };
  }

  getOption(level: number, name: number): number {
    this.calls.view.setInt32(LENGTH, 4, true);
    this.call("getsockopt", level, name, OPTION, LENGTH);
    return this.calls.view.getInt32(OPTION, true);
  }

  setOption(level: number, name: number, value: number): void {
    this.calls.view.setInt32(OPTION, value, true);
    this.call("setsockopt", level, name, OPTION, 4);
  }

  /** Throws invalid-argument for 0, which no property can be set to. */
  #positive(value: bigint | number): void {
    if (BigInt(value) === 0n) throw this.errors.code("invalid-argument");
  }

  #bufferSize(name: number): bigint {
    // Linux keeps twice what was asked for (man 7 socket).
    return BigInt(this.getOption(abi.SOL_SOCKET, name) >> 1);
  }

  #setBufferSize(name: number, value: bigint): void {
    this.#positive(value);
    this.setOption(abi.SOL_SOCKET, name, value > INT_MAX ? INT_MAX : Number(value));
  }

  get receiveBufferSize(): bigint {
    return this.#bufferSize(abi.SO_RCVBUF);
  }
  set receiveBufferSize(value: bigint) {
    this.#setBufferSize(abi.SO_RCVBUF, value);
  }
  get sendBufferSize(): bigint {
    return this.#bufferSize(abi.SO_SNDBUF);
  }
  set sendBufferSize(value: bigint) {
    this.#setBufferSize(abi.SO_SNDBUF, value);
  }

  get #hops(): readonly [level: number, name: number] {
    return this.family === "ipv4" ? [inet.IPPROTO_IP, inet.IP_TTL] : [inet.IPPROTO_IPV6, inet.IPV6_UNICAST_HOPS];
  }
  get hopLimit(): number {
    return this.getOption(...this.#hops);
  }
  set hopLimit(value: number) {
    this.#positive(value);
    this.setOption(...this.#hops, value);
  }

  get keepAlive(): boolean {
    return this.getOption(abi.SOL_SOCKET, abi.SO_KEEPALIVE) !== 0;
  }
  set keepAlive(value: boolean) {
    this.setOption(abi.SOL_SOCKET, abi.SO_KEEPALIVE, value ? 1 : 0);
  }

  #time(name: number): bigint {
    return BigInt(this.getOption(inet.IPPROTO_TCP, name)) * SECOND;
  }

  #setTime(name: number, value: bigint): void {
    this.#positive(value);
    const seconds = (value + SECOND - 1n) / SECOND;
    this.setOption(inet.IPPROTO_TCP, name, Number(seconds < MAX_KEEPALIVE ? seconds : MAX_KEEPALIVE));
  }

  get keepAliveIdleTime(): bigint {
    return this.#time(inet.TCP_KEEPIDLE);
  }
  set keepAliveIdleTime(value: bigint) {
    this.#setTime(inet.TCP_KEEPIDLE, value);
  }
  get keepAliveInterval(): bigint {
    return this.#time(inet.TCP_KEEPINTVL);
  }
  set keepAliveInterval(value: bigint) {
    this.#setTime(inet.TCP_KEEPINTVL, value);
  }
  get keepAliveCount(): number {
    return this.getOption(inet.IPPROTO_TCP, inet.TCP_KEEPCNT);
  }
  set keepAliveCount(value: number) {
    this.#positive(value);
    this.setOption(inet.IPPROTO_TCP, inet.TCP_KEEPCNT, Math.min(value, MAX_KEEPCNT));
  }
}

/** listen(2)'s backlog for a size of wasi:sockets, which 0 is none of. */
export function backlog(errors: Errors, size: bigint): number {
  if (size === 0n) throw errors.code("invalid-argument");
  return size > INT_MAX ? INT_MAX : Number(size);
}

/** What sockets listen with that were told nothing else: SOMAXCONN of <sys/socket.h>. */
export const DEFAULT_BACKLOG = 4096;
