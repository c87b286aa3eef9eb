/** How big the stacks of guests are (JSPI's: V8 makes one for each task). */

/**
 * Kilobytes; only what is used is ever touched. V8's own 984 are little to C programs, whose frames take more room in Wasm than on a
 * processor. More would cost each task that starts: V8 keeps 4 MB of used stacks for the next ones, and mapping a new one takes 20 us
 * (with stacks of Linux's 8 MB fork + exit went from 250 to 360 us, thread create + join from 35 to 90).
 */
const STACK_KB = 1950;

let done = false;

/**
 * Sets the size for stacks made from now on, in all of the process. To be called as late as can be: V8 takes cached code only under the
 * flags that it was made with, Node's own modules included, which load two to five times as slowly afterwards.
 */
export function sizeStacks(): void {
  if (done) return;
  done = true;
  // Loaded here because it takes a millisecond too. V8 goes by the smaller of the two; threads that exist keep their own stacks.
  const { setFlagsFromString } = process.getBuiltinModule("node:v8");
  setFlagsFromString(`--stack-size=${STACK_KB}`);
  setFlagsFromString(`--wasm-stack-switching-stack-size=${STACK_KB}`);
}
