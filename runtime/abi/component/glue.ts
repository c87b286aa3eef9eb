/** jco's glue, run as a function: what stands for the globals that it uses is ours. */

import { refuse } from "../../loader/errors.ts";

/** What a component exports, as jco has it: functions by name, interfaces as objects of functions. */
export type Exports = Readonly<Record<string, unknown>>;

type Instantiate = (
  getCore: (name: string) => unknown,
  imports: object,
  instantiateCore: (core: never, imports: WebAssembly.Imports) => Promise<WebAssembly.Instance>,
) => Promise<Exports>;

/** Globals of the host that the glue mentions, and what it gets in their place. */
export interface GlueGlobals {
  setTimeout: (body: () => void, ms: number) => unknown;
  setInterval: (body: () => void) => unknown;
  clearInterval: (timer: never) => void;
  /** Is given the object in which the glue notes which of its tasks runs. */
  keepTaskMeta: (meta: Record<string, unknown>) => void;
}

/** At the end of each stack trace's line in the glue. */
export const GLUE_URL = "component-glue.js";

/** The last two are undefined. */
const SHADOWS = "setTimeout setInterval clearInterval keepTaskMeta globalThis console fetch process".split(" ");

/** Compiled glue: each call gives the `instantiate` of a component of its own. */
export type Glue = (globals: GlueGlobals) => Instantiate;

/** Throws a LoadError where it is no JavaScript, which would be jco's fault. */
export function compileGlue(glue: string): Glue {
  let make: (...globals: unknown[]) => Instantiate;
  try {
    make = new Function(...SHADOWS, `${glue}\n//# sourceURL=${GLUE_URL}`) as typeof make;
  } catch (error) {
    return refuse("unsupported", `its glue cannot be compiled: ${(error as Error).message}`, -1);
  }
  const silent = { error: () => {}, warn: () => {}, log: () => {} };
  return ({ setTimeout, setInterval, clearInterval, keepTaskMeta }) =>
    make(setTimeout, setInterval, clearInterval, keepTaskMeta, { WebAssembly }, silent);
}
