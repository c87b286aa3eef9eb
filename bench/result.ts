/** From samples to figures; how results are saved, and compared with those that were. */
import { interquartileRange, median } from "simple-statistics";
import type { Row, Samples, Unit } from "./row.ts";

/** A row's figures, as `--json` writes them. */
export interface Result {
  readonly id: string;
  /** Median of native Linux (or the raw engine: Samples); null where there is nothing to compare with. */
  readonly native: number | null;
  /** Median. */
  readonly ring3: number;
  readonly unit: Unit;
  /** ring3 / native. */
  readonly ratio: number | null;
  /** Interquartile range of the rounds' ratios (of ring3's figures where there are none), as a share of their median. */
  readonly spread: number;
}

export function summarize(row: Row, { native, ring3 }: Samples): Result {
  const middle = median([...ring3]);
  const host = native && median([...native]);
  const compared = native ? ring3.map((figure, i) => figure / native[i]) : [...ring3];
  return {
    id: row.id,
    native: host,
    ring3: middle,
    unit: row.unit,
    ratio: host === null ? null : middle / host,
    spread: interquartileRange(compared) / median(compared),
  };
}

/** Whether it reached the row's target; null where it has none. */
export function reached({ target }: Row, { ratio, ring3 }: Result): boolean | null {
  if (!target) return null;
  return "ratio" in target ? ratio !== null && ratio <= target.ratio : ring3 <= target.figure;
}

export function toJson(results: readonly Result[]): string {
  return `${JSON.stringify({ rows: results }, null, 2)}\n`;
}

/**
 * Reads what `--json` wrote.
 * @throws {Error} saying what is wrong with it.
 */
export function fromJson(text: string): Result[] {
  const { rows } = JSON.parse(text) as { rows?: unknown };
  const figure = (value: unknown) => typeof value === "number" && Number.isFinite(value);
  const isResult = (row: Result) =>
    typeof row?.id === "string" &&
    typeof row.unit === "string" &&
    figure(row.ring3) &&
    [row.native, row.ratio].every((value) => value === null || figure(value));
  if (!Array.isArray(rows) || !rows.every(isResult)) throw new Error('it has no "rows" as --json writes them');
  return rows;
}

/**
 * How many times as long as before: by the ratios to native, which cancel the machine's speed, where both have them.
 * Undefined where the two cannot be compared.
 */
export function change(now: Result, before: Result | undefined): number | undefined {
  if (!before || before.unit !== now.unit) return undefined;
  const [a, b] = now.ratio !== null && before.ratio !== null ? [now.ratio, before.ratio] : [now.ring3, before.ring3];
  return b > 0 ? a / b : undefined;
}
