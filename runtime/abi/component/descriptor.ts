/** Descriptors of the process that several of a component's resources hold: the last one to let go closes it. */
import type { Calls } from "./calls.ts";

export class Fd {
  readonly number: number;
  readonly #calls: Calls;
  #users = 1;

  constructor(calls: Calls, number: number) {
    this.#calls = calls;
    this.number = number;
  }

  /** Another descriptor of the same process. */
  another(number: number): Fd {
    return new Fd(this.#calls, number);
  }

  share(): this {
    this.#users++;
    return this;
  }

  release(): void {
    if (--this.#users === 0) this.#calls.now("close", this.number);
  }
}

/** One of the standard streams, which is not closed. */
export class StandardFd extends Fd {
  override release(): void {}
}
