// Which locals of a function still matter at each of its sites: only those need saving. The usual backward analysis over
// structured control flow; a walk over a trace of what concerns it, last to first, again while a loop's head gains something.

/** Entries of a trace: `value << 4 | kind`, in the order of the code. Code that cannot be reached has none. */
export const Trace = {
  /** a local is read; written */
  get: 0,
  set: 1,
  /** a call that may unwind, by its number */
  site: 2,
  /** control may go to the label of this depth; what follows */
  label: 3,
  /** ... and control does not go on from here */
  stop: 4,
  block: 5,
  loop: 6,
  if: 7,
  else: 8,
  try: 9,
  /** the first catch of a try, each other one */
  firstCatch: 10,
  catch: 11,
  /** the end of a block or an if; of a loop, by its number; of a try with catches, or a try_table */
  end: 12,
  endLoop: 13,
  endTry: 14,
  /** before the end of a try_table: an exception inside may lead to the label of this depth, counted from outside */
  clause: 15,
} as const;

/** A growing list of 32-bit words. */
export class Words {
  words = new Int32Array(1024);
  length = 0;

  push(word: number): void {
    if (this.length === this.words.length) {
      const words = new Int32Array(this.words.length * 2);
      words.set(this.words);
      this.words = words;
    }
    this.words[this.length++] = word;
  }
}

/** The work (words touched) that a function may cost; beyond it, all locals are taken to matter. */
const MAX_WORK = 1 << 23;
/** Rounds after which the same holds: each nesting of loops costs one at most, as a rule. */
const MAX_ROUNDS = 12;

export interface Liveness {
  /** The locals that matter at any site, as bits. */
  readonly saved: Uint32Array;
  /** Per site: 1 where a local of those in `forbidden` matters. */
  readonly blocked: Uint8Array;
}

/** What matters at the sites of a function with so many locals, loops and sites. `forbidden`: bits of locals that cannot be saved. */
export function liveness(
  trace: Words,
  locals: number,
  loops: number,
  sites: number,
  forbidden: Uint32Array | undefined,
): Liveness {
  const size = (locals + 31) >> 5;
  if (size * loops <= MAX_WORK) {
    const analysis = new Analysis(trace, size, loops, sites, forbidden);
    for (let round = 0; round < MAX_ROUNDS; round++) {
      if (!analysis.round()) return analysis;
      if (analysis.work > MAX_WORK) break;
    }
  }
  return {
    saved: new Uint32Array(size).fill(0xffffffff),
    blocked: new Uint8Array(sites).fill(forbidden ? 1 : 0),
  };
}

/** What is kept of an open construct. Sets are places in `Analysis.#sets`. */
interface Frame {
  /** What matters after the construct, and where its label leads. */
  out: number;
  target: number;
  /** What matters at the start of its else, of its catches; 0 where there is none so far. */
  side: number;
  /** Of a try: what the handlers around it read; else -1. */
  keep: number;
  loop: number;
}

/** The sets that come first: no local; what matters here; then one for each loop's head. */
const NOTHING = 0;
const LIVE = 1;
const FIRST_HEAD = 2;

class Analysis implements Liveness {
  readonly saved: Uint32Array;
  readonly blocked: Uint8Array;
  work = 0;
  readonly #trace: Words;
  readonly #size: number;
  readonly #loops: number;
  readonly #forbidden: Uint32Array | undefined;
  /** Sets of locals, `#size` words each. */
  #sets: Uint32Array;
  #next = 0;

  constructor(trace: Words, size: number, loops: number, sites: number, forbidden: Uint32Array | undefined) {
    this.#trace = trace;
    this.#size = size;
    this.#loops = loops;
    this.#forbidden = forbidden;
    this.saved = new Uint32Array(size);
    this.blocked = new Uint8Array(sites);
    this.#sets = new Uint32Array(size * (FIRST_HEAD + loops + 16));
  }

