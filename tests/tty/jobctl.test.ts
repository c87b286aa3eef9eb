/** Controlling terminals and the background (man 4 tty_ioctl; POSIX, general terminal interface). */
import { beforeEach, describe, expect, test } from "vitest";
import { EBUSY, EIO, ENOTTY, EPERM, ESRCH } from "../../kernel/abi/errno.ts";
import { O_NOCTTY, O_RDWR, O_WRONLY } from "../../kernel/abi/fcntl.ts";
import {
  TCSETS,
  TIOCEXCL,
  TIOCGPGRP,
  TIOCGSID,
  TIOCNOTTY,
  TIOCSCTTY,
  TIOCSPGRP,
  TIOCSWINSZ,
} from "../../kernel/abi/ioctl.ts";
import { SIG_IGN, SIGCONT, SIGHUP, SIGTTIN, SIGTTOU, SIGWINCH } from "../../kernel/abi/signal.ts";
import { TOSTOP } from "../../kernel/abi/termios.ts";
import { SysError } from "../../kernel/errors.ts";
import { ACTION_SIZE, ERESTARTSYS, RESULT_BLOCK, SIGHAND_ACTIONS, TASK_BLOCKED } from "../../kernel/hot/layout.ts";
import type { Process } from "../../kernel/task/process.ts";
import { leaderExits, terminalOf } from "../../kernel/tty/jobctl.ts";
import type { Pty } from "../../kernel/tty/pty.ts";
import { copyTermios } from "../../kernel/tty/termios.ts";
import type { TtyFile } from "../../kernel/tty/tty-file.ts";
import { FakeKernel, FakeTask } from "./fake.ts";

let kernel: FakeKernel;
let pty: Pty;
let master: TtyFile;
let slave: TtyFile;
/** A shell that leads a session on the pty, with a job in the foreground, one in the background, and one whose parent is gone. */
let shell: FakeTask;
let front: FakeTask;
let back: FakeTask;
let orphan: FakeTask;

function child(pid: number, parent: Process | null): FakeTask {
  return new FakeTask(kernel, kernel.newProcess(pid, pid, shell.process.session, parent));
}

beforeEach(() => {
  kernel = new FakeKernel();
  pty = kernel.newPty();
  pty.locked = false;
  shell = new FakeTask(kernel, kernel.newProcess(10));
  front = child(11, shell.process);
  back = child(12, shell.process);
  orphan = child(13, null);
  master = kernel.open(pty.master);
  slave = kernel.open(pty.slave, O_RDWR, shell.real);
  expect(setForeground(shell, 11)).toBe(0);
  kernel.sent.length = 0;
});

const ioctl = (task: FakeTask, request: number, argument = 0, file = slave) =>
  task.call((t) => file.ioctl(t, request, argument));
const read = (task: FakeTask) => task.call((t) => slave.read(t, new Uint8Array(10)));
const write = (task: FakeTask) => task.call((t) => slave.write(t, new Uint8Array(2)));

function setForeground(task: FakeTask, pgrp: number, file = slave): number {
  task.view.setInt32(0, pgrp, true);
  return ioctl(task, TIOCSPGRP, 0, file);
}

function ignore(task: FakeTask, signo: number): void {
  kernel.kmem.u32[(task.sighand + SIGHAND_ACTIONS + (signo - 1) * ACTION_SIZE) >> 2] = SIG_IGN;
}
function block(task: FakeTask, signo: number): void {
  kernel.kmem.u32[(task.ptr + TASK_BLOCKED) >> 2] = 1 << (signo - 1);
}
function setToStop(): void {
  const termios = copyTermios(pty.slave.termios);
  termios.lflag |= TOSTOP;
  pty.slave.setTermios(termios);
}
const errorOf = (body: () => unknown) => {
  try {
    body();
  } catch (error) {
    if (error instanceof SysError) return error.errno;
    throw error;
  }
  return 0;
};

