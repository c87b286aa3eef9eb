/** Structs in guest memory, as strace writes them. Callers have found the whole struct to be in memory. */
import { CONSTANT_SETS as SETS } from "../abi/constants.ts";
import { RLIM_INFINITY } from "../abi/resource.ts";
import { SA_RESTORER } from "../abi/signal.ts";
import { S_IFBLK, S_IFCHR, S_IFMT, STATX_ALL, STATX_BASIC_STATS, UTIME_NOW, UTIME_OMIT } from "../abi/stat.ts";
import * as structs from "../abi/structs.ts";
import * as flags from "../abi/termios.ts";
import type { Call } from "./call.ts";
import { type GuestMemory, readable } from "./memory.ts";
import { signalSet } from "./signals.ts";
import { address, enumName, flagNames, hex, isoTime, nameOf, octal, quote } from "./text.ts";

type StructPrinter = (memory: GuestMemory, at: number, call: Call) => string;

/** File type and permissions: "S_IFREG|0644". */
export function fileMode(mode: number): string {
  const type = nameOf(SETS.file_type, mode & S_IFMT);
  return type === undefined ? octal(mode) : `${type}|${octal(mode & ~S_IFMT)}`;
}

/** A device number in 64 bits, high ones of both parts included (man 3 makedev). */
export function device(dev: number): string {
  const low = dev >>> 0;
  const high = Math.floor(dev / 2 ** 32);
  const major = ((low >>> 8) & 0xfff) | (high & 0xfffff000);
  const minor = (low & 0xff) | ((low >>> 12) & 0xfff00);
  return `makedev(${hex(major >>> 0)}, ${hex(minor >>> 0)})`;
}

export function timespec({ view }: GuestMemory, at: number): string {
  const { tv_sec, tv_nsec } = structs.timespec.read(view, at);
  return `{tv_sec=${tv_sec}, tv_nsec=${tv_nsec}}`;
}

export function timeval({ view }: GuestMemory, at: number): string {
  const { tv_sec, tv_usec } = structs.timeval.read(view, at);
  return `{tv_sec=${tv_sec}, tv_usec=${tv_usec}}`;
}

/** utimensat's times: a time and what it means, or one of the two special values of `tv_nsec`. */
export function timespecWithDate(memory: GuestMemory, at: number): string {
  const { tv_sec, tv_nsec } = structs.timespec.read(memory.view, at);
  if (tv_nsec === UTIME_NOW) return "UTIME_NOW";
  if (tv_nsec === UTIME_OMIT) return "UTIME_OMIT";
  return withComment(timespec(memory, at), isoTime(tv_sec, tv_nsec, 9));
}

export function timevalWithDate(memory: GuestMemory, at: number): string {
  const { tv_sec, tv_usec } = structs.timeval.read(memory.view, at);
  return withComment(timeval(memory, at), isoTime(tv_sec, tv_usec, 6));
}

export function withComment(text: string, comment: string): string {
  return comment === "" ? text : `${text} /* ${comment} */`;
}

function pairOf(print: StructPrinter, size: number): StructPrinter {
  return (memory, at, call) => `[${print(memory, at, call)}, ${print(memory, at + size, call)}]`;
}

function limit(value: number): string {
  if (value >= RLIM_INFINITY) return "RLIM64_INFINITY";
  return value > 1024 && value % 1024 === 0 ? `${value / 1024}*1024` : String(value);
}

/** "{a=1, b=2}": every field of the struct, named and as a number. */
function plain<V extends object>(layout: { read(view: DataView, at: number): V }): StructPrinter {
  return ({ view }, at) => `{${fieldList(layout.read(view, at))}}`;
}

function fieldList(value: object): string {
  const parts = Object.entries(value).map(
    ([key, field]) => `${key}=${Array.isArray(field) ? `[${field.join(", ")}]` : field}`,
  );
  return parts.join(", ");
}

const statText: StructPrinter = ({ view }, at) => {
  const { st_mode, st_size, st_rdev } = structs.stat.read(view, at);
  const type = st_mode & S_IFMT;
  const rest = type === S_IFCHR || type === S_IFBLK ? `st_rdev=${device(st_rdev)}` : `st_size=${st_size}`;
  return `{st_mode=${fileMode(st_mode)}, ${rest}, ...}`;
};

