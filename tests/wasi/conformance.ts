/**
 * The WASI testsuite (WebAssembly/wasi-testsuite), from a checkout of its branch with prebuilt tests:
 * `npm run conformance -- wasi DIR [test...]`.
 *
 * Its programs for preview 1 and for 0.3 (components) run as they are, each started from outside a machine whose root directory is a copy of the folder that the test
 * asks for: that is then descriptor 3, by the name "/" (doc/specification.md says what else a test asks for). A test passes where exit code
 * and output are as expected. `conformance.json` says which do not pass, and why; anything else that fails, or one of these
 * that passes, makes the exit code 1.
 */
import { cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { buildAdapter } from "../../runtime/abi/wasi/build.ts";
import { boot, type Machine } from "../../runtime/index.ts";
import { type HttpOperation, type HttpServer, runService } from "./http-service.ts";

const TIMEOUT_MS = 20_000;
const EXPECTATIONS = new URL("./conformance.json", import.meta.url);
const PLACE = "/run/test";
/** What a machine's environment has: tests want to see their own only. */
const NO_ENVIRONMENT = { PATH: undefined, HOME: undefined, HOSTNAME: undefined };

interface Specification {
  readonly args?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly root?: string;
  readonly exit_code?: number;
  readonly stdout?: string;
  readonly stderr?: string;
  readonly world?: string;
  readonly servers?: readonly HttpServer[];
  /** For a server: what it is sent over a connection, and what it has to answer. */
  readonly talk?: { readonly sent: string; readonly received: string };
  /** The newer form, which the tests for 0.3 have: what to do and to expect, one after the other. */
  readonly operations?: readonly Operation[];
}

interface Operation {
  readonly type: "run" | "read" | "write" | "wait" | string;
  readonly args?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly root?: string;
  readonly id?: string;
  readonly payload?: string;
  readonly exit_code?: number;
}

function read(file: string): Specification & { stdin?: string } {
  const specification: Specification = existsSync(file) ? JSON.parse(readFileSync(file, "utf8")) : {};
  const { operations } = specification;
  if (!operations) return specification;
  const payloads = (type: string, id: string) => {
    const parts = operations.filter((operation) => operation.type === type && operation.id === id);
    return parts.length === 0 ? undefined : parts.map(({ payload = "" }) => payload).join("");
  };
  const run = operations.find(({ type }) => type === "run");
  const stdin = payloads("write", "stdin");
  const connection = operations.find(({ type }) => type === "connect")?.id;
  return {
    ...specification,
    args: run?.args,
    env: run?.env,
    root: run?.root ?? specification.root,
    exit_code: operations.find(({ type }) => type === "wait")?.exit_code,
    stdout: payloads("read", "stdout"),
    stderr: payloads("read", "stderr"),
    ...(stdin === undefined ? {} : { stdin }),
    talk:
      connection === undefined
        ? undefined
        : { sent: payloads("send", connection) ?? "", received: payloads("recv", connection) ?? "" },
  };
}

/** A test that wants no directory gets none: its machine has but a mounted folder, which is all that it would see, and that goes. */
async function removeFolder(machine: Machine): Promise<void> {
  await (await machine.spawn(["umount", "/folder"])).wait();
  await machine.fs.rm("/folder", { recursive: true });
}

/** Talks to a server in the machine, by nc: what is wrong, "" for nothing. `line`: its address, as it printed it. */
async function talkTo(machine: Machine, line: string, { sent, received }: NonNullable<Specification["talk"]>) {
  const [, host, port] = /^(.*):(\d+)$/m.exec(line) ?? [];
  if (port === undefined) return "no address";
  const { stdout } = await (await machine.spawn(["nc", host, port], { stdin: sent, timeout: TIMEOUT_MS })).result();
  return stdout === received ? "" : `answer ${JSON.stringify(stdout)}`;
}

/** Runs a test; gives what is wrong, "" for nothing. */
async function runTest(program: string): Promise<string> {
  const specification = read(program.replace(/wasm$/, "json"));
  const {
    args = [],
    env = {},
    root,
    exit_code = 0,
    stdout,
    stderr,
    stdin = "null",
    world,
    servers,
    talk,
  } = specification;
  if (world === "wasi:http/service") {
    const requests = specification.operations!.filter((operation) => operation.type === "request");
    return runService(readFileSync(program), servers ?? [], requests as unknown as HttpOperation[]);
  }
  const folder = mkdtempSync(join(tmpdir(), "ring3-wasi-"));
  const log: string[] = [];
  try {
    if (root !== undefined) cpSync(join(program, "..", root), folder, { recursive: true });
    const mounts = root === undefined ? [{ host: folder, guest: "/folder" }] : [];
    const machine = await boot({ root: root === undefined ? "image" : folder, mounts, log: (line) => log.push(line) });
    try {
      if (root === undefined) await removeFolder(machine);
      await machine.fs.mkdir(PLACE, { recursive: true });
      const path = `${PLACE}/${basename(program)}`;
      await machine.fs.writeFile(path, readFileSync(program), { mode: 0o755 });
      const options = { path, env: { ...NO_ENVIRONMENT, ...env }, stdin, timeout: TIMEOUT_MS } as const;
      const { promise: printed, resolve: print } = Promise.withResolvers<string>();
      const process = await machine.spawn(
        [basename(program), ...args],
        talk ? { ...options, stdout: (chunk) => print(new TextDecoder().decode(chunk)) } : options,
      );
      const answer = talk && printed.then((line) => talkTo(machine, line, talk));
      const result = await process.result();
      print("");
      const problems = [
        (await answer) ?? "",
        result.code === exit_code ? "" : `exit code ${result.code ?? result.signal}, expected ${exit_code}`,
        stdout === undefined || stdout === result.stdout ? "" : `output ${JSON.stringify(result.stdout)}`,
        stderr === undefined || stderr === result.stderr ? "" : `errors ${JSON.stringify(result.stderr)}`,
        ...log.filter((line) => line.includes("BUG")),
      ].filter((text) => text !== "");
      return problems.length === 0 ? "" : [...problems, result.stdout, result.stderr].join("\n").trim();
    } finally {
      await machine.shutdown();
    }
  } catch (error) {
    return (error as Error).message;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Folders of tests, and what their names begin with in the list of exceptions. */
const VERSIONS = [
  { name: "wasm32-wasip1", prefix: "" },
  { name: "wasm32-wasip3", prefix: "0.3/" },
];

const [checkout, ...wanted] = process.argv.slice(2);
const known: Record<string, string> = JSON.parse(readFileSync(EXPECTATIONS, "utf8"));
await buildAdapter();
let passed = 0;
let wrong = 0;
for (const language of readdirSync(join(checkout, "tests")).sort()) {
  for (const { folder, prefix } of VERSIONS.map(({ name, prefix }) => ({
    folder: join(checkout, "tests", language, "testsuite", name),
    prefix: prefix + language,
  }))) {
    if (existsSync(folder)) await runFolder(folder, prefix);
  }
}

async function runFolder(folder: string, prefix: string): Promise<void> {
  for (const file of readdirSync(folder).sort()) {
    const name = `${prefix}/${file.replace(/\.wasm$/, "")}`;
    if (!file.endsWith(".wasm") || (wanted.length > 0 && !wanted.some((word) => name.includes(word)))) continue;
    const problem = await runTest(join(folder, file));
    const reason = known[name];
    if (problem === "") passed++;
    if ((problem === "") === (reason === undefined)) continue;
    wrong++;
    console.log(problem === "" ? `${name}: passes, and is listed as failing: ${reason}` : `${name}: ${problem}`);
  }
}
console.log(`${passed} passed; ${wrong} not as expected`);
if (passed + wrong === 0) console.log("no tests found: is this a checkout of the branch prod/testsuite-base?");
process.exitCode = wrong > 0 || passed === 0 ? 1 : 0;
