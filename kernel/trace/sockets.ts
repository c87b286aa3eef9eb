/** Addresses, options and messages of sockets, as strace writes them. What is the Internet's is in inet.ts. */
import { type ConstantSet, CONSTANT_SETS as SETS } from "../abi/constants.ts";
import * as so from "../abi/socket.ts";
import * as structs from "../abi/structs.ts";
import { iovecList } from "./arguments.ts";
import { type Call, decider, failed, type Printer } from "./call.ts";
import { INET_ADDRESSES, INET_OPTIONS, protocolName } from "./inet.ts";
import { type GuestMemory, readable } from "./memory.ts";
import { timeval } from "./structs.ts";
import { address, enumName, flagNames, hex, quote } from "./text.ts";

// ---------------------------------------------------------------- addresses

/** An address of `length` bytes by its family: what follows "sa_family=AF_...", of which there are two bytes at least. */
type AddressPrinter = (memory: GuestMemory, at: number, length: number) => string | undefined;

/** By AF_*. */
const ADDRESSES = new Map<number, AddressPrinter>([[so.AF_UNIX, unixAddress], ...INET_ADDRESSES]);

/** A path up to its NUL, or "@" and an abstract name. */
function unixAddress({ u8 }: GuestMemory, at: number, length: number): string {
  const path = u8.slice(at + structs.sockaddr_un.offset.sun_path, at + length);
  if (path.length === 0) return "";
  if (path[0] === 0) return `, sun_path=@${quote(path.subarray(1))}`;
  const end = path.indexOf(0);
  return `, sun_path=${quote(end < 0 ? path : path.subarray(0, end))}`;
}

function socketAddress(memory: GuestMemory, at: number, length: number): string {
  if (length < 2 || !readable(memory, at, length)) return address(at);
  const family = memory.view.getUint16(at, true);
  const print = ADDRESSES.get(family);
  const name = enumName(SETS.address_family, family);
  const rest = print?.(memory, at, length) ?? `, sa_data=${quote(memory.u8.slice(at + 2, at + length))}`;
  return `{sa_family=${name}${rest}}`;
}

/** An address whose length another argument has, or, where the call gives one, points to. */
const addressArgument: Printer = (at, call, arg) => {
  const length = decider(call, arg);
  if (call.entry.args[arg.other].type !== "socklen_ptr") return socketAddress(call.memory, at, length);
  return socketAddress(call.memory, at, Math.min(lengthAt(call.memory, length) ?? 0, call.before ?? 0));
};

function lengthAt({ view, ...memory }: GuestMemory, at: number): number | undefined {
  return readable({ view, ...memory }, at, 4) ? view.getInt32(at, true) : undefined;
}

/** "[110 => 7]": how long the caller's buffer is, and what it got. */
const lengthPointer: Printer = (at, call) => {
  const now = lengthAt(call.memory, at);
  if (now === undefined) return address(at);
  const { before } = call;
  return before === undefined || before === now || failed(call) ? `[${before ?? now}]` : `[${before} => ${now}]`;
};

/** What a call that changes a length finds there: the printers want to know when it has returned. */
export function lengthBefore(call: Call): number | undefined {
  const { entry, args, memory } = call;
  const index = entry.args.findIndex(({ type }) => type === "socklen_ptr");
  if (index >= 0) return lengthAt(memory, args[index]);
  return entry.name === "recvmsg" ? lengthAt(memory, args[1] + structs.msghdr.offset.msg_namelen) : undefined;
}

// ---------------------------------------------------------------- options

/** The options of a level. */
const OPTIONS = new Map<number, ConstantSet>([[so.SOL_SOCKET, SETS.socket_option], ...INET_OPTIONS]);

const optionName: Printer = (name, call, arg) => {
  const set = OPTIONS.get(decider(call, arg));
  return set === undefined ? String(name) : enumName(set, name);
};

type ValuePrinter = readonly [size: number, print: (memory: GuestMemory, at: number) => string];

const lingerValue: ValuePrinter = [
  structs.linger.size,
  ({ view }, at) => {
    const { l_onoff, l_linger } = structs.linger.read(view, at);
    return `{l_onoff=${l_onoff}, l_linger=${l_linger}}`;
  },
];
const ucredText = ({ view }: GuestMemory, at: number): string => {
  const { pid, uid, gid } = structs.ucred.read(view, at);
  return `{pid=${pid}, uid=${uid === 0xffffffff ? -1 : uid}, gid=${gid === 0xffffffff ? -1 : gid}}`;
};
const timeValue: ValuePrinter = [structs.timeval.size, timeval];

/** Options of SOL_SOCKET whose value is no int. */
const VALUES = new Map<number, ValuePrinter>([
  [so.SO_LINGER, lingerValue],
  [so.SO_PEERCRED, [structs.ucred.size, ucredText]],
  [so.SO_RCVTIMEO, timeValue],
  [so.SO_SNDTIMEO, timeValue],
  [so.SO_RCVTIMEO_NEW, timeValue],
  [so.SO_SNDTIMEO_NEW, timeValue],
]);

/** setsockopt's and getsockopt's value: the level is argument 1, the name 2, the length (or where it is) 4. */
const optionValue: Printer = (at, call, arg) => {
  const { memory, args } = call;
  const length = arg.direction === "out" ? (lengthAt(memory, args[4]) ?? 0) : args[4];
  const value = args[1] === so.SOL_SOCKET ? VALUES.get(args[2]) : undefined;
  const [size, print] = value ?? [4, ({ view }: GuestMemory, to: number) => `[${view.getInt32(to, true)}]`];
  return length >= size && readable(memory, at, size) ? print(memory, at) : address(at);
};

