/**
 * Many processes asleep at once, measured in a Node of its own, whose memory holds nothing else: `node bench/scale.ts PROCESSES` prints
 * the figures as JSON.
 */
import { readFileSync } from "node:fs";
import { setTimeout } from "node:timers/promises";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { boot } from "../runtime/index.ts";
import { alternate } from "./measure.ts";
import { GuestSide } from "./side.ts";

/** Processes that are made before any count, and gone by then: code is compiled, pools are filled. */
const WARM_UP = 400;
/** Processes that are made between two answers of the program. */
const STEP = 500;
export interface Figures {
  /** us and KiB for each process. */
  readonly time: number;
  readonly memory: number;
  /** KiB of its linear memory that are in use; in `memory`. */
  readonly own: number;
  /** Rounds, in ns. */
  readonly switches: readonly number[];
  readonly wakes: readonly number[];
}

async function measureScale(processes: number): Promise<Figures> {
  // On this thread, whose garbage can be collected before memory is looked at.
  await using machine = await boot({ thread: "same", pids: processes + 100 });
  const side = new GuestSide(machine);
  await using pingpong = await side.start("pingpong-process", []);
  await using yielding = await side.start("yield", []);
  {
    await using first = await side.start("sleep", []);
    await first.run(WARM_UP);
  }
  const before = await memoryInUse(await memorySize(side));
  await using sleepers = await side.start("sleep", []);
  let ns = 0;
  for (let made = 0; made < processes; ) {
    made = Math.min(processes, made + STEP);
    ns += await sleepers.run(made);
  }
  const after = await memoryInUse(await memorySize(side));
  const switches = await alternate(null, (count) => yielding.run(count));
  const wakes = await alternate(null, (count) => pingpong.run(count));
  return {
    time: ns / processes / 1e3,
    memory: (after.all - before.all) / processes,
    own: (after.guests - before.guests) / processes,
    switches: switches.ring3,
    // There and back is two.
    wakes: wakes.ring3.map((figure) => figure / 2),
  };
}

/** Bytes of the linear memory of a sleeper. */
async function memorySize(side: GuestSide): Promise<number> {
  return Number(await side.read("sleep", "memory-size"));
}

/** KiB of this program that are in memory: all, and of mappings that are as long as a sleeper's linear memory. */
async function memoryInUse(length: number): Promise<{ all: number; guests: number }> {
  await collectGarbage();
  const kib = { all: 0, guests: 0 };
  // A mapping's Size comes before its Rss; both in kB (proc(5)).
  let size = 0;
  for (const [, field, kb] of readFileSync("/proc/self/smaps", "utf8").matchAll(/^(Size|Rss): +(\d+) kB$/gm)) {
    if (field === "Size") size = Number(kb);
    else {
      kib.all += Number(kb);
      if (size === length / 1024) kib.guests += Number(kb);
    }
  }
  return kib;
}

/** V8 gives pages back on other threads, some time after. */
async function collectGarbage(): Promise<void> {
  setFlagsFromString("--expose-gc");
  const gc = runInNewContext("gc") as () => void;
  for (let i = 0; i < 5; i++) {
    gc();
    await setTimeout(100);
  }
}

if (import.meta.main) {
  console.log(JSON.stringify(await measureScale(Number(process.argv[2]))));
  process.exit();
}
