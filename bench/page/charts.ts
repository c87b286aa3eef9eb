/** The charts of a report: which rows go into which, and how. */
import { digits } from "../format.ts";
import type { Report } from "../report.ts";
import type { Result } from "../result.ts";
import type { Row } from "../row.ts";
import { BAR, COLORS, draw, NAMES, names, type Picture, text } from "./chart.ts";

/** Rows of a group that were measured. */
function measured(report: Report, group: string): { row: Row; result: Result }[] {
  return report.rows.flatMap((row) => {
    const result = row.group === group ? report.results.get(row.id) : undefined;
    return result ? [{ row, result }] : [];
  });
}

const times = (ratio: number): string => `${digits(ratio)}×`;

/** Ratios to native as bars from 1: to the left what takes less time than natively, to the right what takes more. */
export function ratioChart(report: Report, group: string, title: string): Picture | null {
  const rows = measured(report, group).filter(({ result }) => result.ratio !== null);
  if (rows.length === 0) return null;
  const logs = rows.map(({ result }) => Math.log10(result.ratio!));
  const targets = rows.flatMap(({ row }, i) =>
    row.target && "ratio" in row.target ? [[Math.log10(row.target.ratio), i]] : [],
  );
  const all = [...logs, ...targets.map(([x]) => x)];
  // Steps of half a power of ten, with space for the labels beyond the bars.
  const min = Math.min(-0.5, Math.floor(Math.min(...all) * 2 - 0.9) / 2);
  const max = Math.max(0.5, Math.ceil(Math.max(...all) * 2 + 0.9) / 2);
  const caption =
    "Time on ring3 as a multiple of the time on native Linux, on a logarithmic scale. Bars to the left of 1× are faster than native. " +
    "A black tick is the target.";
  return draw(title, caption, rows.length * BAR + 46, {
    grid: { left: NAMES, right: 16, top: 30, bottom: 8 },
    xAxis: {
      type: "value",
      position: "top",
      min,
      max,
      interval: 0.5,
      axisLabel: { ...text(COLORS.faint, 11), formatter: (log: number) => `${Number((10 ** log).toPrecision(1))}×` },
      splitLine: { lineStyle: { color: COLORS.grid } },
    },
    yAxis: names(rows.map(({ row }) => row.title)),
    series: [
      {
        type: "bar",
        barWidth: BAR - 9,
        data: logs.map((value, i) => ({
          value,
          itemStyle: { color: value <= 0 ? COLORS.ring3 : COLORS.slower, borderRadius: 2 },
          label: { position: value <= 0 ? "left" : "right", formatter: times(rows[i].result.ratio!) },
        })),
        label: { show: true, ...text(COLORS.text, 11) },
        markLine: {
          silent: true,
          symbol: "none",
          label: { show: false },
          lineStyle: { color: COLORS.faint, type: "solid", width: 1 },
          data: [{ xAxis: 0 }],
        },
      },
      {
        type: "scatter",
        data: targets,
        symbol: "rect",
        symbolSize: [2, BAR - 6],
        itemStyle: { color: COLORS.target },
        z: 5,
      },
    ],
  });
}

/** A way through the kernel, as the steps that it adds up: rows whose differences are the steps. */
interface Path {
  readonly name: string;
  readonly steps: readonly (readonly [step: string, row: string])[];
}

const BARE = ["bare call", "dispatch-bare"] as const;
const ENTRY = ["hot entry: anything attached?", "dispatch-entry"] as const;
const GETPID = ["the call itself", "dispatch-getpid"] as const;

const FAST: readonly Path[] = [
  { name: "a bare call", steps: [BARE] },
  { name: "hot entry, nothing behind it", steps: [BARE, ENTRY] },
  { name: "getpid, by its import", steps: [BARE, ENTRY, GETPID] },
  { name: "getpid, by the C library", steps: [BARE, ENTRY, GETPID, ["C library", "dispatch-libc"]] },
];

const SLOW: readonly Path[] = [
  { name: "getpid", steps: [BARE, ENTRY, GETPID] },
  { name: "a call of the cold half", steps: [BARE, ENTRY, ["slow entry and cold half", "dispatch-cold"]] },
  { name: "getpid while traced", steps: [BARE, ENTRY, GETPID, ["tracing", "dispatch-traced"]] },
  { name: "a call that blocks and is woken", steps: [BARE, ENTRY, ["block, switch, wake", "dispatch-block"]] },
  { name: "a signal to oneself, handled", steps: [BARE, ENTRY, ["delivery and handler", "dispatch-signal"]] },
];

/** A shade for each kind of step, light to dark, then the ones that leave the fast path. */
const SHADES = ["#c6d9f7", "#8fb4ee", "#2563c9", "#16408a", "#d9762b", "#7a5bc7", "#1f8f7a", "#b8405e"];

