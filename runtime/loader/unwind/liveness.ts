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

interface Frame {
  /** What matters after the construct, and where its label leads. */
  out: Uint32Array;
  target: Uint32Array;
  /** What matters at the start of its else, of its catches. */
  side: Uint32Array | undefined;
  /** What its exceptions need outside of it; only for a try. */
  keep: Uint32Array | undefined;
  loop: number;
}

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
  const everything = (): Liveness => ({
    saved: new Uint32Array(size).fill(0xffffffff),
    blocked: new Uint8Array(sites).fill(forbidden ? 1 : 0),
  });
  const heads = Array.from({ length: loops }, () => new Uint32Array(0));
  const analysis = new Analysis(trace, size, heads, sites, forbidden);
  for (let round = 0; round < MAX_ROUNDS; round++) {
    if (!analysis.round()) return analysis;
    if (analysis.work > MAX_WORK) break;
  }
  return everything();
}

class Analysis implements Liveness {
  readonly saved: Uint32Array;
  readonly blocked: Uint8Array;
  work = 0;
  readonly #trace: Words;
  readonly #size: number;
  readonly #heads: Uint32Array[];
  readonly #forbidden: Uint32Array | undefined;

  constructor(trace: Words, size: number, heads: Uint32Array[], sites: number, forbidden: Uint32Array | undefined) {
    this.#trace = trace;
    this.#size = size;
    this.#heads = heads;
    this.#forbidden = forbidden;
    this.saved = new Uint32Array(size);
    this.blocked = new Uint8Array(sites);
  }

  /** Walks the trace once. Gives whether a loop's head gained something, or the work became too much: then once more. */
  round(): boolean {
    const { words, length } = this.#trace;
    const size = this.#size;
    const heads = this.#heads;
    const frames: Frame[] = [];
    const nothing = new Uint32Array(size);
    let live: Uint32Array = new Uint32Array(size);
    /** What a handler around the present place may read: no assignment here makes it not matter. */
    let keep: Uint32Array = nothing;
    let changed = false;
    const copy = (bits: Uint32Array) => {
      this.work += size;
      return bits.slice();
    };
    const add = (bits: Uint32Array) => {
      this.work += size;
      for (let i = 0; i < bits.length; i++) live[i] |= bits[i];
    };
    const targetOf = (depth: number, from = frames.length) => frames[from - 1 - depth]?.target ?? nothing;
    const enter = (loop: number, frame: Partial<Frame> = {}) => {
      const out = copy(live);
      frames.push({ out, target: out, side: undefined, keep: undefined, loop, ...frame });
    };
    for (let i = length - 1; i >= 0; i--) {
      const value = words[i] >>> 4;
      switch (words[i] & 15) {
        case Trace.get:
          live[value >> 5] |= 1 << (value & 31);
          break;
        case Trace.set:
          live[value >> 5] &= ~(1 << (value & 31)) | keep[value >> 5];
          break;
        case Trace.site:
          this.#site(value, live);
          break;
        case Trace.label:
          add(targetOf(value));
          break;
        case Trace.stop:
          live = copy(keep);
          break;
        case Trace.end:
          enter(-1);
          break;
        case Trace.endLoop:
          if (heads[value].length === 0) heads[value] = new Uint32Array(size);
          enter(value, { target: heads[value] });
          break;
        case Trace.endTry:
          enter(-1, { keep });
          break;
        case Trace.clause: {
          const target = targetOf(value, frames.length - 1);
          keep = copy(keep);
          for (let word = 0; word < size; word++) keep[word] |= target[word];
          add(target);
          break;
        }
        case Trace.firstCatch:
        case Trace.catch: {
          const frame = frames[frames.length - 1];
          if (frame.side) for (let word = 0; word < size; word++) frame.side[word] |= live[word];
          else frame.side = copy(live);
          live = copy(frame.out);
          if ((words[i] & 15) === Trace.catch) break;
          keep = copy(keep);
          for (let word = 0; word < size; word++) keep[word] |= frame.side[word];
          add(keep);
          break;
        }
        case Trace.else: {
          const frame = frames[frames.length - 1];
          frame.side = live;
          live = copy(frame.out);
          break;
        }
        case Trace.if: {
          const { side, out } = frames.pop()!;
          add(side ?? out);
          break;
        }
        case Trace.loop: {
          const head = heads[frames.pop()!.loop];
          for (let word = 0; word < size; word++) {
            if (live[word] & ~head[word]) changed = true;
            head[word] |= live[word];
          }
          this.work += size;
          break;
        }
        default: {
          // A block or a try begins.
          const frame = frames.pop()!;
          if (frame.keep) keep = frame.keep;
        }
      }
      if (this.work > MAX_WORK) return true;
    }
    return changed;
  }

  #site(site: number, live: Uint32Array): void {
    this.work += this.#size;
    const forbidden = this.#forbidden;
    if (forbidden?.some((bits, word) => bits & live[word])) {
      this.blocked[site] = 1;
      return;
    }
    for (let word = 0; word < live.length; word++) this.saved[word] |= live[word];
  }
}
