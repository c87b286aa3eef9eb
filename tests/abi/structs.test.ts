import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { getI64, getU64, putU64 } from "../../kernel/abi/layout.ts";
import { RLIM_INFINITY } from "../../kernel/abi/resource.ts";
import * as structs from "../../kernel/abi/structs.ts";

const view = new DataView(new SharedArrayBuffer(1024));
const compiler = fileURLToPath(new URL("../../guests/bin/ring3-cc", import.meta.url));

/**
 * What our C library calls each struct, where that is not `struct <name>`; null where it has no declaration of the struct, because only
 * the kernel sees it so. `head`: C's struct is longer. `fields`: what C calls a field.
 */
const IN_C: Record<string, { type?: string; head?: boolean; fields?: Record<string, string> } | null> = {
  stx_time: { type: "struct statx_timestamp" },
  stack_t: { type: "stack_t" },
  fd_set: { type: "fd_set" },
  cpu_set_t: { type: "cpu_set_t", fields: { bits: "__bits" } },
  dirent: { head: true },
  tcp_info: { head: true },
  termios: { head: true },
  ucontext: { type: "ucontext_t", fields: { mcontext: "uc_mcontext" } },
  siginfo: { type: "siginfo_t" },
  siginfo_user: { type: "siginfo_t" },
  siginfo_child: { type: "siginfo_t" },
  siginfo_fault: { type: "siginfo_t" },
  siginfo_timer: { type: "siginfo_t" },
  siginfo_io: { type: "siginfo_t" },
  sigaction: null,
  sigset_argpack: null,
  termios2: null,
};

const HEADERS = [
  "fcntl.h",
  "net/if.h",
  "netinet/in.h",
  "netinet/tcp.h",
  "poll.h",
  "sched.h",
  "signal.h",
  "stddef.h",
  "sys/epoll.h",
  "sys/ioctl.h",
  "sys/resource.h",
  "sys/select.h",
  "sys/socket.h",
  "sys/stat.h",
  "linux/rtnetlink.h",
  "linux/stat.h",
  "sys/statfs.h",
  "sys/sysinfo.h",
  "sys/time.h",
  "sys/times.h",
  "sys/uio.h",
  "sys/un.h",
  "sys/utsname.h",
  "termios.h",
  "time.h",
  "ucontext.h",
  "utime.h",
  "dirent.h",
];

/** What this test looks at in a layout, whatever its fields. */
interface AnyLayout {
  readonly name: string;
  readonly size: number;
  readonly offset: Readonly<Record<string, number>>;
  readonly fields: Readonly<Record<string, object>>;
}

const layouts: AnyLayout[] = Object.values(structs).filter((value) => typeof value === "object");

/** A C file that compiles when, and only when, the C library lays everything out as structs.ts does. */
function assertions(): string {
  const lines = HEADERS.map((header) => `#include <${header}>`);
  for (const { name, size, offset, fields } of layouts) {
    const inC = IN_C[name];
    if (inC === null) continue;
    const type = inC?.type ?? `struct ${name}`;
    if (!inC?.head) lines.push(`_Static_assert(sizeof(${type}) == ${size}, "${type}: the size is not ${size}");`);
    for (const [field, at] of Object.entries(offset)) {
      if ("zero" in fields[field]) continue; // padding has no name that the libraries agree on
      if (field === "union") continue;
      const member = inC?.fields?.[field] ?? field;
      lines.push(
        `_Static_assert(offsetof(${type}, ${member}) == ${at}, "${type}.${member}: the offset is not ${at}");`,
      );
    }
  }
  return `#define _GNU_SOURCE\n${lines.join("\n")}\n`;
}

describe("struct layouts", () => {
  test.skipIf(!existsSync(compiler))("are the C library's", () => {
    const folder = mkdtempSync(join(tmpdir(), "ring3-structs-"));
    try {
      const file = join(folder, "structs.c");
      writeFileSync(file, assertions());
      execFileSync(compiler, ["-w", "-ferror-limit=0", "-c", file, "-o", join(folder, "structs.o")], {
        encoding: "utf8",
        stdio: "pipe",
      });
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  test("are what only the kernel sees", () => {
    expect(structs.sigaction.offset).toEqual({ sa_handler: 0, sa_flags: 4, sa_restorer: 12, sa_mask: 16 });
    expect(structs.sigaction.size).toBe(24);
    expect(structs.termios.size).toBe(36);
    expect(structs.termios2.size).toBe(44);
    expect(structs.dirent.size).toBe(19);
    expect(structs.ucontext.size).toBe(184);
    expect(structs.ucontext.offset.uc_sigmask).toBe(56);
  });

  test("carry 64-bit numbers as far as JavaScript does", () => {
    for (const value of [
      0,
      1,
      -1,
      2 ** 31,
      -(2 ** 31),
      2 ** 32 - 1,
      2 ** 32,
      -(2 ** 32),
      5e12,
      Number.MAX_SAFE_INTEGER,
      -5e12,
    ]) {
      putU64(view, 3, value);
      expect(getI64(view, 3)).toBe(value);
      expect(view.getBigInt64(3, true)).toBe(BigInt(value));
    }
    putU64(view, 0, RLIM_INFINITY);
    expect(view.getBigUint64(0, true)).toBe(2n ** 64n - 1n);
    expect(getU64(view, 0)).toBe(RLIM_INFINITY);
  });

  test("read what they wrote, at any address", () => {
    const time = { tv_sec: -1, tv_nsec: 999_999_999 };
    const value = {
      st_dev: 0x1_0000_0001,
      st_ino: 12,
      st_nlink: 1,
      st_mode: 0o100644,
      st_uid: 0xffffffff,
      st_gid: 5,
      st_rdev: 0,
      st_size: 2 ** 40,
      st_blksize: 4096,
      st_blocks: 8,
      st_atim: time,
      st_mtim: { tv_sec: 1_700_000_000, tv_nsec: 0 },
      st_ctim: time,
    };
    structs.stat.write(view, 101, value);
    expect(structs.stat.read(view, 101)).toEqual(value);
    const generic = new Uint8Array(view.buffer, 101, 144).slice();
    new Uint8Array(view.buffer).fill(0xee);
    structs.writeStat(view, 101, value);
    expect(new Uint8Array(view.buffer, 101, 144).slice()).toEqual(generic);
  });

  test("end text with NUL, cut it, and leave the neighbours alone", () => {
    new Uint8Array(view.buffer).fill(0xee);
    const name = {
      sysname: "Linux",
      nodename: "x".repeat(80),
      release: "",
      version: "ü",
      machine: "wasm32",
      domainname: "",
    };
    structs.utsname.write(view, 1, name);
    expect(structs.utsname.read(view, 1)).toEqual({ ...name, nodename: "x".repeat(64) });
    expect(view.getUint8(0)).toBe(0xee);
    expect(view.getUint8(391)).toBe(0xee);
  });
});
