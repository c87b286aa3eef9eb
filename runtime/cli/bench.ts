/** `ring3 bench`: measures rows of the benchmark, and shows, saves and compares their figures. */
import { readFileSync, writeFileSync } from "node:fs";
import { availableParallelism, loadavg } from "node:os";
import { measure } from "../../bench/bench.ts";
import { ROWS, select } from "../../bench/catalog.ts";
import { environment, type Failure, type Report } from "../../bench/report.ts";
import { fromJson, type Result, toJson } from "../../bench/result.ts";
import type { Row } from "../../bench/row.ts";
import { Table } from "../../bench/table.ts";
import { hostWriter, printReport, writeAll } from "../host/node/stdio.ts";
import { ensureBuilt } from "./built.ts";
import { CliError, EXIT_RING3, report } from "./errors.ts";

export interface BenchFlags {
  /** A file; true: standard output, in place of the table. */
  json?: string | true;
  /** Files for a page and a picture. */
  html?: string;
  svg?: string;
  against?: string;
  list?: boolean;
}

/** Of a run in which rows failed. */
const EXIT_FAILED = 1;

/** Gives the exit code. Errors are reported here: this file is no part of the CLI's bundle, whose CliError is another class. */
export async function bench(names: string[], flags: BenchFlags): Promise<number> {
  try {
    return await start(names, flags);
  } catch (error) {
    return report(error);
  }
}

async function start(names: string[], flags: BenchFlags): Promise<number> {
  // `--json getpid`: the option's file may be left out, and then a row can follow.
  if (typeof flags.json === "string" && select([flags.json]).unknown === undefined) {
    names = [flags.json, ...names];
    flags = { ...flags, json: true };
  }
  const { rows, unknown } = select(names);
  if (unknown !== undefined) {
    throw new CliError(EXIT_RING3, `bench: "${unknown}" is no row or group (see: ring3 bench --list)`);
  }
  if (flags.list) {
    await printReport(list(rows));
    return 0;
  }
  const before = flags.against === undefined ? null : readResults(flags.against);
  // What cannot be written is said before minutes of measuring.
  for (const file of [flags.json, flags.html, flags.svg]) if (typeof file === "string") save(file, "");
  await ensureBuilt(true);
  const outcome = await run(rows, flags.json === true ? 2 : 1, before);
  const results = [...outcome.results.values()];
  if (flags.json === true) await printReport(toJson(results));
  else if (flags.json !== undefined) save(flags.json, toJson(results));
  if (flags.html !== undefined || flags.svg !== undefined) {
    const { renderPage, renderPicture } = await import("../../bench/page/page.ts");
    if (flags.html !== undefined) save(flags.html, renderPage(outcome));
    if (flags.svg !== undefined) save(flags.svg, renderPicture(outcome));
  }
  return outcome.failures.length > 0 ? EXIT_FAILED : 0;
}

/** Measures, with the table as it comes about on descriptor `fd`. */
async function run(rows: readonly Row[], fd: 1 | 2, before: Report["before"]): Promise<Report> {
  const table = new Table(rows, before);
  const write = hostWriter(fd);
  const results = new Map<string, Result>();
  const failures: Failure[] = [];
  warnOfLoad();
  await write(table.header());
  await measure(rows, {
    begins: (row) => progress(row.id),
    measured: async (row, result) => {
      results.set(row.id, result);
      progress("");
      await write(table.line(row, result));
    },
    failed: async (row, message) => {
      failures.push({ row, message });
      progress("");
      await write(table.failure(row, message));
    },
  });
  return { rows, results, failures, before, environment: environment() };
}

/** Says so where other programs use the processors: figures mean little then. */
function warnOfLoad(): void {
  const [load] = loadavg();
  const processors = availableParallelism();
  if (load < processors / 2) return;
  writeAll(
    2,
    `ring3: bench: the machine is busy (load ${load.toFixed(1)} on ${processors} processors): expect noise\n`,
  );
}

/** Shows on a terminal what is being measured, until something else is written in its place. */
function progress(text: string): void {
  if (process.stderr.isTTY) process.stderr.write(`\r\x1b[K${text}${text ? "\r" : ""}`);
}

function list(rows: readonly Row[]): string {
  const width = Math.max(...ROWS.map(({ id }) => id.length));
  const groups = new Set(rows.map(({ group }) => group));
  const lines = [...groups].flatMap((group) => [
    `${group}:`,
    ...rows.filter((row) => row.group === group).map(({ id, title }) => `  ${id.padEnd(width)}  ${title}`),
  ]);
  return `${lines.join("\n")}\n`;
}

function readResults(file: string): Map<string, Result> {
  try {
    return new Map(fromJson(readFileSync(file, "utf8")).map((result) => [result.id, result]));
  } catch (error) {
    throw new CliError(EXIT_RING3, `bench: --against ${file}: ${error instanceof Error ? error.message : error}`);
  }
}

function save(file: string, text: string): void {
  try {
    writeFileSync(file, text);
  } catch (error) {
    throw new CliError(EXIT_RING3, `bench: cannot write ${file}: ${error instanceof Error ? error.message : error}`);
  }
}
