/** Runs the CLI as a user would: a process of its own. */
import { type ChildProcess, spawn } from "node:child_process";
import { join } from "node:path";
import { watchChild } from "../cleanup.ts";

export const PROJECT = join(import.meta.dirname, "..", "..");
const CLI = join(PROJECT, "runtime", "cli", "ring3.js");

export interface Outcome {
  code: number | null;
  signal: NodeJS.Signals | null;
  stdout: string;
  stderr: string;
}

export interface CliOptions {
  input?: string | Uint8Array;
  env?: Record<string, string>;
  cwd?: string;
}

/** Starts `ring3 args...`; standard input is a pipe that stays open. */
export function start(args: readonly string[], options: CliOptions = {}): ChildProcess {
  const child = spawn(process.execPath, [CLI, ...args], {
    cwd: options.cwd ?? PROJECT,
    env: { ...process.env, ...options.env },
    stdio: "pipe",
  });
  return watchChild(child);
}

/** Everything a started CLI writes, and how it ends. */
export async function finish(child: ChildProcess): Promise<Outcome> {
  const gather = async (stream: AsyncIterable<Buffer>) => {
    const chunks: Buffer[] = [];
    for await (const chunk of stream) chunks.push(chunk);
    return Buffer.concat(chunks).toString();
  };
  const ended = new Promise<[number | null, NodeJS.Signals | null]>((resolve) => {
    child.on("close", (code, signal) => resolve([code, signal]));
  });
  const [stdout, stderr, [code, signal]] = await Promise.all([gather(child.stdout!), gather(child.stderr!), ended]);
  return { code, signal, stdout, stderr };
}

/** Runs `ring3 args...` to its end. */
export function ring3(args: readonly string[], options: CliOptions = {}): Promise<Outcome> {
  const child = start(args, options);
  child.stdin!.on("error", () => {}); // the guest need not read it all
  child.stdin!.end(options.input ?? "");
  return finish(child);
}
