/** The table on the terminal. Lines come one at a time: a row is shown when it was measured. */
import { change, type Result, reached } from "./result.ts";
import type { Row, Unit } from "./row.ts";

/** Three significant digits, and no exponent. */
export function digits(value: number): string {
  if (value === 0) return "0";
  const decimals = Math.max(0, 2 - Math.floor(Math.log10(Math.abs(value))));
  return value.toFixed(Math.min(decimals, 6));
}

const figure = (value: number | null, unit: Unit): string => (value === null ? "" : `${digits(value)} ${unit}`);
const percent = (share: number): string => `${Math.round(share * 100)}%`;

function targetOf({ target, unit }: Row): string {
  if (!target) return "";
  return `≤ ${"ratio" in target ? target.ratio : figure(target.figure, unit)}`;
}

interface Column {
  title: string;
  left?: boolean;
  cell: (row: Row, result: Result) => string;
}

export class Table {
  readonly #columns: readonly Column[];
  readonly #widths: readonly number[];

  /** @param before results to compare with. */
  constructor(rows: readonly Row[], before: ReadonlyMap<string, Result> | null) {
    const compared: Column = {
      title: "change",
      cell: (_, result) => {
        const times = change(result, before?.get(result.id));
        return times === undefined ? "" : `x ${times.toFixed(2)}`;
      },
    };
    this.#columns = [
      { title: "row", left: true, cell: (row) => row.id },
      { title: "native", cell: (_, { native, unit }) => figure(native, unit) },
      { title: "ring3", cell: (_, { ring3, unit }) => figure(ring3, unit) },
      { title: "ratio", cell: (_, { ratio }) => (ratio === null ? "" : digits(ratio)) },
      { title: "target", cell: (row) => targetOf(row) },
      {
        title: "",
        left: true,
        cell: (row, result) => ({ true: "ok", false: "no", null: "" })[`${reached(row, result)}`],
      },
      { title: "spread", cell: (_, { spread }) => percent(spread) },
      ...(before ? [compared] : []),
      { title: "what", left: true, cell: ({ title }) => title },
    ];
    const figures = [
      "123.4 ms/MB",
      "123.4 ms/MB",
      "0.0123",
      "≤ 50.0 ms/MB",
      "no",
      "100%",
      ...(before ? ["x 1.00"] : []),
    ];
    const samples = [Math.max(0, ...rows.map(({ id }) => id.length)), ...figures.map((text) => text.length), 0];
    this.#widths = this.#columns.map(({ title }, i) => Math.max(title.length, samples[i]));
  }

  header(): string {
    return this.#line(this.#columns.map(({ title }) => title));
  }

  line(row: Row, result: Result): string {
    return this.#line(this.#columns.map(({ cell }) => cell(row, result)));
  }

  /** The line of a row that failed. */
  failure(row: Row, message: string): string {
    return `${row.id.padEnd(this.#widths[0])}  failed: ${message}\n`;
  }

  #line(cells: readonly string[]): string {
    const padded = cells.map((cell, i) =>
      this.#columns[i].left ? cell.padEnd(this.#widths[i]) : cell.padStart(this.#widths[i]),
    );
    return `${padded.join("  ").trimEnd()}\n`;
  }
}
