// The scanner is committed in compiled form: it has to be that of its source.

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { scannerCode } from "../../runtime/loader/scanner/build.ts";

test("the scanner's code is that of its source", async () => {
  const committed = readFileSync(join(import.meta.dirname, "../../runtime/loader/scanner/code.ts"), "utf8");
  expect(committed === (await scannerCode()), "it was changed: run node runtime/loader/scanner/build.ts").toBe(true);
}, 60_000);
