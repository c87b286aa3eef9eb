/** Messages with boundaries that wait to be received: what AF_UNIX datagrams and sequenced packets, and UDP, share. */
import { ENOBUFS } from "../abi/errno.ts";
import { MSG_PEEK, MSG_TRUNC } from "../abi/socket.ts";
import { SPARE_SHARE } from "../hot/layout.ts";
import type { Kernel } from "../kernel.ts";
import type { Buffers, Incoming } from "./message.ts";

/** Messages, like pipes, leave 1/16 of kernel memory free (hot/alloc.ts: pages_left); small ones 1/32. */
const SHARE = 4;

/** Bytes of a first page of data, and what Linux adds to a message for itself (struct sk_buff, skb_shared_info), as measured on 6.18. */
const LINEAR = 16064;
const SHARED_INFO = 320;
const OVERHEAD = 256;

/** What a message of `length` bytes counts against the buffers of sender and receiver (Linux: skb->truesize). */
export function truesize(length: number): number {
  const linear = Math.max(512, 2 ** Math.ceil(Math.log2(Math.min(length, LINEAR) + SHARED_INFO)));
  return linear + OVERHEAD + Math.ceil(Math.max(0, length - LINEAR) / 4096) * 4096;
}

/** One message; its bytes are in kernel memory. */
export interface Datagram<Extra> {
  readonly at: number;
  readonly length: number;
  /** truesize(length) */
  readonly size: number;
  /** What the protocol keeps with it: sender, control messages. */
  readonly extra: Extra;
}

export class DatagramQueue<Extra> {
  readonly #kernel: Kernel;
  readonly #freed: (datagram: Datagram<Extra>) => void;
  readonly items: Datagram<Extra>[] = [];
  /** Sum of their sizes. */
  bytes = 0;

  /** `freed`: told when a message is gone from the queue, its bytes still there. */
  constructor(kernel: Kernel, freed: (datagram: Datagram<Extra>) => void) {
    this.#kernel = kernel;
    this.#freed = freed;
  }

  get length(): number {
    return this.items.length;
  }

  /** Adds a message with what is in the buffers: it, or -ENOBUFS. */
  push(buffers: Buffers, extra: Extra): Datagram<Extra> | number {
    const { hot, kmem, net } = this.#kernel;
    const { length } = buffers;
    if (!net.hasRoomForMessage) return -ENOBUFS;
    if (hot.pages_left(length, length > 4096 ? SHARE : SPARE_SHARE) === 0) return -ENOBUFS;
    const at = length === 0 ? 0 : hot.alloc(length);
    if (at === 0 && length > 0) return -ENOBUFS;
    buffers.copyTo(kmem.u8, at);
    const datagram = { at, length, size: truesize(length), extra };
    this.items.push(datagram);
    net.messages++;
    this.bytes += datagram.size;
    return datagram;
  }

  /**
   * Copies the first message, of which there is one, out and takes it unless MSG_PEEK is set; `use` gets it before it is freed. Gives its
   * bytes as recv(2) does: all of them with MSG_TRUNC, else those that fit.
   */
  receive(message: Incoming, use: (datagram: Datagram<Extra>) => void): number {
    const datagram = this.items[0];
    const { u8 } = this.#kernel.kmem;
    const fit = message.buffers.put(u8.subarray(datagram.at, datagram.at + datagram.length));
    if (fit < datagram.length) message.outFlags |= MSG_TRUNC;
    use(datagram);
    if (!(message.flags & MSG_PEEK)) this.drop();
    return message.flags & MSG_TRUNC ? datagram.length : fit;
  }

  /** The first message goes. */
  drop(): void {
    this.#free(this.items.shift()!);
  }

  #free(datagram: Datagram<Extra>): void {
    this.#kernel.net.messages--;
    this.bytes -= datagram.size;
    this.#freed(datagram);
    if (datagram.length > 0) this.#kernel.hot.free(datagram.at, datagram.length);
  }

  /** All go. The queue is empty before the first is freed: with it the socket itself may end, which then has lost nothing. */
  clear(): void {
    for (const datagram of this.items.splice(0)) this.#free(datagram);
  }
}
