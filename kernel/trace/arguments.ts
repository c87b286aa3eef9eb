/** Printing one argument by its type. */
import { ARG_TYPES, type ArgType, type ArgTypeName } from "../abi/argtypes.ts";
import { CONSTANT_SETS as SETS } from "../abi/constants.ts";
import { EINTR, ERESTART_RESTARTBLOCK } from "../abi/errno.ts";
import { AT_FDCWD, AT_STATX_SYNC_TYPE, O_CREAT, O_TMPFILE } from "../abi/fcntl.ts";
import { FUTEX_CLOCK_REALTIME, FUTEX_PRIVATE_FLAG } from "../abi/futex.ts";
import { PATH_MAX } from "../abi/limits.ts";
import { MAP_TYPE } from "../abi/mman.ts";
import { CSIGNAL } from "../abi/sched.ts";
import { S_IFBLK, S_IFCHR, S_IFMT } from "../abi/stat.ts";
import { cpu_set, dirent, epoll_event, iovec, pollfd } from "../abi/structs.ts";
import type { Arg } from "../abi/syscalls.ts";
import { type Call, decider, failed, type Printer } from "./call.ts";
import { fcntlArgument, openFlags } from "./fcntl.ts";
import { ioctlArgument, ioctlRequest } from "./ioctl.ts";
import { type GuestMemory, readable, stringLength } from "./memory.ts";
import { signalInfo, signalName, waitStatus } from "./signals.ts";
import { SOCKET_PRINTERS } from "./sockets.ts";
import { device, epollEvent, fileMode, STRUCTS, sigsetAt, statxMask, timespec, withComment } from "./structs.ts";
import { address, enumName, flagNames, hex, isoTime, nameOf, octal, quote, unsigned64 } from "./text.ts";

/** `length` bytes at `at` as a string, cut after `limit`. */
export function quoted(memory: GuestMemory, at: number, length: number, limit: number): string {
  const shown = Math.min(length, limit);
  if (length === 0 && at !== 0) return '""';
  if (!readable(memory, at, shown)) return address(at);
  return quote(memory.u8.slice(at, at + shown)) + (length > limit ? "..." : "");
}

/** The string that ends with NUL at `at`, cut after `limit` bytes; its address where it does not end in memory. */
export function cString(memory: GuestMemory, at: number, limit: number): string {
  const length = stringLength(memory, at, limit + 1);
  return length < 0 ? address(at) : quoted(memory, at, length, limit);
}

/** "[a, b, ...]": `count` elements of `size` bytes at `at`, as far as they are in memory, and no more than the limit. */
export function list(call: Call, at: number, count: number, size: number, print: (at: number) => string): string {
  if (at === 0) return "NULL";
  if (count === 0) return "[]";
  if (!readable(call.memory, at, size)) return address(at);
  const parts: string[] = [];
  for (let i = 0; i < count; i++) {
    const element = at + i * size;
    if (i === call.limit || !readable(call.memory, element, size)) {
      parts.push("...");
      break;
    }
    parts.push(print(element));
  }
  return `[${parts.join(", ")}]`;
}

/** "[5]": the one number at an address. */
function single(size: number, print: (view: DataView, at: number) => string): Printer {
  return (at, { memory }) => (readable(memory, at, size) ? `[${print(memory.view, at)}]` : address(at));
}

/** What a call that fills a buffer has put into it: its result, and no more than the buffer holds. */
function filled(call: Call, arg: Arg): number {
  return arg.direction === "out" ? Math.max(0, Math.min(call.result ?? 0, decider(call, arg))) : decider(call, arg);
}

/** iovecs with the first `filled` bytes that they hold. */
export function iovecList(call: Call, at: number, count: number, filled: number, show = true): string {
  let left = filled;
  return list(call, at, count >>> 0, iovec.size, (element) => {
    const { iov_base, iov_len } = iovec.read(call.memory.view, element);
    const length = Math.min(iov_len, left);
    left -= length;
    const base = show ? quoted(call.memory, iov_base, length, call.limit) : address(iov_base);
    return `{iov_base=${base}, iov_len=${iov_len}}`;
  });
}

/** iovecs with what they hold; where nothing was read, with addresses. */
const iovecs: Printer = (at, call, arg) => {
  if (arg.direction !== "out") return iovecList(call, at, decider(call, arg), Number.POSITIVE_INFINITY);
  return iovecList(call, at, decider(call, arg), Math.max(0, call.result ?? 0), !failed(call));
};

const pollfds: Printer = (at, call, arg) =>
  list(call, at, decider(call, arg), pollfd.size, (element) => {
    const { fd, events } = pollfd.read(call.memory.view, element);
    return fd < 0 ? `{fd=${fd}}` : `{fd=${fd}, events=${flagNames(SETS.poll_events, events)}}`;
  });

