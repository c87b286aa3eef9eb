/** Who has which port of a protocol: when sockets may share one, and what is chosen where nobody asks (man 2 bind, man 7 ip, man 7 socket). */
import { type Endpoint, type Host, overlap } from "./address.ts";

/** Something that has a port: a socket, or what is left of a connection (TIME_WAIT). */
export interface Holder {
  readonly host: Host;
  readonly port: number;
  /** An IPv6 socket that takes no IPv4 packets (IPV6_V6ONLY). */
  readonly only6: boolean;
  /** SO_REUSEADDR, SO_REUSEPORT. */
  readonly reuseAddress: boolean;
  readonly reusePort: boolean;
  /** Whose it is: only sockets of one user share a port by SO_REUSEPORT. */
  readonly uid: number;
  readonly listening: boolean;
  /** It got its port by connect(2): others may have the same for connections elsewhere. */
  readonly shared: boolean;
  /** Whom it is connected with. */
  readonly peer: Endpoint | null;
}

const NOBODY: ReadonlySet<never> = new Set();

/** Two that may not have one port: their addresses overlap, and neither option, set for both, allows it. */
function conflict(wants: Holder, has: Holder): boolean {
  if (!overlap(wants.host, wants.only6, has.host, has.only6)) return false;
  if (wants.reuseAddress && has.reuseAddress && !has.listening) return false;
  return !(wants.reusePort && has.reusePort && wants.uid === has.uid);
}

export class Ports {
  readonly #holders = new Map<number, Set<Holder>>();
  /** Counts on from a random place: ports are used again as late as can be. */
  #next: number;

  /** `seed`: any number. */
  constructor(seed: number) {
    this.#next = seed;
  }

  /** Those that have the port, the longest first. */
  holders(port: number): ReadonlySet<Holder> {
    return this.#holders.get(port) ?? NOBODY;
  }

  /** All of them, by port. */
  *all(): Iterable<Holder> {
    for (const set of this.#holders.values()) yield* set;
  }

  /** `holder.port` is set: it has it from now on. */
  add(holder: Holder): void {
    const set = this.#holders.get(holder.port);
    if (set === undefined) this.#holders.set(holder.port, new Set([holder]));
    else set.add(holder);
  }

  remove(holder: Holder): void {
    const set = this.#holders.get(holder.port);
    set?.delete(holder);
    if (set?.size === 0) this.#holders.delete(holder.port);
  }

  /** Whether somebody has the port whom it can not share it with. */
  taken(port: number, wants: Holder): boolean {
    for (const has of this.holders(port)) if (has !== wants && conflict(wants, has)) return true;
    return false;
  }

  /** The next port from `low` to `high` that passes; 0 where none does. */
  choose(low: number, high: number, passes: (port: number) => boolean): number {
    const count = high - low + 1;
    for (let i = 0; i < count; i++) {
      const port = low + (this.#next++ % count);
      if (passes(port)) return port;
    }
    return 0;
  }
}
