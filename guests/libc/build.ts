/**
 * The C library: musl, ported to `wasm32-linux-muslwali`.
 *
 * musl's pristine source, the overlay in `musl/` (the architecture, and files that replace musl's own) and the few
 * patches in `patches/` are put together in `.build/libc/tree`; what is compiled from it becomes `.build/sysroot`.
 * musl's own convention holds: `src/x/wasm32/f.c` replaces `src/x/f.c`.
 */

import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { availableParallelism } from "node:os";
import { dirname, join } from "node:path";
import { built, guest } from "../paths.ts";
import { BuildError, parallel, type RunOptions, run } from "../run.ts";
import { Apt, hasApt, type Log } from "../toolchain/apt.ts";
import { applyFolder, unpackSource } from "../toolchain/sources.ts";
import { TARGET, type Toolchain } from "../toolchain/toolchain.ts";
import { installLinuxHeaders } from "./linux.ts";
import { importsHeader, longsHeader, numberedSource, numbersHeader } from "./syscalls.ts";

/** Where programs find headers and libraries. */
export const SYSROOT = built("sysroot");

const ARCH = "wasm32";

/** Libraries that are part of libc.a, and that makefiles ask for by name all the same. */
const EMPTY_LIBRARIES = ["m", "rt", "pthread", "crypt", "util", "xnet", "resolv", "dl"];

/** musl's own choice of what is worth more than small code (its configure's default), and the mathematics. */
const FAST = /^src\/(internal|malloc|string|math)\//;

/** What the C library is built from besides musl's source: the texts that its stamp has to cover. */
export function generatedTexts(): string[] {
  return [numbersHeader(), importsHeader()];
}

/** Fetches musl's source into `.build/musl`, or takes the tree that RING3_MUSL names. */
export async function muslSource(log: Log): Promise<string> {
  const given = process.env.RING3_MUSL;
  if (given) {
    if (!existsSync(join(given, "src", "internal", "libc.h"))) {
      throw new BuildError(`RING3_MUSL names ${given}, which is not musl's source tree`);
    }
    return given;
  }
  if (!hasApt()) throw new BuildError("no musl: unpack its source (1.2.3) and name the folder with RING3_MUSL");
  const folder = built("musl");
  await unpackSource(await new Apt(log).source("musl"), folder);
  return folder;
}

/**
 * Builds `.build/sysroot`.
 * @param musl musl's source tree (`muslSource`).
 * @param linux the folder with Linux's headers (`linuxHeaders`).
 */
export async function buildLibc(toolchain: Toolchain, musl: string, linux: string, log: Log): Promise<void> {
  const work = built("libc");
  const tree = join(work, "tree");
  rmSync(work, { recursive: true, force: true });
  for (const part of ["arch", "include", "src", "crt", "compat", "COPYRIGHT", "VERSION"]) {
    cpSync(join(musl, part), join(tree, part), { recursive: true });
  }
  cpSync(guest("libc", "musl"), tree, { recursive: true });
  await applyFolder(guest("libc", "patches"), tree);
  generate(tree);

  const fresh = `${SYSROOT}.new`;
  rmSync(fresh, { recursive: true, force: true });
  installHeaders(tree, join(fresh, "include"));
  installLinuxHeaders(linux, join(fresh, "include"));
  mkdirSync(join(fresh, "lib"), { recursive: true });

  const compile = (source: string, object: string) =>
    run(toolchain.clang, [...flags(tree, source), "-c", "-o", object, source], environment(toolchain)).then(() => {});
  await compile(guest("libc", "layout.c"), "/dev/null");

  const sources = librarySources(tree);
  log(`compiling the C library (${sources.length} files)`);
  const objects = join(work, "obj");
  mkdirSync(objects, { recursive: true });
  const objectOf = (source: string) => join(objects, source.replaceAll("/", "-").replace(/\.c$/, ".o"));
  await parallel(
    availableParallelism(),
    sources.map((source) => () => compile(source, objectOf(source))),
  );
  await compile("crt/crt1.c", join(fresh, "lib", "crt1.o"));

  const archive = (name: string, members: string[]) =>
    run(toolchain.ar, ["rcs", join(fresh, "lib", `lib${name}.a`), ...members], environment(toolchain));
  await archive("c", sources.map(objectOf));
  for (const name of EMPTY_LIBRARIES) await archive(name, []);
  await resourceFolder(toolchain, join(fresh, "clang"));
  rmSync(SYSROOT, { recursive: true, force: true });
  renameSync(fresh, SYSROOT);

  function environment(tools: Toolchain): RunOptions {
    return { cwd: tree, env: tools.libraries ? { LD_LIBRARY_PATH: tools.libraries } : {} };
  }
}

