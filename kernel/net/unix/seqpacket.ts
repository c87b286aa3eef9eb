/** AF_UNIX, SOCK_SEQPACKET: connections like a stream's, messages like a datagram socket's. */
import { EMSGSIZE, ENOTCONN, EOPNOTSUPP, EPIPE } from "../../abi/errno.ts";
import { FIONREAD, TIOCOUTQ } from "../../abi/ioctl.ts";
import { POLLERR, POLLHUP, POLLIN, POLLRDHUP, POLLRDNORM } from "../../abi/poll.ts";
import { MSG_OOB, SOCK_SEQPACKET } from "../../abi/socket.ts";
import { RCV_SHUTDOWN, SHUTDOWN_MASK } from "../../hot/layout.ts";
import type { Task } from "../../task/task.ts";
import type { DatagramQueue } from "../dgram.ts";
import type { Incoming, Outgoing } from "../message.ts";
import type { Net } from "../net.ts";
import { deliverMessage, messageQueue, receiveMessage, Sender, type UnixMessage } from "./dgram.ts";
import { controlOf, parseControl, type UnixControl } from "./scm.ts";
import { UnixStream } from "./stream.ts";

export class UnixSeqpacket extends UnixStream {
  declare peer: UnixSeqpacket | null;
  readonly #messages: DatagramQueue<UnixMessage>;
  readonly #sender = new Sender(this);

  constructor(net: Net) {
    super(net, SOCK_SEQPACKET);
    this.#messages = messageQueue(net);
  }

  protected override another(): UnixSeqpacket {
    return new UnixSeqpacket(this.net);
  }

  /** Messages are the cold half's. */
  override optionsChanged(): void {}

  /** What its end would lose: Linux takes an empty message at the head for a consumed mark of MSG_OOB (unix_release_sock). */
  override get unread(): number {
    const { items } = this.#messages;
    return items.length - (items[0]?.length === 0 ? 1 : 0);
  }

  override release(): void {
    this.#sender.close();
    super.release();
    this.#messages.clear();
  }

  override sendmsg(t: Task | null, message: Outgoing): number {
    const { buffers, flags } = message;
    const error = this.takeError();
    if (error) return error;
    if (!this.connected) return -ENOTCONN;
    const request = parseControl(t, message.control);
    this.net.flight.check(t, request.files);
    if (flags & MSG_OOB) return -EOPNOTSUPP;
    const refused = this.options.passcred ? this.net.unix.autobind(this) : 0;
    if (refused) return refused;
    if (buffers.length > this.options.sndbuf - 32) return -EMSGSIZE;
    const { peer } = this;
    if (this.sendShut || peer === null || peer.receiveShut) return -EPIPE;
    if (this.#sender.isFull) return this.wait(t, this.writeQueue, flags, this.options.sndtimeo);
    const control = controlOf(this.net.flight, t, request, this.wantsCredentials);
    const extra = { ...control, sender: this.#sender, from: this.end };
    const done = deliverMessage(t, peer.#messages, buffers, extra);
    if (done >= 0) this.kernel.hot.wake_queue(peer.readQueue, 1);
    return done;
  }

  override recvmsg(t: Task | null, message: Incoming): number {
    if (!this.connected) return -ENOTCONN;
    if (message.flags & MSG_OOB) return -EOPNOTSUPP;
    const error = this.takeError();
    if (error) return error;
    if (this.#messages.length > 0) return receiveMessage(t, this, this.#messages, message);
    if (this.receiveShut) return 0;
    return this.wait(t, this.readQueue, message.flags, this.options.rcvtimeo);
  }

  override write(t: Task | null, from: Uint8Array): number {
    return this.writev(t, [from]);
  }

  override poll(): number {
    if (!this.connected) return super.poll();
    const { shut } = this;
    let mask = this.error ? POLLERR : 0;
    if (shut & RCV_SHUTDOWN) mask |= POLLRDHUP | POLLIN | POLLRDNORM;
    if (shut === SHUTDOWN_MASK) mask |= POLLHUP;
    if (this.#messages.length > 0) mask |= POLLIN | POLLRDNORM;
    return this.#sender.isWritable ? mask | this.writableMask : mask;
  }

  override ioctl(t: Task, request: number, argument: number): number {
    if (this.listening || (request !== FIONREAD && request !== TIOCOUTQ)) return super.ioctl(t, request, argument);
    let bytes = this.#sender.bytes;
    if (request === FIONREAD) {
      bytes = 0;
      for (const { length } of this.#messages.items) bytes += length;
    }
    t.mm.setU32(argument, bytes);
    return 0;
  }

  override *controls(): Iterable<UnixControl> {
    for (const { extra } of this.#messages.items) yield extra;
  }

  override purge(): void {
    this.#messages.clear();
  }
}
