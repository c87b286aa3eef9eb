/** JavaScript Promise Integration, which TypeScript's library does not describe yet (WebAssembly/js-promise-integration). */
declare namespace WebAssembly {
  /** An export that returns a promise; a Suspending import below it parks its stack. */
  function promising(exported: (...args: never[]) => unknown): (...args: number[]) => Promise<unknown>;
  /** An import whose promise is waited for. */
  class Suspending {
    constructor(imported: (...args: never[]) => unknown);
  }
}
