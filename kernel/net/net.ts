/** The network of one machine: its families of sockets and their settings. Nothing of it reaches the host. */
import { AF_INET, AF_INET6, AF_NETLINK, AF_PACKET, AF_UNIX } from "../abi/socket.ts";
import type { Kernel } from "../kernel.ts";
import { Inet, inetFamily, packetFamily } from "./inet/inet.ts";
import { netlinkFamily } from "./netlink/socket.ts";
import type { Family } from "./socket.ts";
import { unixFamily } from "./unix/family.ts";
import { UnixNames } from "./unix/names.ts";
import { Flight } from "./unix/scm.ts";

/** What /proc/sys/net shows and root may set there. Bytes of buffers are as SO_SNDBUF and SO_RCVBUF show them. */
export interface NetSysctl {
  wmemDefault: number;
  wmemMax: number;
  rmemDefault: number;
  rmemMax: number;
  /** The longest backlog of listen(2). */
  somaxconn: number;
  /** Datagrams that wait at an AF_UNIX socket before senders do. */
  maxDgramQlen: number;
}

/**
 * What a machine may have of things that cost the host memory, and the kernel's hardly any: sockets (some 3 KiB each), messages that wait (250
 * bytes), descriptors in them. Linux bounds them by memory, too, or by its user's limits, which root has none of.
 */
const MAX_SOCKETS = 1 << 16;
const MAX_MESSAGES = 1 << 18;
export const MAX_FLYING = 1 << 18;

export class Net {
  readonly kernel: Kernel;
  /** Sockets, those without descriptors included, and messages that wait (of streams: those with control messages). */
  sockets = 0;
  messages = 0;
  /** By AF_*. */
  readonly families = new Map<number, Family>([
    [AF_UNIX, unixFamily],
    [AF_INET, inetFamily(AF_INET)],
    [AF_INET6, inetFamily(AF_INET6)],
    [AF_PACKET, packetFamily],
    [AF_NETLINK, netlinkFamily()],
  ]);
  /** Linux's defaults on machines with memory. */
  readonly sysctl: NetSysctl = {
    wmemDefault: 212992,
    wmemMax: 212992,
    rmemDefault: 212992,
    rmemMax: 212992,
    somaxconn: 4096,
    maxDgramQlen: 10,
  };
  readonly unix: UnixNames;
  /** Descriptors that wait in messages. */
  readonly flight: Flight;
  readonly inet: Inet;

  get hasRoomForSocket(): boolean {
    return this.sockets < MAX_SOCKETS;
  }
  get hasRoomForMessage(): boolean {
    return this.messages < MAX_MESSAGES;
  }

  constructor(kernel: Kernel) {
    this.kernel = kernel;
    this.unix = new UnixNames(kernel);
    this.flight = new Flight(kernel, () => this.unix.sockets);
    this.inet = new Inet(this);
  }
}
