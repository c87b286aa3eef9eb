// Runs a program as it is and through the unwinding pass, under several ways of unwinding, and compares.

import { UNWIND_END, UNWIND_SP, UNWINDING, UNWINDING_ON } from "../../kernel/hot/layout.ts";
import { callGraph } from "../../runtime/loader/callgraph.ts";
import { entryPolls } from "../../runtime/loader/recursion.ts";
import { type Rewritten, rewrite } from "../../runtime/loader/rewrite.ts";
import { scanCode } from "../../runtime/loader/scan.ts";
import { readSections } from "../../runtime/loader/sections.ts";
import { unwindingReach } from "../../runtime/loader/unwind/reach.ts";
import { UNWINDING as IMPORTS, type Program, type Random } from "./random-program.ts";

const FRAMES = 0x400;
const FRAMES_END = 0xf000;

type Value = number | bigint;

/** What a program did, as text: its log, how it ended, its globals and memory. */
interface Outcome {
  readonly log: string[];
  end: string;
  state: string;
}

const show = (values: readonly unknown[]) =>
  values.map((value) => (Object.is(value, -0) ? "-0" : String(value))).join();

/** What an import that unwinds returns at its n-th call: anything, as long as it is the same every time. */
function resultOf(name: string, call: number): unknown {
  const values = IMPORTS[name].results.map((type, i): Value => (type === "i64" ? BigInt(call * 7 + i) : call * 3 - i));
  return values.length === 1 ? values[0] : values.length === 0 ? undefined : values;
}

/** Processes of a run that are looked at, the first one and copies. */
const COPIES = 4;

/** How a run ends that meets a call which its function cannot be left at. */
const STUCK = "stuck";

function endOf(error: unknown): string {
  if (error instanceof WebAssembly.Exception) return "exception";
  return (error as Error).message;
}

function stateOf(memory: WebAssembly.Memory, exports: WebAssembly.Exports, program: Program): string {
  const globals = program.globals.map((_, i) => (exports[`g:${i}`] as WebAssembly.Global).value);
  return `${show(globals)} ${Buffer.from(new Uint8Array(memory.buffer).slice(0, 8192)).toString("latin1")}`;
}

function runOriginal(program: Program, module: WebAssembly.Module): Outcome {
  const outcome: Outcome = { log: [], end: "", state: "" };
  const wali = Object.fromEntries(
    Object.keys(IMPORTS).map((name) => [
      name,
      (...args: Value[]) => {
        outcome.log.push(`${name} ${show(args)}`);
        return resultOf(name, outcome.log.length);
      },
    ]),
  );
  const log = (...args: Value[]) => void outcome.log.push(show(args));
  const { exports } = new WebAssembly.Instance(module, { wali, host: { log } });
  try {
    (exports._start as () => void)();
  } catch (error) {
    outcome.end = endOf(error);
  }
  outcome.state = stateOf(exports.memory as WebAssembly.Memory, exports, program);
  return outcome;
}

/** A process of a program that has been through the pass; `fork` makes a copy of it, to be run later. */
class Process {
  readonly outcome: Outcome = { log: [], end: "", state: "" };
  readonly #program: Program;
  readonly #module: WebAssembly.Module;
  readonly #decide: Decide;
  readonly #kernel = new WebAssembly.Memory({ initial: 1, maximum: 1, shared: true });
  readonly #words = new Int32Array(this.#kernel.buffer);
  readonly #memory = new WebAssembly.Memory({ initial: 1, maximum: 65536, shared: true });
  readonly #exports: WebAssembly.Exports;
  /** While the stack unwinds or is wound up: the import that began it. */
  #unwinding: string | undefined;
  /** Stacks unwound. */
  unwound = 0;
  readonly children: Process[] = [];

