/**
 * Pseudoterminals (man 7 pty): /dev/ptmx makes a pair. What is written to the master is the slave's input, what is written to the slave can
 * be read from the master. Both are terminals; the master's settings let every byte pass as it is.
 */
import { EINVAL, EIO } from "../abi/errno.ts";
import { O_CLOEXEC } from "../abi/fcntl.ts";
import {
  TIOCGPKT,
  TIOCGPTLCK,
  TIOCGPTN,
  TIOCGPTPEER,
  TIOCPKT,
  TIOCPKT_DOSTOP,
  TIOCPKT_IOCTL,
  TIOCPKT_NOSTOP,
  TIOCSIG,
  TIOCSPTLCK,
} from "../abi/ioctl.ts";
import { SIGINT, SIGQUIT, SIGTSTP } from "../abi/signal.ts";
import { EXTPROC, IXON, VSTART, VSTOP } from "../abi/termios.ts";
import { makedev } from "../fs/mount.ts";
import type { Path } from "../fs/path.ts";
import type { Kernel } from "../kernel.ts";
import type { Task } from "../task/task.ts";
import type { DevPts } from "./devpts.ts";
import { rawTermios, type Termios } from "./termios.ts";
import { Tty } from "./tty.ts";
import { openTty } from "./tty-file.ts";

export const PTMX_MAJOR = 5;
export const PTMX_MINOR = 2;
export const PTS_MAJOR = 136;
/** /proc/sys/kernel/pty/max */
export const PTY_MAX = 4096;

/** One side; its output is the other's input. */
abstract class PtySide extends Tty {
  declare link: PtySide;

  override output(bytes: Uint8Array): void {
    this.link.receive(bytes);
  }
  override outputRoom(): number {
    return this.flow.stopped ? 0 : this.link.inputRoom;
  }
  protected override inboxDrained(): void {
    this.link.ldisc.output.processEchoes();
    this.link.wakeWriters();
  }
  override flushOutput(): void {
    this.link.dropInbox();
    this.outputFlushed();
  }
}

export class PtySlave extends PtySide {
  readonly pair: Pty;
  /** The master is open. */
  masterOpen = true;

  constructor(kernel: Kernel, pair: Pty) {
    super(kernel, `pts/${pair.index}`, makedev(PTS_MAJOR, pair.index));
    this.pair = pair;
  }

  override opening(): number {
    if (!this.masterOpen || this.pair.locked) return -EIO;
    this.link.otherClosed = false;
    return 0;
  }

  protected override closed(): void {
    if (this.files.size > 0) return;
    if (this.masterOpen) {
      this.link.otherClosed = true;
      this.link.wakeAll();
    } else this.pair.free();
  }

  /** With the session leader gone the foreground group hears of it; the pty itself stays. */
  override get hangsUpWithLeader(): boolean {
    return false;
  }

  /** Tells a master in packet mode whether ^S and ^Q are to be done at its end. */
  protected override settingsChanged(old: Termios): void {
    const flowKeys = ({ iflag, cc }: Termios) => (iflag & IXON) !== 0 && cc[VSTOP] === 19 && cc[VSTART] === 17;
    const now = flowKeys(this.termios);
    if (flowKeys(old) !== now) {
      this.notePacket(now ? TIOCPKT_DOSTOP : TIOCPKT_NOSTOP, TIOCPKT_DOSTOP | TIOCPKT_NOSTOP);
    }
    if ((old.lflag | this.termios.lflag) & EXTPROC) this.notePacket(TIOCPKT_IOCTL);
  }
}

export class PtyMaster extends PtySide {
  readonly pair: Pty;

  constructor(kernel: Kernel, pair: Pty) {
    super(kernel, "ptmx", makedev(PTMX_MAJOR, PTMX_MINOR));
    this.pair = pair;
  }

  protected override initialTermios(): Termios {
    return rawTermios();
  }

  override get settingsSide(): Tty {
    return this.link;
  }

  /** Only /dev/ptmx opens a master, once. */
  override opening(): number {
    return this.files.size > 0 ? -EIO : 0;
  }

  /** The master is closed: its slave hangs up and loses its name. */
  protected override closed(): void {
    this.packet = false;
    this.otherClosed = true;
    this.pair.masterClosed();
  }

  override ownIoctl(t: Task, request: number, argument: number): number | null {
    return MASTER_IOCTLS.get(request)?.(this, t, argument) ?? null;
  }
}

export class Pty {
  readonly kernel: Kernel;
  readonly index: number;
  readonly master: PtyMaster;
  readonly slave: PtySlave;
  /** TIOCSPTLCK: the slave cannot be opened yet. */
  locked = true;
  readonly #devpts: DevPts;

  constructor(kernel: Kernel, devpts: DevPts, index: number, uid: number) {
    this.kernel = kernel;
    this.#devpts = devpts;
    this.index = index;
    this.master = new PtyMaster(kernel, this);
    this.slave = new PtySlave(kernel, this);
    this.master.link = this.slave;
    this.slave.link = this.master;
    devpts.add(this, uid);
  }

  /** The slave's place in the tree. */
  get path(): Path {
    return this.#devpts.pathOf(this);
  }

  masterClosed(): void {
    const { slave } = this;
    this.#devpts.remove(this);
    slave.masterOpen = false;
    slave.otherClosed = true;
    slave.hangup();
    if (slave.files.size === 0) this.free();
  }

  free(): void {
    this.master.free();
    this.slave.free();
    this.#devpts.free(this);
  }
}

// ---------------------------------------------------------------- the master's ioctls

type MasterIoctl = (master: PtyMaster, t: Task, argument: number) => number;

function setPacket(master: PtyMaster, t: Task, argument: number): number {
  const on = t.mm.i32(argument) !== 0;
  if (on && !master.packet) master.link.packetStatus = 0;
  master.packet = on;
  return 0;
}

function signalSlave(master: PtyMaster, _t: Task, signo: number): number {
  if (signo !== SIGINT && signo !== SIGQUIT && signo !== SIGTSTP) return -EINVAL;
  master.link.signalForeground(signo);
  return 0;
}

/** Opens the slave without going by its name, which may be out of reach. `flags` are open's. */
function openPeer(master: PtyMaster, t: Task, flags: number): number {
  const { pair, kernel } = master;
  const file = openTty(t, pair.slave, pair.path, flags & ~O_CLOEXEC);
  return typeof file === "number" ? file : kernel.vfs.installFd(t, file.ptr, (flags & O_CLOEXEC) !== 0);
}

function putInt(t: Task, argument: number, value: number): number {
  t.mm.setU32(argument, value);
  return 0;
}

const MASTER_IOCTLS = new Map<number, MasterIoctl>([
  [TIOCGPTN, (master, t, argument) => putInt(t, argument, master.pair.index)],
  [
    TIOCSPTLCK,
    ({ pair }, t, argument) => {
      pair.locked = t.mm.i32(argument) !== 0;
      return 0;
    },
  ],
  [TIOCGPTLCK, (master, t, argument) => putInt(t, argument, master.pair.locked ? 1 : 0)],
  [TIOCPKT, setPacket],
  [TIOCGPKT, (master, t, argument) => putInt(t, argument, master.packet ? 1 : 0)],
  [TIOCSIG, signalSlave],
  [TIOCGPTPEER, openPeer],
]);