function stackedChart(report: Report, paths: readonly Path[], title: string, caption: string): Picture | null {
  const figure = (row: string) => report.results.get(row)?.ring3;
  const known = paths.filter(({ steps }) => steps.every(([, row]) => figure(row) !== undefined));
  if (known.length < 2) return null;
  const steps = [...new Set(known.flatMap((path) => path.steps.map(([step]) => step)))];
  const share = (path: Path, step: string): number => {
    const at = path.steps.findIndex(([name]) => name === step);
    if (at < 0) return 0;
    const before = at === 0 ? 0 : figure(path.steps[at - 1][1])!;
    // Noise can make a step that costs nothing look like less than nothing.
    return Math.max(0, figure(path.steps[at][1])! - before);
  };
  const total = (path: Path) => figure(path.steps.at(-1)![1])!;
  return draw(title, caption, known.length * (BAR + 6) + 66, {
    grid: { left: NAMES, right: 70, top: 54, bottom: 8 },
    legend: { top: 0, left: 0, itemWidth: 12, itemHeight: 12, textStyle: text(COLORS.text, 11) },
    xAxis: {
      type: "value",
      position: "top",
      axisLabel: { ...text(COLORS.faint, 11), formatter: "{value} ns" },
      splitLine: { lineStyle: { color: COLORS.grid } },
    },
    yAxis: names(known.map(({ name }) => name)),
    series: steps.map((step, i) => ({
      type: "bar",
      name: step,
      stack: "path",
      barWidth: BAR - 5,
      itemStyle: { color: SHADES[i % SHADES.length] },
      data: known.map((path) => ({
        value: share(path, step),
        label: {
          show: path.steps.at(-1)![0] === step,
          position: "right",
          formatter: `${digits(total(path))} ns`,
          ...text(COLORS.text, 11),
        },
      })),
    })),
  });
}

export function dispatchCharts(report: Report): Picture[] {
  return [
    stackedChart(
      report,
      FAST,
      "The fast path, step by step",
      "What each step adds to a call. A system call that the hot half serves is WebAssembly calling WebAssembly.",
    ),
    stackedChart(
      report,
      SLOW,
      "Beyond the fast path",
      "What it costs to leave it: for the half of the kernel that is TypeScript, for a tracer, to sleep, for a signal.",
    ),
    figureChart(
      report,
      [
        "dispatch-bare",
        "dispatch-getpid",
        "dispatch-js-import",
        "dispatch-bigint-import",
        "dispatch-suspending-import",
        "dispatch-thread-spin",
        "dispatch-thread",
      ],
      "The ways not gone",
      "The same call through a JavaScript import, or served by another thread. Logarithmic scale.",
    ),
  ].filter((picture) => picture !== null);
}

/** Figures of some rows as bars, on a logarithmic scale; they have one unit. */
function figureChart(report: Report, ids: readonly string[], title: string, caption: string): Picture | null {
  const rows = report.rows.filter(({ id }) => ids.includes(id) && report.results.has(id));
  if (rows.length < 2) return null;
  const figures = rows.map(({ id }) => report.results.get(id)!.ring3);
  const { unit } = rows[0];
  const floor = 10 ** Math.floor(Math.log10(Math.min(...figures)) - 0.01);
  return draw(title, caption, rows.length * BAR + 46, {
    grid: { left: NAMES, right: 80, top: 30, bottom: 8 },
    xAxis: {
      type: "log",
      position: "top",
      min: floor,
      axisLabel: { ...text(COLORS.faint, 11), formatter: (value: number) => `${value.toLocaleString("en")} ${unit}` },
      splitLine: { lineStyle: { color: COLORS.grid } },
    },
    yAxis: names(rows.map(({ title }) => title.replace(/^instead: /, ""))),
    series: [
      {
        type: "bar",
        barWidth: BAR - 9,
        data: figures.map((value, i) => ({
          value,
          itemStyle: { color: rows[i].title.startsWith("instead") ? COLORS.slower : COLORS.ring3, borderRadius: 2 },
          label: { formatter: `${digits(value)} ${unit}` },
        })),
        label: { show: true, position: "right", ...text(COLORS.text, 11) },
      },
    ],
  });
}

