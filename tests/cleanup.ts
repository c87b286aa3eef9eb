/**
 * What tests leave on the host, taken away again, also when the test run is killed: a vitest worker notices that the process which
 * started it is gone by the end of its line to it. (What kills the worker itself too, such as kill -9 of everything, leaves the
 * folder; the next run's first test removes it.)
 */
import type { ChildProcess } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";

const PLACE = join(import.meta.dirname, "..", ".build", "tests", "folders");

const folders = new Set<string>();
const children = new Set<ChildProcess>();

/** Ends and removes what is left: for afterAll of a test file, and done anyway when its process ends. */
export function clean(): void {
  for (const child of children) child.kill("SIGKILL");
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
  folders.clear();
}

process.once("exit", clean);
process.once("disconnect", () => {
  clean();
  process.exit(1);
});

/** Kills a child that still runs when the tests end. */
export function watchChild<C extends ChildProcess>(child: C): C {
  children.add(child);
  child.once("exit", () => children.delete(child));
  return child;
}

/** A new folder of the host, for clean() to remove. */
export function temporaryFolder(): string {
  mkdirSync(PLACE, { recursive: true });
  removeLeftovers();
  const folder = mkdtempSync(join(PLACE, `${process.pid}-`));
  folders.add(folder);
  return folder;
}

/** Folders are named after the process that made them. */
function removeLeftovers(): void {
  for (const name of readdirSync(PLACE)) {
    const pid = Number.parseInt(name, 10);
    if (pid > 0 && !existsSync(`/proc/${pid}`) && existsSync("/proc/self")) {
      rmSync(join(PLACE, name), { recursive: true, force: true });
    }
  }
}