/** The bits of a set in memory, as select and sched_setaffinity have them: "[0 3]". */
export function bitSet(memory: GuestMemory, at: number, bits: number): string | undefined {
  if (!readable(memory, at, Math.ceil(bits / 8))) return undefined;
  const members: number[] = [];
  for (let bit = 0; bit < bits; bit++) if (((memory.u8[at + (bit >>> 3)] >>> (bit & 7)) & 1) === 1) members.push(bit);
  return `[${members.join(" ")}]`;
}

/** execve's arguments: "[..., ...]". */
const argumentVector: Printer = (at, call) => {
  if (!readable(call.memory, at, 4)) return address(at);
  const parts: string[] = [];
  for (let i = 0; ; i++) {
    const element = at + 4 * i;
    const last = i === call.limit || !readable(call.memory, element, 4);
    const string = last ? 0 : call.memory.view.getUint32(element, true);
    if (string === 0) return `[${last ? [...parts, "..."].join(", ") : parts.join(", ")}]`;
    parts.push(cString(call.memory, string, call.limit));
  }
};

/** More variables than this are not counted: Linux passes on 2 MiB of them at most, pointers included (man 2 execve). */
const MAX_VARIABLES = 2 ** 19;

/** execve's environment, of which strace tells only the number of variables. */
const environment: Printer = (at, { memory }) => {
  if (!readable(memory, at, 4)) return address(at);
  let count = 0;
  while (count < MAX_VARIABLES && readable(memory, at + 4 * count, 4)) {
    if (memory.view.getUint32(at + 4 * count, true) === 0)
      return `${address(at)} /* ${count} ${count === 1 ? "var" : "vars"} */`;
    count++;
  }
  return `${address(at)} /* ${count} vars, unterminated */`;
};

const directoryEntries: Printer = (at, call) => {
  let count = 0;
  const size = call.result ?? 0;
  for (let offset = 0; offset + dirent.size <= size && readable(call.memory, at + offset, dirent.size); count++) {
    const { d_reclen } = dirent.read(call.memory.view, at + offset);
    if (d_reclen === 0) break;
    offset += d_reclen;
  }
  return `${address(at)} /* ${count} ${count === 1 ? "entry" : "entries"} */`;
};

const userOrGroup: Printer = (id) => String(id === 0xffffffff ? -1 : id);

/** The types that have a printer of their own; the others are printed as their table entry says. */
const PRINTERS: Partial<Record<ArgTypeName, Printer>> = {
  ...SOCKET_PRINTERS,
  uid: userOrGroup,
  gid: userOrGroup,
  file_mode: (mode) => fileMode(mode),
  /** mknod's: only devices have a number. */
  dev: (dev, { args, entry }) => {
    const type = args[entry.args.findIndex((arg) => arg.type === "file_mode")] & S_IFMT;
    return type === S_IFCHR || type === S_IFBLK ? device(dev) : undefined;
  },
  dirfd: (fd) => (fd === AT_FDCWD ? "AT_FDCWD" : String(fd)),
  signal: (signal) => signalName(signal),
  open_flags: (flags) => openFlags(flags),
  open_mode: (mode, call, arg) => {
    const flags = decider(call, arg);
    return (flags & O_CREAT) !== 0 || (flags & O_TMPFILE) === O_TMPFILE ? octal(mode) : undefined;
  },
  mmap_flags: (flags) => {
    const type = flags & MAP_TYPE;
    const first = type === 0 ? "MAP_FILE" : (nameOf(SETS.mmap_type, type) ?? hex(type));
    return first + flagNames(SETS.mmap_flags, flags & ~MAP_TYPE, "|");
  },
  clone_flags: (flags) => cloneFlags(flags),
  statx_flags: (flags) => {
    const sync = enumName(SETS.statx_sync, flags & AT_STATX_SYNC_TYPE);
    return sync + flagNames(SETS.at_flags, flags & ~AT_STATX_SYNC_TYPE, "|");
  },
  statx_mask: (mask) => statxMask(mask),
  futex_op: (op) => futexOperation(op),
  fcntl_arg: fcntlArgument,
  ioctl_request: (request) => ioctlRequest(request),
  ioctl_arg: ioctlArgument,

  ptr: (at) => address(at),
  path: (at, { memory }) => cString(memory, at, PATH_MAX),
  str: (at, { memory, limit }) => cString(memory, at, limit),
  bytes: (at, call, arg) => quoted(call.memory, at, filled(call, arg), call.limit),
  argv: argumentVector,
  envp: environment,
  iovec: iovecs,
  pollfd: pollfds,
  fd_set: (at, call, arg) => {
    const bits = Math.max(0, Math.min(decider(call, arg), 1024));
    return bitSet(call.memory, at, bits) ?? address(at);
  },
  cpu_set: (at, call, arg) => bitSet(call.memory, at, Math.min(filled(call, arg), cpu_set.size) * 8) ?? address(at),
  epoll_event: (at, call, arg) =>
    arg.other < 0
      ? readable(call.memory, at, epoll_event.size)
        ? epollEvent(call.memory, at, call)
        : address(at)
      : list(call, at, call.result ?? 0, epoll_event.size, (element) => epollEvent(call.memory, element, call)),
  dirent: directoryEntries,
  sigset: (at, call, arg) => sigsetAt(call.memory, at, decider(call, arg)),
  siginfo: (at, { memory }) => (readable(memory, at, 128) ? signalInfo(memory, at) : address(at)),
  wait_status: (at, { memory, result }) =>
    result === 0 || !readable(memory, at, 4) ? address(at) : `[${waitStatus(memory.view.getUint32(at, true))}]`,
  /** wait4 fills it only when it has waited for somebody. */
  rusage: (at, call) =>
    (call.entry.name === "wait4" && call.result === 0) || !readable(call.memory, at, STRUCTS.rusage[0])
      ? address(at)
      : STRUCTS.rusage[1](call.memory, at, call),
  timespec_left: (at, call) => {
    const interrupted = call.result === -EINTR || call.result === -ERESTART_RESTARTBLOCK;
    return interrupted && readable(call.memory, at, 16) ? timespec(call.memory, at) : address(at);
  },
  fd_pair: (at, call) => list(call, at, 2, 4, (element) => String(call.memory.view.getInt32(element, true))),
  gid_array: (at, call, arg) =>
    list(
      call,
      at,
      filled(call, arg),
      4,
      (element) => userOrGroup(call.memory.view.getUint32(element, true), call, arg)!,
    ),
  int_ptr: single(4, (view, at) => String(view.getInt32(at, true))),
  id_ptr: single(4, (view, at) => String(view.getUint32(at, true))),
  off_ptr: single(8, (view, at) => String(view.getBigInt64(at, true))),
  time_t: single(8, (view, at) => {
    const seconds = Number(view.getBigInt64(at, true));
    return withComment(String(seconds), isoTime(seconds));
  }),
};

