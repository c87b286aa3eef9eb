/**
 * strace's output: lines made from what happens to the traced tasks.
 *
 * The kernel reports events (a call entered or left, a signal, an end), the tracer writes text. A call's line is written as far as it is
 * known when the call is entered, so that a blocked call can be seen; when another task's event comes first, the line is broken off with
 * "<unfinished ...>" and resumed on one of its own later.
 */

import type { Syscall } from "../abi/syscalls.ts";
import { WCOREFLAG } from "../abi/wait.ts";
import { type Call, failed } from "./call.ts";
import { callName, DEFAULT_LIMIT, formatEnter, formatLeave, formatResult } from "./format.ts";
import type { GuestMemory } from "./memory.ts";
import { signalInfo, signalName } from "./signals.ts";
import { lengthBefore } from "./sockets.ts";
import { Summary } from "./summary.ts";

export interface TracerOptions {
  /** Takes the text, in pieces that need not be whole lines. */
  readonly write: (text: string) => void;
  /** Microseconds since 1970. */
  readonly now: () => number;
  /** -f: several tasks are traced, and lines say which one they are about. */
  readonly follow?: boolean;
  /** -o: the text goes to a file, where every line names its task, and no messages are mixed in. */
  readonly toFile?: boolean;
  /** -e trace=: which calls are printed; traceFilter makes one. Every call, if not given. */
  readonly filter?: (entry: Syscall) => boolean;
  /** -t, -tt, -ttt, -r: what stands before each line. */
  readonly timestamps?: "seconds" | "microseconds" | "epoch" | "relative";
  /** -T: how long the call took stands after each line. */
  readonly durations?: boolean;
  /** -c: no lines, but a table at the end. */
  readonly summary?: boolean;
  /** -s: the longest string that is printed whole; 32 if not given. */
  readonly stringLimit?: number;
  /** -a: the column of the equals sign; 40 if not given. */
  readonly column?: number;
}

interface OpenCall {
  readonly call: Call;
  readonly start: number;
  /** Another line has come between. */
  broken: boolean;
}

export class Tracer {
  readonly #options: TracerOptions;
  readonly #summary = new Summary();
  readonly #tasks = new Set<number>();
  readonly #open = new Map<number, OpenCall>();
  /** The task whose call is on the current, unended line; 0 at the start of a line. */
  #current = 0;
  #column = 0;
  #lastLine = 0;

  constructor(options: TracerOptions) {
    this.#options = options;
  }

