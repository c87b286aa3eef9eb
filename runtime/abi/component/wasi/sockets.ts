/**
 * wasi:sockets 0.2. What may wait is done in two steps: the first looks at its arguments, the second does it, gives would-block for as
 * long as it is under way, or says how it ended.
 */
import { EAGAIN, EALREADY, EINPROGRESS, EMFILE, ENFILE } from "../../../../kernel/abi/errno.ts";
import { POLLIN, POLLOUT } from "../../../../kernel/abi/poll.ts";
import * as abi from "../../../../kernel/abi/socket.ts";
import { WasiError } from "./errors.ts";
import { type Awaited, InputStream, IoError, isReady, OutputStream, Pollable } from "./io.ts";
import { lookUp } from "./names.ts";
import {
  backlog,
  CODES,
  DEFAULT_BACKLOG,
  type Errors,
  type Family,
  type IpAddress,
  Socket,
  type SocketAddress,
  sameAddress,
} from "./socket.ts";
import type { World } from "./world.ts";

/** Codes that only this version has. */
const CODES_2: Readonly<Record<number, string>> = {
  ...CODES,
  [EAGAIN]: "would-block",
  [EALREADY]: "concurrency-conflict",
  [EMFILE]: "new-socket-limit",
  [ENFILE]: "new-socket-limit",
};

const errors: Errors = {
  code: (name) => new WasiError(name),
  result: (result) => new WasiError(CODES_2[-result] ?? "unknown"),
};

export class Network {}

/** Waits for what its socket is about when it is asked: being connected, having been connected to, a step's end. */
class SocketPollable extends Pollable {
  readonly #now: () => Awaited;

  constructor(socket: Socket, now: () => Awaited) {
    super(socket.calls, { fd: socket.fd, events: 0 });
    this.#now = now;
  }

  override get awaited(): Awaited {
    return this.#now();
  }
}

/** There at once. */
const AT_ONCE: Awaited = { deadline: 0n };

/** What sockets of both kinds have in common: two-step binding above all. */
class BaseSocket {
  readonly socket: Socket;
  protected bound: boolean;
  #binding: SocketAddress | null = null;

  constructor(socket: Socket, bound: boolean) {
    this.socket = socket;
    this.bound = bound;
  }

  protected get busy(): boolean {
    return this.#binding !== null;
  }

  protected startBinding(address: SocketAddress, unicast: boolean): void {
    this.socket.check(address, { unicast });
    if (this.bound || this.busy) throw errors.code("invalid-state");
    this.#binding = address;
  }

  finishBind(): void {
    const address = this.#binding;
    if (!address) throw errors.code("not-in-progress");
    this.#binding = null;
    this.socket.bind(address);
    this.bound = true;
  }

  localAddress(): SocketAddress {
    return this.socket.localAddress();
  }
  addressFamily(): Family {
    return this.socket.family;
  }
  receiveBufferSize(): bigint {
    return this.socket.receiveBufferSize;
  }
  setReceiveBufferSize(value: bigint): void {
    this.socket.receiveBufferSize = value;
  }
  sendBufferSize(): bigint {
    return this.socket.sendBufferSize;
  }
  setSendBufferSize(value: bigint): void {
    this.socket.sendBufferSize = value;
  }

  [Symbol.dispose](): void {
    this.socket.fd.release();
  }
}

const SHUTDOWNS: Readonly<Record<string, number>> = {
  receive: abi.SHUT_RD,
  send: abi.SHUT_WR,
  both: abi.SHUT_RDWR,
};

/** "closed": connecting failed, and nothing else can be done with it. */
type State = "idle" | "listen-started" | "listening" | "connecting" | "connected" | "closed";

export class TcpSocket extends BaseSocket {
  #state: State;
  /** What connect(2) gave. */
  #connecting = 0;
  #backlog = DEFAULT_BACKLOG;

  constructor(socket: Socket, state: State = "idle") {
    super(socket, state !== "idle");
    this.#state = state;
  }

