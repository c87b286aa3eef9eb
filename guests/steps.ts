/**
 * Build steps: each is done once for its inputs, and again when they change.
 *
 * A step's key is the SHA-256 over its name, the contents of its input files, and the keys of the steps that it uses.
 * `.build/stamps/<name>` holds the key that its outputs were made from. The stamp goes before a step begins and comes
 * back when it has ended: a build that was interrupted anywhere is taken up there. A lock keeps two builds apart.
 */

import { createHash } from "node:crypto";
import {
  existsSync,
  linkSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { BUILD, built, ROOT } from "./paths.ts";
import type { Log } from "./toolchain/apt.ts";

export interface Step {
  /** A short name, shown before each line of progress. */
  name: string;
  /** Files and folders that its result depends on. */
  inputs: string[];
  /** Texts that its result depends on, beside files. */
  texts?: () => string[];
  /** Steps before this one, by name, whose results it uses. */
  uses?: string[];
  /** Files that have to be there for the step to count as done. */
  outputs: string[];
  /** For a step that itself knows what it was made from: whether that is still so. */
  isFresh?: () => boolean;
  run: (log: Log) => Promise<void>;
}

/**
 * Does the steps that are not done: each as soon as those that it uses are, several at once.
 * @param steps a step comes after those that it uses.
 * @param log gets one line for each thing that takes time.
 * @throws the error of the first step that failed, when all that had begun have ended.
 */
export async function runSteps(steps: readonly Step[], log: Log): Promise<void> {
  const keys = keysOf(steps);
  const pending = (step: Step) => !isDone(step, keys.get(step.name)!);
  if (!steps.some(pending)) return;
  const unlock = await lock(log);
  try {
    const ended = new Map<string, Promise<void>>();
    for (const step of steps) {
      const used = (step.uses ?? []).map((name) => ended.get(name));
      ended.set(
        step.name,
        Promise.all(used).then(() => (pending(step) ? runStep(step, keys.get(step.name)!, log) : undefined)),
      );
    }
    const results = await Promise.allSettled(ended.values());
    const failed = results.find((result) => result.status === "rejected");
    if (failed) throw failed.reason;
  } finally {
    unlock();
  }
}

async function runStep(step: Step, key: string, log: Log): Promise<void> {
  const stamp = stampOf(step);
  rmSync(stamp, { force: true });
  await step.run((line) => log(`${step.name}: ${line}`));
  mkdirSync(dirname(stamp), { recursive: true });
  writeFileSync(`${stamp}.new`, key);
  renameSync(`${stamp}.new`, stamp);
}

const stampOf = (step: Step): string => built("stamps", step.name);

function isDone(step: Step, key: string): boolean {
  const stamp = stampOf(step);
  const done =
    existsSync(stamp) && readFileSync(stamp, "utf8") === key && step.outputs.every((path) => existsSync(path));
  return done && (step.isFresh?.() ?? true);
}

function keysOf(steps: readonly Step[]): Map<string, string> {
  const keys = new Map<string, string>();
  for (const step of steps) {
    // Outputs hold absolute paths: a checkout that was moved is built anew.
    const hash = createHash("sha256").update(`${ROOT}\0${step.name}\0`);
    for (const used of step.uses ?? []) hash.update(keys.get(used)!);
    for (const text of step.texts?.() ?? []) hash.update(`${text}\0`);
    for (const input of step.inputs) hashTree(hash, input);
    keys.set(step.name, hash.digest("hex"));
  }
  return keys;
}

/** Adds a file, or a folder with all that is in it, to a hash: names, contents, and whether files are executable. */
function hashTree(hash: ReturnType<typeof createHash>, path: string): void {
  const info = statSync(path);
  if (info.isDirectory()) {
    for (const name of readdirSync(path).sort()) hashTree(hash, join(path, name));
    return;
  }
  hash.update(`${path}\0${info.mode & 0o111}\0${info.size}\0`).update(readFileSync(path));
}

/** How often a build that waits for another one looks again; how often the holder of the lock shows that it lives. In ms. */
const LOCK_POLL = 200;
const LOCK_BEAT = 2000;
/** A lock that was not touched for this long has no holder, whatever process has its number now. In ms. */
const LOCK_DEAD = 60_000;

/** Takes the build's lock, waiting for another build to end. A lock whose holder is gone counts as free. */
async function lock(log: Log): Promise<() => void> {
  mkdirSync(BUILD, { recursive: true });
  const file = built("lock");
  for (let waited = false; !take(file); ) {
    if (isAbandoned(file)) {
      remove(file);
      continue;
    }
    if (!waited) log("waiting for another build to end");
    waited = true;
    await sleep(LOCK_POLL);
  }
  const beat = setInterval(() => utimesSync(file, new Date(), new Date()), LOCK_BEAT).unref();
  return () => {
    clearInterval(beat);
    rmSync(file, { force: true });
  };
}

function take(file: string): boolean {
  try {
    writeFileSync(file, `${process.pid}`, { flag: "wx" });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") return false;
    throw error;
  }
}

function isAbandoned(file: string): boolean {
  try {
    const holder = Number(readFileSync(file, "utf8"));
    const idle = Date.now() - statSync(file).mtimeMs;
    return idle > LOCK_DEAD || (holder > 0 && !isAlive(holder));
  } catch {
    return false; // it went away meanwhile
  }
}

/** Removes an abandoned lock, but not one that another build took since: what was moved away is looked at again. */
function remove(file: string): void {
  const moved = `${file}.${process.pid}`;
  try {
    renameSync(file, moved);
    if (!isAbandoned(moved)) linkSync(moved, file);
  } catch {
    // another build was faster
  }
  rmSync(moved, { force: true });
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}
