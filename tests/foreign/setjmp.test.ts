import { execFileSync } from "node:child_process";
import { mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import loadWabt from "wabt";
import { built, guest } from "../../guests/paths.ts";
import { boot, type Machine } from "../../runtime/index.ts";

const source = fileURLToPath(new URL("./setjmp.c", import.meta.url));
const program = built("tests", "foreign", "setjmp");

let machine: Machine;
const log: string[] = [];

beforeAll(async () => {
  mkdirSync(join(program, ".."), { recursive: true });
  execFileSync(guest("bin", "ring3-cc"), ["-O1", "-w", source, "-o", program]);
  machine = await boot({ memory: "128m", log: (line) => log.push(line) });
  await machine.fs.writeFile("/setjmp", readFileSync(program), { mode: 0o755 });
}, 120_000);

afterAll(() => machine.shutdown());

async function run(...argv: string[]) {
  log.length = 0;
  const { code, signal, stdout } = await (await machine.spawn(argv, { timeout: 60_000 })).result();
  return { end: signal ?? code, stdout, log: log.join("\n") };
}

const EXPECTED = `\
value 0 in round 0
value 42 in round 1
value 1 in round 2
value -512 in round 3
value -100001 in round 4
inner
outer
handler of 10
setjmp left with 10, blocked 1
handler of 10
sigsetjmp left with 10, blocked 0
handler of 14
wait left with 14
child left with 7
sum 9999
thread left with 20
thread left with 20
thread left with 20
thread left with 20
`;

describe("setjmp as an import", { timeout: 120_000 }, () => {
  test("values, copied buffers, handlers, forks, threads", async () => {
    expect(await run("/setjmp")).toEqual({ end: 0, stdout: EXPECTED, log: "" });
  });

  test("a buffer that was never set ends the process", async () => {
    const { end, log } = await run("/setjmp", "stale");
    expect(end).toBe("SIGABRT");
    expect(log).toContain("longjmp to a function that is not running");
  });

  test("saved stacks count as memory", async () => {
    const { end, log } = await run("/setjmp", "hoard");
    expect(end).toBe("SIGSEGV");
    expect(log).toMatch(/no memory is left to save the stack in|call stack size|out of bounds/);
    expect((await run("/setjmp")).end).toBe(0);
  });
});

describe("a fork in a catch block", { timeout: 60_000 }, () => {
  const forking = async (handler: string, after = "") => {
    const wabt = await loadWabt();
    const text = `(module
      (import "wali" "SYS_fork" (func $fork (result i64)))
      (import "wali" "SYS_exit" (func $exit (param i32) (result i64)))
      (import "wali" "SYS_wait4" (func $wait (param i32 i32 i32 i32) (result i64)))
      (memory (export "memory") 2 16 shared)
      (global (mut i32) (i32.const 65536))
      (tag $oops (param i32))
      (func (export "_start") (local $pid i64)
        (try (do (throw $oops (i32.const 9)))
          (${handler}
            (local.set $pid (call $fork))
            (if (param i32) (i64.eqz (local.get $pid)) (then (drop (call $exit))) (else drop))
            (drop (call $wait (i32.const -1) (i32.const 0) (i32.const 0) (i32.const 0)))
            ${after}))))`;
    const module = wabt.parseWat("catch.wat", text, { exceptions: true, threads: true });
    await machine.fs.writeFile("/catch", module.toBinary({}).buffer, { mode: 0o755 });
    return run("/catch");
  };

  test("works", async () => {
    expect(await forking("catch $oops")).toMatchObject({ end: 0, log: "" });
    expect(await forking("catch_all (i32.const 9)")).toMatchObject({ end: 0, log: "" });
  });

  test("that throws on what it caught, too", async () => {
    const { end, log } = await forking("catch $oops", "(rethrow 0)");
    expect({ end, log }).toEqual({ end: "SIGABRT", log: expect.stringContaining("an exception that nothing catches") });
  });

  test("for all exceptions that throws on ends the process: what it caught could not be on its way again", async () => {
    const { end, log } = await forking("catch_all (i32.const 9)", "(rethrow 0)");
    expect({ end, log }).toEqual({ end: "SIGILL", log: expect.stringContaining("can not be left") });
  });
});
