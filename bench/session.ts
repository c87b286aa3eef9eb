/** One run of the benchmark: what its rows share. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { NativeSide } from "./side.ts";

export class Session {
  /** A folder on the host for what rows make there. */
  readonly folder = mkdtempSync(join(tmpdir(), "ring3-bench-"));
  readonly native = new NativeSide(this.folder);

  [Symbol.dispose](): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}
