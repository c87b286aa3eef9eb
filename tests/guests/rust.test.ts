/** Programs in Rust, by WASI, among the others. */
import { execFileSync } from "node:child_process";
import { mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { ensureOptional } from "../../guests/build.ts";
import { built, guest } from "../../guests/paths.ts";
import { RUST } from "../../guests/rust/build.ts";
import { hasApt } from "../../guests/toolchain/apt.ts";
import { PROJECT, runNative } from "../diff/native.ts";
import { Ring3, RUN_ENV } from "../diff/ring3.ts";

const BUILD_MS = 10 * 60_000;
const SECONDS = 30;
const OUTPUT = built("tests", "rust");

const ring3 = new Ring3({
  mounts: [
    { host: RUST, guest: "/rust", readOnly: true },
    { host: OUTPUT, guest: "/tests", readOnly: true },
  ],
});
afterAll(() => ring3[Symbol.asyncDispose]());

// The compiler is Debian's, and 77 MB to fetch the first time.
describe.skipIf(!hasApt())("Debian's compiler", () => {
  beforeAll(async () => {
    mkdirSync(OUTPUT, { recursive: true });
    await ensureOptional("rust", { log: console.error });
    const source = join(import.meta.dirname, "rust", "std.rs");
    execFileSync(guest("bin", "ring3-rustc"), ["-O", "-C", "overflow-checks", "-o", join(OUTPUT, "std"), source]);
  }, BUILD_MS);

  describe("the standard library", () => {
    const table = `Ok("hi") Err(NotPresent)
Ok(["x", "y z"])
"second\\nthird\\n" of 19
{"a": true, "three": false}
Some(NotFound)
Some(AlreadyExists)
true
false
slept: true
time: true
threads: false
commands: false
`;
    const panic = (what: string) => expect.stringContaining(`thread 'main' panicked at '${what}'`);
    // 128 + SIGILL: a panic ends in the instruction `unreachable`, before anything is dropped.
    test.for([
      ["ended", 0, "dropped at the end of main\n", ""],
      ["exit", 7, "", ""],
      ["main", 1, "dropped at the end of main\n", 'Error: "main says no"\n'],
      ["overflow", 132, "", panic("attempt to multiply with overflow")],
      ["index", 132, "", panic("index out of bounds: the len is 5 but the index is 5")],
    ] as const)("%s", async ([end, status, more, stderr]) => {
      const script = `/tests/std ${end}; echo $?`;
      const options = { seconds: SECONDS, stdin: "x\ny z", env: { GREETING: "hi" } };
      const got = await ring3.run(["/bin/sh", "-c", script], options);
      expect(got).toMatchObject({ stdout: `${table}${more}${status}\n`, stderr });
    });
  });

  describe("words", () => {
    const text = readFileSync(join(PROJECT, "guests/README.md"), "utf8");
    const env = { PATH: "/rust:/usr/local/bin:/usr/bin:/bin" };
    const run = (script: string) => ring3.run(["/bin/sh", "-c", script], { seconds: SECONDS, stdin: text, env });

    test("counts what tr, sort and uniq count", async () => {
      const script =
        "tr -cs A-Za-z '\\n' | tr A-Z a-z | grep . | sort | uniq -c | sort -k1,1nr -k2 | awk '{ print $1, $2 }'";
      const options = { env: RUN_ENV, seconds: SECONDS, name: "words", stdin: text };
      const native = await runNative("sh", ["-c", script], options);
      const { stdout, stderr, trouble } = await run("words -n 100000");
      expect({ stdout, stderr, trouble }).toEqual({ stdout: native.stdout, stderr: "", trouble: "" });
    });

    test("files, errors, exit codes, a panic", async () => {
      const { stdout, stderr } = await run(
        "cd /tmp; echo a b a > f; words f f /nosuch; echo $?; words -n x < f 2> panic; echo $?; grep -o 'panicked at' panic",
      );
      // 128 + SIGILL: a panic ends in the instruction `unreachable`.
      expect(stdout).toBe("4 a\n2 b\n1\n132\npanicked at\n");
      expect(stderr).toMatch(/^words: \/nosuch: No such file or directory/);
    });

    test("in a pipeline with WebAssembly text, C and AssemblyScript", async () => {
      const { stdout, stderr } = await run(
        "echo banana bandana | cat-wat | words | sort -r | tinysh -c 'cat-wat' | letters",
      );
      expect({ stdout, stderr }).toEqual({ stdout: "a 6\nn 4\nb 2\n", stderr: "" });
    });
  });
});
