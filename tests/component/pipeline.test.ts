/** Programs of four ABIs side by side: Linux's, WASI preview 1, a core module in text form, a component. */
import { afterAll, expect, test, vi } from "vitest";
import { boot } from "../../runtime/index.ts";
import { clean } from "../cleanup.ts";
import { assemble, command, FOLDER, install } from "./support.ts";

// On a machine that may be busy with others.
vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });
afterAll(clean);

/** Copies its input to its output by Linux system calls. */
const WALI_CAT = `(module
  (import "wali" "SYS_read" (func $read (param i32 i32 i32) (result i64)))
  (import "wali" "SYS_write" (func $write (param i32 i32 i32) (result i64)))
  (memory (export "memory") 1)
  (func (export "_start") (local $length i32)
    (loop $more
      (local.set $length (i32.wrap_i64 (call $read (i32.const 0) (i32.const 1024) (i32.const 4096))))
      (if (i32.gt_s (local.get $length) (i32.const 0)) (then
        (drop (call $write (i32.const 1) (i32.const 1024) (local.get $length)))
        (br $more))))))`;

/** The same for WASI preview 1. */
const WASI_CAT = `(module
  (import "wasi_snapshot_preview1" "fd_read" (func $read (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
  (memory (export "memory") 1)
  (func (export "_start")
    (loop $more
      (i32.store (i32.const 0) (i32.const 1024)) (i32.store (i32.const 4) (i32.const 4096))
      (drop (call $read (i32.const 0) (i32.const 0) (i32.const 1) (i32.const 8)))
      (i32.store (i32.const 4) (i32.load (i32.const 8)))
      (if (i32.load (i32.const 8)) (then
        (drop (call $write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 8)))
        (br $more))))))`;

const COMPONENT_CAT = `(local $in i32) (local $out i32)
  (local.set $in (call $stdin)) (local.set $out (call $stdout))
  (loop $more
    (call $read (local.get $in) (i64.const 4096) (i32.const 0))
    (if (i32.eqz (i32.load8_u (i32.const 0))) (then
      (call $write (local.get $out) (i32.load (i32.const 4)) (i32.load (i32.const 8)) (i32.const 16))
      (global.set $heap (i32.const 32768))
      (br $more))))
  (i32.const 0)`;

test("a pipeline of four ABIs under strace -f", async () => {
  install("wali", assemble(WALI_CAT));
  install("wasi", assemble(WASI_CAT));
  install("component", await command(COMPONENT_CAT));
  const machine = await boot({ mounts: [{ host: FOLDER, guest: "/c" }] });
  try {
    let trace = "";
    const options = {
      follow: true,
      filter: "read,readv,write,writev,execve",
      write: (text: string) => void (trace += text),
    };
    const line = "echo through | /c/wali | /c/wasi | /c/component";
    const process = await machine.spawn(line, { trace: options });
    expect(await process.result()).toMatchObject({ code: 0, stdout: "through\n", stderr: "" });
    for (const name of ["wali", "wasi", "component"]) {
      const [, pid] = new RegExp(`\\[pid +(\\d+)\\] execve\\("/c/${name}"`).exec(trace) ?? [];
      expect(pid, trace).toBeDefined();
      const calls = trace
        .split("\n")
        .filter((text) => new RegExp(`^\\[pid +${pid}\\]`).test(text))
        .join("\n");
      expect(calls).toMatch(/readv?\(0, |readv? resumed/);
      expect(calls).toMatch(/writev?\(1, .*through/);
    }
    expect((await machine.log()).filter((text) => text.includes("BUG"))).toEqual([]);
  } finally {
    await machine.shutdown();
  }
});