  /** A task is traced from now on. A second one is announced as strace does, except in a file. */
  attached(tid: number): void {
    const first = this.#tasks.size === 0;
    this.#tasks.add(tid);
    if (first || this.#options.toFile || this.#options.summary) return;
    this.#breakLine();
    this.#options.write(`strace: Process ${tid} attached\n`);
  }

  /** Task `tid` makes a call. i64 arguments come as numbers. `memory` is read at once, and not kept. */
  enter(tid: number, entry: Syscall, args: readonly number[], memory: GuestMemory): void {
    if (!this.#tasks.has(tid)) this.attached(tid);
    const { filter, stringLimit = DEFAULT_LIMIT, summary, now } = this.#options;
    if (filter !== undefined && !filter(entry)) return;
    const given = { entry, args: [...args], memory, limit: stringLimit };
    const call = { ...given, memory: NO_MEMORY, before: lengthBefore(given) };
    this.#open.set(tid, { call, start: now(), broken: false });
    if (summary) return;
    this.#startLine(tid, formatEnter({ ...call, memory }));
    this.#current = tid;
    if (entry.result === "never") this.#endCall(tid, ")", "?");
  }

  /** The call that `tid` is in has returned `result`, a negated error number included. */
  leave(tid: number, result: number, memory: GuestMemory): void {
    const open = this.#open.get(tid);
    if (open === undefined) return; // fork returns in the child, too: a call that the child never entered
    const call = { ...open.call, memory, result };
    if (this.#options.summary) {
      this.#open.delete(tid);
      this.#summary.add(callName(call.entry), call.entry.nr, this.#options.now() - open.start, failed(call));
    } else this.#endCall(tid, formatLeave(call), formatResult(call));
  }

  /** A signal is delivered to `tid`, or would be if it were not ignored; its siginfo_t is at `address` in `memory`. */
  signal(tid: number, memory: GuestMemory, address: number): void {
    const name = signalName(memory.view.getInt32(address, true));
    this.#event(tid, `--- ${name} ${signalInfo(memory, address)} ---`);
  }

  /** `tid` has been stopped by a signal. */
  stopped(tid: number, signal: number): void {
    this.#event(tid, `--- stopped by ${signalName(signal)} ---`);
  }

  /** `tid` has ended with this wait status (man 2 wait). */
  ended(tid: number, status: number): void {
    const open = this.#open.get(tid);
    if (open !== undefined && !this.#options.summary) {
      this.#endCall(tid, open.broken ? ")" : " <unfinished ...>)", "?");
    }
    const signal = status & 0x7f;
    const core = (status & WCOREFLAG) === 0 ? "" : " (core dumped)";
    const how = signal === 0 ? `exited with ${(status >>> 8) & 0xff}` : `killed by ${signalName(signal)}${core}`;
    this.#event(tid, `+++ ${how} +++`);
    this.#open.delete(tid);
    this.#tasks.delete(tid);
  }

  /** Nothing more will come: ends the last line, and prints the summary if one was asked for. */
  finish(): void {
    this.#breakLine();
    if (this.#options.summary) this.#options.write(this.#summary.toString());
  }

  /** Ends the call's line, which it may have to take up again first. */
  #endCall(tid: number, rest: string, result: string): void {
    const { call, start, broken } = this.#open.get(tid)!;
    const { column = 40, durations, now } = this.#options;
    this.#open.delete(tid);
    if (broken) this.#startLine(tid, `<... ${callName(call.entry)} resumed>`);
    this.#put(`${rest} `);
    if (this.#column < column) this.#put(" ".repeat(column - this.#column));
    const seconds = Math.max(0, (now() - start) / 1e6).toFixed(6);
    this.#put(`= ${result}${durations && call.entry.result !== "never" ? ` <${seconds}>` : ""}\n`);
    this.#current = 0;
  }

  #event(tid: number, text: string): void {
    if (this.#options.summary) return;
    this.#startLine(tid, `${text}\n`);
  }

  #startLine(tid: number, text: string): void {
    this.#breakLine();
    this.#column = 0;
    this.#put(this.#taskPrefix(tid) + this.#timePrefix() + text);
  }

  /** Breaks off the line of the call that is being made. */
  #breakLine(): void {
    if (this.#current === 0) return;
    const open = this.#open.get(this.#current);
    if (open !== undefined) open.broken = true;
    this.#put(" <unfinished ...>\n");
    this.#current = 0;
  }

  #put(text: string): void {
    this.#column += text.length;
    this.#options.write(text);
  }

  #taskPrefix(tid: number): string {
    const { follow, toFile } = this.#options;
    if (!follow) return "";
    if (toFile) return `${String(tid).padEnd(5)} `;
    return this.#tasks.size > 1 ? `[pid ${String(tid).padStart(5)}] ` : "";
  }

  #timePrefix(): string {
    const { timestamps, now } = this.#options;
    if (timestamps === undefined) return "";
    const time = now();
    const seconds = Math.floor(time / 1e6);
    const fraction = String(Math.floor(time) % 1e6).padStart(6, "0");
    if (timestamps === "epoch") return `${seconds}.${fraction} `;
    if (timestamps === "relative") {
      const since = this.#lastLine === 0 ? 0 : Math.max(0, time - this.#lastLine);
      this.#lastLine = time;
      return `${(since / 1e6).toFixed(6).padStart(13)} `;
    }
    const clock = new Date(seconds * 1000).toTimeString().slice(0, 8);
    return timestamps === "seconds" ? `${clock} ` : `${clock}.${fraction} `;
  }
}

const nothing = new ArrayBuffer(0);
/** What stands for a call's memory between entering and leaving, so that a guest's memory is not kept alive. */
const NO_MEMORY: GuestMemory = { u8: new Uint8Array(nothing), view: new DataView(nothing) };
