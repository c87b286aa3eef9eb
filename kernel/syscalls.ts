/** From a number and a trap frame to a handler: the cold half's dispatcher. */
import type { WasmType } from "./abi/argtypes.ts";
import { ARG_TYPES } from "./abi/argtypes.ts";
import { EIO, ENOSYS } from "./abi/errno.ts";
import { INTERNAL_CALLS } from "./abi/internal.ts";
import { SYSCALLS } from "./abi/syscalls.ts";
import { SysError } from "./errors.ts";
import { fsCalls } from "./fs/calls.ts";
import { TASK_ARGS } from "./hot/layout.ts";
import type { Handler, Handlers, Kernel } from "./kernel.ts";
import { miscCalls } from "./misc.ts";
import { mmCalls } from "./mm/calls.ts";
import { signalCalls } from "./signal/calls.ts";
import { taskCalls } from "./task/calls.ts";
import { credentialCalls } from "./task/credentials.ts";
import { execCalls } from "./task/exec.ts";
import type { Task } from "./task/task.ts";
import { usageCalls } from "./task/usage.ts";
import { waitCalls } from "./task/wait.ts";
import { timeCalls } from "./time/calls.ts";

const families: readonly Handlers[] = [
  fsCalls,
  mmCalls,
  signalCalls,
  taskCalls,
  credentialCalls,
  execCalls,
  usageCalls,
  waitCalls,
  timeCalls,
  miscCalls,
];

/** Every handler by name; a name in two families is a mistake. */
export const HANDLERS: Handlers = (() => {
  const all: Record<string, Handler> = {};
  for (const family of families) {
    for (const [name, handler] of Object.entries(family)) {
      if (!handler) continue;
      if (all[name]) throw new Error(`two handlers for ${name}`);
      all[name] = handler;
    }
  }
  return all;
})();

interface Entry {
  readonly name: string;
  readonly handler: Handler;
  /** Arguments that it has. */
  readonly count: number;
  /** Bit i: argument i is signed; has 64 bits. */
  readonly signed: number;
  readonly wide: number;
}

function entry(name: string, args: readonly { wasm: WasmType; signed: boolean }[]): Entry | undefined {
  const handler = HANDLERS[name];
  const bits = (is: (arg: (typeof args)[number]) => boolean) =>
    args.reduce((mask, arg, i) => (is(arg) ? mask | (1 << i) : mask), 0);
  return (
    handler && {
      name,
      handler,
      count: args.length,
      signed: bits(({ signed }) => signed),
      wide: bits(({ wasm }) => wasm === "i64"),
    }
  );
}

/** Internal calls whose arguments are signed. */
const SIGNED: readonly string[] = ["__proc_exit", "env_len", "env_copy", "unknown_import"];

function buildTable(): (Entry | undefined)[] {
  const table: (Entry | undefined)[] = [];
  for (const { nr, name, args } of SYSCALLS) {
    table[nr] = entry(
      name,
      args.map(({ type }) => ARG_TYPES[type]),
    );
  }
  for (const { nr, name, as = name, params } of INTERNAL_CALLS) {
    table[nr] = entry(
      as,
      params.map((wasm) => ({ wasm, signed: SIGNED.includes(as) })),
    );
  }
  return table;
}

const TABLE = buildTable();

/** Serves the call of a number whose arguments are in a task's trap frame; never throws. The result, -errno, or RESULT_*. */
export type Dispatch = (task: Task, nr: number) => number;

/** In place of a count of arguments: more than three, or wide ones. */
const MANY = 4;

/**
 * The dispatcher of a kernel. With up to three arguments of 32 bits it reads no more than these: what every call passes through
 * is small enough for V8 to inline handlers into it (`ring3 bench cold-null`).
 */
export function dispatcher(kernel: Kernel): Dispatch {
  const { i32, u32 } = kernel.kmem;
  const narrow = (signed: number, at: number): number => (signed & 1 ? i32[at] : u32[at]);
  const any = ({ count, signed, wide }: Entry, at: number, i: number): number => {
    if (i >= count) return 0;
    const word = at + 2 * i;
    return wide & (1 << i) ? i32[word + 1] * 0x100000000 + u32[word] : narrow(signed >> i, word);
  };
  const many = (entry: Entry, t: Task, at: number): number =>
    entry.handler(
      t,
      any(entry, at, 0),
      any(entry, at, 1),
      any(entry, at, 2),
      any(entry, at, 3),
      any(entry, at, 4),
      any(entry, at, 5),
    );
  const unserved = (nr: number): number => {
    const name = SYSCALLS.find((call) => call.nr === nr)?.name ?? "unknown";
    kernel.log.printOnce(`call ${nr} (${name}) is not served: ENOSYS`);
    return -ENOSYS;
  };
  return (t, nr) => {
    const entry = TABLE[nr];
    if (!entry) return unserved(nr);
    const { handler, count, signed, wide } = entry;
    const at = (t.ptr + TASK_ARGS) >> 2;
    try {
      switch (wide ? MANY : count) {
        case 0:
          return handler(t, 0, 0, 0, 0, 0, 0);
        case 1:
          return handler(t, narrow(signed, at), 0, 0, 0, 0, 0);
        case 2:
          return handler(t, narrow(signed, at), narrow(signed >> 1, at + 2), 0, 0, 0, 0);
        case 3:
          return handler(t, narrow(signed, at), narrow(signed >> 1, at + 2), narrow(signed >> 2, at + 4), 0, 0, 0);
        default:
          return many(entry, t, at);
      }
    } catch (error) {
      if (error instanceof SysError) return -error.errno;
      kernel.log.bug(`${entry.name} called by ${t.comm}[${t.tid}]`, error);
      return -EIO;
    }
  };
}
