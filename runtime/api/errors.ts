/** What the library throws, and what crosses the line between its two ends. */

/**
 * Codes of Ring3Error beside errno names ("ENOENT", "EACCES", "ENOEXEC"...):
 * - `ERR_OPTION`: an option that is not understood, or out of range
 * - `ERR_MOUNT`: a host folder that cannot be mounted
 * - `ERR_NOT_BUILT`: the kernel's hot half or the root image has not been built yet
 * - `ERR_CLOSED`: the machine has been shut down
 * - `ERR_CRASHED`: the kernel's thread ended: a bug of ring3
 * - `ERR_COMPONENT`: a component's function trapped, or is none, or cannot take what it was given
 * - `ERR_STREAM`: a stream that is not a pipe, is read by someone else, or has ended
 * - `ERR_OUTPUT_LIMIT`: result() gathered more output than it may
 */
export type Ring3ErrorCode = string;

export interface ErrorDetails {
  /** The call that failed, as Linux names it: "open", "execve"... */
  syscall?: string;
  /** The file it was about. */
  path?: string;
  cause?: unknown;
}

/** Every error of the library, apart from the reasons of AbortSignals, which are passed on as they are. */
export class Ring3Error extends Error {
  override readonly name = "Ring3Error";
  readonly code: Ring3ErrorCode;
  readonly syscall?: string;
  readonly path?: string;

  constructor(code: Ring3ErrorCode, message: string, details: ErrorDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.code = code;
    if (details.syscall !== undefined) this.syscall = details.syscall;
    if (details.path !== undefined) this.path = details.path;
  }
}

/** An error as it crosses between threads, where classes do not. */
export interface WireError {
  code: string;
  message: string;
  syscall?: string;
  path?: string;
  /** Stack on the kernel's side; only of errors that are bugs. */
  stack?: string;
}

export function toWire(error: unknown): WireError {
  if (error instanceof Ring3Error) {
    return { code: error.code, message: error.message, syscall: error.syscall, path: error.path };
  }
  if (error instanceof Error) return { code: "ERR_CRASHED", message: error.message, stack: error.stack };
  return { code: "ERR_CRASHED", message: String(error) };
}

export function fromWire(wire: WireError): Ring3Error {
  const error = new Ring3Error(wire.code, wire.message, { syscall: wire.syscall, path: wire.path });
  if (wire.stack !== undefined) error.stack = wire.stack;
  return error;
}
