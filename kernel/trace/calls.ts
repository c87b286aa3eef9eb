/** Calls that their arguments' types do not fully describe, and results that say more than a number. */
import { CONSTANT_SETS as SETS } from "../abi/constants.ts";
import * as fx from "../abi/futex.ts";
import * as pr from "../abi/prctl.ts";
import { CLONE_CHILD_CLEARTID, CLONE_CHILD_SETTID, CLONE_PARENT_SETTID, CLONE_SETTLS } from "../abi/sched.ts";
import { pollfd, timespec as timespecLayout } from "../abi/structs.ts";
import { argumentByType, bitSet, cloneFlags, cString, quoted } from "./arguments.ts";
import { type Call, failed, type Printer } from "./call.ts";
import { fcntlResult } from "./fcntl.ts";
import { readable } from "./memory.ts";
import { signalAt, signalName } from "./signals.ts";
import { timespec, timeval } from "./structs.ts";
import { address, enumName, flagNames, hex, isoTime, nameOf, quoteHex } from "./text.ts";

// ---------------------------------------------------------------- single arguments
const omit: Printer = () => undefined;

/** What futex's arguments after `val` are, by operation (man 2 futex); in the order of the arguments. */
const FUTEX_ARGUMENTS = new Map<number, readonly ("val" | "timeout" | "val2" | "uaddr2" | "val3" | "bitset" | "op")[]>([
  [fx.FUTEX_WAIT, ["val", "timeout"]],
  [fx.FUTEX_WAKE, ["val"]],
  [fx.FUTEX_REQUEUE, ["val", "val2", "uaddr2"]],
  [fx.FUTEX_CMP_REQUEUE, ["val", "val2", "uaddr2", "val3"]],
  [fx.FUTEX_WAKE_OP, ["val", "val2", "uaddr2", "op"]],
  [fx.FUTEX_WAIT_BITSET, ["val", "timeout", "bitset"]],
  [fx.FUTEX_WAKE_BITSET, ["val", "bitset"]],
  [fx.FUTEX_LOCK_PI, ["timeout"]],
  [fx.FUTEX_LOCK_PI2, ["timeout"]],
  [fx.FUTEX_UNLOCK_PI, []],
  [fx.FUTEX_TRYLOCK_PI, []],
  [fx.FUTEX_WAIT_REQUEUE_PI, ["val", "timeout", "uaddr2"]],
  [fx.FUTEX_CMP_REQUEUE_PI, ["val", "val2", "uaddr2", "val3"]],
]);

function futexHas(call: Call, what: string): boolean | undefined {
  return FUTEX_ARGUMENTS.get(call.args[1] & fx.FUTEX_CMD_MASK)?.includes(what as "val");
}

function wakeOperation(value: number): string {
  const shift = (value >>> 28) & fx.FUTEX_OP_OPARG_SHIFT ? "FUTEX_OP_OPARG_SHIFT<<28|" : "";
  const op = enumName(SETS.futex_wake_op, (value >>> 28) & 7);
  const compare = enumName(SETS.futex_wake_cmp, (value >>> 24) & 15);
  return `${shift}${op}<<28|${hex((value >>> 12) & 0xfff)}<<12|${compare}<<24|${hex(value & 0xfff)}`;
}

const dumpable = {
  list: [
    ["SUID_DUMP_DISABLE", 0],
    ["SUID_DUMP_USER", 1],
    ["SUID_DUMP_ROOT", 2],
  ],
  unknown: "SUID_DUMP_???",
} as const;

