/** A pipeline of programs of every kind under strace -f: each of their calls is shown as one of Linux's. */
import { afterAll, beforeAll, expect, test } from "vitest";
import { SYSCALLS } from "../../kernel/abi/syscalls.ts";
import { boot, type Machine } from "../../runtime/index.ts";
import { clean } from "../cleanup.ts";
import { CAT, command, FOLDER, install } from "../component/support.ts";
import { assemble } from "../wasi/build.ts";

/** A program of WASI preview 1 that does the same, a byte at a time. */
const PREVIEW1 = `(module
  (import "wasi_snapshot_preview1" "fd_read" (func $read (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
  (memory (export "memory") 1)
  (data (i32.const 0) "\\10\\00\\00\\00\\01\\00\\00\\00")
  (func (export "_start")
    (loop $more
      (drop (call $read (i32.const 0) (i32.const 0) (i32.const 1) (i32.const 8)))
      (if (i32.load (i32.const 8)) (then
        (drop (call $write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 8)))
        (br $more))))))`;

let machine: Machine;
beforeAll(async () => {
  machine = await boot({ mounts: [{ host: FOLDER, guest: "/c" }] });
  install("component", await command(`${CAT} (i32.const 0)`));
  install("preview1", assemble(PREVIEW1));
});
afterAll(async () => {
  await machine.shutdown();
  clean();
});

test("C, WAT, preview 1, a component and AssemblyScript in one pipeline", async () => {
  let trace = "";
  const shell = await machine.spawn("echo hello world | cat-wat | /c/preview1 | /c/component | letters", {
    trace: { write: (text) => void (trace += text), follow: true },
  });
  const { stdout, stderr, code } = await shell.result();
  expect({ stdout, stderr, code }).toEqual({ stdout: "l 3\no 2\nd 1\n", stderr: "", code: 0 });

  const known = new Set(SYSCALLS.map(({ name }) => name));
  const lines = trace.trim().split("\n");
  const programs = new Map<string, string>();
  const calls = new Map<string, Set<string>>();
  for (const line of lines) {
    const pid = /^\[pid +(\d+)\]/.exec(line)?.[1] ?? "";
    const [, name, path] = /^(?:\[pid +\d+\] )?(\w+)\((?:"([^"]*)")?/.exec(line) ?? [];
    // Else it is a call that goes on, a signal, an end.
    if (name === undefined) {
      expect(line).toMatch(/^(\[pid +\d+\] )?(<\.\.\. |--- |\+\+\+ |strace: Process )/);
      continue;
    }
    expect(known).toContain(name);
    if (name === "execve") programs.set(path, pid);
    if (!calls.has(pid)) calls.set(pid, new Set());
    calls.get(pid)!.add(name);
  }
  const PROGRAMS = ["/usr/local/bin/cat-wat", "/c/preview1", "/c/component", "/usr/local/bin/letters"];
  expect([...programs.keys()].filter((path) => PROGRAMS.includes(path)).sort()).toEqual([...PROGRAMS].sort());
  for (const path of PROGRAMS) {
    const made = [...calls.get(programs.get(path)!)!];
    expect({ path, made }).toEqual({ path, made: expect.arrayContaining(["execve", "read"]) });
  }
});
