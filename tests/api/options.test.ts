import { describe, expect, test } from "vitest";
import { checkArgv, checkBoot, checkEnv, parseSize, signalName, signalNumber } from "../../runtime/api/options.ts";

describe("sizes", () => {
  test.each([
    [4096, 4096],
    ["4096", 4096],
    ["64m", 64 * 1024 * 1024],
    ["64M", 64 * 1024 * 1024],
    ["64mb", 64 * 1024 * 1024],
    ["64MiB", 64 * 1024 * 1024],
    ["1.5k", 1536],
    ["2g", 2 * 1024 ** 3],
  ])("%s is %i bytes", (text, bytes) => expect(parseSize(text, "memory")).toBe(bytes));

  test.each(["", "m", "-1", "1x", "1 2", Number.NaN])("%s is refused", (text) => {
    expect(() => parseSize(text, "memory")).toThrow(/^memory: /);
  });
});

describe("boot's options", () => {
  test("defaults", () => {
    expect(checkBoot({})).toEqual({
      root: null,
      mounts: [],
      hostname: "ring3",
      memory: 4 * 1024 ** 3,
      network: false,
      pids: 4096,
      seed: null,
      log: false,
    });
  });

  test.each([
    [false, null],
    [true, 0],
    [7, 7],
  ])("deterministic: %s has seed %s", (deterministic, seed) => {
    expect(checkBoot({ deterministic }).seed).toBe(seed);
  });

  test.each([
    [{ memory: "2048g" }, /memory/],
    [{ memory: 1000 }, /memory/],
    [{ pids: 0 }, /pids/],
    [{ pids: 12_001 }, /pids: 12001 is not a whole number from 2 to 12000/],
    [{ pids: 1.5 }, /pids/],
    [{ hostname: "a b" }, /hostname/],
    [{ deterministic: -1 }, /deterministic/],
    [{ mounts: [{ host: ".", guest: "relative" }] }, /absolute/],
    [{ mounts: [{ host: "." } as never] }, /mounts/],
  ])("%j is refused", (options, message) => {
    expect(() => checkBoot(options)).toThrow(message);
  });
});

test("later environments win, and undefined takes a variable out", () => {
  expect(checkEnv({ A: "1", B: "2" }, { B: "3", A: undefined, C: "" })).toEqual(["B=3", "C="]);
  expect(() => checkEnv({ "A=B": "1" })).toThrow(/env/);
  expect(() => checkEnv({ A: "\0" })).toThrow(/NUL/);
});

test("argv must hold a program's name and no NUL", () => {
  expect(() => checkArgv([])).toThrow(/argv/);
  expect(() => checkArgv(["a", "b\0"])).toThrow(/NUL/);
  expect(() => checkArgv(["a", 1 as unknown as string])).toThrow(/argv/);
});

test("signals by name and number", () => {
  expect([signalNumber("SIGTERM"), signalNumber("kill"), signalNumber(2)]).toEqual([15, 9, 2]);
  expect([signalName(9), signalName(31), signalName(34)]).toEqual(["SIGKILL", "SIGSYS", "SIGRTMIN+2"]);
  expect(() => signalNumber("SIGNOPE")).toThrow(/signal/);
  expect(() => signalNumber(65)).toThrow(/signal/);
});
