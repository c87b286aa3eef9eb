/** What is no WASI program that could be run is refused before it starts: one line that says why, exit code 126. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { ring3 } from "../cli/cli.ts";
import { assemble } from "./build.ts";
import "./machine.ts";

const folder = mkdtempSync(join(tmpdir(), "ring3-wasi-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const START = '(func (export "_start"))';
const MEMORY = '(memory (export "memory") 1)';
const P1 = "wasi_snapshot_preview1";

test.each([
  [
    "a function that WASI has not",
    `(import "${P1}" "fd_frobnicate" (func (param i32))) ${MEMORY} ${START}`,
    'it imports "wasi_snapshot_preview1.fd_frobnicate", and WASI has no such function',
  ],
  [
    "a name of JavaScript's",
    `(import "${P1}" "constructor" (func)) ${MEMORY} ${START}`,
    'it imports "wasi_snapshot_preview1.constructor", and WASI has no such function',
  ],
  [
    "sock_accept, which came later than wasi_unstable",
    `(import "wasi_unstable" "sock_accept" (func (param i32 i32 i32) (result i32))) ${MEMORY} ${START}`,
    'it imports "wasi_unstable.sock_accept", and WASI has no such function',
  ],
  [
    "an unknown version",
    `(import "wasi_snapshot_preview9" "fd_write" (func (param i32 i32 i32 i32) (result i32))) ${MEMORY} ${START}`,
    'it imports from "wasi_snapshot_preview9", a version of WASI that is not served (wasi_snapshot_preview1 and wasi_unstable are)',
  ],
  [
    "another type",
    `(import "${P1}" "fd_seek" (func (param i32 i32 i32 i32) (result i32))) ${MEMORY} ${START}`,
    'it imports "wasi_snapshot_preview1.fd_seek" as (i32, i32, i32, i32) -> i32, and the function is (i32, i64, i32, i32) -> i32',
  ],
  [
    "an import of something else",
    `(import "env" "abort" (func)) (import "${P1}" "fd_close" (func (param i32) (result i32))) ${MEMORY} ${START}`,
    'it imports "env.abort", which is not of WASI',
  ],
  [
    "Linux's calls beside WASI's",
    `(import "wali" "SYS_getpid" (func (result i64))) (import "${P1}" "fd_close" (func (param i32) (result i32))) ${MEMORY} ${START}`,
    'it imports from both "wali" and "wasi_snapshot_preview1": a program is Linux\'s or WASI\'s',
  ],
  [
    "no exported memory",
    `(import "${P1}" "fd_close" (func (param i32) (result i32))) (memory 1) ${START}`,
    'it exports no memory named "memory", which WASI needs',
  ],
  [
    "a reactor",
    `(import "${P1}" "fd_close" (func (param i32) (result i32))) ${MEMORY} (func (export "_initialize"))`,
    "it exports no _start function",
  ],
  [
    "threads that begin nowhere",
    `(import "wasi" "thread-spawn" (func (param i32) (result i32))) ${MEMORY} ${START}`,
    "it imports wasi.thread-spawn, but exports no wasi_thread_start",
  ],
])("%s", async (_, body, reason) => {
  const file = join(folder, "program.wasm");
  writeFileSync(file, assemble(`(module ${body})`));
  const { code, stderr, stdout } = await ring3(["run", file]);
  expect({ code, stdout, stderr }).toEqual({ code: 126, stdout: "", stderr: `ring3: ${file}: ${reason}\n` });
});
