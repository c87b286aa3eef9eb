/** AF_UNIX as a family of sockets (man 7 unix). */
import { EOPNOTSUPP, EPROTONOSUPPORT, ESOCKTNOSUPPORT } from "../../abi/errno.ts";
import { AF_UNIX, SOCK_DGRAM, SOCK_RAW, SOCK_SEQPACKET, SOCK_STREAM } from "../../abi/socket.ts";
import type { Net } from "../net.ts";
import type { Family } from "../socket.ts";
import { UnixDgram } from "./dgram.ts";
import { UnixSeqpacket } from "./seqpacket.ts";
import { UnixStream } from "./stream.ts";

/** By type. BSD had raw ones, which Linux takes for datagrams. */
const TYPES = new Map<number, new (net: Net) => UnixStream | UnixDgram>([
  [SOCK_STREAM, UnixStream],
  [SOCK_DGRAM, UnixDgram],
  [SOCK_RAW, UnixDgram],
  [SOCK_SEQPACKET, UnixSeqpacket],
]);

export const unixFamily: Family = {
  create(_t, net, type, protocol) {
    if (protocol !== 0 && protocol !== AF_UNIX) return -EPROTONOSUPPORT;
    const Type = TYPES.get(type);
    return Type === undefined ? -ESOCKTNOSUPPORT : new Type(net);
  },

  pair(t, a, b) {
    if (a instanceof UnixStream && b instanceof UnixStream) a.pair(t, b);
    else if (a instanceof UnixDgram && b instanceof UnixDgram) a.pair(t, b);
    else return -EOPNOTSUPP;
    return 0;
  },
};
