/** When a read or write of a terminal waits, for what, and what a signal or the clock makes of it (man 3 termios: VMIN and VTIME). */
import { beforeEach, describe, expect, test } from "vitest";
import { EAGAIN, EIO } from "../../kernel/abi/errno.ts";
import { O_NONBLOCK, O_RDWR } from "../../kernel/abi/fcntl.ts";
import { VMIN, VTIME } from "../../kernel/abi/termios.ts";
import { ERESTARTSYS, RESULT_BLOCK } from "../../kernel/hot/layout.ts";
import type { Pty } from "../../kernel/tty/pty.ts";
import { rawTermios } from "../../kernel/tty/termios.ts";
import type { TtyFile } from "../../kernel/tty/tty-file.ts";
import { FakeKernel, FakeTask } from "./fake.ts";

const bytes = (text: string) => new Uint8Array(Buffer.from(text));
const text = (from: Uint8Array, count: number) => Buffer.from(from.subarray(0, count)).toString();

let kernel: FakeKernel;
let pty: Pty;
let master: TtyFile;
let slave: TtyFile;
let task: FakeTask;
let into: Uint8Array;

beforeEach(() => {
  kernel = new FakeKernel();
  pty = kernel.newPty();
  pty.locked = false;
  master = kernel.open(pty.master);
  slave = kernel.open(pty.slave);
  task = new FakeTask(kernel, kernel.newProcess(10));
  into = new Uint8Array(20);
});

const type = (typed: string) => task.call((t) => master.write(t, bytes(typed)));
const read = () => task.call((t) => slave.read(t, into));
const readAgain = (why?: "event" | "signal" | "timeout") => task.again((t) => slave.read(t, into), why);

function raw(minimum: number, tenths: number): void {
  const termios = rawTermios();
  termios.cc[VMIN] = minimum;
  termios.cc[VTIME] = tenths;
  pty.slave.setTermios(termios);
}

describe("reading lines", () => {
  test("waits for a line, and gives no more than one", () => {
    expect(read()).toBe(RESULT_BLOCK);
    expect(task.queues).toEqual([pty.slave.readQueue]);
    const other = new FakeTask(kernel, task.process);
    kernel.woken.clear();
    other.call((t) => master.write(t, bytes("ab")));
    expect(kernel.woken.has(pty.slave.readQueue)).toBe(false);
    other.call((t) => master.write(t, bytes("\ncd\n")));
    expect(kernel.woken.has(pty.slave.readQueue)).toBe(true);
    expect(readAgain()).toBe(3);
    expect(text(into, 3)).toBe("ab\n");
  });

  test("a signal ends the wait", () => {
    expect(read()).toBe(RESULT_BLOCK);
    expect(readAgain("signal")).toBe(-ERESTARTSYS);
  });

  test("O_NONBLOCK", () => {
    slave = kernel.open(pty.slave, O_RDWR | O_NONBLOCK);
    expect(read()).toBe(-EAGAIN);
  });

  test("the kernel itself never waits", () => {
    expect(slave.read(null, into)).toBe(-EAGAIN);
    expect(slave.write(null, bytes("ab"))).toBe(2);
  });

  test("one that waits when the master closes gets an error, later ones the end", () => {
    expect(read()).toBe(RESULT_BLOCK);
    master.release();
    expect(readAgain()).toBe(-EIO);
    expect(read()).toBe(0);
  });
});

