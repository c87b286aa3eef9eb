/** Functions of WASI called at random, from a seed: the program ends as programs end, the machine is usable after it, and the kernel sees no bug. */

import { expect, test } from "vitest";
import wabt from "wabt";
import { PREVIEW1, UNSTABLE, WASI_MODULES } from "../../runtime/abi/wasi/calls.ts";
import { boot } from "../../runtime/index.ts";

const CALLS = 20_000;
/** A sleep that was asked for at random ends like this, in ms. */
const LONGEST = 1500;

/** End the program. */
const ENDING = new Set(["proc_exit", "proc_raise"]);
/** Take away descriptors, or what may be done with them: seldom made, or soon nothing works. */
const TAKING = new Set(["fd_close", "fd_renumber", "fd_fdstat_set_rights"]);
/** Words that are worth a try, beside small and random ones: ends of memory (2 pages), the adapter's own addresses, signs. */
const WORDS = [
  -1, 131072, 131071, 131064, 65535, 65536, 0xffff0000, 0xff800000, 0xff801000, 0x7fffffff, 0x80000000, 4096,
];
/** What is in memory: names, with the addresses of some as vectors. */
const NAMES = "file\\00.\\00..\\00/\\00d\\00d/e\\00link\\00../../etc/passwd\\00/proc/self/mem\\00";

/** A module that makes the calls and returns. */
function program(module: string, seed: number): string {
  const functions = Object.entries(WASI_MODULES[module]).filter(([name]) => !ENDING.has(name));
  const imports = functions.map(
    ([name, { params }]) => `(import "${module}" "${name}" (func $${name} (param ${params.join(" ")}) (result i32)))`,
  );
  const blocks = functions.map(() => "(block").join(" ");
  const targets = functions.map((_, i) => i).join(" ");
  const cases = functions.map(([name, { params }]) => {
    const values = params.map((type) => `(call $${type})`).join(" ");
    const seldom = TAKING.has(name) ? "(br_if $next (i32.and (call $random) (i32.const 127)))" : "";
    return `) ${seldom} (drop (call $${name} ${values})) (br $next)`;
  });
  return `(module
  ${imports.join("\n  ")}
  (memory (export "memory") 2)
  (data (i32.const 1024) "${NAMES}")
  (data (i32.const 1200) "${WORDS.map((word) => bytes(word)).join("")}")
  (data (i32.const 2048) "${[1024, 4, 1031, 2, 1040, 30, 4096, 4096].map(bytes).join("")}")
  (global $state (mut i32) (i32.const ${(seed * 2654435761) | 1}))
  (func $random (result i32)
    (global.set $state (i32.xor (global.get $state) (i32.shl (global.get $state) (i32.const 13))))
    (global.set $state (i32.xor (global.get $state) (i32.shr_u (global.get $state) (i32.const 17))))
    (global.set $state (i32.xor (global.get $state) (i32.shl (global.get $state) (i32.const 5))))
    (global.get $state))
  (func $i32 (result i32) (local $kind i32)
    (local.set $kind (i32.rem_u (call $random) (i32.const 10)))
    (if (i32.lt_u (local.get $kind) (i32.const 4)) (then (return (i32.rem_u (call $random) (i32.const 12)))))
    (if (i32.lt_u (local.get $kind) (i32.const 6)) (then (return (i32.add (i32.const 1024) (i32.rem_u (call $random) (i32.const 64))))))
    (if (i32.lt_u (local.get $kind) (i32.const 8)) (then (return (i32.add (i32.const 2048) (i32.shl (i32.rem_u (call $random) (i32.const 512)) (i32.const 3))))))
    (if (i32.lt_u (local.get $kind) (i32.const 9)) (then (return (i32.load offset=1200 (i32.shl (i32.rem_u (call $random) (i32.const ${WORDS.length})) (i32.const 2))))))
    (call $random))
  (func $i64 (result i64)
    (if (i32.and (call $random) (i32.const 3)) (then (return (i64.extend_i32_s (call $i32)))))
    (i64.or (i64.shl (i64.extend_i32_u (call $random)) (i64.const 32)) (i64.extend_i32_u (call $random))))
  (func (export "_start") (local $left i32)
    (local.set $left (i32.const ${CALLS}))
    (loop $again
      (block $next
        ${blocks} (br_table ${targets} (i32.rem_u (call $random) (i32.const ${functions.length})))
        ${cases.join("\n        ")})
      (br_if $again (local.tee $left (i32.sub (local.get $left) (i32.const 1)))))))`;
}

/** A word as WAT's text for data. */
function bytes(word: number): string {
  return [0, 8, 16, 24].map((shift) => `\\${((word >>> shift) & 255).toString(16).padStart(2, "0")}`).join("");
}

const assembler = await wabt();

for (const module of [PREVIEW1, UNSTABLE]) {
  test.each([1, 2, 3])(`${module}, seed %i`, async (seed) => {
    const parsed = assembler.parseWat("calls.wat", program(module, seed));
    await using machine = await boot({ pids: 64, memory: "256m" });
    await machine.fs.writeFile("/calls", new Uint8Array(parsed.toBinary({}).buffer), { mode: 0o755 });
    parsed.destroy();
    await machine.fs.mkdir("/work/d", { recursive: true });
    await machine.fs.writeFile("/work/file", "some bytes");
    const options = { cwd: "/work", stdin: "null", timeout: LONGEST } as const;
    const { code, timedOut } = await (await machine.spawn(["/calls"], options)).result();
    expect(timedOut || code === 0).toBe(true);
    expect(await machine.processes()).toEqual([]);
    expect((await (await machine.spawn("echo alive | cat")).result()).stdout).toBe("alive\n");
    expect((await machine.log()).filter((line) => line.includes("BUG"))).toEqual([]);
  });
}
