/**
 * What the ports have in common. A port is a program from a Debian source package, unmodified but for the patches in its
 * folder here, each of which says why at its top. It is built twice from the same source: for ring3 into
 * `.build/ports`, and by the host's own compiler into `.build/native`, as the oracle of tests.
 */

import { chmodSync, copyFileSync, mkdirSync } from "node:fs";
import { availableParallelism } from "node:os";
import { basename, dirname, join } from "node:path";
import { built, guest } from "../paths.ts";
import { type RunOptions, run } from "../run.ts";
import { Apt, type Log } from "../toolchain/apt.ts";
import { applyFolder, needTools, unpackSource } from "../toolchain/sources.ts";

/** Whom a port is built for: ring3, or the host. */
export type Target = "ring3" | "native";

/** A program of ours that stands in for cc, ar, ... */
export const tool = (name: string): string => guest("bin", `ring3-${name}`);

/** The compiler for a target. */
export const compiler = (target: Target): string => (target === "ring3" ? tool("cc") : "cc");

/** The folder in which a target's programs stand. */
export const programs = (target: Target): string => built(target === "ring3" ? "ports" : "native");

/**
 * Unpacks a source package and applies the port's own patches.
 * @param folder the port's folder beside this file.
 * @returns the fresh source tree.
 */
export async function unpackPort(source: string, folder: string, target: Target, log: Log): Promise<string> {
  needTools(["make", "cc"]);
  const tree = target === "ring3" ? built("src", folder) : built("native", "src", folder);
  mkdirSync(dirname(tree), { recursive: true });
  await unpackSource(await new Apt(log).source(source), tree);
  await applyFolder(guest("ports", folder), tree);
  return tree;
}

/** Runs make in a source tree, with as many jobs as there are CPUs. */
export async function make(tree: string, args: string[], options: RunOptions = {}): Promise<void> {
  await run("make", ["--silent", `-j${availableParallelism()}`, ...args], { cwd: tree, ...options });
}

/** Puts a program that was built into the target's folder of programs. */
export function install(program: string, target: Target, name = basename(program)): void {
  mkdirSync(programs(target), { recursive: true });
  copyFileSync(program, join(programs(target), name));
  chmodSync(join(programs(target), name), 0o755);
}
