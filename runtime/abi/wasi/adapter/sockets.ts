/** sock_accept, sock_recv, sock_send, sock_shutdown, on accept4(2), recvmsg(2), sendmsg(2), shutdown(2). */
import { O_NONBLOCK } from "../../../../kernel/abi/fcntl";
import { MSGHDR_BYTES, MSGHDR_MSG_FLAGS, MSGHDR_MSG_IOV, MSGHDR_MSG_IOVLEN } from "../../../../kernel/hot/structs";
import {
  FD_READ,
  FD_TYPE,
  FD_WRITE,
  FILETYPE_SOCKET_DGRAM,
  FILETYPE_SOCKET_STREAM,
  PAGE_MESSAGE,
  SOCK_ACCEPT,
  SOCK_SHUTDOWN,
  SOCKET_RIGHTS,
} from "../layout";
import { check, enter, record } from "./descriptors";
import { BADF, error_of, INVAL, NOMEM, NOTSOCK } from "./errno";
import { open_flags } from "./files";
import { SYS_accept4, SYS_close, SYS_recvmsg, SYS_sendmsg, SYS_shutdown } from "./hot";
import { page, page_address, put16, put32 } from "./user";

const MSG_PEEK: u32 = 2;
const MSG_WAITALL: u32 = 0x100;
const MSG_TRUNC: u32 = 0x20;
// witx: riflags, roflags
const RECV_PEEK: u32 = 1;
const RECV_WAITALL: u32 = 2;
const DATA_TRUNCATED: u32 = 1;

/** Whether a descriptor is a socket that may be used so. 0 or an error. */
function check_socket(fd: u32, rights: u32): u32 {
  const at = record(fd);
  if (!at) return BADF;
  const type = load<u8>(at, FD_TYPE);
  if (type != FILETYPE_SOCKET_STREAM && type != FILETYPE_SOCKET_DGRAM) return NOTSOCK;
  return check(fd, rights);
}

function message(vector: u32, count: u32): u32 {
  memory.fill(page(PAGE_MESSAGE), 0, MSGHDR_BYTES);
  store<u32>(page(PAGE_MESSAGE), vector, MSGHDR_MSG_IOV);
  store<u32>(page(PAGE_MESSAGE), count, MSGHDR_MSG_IOVLEN);
  return page_address(PAGE_MESSAGE);
}

export function sock_accept(fd: u32, fdflags: u32, out: u32): u32 {
  const refused = check_socket(fd, SOCK_ACCEPT);
  if (refused) return refused;
  const flags = open_flags(fdflags);
  if (flags & ~O_NONBLOCK) return INVAL;
  const accepted = SYS_accept4(fd, 0, 0, flags);
  if (accepted < 0) return error_of(accepted);
  if (!enter(<u32>accepted, SOCKET_RIGHTS, 0, FILETYPE_SOCKET_STREAM)) {
    SYS_close(<u32>accepted);
    return NOMEM;
  }
  return put32(out, <u32>accepted);
}

export function sock_recv(fd: u32, iovs: u32, count: u32, riflags: u32, out: u32, flags_out: u32): u32 {
  const refused = check_socket(fd, FD_READ);
  if (refused) return refused;
  if (riflags > 3) return INVAL;
  const flags = (riflags & RECV_PEEK ? MSG_PEEK : 0) | (riflags & RECV_WAITALL ? MSG_WAITALL : 0);
  const result = SYS_recvmsg(fd, message(iovs, count), flags);
  if (result < 0) return error_of(result);
  const truncated = load<u32>(page(PAGE_MESSAGE), MSGHDR_MSG_FLAGS) & MSG_TRUNC ? DATA_TRUNCATED : 0;
  return put32(out, <u32>result) | put16(flags_out, truncated);
}

export function sock_send(fd: u32, iovs: u32, count: u32, siflags: u32, out: u32): u32 {
  const refused = check_socket(fd, FD_WRITE);
  if (refused) return refused;
  if (siflags) return INVAL;
  const result = SYS_sendmsg(fd, message(iovs, count), 0);
  return result < 0 ? error_of(result) : put32(out, <u32>result);
}

/** witx: sdflags: 1 no more reading, 2 no more writing; Linux's SHUT_RD, SHUT_WR, SHUT_RDWR are one less. */
export function sock_shutdown(fd: u32, how: u32): u32 {
  const refused = check_socket(fd, SOCK_SHUTDOWN);
  if (refused) return refused;
  return how < 1 || how > 3 ? INVAL : error_of(SYS_shutdown(fd, how - 1));
}
