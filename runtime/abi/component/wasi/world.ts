/** What the WASI interfaces of one component's process share. */
import type { Calls } from "../calls.ts";
import { type Fd, StandardFd } from "../descriptor.ts";
import type { HttpClient } from "../exchange.ts";

export class World {
  readonly calls: Calls;
  readonly stdio: readonly [Fd, Fd, Fd];

  /** Null where the machine has no network. */
  readonly http: HttpClient | null;

  /** The machine's mounted folders. */
  readonly folders: readonly string[];

  constructor(calls: Calls, http: HttpClient | null, folders: readonly string[]) {
    this.calls = calls;
    this.folders = folders;
    this.http = http;
    this.stdio = [new StandardFd(calls, 0), new StandardFd(calls, 1), new StandardFd(calls, 2)];
  }
}
