/**
 * A terminal (man 4 tty): settings, size, foreground group, and the way of bytes between a line discipline and whatever is at the other
 * end. What that is, the kinds say: pty.ts and console.ts. Processes reach it by a TtyFile.
 */
import { TIOCPKT_FLUSHREAD, TIOCPKT_FLUSHWRITE, TIOCPKT_START, TIOCPKT_STOP } from "../abi/ioctl.ts";
import { SIGCONT, SIGHUP, SIGWINCH } from "../abi/signal.ts";
import { CREAD, CS8, CSIZE, PARENB } from "../abi/termios.ts";
import type { Kernel } from "../kernel.ts";
import type { Session } from "../task/process.ts";
import type { Task } from "../task/task.ts";
import { clearSession, leaderOf } from "./jobctl.ts";
import { LineDiscipline } from "./ldisc.ts";
import { ByteQueue } from "./queue.ts";
import { cookedTermios, type Termios } from "./termios.ts";
import type { TtyFile } from "./tty-file.ts";

export interface WindowSize {
  rows: number;
  cols: number;
  xpixel: number;
  ypixel: number;
}

/** Bytes that wait for room in the read buffer before the sender has to; Linux's limit for ptys. */
const INBOX_LIMIT = 8192;

export abstract class Tty {
  readonly kernel: Kernel;
  /** Its name below /dev. */
  readonly name: string;
  /** Device number, as makedev gives it. */
  readonly dev: number;
  termios: Termios;
  readonly ldisc: LineDiscipline;
  winsize: WindowSize = { rows: 0, cols: 0, xpixel: 0, ypixel: 0 };
  /** The session whose controlling terminal it is. */
  session: Session | null = null;
  /** Foreground process group; 0 none. */
  pgrp = 0;
  /** The other end, for a pty. */
  link: Tty | null = null;
  /** The other end is closed, or the side itself for the last time: reads fail. */
  otherClosed = false;
  /** Output is stopped, by ^S or by tcflow(3): the latter only ends by tcflow. */
  readonly flow = { stopped: false, tcoStopped: false };
  /** TIOCEXCL: only root may open it again. */
  exclusive = false;
  /** TIOCPKT: reads of this side (a master) tell what happens to the other. */
  packet = false;
  /** TIOCPKT_* bits about this side (a slave) that the other has not read yet. */
  packetStatus = 0;
  /** Open file descriptions, those that hung up included. */
  readonly files = new Set<TtyFile>();
  /** Wait queues in kernel memory: readers, writers; pollers are on both. */
  readonly readQueue: number;
  readonly writeQueue: number;
  /** Input that the discipline has no room for yet. */
  protected readonly inbox = new ByteQueue();
  /** A batch of input is being worked through: what it echoes stays where a signal character in it can still flush it. */
  #receiving = false;
  /** Hung up and not opened since: input waits. */
  #halted = false;

  constructor(kernel: Kernel, name: string, dev: number) {
    this.kernel = kernel;
    this.name = name;
    this.dev = dev;
    this.readQueue = kernel.newWaitQueue();
    this.writeQueue = kernel.newWaitQueue();
    this.termios = this.initialTermios();
    this.ldisc = new LineDiscipline(this);
    this.ldisc.settingsChanged(null);
  }

  // ------------------------------------------------------------ what the kinds say

  /** Sends bytes to the other end: no more than outputRoom() said. The array is only valid during the call. */
  abstract output(bytes: Uint8Array): void;
  /** How many bytes output() would take. */
  abstract outputRoom(): number;

  protected initialTermios(): Termios {
    return cookedTermios();
  }
  /** The side whose settings, size and groups an ioctl means: a master stands for its slave. */
  get settingsSide(): Tty {
    return this;
  }
  /** A file is being opened: 0, or -errno. */
  opening(): number {
    return 0;
  }
  /** A file is gone. */
  protected closed(): void {}
  /** Input was taken out of a full inbox: the sender can go on. */
  protected inboxDrained(): void {}
  /** Drops output that the other end has not received (TCOFLUSH). */
  flushOutput(): void {}
  /** ioctls of this kind alone; null for one that it has not. */
  ownIoctl(_t: Task, _request: number, _argument: number): number | null {
    return null;
  }
  /** Whether the end of the session leader hangs it up (a line), rather than leaving it to others of the session (a pty). */
  get hangsUpWithLeader(): boolean {
    return true;
  }

  // ------------------------------------------------------------ input

  /** Takes bytes from the other end. None get lost: it is for the sender to mind inputRoom. */
  receive(bytes: Uint8Array): void {
    const waits = this.#halted || this.inbox.length > 0 || this.link?.receiving === true;
    const done = waits ? 0 : this.#pass(bytes, false);
    if (done < bytes.length) {
      const rest = bytes.subarray(done);
      this.ldisc.lookAhead(rest);
      this.inbox.push(rest);
    }
    if (done > 0) this.link?.pump();
  }

