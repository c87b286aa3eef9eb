/** AF_NETLINK (man 7 netlink): the kernel answers at once, so that what a socket receives is there when send(2) returns. */
import {
  EADDRINUSE,
  ECONNREFUSED,
  EINVAL,
  ENOBUFS,
  ENOPROTOOPT,
  EOPNOTSUPP,
  EPROTONOSUPPORT,
  ESOCKTNOSUPPORT,
} from "../../abi/errno.ts";
import { NETLINK_ROUTE, NLM_F_ACK, NLM_F_CAPPED, NLM_F_REQUEST, NLMSG_MIN_TYPE } from "../../abi/netlink.ts";
import { POLLERR, POLLIN, POLLOUT, POLLRDNORM, POLLWRBAND, POLLWRNORM } from "../../abi/poll.ts";
import { AF_NETLINK, AF_UNSPEC, MSG_OOB, SOCK_DGRAM, SOCK_RAW, SOL_SOCKET } from "../../abi/socket.ts";
import { sockaddr_nl } from "../../abi/structs.ts";
import type { Task } from "../../task/task.ts";
import { DatagramQueue } from "../dgram.ts";
import { Buffers, type Incoming, type Outgoing } from "../message.ts";
import type { Net } from "../net.ts";
import { type Family, Socket } from "../socket.ts";
import { errorMessage, requests } from "./message.ts";
import { answer } from "./route.ts";

/** Bytes of one send: a request is small. */
const REQUEST_MAX = 65536;

export class NetlinkSocket extends Socket {
  readonly #queue: DatagramQueue<null>;
  /** The port ids that sockets have. */
  readonly #taken: Set<number>;
  #port = 0;
  #groups = 0;

  constructor(net: Net, type: number, taken: Set<number>) {
    super(net, AF_NETLINK, type, NETLINK_ROUTE);
    this.#queue = new DatagramQueue(this.kernel, () => {});
    this.#taken = taken;
  }

  override release(): void {
    this.#taken.delete(this.#port);
    this.#queue.clear();
    super.release();
  }

  /** The process's id, or where another socket has it a number that is no process's. */
  #choosePort(t: Task | null): void {
    let port = t?.process.pid ?? 1;
    for (let other = -4097; this.#taken.has(port); other--) port = other;
    this.#port = port;
    this.#taken.add(port);
  }

  override bind(t: Task | null, address: Uint8Array): number {
    const name = readName(address);
    if (name === null) return -EINVAL;
    if (this.#port !== 0 && name.nl_pid !== 0 && (name.nl_pid | 0) !== this.#port) return -EINVAL;
    if (this.#port === 0) {
      if (name.nl_pid !== 0 && this.#taken.has(name.nl_pid | 0)) return -EADDRINUSE;
      if (name.nl_pid === 0) this.#choosePort(t);
      else {
        this.#port = name.nl_pid | 0;
        this.#taken.add(this.#port);
      }
    }
    // Nothing changes that a group would hear of.
    this.#groups = name.nl_groups;
    return 0;
  }

  /** To the kernel, which is port 0, or to nobody. */
  override connect(t: Task | null, address: Uint8Array): number {
    if (address.length >= 2 && (address[0] | (address[1] << 8)) === AF_UNSPEC) return 0;
    const name = readName(address);
    if (name === null) return -EINVAL;
    if (name.nl_pid !== 0) return -ECONNREFUSED;
    if (this.#port === 0) this.#choosePort(t);
    return 0;
  }

  override getname(peer: boolean): Uint8Array {
    return makeName(peer ? 0 : this.#port, peer ? 0 : this.#groups);
  }

  override sendmsg(t: Task | null, { buffers, flags, name }: Outgoing): number {
    if (flags & MSG_OOB) return -EOPNOTSUPP;
    if (name !== null) {
      const to = readName(name);
      if (to === null) return -EINVAL;
      if (to.nl_pid !== 0) return -ECONNREFUSED;
    }
    if (buffers.length > REQUEST_MAX) return -ENOBUFS;
    if (this.#port === 0) this.#choosePort(t);
    const bytes = new Uint8Array(buffers.length);
    buffers.copyTo(bytes, 0);
    for (const request of requests(bytes)) {
      if (!(request.flags & NLM_F_REQUEST)) continue;
      const result = request.type < NLMSG_MIN_TYPE ? [] : answer(t, request, this.#port);
      if (typeof result === "number") this.#give([errorMessage(request, this.#port, result, 0)]);
      else {
        if (result.length > 0) this.#give(result);
        if (request.flags & NLM_F_ACK) this.#give([errorMessage(request, this.#port, 0, NLM_F_CAPPED)]);
      }
    }
    return buffers.length;
  }

  /** One datagram of messages for whoever reads. */
  #give(messages: readonly Uint8Array[]): void {
    const full = this.#queue.bytes > this.options.rcvbuf;
    if (full || typeof this.#queue.push(new Buffers(messages), null) === "number") this.error = ENOBUFS;
    this.kernel.hot.wake_queue(this.readQueue, 1);
  }

  override recvmsg(t: Task | null, message: Incoming): number {
    if (message.flags & MSG_OOB) return -EOPNOTSUPP;
    if (this.#queue.length === 0) {
      return this.takeError() || this.wait(t, this.readQueue, message.flags, this.options.rcvtimeo);
    }
    return this.#queue.receive(message, () => {
      message.name = makeName(0, 0);
    });
  }

  override setOption(_t: Task, level: number): number | undefined {
    return level === SOL_SOCKET ? undefined : -ENOPROTOOPT;
  }
  override getOption(_t: Task, level: number): { error: number } | undefined {
    return level === SOL_SOCKET ? undefined : { error: -ENOPROTOOPT };
  }

  override poll(): number {
    let mask = POLLOUT | POLLWRNORM | POLLWRBAND;
    if (this.error) mask |= POLLERR;
    if (this.#queue.length > 0) mask |= POLLIN | POLLRDNORM;
    return mask;
  }
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
}

/** A struct sockaddr_nl, null where it is none. */
function readName(address: Uint8Array): { nl_pid: number; nl_groups: number } | null {
  if (address.length < sockaddr_nl.size) return null;
  const name = sockaddr_nl.read(viewOf(address), 0);
  return name.nl_family === AF_NETLINK ? name : null;
}

function makeName(port: number, groups: number): Uint8Array {
  const bytes = new Uint8Array(sockaddr_nl.size);
  sockaddr_nl.write(viewOf(bytes), 0, { nl_family: AF_NETLINK, nl_pid: port >>> 0, nl_groups: groups });
  return bytes;
}

/** AF_NETLINK of one machine. */
export function netlinkFamily(): Family {
  const taken = new Set<number>();
  return {
    create(_t, net, type, protocol) {
      if (type !== SOCK_RAW && type !== SOCK_DGRAM) return -ESOCKTNOSUPPORT;
      return protocol === NETLINK_ROUTE ? new NetlinkSocket(net, type, taken) : -EPROTONOSUPPORT;
    },
  };
}
