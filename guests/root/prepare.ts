/**
 * Programs of the root image as the loader prepares them, so that nobody waits for it when they are first run: entries of
 * the loader's cache in `.build/prepared`.
 */

import { readdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { fileCache } from "../../runtime/host/node/cache.ts";
import { cacheKey, LOADER_VERSION } from "../../runtime/loader/cache.ts";
import { prepare } from "../../runtime/loader/index.ts";
import { built } from "../paths.ts";
import type { Log } from "../toolchain/apt.ts";
import { ROOT_INDEX, type RootEntry } from "./build.ts";

/** The cache's folder; runtime/host/node/built.ts reads it. */
export const PREPARED = built("prepared");

/** What tells one version of the loader's output from another. */
export const loaderVersion = (): string => cacheKey(`${LOADER_VERSION}`, "flag");

/** Prepares each program that the root image's index names, but for those that are there already. */
export async function prepareRoot(log: Log): Promise<void> {
  const cache = fileCache(PREPARED);
  const entries: RootEntry[] = JSON.parse(readFileSync(ROOT_INDEX, "utf8"));
  const programs = entries.filter(({ digest }) => digest !== undefined);
  log(`preparing ${programs.length} programs`);
  for (const { file } of programs) await prepare(readFileSync(file!), { file, cache });
  const wanted = new Set(programs.map(({ digest }) => cacheKey(digest!, "flag")));
  for (const name of readdirSync(PREPARED)) if (!wanted.has(name)) rmSync(join(PREPARED, name));
}
