/**
 * ring3 against WAMR built with WALI: both run the same modules, compiled by WALI's own toolchain.
 *
 *     node bench/peers/wamr.ts DIR [ROWS or groups...]
 *
 * DIR is a checkout of WALI in which `iwasm`, `libc` and the compiler were built, and `toolchains/wali.sh` generated (its README). Rows
 * are those that are one C program (`ring3 bench --list`: calls, processes). One that WAMR cannot run is shown as failed: exec of a module,
 * for one, takes binfmt_misc.
 */
import { accessSync, constants, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { boot } from "../../runtime/index.ts";
import { measure } from "../bench.ts";
import type { Toolchain } from "../build.ts";
import { CALLS } from "../groups/calls.ts";
import { PROCESSES } from "../groups/processes.ts";
import { measurePair, NANOSECONDS, type PairedRow } from "../pair.ts";
import { type Row, scaled } from "../row.ts";
import { GuestSide, NativeSide } from "../side.ts";
import { Table } from "../table.ts";

/** The shell loop would run the host's shell on one side. */
const ALL: readonly PairedRow[] = [...CALLS, ...PROCESSES].filter(({ id }) => id !== "shell-true-1000");

/** The row with WAMR in native Linux's place. */
function againstWamr(row: PairedRow, toolchain: Toolchain, iwasm: string): Row {
  return {
    ...row,
    target: undefined,
    measure: async ({ folder }) => {
      await using machine = await boot();
      const wamr = new NativeSide(folder, { toolchain, runner: [iwasm, "-v=0"] });
      const samples = await measurePair(row.start, wamr, new GuestSide(machine, { toolchain }));
      return scaled(samples, 1 / NANOSECONDS[row.unit]);
    },
  };
}

function fail(message: string): never {
  console.error(`wamr.ts: ${message}`);
  process.exit(125);
}

async function main([folder, ...names]: readonly string[]): Promise<number> {
  if (folder === undefined) fail("usage: node bench/peers/wamr.ts DIR [ROWS or groups...]");
  const unknown = names.find((name) => !ALL.some(({ id, group }) => name === id || name === group));
  if (unknown !== undefined) fail(`"${unknown}" is no row or group that is one C program`);
  const [iwasm, script] = ["iwasm", "toolchains/wali.sh"].map((name) => resolve(join(folder, name)));
  for (const [file, mode] of [
    [iwasm, constants.X_OK],
    [script, constants.R_OK],
  ] as const) {
    try {
      accessSync(file, mode);
    } catch {
      fail(`${file} is missing: build WALI there first, as its README says`);
    }
  }
  const toolchain: Toolchain = {
    name: "wali",
    command: ["sh", "-c", '. "$0" && exec $WALI_CC $WALI_COMMON_CFLAGS "$@" $WALI_COMMON_LDFLAGS', script],
    identity: () => readFileSync(script, "utf8"),
  };
  const chosen = ALL.filter(({ id, group }) => names.length === 0 || names.includes(id) || names.includes(group));
  const rows = chosen.map((row) => againstWamr(row, toolchain, iwasm));
  const table = new Table(rows, null, "wamr");
  let failures = 0;
  process.stdout.write(table.header());
  await measure(rows, {
    begins: () => {},
    measured: async (row, result) => void process.stdout.write(table.line(row, result)),
    failed: async (row, message) => {
      failures++;
      process.stdout.write(table.failure(row, message));
    },
  });
  return failures > 0 ? 1 : 0;
}

process.exit(await main(process.argv.slice(2)));
