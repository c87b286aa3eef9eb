// Every row that is one C program does what it says, natively and in a machine: a few iterations, no times looked at.

import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { CALLS } from "../../bench/groups/calls.ts";
import { PROCESSES } from "../../bench/groups/processes.ts";
import { otherSide, ring3Side } from "../../bench/groups/wasi.ts";
import type { PairedRow } from "../../bench/pair.ts";
import { GuestSide, NativeSide, type Side } from "../../bench/side.ts";
import { boot, type Machine } from "../../runtime/index.ts";
import { clean, temporaryFolder } from "../cleanup.ts";

// Compilers and the loader run here too.
vi.setConfig({ testTimeout: 60_000, hookTimeout: 30_000 });

/** The shell loop is a second of work, and natively takes a busybox that only the tests of busybox build. */
const rows: readonly PairedRow[] = [...CALLS, ...PROCESSES].filter(({ id }) => id !== "shell-true-1000");

let machine: Machine;
let sides: Record<"native" | "ring3", Side>;
beforeAll(async () => {
  machine = await boot();
  sides = { native: new NativeSide(temporaryFolder()), ring3: new GuestSide(machine) };
});
afterAll(async () => {
  await machine.shutdown();
  clean();
});

describe.each(["native", "ring3"] as const)("%s", (name) => {
  test.each(rows.map((row) => [row.id, row] as const))("%s", async (_, row) => {
    await using subject = await row.start(sides[name]);
    for (const count of [1, 3]) expect(await subject.run(count)).toBeGreaterThanOrEqual(0);
  });
});

describe("the rows of WASI", () => {
  const hosts = {
    node: () => otherSide(temporaryFolder(), "node"),
    shim: () => otherSide(temporaryFolder(), "shim"),
    ring3: () => ring3Side(machine),
  };
  test.each(Object.entries(hosts))("%s", async (_, side) => {
    for (const row of ["wasi-read", "wasi-write", "wasi-clock", "wasi-random"]) {
      await using subject = await side().start(row, []);
      for (const count of [1, 3]) expect(await subject.run(count)).toBeGreaterThanOrEqual(0);
    }
  });
});

test("a program that fails says why", async () => {
  await expect(sides.ring3.start("fork-exec", ["/no/such/program"]).then((subject) => subject.run(1))).rejects.toThrow(
    /exec \/no\/such\/program: No such file or directory|the program ended with status/,
  );
  await expect(sides.native.start("pipe", [])).rejects.toThrow("an argument is missing");
});
