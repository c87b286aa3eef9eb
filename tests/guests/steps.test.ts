import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { built } from "../../guests/paths.ts";
import { runSteps, type Step } from "../../guests/steps.ts";

let folder: string;
let ran: string[];
/** Stamps are kept by name: these must not meet those of real steps, or of another run of these tests. */
const prefix = `test-${process.pid}-`;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "ring3-steps-"));
  ran = [];
});

afterEach(() => {
  rmSync(folder, { recursive: true });
  for (const name of ["a", "b", "c"]) rmSync(built("stamps", prefix + name), { force: true });
});

/** A step that copies its input to its output. */
function copying(name: string, uses: string[] = []): Step {
  const input = join(folder, `${name}.in`);
  const output = join(folder, `${name}.out`);
  writeFileSync(input, name);
  return {
    name: prefix + name,
    inputs: [input],
    uses: uses.map((used) => prefix + used),
    outputs: [output],
    run: async () => {
      ran.push(name);
      writeFileSync(output, readFileSync(input));
    },
  };
}

const quiet = () => {};

test("a step is done once", async () => {
  const steps = [copying("a"), copying("b", ["a"])];
  await runSteps(steps, quiet);
  await runSteps(steps, quiet);
  expect(ran).toEqual(["a", "b"]);
});

test("a step is done again when its input changes, and so are those that use it", async () => {
  const steps = [copying("a"), copying("b", ["a"]), copying("c")];
  await runSteps(steps, quiet);
  ran = [];
  writeFileSync(steps[0].inputs[0], "other");
  await runSteps(steps, quiet);
  expect(ran).toEqual(["a", "b"]);
});

test("a step is done again when its output is gone", async () => {
  const steps = [copying("a")];
  await runSteps(steps, quiet);
  rmSync(steps[0].outputs[0]);
  await runSteps(steps, quiet);
  expect(ran).toEqual(["a", "a"]);
});

test("a step that failed is not done, nor are those that use it; what else there is goes on", async () => {
  const broken: Step = {
    ...copying("a"),
    run: async () => {
      throw new Error("broken");
    },
  };
  const steps = [broken, copying("b", ["a"]), copying("c")];
  await expect(runSteps(steps, quiet)).rejects.toThrow("broken");
  expect(ran).toEqual(["c"]);
  await expect(runSteps(steps, quiet)).rejects.toThrow("broken");
});

test("two builds at once do each step once", async () => {
  const steps = [copying("a"), copying("b")];
  await Promise.all([runSteps(steps, quiet), runSteps(steps, quiet)]);
  expect(ran.toSorted()).toEqual(["a", "b"]);
});
