// Whether there is a bundle to load in place of the sources. Plain JavaScript: it runs before anything else does.
import { readFileSync, statSync } from "node:fs";
import { fileURLToPath } from "node:url";

const PROJECT = fileURLToPath(new URL("../../..", import.meta.url));

/**
 * The folder, as a URL with a slash at its end, of the bundle that the build made (runtime/bundle/build.ts); null where there is none, or where
 * a source has changed since. 130 calls of stat take 1 ms.
 */
export function freshBundle() {
  const folder = new URL("../../../.build/bundle/node/", import.meta.url);
  try {
    const sources = JSON.parse(readFileSync(new URL("sources.json", folder), "utf8"));
    for (const [path, mtime, size] of sources) {
      const now = statSync(PROJECT + path);
      if (now.mtimeMs !== mtime || now.size !== size) return null;
    }
    return folder;
  } catch {
    return null;
  }
}
