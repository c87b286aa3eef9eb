// Walks one function that may have to be unwound: finds its sites (the calls that may unwind), what lies on the operand stack
// under each, which locals matter there, and where blocks begin and end. The input is valid, or V8 will refuse the output.

import { afterLeb, readIndex } from "../binary.ts";
import { Op, plainOpcodes, prefixedOpcodes, Shape } from "../opcodes.ts";
import type { CodeScan } from "../scan.ts";
import { type FuncType, type ModuleView, typeOfFunction, VALUE_TYPE_CODES, type ValueType } from "../sections.ts";
import { FIRST_REFERENCE, plainEffects, prefixedEffects, TYPE_NUMBER, VALUE_TYPE_LIST } from "./effects.ts";
import { afterClauses, afterInstruction, immediates } from "./instructions.ts";
import { liveness, Trace, Words } from "./liveness.ts";
import { Operands } from "./operands.ts";
import type { Reach } from "./reach.ts";
import { type Construct, Event, type Item, type Sequence, type Site, type Walked } from "./structure.ts";

/** An open block. */
interface Frame {
  readonly construct: Construct;
  readonly index: number;
  readonly base: number;
  readonly params: readonly number[];
  readonly results: readonly number[];
  /** Where its parameters were born as operands. */
  readonly births: readonly number[];
  /** The values that its present section began with: for Operands.spillTogether; -1 where there are none. */
  entry: number;
  values: readonly number[];
  section: number;
  sectionAt: number;
  /** The tag of the catch that the section is; -1 where it is none, or a catch_all. */
  tag: number;
  /** It has a rethrow of what it caught. */
  rethrown: boolean;
  /** Labels of a try_table's catch clauses. */
  clauses: number[] | undefined;
  loop: number;
}

const NO_TYPES: readonly number[] = [];
const NO_LOCALS: readonly number[] = [];
const typeNumbers = (types: readonly ValueType[]) => types.map((type) => TYPE_NUMBER[type]);

/** A type of functions or blocks, with its types as numbers too. */
interface Signature {
  readonly type: FuncType;
  readonly params: readonly number[];
  readonly results: readonly number[];
}

function numbered(type: FuncType): Signature {
  return { type, params: typeNumbers(type.params), results: typeNumbers(type.results) };
}

const EMPTY = numbered({ params: [], results: [], key: "" });
/** By type number: the type of a block with this one result. */
const SINGLE: readonly Signature[] = VALUE_TYPE_LIST.map((type) => numbered({ params: [], results: [type], key: "" }));
/** By the byte that encodes a type: its number. */
const NUMBER_OF_CODE = new Uint8Array(256);
for (const type of VALUE_TYPE_LIST) NUMBER_OF_CODE[VALUE_TYPE_CODES[type]] = TYPE_NUMBER[type];

/** Walks functions one after the other. */
export class Walker {
  readonly #view: ModuleView;
  readonly #scan: CodeScan;
  readonly #reach: Reach;
  readonly #bytes: Uint8Array;
  readonly #globals: Uint8Array;
  /** By type index, once it was needed. */
  readonly #signatures: Signature[] = [];
  readonly #operands = new Operands();
  #frames: Frame[] = [];
  /** In the order in which they open. */
  #constructs: Construct[] = [];
  #sites: Site[] = [];
  #locals: number[] = [];
  #events = new Words();
  #trace = new Words();
  #loops = 0;
  #stuck = false;

  constructor(view: ModuleView, scan: CodeScan, reach: Reach) {
    this.#view = view;
    this.#scan = scan;
    this.#reach = reach;
    this.#bytes = view.bytes;
    this.#globals = Uint8Array.from(view.globals, ({ type }) => TYPE_NUMBER[type]);
  }

  #typeAt(index: number): Signature {
    let type = this.#signatures[index];
    if (!type) {
      type = numbered(this.#view.types[index]);
      this.#signatures[index] = type;
    }
    return type;
  }

