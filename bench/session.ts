/** One run of the benchmark: what its rows share. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Row, Samples } from "./row.ts";
import { NativeSide } from "./side.ts";

export class Session {
  /** A folder on the host for what rows make there. */
  readonly folder = mkdtempSync(join(tmpdir(), "ring3-bench-"));
  readonly native = new NativeSide(this.folder);
  readonly #samples = new Map<string, Promise<Samples>>();

  /** A row's samples; measured once, although rows that sum up others ask too. */
  samples(row: Row): Promise<Samples> {
    let samples = this.#samples.get(row.id);
    if (!samples) {
      samples = row.measure(this);
      this.#samples.set(row.id, samples);
    }
    return samples;
  }

  [Symbol.dispose](): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}
