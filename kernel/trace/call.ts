/** One system call as the printers see it. */
import type { Arg, Syscall } from "../abi/syscalls.ts";
import type { GuestMemory } from "./memory.ts";

export interface Call {
  readonly entry: Syscall;
  /** As many as the entry has; i64 arguments as numbers, too. */
  readonly args: readonly number[];
  readonly memory: GuestMemory;
  /** The longest string, in bytes, and array, in elements, that are printed whole. */
  readonly limit: number;
  /** A length that the call reads and writes, as it was before (sockets.ts). */
  readonly before?: number;
  /** What the call returned, a negated error number included; undefined while it is being made. */
  readonly result?: number;
}

/** Prints one argument; undefined leaves it out. */
export type Printer = (value: number, call: Call, arg: Arg) => string | undefined;

/** Whether the call has returned with an error (or is to be restarted). */
export function failed({ result }: Call): boolean {
  return result !== undefined && result < 0 && result >= -4095;
}

/** The value of the argument that decides about `arg`: a length, a command. */
export function decider(call: Call, arg: Arg): number {
  return arg.other < 0 ? 0 : call.args[arg.other];
}
