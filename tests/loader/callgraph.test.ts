// Polls for calls: no cycle of calls without one, and none where there is no cycle.

import { describe, expect, test } from "vitest";
import { callGraph } from "../../runtime/loader/callgraph.ts";
import { prepare } from "../../runtime/loader/index.ts";
import { recursion } from "../../runtime/loader/recursion.ts";
import { scanCode } from "../../runtime/loader/scan.ts";
import { readSections } from "../../runtime/loader/sections.ts";
import { assemble, instantiate, raiseFlag } from "./support.ts";

/** The indices, among the defined functions, of those that poll, beside their loops. */
function entries(wat: string): number[] {
  const view = readSections(assemble(`(module ${wat})`));
  const scan = scanCode(view);
  return [...recursion(callGraph(view, scan), new Uint32Array(view.functions.length)).polls].flatMap((entry, index) =>
    entry ? [index] : [],
  );
}

describe("which functions poll", () => {
  test.each([
    ["no calls", "(func)", []],
    ["a chain", "(func $a (call $b)) (func $b (call $c)) (func $c)", []],
    ["a diamond", "(func $a (call $b) (call $c)) (func $b (call $d)) (func $c (call $d)) (func $d)", []],
    ["itself", "(func $a (call $a)) (func $b (call $a))", [0]],
    ["two functions", "(func $a (call $b)) (func $b (call $a))", [0]],
    ["a cycle behind a chain", "(func $a (call $b)) (func $b (call $c)) (func $c (call $b))", [1]],
    ["tail calls", "(func $a (return_call $b)) (func $b (return_call $a))", [0]],
    ["calls of imports", `(import "x" "y" (func $i)) (func $a (call $i) (call $b)) (func $b (call $b))`, [1]],
    ["two cycles through one", "(func $a (call $b) (call $c)) (func $b (call $a)) (func $c (call $a))", [0]],
    [
      "an indirect call of itself",
      "(type $t (func)) (table funcref (elem $a)) (func $a (call_indirect (type $t) (i32.const 0)))",
      [0],
    ],
    [
      "an indirect call of another type",
      "(type $t (func)) (table funcref (elem $a)) (func $a (param i32) (call_indirect (type $t) (i32.const 0)))",
      [],
    ],
    [
      "the same type written twice",
      `(type $t (func)) (type $u (func)) (table funcref (elem $a))
       (func $a (type $u) (call_indirect (type $t) (i32.const 0)))`,
      [0],
    ],
    [
      "an indirect call of functions that are nowhere referenced",
      "(type $t (func)) (table 1 funcref) (func $a (call_indirect (type $t) (i32.const 0)))",
      [],
    ],
    [
      "a function that gets into the table at run time",
      `(type $t (func)) (table 1 funcref) (elem declare func $a)
       (func $set (table.set (i32.const 0) (ref.func $a))) (func $a (call_indirect (type $t) (i32.const 0)))`,
      [1],
    ],
    [
      "a cycle of direct and indirect calls",
      "(type $t (func)) (table funcref (elem $b)) (func $a (call_indirect (type $t) (i32.const 0))) (func $b (call $a))",
      [0],
    ],
  ])("%s", (_, wat, expected) => {
    expect(entries(wat)).toEqual(expected);
  });

  test("no cycle is left in random call graphs", () => {
    let seed = 1;
    const random = (limit: number) => {
      seed = (Math.imul(seed, 1103515245) + 12345) & 0x7fffffff;
      return (seed >> 8) % limit;
    };
    for (let round = 0; round < 100; round++) {
      const count = 1 + random(12);
      const types = ["(func)", "(func (param i32))", "(func (param i64))"];
      const typeOf = Array.from({ length: count }, () => random(types.length));
      const inTable = Array.from({ length: count }, () => random(3) === 0);
      const edges = new Map<number, Set<number>>();
      const functions = typeOf.map((type, f) => {
        const targets = new Set<number>();
        edges.set(f, targets);
        const calls = Array.from({ length: random(4) }, () => {
          if (random(4) > 0) {
            const callee = random(count);
            targets.add(callee);
            return `(call ${callee} ${["", "(i32.const 0)", "(i64.const 0)"][typeOf[callee]]})`;
          }
          const called = random(types.length);
          for (let g = 0; g < count; g++) if (inTable[g] && typeOf[g] === called) targets.add(g);
          const argument = ["", "(i32.const 0)", "(i64.const 0)"][called];
          return `(call_indirect (type ${called}) ${argument} (i32.const 0))`;
        });
        return `(func (type ${type}) ${calls.join(" ")})`;
      });
      const table = inTable.flatMap((is, f) => (is ? [f] : [])).join(" ");
      const wat = `${types.map((type) => `(type ${type})`).join(" ")} (table 20 funcref)
        (elem (i32.const 0) func ${table}) ${functions.join("\n")}`;
      for (const polled of entries(wat)) edges.delete(polled);
      // What is left can be taken apart from its leaves.
      for (let removed = true; removed; ) {
        removed = false;
        for (const [f, targets] of edges) {
          if ([...targets].some((target) => edges.has(target))) continue;
          edges.delete(f);
          removed = true;
        }
      }
      expect([...edges.keys()], wat).toEqual([]);
    }
  });
});

