// What the loader's tests share: assembling modules, and running a module as it is and as the loader rewrites it.

import wabt from "wabt";
import { POLL_FLAG } from "../../kernel/hot/layout.ts";
import { type Prepared, type PrepareOptions, prepare } from "../../runtime/loader/index.ts";

const FEATURES = {
  exceptions: true,
  threads: true,
  simd: true,
  relaxed_simd: true,
  tail_call: true,
  bulk_memory: true,
  reference_types: true,
  multi_value: true,
  mutable_globals: true,
  sat_float_to_int: true,
  sign_extension: true,
  extended_const: true,
  memory64: true,
};

const assembler = await wabt();

/** Assembles the text format. */
export function assemble(wat: string, debugNames = false): Uint8Array<ArrayBuffer> {
  const module = assembler.parseWat("test.wat", wat, FEATURES);
  try {
    return new Uint8Array(module.toBinary({ write_debug_names: debugNames }).buffer);
  } finally {
    module.destroy();
  }
}

/** What a guest did as far as one can see: what it logged, how it ended, its memory. */
export interface Outcome {
  readonly log: (number | bigint)[];
  readonly trap: string | undefined;
  readonly memory: string;
}

/** Imports `host.i32`, `host.i64`, `host.f32`, `host.f64` that log what they get, and `host.fail` that throws. */
export function loggers(log: (number | bigint)[]): WebAssembly.ModuleImports {
  const push = (value: number | bigint) => void log.push(value);
  return {
    i32: push,
    i64: push,
    f32: push,
    f64: push,
    fail: () => {
      throw new Error("host.fail");
    },
  };
}

/** Runs `_start` of a module as it is; its memory has to be exported as `memory`. */
export async function runOriginal(bytes: Uint8Array<ArrayBuffer>): Promise<Outcome> {
  const log: (number | bigint)[] = [];
  let exports: WebAssembly.Exports = {};
  const trap = await trapOf(async () => {
    const { instance } = await WebAssembly.instantiate(bytes, { host: loggers(log) });
    exports = instance.exports;
    (exports._start as () => void)();
  });
  const memory = exports.memory as WebAssembly.Memory | undefined;
  return { log, trap, memory: memory ? snapshot(memory) : "" };
}

/** Memory as a string, quick to compare, without the zeros at its end: sizes differ where a module grew it. */
export function snapshot(memory: WebAssembly.Memory): string {
  const bytes = new Uint8Array(memory.buffer);
  let end = bytes.length;
  while (end > 0 && bytes[end - 1] === 0) end--;
  return Buffer.from(bytes.slice(0, end)).toString("latin1");
}

async function trapOf(run: () => Promise<void>): Promise<string | undefined> {
  try {
    await run();
    return undefined;
  } catch (error) {
    return (error as Error).message;
  }
}

/** An instance of a rewritten module with a host that does what the kernel would. */
export interface Guest {
  readonly instance: WebAssembly.Instance;
  readonly memory: WebAssembly.Memory;
  readonly kernel: WebAssembly.Memory;
  readonly log: (number | bigint)[];
  /** Calls of the kernel's functions: name and arguments. */
  readonly calls: [name: string, ...args: (number | bigint)[]][];
  call(name: string, ...args: (number | bigint)[]): unknown;
}

/** Instantiates a prepared module; `imports` stand in front of the usual ones. */
export async function instantiate(
  prepared: Prepared,
  imports: WebAssembly.Imports = {},
  memory = new WebAssembly.Memory({ initial: prepared.info.memory.min, maximum: 65536, shared: true }),
): Promise<Guest> {
  const log: Guest["log"] = [];
  const calls: Guest["calls"] = [];
  const kernel = new WebAssembly.Memory({ initial: 1, maximum: 1, shared: true });
  const record =
    (name: string, result: (...args: number[]) => number) =>
    (...args: number[]) => {
      calls.push([name, ...args]);
      return result(...args);
    };
  const ring3 = {
    memory,
    kernel,
    poll: record("poll", () => 0),
    memory_size: record("memory_size", () => memory.buffer.byteLength / 65536),
    memory_grow: record("memory_grow", (delta) => {
      try {
        return memory.grow(delta >>> 0);
      } catch {
        return -1;
      }
    }),
    atomic_wait32: record("atomic_wait32", () => 2),
    atomic_wait64: record("atomic_wait64", () => 2),
    atomic_notify: record("atomic_notify", () => 0),
    unwound: record("unwound", () => 0),
  };
  const instance = await WebAssembly.instantiate(prepared.module, {
    ...imports,
    ring3: { ...ring3, ...imports.ring3 },
    host: { ...loggers(log), ...imports.host },
  });
  const call = (name: string, ...args: (number | bigint)[]) =>
    (instance.exports[name] as (...args: (number | bigint)[]) => unknown)(...args);
  return { instance, memory, kernel, log, calls, call };
}

/** Sets the flag that makes each poll call the kernel. */
export function raiseFlag(guest: Guest, value = 1): void {
  new Int32Array(guest.kernel.buffer)[POLL_FLAG >> 2] = value;
}

/** Prepares a module, runs `ring3:init` and `_start`; `raised`: all its polls call. */
export async function runPrepared(
  bytes: Uint8Array,
  options: PrepareOptions = {},
  raised = false,
): Promise<Outcome & { guest: Guest; prepared: Prepared }> {
  const prepared = await prepare(bytes, options);
  const guest = await instantiate(prepared);
  if (raised) raiseFlag(guest);
  const trap = await trapOf(async () => {
    guest.call("ring3:init");
    guest.call("_start");
  });
  return { log: guest.log, trap, memory: snapshot(guest.memory), guest, prepared };
}
