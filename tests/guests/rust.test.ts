/** A program in Rust, by WASI, among the others. */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { RUST, WORDS } from "../../guests/rust/build.ts";
import { PROJECT, runNative } from "../diff/native.ts";
import { Ring3, RUN_ENV } from "../diff/ring3.ts";

const SECONDS = 30;
const ring3 = new Ring3({ mounts: [{ host: RUST, guest: "/rust", readOnly: true }] });
afterAll(() => ring3[Symbol.asyncDispose]());

// The compiler is 77 MB to fetch: `node guests/build.ts rust` does it, and then these tests are run.
describe.skipIf(!existsSync(WORDS))("words", () => {
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
