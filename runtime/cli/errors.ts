/** How the CLI fails: one line on standard error, and an exit code as docker run has them. */
import { Ring3Error } from "../api/errors.ts";

/** ring3 itself failed: a bad option, a host folder that is missing... */
export const EXIT_RING3 = 125;
/** The program cannot be executed. */
export const EXIT_NOT_EXECUTABLE = 126;
/** There is no such program. */
export const EXIT_NOT_FOUND = 127;
/** Killed by signal n: 128 + n. */
export const EXIT_SIGNAL = 128;

export class CliError extends Error {
  readonly exitCode: number;
  constructor(exitCode: number, message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.exitCode = exitCode;
  }
}

/** What execve(2) fails with, and what that means to the shell that asked (POSIX sh, 2.8.2). */
const EXEC_FAILURES: Readonly<Record<string, number>> = {
  ENOENT: EXIT_NOT_FOUND,
  ENOTDIR: EXIT_NOT_FOUND,
  EACCES: EXIT_NOT_EXECUTABLE,
  ENOEXEC: EXIT_NOT_EXECUTABLE,
  EISDIR: EXIT_NOT_EXECUTABLE,
  ELOOP: EXIT_NOT_EXECUTABLE,
  ENAMETOOLONG: EXIT_NOT_EXECUTABLE,
  ENOMEM: EXIT_NOT_EXECUTABLE,
  E2BIG: EXIT_NOT_EXECUTABLE,
};

/** The exit code of a failed spawn. */
export function spawnExitCode(error: unknown): number {
  return (error instanceof Ring3Error && EXEC_FAILURES[error.code]) || EXIT_RING3;
}

/** Prints `ring3: message`, with the stack where RING3_DEBUG is set, and gives the exit code. */
export function report(error: unknown): number {
  const message = error instanceof Error ? error.message : String(error);
  const line = message.replaceAll(/\s*\n\s*/g, " ").trim();
  const expected = error instanceof CliError || (error instanceof Ring3Error && error.code !== "ERR_CRASHED");
  console.error(`ring3: ${expected ? "" : "internal error: "}${line}`);
  if (process.env.RING3_DEBUG === "1" && error instanceof Error) console.error(error.stack, error.cause ?? "");
  return error instanceof CliError ? error.exitCode : EXIT_RING3;
}