  /** Walks a defined function; undefined where it has no sites. Throws `TooComplex`. */
  walk(index: number): Walked | undefined {
    const type = this.#view.types[this.#view.functions[index]];
    this.#begin(type, index);
    this.#instructions(this.#scan.entries[index]);
    const sites = this.#sites;
    if (sites.length === 0) return undefined;
    const own = this.#locals.length - this.#operands.added;
    const saved = this.#saved(own);
    if (this.#stuck) this.#spreadStuck();
    if (sites.some(({ resumable }) => !resumable)) this.#prune();
    this.#range();
    return {
      index,
      type,
      root: this.#constructs[0],
      constructs: this.#constructs,
      sites,
      spills: this.#operands.spills,
      events: this.#sortedEvents(),
      locals: this.#locals,
      own,
      saved,
    };
  }

  #begin(type: FuncType, index: number): void {
    this.#frames = [];
    this.#constructs = [];
    this.#sites = [];
    this.#events.length = 0;
    this.#trace.length = 0;
    this.#loops = 0;
    this.#stuck = false;
    this.#locals = [...this.#typeAt(this.#view.functions[index]).params];
    const { bodies, entries } = this.#scan;
    const bytes = this.#bytes;
    let p = afterLeb(bytes, bodies[index]);
    while (p < entries[index]) {
      const count = readIndex(bytes, p);
      p = afterLeb(bytes, p);
      const local = NUMBER_OF_CODE[bytes[p++]];
      for (let i = 0; i < count; i++) this.#locals.push(local);
    }
    this.#operands.begin(this.#locals);
    this.#open(Op.block, entries[index], entries[index], numbered({ ...type, params: [] }));
  }

  // ------------------------------------------------------------ blocks and sites

