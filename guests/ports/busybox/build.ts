/** busybox: the shell and the commands of the root image. */

import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { guest } from "../../paths.ts";
import { run } from "../../run.ts";
import type { Log } from "../../toolchain/apt.ts";
import { install, make, type Target, tool, unpackPort } from "../port.ts";

/** The kernel makefile's variables that name tools. */
const TOOLS = {
  ring3: [`CC=${tool("cc")}`, `LD=${tool("ld")}`, `AR=${tool("ar")}`, `NM=${tool("nm")}`, `STRIP=${tool("strip")}`],
  native: ["CC=cc"],
};

/** Builds busybox into the target's programs, with `busybox.links`: the path of each applet, one a line. */
export async function buildBusybox(target: Target, log: Log): Promise<void> {
  const tree = await unpackPort("busybox", "busybox", target, log);
  const env = { KCONFIG_NOTIMESTAMP: "1" };
  log(target === "ring3" ? "compiling" : "compiling for the host");
  await make(tree, ["defconfig"], { env });
  configure(join(tree, ".config"), guest("ports", "busybox", "config"));
  await run("make", ["--silent", "oldconfig"], { cwd: tree, env, input: "\n".repeat(1000) });
  const quiet = ["CONFIG_EXTRA_CFLAGS=-w", "SKIP_STRIP=y", "HOSTCC=cc"];
  await make(tree, [...TOOLS[target], ...quiet, "busybox", "busybox.links"], { env });
  install(join(tree, "busybox"), target);
  install(join(tree, "busybox.links"), target);
}

/** Sets the options of our own configuration in busybox's. Lines are `NAME=value`, `n` for off; # starts a comment. */
function configure(path: string, ours: string): void {
  const lines = readFileSync(ours, "utf8").split("\n");
  const options = lines.map((line) => line.replace(/#.*/, "").trim()).filter(Boolean);
  let text = readFileSync(path, "utf8");
  for (const option of options) {
    const [name, value] = option.split("=");
    const line = value === "n" ? `# CONFIG_${name} is not set` : `CONFIG_${name}=${value}`;
    text = text.replace(new RegExp(`^(# CONFIG_${name} is not set|CONFIG_${name}=.*)$`, "m"), line);
  }
  writeFileSync(path, text);
}
