/** Figures as text. */
import type { Result } from "./result.ts";
import type { Row, Unit } from "./row.ts";

/** Three significant digits, and no exponent. */
export function digits(value: number): string {
  if (value === 0) return "0";
  const decimals = Math.max(0, 2 - Math.floor(Math.log10(Math.abs(value))));
  return value.toFixed(Math.min(decimals, 6));
}

export const figure = (value: number | null, unit: Unit): string => (value === null ? "" : `${digits(value)} ${unit}`);
export const percent = (share: number): string => `${Math.round(share * 100)}%`;
export const ratio = ({ ratio }: Result): string => (ratio === null ? "" : digits(ratio));

/** A row's target: "≤ 0.5", "≤ 150 ms". */
export function target({ target, unit }: Row): string {
  if (!target) return "";
  return `≤ ${"ratio" in target ? target.ratio : figure(target.figure, unit)}`;
}
