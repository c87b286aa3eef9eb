/** Error numbers of WASI (witx: errno) by Linux's. */
import * as linux from "../../../kernel/abi/errno.ts";
import { ERRNO_TABLE } from "./layout.ts";

/** WASI's names in the order of their numbers. */
const NAMES =
  `success 2big acces addrinuse addrnotavail afnosupport again already badf badmsg busy canceled child connaborted connrefused connreset
deadlk destaddrreq dom dquot exist fault fbig hostunreach idrm ilseq inprogress intr inval io isconn isdir loop mfile mlink msgsize multihop
nametoolong netdown netreset netunreach nfile nobufs nodev noent noexec nolck nolink nomem nomsg noprotoopt nospc nosys notconn notdir
notempty notrecoverable notsock notsup notty nxio overflow ownerdead perm pipe proto protonosupport prototype range rofs spipe srch stale
timedout txtbsy xdev notcapable`.split(/\s+/);

/** Of Linux's errors that WASI has no name for. */
const OTHER = NAMES.indexOf("io");

/** The table that the adapter looks numbers up in. */
export function errnoTable(): Uint8Array {
  const table = new Uint8Array(ERRNO_TABLE).fill(OTHER);
  const numbers: Readonly<Record<string, number>> = linux;
  NAMES.forEach((name, number) => {
    const errno = numbers[`E${name.toUpperCase()}`];
    if (errno !== undefined) table[errno] = number;
  });
  table[linux.EOPNOTSUPP] = NAMES.indexOf("notsup");
  return table;
}
