/**
 * WALI's own unit tests, from a checkout of its repository: `node tests/foreign/wali.ts DIR [test...]`.
 *
 * The programs (tests/bin/unit/wasm) run as they are. A test passes where its exit status is that of the same source built for
 * the host, which is how WALI's own runner judges (its tests/README.md). Fixtures come from the tests' hooks, built with ring3-cc
 * and run in the machine. `wali-expectations.json` says which runs fail, and why; anything else that fails, or one of
 * these that passes, makes the exit code 1.
 */
import { execFile } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync } from "node:fs";
import { constants, tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { built, guest } from "../../guests/paths.ts";
import { boot, type Machine } from "../../runtime/index.ts";

const run = promisify(execFile);
const TIMEOUT_MS = 20_000;
const OUT = built("tests", "wali");
const EXPECTATIONS = new URL("./wali-expectations.json", import.meta.url);

/** One `// CMD:` line of a test: a setup, a run and a cleanup. */
export interface Run {
  setup: string[];
  args: string[];
  cleanup: string[];
  env: Record<string, string>;
}

/** Splits as a shell does, with single and double quotes. */
export function words(text: string): string[] {
  const found: string[] = [];
  for (const [word] of text.matchAll(/(?:"[^"]*"|'[^']*'|[^\s"'])+/g)) {
    found.push(word.replace(/"([^"]*)"|'([^']*)'/g, (_, double, single) => double ?? single));
  }
  return found;
}

/** The runs that a test's source asks for; one without arguments where it says nothing. */
export function runsOf(source: string): Run[] {
  const runs = [...source.matchAll(/^\s*\/\/ CMD:(.*)$/gm)].map(([, line]) => {
    const fields = new Map(
      words(line).map((word) => [word.slice(0, word.indexOf("=")), word.slice(word.indexOf("=") + 1)]),
    );
    const list = (name: string) => words(fields.get(name) ?? "");
    const pairs = list("env").map((pair): [string, string] => [
      pair.split("=", 1)[0],
      pair.slice(pair.indexOf("=") + 1),
    ]);
    const setup = list("setup");
    const cleanup = list("cleanup");
    return { setup, args: list("args"), cleanup: cleanup.length > 0 ? cleanup : setup, env: Object.fromEntries(pairs) };
  });
  return runs.length > 0 ? runs : [{ setup: [], args: [], cleanup: [], env: {} }];
}

interface Result {
  /** Exit code, 128+n for signal n, or "timeout". */
  status: string;
  output: string;
}

/** Builds a file, unless it is newer than this run of the sources: checkouts do not change. */
async function build(output: string, command: string, args: string[]): Promise<string> {
  if (!existsSync(output)) await run(command, [...args, "-o", output]);
  return output;
}

async function native(argv: string[], env: Record<string, string>): Promise<Result> {
  const options = { env: { ...process.env, ...env }, timeout: TIMEOUT_MS, cwd: tmpdir() };
  try {
    const { stdout, stderr } = await run(argv[0], argv.slice(1), options);
    return { status: "0", output: stdout + stderr };
  } catch (error) {
    const { code, signal, stdout, stderr } = error as {
      code: unknown;
      signal: NodeJS.Signals | null;
      stdout: string;
      stderr: string;
    };
    return { status: String(signal === null ? code : 128 + constants.signals[signal]), output: stdout + stderr };
  }
}

/** Runs a program as a shell's child: one that the machine starts itself leads a session, which the host's do not. */
async function inMachine(machine: Machine, argv: string[], env: Record<string, string>): Promise<Result> {
  const guestProcess = await machine.spawn(["/bin/sh", "-c", '"$@"; exit $?', "sh", ...argv], {
    env,
    cwd: "/tmp",
    stdin: "null",
    timeout: TIMEOUT_MS,
  });
  const { code, stdout, stderr, timedOut } = await guestProcess.result();
  return { status: timedOut ? "timeout" : String(code), output: stdout + stderr };
}

/** Runs one test; gives what went wrong, by run. */
async function runTest(checkout: string, name: string): Promise<Map<string, string>> {
  const tests = join(checkout, "tests");
  const source = join(tests, "unit", `${name}.c`);
  const flags = ["-I", tests, "-I", join(tests, "common"), "-w", "-O2"];
  const main = join(tests, "common", "hooks_main.c");
  const hookFlags = [...flags, "-DWALI_TEST_WRAPPER", main, source];
  const [program, hooks, theirHooks] = await Promise.all([
    build(join(OUT, "host", name), "cc", [...flags, source, "-lm", "-lpthread"]),
    build(join(OUT, "host", `${name}_hooks`), "cc", hookFlags),
    build(join(OUT, "ring3", name), guest("bin", "ring3-cc"), hookFlags),
  ]);
  const bugs: string[] = [];
  const machine = await boot({
    mounts: [
      { host: join(tests, "bin/unit/wasm"), guest: "/wali", readOnly: true },
      { host: join(OUT, "ring3"), guest: "/hooks", readOnly: true },
    ],
    log: (line) => {
      if (line.includes("BUG")) bugs.push(line);
    },
  });
  const problems = new Map<string, string>();
  try {
    for (const [i, { setup, args, cleanup, env }] of runsOf(readFileSync(source, "utf8")).entries()) {
      const expected = await native([hooks, "setup", ...setup, "--", program, ...args], env);
      await native([hooks, "cleanup", ...cleanup], env);
      const inside = `/hooks/${theirHooks.slice(theirHooks.lastIndexOf("/") + 1)}`;
      const actual = await inMachine(machine, [inside, "setup", ...setup, "--", `/wali/${name}.wasm`, ...args], env);
      await inMachine(machine, [inside, "cleanup", ...cleanup], env);
      const trouble = bugs.splice(0).join("\n");
      const said = `status ${actual.status}, on the host ${expected.status}; ${actual.output.trim()}`;
      problems.set(`${name} ${i + 1}`, expected.status === actual.status && trouble === "" ? "" : `${said}${trouble}`);
    }
  } finally {
    await machine.shutdown();
  }
  return problems;
}

async function main(checkout: string, wanted: readonly string[]): Promise<number> {
  const folder = join(checkout, "tests/bin/unit/wasm");
  if (!existsSync(folder))
    throw new Error(`${checkout}: no checkout of WALI, or one without prebuilt tests: no tests/bin/unit/wasm`);
  for (const side of ["host", "ring3"]) mkdirSync(join(OUT, side), { recursive: true });
  const expectations: Record<string, string> = JSON.parse(readFileSync(EXPECTATIONS, "utf8"));
  const names = readdirSync(folder).map((file) => file.replace(/\.wasm$/, ""));
  let passed = 0;
  let failed = 0;
  let surprises = 0;
  for (const name of names.filter((each) => wanted.length === 0 || wanted.includes(each))) {
    let problems: Map<string, string>;
    try {
      problems = await runTest(checkout, name);
    } catch (error) {
      problems = new Map([[`${name} 1`, (error as Error).message]]);
    }
    for (const [id, problem] of problems) {
      const reason = expectations[id] ?? expectations[name];
      if (problem === "") passed++;
      else failed++;
      if ((problem !== "") === (reason !== undefined)) continue;
      surprises++;
      console.log(problem === "" ? `${id}: passes, though it was to fail: ${reason}` : `${id}: ${problem}`);
    }
  }
  console.log(`${passed} passed, ${failed} failed, ${surprises} of them not as expected`);
  return surprises === 0 ? 0 : 1;
}

if (import.meta.main) {
  const [checkout, ...wanted] = process.argv.slice(2);
  if (checkout === undefined) {
    console.error("usage: node tests/foreign/wali.ts DIR [test...]   (DIR: a checkout of WALI's repository)");
    process.exit(2);
  }
  process.exitCode = await main(checkout, wanted);
}
