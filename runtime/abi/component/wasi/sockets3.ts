/** wasi:sockets 0.3: what waits is asynchronous, connections that come and bytes that go are streams. */
import { EAGAIN, EINPROGRESS, EMFILE, ENFILE, ENOBUFS, ENOMEM, EPIPE } from "../../../../kernel/abi/errno.ts";
import { POLLIN, POLLOUT } from "../../../../kernel/abi/poll.ts";
import * as abi from "../../../../kernel/abi/socket.ts";
import { WasiError } from "./errors.ts";
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
import { CHUNK, type GuestStream, inward, outward, type Result, readSome, writeSome } from "./streams3.ts";
import type { World } from "./world.ts";

type Code = { tag: string; val?: string };

const CODES_3: Readonly<Record<number, string>> = { ...CODES, [EPIPE]: "connection-broken" };

const resultCode = (result: number): Code => ({ tag: CODES_3[-result] ?? "other" });

const errors: Errors = {
  code: (tag) => new WasiError({ tag }),
  result: (result) => new WasiError(resultCode(result)),
};

const INVALID_STATE: Result = { tag: "err", val: { tag: "invalid-state" } };

/** What makes accept(2) fail for want of something that may be there again later, and how long to wait for it, in ns. */
const SCARCE = new Set([EMFILE, ENFILE, ENOBUFS, ENOMEM]);
const SCARCE_WAIT = 10_000_000n;

/** What sockets of both kinds have in common. */
class BaseSocket {
  protected readonly socket: Socket;

  constructor(socket: Socket) {
    this.socket = socket;
  }

  getLocalAddress(): SocketAddress {
    return this.socket.localAddress();
  }
  getRemoteAddress(): SocketAddress {
    return this.socket.remoteAddress();
  }
  getAddressFamily(): Family {
    return this.socket.family;
  }
  getReceiveBufferSize(): bigint {
    return this.socket.receiveBufferSize;
  }
  setReceiveBufferSize(value: bigint): void {
    this.socket.receiveBufferSize = value;
  }
  getSendBufferSize(): bigint {
    return this.socket.sendBufferSize;
  }
  setSendBufferSize(value: bigint): void {
    this.socket.sendBufferSize = value;
  }

  [Symbol.dispose](): void {
    this.socket.fd.release();
  }
}

/** "closed": connecting failed, and nothing else can be done with it. */
type State = "unbound" | "bound" | "listening" | "connecting" | "connected" | "closed";

export class TcpSocket extends BaseSocket {
  #state: State;
  #backlog = DEFAULT_BACKLOG;
  #sends = false;
  #receives = false;

  constructor(socket: Socket, state: State) {
    super(socket);
    this.#state = state;
  }

