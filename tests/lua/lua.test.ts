/** Lua scripts: what native lua prints, and what lua prints on ring3. */
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, test } from "vitest";
import { ensureNative } from "../../guests/build.ts";
import { check } from "../diff/compare.ts";
import { PROJECT, runNative } from "../diff/native.ts";
import { Ring3, RUN_ENV } from "../diff/ring3.ts";

const HERE = import.meta.dirname;
const LUA = join(PROJECT, ".build/native/lua");
const BUILD_MS = 20 * 60_000;
const SECONDS = 60;

const ring3 = new Ring3({ mounts: [{ host: HERE, guest: "/scripts", readOnly: true }] });

beforeAll(() => ensureNative({ log: console.error }), BUILD_MS);
afterAll(() => ring3[Symbol.asyncDispose]());

test.for(readdirSync(HERE).filter((name) => name.endsWith(".lua")))(
  "%s",
  { timeout: 3 * SECONDS * 1000 },
  async (script) => {
    const native = await runNative(LUA, [join(HERE, script)], { env: RUN_ENV, seconds: SECONDS, name: script });
    check(native, await ring3.run(["lua", `/scripts/${script}`], { seconds: SECONDS }));
  },
);