/** clone's flags and, in their low byte, the signal at the child's end. */
export function cloneFlags(flags: number): string {
  const signal = flags & CSIGNAL;
  const rest = (flags >>> 0) - signal;
  if (signal === 0) return flagNames(SETS.clone_flags, rest);
  return rest === 0 ? signalName(signal) : `${flagNames(SETS.clone_flags, rest)}|${signalName(signal)}`;
}

/** A futex operation; the private ones have names of their own, FUTEX_WAIT_PRIVATE. */
export function futexOperation(op: number): string {
  const name = nameOf(SETS.futex_op, op & ~(FUTEX_PRIVATE_FLAG | FUTEX_CLOCK_REALTIME));
  if (name === undefined) return `${hex(op >>> 0)} /* ${SETS.futex_op.unknown} */`;
  const suffix = (op & FUTEX_PRIVATE_FLAG) === 0 ? "" : "_PRIVATE";
  return `${name}${suffix}${(op & FUTEX_CLOCK_REALTIME) === 0 ? "" : "|FUTEX_CLOCK_REALTIME"}`;
}

/** Out arguments that still say something when the call has failed. */
const PRINTED_ON_FAILURE: readonly ArgTypeName[] = ["iovec", "timespec_left", "socklen_ptr", "msghdr", "mmsghdr"];

/** The argument's value as a number of its type's sign and width. */
export function argumentValue(call: Call, index: number): number {
  const { wasm, signed } = ARG_TYPES[call.entry.args[index].type];
  const raw = call.args[index];
  return wasm === "i64" ? raw : signed ? raw | 0 : raw >>> 0;
}

/** The text of argument number `index` by its type; undefined where the call, made like this, has no such argument. */
export function argumentByType(call: Call, index: number): string | undefined {
  const arg = call.entry.args[index];
  const value = argumentValue(call, index);
  if (arg.direction === "out" && failed(call) && !PRINTED_ON_FAILURE.includes(arg.type)) return address(value);
  const print = PRINTERS[arg.type];
  if (print !== undefined) return print(value, call, arg);
  const struct = STRUCTS[arg.type];
  if (struct === undefined) return scalar(ARG_TYPES[arg.type], value);
  return readable(call.memory, value, struct[0]) ? struct[1](call.memory, value, call) : address(value);
}

function scalar({ wasm, signed, show, set }: ArgType, value: number): string {
  switch (show) {
    case "decimal":
      return wasm === "i64" && !signed && value < 0 ? String(unsigned64(value)) : String(value);
    case "octal":
      return octal(value);
    case "enum":
      return enumName(SETS[set!], value);
    case "flags":
      return flagNames(SETS[set!], value);
    default:
      return hex(value);
  }
}
