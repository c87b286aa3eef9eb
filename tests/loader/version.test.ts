// Guards LOADER_VERSION: images in users' caches are told apart by it, so it has to change when the output does.

import { createHash } from "node:crypto";
import { expect, test } from "vitest";
import { LOADER_VERSION } from "../../runtime/loader/cache.ts";
import { prepare } from "../../runtime/loader/index.ts";
import { assemble } from "./support.ts";

/** What the loader made of the programs below when LOADER_VERSION was last raised. */
const KNOWN = { version: 15, digest: "a1eae5d380dbd7f9" };

const BODY = `
  (import "wali" "SYS_write" (func $write (param i32 i32 i32) (result i64)))
  (import "wali" "__wasm_thread_spawn" (func (param i32 i32) (result i32)))
  (memory (export "memory") 1 4 shared) (table 4 funcref) (elem (i32.const 1) $start $recursive)
  (global $sp (export "__stack_pointer") (mut i32) (i32.const 4096)) (global $tls (export "__tls_base") (mut i32) (i32.const 0))
  (data (i32.const 16) "data") (data $p "passive") (start $init) (tag $e)
  (func $init (memory.init $p (i32.const 0) (i32.const 0) (i32.const 7)) (data.drop $p))
  (func $start (param i32 i32))
  (func $recursive (call_indirect (i32.const 2)))
  (func (export "_start")
    (loop (br_if 0 (memory.grow (i32.const 1))))
    (drop (memory.atomic.notify (i32.const 0) (i32.const 1)))
    (drop (memory.atomic.wait32 offset=4 (i32.const 0) (i32.const 0) (i64.const 0)))
    (drop (memory.atomic.wait64 (i32.const 0) (i64.const 0) (i64.const 0)))
    (try (do (throw $e)) (catch $e (call $recursive)))
    (drop (call $write (i32.const 1) (i32.const 16) (i32.const 4)))`;

const PROGRAMS = [
  `(module ${BODY}))`,
  `(module (import "wali" "SYS_fork" (func $fork (result i64))) ${BODY} (drop (call $fork))))`,
];

test("the loader's output is that of its version", async () => {
  const hash = createHash("sha256");
  for (const wat of PROGRAMS) {
    for (const polls of ["flag", "count", "none"] as const) {
      const { bytes, info } = await prepare(assemble(wat, true), { polls });
      hash.update(bytes).update(JSON.stringify({ ...info, timings: {} }));
    }
  }
  const found = { version: LOADER_VERSION, digest: hash.digest("hex").slice(0, 16) };
  const advice =
    "the loader's output changed: raise LOADER_VERSION in runtime/loader/cache.ts, then put this into KNOWN";
  expect(found, advice).toEqual(KNOWN);
});
