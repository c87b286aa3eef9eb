/** fcntl's third argument and its result, which both depend on the command. */
import { CONSTANT_SETS as SETS } from "../abi/constants.ts";
import * as f from "../abi/fcntl.ts";
import { flock as lock } from "../abi/structs.ts";
import { type Call, decider, failed, type Printer } from "./call.ts";
import { readable } from "./memory.ts";
import { signalName } from "./signals.ts";
import { flock } from "./structs.ts";
import { address, enumName, flagNames, hex } from "./text.ts";

type Kind = "none" | "number" | "fd flags" | "open flags" | "lock" | "lock type" | "signal" | "seals";

const ARGUMENTS: Readonly<Record<number, Kind>> = {
  [f.F_DUPFD]: "number",
  [f.F_DUPFD_CLOEXEC]: "number",
  [f.F_GETFD]: "none",
  [f.F_SETFD]: "fd flags",
  [f.F_GETFL]: "none",
  [f.F_SETFL]: "open flags",
  [f.F_GETLK]: "lock",
  [f.F_SETLK]: "lock",
  [f.F_SETLKW]: "lock",
  [f.F_OFD_GETLK]: "lock",
  [f.F_OFD_SETLK]: "lock",
  [f.F_OFD_SETLKW]: "lock",
  [f.F_GETOWN]: "none",
  [f.F_SETOWN]: "number",
  [f.F_GETSIG]: "none",
  [f.F_SETSIG]: "signal",
  [f.F_GETLEASE]: "none",
  [f.F_SETLEASE]: "lock type",
  [f.F_GETPIPE_SZ]: "none",
  [f.F_SETPIPE_SZ]: "number",
  [f.F_GET_SEALS]: "none",
  [f.F_ADD_SEALS]: "seals",
};

/** Whether the command writes to where its argument points. */
export function fcntlReads(command: number): boolean {
  return command === f.F_GETLK || command === f.F_OFD_GETLK;
}

/** An open file's status flags, access mode first. */
export function openFlags(flags: number): string {
  const mode = ["O_RDONLY", "O_WRONLY", "O_RDWR", "O_ACCMODE"][flags & f.O_ACCMODE];
  return mode + flagNames(SETS.open_flags, flags & ~f.O_ACCMODE, "|");
}

export const fcntlArgument: Printer = (raw, call, arg) => {
  const command = decider(call, arg);
  const value = raw | 0;
  switch (ARGUMENTS[command]) {
    case "none":
      return undefined;
    case "number":
      return String(value);
    case "fd flags":
      return flagNames(SETS.fd_flags, value);
    case "open flags":
      return openFlags(value);
    case "signal":
      return signalName(value);
    case "lock type":
      return enumName(SETS.lock_type, value);
    case "seals":
      return flagNames(SETS.seals, value);
    case "lock": {
      const at = raw >>> 0;
      const known = !(failed(call) && fcntlReads(command)) && readable(call.memory, at, lock.size);
      return known ? flock(call.memory, at, fcntlReads(command)) : address(at);
    }
    default:
      return hex(raw);
  }
};

/** "0x8002 (flags O_RDWR|O_LARGEFILE)"; undefined where the result is just a number. */
export function fcntlResult({ args, result = 0 }: Call): string | undefined {
  switch (args[1] | 0) {
    case f.F_GETFD:
      return result === 0 ? undefined : `${hex(result)} (flags ${flagNames(SETS.fd_flags, result)})`;
    case f.F_GETFL:
      return `${hex(result)} (flags ${openFlags(result)})`;
    case f.F_GETLEASE:
      return `${hex(result)} (${enumName(SETS.lock_type, result)})`;
    case f.F_GETSIG:
      return result === 0 ? undefined : `${result} (${signalName(result)})`;
    case f.F_GET_SEALS:
      return result === 0 ? undefined : `${hex(result)} (seals ${flagNames(SETS.seals, result)})`;
    default:
      return undefined;
  }
}