  /** Walks the trace once. Gives whether a loop's head gained something, or the work became too much: then once more. */
  round(): boolean {
    const { words, length } = this.#trace;
    const size = this.#size;
    const frames: Frame[] = [];
    /** What a handler around the present place may read: no assignment here makes it not matter. */
    let keep = NOTHING;
    let changed = false;
    this.#next = FIRST_HEAD + this.#loops;
    this.#copy(LIVE, NOTHING);
    for (let i = length - 1; i >= 0; i--) {
      const value = words[i] >>> 4;
      switch (words[i] & 15) {
        case Trace.get:
          this.#sets[LIVE * size + (value >> 5)] |= 1 << (value & 31);
          break;
        case Trace.set: {
          const sets = this.#sets;
          sets[LIVE * size + (value >> 5)] &= ~(1 << (value & 31)) | sets[keep * size + (value >> 5)];
          break;
        }
        case Trace.site:
          this.#site(value);
          break;
        case Trace.label:
          this.#add(LIVE, frames[frames.length - 1 - value]?.target ?? NOTHING);
          break;
        case Trace.stop:
          this.#copy(LIVE, keep);
          break;
        case Trace.end:
        case Trace.endLoop:
        case Trace.endTry: {
          const kind = words[i] & 15;
          const out = this.#new(LIVE);
          const target = kind === Trace.endLoop ? FIRST_HEAD + value : out;
          frames.push({ out, target, side: 0, keep: kind === Trace.endTry ? keep : -1, loop: value });
          break;
        }
        case Trace.clause: {
          const target = frames[frames.length - 2 - value]?.target ?? NOTHING;
          keep = this.#new(keep);
          this.#add(keep, target);
          this.#add(LIVE, target);
          break;
        }
        case Trace.firstCatch:
        case Trace.catch: {
          const frame = frames[frames.length - 1];
          if (frame.side) this.#add(frame.side, LIVE);
          else frame.side = this.#new(LIVE);
          this.#copy(LIVE, frame.out);
          if ((words[i] & 15) === Trace.catch) break;
          keep = this.#new(keep);
          this.#add(keep, frame.side);
          this.#add(LIVE, keep);
          break;
        }
        case Trace.else: {
          const frame = frames[frames.length - 1];
          frame.side = this.#new(LIVE);
          this.#copy(LIVE, frame.out);
          break;
        }
        case Trace.if: {
          const { side, out } = frames.pop()!;
          this.#add(LIVE, side || out);
          this.#next = out;
          break;
        }
        case Trace.loop: {
          const { loop, out } = frames.pop()!;
          if (this.#add(FIRST_HEAD + loop, LIVE)) changed = true;
          this.#next = out;
          break;
        }
        default: {
          // A block or a try begins.
          const frame = frames.pop()!;
          if (frame.keep >= 0) keep = frame.keep;
          this.#next = frame.out;
        }
      }
      if (this.work > MAX_WORK) return true;
    }
    return changed;
  }

  /** A new set, as large as another. It is gone when the construct begins that was entered last. */
  #new(from: number): number {
    const set = this.#next++;
    const size = this.#size;
    if ((set + 1) * size > this.#sets.length) {
      const sets = new Uint32Array(this.#sets.length * 2);
      sets.set(this.#sets);
      this.#sets = sets;
    }
    this.#copy(set, from);
    return set;
  }

  #copy(to: number, from: number): void {
    const size = this.#size;
    this.work += size;
    this.#sets.copyWithin(to * size, from * size, (from + 1) * size);
  }

  /** Adds one set to another; gives whether that gained something. */
  #add(to: number, from: number): boolean {
    const sets = this.#sets;
    const size = this.#size;
    this.work += size;
    let gained = 0;
    for (let i = 0, a = to * size, b = from * size; i < size; i++, a++, b++) {
      gained |= sets[b] & ~sets[a];
      sets[a] |= sets[b];
    }
    return gained !== 0;
  }

  #site(site: number): void {
    const size = this.#size;
    const sets = this.#sets;
    const forbidden = this.#forbidden;
    this.work += size;
    for (let i = 0; forbidden && i < size; i++) if (forbidden[i] & sets[LIVE * size + i]) this.blocked[site] = 1;
    if (this.blocked[site]) return;
    for (let i = 0; i < size; i++) this.saved[i] |= sets[LIVE * size + i];
  }
}
