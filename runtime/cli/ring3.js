#!/usr/bin/env node
// Starts the CLI under a Node that can run it: the one that runs this file, or the one that `npm install` put into the project.
// Plain JavaScript in the syntax of old Nodes, so that they get as far as the message.
import { fileURLToPath } from "node:url";
import { freshBundle } from "../host/node/bundle.js";

/** The first with JSPI (WebAssembly.Suspending) and TypeScript without flags, and the one ring3 is tested on. */
const NEEDED = 26;
/** The commands that boot a machine. */
const BOOT = ["run", "sh", "strace", "start"];

if (Number.parseInt(process.versions.node, 10) >= NEEDED) {
  const { Worker } = process.getBuiltinModule("node:worker_threads");
  const { createRequire, enableCompileCache } = process.getBuiltinModule("node:module");
  // Megabytes: with the 1 that V8 begins with, the garbage of loading is collected five times.
  process.getBuiltinModule("node:v8").setFlagsFromString("--min-semi-space-size=8");
  const bundle = freshBundle();
  // The kernel loads on its own thread while this one reads the command line.
  const folder = bundle ?? fileURLToPath(new URL("../host/node/", import.meta.url));
  const thread = BOOT.includes(process.argv[2]) ? new Worker(`${folder}thread.js`, { execArgv: [] }) : null;
  enableCompileCache();
  const { main } = bundle ? createRequire(bundle)("./cli.js") : await import("./main.ts");
  process.exit(await main(thread));
} else {
  const project = fileURLToPath(new URL("../..", import.meta.url));
  await runUnder(project, `${project}node_modules/.bin/node`);
}

async function runUnder(project, node) {
  const { existsSync } = await import("node:fs");
  if (!existsSync(node) || process.env.RING3_NODE === node) {
    console.error(`ring3: needs Node ${NEEDED} or newer, this is ${process.version}; run "npm install" in ${project}`);
    process.exit(125);
  }
  const args = process.argv.slice(1);
  const env = { ...process.env, RING3_NODE: node };
  if (process.execve) process.execve(node, [node, ...args], env);
  // Older Nodes cannot replace themselves: stay as a parent that passes signals on, but for those the terminal gives to both.
  const { spawn } = await import("node:child_process");
  const child = spawn(node, args, { stdio: "inherit", env });
  for (const signal of ["SIGHUP", "SIGTERM", "SIGUSR2"]) process.on(signal, () => child.kill(signal));
  for (const signal of ["SIGINT", "SIGQUIT"]) process.on(signal, () => {});
  child.on("error", (error) => {
    console.error(`ring3: cannot start ${node}: ${error.message}`);
    process.exit(125);
  });
  child.on("exit", (code, signal) => {
    if (signal === null) process.exit(code);
    process.removeAllListeners(signal);
    process.kill(process.pid, signal);
  });
}
