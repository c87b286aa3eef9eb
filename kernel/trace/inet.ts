/** Addresses and options of AF_INET, AF_INET6 and AF_NETLINK, as strace writes them. */
import { type ConstantSet, CONSTANT_SETS as SETS } from "../abi/constants.ts";
import * as so from "../abi/socket.ts";
import * as structs from "../abi/structs.ts";
import { type Endpoint, hostText, readSockaddrIn, readSockaddrIn6 } from "../net/inet/address.ts";
import type { GuestMemory } from "./memory.ts";
import { enumName } from "./text.ts";

const cut = ({ u8 }: GuestMemory, at: number, length: number): Uint8Array => u8.slice(at, at + length);

function inAddress(memory: GuestMemory, at: number, length: number): string | undefined {
  if (length < structs.sockaddr_in.size) return undefined;
  const { host, port } = readSockaddrIn(cut(memory, at, length));
  return `, sin_port=htons(${port}), sin_addr=inet_addr("${hostText(host)}")`;
}

/** IPv4 addresses are mapped ones here. */
const text6 = ({ host }: Endpoint): string => (typeof host === "number" ? "::ffff:" : "") + hostText(host);

function in6Address(memory: GuestMemory, at: number, length: number): string | undefined {
  const { size, offset } = structs.sockaddr_in6;
  if (length < size) return undefined;
  const endpoint = readSockaddrIn6(cut(memory, at, length));
  // Written in network byte order, as the port.
  const flow = memory.view.getUint32(at + offset.sin6_flowinfo, false);
  const scope = memory.view.getUint32(at + offset.sin6_scope_id, true);
  const host = `inet_pton(AF_INET6, "${text6(endpoint)}", &sin6_addr)`;
  return `, sin6_port=htons(${endpoint.port}), sin6_flowinfo=htonl(${flow}), ${host}, sin6_scope_id=${scope}`;
}

function netlinkAddress({ view }: GuestMemory, at: number, length: number): string | undefined {
  if (length < structs.sockaddr_nl.size) return undefined;
  const { nl_pid, nl_groups } = structs.sockaddr_nl.read(view, at);
  return `, nl_pid=${nl_pid | 0}, nl_groups=${nl_groups === 0 ? "" : "0x"}${nl_groups.toString(16).padStart(8, "0")}`;
}

/** What follows the family, by AF_*; undefined for an address that is too short. */
export const INET_ADDRESSES: readonly (readonly [family: number, print: typeof inAddress])[] = [
  [so.AF_INET, inAddress],
  [so.AF_INET6, in6Address],
  [so.AF_NETLINK, netlinkAddress],
];

/** Options by level. */
export const INET_OPTIONS: readonly (readonly [level: number, set: ConstantSet])[] = [
  [so.SOL_IP, SETS.ip_option],
  [so.SOL_IPV6, SETS.ipv6_option],
  [so.SOL_TCP, SETS.tcp_option],
  [so.SOL_UDP, SETS.udp_option],
];

/** The protocol of socket(2), by its family. */
export function protocolName(family: number, protocol: number): string {
  if (family === so.AF_INET || family === so.AF_INET6) return enumName(SETS.ip_protocol, protocol);
  return family === so.AF_NETLINK ? enumName(SETS.netlink_protocol, protocol) : String(protocol | 0);
}
