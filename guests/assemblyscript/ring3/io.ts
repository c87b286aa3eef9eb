// Standard input, output and error.

import { File } from "./fs";
import { say } from "./language";

export const stdin = new File(0);
export const stdout = new File(1);
export const stderr = new File(2);

/** asconfig.json binds AssemblyScript's global `console` to this: a line on standard output, or on standard error. */
export namespace console {
  export function log(message: string = ""): void {
    say(1, `${message}\n`);
  }
  export function info(message: string = ""): void {
    say(1, `${message}\n`);
  }
  export function debug(message: string = ""): void {
    say(1, `${message}\n`);
  }
  export function warn(message: string = ""): void {
    say(2, `${message}\n`);
  }
  export function error(message: string = ""): void {
    say(2, `${message}\n`);
  }
}
