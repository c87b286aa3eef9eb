import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { boot, type Machine } from "../../runtime/index.ts";
import { clean, temporaryFolder } from "../cleanup.ts";

// On a machine that may be busy with others.
vi.setConfig({ testTimeout: 30_000, hookTimeout: 30_000 });
afterAll(clean);

const sleep = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

describe.each(["worker", "same"] as const)("a machine on %s thread", (thread) => {
  let machine: Machine;
  beforeAll(async () => {
    machine = await boot({ thread });
  });
  afterAll(async () => {
    const bugs = (await machine.log()).filter((line) => line.includes("BUG"));
    await machine.shutdown();
    expect(bugs).toEqual([]);
  });
  const result = async (...args: Parameters<Machine["spawn"]>) => (await machine.spawn(...args)).result();

  test("runs a program and gathers what it writes", async () => {
    expect(await result(["echo", "hello"])).toMatchObject({ code: 0, signal: null, stdout: "hello\n", stderr: "" });
  });

  test("a string is a command line for the shell", async () => {
    expect(await result("echo out; echo err >&2; exit 3")).toMatchObject({ code: 3, stdout: "out\n", stderr: "err\n" });
  });

  test("death by a signal has its name", async () => {
    expect(await result("kill -TERM $$")).toMatchObject({ code: null, signal: "SIGTERM" });
  });

  test("environment, working directory, user and arguments arrive", async () => {
    const { stdout } = await result(
      ["sh", "-c", 'echo "$A" "$HOME" "$(pwd)" "$(id -u):$(id -g)" "$0" "$@"', "x y", "ü", ""],
      {
        env: { A: "a b", HOME: undefined },
        cwd: "/usr",
        uid: 1000,
        gid: 100,
      },
    );
    expect(stdout).toBe("a b  /usr 1000:100 x y ü \n");
  });

  test.each([
    ["text", "one\ntwo\n"],
    ["bytes", new TextEncoder().encode("one\ntwo\n")],
    [
      "a source",
      (async function* () {
        yield "one\n";
        yield new TextEncoder().encode("two\n");
      })(),
    ],
  ])("standard input from %s", async (_, stdin) => {
    expect((await result(["wc", "-l"], { stdin })).stdout.trim()).toBe("2");
  });

  test('standard input "null" is at its end, and "pipe" is ended by result()', async () => {
    expect((await result(["cat"], { stdin: "null" })).code).toBe(0);
    expect((await result(["cat"])).code).toBe(0);
  });

  test("a conversation over pipes", async () => {
    const cat = await machine.spawn(["cat"]);
    const output = cat.stdout[Symbol.asyncIterator]();
    for (const line of ["first", "second"]) {
      await cat.stdin.write(`${line}\n`);
      expect(new TextDecoder().decode((await output.next()).value)).toBe(`${line}\n`);
    }
    await cat.stdin.end();
    expect((await output.next()).done).toBe(true);
    expect(await cat.wait()).toEqual({ code: 0, signal: null });
  });

  test("10 MB through a pipe arrive unharmed", async () => {
    const cat = await machine.spawn(["cat"]);
    const block = new Uint8Array(1 << 20).map((_, i) => i * 7);
    const sending = (async () => {
      for (let i = 0; i < 10; i++) await cat.stdin.write(block);
      await cat.stdin.end();
    })();
    const bytes = await cat.stdout.bytes();
    await sending;
    expect(bytes.length).toBe(10 << 20);
    expect(Buffer.compare(bytes.subarray(9 << 20), block)).toBe(0);
  });

  test("a guest that writes where nobody reads blocks; one that is read goes on", async () => {
    const yes = await machine.spawn(["yes"]);
    const info = async () => (await machine.processes()).find(({ pid }) => pid === yes.pid);
    await expect.poll(info, { timeout: 10_000 }).toMatchObject({ comm: "yes", state: "S" });
    await sleep(100);
    expect(await info()).toMatchObject({ state: "S" });
    let bytes = 0;
    for await (const chunk of yes.stdout) if ((bytes += chunk.length) > 2_000_000) break;
    expect(await yes.wait()).toEqual({ code: null, signal: "SIGPIPE" });
  });

  test("a write to a guest that does not read waits, and fails when the guest ends", async () => {
    const guest = await machine.spawn(["sleep", "100"]);
    let written = 0;
    const writing = (async () => {
      for (;;) {
        await guest.stdin.write(new Uint8Array(16384));
        written += 16384;
      }
    })();
    writing.catch(() => {});
    await sleep(200);
    expect(written).toBeLessThanOrEqual(65536);
    await guest.kill();
    await expect(writing).rejects.toMatchObject({ code: "EPIPE" });
  });

  test("output to functions, which hold the guest back", async () => {
    const lines: string[] = [];
    const { code, stdout } = await result(["seq", "1", "3"], {
      stdout: async (chunk) => {
        await sleep(5);
        lines.push(new TextDecoder().decode(chunk));
      },
    });
    expect([lines.join(""), code, stdout]).toEqual(["1\n2\n3\n", 0, ""]);
  });

  test("a function that throws ends the guest, and wait() says why", async () => {
    const guest = await machine.spawn(["yes"], {
      stdout: () => {
        throw new RangeError("enough");
      },
    });
    await expect(guest.wait()).rejects.toThrow("enough");
  });

  test("kill, by name and number, and of a process that is over", async () => {
    const guest = await machine.spawn(["sleep", "100"]);
    expect(await guest.kill("SIGINT")).toBe(true);
    expect(await guest.wait()).toEqual({ code: null, signal: "SIGINT" });
    expect(await guest.kill(9)).toBe(false);
    await expect(guest.kill("SIGNOPE")).rejects.toMatchObject({ code: "ERR_OPTION" });
  });

  test("a timeout kills even a guest that makes no call", async () => {
    const start = performance.now();
    const { code, signal, timedOut } = await result("while :; do :; done", { timeout: 300 });
    expect({ code, signal, timedOut }).toEqual({ code: null, signal: "SIGKILL", timedOut: true });
    expect(performance.now() - start).toBeLessThan(2000);
  });

  test("an AbortSignal kills, and its reason is what wait() rejects with", async () => {
    const control = new AbortController();
    const guest = await machine.spawn(["sleep", "100"], { signal: control.signal });
    control.abort(new Error("changed my mind"));
    await expect(guest.wait()).rejects.toThrow("changed my mind");
    await expect(machine.spawn(["true"], { signal: control.signal })).rejects.toThrow("changed my mind");
  });

  test("await using kills", async () => {
    let pid: number;
    {
      await using guest = await machine.spawn(["sleep", "100"]);
      pid = guest.pid;
    }
    expect((await machine.processes()).map((info) => info.pid)).not.toContain(pid);
  });

  test.each([
    [["nonsense"], "ENOENT", "nonsense: No such file or directory"],
    [["/nonsense/x"], "ENOENT", "/nonsense/x: No such file or directory"],
    [["/etc/passwd/x"], "ENOTDIR", "/etc/passwd/x: Not a directory"],
    [["/etc"], "EACCES", "/etc: is a directory"],
    [["/etc/passwd"], "EACCES", "/etc/passwd: permission denied: it is not marked executable"],
  ])("spawn(%j) fails with %s", async (argv, code, message) => {
    await expect(machine.spawn(argv)).rejects.toMatchObject({ name: "Ring3Error", code, message, syscall: "execve" });
  });

  test("what cannot be spawned is said before anything is asked of the machine", async () => {
    await expect(machine.spawn([])).rejects.toMatchObject({ code: "ERR_OPTION" });
    await expect(machine.spawn(["a\0b"])).rejects.toMatchObject({ code: "ERR_OPTION" });
    await expect(machine.spawn(["true"], { stdout: "nowhere" as never })).rejects.toMatchObject({ code: "ERR_OPTION" });
    await expect(machine.spawn(["true"], { cwd: "/nonsense" })).rejects.toMatchObject({
      code: "ENOENT",
      path: "/nonsense",
    });
  });

  test("streams that are no pipes say so", async () => {
    const guest = await machine.spawn(["true"], { stdin: "null", stdout: "null" });
    expect(() => guest.stdin).toThrow(/stdin of process \d+ is no pipe/);
    expect(() => guest.stdout).toThrow(/stdout/);
    await guest.wait();
  });

  test("a program of wrong bytes fails with ENOEXEC and the loader's reason", async () => {
    await machine.fs.writeFile("/tmp/bad", "\0asm\x01\0\0\0\x01", { mode: 0o755 });
    await expect(machine.spawn(["/tmp/bad"])).rejects.toMatchObject({
      code: "ENOEXEC",
      message: /^\/tmp\/bad: .*offset/,
    });
  });

  test("a terminal: its size, what is typed, and ctrl-C", async () => {
    const shell = await machine.spawn(["sh", "-c", "stty size; tty; read x; echo got $x; sleep 100"], {
      tty: { rows: 30, cols: 100 },
    });
    let screen = "";
    const reading = (async () => {
      for await (const chunk of shell.stdout) screen += new TextDecoder().decode(chunk);
    })();
    const shows = async (text: string) => {
      for (let i = 0; i < 200 && !screen.includes(text); i++) await sleep(10);
      expect(screen).toContain(text);
    };
    await shows("30 100\r\n/dev/hvc");
    await shell.stdin.write("typed\r");
    await shows("got typed\r\n");
    await shell.stdin.write("\x03");
    expect(await shell.wait()).toEqual({ code: null, signal: "SIGINT" });
    shell.stdout.cancel();
    await reading;
  });

  test("a window that changes is told by SIGWINCH", async () => {
    const shell = await machine.spawn(
      ["sh", "-c", 'trap "stty size; exit" WINCH; echo ready; while :; do sleep 0.01; done'],
      {
        tty: { rows: 30, cols: 100 },
      },
    );
    const output = shell.stdout[Symbol.asyncIterator]();
    await output.next();
    shell.resize(40, 120);
    expect(new TextDecoder().decode((await output.next()).value)).toBe("40 120\r\n");
    await shell.wait();
  });

  test("a trace in strace's format", async () => {
    let text = "";
    const { stdout } = await result(["echo", "x"], {
      trace: {
        write: (piece) => {
          text += piece;
        },
        filter: "execve,write",
      },
    });
    expect(stdout).toBe("x\n");
    expect(text).toMatch(/^execve\("\/.*\/echo", \["echo", "x"\], 0x\w+ \/\* 3 vars \*\/\) += 0\n/);
    expect(text).toMatch(/\nwrite\(1, "x\\n", 2\) += 2\n\+\+\+ exited with 0 \+\+\+\n$/);
    const bad = machine.spawn(["true"], { trace: { write: () => {}, filter: "nonsense" } });
    await expect(bad).rejects.toMatchObject({ code: "ERR_OPTION", message: /nonsense/ });
  });

  test("what runs at the same time does not mix", async () => {
    const all = Array.from(
      { length: 20 },
      async (_, i) => (await result(["sh", "-c", `sleep 0.0${i % 10}; echo ${i}`])).stdout,
    );
    expect(await Promise.all(all)).toEqual(Array.from({ length: 20 }, (_, i) => `${i}\n`));
  });
});

