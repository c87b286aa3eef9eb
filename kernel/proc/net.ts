/** /proc/PID/net (man 5 proc_pid_net): the network as files. Its processes all see the same one. */
import { TCP_CLOSE, TCP_ESTABLISHED, TCP_LISTEN, TCP_TIME_WAIT } from "../abi/inet.ts";
import { AF_INET, AF_INET6 } from "../abi/socket.ts";
import type { Kernel } from "../kernel.ts";
import { anyHost, type Endpoint, type Host, LOOPBACK6, procHost } from "../net/inet/address.ts";
import { InetEnd } from "../net/inet/end.ts";
import { LO_INDEX, LO_NAME } from "../net/inet/interfaces.ts";
import { Remains } from "../net/inet/remains.ts";
import type { TcpSocket } from "../net/inet/tcp.ts";
import type { UdpSocket } from "../net/inet/udp.ts";
import { Socket } from "../net/socket.ts";
import { unixSockets } from "./net-unix.ts";
import { type DirectorySpec, directory, type FileSpec, file, type Subject } from "./node.ts";

/** UDP's states are TCP's numbers: a socket that is not connected is "closed". */
const udpState = (end: InetEnd): number => (end.peer === null ? TCP_CLOSE : TCP_ESTABLISHED);

const hex = (value: number, digits: number): string => value.toString(16).toUpperCase().padStart(digits, "0");
const decimal = (value: number, width: number): string => `${value}`.padStart(width);

/** One line about a socket, up to its reference count. */
interface Row {
  readonly local: Endpoint;
  readonly remote: Endpoint | null;
  readonly state: number;
  readonly sending: number;
  readonly received: number;
  /** 3: in TIME_WAIT; ticks of 1/100 s until it fires. */
  readonly timer: number;
  readonly ticks: number;
  readonly uid: number;
  readonly inode: number;
}

function rowText(family: number, index: string, row: Row): string {
  const at = ({ host, port }: { host: Host; port: number }) => `${procHost(family, host)}:${hex(port, 4)}`;
  const remote = row.remote ?? { host: anyHost(family), port: 0 };
  const queues = `${hex(row.sending, 8)}:${hex(row.received, 8)} ${hex(row.timer, 2)}:${hex(row.ticks, 8)} 00000000`;
  const owner = `${decimal(row.uid, 5)} ${decimal(0, 8)} ${row.inode}`;
  return `${index}: ${at(row.local)} ${at(remote)} ${hex(row.state, 2)} ${queues} ${owner}`;
}

const inodeOf = (socket: Socket): number => (socket.ptr === 0 ? 0 : socket.inode.ino);
/** Where Linux shows the address of the socket in its memory. */
const POINTER = "0".repeat(16);

const HEAD4 = "local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode";
const HEAD6 = `local_address${" ".repeat(25)}remote_address${" ".repeat(24)}st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode`;
/** Columns of a line of AF_INET's files. */
const TCP_WIDTH = 149;
const UDP_WIDTH = 127;

function tcpRow(socket: TcpSocket): Row {
  const { end, state } = socket;
  const listens = state === TCP_LISTEN;
  return {
    local: end,
    remote: end.peer,
    state,
    sending: 0,
    received: listens ? socket.queue.length : socket.unread,
    timer: 0,
    ticks: 0,
    uid: end.uid,
    inode: inodeOf(socket),
  };
}

function remainsRow(kernel: Kernel, remains: Remains): Row {
  const waits = remains.state === TCP_TIME_WAIT;
  return {
    local: remains,
    remote: remains.peer,
    state: remains.state,
    sending: 0,
    received: 0,
    timer: waits ? 3 : 0,
    ticks: waits ? Math.max(0, Math.ceil((remains.until - kernel.clock.monotonic()) / 10)) : 0,
    uid: 0,
    inode: 0,
  };
}

function tcp(family: number): FileSpec<Subject> {
  return file(({ kernel }) => {
    const { inet } = kernel.net;
    inet.expire();
    const lines = [`  sl  ${family === AF_INET ? HEAD4 : HEAD6}`];
    const add = (row: Row, rest: string) => lines.push(`${rowText(family, decimal(lines.length - 1, 4), row)} ${rest}`);
    for (const holder of [...inet.tcp.all()].sort((a, b) => Number(b.listening) - Number(a.listening))) {
      if (holder instanceof Remains) {
        if (holder.family === family) add(remainsRow(kernel, holder), `3 ${POINTER}`);
      } else if (holder instanceof InetEnd && holder.socket.family === family) {
        const socket = holder.socket as TcpSocket;
        if (socket.state !== TCP_CLOSE) add(tcpRow(socket), `1 ${POINTER} 100 0 0 10 0`);
      }
    }
    return lines.map((line) => `${family === AF_INET ? line.padEnd(TCP_WIDTH) : line}\n`).join("");
  });
}

