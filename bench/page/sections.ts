/** The groups of rows as the page shows them. */
import type { Report } from "../report.ts";
import type { Picture } from "./chart.ts";
import { computeChart, dispatchCharts, ratioChart, scaleChart, startChart } from "./charts.ts";

export interface Section {
  readonly group: string;
  readonly title: string;
  /** What ring3 is compared with in it. */
  readonly baseline: string;
  readonly pictures: readonly Picture[];
}

type Charts = (report: Report) => (Picture | null)[];

const SECTIONS: readonly (readonly [group: string, title: string, baseline: string, charts: Charts])[] = [
  ["calls", "System calls", "native", (report) => [ratioChart(report, "calls", "System calls of one process")]],
  [
    "processes",
    "Processes and threads",
    "native",
    (report) => [ratioChart(report, "processes", "Switches between processes and threads, beginnings and ends")],
  ],
  ["dispatch", "The dispatch path", "bare call", dispatchCharts],
  ["start", "Start", "native", (report) => [startChart(report)]],
  ["compute", "Computing", "bare module", (report) => [computeChart(report)]],
  ["wasi", "WASI", "other", (report) => [ratioChart(report, "wasi", "Calls of WASI, beside other implementations")]],
  ["scale", "Many processes", "native", (report) => [scaleChart(report)]],
];

/** The sections of which rows were asked for. */
export function sections(report: Report): Section[] {
  return SECTIONS.filter(([group]) => report.rows.some((row) => row.group === group)).map(
    ([group, title, baseline, charts]) => ({
      group,
      title,
      baseline,
      pictures: charts(report).filter((picture) => picture !== null),
    }),
  );
}
