/** A process's terminal with its other end at the owner: the console (kernel/tty) whose keys and screen are two streams. */
import type { ConsoleHost, ConsoleTty } from "../kernel/tty/console.ts";
import { type HostStream, someoneWaits } from "./machine-pipes.ts";
import { OUTPUT_WINDOW } from "./worker/protocol.ts";

/** Most bytes typed at once, a page as the discipline's own buffer; then the rest waits for room. */
const PIECE = 4096;
/** End of file, as typed (man 3 termios, VEOF). */
const CTRL_D = Uint8Array.of(4);

interface Typing {
  bytes: Uint8Array;
  at: number;
  resolve: () => void;
}

export class ConsoleStreams implements HostStream, ConsoleHost {
  #tty!: ConsoleTty;
  readonly #events: { chunk(bytes: Uint8Array<ArrayBuffer>): void; wanted(): void };
  readonly #typing: Typing[] = [];
  /** Output that has not been sent: what programs write in small pieces goes in one message. */
  #screen: Uint8Array[] = [];
  #credit = OUTPUT_WINDOW;
  #held = false;
  #wanted = false;
  done = false;

  constructor(events: { chunk(bytes: Uint8Array<ArrayBuffer>): void; wanted(): void }) {
    this.#events = events;
  }

  /** The console, made with this object as its host. */
  connect(tty: ConsoleTty): void {
    this.#tty = tty;
  }

  // ------------------------------------------------------------ screen

  write(bytes: Uint8Array): boolean {
    if (this.done) return true;
    this.#screen.push(bytes);
    this.#credit -= bytes.length;
    this.#held = this.#credit <= 0;
    return !this.#held;
  }

  credit(bytes: number): void {
    this.#credit += bytes;
    if (!this.#held || this.#credit <= 0) return;
    this.#held = false;
    this.#tty.drained();
  }

  /** Nobody looks at the screen any more: what is written is lost, as on a terminal that is switched off. */
  cancel(): void {
    this.done = true;
    this.#screen = [];
    if (this.#held) this.#tty.drained();
  }

  // ------------------------------------------------------------ keys

  /** Resolves when the terminal has room for more. */
  put(bytes: Uint8Array): Promise<void> {
    return new Promise((resolve) => {
      this.#typing.push({ bytes, at: 0, resolve });
      if (this.#typing.length === 1) this.inputDrained();
    });
  }

  end(): void {
    void this.put(CTRL_D);
  }

  inputDrained(): void {
    for (let first = this.#typing[0]; first; first = this.#typing[0]) {
      while (first.at < first.bytes.length) {
        const piece = first.bytes.subarray(first.at, first.at + PIECE);
        first.at += piece.length;
        if (!this.#tty.input(piece)) return;
      }
      this.#typing.shift();
      first.resolve();
    }
  }

  // ------------------------------------------------------------

  pump(): void {
    if (this.#screen.length > 0) {
      const bytes = new Uint8Array(this.#screen.reduce((sum, part) => sum + part.length, 0));
      let at = 0;
      for (const part of this.#screen) {
        bytes.set(part, at);
        at += part.length;
      }
      this.#screen = [];
      this.#events.chunk(bytes);
    }
    if (!this.#wanted && someoneWaits(this.#tty.kernel, this.#tty.readQueue)) {
      this.#wanted = true;
      this.#events.wanted();
    }
  }

  flush(): void {
    this.pump();
  }
}
