/** Lua: the interpreter and its compiler. */

import { readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { run } from "../../run.ts";
import type { Log } from "../../toolchain/apt.ts";
import { compiler, install, type Target, unpackPort } from "../port.ts";

/** Upstream's own options for Linux (src/Makefile), less readline. */
const OPTIONS = ["-std=gnu99", "-O2", "-w", "-DLUA_COMPAT_5_3", "-DLUA_USE_LINUX"];

/** Program -> the file with its `main`. */
const PROGRAMS = { lua: "lua.c", luac: "luac.c" };

/** Builds lua and luac into the target's programs. Debian's own makefile needs libtool; there is nothing to it. */
export async function buildLua(target: Target, log: Log): Promise<void> {
  const tree = await unpackPort("lua5.4", "lua", target, log);
  const sources = join(tree, "src");
  const mains: string[] = Object.values(PROGRAMS);
  const library = readdirSync(sources).filter((name) => name.endsWith(".c") && !mains.includes(name));
  // Debian's rules generate it, for the folder of modules in machine code. There are none.
  writeFileSync(join(sources, "lua5.4-deb-multiarch.h"), '#define DEB_HOST_MULTIARCH "wasm32-linux-musl"\n');
  log(target === "ring3" ? "compiling" : "compiling for the host");
  for (const [program, main] of Object.entries(PROGRAMS)) {
    const args = [...OPTIONS, "-o", program, main, ...library, "-Wl,-E", "-lm", "-ldl"];
    await run(compiler(target), args, { cwd: sources });
    install(join(sources, program), target);
  }
}
