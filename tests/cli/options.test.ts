import { describe, expect, test, vi } from "vitest";
import { duration, resolveUser } from "../../runtime/cli/options.ts";
import { ring3 } from "./cli.ts";

// On a machine that may be busy with others.
vi.setConfig({ testTimeout: 30_000, hookTimeout: 30_000 });

describe("help and version", () => {
  test("no arguments: help, and 0", async () => {
    const { code, stdout } = await ring3([]);
    expect(code).toBe(0);
    expect(stdout).toContain("Usage: ring3");
    expect(stdout).toContain("ring3 run lua");
  });

  test("--version", async () => {
    expect((await ring3(["--version"])).stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
  });

  test.each(["run", "sh", "strace", "inspect", "syscalls", "start"])("%s --help", async (command) => {
    const { code, stdout } = await ring3([command, "--help"]);
    expect(code).toBe(0);
    expect(stdout).toContain(`Usage: ring3 ${command}`);
  });
});

describe("options that are wrong: one line, and 125", () => {
  test.each([
    [["nonsense"], /unknown command 'nonsense'/],
    [["run"], /missing required argument 'program'/],
    [["run", "--nonsense", "true"], /unknown option '--nonsense'/],
    [["run", "-v", "/tmp", "true"], /"\/tmp" is not HOST:GUEST/],
    [["run", "-v", "/tmp:work", "true"], /absolute/],
    [["run", "-v", "/tmp:/work:xx", "true"], /not HOST:GUEST/],
    [["run", "-e", "=1", "true"], /not NAME/],
    [["run", "--memory", "lots", "true"], /"lots" is no size/],
    [["run", "--memory", "8000g", "true"], /memory/],
    [["run", "--pids-limit", "-1", "true"], /"-1" is no whole number/],
    [["run", "--timeout", "soon", "true"], /"soon" is no duration/],
    [["run", "--deterministic=x", "true"], /"x" is no whole number/],
    [["inspect"], /missing required argument 'file'/],
    [["strace", "-e", "trace=nonsense", "true"], /invalid system call 'nonsense'/],
  ])("ring3 %j", async (args, message) => {
    const { code, stdout, stderr } = await ring3(args);
    expect(stderr).toMatch(message);
    expect(stderr).toMatch(/^ring3: [^\n]*\n$/);
    expect(stdout).toBe("");
    expect(code).toBe(125);
  });
});

test.each([
  ["500ms", 500],
  ["1s", 1000],
  ["1.5m", 90_000],
  ["2h", 7_200_000],
  ["10", 10_000],
])("duration %s is %i ms", (text, ms) => expect(duration(text)).toBe(ms));

describe("--user", () => {
  const passwd = "root:x:0:0:root:/root:/bin/sh\nann:x:1000:100::/home/ann:/bin/sh\n";
  const group = "root:x:0:\nusers:x:100:\nwheel:x:10:ann,bob\n";

  test.each([
    ["ann", { uid: 1000, gid: 100, groups: [10], home: "/home/ann" }],
    ["1000", { uid: 1000, gid: 100, groups: [10], home: "/home/ann" }],
    ["ann:wheel", { uid: 1000, gid: 10, groups: [], home: "/home/ann" }],
    ["5", { uid: 5, gid: 0, groups: [], home: "/" }],
    ["5:6", { uid: 5, gid: 6, groups: [], home: "/" }],
  ])("%s", (text, user) => expect(resolveUser(text, passwd, group)).toEqual(user));

  test.each(["bob", "ann:nobody", "1:2:3", ":1", ""])("%j is refused", (text) => {
    expect(() => resolveUser(text, passwd, group)).toThrow(/^--user: /);
  });
});

describe("ring3 syscalls", () => {
  test("as a table, with a sum", async () => {
    const { code, stdout } = await ring3(["syscalls"]);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^ +0 +read +hot +full$/m);
    expect(stdout).toMatch(/\d+ supported, \d+ partly, \d+ not \(ENOSYS\)\n$/);
  });

  test("as JSON", async () => {
    const calls = JSON.parse((await ring3(["syscalls", "--json"])).stdout);
    expect(calls[1]).toMatchObject({ nr: 1, name: "write", half: "hot", support: "full" });
    expect(calls.length).toBeGreaterThan(330);
  });

  test("as Markdown", async () => {
    expect((await ring3(["syscalls", "--markdown"])).stdout).toMatch(/^\| 3 \| `close\(fd fd\)` \| full \| {2}\|$/m);
  });
});
