import { expect, test } from "vitest";
import { EXPECTED_FAILURES } from "./expectations.ts";
import { caseFiles } from "./sources.ts";
import { differentialTests } from "./suite.ts";

test("the list of expected failures names cases that exist", () => {
  const all = new Set(caseFiles().flatMap((file) => file.cases.map((name) => `${file.name} ${name}`)));
  expect(Object.keys(EXPECTED_FAILURES).filter((name) => !all.has(name))).toEqual([]);
});

differentialTests("others");
