// What the loader says when it refuses a file: one line with the file, the offset and the reason.

/**
 * Why a file was refused.
 * - `not-wasm`: no WebAssembly module at all (execve answers ENOEXEC)
 * - `component`: a component (layer 1 of the binary format), not a core module
 * - `malformed`: a module that breaks the binary format, or that V8 refuses
 * - `unsupported`: a valid module that uses what ring3 does not offer
 * - `too-big`: over a limit of the loader or of V8
 */
export type LoadErrorKind = "not-wasm" | "component" | "malformed" | "unsupported" | "too-big";

/** A file that the loader refuses. `message` is one line and names file, offset and reason. */
export class LoadError extends Error {
  override readonly name = "LoadError";
  readonly kind: LoadErrorKind;
  /** Byte offset in the file, -1 where the reason has no place in the file. */
  readonly offset: number;
  /** The reason alone. */
  readonly reason: string;
  readonly file: string;

  constructor(kind: LoadErrorKind, reason: string, offset: number, file = "module") {
    const line = oneLine(reason);
    super(offset < 0 ? `${file}: ${line}` : `${file}: offset ${offset}: ${line}`);
    this.kind = kind;
    this.offset = offset;
    this.reason = line;
    this.file = file;
  }

  /** The same error for a named file: the parts of the loader do not know the name, `prepare` does. */
  withFile(file: string): LoadError {
    return new LoadError(this.kind, this.reason, this.offset, file);
  }
}

/** Throws a `LoadError`; an expression, so that it can stand at the end of `??` and `||`. */
export function refuse(kind: LoadErrorKind, reason: string, offset: number): never {
  throw new LoadError(kind, reason, offset);
}

/** The longest reason that is shown whole. */
const LONGEST = 300;

/** Text that may hold names out of a file, made fit for a terminal: one line without control characters, not too long. */
export function oneLine(text: string): string {
  const line = text.replace(/[\s\p{Cc}]+/gu, " ").trim();
  return line.length > LONGEST ? `${line.slice(0, LONGEST)}...` : line;
}
