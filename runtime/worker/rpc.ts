/**
 * Calls between a machine's thread and the thread of the program that owns it. Both ends run the same class: each answers the
 * methods it was given and calls those of the other. Messages keep their order; calls may be answered in any.
 */
import { fromWire, Ring3Error, toWire, type WireError } from "../api/errors.ts";

export type Message =
  | { type: "call"; id: number; method: string; args: unknown[] }
  | { type: "notify"; method: string; args: unknown[] }
  | { type: "reply"; id: number; value: unknown }
  | { type: "error"; id: number; error: WireError };

/** What can be moved to another thread. */
export type Movable = ArrayBuffer | ReadableStream;

/** An answer of which parts are moved. */
export class Moved<T> {
  readonly value: T;
  readonly parts: Movable[];

  constructor(value: T, parts: Movable[]) {
    this.value = value;
    this.parts = parts;
  }
}

/** One end of a two-way line. */
export interface Port {
  post(message: Message, transfer: Movable[]): void;
  /** Set by the Rpc that uses the port. */
  onMessage: (message: Message) => void;
  /** Set likewise: the other end is gone, with the reason if it was not asked to go. */
  onClose: (error: Error | null) => void;
  close(): void;
}

/** An interface whose members are all methods. */
export type Methods<T> = { [K in keyof T]: (...args: never[]) => unknown };
type Args<T extends Methods<T>, M extends keyof T> = Parameters<T[M]>;
type Answer<F extends (...args: never[]) => unknown> = Unmoved<Awaited<ReturnType<F>>>;
type Unmoved<T> = [T] extends [never] ? never : T extends Moved<infer Value> ? Value : T;

interface Waiting {
  resolve: (value: never) => void;
  reject: (error: unknown) => void;
}

export class Rpc<Remote extends Methods<Remote>> {
  readonly #port: Port;
  readonly #waiting = new Map<number, Waiting>();
  #nextId = 1;
  /** Why calls fail; null while the line is open. */
  #closed: Ring3Error | null = null;

  /** `local` answers the other end's calls. */
  constructor(port: Port, local: object) {
    this.#port = port;
    port.onMessage = (message) => this.#receive(message, local as Record<string, (...args: unknown[]) => unknown>);
    port.onClose = (error) => {
      this.close(
        error
          ? new Ring3Error("ERR_CRASHED", `the machine's thread ended: ${error.message}`, { cause: error })
          : new Ring3Error("ERR_CLOSED", "the machine has been shut down"),
      );
    };
  }

  /**
   * Calls a method of the other end. Rejects with its Ring3Error, or ERR_CLOSED, ERR_CRASHED when the line ends.
   * `transfer`: what of them to move instead of copying it.
   */
  call<M extends keyof Remote & string>(
    method: M,
    args: Args<Remote, M>,
    transfer: Movable[] = [],
  ): Promise<Answer<Remote[M]>> {
    if (this.#closed) return Promise.reject(this.#closed);
    const id = this.#nextId++;
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject });
      this.#port.post({ type: "call", id, method, args }, transfer);
    });
  }

  /** Calls a method of the other end without waiting; does nothing on a closed line. */
  notify<M extends keyof Remote & string>(method: M, args: Args<Remote, M>, transfer: Movable[] = []): void {
    if (!this.#closed) this.#port.post({ type: "notify", method, args }, transfer);
  }

  /** Ends the line: calls that wait and all later ones are rejected with `reason`. */
  close(reason: Ring3Error): void {
    if (this.#closed) return;
    this.#closed = reason;
    for (const { reject } of this.#waiting.values()) reject(reason);
    this.#waiting.clear();
    this.#port.close();
    this.onClose(reason);
  }

  /** Called once when the line ends, for whatever reason. */
  onClose: (reason: Ring3Error) => void = () => {};

  #receive(message: Message, local: Record<string, (...args: unknown[]) => unknown>): void {
    if (this.#closed) return;
    switch (message.type) {
      case "call":
        void this.#answer(message.id, () => local[message.method](...message.args));
        break;
      case "notify":
        local[message.method](...message.args);
        break;
      case "reply":
        this.#take(message.id)?.resolve(message.value as never);
        break;
      case "error":
        this.#take(message.id)?.reject(fromWire(message.error));
        break;
    }
  }

  #take(id: number): Waiting | undefined {
    const waiting = this.#waiting.get(id);
    this.#waiting.delete(id);
    return waiting;
  }

  async #answer(id: number, run: () => unknown): Promise<void> {
    let message: Message;
    let parts: Movable[] = [];
    try {
      let value = await run();
      if (value instanceof Moved) ({ value, parts } = value);
      message = { type: "reply", id, value };
    } catch (error) {
      message = { type: "error", id, error: toWire(error) };
    }
    if (!this.#closed) this.#port.post(message, parts);
  }
}

/** Two connected ports within one thread: what `thread: "same"` uses. Messages arrive in a later microtask, as they would from a thread. */
export function portPair(): [Port, Port] {
  const make = (): Port & { peer: Port; open: boolean } => ({
    peer: null as unknown as Port,
    open: true,
    onMessage: () => {},
    onClose: () => {},
    post(message) {
      queueMicrotask(() => this.open && this.peer.onMessage(message));
    },
    close() {
      if (!this.open) return;
      this.open = false;
      queueMicrotask(() => this.peer.onClose(null));
    },
  });
  const a = make();
  const b = make();
  a.peer = b;
  b.peer = a;
  return [a, b];
}
