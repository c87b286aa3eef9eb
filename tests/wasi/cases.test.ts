/**
 * C programs that import WASI's functions directly: they have to say what they say with node:wasi (libuv's uvwasi), or what the
 * specification demands (NAME.out), in a folder in memory and in one of the host.
 */
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { compileC } from "./build.ts";
import { Bench, type Outcome, runInNode } from "./machine.ts";

const source = (name: string) => join(import.meta.dirname, "cases", `${name}.c`);

/** What a program has to say: by the file NAME.out where node:wasi is known to be wrong, or has no answer. */
async function expectation(name: string, bytes: Uint8Array): Promise<Outcome> {
  const file = source(name).replace(/c$/, "out");
  return existsSync(file) ? { status: "0", stdout: readFileSync(file, "utf8"), stderr: "" } : runInNode(bytes);
}

/** Runs a program whose first descriptor is a folder in memory. */
async function inMemory(bytes: Uint8Array): Promise<Outcome> {
  await using bench = await Bench.boot();
  await bench.machine.fs.mkdir("/w");
  await bench.install("/w/program", bytes);
  return await bench.run(["chroot", "/w", "/program"]);
}

/** Runs a program whose first descriptor is a folder of the host. */
async function onHost(bytes: Uint8Array): Promise<Outcome> {
  const host = mkdtempSync(join(tmpdir(), "ring3-wasi-"));
  try {
    await using bench = await Bench.boot({ mounts: [{ host, guest: "/w" }] });
    await bench.install("/tmp/program", bytes);
    return await bench.run(["/tmp/program"]);
  } finally {
    rmSync(host, { recursive: true, force: true });
  }
}

const names = readdirSync(join(import.meta.dirname, "cases")).flatMap((file) => /^(.*)\.c$/.exec(file)?.[1] ?? []);

test.each(names)("%s", async (name) => {
  const bytes = compileC(source(name));
  const [memory, host, expected] = await Promise.all([inMemory(bytes), onHost(bytes), expectation(name, bytes)]);
  expect(memory).toEqual(expected);
  expect(host).toEqual(expected);
});
