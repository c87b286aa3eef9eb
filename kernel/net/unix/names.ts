/** Names of AF_UNIX sockets (man 7 unix): paths, by the inode that bind made, and abstract ones. */
import type { Inode } from "../../fs/inode.ts";
import type { Kernel } from "../../kernel.ts";
import type { UnixSocket } from "./socket.ts";

export class UnixNames {
  readonly kernel: Kernel;
  /** Every AF_UNIX socket, in the order in which they were made. */
  readonly sockets = new Set<UnixSocket>();

  constructor(kernel: Kernel) {
    this.kernel = kernel;
  }
  readonly byInode = new Map<Inode, UnixSocket>();
}
