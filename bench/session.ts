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
  readonly #made = new Map<string, Promise<unknown>>();

  /** What `make` gives; made once, although several rows ask for it. */
  once<T>(name: string, make: () => Promise<T>): Promise<T> {
    let made = this.#made.get(name);
    if (!made) {
      made = make();
      this.#made.set(name, made);
    }
    return made as Promise<T>;
  }

  /** A row's samples: rows that sum up others ask for them too. */
  samples(row: Row): Promise<Samples> {
    return this.once(`row ${row.id}`, () => row.measure(this));
  }

  [Symbol.dispose](): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}
