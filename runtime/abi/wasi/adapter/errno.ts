/** Error numbers (witx: errno) that the adapter itself gives, and how Linux's become WASI's. */

export const BADF: u32 = 8;
export const FAULT: u32 = 21;
export const INVAL: u32 = 28;
export const NAMETOOLONG: u32 = 37;
export const NOMEM: u32 = 48;
export const NOTDIR: u32 = 54;
export const NOTSOCK: u32 = 57;
export const NOTSUP: u32 = 58;
export const XDEV: u32 = 75;
export const NOTCAPABLE: u32 = 76;

/** A table in kernel memory: WASI's numbers by Linux's, a byte each. */
let numbers: u32 = 0;

/** Says where the table is. Once, first. */
export function setup(table: u32): void {
  numbers = table;
}

/** The error of a system call's result; 0 where it succeeded. */
export function error_of(result: i64): u32 {
  return result < 0 ? <u32>load<u8>(numbers + (<u32>-result & 0xff)) : 0;
}

/** The same for a call with a path: what Linux calls EXDEV leads out of the directory that the path begins at. */
export function path_error(result: i64): u32 {
  const error = error_of(result);
  return error == XDEV ? NOTCAPABLE : error;
}
