/** Child processes for the build: one place that says what failed, and shows the end of what it printed. */

import { spawn } from "node:child_process";
import { accessSync, constants } from "node:fs";
import { delimiter, join } from "node:path";

/** A failure whose message is meant for the person at the terminal: one line, no stack trace. */
export class BuildError extends Error {}

export interface RunOptions {
  cwd?: string;
  /** Added to the environment. */
  env?: Record<string, string>;
  /** What the process reads from its standard input. */
  input?: string;
  /** The exit status is returned to the caller instead of being an error. */
  mayFail?: boolean;
}

export interface RunResult {
  status: number;
  stdout: string;
  stderr: string;
}

/** How many lines of a failed command's output are shown. */
const TAIL = 20;

/**
 * Runs a command and collects its output.
 * @throws {BuildError} when it cannot be started, or fails and `mayFail` is not set.
 */
export function run(command: string, args: string[], options: RunOptions = {}): Promise<RunResult> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      cwd: options.cwd,
      env: { ...process.env, ...options.env },
      stdio: ["pipe", "pipe", "pipe"],
    });
    const out: Buffer[] = [];
    const err: Buffer[] = [];
    child.stdout.on("data", (chunk) => out.push(chunk));
    child.stderr.on("data", (chunk) => err.push(chunk));
    child.stdin.on("error", () => {}); // the command may end without reading its input
    child.stdin.end(options.input ?? "");
    child.on("error", (error) => reject(new BuildError(`cannot run ${command}: ${error.message}`)));
    child.on("close", (code, signal) => {
      const result = {
        status: code ?? 128,
        stdout: Buffer.concat(out).toString(),
        stderr: Buffer.concat(err).toString(),
      };
      if (result.status === 0 || options.mayFail) return resolve(result);
      const shown = (result.stderr || result.stdout).trimEnd().split("\n").slice(-TAIL).join("\n");
      const how = signal ? `was ended by ${signal}` : `failed with status ${code}`;
      reject(new BuildError(`${command} ${args.slice(0, 6).join(" ")} ${how}\n${shown}`));
    });
  });
}

/** The first of `names` that is an executable file on the PATH (or is itself a path to one). */
export function which(...names: string[]): string | undefined {
  const folders = (process.env.PATH ?? "").split(delimiter).filter(Boolean);
  for (const name of names) {
    for (const file of name.includes("/") ? [name] : folders.map((folder) => join(folder, name))) {
      try {
        accessSync(file, constants.X_OK);
        return file;
      } catch {
        // not there: the next one
      }
    }
  }
  return undefined;
}

/** Runs `jobs` with at most `limit` at a time; the first failure is the result's. */
export async function parallel(limit: number, jobs: (() => Promise<void>)[]): Promise<void> {
  const queue = [...jobs];
  await Promise.all(
    Array.from({ length: Math.min(limit, queue.length) }, async () => {
      for (let job = queue.shift(); job; job = queue.shift()) await job();
    }),
  );
}
