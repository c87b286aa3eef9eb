// What the loader finds out about data segments: whether exec can apply them again, and where they go.

import { expect, test } from "vitest";
import { scanCode } from "../../runtime/loader/scan.ts";
import { readSections } from "../../runtime/loader/sections.ts";
import { type SegmentUse, segmentUse } from "../../runtime/loader/segments.ts";
import { assemble } from "./support.ts";

function use(body: string): SegmentUse {
  const view = readSections(assemble(`(module (memory 1) ${body})`));
  return segmentUse(view, scanCode(view));
}

const INIT = "(memory.init 0 (i32.const 4096) (i32.const 0) (i32.const 3))";

test.each<[string, string, boolean, number | undefined]>([
  ["no segments", "(func)", true, undefined],
  ["active ones", `(data (i32.const 256) "a") (data (i32.const 32) "b")`, true, 32],
  [
    "an active one where a global says",
    `(global $g i32 (i32.const 7)) (data (global.get $g) "a") (data (i32.const 32) "b")`,
    true,
    undefined,
  ],
  [
    "an active one that code uses, though instantiation dropped it",
    `(data (i32.const 9) "abc") (func ${INIT})`,
    false,
    9,
  ],
  ["a passive one as wasm-ld applies it", `(data "abc") (start 0) (func ${INIT} (data.drop 0))`, true, 4096],
  [
    "thread-local data, which wasm-ld notes on the way",
    `(global $tls (mut i32) (i32.const 0)) (data "abc") (start 0)
     (func (i32.const 65536) (i32.const 70000) (global.set $tls) (i32.const 0) (i32.const 3) (memory.init 0))`,
    true,
    65536,
  ],
  [
    "high addresses",
    `(data "abc") (start 0) (func (memory.init 0 (i32.const -8) (i32.const 0) (i32.const 3)))`,
    true,
    0xfffffff8,
  ],
  [
    "an address that is computed",
    `(data "abc") (start 0) (func (memory.init 0 (i32.add (i32.const 1) (i32.const 2)) (i32.const 0) (i32.const 3)))`,
    true,
    undefined,
  ],
  [
    "a part of one",
    `(data "abc") (start 0) (func (memory.init 0 (i32.const 8) (i32.const 0) (i32.const 2)))`,
    true,
    undefined,
  ],
  ["one that is used again later", `(data "abc") (start 0) (func ${INIT} (data.drop 0)) (func ${INIT})`, false, 4096],
  ["one that is dropped later", `(data "abc") (start 0) (func ${INIT}) (func (data.drop 0))`, false, 4096],
  ["one that is never dropped", `(data "abc") (start 0) (func ${INIT}) (func ${INIT})`, true, 4096],
])("%s", (_, body, restartable, lowest) => {
  expect(use(body)).toEqual({ restartable, lowest });
});
