/** Components as ordinary processes: exec'd, in pipelines, traced, signalled, limited. */
import { parse } from "@bytecodealliance/jco-transpile/wasm-tools";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { boot, type Machine } from "../../runtime/index.ts";
import { clean } from "../cleanup.ts";
import { CAT, command, component, FOLDER, install } from "./support.ts";

afterAll(clean);

const sleep = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

let machine: Machine;
beforeAll(async () => {
  machine = await boot({ mounts: [{ host: FOLDER, guest: "/c" }], memory: "256m" });
});
afterAll(async () => {
  const bugs = (await machine.log()).filter((line) => line.includes("BUG"));
  await machine.shutdown();
  expect(bugs).toEqual([]);
});
const result = async (...args: Parameters<Machine["spawn"]>) => (await machine.spawn(...args)).result();

const GREETING = '(data (i32.const 64) "hello from a component\\n")';
/** Prints what stands at 64. */
const greet = "(call $write (call $stdout) (i32.const 64) (i32.const 23) (i32.const 16))";
beforeAll(async () => {
  install("hello", await command(`${greet} (i32.const 0)`, GREETING));
  install("fail", await command("(i32.const 1)"));
  install("exit", await command("(call $exit (i32.const 1)) unreachable"));
  install("cat", await command(`${CAT} (i32.const 0)`));
  install("spin", await command("(loop $for_ever (br $for_ever)) (i32.const 0)"));
  install("sleep", await command("(call $block (call $subscribe (i64.const 3600000000000))) (i32.const 0)"));
});

test("a command writes, and ends with what run gives", async () => {
  expect(await result(["/c/hello"])).toMatchObject({ code: 0, stdout: "hello from a component\n", stderr: "" });
  expect(await result(["/c/fail"])).toMatchObject({ code: 1, stdout: "" });
  expect(await result(["/c/exit"])).toMatchObject({ code: 1, stdout: "" });
});

test("it stands in pipelines with Linux programs, started by a shell", async () => {
  const { stdout } = await result(
    "seq 50000 | /c/cat | cat | /c/cat | tail -n 2; /c/hello | wc -c; /c/fail || echo $?",
  );
  expect(stdout).toBe("49999\n50000\n23\n1\n");
});

test("a reader that is gone is an error, not a signal, as for every WASI program", async () => {
  const { stdout, stderr } = await result("(/c/cat </dev/zero; echo $? >&2) | head -c 10 | wc -c");
  expect([stdout, stderr]).toEqual(["10\n", "1\n"]);
});

test("strace shows its calls in Linux's terms", async () => {
  let trace = "";
  const process = await machine.spawn(["/c/cat"], { stdin: "ab\n", trace: { write: (text) => void (trace += text) } });
  await process.result();
  expect(trace.replace(/0x\w+/, "ADDRESS").split("\n")).toEqual([
    expect.stringContaining('execve("/c/cat", ["/c/cat"], ADDRESS'),
    expect.stringMatching(/^read\(0, "ab\\n", 4096\) += 3$/),
    expect.stringMatching(/^write\(1, "ab\\n", 3\) += 3$/),
    expect.stringMatching(/^read\(0, "", 4096\) += 0$/),
    expect.stringMatching(/^exit_group\(0\) += \?$/),
    "+++ exited with 0 +++",
    "",
  ]);
});

describe("a signal ends it", () => {
  test.each([
    ["while it waits in a call", "sleep"],
    ["while it waits for input", "cat"],
    ["while it computes and never calls anything", "spin"],
  ])("%s", async (_, name) => {
    const process = await machine.spawn([`/c/${name}`]);
    await sleep(50);
    expect((await machine.processes()).map(({ comm }) => comm)).toContain(name);
    process.kill("SIGTERM");
    expect(await process.wait()).toMatchObject({ signal: "SIGTERM" });
    expect((await machine.processes()).map(({ comm }) => comm)).not.toContain(name);
  });

  test("in code that the glue calls, where nothing can be suspended", async () => {
    const spinning = `(func (export "cabi_realloc") (param i32 i32 i32 i32) (result i32)
      (loop $for_ever (br $for_ever)) (i32.const 1024))`;
    const path = install("realloc", await command("(call $arguments (i32.const 0)) (i32.const 0)", "", spinning));
    const process = await machine.spawn([path, "x"]);
    await sleep(50);
    process.kill("SIGKILL");
    expect(await process.wait()).toMatchObject({ signal: "SIGKILL" });
  });
});

