// Adapters between import types, called in both directions of every difference.

import { expect, test } from "vitest";
import { type LinkType, sameType, type Thunk, thunkModule } from "../../runtime/loader/index.ts";
import type { ValueType } from "../../runtime/loader/sections.ts";

const type = (params: string, results = ""): LinkType => ({
  params: params.split(" ").filter(Boolean) as ValueType[],
  results: results.split(" ").filter(Boolean) as ValueType[],
});

/** What the kernel's functions got, and what they answer. */
function link(thunks: Thunk[], answer: number | bigint | undefined = 0n) {
  const calls: (number | bigint)[][] = [];
  const target = (...args: (number | bigint)[]) => {
    calls.push(args);
    return answer;
  };
  const kernel = Object.fromEntries(thunks.map((thunk) => [thunk.target, target]));
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(thunkModule(thunks)), { kernel });
  return {
    calls,
    call: (name: string, ...args: unknown[]) => (exports[name] as (...args: unknown[]) => unknown)(...args),
  };
}

const POLL = type("i32 i64 i32", "i64");

test("a 32-bit argument is widened: with zeros where it is unsigned, else with its sign", () => {
  const unsigned = [true, true, false];
  const wanted = type("i32 i32 i32", "i64");
  const { calls, call } = link([
    { name: "poll", wanted, target: "SYS_poll", canonical: POLL, unsigned },
    { name: "signed", wanted, target: "SYS_poll", canonical: POLL },
  ]);
  expect(call("poll", -4, -1, -1)).toBe(0n);
  call("signed", -4, -1, -1);
  expect(calls).toEqual([
    [-4, 0xffffffffn, -1],
    [-4, -1n, -1],
  ]);
});

test("a 64-bit argument is wrapped", () => {
  const canonical = type("i32", "i64");
  const { calls, call } = link([{ name: "t", wanted: type("i64", "i64"), target: "k", canonical }]);
  call("t", 0x1_0000_0005n);
  call("t", -1n);
  expect(calls).toEqual([[5], [-1]]);
});

test("results: narrower, wider, missing, unexpected", () => {
  const one = (wanted: LinkType, canonical: LinkType, answer?: number | bigint) =>
    link([{ name: "t", wanted, target: "k", canonical }], answer).call("t");
  expect(one(type("", "i32"), type("", "i64"), -14n)).toBe(-14);
  expect(one(type("", "i64"), type("", "i32"), -14)).toBe(-14n);
  expect(one(type("", ""), type("", "i64"), 5n)).toBeUndefined();
  expect(one(type("", "i32"), type("", ""))).toBe(0);
  expect(one(type("", "f64"), type("", "i64"), 5n)).toBe(0);
  expect(one(type("", "i32 f32 externref"), type("", "i64"), 5n)).toEqual([5, 0, null]);
});

test("arguments: too few, too many, of types that have nothing in common", () => {
  const canonical = type("i32 i64 i32", "i64");
  const { calls, call } = link([
    { name: "few", wanted: type("i32"), target: "k", canonical },
    { name: "many", wanted: type("i32 i64 i32 i32 v128 i32"), target: "k", canonical },
    { name: "odd", wanted: type("f64 f32 externref"), target: "k", canonical },
    { name: "none", wanted: type(""), target: "k", canonical },
  ]);
  call("few", 7);
  call("odd", 1.5, 2.5, "x");
  call("none");
  expect(calls).toEqual([
    [7, 0n, 0],
    [0, 0n, 0],
    [0, 0n, 0],
  ]);
});

test("a number in front, as for calls that nobody serves", () => {
  const missing = { target: "missing", canonical: type("i32", "i64") };
  const { calls, call } = link(
    [
      { ...missing, name: "a", wanted: type("i32 i32 f64", "i64"), first: 3 },
      { ...missing, name: "b", wanted: type("", "i32"), first: -1 },
    ],
    -38n,
  );
  expect(call("a", 1, 2, 3)).toBe(-38n);
  expect(call("b")).toBe(-38);
  expect(calls).toEqual([[3], [-1]]);
  const shifted = link([{ name: "t", wanted: type("i64 i32"), target: "k", canonical: type("i32 i32 i64"), first: 9 }]);
  shifted.call("t", 5n, 6);
  expect(shifted.calls).toEqual([[9, 5, 6n]]);
});

test("each target is imported once", () => {
  const thunk = { wanted: type("i32"), target: "k", canonical: type("i64") };
  const module = new WebAssembly.Module(
    thunkModule([
      { ...thunk, name: "a" },
      { ...thunk, name: "b" },
    ]),
  );
  expect(WebAssembly.Module.imports(module).length).toBe(1);
  expect(WebAssembly.Module.exports(module).map(({ name }) => name)).toEqual(["a", "b"]);
});

test("types are the same by their content", () => {
  expect(sameType(type("i32 i64", "i32"), type("i32 i64", "i32"))).toBe(true);
  expect(sameType(type("i32 i64"), type("i32", "i64"))).toBe(false);
});