describe("machine.fs", () => {
  let machine: Machine;
  beforeAll(async () => {
    machine = await boot({ thread: "same" });
  });
  afterAll(() => machine.shutdown());

  test("files and folders", async () => {
    const { fs } = machine;
    await fs.mkdir("/tmp/a/b", { recursive: true });
    await fs.writeFile("/tmp/a/b/c", "hello");
    await fs.appendFile("/tmp/a/b/c", new TextEncoder().encode(" world"));
    expect(await fs.readFile("/tmp/a/b/c", "utf8")).toBe("hello world");
    expect(await fs.readFile("/tmp/a/b/c", { encoding: "utf8" })).toBe("hello world");
    expect((await fs.readFile("/tmp/a/b/c")).length).toBe(11);
    await fs.symlink("b/c", "/tmp/a/link");
    await fs.rename("/tmp/a/b/c", "/tmp/a/b/d");
    expect(await fs.exists("/tmp/a/link")).toBe(false);
    expect(await fs.readlink("/tmp/a/link")).toBe("b/c");
    expect(await fs.readdir("/tmp/a", { withFileTypes: true })).toEqual([
      { name: "b", type: "directory" },
      { name: "link", type: "symlink" },
    ]);
    await fs.chmod("/tmp/a/b/d", 0o4711);
    await fs.chown("/tmp/a/b/d", 5, 6);
    await fs.utimes("/tmp/a/b/d", 1, new Date(2000));
    await fs.truncate("/tmp/a/b/d", 3);
    const stat = await fs.stat("/tmp/a/b/d");
    expect(stat).toMatchObject({ type: "file", uid: 5, gid: 6, size: 3, nlink: 1, atimeMs: 1000 });
    await fs.rm("/tmp/a", { recursive: true });
    expect(await fs.exists("/tmp/a")).toBe(false);
    await fs.rm("/tmp/a", { force: true });
  });

  test.each([
    ["readFile", ["/nonsense"], "ENOENT"],
    ["readFile", ["/etc"], "EISDIR"],
    ["readdir", ["/etc/passwd"], "ENOTDIR"],
    ["mkdir", ["/etc"], "EEXIST"],
    ["writeFile", ["/etc/passwd", "", { flag: "x" }], "EEXIST"],
    ["rm", ["/etc"], "EISDIR"],
    ["readFile", ["a\0b"], "ERR_OPTION"],
    ["readFile", [7], "ERR_OPTION"],
  ] as const)("%s(%j) fails with %s", async (method, args, code) => {
    const call = machine.fs[method] as (...args: readonly unknown[]) => Promise<unknown>;
    await expect(call.apply(machine.fs, [...args])).rejects.toMatchObject({ name: "Ring3Error", code });
  });

  test("host folders, read-write and read-only", async () => {
    const host = temporaryFolder();
    writeFileSync(join(host, "file"), "from the host");
    await using mounted = await boot({
      thread: "same",
      mounts: [
        { host, guest: "/rw" },
        { host, guest: "/mnt/ro", readOnly: true },
      ],
    });
    expect(await mounted.fs.readFile("/mnt/ro/file", "utf8")).toBe("from the host");
    await mounted.fs.writeFile("/rw/new", "from the machine");
    expect(await mounted.fs.readFile("/mnt/ro/new", "utf8")).toBe("from the machine");
    await expect(mounted.fs.writeFile("/mnt/ro/x", "")).rejects.toMatchObject({ code: "EROFS" });
  });
});