  #event(kind: number, at: number, argument = 0): void {
    this.#events.push(kind);
    this.#events.push(at);
    this.#events.push(argument);
  }

  #open(opcode: number, at: number, body: number, { type, params, results }: Signature): Frame {
    const construct: Construct = {
      kind: "construct",
      opcode,
      at,
      results: type.results,
      sections: [],
      under: NO_LOCALS,
      params: NO_LOCALS,
      leading: false,
      first: 0,
      end: 0,
      stuck: false,
    };
    const index = this.#constructs.push(construct) - 1;
    this.#event(Event.open, at, index);
    const births = this.#operands.birthsOf(params.length);
    this.#operands.height -= params.length;
    const frame: Frame = {
      construct,
      index,
      base: this.#operands.height,
      params,
      results,
      births,
      entry: -1,
      values: NO_TYPES,
      section: -1,
      sectionAt: body,
      tag: -1,
      rethrown: false,
      clauses: undefined,
      loop: -1,
    };
    this.#frames.push(frame);
    if (opcode === Op.loop) {
      frame.loop = this.#loops++;
      this.#trace.push(Trace.loop);
    } else if (opcode === Op.if) this.#trace.push(Trace.if);
    else if (opcode === Op.try || opcode === Op.tryTable) this.#trace.push(Trace.try);
    else this.#trace.push(Trace.block);
    return frame;
  }

  #enter(frame: Frame, at: number): void {
    this.#event(Event.enter, at, frame.index);
    this.#section(frame, at, frame.params);
  }

  /** A section of a block begins: its body, an else, a catch. */
  #section(frame: Frame, at: number, values: readonly number[]): void {
    this.#operands.height = frame.base;
    frame.section++;
    frame.sectionAt = at;
    frame.rethrown = false;
    frame.values = values;
    frame.entry = this.#operands.pushTogether(values, at);
  }

  /**
   * A section ends. A rethrow works only inside of its catch: what a catch with sites caught is kept, to be thrown again. What a catch_all
   * caught is unknown, and references cannot be kept: no site inside can be left then.
   */
  #endSection(frame: Frame): void {
    const sequence = frame.construct.sections[frame.section];
    if (!frame.rethrown || !sequence) return;
    const { tag, entry, values } = frame;
    if (tag < 0 || values.some((type) => type >= FIRST_REFERENCE)) this.#stick(sequence);
    else sequence.again = { tag, locals: entry < 0 ? NO_LOCALS : this.#operands.keepTogether(entry) };
  }

  #stick(part: Sequence | Construct): void {
    part.stuck = true;
    this.#stuck = true;
  }

  #addItem(frame: Frame, item: Item): void {
    const { construct } = frame;
    let sequence = construct.sections[frame.section];
    if (!sequence) {
      const entry = frame.entry < 0 ? NO_LOCALS : this.#operands.spillTogether(frame.entry);
      const values = frame.values.map((type) => VALUE_TYPE_LIST[type]);
      sequence = { at: frame.sectionAt, values, entry, items: [], again: undefined, stuck: false };
      construct.sections[frame.section] = sequence;
    }
    sequence.items.push(item);
  }

  #close(after: number): void {
    const frame = this.#frames.pop()!;
    const { construct, base } = frame;
    const operands = this.#operands;
    this.#endSection(frame);
    const parent = this.#frames[this.#frames.length - 1];
    if (construct.sections.length > 0 && parent) {
      const { items } = parent.construct.sections[parent.section] ?? { items: [] };
      construct.leading =
        items.length === 0 &&
        construct.at === parent.sectionAt &&
        construct.opcode !== Op.if &&
        parent.construct.opcode !== Op.loop;
      operands.height = base;
      operands.restore(frame.params, frame.births);
      if (operands.hasReference(parent.base, operands.height)) this.#stick(construct);
      else {
        construct.params = operands.spill(base, operands.height);
        construct.under = operands.spill(parent.base, base);
      }
      this.#addItem(parent, construct);
    }
    operands.height = base;
    operands.pushResults(frame.results, after);
  }

  #call(at: number, end: number, target: number, { type, params, results }: Signature, unwinds: boolean): void {
    const operands = this.#operands;
    operands.height -= params.length;
    if (unwinds) {
      const frame = this.#frames[this.#frames.length - 1];
      const number = this.#sites.length;
      const resumable = !operands.hasReference(frame.base, operands.height);
      const under = resumable ? operands.spill(frame.base, operands.height) : NO_LOCALS;
      const site: Site = { kind: "site", number, at, end, target, type, under, resumable };
      this.#sites.push(site);
      this.#addItem(frame, site);
      this.#event(Event.site, at, number);
      this.#trace.push((number << 4) | Trace.site);
    }
    operands.pushResults(results, end);
  }

  #label(depth: number): void {
    this.#trace.push((depth << 4) | Trace.label);
  }

  // ------------------------------------------------------------ instructions

  #instructions(entry: number): void {
    const bytes = this.#bytes;
    const { pops, pushes } = plainEffects;
    const { shape } = plainOpcodes;
    const locals = this.#locals;
    const trace = this.#trace;
    this.#enter(this.#frames[0], entry);
    let p = entry;
    while (this.#frames.length > 0) {
      const at = p;
      const op = bytes[p++];
      if (op >= Op.localGet && op <= Op.localTee) {
        let index = bytes[p++];
        if (index >= 0x80) {
          index = readIndex(bytes, p - 1);
          p = afterLeb(bytes, p - 1);
        }
        if (op === Op.localGet) {
          trace.push((index << 4) | Trace.get);
          this.#operands.push(locals[index], p);
        } else {
          trace.push((index << 4) | Trace.set);
          this.#operands.height--;
          if (op === Op.localTee) this.#operands.push(locals[index], p);
        }
      } else if (op >= Op.i32Load && op < Op.refNull) {
        const kind = shape[op];
        if (kind === Shape.leb) while (bytes[p++] >= 0x80);
        else if (kind !== Shape.none) p = immediates(bytes, p, kind);
        this.#operands.height -= pops[op];
        if (pushes[op]) this.#operands.push(pushes[op] - 1, p);
      } else p = this.#other(op, at, p);
    }
  }

  /** The instructions that neither touch locals nor merely compute. Gives where the next one begins. */
  #other(op: number, at: number, after: number): number {
    const bytes = this.#bytes;
    switch (op) {
      case Op.call:
      case Op.callIndirect: {
        const index = readIndex(bytes, after);
        const p = afterLeb(bytes, after);
        if (op === Op.call) {
          const type = this.#typeAt(typeOfFunction(this.#view, index));
          this.#call(at, p, index, type, this.#reach.functions[index] === 1);
          return p;
        }
        const end = afterLeb(bytes, p);
        this.#operands.height--;
        this.#call(at, end, -1, this.#typeAt(index), this.#reach.types[index] === 1);
        return end;
      }
      case Op.globalGet: {
        const p = afterLeb(bytes, after);
        this.#operands.push(this.#globals[readIndex(bytes, after)], p);
        return p;
      }
      case Op.globalSet:
        this.#operands.height--;
        return afterLeb(bytes, after);
      case Op.drop:
        this.#operands.height--;
        return after;
      case Op.select:
        this.#operands.height -= 3;
        this.#operands.push(this.#operands.typeAt(this.#operands.height), after);
        return after;
      case Op.selectTyped: {
        const p = immediates(bytes, after, Shape.types);
        this.#operands.height -= 3;
        this.#operands.push(NUMBER_OF_CODE[bytes[p - 1]], p);
        return p;
      }
      case Op.block:
      case Op.loop:
      case Op.if:
      case Op.try:
      case Op.tryTable:
        return this.#block(op, at, after);
      case Op.else:
      case Op.catch:
      case Op.catchAll:
        return this.#nextSection(op, at, after);
      case Op.end: {
        const frame = this.#frames[this.#frames.length - 1];
        for (const depth of frame.clauses ?? []) this.#trace.push((depth << 4) | Trace.clause);
        const { opcode } = frame.construct;
        if (opcode === Op.loop) this.#trace.push((frame.loop << 4) | Trace.endLoop);
        else this.#trace.push(opcode === Op.try || opcode === Op.tryTable ? Trace.endTry : Trace.end);
        this.#event(Event.end, at);
        this.#close(after);
        return after;
      }
      case Op.delegate: {
        this.#event(Event.delegate, at, readIndex(bytes, after));
        this.#trace.push(Trace.end);
        const p = afterLeb(bytes, after);
        this.#close(p);
        return p;
      }
      case Op.br:
      case Op.brIf: {
        const depth = readIndex(bytes, after);
        this.#event(Event.label, after, depth);
        this.#label(depth);
        const p = afterLeb(bytes, after);
        if (op === Op.br) return this.#stop(p);
        this.#operands.height--;
        return p;
      }
      case Op.brTable: {
        let p = afterLeb(bytes, after);
        for (let left = readIndex(bytes, after); left >= 0; left--) {
          const depth = readIndex(bytes, p);
          this.#event(Event.label, p, depth);
          this.#label(depth);
          p = afterLeb(bytes, p);
        }
        return this.#stop(p);
      }
      case Op.rethrow: {
        const depth = readIndex(bytes, after);
        this.#event(Event.tryLabel, after, depth);
        const frame = this.#frames[this.#frames.length - 1 - depth];
        if (frame) frame.rethrown = true;
        return this.#stop(afterLeb(bytes, after));
      }
      default:
        return this.#rare(op, after);
    }
  }

  #block(op: number, at: number, after: number): number {
    const bytes = this.#bytes;
    const first = bytes[after];
    let p = afterLeb(bytes, after);
    let type = EMPTY;
    if (first < 0x40 || first >= 0x80) {
      type = this.#typeAt(readIndex(bytes, after));
    } else if (first !== 0x40) type = SINGLE[NUMBER_OF_CODE[first]];
    if (op === Op.if) this.#operands.height--;
    const clausesAt = p;
    if (op === Op.tryTable) p = afterClauses(bytes, p);
    const frame = this.#open(op, at, p, type);
    if (op === Op.tryTable) frame.clauses = this.#clauses(clausesAt);
    this.#enter(frame, p);
    return p;
  }

  #clauses(at: number): number[] {
    const bytes = this.#bytes;
    const depths: number[] = [];
    let p = afterLeb(bytes, at);
    for (let left = readIndex(bytes, at); left > 0; left--) {
      if (bytes[p++] < 2) p = afterLeb(bytes, p);
      const depth = readIndex(bytes, p);
      this.#event(Event.label, p, depth);
      depths.push(depth);
      p = afterLeb(bytes, p);
    }
    return depths;
  }

  #nextSection(op: number, at: number, after: number): number {
    const bytes = this.#bytes;
    const frame = this.#frames[this.#frames.length - 1];
    const { tags } = this.#view;
    this.#endSection(frame);
    if (op === Op.else) {
      this.#trace.push(Trace.else);
      this.#event(Event.section, at);
      this.#section(frame, after, frame.params);
      return after;
    }
    this.#trace.push(frame.section === 0 ? Trace.firstCatch : Trace.catch);
    if (op === Op.catchAll) {
      frame.tag = -1;
      this.#event(Event.section, at);
      this.#section(frame, after, NO_TYPES);
      return after;
    }
    const p = afterLeb(bytes, after);
    frame.tag = readIndex(bytes, after);
    this.#event(Event.section, at);
    this.#section(frame, p, this.#typeAt(tags[frame.tag]).params);
    return p;
  }

  #rare(op: number, after: number): number {
    const bytes = this.#bytes;
    const { tables } = this.#view;
    switch (op) {
      case Op.unreachable:
      case Op.return:
      case Op.throwRef:
        return this.#stop(after);
      case Op.throw:
      case Op.returnCall:
        return this.#stop(afterLeb(bytes, after));
      case Op.returnCallIndirect:
        return this.#stop(afterLeb(bytes, afterLeb(bytes, after)));
      case Op.tableGet: {
        const p = afterLeb(bytes, after);
        this.#operands.height--;
        this.#operands.push(TYPE_NUMBER[tables[readIndex(bytes, after)].type], p);
        return p;
      }
      case Op.tableSet:
        this.#operands.height -= 2;
        return afterLeb(bytes, after);
      case Op.refNull:
        this.#operands.push(NUMBER_OF_CODE[bytes[after]], after + 1);
        return after + 1;
      case Op.refIsNull:
        this.#operands.height--;
        this.#operands.push(TYPE_NUMBER.i32, after);
        return after;
      case Op.refFunc: {
        const p = afterLeb(bytes, after);
        this.#operands.push(TYPE_NUMBER.funcref, p);
        return p;
      }
      case Op.misc:
      case Op.vector:
      case Op.atomic: {
        const { pops, pushes } = prefixedEffects[op - Op.misc];
        const second = readIndex(bytes, after);
        const p = immediates(bytes, afterLeb(bytes, after), prefixedOpcodes[op - Op.misc].shape[second]);
        if (op === Op.misc && second === Op.tableFill) this.#operands.height -= 3;
        else if (op === Op.misc && second === Op.tableGrow) {
          this.#operands.height -= 2;
          this.#operands.push(TYPE_NUMBER.i32, p);
        } else {
          this.#operands.height -= pops[second];
          if (pushes[second]) this.#operands.push(pushes[second] - 1, p);
        }
        return p;
      }
      default: // nop
        return after;
    }
  }

  /** Control does not come to `at`. Gives where it may come again: the end of the section. */
  #stop(at: number): number {
    this.#trace.push(Trace.stop);
    const bytes = this.#bytes;
    const end = this.#scan.ends[this.#scan.ends.length - 1];
    let depth = 0;
    let p = at;
    while (p < end) {
      const op = bytes[p];
      if (op === Op.block || op === Op.loop || op === Op.if || op === Op.try || op === Op.tryTable) depth++;
      else if (op === Op.end || op === Op.delegate || op === Op.else || op === Op.catch || op === Op.catchAll) {
        if (depth === 0) break;
        if (op === Op.end || op === Op.delegate) depth--;
      }
      p = afterInstruction(bytes, p);
    }
    if (p > at) this.#event(Event.skip, at, p);
    return p;
  }

  // ------------------------------------------------------------ afterwards

  /** The locals to save. Sites where a reference matters, which cannot be saved, are made not resumable. */
  #saved(own: number): readonly number[] {
    const locals = this.#locals;
    let forbidden: Uint32Array | undefined;
    for (let local = 0; local < own; local++) {
      if (locals[local] < FIRST_REFERENCE) continue;
      forbidden ??= new Uint32Array((own + 31) >> 5);
      forbidden[local >> 5] |= 1 << (local & 31);
    }
    const { saved, blocked } = liveness(this.#trace, own, this.#loops, this.#sites.length, forbidden);
    if (forbidden) for (const site of this.#sites) if (blocked[site.number]) site.resumable = false;
    const chosen: number[] = [];
    for (let type = 0; type < FIRST_REFERENCE; type++) {
      locals.forEach((each, local) => {
        if (each === type && (local >= own || (saved[local >> 5] >>> (local & 31)) & 1)) chosen.push(local);
      });
    }
    return chosen;
  }

  /** What is stuck on the outside is so inside. */
  #spreadStuck(): void {
    for (const construct of this.#constructs) {
      for (const sequence of construct.sections) {
        if (!sequence || !(construct.stuck || sequence.stuck)) continue;
        for (const item of sequence.items) {
          if (item.kind === "site") item.resumable = false;
          else item.stuck = true;
        }
      }
    }
  }

  /** Takes out of the sequences what is not resumable, and blocks that have nothing else inside. */
  #prune(): void {
    const holds = ({ sections }: Construct) => sections.some((sequence) => sequence && sequence.items.length > 0);
    for (const { sections } of this.#constructs.toReversed()) {
      for (const sequence of sections) {
        if (sequence) sequence.items = sequence.items.filter((i) => (i.kind === "site" ? i.resumable : holds(i)));
      }
    }
  }

  /** Which sites each block has inside. */
  #range(): void {
    for (let i = this.#constructs.length - 1; i >= 0; i--) {
      const construct = this.#constructs[i];
      construct.first = -1;
      for (const sequence of construct.sections) {
        if (!sequence || sequence.items.length === 0) continue;
        const first = sequence.items[0];
        const last = sequence.items[sequence.items.length - 1];
        if (construct.first < 0) construct.first = first.kind === "site" ? first.number : first.first;
        construct.end = last.kind === "site" ? last.number + 1 : last.end;
      }
    }
  }

  /** The events with those of the spills among them: behind what ends at the same place, before what begins there. */
  #sortedEvents(): Int32Array {
    const { words, length } = this.#events;
    const { spills } = this.#operands;
    if (spills.length === 0) return words.slice(0, length);
    spills.sort((a, b) => a.at - b.at);
    const sorted = new Int32Array(length + 3 * spills.length);
    let next = 0;
    let to = 0;
    for (let i = 0; i < length; i += 3) {
      const first = words[i] === Event.enter ? words[i + 1] - 1 : words[i + 1];
      for (; next < spills.length && spills[next].at <= first; next++) {
        sorted[to++] = Event.spill;
        sorted[to++] = spills[next].at;
        sorted[to++] = next;
      }
      sorted[to++] = words[i];
      sorted[to++] = words[i + 1];
      sorted[to++] = words[i + 2];
    }
    return sorted;
  }
}
