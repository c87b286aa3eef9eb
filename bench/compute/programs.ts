/** The programs of the compute rows, in the forms that are compared. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { built } from "../../guests/paths.ts";
import { prepare } from "../../runtime/loader/index.ts";
import { compile, oneFile, type Program, RING3 } from "../build.ts";
import type { Timed } from "../measure.ts";
import { type Arguments, type Runnable, runBare } from "./harness.ts";

const HERE = import.meta.dirname;
const LUA = built("src", "lua", "src");
const SQLITE = built("src", "sqlite");

export interface Kernel {
  readonly name: string;
  readonly title: string;
  program(): Program;
  /** How to run it, `count` times. */
  arguments(count: number): Arguments;
  /** It says itself how long `count` iterations took (rows/bench.h); else the whole run counts. */
  readonly answers: boolean;
}

function own(name: string, title: string): Kernel {
  return {
    name,
    title,
    program: () => oneFile(join(HERE, `${name}.c`)),
    arguments: (count) => ({ argv: [name], stdin: `${count}\n` }),
    answers: true,
  };
}

/** speedtest1's own measure of how much it does; 100 takes some seconds natively. */
const SPEEDTEST_SIZE = 4;

export const KERNELS: readonly Kernel[] = [
  own("recursive", "recursion"),
  own("loop", "small loops"),
  own("memory", "memory, in order and in none"),
  own("indirect", "calls through pointers"),
  {
    name: "lua",
    title: "lua: fib, n-body, spectral norm, strings",
    program: () => ({
      name: "lua",
      sources: [
        join(HERE, "lua.c"),
        ...readdirSync(LUA)
          .filter((file) => file.endsWith(".c") && file !== "luac.c")
          .map((file) => join(LUA, file)),
      ],
      flags: ["-std=gnu99", "-w", "-DLUA_COMPAT_5_3", "-DLUA_USE_POSIX", "-Dsystem=bench_system"],
    }),
    arguments: (count) => ({
      argv: ["lua", "-e", `\n${readFileSync(join(HERE, "kernels.lua"), "utf8")}`],
      stdin: `${count}\n`,
    }),
    answers: true,
  },
  {
    name: "sqlite",
    title: "sqlite: speedtest1, in memory",
    program: () => ({
      name: "sqlite",
      sources: [join(HERE, "sqlite.c"), join(SQLITE, "sqlite3.c"), join(SQLITE, "test", "speedtest1.c")],
      flags: [`-I${SQLITE}`, "-w", "-DSQLITE_THREADSAFE=1", "-DSQLITE_EXTRA_INIT=bench_init"],
    }),
    arguments: () => ({ argv: ["speedtest1", "--memdb", "--size", `${SPEEDTEST_SIZE}`, ":memory:"] }),
    answers: false,
  },
];

/** The module as the compiler made it; it imports fork. */
export async function sourceOf(kernel: Kernel): Promise<Uint8Array<ArrayBuffer>> {
  return new Uint8Array(readFileSync(await compile(kernel.program(), RING3)));
}

/** The same module without what makes the loader give it the unwinding pass: fork's imports have names that mean nothing. */
export function withoutFork(source: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
  const bytes = Buffer.from(source);
  for (const name of ["SYS_fork", "SYS_vfork"]) {
    const at = bytes.indexOf(importName("wali", name));
    if (at >= 0) bytes.write(importName("wali", name.replace("fork", "none")), at);
  }
  return new Uint8Array(bytes);
}

/** An import's two names as they stand in a module: each with its length before it. */
function importName(...names: string[]): string {
  return names.map((name) => String.fromCharCode(name.length) + name).join("");
}

/** How a kernel runs as it came. */
export async function bare(kernel: Kernel): Promise<Timed> {
  const source = await sourceOf(kernel);
  const { info } = await prepare(withoutFork(source));
  return timed(kernel, { module: await WebAssembly.compile(source), info, prepared: false });
}

/** How a kernel runs as the loader prepares it. */
export async function loaded(kernel: Kernel, form: "polls" | "unwinding"): Promise<Timed> {
  const source = await sourceOf(kernel);
  const { module, info } = await prepare(form === "polls" ? withoutFork(source) : source);
  if (info.canFork !== (form === "unwinding")) throw new Error(`the loader's image: ${info.forkReason}`);
  return timed(kernel, { module, info, prepared: true });
}

function timed(kernel: Kernel, program: Runnable): Timed {
  if (!kernel.answers) {
    return async (count) => {
      const from = performance.now();
      for (let i = 0; i < count; i++) runBare(program, kernel.arguments(1));
      return (performance.now() - from) * 1e6;
    };
  }
  return async (count) => {
    const output = runBare(program, kernel.arguments(count));
    const answer = /^ready\n(\d+)\n$/.exec(output)?.[1];
    if (answer === undefined) throw new Error(`${kernel.name} said: ${output.slice(0, 200)}`);
    return Number(answer);
  };
}
