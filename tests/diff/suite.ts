/** Each case, natively and on ring3: the same output, the same end (README.md). */
import { basename } from "node:path";
import { afterAll, beforeAll, describe, test } from "vitest";
import { compile, programFolder } from "./build.ts";
import { check } from "./compare.ts";
import { EXPECTED_FAILURES } from "./expectations.ts";
import { runNative } from "./native.ts";
import { Ring3, RUN_ENV } from "./ring3.ts";
import { type CaseFile, caseFiles } from "./sources.ts";

const SECONDS = 10;
/** Compiling both programs of a file, and preparing one for ring3. */
const BUILD_MS = 120_000;

/** Test files that vitest may run side by side, and the areas each takes; "others" takes the rest. */
const GROUPS: Readonly<Record<string, readonly string[]>> = {
  processes: ["process", "signal", "setjmp", "thread", "futex"],
  files: ["fs", "pipe", "poll", "tty"],
};

/** The cases of a group of areas, each a test. */
export function differentialTests(group: "processes" | "files" | "others"): void {
  const taken = Object.values(GROUPS).flat();
  const files = caseFiles().filter(({ area }) => GROUPS[group]?.includes(area) ?? !taken.includes(area));
  for (const file of files) testFile(file);
}

function testFile(file: CaseFile): void {
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
