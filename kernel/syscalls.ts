/** From a number and a trap frame to a handler: the cold half's dispatcher. */
import type { ArgTypeName } from "./abi/argtypes.ts";
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

/** How an argument is read from the frame. */
type Decode = "i32" | "u32" | "i64";

interface Entry {
  name: string;
  handler: Handler;
  decode: Decode[];
}

function decoderOf(type: ArgTypeName): Decode {
  const { wasm, signed } = ARG_TYPES[type];
  return wasm === "i64" ? "i64" : signed ? "i32" : "u32";
}

function buildTable(): (Entry | undefined)[] {
  const table: (Entry | undefined)[] = [];
  for (const call of SYSCALLS) {
    const handler = HANDLERS[call.name];
    if (handler) table[call.nr] = { name: call.name, handler, decode: call.args.map(({ type }) => decoderOf(type)) };
  }
  for (const call of INTERNAL_CALLS) {
    const name = call.as ?? call.name;
    const handler = HANDLERS[name];
    const signed = ["__proc_exit", "env_len", "env_copy", "unknown_import"].includes(name);
    if (handler) {
      table[call.nr] = {
        name,
        handler,
        decode: call.params.map((type) => (type === "i64" ? "i64" : signed ? "i32" : "u32")),
      };
    }
  }
  return table;
}

const TABLE = buildTable();

/** Serves a call in the cold half; never throws. The result, -errno, or RESULT_*. */
export function dispatch(kernel: Kernel, t: Task, nr: number): number {
  const entry = TABLE[nr];
  if (!entry) {
    kernel.log.printOnce(
      `call ${nr} (${SYSCALLS.find((call) => call.nr === nr)?.name ?? "unknown"}) is not served: ENOSYS`,
    );
    return -ENOSYS;
  }
  const { i32, u32 } = kernel.kmem;
  const { decode } = entry;
  const base = (t.ptr + TASK_ARGS) >> 2;
  const arg = (i: number): number => {
    if (i >= decode.length) return 0;
    const at = base + 2 * i;
    const kind = decode[i];
    return kind === "i32" ? i32[at] : kind === "u32" ? u32[at] : i32[at + 1] * 0x100000000 + u32[at];
  };
  try {
    return entry.handler(t, arg(0), arg(1), arg(2), arg(3), arg(4), arg(5));
  } catch (error) {
    if (error instanceof SysError) return -error.errno;
    kernel.log.bug(`${entry.name} called by ${t.comm}[${t.tid}]`, error);
    return -EIO;
  }
}
