/**
 * busybox's own test suite, from its source package: run by the host's busybox on the host, and by ours inside a machine.
 *
 * Both sides get the same: a folder with a copy of the suite, the configuration, the program, and a link to it for each applet in
 * bin/. PATH has nothing but bin/, and every `#!` line names its sh. `runtest` does not say which applet a case belongs to, so a
 * test of our own that prints the name goes before each: runtest takes a name with the prefix `all_` that is no applet.
 */
import { spawn } from "node:child_process";
import {
  chmodSync,
  copyFileSync,
  cpSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { built } from "../../guests/paths.ts";
import type { Machine } from "../../runtime/index.ts";

export type Verdict = "PASS" | "FAIL" | "SKIPPED" | "UNTESTED";
/** By "applet: case"; the second of two cases of the same name is "applet: case #2". */
export type Results = Map<string, Verdict>;

/** Time without a line of output after which the applet at hand counts as hung, in ms. */
const SILENCE = 300_000;

const marker = (applet: string): string => `all_mark_${applet}`;
const SOURCE = built("src/busybox");

/** Copies the suite to `folder`, whose path is `seenAs` where the suite is run. Gives the applets that it has tests for. */
export function stage(folder: string, seenAs: string): string[] {
  const suite = join(folder, "testsuite");
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  cpSync(join(SOURCE, "testsuite"), suite, { recursive: true });
  copyFileSync(join(SOURCE, ".config"), join(folder, ".config"));
  const shebang = `#!${seenAs}/bin/sh\n`;
  const applets = new Set<string>();
  for (const name of readdirSync(suite)) {
    const path = join(suite, name);
    if (statSync(path).isDirectory()) applets.add(name);
    else if (name.endsWith(".tests")) {
      if (!name.startsWith("all_")) applets.add(name.slice(0, -".tests".length));
      writeFileSync(path, readFileSync(path, "latin1").replace(/^#!.*\n/, shebang), "latin1");
    }
  }
  for (const applet of applets) {
    const path = join(suite, `${marker(applet)}.tests`);
    writeFileSync(path, `${shebang}echo "APPLET: ${applet}"\n`);
    chmodSync(path, 0o755);
  }
  return [...applets].sort();
}

/** A run of `runtest` under way. */
interface Run {
  lines: AsyncIterable<string>;
  kill(): void;
}

/** Starts `sh ./runtest ARGS` in the staged suite. */
export type StartRuntest = (args: readonly string[]) => Promise<Run>;

/** On the host. `folder` is staged. */
export function hostRuntest(folder: string): StartRuntest {
  copyFileSync(built("native/busybox"), join(folder, "busybox"));
  return async (args) => {
    const child = spawn(join(folder, "busybox"), ["sh", "-c", `${PREPARE}exec sh ./runtest "$@"`, "sh", ...args], {
      cwd: join(folder, "testsuite"),
      env: { HOME: "/root", PATH: join(folder, "bin") },
      stdio: ["ignore", "pipe", "ignore"],
      detached: true, // a process group of its own, to be killed as a whole
    });
    return { lines: createInterface(child.stdout), kill: () => void process.kill(-child.pid!, "SIGKILL") };
  };
}

/** In a machine that has the staged suite at `from`; it is copied to `folder` in the machine, as it was staged for. */
export async function machineRuntest(machine: Machine, from: string, folder: string): Promise<StartRuntest> {
  const copy = await machine.spawn(
    `mkdir -p ${folder} && cp -r ${from}/. ${folder} && cp /bin/busybox ${folder}/busybox`,
  );
  const { code, stderr } = await copy.result();
  if (code !== 0) throw new Error(`cannot copy the suite: ${stderr}`);
  return async (args) => {
    const child = await machine.spawn(["sh", "-c", `${PREPARE}exec sh ./runtest "$@"`, "sh", ...args], {
      path: `${folder}/busybox`,
      cwd: `${folder}/testsuite`,
      env: { HOME: "/root", PATH: `${folder}/bin`, HOSTNAME: undefined },
      stdin: "null",
      stderr: "null",
    });
    return { lines: splitLines(child.stdout), kill: () => void child.kill("SIGKILL", { group: true }) };
  };
}

const PREPARE = "../busybox mkdir -p ../bin && ../busybox --install -s ../bin && ";

async function* splitLines(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  let rest = "";
  for await (const chunk of chunks) {
    const lines = (rest + decoder.decode(chunk, { stream: true })).split("\n");
    rest = lines.pop()!;
    yield* lines;
  }
  if (rest !== "") yield rest;
}

/** Runs the tests of applets, one applet after the other. Cases of an applet that hangs have no result from there on. */
export async function runSuite(start: StartRuntest, applets: readonly string[]): Promise<Results> {
  const results: Results = new Map();
  for (let left = [...applets]; left.length > 0; ) {
    const run = await start(left.flatMap((applet) => [marker(applet), applet]));
    let timer = setTimeout(run.kill, SILENCE);
    let applet = "";
    for await (const line of run.lines) {
      clearTimeout(timer);
      timer = setTimeout(run.kill, SILENCE);
      const [, kind, name] = /^(APPLET|PASS|FAIL|SKIPPED|UNTESTED): (.*)$/.exec(line) ?? [];
      if (kind === "APPLET") applet = name;
      else if (kind) results.set(unused(results, `${applet}: ${name}`), kind as Verdict);
    }
    clearTimeout(timer);
    // Where it ended before its time, the applet after the one that it was at is next.
    left = left.slice(left.indexOf(applet) + 1 || left.length);
  }
  return results;
}

function unused(results: Results, key: string): string {
  for (let i = 2, name = key; ; name = `${key} #${i++}`) if (!results.has(name)) return name;
}