// ---------------------------------------------------------------- messages

const CONTROL_HEAD = structs.cmsghdr.size;

function controlData(memory: GuestMemory, at: number, length: number, level: number, type: number): string {
  if (level === so.SOL_SOCKET && type === so.SCM_RIGHTS) {
    const fds = Array.from({ length: length >> 2 }, (_, i) => memory.view.getInt32(at + 4 * i, true));
    return `[${fds.join(", ")}]`;
  }
  if (level === so.SOL_SOCKET && type === so.SCM_CREDENTIALS && length >= structs.ucred.size)
    return ucredText(memory, at);
  return quote(memory.u8.slice(at, at + length));
}

function controls(call: Call, at: number, length: number): string {
  const { memory } = call;
  if (!readable(memory, at, length)) return address(at);
  const parts: string[] = [];
  for (let from = 0; from + CONTROL_HEAD <= length; ) {
    const { cmsg_len, cmsg_level, cmsg_type } = structs.cmsghdr.read(memory.view, at + from);
    const bytes = Math.min(cmsg_len, length - from) - CONTROL_HEAD;
    const level = enumName(SETS.socket_level, cmsg_level);
    const type = cmsg_level === so.SOL_SOCKET ? enumName(SETS.control_type, cmsg_type) : hex(cmsg_type >>> 0);
    const head = `cmsg_len=${cmsg_len}, cmsg_level=${level}, cmsg_type=${type}`;
    const data =
      bytes > 0 ? `, cmsg_data=${controlData(memory, at + from + CONTROL_HEAD, bytes, cmsg_level, cmsg_type)}` : "";
    parts.push(`{${head}${data}}`);
    if (cmsg_len < CONTROL_HEAD || parts.length === call.limit) break;
    from += (cmsg_len + 7) & ~7;
  }
  return `[${parts.join(", ")}]`;
}

/** One struct msghdr, with `filled` bytes in its buffers. `before`: the room that there was for the address. */
function messageHeader(call: Call, at: number, filled: number, before: number | undefined): string {
  const { memory } = call;
  const header = structs.msghdr.read(memory.view, at);
  const length = Math.min(header.msg_namelen, before ?? header.msg_namelen);
  const name = header.msg_name === 0 ? "NULL" : socketAddress(memory, header.msg_name, length);
  const changed = before !== undefined && before !== header.msg_namelen;
  const parts = [
    `msg_name=${name}`,
    `msg_namelen=${changed ? `${before} => ${header.msg_namelen}` : header.msg_namelen}`,
    `msg_iov=${iovecList(call, header.msg_iov, header.msg_iovlen, filled)}`,
    `msg_iovlen=${header.msg_iovlen}`,
  ];
  if (header.msg_controllen > 0) parts.push(`msg_control=${controls(call, header.msg_control, header.msg_controllen)}`);
  parts.push(`msg_controllen=${header.msg_controllen}`, `msg_flags=${flagNames(SETS.msg_flags, header.msg_flags)}`);
  return `{${parts.join(", ")}}`;
}

const ALL = Number.POSITIVE_INFINITY;

const message: Printer = (at, call, arg) => {
  const { memory } = call;
  if (!readable(memory, at, structs.msghdr.size)) return address(at);
  if (arg.direction === "in") return messageHeader(call, at, ALL, undefined);
  if (failed(call)) return `{msg_namelen=${structs.msghdr.read(memory.view, at).msg_namelen}}`;
  return messageHeader(call, at, call.result ?? 0, call.before);
};

/** sendmmsg's and recvmmsg's messages; those that were moved with their lengths. */
const messages: Printer = (at, call, arg) => {
  const { memory, result = 0 } = call;
  const sends = call.entry.name === "sendmmsg";
  const count = Math.min(sends ? decider(call, arg) : Math.max(0, result), call.limit);
  const { size, offset } = structs.mmsghdr;
  if (!readable(memory, at, size * count) || (failed(call) && !sends)) return address(at);
  const parts = Array.from({ length: count }, (_, i) => {
    const element = at + i * size;
    const moved = memory.view.getUint32(element + offset.msg_len, true);
    const header = messageHeader(call, element, sends ? ALL : moved, undefined);
    return `{msg_hdr=${header}${i < result ? `, msg_len=${moved}` : ""}}`;
  });
  return `[${parts.join(", ")}]`;
};

/** SOCK_*, and what else socket(2)'s type may have in it. */
const socketType: Printer = (type) => {
  const flags = flagNames(SETS.socket_flags, type & ~so.SOCK_TYPE_MASK, "|");
  return enumName(SETS.socket_type, type & so.SOCK_TYPE_MASK) + flags;
};

const socketProtocol: Printer = (protocol, call, arg) => protocolName(decider(call, arg), protocol);

/** Printers by argument type. */
export const SOCKET_PRINTERS = {
  sockaddr: addressArgument,
  socklen_ptr: lengthPointer,
  sockopt_name: optionName,
  sockopt_value: optionValue,
  msghdr: message,
  mmsghdr: messages,
  socket_type: socketType,
  socket_protocol: socketProtocol,
} satisfies Readonly<Record<string, Printer>>;
