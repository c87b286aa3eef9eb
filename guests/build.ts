/**
 * Builds everything that a machine needs, the kernel's hot half and what runs in ring 3: `node guests/build.ts [--quiet]`.
 * `node guests/build.ts c++` builds what not everybody needs: the C++ library; `rust` a Rust compiler.
 *
 * The steps are the table below. Each is done once, and again when what it is made from changes; a second run has
 * nothing to do and takes a moment. It is safe to interrupt, and to run twice at once.
 */

import { join } from "node:path";
import { buildHot, HOT, inputsHash } from "../kernel/hot/build.ts";
import { adapterHash, buildAdapter, WASI_ADAPTER } from "../runtime/abi/wasi/build.ts";
import { BUNDLE_SOURCES, buildBundle, codeOf, MACHINE } from "../runtime/bundle/build.ts";
import { recordCode } from "../runtime/bundle/record.ts";
import { freshBundle } from "../runtime/host/node/bundle.js";
import { ABI, abiTexts, assemblyScriptInputs } from "./assemblyscript/generate.ts";
import { buildCxx, CXX_LIBRARY } from "./cxx/build.ts";
import { buildExamples, EXAMPLES } from "./examples/build.ts";
import { buildLibc, generatedTexts, muslSource, SYSROOT } from "./libc/build.ts";
import { linuxHeaders } from "./libc/linux.ts";
import { guest } from "./paths.ts";
import { buildBusybox } from "./ports/busybox/build.ts";
import { buildLua } from "./ports/lua/build.ts";
import { programs, type Target } from "./ports/port.ts";
import { buildSqlite } from "./ports/sqlite/build.ts";
import { buildRoot, ROOT_INDEX, ROOT_TREE } from "./root/build.ts";
import { loaderVersion, PREPARED, prepareRoot } from "./root/prepare.ts";
import { BuildError } from "./run.ts";
import { buildRust, RUSTC, WORDS } from "./rust/build.ts";
import { runSteps, type Step } from "./steps.ts";
import type { Log } from "./toolchain/apt.ts";
import { buildToolchain, readToolchain, TOOLCHAIN_ENV } from "./toolchain/toolchain.ts";

/** What C programs are compiled with. ring3-c++ is not among them: a change there rebuilds nothing. */
const TOOLS = [
  "environment.sh",
  "ring3-ar",
  "ring3-cc",
  "ring3-ld",
  "ring3-nm",
  "ring3-objdump",
  "ring3-ranlib",
  "ring3-strip",
].map((name) => guest("bin", name));

interface Port {
  folder: string;
  programs: string[];
  build: (target: Target, log: Log) => Promise<void>;
}

const PORTS: readonly Port[] = [
  { folder: "busybox", programs: ["busybox", "busybox.links"], build: buildBusybox },
  { folder: "lua", programs: ["lua", "luac"], build: buildLua },
  { folder: "sqlite", programs: ["sqlite3"], build: buildSqlite },
];

function portStep({ folder, programs: names, build }: Port, target: Target): Step {
  return {
    name: target === "ring3" ? folder : `native-${folder}`,
    inputs: [guest("ports", folder), guest("ports", "port.ts"), ...(target === "ring3" ? TOOLS : [])],
    uses: target === "ring3" ? ["libc"] : [],
    outputs: names.map((name) => join(programs(target), name)),
    run: (log) => build(target, log),
  };
}

