/** What a row is, and what measuring it gives. */
import type { Session } from "./session.ts";

/** Figures are times, sizes, or (`x`) how many times as long. Smaller is better in all of them. */
export type Unit = "ns" | "us" | "ms" | "s" | "ms/MB" | "KiB" | "x";

/** Figures of a row's rounds, in its unit. Round i of both sides was measured in turn. */
export interface Samples {
  /** What ring3 is compared with: native Linux, or the raw engine where a row makes no sense natively; null where there is neither. */
  readonly native: readonly number[] | null;
  readonly ring3: readonly number[];
}

/** The same in another unit: every figure so many times. */
export function scaled({ native, ring3 }: Samples, factor: number): Samples {
  const convert = (figures: readonly number[]) => figures.map((figure) => figure * factor);
  return { native: native && convert(native), ring3: convert(ring3) };
}

/** What a row is to reach: a ratio to native, or a figure in its unit. */
export type Target = { readonly ratio: number } | { readonly figure: number };

export interface Row {
  readonly id: string;
  /** Also selects the row on the command line, with the others of the group. */
  readonly group: string;
  /** What is measured, in a few words. */
  readonly title: string;
  readonly unit: Unit;
  readonly target?: Target;
  /** @throws {Error} whose message says what went wrong. */
  measure(session: Session): Promise<Samples>;
}
