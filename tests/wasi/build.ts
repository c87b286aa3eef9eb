/** Programs for tests of WASI: C without a C library, by the toolchain's clang, and WAT. Compiled once for each content. */
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, renameSync } from "node:fs";
import { join } from "node:path";
import wabt from "wabt";
import { built } from "../../guests/paths.ts";
import { readToolchain } from "../../guests/toolchain/toolchain.ts";

const OUT = built("tests", "wasi");
const HEADER = join(import.meta.dirname, "wasi.h");
const FLAGS = [
  "--target=wasm32",
  "-O1",
  "-nostdlib",
  "-ffreestanding",
  "-fno-builtin",
  "-Wall",
  "-Wno-unused-function",
];
const LINK = ["-Wl,--export=_start", "-Wl,--no-entry"];

/** Bytes of a C program; `flags` for clang, such as definitions. */
export function compileC(source: string, flags: readonly string[] = []): Uint8Array<ArrayBuffer> {
  const { clang, wasmLd, libraries } = readToolchain();
  const all = [...FLAGS, `-fuse-ld=${wasmLd}`, ...LINK, ...flags];
  const hash = createHash("sha256").update(clang).update(all.join(" "));
  for (const file of [HEADER, source]) hash.update(readFileSync(file));
  const path = join(OUT, `${hash.digest("hex").slice(0, 20)}.wasm`);
  if (!existsSync(path)) {
    mkdirSync(OUT, { recursive: true });
    const temporary = `${path}.${process.pid}`;
    const env = { ...process.env, ...(libraries ? { LD_LIBRARY_PATH: libraries } : {}) };
    execFileSync(clang, [...all, source, "-o", temporary], { env, stdio: ["ignore", "inherit", "inherit"] });
    renameSync(temporary, path);
  }
  return new Uint8Array(readFileSync(path));
}

const assembler = await wabt();

/** Bytes of a program in the text format. */
export function assemble(text: string): Uint8Array<ArrayBuffer> {
  const module = assembler.parseWat("test.wat", text, { threads: true, bulk_memory: true });
  try {
    return new Uint8Array(module.toBinary({}).buffer);
  } finally {
    module.destroy();
  }
}