/** STATX_ALL and STATX_BASIC_STATS stand for their bits. */
export function statxMask(mask: number): string {
  const group = (mask & STATX_ALL) === STATX_ALL ? STATX_ALL : STATX_BASIC_STATS;
  if ((mask & group) !== group) return flagNames(SETS.statx_mask, mask);
  return `${group === STATX_ALL ? "STATX_ALL" : "STATX_BASIC_STATS"}${flagNames(SETS.statx_mask, mask & ~group, "|")}`;
}

const statxText: StructPrinter = ({ view }, at) => {
  const { stx_mask, stx_attributes, stx_mode, stx_size } = structs.statx.read(view, at);
  const attributes = flagNames(SETS.statx_attributes, stx_attributes);
  return `{stx_mask=${statxMask(stx_mask)}, stx_attributes=${attributes}, stx_mode=${fileMode(stx_mode)}, stx_size=${stx_size}, ...}`;
};

const statfsText: StructPrinter = ({ view }, at) => {
  const { f_type, f_fsid, f_flags, f_namelen, f_frsize, ...counts } = structs.statfs.read(view, at);
  const type = nameOf(SETS.statfs_type, f_type) ?? hex(f_type);
  return (
    `{f_type=${type}, ${fieldList(counts)}, f_fsid={val=[${f_fsid.map(hex).join(", ")}]}, f_namelen=${f_namelen}, ` +
    `f_frsize=${f_frsize}, f_flags=${flagNames(SETS.statfs_flags, f_flags)}}`
  );
};

const rusageText: StructPrinter = (memory, at) =>
  `{ru_utime=${timeval(memory, at)}, ru_stime=${timeval(memory, at + structs.rusage.offset.ru_stime)}, ...}`;

const utsnameText: StructPrinter = ({ view }, at) => {
  const { sysname, nodename } = structs.utsname.read(view, at);
  const encoder = new TextEncoder();
  return `{sysname=${quote(encoder.encode(sysname))}, nodename=${quote(encoder.encode(nodename))}, ...}`;
};

const sigactionText: StructPrinter = ({ view }, at) => {
  const { sa_handler, sa_mask, sa_flags, sa_restorer } = structs.sigaction.read(view, at);
  const handler = sa_handler === 0 ? "SIG_DFL" : sa_handler === 1 ? "SIG_IGN" : hex(sa_handler);
  const restorer = (sa_flags & SA_RESTORER) === 0 ? "" : `, sa_restorer=${address(sa_restorer)}`;
  const bits = flagNames(SETS.sa_flags, sa_flags);
  return `{sa_handler=${handler}, sa_mask=${signalSet(...sa_mask)}, sa_flags=${bits}${restorer}}`;
};

const stackText: StructPrinter = ({ view }, at) => {
  const { ss_sp, ss_flags, ss_size } = structs.stack_t.read(view, at);
  return `{ss_sp=${address(ss_sp)}, ss_flags=${flagNames(SETS.ss_flags, ss_flags)}, ss_size=${ss_size}}`;
};

export const epollEvent: StructPrinter = ({ view }, at) => {
  const { events, data } = structs.epoll_event.read(view, at);
  const data64 = (BigInt(data[1]) << 32n) | BigInt(data[0]);
  return `{events=${flagNames(SETS.epoll_events, events)}, data={u32=${data[0]}, u64=${data64}}}`;
};

const utimbufText: StructPrinter = ({ view }, at) => {
  const { actime, modtime } = structs.utimbuf.read(view, at);
  return `{actime=${withComment(String(actime), isoTime(actime))}, modtime=${withComment(String(modtime), isoTime(modtime))}}`;
};

const interval =
  (print: StructPrinter): StructPrinter =>
  (memory, at, call) =>
    `{it_interval=${print(memory, at, call)}, it_value=${print(memory, at + 16, call)}}`;

const argpackText: StructPrinter = (memory, at) => {
  const { ss, ss_len } = structs.sigset_argpack.read(memory.view, at);
  return `{sigmask=${sigsetAt(memory, ss, ss_len)}, sigsetsize=${ss_len}}`;
};

