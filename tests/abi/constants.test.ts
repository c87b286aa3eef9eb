import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { CONSTANT_SETS } from "../../kernel/abi/constants.ts";
import * as errno from "../../kernel/abi/errno.ts";
import * as fcntl from "../../kernel/abi/fcntl.ts";
import * as futex from "../../kernel/abi/futex.ts";
import * as ioctl from "../../kernel/abi/ioctl.ts";
import * as limits from "../../kernel/abi/limits.ts";
import * as mman from "../../kernel/abi/mman.ts";
import * as poll from "../../kernel/abi/poll.ts";
import * as prctl from "../../kernel/abi/prctl.ts";
import * as random from "../../kernel/abi/random.ts";
import * as resource from "../../kernel/abi/resource.ts";
import * as sched from "../../kernel/abi/sched.ts";
import * as signal from "../../kernel/abi/signal.ts";
import * as socket from "../../kernel/abi/socket.ts";
import * as stat from "../../kernel/abi/stat.ts";
import * as termios from "../../kernel/abi/termios.ts";
import * as time from "../../kernel/abi/time.ts";
import * as wait from "../../kernel/abi/wait.ts";

const compiler = fileURLToPath(new URL("../../guests/bin/ring3-cc", import.meta.url));

/**
 * Each file of constants, the C library's headers that declare the same ones, and those that rightly differ: in C, O_ACCMODE holds O_PATH,
 * SIGRTMIN and SIGRTMAX are calls, and NCCS is the C library's own.
 */
const FILES: [constants: Record<string, unknown>, headers: string, differ: string][] = [
  [errno, "errno.h", ""],
  [fcntl, "fcntl.h unistd.h sys/file.h stdio.h sys/mman.h sys/uio.h", "O_ACCMODE"],
  [futex, "linux/futex.h", ""],
  [ioctl, "stddef.h sys/ioctl.h termios.h linux/fs.h linux/fiemap.h linux/kd.h linux/vt.h linux/random.h", ""],
  [limits, "limits.h", ""],
  [mman, "sys/mman.h linux/mman.h", ""],
  [poll, "poll.h sys/epoll.h sys/eventfd.h sys/select.h", ""],
  [prctl, "sys/prctl.h", ""],
  [random, "sys/random.h", ""],
  [resource, "sys/resource.h", ""],
  [sched, "sched.h", ""],
  [signal, "signal.h", "SIGRTMIN SIGRTMAX"],
  [socket, "sys/socket.h", "AF_MAX SOL_TCP SOL_UDP SO_PEERPIDFD"],
  [stat, "sys/stat.h linux/stat.h dirent.h sys/statvfs.h linux/magic.h", ""],
  [termios, "termios.h sys/ioctl.h", "NCCS"],
  [time, "time.h sys/time.h sys/timerfd.h", ""],
  [wait, "sys/wait.h", ""],
];

/** A C file that compiles only if every constant that both sides know has one value. */
function assertions(constants: Record<string, unknown>, headers: string, differ: string): string {
  const lines = ["#define _GNU_SOURCE", ...headers.split(" ").map((header) => `#include <${header}>`)];
  for (const [name, value] of Object.entries(constants)) {
    if (typeof value !== "number" || !Number.isSafeInteger(value) || differ.split(" ").includes(name)) continue;
    const test = `_Static_assert((unsigned)(${name}) == ${value >>> 0}u, "${name} is not ${value}");`;
    lines.push(`#ifdef ${name}`, test, "#endif");
  }
  return `${lines.join("\n")}\n`;
}

test.skipIf(!existsSync(compiler))("constants are the C library's", () => {
  const folder = mkdtempSync(join(tmpdir(), "ring3-constants-"));
  try {
    const files = FILES.map(([constants, headers, differ], i) => {
      const file = join(folder, `constants${i}.c`);
      writeFileSync(file, assertions(constants, headers, differ));
      return file;
    });
    const options = ["-w", "-ferror-limit=0", "-fsyntax-only"];
    execFileSync(compiler, [...options, ...files], { encoding: "utf8", stdio: "pipe" });
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test("no set of constants is empty, and no two bits of one are the same", () => {
  for (const [name, { list }] of Object.entries(CONSTANT_SETS)) {
    expect(`${name} ${list.length}`).not.toBe(`${name} 0`);
    expect(`${name} ${new Set(list.map(([, value]) => value)).size}`).toBe(`${name} ${list.length}`);
  }
});
