/** What a machine needs and the build makes: made now, where a fresh clone does not have it yet. */
import { existsSync } from "node:fs";
import { MADE } from "../host/node/built.ts";
import { CliError, EXIT_RING3 } from "./errors.ts";

/** Builds the kernel, and the root image where that is wanted, unless they are there. Progress goes to standard error. */
export async function ensureBuilt(rootImage: boolean): Promise<void> {
  if (existsSync(MADE.hot) && (!rootImage || existsSync(MADE.rootIndex))) return;
  console.error("ring3: building the kernel and the root image, once; this takes some minutes");
  try {
    const { ensureGuests } = await import("../../guests/build.ts");
    await ensureGuests({ log: (line: string) => console.error(line) });
  } catch (error) {
    throw new CliError(EXIT_RING3, `the build failed: ${error instanceof Error ? error.message : error}`, error);
  }
}
