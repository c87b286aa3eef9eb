/**
 * The C toolchain: clang, wasm-ld and the LLVM binary tools that know `wasm32-linux-muslwali`.
 *
 * In this order: the clang that RING3_CLANG names, a suitable one on the PATH, Debian's packages unpacked into
 * `.build/toolchain`. The result is written to `.build/toolchain/env`, a file of shell assignments that `ring3-cc`
 * and its companions read.
 */

import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { built } from "../paths.ts";
import { BuildError, run, which } from "../run.ts";
import { Apt, hasApt, type Log } from "./apt.ts";

/** The target: WALI's. Its `long` has 64 bits and its pointers 32. */
export const TARGET = "wasm32-linux-muslwali";

/** LLVM versions that will do, the preferred one first. Older ones do not know the target. */
const VERSIONS = [22, 23, 21, 24, 20];

/** Debian's packages for one version of LLVM. What they need of shared libraries is asked of apt. */
const packagesOf = (version: number): string[] => [
  `clang-${version}`,
  `libclang-common-${version}-dev`,
  `libclang-rt-${version}-dev-wasm32`,
  `lld-${version}`,
  `llvm-${version}`,
];

/** A toolchain that works, by absolute paths. */
export interface Toolchain {
  clang: string;
  wasmLd: string;
  ar: string;
  ranlib: string;
  nm: string;
  strip: string;
  objdump: string;
  /** compiler-rt's builtins for wasm32: the soft `long double`, 128-bit integers. */
  builtins: string;
  /** A folder of shared libraries that the tools need and the machine may lack; empty for the machine's own tools. */
  libraries: string;
}

/** Tool -> name of its program. */
const PROGRAMS = {
  wasmLd: "wasm-ld",
  ar: "llvm-ar",
  ranlib: "llvm-ranlib",
  nm: "llvm-nm",
  strip: "llvm-strip",
  objdump: "llvm-objdump",
} as const;

/** Tool -> name of the variable in `.build/toolchain/env`. */
const VARIABLES: Record<keyof Toolchain, string> = {
  clang: "CLANG",
  wasmLd: "WASM_LD",
  ar: "AR",
  ranlib: "RANLIB",
  nm: "NM",
  strip: "STRIP",
  objdump: "OBJDUMP",
  builtins: "BUILTINS",
  libraries: "LIBRARIES",
};

/** The file that says where the tools are. */
export const TOOLCHAIN_ENV = built("toolchain", "env");

/** Finds or fetches the toolchain and writes `.build/toolchain/env`. */
export async function buildToolchain(log: Log): Promise<Toolchain> {
  const toolchain = (await named(log)) ?? (await onPath(log)) ?? (await fetched(log));
  mkdirSync(dirname(TOOLCHAIN_ENV), { recursive: true });
  const quoted = (text: string) => `'${text.replaceAll("'", "'\\''")}'`;
  const lines = (Object.keys(VARIABLES) as (keyof Toolchain)[]).map(
    (tool) => `${VARIABLES[tool]}=${quoted(toolchain[tool])}`,
  );
  writeFileSync(`${TOOLCHAIN_ENV}.new`, `${lines.join("\n")}\n`);
  renameSync(`${TOOLCHAIN_ENV}.new`, TOOLCHAIN_ENV);
  return toolchain;
}

/** The toolchain that `buildToolchain` found. */
export function readToolchain(): Toolchain {
  const text = readFileSync(TOOLCHAIN_ENV, "utf8");
  const values = new Map([...text.matchAll(/^(\w+)='(.*)'$/gm)].map(([, name, value]) => [name, value]));
  const entries = Object.entries(VARIABLES).map(([tool, variable]) => [
    tool,
    values.get(variable)?.replaceAll("'\\''", "'"),
  ]);
  return Object.fromEntries(entries) as Toolchain;
}

/** The clang of RING3_CLANG: it has to do, whatever else there is. */
async function named(log: Log): Promise<Toolchain | undefined> {
  const name = process.env.RING3_CLANG;
  if (!name) return undefined;
  const clang = which(name);
  if (!clang) throw new BuildError(`RING3_CLANG names ${name}, which is not an executable`);
  const missing = await lacks(clang);
  if (missing) throw new BuildError(`RING3_CLANG names ${name}, which will not do: ${missing}`);
  return complete(clang, log);
}

/** The first clang on the PATH that knows the target and has its linker beside it; undefined if there is none. */
async function onPath(log: Log): Promise<Toolchain | undefined> {
  for (const name of ["clang", ...VERSIONS.map((version) => `clang-${version}`)]) {
    const clang = which(name);
    if (!clang || (await lacks(clang))) continue;
    return complete(clang, log);
  }
  return undefined;
}

