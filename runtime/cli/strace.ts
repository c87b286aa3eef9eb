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
  let failure: Error | null = null;
  const write = (text: string) => {
    try {
      if (!failure) writeAll(fd, text);
    } catch (error) {
      failure = new CliError(EXIT_RING3, `cannot write the trace: ${(error as Error).message}`, error);
    }
  };
  const trace: TraceOptions = {
    write,
    follow: flags.f,
    summary: flags.c,
    filter: flags.e?.replace(/^trace=/, ""),
    toFile: fd !== 2,
    timestamps: flags.t,
    durations: flags.T,
  };
  try {
    const exitCode = await run({ flags, program, args, trace });
    if (failure) throw failure;
    return exitCode;
  } finally {
    if (fd !== 2) closeSync(fd);
  }
}