const STEPS: readonly Step[] = [
  {
    name: "kernel",
    inputs: [],
    texts: () => [inputsHash()],
    outputs: [HOT],
    run: async (log) => {
      log("compiling the hot half");
      await buildHot();
    },
  },
  {
    name: "wasi",
    inputs: [],
    texts: () => [adapterHash()],
    uses: ["kernel"],
    outputs: [WASI_ADAPTER],
    run: async (log) => {
      log("compiling the WASI adapter");
      await buildAdapter();
    },
  },
  {
    name: "bundle",
    inputs: [],
    outputs: [BUNDLE_SOURCES],
    isFresh: () => freshBundle() !== null,
    run: async (log) => {
      log("bundling the CLI and the machine's thread");
      await buildBundle();
    },
  },
  {
    name: "toolchain",
    inputs: [guest("toolchain", "toolchain.ts")],
    texts: () => [process.env.RING3_CLANG ?? ""],
    outputs: [TOOLCHAIN_ENV],
    run: async (log) => void (await buildToolchain(log)),
  },
  {
    name: "libc",
    inputs: [guest("libc")],
    texts: () => [process.env.RING3_MUSL ?? "", ...generatedTexts()],
    uses: ["toolchain"],
    outputs: [`${SYSROOT}/lib/libc.a`],
    run: async (log) => buildLibc(readToolchain(), await muslSource(log), await linuxHeaders(log), log),
  },
  ...PORTS.map((port) => portStep(port, "ring3")),
  {
    name: "examples",
    inputs: [guest("examples"), guest("wat"), ...assemblyScriptInputs(), ...TOOLS],
    texts: () => Object.values(abiTexts()),
    uses: ["libc"],
    outputs: [EXAMPLES, ABI],
    run: buildExamples,
  },
  {
    name: "root",
    inputs: [guest("root"), guest("llvm"), guest("bin")],
    uses: ["libc", "examples", ...PORTS.map((port) => port.folder)],
    outputs: [ROOT_TREE, ROOT_INDEX],
    run: async () => buildRoot(),
  },
  {
    name: "prepared",
    inputs: [guest("root", "prepare.ts")],
    texts: () => [loaderVersion()],
    uses: ["root"],
    outputs: [PREPARED],
    run: prepareRoot,
  },
  {
    name: "code",
    inputs: [],
    texts: () => [process.version],
    uses: ["kernel", "bundle", "root"],
    outputs: [codeOf(MACHINE)],
    run: recordCode,
  },
];

/** What only tests ask for: the ports, compiled by the host's compiler for the host. */
const NATIVE_STEPS: readonly Step[] = PORTS.map((port) => portStep(port, "native"));

/** What is built when it is first asked for, by name. */
const OPTIONAL_STEPS: readonly Step[] = [
  { name: "c++", inputs: [guest("cxx"), ...TOOLS], uses: ["libc"], outputs: [CXX_LIBRARY], run: buildCxx },
  {
    name: "rust",
    inputs: [guest("rust"), guest("bin", "ring3-rustc")],
    uses: ["toolchain"],
    outputs: [RUSTC, WORDS],
    run: buildRust,
  },
];

/** A step with all those that it uses, in the order of the table. */
function withUsed(name: string): Step[] {
  const all = [...STEPS, ...OPTIONAL_STEPS];
  const wanted = new Set([name]);
  for (const step of all.toReversed()) if (wanted.has(step.name)) for (const used of step.uses ?? []) wanted.add(used);
  return all.filter((step) => wanted.has(step.name));
}

/**
 * Builds something optional: "c++", the library for `ring3-c++` (`.build/cxx`); "rust", a compiler and an example (`.build/rust`).
 * @throws {BuildError} with a message for the person at the terminal.
 */
export async function ensureOptional(name: string, options: { log: Log }): Promise<void> {
  const names = OPTIONAL_STEPS.map((step) => step.name);
  if (!names.includes(name)) throw new BuildError(`there is no "${name}" to build, but: ${names.join(", ")}`);
  await runSteps(withUsed(name), options.log);
}

/**
 * Builds what is not built yet. Quick where nothing is to do.
 * @param options.log gets one line for each thing that takes time.
 * @throws {BuildError} with a message for the person at the terminal.
 */
export async function ensureGuests(options: { log: Log }): Promise<void> {
  await runSteps(STEPS, options.log);
}

/**
 * Builds the ports for the host as well: `.build/native/{busybox,lua,luac,sqlite3}`, the oracle of tests.
 * @throws {BuildError} with a message for the person at the terminal.
 */
export async function ensureNative(options: { log: Log }): Promise<void> {
  await runSteps(NATIVE_STEPS, options.log);
}

if (import.meta.main) {
  const args = process.argv.slice(2);
  const log = args.includes("--quiet") ? () => {} : (line: string) => console.error(line);
  const names = args.filter((arg) => !arg.startsWith("--"));
  try {
    if (names.length === 0) await ensureGuests({ log });
    for (const name of names) await ensureOptional(name, { log });
  } catch (error) {
    console.error(`ring3: ${error instanceof BuildError ? error.message : (error as Error).stack}`);
    process.exitCode = 1;
  }
}
