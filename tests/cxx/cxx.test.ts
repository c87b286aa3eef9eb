/** C++ programs with all that the standard library has: compiled by the host's c++ and by ring3-c++, they print the same. */
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { ensureOptional } from "../../guests/build.ts";
import { CXX_LIBRARY } from "../../guests/cxx/build.ts";
import { built, guest } from "../../guests/paths.ts";
import { runNative } from "../diff/native.ts";
import { Ring3, RUN_ENV } from "../diff/ring3.ts";

const PROGRAMS = join(import.meta.dirname, "programs");
const OUTPUT = built("tests", "cxx");
const BUILD_MS = 10 * 60_000;
const SECONDS = 60;
const FLAGS = ["-std=c++20", "-O1", "-w", "-pthread"];

const ring3 = new Ring3({ mounts: [{ host: OUTPUT, guest: "/tests", readOnly: true }] });
afterAll(() => ring3[Symbol.asyncDispose]());

beforeAll(async () => {
  mkdirSync(OUTPUT, { recursive: true });
  await ensureOptional("c++", { log: console.error });
}, BUILD_MS);

/** Compiles a program once for each content; gives its name in OUTPUT. */
function compile(compiler: string, source: string, tool: string): string {
  const key = createHash("sha256")
    .update(`${compiler}\0${FLAGS}\0${tool}\0`)
    .update(readFileSync(source))
    .digest("hex");
  const name = `${compiler.includes("ring3") ? "ring3" : "native"}-${key.slice(0, 16)}`;
  if (existsSync(join(OUTPUT, name))) return name;
  const { status, stderr } = spawnSync(compiler, [...FLAGS, "-o", join(OUTPUT, name), source], { encoding: "utf8" });
  if (status !== 0) throw new Error(`${compiler} ${source}:\n${stderr}`);
  return name;
}

function compileForRing3(source: string): string {
  const { size, mtimeMs } = statSync(CXX_LIBRARY);
  return compile(guest("bin", "ring3-c++"), source, `${size} ${mtimeMs}`);
}

describe("as on the host", () => {
  test.for(readdirSync(PROGRAMS))("%s", { timeout: BUILD_MS }, async (name) => {
    const source = join(PROGRAMS, name);
    const native = join(OUTPUT, compile(process.env.CXX || "c++", source, ""));
    const program = compileForRing3(source);
    const options = { seconds: SECONDS, stdin: "hello\n" };
    const wanted = await runNative(native, [], { ...options, env: RUN_ENV, name });
    const got = await ring3.run([`/tests/${program}`], options);
    expect(got.stdout.split("\n")).toEqual(wanted.stdout.split("\n"));
    expect({ end: got.end, trouble: got.trouble }).toEqual({ end: wanted.end, trouble: "" });
    if (name === "streams.cpp") expect(got.stderr).toBe(wanted.stderr);
  });
});

describe("what fork can not do", () => {
  const run = (how: string) => {
    const program = compileForRing3(join(import.meta.dirname, "limits.cpp"));
    return ring3.run([`/tests/${program}`, how], { seconds: SECONDS });
  };

  test("in a handler of a signal it fails, and works again behind it", { timeout: BUILD_MS }, async () => {
    expect(await run("handler")).toMatchObject({
      end: { kind: "exit", code: 0, left: 0 },
      stdout: "fork\nEAGAIN\nfork\na child\n",
    });
  });

  test("in a destructor because of an exception it ends the process", { timeout: BUILD_MS }, async () => {
    expect(await run("destructor")).toMatchObject({
      end: { kind: "signal", signal: "SIGILL", left: 0 },
      stdout: "fork\n",
    });
  });
});