  #is(...states: State[]): void {
    if (this.busy || !states.includes(this.#state)) throw errors.code("invalid-state");
  }

  startBind(_network: Network, address: SocketAddress): void {
    this.startBinding(address, true);
    // Addresses of connections that are long over are free (the interface's notes for who implements it).
    this.socket.setOption(abi.SOL_SOCKET, abi.SO_REUSEADDR, 1);
  }

  startConnect(_network: Network, address: SocketAddress): void {
    this.#is("idle");
    this.socket.check(address, { remote: true, unicast: true });
    this.#state = "connecting";
    this.#connecting = this.socket.connect(address);
  }

  finishConnect(): [InputStream, OutputStream] {
    if (this.#state !== "connecting") throw errors.code("not-in-progress");
    if (this.#connecting === -EINPROGRESS) {
      if (!isReady(this.socket.calls, this.socket.fd, POLLOUT)) throw errors.code("would-block");
      this.#connecting = this.socket.connected();
    }
    this.#state = this.#connecting === 0 ? "connected" : "closed";
    if (this.#connecting < 0) throw errors.result(this.#connecting);
    return this.#streams();
  }

  #streams(): [InputStream, OutputStream] {
    const { calls, fd } = this.socket;
    return [new InputStream(calls, fd.share()), new OutputStream(calls, fd.share(), null, true)];
  }

  startListen(): void {
    this.#is("idle");
    if (!this.bound) throw errors.code("invalid-state");
    this.#state = "listen-started";
  }

  finishListen(): void {
    if (this.#state !== "listen-started") throw errors.code("not-in-progress");
    this.#state = "idle";
    this.socket.call("listen", this.#backlog);
    this.#state = "listening";
  }

  accept(): [TcpSocket, InputStream, OutputStream] {
    this.#is("listening");
    const accepted = this.socket.accept();
    if (typeof accepted === "number") throw errors.result(accepted);
    const socket = new TcpSocket(accepted, "connected");
    return [socket, ...socket.#streams()];
  }

  remoteAddress(): SocketAddress {
    this.#is("connected");
    return this.socket.remoteAddress();
  }
  isListening(): boolean {
    return this.#state === "listening";
  }
  setListenBacklogSize(value: bigint): void {
    this.#backlog = backlog(errors, value);
    if (this.#state === "connecting" || this.#state === "connected") throw errors.code("invalid-state");
    if (this.#state === "listening") this.socket.call("listen", this.#backlog);
  }
  keepAliveEnabled(): boolean {
    return this.socket.keepAlive;
  }
  setKeepAliveEnabled(value: boolean): void {
    this.socket.keepAlive = value;
  }
  keepAliveIdleTime(): bigint {
    return this.socket.keepAliveIdleTime;
  }
  setKeepAliveIdleTime(value: bigint): void {
    this.socket.keepAliveIdleTime = value;
  }
  keepAliveInterval(): bigint {
    return this.socket.keepAliveInterval;
  }
  setKeepAliveInterval(value: bigint): void {
    this.socket.keepAliveInterval = value;
  }
  keepAliveCount(): number {
    return this.socket.keepAliveCount;
  }
  setKeepAliveCount(value: number): void {
    this.socket.keepAliveCount = value;
  }
  hopLimit(): number {
    return this.socket.hopLimit;
  }
  setHopLimit(value: number): void {
    this.socket.hopLimit = value;
  }

  subscribe(): Pollable {
    return new SocketPollable(this.socket, () => {
      const { fd } = this.socket;
      if (this.#state === "connecting" && this.#connecting === -EINPROGRESS) return { fd, events: POLLOUT };
      return this.#state === "listening" ? { fd, events: POLLIN } : AT_ONCE;
    });
  }

  shutdown(type: string): void {
    this.#is("connected");
    this.socket.call("shutdown", SHUTDOWNS[type]);
  }
}

interface OutgoingDatagram {
  data: Uint8Array;
  remoteAddress?: SocketAddress;
}

interface IncomingDatagram {
  data: Uint8Array;
  remoteAddress: SocketAddress;
}

/** What is received or sent in one call at most. */
const MOST_DATAGRAMS = 64;

export class UdpSocket extends BaseSocket {
  #peer: SocketAddress | undefined;

  constructor(socket: Socket) {
    super(socket, false);
  }

  startBind(_network: Network, address: SocketAddress): void {
    this.startBinding(address, false);
  }

  stream(peer: SocketAddress | undefined): [IncomingDatagramStream, OutgoingDatagramStream] {
    if (!this.bound) throw errors.code("invalid-state");
    if (peer) this.socket.check(peer, { remote: true });
    if (this.#peer) this.socket.disconnect();
    this.#peer = undefined;
    const result = peer ? this.socket.connect(peer) : 0;
    if (result < 0) throw errors.result(result);
    this.#peer = peer;
    return [new IncomingDatagramStream(this.socket), new OutgoingDatagramStream(this.socket, peer)];
  }

  remoteAddress(): SocketAddress {
    return this.socket.remoteAddress();
  }
  unicastHopLimit(): number {
    return this.socket.hopLimit;
  }
  setUnicastHopLimit(value: number): void {
    this.socket.hopLimit = value;
  }
  subscribe(): Pollable {
    return new SocketPollable(this.socket, () => AT_ONCE);
  }
}

export class IncomingDatagramStream {
  readonly #socket: Socket;

  constructor(socket: Socket) {
    socket.fd.share();
    this.#socket = socket;
  }

  receive(most: bigint): IncomingDatagram[] {
    const datagrams: IncomingDatagram[] = [];
    while (datagrams.length < most && datagrams.length < MOST_DATAGRAMS) {
      const datagram = this.#socket.receiveFrom();
      if (typeof datagram !== "number") datagrams.push(datagram);
      else if (datagram === -EAGAIN || datagrams.length > 0) break;
      else throw errors.result(datagram);
    }
    return datagrams;
  }

  subscribe(): Pollable {
    return new Pollable(this.#socket.calls, { fd: this.#socket.fd, events: POLLIN });
  }

  [Symbol.dispose](): void {
    this.#socket.fd.release();
  }
}

export class OutgoingDatagramStream {
  readonly #socket: Socket;
  readonly #peer: SocketAddress | undefined;
  #permit = 0;

  constructor(socket: Socket, peer: SocketAddress | undefined) {
    socket.fd.share();
    this.#socket = socket;
    this.#peer = peer;
  }

  checkSend(): bigint {
    this.#permit = isReady(this.#socket.calls, this.#socket.fd, POLLOUT) ? MOST_DATAGRAMS : 0;
    return BigInt(this.#permit);
  }

  /** How many it sent: an error after the first says itself at the next call. */
  send(datagrams: readonly OutgoingDatagram[]): bigint {
    if (datagrams.length > this.#permit) {
      throw new WebAssembly.RuntimeError(`send: ${datagrams.length} datagrams are more than was permitted`);
    }
    this.#permit -= datagrams.length;
    for (let sent = 0; sent < datagrams.length; sent++) {
      try {
        this.#sendOne(datagrams[sent]);
      } catch (error) {
        if (sent > 0) return BigInt(sent);
        throw error;
      }
    }
    return BigInt(datagrams.length);
  }

  #sendOne({ data, remoteAddress }: OutgoingDatagram): void {
    if (remoteAddress) this.#socket.check(remoteAddress, { remote: true });
    const fits = this.#peer ? !remoteAddress || sameAddress(remoteAddress, this.#peer) : remoteAddress !== undefined;
    if (!fits) throw errors.code("invalid-argument");
    const result = this.#socket.sendTo(data, this.#peer ? undefined : remoteAddress);
    if (result < 0) throw errors.result(result);
  }

  subscribe(): Pollable {
    return new Pollable(this.#socket.calls, { fd: this.#socket.fd, events: POLLOUT });
  }

  [Symbol.dispose](): void {
    this.#socket.fd.release();
  }
}

export class ResolveAddressStream {
  readonly #calls: World["calls"];
  readonly #addresses: IpAddress[];

  constructor(calls: World["calls"], addresses: IpAddress[]) {
    this.#calls = calls;
    this.#addresses = addresses;
  }

  resolveNextAddress(): IpAddress | undefined {
    return this.#addresses.shift();
  }

  subscribe(): Pollable {
    return new Pollable(this.#calls, AT_ONCE);
  }
}

export const sockets = ({ calls }: World) => ({
  network: {
    Network,
    networkErrorCode: (error: unknown) => (error instanceof IoError ? CODES_2[-error.result] : undefined),
  },
  "instance-network": { instanceNetwork: () => new Network() },
  "ip-name-lookup": {
    ResolveAddressStream,
    resolveAddresses: (_network: Network, name: string) => {
      const found = lookUp(calls, name);
      if (typeof found === "string") throw errors.code(found);
      return new ResolveAddressStream(calls, found);
    },
  },
  tcp: { TcpSocket },
  "tcp-create-socket": {
    createTcpSocket: (family: Family) => new TcpSocket(Socket.open(calls, errors, family, abi.SOCK_STREAM)),
  },
  udp: { UdpSocket, IncomingDatagramStream, OutgoingDatagramStream },
  "udp-create-socket": {
    createUdpSocket: (family: Family) => new UdpSocket(Socket.open(calls, errors, family, abi.SOCK_DGRAM)),
  },
});
