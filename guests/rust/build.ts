/**
 * A Rust compiler for WASI: Debian's rustc with its standard library for wasm32-wasi, unpacked without root into `.build/rust`. 77 MB are
 * fetched (7 s) and 190 MB unpacked, so this is for those who ask for it: `node guests/build.ts rust`, or `ring3-rustc`.
 */

import { mkdirSync, readdirSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { built, guest } from "../paths.ts";
import { BuildError, run } from "../run.ts";
import { Apt, hasApt, type Log } from "../toolchain/apt.ts";

/** Where the compiler stands. */
export const RUST = built("rust");
export const RUSTC = join(RUST, "usr", "bin", "rustc");
/** The example, compiled. */
export const WORDS = join(RUST, "words");

const PACKAGES = ["rustc", "libstd-rust-dev-wasm32"];

/** Fetches and unpacks the compiler, and compiles the example beside this file. */
export async function buildRust(log: Log): Promise<void> {
  if (!hasApt()) throw new BuildError("Rust comes from Debian's packages; elsewhere use rustup: guests/LANGUAGES.md");
  const apt = new Apt(log);
  for (const name of PACKAGES) {
    if (!(await apt.has(name))) throw new BuildError(`apt knows no package ${name}`);
  }
  // The compiler itself is a library, and stands on LLVM's: what of both the machine lacks. The host's own standard library stays away.
  const libraries = (await apt.closure(PACKAGES)).filter((name) => /^lib.*\d/.test(name) && !/-dev/.test(name));
  const debs = await apt.packages([...PACKAGES, ...libraries]);
  log("unpacking rustc into .build/rust");
  const fresh = `${RUST}.new`;
  rmSync(fresh, { recursive: true, force: true });
  mkdirSync(fresh, { recursive: true });
  for (const deb of debs) await run("dpkg", ["-x", deb, fresh]);
  const targets = join(fresh, "usr", "lib", "rustlib");
  for (const target of readdirSync(targets)) {
    if (target.includes("unknown-unknown")) rmSync(join(targets, target), { recursive: true });
  }
  rmSync(RUST, { recursive: true, force: true });
  renameSync(fresh, RUST);
  log("compiling words.rs");
  await run(guest("bin", "ring3-rustc"), ["-O", "-C", "strip=debuginfo", "-o", WORDS, guest("rust", "words.rs")]);
}