/** Debian's packages, unpacked into `.build/toolchain`. */
async function fetched(log: Log): Promise<Toolchain> {
  if (!hasApt()) {
    throw new BuildError(
      "no clang that knows wasm32 and WALI: install clang, lld and llvm 21 or newer with compiler-rt for wasm32 " +
        "(Fedora: dnf install clang lld llvm compiler-rt; Arch: pacman -S clang lld llvm wasi-compiler-rt; " +
        "macOS: brew install llvm lld wasi-runtimes), or name one with RING3_CLANG",
    );
  }
  const apt = new Apt(log);
  const version = await firstAvailable(apt);
  const tools = packagesOf(version);
  const needed = (await apt.closure(tools)).filter(isSharedLibrary);
  const debs = await apt.packages([...new Set([...tools, ...needed])]);

  log(`unpacking LLVM ${version} into .build/toolchain`);
  const folder = built("toolchain");
  const fresh = `${folder}.new`;
  rmSync(fresh, { recursive: true, force: true });
  mkdirSync(fresh, { recursive: true });
  for (const deb of debs) await run("dpkg", ["-x", deb, fresh]);
  rmSync(folder, { recursive: true, force: true });
  renameSync(fresh, folder);

  const triplet = readdirSync(join(folder, "usr", "lib")).find((name) => /-linux-/.test(name));
  const libraries = triplet ? join(folder, "usr", "lib", triplet) : "";
  const clang = join(folder, "usr", "lib", `llvm-${version}`, "bin", "clang");
  const missing = await lacks(clang, libraries);
  if (missing) throw new BuildError(`the clang in Debian's package will not do: ${missing}`);
  return complete(clang, log, libraries);
}

async function firstAvailable(apt: Apt): Promise<number> {
  for (const version of VERSIONS) if (await apt.has(`clang-${version}`)) return version;
  throw new BuildError(
    `apt knows no clang of version ${VERSIONS.toSorted().join(", ")}: name one of your own with RING3_CLANG`,
  );
}

/** Of all that clang's package depends on, what its programs load: not headers, Objective-C or the C library itself. */
function isSharedLibrary(name: string): boolean {
  return /^lib.*\d/.test(name) && !/-dev$|^libc6|^libc-|^lib(gc1|objc4|clang1-)/.test(name);
}

/** Says in a few words why this clang will not do; undefined if it will. */
async function lacks(clang: string, libraries = ""): Promise<string | undefined> {
  const defines = await run(clang, [`--target=${TARGET}`, "-pthread", "-dM", "-E", "-x", "c", "-"], {
    env: loadPath(libraries),
    mayFail: true,
  });
  if (defines.status !== 0) return (defines.stderr.trim().split("\n")[0] ?? "") || "it does not run";
  if (!/^#define __wali__ 1$/m.test(defines.stdout))
    return `it does not know the target ${TARGET} (LLVM 21 and newer do)`;
  if (!tool(clang, "wasm-ld")) return "there is no wasm-ld beside it or on the PATH";
  return undefined;
}

/** A tool that belongs to a clang: beside it, beside what it is a link to, or on the PATH, with its version or without. */
function tool(clang: string, name: string): string | undefined {
  const real = realpathSync(clang);
  const version = /(\d+)$/.exec(real)?.[1] ?? /llvm-(\d+)/.exec(real)?.[1];
  const folders = [dirname(clang), dirname(real)];
  const names = version ? [`${name}-${version}`, name] : [name];
  return which(...folders.flatMap((folder) => names.map((n) => join(folder, n))), ...names);
}

async function complete(clang: string, log: Log, libraries = ""): Promise<Toolchain> {
  const found = Object.entries(PROGRAMS).map(([key, name]) => {
    const path = tool(clang, name);
    if (!path) throw new BuildError(`there is no ${name} beside ${clang} or on the PATH: install llvm`);
    return [key, path];
  });
  const tools = Object.fromEntries(found) as Pick<Toolchain, keyof typeof PROGRAMS>;
  return { clang, ...tools, libraries, builtins: await builtinsOf(clang, libraries, log) };
}

/** compiler-rt for wasm32 in clang's resource folder, or from Debian's package where there is only the package to get. */
async function builtinsOf(clang: string, libraries: string, log: Log): Promise<string> {
  const { stdout } = await run(clang, ["-print-resource-dir"], { env: loadPath(libraries) });
  const resources = stdout.trim();
  const inFolder = searchBuiltins(join(resources, "lib"));
  if (inFolder) return inFolder;
  const version = /(\d+)[^/]*$/.exec(resources)?.[1];
  const name = `libclang-rt-${version}-dev-wasm32`;
  if (hasApt()) {
    const apt = new Apt(log);
    if (await apt.has(name)) {
      const folder = built("compiler-rt");
      for (const deb of await apt.packages([name])) await run("dpkg", ["-x", deb, folder]);
      const unpacked = searchBuiltins(
        join(folder, "usr", "lib", `llvm-${version}`, "lib", "clang", `${version}`, "lib"),
      );
      if (unpacked) return unpacked;
    }
  }
  throw new BuildError(`${clang} has no compiler-rt for wasm32 in ${resources}/lib: install ${name} or its like`);
}

/** Distributions put the library where the older or the newer layout of LLVM's runtimes says. */
function searchBuiltins(lib: string): string | undefined {
  const folders = [
    "wasi",
    "wasip1",
    "wasm32-unknown-unknown",
    "wasm32-unknown-wasi",
    "wasm32-unknown-wasip1",
    "wasm32-wasi",
  ];
  const names = ["libclang_rt.builtins-wasm32.a", "libclang_rt.builtins.a"];
  return folders.flatMap((folder) => names.map((name) => join(lib, folder, name))).find((path) => existsSync(path));
}

function loadPath(libraries: string): Record<string, string> {
  if (!libraries) return {};
  return { LD_LIBRARY_PATH: [libraries, process.env.LD_LIBRARY_PATH].filter(Boolean).join(":") };
}
