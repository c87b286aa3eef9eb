/** Options of IPPROTO_IP (man 7 ip) and IPPROTO_IPV6 (man 7 ipv6), as tables. */
import {
  EADDRINUSE,
  EADDRNOTAVAIL,
  EINVAL,
  ENOBUFS,
  ENODEV,
  ENOPROTOOPT,
  ENOTCONN,
  EOPNOTSUPP,
  EPERM,
} from "../../abi/errno.ts";
import * as inet from "../../abi/inet.ts";
import { AF_INET6, SOCK_STREAM, SOL_IP, SOL_IPV6 } from "../../abi/socket.ts";
import { ip_mreqn, ipv6_mreq } from "../../abi/structs.ts";
import type { Task } from "../../task/task.ts";
import { type Host, isLocal, isMulticast, readHost4, readHost6 } from "./address.ts";
import type { InetEnd } from "./end.ts";
import { LO_INDEX, LO_MTU } from "./interfaces.ts";

/** An option that is a number: its value at first, its bounds, and what -1 stands for. */
interface Setting {
  readonly first: number;
  readonly min: number;
  readonly max: number;
  /** -1 stands for this value. */
  readonly minusOne?: number;
  /** Not on a stream. */
  readonly datagrams?: boolean;
  /** Only the superuser may set it. */
  readonly privileged?: boolean;
  /** It can not be set any more when the socket is bound. */
  readonly early?: boolean;
}

/** On or off: any number but 0 is on. */
const flag = (first = 0): Setting => ({ first, min: 0, max: 1 });
const DEFAULT_TTL = 64;

const IP = new Map<number, Setting>([
  [inet.IP_TOS, { first: 0, min: 0, max: 255 }],
  [inet.IP_TTL, { first: DEFAULT_TTL, min: 1, max: 255, minusOne: DEFAULT_TTL }],
  [inet.IP_MINTTL, { first: 0, min: 0, max: 255 }],
  [inet.IP_MTU_DISCOVER, { first: inet.IP_PMTUDISC_WANT, min: 0, max: inet.IP_PMTUDISC_OMIT }],
  [inet.IP_RECVOPTS, flag()],
  [inet.IP_PKTINFO, flag()],
  [inet.IP_RECVERR, flag()],
  [inet.IP_RECVTTL, flag()],
  [inet.IP_RECVTOS, flag()],
  [inet.IP_FREEBIND, flag()],
  [inet.IP_TRANSPARENT, { ...flag(), privileged: true }],
  [inet.IP_BIND_ADDRESS_NO_PORT, flag()],
  [inet.IP_MULTICAST_TTL, { first: 1, min: 0, max: 255, minusOne: 1, datagrams: true }],
  [inet.IP_MULTICAST_LOOP, flag(1)],
  [inet.IP_MULTICAST_ALL, flag(1)],
]);

const IPV6 = new Map<number, Setting>([
  [inet.IPV6_UNICAST_HOPS, { first: DEFAULT_TTL, min: 0, max: 255, minusOne: DEFAULT_TTL }],
  [inet.IPV6_MULTICAST_HOPS, { first: 1, min: 0, max: 255, minusOne: 1, datagrams: true }],
  [inet.IPV6_MULTICAST_LOOP, { first: 1, min: 0, max: 1 }],
  [inet.IPV6_MULTICAST_IF, { first: 0, min: 0, max: LO_INDEX, datagrams: true }],
  [inet.IPV6_MTU_DISCOVER, { first: inet.IP_PMTUDISC_WANT, min: 0, max: inet.IP_PMTUDISC_OMIT }],
  [inet.IPV6_TCLASS, { first: 0, min: 0, max: 255, minusOne: 0 }],
  [inet.IPV6_V6ONLY, { ...flag(), early: true }],
  [inet.IPV6_RECVERR, flag()],
  [inet.IPV6_RECVPKTINFO, flag()],
  [inet.IPV6_RECVHOPLIMIT, flag()],
  [inet.IPV6_RECVTCLASS, flag()],
  [inet.IPV6_FREEBIND, flag()],
]);

/** Most groups that a socket joins (net.ipv4.igmp_max_memberships). */
const MEMBERSHIPS_MAX = 20;

export class IpOptions {
  readonly #end: InetEnd;
  /** What was set, by level and option, null where nothing was; the rest are as at first. */
  #four: Map<number, number> | null = null;
  #six: Map<number, number> | null = null;
  /** The multicast groups that it joined, on `lo`. */
  #groups: Set<Host> | null = null;

  constructor(end: InetEnd) {
    this.#end = end;
  }

  /** The value of an option of IPPROTO_IP. */
  four(name: number): number {
    return this.#four?.get(name) ?? IP.get(name)!.first;
  }
  /** The value of an option of IPPROTO_IPV6. */
  six(name: number): number {
    return this.#six?.get(name) ?? IPV6.get(name)!.first;
  }

