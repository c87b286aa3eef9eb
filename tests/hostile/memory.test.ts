/** Memory that a process had goes to the next one wiped, whichever way the first one got it. */
import { afterAll, expect, test } from "vitest";
import loadWabt from "wabt";
import { boot } from "../../runtime/index.ts";

/** Ways to get memory; each function fills what it got. */
const FILLERS: Readonly<Record<string, string>> = {
  "memory.grow": "(call $grow (i32.const 9))",
  "memory.grow twice": "(call $grow (i32.const 1)) (call $grow (i32.const 40))",
  "memory.grow after brk": "(call $brk (i32.const 100000)) (call $grow (i32.const 9))",
  "memory.grow after mmap": "(call $map (i32.const 70000)) (call $grow (i32.const 9))",
  "memory.grow after an mmap that failed": "(call $map (i32.const 0x7ffff000)) (call $grow (i32.const 9))",
  "brk, memory.grow, mmap": `(call $brk (i32.const 500000)) (call $grow (i32.const 9)) (call $map (i32.const 70000))
    (call $grow (i32.const 3))`,
  "everywhere, mapped or not": `(call $map (i32.const 70000))
    (call $fill (i32.const 1024) (i32.sub (i32.shl (memory.size) (i32.const 16)) (i32.const 1024)))`,
};

const program = (body: string, pages = 1, imports = ""): string => `(module
  (import "wali" "SYS_mmap" (func $mmap (param i32 i32 i32 i32 i32 i64) (result i64)))
  (import "wali" "SYS_brk" (func $set_brk (param i32) (result i64)))
  (import "wali" "SYS_exit_group" (func $exit (param i32) (result i64)))
  ${imports}
  (memory (export "memory") ${pages})
  (func $fill (param $at i32) (param $bytes i32)
    (memory.fill (local.get $at) (i32.const 0x53) (local.get $bytes)))
  (func $grow (param $pages i32)
    (call $fill
      (i32.shl (memory.grow (local.get $pages)) (i32.const 16))
      (i32.shl (local.get $pages) (i32.const 16))))
  (func $brk (param $bytes i32) (local $at i32)
    (local.set $at (i32.wrap_i64 (call $set_brk (i32.const 0))))
    (drop (call $set_brk (i32.add (local.get $at) (local.get $bytes))))
    (call $fill (local.get $at) (local.get $bytes)))
  (func $map (param $bytes i32) (local $at i64)
    (local.set $at (call $mmap
      (i32.const 0) (local.get $bytes) (i32.const 3) (i32.const 0x22) (i32.const -1) (i64.const 0)))
    (if (i64.gt_s (local.get $at) (i64.const 0))
      (then (call $fill (i32.wrap_i64 (local.get $at)) (local.get $bytes)))))
  (func (export "_start") (local $at i32) (local $end i32)
    ${body}))`;

/** Ends with status 1 if any of the bytes from $at to $end is not zero. */
const LOOK = `(loop $next
      (if (i64.ne (i64.load (local.get $at)) (i64.const 0)) (then (drop (call $exit (i32.const 1)))))
      (local.set $at (i32.add (local.get $at) (i32.const 8)))
      (br_if $next (i32.lt_u (local.get $at) (local.get $end))))`;

/** The same for all that can be loaded, mapped or not: where memory ends, SIGSEGV ends it. */
const LOOK_EVERYWHERE = `(local.set $end (i32.const -8)) ${LOOK}`;

/** A child looks everywhere; the parent ends with the child's status. */
const FORKED = program(
  `(if (i64.eqz (call $fork)) (then ${LOOK_EVERYWHERE}))
  (drop (call $wait (i32.const -1) (i32.const 1024) (i32.const 0) (i32.const 0)))
  (drop (call $exit (i32.load8_u (i32.const 1025))))`,
  1,
  `(import "wali" "SYS_fork" (func $fork (result i64)))
  (import "wali" "SYS_wait4" (func $wait (param i32 i32 i32 i32) (result i64)))`,
);

/** Ways to get memory that has to be zero; each function looks at 80 pages of it, or at all that is there. */
const LOOKERS: Readonly<Record<string, string>> = {
  grown: program(`(drop (memory.grow (i32.const 79))) (local.set $end (i32.const 5242880)) ${LOOK}`),
  "from the start": program(`(local.set $end (i32.const 5242880)) ${LOOK}`, 80),
  heap: program(`(local.set $at (i32.wrap_i64 (call $set_brk (i32.const 0))))
    (local.set $end (i32.wrap_i64 (call $set_brk (i32.add (local.get $at) (i32.const 5242880))))) ${LOOK}`),
  mapped: program(`(local.set $at (i32.wrap_i64 (call $mmap
      (i32.const 0) (i32.const 5242880) (i32.const 3) (i32.const 0x22) (i32.const -1) (i64.const 0))))
    (local.set $end (i32.add (local.get $at) (i32.const 5242880))) ${LOOK}`),
  "mapped in the gap": program(`(local.set $at (i32.wrap_i64 (call $mmap
      (i32.const 0x100000) (i32.const 0x80000) (i32.const 3) (i32.const 0x32) (i32.const -1) (i64.const 0))))
    (local.set $end (i32.add (local.get $at) (i32.const 0x80000))) ${LOOK}`),
  everywhere: program(LOOK_EVERYWHERE),
  "everywhere, in a forked child": FORKED,
};

const machine = await boot({ memory: "64m" });
afterAll(() => machine.shutdown());

async function install(name: string, text: string): Promise<string> {
  const wabt = await loadWabt();
  const path = `/tmp/${name.replaceAll(" ", "-")}`;
  const module = wabt.parseWat(name, text, { bulk_memory: true });
  await machine.fs.writeFile(path, module.toBinary({}).buffer, { mode: 0o755 });
  module.destroy();
  return path;
}

test.for(Object.entries(FILLERS))("%s", async ([name, how]) => {
  const filler = await install(name, program(how));
  for (const [kind, text] of Object.entries(LOOKERS)) {
    const looker = await install(kind, text);
    for (let i = 0; i < 3; i++) {
      for (const path of [filler, looker]) {
        const child = await machine.spawn([path]);
        expect({ kind, ...(await child.result()) }).toMatchObject({
          kind,
          ...(path === looker && kind === "everywhere" ? { signal: "SIGSEGV" } : { code: 0, stderr: "" }),
        });
      }
    }
  }
});
