/**
 * Linux's own headers (`<linux/fb.h>` and the like), which programs include beside the C library's: from Debian's
 * package linux-libc-dev, or from the machine's /usr/include. They are the same for all architectures but for
 * `<asm/...>`, where the generic ones are right for us with the exceptions in the folder asm/.
 */

import { cpSync, existsSync, mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { built, guest } from "../paths.ts";
import { BuildError, run } from "../run.ts";
import { Apt, hasApt, type Log } from "../toolchain/apt.ts";

/** The folders of headers that say the same on all architectures. */
const FOLDERS = ["linux", "asm-generic", "mtd", "sound", "video"];

/** Finds Linux's headers, or fetches them into `.build/linux`. Returns the folder that has `linux/` in it. */
export async function linuxHeaders(log: Log): Promise<string> {
  if (hasApt()) {
    const folder = built("linux");
    for (const deb of await new Apt(log).packages(["linux-libc-dev"])) await run("dpkg", ["-x", deb, folder]);
    return join(folder, "usr", "include");
  }
  if (!existsSync("/usr/include/linux/types.h")) {
    throw new BuildError(
      "no Linux headers in /usr/include: install them (Fedora: kernel-headers; Arch: linux-api-headers)",
    );
  }
  return "/usr/include";
}

/** Copies Linux's headers from `source` into an include folder of ours. */
export function installLinuxHeaders(source: string, include: string): void {
  for (const folder of FOLDERS.filter((name) => existsSync(join(source, name)))) {
    cpSync(join(source, folder), join(include, folder), { recursive: true, dereference: true });
  }
  const asm = join(include, "asm");
  mkdirSync(asm, { recursive: true });
  for (const name of readdirSync(join(include, "asm-generic")).filter((file) => file.endsWith(".h"))) {
    writeFileSync(join(asm, name), `#include <asm-generic/${name}>\n`);
  }
  cpSync(guest("libc", "asm"), asm, { recursive: true });
}
