// The unwinding pass against the original: random programs run as they are, and with their stack unwound and wound up again at random
// calls, in the same instance or in a copy of it. What they log and leave behind has to be the same.

import { expect, test } from "vitest";
import { generator, randomProgram } from "./random-program.ts";
import { check, type Totals } from "./unwinding.ts";

const PROGRAMS = 500;

test.each(["none", "legacy", "new"] as const)("random programs, exceptions: %s", { timeout: 120_000 }, (exceptions) => {
  const totals: Totals = { programs: 0, calls: 0, unwound: 0, copies: 0, stuck: 0 };
  for (let seed = 1; seed <= PROGRAMS; seed++) {
    const random = generator(seed);
    const program = randomProgram(random, 10 + random(120), exceptions);
    const difference = check(program, random, totals);
    if (difference !== undefined) expect.fail(`seed ${seed}: ${difference}`);
  }
  console.log(`${exceptions}: ${JSON.stringify(totals)}`);
  expect(totals.unwound).toBeGreaterThan(PROGRAMS);
});
