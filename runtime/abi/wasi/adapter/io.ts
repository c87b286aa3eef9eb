/** Reading, writing and positions: fd_read, fd_write, fd_pread, fd_pwrite, fd_seek, fd_tell. struct iovec is WASI's iovec. */
import { SEEK_CUR } from "../../../../kernel/abi/fcntl";
import { FD_READ, FD_SEEK, FD_TELL, FD_WRITE, PAGE_BOUNCE } from "../layout";
import { check } from "./descriptors";
import { error_of, FAULT, INVAL } from "./errno";
import {
  copy_in,
  current,
  SYS_lseek,
  SYS_pread64,
  SYS_preadv,
  SYS_pwrite64,
  SYS_pwritev,
  SYS_read,
  SYS_readv,
  SYS_write,
  SYS_writev,
} from "./hot";
import { page, put32, put64 } from "./user";

/** Gives the guest how many bytes a call moved. 0 or an error. */
function give_count(result: i64, out: u32): u32 {
  return result < 0 ? error_of(result) : put32(out, <u32>result);
}

/** Fetches the only part of a vector: its address is then at `bounce`, its length after it. Null where that is no memory. */
function only_part(vector: u32): u32 {
  const bounce = page(PAGE_BOUNCE);
  return copy_in(current, bounce, vector, 8) ? bounce : 0;
}

export function fd_read(fd: u32, iovs: u32, count: u32, out: u32): u32 {
  const refused = check(fd, FD_READ);
  if (refused) return refused;
  if (count != 1) return give_count(SYS_readv(fd, iovs, count), out);
  const part = only_part(iovs);
  return part ? give_count(SYS_read(fd, load<u32>(part), load<u32>(part, 4)), out) : FAULT;
}

export function fd_write(fd: u32, iovs: u32, count: u32, out: u32): u32 {
  const refused = check(fd, FD_WRITE);
  if (refused) return refused;
  if (count != 1) return give_count(SYS_writev(fd, iovs, count), out);
  const part = only_part(iovs);
  return part ? give_count(SYS_write(fd, load<u32>(part), load<u32>(part, 4)), out) : FAULT;
}

export function fd_pread(fd: u32, iovs: u32, count: u32, offset: i64, out: u32): u32 {
  const refused = check(fd, FD_READ | FD_SEEK);
  if (refused) return refused;
  if (count != 1) return give_count(SYS_preadv(fd, iovs, count, offset, 0), out);
  const part = only_part(iovs);
  return part ? give_count(SYS_pread64(fd, load<u32>(part), load<u32>(part, 4), offset), out) : FAULT;
}

export function fd_pwrite(fd: u32, iovs: u32, count: u32, offset: i64, out: u32): u32 {
  const refused = check(fd, FD_WRITE | FD_SEEK);
  if (refused) return refused;
  if (count != 1) return give_count(SYS_pwritev(fd, iovs, count, offset, 0), out);
  const part = only_part(iovs);
  return part ? give_count(SYS_pwrite64(fd, load<u32>(part), load<u32>(part, 4), offset), out) : FAULT;
}

/** Linux's whence has the order of this one: set, cur, end (witx: whence). */
export function fd_seek(fd: u32, offset: i64, whence: u32, out: u32): u32 {
  // Who may only ask where it stands may do that this way too (witx: rights, fd_tell).
  const refused = check(fd, whence == SEEK_CUR && !offset ? FD_TELL : FD_SEEK);
  if (refused) return refused;
  if (whence > 2) return INVAL;
  const result = SYS_lseek(fd, offset, whence);
  return result < 0 ? error_of(result) : put64(out, result);
}

export function fd_tell(fd: u32, out: u32): u32 {
  const refused = check(fd, FD_TELL);
  if (refused) return refused;
  const result = SYS_lseek(fd, 0, SEEK_CUR);
  return result < 0 ? error_of(result) : put64(out, result);
}
