/** Consoles: a terminal with the host at its other end. */
import { beforeEach, describe, expect, test } from "vitest";
import { O_RDWR } from "../../kernel/abi/fcntl.ts";
import { SIGCONT, SIGHUP, SIGINT, SIGWINCH } from "../../kernel/abi/signal.ts";
import { RESULT_BLOCK } from "../../kernel/hot/layout.ts";
import { type ConsoleHost, ConsoleTty } from "../../kernel/tty/console.ts";
import { leaderExits, takeTerminal, terminalOf } from "../../kernel/tty/jobctl.ts";
import { rawTermios } from "../../kernel/tty/termios.ts";
import type { TtyFile } from "../../kernel/tty/tty-file.ts";
import { FakeKernel, FakeTask } from "./fake.ts";

class Host implements ConsoleHost {
  screen = "";
  full = false;
  drained = 0;
  write(bytes: Uint8Array): boolean {
    this.screen += Buffer.from(bytes).toString();
    return !this.full;
  }
  inputDrained(): void {
    this.drained++;
  }
}

const bytes = (text: string) => new Uint8Array(Buffer.from(text));

let kernel: FakeKernel;
let host: Host;
let console: ConsoleTty;
let file: TtyFile;
let task: FakeTask;

beforeEach(() => {
  kernel = new FakeKernel();
  host = new Host();
  console = new ConsoleTty(kernel.real, 0, host, 24, 80);
  task = new FakeTask(kernel, kernel.newProcess(10));
  file = kernel.open(console);
  takeTerminal(task.process, console);
});

const write = (text: string) => task.call((t) => file.write(t, bytes(text)));
const read = (count = 100) => {
  const into = new Uint8Array(count);
  const got = task.call((t) => file.read(t, into));
  return got < 0 ? got : Buffer.from(into.subarray(0, got)).toString();
};

test("what is typed is echoed and read, what is written is shown", () => {
  expect(console.input(bytes("hi\r"))).toBe(true);
  expect(host.screen).toBe("hi\r\n");
  expect(read()).toBe("hi\n");
  write("there\n");
  expect(host.screen).toBe("hi\r\nthere\r\n");
});

test("a character of several bytes is erased at once", () => {
  console.input(bytes("a€\x7fb\r"));
  expect(host.screen).toBe("a€\b \bb\r\n");
  expect(read()).toBe("ab\n");
});

test("ctrl-C goes to the foreground group", () => {
  console.input(bytes("\x03"));
  expect(kernel.sent).toEqual([{ pid: 10, signo: SIGINT }]);
  expect(host.screen).toBe("^C");
});

describe("back-pressure", () => {
  test("a full screen makes writers wait, and keeps the echo", () => {
    host.full = true;
    expect(write("a")).toBe(1);
    expect(write("b")).toBe(RESULT_BLOCK);
    console.input(bytes("c"));
    expect(host.screen).toBe("a");
    host.full = false;
    kernel.woken.clear();
    console.drained();
    expect(host.screen).toBe("ac");
    expect(kernel.woken.has(console.writeQueue)).toBe(true);
    expect(task.again((t) => file.write(t, bytes("b")))).toBe(1);
    expect(host.screen).toBe("acb");
  });

  test("a host that types ahead is asked to wait, and nothing is lost", () => {
    console.setTermios(rawTermios());
    let sent = 0;
    while (console.input(bytes("0123456789".repeat(100)))) sent += 1000;
    sent += 1000;
    let got = "";
    for (let piece = read(); typeof piece === "string" && piece !== ""; piece = read()) got += piece;
    expect(got).toBe("0123456789".repeat(sent / 10));
    expect(host.drained).toBe(1);
  });
});

test("a new size is told to the foreground group, once", () => {
  console.resizeWindow(30, 100);
  console.resizeWindow(30, 100);
  expect(kernel.sent).toEqual([{ pid: 10, signo: SIGWINCH }]);
});

describe("hanging up", () => {
  test("by the host: the session hears of it, reads end", () => {
    console.hangup();
    expect(kernel.sent).toEqual([
      { pid: 10, signo: SIGHUP },
      { pid: 10, signo: SIGCONT },
    ]);
    expect(read()).toBe("");
    expect(terminalOf(task.process)).toBeNull();
  });

  test("when the session leader ends: its group hears of it, and the line is free for the next", () => {
    const job = new FakeTask(kernel, kernel.newProcess(11, 11, task.process.session, task.process));
    console.pgrp = 11;
    task.process.zombie = true;
    leaderExits(task.process);
    expect(kernel.sent).toEqual([{ pid: 11, signo: SIGHUP }]);
    expect(file.hungUp).toBe(true);
    expect(terminalOf(job.process)).toBeNull();
    console.input(bytes("early\n"));
    expect(host.screen).toBe("");
    const next = new FakeTask(kernel, kernel.newProcess(20));
    file = kernel.open(console, O_RDWR, next.real);
    task = next;
    expect(terminalOf(next.process)).toBe(console);
    expect(host.screen).toBe("early\r\n");
    expect(read()).toBe("early\n");
  });

  test("/dev/console stays open", () => {
    const system = kernel.open(console, O_RDWR, null, true);
    console.hangup();
    expect(system.hungUp).toBe(false);
    expect(system.write(null, bytes("still here\n"))).toBe(11);
    expect(host.screen).toBe("still here\r\n");
  });

  test("taken away by the host, it can not be opened again", () => {
    console.disconnect();
    expect(read()).toBe("");
    expect(() => kernel.open(console)).toThrow();
    expect(console.input(bytes("x"))).toBe(true);
    expect(host.screen).toBe("");
    file.release();
  });
});
