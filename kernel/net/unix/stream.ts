/** AF_UNIX, SOCK_STREAM. */
import { ECONNRESET, EINVAL, EISCONN, ENOTCONN, EOPNOTSUPP } from "../../abi/errno.ts";
import { AF_UNIX, SOCK_STREAM } from "../../abi/socket.ts";
import { SHUTDOWN_MASK } from "../../hot/layout.ts";
import type { Task } from "../../task/task.ts";
import type { Outgoing } from "../message.ts";
import type { Net } from "../net.ts";
import { type Credentials, credentialsOf } from "../socket.ts";
import { StreamSocket } from "../stream.ts";

export class UnixStream extends StreamSocket {
  #peerCredentials: Credentials | null = null;

  constructor(net: Net) {
    super(net, AF_UNIX, SOCK_STREAM, 0);
  }

  override get peerCredentials(): Credentials | null {
    return this.#peerCredentials;
  }

  /** socketpair(2) */
  pair(t: Task | null, other: UnixStream): void {
    this.join(other);
    this.#peerCredentials = other.#peerCredentials = credentialsOf(t);
  }

  override getname(peer: boolean): Uint8Array | number {
    if (peer && !this.connected) return -ENOTCONN;
    return Uint8Array.of(AF_UNIX, 0);
  }

  protected override receiveUnconnected(): number {
    return -EINVAL;
  }

  protected override checkOutgoing(_t: Task | null, { name }: Outgoing): number {
    return name === null ? 0 : this.connected ? -EISCONN : -EOPNOTSUPP;
  }

  protected override hangUp(peer: StreamSocket, reset: boolean): void {
    peer.shut = SHUTDOWN_MASK;
    if (reset) peer.error = ECONNRESET;
    peer.wakeAll();
  }
}