describe("boot and shutdown", () => {
  test.each([
    [{ memory: "2048g" }, "ERR_OPTION"],
    [{ mounts: [{ host: "/nonsense", guest: "/x" }] }, "ERR_MOUNT"],
    [{ mounts: [{ host: import.meta.filename, guest: "/x" }] }, "ERR_MOUNT"],
    [{ root: "/nonsense" }, "ERR_MOUNT"],
  ])("boot(%j) fails with %s", async (options, code) => {
    await expect(boot(options)).rejects.toMatchObject({ name: "Ring3Error", code });
  });

  test("log lines are passed on, and kept", async () => {
    const lines: string[] = [];
    await using machine = await boot({ log: (line) => lines.push(line) });
    await (await machine.spawn("echo '<6>a note' > /dev/kmsg")).wait();
    expect(await machine.log()).toEqual(lines);
    expect(lines.join("\n")).toContain("a note");
  });

  test("shutdown kills, and what was written can still be read", async () => {
    const machine = await boot();
    const guest = await machine.spawn("echo before; sleep 100");
    await sleep(200);
    await machine.shutdown();
    expect(await guest.stdout.text()).toBe("before\n");
    expect(await guest.wait()).toEqual({ code: null, signal: "SIGKILL" });
    await expect(machine.spawn(["true"])).rejects.toMatchObject({ code: "ERR_CLOSED" });
    await expect(machine.fs.readFile("/x")).rejects.toMatchObject({ code: "ERR_CLOSED" });
    await machine.shutdown();
  });

  test("an AbortSignal shuts it down", async () => {
    const control = new AbortController();
    const machine = await boot({ signal: control.signal });
    const guest = await machine.spawn(["sleep", "100"]);
    control.abort();
    expect(await guest.wait()).toEqual({ code: null, signal: "SIGKILL" });
    await expect(boot({ signal: control.signal })).rejects.toThrow();
  });

  test("machines do not see each other", async () => {
    await using a = await boot({ hostname: "a" });
    await using b = await boot({ hostname: "b", thread: "same" });
    await a.fs.writeFile("/tmp/only-a", "");
    const run = async (machine: Machine) => (await (await machine.spawn("hostname; ls /tmp")).result()).stdout;
    expect([await run(a), await run(b)]).toEqual(["a\nonly-a\n", "b\n"]);
  });

  test.each(["pids", "memory"] as const)("the limit on %s holds", async (limit) => {
    await using machine = await boot({ pids: 8, memory: "32m" });
    const command =
      limit === "pids" ? "for i in 1 2 3 4 5 6 7 8 9; do sleep 1 & done" : "head -c 100m /dev/zero | tail -c 99m";
    const { stderr, code, signal } = await (await machine.spawn(command, { timeout: 10_000 })).result();
    if (limit === "pids") expect(stderr).toMatch(/can't fork/);
    else expect([code !== 0 || signal !== null, stderr]).toEqual([true, expect.stringMatching(/out of memory/)]);
    expect((await (await machine.spawn(["echo", "fine"])).result()).stdout).toBe("fine\n");
  });

  test("with a seed, two runs are the same", { timeout: 300_000 }, async () => {
    const run = async (deterministic: number) => {
      await using machine = await boot({ deterministic });
      const command =
        "date +%s%N; head -c 8 /dev/urandom | hexdump; sleep 500; (for i in 1 2 3; do echo $i; done) & wait; cat /proc/uptime";
      return (await (await machine.spawn(command)).result()).stdout;
    };
    const start = performance.now();
    const [first, second, other] = [await run(1), await run(1), await run(2)];
    expect(first).toBe(second);
    expect(first).not.toBe(other);
    // Virtual time does not make anybody wait.
    expect(performance.now() - start).toBeLessThan(200_000);
  });
});
