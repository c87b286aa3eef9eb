/** A machine's terminals: its consoles and ptys, and the devices by which they are opened. */
import { ENOSPC, ENXIO } from "../abi/errno.ts";
import type { File } from "../fs/file.ts";
import type { Inode } from "../fs/inode.ts";
import { minorOf } from "../fs/mount.ts";
import type { Path } from "../fs/path.ts";
import type { Vfs } from "../fs/vfs.ts";
import { PROC_FSUID } from "../hot/layout.ts";
import type { Kernel } from "../kernel.ts";
import type { Process } from "../task/process.ts";
import type { Task } from "../task/task.ts";
import { CONSOLE_MAJOR, type ConsoleHost, ConsoleTty } from "./console.ts";
import { DevPts } from "./devpts.ts";
import { leaderExits, takeTerminal, terminalOf } from "./jobctl.ts";
import { PTMX_MAJOR, PTMX_MINOR, PTS_MAJOR, PTY_MAX, Pty } from "./pty.ts";
import type { Tty } from "./tty.ts";
import { openTty } from "./tty-file.ts";

/** Minors of major 5: /dev/tty and /dev/console, beside /dev/ptmx (Linux's devices.txt). */
const TTYAUX_MAJOR = 5;
const TTY_MINOR = 0;
const CONSOLE_MINOR = 1;

export class TtyRegistry {
  readonly kernel: Kernel;
  /** By number; a number that is free is undefined. */
  readonly consoles: (ConsoleTty | undefined)[] = [];
  /** The file system for /dev/pts. */
  devpts!: DevPts;

  constructor(kernel: Kernel) {
    this.kernel = kernel;
  }

  /** Registers the devices with the file system; to be called once, when that exists. */
  register(vfs: Vfs): void {
    this.devpts = new DevPts(vfs);
    vfs.registerCharDevice(TTYAUX_MAJOR, TTY_MINOR, (t, _inode, path, flags) => this.#openCurrent(t, path, flags));
    vfs.registerCharDevice(TTYAUX_MAJOR, CONSOLE_MINOR, (t, _inode, path, flags) =>
      this.#openSystemConsole(t, path, flags),
    );
    vfs.registerCharDevice(PTMX_MAJOR, PTMX_MINOR, (t, _inode, path, flags) => this.#openPtmx(t, path, flags));
    vfs.registerCharDevice(PTS_MAJOR, -1, (t, inode, path, flags) => this.#openSlave(t, inode, path, flags));
    vfs.registerCharDevice(CONSOLE_MAJOR, -1, (t, inode, path, flags) => this.#openConsole(t, inode, path, flags));
  }

  // ------------------------------------------------------------ consoles

  /** Adds a console. Its node in /dev is the caller's to make: `name` and `dev` say which. */
  addConsole(host: ConsoleHost, rows: number, cols: number): ConsoleTty {
    const free = this.consoles.indexOf(undefined);
    const index = free < 0 ? this.consoles.length : free;
    const console = new ConsoleTty(this.kernel, index, host, rows, cols);
    this.consoles[index] = console;
    return console;
  }

  /** The host takes a console away: it hangs up for good, and its number is free again. Its node in /dev is the caller's to remove. */
  removeConsole(console: ConsoleTty): void {
    if (this.consoles[console.index] !== console) return;
    this.consoles[console.index] = undefined;
    console.disconnect();
  }

  /** Makes the terminal the controlling one of a session leader. */
  setControlling(process: Process, tty: Tty): void {
    takeTerminal(process, tty);
  }

  /** A process that leads a session ends: call it before its children are told. */
  sessionLeaderExit(process: Process): void {
    leaderExits(process);
  }

  // ------------------------------------------------------------ devices

  #openCurrent(t: Task | null, path: Path, flags: number): File | number {
    const tty = t === null ? null : terminalOf(t.process);
    return tty === null ? -ENXIO : openTty(t, tty, path, flags);
  }

  #openSystemConsole(t: Task | null, path: Path, flags: number): File | number {
    const tty = this.consoles.find((console) => console !== undefined);
    return tty === undefined ? -ENXIO : openTty(t, tty, path, flags, { noctty: true, console: true });
  }

  #openConsole(t: Task | null, inode: Inode, path: Path, flags: number): File | number {
    const tty = this.consoles[minorOf(inode.rdev)];
    return tty === undefined ? -ENXIO : openTty(t, tty, path, flags);
  }

  #openSlave(t: Task | null, inode: Inode, path: Path, flags: number): File | number {
    const pty = this.devpts.pty(minorOf(inode.rdev));
    return pty === undefined ? -ENXIO : openTty(t, pty.slave, path, flags);
  }

  #openPtmx(t: Task | null, path: Path, flags: number): File | number {
    if (this.devpts.count >= PTY_MAX) return -ENOSPC;
    const uid = t === null ? 0 : this.kernel.kmem.u32[(t.process.ptr + PROC_FSUID) >> 2];
    const pty = new Pty(this.kernel, this.devpts, this.devpts.freeIndex, uid);
    const file = openTty(t, pty.master, path, flags, { noctty: true });
    if (typeof file === "number") pty.masterClosed();
    return file;
  }
}
