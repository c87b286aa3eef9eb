/** What is left of a connection when an end's socket is closed: it keeps the port (man 7 tcp: TIME_WAIT). */
import { TCP_FIN_WAIT2, TCP_TIME_WAIT } from "../../abi/inet.ts";
import type { Endpoint, Host } from "./address.ts";
import type { InetEnd } from "./end.ts";
import type { Inet } from "./inet.ts";
import type { Holder } from "./ports.ts";

/** How long each state lasts: TCP_TIMEWAIT_LEN, and net.ipv4.tcp_fin_timeout. In ms. */
const LIFE = 60000;
/** After so long in TIME_WAIT a new connection on the loopback interface may have the same ends (net.ipv4.tcp_tw_reuse = 2). */
const REUSE_AFTER = 1000;

export class Remains implements Holder {
  readonly #inet: Inet;
  readonly family: number;
  readonly host: Host;
  readonly port: number;
  readonly only6: boolean;
  readonly reuseAddress: boolean;
  readonly reusePort: boolean;
  readonly uid: number;
  readonly listening = false;
  readonly shared: boolean;
  readonly peer: Endpoint | null;
  /** TCP_FIN_WAIT2 while the other end can still send, then TCP_TIME_WAIT. */
  state = TCP_FIN_WAIT2;
  /** Monotonic ms. */
  until: number;

  constructor(inet: Inet, end: InetEnd) {
    this.#inet = inet;
    this.family = end.socket.family;
    this.host = end.host;
    this.port = end.port;
    this.only6 = end.only6;
    this.reuseAddress = end.reuseAddress;
    this.reusePort = end.reusePort;
    this.uid = end.uid;
    this.shared = end.shared;
    this.peer = end.peer;
    this.until = inet.net.kernel.clock.monotonic() + LIFE;
    inet.remains.add(this);
    inet.tcp.add(this);
  }

  /** The other end sends nothing more either. */
  timeWait(): void {
    this.state = TCP_TIME_WAIT;
    this.until = this.#inet.net.kernel.clock.monotonic() + LIFE;
    // Those that end first stand first.
    if (this.#inet.remains.delete(this)) this.#inet.remains.add(this);
  }

  /** Whether a new connection between the same ends may take its place. */
  mayBeReplaced(now: number): boolean {
    return this.state === TCP_TIME_WAIT && now >= this.until - LIFE + REUSE_AFTER;
  }

  remove(): void {
    this.#inet.remains.delete(this);
    this.#inet.tcp.remove(this);
  }
}
