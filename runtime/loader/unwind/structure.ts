// What is known of a function once it has been walked: its sites, its blocks as far as they have sites inside, and what there is at
// which place of the code.

import type { FuncType, ValueType } from "../sections.ts";

/** A call that may unwind. */
export interface Site {
  readonly kind: "site";
  readonly number: number;
  /** Where the call begins and ends. */
  readonly at: number;
  readonly end: number;
  /** Function index; -1 for an indirect call. */
  readonly target: number;
  readonly type: FuncType;
  /** The spill locals of the operands under its own, the lowest first. */
  under: readonly number[];
  /** The function can be left here and entered again. */
  resumable: boolean;
}

/** An exception, by its tag, and the locals that keep what it carries. */
export interface Thrown {
  readonly tag: number;
  readonly locals: readonly number[];
}

/** Instructions that follow each other on one level: a function's body, a block's, an arm of an if, a catch. */
export interface Sequence {
  /** Where its first instruction is. */
  readonly at: number;
  /** The values that it begins with, and their spill locals. */
  readonly values: readonly ValueType[];
  readonly entry: readonly number[];
  /** Sites, and blocks with sites inside, in order. */
  items: Item[];
  /** Of a catch with a rethrow of what it caught: how to throw that again. */
  again: Thrown | undefined;
  /** No site inside can be left. */
  stuck: boolean;
}

/** A block, loop, if, try or try_table. */
export interface Construct {
  readonly kind: "construct";
  readonly opcode: number;
  readonly at: number;
  /** Types of its results. */
  readonly results: readonly ValueType[];
  /** Those of its sections that have items: first its body, or then; an else or the catches follow. */
  readonly sections: (Sequence | undefined)[];
  /** Spill locals of the operands under it, and of its parameters. */
  under: readonly number[];
  params: readonly number[];
  /** The first thing in its sequence, which therefore need not be jumped to. */
  leading: boolean;
  /** The first of its sites, and the one after its last, if it has any that are resumable. */
  first: number;
  end: number;
  /** No site inside can be left. */
  stuck: boolean;
}

export type Item = Site | Construct;

/** What there is at a place of the code, in order: three words each (kind, position, argument). */
export const Event = {
  /** The LEB of a label; its depth. */
  label: 0,
  /** The same, of a rethrow. */
  tryLabel: 1,
  /** A block's opcode; the index of its construct. */
  open: 2,
  /** Its first instruction; the same. */
  enter: 3,
  /** The opcode of an else, a catch or a catch_all. */
  section: 4,
  end: 5,
  /** The opcode of a delegate, which ends a try; its depth. */
  delegate: 6,
  /** A call; the number of its site. */
  site: 7,
  /** Code that cannot be reached; where it ends. */
  skip: 8,
  /** Values that are born here and lie under a site later; the index of their spill. */
  spill: 9,
} as const;

/** Values born at one place, the lowest first: their spill locals. */
export interface Spill {
  readonly at: number;
  readonly locals: readonly number[];
}

/** A function as the emitters need it. */
export interface Walked {
  /** Among the defined functions. */
  readonly index: number;
  readonly type: FuncType;
  readonly root: Construct;
  readonly constructs: readonly Construct[];
  readonly sites: readonly Site[];
  readonly spills: readonly Spill[];
  readonly events: Int32Array;
  /** Types of parameters, locals and spill locals, as numbers (effects.ts). */
  readonly locals: readonly number[];
  /** How many of those are the function's own. */
  readonly own: number;
  /** The locals to save, in order of their types. */
  readonly saved: readonly number[];
}

/** The function cannot be handled in reasonable time and size: its sites then end the process that would unwind through it. */
export class TooComplex extends Error {}
