/** Errors as WASI has them: jco takes a thrown object's `payload` for the error of a `result`. */
import * as errno from "../../../../kernel/abi/errno.ts";

export class WasiError {
  readonly payload: unknown;

  constructor(payload: unknown) {
    this.payload = payload;
  }
}

/** wasi:filesystem/types' error-code by Linux's number; what has no name there is "io". */
const FILE_ERRORS: Readonly<Record<number, string>> = {
  [errno.EACCES]: "access",
  [errno.EAGAIN]: "would-block",
  [errno.EALREADY]: "already",
  [errno.EBADF]: "bad-descriptor",
  [errno.EBUSY]: "busy",
  [errno.EDEADLK]: "deadlock",
  [errno.EDQUOT]: "quota",
  [errno.EEXIST]: "exist",
  [errno.EFBIG]: "file-too-large",
  [errno.EILSEQ]: "illegal-byte-sequence",
  [errno.EINPROGRESS]: "in-progress",
  [errno.EINTR]: "interrupted",
  [errno.EINVAL]: "invalid",
  [errno.EISDIR]: "is-directory",
  [errno.ELOOP]: "loop",
  [errno.EMLINK]: "too-many-links",
  [errno.EMSGSIZE]: "message-size",
  [errno.ENAMETOOLONG]: "name-too-long",
  [errno.ENODEV]: "no-device",
  [errno.ENOENT]: "no-entry",
  [errno.ENOLCK]: "no-lock",
  [errno.ENOMEM]: "insufficient-memory",
  [errno.ENOSPC]: "insufficient-space",
  [errno.ENOTDIR]: "not-directory",
  [errno.ENOTEMPTY]: "not-empty",
  [errno.ENOTRECOVERABLE]: "not-recoverable",
  [errno.EOPNOTSUPP]: "unsupported",
  [errno.ENOSYS]: "unsupported",
  [errno.ENOTTY]: "no-tty",
  [errno.ENXIO]: "no-such-device",
  [errno.EOVERFLOW]: "overflow",
  [errno.EPERM]: "not-permitted",
  [errno.EPIPE]: "pipe",
  [errno.EROFS]: "read-only",
  [errno.ESPIPE]: "invalid-seek",
  [errno.ETXTBSY]: "text-file-busy",
  // openat2 with RESOLVE_BENEATH: the path leaves the directory.
  [errno.EXDEV]: "not-permitted",
};

/** The error-code of a negative result. */
export function fileError(result: number): string {
  return FILE_ERRORS[-result] ?? "io";
}

/** A result that is not negative; throws an error-code for one that is. */
export function checked(result: number): number {
  if (result < 0) throw new WasiError(fileError(result));
  return result;
}
