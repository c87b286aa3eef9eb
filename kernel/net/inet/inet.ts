/** The Internet's protocols in one machine: who has which port, who listens, settings. Every address is the machine's own (README.md). */
import { EACCES, EINVAL, EPERM, EPROTONOSUPPORT, ESOCKTNOSUPPORT } from "../../abi/errno.ts";
import { IPPROTO_ICMP, IPPROTO_ICMPV6, IPPROTO_IP, IPPROTO_MAX, IPPROTO_TCP, IPPROTO_UDP } from "../../abi/inet.ts";
import { AF_INET, SOCK_DGRAM, SOCK_RAW, SOCK_STREAM } from "../../abi/socket.ts";
import type { Net } from "../net.ts";
import type { Family } from "../socket.ts";
import { type Endpoint, type Host, isAny } from "./address.ts";
import { Ports } from "./ports.ts";
import { Remains } from "./remains.ts";
import { type InetSettings, inetSettings } from "./settings.ts";
import { TcpSocket } from "./tcp.ts";
import { UdpSocket } from "./udp.ts";

/** Connections that may be in TIME_WAIT at once (net.ipv4.tcp_max_tw_buckets); one more ends the oldest. */
const REMAINS_MAX = 16384;

export class Inet {
  readonly net: Net;
  readonly settings: InetSettings = inetSettings();
  readonly tcp: Ports;
  readonly udp: Ports;
  /** By port; those that came last are asked last. */
  readonly #listeners = new Map<number, Set<TcpSocket>>();
  /** What connections left behind, in the order in which it ends. */
  readonly remains = new Set<Remains>();
  /** Connections in the queues of listeners. */
  unaccepted = 0;
  /** Bytes that UDP_CORK holds back, with what they cost besides. */
  pendingBytes = 0;
  /** Counts connections, to spread them over listeners that share a port. */
  #turn = 0;

  constructor(net: Net) {
    this.net = net;
    const seed = new Uint32Array(2);
    net.kernel.platform.random(new Uint8Array(seed.buffer));
    this.tcp = new Ports(seed[0]);
    this.udp = new Ports(seed[1]);
  }

  addListener(socket: TcpSocket): void {
    const { port } = socket.end;
    const others = this.#listeners.get(port);
    if (others === undefined) this.#listeners.set(port, new Set([socket]));
    else others.add(socket);
  }

  removeListener(socket: TcpSocket): void {
    const { port } = socket.end;
    const all = this.#listeners.get(port);
    all?.delete(socket);
    if (all?.size === 0) this.#listeners.delete(port);
  }

  /** Who takes connections to an address: the one that is bound to it, else one bound to all. Those that share it by SO_REUSEPORT take turns. */
  listener({ host, port }: Endpoint): TcpSocket | null {
    let best: TcpSocket[] = [];
    let bestRank = 0;
    for (const socket of this.#listeners.get(port) ?? []) {
      const rank = rankOf(socket.end.host, socket.end.only6, host);
      if (rank > bestRank) best = [];
      if (rank > 0 && rank >= bestRank) best.push(socket);
      bestRank = Math.max(bestRank, rank);
    }
    return best[this.#turn++ % best.length] ?? null;
  }

  /** Whether no connection has these two ends. */
  isFree(port: number, host: Host, peer: Endpoint): boolean {
    for (const holder of this.tcp.holders(port)) {
      if (holder.host !== host || holder.peer?.host !== peer.host || holder.peer.port !== peer.port) continue;
      if (!(holder instanceof Remains && holder.mayBeReplaced(this.net.kernel.clock.monotonic()))) return false;
      holder.remove();
    }
    return true;
  }

  /** Whether connect(2) may take a port: only connections have it that did not ask for it either. */
  maySharePort(port: number): boolean {
    for (const holder of this.tcp.holders(port)) if (!holder.shared) return false;
    return true;
  }

  /** Forgets remains of connections whose time is over, or that are too many. */
  expire(): void {
    const now = this.net.kernel.clock.monotonic();
    for (const remains of this.remains) {
      if (remains.until > now && this.remains.size <= REMAINS_MAX) return;
      remains.remove();
    }
  }
}

/** How well a socket that is bound to `bound` fits packets to `host`: 0 not at all. */
export function rankOf(bound: Host, only6: boolean, host: Host): number {
  if (bound === host) return 3;
  if (!isAny(bound)) return 0;
  if (typeof bound === typeof host) return 2;
  return typeof host === "number" && !only6 ? 1 : 0;
}

/** AF_INET or AF_INET6 as a family of sockets. */
export function inetFamily(family: number): Family {
  const icmp = family === AF_INET ? IPPROTO_ICMP : IPPROTO_ICMPV6;
  return {
    create(t, { inet }, type, protocol) {
      if (protocol < 0 || protocol >= IPPROTO_MAX) return -EINVAL;
      const uid = t?.euid ?? 0;
      const is = (wanted: number) => protocol === IPPROTO_IP || protocol === wanted;
      if (type === SOCK_STREAM) return is(IPPROTO_TCP) ? new TcpSocket(inet, family, uid) : -EPROTONOSUPPORT;
      // As for who may not send raw packets, and none of whose groups is in net.ipv4.ping_group_range.
      if (type === SOCK_RAW) return protocol === IPPROTO_IP ? -EPROTONOSUPPORT : -EPERM;
      if (type !== SOCK_DGRAM) return -ESOCKTNOSUPPORT;
      if (protocol === icmp) return -EACCES;
      return is(IPPROTO_UDP) ? new UdpSocket(inet, family, uid) : -EPROTONOSUPPORT;
    },
  };
}

/** AF_PACKET, which is for those who may see all packets: nobody here. */
export const packetFamily: Family = { create: () => -EPERM };
