/** Compiles C programs for the host and for ring3, once for each content: .build/bench/{native,ring3}/NAME-HASH. */
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { built, guest, ROOT } from "../guests/paths.ts";
import { BuildError, run, which } from "../guests/run.ts";

export type Target = "native" | "ring3";

export interface Program {
  readonly name: string;
  readonly sources: readonly string[];
  /** Beside those that all have. */
  readonly flags?: readonly string[];
}

/** A program that is one file under bench/; a comment `flags: ...` in its first line adds flags. */
export function oneFile(source: string): Program {
  const own = /\bflags: ([^*\n]*)/.exec(readFileSync(source, "utf8").split("\n", 1)[0])?.[1].trim().split(/\s+/);
  return { name: basename(source, ".c"), sources: [source], flags: own };
}

const RING3_CC = guest("bin", "ring3-cc");
const FLAGS = ["-std=gnu11", "-O2", "-D_GNU_SOURCE", "-Wall", "-Wextra", "-Wno-unused-parameter", "-pthread"];

function compilerOf(target: Target): string {
  if (target === "ring3") return RING3_CC;
  const compiler = process.env.CC || "cc";
  if (!which(compiler)) {
    throw new BuildError(`there is no C compiler for the host (${compiler}): apt-get install build-essential`);
  }
  return compiler;
}

/** What, beside the source, decides what comes out. */
function toolId(target: Target, compiler: string): string {
  if (target === "native") return compiler;
  const library = statSync(built("sysroot", "lib", "libc.a"));
  return `${readFileSync(RING3_CC, "utf8")} ${library.size} ${library.mtimeMs}`;
}

/** Adds a source and the headers beside it that it includes. */
function addInputs(source: string, found: Set<string>): void {
  if (found.has(source) || !existsSync(source)) return;
  found.add(source);
  for (const [, header] of readFileSync(source, "utf8").matchAll(/^#include "([^"]+)"/gm)) {
    addInputs(join(dirname(source), header), found);
  }
}

/**
 * The path of the compiled program.
 * @throws {BuildError} with what the compiler said, or that there is none.
 */
export async function compile(program: Program, target: Target): Promise<string> {
  const { name: stem, sources } = program;
  const compiler = compilerOf(target);
  const flags = [...FLAGS, ...(program.flags ?? [])];
  const folder = built("bench", target);
  mkdirSync(folder, { recursive: true });
  const found = new Set<string>();
  for (const source of sources) addInputs(source, found);
  const hash = createHash("sha256").update(`${ROOT} ${toolId(target, compiler)} ${flags.join(" ")}`);
  for (const file of found) hash.update(readFileSync(file));
  const name = `${stem}-${hash.digest("hex").slice(0, 12)}`;
  const path = join(folder, name);
  if (existsSync(path)) return path;

  const fresh = `${path}.${process.pid}`;
  await run(compiler, [...flags, ...sources, "-o", fresh, "-lm"]);
  renameSync(fresh, path);
  for (const other of readdirSync(folder)) {
    const stale = other.startsWith(`${stem}-`) && other.length === name.length && other !== name;
    if (stale) rmSync(join(folder, other), { force: true });
  }
  return path;
}
