/** The kernel log: what dmesg shows. A ring of lines, each with its time since boot. */
import type { Clock } from "./time/clock.ts";

/** Lines kept; older ones are dropped. */
const CAPACITY = 2048;

export class KernelLog {
  readonly lines: string[] = [];
  /** Errors of the kernel itself (not of guests) so far: tests treat any as a failure. */
  bugs = 0;
  readonly #once = new Set<string>();
  readonly #clock: Clock;
  readonly #onLine: ((line: string) => void) | undefined;

  constructor(clock: Clock, onLine?: (line: string) => void) {
    this.#clock = clock;
    this.#onLine = onLine;
  }

  print(text: string): void {
    const line = `[${(this.#clock.monotonic() / 1000).toFixed(6).padStart(12)}] ${text}`;
    if (this.lines.push(line) > CAPACITY) this.lines.shift();
    this.#onLine?.(line);
  }

  /** Prints a line that would only repeat itself once. After so many different ones, guests do not get to add more. */
  printOnce(text: string): void {
    if (this.#once.has(text) || this.#once.size >= CAPACITY) return;
    this.#once.add(text);
    this.print(text);
  }

  /** A handler threw something that is no errno, or an invariant broke. */
  bug(text: string, error: unknown): void {
    this.bugs++;
    this.print(`BUG: ${text}: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
  }
}
