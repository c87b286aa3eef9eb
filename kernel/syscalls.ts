/** From a number and a trap frame to a handler: the cold half's dispatcher. */
import { EIO, ENOSYS } from "./abi/errno.ts";
import { INTERNAL_CALLS } from "./abi/internal.ts";
import { SYSCALLS } from "./abi/syscalls.ts";
import { SysError } from "./errors.ts";
import { fsCalls } from "./fs/calls.ts";
import type { Handler, Handlers, Kernel, TaskTable } from "./kernel.ts";
import { miscCalls } from "./misc.ts";
import { mmCalls } from "./mm/calls.ts";
import { socketCalls } from "./net/calls.ts";
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
  socketCalls,
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

/** The calls that the hot half imports: all but those that the table refuses. */
const CALLS = [
  ...SYSCALLS.filter(({ status }) => status.kind !== "no"),
  ...INTERNAL_CALLS.map(({ nr, name, as = name }) => ({ nr, name: as })),
];

/**
 * A call's way into the cold half, which the hot half imports: the caller's slot, then the arguments as numbers (hot/generate.ts).
 * Never throws. The result, -errno, or RESULT_*.
 */
export type ColdCall = (slot: number, ...args: number[]) => number;

/** What a handler's exception means to the caller: an errno, or a bug of the kernel's. */
function failed(t: Task, name: string, error: unknown): number {
  if (error instanceof SysError) return -error.errno;
  t.kernel.log.bug(`${name} called by ${t.comm}[${t.tid}]`, error);
  return -EIO;
}

/** Every call's way into the cold half, by the name of its handler. `tasks`: the kernel's, by slot. */
export function coldCalls(tasks: Readonly<TaskTable>): Readonly<Record<string, ColdCall>> {
  const enter = (name: string, handler: Handler): ColdCall => {
    return (slot, a, b, c, d, e, f, g) => {
      const t = tasks[slot]!;
      try {
        return handler(t, a, b, c, d, e, f, g);
      } catch (error) {
        return failed(t, name, error);
      }
    };
  };
  // What the hot half serves alone has no handler here, and does not come.
  return Object.fromEntries(
    CALLS.map(({ nr, name }) => [name, enter(name, HANDLERS[name] ?? ((t) => unserved(t.kernel, nr)))]),
  );
}

/** A call that the table refuses: -ENOSYS, and a line in the log. */
export function unserved({ log }: Kernel, nr: number): number {
  const name = SYSCALLS.find((call) => call.nr === nr)?.name ?? "unknown";
  log.printOnce(`call ${nr} (${name}) is not served: ENOSYS`);
  return -ENOSYS;
}
