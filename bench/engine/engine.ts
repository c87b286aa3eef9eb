/** Calls of the raw engine, for comparison: a WebAssembly loop around an import, run as a task's code is, on a JSPI stack. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Worker } from "node:worker_threads";
import wabt from "wabt";
import type { Timed } from "../measure.ts";

const FEATURES = { threads: true };

async function compile(name: string): Promise<WebAssembly.Module> {
  const file = `${name}.wat`;
  const module = (await wabt()).parseWat(file, readFileSync(join(import.meta.dirname, file), "utf8"), FEATURES);
  try {
    return new WebAssembly.Module(new Uint8Array(module.toBinary({}).buffer));
  } finally {
    module.destroy();
  }
}

/** Times a loop of calls of `call`, whose result is an i64 or, for `caller-i32`, an i32. */
async function loop(
  call: WebAssembly.ImportValue | WebAssembly.Suspending,
  caller: "caller" | "caller-i32" = "caller",
): Promise<Timed> {
  const { exports } = new WebAssembly.Instance(await compile(caller), {
    callee: { call: call as WebAssembly.ImportValue },
  });
  const run = WebAssembly.promising(exports.run as (count: number) => void);
  return async (count) => {
    const from = performance.now();
    await run(count);
    return (performance.now() - from) * 1e6;
  };
}

/** A bare call of another instance's function. */
export async function bareCall(): Promise<Timed> {
  const { exports } = new WebAssembly.Instance(await compile("callee"));
  return loop(exports.call);
}

/** The entry of a hot call with nothing behind it. */
export async function entryCall(): Promise<Timed> {
  const memory = new WebAssembly.Memory({ initial: 1, maximum: 1, shared: true });
  const { exports } = new WebAssembly.Instance(await compile("entry"), { kernel: { memory } });
  return loop(exports.call);
}

/** A JavaScript function. The closure's variable keeps V8 from making a constant of it. */
export function jsImport(): Promise<Timed> {
  let calls = 0;
  return loop(() => ++calls | 0, "caller-i32");
}

/** A JavaScript function with an i64 result. */
export function bigintImport(): Promise<Timed> {
  let calls = 0;
  return loop(() => BigInt(++calls));
}

/** A JavaScript function that could suspend the stack, and does not. */
export function suspendingImport(): Promise<Timed> {
  let calls = 0;
  return loop(new WebAssembly.Suspending(() => ++calls | 0), "caller-i32");
}

/** Where the two threads of a call meet: whose turn it is (1: the server's), and whether the server is to spin before it sleeps. */
const TURN = 0;
/** How often a side looks before it sleeps, where it spins. */
const SPINS = 10_000;

/** The other thread; `turn` is shared. Text, because it runs in a worker of its own. */
const SERVER = `
  const { turn, spins } = require("node:worker_threads").workerData;
  for (;;) {
    for (let i = 0; i < spins && Atomics.load(turn, 0) === 0; i++);
    while (Atomics.load(turn, 0) === 0) Atomics.wait(turn, 0, 0);
    if (Atomics.load(turn, 0) === 2) break;
    Atomics.store(turn, 0, 0);
    Atomics.notify(turn, 0);
  }
`;

/** A call that another thread serves while this one waits; with \`spin\` both look for a while before they sleep. */
export function threadCall(spin: boolean): { timed: Timed; end: () => Promise<void> } {
  const turn = new Int32Array(new SharedArrayBuffer(4));
  const spins = spin ? SPINS : 0;
  const worker = new Worker(SERVER, { eval: true, workerData: { turn, spins } });
  const online = new Promise<void>((resolve) => worker.once("online", resolve));
  const give = (to: number) => {
    Atomics.store(turn, TURN, to);
    Atomics.notify(turn, TURN);
  };
  const call = () => {
    give(1);
    for (let i = 0; i < spins && Atomics.load(turn, TURN) === 1; i++);
    while (Atomics.load(turn, TURN) === 1) Atomics.wait(turn, TURN, 1);
  };
  return {
    timed: async (count) => {
      await online;
      const from = performance.now();
      for (let i = 0; i < count; i++) call();
      return (performance.now() - from) * 1e6;
    },
    end: async () => {
      give(2);
      await worker.terminate();
    },
  };
}
