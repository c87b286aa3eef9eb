/** A console: a terminal whose other end is the host. */
import { EIO } from "../abi/errno.ts";
import { IUTF8 } from "../abi/termios.ts";
import { makedev } from "../fs/mount.ts";
import type { Kernel } from "../kernel.ts";
import { cookedTermios, type Termios } from "./termios.ts";
import { Tty } from "./tty.ts";

/** Consoles are /dev/hvc0 and on, as those of a hypervisor's guest; the first is /dev/console too. */
export const CONSOLE_MAJOR = 229;

/** The host's end. */
export interface ConsoleHost {
  /**
   * Takes output; the bytes are the host's to keep. False: they are taken, but no more is wanted until the host calls drained();
   * writers wait meanwhile.
   */
  write(bytes: Uint8Array): boolean;
  /** The guest has caught up: input() may be called again after it gave false. */
  inputDrained?(): void;
}

/** Output that the host is given at once. */
const ROOM = 65536;

export class ConsoleTty extends Tty {
  readonly index: number;
  readonly #host: ConsoleHost;
  #full = false;
  #inputFull = false;
  #connected = true;

  constructor(kernel: Kernel, index: number, host: ConsoleHost, rows: number, cols: number) {
    super(kernel, `hvc${index}`, makedev(CONSOLE_MAJOR, index));
    this.index = index;
    this.#host = host;
    this.winsize = { rows, cols, xpixel: 0, ypixel: 0 };
  }

  /** As on a Linux console in UTF-8: erasing takes whole characters. */
  protected override initialTermios(): Termios {
    const termios = cookedTermios();
    termios.iflag |= IUTF8;
    return termios;
  }

  // ------------------------------------------------------------ to the host

  override output(bytes: Uint8Array): void {
    if (!this.#connected) return;
    // A copy of its own, in memory that is not shared with the guest.
    if (!this.#host.write(new Uint8Array(bytes))) this.#full = true;
  }

  override outputRoom(): number {
    return this.flow.stopped || this.#full ? 0 : ROOM;
  }

  /** The host takes output again. */
  drained(): void {
    this.#full = false;
    this.ldisc.output.processEchoes();
    this.wakeWriters();
  }

  // ------------------------------------------------------------ from the host

  /**
   * What was typed. All of it is taken; false asks the host to wait for ConsoleHost.inputDrained before it sends more.
   */
  input(bytes: Uint8Array): boolean {
    this.receive(bytes);
    this.#inputFull = this.inputRoom === 0;
    return !this.#inputFull;
  }

  protected override inboxDrained(): void {
    if (!this.#inputFull || this.inputRoom === 0) return;
    this.#inputFull = false;
    this.#host.inputDrained?.();
  }

  /** The host's window has a new size, in characters. */
  resizeWindow(rows: number, cols: number): void {
    this.resize({ rows, cols, xpixel: 0, ypixel: 0 });
  }

  // ------------------------------------------------------------ life

  override opening(): number {
    return this.#connected ? 0 : -EIO;
  }

  /** The host's end is gone for good: TtyRegistry.removeConsole calls it. */
  disconnect(): void {
    this.#connected = false;
    this.#full = false;
    this.hangup();
    this.closed();
  }

  protected override closed(): void {
    if (!this.#connected && this.files.size === 0) this.free();
  }
}
