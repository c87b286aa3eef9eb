/** Runs programs of the host, each under a warden (warden.c) and in a fresh folder. */
import { execFileSync, spawn } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, statSync } from "node:fs";
import { constants } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";

export const PROJECT = join(import.meta.dirname, "../..");

/** How a program ended. `left` counts processes that it did not end. */
export type End =
  | { kind: "exit"; code: number; left: number }
  | { kind: "signal"; signal: string; left: number }
  | { kind: "timeout" };

export interface Result {
  readonly end: End;
  readonly stdout: string;
  readonly stderr: string;
}

export interface NativeOptions {
  /** The whole environment. */
  env: NodeJS.ProcessEnv;
  /** Time after which it is killed. */
  seconds: number;
  /** Becomes part of the working directory's name. */
  name: string;
  /** What it reads; default nothing. */
  stdin?: string;
}

const TEMPORARY = join(PROJECT, ".build/tests/tmp");
let warden: string | null = null;
let folders = 0;

// A worker of vitest's whose parent was killed would go on alone; so would its wardens.
if (process.connected) process.once("disconnect", () => process.exit(1));

function temporaryName(name: string): string {
  if (folders === 0) removeStale();
  return join(TEMPORARY, `${process.pid}-${++folders}-${name.replace(/\W+/g, "-")}`);
}

/** An empty folder that a warden removes: at remove(), or when this process ends, however that is. */
export async function temporaryFolder(name: string): Promise<{ path: string; remove(): Promise<void> }> {
  const path = temporaryName(name);
  // cat echoes one byte when the folder is there, and ends when its input does.
  const keeper = spawn(ensureWarden(), [String(24 * 3600), path, "cat"], {
    stdio: ["pipe", "pipe", "ignore", "ignore"],
  });
  const ended = new Promise<void>((resolve) => keeper.once("close", () => resolve()));
  keeper.stdin!.on("error", () => {}).write("x");
  await Promise.race([new Promise((resolve) => keeper.stdout!.once("data", resolve)), ended]);
  return {
    path,
    remove: () => {
      keeper.stdin!.end();
      return ended;
    },
  };
}

/** Wardens remove their folders; this is for runs that lost their wardens too (kill -9 of everything, power). */
function removeStale(): void {
  mkdirSync(TEMPORARY, { recursive: true });
  for (const name of readdirSync(TEMPORARY)) {
    if (!alive(Number(name.split("-")[0]))) rmSync(join(TEMPORARY, name), { recursive: true, force: true });
  }
}

function alive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

function ensureWarden(): string {
  if (warden) return warden;
  const source = join(import.meta.dirname, "warden.c");
  const path = join(PROJECT, ".build/tests/warden");
  if (!existsSync(path) || statSync(path).mtimeMs < statSync(source).mtimeMs) {
    const folder = temporaryName("warden");
    const out = join(folder, "out");
    mkdirSync(folder);
    execFileSync(process.env.CC || "cc", ["-O1", "-o", out, source], { env: { ...process.env, TMPDIR: folder } });
    renameSync(out, path);
    rmSync(folder, { recursive: true });
  }
  warden = path;
  return path;
}

function signalName(number: number): string {
  const entry = Object.entries(constants.signals).find(([, value]) => value === number);
  return entry?.[0] ?? `SIG${number}`;
}

/** Rejects only where the warden itself cannot work. */
export async function runNative(program: string, args: readonly string[], options: NativeOptions): Promise<Result> {
  const folder = temporaryName(options.name);
  const child = spawn(ensureWarden(), [String(options.seconds), folder, program, ...args], {
    env: options.env,
    stdio: [options.stdin === undefined ? "ignore" : "pipe", "pipe", "pipe", "pipe"],
  });
  child.stdin?.on("error", () => {}).end(options.stdin);
  const [stdout, stderr, report] = await Promise.all(
    [child.stdout!, child.stderr!, child.stdio[3] as NodeJS.ReadableStream].map((stream) => text(stream)),
  );
  const [, kind, number, left] = /^(exit|signal|timeout) ?(\d*)(?: left (\d+))?\n$/.exec(report) ?? [];
  if (!kind) throw new Error(`${program}: the warden failed: ${report}${stderr}`);
  const rest = { left: Number(left ?? 0) };
  const end: End =
    kind === "timeout"
      ? { kind }
      : kind === "exit"
        ? { kind, code: Number(number), ...rest }
        : { kind: "signal", signal: signalName(Number(number)), ...rest };
  return { end, stdout, stderr };
}