  #is(...states: State[]): void {
    if (!states.includes(this.#state)) throw errors.code("invalid-state");
  }

  bind(address: SocketAddress): void {
    this.#is("unbound");
    this.socket.check(address, { unicast: true });
    // Addresses of connections that are long over are free (the interface's notes for who implements it).
    this.socket.setOption(abi.SOL_SOCKET, abi.SO_REUSEADDR, 1);
    this.socket.bind(address);
    this.#state = "bound";
  }

  async connect(address: SocketAddress): Promise<void> {
    this.#is("unbound", "bound");
    this.socket.check(address, { remote: true, unicast: true });
    this.#state = "connecting";
    const { calls, fd } = this.socket;
    let result = this.socket.connect(address);
    if (result === -EINPROGRESS) {
      fd.share();
      await calls.reactor!.ready(fd.number, POLLOUT);
      result = this.socket.connected();
      fd.release();
    }
    this.#state = result < 0 ? "closed" : "connected";
    if (result < 0) throw errors.result(result);
  }

  listen(): AsyncIterable<TcpSocket> {
    this.#is("unbound", "bound");
    this.socket.call("listen", this.#backlog);
    this.#state = "listening";
    const { fd } = this.socket;
    fd.share();
    let dropped = false;
    const next = async () => {
      for (;;) {
        await this.socket.calls.reactor!.ready(fd.number, POLLIN);
        // The descriptor may be closed by now, and its number another's.
        if (dropped) return undefined;
        const accepted = this.socket.accept();
        if (typeof accepted !== "number") return new (this.constructor as typeof TcpSocket)(accepted, "connected");
        await this.#refused(accepted);
      }
    };
    const close = () => {
      dropped = true;
      fd.release();
    };
    return outward(next, close)[0];
  }

  /** After an accept that failed: a connection's own error is nobody's, and what is scarce may be there again later. */
  async #refused(result: number): Promise<void> {
    const reactor = this.socket.calls.reactor!;
    if (SCARCE.has(-result)) await reactor.time(reactor.now() + SCARCE_WAIT);
  }

  /** Once, from the stream's beginning to its end, which shuts this direction of the connection down. */
  async send(data: GuestStream): Promise<Result> {
    if (this.#state !== "connected" || this.#sends) {
      data[Symbol.dispose]?.();
      return INVALID_STATE;
    }
    this.#sends = true;
    const { calls, fd } = this.socket;
    fd.share();
    const result = await inward(data, (bytes) => writeSome(calls, fd, bytes, CHUNK), resultCode);
    if (result.tag === "ok") this.socket.try("shutdown", abi.SHUT_WR);
    fd.release();
    return result;
  }

  /** Once. A stream that is dropped before its end shuts this direction down. */
  receive(): [AsyncIterable<Uint8Array>, Promise<Result>] {
    if (this.#state !== "connected" || this.#receives) {
      const [stream] = outward<Uint8Array>(
        async () => undefined,
        () => {},
      );
      return [stream, Promise.resolve(INVALID_STATE)];
    }
    this.#receives = true;
    const { calls, fd } = this.socket;
    fd.share();
    return outward(
      async () => {
        fd.share();
        const chunk = await readSome(calls, fd);
        fd.release();
        if (typeof chunk === "number") throw errors.result(chunk);
        return chunk.length === 0 ? undefined : chunk;
      },
      () => {
        this.socket.try("shutdown", abi.SHUT_RD);
        fd.release();
      },
    );
  }

  getIsListening(): boolean {
    return this.#state === "listening";
  }
  setListenBacklogSize(value: bigint): void {
    this.#backlog = backlog(errors, value);
    this.#is("unbound", "bound", "listening");
    if (this.#state === "listening") this.socket.call("listen", this.#backlog);
  }
  getKeepAliveEnabled(): boolean {
    return this.socket.keepAlive;
  }
  setKeepAliveEnabled(value: boolean): void {
    this.socket.keepAlive = value;
  }
  getKeepAliveIdleTime(): bigint {
    return this.socket.keepAliveIdleTime;
  }
  setKeepAliveIdleTime(value: bigint): void {
    this.socket.keepAliveIdleTime = value;
  }
  getKeepAliveInterval(): bigint {
    return this.socket.keepAliveInterval;
  }
  setKeepAliveInterval(value: bigint): void {
    this.socket.keepAliveInterval = value;
  }
  getKeepAliveCount(): number {
    return this.socket.keepAliveCount;
  }
  setKeepAliveCount(value: number): void {
    this.socket.keepAliveCount = value;
  }
  getHopLimit(): number {
    return this.socket.hopLimit;
  }
  setHopLimit(value: number): void {
    this.socket.hopLimit = value;
  }
}

export class UdpSocket extends BaseSocket {
  #peer: SocketAddress | undefined;

  bind(address: SocketAddress): void {
    if (this.socket.isBound()) throw errors.code("invalid-state");
    this.socket.check(address, {});
    this.socket.bind(address);
  }

  connect(address: SocketAddress): void {
    this.socket.check(address, { remote: true });
    const result = this.socket.connect(address);
    if (result < 0) throw errors.result(result);
    this.#peer = address;
  }

  disconnect(): void {
    if (!this.#peer) throw errors.code("invalid-state");
    this.socket.disconnect();
    this.#peer = undefined;
  }

  async send(data: Uint8Array, address: SocketAddress | undefined): Promise<void> {
    if (address) this.socket.check(address, { remote: true });
    const fits = this.#peer ? !address || sameAddress(address, this.#peer) : address !== undefined;
    if (!fits) throw errors.code("invalid-argument");
    const result = await this.#attempt(POLLOUT, () => this.socket.sendTo(data, this.#peer ? undefined : address));
    if (result < 0) throw errors.result(result);
  }

  async receive(): Promise<[Uint8Array, SocketAddress]> {
    if (!this.socket.isBound()) throw errors.code("invalid-state");
    const datagram = await this.#attempt(POLLIN, () => this.socket.receiveFrom());
    if (typeof datagram === "number") throw errors.result(datagram);
    return [datagram.data, datagram.remoteAddress];
  }

  /** Does something until it need not wait any more. */
  async #attempt<T>(events: number, body: () => T | number): Promise<T | number> {
    const { calls, fd } = this.socket;
    fd.share();
    try {
      for (;;) {
        const result = body();
        if (result !== -EAGAIN) return result;
        await calls.reactor!.ready(fd.number, events);
      }
    } finally {
      fd.release();
    }
  }

  getUnicastHopLimit(): number {
    return this.socket.hopLimit;
  }
  setUnicastHopLimit(value: number): void {
    this.socket.hopLimit = value;
  }
}

export const sockets3 = ({ calls }: World) => {
  const open = (family: Family, type: number) => Socket.open(calls, errors, family, type);
  return {
    types: {
      TcpSocket: class extends TcpSocket {
        static create(family: Family): TcpSocket {
          return new this(open(family, abi.SOCK_STREAM), "unbound");
        }
      },
      UdpSocket: class extends UdpSocket {
        static create(family: Family): UdpSocket {
          return new this(open(family, abi.SOCK_DGRAM));
        }
      },
    },
    "ip-name-lookup": {
      async resolveAddresses(name: string): Promise<IpAddress[]> {
        const found = lookUp(calls, name);
        if (typeof found === "string") throw errors.code(found);
        return found;
      },
    },
  };
};
