/** Runs programs on ring3: the one place of the differential tests that knows the library. */
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { boot, type Machine } from "../../runtime/index.ts";
import { type End, PROJECT } from "./native.ts";

export interface Ring3Options {
  /** Host folders, each visible under the same name in the machine. */
  mounts: readonly { host: string; guest: string; readOnly: boolean }[];
}

export interface RunOptions {
  /** Added to what RUN_ENV holds. */
  env?: Readonly<Record<string, string>>;
  seconds: number;
  stdin?: string;
  /** Default: a new empty folder. */
  cwd?: string;
}

export interface Ring3Result {
  /** As the host's; `trouble` says what no program can see: the machine hung, or logged a bug of its own. */
  readonly end: End | { kind: "hung" };
  readonly stdout: string;
  readonly stderr: string;
  readonly trouble: string;
}

/** The environment of both sides. */
export const RUN_ENV: Readonly<Record<string, string>> = {
  PATH: "/usr/sbin:/usr/bin:/sbin:/bin",
  HOME: "/root",
  LANG: "C",
  TZ: "UTC",
};

/** How long a machine may take to end a process that it was told to kill, and to get rid of what a case leaves. */
const PATIENCE_MS = 3000;
const GRACE_MS = 500;

// Test programs are prepared for this run and the next ones, not in the user's own cache.
process.env.XDG_CACHE_HOME = join(PROJECT, ".build/tests/cache");
mkdirSync(process.env.XDG_CACHE_HOME, { recursive: true });

/** Boots a machine when the first program is run, and another one after a program that left it in a bad state. */
export class Ring3 {
  readonly #options: Ring3Options;
  #machine: Machine | null = null;
  #folders = 0;
  #logged = 0;

  constructor(options: Ring3Options) {
    this.#options = options;
  }

  async run(argv: readonly string[], options: RunOptions): Promise<Ring3Result> {
    this.#machine ??= await boot({ mounts: this.#options.mounts });
    const machine = this.#machine;
    const ids = { uid: process.getuid!(), gid: process.getgid!(), groups: process.getgroups!() };
    const before = new Set((await machine.processes()).map((one) => one.pid));
    const child = await machine.spawn(argv, {
      cwd: options.cwd ?? (await this.#newFolder(machine, ids)),
      env: { ...RUN_ENV, HOSTNAME: undefined, ...options.env },
      stdin: options.stdin ?? "null",
      timeout: options.seconds * 1000,
      ...ids,
    });
    let timer: ReturnType<typeof setTimeout> | undefined;
    const hung = new Promise<null>((resolve) => {
      timer = setTimeout(resolve, options.seconds * 1000 + PATIENCE_MS, null);
    });
    const result = await Promise.race([child.result(), hung]);
    clearTimeout(timer);
    if (!result) {
      await this.#restart();
      return { end: { kind: "hung" }, stdout: "", stderr: "", trouble: "" };
    }
    const left = await this.#left(machine, before);
    const trouble = await this.#bugs(machine);
    if (left > 0 || result.timedOut) await this.#restart();
    const end: End = result.timedOut
      ? { kind: "timeout" }
      : result.signal
        ? { kind: "signal", signal: result.signal, left }
        : { kind: "exit", code: result.code ?? -1, left };
    return { end, stdout: result.stdout, stderr: result.stderr, trouble };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#restart();
  }

  async #restart(): Promise<void> {
    const machine = this.#machine;
    this.#machine = null;
    this.#logged = 0;
    await machine?.shutdown();
  }

  async #newFolder(machine: Machine, ids: { uid: number; gid: number }): Promise<string> {
    const folder = `/tmp/${++this.#folders}`;
    await machine.fs.mkdir(folder);
    await machine.fs.chmod(folder, 0o755);
    if (ids.uid !== 0) await machine.fs.chown(folder, ids.uid, ids.gid);
    return folder;
  }

  /** Processes that were not there before, once the grace is over. */
  async #left(machine: Machine, before: ReadonlySet<number>): Promise<number> {
    const end = performance.now() + GRACE_MS;
    for (;;) {
      const left = (await machine.processes()).filter((one) => !before.has(one.pid)).length;
      if (left === 0 || performance.now() > end) return left;
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  }

  /** What the kernel log says of bugs since the last run. */
  async #bugs(machine: Machine): Promise<string> {
    const log = await machine.log();
    const fresh = log.slice(this.#logged);
    this.#logged = log.length;
    return fresh.filter((line) => line.includes("BUG:")).join("\n");
  }
}
