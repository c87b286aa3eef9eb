// The cache of prepared images as files, in the user's cache folder or in any other.

import { mkdir, readdir, readFile, rename, rm, stat, utimes, writeFile } from "node:fs/promises";
import { homedir } from "node:os";
import { dirname, isAbsolute, join } from "node:path";
import type { ImageCache } from "../../loader/cache.ts";

/** `ring3/images` in the user's cache folder (XDG Base Directory Specification: a relative path is not valid). */
export function userCacheFolder(env: NodeJS.ProcessEnv = process.env): string {
  const base = env.XDG_CACHE_HOME;
  return join(base && isAbsolute(base) ? base : join(homedir(), ".cache"), "ring3", "images");
}

const DEFAULT_LIMIT = 1024 ** 3;
/** A temporary file this old (ms) was left behind by a process that was killed. */
const STALE = 60 * 60 * 1000;

/**
 * A cache of files in a folder of its own. Any number of processes may use one folder: an entry is written under another
 * name and renamed, so it is there whole or not at all. Where the folder cannot be written, or the disk is full, there is
 * just no new entry. Once the folder holds more than `limit` bytes, the entries that were not used for longest go.
 */
export function fileCache(folder: string = userCacheFolder(), limit: number = DEFAULT_LIMIT): ImageCache {
  return {
    async get(key) {
      const path = join(folder, key);
      const bytes = await readFile(path).catch(() => undefined);
      // What `trim` goes by; access times are often not kept by the file system.
      if (bytes) await utimes(path, new Date(), new Date()).catch(() => {});
      return bytes && new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    },

    async put(key, bytes) {
      // A name that is taken (flag wx) just means no new entry. node:crypto has better ones, but takes 8 ms to load.
      const temporary = join(folder, `${key}.${process.pid}.${Math.random().toString(36).slice(2)}.tmp`);
      try {
        await makeFolder(folder);
        await writeFile(temporary, bytes, { flag: "wx", mode: 0o600 });
        await rename(temporary, join(folder, key));
        await trim(folder, limit);
      } catch {
        await rm(temporary, { force: true }).catch(() => {});
      }
    },
  };
}

/**
 * Makes a folder and those above it. Not by `mkdir`'s own `recursive`: that one never returns where a file system answers
 * ENOENT although the parent exists, as /proc does.
 */
async function makeFolder(path: string): Promise<void> {
  if (await stat(path).catch(() => undefined)) return;
  if (dirname(path) !== path) await makeFolder(dirname(path));
  await mkdir(path, { mode: 0o700 }).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== "EEXIST") throw error;
  });
}

/** Removes what killed writers left, and the oldest entries while the folder is over its limit. */
async function trim(folder: string, limit: number): Promise<void> {
  const files = [];
  for (const name of await readdir(folder)) {
    const path = join(folder, name);
    const status = await stat(path).catch(() => undefined);
    if (!status?.isFile()) continue;
    if (name.endsWith(".tmp")) {
      if (Date.now() - status.mtimeMs > STALE) await rm(path, { force: true });
    } else {
      files.push({ path, size: status.size, used: status.mtimeMs });
    }
  }
  files.sort((a, b) => b.used - a.used);
  let total = 0;
  for (const { path, size } of files) {
    total += size;
    if (total > limit) await rm(path, { force: true });
  }
}
