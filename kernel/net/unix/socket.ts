/** What AF_UNIX sockets of all types have in common. */
import { ENOTCONN } from "../../abi/errno.ts";
import type { Path } from "../../fs/path.ts";
import type { Credentials, Socket } from "../socket.ts";
import { UNNAMED } from "./names.ts";
import type { UnixControl } from "./scm.ts";

/** An AF_UNIX socket of any type. */
export type UnixSocket = Socket & UnixParts;

interface UnixParts {
  readonly end: UnixEnd;
  /** What came with messages that wait to be received, descriptors above all. */
  controls(): Iterable<UnixControl>;
  /** Forgets what waits to be received: nobody can receive it any more. */
  purge(): void;
  /** Connections that wait to be accepted. */
  readonly queue?: readonly UnixSocket[];
  /** It is, or was, connected: for /proc/net/unix. */
  readonly connected: boolean;
}

/** Its name, and who is at its ends. */
export class UnixEnd {
  /** As getsockname gives it, null without a name. It outlives the socket in messages that it sent. */
  address: Uint8Array | null = null;
  /** Where its name is in the file system, held. */
  path: Path | null = null;
  /** Its key among the abstract names. */
  abstract: string | null = null;
  /** SO_PEERCRED: who made the other end listen or connected it; of a listener, who made it listen. */
  peer: Credentials | null = null;

  /** getsockname, or (of the peer's end) getpeername. */
  static nameOf(end: UnixEnd | null): Uint8Array | number {
    return end === null ? -ENOTCONN : (end.address ?? UNNAMED);
  }
}
