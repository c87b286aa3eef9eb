/** ioctl's request, and what its third argument is for each of them. */
import { CONSTANT_SETS as SETS } from "../abi/constants.ts";
import * as io from "../abi/ioctl.ts";
import * as structs from "../abi/structs.ts";
import { type Call, decider, failed, type Printer } from "./call.ts";
import { readable } from "./memory.ts";
import { termios, winsize } from "./structs.ts";
import { address, enumName, hex, nameOf, quote } from "./text.ts";

type Kind = "none" | "number" | "int" | "char" | "termios" | "termios2" | "winsize" | "flush" | "flow";

/** Request, what its argument is or points to, and whether the call reads it or (true) writes it. */
const REQUESTS = new Map<number, readonly [kind: Kind, out?: boolean]>([
  [io.TCGETS, ["termios", true]],
  [io.TCSETS, ["termios"]],
  [io.TCSETSW, ["termios"]],
  [io.TCSETSF, ["termios"]],
  [io.TCGETS2, ["termios2", true]],
  [io.TCSETS2, ["termios2"]],
  [io.TCSETSW2, ["termios2"]],
  [io.TCSETSF2, ["termios2"]],
  [io.TCSBRK, ["number"]],
  [io.TCSBRKP, ["number"]],
  [io.TCXONC, ["flow"]],
  [io.TCFLSH, ["flush"]],
  [io.TIOCEXCL, ["none"]],
  [io.TIOCNXCL, ["none"]],
  [io.TIOCGEXCL, ["int", true]],
  [io.TIOCSCTTY, ["number"]],
  [io.TIOCNOTTY, ["none"]],
  [io.TIOCVHANGUP, ["none"]],
  [io.TIOCCONS, ["none"]],
  [io.TIOCSBRK, ["none"]],
  [io.TIOCCBRK, ["none"]],
  [io.TIOCGPGRP, ["int", true]],
  [io.TIOCSPGRP, ["int"]],
  [io.TIOCGSID, ["int", true]],
  [io.TIOCOUTQ, ["int", true]],
  [io.TIOCSTI, ["char"]],
  [io.TIOCGWINSZ, ["winsize", true]],
  [io.TIOCSWINSZ, ["winsize"]],
  [io.TIOCMGET, ["int", true]],
  [io.TIOCMSET, ["int"]],
  [io.TIOCPKT, ["int"]],
  [io.TIOCGPKT, ["int", true]],
  [io.TIOCGETD, ["int", true]],
  [io.TIOCSETD, ["int"]],
  [io.TIOCGPTN, ["int", true]],
  [io.TIOCSPTLCK, ["int"]],
  [io.TIOCGPTLCK, ["int", true]],
  [io.TIOCGPTPEER, ["number"]],
  [io.TIOCSIG, ["number"]],
  [io.FIONREAD, ["int", true]],
  [io.FIONBIO, ["int"]],
  [io.FIOASYNC, ["int"]],
  [io.FIOCLEX, ["none"]],
  [io.FIONCLEX, ["none"]],
]);

const SIZES: Readonly<Partial<Record<Kind, number>>> = {
  int: 4,
  char: 1,
  termios: structs.termios.size,
  termios2: structs.termios2.size,
  winsize: structs.winsize.size,
};

/** Whether the request writes to where its argument points. */
export function ioctlReads(request: number): boolean {
  return REQUESTS.get(request >>> 0)?.[1] === true;
}

const DIRECTIONS = ["_IOC_NONE", "_IOC_WRITE", "_IOC_READ", "_IOC_READ|_IOC_WRITE"];

/** The request's name, or what its number is made of (ioctl(2): direction, letter, number, size). */
export function ioctlRequest(request: number): string {
  const name = nameOf(SETS.ioctl, request);
  if (name !== undefined) return name;
  const [direction, size] = [DIRECTIONS[request >>> 30], hex((request >>> 16) & 0x3fff)];
  return `_IOC(${direction}, ${hex((request >>> 8) & 0xff)}, ${hex(request & 0xff)}, ${size})`;
}

export const ioctlArgument: Printer = (value, call, arg) => {
  const [kind, out] = REQUESTS.get(decider(call, arg) >>> 0) ?? [];
  if (kind === undefined) return hex(value);
  if (kind === "none") return undefined;
  if (kind === "number") return String(value | 0);
  if (kind === "flush") return enumName(SETS.tcflush, value);
  if (kind === "flow") return enumName(SETS.tcflow, value);
  if ((out && failed(call)) || !readable(call.memory, value, SIZES[kind]!)) return address(value);
  return pointedTo(kind, value, call);
};

function pointedTo(kind: Kind, at: number, call: Call): string {
  const { memory } = call;
  if (kind === "int") return `[${memory.view.getInt32(at, true)}]`;
  if (kind === "char") return quote(memory.u8.slice(at, at + 1));
  return kind === "winsize" ? winsize(memory, at, call) : termios(memory, at);
}
