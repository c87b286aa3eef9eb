/** An open terminal: the calls of a process that holds a descriptor of one, and when they wait. */
import { EAGAIN, EBUSY, EIO, ENOTTY } from "../abi/errno.ts";
import { O_ACCMODE, O_NOCTTY, O_NONBLOCK, O_WRONLY } from "../abi/fcntl.ts";
import { TIOCPKT_DATA, TIOCSPGRP } from "../abi/ioctl.ts";
import { POLLERR, POLLHUP, POLLIN, POLLOUT, POLLPRI, POLLRDNORM, POLLWRNORM } from "../abi/poll.ts";
import { SIGTTIN, SIGTTOU } from "../abi/signal.ts";
import { TOSTOP, VMIN, VTIME } from "../abi/termios.ts";
import { StreamFile } from "../fs/file.ts";
import type { Path } from "../fs/path.ts";
import { ERESTARTSYS } from "../hot/layout.ts";
import type { Task } from "../task/task.ts";
import { ttyIoctl } from "./ioctl.ts";
import { checkBackground, takeTerminalAtOpen } from "./jobctl.ts";
import type { Tty } from "./tty.ts";

/** Scratch numbers of a read or write that waits: bytes so far, and when VTIME runs out. (0 and 1 are the caller's: readv.) */
const DONE = 2;
const DEADLINE = 3;

/** Linux reads a terminal in pieces of this many bytes, and waits for VMIN bytes only within the first. */
const PIECE = 64;
/** VTIME counts tenths of a second. */
const VTIME_MS = 100;

export interface OpenOptions {
  /** It does not become the controlling terminal, whatever the flags say. */
  noctty?: boolean;
  /** It is /dev/console: it survives hangups and is not subject to job control. */
  console?: boolean;
}

export class TtyFile extends StreamFile {
  readonly tty: Tty;
  readonly console: boolean;
  /** The terminal hung up while this was open: it can only be closed. */
  hungUp = false;

  constructor(tty: Tty, path: Path, console = false) {
    super(tty.kernel, path);
    this.tty = tty;
    this.console = console;
  }

  get nonblocking(): boolean {
    return (this.flags & O_NONBLOCK) !== 0;
  }

  get readable(): boolean {
    return (this.flags & O_ACCMODE) !== O_WRONLY;
  }

  // ------------------------------------------------------------ read

  override read(t: Task | null, into: Uint8Array): number {
    // A reader that waited when a pty's master closed gets the error; later ones find the end of the file.
    if (this.hungUp) return t?.restarted && this.tty.otherClosed ? -EIO : 0;
    const done = t?.restarted ? t.scratch(DONE) : 0;
    if (t !== null && !this.console) {
      const error = checkBackground(t, this.tty, SIGTTIN);
      if (error) return done || error;
    }
    if (into.length === 0) return 0;
    const count = this.#take(t, into, done);
    this.tty.pump();
    return count;
  }

  #take(t: Task | null, into: Uint8Array, done: number): number {
    const { tty } = this;
    const { ldisc } = tty;
    if (tty.packet && tty.link!.packetStatus !== 0) {
      if (done === 0) {
        into[0] = tty.link!.packetStatus;
        tty.link!.packetStatus = 0;
        return 1;
      }
      return done;
    }
    if (ldisc.byLine) return ldisc.readable ? done + ldisc.readLine(into.subarray(done)) : this.#wait(t, done, null);
    if (ldisc.canonical) return ldisc.readable ? done + ldisc.readRaw(into.subarray(done)) : this.#wait(t, done, null);

    const { cc } = tty.termios;
    const minimum = cc[VMIN] || 1;
    const first = Math.min(PIECE, into.length);
    const wanted = Math.min(minimum, first);
    if (ldisc.readable) {
      if (tty.packet && done === 0) into[done++] = TIOCPKT_DATA;
      done += ldisc.readRaw(into.subarray(done, minimum > first ? first : into.length));
      if (done >= wanted) return done;
      // The clock between bytes starts with the first.
      if (cc[VTIME] > 0) t?.setScratch(DEADLINE, this.kernel.clock.monotonic() + cc[VTIME] * VTIME_MS);
    }
    return this.#wait(t, done, cc);
  }

  /** Nothing to be had: what to do by VMIN and VTIME (`cc`; null in canonical mode), where `done` bytes have come already. */
  #wait(t: Task | null, done: number, cc: Uint8Array | null): number {
    const { tty } = this;
    if (tty.otherClosed) return done || -EIO;
    const timed = cc !== null && cc[VMIN] === 0;
    if (t?.timedOut || (timed && cc[VTIME] === 0)) return done;
    if (t === null || this.nonblocking) return done || -EAGAIN;
    if (t.interrupted) return done || -ERESTARTSYS;
    t.setScratch(DONE, done);
    if (timed && t.scratch(DEADLINE) === 0) {
      t.setScratch(DEADLINE, this.kernel.clock.monotonic() + cc[VTIME] * VTIME_MS);
    }
    const deadline = t.scratch(DEADLINE);
    return t.block([tty.readQueue], deadline > 0 ? { deadline } : undefined);
  }

  // ------------------------------------------------------------ write

  override write(t: Task | null, from: Uint8Array): number {
    if (this.hungUp) return -EIO;
    const { tty } = this;
    let done = t?.restarted ? t.scratch(DONE) : 0;
    if (t?.interrupted && done > 0) return done;
    if (t !== null && done === 0 && tty.termios.lflag & TOSTOP && !this.console) {
      const error = checkBackground(t, tty, SIGTTOU);
      if (error) return error;
    }
    done += tty.ldisc.output.write(from.subarray(done));
    if (done === from.length) return done;
    if (t === null || this.nonblocking) return done || -EAGAIN;
    if (t.interrupted) return done || -ERESTARTSYS;
    t.setScratch(DONE, done);
    return t.block([tty.writeQueue]);
  }

  // ------------------------------------------------------------ the rest

  override poll(): number {
    if (this.hungUp) return POLLIN | POLLOUT | POLLERR | POLLHUP | POLLRDNORM | POLLWRNORM;
    const { tty } = this;
    let mask = 0;
    if (tty.ldisc.pollReadable) mask |= POLLIN | POLLRDNORM;
    if (tty.packet && tty.link!.packetStatus !== 0) mask |= POLLPRI | POLLIN | POLLRDNORM;
    if (tty.otherClosed) mask |= POLLHUP;
    if (tty.outputRoom() > 0) mask |= POLLOUT | POLLWRNORM;
    return mask;
  }

  override ioctl(t: Task, request: number, argument: number): number {
    request >>>= 0;
    if (this.hungUp) return request === TIOCSPGRP ? -ENOTTY : -EIO;
    return ttyIoctl(this, t, request, argument);
  }

  override release(): void {
    this.tty.release(this);
  }
}

/** Opens a terminal: a TtyFile with its description, or -errno. */
export function openTty(
  t: Task | null,
  tty: Tty,
  path: Path,
  flags: number,
  options: OpenOptions = {},
): TtyFile | number {
  const { kernel } = tty;
  if (tty.exclusive && t !== null && t.euid !== 0) return -EBUSY;
  let error = tty.opening();
  if (error) return error;
  const file = new TtyFile(tty, path, options.console);
  error = kernel.vfs.attach(file, flags, undefined, false);
  if (error) return error;
  file.setWaitQueues(tty.readQueue, tty.writeQueue);
  tty.opened(file);
  if (t !== null && !(flags & O_NOCTTY) && !options.noctty) takeTerminalAtOpen(t.process, tty, file.readable);
  return file;
}