describe("reading from the background", () => {
  test("stops the group, and the call begins again", () => {
    expect(read(back)).toBe(-ERESTARTSYS);
    expect(kernel.sent).toEqual([{ pid: 12, signo: SIGTTIN }]);
  });
  test("the foreground may", () => expect(read(front)).toBe(RESULT_BLOCK));
  test("an orphaned group gets an error", () => {
    expect(read(orphan)).toBe(-EIO);
    expect(kernel.sent).toEqual([]);
  });
  test("so does one that ignores or blocks the signal", () => {
    ignore(back, SIGTTIN);
    expect(read(back)).toBe(-EIO);
    ignore(front, SIGTTIN);
    block(shell, SIGTTIN);
    expect(read(shell)).toBe(-EIO);
    expect(read(front)).toBe(RESULT_BLOCK);
  });
  test("a reader that waits is asked again when it wakes", () => {
    expect(read(front)).toBe(RESULT_BLOCK);
    ignore(shell, SIGTTOU);
    expect(setForeground(shell, 12)).toBe(0);
    expect(front.again((t) => slave.read(t, new Uint8Array(10)))).toBe(-ERESTARTSYS);
  });
  test("other terminals are free to all", () => {
    const other = kernel.newPty(1);
    other.locked = false;
    kernel.open(other.master);
    const file = kernel.open(other.slave, O_RDWR | O_NOCTTY, back.real);
    expect(back.call((t) => file.read(t, new Uint8Array(10)))).toBe(RESULT_BLOCK);
  });
  test("the console is free to all", () => {
    const console = kernel.open(pty.slave, O_RDWR, back.real, true);
    expect(back.call((t) => console.read(t, new Uint8Array(10)))).toBe(RESULT_BLOCK);
  });
});

describe("writing from the background", () => {
  test("is free", () => expect(write(back)).toBe(2));
  test("but under TOSTOP", () => {
    setToStop();
    expect(write(back)).toBe(-ERESTARTSYS);
    expect(kernel.sent).toEqual([{ pid: 12, signo: SIGTTOU }]);
    expect(write(orphan)).toBe(-EIO);
    ignore(back, SIGTTOU);
    expect(write(back)).toBe(2);
    expect(write(front)).toBe(2);
  });
  test("settings are not", () => {
    expect(ioctl(back, TCSETS)).toBe(-ERESTARTSYS);
    expect(setForeground(back, 12)).toBe(-ERESTARTSYS);
    expect(kernel.sent).toEqual([
      { pid: 12, signo: SIGTTOU },
      { pid: 12, signo: SIGTTOU },
    ]);
    expect(setForeground(orphan, 13)).toBe(-ENOTTY);
    expect(ioctl(orphan, TCSETS)).toBe(-EIO);
    block(back, SIGTTOU);
    expect(setForeground(back, 12)).toBe(0);
    expect(pty.slave.pgrp).toBe(12);
  });
});

describe("the foreground group", () => {
  test("has to be one of the session", () => {
    kernel.newProcess(50);
    expect(setForeground(front, 50)).toBe(-EPERM);
    expect(setForeground(front, 51)).toBe(-ESRCH);
    expect(setForeground(front, 12)).toBe(0);
  });
  test("is told to the session, and to a master", () => {
    expect(ioctl(back, TIOCGPGRP)).toBe(0);
    expect(back.view.getInt32(0, true)).toBe(11);
    expect(ioctl(back, TIOCGSID)).toBe(0);
    expect(back.view.getInt32(0, true)).toBe(10);
    const stranger = new FakeTask(kernel, kernel.newProcess(50));
    expect(ioctl(stranger, TIOCGPGRP)).toBe(-ENOTTY);
    expect(ioctl(stranger, TIOCGSID)).toBe(-ENOTTY);
    expect(setForeground(stranger, 50)).toBe(-ENOTTY);
    expect(ioctl(stranger, TIOCGPGRP, 0, master)).toBe(0);
    expect(stranger.view.getInt32(0, true)).toBe(11);
  });
  test("hears of the window's size", () => {
    front.view.setUint32(0, 24 | (80 << 16), true);
    expect(ioctl(front, TIOCSWINSZ)).toBe(0);
    expect(kernel.sent).toEqual([{ pid: 11, signo: SIGWINCH }]);
  });
});

