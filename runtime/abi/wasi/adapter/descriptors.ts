/** What the program has open, with which rights: a table in kernel memory, shared by the process's threads. See layout.ts. */
import { PROC_ABI, TASK_PROC } from "../../../../kernel/hot/layout";
import {
  FD_BASE,
  FD_INHERITING,
  FD_NAME,
  FD_NAME_BYTES,
  FD_OPEN,
  FD_READ,
  FD_RECORD,
  FD_TYPE,
  FD_WRITE,
  FILETYPE_DIRECTORY,
  FILETYPE_SOCKET_DGRAM,
  WASI_COUNT,
  WASI_RECORDS,
  WRITE_RIGHTS,
} from "../layout";
import { BADF, NOTCAPABLE } from "./errno";
import { alloc, current, free } from "./hot";
import { filetype, inheriting_of, rights_of } from "./rights";

function state(): u32 {
  return load<u32>(load<u32>(current, TASK_PROC), PROC_ABI);
}

/** A descriptor's record, 0 where the program has no such one. Not to be kept over a call that can wait: the table may move. */
export function record(fd: u32): u32 {
  const table = state();
  if (fd >= load<u32>(table, WASI_COUNT)) return 0;
  const at = load<u32>(table, WASI_RECORDS) + FD_RECORD * fd;
  return load<u32>(at) ? at : 0;
}

/** Whether the program may use a descriptor so: 0, BADF or NOTCAPABLE. */
export function check(fd: u32, rights: u32): u32 {
  const table = state();
  if (fd >= load<u32>(table, WASI_COUNT)) return BADF;
  const base = load<u32>(load<u32>(table, WASI_RECORDS) + FD_RECORD * fd);
  if ((base & rights) == rights && base) return 0;
  return base ? NOTCAPABLE : BADF;
}

/** Enters a new descriptor of the running program. False where memory is full. */
export function enter(fd: u32, base: u32, inheriting: u32, type: u32): bool {
  return enter_into(state(), fd, base, inheriting, type);
}

function enter_into(table: u32, fd: u32, base: u32, inheriting: u32, type: u32): bool {
  const count = load<u32>(table, WASI_COUNT);
  if (fd >= count) {
    let larger = count;
    while (larger <= fd) larger <<= 1;
    const records = alloc(FD_RECORD * larger);
    if (!records) return false;
    memory.copy(records, load<u32>(table, WASI_RECORDS), FD_RECORD * count);
    free(load<u32>(table, WASI_RECORDS), FD_RECORD * count);
    store<u32>(table, records, WASI_RECORDS);
    store<u32>(table, larger, WASI_COUNT);
  }
  const at = load<u32>(table, WASI_RECORDS) + FD_RECORD * fd;
  store<u32>(at, base | FD_OPEN, FD_BASE);
  store<u32>(at, inheriting, FD_INHERITING);
  store<u32>(at, 0, FD_NAME);
  store<u16>(at, 0, FD_NAME_BYTES);
  store<u8>(at, <u8>type, FD_TYPE);
  return true;
}

export function forget(at: u32): void {
  memory.fill(at, 0, FD_RECORD);
}

/**
 * Enters a descriptor that a program begins with into the state of its process. `access`: FD_READ and FD_WRITE as the file is open;
 * `mode` and `rdev`: its st_mode and st_rdev; `datagrams`: it is a socket of type SOCK_DGRAM. 0 where memory is full.
 */
export function adopt(table: u32, fd: u32, mode: u32, rdev: u32, access: u32, datagrams: bool): u32 {
  const type = datagrams ? FILETYPE_SOCKET_DGRAM : filetype(mode);
  let base = rights_of(mode, rdev);
  if (type != FILETYPE_DIRECTORY) {
    if (!(access & FD_READ)) base &= ~FD_READ;
    if (!(access & FD_WRITE)) base &= ~WRITE_RIGHTS;
  }
  return enter_into(table, fd, base, inheriting_of(type), type) ? 1 : 0;
}

/** Says that a descriptor is a preopened directory of this name, which lies in kernel memory. */
export function preopen(table: u32, fd: u32, name: u32, bytes: u32): void {
  const at = load<u32>(table, WASI_RECORDS) + FD_RECORD * fd;
  store<u32>(at, name, FD_NAME);
  store<u16>(at, <u16>bytes, FD_NAME_BYTES);
}
