/** `ring3 strace`: runs a program and shows its system calls. */
import { closeSync, openSync } from "node:fs";
import type { TraceOptions } from "../api/options.ts";
import { writeAll } from "../host/node/stdio.ts";
import { CliError, EXIT_RING3 } from "./errors.ts";
import type { MachineFlags } from "./options.ts";
import { run } from "./run.ts";

interface StraceFlags extends MachineFlags {
  f?: boolean;
  c?: boolean;
  e?: string;
  o?: string;
  t?: boolean;
  T?: boolean;
}

function openTrace(path: string): number {
  try {
    return openSync(path, "w");
  } catch (error) {
    throw new CliError(EXIT_RING3, `-o: cannot write ${path} (${(error as NodeJS.ErrnoException).code})`);
  }
}

export async function strace(program: string, args: string[], flags: StraceFlags): Promise<number> {
  const fd = flags.o === undefined ? 2 : openTrace(flags.o);
  const trace: TraceOptions = {
    write: (text) => writeAll(fd, text),
    follow: flags.f,
    summary: flags.c,
    filter: flags.e?.replace(/^trace=/, ""),
    toFile: fd !== 2,
    timestamps: flags.t,
    durations: flags.T,
  };
  try {
    return await run({ flags, program, args, trace });
  } finally {
    if (fd !== 2) closeSync(fd);
  }
}