describe("the controlling terminal", () => {
  test("goes to a leader that opens it to read", () => {
    const other = kernel.newPty(1);
    other.locked = false;
    kernel.open(other.master);
    const leader = new FakeTask(kernel, kernel.newProcess(50));
    const member = new FakeTask(kernel, kernel.newProcess(51, 51, leader.process.session, leader.process));
    kernel.open(other.slave, O_RDWR, member.real);
    kernel.open(other.slave, O_RDWR | O_NOCTTY, leader.real);
    kernel.open(other.slave, O_WRONLY, leader.real);
    kernel.open(pty.slave, O_RDWR, leader.real);
    expect(terminalOf(leader.process)).toBeNull();
    kernel.open(other.slave, O_RDWR, leader.real);
    expect(terminalOf(leader.process)).toBe(other.slave);
    expect(other.slave.pgrp).toBe(50);
  });

  test("TIOCSCTTY", () => {
    const leader = new FakeTask(kernel, kernel.newProcess(50));
    const member = new FakeTask(kernel, kernel.newProcess(51, 51, leader.process.session, leader.process));
    expect(ioctl(shell, TIOCSCTTY)).toBe(0);
    expect(ioctl(front, TIOCSCTTY)).toBe(-EPERM);
    expect(ioctl(member, TIOCSCTTY)).toBe(-EPERM);
    expect(ioctl(leader, TIOCSCTTY)).toBe(-EPERM);
    leader.euid = 1000;
    expect(ioctl(leader, TIOCSCTTY, 1)).toBe(-EPERM);
    leader.euid = 0;
    expect(ioctl(leader, TIOCSCTTY, 1)).toBe(0);
    expect(terminalOf(leader.process)).toBe(pty.slave);
    expect(terminalOf(shell.process)).toBeNull();
    expect(pty.slave.pgrp).toBe(50);
  });

  test("TIOCNOTTY of a member is for itself", () => {
    expect(ioctl(back, TIOCNOTTY)).toBe(0);
    expect(terminalOf(back.process)).toBeNull();
    expect(terminalOf(shell.process)).toBe(pty.slave);
    expect(ioctl(back, TIOCNOTTY)).toBe(-ENOTTY);
    expect(kernel.sent).toEqual([]);
  });

  test("TIOCNOTTY of the leader is for all", () => {
    expect(ioctl(shell, TIOCNOTTY)).toBe(0);
    expect(terminalOf(back.process)).toBeNull();
    expect(kernel.sent).toEqual([
      { pid: 11, signo: SIGHUP },
      { pid: 11, signo: SIGCONT },
    ]);
    expect(pty.slave.pgrp).toBe(0);
  });

  test("TIOCEXCL keeps others out, but for root", () => {
    expect(ioctl(shell, TIOCEXCL)).toBe(0);
    kernel.open(pty.slave, O_RDWR, back.real);
    back.euid = 1000;
    expect(errorOf(() => kernel.open(pty.slave, O_RDWR, back.real))).toBe(EBUSY);
  });
});

describe("the end of a session", () => {
  test("on a pty the foreground group hears of the leader's end", () => {
    leaderExits(front.process);
    expect(kernel.sent).toEqual([]);
    leaderExits(shell.process);
    expect(kernel.sent).toEqual([{ pid: 11, signo: SIGHUP }]);
    expect(terminalOf(back.process)).toBeNull();
    expect(slave.hungUp).toBe(false);
  });

  test("when the master closes the leader hears of it, and the foreground group when the leader ends", () => {
    master.release();
    expect(kernel.sent).toEqual([
      { pid: 10, signo: SIGHUP },
      { pid: 10, signo: SIGCONT },
    ]);
    kernel.sent.length = 0;
    expect(ioctl(shell, TIOCGPGRP)).toBe(-EIO);
    expect(setForeground(shell, 10)).toBe(-ENOTTY);
    expect(errorOf(() => kernel.open(pty.slave, O_RDWR, shell.real))).toBe(EIO);
    leaderExits(shell.process);
    expect(kernel.sent).toEqual([
      { pid: 11, signo: SIGHUP },
      { pid: 11, signo: SIGCONT },
    ]);
  });
});