function udp(family: number): FileSpec<Subject> {
  return file(({ kernel }) => {
    const tail = "ref pointer drops";
    const lines = [family === AF_INET ? `   sl  ${HEAD4} ${tail}` : `  sl  ${HEAD6} ${tail}`];
    for (const holder of kernel.net.inet.udp.all()) {
      if (!(holder instanceof InetEnd) || holder.socket.family !== family) continue;
      const socket = holder.socket as UdpSocket;
      const row: Row = {
        local: holder,
        remote: holder.peer,
        state: udpState(holder),
        sending: 0,
        received: socket.waiting,
        timer: 0,
        ticks: 0,
        uid: holder.uid,
        inode: inodeOf(socket),
      };
      lines.push(`${rowText(family, decimal(lines.length - 1, 5), row)} 2 ${POINTER} ${socket.drops}`);
    }
    return lines.map((line) => `${family === AF_INET ? line.padEnd(UDP_WIDTH) : line}\n`).join("");
  });
}

/** There are no raw sockets. */
const raw = (family: number): FileSpec<Subject> =>
  file(() => `  sl  ${family === AF_INET ? HEAD4 : HEAD6} ref pointer drops\n`);

/** Interfaces. What went through `lo` is not counted: there are no packets. */
const DEV = [
  "Inter-|   Receive                                                |  Transmit",
  " face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs drop fifo colls carrier compressed",
  `${LO_NAME.padStart(6)}:       0       0    0    0    0     0          0         0        0       0    0    0    0     0       0          0`,
];

/** AF_INET6's addresses: index, prefix length, scope (the host's), flags (permanent). */
const IF_INET6 = `${LOOPBACK6} ${hex(LO_INDEX, 2)} 80 10 80 ${LO_NAME.padStart(8)}\n`;
/** Routes: what is the machine's own needs none. */
const ROUTE = "Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT";
const ARP = "IP address       HW type     Flags       HW address            Mask     Device\n";

function sockstat({ kernel }: Subject): string {
  const { inet } = kernel.net;
  inet.expire();
  const used = [...kernel.vfs.files].filter((each) => each instanceof Socket).length;
  const { inuse, all } = countTcp(kernel, AF_INET);
  const waiting = [...inet.remains].filter(({ state }) => state === TCP_TIME_WAIT).length;
  return [
    `sockets: used ${used}`,
    `TCP: inuse ${inuse} orphan ${inet.remains.size - waiting} tw ${waiting} alloc ${all} mem 0`,
    `UDP: inuse ${countUdp(kernel, AF_INET)} mem 0`,
    "UDPLITE: inuse 0",
    "RAW: inuse 0",
    "FRAG: inuse 0 memory 0\n",
  ].join("\n");
}

function sockstat6({ kernel }: Subject): string {
  const tcp6 = countTcp(kernel, AF_INET6).inuse;
  return `TCP6: inuse ${tcp6}\nUDP6: inuse ${countUdp(kernel, AF_INET6)}\nUDPLITE6: inuse 0\nRAW6: inuse 0\nFRAG6: inuse 0 memory 0\n`;
}

/** TCP's sockets of a family, and of both. */
function countTcp(kernel: Kernel, family: number): { inuse: number; all: number } {
  let inuse = 0;
  let all = 0;
  for (const holder of kernel.net.inet.tcp.all()) {
    if (!(holder instanceof InetEnd)) continue;
    all++;
    if (holder.socket.family === family && (holder.socket as TcpSocket).state !== TCP_CLOSE) inuse++;
  }
  return { inuse, all };
}

function countUdp(kernel: Kernel, family: number): number {
  const ends = [...kernel.net.inet.udp.all()];
  return ends.filter((holder) => holder instanceof InetEnd && holder.socket.family === family).length;
}

export const netDirectory: DirectorySpec<Subject> = directory<Subject>({
  arp: file(() => ARP),
  dev: file(() => DEV.map((line) => `${line}\n`).join("")),
  if_inet6: file(() => IF_INET6),
  raw: raw(AF_INET),
  raw6: raw(AF_INET6),
  route: file(() => `${ROUTE.padEnd(UDP_WIDTH)}\n`),
  sockstat: file(sockstat),
  sockstat6: file(sockstat6),
  tcp: tcp(AF_INET),
  tcp6: tcp(AF_INET6),
  udp: udp(AF_INET),
  udp6: udp(AF_INET6),
  unix: unixSockets,
});
