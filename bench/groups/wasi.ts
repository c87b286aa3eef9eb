/** Calls of WASI: the same module in ring3, in Node's own implementation and in browser_wasi_shim. */
import { join } from "node:path";
import { boot } from "../../runtime/index.ts";
import { WASI } from "../build.ts";
import { measurePair } from "../pair.ts";
import type { Row } from "../row.ts";
import { GuestSide, NativeSide } from "../side.ts";

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
      const options = { toolchain: WASI, sources: SOURCES };
      const other = new NativeSide(folder, { ...options, runner: [process.execPath, HOST, host] });
      return await measurePair((side) => side.start(id, []), other, new GuestSide(machine, options));
    },
  };
}

const names = Object.keys(CALLS) as (keyof typeof CALLS)[];

export const WASI_CALLS: readonly Row[] = names.flatMap((call) => [row(call, "node"), row(call, "shim")]);