/** prctl's second argument by option, where it is not one number in hexadecimal; the arguments after it are omitted. */
const PRCTL: ReadonlyMap<number, Printer> = new Map<number, Printer>([
  [pr.PR_SET_NAME, (at, { memory }) => cString(memory, at, 15)],
  [pr.PR_GET_NAME, (at, { memory }) => cString(memory, at, 15)],
  [pr.PR_SET_PDEATHSIG, (signal) => signalName(signal)],
  [pr.PR_GET_PDEATHSIG, (at, { memory }) => (readable(memory, at, 4) ? `[${signalAt(memory, at)}]` : address(at))],
  [pr.PR_SET_CHILD_SUBREAPER, (value) => String(value)],
  [
    pr.PR_GET_CHILD_SUBREAPER,
    (at, { memory }) => (readable(memory, at, 4) ? `[${memory.view.getInt32(at, true)}]` : address(at)),
  ],
  [pr.PR_SET_DUMPABLE, (value) => enumName(dumpable, value)],
  [pr.PR_GET_DUMPABLE, omit],
  [pr.PR_SET_KEEPCAPS, (value) => String(value)],
  [pr.PR_GET_KEEPCAPS, omit],
  [pr.PR_SET_TIMERSLACK, (value) => String(value)],
  [pr.PR_GET_TIMERSLACK, omit],
  [pr.PR_GET_SECCOMP, omit],
]);
/** Options of which strace prints all arguments, as plain numbers: they have to be 0. */
const PRCTL_ALL = [pr.PR_SET_NO_NEW_PRIVS, pr.PR_GET_NO_NEW_PRIVS];
const PRCTL_OUT = [pr.PR_GET_NAME, pr.PR_GET_PDEATHSIG, pr.PR_GET_CHILD_SUBREAPER];

const prctlFirst: Printer = (value, call) => {
  const option = call.args[0] | 0;
  if (PRCTL_ALL.includes(option)) return String(value);
  const print = PRCTL.get(option);
  return print === undefined || (failed(call) && PRCTL_OUT.includes(option))
    ? hex(value)
    : print(value >>> 0, call, call.entry.args[1]);
};
const prctlOther: Printer = (value, { args }) => {
  if (PRCTL_ALL.includes(args[0] | 0)) return String(value);
  return PRCTL.has(args[0] | 0) ? undefined : hex(value);
};

/** Arguments that are printed otherwise than their type says, as "call.argument". */
const ARGUMENTS: Readonly<Record<string, Printer>> = {
  "futex.val": (value, call) => (futexHas(call, "val") === false ? undefined : String(value)),
  "futex.timeout": (value, call) => {
    if (futexHas(call, "val2")) return String(value);
    if (futexHas(call, "timeout") === false) return undefined;
    return futexHas(call, "timeout") ? argumentByType(call, 3) : address(value);
  },
  "futex.uaddr2": (value, call) => (futexHas(call, "uaddr2") === false ? undefined : address(value)),
  "futex.val3": (value, call) => {
    if (futexHas(call, "bitset")) return value === 0xffffffff ? "FUTEX_BITSET_MATCH_ANY" : hex(value);
    if (futexHas(call, "op")) return wakeOperation(value);
    return futexHas(call, "val3") === false ? undefined : String(value);
  },
  "prctl.arg2": prctlFirst,
  "prctl.arg3": prctlOther,
  "prctl.arg4": prctlOther,
  "prctl.arg5": prctlOther,
  "getrandom.buf": (at, call) => {
    const length = call.result ?? 0;
    const shown = Math.min(length, call.limit);
    if (failed(call) || !readable(call.memory, at, shown)) return address(at);
    return quoteHex(call.memory.u8.slice(at, at + shown)) + (length > shown ? "..." : "");
  },
  /** getcwd's result counts the NUL, which nobody wants to see. */
  "getcwd.buf": (at, call) =>
    failed(call) ? address(at) : quoted(call.memory, at, Math.max(0, call.result! - 1), call.memory.u8.length),
  /** On a 64-bit Linux the low half is the whole position (man 2 preadv). */
  "preadv.pos_h": omit,
  "pwritev.pos_h": omit,
  "preadv2.pos_h": omit,
  "pwritev2.pos_h": omit,
};

/** How argument `index` of this call is printed, where its type alone does not say. */
export function ownPrinter(call: Call, index: number): Printer | undefined {
  return ARGUMENTS[`${call.entry.name}.${call.entry.args[index].name}`];
}

/** Whether prctl's second argument is where the call writes to. */
export function prctlReads(call: Call): boolean {
  return PRCTL_OUT.includes(call.args[0] | 0);
}

