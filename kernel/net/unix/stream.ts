/** AF_UNIX, SOCK_STREAM: connections by name, and bytes with control messages between them. */
import { ECONNREFUSED, ECONNRESET, EINVAL, EISCONN, ENOBUFS, ENOTCONN, EOPNOTSUPP } from "../../abi/errno.ts";
import { AF_UNIX, MSG_OOB, MSG_PEEK, SCM_CREDENTIALS, SOCK_STREAM } from "../../abi/socket.ts";
import { SHUTDOWN_MASK, SPARE_SHARE } from "../../hot/layout.ts";
import type { Task } from "../../task/task.ts";
import type { Incoming, Outgoing } from "../message.ts";
import type { Net } from "../net.ts";
import { type Credentials, credentialsOf } from "../socket.ts";
import { StreamSocket } from "../stream.ts";
import { controlOf, parseControl, type Request, type UnixControl } from "./scm.ts";
import { UnixEnd } from "./socket.ts";

/** Who sent the end of a stream. */
const NO_SENDER: Credentials = { pid: 0, uid: 0, gid: 0, groups: [] };

/** Bytes in the ring that came with the same control messages. */
interface Segment extends UnixControl {
  length: number;
}

export class UnixStream extends StreamSocket {
  declare peer: UnixStream | null;
  declare readonly queue: UnixStream[];
  readonly end = new UnixEnd();
  /** The other end's name: it outlives the other end. */
  #peerEnd: UnixEnd | null = null;
  /** A listener has it in its queue. */
  #waiting = false;
  /**
   * The ring from its beginning, where some of it came with control messages; then reads are the cold half's. What lies beyond came
   * without any.
   */
  readonly #segments: Segment[] = [];
  /** Of the message that is being sent: what its sender asked for. */
  #request: Request | null = null;
  /** Of the receive in progress: whose bytes it has taken so far. */
  #taking: Credentials | null = null;

  constructor(net: Net, type = SOCK_STREAM) {
    super(net, AF_UNIX, type, 0);
    net.unix.sockets.add(this);
  }

  // ------------------------------------------------------------ connections

  override bind(t: Task | null, address: Uint8Array): number {
    return this.net.unix.bind(t, this, address);
  }

