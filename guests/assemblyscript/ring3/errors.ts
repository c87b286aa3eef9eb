// Errors, as in C: what fails gives -1, false or null, and `errno` says why until the next failure.

import { ERRNO_MESSAGES, ERRNO_NAMES } from "./abi/errno";

export * from "./abi/errno";

/** The error number of the last call that failed. */
export let errno: i32 = 0;

/** The result of a system call, or -1 with `errno` set. */
export function checked(result: i64): i64 {
  if (result >= 0) return result;
  errno = i32(-result);
  return -1;
}

/** Sets `errno`; gives -1. */
export function failed(error: i32): i32 {
  errno = error;
  return -1;
}

/** "ENOENT"; "" for what is no error number. */
export function errnoName(error: i32 = errno): string {
  return error >= 0 && error < ERRNO_NAMES.length ? ERRNO_NAMES[error] : "";
}

/** "No such file or directory". */
export function strerror(error: i32 = errno): string {
  return errnoName(error).length > 0 ? ERRNO_MESSAGES[error] : `Unknown error ${error}`;
}
