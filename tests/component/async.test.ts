/** Components with asynchronous functions (WASI 0.3). The WASI testsuite has more of them: tests/wasi/conformance.ts. */
import { afterAll, expect, test } from "vitest";
import { boot } from "../../runtime/index.ts";
import { clean } from "../cleanup.ts";
import { component, FOLDER, install } from "./support.ts";

afterAll(clean);

const ITEMS = "import wasi:clocks/monotonic-clock@0.3.0; export wasi:cli/run@0.3.0;";
const CLOCK = "wasi:clocks/monotonic-clock@0.3.0";

/**
 * Begins two waits and waits for both by a waitable set; fails where the long one came first, as it may on a busy machine. `compute` runs
 * between: polls interrupt it.
 */
const waits = (long: string, short: string, compute = "") => `(module
  (import "${CLOCK}" "[async-lower]wait-for" (func $wait (param i64) (result i32)))
  (import "[export]wasi:cli/run@0.3.0" "[task-return]run" (func $return (param i32)))
  (import "$root" "[waitable-set-new]" (func $new (result i32)))
  (import "$root" "[waitable-join]" (func $join (param i32 i32)))
  (import "$root" "[subtask-drop]" (func $drop (param i32)))
  (memory (export "memory") 1)
  (global $set (mut i32) (i32.const 0)) (global $long (mut i32) (i32.const 0)) (global $short (mut i32) (i32.const 0))
  (global $came (mut i32) (i32.const 0)) (global $wrong (mut i32) (i32.const 0))
  (func $compute (local $i i32) ${compute})
  (func $wait_on (result i32) (i32.or (i32.shl (global.get $set) (i32.const 4)) (i32.const 2)))
  (func (export "[async-lift]wasi:cli/run@0.3.0#run") (result i32)
    (global.set $set (call $new))
    (global.set $long (i32.shr_u (call $wait (i64.const ${long})) (i32.const 4)))
    (global.set $short (i32.shr_u (call $wait (i64.const ${short})) (i32.const 4)))
    (call $join (global.get $long) (global.get $set))
    (call $join (global.get $short) (global.get $set))
    (call $compute)
    (call $wait_on))
  (func (export "[callback][async-lift]wasi:cli/run@0.3.0#run") (param $event i32) (param $subtask i32) (param $state i32) (result i32)
    (call $compute)
    (if (i32.eq (local.get $subtask) (if (result i32) (global.get $came) (then (global.get $short)) (else (global.get $long))))
      (then (global.set $wrong (i32.const 1))))
    (call $drop (local.get $subtask))
    (global.set $came (i32.add (global.get $came) (i32.const 1)))
    (if (result i32) (i32.eq (global.get $came) (i32.const 2))
      (then (call $return (global.get $wrong)) (i32.const 0))
      (else (call $wait_on)))))`;

test("two waits at once, in one call of the kernel at a time", async () => {
  install("waits", await component(ITEMS, waits("150000000", "20000000")));
  // Some ms of computing: the polls in it are pauses of which the glue knows nothing.
  const compute =
    "(loop $more (br_if $more (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const 20000000))))";
  install("computes", await component(ITEMS, waits("400000000", "20000000", compute)));
  install("for-ever", await component(ITEMS, waits("3600000000000", "3600000000001")));
  const machine = await boot({ mounts: [{ host: FOLDER, guest: "/c" }] });
  try {
    let trace = "";
    const process = await machine.spawn(["/c/waits"], { trace: { write: (text) => void (trace += text) } });
    expect(await process.result()).toMatchObject({ signal: null, stderr: "" });
    expect(trace).toMatch(/^ppoll\(.*= 0 \(Timeout\)$/m);
    const others = await Promise.all(["computes", "waits", "computes"].map((name) => machine.spawn([`/c/${name}`])));
    for (const each of others) expect(await each.result()).toMatchObject({ signal: null, stderr: "" });
    const waiting = await machine.spawn(["/c/for-ever"]);
    expect(await (await machine.spawn("sleep 0.05; echo others run")).result()).toMatchObject({
      stdout: "others run\n",
    });
    await waiting.kill("SIGTERM");
    expect(await waiting.wait()).toMatchObject({ signal: "SIGTERM" });
    expect((await machine.log()).filter((line) => line.includes("BUG"))).toEqual([]);
  } finally {
    await machine.shutdown();
  }
});