  override getname(peer: boolean): Uint8Array | number {
    return UnixEnd.nameOf(peer ? this.#peerEnd : this.end);
  }

  override get peerCredentials(): Credentials | null {
    return this.end.peer;
  }

  override listen(t: Task | null, backlog: number): number {
    if (this.end.address === null || this.connected) return -EINVAL;
    const more = backlog > this.backlog;
    this.backlog = backlog;
    this.end.peer = credentialsOf(t);
    if (more) this.wakeWriters();
    return 0;
  }

  override accept(t: Task | null, flags: number): UnixStream | number {
    const connection = super.accept(t, flags) as UnixStream | number;
    if (typeof connection !== "number") {
      connection.#waiting = false;
      connection.peer?.optionsChanged();
    }
    return connection;
  }

  override connect(t: Task | null, address: Uint8Array, flags: number): number {
    const { unix } = this.net;
    unix.validate(address);
    const refused = this.options.passcred ? unix.autobind(this) : 0;
    if (refused) return refused;
    const other = unix.find(t, address, this.type);
    if (typeof other === "number") return other;
    if (!(other instanceof UnixStream) || !other.listening || other.receiveShut) return -ECONNREFUSED;
    if (other.isFull) return this.wait(t, other.writeQueue, flags, this.options.sndtimeo);
    if (this.connected) return -EISCONN;
    if (this.listening) return -EINVAL;
    if (this.kernel.hot.pages_left(0, SPARE_SHARE) === 0) return -ENOBUFS;
    const server = this.another();
    server.end.address = other.end.address;
    server.end.peer = credentialsOf(t);
    server.options.passcred = other.options.passcred;
    server.#waiting = true;
    this.end.peer = other.end.peer;
    this.meet(server);
    other.enqueue(server);
    return 0;
  }

  /** A new socket of the same kind: the listener's end of a connection. */
  protected another(): UnixStream {
    return new UnixStream(this.net);
  }

  /** socketpair(2) */
  pair(t: Task | null, other: UnixStream): void {
    this.end.peer = other.end.peer = credentialsOf(t);
    this.meet(other);
  }

  protected meet(other: UnixStream): void {
    this.#peerEnd = other.end;
    other.#peerEnd = this.end;
    this.join(other);
  }

  protected override hangUp(peer: StreamSocket, reset: boolean): void {
    peer.shut = SHUTDOWN_MASK;
    if (reset) peer.error = ECONNRESET;
    peer.wakeAll();
  }

  override release(): void {
    this.net.unix.forget(this);
    super.release();
    this.#dropSegments();
    this.net.flight.collect();
  }

  // ------------------------------------------------------------ bytes

  /** Whether what it sends carries credentials: one of the two wants them, or nobody has accepted the other end yet. */
  protected get wantsCredentials(): boolean {
    const { peer } = this;
    return this.options.passcred || (peer !== null && (peer.options.passcred || peer.#waiting));
  }
  protected override get coldReads(): boolean {
    return this.#segments.length > 0 || this.options.passcred;
  }
  protected override get coldWrites(): boolean {
    return this.wantsCredentials || this.#isUnheard;
  }
  /** The other end had shut down its receiving before it connected: it alone knows of it. */
  get #isUnheard(): boolean {
    return this.peer?.receiveShut === true;
  }
  override optionsChanged(): void {
    super.optionsChanged();
    // The peer's writes depend on what this one wants to know.
    if (this.peer !== null) this.peer.#writesChanged();
  }
  #writesChanged(): void {
    super.optionsChanged();
  }

  protected override receiveUnconnected(): number {
    return -EINVAL;
  }

  protected override checkOutgoing(t: Task | null, { buffers, name, control, flags }: Outgoing): number {
    this.#request = parseControl(t, control);
    this.net.flight.check(t, this.#request.files);
    if (flags & MSG_OOB) return -EOPNOTSUPP;
    if ((control.length > 0 || this.wantsCredentials) && !this.net.hasRoomForMessage) return -ENOBUFS;
    if (name !== null) return this.connected ? -EISCONN : -EOPNOTSUPP;
    return this.#isUnheard && buffers.length > 0 ? this.brokenPipe(t, flags) : 0;
  }

  protected override sendUnconnected(): number {
    return -ENOTCONN;
  }

  protected override sent(t: Task | null, message: Outgoing, done: number, count: number): void {
    // A call that waited has given its descriptors away with its first bytes; credentials go with all of them.
    const later = () =>
      parseControl(
        t,
        message.control.filter(({ type }) => type === SCM_CREDENTIALS),
      );
    const request = done === 0 ? this.#request! : later();
    const wanted = this.wantsCredentials;
    if (!wanted && request.credentials === null && request.files.length === 0) return;
    this.peer!.#append(count, controlOf(this.net.flight, t, request, wanted));
  }

  /** Says what the last `length` bytes of the ring came with. */
  #append(length: number, { credentials, rights }: UnixControl): void {
    let known = 0;
    for (const segment of this.#segments) known += segment.length;
    const plain = this.unread - length - known;
    if (plain > 0) this.#push({ length: plain, credentials: null, rights: null });
    const last = this.#segments.at(-1);
    if (last !== undefined && rights === null && last.rights === null && sameIds(last.credentials, credentials)) {
      last.length += length;
    } else this.#push({ length, credentials, rights });
  }

  #push(segment: Segment): void {
    this.net.messages++;
    this.#segments.push(segment);
    if (this.#segments.length === 1) super.optionsChanged();
  }

  #shift(): void {
    this.net.messages--;
    this.#segments.shift();
    if (this.#segments.length === 0) super.optionsChanged();
  }

  /** The end of the stream has no sender, and says so. */
  protected override atEnd(t: Task | null, message: Incoming): void {
    if (this.options.passcred && !message.told) {
      this.net.flight.deliver(t, message, { credentials: NO_SENDER, rights: null }, true, false);
    }
  }

  protected override run(message: Incoming, done: number): number {
    const { passcred } = this.options;
    const [first] = this.#segments;
    const credentials = first?.credentials ?? null;
    if (message.flags & MSG_PEEK) return this.#peekable(passcred);
    if (done === 0) this.#taking = credentials;
    // With SO_PASSCRED one call gives the bytes of one sender only.
    if (passcred && done > 0 && !sameIds(this.#taking, credentials)) return 0;
    return first?.length ?? this.unread;
  }

  /** What a look ahead reaches: up to another sender, or to the end of what came with descriptors. */
  #peekable(passcred: boolean): number {
    let bytes = 0;
    for (const { length, credentials, rights } of this.#segments) {
      if (passcred && !sameIds(credentials, this.#segments[0].credentials)) return bytes;
      bytes += length;
      if (rights !== null) return bytes;
    }
    const known = bytes > 0 && this.#segments[0].credentials !== null;
    return passcred && known ? bytes : this.unread;
  }

  protected override taken(t: Task | null, message: Incoming, count: number, peek: boolean): boolean {
    message.name = this.#peerEnd?.address ?? null;
    const [first] = this.#segments;
    const passcred = this.options.passcred && !message.told;
    message.told = true;
    if (peek) {
      // Linux shows the first descriptors that wait, even where the look does not reach them (unix_stream_read_generic).
      const credentials = first?.credentials ?? null;
      const seen = ({ rights, ...other }: Segment) =>
        rights !== null || (this.options.passcred && !sameIds(other.credentials, credentials));
      const last = this.#segments.find(seen);
      const reached = last !== undefined && (!this.options.passcred || sameIds(last.credentials, credentials));
      const control = { credentials, rights: reached ? last.rights : null };
      this.net.flight.deliver(t, message, control, passcred, true);
      return true;
    }
    const gave = first !== undefined && first.rights !== null;
    this.net.flight.deliver(t, message, first ?? { credentials: null, rights: null }, passcred, false);
    if (first !== undefined) {
      first.length -= count;
      if (first.length === 0) this.#shift();
    }
    return gave;
  }

  controls(): Iterable<UnixControl> {
    return this.#segments;
  }

  purge(): void {
    this.kernel.hot.ring_drop(this.sock);
    this.#dropSegments();
  }

  #dropSegments(): void {
    for (const { rights } of this.#segments.splice(0)) {
      this.net.messages--;
      if (rights !== null) this.net.flight.drop(rights);
    }
  }
}

function sameIds(a: Credentials | null, b: Credentials | null): boolean {
  return a === b || (a !== null && b !== null && a.pid === b.pid && a.uid === b.uid && a.gid === b.gid);
}
