/** `ring3 inspect` of a component. */

import { oneLine } from "../../loader/errors.ts";
import type { PrepareOptions } from "../../loader/index.ts";
import { readOutside } from "./binary.ts";
import { prepareComponent } from "./prepare.ts";
import { isCommand } from "./process.ts";

export interface ComponentReport {
  readonly file: string;
  readonly hash: string;
  /** It can be executed: exports wasi:cli/run. */
  readonly command: boolean;
  readonly imports: readonly string[];
  readonly exports: readonly string[];
  /** Bytes of the file, and how many core modules are in it. */
  readonly bytes: number;
  readonly cores: number;
}

/** Prepares a component and reports on it, with its declarations in TypeScript by file name. Rejects with a LoadError. */
export async function inspectComponent(
  bytes: Uint8Array,
  options: PrepareOptions,
): Promise<ComponentReport & { types: Readonly<Record<string, string>> }> {
  const component = await prepareComponent(bytes, options);
  const { imports, exports } = readOutside(bytes);
  return {
    file: options.file ?? "component",
    hash: component.hash,
    command: isCommand(component),
    imports: imports.filter(({ kind }) => kind !== "type").map(({ name }) => name),
    exports: exports.map(({ name }) => name),
    bytes: bytes.length,
    cores: component.cores.size,
    types: component.types,
  };
}

/** A report as text, one fact a line. */
export function renderComponent({ file, hash, command, imports, exports, bytes, cores }: ComponentReport): string {
  const rows: [label: string, value: string][] = [
    ["ABI", command ? "component model: a command" : "component model: a library (machine.component)"],
    ["size", `${bytes.toLocaleString("en-US")} bytes, ${cores} core modules`],
    ["SHA-256", hash],
    ...exports.map((name): [string, string] => ["exports", name]),
    ...imports.map((name): [string, string] => ["imports", name]),
  ];
  const lines = rows.map(([label, value]) => `  ${label.padEnd(12)}${oneLine(value)}`);
  return `${[oneLine(file), ...lines].join("\n")}\n`;
}
