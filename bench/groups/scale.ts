/** Many processes asleep at once: what each takes, and whether a switch and a wake-up get dearer with their number. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { run } from "../../guests/run.ts";
import type { Row, Samples, Target, Unit } from "../row.ts";
import type { Figures } from "../scale.ts";
import type { Session } from "../session.ts";

// 20,000 are beyond one Node: V8 reserves 8 GiB of addresses for a memory, and Linux allows 65,530 mappings (runtime/api/options.ts).
const SIZES = [1000, 10_000];
/** The size whose figure stands for what a sleeping process takes. */
const TYPICAL = SIZES[0];

function figures(session: Session, processes: number): Promise<Figures> {
  return session.once(`scale ${processes}`, async () => {
    const program = join(import.meta.dirname, "..", "scale.ts");
    const { status, stdout, stderr } = await run(process.execPath, [program, `${processes}`], { mayFail: true });
    if (status === 0) return JSON.parse(stdout);
    // The host's kernel refuses more mappings than that, and V8 then gives up.
    const limit = readFileSync("/proc/sys/vm/max_map_count", "utf8").trim();
    const crash = `Node crashed; a process takes about four mappings of the host, whose vm.max_map_count is ${limit}`;
    throw new Error(/^(?:\w*Error: )(.*)$/m.exec(stderr)?.[1] ?? crash);
  });
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
