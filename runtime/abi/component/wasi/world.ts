/** What the WASI interfaces of one component's process share. */
import type { Calls } from "../calls.ts";
import { type Fd, StandardFd } from "../descriptor.ts";

export class World {
  readonly calls: Calls;
  readonly stdio: readonly [Fd, Fd, Fd];

  constructor(calls: Calls) {
    this.calls = calls;
    this.stdio = [new StandardFd(calls, 0), new StandardFd(calls, 1), new StandardFd(calls, 2)];
  }
}
