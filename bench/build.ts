/** Compiles C programs, once for each content: .build/bench/{native,ring3,...}/NAME-HASH. */
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { built, guest, ROOT } from "../guests/paths.ts";
import { BuildError, run, which } from "../guests/run.ts";

/** What makes programs of C. */
export interface Toolchain {
  /** The folder in .build/bench for what it makes. */
  readonly name: string;
  /** The command, to which flags and sources are added. */
  readonly command: readonly string[];
  /** Flags in place of those that programs with a C library get. */
  readonly flags?: readonly string[];
  /** What, beside the command, decides what comes out. @throws {BuildError} where it is not there. */
  identity(): string;
}

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
const WARNINGS = ["-Wall", "-Wextra", "-Wno-unused-parameter"];
const FLAGS = ["-std=gnu11", "-O2", "-D_GNU_SOURCE", ...WARNINGS, "-pthread", "-lm"];

/** The host's compiler. */
export const NATIVE: Toolchain = {
  name: "native",
  command: [process.env.CC || "cc"],
  identity() {
    const [compiler] = this.command;
    if (which(compiler)) return "";
    throw new BuildError(`there is no C compiler for the host (${compiler}): apt-get install build-essential`);
  },
};

export const RING3: Toolchain = {
  name: "ring3",
  command: [RING3_CC],
  identity() {
    const library = statSync(built("sysroot", "lib", "libc.a"));
    return `${readFileSync(RING3_CC, "utf8")} ${library.size} ${library.mtimeMs}`;
  },
};

/** Programs of WebAssembly that have nothing but what they import. */
export const WASI: Toolchain = {
  name: "wasi",
  command: [
    "sh",
    "-c",
    '. "$0"; export LD_LIBRARY_PATH="$LIBRARIES"; exec "$CLANG" --target=wasm32-unknown-unknown -fuse-ld="$WASM_LD" "$@"',
    built("toolchain", "env"),
  ],
  flags: ["-std=gnu11", "-O2", ...WARNINGS, "-ffreestanding", "-nostdlib"],
  identity: () => readFileSync(built("toolchain", "env"), "utf8"),
};

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
export async function compile(program: Program, toolchain: Toolchain): Promise<string> {
  const { name: stem, sources } = program;
  const identity = [ROOT, ...toolchain.command, toolchain.identity()].join(" ");
  const flags = [...(toolchain.flags ?? FLAGS), ...(program.flags ?? [])];
  const folder = built("bench", toolchain.name);
  mkdirSync(folder, { recursive: true });
  const found = new Set<string>();
  for (const source of sources) addInputs(source, found);
  const hash = createHash("sha256").update(`${identity} ${flags.join(" ")}`);
  for (const file of found) hash.update(readFileSync(file));
  const name = `${stem}-${hash.digest("hex").slice(0, 12)}`;
  const path = join(folder, name);
  if (existsSync(path)) return path;

  const fresh = `${path}.${process.pid}`;
  const [command, ...first] = toolchain.command;
  await run(command, [...first, ...sources, ...flags, "-o", fresh]);
  renameSync(fresh, path);
  for (const other of readdirSync(folder)) {
    const stale = other.startsWith(`${stem}-`) && other.length === name.length && other !== name;
    if (stale) rmSync(join(folder, other), { force: true });
  }
  return path;
}
