// `ring3 bench` as a user runs it. One row is measured; no test looks at how long anything took.

import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { clean, temporaryFolder } from "../cleanup.ts";
import { ring3 } from "../cli/cli.ts";

let folder: string;
beforeAll(() => {
  folder = temporaryFolder();
});
afterAll(() => clean());

test("a row is measured, shown, saved, drawn and compared", async () => {
  const [json, html, svg] = ["figures.json", "page.html", "chart.svg"].map((name) => join(folder, name));
  const first = await ring3(["bench", "getpid", "--json", json, "--html", html, "--svg", svg]);
  expect(first.code, first.stderr).toBe(0);
  expect(first.stdout).toMatch(/^row +native +ring3 +ratio +target +spread +what\ngetpid +[\d.]+ ns +[\d.]+ ns/);
  const { rows } = JSON.parse(readFileSync(json, "utf8"));
  expect(rows).toEqual([
    {
      id: "getpid",
      native: expect.any(Number),
      ring3: expect.any(Number),
      unit: "ns",
      ratio: expect.any(Number),
      spread: expect.any(Number),
    },
  ]);
  expect(readFileSync(html, "utf8")).toMatch(/^<!doctype html>/);
  expect(readFileSync(svg, "utf8")).toMatch(/^<svg /);

  const second = await ring3(["bench", "--json", "getpid", "--against", json]);
  expect(second.code, second.stderr).toBe(0);
  expect(JSON.parse(second.stdout).rows).toHaveLength(1);
  expect(second.stderr).toMatch(/^getpid .* x \d+\.\d\d /m);
});

test("rows that fail do not keep the others from running", async () => {
  const outcome = await ring3(["bench", "getpid", "dispatch-bare"], { env: { CC: "no-such-compiler" } });
  expect(outcome.code).toBe(1);
  expect(outcome.stdout).toMatch(
    /^getpid +failed: there is no C compiler for the host \(no-such-compiler\): apt-get install/m,
  );
  expect(outcome.stdout).toMatch(/^dispatch-bare +[\d.]+ ns/m);
});

test("the list has groups and rows", async () => {
  const { code, stdout } = await ring3(["bench", "--list"]);
  expect(code).toBe(0);
  expect(stdout).toMatch(/^calls:\n {2}getpid /);
  const part = await ring3(["bench", "--list", "dispatch"]);
  expect(part.stdout).toMatch(/^dispatch:\n {2}dispatch-bare /);
});

test("mistakes are one line and 125, before anything is measured", async () => {
  const line = async (...args: string[]) => {
    const { code, stdout, stderr } = await ring3(["bench", ...args]);
    expect([code, stdout]).toEqual([125, ""]);
    return stderr;
  };
  expect(await line("getpid", "no-such-row")).toBe(
    'ring3: bench: "no-such-row" is no row or group (see: ring3 bench --list)\n',
  );
  expect(await line("getpid", "--against", join(folder, "missing"))).toMatch(/^ring3: bench: --against .*ENOENT.*\n$/);
  const broken = join(folder, "broken.json");
  writeFileSync(broken, '{"rows": 1}');
  expect(await line("getpid", "--against", broken)).toContain('it has no "rows" as --json writes them\n');
  const nowhere = join(folder, "no-folder", "page.html");
  expect(await line("getpid", "--html", nowhere)).toMatch(/^ring3: bench: cannot write .*page\.html/);
  expect(existsSync(nowhere)).toBe(false);
});
