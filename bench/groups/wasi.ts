/** Calls of WASI: the same module in ring3, in Node's own implementation and in browser_wasi_shim. */
import { join } from "node:path";
import { boot, type Machine } from "../../runtime/index.ts";
import { WASI } from "../build.ts";
import { measurePair } from "../pair.ts";
import type { Row } from "../row.ts";
import { GuestSide, NativeSide, type Side } from "../side.ts";

const HOST = join(import.meta.dirname, "../wasi/host.ts");
const SOURCES = join(import.meta.dirname, "../wasi");
/** ring3 is to be three times as fast. */
const TARGET = { ratio: 0.33 };

const CALLS = {
  read: "fd_pread of 64 bytes",
  write: "fd_pwrite of 64 bytes",
  clock: "clock_time_get",
  random: "random_get of 16 bytes",
};

const HOSTS = { node: "node:wasi", shim: "browser_wasi_shim" };

/** The sides of these rows: `other` runs in a folder, `ring3` in a machine. */
export const otherSide = (folder: string, host: keyof typeof HOSTS): Side =>
  new NativeSide(folder, { toolchain: WASI, sources: SOURCES, runner: [process.execPath, HOST, host] });
export const ring3Side = (machine: Machine): Side => new GuestSide(machine, { toolchain: WASI, sources: SOURCES });

function row(call: keyof typeof CALLS, host: keyof typeof HOSTS): Row {
  const id = `wasi-${call}`;
  return {
    id: `${id}-${host}`,
    group: "wasi",
    title: `${CALLS[call]}, beside ${HOSTS[host]}`,
    unit: "ns",
    target: TARGET,
    measure: async ({ folder }) => {
      await using machine = await boot();
      return await measurePair((side) => side.start(id, []), otherSide(folder, host), ring3Side(machine));
    },
  };
}

const names = Object.keys(CALLS) as (keyof typeof CALLS)[];

export const WASI_CALLS: readonly Row[] = names.flatMap((call) => [row(call, "node"), row(call, "shim")]);
