/** Putting programs into a root tree. */

import { chmodSync, copyFileSync } from "node:fs";

/** Copies a file, which everybody may execute then. */
export function putProgram(from: string, to: string): void {
  copyFileSync(from, to);
  chmodSync(to, 0o755);
}
