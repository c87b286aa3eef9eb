// What `ring3 inspect FILE` tells: a plain object, and the same as text.

import { oneLine } from "./errors.ts";
import type { ImageInfo, ImportInfo } from "./info.ts";
import { type PrepareOptions, prepare, sha256 } from "./prepare.ts";

export interface ImportReport extends ImportInfo {
  /** The kernel has a function for it; a call of any other ends with ENOSYS. */
  readonly served: boolean;
}

/** What there is to say about a file that can be run. */
export interface Inspection extends Omit<ImageInfo, "imports"> {
  readonly file: string;
  readonly hash: string;
  readonly imports: readonly ImportReport[];
  /** Its image came from the cache; `timings` then has both what preparing took once and what this took. */
  readonly cached: boolean;
}

/** Prepares a file and reports on it. `served` says of an import whether the kernel has it. Throws `LoadError`. */
export async function inspect(
  bytes: Uint8Array<ArrayBuffer>,
  served: (module: string, name: string) => boolean,
  options: PrepareOptions = {},
): Promise<Inspection> {
  const { info, cached } = await prepare(bytes, options);
  const imports = info.imports.map((item) => ({ ...item, served: served(item.module, item.name) }));
  return { file: options.file ?? "module", ...info, hash: info.hash ?? (await sha256(bytes)), imports, cached };
}

const ABI_NAMES: Readonly<Record<ImageInfo["abi"], string>> = {
  wali: "WALI (Linux system calls)",
  wasi: "WASI",
  component: "component model",
  none: "none: it imports nothing",
  unknown: "unknown: it imports nothing of WALI or WASI",
};

/** An inspection as text, one fact a line. */
export function renderInspection(report: Inspection): string {
  const rows: [label: string, value: string][] = [
    ["ABI", ABI_NAMES[report.abi]],
    ["size", `${number(report.size.source)} bytes, ${count(report.functions, "function")}`],
    ["SHA-256", report.hash],
    ["features", report.features.map(words).join(", ") || "none beyond the first version of WebAssembly"],
    ["memory", describeMemory(report.memory)],
    ["starts", report.start ? "at _start" : "not: it exports no _start"],
    ["fork", report.canFork ? `yes: ${report.forkReason}` : `no: ${report.forkReason}`],
    ["setjmp", report.usesSetjmp ? "imported" : "not imported"],
    ["threads", report.threads ? "yes" : "no"],
    ...describeImports(report.imports),
    ...describeRewriting(report).map((value, i): [string, string] => [i === 0 ? "rewriting" : "", value]),
    ["time", describeTimings(report)],
  ];
  const lines = rows.map(([label, value]) => `  ${label.padEnd(12)}${oneLine(value)}`);
  return `${[oneLine(report.file), ...lines].join("\n")}\n`;
}

function describeMemory({ min, max, shared }: Inspection["memory"]): string {
  const upTo = max === undefined ? "no maximum of its own" : `at most ${max} (${size(max)})`;
  return `at least ${count(min, "page")} (${size(min)}), ${upTo}${shared ? ", shared" : ""}`;
}

function describeImports(imports: readonly ImportReport[]): [string, string][] {
  const missing = imports.filter(({ served }) => !served);
  const rows: [string, string][] = [
    [
      "imports",
      `${count(imports.length, "function")}: ${imports.length - missing.length} served, ${missing.length} not`,
    ],
  ];
  for (const { module, name, params, results } of missing) {
    rows.push(["not served", `${module}.${name} (${params.join(", ")}) -> (${results.join(", ")})`]);
  }
  return rows;
}

function describeRewriting({ polls, replaced, unwinding, size: sizes }: Inspection): string[] {
  const lines = [
    unwinding ? describeUnwinding(unwinding) : "",
    `polls (${polls.mode}): ${polls.loops} in loops, ${polls.entries} in front of calls`,
    replaced.memoryGrow ? `${count(replaced.memoryGrow, "memory.grow")} turned into a kernel call` : "",
    replaced.atomicWaits + replaced.atomicNotifies
      ? `atomics turned into futex calls: ${replaced.atomicWaits} wait, ${replaced.atomicNotifies} notify`
      : "",
    replaced.dataSegments ? `${count(replaced.dataSegments, "data segment")} applied at exec` : "",
    replaced.start ? "start function called at exec" : "",
    `${number(sizes.source)} bytes become ${number(sizes.prepared)}`,
  ];
  return lines.filter(Boolean);
}

function describeUnwinding({ functions, sites, stuck }: NonNullable<Inspection["unwinding"]>): string {
  const whole = `${count(functions, "function")} can save and restore their frames, at ${count(sites, "call")}`;
  return stuck === 0 ? whole : `${whole}; at ${number(stuck)} of them a fork ends the process`;
}

function describeTimings({ timings, cached }: Inspection): string {
  const steps = Object.entries(timings).map(([step, ms]) => `${step} ${ms.toFixed(1)} ms`);
  return `${steps.join(", ")}${cached ? " (from the cache)" : ""}`;
}

/** `signExtension` becomes `sign extension`. */
const words = (name: string) => name.replace(/[A-Z0-9]+/g, (part) => ` ${part.toLowerCase()}`);
const number = (value: number) => value.toLocaleString("en-US");
const count = (value: number, what: string) => `${number(value)} ${what}${value === 1 ? "" : "s"}`;

/** Pages as KiB, MiB or GiB. */
function size(pages: number): string {
  const kib = pages * 64;
  if (kib < 1024) return `${kib} KiB`;
  if (kib < 1024 * 1024) return `${+(kib / 1024).toFixed(1)} MiB`;
  return `${+(kib / 1024 / 1024).toFixed(1)} GiB`;
}
