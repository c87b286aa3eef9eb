/** Keeps V8's code of the machine's scripts: of the functions that booting a machine and running programs in it calls. */
import { renameSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import type { Script } from "node:vm";
import { Machine } from "../api/machine.ts";
import type * as serve from "../host/node/serve.ts";
import { portPair } from "../worker/rpc.ts";
import { codeOf, MACHINE, THREAD } from "./build.ts";

/** What is run: preparing a program, and what a shell does. */
const PROGRAMS = [["hello"], ["sh", "-c", "echo $(true) | cat"]];

/** Writes the code, for the V8 that runs this and the flags that it runs under. */
export async function recordCode(): Promise<void> {
  const { scripts }: { scripts: Map<string, { script: Script; exports: unknown }> } = createRequire(THREAD)(THREAD);
  const machine = scripts.get(MACHINE)!.exports as typeof serve;
  const [ours, theirs] = portPair();
  // Bigger stacks are flags too.
  machine.serve(theirs, { ...machine.nodeMachineHost, sizeStacks: () => {} });
  const host = {
    connect: async () => ({ port: ours, hold: () => {}, terminate: async () => {} }),
    inherit: () => async () => {},
  };
  await using booted = await Machine.boot(host, {});
  for (const argv of PROGRAMS) {
    const process = await booted.spawn(argv, { stdin: "null" });
    await process.result();
  }
  for (const [name, { script }] of scripts) {
    const file = codeOf(name);
    writeFileSync(`${file}.new`, script.createCachedData());
    renameSync(`${file}.new`, file);
  }
}
