/** Shell scripts under busybox sh: natively, with busybox's own commands, and on ring3. */
import { existsSync, readdirSync, readFileSync, symlinkSync } from "node:fs";
import { basename, join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { ensureNative } from "../../guests/build.ts";
import { check } from "../diff/compare.ts";
import { PROJECT, runNative, temporaryFolder } from "../diff/native.ts";
import { Ring3, RUN_ENV } from "../diff/ring3.ts";

const HERE = import.meta.dirname;
const BUSYBOX = join(PROJECT, ".build/native/busybox");
const BUILD_MS = 20 * 60_000;
const SECONDS = 60;

const ring3 = new Ring3({ mounts: [{ host: HERE, guest: "/scripts", readOnly: true }] });
let applets: Awaited<ReturnType<typeof temporaryFolder>>;

beforeAll(async () => {
  await ensureNative({ log: console.error });
  applets = await temporaryFolder("applets");
  const links = readFileSync(`${BUSYBOX}.links`, "utf8").trim().split("\n");
  for (const link of links) {
    const path = join(applets.path, basename(link));
    if (!existsSync(path)) symlinkSync(BUSYBOX, path);
  }
}, BUILD_MS);

afterAll(async () => {
  await ring3[Symbol.asyncDispose]();
  await applets.remove();
});

const scripts = readdirSync(HERE).filter((name) => name.endsWith(".sh"));

test("the language script has 200 lines", () => {
  expect(readFileSync(join(HERE, "script.sh"), "utf8").split("\n").length).toBeGreaterThan(200);
});

test.for(scripts)("%s", { timeout: 3 * SECONDS * 1000 }, async (script) => {
  const native = await runNative(BUSYBOX, ["sh", join(HERE, script)], {
    env: { ...RUN_ENV, PATH: applets.path },
    seconds: SECONDS,
    name: script,
  });
  check(native, await ring3.run(["sh", `/scripts/${script}`], { seconds: SECONDS }));
});
