/** Every row, in the order in which they are measured and shown. */
import { CALLS } from "./groups/calls.ts";
import { COMPUTE } from "./groups/compute.ts";
import { DISPATCH } from "./groups/dispatch.ts";
import { PROCESSES } from "./groups/processes.ts";
import { SCALE } from "./groups/scale.ts";
import { START } from "./groups/start.ts";
import { WASI_CALLS } from "./groups/wasi.ts";
import type { Row } from "./row.ts";

export const ROWS: readonly Row[] = [
  ...CALLS,
  ...PROCESSES,
  ...DISPATCH,
  ...START,
  ...COMPUTE,
  ...WASI_CALLS,
  ...SCALE,
];

/** The rows that are asked for, by their ids or their groups'; all where nothing is. `unknown`: the first name that is neither. */
export function select(names: readonly string[]): { rows: readonly Row[]; unknown?: string } {
  if (names.length === 0) return { rows: ROWS };
  const matches = (row: Row, name: string) => row.id === name || row.group === name;
  const unknown = names.find((name) => !ROWS.some((row) => matches(row, name)));
  return { rows: ROWS.filter((row) => names.some((name) => matches(row, name))), unknown };
}
