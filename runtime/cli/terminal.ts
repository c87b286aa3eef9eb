/** The host's terminal, connected to a process's terminal in the machine: raw while a guest uses it, and always restored. */
import { spawnSync } from "node:child_process";
import { isatty, type ReadStream, WriteStream } from "node:tty";
import type { Process } from "../api/process.ts";
import { hostWriter } from "../host/node/stdio.ts";

/** Which of the three standard streams are terminals. */
export interface Terminals {
  stdin: boolean;
  stdout: boolean;
  stderr: boolean;
}

export function terminals(): Terminals {
  return { stdin: isatty(0), stdout: isatty(1), stderr: isatty(2) };
}

/** What the host's terminal turns into signals before it is raw: the characters that mean the same (man 3 termios). */
const TYPED_SIGNALS = { SIGINT: "\x03", SIGQUIT: "\x1c", SIGTSTP: "\x1a" } as const;

export class HostTerminal {
  readonly #tty: Terminals;
  /** A descriptor that is the terminal and can be written to. */
  readonly #screen: number;
  #raw = false;

  constructor(tty: Terminals) {
    this.#tty = tty;
    this.#screen = tty.stdout ? 1 : tty.stderr ? 2 : 0;
  }

  size(): { rows: number; cols: number } {
    const stream = { 0: null, 1: process.stdout, 2: process.stderr }[this.#screen] ?? new WriteStream(0);
    const [cols, rows] = (stream as WriteStream).getWindowSize();
    return { rows, cols };
  }

  /**
   * Connects a process's terminal; resolves when all of its output has been shown. Where standard output is something else, the host's
   * terminal stays as it is until the guest reads from its own: `ring3 run ls | less` must not take the keys away from less.
   */
  async connect(guest: Process): Promise<void> {
    const { input, output } = guest.terminal!;
    const type = (text: string) => () => void input.write(text);
    for (const [signal, character] of Object.entries(TYPED_SIGNALS)) process.on(signal, type(character));
    process.on("SIGWINCH", () => {
      const { rows, cols } = this.size();
      guest.resize(rows, cols);
    });
    if (this.#tty.stdout) this.#enterRaw(guest);
    else void input.firstRead.then(() => this.#enterRaw(guest));
    const write = hostWriter(this.#screen);
    for await (const chunk of output) await write(chunk);
  }

  #enterRaw(guest: Process): void {
    const { input } = guest.terminal!;
    const stdin = process.stdin as ReadStream;
    stdin.setRawMode(true);
    this.#raw = true;
    // Node's raw mode still turns a line feed into carriage return and line feed (libuv, uv_tty_set_mode), which is for the guest's
    // terminal to do. Restoring brings it back. Where others write to this terminal too (`| less`), they want it.
    if (this.#tty.stdout) spawnSync("stty", ["-opost"], { stdio: ["inherit", "ignore", "ignore"] });
    stdin.on("data", (chunk) => {
      stdin.pause();
      void input.write(chunk).then(
        () => stdin.resume(),
        () => {},
      );
    });
    // The terminal itself is gone.
    stdin.on("end", () => guest.hangup());
    stdin.on("error", () => guest.hangup());
  }

  /** Gives the terminal back as it was. */
  restore(): void {
    if (!this.#raw) return;
    this.#raw = false;
    try {
      (process.stdin as ReadStream).setRawMode(false);
    } catch {
      // It is gone.
    }
    process.stdin.pause();
  }
}
