import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { errnoName, strerror } from "../../kernel/abi/errno-names.ts";
import { SYSCALLS, syscall, syscallByName, wasmParams } from "../../kernel/abi/syscalls.ts";

/** The WALI specification's imports: number, name, Wasm parameters. */
const wali = readFileSync(new URL("wali-imports.tsv", import.meta.url), "utf8")
  .trimEnd()
  .split("\n")
  .slice(1)
  .map((line) => line.split("\t"));

describe("the syscall table", () => {
  test("has every number of x86-64 once, in order", () => {
    const numbers = SYSCALLS.map((entry) => entry.nr);
    const expected = Array.from({ length: 463 }, (_, nr) => nr).filter((nr) => nr < 335 || nr > 423);
    expect(numbers).toEqual(expected);
    expect(new Set(SYSCALLS.map((entry) => entry.name)).size).toBe(SYSCALLS.length);
  });

  test("has names and imports as WALI specifies them", () => {
    expect(wali).toHaveLength(140);
    for (const [nr, name, params] of wali) {
      const entry = syscall(Number(nr));
      expect(entry?.name).toBe(name);
      expect(`${name}: ${wasmParams(entry!).join(" ")}`).toBe(`${name}: ${params}`);
    }
  });

  test("gives at most six arguments, the trap frame's room", () => {
    expect(SYSCALLS.filter((entry) => entry.args.length > 6)).toEqual([]);
  });

  test("finds entries by number and name", () => {
    expect(syscallByName("read")).toBe(syscall(0));
    expect(syscall(400)).toBeUndefined();
    expect(syscallByName("SYS_read")).toBeUndefined();
  });

  test("links an argument to the one that decides about it", () => {
    const { args } = syscallByName("fcntl")!;
    expect(args.map(({ name, other }) => [name, other])).toEqual([
      ["fd", -1],
      ["cmd", -1],
      ["arg", 1],
    ]);
  });

  test("serves what has a status but no, and says why it does not serve the rest", () => {
    for (const { name, status, half } of SYSCALLS) {
      if (status.kind === "no") expect(`${name} ${half}`).toBe(`${name} cold`);
      if (status.kind === "no") expect(status.why.length).toBeGreaterThan(10);
      if (status.kind === "partly") expect(status.missing).not.toBe("");
    }
  });
});

describe("error numbers", () => {
  test("have names and messages", () => {
    expect(errnoName(2)).toBe("ENOENT");
    expect(strerror(11)).toBe("Resource temporarily unavailable");
    expect(errnoName(41)).toBeUndefined();
    expect(strerror(41)).toBe("Unknown error 41");
  });
});
