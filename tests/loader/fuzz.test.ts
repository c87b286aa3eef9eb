// Damaged modules: whatever bytes come, the loader answers with an image or with a LoadError, and soon.

import { expect, test } from "vitest";
import { LoadError, prepare } from "../../runtime/loader/index.ts";
import { assemble } from "./support.ts";

/** A module with something of everything, so that damage hits every part of the reader. */
const SOURCE = assemble(
  `(module
    (type $t (func (param i32) (result i32)))
    (import "host" "i32" (func $i32 (param i32))) (import "wali" "SYS_write" (func $write (param i32 i32 i32) (result i64)))
    (memory (export "memory") 1 4 shared) (table 8 funcref) (tag $e (param i32))
    (global $sp (mut i32) (i32.const 4096)) (global $limit i32 (i32.add (i32.const 1) (i32.const 2)))
    (global funcref (ref.func $twice)) (global (mut v128) (v128.const i32x4 1 2 3 4))
    (data (i32.const 16) "some data") (data $p "passive") (elem (i32.const 1) $twice $grow) (elem declare func $twice)
    (elem $exprs funcref (ref.func $twice) (ref.null func))
    (start $init) (func $init (memory.init $p (i32.const 0) (i32.const 0) (i32.const 7)) (data.drop $p))
    (func $twice (type $t) (i32.mul (local.get 0) (i32.const 2)))
    (func $grow (type $t) (memory.grow (local.get 0)))
    (func $waits (result i32)
      (drop (memory.atomic.notify offset=4 (i32.const 0) (i32.const 1)))
      (memory.atomic.wait32 (i32.const 0) (i32.const 0) (i64.const 0)))
    (func $blocks (param i32) (result i32) (local f64 i64)
      (loop $l (block $b (br_table $l $b $b (local.get 0))))
      (if (result i32) (local.get 0) (then (call_indirect (type $t) (i32.const 1) (i32.const 1))) (else (i32.const 0))))
    (func $catches (try (do (throw $e (i32.const 1))) (catch $e (drop)) (catch_all (rethrow 0))))
    (func $vectors (v128.store (i32.const 0) (i8x16.shuffle 0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 (v128.load (i32.const 0)) (v128.const i64x2 1 2))))
    (func $tail (param i32) (result i32) (return_call $blocks (local.get 0)))
    (func $tables (table.set (i32.const 3) (ref.func $twice)) (table.init $exprs (i32.const 0) (i32.const 0) (i32.const 2)))
    (func (export "_start") (call $i32 (call $blocks (i32.const 2))) (drop (call $write (i32.const 1) (i32.const 16) (i32.const 4)))))`,
  true,
);

/** Longest that one damaged file may take, in ms; the machine may be busy. */
const LIMIT = 5_000;

async function attempt(bytes: Uint8Array): Promise<"image" | "refused"> {
  const began = performance.now();
  try {
    await prepare(bytes, { file: "damaged" });
    return "image";
  } catch (error) {
    if (!(error instanceof LoadError)) throw error;
    expect(error.message).toMatch(/^damaged: [^\n]*$/);
    return "refused";
  } finally {
    expect(performance.now() - began).toBeLessThan(LIMIT);
  }
}

/** Marsaglia's xorshift: the same sequence every time. */
function generator(seed: number): (limit: number) => number {
  let state = seed;
  return (limit) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % limit;
  };
}

test("the module is in order", async () => {
  expect(await attempt(SOURCE)).toBe("image");
});

test("cut off anywhere", async () => {
  for (let length = 0; length < SOURCE.length; length++) await attempt(SOURCE.subarray(0, length));
});

test("any one byte changed", async () => {
  const results = { image: 0, refused: 0 };
  for (let at = 8; at < SOURCE.length; at++) {
    for (const value of [0x00, 0x7f, 0x80, 0xff, SOURCE[at] ^ 1, SOURCE[at] + 1]) {
      const bytes = SOURCE.slice();
      bytes[at] = value;
      results[await attempt(bytes)]++;
    }
  }
  console.log(`one byte changed: ${results.refused} refused, ${results.image} still in order`);
}, 60_000);

test("several bytes changed, removed and inserted", async () => {
  const random = generator(42);
  for (let round = 0; round < 3000; round++) {
    const bytes = [...SOURCE];
    for (let change = 0; change <= random(4); change++) {
      const at = 8 + random(bytes.length - 8);
      const inserted = Array.from({ length: random(4) }, () => random(256));
      bytes.splice(at, random(4), ...inserted);
    }
    await attempt(new Uint8Array(bytes));
  }
}, 60_000);

test("rubbish behind the preamble", async () => {
  const random = generator(7);
  for (let round = 0; round < 2000; round++) {
    const bytes = Uint8Array.from({ length: 8 + random(200) }, () => random(256));
    bytes.set(SOURCE.subarray(0, 8));
    await attempt(bytes);
  }
}, 60_000);
