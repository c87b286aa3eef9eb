/** Compiles C programs for the host and for ring3, once for each content: .build/tests/diff/{native,ring3}/NAME-HASH. */
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { PROJECT, runNative } from "./native.ts";

export type Target = "native" | "ring3";

const OUTPUT = join(PROJECT, ".build/tests/diff");
const RING3_CC = join(PROJECT, "guests/bin/ring3-cc");
const FLAGS = ["-std=gnu11", "-O1", "-D_GNU_SOURCE", "-Wall", "-Wextra"].concat(
  ["unused-result", "unused-parameter", "infinite-recursion", "format-truncation"].map((name) => `-Wno-${name}`),
);
const COMPILERS: Readonly<Record<Target, readonly string[]>> = {
  native: [process.env.CC || "cc", ...FLAGS, "-Wno-unknown-warning-option", "-pthread"],
  ring3: [RING3_CC, ...FLAGS, "-Wno-unknown-warning-option", "-pthread"],
};
const LIBRARIES = ["-lm"];
const COMPILE_SECONDS = 120;

/** Where compiled programs for the target stand. */
export function programFolder(target: Target): string {
  return join(OUTPUT, target);
}

/** What, beside the source, decides what comes out. */
function toolId(target: Target): string {
  if (target === "native") return COMPILERS.native.join(" ");
  const library = statSync(join(PROJECT, ".build/sysroot/lib/libc.a"));
  return `${COMPILERS.ring3.slice(1).join(" ")} ${readFileSync(RING3_CC, "utf8")} ${library.size} ${library.mtimeMs}`;
}

/** The source and the headers of ours that it includes. */
function inputs(source: string): string[] {
  const headers = [...readFileSync(source, "utf8").matchAll(/^#include "([^"]+)"/gm)];
  return [source, ...headers.flatMap((match) => inputs(join(dirname(source), match[1])))];
}

/**
 * The path of the compiled program.
 * @throws {Error} with what the compiler said.
 */
export async function compile(source: string, target: Target): Promise<string> {
  const folder = programFolder(target);
  mkdirSync(folder, { recursive: true });
  const hash = createHash("sha256").update(toolId(target));
  for (const file of inputs(source)) hash.update(readFileSync(file));
  const stem = relative(join(import.meta.dirname, "cases"), source)
    .replace(/\.c$/, "")
    .replace(/^(\.\.\/)+|\//g, "-");
  const program = `${stem}-${hash.digest("hex").slice(0, 12)}`;
  const path = join(folder, program);
  if (existsSync(path)) return path;

  // In a folder that the warden removes, with the compiler's own temporary files; what is complete is moved out.
  const [compiler, ...flags] = COMPILERS[target];
  const script = 'TMPDIR=. "$@" -o out && mv out "$0"';
  const result = await runNative("sh", ["-c", script, path, compiler, ...flags, source, ...LIBRARIES], {
    env: process.env,
    seconds: COMPILE_SECONDS,
    name: program,
  });
  if (!existsSync(path)) {
    const { stdout, stderr, end } = result;
    throw new Error(`${compiler} failed on ${relative(PROJECT, source)}: ${JSON.stringify(end)}\n${stdout}${stderr}`);
  }
  for (const other of readdirSync(folder)) {
    const stale = other.startsWith(`${stem}-`) && other.length === program.length && other !== program;
    if (stale) rmSync(join(folder, other), { force: true });
  }
  return path;
}
