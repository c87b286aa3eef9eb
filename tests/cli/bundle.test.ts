/** The bundle of the CLI and the machine's thread: taken only while no source has changed since it was made. */
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterEach, beforeEach, expect, test } from "vitest";
import { BUNDLE_SOURCES } from "../../runtime/bundle/build.ts";
import { PROJECT } from "./cli.ts";

const CHECK = join("runtime", "host", "node", "bundle.js");

/** A project with one source and a bundle of it. */
let project: string;
let source: string;
beforeEach(() => {
  project = mkdtempSync(join(tmpdir(), "ring3-bundle-"));
  for (const folder of [join("runtime", "host", "node"), join(".build", "bundle", "node")]) {
    mkdirSync(join(project, folder), { recursive: true });
  }
  cpSync(join(PROJECT, CHECK), join(project, CHECK));
  writeFileSync(join(project, "package.json"), '{"type":"module"}');
  source = join(project, "source.ts");
  writeFileSync(source, "one");
  const { mtimeMs, size } = statSync(source);
  writeFileSync(
    join(project, ".build", "bundle", "node", "sources.json"),
    JSON.stringify([["source.ts", mtimeMs, size]]),
  );
});
afterEach(() => rmSync(project, { recursive: true, force: true }));

/** The folder that the project's check finds, below the project. */
async function found(): Promise<string | null> {
  const { freshBundle } = await import(pathToFileURL(join(project, CHECK)).href);
  return freshBundle()?.slice(project.length) ?? null;
}

test("it is there", async () => {
  expect(await found()).toBe("/.build/bundle/node/");
});

test("a source was changed", async () => {
  const { atime, mtime } = statSync(source);
  writeFileSync(source, "another length");
  utimesSync(source, atime, mtime);
  expect(await found()).toBe(null);
});

test("a source was written again", async () => {
  utimesSync(source, new Date(), new Date(Date.now() + 1000));
  expect(await found()).toBe(null);
});

test("a source is gone", async () => {
  rmSync(source);
  expect(await found()).toBe(null);
});

test("there is none, or half a one", async () => {
  const list = join(project, ".build", "bundle", "node", "sources.json");
  writeFileSync(list, readFileSync(list).subarray(0, 5));
  expect(await found()).toBe(null);
  rmSync(list);
  expect(await found()).toBe(null);
});

test("the build's own names its sources, those of the machine's thread too", () => {
  const names = JSON.parse(readFileSync(BUNDLE_SOURCES, "utf8")).map(([name]: [string]) => name);
  expect(names).toContain("runtime/cli/main.ts");
  expect(names).toContain("kernel/kernel.ts");
  expect(names.filter((name: string) => name.startsWith("guests/"))).toEqual([]);
});
