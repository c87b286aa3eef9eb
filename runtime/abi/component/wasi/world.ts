/** What the WASI interfaces of one component's process share. */
import type { Calls } from "../calls.ts";
import { type Fd, StandardFd } from "../descriptor.ts";
import type { Bodies, HttpClient } from "../exchange.ts";

export class World {
  readonly calls: Calls;
  readonly stdio: readonly [Fd, Fd, Fd];

  /** Null where the machine has no network. */
  readonly http: HttpClient | null;
  readonly bodies: Bodies;

  /** The machine's mounted folders. */
  readonly folders: readonly string[];

  constructor(calls: Calls, host: Pick<World, "http" | "bodies" | "folders">) {
    this.calls = calls;
    this.folders = host.folders;
    this.http = host.http;
    this.bodies = host.bodies;
    this.stdio = [new StandardFd(calls, 0), new StandardFd(calls, 1), new StandardFd(calls, 2)];
  }
}
