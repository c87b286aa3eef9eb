/** How a handler fails: it returns -errno, or, deep inside, throws one of these. */

/** Carries an errno up to the dispatcher. No stack is captured: one shared object per number. */
export class SysError {
  readonly errno: number;
  constructor(errno: number) {
    this.errno = errno;
  }
}

const errors: SysError[] = [];

/** Throws the SysError of an errno, e.g. `fail(EFAULT)`. */
export function fail(errno: number): never {
  throw (errors[errno] ??= new SysError(errno));
}
