/** The text of one system call: what stands before it has returned, and what comes then. */

import { ERESTART_RESTARTBLOCK, ERESTARTSYS } from "../abi/errno.ts";
import { errnoName, strerror } from "../abi/errno-names.ts";
import type { Arg, Syscall } from "../abi/syscalls.ts";
import { argumentByType, argumentValue } from "./arguments.ts";
import { type Call, decider, failed } from "./call.ts";
import { ownPrinter, prctlReads, RESULTS, WHOLE_CALLS } from "./calls.ts";
import { fcntlReads } from "./fcntl.ts";
import { ioctlReads } from "./ioctl.ts";
import { address, hex, octal } from "./text.ts";

/** strace's default for strings (-s), which holds for arrays, too. */
export const DEFAULT_LIMIT = 32;

/** The name that Linux has for the call; the table has WALI's. */
export function callName({ name }: Syscall): string {
  return name === "fadvise" ? "fadvise64" : name;
}

/** An entry for a number that the table does not have, so that the call can be traced all the same. */
export function unknownSyscall(nr: number): Syscall {
  const args = ["a", "b", "c", "d", "e", "f"].map(
    (name): Arg => ({ type: "ulong_hex", name, direction: "in", other: -1 }),
  );
  const status = { kind: "no", why: "Linux has no such call" } as const;
  return { nr, name: `syscall_${hex(nr)}`, args, result: "int", half: "cold", status };
}

/** "read(3, ": the call as far as it can be printed before it has returned, without the closing parenthesis. */
export function formatEnter(call: Call): string {
  const name = callName(call.entry);
  const whole = WHOLE_CALLS[call.entry.name];
  if (whole !== undefined) return `${name}(${whole.enter(call)}`;
  const split = firstAfter(call);
  const texts = argumentTexts(call, 0, split);
  const more = split < call.entry.args.length && texts.length > 0;
  return `${name}(${texts.join(", ")}${more ? ", " : ""}`;
}

/** `"abc", 10)`: the rest of the arguments, once the call has returned. */
export function formatLeave(call: Call): string {
  const whole = WHOLE_CALLS[call.entry.name];
  if (whole !== undefined) return `${whole.leave(call)})`;
  return `${argumentTexts(call, firstAfter(call), call.entry.args.length).join(", ")})`;
}

/** What stands after "= ": "3", "-1 ENOENT (No such file or directory)", "1 ([{fd=3, revents=POLLIN}])". */
export function formatResult(call: Call): string {
  const { entry, result = 0 } = call;
  if (entry.result === "never") return "?";
  if (failed(call)) {
    const error = -result;
    const name = errnoName(error);
    if (name === undefined) return `-1 (errno ${error})`;
    const restarted = error >= ERESTARTSYS && error <= ERESTART_RESTARTBLOCK;
    return `${restarted ? "?" : "-1"} ${name} (${strerror(error)})`;
  }
  const own = RESULTS[entry.name]?.(argumentsFound(call));
  if (own !== undefined) return own;
  if (entry.result === "address") return address(result) === "NULL" ? "0" : address(result);
  return entry.result === "mode" ? octal(result) : String(result);
}

/** The index of the first argument that has to wait for the call to return. */
function firstAfter(call: Call): number {
  const index = call.entry.args.findIndex((arg) => printedAfter(arg, call));
  return index < 0 ? call.entry.args.length : index;
}

function printedAfter(arg: Arg, call: Call): boolean {
  if (arg.direction === "out") return true;
  if (arg.type === "fcntl_arg") return fcntlReads(decider(call, arg));
  if (arg.type === "ioctl_arg") return ioctlReads(decider(call, arg));
  return call.entry.name === "prctl" && arg.name === "arg2" && prctlReads(call);
}

/** The call as the printer of argument `index` sees it: with the memory that this lies in. */
function argumentFound(call: Call, index: number): Call {
  const found = call.memory.elsewhere?.(call.args[index]);
  return found ? { ...call, memory: found.memory, args: call.args.with(index, found.address) } : call;
}

/** The same for a printer of the result, which looks at what the arguments point to. */
function argumentsFound(call: Call): Call {
  return call.args.reduce((found: Call, _, i) => (found === call ? argumentFound(call, i) : found), call);
}

function argumentTexts(given: Call, from: number, to: number): string[] {
  const texts: string[] = [];
  for (let i = from; i < to; i++) {
    const call = given.memory.elsewhere ? argumentFound(given, i) : given;
    const own = ownPrinter(call, i);
    const text = own === undefined ? argumentByType(call, i) : own(argumentValue(call, i), call, call.entry.args[i]);
    // Where only the address is shown it is the program's.
    if (text !== undefined)
      texts.push(call === given ? text : text.replace(address(call.args[i]), address(given.args[i])));
  }
  return texts;
}
