/** NETLINK_ROUTE (man 7 rtnetlink): the interfaces and addresses of the machine for who asks; nothing of them can be changed. */
import { EINVAL, ENODEV, EOPNOTSUPP, EPERM } from "../../abi/errno.ts";
import { ARPHRD_LOOPBACK } from "../../abi/inet.ts";
import * as nl from "../../abi/netlink.ts";
import { AF_INET, AF_INET6, AF_UNSPEC } from "../../abi/socket.ts";
import { ifaddrmsg, ifinfomsg } from "../../abi/structs.ts";
import type { Task } from "../../task/task.ts";
import { LOOPBACK4, LOOPBACK6, putHost4, putHost6 } from "../inet/address.ts";
import { LO_FLAGS, LO_INDEX, LO_MTU, LO_NAME, LO_QUEUE } from "../inet/interfaces.ts";
import { type Attribute, attributes, doneMessage, int, message, type Request, text } from "./message.ts";

/** Makes a fixed part. */
function encode(size: number, write: (view: DataView) => void): Uint8Array {
  const bytes = new Uint8Array(size);
  write(new DataView(bytes.buffer));
  return bytes;
}

/** The hardware address of `lo`, as its broadcast address, is zeros. */
const NO_ADDRESS = new Uint8Array(6);

function link(flags: number, seq: number, pid: number): Uint8Array {
  const fixed = encode(ifinfomsg.size, (view) =>
    ifinfomsg.write(view, 0, {
      ifi_family: AF_UNSPEC,
      ifi_type: ARPHRD_LOOPBACK,
      ifi_index: LO_INDEX,
      ifi_flags: LO_FLAGS | nl.IFF_LOWER_UP,
      ifi_change: 0,
    }),
  );
  return message(nl.RTM_NEWLINK, flags, seq, pid, fixed, [
    [nl.IFLA_IFNAME, text(LO_NAME)],
    [nl.IFLA_TXQLEN, int(LO_QUEUE)],
    [nl.IFLA_OPERSTATE, Uint8Array.of(0)],
    [nl.IFLA_LINKMODE, Uint8Array.of(0)],
    [nl.IFLA_MTU, int(LO_MTU)],
    [nl.IFLA_ADDRESS, NO_ADDRESS],
    [nl.IFLA_BROADCAST, NO_ADDRESS],
    [nl.IFLA_QDISC, text("noqueue")],
  ]);
}

/** struct ifa_cacheinfo: it never ends, and is as old as the machine. */
const FOREVER = new Uint8Array(16).fill(0xff, 0, 8);

function address(family: number, flags: number, seq: number, pid: number): Uint8Array {
  const four = family === AF_INET;
  const fixed = encode(ifaddrmsg.size, (view) =>
    ifaddrmsg.write(view, 0, {
      ifa_family: family,
      ifa_prefixlen: four ? 8 : 128,
      ifa_flags: nl.IFA_F_PERMANENT,
      ifa_scope: nl.RT_SCOPE_HOST,
      ifa_index: LO_INDEX,
    }),
  );
  const host = new Uint8Array(four ? 4 : 16);
  if (four) putHost4(host, 0, LOOPBACK4);
  else putHost6(host, 0, LOOPBACK6);
  const own: readonly Attribute[] = four
    ? [
        [nl.IFA_LOCAL, host],
        [nl.IFA_LABEL, text(LO_NAME)],
      ]
    : [];
  return message(nl.RTM_NEWADDR, flags, seq, pid, fixed, [
    [nl.IFA_ADDRESS, host],
    ...own,
    [nl.IFA_CACHEINFO, FOREVER],
    [nl.IFA_FLAGS, int(nl.IFA_F_PERMANENT)],
  ]);
}

/** What each request that dumps a table gives; routes to the machine itself stand in none. */
const DUMPS = new Map<number, (family: number, seq: number, pid: number) => readonly Uint8Array[]>([
  [nl.RTM_GETLINK, (_family, seq, pid) => [link(nl.NLM_F_MULTI, seq, pid)]],
  [
    nl.RTM_GETADDR,
    (family, seq, pid) =>
      [AF_INET, AF_INET6]
        .filter((each) => family === each || family === AF_UNSPEC)
        .map((each) => address(each, nl.NLM_F_MULTI, seq, pid)),
  ],
  [nl.RTM_GETROUTE, () => []],
  [nl.RTM_GETNEIGH, () => []],
  [nl.RTM_GETRULE, () => []],
]);

/** RTM_GETLINK for one interface: by its index, or by its name. */
function oneLink({ body, seq }: Request, pid: number): readonly Uint8Array[] | number {
  if (body.byteLength < ifinfomsg.size) return -EINVAL;
  const { ifi_index } = ifinfomsg.read(body, 0);
  const name = attributes(body, ifinfomsg.size).get(nl.IFLA_IFNAME);
  if (ifi_index <= 0 && name === undefined) return -EINVAL;
  const named = name !== undefined && String.fromCharCode(...name).replace(/\0[\s\S]*$/, "") === LO_NAME;
  return ifi_index === LO_INDEX || (ifi_index <= 0 && named) ? [link(0, seq, pid)] : -ENODEV;
}

/** The answer to a request from `pid`: messages, or -errno. */
export function answer(t: Task | null, request: Request, pid: number): readonly Uint8Array[] | number {
  const { type, flags, seq, body } = request;
  // The third of four asks, and everyone may.
  if ((type & 3) !== 2 && t !== null && t.euid !== 0) return -EPERM;
  if ((flags & nl.NLM_F_DUMP) === 0) return type === nl.RTM_GETLINK ? oneLink(request, pid) : -EOPNOTSUPP;
  const dump = DUMPS.get(type);
  if (dump === undefined) return -EOPNOTSUPP;
  if (body.byteLength < 1) return -EINVAL;
  return [...dump(body.getUint8(0), seq, pid), doneMessage(request, pid, nl.NLM_F_MULTI)];
}
