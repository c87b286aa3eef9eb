/** busybox's own test suite: what passes on the host passes inside a machine, or stands in expectations.json with the reason. */
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { ensureNative } from "../../guests/build.ts";
import { boot } from "../../runtime/index.ts";
import { hostRuntest, machineRuntest, type Results, runSuite, stage } from "./suite.ts";

/** Why a case ("applet: case") fails on ring3, or an applet's tests are run nowhere. */
const EXPECTED: Readonly<Record<string, string>> = JSON.parse(
  readFileSync(join(import.meta.dirname, "expectations.json"), "utf8"),
);

/** Applets whose tests take half of the whole time: they get a machine of their own. */
const LONG = new Set(["bc", "dc", "factor"]);

const MINUTES = 60_000;
/** In the machine. */
const FOLDER = "/tmp/busybox";

const temporary = mkdtempSync(join(tmpdir(), "ring3-busybox-"));
afterAll(() => rmSync(temporary, { recursive: true, force: true }));

let native: Results;
let ring3: Results;

beforeAll(async () => {
  await ensureNative({ log: console.error });
  const onHost = join(temporary, "host");
  const staged = join(temporary, "machine");
  const applets = stage(onHost, onHost).filter((applet) => !(applet in EXPECTED));
  stage(staged, FOLDER);

  async function inMachine(some: readonly string[]): Promise<Results> {
    await using machine = await boot({ mounts: [{ host: staged, guest: "/mnt/suite", readOnly: true }] });
    const results = await runSuite(await machineRuntest(machine, "/mnt/suite", FOLDER), some);
    expect((await machine.log()).filter((line) => line.includes("BUG"))).toEqual([]);
    return results;
  }

  const long = applets.filter((applet) => LONG.has(applet));
  const short = applets.filter((applet) => !LONG.has(applet));
  const [host, ...machines] = await Promise.all([
    runSuite(hostRuntest(onHost), applets),
    inMachine(long),
    inMachine(short),
  ]);
  native = host;
  ring3 = new Map(machines.flatMap((results) => [...results]));
}, 15 * MINUTES);

const passing = () => [...native].filter(([, verdict]) => verdict === "PASS").map(([name]) => name);

test("the suite ran on the host", () => {
  expect(passing().length).toBeGreaterThan(800);
});

test("every case that passes on the host passes in a machine, but for those expected to fail", () => {
  const failing = passing().filter((name) => ring3.get(name) !== "PASS");
  const unexpected = failing.filter((name) => !(name in EXPECTED));
  console.log(
    `busybox's test suite: ${passing().length} cases pass on the host, ${passing().length - failing.length} of them on ring3`,
  );
  expect(unexpected.map((name) => `${name}: ${ring3.get(name) ?? "no result"}`)).toEqual([]);
});

test("no case that is expected to fail passes", () => {
  expect(Object.keys(EXPECTED).filter((name) => ring3.get(name) === "PASS")).toEqual([]);
});