/** Writes the files that musl's makefile would generate, and those made from the table of system calls. */
function generate(tree: string): void {
  const put = (path: string, text: string) => {
    mkdirSync(dirname(join(tree, path)), { recursive: true });
    writeFileSync(join(tree, path), text);
  };
  const get = (path: string) => readFileSync(join(tree, path), "utf8");
  put("include/bits/alltypes.h", allTypes(get(`arch/${ARCH}/bits/alltypes.h.in`) + get("include/alltypes.h.in")));
  put("include/bits/syscall.h", numbersHeader());
  put("src/internal/version.h", `#define VERSION "${get("VERSION").trim()}"\n`);
  put("src/internal/syscall_imports.h", importsHeader());
  put("src/internal/syscall_longs.h", longsHeader());
  put("src/misc/syscall_numbers.c", numberedSource());
}

/** musl's notation for types that several headers define: each is guarded by the macros that ask for it. */
function allTypes(text: string): string {
  const guarded = (tag: string, name: string, definition: string) =>
    `#if defined(__NEED_${tag}${name}) && !defined(__DEFINED_${tag}${name})\n${definition}\n#define __DEFINED_${tag}${name}\n#endif\n`;
  return text
    .replace(/^TYPEDEF (.*) ([^ ]*);$/gm, (_, type, name) => guarded("", name, `typedef ${type} ${name};`))
    .replace(/^STRUCT +([^ ]*) (.*);$/gm, (_, name, body) => guarded("struct_", name, `struct ${name} ${body};`))
    .replace(/^UNION +([^ ]*) (.*);$/gm, (_, name, body) => guarded("union_", name, `union ${name} ${body};`));
}

function installHeaders(tree: string, include: string): void {
  cpSync(join(tree, "include"), include, { recursive: true, filter: (path) => !path.endsWith(".in") });
  for (const arch of ["generic", ARCH]) {
    const bits = join(tree, "arch", arch, "bits");
    for (const name of readdirSync(bits).filter((file) => file.endsWith(".h"))) {
      cpSync(join(bits, name), join(include, "bits", name));
    }
  }
}

/** The sources of libc.a, relative to the tree, with the architecture's in place of the ones they replace. */
function librarySources(tree: string): string[] {
  const folders = [...readdirSync(join(tree, "src")).map((name) => `src/${name}`), "src/malloc/mallocng"];
  const found = new Map<string, string>();
  for (const folder of folders) {
    for (const variant of [folder, `${folder}/${ARCH}`]) {
      if (!existsSync(join(tree, variant))) continue;
      for (const name of readdirSync(join(tree, variant)).filter((file) => file.endsWith(".c"))) {
        found.set(`${folder}/${name}`, `${variant}/${name}`);
      }
    }
  }
  return [...found.values()].sort();
}

/** As in ring3-cc. */
const SETJMP_FLAGS = ["-fwasm-exceptions", "-mllvm", "-wasm-enable-sjlj", "-mllvm", "-wasm-use-legacy-eh=true"];

/** The compiler's options for one source file: musl's own, and the target's. */
function flags(tree: string, source: string): string[] {
  const folders = [`arch/${ARCH}`, "arch/generic", "src/include", "src/internal", "include"];
  return [
    `--target=${TARGET}`,
    "-pthread",
    "-std=c99",
    "-ffreestanding",
    "-nostdinc",
    "-D_XOPEN_SOURCE=700",
    ...folders.map((folder) => `-I${folder}`),
    FAST.test(source) ? "-O2" : "-Os",
    "-w",
    `-ffile-prefix-map=${tree}=musl`,
    // The functions that the lowering calls must not be lowered themselves, but throw.
    ...(source.endsWith("wasm32/setjmp.c") ? ["-mexception-handling"] : []),
    // The one file of the library that calls setjmp itself.
    ...(source.endsWith("time/timer_create.c") ? SETJMP_FLAGS : []),
  ];
}

/** A folder for -resource-dir: clang's own headers, and compiler-rt where clang looks for it by the target's name. */
async function resourceFolder(toolchain: Toolchain, folder: string): Promise<void> {
  const { stdout } = await run(toolchain.clang, ["-print-resource-dir"], {
    env: toolchain.libraries ? { LD_LIBRARY_PATH: toolchain.libraries } : {},
  });
  const library = join(folder, "lib", "wasm32-unknown-linux-muslwali");
  mkdirSync(library, { recursive: true });
  symlinkSync(join(stdout.trim(), "include"), join(folder, "include"));
  cpSync(toolchain.builtins, join(library, "libclang_rt.builtins.a"));
}