test("it is stopped and continued", async () => {
  const { stdout } = await result(
    "/c/spin & sleep 0.1; kill -STOP $!; sleep 0.1; cut -d' ' -f3 /proc/$!/stat; kill -CONT $!; sleep 0.1; cut -d' ' -f3 /proc/$!/stat; kill $!",
  );
  expect(stdout).toBe("T\nR\n");
});

test("others run while it computes", async () => {
  const spinning = await machine.spawn(["/c/spin"]);
  expect(await result("seq 3 | /c/cat")).toMatchObject({ stdout: "1\n2\n3\n" });
  spinning.kill("SIGKILL");
  await spinning.wait();
});

test("others run while the glue calls it often, for a little while each time", async () => {
  // Nearly all of its time is spent where it cannot be suspended: more ticks in all than may pass in one such call.
  const slow = `(global $heap (mut i32) (i32.const 32768))
    (func (export "cabi_realloc") (param i32 i32 i32 i32) (result i32) (local $i i32)
      (loop $more
        (local.set $i (i32.add (local.get $i) (i32.const 1)))
        (br_if $more (i32.lt_u (local.get $i) (i32.const 40000000))))
      (i32.const 1024))`;
  const body = `(local $i i32)
    (loop $more
      (call $arguments (i32.const 0))
      (local.set $i (i32.add (local.get $i) (i32.const 1)))
      (br_if $more (i32.lt_u (local.get $i) (i32.const 16))))
    (i32.const 0)`;
  const calling = await machine.spawn([install("often", await command(body, "", slow)), "x"]);
  const ended = calling.result();
  expect(await result("seq 3 | /c/cat")).toMatchObject({ stdout: "1\n2\n3\n" });
  expect(await ended).toMatchObject({ code: 0, signal: null });
});

test("traps are the signals that they are for every guest", async () => {
  const bodies: [string, string][] = [
    ["unreachable", "SIGILL"],
    ["(i32.load (i32.const -4))", "SIGSEGV"],
    ["(i32.div_s (i32.const 1) (i32.const 0))", "SIGFPE"],
    ["(i32.div_s (i32.const 0x80000000) (i32.const -1))", "SIGFPE"],
    ["(call_indirect (result i32) (i32.const 7))", "SIGILL"],
    ["(call $deep)", "SIGSEGV"],
  ];
  for (const [body, signal] of bodies) {
    const path = install(
      "trap",
      await command(body, "(table 1 funcref) (func $deep (result i32) (call $deep) drop (i32.const 0))"),
    );
    expect(await result([path]), body).toMatchObject({ code: null, signal });
  }
});

test("the memories of its core modules count", async () => {
  // Grows by 1 MiB until it is refused: then exits with success.
  const path = install(
    "grow",
    await command(
      "(loop $more (br_if $more (i32.ne (memory.grow (i32.const 16)) (i32.const -1)))) (memory.size) (i32.const 3000) (i32.lt_u)",
    ),
  );
  expect(await result([path])).toMatchObject({ code: 0 });
  const size = "/c/sleep & sleep 0.2; cat /proc/$!/statm; kill $!";
  const { stdout } = await result(size);
  expect(Number(stdout.split(" ")[0])).toBe((512 * 1024 + 65536) / 4096);
});

