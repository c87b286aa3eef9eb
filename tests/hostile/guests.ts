/** Compiles the hostile guests: .build/tests/hostile/NAME, which machines mount as /hostile. */
import { execFile } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, renameSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { built, guest } from "../../guests/paths.ts";
import { ARG_TYPES } from "../../kernel/abi/argtypes.ts";
import { type Arg, SYSCALLS, wasmParams } from "../../kernel/abi/syscalls.ts";

export const FOLDER = built("tests/hostile");

/** What calls.c should choose an argument from. */
function letter({ type }: Arg): string {
  if (/^(fd|dirfd|at_fd)/.test(type)) return "f";
  if (type === "pid") return "P";
  if (/path|string|name/.test(type)) return "s";
  if (type === "size") return "z";
  return ARG_TYPES[type].show === "pointer" ? "p" : "n";
}

/** calls.h: for every system call, by number, its name, the letters of its arguments, and a function that makes it. */
function callsHeader(): string {
  const functions = SYSCALLS.map((call) => {
    const types = wasmParams(call).map((type) => (type === "i64" ? "long long" : "int"));
    const values = types.map((type, i) => `(${type})a[${i}]`).join(", ");
    const attributes = `__attribute__((__import_module__("wali"), __import_name__("SYS_${call.name}")))`;
    return `${attributes} long long wali_${call.name}(${types.join(", ") || "void"});
static long long call_${call.name}(const long long *a) { return wali_${call.name}(${values}); }`;
  });
  const rows = SYSCALLS.map((call) => {
    return `  [${call.nr}] = {"${call.name}", "${call.args.map(letter).join("")}", call_${call.name}},`;
  });
  return `${functions.join("\n")}
static const struct { const char *name, *types; long long (*make)(const long long *a); } calls[] = {
${rows.join("\n")}
};
`;
}

function writeIfChanged(path: string, text: string): void {
  if (!existsSync(path) || readFileSync(path, "utf8") !== text) writeFileSync(path, text);
}

/** Builds guests/NAME.c where it has changed. Gives the path in machines that mount FOLDER at /hostile. */
export async function compileGuest(name: string): Promise<string> {
  const source = join(import.meta.dirname, "guests", `${name}.c`);
  const output = join(FOLDER, name);
  const header = join(FOLDER, "calls.h");
  mkdirSync(FOLDER, { recursive: true });
  writeIfChanged(header, callsHeader());
  const inputs = [source, header, built("sysroot/lib/libc.a")];
  const isFresh = existsSync(output) && inputs.every((path) => statSync(path).mtimeMs < statSync(output).mtimeMs);
  if (!isFresh) {
    const partial = `${output}.${process.pid}`;
    const flags = ["-std=gnu11", "-O1", "-Wno-unused-result", "-Wno-infinite-recursion", `-I${FOLDER}`, "-pthread"];
    await promisify(execFile)(guest("bin/ring3-cc"), [...flags, "-o", partial, source]);
    renameSync(partial, output);
  }
  return `/hostile/${name}`;
}
