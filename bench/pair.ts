/** Rows that are one C program, run natively and in a machine in turn. */
import { boot } from "../runtime/index.ts";
import { alternate } from "./measure.ts";
import { type Row, type Samples, scaled, type Unit } from "./row.ts";
import type { Session } from "./session.ts";
import { GuestSide, type Side } from "./side.ts";
import type { Subject } from "./subject.ts";

/** Nanoseconds of the units in which paired rows are shown. */
export const NANOSECONDS = { ns: 1, us: 1e3, ms: 1e6 } as const satisfies Partial<Record<Unit, number>>;

export interface PairOptions {
  /** The program's source: rows/SOURCE.c. Default: the row's id. */
  source?: string;
  /** The program's arguments. */
  args?: readonly string[] | ((side: Side) => Promise<string[]>);
  /** Most times as long as natively. */
  target?: number;
}

/** A row whose program can be started anywhere. */
export interface PairedRow extends Row {
  readonly unit: keyof typeof NANOSECONDS;
  start(side: Side): Promise<Subject>;
}

/** Makes rows of a group. */
export function pairs(group: string) {
  return (id: string, title: string, unit: keyof typeof NANOSECONDS, options: PairOptions = {}): PairedRow => {
    const { source = id, args = [], target } = options;
    const start = async (side: Side) => side.start(source, typeof args === "function" ? await args(side) : args);
    const measure = async (session: Session) => {
      await using machine = await boot();
      return scaled(await measurePair(start, session.native, new GuestSide(machine)), 1 / NANOSECONDS[unit]);
    };
    return { id, group, title, unit, target: target === undefined ? undefined : { ratio: target }, measure, start };
  };
}

/** Measures a program on two sides in turn; in nanoseconds. */
export async function measurePair(start: PairedRow["start"], baseline: Side, other: Side): Promise<Samples> {
  await using first = await start(baseline);
  await using second = await start(other);
  return await alternate(
    (count) => first.run(count),
    (count) => second.run(count),
  );
}
