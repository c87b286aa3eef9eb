/** Each case, natively and on ring3: the same output, the same end (README.md). */
import { basename } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { compile, programFolder } from "./build.ts";
import { check } from "./compare.ts";
import { EXPECTED_FAILURES } from "./expectations.ts";
import { runNative } from "./native.ts";
import { Ring3, RUN_ENV } from "./ring3.ts";
import { caseFiles } from "./sources.ts";

const SECONDS = 10;
/** Compiling both programs of a file, and preparing one for ring3. */
const BUILD_MS = 120_000;

const files = caseFiles();

test("the list of expected failures names cases that exist", () => {
  const all = new Set(files.flatMap((file) => file.cases.map((name) => `${file.name} ${name}`)));
  expect(Object.keys(EXPECTED_FAILURES).filter((name) => !all.has(name))).toEqual([]);
});

for (const file of files) {
  describe(file.name, () => {
    let native: string;
    let guest: string;
    const ring3 = new Ring3({ mounts: [{ host: programFolder("ring3"), guest: "/tests", readOnly: true }] });

    beforeAll(async () => {
      [native, guest] = await Promise.all([compile(file.path, "native"), compile(file.path, "ring3")]);
    }, BUILD_MS);
    afterAll(() => ring3[Symbol.asyncDispose]());

    for (const name of file.cases) {
      test(
        name,
        async () => {
          const [wanted, got] = await Promise.all([
            runNative(native, [name], { env: RUN_ENV, seconds: SECONDS, name }),
            ring3.run([`/tests/${basename(guest)}`, name], { seconds: SECONDS }),
          ]);
          check(wanted, got, EXPECTED_FAILURES[`${file.name} ${name}`]);
        },
        BUILD_MS,
      );
    }
  });
}
