/** Components that the host program calls. */
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { boot, ComponentError, type Machine } from "../../runtime/index.ts";
import { clean } from "../cleanup.ts";
import { assemble, command, component, FOLDER, install } from "./support.ts";

afterAll(clean);

const ITEMS = `
  import wasi:cli/stdout@0.2.0;
  export math: interface {
    record point { x: s32, y: s32 }
    add: func(a: u32, b: u32) -> u32;
    swap: func(p: point) -> point;
    same: func(text: string) -> string;
    half: func(x: u64) -> result<u64, string>;
    trap: func();
    spin: func();
    resource thing { constructor(); }
    make: func() -> thing;
  }
  export say-hello: func();`;

const WAT = `(module
  (import "wasi:cli/stdout@0.2.0" "get-stdout" (func $stdout (result i32)))
  (import "wasi:io/streams@0.2.0" "[method]output-stream.blocking-write-and-flush" (func $write (param i32 i32 i32 i32)))
  (import "[export]math" "[resource-new]thing" (func $new (param i32) (result i32)))
  (memory (export "memory") 1)
  (data (i32.const 64) "odd") (data (i32.const 80) "hello\\n")
  (func (export "cabi_realloc") (param i32 i32 i32 i32) (result i32) (i32.const 1024))
  (func (export "math#add") (param i32 i32) (result i32) (i32.add (local.get 0) (local.get 1)))
  (func (export "math#swap") (param i32 i32) (result i32)
    (i32.store (i32.const 0) (local.get 1)) (i32.store (i32.const 4) (local.get 0)) (i32.const 0))
  (func (export "math#same") (param i32 i32) (result i32)
    (i32.store (i32.const 0) (local.get 0)) (i32.store (i32.const 4) (local.get 1)) (i32.const 0))
  (func (export "math#half") (param i64) (result i32)
    (if (i64.eqz (i64.and (local.get 0) (i64.const 1)))
      (then (i32.store8 (i32.const 0) (i32.const 0)) (i64.store (i32.const 8) (i64.shr_u (local.get 0) (i64.const 1))))
      (else (i32.store8 (i32.const 0) (i32.const 1)) (i32.store (i32.const 8) (i32.const 64)) (i32.store (i32.const 12) (i32.const 3))))
    (i32.const 0))
  (func (export "math#trap") unreachable)
  (func (export "math#spin") (loop $for_ever (br $for_ever)))
  (func (export "math#[constructor]thing") (result i32) (call $new (i32.const 7)))
  (func (export "math#make") (result i32) (call $new (i32.const 7)))
  (func (export "say-hello") (call $write (call $stdout) (i32.const 80) (i32.const 6) (i32.const 16))))`;

/** As jco declares them. */
interface Exports {
  math: {
    add(a: number, b: number): number;
    swap(p: { x: number; y: number }): { x: number; y: number };
    same(text: string): string;
    half(x: bigint): bigint;
    trap(): void;
    spin(): void;
    make(): object;
  };
  sayHello(): void;
}

const bytes = await component(ITEMS, WAT);
install("library", bytes);

test("ring3 inspect says what it is, and writes its types", async () => {
  const types = join(FOLDER, "types");
  const run = (...args: string[]) =>
    execFileSync("node", ["runtime/cli/ring3.js", "inspect", join(FOLDER, "library"), ...args], { encoding: "utf8" });
  expect(run("--types", types)).toMatch(
    /a library.*exports +say-hello\n +exports +math\n +imports +wasi:io\/error@0\.2\.0/s,
  );
  expect(JSON.parse(run("--json"))).toMatchObject({ command: false, exports: ["say-hello", "math"] });
  expect(readFileSync(join(types, "component.d.ts"), "utf8")).toContain("sayHello(): ");
});

