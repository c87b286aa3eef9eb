/** Runs rows and reports on them. */
import { type Result, summarize } from "./result.ts";
import type { Row } from "./row.ts";
import { Session } from "./session.ts";

/** What is told while the rows run. */
export interface Listener {
  begins(row: Row): void;
  measured(row: Row, result: Result): Promise<void>;
  failed(row: Row, message: string): Promise<void>;
}

/** Signals that end a run. What it has in a folder goes then, and its programs end with their input. */
const ENDING = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

/** Measures the rows one after the other; one that fails does not keep the others from it. */
export async function measure(rows: readonly Row[], listener: Listener): Promise<void> {
  using session = new Session();
  const ended = (_: NodeJS.Signals, number: number) => {
    session[Symbol.dispose]();
    process.exit(128 + number);
  };
  for (const signal of ENDING) process.once(signal, ended);
  try {
    for (const row of rows) {
      listener.begins(row);
      try {
        const samples = await session.samples(row);
        await listener.measured(row, summarize(row, samples));
      } catch (error) {
        const message = error instanceof Error ? error.message : String(error);
        await listener.failed(row, message.trim().replaceAll(/\s*\n\s*/g, "; "));
      }
    }
  } finally {
    for (const signal of ENDING) process.off(signal, ended);
  }
}