  /** Gives bytes to the discipline: how many it took. */
  #pass(bytes: Uint8Array, lookedAhead: boolean): number {
    this.#receiving = true;
    const taken = this.ldisc.receive(bytes, lookedAhead);
    this.#receiving = false;
    return taken;
  }

  get receiving(): boolean {
    return this.#receiving;
  }

  /** Bytes that the other end may send now. */
  get inputRoom(): number {
    return Math.max(0, INBOX_LIMIT - this.inbox.length);
  }

  /** The discipline may have room again, or the other end has done its batch: passes on what waited. */
  pump(): void {
    const before = this.inbox.length;
    if (before === 0 || this.#halted || this.#receiving) return;
    while (this.inbox.length > 0) {
      const taken = this.#pass(this.inbox.first(), true);
      if (taken === 0) break;
      this.inbox.drop(taken);
    }
    if (this.inbox.length === before) return;
    this.inboxDrained();
    this.link?.pump();
  }

  /** Drops what came in and nobody has read. */
  flushInput(): void {
    this.dropInbox();
    this.ldisc.flush();
  }

  /** Drops what came in, as far as it does not stand in the read buffer yet. */
  dropInbox(): void {
    if (this.inbox.length === 0) return;
    this.inbox.clear();
    this.inboxDrained();
  }

  // ------------------------------------------------------------ waiting

  wakeReaders(): void {
    this.kernel.wake(this.readQueue);
  }

  wakeWriters(): void {
    this.kernel.wake(this.writeQueue);
  }

  wakeAll(): void {
    this.wakeReaders();
    this.wakeWriters();
  }

  // ------------------------------------------------------------ output flow

  stop(): void {
    if (this.flow.stopped) return;
    this.flow.stopped = true;
    this.notePacket(TIOCPKT_STOP, TIOCPKT_START);
  }

  start(): void {
    if (!this.flow.stopped || this.flow.tcoStopped) return;
    this.flow.stopped = false;
    this.notePacket(TIOCPKT_START, TIOCPKT_STOP);
    this.wakeWriters();
  }

  /** Tells a master in packet mode what happened to this side. */
  notePacket(set: number, clear = 0): void {
    if (!this.link?.packet) return;
    this.packetStatus = (this.packetStatus & ~clear) | set;
    this.link.wakeReaders();
  }

  packetFlushed(): void {
    this.notePacket(TIOCPKT_FLUSHREAD);
  }

  protected outputFlushed(): void {
    this.notePacket(TIOCPKT_FLUSHWRITE);
  }

  // ------------------------------------------------------------ settings

  /** tcsetattr(3), checked already. */
  setTermios(termios: Termios): void {
    const old = this.termios;
    // Neither a pty nor a console has parity or other sizes than 8 bits.
    termios.cflag = (termios.cflag & ~(CSIZE | PARENB)) | CS8 | CREAD;
    this.termios = termios;
    this.settingsChanged(old);
    this.ldisc.settingsChanged(old);
  }

  protected settingsChanged(_old: Termios): void {}

  /** Sets the window's size; a change is told to the foreground group. */
  resize(size: WindowSize): void {
    const { rows, cols, xpixel, ypixel } = this.winsize;
    if (rows === size.rows && cols === size.cols && xpixel === size.xpixel && ypixel === size.ypixel) return;
    this.winsize = { ...size };
    this.signalForeground(SIGWINCH);
  }

  // ------------------------------------------------------------ sessions

  signalForeground(signo: number): void {
    if (this.pgrp !== 0) this.kernel.signals.toProcessGroup(this.pgrp, signo);
  }

  /**
   * The line is gone (man 2 vhangup): every open file reads as at its end from now on, the session leader gets SIGHUP and SIGCONT, and the
   * session has no terminal any more. `leaderExits`: it happens because the leader ends, and the foreground group is told.
   */
  hangup(leaderExits = false): void {
    this.#halted = true;
    for (const file of this.files) {
      if (file.console) this.#halted = false;
      else file.hungUp = true;
    }
    const { session, pgrp } = this;
    if (session !== null) {
      clearSession(session, pgrp);
      const leader = leaderOf(this.kernel, session);
      if (leader !== null) {
        this.kernel.signals.toProcess(leader, SIGHUP);
        this.kernel.signals.toProcess(leader, SIGCONT);
      }
      if (leaderExits) this.signalForeground(SIGHUP);
    }
    this.session = null;
    this.pgrp = 0;
    this.flow.stopped = this.flow.tcoStopped = false;
    this.termios = this.initialTermios();
    this.inbox.clear();
    this.ldisc.reset();
    this.flushOutput();
    this.packetStatus = 0;
    this.wakeAll();
  }

  // ------------------------------------------------------------ life

  opened(file: TtyFile): void {
    this.files.add(file);
    this.#halted = false;
    this.pump();
  }

  release(file: TtyFile): void {
    this.files.delete(file);
    this.closed();
  }

  /** Nobody can reach it any more. */
  free(): void {
    if (this.session !== null) clearSession(this.session, 0);
    this.session = null;
    this.wakeAll();
    for (const queue of [this.readQueue, this.writeQueue]) this.#freeQueue(queue);
  }

  /**
   * A queue with a sleeper on it (a thread whose descriptor another one closed) is left to the sleeper, which takes itself off when it
   * runs: that loses 16 bytes of kernel memory, freeing them would corrupt it.
   */
  #freeQueue(queue: number): void {
    const isEmpty = this.kernel.kmem.u32[queue >> 2] === queue;
    if (isEmpty) this.kernel.freeWaitQueue(queue);
  }
}