describe("reading bytes", () => {
  test("VMIN 0, VTIME 0: what is there, if only nothing", () => {
    raw(0, 0);
    expect(read()).toBe(0);
    type("ab");
    expect(read()).toBe(2);
    slave = kernel.open(pty.slave, O_RDWR | O_NONBLOCK);
    expect(read()).toBe(0);
  });

  test("VMIN 0, VTIME: the first byte, or the end of the time", () => {
    raw(0, 5);
    expect(read()).toBe(RESULT_BLOCK);
    expect(task.deadline).toBe(1500);
    kernel.now = 1100;
    expect(readAgain()).toBe(RESULT_BLOCK);
    expect(task.deadline).toBe(1500);
    kernel.now = 1500;
    expect(readAgain("timeout")).toBe(0);
    expect(read()).toBe(RESULT_BLOCK);
    expect(task.deadline).toBe(2000);
    pty.slave.receive(bytes("abc"));
    expect(readAgain()).toBe(3);
  });

  test("VMIN, VTIME 0: as many bytes, however long it takes", () => {
    raw(4, 0);
    pty.slave.receive(bytes("ab"));
    expect(read()).toBe(RESULT_BLOCK);
    expect(task.deadline).toBe(0);
    pty.slave.receive(bytes("c"));
    expect(readAgain()).toBe(RESULT_BLOCK);
    pty.slave.receive(bytes("def"));
    expect(readAgain()).toBe(6);
    expect(text(into, 6)).toBe("abcdef");
  });

  test("VMIN, VTIME 0: a signal gives what has come", () => {
    raw(4, 0);
    expect(read()).toBe(RESULT_BLOCK);
    expect(readAgain("signal")).toBe(-ERESTARTSYS);
    pty.slave.receive(bytes("ab"));
    expect(read()).toBe(RESULT_BLOCK);
    expect(readAgain("signal")).toBe(2);
    expect(text(into, 2)).toBe("ab");
  });

  test("VMIN, O_NONBLOCK: what is there", () => {
    raw(4, 0);
    slave = kernel.open(pty.slave, O_RDWR | O_NONBLOCK);
    expect(read()).toBe(-EAGAIN);
    type("ab");
    expect(read()).toBe(2);
  });

  test("VMIN, VTIME: the clock runs between bytes only", () => {
    raw(4, 2);
    expect(read()).toBe(RESULT_BLOCK);
    expect(task.deadline).toBe(0);
    kernel.now = 9000;
    pty.slave.receive(bytes("a"));
    expect(readAgain()).toBe(RESULT_BLOCK);
    expect(task.deadline).toBe(9200);
    kernel.now = 9100;
    pty.slave.receive(bytes("b"));
    expect(readAgain()).toBe(RESULT_BLOCK);
    expect(task.deadline).toBe(9300);
    kernel.now = 9300;
    expect(readAgain("timeout")).toBe(2);
    expect(text(into, 2)).toBe("ab");
  });

  test("VMIN above what is asked for", () => {
    raw(10, 0);
    into = new Uint8Array(3);
    pty.slave.receive(bytes("abcd"));
    expect(read()).toBe(3);
    expect(text(into, 3)).toBe("abc");
  });

  test("nothing asked for", () => {
    into = new Uint8Array(0);
    expect(read()).toBe(0);
  });
});

describe("writing", () => {
  const write = (from: Uint8Array) => task.call((t) => slave.write(t, from));
  const writeAgain = (from: Uint8Array, why?: "event" | "signal") => task.again((t) => slave.write(t, from), why);
  const drain = () => {
    let all = "";
    const page = new Uint8Array(4096);
    for (let got = 1; got > 0; ) {
      got = master.read(null, page);
      if (got > 0) all += text(page, got);
    }
    return all;
  };

  test("waits for the reader, and loses nothing", () => {
    const long = bytes(Array.from({ length: 5000 }, (_, i) => `line ${i}\n`).join(""));
    let result = write(long);
    let received = "";
    for (let rounds = 0; result === RESULT_BLOCK && rounds < 100; rounds++) {
      expect(task.queues).toEqual([pty.slave.writeQueue]);
      kernel.woken.clear();
      received += drain();
      expect(kernel.woken.has(pty.slave.writeQueue)).toBe(true);
      result = writeAgain(long);
    }
    expect(result).toBe(long.length);
    received += drain();
    expect(received).toBe(Buffer.from(long).toString().replaceAll("\n", "\r\n"));
  });

  test("a signal gives what was written; without, nothing is", () => {
    pty.slave.stop();
    expect(write(bytes("ab"))).toBe(RESULT_BLOCK);
    expect(writeAgain(bytes("ab"), "signal")).toBe(-ERESTARTSYS);
    pty.slave.start();
    const long = new Uint8Array(30_000).fill(97);
    expect(write(long)).toBe(RESULT_BLOCK);
    const done = writeAgain(long, "signal");
    expect(done).toBeGreaterThan(4000);
    expect(done).toBe(drain().length);
  });

  test("O_NONBLOCK", () => {
    slave = kernel.open(pty.slave, O_RDWR | O_NONBLOCK);
    const done = write(new Uint8Array(30_000).fill(97));
    expect(done).toBeGreaterThan(4000);
    expect(write(bytes("a"))).toBe(-EAGAIN);
  });

  test("echo that found no room comes before what is written next", () => {
    pty.slave.stop();
    type("ab");
    expect(drain()).toBe("");
    pty.slave.start();
    write(bytes("CD"));
    expect(drain()).toBe("abCD");
  });
});
