// Asyncify on its own thread: results, failures, and an end in time.

import { expect, test } from "vitest";
import { asyncifyThread } from "../../runtime/host/node/asyncify.ts";
import { Writer } from "../../runtime/loader/binary.ts";
import { prepare } from "../../runtime/loader/index.ts";
import { assemble } from "./support.ts";

const FORKING = assemble(`(module (import "wali" "SYS_fork" (func $fork (result i64))) (memory 1)
  (func (export "_start") (drop (call $fork))))`);

/** 10,000 forks whose results are all operands at once: binaryen's time for it grows with the square. */
function hostile(): Uint8Array<ArrayBuffer> {
  const count = 10_000;
  const w = new Writer().raw(FORKING.subarray(0, FORKING.length - 9));
  w.section(10, () => {
    w.u8(1);
    const start = w.open();
    w.u8(0).u8(0x10).u8(0);
    for (let i = 0; i < count; i++) w.u8(0x10).u8(0);
    for (let i = 0; i < count; i++) w.u8(0x7c);
    w.u8(0x1a).u8(0x0b);
    w.close(start);
  });
  return w.view();
}

test("the result is that of this thread, for several programs at once", { timeout: 60_000 }, async () => {
  await using thread = asyncifyThread();
  const here = await prepare(FORKING);
  const there = await Promise.all([1, 2, 3].map(() => prepare(FORKING, { asyncify: thread.asyncify })));
  for (const { info, bytes } of there) {
    expect(info.asyncified).toBe(true);
    expect(Buffer.compare(bytes, here.bytes)).toBe(0);
  }
});

test("a failure is told, and the next program is served", { timeout: 60_000 }, async () => {
  await using thread = asyncifyThread();
  await expect(thread.asyncify(new Uint8Array([1, 2, 3]), ["wali.SYS_fork"], 0)).rejects.toThrow();
  expect((await prepare(FORKING, { asyncify: thread.asyncify })).info.asyncified).toBe(true);
});

test("this thread goes on meanwhile, and a program that takes too long runs without fork", {
  timeout: 60_000,
}, async () => {
  await using thread = asyncifyThread(() => 3000);
  let longest = 0;
  let last = performance.now();
  const heart = setInterval(() => {
    longest = Math.max(longest, performance.now() - last);
    last = performance.now();
  }, 5);
  const { info } = await prepare(hostile(), { asyncify: thread.asyncify });
  clearInterval(heart);
  console.log(
    `hostile program: ${info.forkReason}; ${Math.round(info.timings.asyncify)} ms, longest pause ${Math.round(longest)} ms`,
  );
  expect(info).toMatchObject({ canFork: false, forkReason: "asyncify failed: took longer than 3 s" });
});