describe.each(["worker", "same"] as const)("on %s thread", (thread) => {
  const withMachine = async (body: (machine: Machine) => Promise<void>) => {
    const machine = await boot({ thread, mounts: [{ host: FOLDER, guest: "/c" }] });
    try {
      await body(machine);
      expect((await machine.log()).filter((line) => line.includes("BUG"))).toEqual([]);
    } finally {
      await machine.shutdown();
    }
  };

  test("functions take and give values, one call after the other", () =>
    withMachine(async (machine) => {
      await using library = await machine.component<Exports>("/c/library");
      const { math } = library.exports;
      expect(await math.add(40, 2)).toBe(42);
      expect(await math.swap({ x: 1, y: -2 })).toEqual({ x: -2, y: 1 });
      expect(await math.half(10n)).toBe(5n);
      expect(await Promise.all(["a", "ü€😀", ""].map((text) => math.same(text)))).toEqual(["a", "ü€😀", ""]);
    }));

  test("a result's error is thrown", () =>
    withMachine(async (machine) => {
      await using library = await machine.component<Exports>(bytes);
      const error = await library.exports.math.half(3n).catch((thrown) => thrown);
      expect(error).toBeInstanceOf(ComponentError);
      expect(error).toMatchObject({ payload: "odd", message: "odd" });
      expect(await library.exports.math.half(4n)).toBe(2n);
    }));

  test("it is a process: with streams, in the list, killed by signals", () =>
    withMachine(async (machine) => {
      const library = await machine.component<Exports>("/c/library", { stdout: "pipe" });
      await library.exports.sayHello();
      expect((await machine.processes()).map(({ comm, state }) => [comm, state])).toEqual([["library", "S"]]);
      const spinning = library.exports.math.spin();
      spinning.catch(() => {});
      const waiting = library.exports.math.add(1, 2);
      waiting.catch(() => {});
      await library.process.kill("SIGTERM");
      expect(await library.process.result()).toMatchObject({ signal: "SIGTERM", stdout: "hello\n" });
      for (const call of [spinning, waiting, library.exports.math.add(1, 2)]) {
        await expect(call).rejects.toMatchObject({ code: "ERR_CLOSED" });
      }
    }));

  test("a trap ends it; what it is given wrongly does not", () =>
    withMachine(async (machine) => {
      const library = await machine.component<Exports>("/c/library");
      const { math } = library.exports;
      await expect(math.same(7 as never)).rejects.toMatchObject({ code: "ERR_COMPONENT" });
      await expect(math.make()).rejects.toThrow("a resource cannot be passed to the host program");
      expect(await math.add(1, 2)).toBe(3);
      await expect(math.trap()).rejects.toMatchObject({
        code: "ERR_COMPONENT",
        message: expect.stringContaining("unreachable"),
      });
      expect(await library.process.wait()).toMatchObject({ signal: "SIGILL" });
      await expect(math.add(1, 2)).rejects.toMatchObject({ code: "ERR_CLOSED" });
    }));

  test("close lets the calls under way end", () =>
    withMachine(async (machine) => {
      const library = await machine.component<Exports>(bytes);
      const sum = library.exports.math.add(1, 2);
      expect(await library.close()).toMatchObject({ code: 0 });
      expect(await sum).toBe(3);
    }));

  test("what is no component is refused", () =>
    withMachine(async (machine) => {
      const module = install("module", assemble('(module (func (export "_start")))'));
      await expect(machine.component(module)).rejects.toMatchObject({
        code: "ENOEXEC",
        message: "/c/module: offset 4: a core module, where a component is needed",
      });
      await expect(machine.component(new Uint8Array(4))).rejects.toMatchObject({ code: "ENOEXEC" });
      await expect(machine.component("/c/absent")).rejects.toMatchObject({ code: "ENOENT" });
      // A command is a component too: it exports wasi:cli/run, which may be called.
      await using library = await machine.component<{ run: { run(): void } }>(await command("(i32.const 1)"));
      await expect(library.exports.run.run()).rejects.toBeInstanceOf(ComponentError);
    }));
});
