/**
 * Builds everything that runs in ring 3: `node guests/build.ts [--quiet]`.
 *
 * The steps are the table below. Each is done once, and again when what it is made from changes; a second run has
 * nothing to do and takes a moment. It is safe to interrupt, and to run twice at once.
 */

import { buildLibc, generatedTexts, muslSource, SYSROOT } from "./libc/build.ts";
import { linuxHeaders } from "./libc/linux.ts";
import { guest } from "./paths.ts";
import { BuildError } from "./run.ts";
import { runSteps, type Step } from "./steps.ts";
import type { Log } from "./toolchain/apt.ts";
import { buildToolchain, readToolchain, TOOLCHAIN_ENV } from "./toolchain/toolchain.ts";

const STEPS: readonly Step[] = [
  {
    name: "toolchain",
    inputs: [guest("toolchain", "toolchain.ts")],
    texts: () => [process.env.RING3_CLANG ?? ""],
    outputs: [TOOLCHAIN_ENV],
    run: async (log) => void (await buildToolchain(log)),
  },
  {
    name: "libc",
    inputs: [guest("libc")],
    texts: () => [process.env.RING3_MUSL ?? "", ...generatedTexts()],
    uses: ["toolchain"],
    outputs: [`${SYSROOT}/lib/libc.a`],
    run: async (log) => buildLibc(readToolchain(), await muslSource(log), await linuxHeaders(log), log),
  },
];

/**
 * Builds what is not built yet. Quick where nothing is to do.
 * @param options.log gets one line for each thing that takes time.
 * @throws {BuildError} with a message for the person at the terminal.
 */
export async function ensureGuests(options: { log: Log }): Promise<void> {
  await runSteps(STEPS, options.log);
}

if (import.meta.main) {
  const quiet = process.argv.includes("--quiet");
  try {
    await ensureGuests({ log: quiet ? () => {} : (line) => console.error(line) });
  } catch (error) {
    if (!(error instanceof BuildError)) throw error;
    console.error(`ring3: ${error.message}`);
    process.exitCode = 1;
  }
}
