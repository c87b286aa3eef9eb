// The operand stack of a function that is being walked, and which of its values are spilled: copied to a local when they are born, for
// a site under whose operands they lie later. A value's local is told by its height and type, so values that are there together
// never share one.

import { FIRST_REFERENCE } from "./effects.ts";
import { type Spill, TooComplex } from "./structure.ts";

/** Operands that the sites of a function may have under them, all together. */
const MAX_WORK = 1 << 16;
/** V8's limit of 50,000 locals, less what the versions add. */
const MAX_LOCALS = 49_000;

// Where a value was born: a position in the code; MANY - n: entry n of `#many`; SPILLED: anywhere, it has a spill already.
const SPILLED = 0x7fffffff;
const MANY = -1;

const NO_BIRTHS: readonly number[] = [];

/** Values that were born together. */
interface ManyBirth {
  readonly at: number;
  readonly height: number;
  readonly types: readonly number[];
  spilled: boolean;
}

export class Operands {
  height = 0;
  /** The spills of the function so far, in no order. */
  spills: Spill[] = [];
  /** By height. */
  #types = new Uint8Array(1024);
  #births = new Int32Array(1024);
  #many: ManyBirth[] = [];
  readonly #locals = new Map<number, number>();
  /** The function's locals, to which those for spills are added. */
  #all: number[] = [];
  #work = 0;

  /** Begins a function with these locals. */
  begin(locals: number[]): void {
    this.height = 0;
    this.spills = [];
    this.#many = [];
    this.#locals.clear();
    this.#all = locals;
    this.#work = 0;
    if (locals.length > MAX_LOCALS) throw new TooComplex();
  }

  /** Number of locals added. */
  get added(): number {
    return this.#locals.size;
  }

  typeAt(height: number): number {
    return this.#types[height];
  }

  /** Where the topmost values were born, the lowest first: what `restore` takes. */
  birthsOf(count: number): readonly number[] {
    return count === 0 ? NO_BIRTHS : Array.from(this.#births.subarray(this.height - count, this.height));
  }

  /** Pushes values that had been popped. */
  restore(types: readonly number[], births: readonly number[]): void {
    for (const [i, type] of types.entries()) this.push(type, births[i]);
  }

  /** Pushes a value that is born at a position. */
  push(type: number, at: number): void {
    const height = this.height++;
    if (height >= this.#types.length) {
      const types = new Uint8Array(this.#types.length * 2);
      types.set(this.#types);
      this.#types = types;
      const births = new Int32Array(this.#births.length * 2);
      births.set(this.#births);
      this.#births = births;
    }
    this.#types[height] = type;
    this.#births[height] = at;
  }

  /** Pushes values that are born together. Gives what `spillTogether` takes; -1 where there are none. */
  pushTogether(types: readonly number[], at: number): number {
    if (types.length === 0) return -1;
    const entry = this.#many.push({ at, height: this.height, types, spilled: false }) - 1;
    for (const type of types) this.push(type, MANY - entry);
    return entry;
  }

  pushResults(types: readonly number[], at: number): void {
    if (types.length === 1) this.push(types[0], at);
    else this.pushTogether(types, at);
  }

  /** The local that a value of this type at this height is spilled to. */
  #spillLocal(height: number, type: number): number {
    const key = height * 8 + type;
    return this.#locals.get(key) ?? this.#newLocal(key, type);
  }

  #newLocal(key: number, type: number): number {
    const local = this.#all.push(type) - 1;
    this.#locals.set(key, local);
    if (local >= MAX_LOCALS) throw new TooComplex();
    return local;
  }

  /** Has values that were born together spilled. Gives their locals. */
  spillTogether(entry: number): readonly number[] {
    const birth = this.#many[entry];
    const locals = birth.types.map((type, i) => this.#spillLocal(birth.height + i, type));
    if (!birth.spilled) {
      birth.spilled = true;
      this.spills.push({ at: birth.at, locals });
    }
    return locals;
  }

  /** Has the operands from one height to another, among which is no reference, spilled where they are born. Gives their locals. */
  spill(from: number, to: number): readonly number[] {
    if (from === to) return [];
    const locals: number[] = [];
    for (let height = from; height < to; height++) {
      const local = this.#spillLocal(height, this.#types[height]);
      const birth = this.#births[height];
      if (birth <= MANY) this.spillTogether(MANY - birth);
      else if (birth !== SPILLED) {
        this.spills.push({ at: birth, locals: [local] });
        this.#births[height] = SPILLED;
      }
      locals.push(local);
    }
    return locals;
  }

  /** Has values that were born together copied to locals that nothing else has. Gives those. */
  keepTogether(entry: number): readonly number[] {
    const { at, types } = this.#many[entry];
    // (Keys of their own, below those of heights.)
    const locals = types.map((type) => this.#newLocal(-1 - this.#locals.size, type));
    this.spills.push({ at, locals });
    return locals;
  }

  /** Whether there is a value among them that cannot be saved. */
  hasReference(from: number, to: number): boolean {
    this.#work += to - from;
    if (this.#work > MAX_WORK) throw new TooComplex();
    for (let height = from; height < to; height++) if (this.#types[height] >= FIRST_REFERENCE) return true;
    return false;
  }
}
