/** Compiles the C sources of the rows, for the host and for ring3, once for each content: .build/bench/{native,ring3}/NAME-HASH. */
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { built, guest, ROOT } from "../guests/paths.ts";
import { BuildError, run, which } from "../guests/run.ts";

export type Target = "native" | "ring3";

const RING3_CC = guest("bin", "ring3-cc");
const FLAGS = ["-std=gnu11", "-O2", "-D_GNU_SOURCE", "-Wall", "-Wextra", "-Wno-unused-parameter", "-pthread"];
/** A source may ask for flags of its own: a comment `flags: ...` in its first line. */
const OWN_FLAGS = /^.*\bflags: ([^*\n]*)/;

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

/** The source and the headers of ours that it includes. */
function inputs(source: string): string[] {
  const headers = [...readFileSync(source, "utf8").matchAll(/^#include "([^"]+)"/gm)];
  return [source, ...headers.flatMap((match) => inputs(join(dirname(source), match[1])))];
}

/**
 * The path of the compiled program.
 * @param source a C file under bench/.
 * @throws {BuildError} with what the compiler said, or that there is none.
 */
export async function compile(source: string, target: Target): Promise<string> {
  const compiler = compilerOf(target);
  const own = OWN_FLAGS.exec(readFileSync(source, "utf8").split("\n", 1)[0])?.[1].trim().split(/\s+/) ?? [];
  const flags = [...FLAGS, ...own];
  const folder = built("bench", target);
  mkdirSync(folder, { recursive: true });
  const hash = createHash("sha256").update(`${ROOT} ${toolId(target, compiler)} ${flags.join(" ")}`);
  for (const file of inputs(source)) hash.update(readFileSync(file));
  const stem = basename(source, ".c");
  const name = `${stem}-${hash.digest("hex").slice(0, 12)}`;
  const path = join(folder, name);
  if (existsSync(path)) return path;

  const fresh = `${path}.${process.pid}`;
  await run(compiler, [...flags, source, "-o", fresh, "-lm"]);
  renameSync(fresh, path);
  for (const other of readdirSync(folder)) {
    const stale = other.startsWith(`${stem}-`) && other.length === name.length && other !== name;
    if (stale) rmSync(join(folder, other), { force: true });
  }
  return path;
}
