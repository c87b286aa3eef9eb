/**
 * Urgent data that a TCP socket received (man 7 tcp; RFC 6093): the last byte of what was sent with MSG_OOB. It stays in the ring, where
 * reading stops at it once: that is the mark. Unless SO_OOBINLINE is set it is no part of the stream, and recv(2) with MSG_OOB gives it.
 */
import { EINVAL } from "../../abi/errno.ts";
import { SIGURG } from "../../abi/signal.ts";
import { MSG_OOB, MSG_PEEK, MSG_TRUNC, SO_OOBINLINE } from "../../abi/socket.ts";
import { PROC_UID, RING_ALLOC, RING_BUFFER, RING_HEAD } from "../../hot/layout.ts";
import type { Process } from "../../task/process.ts";
import type { Incoming } from "../message.ts";
import type { TcpSocket } from "./tcp.ts";

export class Urgent {
  readonly #socket: TcpSocket;
  readonly #byte: number;
  /** Bytes of the ring before it. */
  before: number;
  /** MSG_OOB has taken it. */
  #taken = false;

  /** The last byte of the socket's ring is urgent. */
  constructor(socket: TcpSocket) {
    const { u8, u32 } = socket.kernel.kmem;
    const { sock } = socket;
    this.#socket = socket;
    this.before = socket.unread - 1;
    const at = (u32[(sock + RING_HEAD) >> 2] + this.before) & (u32[(sock + RING_ALLOC) >> 2] - 1);
    this.#byte = u8[u32[(sock + RING_BUFFER) >> 2] + at];
  }

  /** It is part of the stream. */
  get inLine(): boolean {
    return this.#socket.options.on.has(SO_OOBINLINE);
  }

  /** It makes the socket ready for POLLPRI. */
  get waits(): boolean {
    return !this.#taken;
  }

  /** recv(2) with MSG_OOB: 1, 0 for no room, or -EINVAL. */
  receive(message: Incoming): number {
    if (this.inLine || this.#taken) return -EINVAL;
    if (!(message.flags & MSG_PEEK)) this.#taken = true;
    message.outFlags |= MSG_OOB;
    const count = message.buffers.put(Uint8Array.of(this.#byte));
    if (count === 0) message.outFlags |= MSG_TRUNC;
    return count;
  }
}

/** SIGURG for the owner of the socket (fcntl(2), F_SETOWN), where the socket's user may send signals to it. */
export function signalOwner({ kernel, owner, end }: TcpSocket): void {
  const single = kernel.processes.get(owner) ?? kernel.tasksByTid.get(owner)?.process;
  const targets: Iterable<Process> = owner < 0 ? kernel.groups.of(-owner) : single === undefined ? [] : [single];
  for (const process of targets) {
    const uid = kernel.kmem.u32[(process.ptr + PROC_UID) >> 2];
    if (end.uid === 0 || uid === end.uid) kernel.signals.toProcess(process, SIGURG);
  }
}
