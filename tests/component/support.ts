/** Components for the tests: core modules in text form with a world around them. */
import { chmodSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { componentEmbed, componentNew } from "@bytecodealliance/jco-transpile/wasm-tools";
import wabt from "wabt";
import { temporaryFolder } from "../cleanup.ts";

const WIT = fileURLToPath(new URL("wasi.wit", import.meta.url));

/** Where the tests' components are; machines mount it on /c. */
export const FOLDER = temporaryFolder();

const { parseWat } = await wabt();

export function assemble(wat: string): Uint8Array {
  const module = parseWat("test.wat", wat);
  try {
    return module.toBinary({}).buffer;
  } finally {
    module.destroy();
  }
}

/** Puts a program into the folder; gives its path in the machine. */
export function install(name: string, bytes: Uint8Array): string {
  const path = join(FOLDER, name);
  writeFileSync(path, bytes);
  chmodSync(path, 0o755);
  return `/c/${name}`;
}

/** WIT of a world `test` with these items. */
function world(items: string): string {
  return `package test:test;\nworld test {\n${items}\n}\n${readFileSync(WIT, "utf8")}`;
}

/** A component of a core module and a world that has `items`; see wasi.wit for what can be named. */
export async function component(items: string, wat: string): Promise<Uint8Array> {
  return componentNew(await componentEmbed({ binary: assemble(wat), witSource: world(items), world: "test" }));
}

/** An allocator that never frees: what is behind its global $heap. */
export const REALLOC = `
  (global $heap (mut i32) (i32.const 32768))
  (func (export "cabi_realloc") (param i32 i32 i32 i32) (result i32)
    (local $at i32)
    (local.set $at (i32.and (i32.add (global.get $heap) (i32.const 7)) (i32.const -8)))
    (global.set $heap (i32.add (local.get $at) (local.get 3)))
    (local.get $at))`;

/** Imports of core functions by the names that the bodies below use. */
const CORE_IMPORTS: Readonly<Record<string, readonly [iface: string, name: string, type: string]>> = {
  $stdout: ["wasi:cli/stdout@0.2.0", "get-stdout", "(result i32)"],
  $stdin: ["wasi:cli/stdin@0.2.0", "get-stdin", "(result i32)"],
  $write: [
    "wasi:io/streams@0.2.0",
    "[method]output-stream.blocking-write-and-flush",
    "(param $stream i32) (param $at i32) (param $length i32) (param $result i32)",
  ],
  $read: [
    "wasi:io/streams@0.2.0",
    "[method]input-stream.blocking-read",
    "(param $stream i32) (param $length i64) (param $result i32)",
  ],
  $exit: ["wasi:cli/exit@0.2.0", "exit", "(param i32)"],
  $now: ["wasi:clocks/monotonic-clock@0.2.0", "now", "(result i64)"],
  $subscribe: ["wasi:clocks/monotonic-clock@0.2.0", "subscribe-duration", "(param i64) (result i32)"],
  $block: ["wasi:io/poll@0.2.0", "[method]pollable.block", "(param i32)"],
  $arguments: ["wasi:cli/environment@0.2.0", "get-arguments", "(param i32)"],
  $random: ["wasi:random/random@0.2.0", "get-random-bytes", "(param i64) (param i32)"],
};

/** Body of a command that copies standard input to standard output, to its end. */
export const CAT = `(local $in i32) (local $out i32)
  (local.set $in (call $stdin)) (local.set $out (call $stdout))
  (loop $more
    (call $read (local.get $in) (i64.const 4096) (i32.const 0))
    (if (i32.eqz (i32.load8_u (i32.const 0))) (then
      (call $write (local.get $out) (i32.load (i32.const 4)) (i32.load (i32.const 8)) (i32.const 16))
      (global.set $heap (i32.const 32768))
      (br_if $more (i32.eqz (i32.load8_u (i32.const 16)))) (return (i32.const 1)))))`;

/** A command: `body` is what wasi:cli/run does; its result is 0, or 1 for an error. `fields`: more of the module. */
export function command(body: string, fields = "", realloc = REALLOC): Promise<Uint8Array> {
  const used = Object.entries(CORE_IMPORTS).filter(([name]) => body.includes(`${name} `) || body.includes(`${name})`));
  const imports = used.map(([id, [iface, name, type]]) => `(import "${iface}" "${name}" (func ${id} ${type}))`);
  const items = [...new Set(used.map(([, [iface]]) => `import ${iface};`)), "export wasi:cli/run@0.2.0;"].join("\n");
  const wat = `(module ${imports.join("\n")} (memory (export "memory") 1) ${fields} ${realloc}
    (func (export "wasi:cli/run@0.2.0#run") (result i32) ${body}))`;
  return component(items, wat);
}
