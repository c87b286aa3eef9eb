/** Our own programs: each shows a part of the system. C, WebAssembly text, and AssemblyScript. */

import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { basename, extname, join, relative } from "node:path";
import { writeAbi } from "../assemblyscript/generate.ts";
import { built, guest, ROOT } from "../paths.ts";
import { compiler } from "../ports/port.ts";
import { BuildError, run } from "../run.ts";
import type { Log } from "../toolchain/apt.ts";

/** Where the programs are put. */
export const EXAMPLES = built("examples");

/** How a program is made from its source, by the source's ending. */
const COMPILERS: Record<string, (source: string, program: string) => Promise<void>> = {
  ".c": async (source, program) => {
    await run(compiler("ring3"), ["-std=gnu11", "-O2", "-Wall", "-Wextra", "-o", program, source]);
  },
  ".wat": compileText,
  ".ts": compileAssemblyScript,
};

/** The programs in `assemblyscript/examples`; other files there are parts of them. */
const ASSEMBLYSCRIPT = ["letters.ts", "tinysh.ts", "walk.ts"].map((name) => guest("assemblyscript", "examples", name));

/** The sources of our programs: every one in this folder and in `wat`, and those in AssemblyScript. */
export function exampleSources(): string[] {
  const inFolder = (folder: string, ending: string) =>
    readdirSync(guest(folder)).flatMap((name) => (extname(name) === ending ? [guest(folder, name)] : []));
  return [...inFolder("examples", ".c"), ...inFolder("wat", ".wat"), ...ASSEMBLYSCRIPT];
}

/** The name of the program that is made from a source. `hello.wat` stands beside `hello.c`. */
export function exampleName(source: string): string {
  return basename(source, extname(source)) + (extname(source) === ".wat" ? "-wat" : "");
}

/** Builds all of them into `.build/examples`. */
export async function buildExamples(log: Log): Promise<void> {
  const sources = exampleSources();
  rmSync(EXAMPLES, { recursive: true, force: true });
  mkdirSync(EXAMPLES, { recursive: true });
  writeAbi();
  log(`compiling ${sources.length} programs`);
  for (const source of sources) await COMPILERS[extname(source)](source, join(EXAMPLES, exampleName(source)));
}

async function compileText(source: string, program: string): Promise<void> {
  const { default: load } = await import("wabt");
  const wabt = await load();
  // A copy with a buffer of its own: wabt reads the whole of the buffer that stands behind an array.
  const module = wabt.parseWat(basename(source), new Uint8Array(readFileSync(source)), { threads: true });
  writeFileSync(program, module.toBinary({ write_debug_names: true }).buffer, { mode: 0o755 });
  module.destroy();
}

async function compileAssemblyScript(source: string, program: string): Promise<void> {
  const { default: asc } = await import("assemblyscript/asc");
  const config = join(relative(ROOT, guest("assemblyscript")), "examples", "asconfig.json");
  const options = ["--config", config, "--baseDir", ROOT];
  const { error, stderr } = await asc.main([relative(ROOT, source), ...options, "--outFile", relative(ROOT, program)]);
  if (error) throw new BuildError(`${source} does not compile:\n${stderr.toString()}`);
}
