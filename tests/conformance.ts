/** Outside test suites, from a checkout that one is pointed at: `npm run conformance -- wali DIR [test...]`. */
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";

const SUITES: Readonly<Record<string, string>> = {
  wali: "./foreign/wali.ts",
  wasi: "./wasi/conformance.ts",
};

const [suite = "", ...args] = process.argv.slice(2);
const script = Object.hasOwn(SUITES, suite) ? SUITES[suite] : undefined;
if (script === undefined || args.length === 0) {
  console.error(`usage: npm run conformance -- ${Object.keys(SUITES).join("|")} DIR [test...]`);
  process.exitCode = 2;
} else {
  const file = fileURLToPath(new URL(script, import.meta.url));
  const { status } = spawnSync(process.execPath, [file, ...args], { stdio: "inherit" });
  process.exitCode = status ?? 1;
}