/** The signal mask at `at`, which has 8 bytes or is none of ours to read. */
export function sigsetAt(memory: GuestMemory, at: number, size: number): string {
  if (size !== 8 || !readable(memory, at, 8)) return address(at);
  return signalSet(memory.view.getUint32(at, true), memory.view.getUint32(at + 4, true));
}

/** fcntl's lock; who holds it (`l_pid`) only where the call tells. */
export function flock({ view }: GuestMemory, at: number, withPid: boolean): string {
  const { l_type, l_whence, l_start, l_len, l_pid } = structs.flock.read(view, at);
  const pid = withPid ? `, l_pid=${l_pid}` : "";
  const type = enumName(SETS.lock_type, l_type);
  return `{l_type=${type}, l_whence=${enumName(SETS.whence, l_whence)}, l_start=${l_start}, l_len=${l_len}${pid}}`;
}

/** c_oflag's delays and c_cflag's speed and size are fields of bits with one name each; the other bits follow. */
export function termios({ view }: GuestMemory, at: number): string {
  const { c_iflag, c_oflag, c_cflag, c_lflag } = structs.termios.read(view, at);
  const delays = [
    enumName(SETS.nl_delay, c_oflag & flags.NLDLY),
    enumName(SETS.cr_delay, c_oflag & flags.CRDLY),
    enumName(SETS.tab_delay, c_oflag & flags.TABDLY),
    enumName(SETS.bs_delay, c_oflag & flags.BSDLY),
    enumName(SETS.vt_delay, c_oflag & flags.VTDLY),
    enumName(SETS.ff_delay, c_oflag & flags.FFDLY),
  ].join("|");
  const delayBits = flags.NLDLY | flags.CRDLY | flags.TABDLY | flags.BSDLY | flags.VTDLY | flags.FFDLY;
  const line = `${enumName(SETS.baud, c_cflag & flags.CBAUD)}|${enumName(SETS.char_size, c_cflag & flags.CSIZE)}`;
  return (
    `{c_iflag=${flagNames(SETS.c_iflag, c_iflag)}, c_oflag=${delays}${flagNames(SETS.c_oflag, c_oflag & ~delayBits, "|")}, ` +
    `c_cflag=${line}${flagNames(SETS.c_cflag, c_cflag & ~(flags.CBAUD | flags.CSIZE), "|")}, ` +
    `c_lflag=${flagNames(SETS.c_lflag, c_lflag)}, ...}`
  );
}

export const winsize = plain(structs.winsize);

/** Argument types that point to one struct: its size, and its printer. */
export const STRUCTS: Readonly<Record<string, readonly [size: number, print: StructPrinter]>> = {
  stat: [structs.stat.size, statText],
  statfs: [structs.statfs.size, statfsText],
  statx: [structs.statx.size, statxText],
  timespec: [structs.timespec.size, timespec],
  timespec_pair: [2 * structs.timespec.size, pairOf(timespecWithDate, structs.timespec.size)],
  timeval: [structs.timeval.size, timeval],
  timeval_pair: [2 * structs.timeval.size, pairOf(timevalWithDate, structs.timeval.size)],
  timezone: [structs.timezone.size, plain(structs.timezone)],
  itimerval: [structs.itimerval.size, interval(timeval)],
  itimerspec: [structs.itimerspec.size, interval(timespec)],
  utimbuf: [structs.utimbuf.size, utimbufText],
  tms: [structs.tms.size, plain(structs.tms)],
  sigset_argpack: [structs.sigset_argpack.size, argpackText],
  sigaction: [structs.sigaction.size, sigactionText],
  stack: [structs.stack_t.size, stackText],
  rlimit: [
    structs.rlimit.size,
    ({ view }, at) => {
      const { rlim_cur, rlim_max } = structs.rlimit.read(view, at);
      return `{rlim_cur=${limit(rlim_cur)}, rlim_max=${limit(rlim_max)}}`;
    },
  ],
  rusage: [structs.rusage.size - 128, rusageText],
  utsname: [structs.utsname.size, utsnameText],
  sysinfo: [structs.sysinfo.offset.reserved, plain(structs.sysinfo)],
};
