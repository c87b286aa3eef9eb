/** The table on the terminal. Lines come one at a time: a row is shown when it was measured. */
import { figure, percent, ratio, target } from "./format.ts";
import { change, type Result, reached } from "./result.ts";
import type { Row } from "./row.ts";

interface Column {
  title: string;
  left?: boolean;
  cell: (row: Row, result: Result) => string;
}

export class Table {
  readonly #columns: readonly Column[];
  readonly #widths: readonly number[];

  /**
   * @param before results to compare with.
   * @param baseline what ring3 is compared with.
   */
  constructor(rows: readonly Row[], before: ReadonlyMap<string, Result> | null, baseline = "native") {
    const compared: Column = {
      title: "change",
      cell: (_, result) => {
        const times = change(result, before?.get(result.id));
        return times === undefined ? "" : `x ${times.toFixed(2)}`;
      },
    };
    this.#columns = [
      { title: "row", left: true, cell: (row) => row.id },
      { title: baseline, cell: (_, { native, unit }) => figure(native, unit) },
      { title: "ring3", cell: (_, { ring3, unit }) => figure(ring3, unit) },
      { title: "ratio", cell: (_, result) => ratio(result) },
      { title: "target", cell: (row) => target(row) },
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