/** Figures against targets, each in its own unit: bars as shares of the target. */
export function startChart(report: Report): Picture | null {
  const rows = measured(report, "start").filter(({ result }) => result.unit === "ms");
  if (rows.length === 0) return null;
  const target = (row: Row) => (row.target && "figure" in row.target ? row.target.figure : undefined);
  return draw(
    "From the command line to the first output",
    "Milliseconds beyond what node -e 0 takes in the same round. A black tick is the target.",
    rows.length * BAR + 46,
    {
      grid: { left: NAMES, right: 80, top: 30, bottom: 8 },
      xAxis: {
        type: "value",
        position: "top",
        axisLabel: { ...text(COLORS.faint, 11), formatter: "{value} ms" },
        splitLine: { lineStyle: { color: COLORS.grid } },
      },
      yAxis: names(rows.map(({ row }) => row.title.replace("first output of ", ""))),
      series: [
        {
          type: "bar",
          barWidth: BAR - 9,
          itemStyle: { color: COLORS.ring3, borderRadius: 2 },
          data: rows.map(({ result }) => result.ring3),
          label: {
            show: true,
            position: "right",
            formatter: ({ value }) => `${digits(Number(value))} ms`,
            ...text(COLORS.text, 11),
          },
        },
        {
          type: "scatter",
          data: rows.flatMap(({ row }, i) => (target(row) === undefined ? [] : [[target(row)!, i]])),
          symbol: "rect",
          symbolSize: [2, BAR - 6],
          itemStyle: { color: COLORS.target },
          z: 5,
        },
      ],
    },
  );
}

/** What the loader costs: two bars a kernel. */
export function computeChart(report: Report): Picture | null {
  const rows = measured(report, "compute");
  const forks = (id: string) => id.endsWith("-asyncify");
  const plain = rows.filter(({ row }) => !forks(row.id));
  if (plain.length === 0) return null;
  const twin = (id: string) => (id === "compute-polls" ? "compute-asyncify" : `${id}-asyncify`);
  const bar = (name: string, color: string, ratio: (row: Row) => number | null | undefined) => ({
    type: "bar" as const,
    name,
    barWidth: BAR - 13,
    barGap: "15%",
    itemStyle: { color, borderRadius: 2 },
    data: plain.map(({ row }) => ratio(row) ?? "-"),
    label: {
      show: true,
      position: "right" as const,
      formatter: ({ value }: { value?: unknown }) => (typeof value === "number" ? times(value) : ""),
      ...text(COLORS.text, 11),
    },
  });
  return draw(
    "What the loader costs programs that compute",
    "Time of the loader's image as a multiple of the time that V8 takes for the module as it came.",
    plain.length * (BAR + 12) + 76,
    {
      grid: { left: NAMES, right: 70, top: 54, bottom: 8 },
      legend: { top: 0, left: 0, itemWidth: 12, itemHeight: 12, textStyle: text(COLORS.text, 11) },
      xAxis: {
        type: "value",
        position: "top",
        axisLabel: { ...text(COLORS.faint, 11), formatter: "{value}×" },
        splitLine: { lineStyle: { color: COLORS.grid } },
      },
      yAxis: names(plain.map(({ row }) => row.title.replace(/^(geometric mean):.*/, "$1"))),
      series: [
        bar("does not fork: polls alone", COLORS.light, ({ id }) => report.results.get(id)?.ratio),
        bar("can fork: the unwinding pass too", COLORS.ring3, ({ id }) => report.results.get(twin(id))?.ratio),
      ],
    },
  );
}

/** Switches and wake-ups by the number of sleepers. */
export function scaleChart(report: Report): Picture | null {
  const points = (kind: string) =>
    measured(report, "scale").flatMap(({ row, result }) =>
      row.id.startsWith(`${kind}-`) ? [[Number(row.id.split("-")[1]), result.ring3]] : [],
    );
  const kinds = [
    ["a switch between two processes", points("switch"), COLORS.light],
    ["a wake-up through a pipe", points("wake"), COLORS.ring3],
  ] as const;
  if (kinds.every(([, data]) => data.length < 2)) return null;
  return draw(
    "Switches and wake-ups beside many sleepers",
    "Nanoseconds, by the number of processes asleep at the same time: they must not grow with it.",
    260,
    {
      grid: { left: 70, right: 30, top: 44, bottom: 40 },
      legend: { top: 0, left: 0, itemWidth: 18, itemHeight: 10, textStyle: text(COLORS.text, 11) },
      xAxis: {
        type: "value",
        min: 0,
        name: "processes asleep",
        nameLocation: "middle",
        nameGap: 26,
        nameTextStyle: text(COLORS.faint, 11),
        axisLabel: { ...text(COLORS.faint, 11), formatter: (value: number) => value.toLocaleString("en") },
        splitLine: { show: false },
      },
      yAxis: {
        type: "value",
        min: 0,
        axisLabel: { ...text(COLORS.faint, 11), formatter: "{value} ns" },
        splitLine: { lineStyle: { color: COLORS.grid } },
      },
      series: kinds.map(([name, data, color]) => ({
        type: "line",
        name,
        data,
        symbolSize: 7,
        lineStyle: { color, width: 2 },
        itemStyle: { color },
      })),
    },
  );
}