  /** A connection begins with its listener's. */
  inherit(from: IpOptions): void {
    if (from.#four !== null) this.#four = new Map(from.#four);
    if (from.#six !== null) this.#six = new Map(from.#six);
  }

  /** setsockopt(2): 0 or -errno. */
  set(t: Task, level: number, name: number, bytes: Uint8Array): number {
    const six = level === SOL_IPV6 && this.#end.socket.family === AF_INET6;
    if (level !== SOL_IP && !six) return -ENOPROTOOPT;
    const membership = six ? MEMBERSHIP6.get(name) : MEMBERSHIP4.get(name);
    if (membership !== undefined) return this.#join(six, membership, bytes);
    const setting = (six ? IPV6 : IP).get(name);
    if (setting === undefined) return -ENOPROTOOPT;
    if (six && bytes.length < 4) return -EINVAL;
    // IP's options may be given as a byte.
    const value = bytes.length >= 4 ? new DataView(bytes.buffer, bytes.byteOffset).getInt32(0, true) : (bytes[0] ?? 0);
    const checked = this.#check(t, setting, value);
    if (typeof checked === "object") return checked.error;
    if (six) (this.#six ??= new Map()).set(name, checked);
    else (this.#four ??= new Map()).set(name, checked);
    return 0;
  }

  #check(t: Task, setting: Setting, value: number): number | { error: number } {
    const { socket, bound } = this.#end;
    if (setting.datagrams && socket.type === SOCK_STREAM) return { error: -ENOPROTOOPT };
    if (setting.privileged && value !== 0 && t.euid !== 0) return { error: -EPERM };
    if (setting.early && bound) return { error: -EINVAL };
    if (value === -1 && setting.minusOne !== undefined) return setting.minusOne;
    if (setting.min === 0 && setting.max === 1) return value === 0 ? 0 : 1;
    return value < setting.min || value > setting.max ? { error: -EINVAL } : value;
  }

  /** getsockopt(2). */
  get(level: number, name: number, room: number): Uint8Array | number | { error: number } {
    const six = level === SOL_IPV6 && this.#end.socket.family === AF_INET6;
    if (level !== SOL_IP && !six) return { error: -EOPNOTSUPP };
    if (name === (six ? inet.IPV6_MTU : inet.IP_MTU)) {
      if (this.#end.peer === null) return { error: -ENOTCONN };
      // An IPv4 packet has 16 bits for its length.
      return typeof this.#end.peer.host === "number" ? LO_MTU - 1 : LO_MTU;
    }
    if (!(six ? IPV6 : IP).has(name)) return { error: -ENOPROTOOPT };
    const value = six ? this.six(name) : this.four(name);
    return !six && room > 0 && room < 4 && value <= 255 ? Uint8Array.of(value) : value;
  }

  /** Joins or leaves a multicast group: 0, or -EINVAL, -ENODEV, -EADDRINUSE, -EADDRNOTAVAIL. */
  #join(six: boolean, joins: boolean, bytes: Uint8Array): number {
    if (bytes.length < (six ? ipv6_mreq.size : MREQ_SIZE)) return -EINVAL;
    const view = new DataView(bytes.buffer, bytes.byteOffset);
    const group = six ? readHost6(bytes, 0) : readHost4(bytes, 0);
    if (!isMulticast(group)) return -EINVAL;
    const indexAt = six ? ipv6_mreq.offset.ipv6mr_interface : ip_mreqn.offset.imr_ifindex;
    const index = bytes.length >= indexAt + 4 ? view.getInt32(indexAt, true) : 0;
    const named = index === 0 && !six && isLocal(readHost4(bytes, ip_mreqn.offset.imr_address));
    // Without an interface the way to the group decides, and there is none.
    if (index !== LO_INDEX && !named) return -ENODEV;
    this.#groups ??= new Set();
    if (!joins) return this.#groups.delete(group) ? 0 : -EADDRNOTAVAIL;
    if (this.#groups.has(group)) return -EADDRINUSE;
    if (this.#groups.size >= MEMBERSHIPS_MAX) return -ENOBUFS;
    this.#groups.add(group);
    return 0;
  }
}

/** struct ip_mreq: a group and an address of an interface. */
const MREQ_SIZE = 8;
/** Options that join (true) or leave a group. */
const MEMBERSHIP4 = new Map<number, boolean>([
  [inet.IP_ADD_MEMBERSHIP, true],
  [inet.IP_DROP_MEMBERSHIP, false],
]);
const MEMBERSHIP6 = new Map<number, boolean>([
  [inet.IPV6_ADD_MEMBERSHIP, true],
  [inet.IPV6_DROP_MEMBERSHIP, false],
]);
