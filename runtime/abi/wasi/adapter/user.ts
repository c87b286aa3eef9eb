/** The guest's memory, and the task's page of the window, through which system calls get what the adapter makes. */
import { TASK_WINDOW, TASK_WINDOW_ADDRESS } from "../../../../kernel/hot/layout";
import { PAGE_BOUNCE } from "../layout";
import { FAULT, INVAL, NAMETOOLONG } from "./errno";
import { copy_in, copy_out, current } from "./hot";

/** A path's bytes with their NUL (man 7 path_resolution: PATH_MAX). */
const PATH_MAX: u32 = 4096;

/** The kernel address of a part of the task's page. */
export function page(offset: u32): u32 {
  return load<u32>(current, TASK_WINDOW) + offset;
}

/** Its user address. */
export function page_address(offset: u32): u32 {
  return load<u32>(current, TASK_WINDOW_ADDRESS) + offset;
}

/** Writes to the guest. 0 or FAULT. */
export function put16(address: u32, value: u32): u32 {
  store<u16>(page(PAGE_BOUNCE), <u16>value);
  return put(address, 2);
}

export function put32(address: u32, value: u32): u32 {
  const bounce = page(PAGE_BOUNCE);
  store<u32>(bounce, value);
  return copy_out(current, address, bounce, 4) ? 0 : FAULT;
}

export function put64(address: u32, value: u64): u32 {
  const bounce = page(PAGE_BOUNCE);
  store<u64>(bounce, value);
  return copy_out(current, address, bounce, 8) ? 0 : FAULT;
}

/** Copies `bytes` from the bounce buffer to the guest. 0 or FAULT. */
export function put(address: u32, bytes: u32): u32 {
  return copy_out(current, address, page(PAGE_BOUNCE), bytes) ? 0 : FAULT;
}

/** Copies a path into the page, and ends it with a NUL. 0 or an error: INVAL where the path itself has one. */
export function take_path(offset: u32, path: u32, bytes: u32): u32 {
  if (bytes >= PATH_MAX) return NAMETOOLONG;
  const to = page(offset);
  if (!copy_in(current, to, path, bytes)) return FAULT;
  store<u8>(to + bytes, 0);
  for (let i: u32 = 0; i < bytes; i++) if (!load<u8>(to + i)) return INVAL;
  return 0;
}