describe("wrong input is refused with one line", () => {
  const refused = async (name: string, bytes: Uint8Array): Promise<string> => {
    const error = await machine.spawn([install(name, bytes)]).catch((error: Error) => error);
    expect(error).toMatchObject({ code: "ENOEXEC" });
    expect((error as Error).message).not.toContain("\n");
    return (error as Error).message;
  };
  const run = '(func (export "wasi:cli/run@0.2.0#run") (result i32) (i32.const 0))';

  test("an interface that ring3 lacks", async () => {
    const items = "import wasi:nn/graph@0.2.0-rc-2024-10-28; export wasi:cli/run@0.2.0;";
    const wat = `(module (import "wasi:nn/graph@0.2.0-rc-2024-10-28" "load" (func (param i32 i32 i32))) (memory (export "memory") 1)
      (func (export "cabi_realloc") (param i32 i32 i32 i32) (result i32) (i32.const 0)) ${run})`;
    const message = await refused("nn", await component(items, wat));
    expect(message).toBe("/c/nn: it imports wasi:nn/graph@0.2.0-rc-2024-10-28, which ring3 does not have");
  });

  test("a component that is no command", async () => {
    const wat = '(module (func (export "answer") (result i32) (i32.const 42)))';
    const message = await refused("library", await component("export answer: func() -> u32;", wat));
    expect(message).toMatch(/^\/c\/library: a component that is no command: it exports answer, but no wasi:cli\/run$/);
  });

  test("an older wasi:cli/run", async () => {
    const wat = '(module (func (export "wasi:cli/run@0.1.0#run") (result i32) (i32.const 0)))';
    expect(await refused("old", await component("export wasi:cli/run@0.1.0;", wat))).toMatch(/no command.*run@0\.1\.0/);
  });

  test("a component that is cut short or damaged", async () => {
    const bytes = await command(`${greet} (i32.const 0)`, GREETING);
    for (let length = 8; length < bytes.length; length += 97) {
      expect(await refused("cut", bytes.slice(0, length))).toMatch(/^\/c\/cut: \S/);
    }
    const damaged = bytes.slice();
    damaged[damaged.length - 40] ^= 0xff;
    damaged.fill(0xff, 8, 12);
    expect(await refused("damaged", damaged)).toMatch(/^\/c\/damaged: \S/);
  });

  test("names that would be code in the glue", async () => {
    const names = ["'];throw 1;//", "\\\\'];throw 1;//", "a\\nb", "`", "$" + "{x}", "\\u{2028}", "*/"];
    for (const name of names) {
      const wat = `(component
        (core module $m (func (export "${name}") (result i32) i32.const 0))
        (core instance $i (instantiate $m))
        (func $f (result (result)) (canon lift (core func $i "${name}")))
        (instance $run (export "run" (func $f)))
        (export "wasi:cli/run@0.2.0" (instance $run)))`;
      expect(await refused("name", await parse(wat))).toMatch(/the name ".*" has characters that ring3 does not take$/);
    }
    const importing = `(component
      (core module $m (func (export "run") (result i32) i32.const 0))
      (core module $n (import "'" "run" (func (result i32))))
      (core instance $i (instantiate $m))
      (core instance $j (instantiate $n (with "'" (instance $i))))
      (func $f (result (result)) (canon lift (core func $i "run")))
      (instance $run (export "run" (func $f)))
      (export "wasi:cli/run@0.2.0" (instance $run)))`;
    expect(await refused("name", await parse(importing))).toContain('the name "\'" has characters');
  });

  test("a core module that takes the kernel's name for its imports", async () => {
    const wat = `(component
      (core module $m (func (export "poll")))
      (core module $n (import "ring3" "poll" (func)) (func (export "run") (result i32) i32.const 0))
      (core instance $i (instantiate $m))
      (core instance $j (instantiate $n (with "ring3" (instance $i))))
      (func $f (result (result)) (canon lift (core func $j "run")))
      (instance $run (export "run" (func $f)))
      (export "wasi:cli/run@0.2.0" (instance $run)))`;
    expect(await refused("poll", await parse(wat))).toBe("/c/poll: a core module imports ring3.poll");
  });

  test("another version of the format", async () => {
    expect(await refused("draft", Uint8Array.of(0, 0x61, 0x73, 0x6d, 0x0a, 0, 1, 0))).toMatch(
      /version 10 of the component format/,
    );
  });
});
