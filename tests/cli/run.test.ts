import { spawnSync } from "node:child_process";
import { chmodSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import wabtInit from "wabt";
import { clean, temporaryFolder } from "../cleanup.ts";
import { finish, PROJECT, ring3, start } from "./cli.ts";

// Each test starts the CLI at least once, on a machine that may be busy with others.
vi.setConfig({ testTimeout: 30_000, hookTimeout: 30_000 });

const sleep = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

let folder: string;
beforeAll(async () => {
  folder = temporaryFolder();
  const { parseWat } = await wabtInit();
  const wat = (name: string, text: string) => {
    const { buffer } = parseWat(name, text, { threads: true }).toBinary({ write_debug_names: true });
    writeFileSync(join(folder, name), buffer);
    return buffer;
  };
  const memory = '(memory (export "memory") 1 65536 shared)';
  const good = wat(
    "exit7.wasm",
    `(module (import "wali" "SYS_exit_group" (func $exit (param i32) (result i64))) ${memory}
    (func (export "_start") (drop (call $exit (i32.const 7)))))`,
  );
  // Writes "ok" after a call that nobody serves has failed with ENOSYS (38).
  wat(
    "unknown.wasm",
    `(module (import "wali" "SYS_nonsense" (func $nonsense (param i32) (result i64)))
    (import "wali" "SYS_write" (func $write (param i32 i32 i32) (result i64))) ${memory} (data (i32.const 16) "ok\\n")
    (func (export "_start") (if (i64.eq (call $nonsense (i32.const 1)) (i64.const -38))
      (then (drop (call $write (i32.const 1) (i32.const 16) (i32.const 3)))))))`,
  );
  wat("spin.wasm", `(module ${memory} (func (export "_start") (loop (br 0))))`);
  wat(
    "grow.wasm",
    `(module (import "wali" "SYS_exit_group" (func $exit (param i32) (result i64))) ${memory}
    (func (export "_start") (loop $more (br_if $more (i32.ge_s (memory.grow (i32.const 16)) (i32.const 0))))
      (drop (call $exit (memory.size)))))`,
  );
  wat("trap.wasm", `(module ${memory} (func $inner unreachable) (func (export "_start") (call $inner)))`);
  writeFileSync(join(folder, "empty"), "");
  writeFileSync(join(folder, "text.txt"), "just text\n");
  writeFileSync(join(folder, "truncated.wasm"), good.subarray(0, good.length - 5));
  writeFileSync(join(folder, "component.wasm"), Uint8Array.of(0, 0x61, 0x73, 0x6d, 0x0d, 0, 1, 0));
  writeFileSync(join(folder, "elf"), "\x7fELF\x02\x01\x01");
  writeFileSync(join(folder, "unreadable"), good);
  chmodSync(join(folder, "unreadable"), 0);
  writeFileSync(join(folder, "script.sh"), '#!/bin/sh\necho "$0 got $*"\n');
  mkdirSync(join(folder, "folder"));
});
afterAll(clean);

describe("wrong input: one line, 125, 126 or 127, no stack", () => {
  test.each([
    ["./empty", 126, /\.\/empty: .*empty/],
    ["./text.txt", 126, /\.\/text\.txt: .*text/],
    ["./truncated.wasm", 126, /\.\/truncated\.wasm: .*offset \d+/],
    ["./component.wasm", 126, /\.\/component\.wasm: .*component/],
    ["./elf", 126, /\.\/elf: is a native program/],
    ["./folder", 126, /\.\/folder: is a directory/],
    ["./unreadable", 126, /\.\/unreadable: permission denied/],
    ["./missing", 127, /\.\/missing: No such file/],
    ["missing", 127, /missing: No such file/],
    ["/etc", 126, /\/etc: is a directory/],
  ])("ring3 run %s: %i", async (program, exitCode, message) => {
    const { code, stdout, stderr } = await ring3(["run", program], { cwd: folder });
    expect(stderr).toMatch(message);
    expect(stderr).toMatch(/^ring3: [^\n]*\n$/);
    expect([code, stdout]).toEqual([exitCode, ""]);
  });

  test.each([
    [["-v", "/nonsense:/x"], 125, /host folder \/nonsense: does not exist/],
    [["-v", `${import.meta.filename}:/x`], 125, /is no folder/],
    [["--root", "/nonsense"], 125, /host folder \/nonsense/],
    [["-w", "relative"], 125, /"relative" is not an absolute path/],
    [["-u", "nobody-at-all"], 125, /\/etc\/passwd has no "nobody-at-all"/],
  ])("ring3 run %j true: %i", async (options, exitCode, message) => {
    const { code, stderr } = await ring3(["run", ...options, "true"]);
    expect(stderr).toMatch(message);
    expect(stderr).toMatch(/^ring3: [^\n]*\n$/);
    expect(code).toBe(exitCode);
  });

  test("a mounted file without an x bit: 126", async () => {
    chmodSync(join(folder, "exit7.wasm"), 0o644);
    const { code, stderr } = await ring3(["run", "-v", `${folder}:/mnt:ro`, "/mnt/exit7.wasm"]);
    expect([code, stderr]).toEqual([126, "ring3: /mnt/exit7.wasm: permission denied: it is not marked executable\n"]);
  });

  test("ring3 inspect refuses the same files, but for a component that is no command", async () => {
    for (const file of ["empty", "text.txt", "truncated.wasm", "folder"]) {
      const { code, stderr } = await ring3(["inspect", file], { cwd: folder });
      expect(stderr).toMatch(new RegExp(`^ring3: ${file.replace(".", "\\.")}: [^\n]*\n$`));
      expect(code).toBe(126);
    }
    expect((await ring3(["inspect", "missing"], { cwd: folder })).code).toBe(127);
    expect(await ring3(["inspect", "component.wasm"], { cwd: folder })).toMatchObject({ code: 0, stderr: "" });
  });
});

describe("programs of the host", () => {
  test("a file without an x bit runs: its exit code is ours", async () => {
    expect(await ring3(["run", "./exit7.wasm"], { cwd: folder })).toMatchObject({ code: 7, stdout: "", stderr: "" });
  });

  test("so does one that is named without a slash", async () => {
    expect((await ring3(["run", "exit7.wasm"], { cwd: folder })).code).toBe(7);
  });

  test("a script runs in the machine's shell, its options are its own", async () => {
    const { stdout } = await ring3(["run", "./script.sh", "--memory", "x"], { cwd: folder });
    expect(stdout).toMatch(/script\.sh got --memory x\n$/);
  });

  test("an unknown import fails alone, with ENOSYS", async () => {
    expect(await ring3(["run", "./unknown.wasm"], { cwd: folder })).toMatchObject({
      code: 0,
      stdout: "ok\n",
      stderr: "",
    });
  });

  test("a trap is a signal: 128 + 4, and a line that names the function", async () => {
    const { code, stderr } = await ring3(["run", "./trap.wasm"], { cwd: folder });
    expect(code).toBe(132);
    expect(stderr).toMatch(/^ring3: \.\/trap\.wasm: killed by SIGILL: unreachable in \S*inner\n$/);
  });

  test("--timeout ends a loop without a call: 137 and a line", async () => {
    const start = performance.now();
    const { code, stderr } = await ring3(["run", "--timeout", "1s", "./spin.wasm"], { cwd: folder });
    expect([code, stderr]).toEqual([137, "ring3: ./spin.wasm: killed after --timeout 1s\n"]);
    expect(performance.now() - start).toBeLessThan(3000);
  });

  test("--memory stops memory.grow", async () => {
    // 16 MiB are 256 pages: the exit code is the size in pages, modulo 256, that it came to.
    const { code } = await ring3(["run", "--memory", "16m", "./grow.wasm"], { cwd: folder });
    expect(code).toBeLessThanOrEqual(255);
    expect(code).toBeGreaterThan(200);
  });
});

describe("commands of the machine", () => {
  test("arguments, environment, user and folder, as docker run has them", async () => {
    const script = 'echo "$A" "$FROM_HOST" "$HOME" $(pwd) $(id -u):$(id -g) "$@"';
    const args = [
      "run",
      "-e",
      "A=1 2",
      "-e",
      "FROM_HOST",
      "-u",
      "7:8",
      "-w",
      "/new/folder",
      "sh",
      "-c",
      script,
      "sh",
      "-v",
      "x",
    ];
    const { stdout } = await ring3(args, { env: { FROM_HOST: "h" } });
    expect(stdout).toBe("1 2 h / /new/folder 7:8 -v x\n");
  });

  test("host folders, read-only or not", async () => {
    const mounts = ["-v", `${folder}:/rw`, "-v", `${folder}:/ro:ro`];
    const { stdout, stderr } = await ring3([
      "run",
      ...mounts,
      "sh",
      "-c",
      "echo new > /rw/new; cat /ro/new; echo x > /ro/y",
    ]);
    expect(stdout).toBe("new\n");
    expect(stderr).toMatch(/\/ro\/y: Read-only file system/);
  });

  test.each([
    [["sh", "-c", "exit 42"], 42],
    [["sh", "-c", "kill -9 $$"], 137],
    [["sh", "-c", "kill -SEGV $$"], 139],
    [["sh", "-c", "nonsense"], 127],
    [["false"], 1],
    [["true"], 0],
  ])("ring3 run %j exits with %i", async (args, exitCode) => {
    expect((await ring3(["run", ...args])).code).toBe(exitCode);
  });

  test("ring3 sh -c, with arguments", async () => {
    const { stdout } = await ring3([
      "sh",
      "-c",
      'seq 1 1000 | sort -rn | head -3 | tr "\\n" " "; echo $? $0 $1',
      "zero",
      "one",
    ]);
    expect(stdout).toBe("1000 999 998 0 zero one\n");
  });

  test("ring3 sh reads commands from standard input", async () => {
    expect((await ring3(["sh"], { input: "echo one\nexit 4\n" })).stdout).toBe("one\n");
  });

  test("standard input and output keep every byte", async () => {
    const input = Uint8Array.from({ length: 3_000_000 }, (_, i) => (i * 31) >> 3);
    const sum = spawnSync("sha256sum", { input }).stdout.toString().split(" ")[0];
    const { stdout } = await ring3(["sh", "-c", "cat | sha256sum"], { input });
    expect(stdout).toBe(`${sum}  -\n`);
    const echoed = spawnSync(process.execPath, ["runtime/cli/ring3.js", "run", "cat"], { input, maxBuffer: 1 << 24 });
    expect(Buffer.compare(echoed.stdout, input)).toBe(0);
  });

  test("standard output and error are kept apart", async () => {
    const { stdout, stderr } = await ring3(["sh", "-c", "echo out; echo err >&2"]);
    expect([stdout, stderr]).toEqual(["out\n", "err\n"]);
  });

  /** A shell command in which `ring3` is the CLI. */
  const shell = (command: string, input = "") => {
    const env = { ...process.env, RING3: `${process.execPath} ${join(PROJECT, "runtime/cli/ring3.js")}` };
    const { stdout, stderr } = spawnSync("sh", ["-c", command.replaceAll("ring3", "$RING3")], { input, env });
    return [stdout.toString(), stderr.toString()];
  };

  test("a reader that goes ends the guest by SIGPIPE, without a word", () => {
    expect(shell("(ring3 run yes; echo $? >&2) | head -1")).toEqual(["y\n", "141\n"]);
  });

  test("a program that does not read its standard input leaves it to others", () => {
    expect(shell("ring3 run true; cat", "for cat\n")).toEqual(["for cat\n", ""]);
  });

  test("what runs in the background ends with the program", async () => {
    const start = performance.now();
    const { stdout } = await ring3(["sh", "-c", "sleep 100 & echo done"]);
    expect(stdout).toBe("done\n");
    expect(performance.now() - start).toBeLessThan(20_000);
  });

  test("--deterministic: the same run every time", async () => {
    const run = () =>
      ring3(["run", "--deterministic=3", "sh", "-c", "date +%s%N; sleep 9; head -c 9 /dev/urandom | hexdump"]);
    const [a, b] = [await run(), await run()];
    expect(a.stdout).toBe(b.stdout);
    expect(a.stdout).not.toBe("");
  });

  test("--pids-limit: a fork bomb gets EAGAIN", async () => {
    const bomb = "i=0; while [ $i -lt 99 ]; do sleep 1 & i=$((i+1)); done";
    const { stderr } = await ring3(["run", "--pids-limit", "16", "--timeout", "10s", "sh", "-c", bomb]);
    expect(stderr).toMatch(/can't fork: Resource temporarily unavailable/);
  });
});

describe("signals", () => {
  test.each([
    ["SIGTERM", 143],
    ["SIGINT", 130],
    ["SIGHUP", 129],
    ["SIGUSR1", 138],
  ] as const)("%s is passed to the guest", async (signal, exitCode) => {
    const child = start(["sh", "-c", "echo ready; sleep 100"]);
    await new Promise((ready) => child.stdout!.once("data", ready));
    child.kill(signal);
    expect(await finish(child)).toMatchObject({ code: exitCode, stderr: "" });
  });

  test("a guest can catch them", async () => {
    const child = start(["sh", "-c", 'trap "echo caught; exit 9" TERM; echo ready; while :; do sleep 0.05; done']);
    await new Promise((ready) => child.stdout!.once("data", ready));
    child.kill("SIGTERM");
    expect(await finish(child)).toMatchObject({ code: 9, stdout: "caught\n" });
  });

  test("a CLI whose output nobody takes can still be ended", async () => {
    const child = start(["run", "yes"]);
    await sleep(1500);
    child.kill("SIGTERM");
    const ended = await new Promise((resolve) => child.on("exit", (code) => resolve(code)));
    expect(ended).toBe(143);
    child.stdout!.destroy();
  });
});

describe("ring3 strace", () => {
  test("on standard error, or in a file with -o", async () => {
    const { code, stdout, stderr } = await ring3(["strace", "-e", "trace=execve,write", "echo", "x"]);
    expect([code, stdout]).toEqual([0, "x\n"]);
    expect(stderr).toMatch(/^execve\(.*\nwrite\(1, "x\\n", 2\) += 2\n\+\+\+ exited with 0 \+\+\+\n$/);
    const file = join(folder, "trace");
    const quiet = await ring3(["strace", "-f", "-o", file, "sh", "-c", "echo a | cat"]);
    expect([quiet.stdout, quiet.stderr]).toEqual(["a\n", ""]);
  });

  test("-c counts", async () => {
    const { stderr } = await ring3(["strace", "-c", "echo"]);
    expect(stderr).toMatch(/% time +seconds +usecs\/call +calls +errors syscall\n/);
  });
});

test("ring3 inspect: facts, as text and as JSON", async () => {
  const { code, stdout } = await ring3(["inspect", "unknown.wasm"], { cwd: folder });
  expect(code).toBe(0);
  expect(stdout).toMatch(/not served +wali\.SYS_nonsense/);
  const report = JSON.parse((await ring3(["inspect", "--json", "unknown.wasm"], { cwd: folder })).stdout);
  expect(report).toMatchObject({ abi: "wali", canFork: false });
  expect(report.imports.map(({ served }: { served: boolean }) => served)).toEqual([false, true]);
});

test("ring3 start without a terminal shows the tour", async () => {
  const { code, stdout } = await ring3(["start"]);
  expect(code).toBe(0);
  expect(stdout).toContain("ring3");
}, 30_000);
