/** Many processes asleep at once: what each takes, and whether a switch and a wake-up get dearer with their number. */
import { readFileSync } from "node:fs";
import { setTimeout } from "node:timers/promises";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { boot } from "../../runtime/index.ts";
import { alternate } from "../measure.ts";
import type { Row, Samples, Target, Unit } from "../row.ts";
import type { Session } from "../session.ts";
import { GuestSide } from "../side.ts";

const SIZES = [1000, 10_000, 20_000];
/** Processes that are made before any count, and gone by then: code is compiled, pools are filled. */
const WARM_UP = 400;
/** Processes that are made between two answers of the program. */
const STEP = 500;
/** The size whose figure stands for what a sleeping process takes. */
const TYPICAL = SIZES[0];

interface Figures {
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

function figures(session: Session, processes: number): Promise<Figures> {
  return session.once(`scale ${processes}`, () => measureScale(processes));
}

function row(
  id: string,
  title: string,
  unit: Unit,
  processes: number,
  pick: (figures: Figures) => readonly number[],
  target?: Target,
): Row {
  const measure = async (session: Session): Promise<Samples> => ({
    native: null,
    ring3: pick(await figures(session, processes)),
  });
  return { id, group: "scale", title, unit, target, measure };
}

export const SCALE: readonly Row[] = [
  ...SIZES.flatMap((n): Row[] => {
    const many = n.toLocaleString("en");
    return [
      row(`sleep-${n}`, `fork each of ${many} processes that sleep`, "us", n, ({ time }) => [time]),
      row(`sleep-${n}-memory`, "memory that each takes", "KiB", n, ({ memory }) => [memory]),
      row(`switch-${n}`, `a switch beside ${many} sleepers`, "ns", n, ({ switches }) => switches),
      row(`wake-${n}`, `a wake-up beside ${many} sleepers`, "ns", n, ({ wakes }) => wakes),
    ];
  }),
  row("sleeping-process", "a sleeping process beyond its own memory", "KiB", TYPICAL, (f) => [f.memory - f.own], {
    figure: 24,
  }),
];