test("recursion without a loop polls, and its result is the same", async () => {
  const wat = `(module (import "host" "i32" (func $i32 (param i32))) (memory 1)
    (func $fib (param i32) (result i32)
      (if (result i32) (i32.lt_u (local.get 0) (i32.const 2)) (then (local.get 0))
        (else (i32.add (call $fib (i32.sub (local.get 0) (i32.const 1))) (call $fib (i32.sub (local.get 0) (i32.const 2)))))))
    (func (export "_start") (call $i32 (call $fib (i32.const 10)))))`;
  const prepared = await prepare(assemble(wat));
  expect(prepared.info.polls).toEqual({ mode: "flag", loops: 0, entries: 1 });
  const guest = await instantiate(prepared);
  raiseFlag(guest);
  guest.call("_start");
  expect(guest.log).toEqual([55]);
  expect(guest.calls.length).toBe(88); // of the 177 calls of fib those that make further ones
});

test("calls that are too many poll, though none leads back", async () => {
  // 60 functions that call the next one twice: 2^60 calls.
  const levels = Array.from({ length: 60 }, (_, i) => `(func $f${i} (call $f${i + 1}) (call $f${i + 1}))`);
  const prepared = await prepare(
    assemble(`(module (memory 1) ${levels.join(" ")} (func $f60) (func (export "_start") (call $f0)))`),
  );
  expect(prepared.info.polls.entries).toBeLessThan(10);
  const guest = await instantiate(prepared, {
    ring3: {
      poll: () => {
        throw new Error("polled");
      },
    },
  });
  raiseFlag(guest);
  expect(() => guest.call("_start")).toThrow("polled");
});

describe("where functions poll", () => {
  const MORE = "(i32.sub (local.get 0) (i32.const 1))";
  /** How often the calls poll that f(6) makes. */
  test.each([
    ["at once, before a call that comes first", `(drop (call $f ${MORE}))`, 7],
    ["in front of the call, behind what ends it", `(br_if 0 (i32.eqz (local.get 0))) (drop (call $f ${MORE}))`, 6],
    [
      "in front of an if that calls in both arms",
      `(nop) (if (i32.and (local.get 0) (i32.const 1)) (then (drop (call $f ${MORE}))) (else (drop (call $f ${MORE}))))`,
      7,
    ],
    [
      "in the arm that has all calls",
      `(if (local.get 0) (then (drop (call $f ${MORE})) (if (local.get 0) (then (drop (call $f (i32.const -1)))))))`,
      6,
    ],
    [
      "in front of a block that a call follows",
      `(block (br_if 0 (i32.lt_s (local.get 0) (i32.const 3))) (drop (call $f ${MORE}))) (if (i32.eq (local.get 0) (i32.const 5)) (then (drop (call $f (i32.const 0)))))`,
      6,
    ],
    [
      "in a handler, in front of the try",
      `(try (do (br_if 1 (i32.eqz (local.get 0))) (throw $e)) (catch $e (drop (call $f ${MORE}))))`,
      6,
    ],
    [
      "for a try and its handler",
      `(br_if 0 (i32.eqz (local.get 0))) (try (do (drop (call $f ${MORE})) (throw $e)) (catch $e (drop (call $f (i32.const 0)))))`,
      6,
    ],
    [
      "in the loop, which polls anyway",
      `(local.set $n (local.get 0)) (loop (br_if 1 (i32.eqz (local.get $n))) (local.set $n (i32.const 0)) (drop (call $f ${MORE})) (br 0))`,
      13,
    ],
    [
      "not for calls that do not come back",
      `(call $other) (br_if 0 (i32.eqz (local.get 0))) (drop (call $f ${MORE}))`,
      6,
    ],
  ])("%s", async (_, body, expected) => {
    const wat = `(module (memory 1) (tag $e) (func $other)
      (func $f (param i32) (result i32) (local $n i32)
        (if (i32.lt_s (local.get 0) (i32.const 0)) (then (return (i32.const 0))))
        (block ${body}) (i32.const 0))
      (func (export "_start") (drop (call $f (i32.const 6)))))`;
    const prepared = await prepare(assemble(wat));
    const guest = await instantiate(prepared);
    raiseFlag(guest);
    guest.call("_start");
    expect(guest.calls.length).toBe(expected);
  });
});
