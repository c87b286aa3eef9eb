/** What a run gave: what pages and pictures are made of. */
import { readFileSync } from "node:fs";
import { cpus, release, totalmem } from "node:os";
import type { Result } from "./result.ts";
import type { Row } from "./row.ts";

export interface Failure {
  readonly row: Row;
  readonly message: string;
}

export interface Report {
  readonly rows: readonly Row[];
  /** By id; rows that failed have none. */
  readonly results: ReadonlyMap<string, Result>;
  readonly failures: readonly Failure[];
  /** Results to compare with. */
  readonly before: ReadonlyMap<string, Result> | null;
  /** The machine and the programs that ran on it: a name and a value each. */
  readonly environment: readonly (readonly [string, string])[];
}

/** Where the figures come from. */
export function environment(): Report["environment"] {
  const processors = cpus();
  return [
    ["Processor", `${processors.length} × ${processors[0]?.model ?? "unknown"}`],
    ["Memory", `${Math.round(totalmem() / 2 ** 30)} GiB`],
    ["Linux", release()],
    ["Distribution", distribution()],
    ["Node", `${process.versions.node} (V8 ${process.versions.v8})`],
    ["Measured", new Date().toISOString().slice(0, 16).replace("T", " ")],
  ];
}

function distribution(): string {
  try {
    return /^PRETTY_NAME="?([^"\n]+)/m.exec(readFileSync("/etc/os-release", "utf8"))?.[1] ?? "unknown";
  } catch {
    return "unknown";
  }
}
