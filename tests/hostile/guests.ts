/** Compiles the hostile guests: .build/tests/hostile/NAME, which machines mount as /hostile. */
import { execFile } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, renameSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { built, guest } from "../../guests/paths.ts";
import { ARG_TYPES, type WasmType } from "../../kernel/abi/argtypes.ts";
import { INTERNAL_CALLS } from "../../kernel/abi/internal.ts";
import { type Arg, SYSCALLS, wasmParams } from "../../kernel/abi/syscalls.ts";

export const FOLDER = built("tests/hostile");

/** What calls.c should choose an argument from. */
function letter({ type }: Arg): string {
  if (/^(fd|dirfd|at_fd)/.test(type)) return "f";
  if (type === "pid") return "P";
  if (/path|string|name/.test(type)) return "s";
  if (type === "size") return "z";
  if (type === "sockaddr") return "a";
  if (type === "msghdr" || type === "mmsghdr") return "m";
  if (/^(address_family|socket_|sockopt_name|msg_flags)/.test(type)) return "k";
  return ARG_TYPES[type].show === "pointer" ? "p" : "n";
}

const C_TYPES = { i32: "int", i64: "long long" } as const;

/** One call as C: an import, and a function that makes it with arguments from an array. */
function callInC(module: string, name: string, params: readonly WasmType[], result: string): string {
  const types = params.map((type) => C_TYPES[type]);
  const values = types.map((type, i) => `(${type})a[${i}]`).join(", ");
  const attributes = `__attribute__((__import_module__("${module}"), __import_name__("${name}")))`;
  const made = `import_${name}(${values})`;
  return `${attributes} ${result} import_${name}(${types.join(", ") || "void"});
static long long call_${name}(const long long *a) { ${result === "void" ? `${made}; return 0` : `return ${made}`}; }`;
}

/** Calls that multiply the program, or unwind it: abuse.c makes them. */
const UNWINDING = new Set(["fork", "vfork", "clone", "setjmp", "sigsetjmp", "longjmp"]);
const syscalls = SYSCALLS.filter(({ name }) => !UNWINDING.has(name));
const internalCalls = INTERNAL_CALLS.filter(({ name, module }) => module === "ring3" || !UNWINDING.has(name));

/**
 * calls.h: for the system calls and the other imports that the kernel serves, its name, the letters of its arguments, and a
 * function that makes it.
 */
function callsHeader(): string {
  const functions = [
    ...syscalls.map((call) => callInC("wali", `SYS_${call.name}`, wasmParams(call), "long long")),
    ...internalCalls.map((call) => {
      return callInC(call.module, call.name, call.params, call.result === "none" ? "void" : "int");
    }),
  ];
  const rows = [
    ...syscalls.map((call) => ({ name: `SYS_${call.name}`, types: call.args.map(letter).join("") })),
    ...internalCalls.map((call) => ({ name: call.name, types: "x".repeat(Math.min(call.params.length, 6)) })),
  ].map(({ name, types }) => `  {"${name}", "${types}", call_${name}},`);
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
