// How long preparing takes; printed, not asserted: machines differ. The aim is 50 ms for a MB of plain module.

import { test } from "vitest";
import { Writer } from "../../runtime/loader/binary.ts";
import { prepare } from "../../runtime/loader/index.ts";
import { assemble } from "./support.ts";

/** A function as compilers write them: locals, loads and stores, a loop, calls, constants of all sizes. */
const MODEL = assemble(`(module (memory 1) (global $sp (mut i32) (i32.const 1000))
  (func $f (param $p i32) (param $n i32) (result i32) (local $i i32) (local $sum i64) (local $x f64)
    (global.set $sp (i32.sub (global.get $sp) (i32.const 48)))
    (block $out
      (br_if $out (i32.eqz (local.get $n)))
      (loop $next
        (local.set $sum (i64.add (local.get $sum) (i64.load32_u offset=16 (i32.add (local.get $p) (i32.shl (local.get $i) (i32.const 2))))))
        (if (i64.gt_s (local.get $sum) (i64.const 123456789012))
          (then (local.set $sum (i64.rem_s (local.get $sum) (i64.const 1000003))) (i32.store offset=12 (local.get $p) (call $f (local.get $i) (i32.const 7)))))
        (br_if $next (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (local.get $n)))))
    (local.set $x (f64.mul (f64.convert_i64_s (local.get $sum)) (f64.const 0.5)))
    (f64.store offset=1040 (local.get $p) (f64.sqrt (local.get $x)))
    (i32.store8 (i32.const 65000) (i32.wrap_i64 (i64.shr_u (local.get $sum) (i64.const 32))))
    (global.set $sp (i32.add (global.get $sp) (i32.const 48)))
    (i32.and (i32.wrap_i64 (local.get $sum)) (i32.const 0x7fffffff))))`);

/** The model's function many times over. */
function bigModule(bytes: number): Uint8Array<ArrayBuffer> {
  const at = MODEL.findIndex((byte, i) => byte === 10 && MODEL[i + 3] === 1 && i > 30);
  const body = MODEL.subarray(at + 4);
  const count = Math.ceil(bytes / body.length);
  const w = new Writer().raw(MODEL.subarray(0, 8));
  w.section(1, () => w.raw([1, 0x60, 2, 0x7f, 0x7f, 1, 0x7f]));
  w.section(3, () => {
    w.u32(count);
    for (let i = 0; i < count; i++) w.u8(0);
  });
  w.raw([5, 3, 1, 0, 1, 6, 7, 1, 0x7f, 1, 0x41, 0xe8, 0x07, 0x0b]);
  w.section(10, () => {
    w.u32(count);
    for (let i = 0; i < count; i++) w.raw(body);
  });
  return w.view();
}

test("a megabyte of plain module", async () => {
  const bytes = bigModule(1024 * 1024);
  for (const run of ["first", "second", "third", "fourth", "fifth"]) {
    const { info } = await prepare(bytes);
    const steps = Object.entries(info.timings).map(([step, ms]) => `${step} ${ms.toFixed(1)}`);
    console.log(`${run} time, ${info.functions} functions: ${steps.join(", ")} ms`);
  }
});
