/** Rows that are one C program, run natively and in a machine in turn. */
import { boot } from "../runtime/index.ts";
import { alternate } from "./measure.ts";
import type { Row, Samples, Target, Unit } from "./row.ts";
import type { Session } from "./session.ts";
import { GuestSide, type Side } from "./side.ts";

/** Nanoseconds of the units in which paired rows are shown. */
const NANOSECONDS = { ns: 1, us: 1e3, ms: 1e6 } as const satisfies Partial<Record<Unit, number>>;

export interface PairOptions {
  /** The program's source: rows/SOURCE.c. Default: the row's id. */
  source?: string;
  /** The program's arguments. */
  args?: readonly string[] | ((side: Side) => Promise<string[]>);
  /** Most times as long as natively. */
  target?: number;
}

/** Makes rows of a group. */
export function pairs(group: string) {
  return (id: string, title: string, unit: keyof typeof NANOSECONDS, options: PairOptions = {}): Row => {
    const target: Target | undefined = options.target === undefined ? undefined : { ratio: options.target };
    return { id, group, title, unit, target, measure: (session) => measurePair(session, id, unit, options) };
  };
}

async function measurePair(
  session: Session,
  id: string,
  unit: keyof typeof NANOSECONDS,
  options: PairOptions,
): Promise<Samples> {
  const { source = id, args = [] } = options;
  const start = async (side: Side) => side.start(source, typeof args === "function" ? await args(side) : args);
  await using machine = await boot();
  await using native = await start(session.native);
  await using guest = await start(new GuestSide(machine));
  const { native: host, ring3 } = await alternate(
    (count) => native.run(count),
    (count) => guest.run(count),
  );
  const convert = (figures: readonly number[]) => figures.map((ns) => ns / NANOSECONDS[unit]);
  return { native: host && convert(host), ring3: convert(ring3) };
}