// ---------------------------------------------------------------- whole calls
/** A call whose arguments are not printed one after the other: the text on entering, and what follows on leaving. */
export interface WholeCall {
  enter(call: Call): string;
  leave(call: Call): string;
}

const USES_CHILD_TID = CLONE_CHILD_SETTID | CLONE_CHILD_CLEARTID;

export const WHOLE_CALLS: Readonly<Record<string, WholeCall>> = {
  clone: {
    enter: ({ args }) => `child_stack=${address(args[1])}, flags=${cloneFlags(args[0])}`,
    leave: (call) => {
      const [flags, , parentTid, childTid, tls] = call.args;
      let text = "";
      if ((flags & CLONE_PARENT_SETTID) !== 0) text += `, parent_tid=${argumentByType(call, 2) ?? address(parentTid)}`;
      if ((flags & CLONE_SETTLS) !== 0) text += `, tls=${hex(tls)}`;
      if ((flags & USES_CHILD_TID) !== 0) text += `, child_tidptr=${address(childTid)}`;
      return text;
    },
  },
  /** The offset before and after: "[1] => [11]". */
  sendfile: {
    enter: (call) => `${argumentByType(call, 0)}, ${argumentByType(call, 1)}, ${argumentByType(call, 2)}`,
    leave: (call) => {
      const after = failed(call) || call.args[2] === 0 ? "" : ` => ${argumentByType(call, 2)}`;
      return `${after}, ${argumentByType(call, 3)}`;
    },
  },
};

// ---------------------------------------------------------------- results
const TIMEOUT = "0 (Timeout)";

/** "left {tv_sec=0, tv_nsec=5}": what select and ppoll left of the time. */
function timeLeft(call: Call, index: number, print: typeof timespec): string[] {
  const at = call.args[index] >>> 0;
  return readable(call.memory, at, timespecLayout.size) ? [`left ${print(call.memory, at)}`] : [];
}

function pollResult(call: Call, left: string[]): string | undefined {
  const { result = 0, memory, args } = call;
  if (result === 0) return TIMEOUT;
  const ready: number[] = [];
  for (let i = 0, at = args[0] >>> 0; i < args[1] && readable(memory, at, pollfd.size); i++, at += pollfd.size) {
    if (pollfd.read(memory.view, at).revents !== 0) ready.push(at);
  }
  const shown = ready.slice(0, call.limit).map((at) => {
    const { fd, revents } = pollfd.read(memory.view, at);
    return `{fd=${fd}, revents=${flagNames(SETS.poll_events, revents)}}`;
  });
  if (ready.length > shown.length) shown.push("...");
  return `${result} (${[`[${shown.join(", ")}]`, ...left].join(", ")})`;
}

function selectResult(call: Call, left: string[]): string {
  const { result = 0, memory, args } = call;
  if (result === 0) return TIMEOUT;
  const bits = Math.max(0, Math.min(args[0], 1024));
  const parts: string[] = [];
  for (const [i, name] of ["in", "out", "except"].entries()) {
    const members = args[i + 1] === 0 ? undefined : bitSet(memory, args[i + 1] >>> 0, bits);
    if (members !== undefined && members !== "[]") parts.push(`${name} ${members}`);
  }
  return `${result} (${[...parts, ...left].join(", ")})`;
}

/** Successful results that are more than a number, by call; undefined leaves it at the number. */
export const RESULTS: Readonly<Record<string, (call: Call) => string | undefined>> = {
  fcntl: fcntlResult,
  poll: (call) => pollResult(call, []),
  ppoll: (call) => pollResult(call, timeLeft(call, 2, timespec)),
  select: (call) => selectResult(call, timeLeft(call, 4, timeval)),
  pselect6: (call) => selectResult(call, timeLeft(call, 4, timespec)),
  rt_sigtimedwait: ({ result = 0 }) => `${result} (${signalName(result)})`,
  time: ({ result = 0 }) => `${result} (${isoTime(result)})`,
  prctl: ({ args, result = 0 }) =>
    (args[0] | 0) === pr.PR_GET_DUMPABLE ? `${result} (${nameOf(dumpable, result) ?? "SUID_DUMP_???"})` : undefined,
};
