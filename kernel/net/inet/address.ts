/** Addresses of the Internet's protocols: how the kernel keeps them, and struct sockaddr_in and sockaddr_in6 (man 7 ip, man 7 ipv6). */
import { AF_INET, AF_INET6 } from "../../abi/socket.ts";
import { sockaddr_in, sockaddr_in6 } from "../../abi/structs.ts";

/**
 * An IP address: a number for IPv4, 32 hex digits for IPv6, so that `===` compares them. An IPv4 address that an IPv6 socket uses
 * (::ffff:a.b.c.d) is the number.
 */
export type Host = number | string;

export interface Endpoint {
  readonly host: Host;
  readonly port: number;
}

export const ANY4 = 0;
export const LOOPBACK4 = 0x7f000001;
export const BROADCAST = 0xffffffff;
export const ANY6 = "0".repeat(32);
export const LOOPBACK6 = "1".padStart(32, "0");
const MAPPED = "0".repeat(20) + "f".repeat(4);

export function anyHost(family: number): Host {
  return family === AF_INET ? ANY4 : ANY6;
}

export function isAny(host: Host): boolean {
  return host === ANY4 || host === ANY6;
}

/** Whether the machine has the address: 127.0.0.0/8 and ::1. */
export function isLocal(host: Host): boolean {
  return typeof host === "number" ? host >>> 24 === 127 : host === LOOPBACK6;
}

export function isMulticast(host: Host): boolean {
  return typeof host === "number" ? host >>> 28 === 14 : host.startsWith("ff");
}

/** The address that packets to `host` come from where the sender has chosen none (`ip route get`). */
export function sourceFor(host: Host): Host {
  return typeof host === "number" ? LOOPBACK4 : LOOPBACK6;
}

/**
 * Whether sockets bound to `a` and `b` would get the same packets. `only6`: an IPv6 socket that takes no IPv4, which is all that its own
 * address can not say.
 */
export function overlap(a: Host, aOnly6: boolean, b: Host, bOnly6: boolean): boolean {
  if (a === b) return true;
  if (typeof a === typeof b) return isAny(a) || isAny(b);
  if (a === ANY6) return !aOnly6;
  return b === ANY6 && !bOnly6;
}

/** Bytes of a whole address structure of the family. */
export function sockaddrSize(family: number): number {
  return family === AF_INET ? sockaddr_in.size : sockaddr_in6.size;
}

/** Least bytes of sockaddr_in6 that Linux takes: without the scope (RFC 2133). */
export const SIN6_LEN_RFC2133 = 24;

export function familyOf(bytes: Uint8Array): number {
  return bytes[0] | (bytes[1] << 8);
}

/** What a struct sockaddr_in says, at least 8 bytes of it. */
export function readSockaddrIn(bytes: Uint8Array): Endpoint {
  return { host: readHost4(bytes, 4), port: (bytes[2] << 8) | bytes[3] };
}

/** What a struct sockaddr_in6 says, at least SIN6_LEN_RFC2133 bytes of it. */
export function readSockaddrIn6(bytes: Uint8Array): Endpoint {
  return { host: readHost6(bytes, 8), port: (bytes[2] << 8) | bytes[3] };
}

/** The structure of the family for an address; an IPv4 address is mapped into AF_INET6. */
export function makeSockaddr(family: number, { host, port }: Endpoint): Uint8Array {
  const bytes = new Uint8Array(sockaddrSize(family));
  bytes[0] = family;
  bytes[2] = port >> 8;
  bytes[3] = port;
  if (family === AF_INET6) putHost6(bytes, 8, host);
  else putHost4(bytes, 4, host);
  return bytes;
}

export function readHost4(bytes: Uint8Array, at: number): number {
  return ((bytes[at] << 24) | (bytes[at + 1] << 16) | (bytes[at + 2] << 8) | bytes[at + 3]) >>> 0;
}

export function readHost6(bytes: Uint8Array, at: number): Host {
  let hex = "";
  for (let i = 0; i < 16; i++) hex += bytes[at + i].toString(16).padStart(2, "0");
  return hex.startsWith(MAPPED) ? Number.parseInt(hex.slice(24), 16) : hex;
}

/** In network byte order; an IPv6 address has no such form and leaves zeros. */
export function putHost4(bytes: Uint8Array, at: number, host: Host): void {
  if (typeof host !== "number") return;
  bytes[at] = host >>> 24;
  bytes[at + 1] = host >>> 16;
  bytes[at + 2] = host >>> 8;
  bytes[at + 3] = host;
}

export function putHost6(bytes: Uint8Array, at: number, host: Host): void {
  if (typeof host === "number") {
    bytes[at + 10] = bytes[at + 11] = 0xff;
    putHost4(bytes, at + 12, host);
    return;
  }
  for (let i = 0; i < 16; i++) bytes[at + i] = Number.parseInt(host.slice(2 * i, 2 * i + 2), 16);
}

/** As /proc/net/tcp and tcp6 show it: words in the machine's byte order. */
export function procHost(family: number, host: Host): string {
  const bytes = new Uint8Array(16);
  if (family === AF_INET6) putHost6(bytes, 0, host);
  else putHost4(bytes, 0, host);
  const view = new DataView(bytes.buffer);
  const word = (i: number) =>
    view
      .getUint32(4 * i, true)
      .toString(16)
      .toUpperCase()
      .padStart(8, "0");
  return family === AF_INET6 ? [0, 1, 2, 3].map(word).join("") : word(0);
}

/** In words: 127.0.0.1, ::1 (RFC 5952). */
export function hostText(host: Host): string {
  if (typeof host === "number") return [24, 16, 8, 0].map((shift) => (host >>> shift) & 255).join(".");
  const groups = Array.from({ length: 8 }, (_, i) => Number.parseInt(host.slice(4 * i, 4 * i + 4), 16).toString(16));
  // The longest run of zeros, of two at least; the first of them where several are as long.
  let run = { from: 0, to: 1 };
  for (let from = 0; from < 8; from++) {
    let to = from;
    while (groups[to] === "0") to++;
    if (to - from > run.to - run.from) run = { from, to };
  }
  if (run.to - run.from < 2) return groups.join(":");
  return `${groups.slice(0, run.from).join(":")}::${groups.slice(run.to).join(":")}`;
}