  constructor(program: Program, module: WebAssembly.Module, decide: Decide) {
    this.#program = program;
    this.#module = module;
    this.#decide = decide;
    const wali = Object.fromEntries(
      Object.keys(IMPORTS).map((name) => [name, (...args: Value[]) => this.#call(name, args)]),
    );
    const ring3 = {
      memory: this.#memory,
      kernel: this.#kernel,
      unwound: () => this.#unwound(),
      poll: () => {
        if (this.#unwinding !== undefined) throw new Error("a poll while the stack is unwound or wound up");
      },
    };
    const log = (...args: Value[]) => void this.outcome.log.push(show(args));
    this.#exports = new WebAssembly.Instance(module, { wali, ring3, host: { log } }).exports;
    this.#words[16] = 1; // POLL_FLAG: all polls call
  }

  #call(name: string, args: Value[]): unknown {
    const { log } = this.outcome;
    if (this.#unwinding !== undefined) {
      // It is wound up. All frames have been taken.
      if (name !== this.#unwinding) throw new Error(`wound up to ${name}, from ${this.#unwinding}`);
      if (this.#words[UNWIND_SP >> 2] !== FRAMES) throw new Error("wound up, but frames are left");
      this.#unwinding = undefined;
      return resultOf(name, log.length);
    }
    log.push(`${name} ${show(args)}`);
    if (!this.#decide(log.length)) return resultOf(name, log.length);
    this.#unwinding = name;
    this.#words[UNWINDING >> 2] = UNWINDING_ON;
    this.#words[UNWIND_SP >> 2] = FRAMES;
    this.#words[UNWIND_END >> 2] = FRAMES_END;
    // Nobody may look at this one.
    return resultOf(name, -1000);
  }

  #unwound(): void {
    this.unwound++;
    this.#words[UNWINDING >> 2] = 0;
    const copy = this.children.length < COPIES && this.#decide(-this.outcome.log.length);
    if (copy) this.children.push(this.#fork());
  }

  #fork(): Process {
    const child = new Process(this.#program, this.#module, this.#decide);
    new Uint8Array(child.#memory.buffer).set(new Uint8Array(this.#memory.buffer));
    new Uint8Array(child.#kernel.buffer).set(new Uint8Array(this.#kernel.buffer));
    this.#program.globals.forEach((_, i) => {
      (child.#exports[`g:${i}`] as WebAssembly.Global).value = (this.#exports[`g:${i}`] as WebAssembly.Global).value;
    });
    child.outcome.log.push(...this.outcome.log);
    child.#unwinding = this.#unwinding;
    return child;
  }

  run(resume: boolean): void {
    const { outcome } = this;
    try {
      if (!resume) (this.#exports["ring3:init"] as () => void)();
      (this.#exports["ring3:run"] as (...args: number[]) => void)(0, resume ? 1 : 0, 0, 0, 0);
      if (this.#unwinding !== undefined) throw new Error("ended while the stack unwinds");
    } catch (error) {
      outcome.end = this.#words[UNWINDING >> 2] === UNWINDING_ON ? STUCK : endOf(error);
      if (outcome.end === STUCK) return;
    }
    outcome.state = stateOf(this.#memory, this.#exports, this.#program);
  }
}

/** Whether to unwind at a call, by the length of the log; with a negative number, whether to copy the process then. */
type Decide = (call: number) => boolean;

function transform(bytes: Uint8Array, polls: "flag" | "none"): Rewritten {
  const view = readSections(bytes);
  const scan = scanCode(view);
  const graph = callGraph(view, scan);
  const reach = unwindingReach(view, scan, graph);
  const entries = entryPolls(view, scan, graph);
  return rewrite(view, scan, {
    polls,
    entries,
    stackPointer: undefined,
    spawnsThreads: false,
    restartable: true,
    reach,
  });
}

export interface Totals {
  programs: number;
  calls: number;
  unwound: number;
  copies: number;
  stuck: number;
}

/** Checks one program under several ways of unwinding. Gives what differs, undefined where nothing does. */
export function check(program: Program, random: Random, totals: Totals): string | undefined {
  const original = runOriginal(program, new WebAssembly.Module(program.bytes));
  const { bytes, unwinding } = transform(program.bytes, random(2) === 0 ? "flag" : "none");
  const module = new WebAssembly.Module(bytes);
  totals.programs++;
  totals.calls += original.log.length;
  const seed = random(1000);
  const ways: Decide[] = [() => false, (call) => call > 0, (call) => (call * 7919 + seed) % 3 === 0];
  for (const [way, decide] of ways.entries()) {
    const processes = [new Process(program, module, decide)];
    processes[0].run(false);
    for (let i = 0; i < processes.length && i < COPIES; i++) {
      const process = processes[i];
      if (i > 0) process.run(true);
      const { outcome, children, unwound } = process;
      processes.push(...children);
      totals.unwound += unwound;
      totals.copies += children.length;
      if (outcome.end === STUCK && unwinding!.stuck > 0) {
        totals.stuck++;
        if (original.log.slice(0, outcome.log.length).join("\n") === outcome.log.join("\n")) continue;
      } else if (JSON.stringify(outcome) === JSON.stringify(original)) continue;
      return `way ${way}, process ${i}: ${differenceOf(outcome, original)}`;
    }
  }
  return undefined;
}

function differenceOf(found: Outcome, wanted: Outcome): string {
  const at = wanted.log.findIndex((line, i) => line !== found.log[i]);
  const lines = `${wanted.log.length} lines, found ${found.log.length}; line ${at}: ${wanted.log[at]}, found ${found.log[at]}`;
  const byte = [...wanted.state].findIndex((each, i) => each !== found.state[i]);
  return `${lines}; end "${wanted.end}", found "${found.end}"; state from ${byte}: ${wanted.state.slice(0, 99)}, found ${found.state.slice(0, 99)}`;
}
