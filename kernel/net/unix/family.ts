/** AF_UNIX as a family of sockets (man 7 unix). */
import { EOPNOTSUPP, EPROTONOSUPPORT, ESOCKTNOSUPPORT } from "../../abi/errno.ts";
import { AF_UNIX, SOCK_STREAM } from "../../abi/socket.ts";
import type { Family } from "../socket.ts";
import { UnixStream } from "./stream.ts";

export const unixFamily: Family = {
  create(_t, net, type, protocol) {
    if (protocol !== 0 && protocol !== AF_UNIX) return -EPROTONOSUPPORT;
    return type === SOCK_STREAM ? new UnixStream(net) : -ESOCKTNOSUPPORT;
  },

  pair(t, a, b) {
    if (!(a instanceof UnixStream && b instanceof UnixStream)) return -EOPNOTSUPP;
    a.pair(t, b);
    return 0;
  },
};
