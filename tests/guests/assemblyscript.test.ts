/** Programs in AssemblyScript: against what the host's own tools do with the same input, and built as outside of this repository. */
import { execFileSync } from "node:child_process";
import { chmodSync, cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { PROJECT, runNative } from "../diff/native.ts";
import { Ring3, RUN_ENV } from "../diff/ring3.ts";
import { SCRIPTS } from "./assemblyscript/scripts.ts";

const SECONDS = 20;
const TEST_MS = 3 * SECONDS * 1000;

const folder = mkdtempSync(join(tmpdir(), "ring3-as-"));
const ring3 = new Ring3({ mounts: [{ host: folder, guest: folder, readOnly: false }] });

afterAll(async () => {
  await ring3[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true });
});

/** Where the programs stand in the machine. */
const BIN = "/usr/local/bin";

/** A command on the host. */
const host = (script: string, args: string[] = [], stdin?: string) =>
  runNative("sh", ["-c", script, "sh", ...args], { env: RUN_ENV, seconds: SECONDS, name: "as", stdin });

describe("tinysh and the host's sh", () => {
  test.for(Object.entries(SCRIPTS))("%s", { timeout: TEST_MS }, async ([, script]) => {
    const args = ["one", "two  2", "3"];
    const [wanted, got] = await Promise.all([
      host(script, args),
      ring3.run([`${BIN}/tinysh`, "-c", script, "sh", ...args], { seconds: SECONDS }),
    ]);
    expect({ stdout: got.stdout, end: got.end, trouble: got.trouble }).toEqual({
      stdout: wanted.stdout,
      end: wanted.end,
      trouble: "",
    });
    expect(got.stderr === "").toBe(wanted.stderr === "");
  });

  test("a script from a file and from standard input", { timeout: TEST_MS }, async () => {
    writeFileSync(join(folder, "script"), 'echo "$0 $1" | sed "s|.*/||"\nexit 4\n');
    const file = await ring3.run([`${BIN}/tinysh`, join(folder, "script"), "x"], { seconds: SECONDS });
    expect([file.stdout, file.end]).toEqual(["script x\n", { kind: "exit", code: 4, left: 0 }]);
    const input = await ring3.run([`${BIN}/tinysh`], { seconds: SECONDS, stdin: "x=1\necho in $x" });
    expect(input.stdout).toBe("in 1\n");
    const missing = await ring3.run([`${BIN}/tinysh`, "/nosuch"], { seconds: SECONDS });
    expect([missing.stderr, missing.end]).toMatchObject([
      "tinysh: /nosuch: No such file or directory\n",
      { kind: "exit", code: 2 },
    ]);
  });
});

test("letters counts what tr, sort and uniq count", { timeout: TEST_MS }, async () => {
  const text = readFileSync(join(PROJECT, "guests/README.md"), "utf8");
  const wanted = await host(
    "tr A-Z a-z | tr -cd a-z | fold -w1 | sort | uniq -c | sort -k1,1nr -k2 | head -n 3 | awk '{ print $2, $1 }'",
    [],
    text,
  );
  const got = await ring3.run([`${BIN}/letters`], { seconds: SECONDS, stdin: text });
  expect(got.stdout).toBe(wanted.stdout);
  const missing = await ring3.run([`${BIN}/letters`, "/etc/passwd", "/nosuch"], { seconds: SECONDS });
  expect([missing.stderr, missing.end]).toMatchObject([
    "letters: /nosuch: No such file or directory\n",
    { kind: "exit", code: 1 },
  ]);
});

test("walk lists what find lists", { timeout: TEST_MS }, async () => {
  const tree = join(folder, "tree");
  execFileSync("sh", [
    "-c",
    'mkdir -p "$0/a/b/c" "$0/d e"; cd "$0"; echo 1 > a/f; : > "d e/ä€"; chmod 600 a/f; chmod 700 a/b; ln -s ../f a/b/link; mkfifo p; ln -s nosuch x',
    tree,
  ]);
  const wanted = await host(
    "find \"$1\" '(' -type d -o -type p ')' -printf '%y %m %p\\n' -o -type f -printf '%y %m %s %p\\n' -o -printf '%y %p -> %l\\n' | LC_ALL=C sort",
    [tree],
  );
  const got = await ring3.run(["sh", "-c", `${BIN}/walk ${tree} | sort`], { seconds: SECONDS });
  expect(got.stdout).toBe(wanted.stdout);
  expect(got.stdout.split("\n").length).toBe(11);
});

/** A program of someone else's, where ring3 is a package that was installed: as the README beside the library says. */
describe("outside of this repository", () => {
  const project = join(folder, "project");
  const asc = (source: string, program: string) => {
    const args = [source, "-o", program];
    execFileSync(process.execPath, [join(PROJECT, "node_modules/assemblyscript/bin/asc.js"), ...args], {
      cwd: project,
      encoding: "utf8",
      stdio: ["ignore", "pipe", "pipe"],
    });
    chmodSync(join(project, program), 0o755);
  };

  beforeAll(() => {
    mkdirSync(join(project, "node_modules"), { recursive: true });
    symlinkSync(PROJECT, join(project, "node_modules", "ring3"));
    const config = { extends: "./node_modules/ring3/guests/assemblyscript/asconfig.json" };
    writeFileSync(join(project, "asconfig.json"), JSON.stringify(config));
  });

  test("objects live on in both processes after fork; spawn, files, errors", { timeout: TEST_MS }, async () => {
    cpSync(join(import.meta.dirname, "assemblyscript", "heap.as.ts"), join(project, "heap.ts"));
    asc("heap.ts", "heap.wasm");
    const { stdout, stderr, end, trouble } = await ring3.run([join(project, "heap.wasm")], { seconds: SECONDS });
    expect({ lines: stdout.split("\n"), stderr, end, trouble }).toEqual({
      lines: [
        "child 50",
        "parent 50, child ended with 7",
        "spawned and its input",
        "status 0",
        "exit 3, killed 137",
        "-1 ENOENT, 126 EACCES",
        "WORD spawned, true",
        "true ENOENT: No such file or directory",
        "/tmp/heap",
        "<first line>",
        "<second ä€😀>",
        "<no newline>",
        "0123xx67 8 640 true",
        "false EBADF",
        "2 true true 0123xx67",
        "false ENOTEMPTY",
        "true",
        "true 3000000 3000000",
        "",
      ],
      stderr: "",
      end: { kind: "exit", code: 0, left: 0 },
      trouble: "",
    });
  });

  test("a failed assertion says where, and ends by SIGABRT", { timeout: TEST_MS }, async () => {
    const program = [
      'import { onSignal } from "ring3/signals";',
      'import { exit, getpid, kill } from "ring3/process";',
      'import { SIGUSR1 } from "ring3/abi/constants";',
      "let caught = 0;",
      "onSignal(SIGUSR1, (signal: i32) => { caught += signal; });",
      "kill(getpid(), SIGUSR1);",
      "if (caught != 10 || !(Math.random() < 1)) exit(1);",
      'trace("here", 1, 2.5);',
      'assert(caught == 11, "only ten");',
    ];
    writeFileSync(join(project, "fails.ts"), program.join("\n"));
    asc("fails.ts", "fails.wasm");
    const { stderr, end } = await ring3.run([join(project, "fails.wasm")], { seconds: SECONDS });
    expect(stderr).toBe("trace: here 2.5\nfails.ts:9:1: only ten\n");
    expect(end).toEqual({ kind: "signal", signal: "SIGABRT", left: 0 });
  });
});
