/** The scripts that pty-oracle.c plays on a real pty, played on ours: the same operations, the same answers. */
import { O_NONBLOCK, O_RDWR } from "../../kernel/abi/fcntl.ts";
import {
  FIONREAD,
  TCFLSH,
  TCGETS,
  TCSETS,
  TCXONC,
  TIOCGPKT,
  TIOCPKT,
  TIOCPKT_DATA,
  TIOCSIG,
  TIOCSPTLCK,
  TIOCSTI,
  TIOCSWINSZ,
} from "../../kernel/abi/ioctl.ts";
import { SysError } from "../../kernel/errors.ts";
import type { Pty } from "../../kernel/tty/pty.ts";
import type { TtyFile } from "../../kernel/tty/tty-file.ts";
import { FakeKernel, FakeTask } from "./fake.ts";

const EAGAIN = 11;

export class Player {
  readonly kernel = new FakeKernel();
  readonly process = this.kernel.newProcess(10);
  readonly task = new FakeTask(this.kernel, this.process);
  readonly pty: Pty = this.kernel.newPty();
  readonly master: TtyFile = this.kernel.open(this.pty.master, O_RDWR | O_NONBLOCK);
  slave: TtyFile | null;
  #masterOpen = true;

  constructor() {
    this.#ioctl(this.master, TIOCSPTLCK, 0);
    this.slave = this.#openSlave();
  }

  /** It becomes the process's terminal, if that has none. */
  #openSlave(): TtyFile {
    return this.kernel.open(this.pty.slave, O_RDWR | O_NONBLOCK, this.task.real);
  }

  /** One line of a script; gives the answer without the line's end. */
  play(line: string): string {
    let result: string;
    try {
      result = this.#operate(line[0], line.slice(2).trim());
    } catch (error) {
      if (!(error instanceof SysError)) throw error;
      result = ` error ${error.errno}`;
    }
    return line[0] + result + this.#signals();
  }

  #signals(): string {
    const seen = new Set(this.kernel.sent.map(({ signo }) => signo));
    this.kernel.sent.length = 0;
    // A hangup leaves the group without a terminal, and the leader with two signals.
    return [...seen]
      .sort((a, b) => a - b)
      .map((signo) => ` sig${signo}`)
      .join("");
  }

  #ioctl(file: TtyFile, request: number, argument: number, before = 0): number {
    this.task.view.setInt32(0, before, true);
    return this.task.call((t) => file.ioctl(t, request, argument));
  }

  #answer(result: number, bytes?: Uint8Array): string {
    if (result < 0) return ` error ${-result}`;
    return ` ${result}${bytes ? ` ${hex(bytes.subarray(0, result))}` : ""}`;
  }

  #read(file: TtyFile, count: number): string {
    const into = new Uint8Array(count);
    return this.#answer(
      this.task.call((t) => file.read(t, into)),
      into,
    );
  }

  /** In packet mode, packets of data that follow each other count as one, as for the oracle. */
  #readAll(file: TtyFile): string {
    const all: Uint8Array[] = [];
    this.#ioctl(file, TIOCGPKT, 0);
    const packets = this.task.view.getInt32(0, true) !== 0;
    let inData = false;
    for (;;) {
      const into = new Uint8Array(4096);
      const got = this.task.call((t) => file.read(t, into));
      if (got > 0) {
        const data = packets && into[0] === TIOCPKT_DATA;
        all.push(into.subarray(data && inData ? 1 : 0, got));
        inData = data;
      } else {
        const bytes = Buffer.concat(all);
        return ` ${bytes.length} ${hex(bytes)}${got < 0 && got !== -EAGAIN ? ` then ${-got}` : ""}`;
      }
    }
  }

  #poll(file: TtyFile | null): string {
    return ` ${(file === null ? 0 : file.poll()).toString(16)}`;
  }

  #operate(op: string, rest: string): string {
    const slave = this.slave!;
    switch (op) {
      case "S": {
        const [iflag, oflag, lflag, how, ...cc] = rest.split(" ").map((word) => Number.parseInt(word, 16));
        this.#ioctl(slave, TCGETS, 0);
        const { view, memory } = this.task;
        view.setUint32(0, iflag, true);
        view.setUint32(4, oflag, true);
        view.setUint32(12, lflag, true);
        memory.set(cc, 17);
        return this.#answer(this.task.call((t) => slave.ioctl(t, TCSETS + how, 0)));
      }
      case "M":
      case "W": {
        const file = op === "M" ? this.master : slave;
        return this.#answer(this.task.call((t) => file.write(t, unhex(rest))));
      }
      case "R":
        return this.#read(slave, Number(rest));
      case "r":
        return this.#read(this.master, Number(rest));
      case "E":
        return this.#readAll(this.master);
      case "P":
        return this.#poll(this.#masterOpen ? this.master : null) + this.#poll(this.slave);
      case "Q": {
        const result = this.#answer(this.#ioctl(slave, FIONREAD, 0));
        const first = this.task.view.getInt32(0, true);
        this.#ioctl(this.master, FIONREAD, 0);
        return `${result} ${first} ${this.task.view.getInt32(0, true)}`;
      }
      case "F":
      case "f":
        return this.#answer(this.#ioctl(op === "F" ? slave : this.master, TCFLSH, Number(rest)));
      case "X":
        return this.#answer(this.#ioctl(slave, TCXONC, Number(rest)));
      case "K":
        return this.#answer(this.#ioctl(this.master, TIOCPKT, 0, Number(rest)));
      case "G":
        return this.#answer(this.#ioctl(this.master, TIOCSIG, Number(rest)));
      case "T":
        return Array.from(rest, (c) => this.#answer(this.#ioctl(slave, TIOCSTI, 0, c.charCodeAt(0)))).join("");
      case "Z": {
        const [rows, cols] = rest.split(" ").map(Number);
        this.task.view.setInt32(4, 0);
        return this.#answer(this.#ioctl(slave, TIOCSWINSZ, 0, rows | (cols << 16)));
      }
      case "C":
        slave.release();
        this.slave = null;
        return this.#answer(0);
      case "O":
        this.slave = this.#openSlave();
        return this.#answer(0);
      case "H":
        this.master.release();
        this.#masterOpen = false;
        return this.#answer(0);
      case "I": {
        const [which, request, before] = rest.split(" ");
        const file = which === "1" ? slave : this.master;
        return this.#answer(this.#ioctl(file, Number.parseInt(request, 16), 0, Number(before ?? 0)));
      }
      default:
        throw new Error(`no operation ${op}`);
    }
  }
}

export function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("hex");
}

export function unhex(text: string): Uint8Array {
  return new Uint8Array(Buffer.from(text, "hex"));
}

/** Plays a script on ours. */
export function play(script: readonly string[]): string[] {
  const player = new Player();
  return script.map((line) => player.play(line));
}
