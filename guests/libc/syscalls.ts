/** C headers made from the kernel's table of system calls. */

import { SYSCALLS, wasmParams } from "../../kernel/abi/syscalls.ts";

interface Call {
  nr: number;
  name: string;
  /** The argument types, one letter each: i for 32 bits, l for 64. */
  types: string;
}

const CALLS: readonly Call[] = SYSCALLS.map((entry) => ({
  nr: entry.nr,
  name: entry.name,
  types: wasmParams(entry)
    .map((type) => (type === "i64" ? "l" : "i"))
    .join(""),
}));

/** Names that Linux's headers have where WALI has another for the same number. */
const ALIASES: Record<string, string> = { fadvise64: "fadvise" };

const LETTERS = ["a", "b", "c", "d", "e", "f"];
const C_TYPES: Record<string, string> = { i: "int", l: "long" };

const generated = (lines: string[]): string => `/* Generated from kernel/abi/syscalls.ts. */\n${lines.join("\n")}\n`;

/** `<bits/syscall.h>`: the numbers, as `__NR_name` and `SYS_name`. */
export function numbersHeader(): string {
  const numbers = new Map(CALLS.map(({ nr, name }) => [name, nr]));
  for (const [alias, name] of Object.entries(ALIASES)) numbers.set(alias, numbers.get(name)!);
  return generated([...numbers].flatMap(([name, nr]) => [`#define __NR_${name} ${nr}`, `#define SYS_${name} ${nr}`]));
}

/**
 * `syscall_imports.h` for the C library's own sources: each call's import, and `__syscall_number`, a switch over all of
 * them. Inlined with a constant number, the switch folds to one call.
 */
export function importsHeader(): string {
  const imports = CALLS.map(({ name, types }) => {
    const parameters = [...types].map((type) => C_TYPES[type]).join(", ") || "void";
    return `__attribute__((__import_module__("wali"), __import_name__("SYS_${name}"))) long __wali_${name}(${parameters});`;
  });
  const cases = CALLS.map(({ nr, name, types }) => {
    const values = [...types].map((type, i) => (type === "i" ? `(int)${LETTERS[i]}` : LETTERS[i])).join(", ");
    return `\tcase ${nr}: return __wali_${name}(${values});`;
  });
  return generated([
    ...imports,
    "static inline __attribute__((__always_inline__)) long __syscall_number(long n, long a, long b, long c, long d, long e, long f)",
    "{",
    "\tswitch (n) {",
    ...cases,
    "\t}",
    "\treturn -38; /* ENOSYS */",
    "}",
  ]);
}

/** `syscall_longs.h`: for each number the arguments that have 64 bits, as a bit mask. */
export function longsHeader(): string {
  const rows = CALLS.filter(({ types }) => types.includes("l")).map(({ nr, types }) => {
    const mask = [...types].reduce((bits, type, i) => (type === "l" ? bits | (1 << i) : bits), 0);
    return `\t[${nr}] = ${mask},`;
  });
  return generated(["static const unsigned char __syscall_longs[] = {", ...rows, "};"]);
}

/** A source file with one function for each number, `__syscall_<number>`, which `<unistd.h>` calls for `syscall(2)`. */
export function numberedSource(): string {
  const parameters = LETTERS.map((letter) => `long ${letter}`).join(", ");
  const functions = CALLS.map(
    ({ nr }) =>
      `long __syscall_${nr}(${parameters}) { return __syscall_ret(__syscall_number(${nr}, ${LETTERS.join(", ")})); }`,
  );
  return generated(['#include "syscall.h"', ...functions]);
}
