/** The network's interfaces and what ioctl(2) says about them (man 7 netdevice). A machine has one: `lo`. */
import { ENODEV, ENOTTY, EOPNOTSUPP, EPERM } from "../../abi/errno.ts";
import { ARPHRD_LOOPBACK, IFF_LOOPBACK, IFF_RUNNING, IFF_UP } from "../../abi/inet.ts";
import * as io from "../../abi/ioctl.ts";
import { AF_INET } from "../../abi/socket.ts";
import { ifconf, ifreq } from "../../abi/structs.ts";
import type { Task } from "../../task/task.ts";
import { ANY4, LOOPBACK4, makeSockaddr } from "./address.ts";

/** Index of `lo`. */
export const LO_INDEX = 1;
export const LO_NAME = "lo";
export const LO_MTU = 65536;
export const LO_FLAGS: number = IFF_UP | IFF_LOOPBACK | IFF_RUNNING;
const LO_MASK = 0xff000000;
export const LO_QUEUE = 1000;

/** A number or an address at the beginning of ifreq's union. */
const int = (value: number): Uint8Array => new Uint8Array(new Int32Array([value]).buffer);
const address = (host: number): Uint8Array => makeSockaddr(AF_INET, { host, port: 0 });

/** What the requests give that name an interface. */
const ANSWERS = new Map<number, Uint8Array>([
  [io.SIOCGIFFLAGS, int(LO_FLAGS).subarray(0, 2)],
  [io.SIOCGIFMETRIC, int(0)],
  [io.SIOCGIFMTU, int(LO_MTU)],
  [io.SIOCGIFINDEX, int(LO_INDEX)],
  [io.SIOCGIFTXQLEN, int(LO_QUEUE)],
  [io.SIOCGIFHWADDR, makeHardwareAddress()],
  [io.SIOCGIFMAP, new Uint8Array(ifreq.fields.ifr_ifru.size)],
]);
/** Those of AF_INET's sockets only. */
const ADDRESSES = new Map<number, Uint8Array>([
  [io.SIOCGIFADDR, address(LOOPBACK4)],
  [io.SIOCGIFDSTADDR, address(LOOPBACK4)],
  [io.SIOCGIFBRDADDR, address(ANY4)],
  [io.SIOCGIFNETMASK, address(LO_MASK)],
]);
/** Requests that change an interface, and what they would change. */
const CHANGES = new Map<number, number>([
  [io.SIOCSIFFLAGS, io.SIOCGIFFLAGS],
  [io.SIOCSIFMETRIC, io.SIOCGIFMETRIC],
  [io.SIOCSIFMTU, io.SIOCGIFMTU],
  [io.SIOCSIFTXQLEN, io.SIOCGIFTXQLEN],
  [io.SIOCSIFHWADDR, io.SIOCGIFHWADDR],
  [io.SIOCSIFADDR, io.SIOCGIFADDR],
  [io.SIOCSIFDSTADDR, io.SIOCGIFDSTADDR],
  [io.SIOCSIFBRDADDR, io.SIOCGIFBRDADDR],
  [io.SIOCSIFNETMASK, io.SIOCGIFNETMASK],
]);

function makeHardwareAddress(): Uint8Array {
  const bytes = new Uint8Array(16);
  bytes.set(int(ARPHRD_LOOPBACK).subarray(0, 2));
  return bytes;
}

/** ioctl(2) on a socket of any family about the machine's interfaces: -ENOTTY for what is not about them. May throw EFAULT. */
export function interfaceIoctl(t: Task, family: number, request: number, argument: number): number {
  if (request === io.SIOCGIFCONF) return listInterfaces(t, argument);
  if (request === io.SIOCGIFNAME) return interfaceName(t, argument);
  if (request === io.SIOCADDRT || request === io.SIOCDELRT) return t.euid === 0 ? -EOPNOTSUPP : -EPERM;
  const subject = CHANGES.get(request) ?? request;
  const answer = ANSWERS.get(subject) ?? (family === AF_INET ? ADDRESSES.get(subject) : undefined);
  if (answer === undefined) return -ENOTTY;
  const { u8, view, at } = t.mm.region(argument, ifreq.size);
  const changes = subject !== request;
  if (changes && t.euid !== 0) return -EPERM;
  if (ifreq.read(view, at).ifr_name !== LO_NAME) return -ENODEV;
  const union = at + ifreq.offset.ifr_ifru;
  if (changes) return answer.every((byte, i) => u8[union + i] === byte) ? 0 : -EOPNOTSUPP;
  u8.set(answer, union);
  return 0;
}

/** SIOCGIFNAME: the name of the interface whose index is given. */
function interfaceName(t: Task, argument: number): number {
  const { view, at } = t.mm.region(argument, ifreq.size);
  if (view.getInt32(at + ifreq.offset.ifr_ifru, true) !== LO_INDEX) return -ENODEV;
  ifreq.fields.ifr_name.set(view, at, LO_NAME);
  return 0;
}

/** SIOCGIFCONF: the interfaces that have an IPv4 address, as far as there is room; without a buffer, the bytes that they need. */
function listInterfaces(t: Task, argument: number): number {
  const { view, at } = t.mm.region(argument, ifconf.size);
  const { ifc_len, ifc_buf } = ifconf.read(view, at);
  let bytes = ifreq.size;
  if (ifc_buf !== 0) {
    if (ifc_len < ifreq.size) bytes = 0;
    else {
      const entry = t.mm.region(ifc_buf, ifreq.size);
      const ifr_ifru = new Uint8Array(ifreq.fields.ifr_ifru.size);
      ifr_ifru.set(address(LOOPBACK4));
      ifreq.write(entry.view, entry.at, { ifr_name: LO_NAME, ifr_ifru });
    }
  }
  view.setInt32(at + ifconf.offset.ifc_len, bytes, true);
  return 0;
}
