// The version of a function that winds it up again: takes its frame, jumps to the site at which it was left, has the callee wind up,
// and goes on from there as the function would. It takes no parameters.
//
// A sequence of instructions with items (sites, and blocks with sites inside) becomes, for two of them:
//
//   block $done2
//     block $to2
//       block $done1
//         block $to1
//           block  $r: br_table to $to1, $to2; not winding up: on  end
//           ...code...  call $f  br $done1
//         end
//         $r = -1  call $f's version that winds up
//       end
//       test
//       ...code...
//     end
//     ...
//
// A block with sites inside needs no second version: once $to is reached, it is entered, and jumps on inside. What lies on the
// operand stack under an item was copied to spill locals when it was born and is taken from there at the item, either way.
// The handlers of a legacy try cannot be jumped into: those with items move behind the try, which leads to them by branches. There they
// throw anew what they caught instead of rethrowing it.

import { afterLeb, type Writer } from "../binary.ts";
import type { CodeWriter } from "../code.ts";
import { Op } from "../opcodes.ts";
import type { ValueType } from "../sections.ts";
import { TYPE_NUMBER } from "./effects.ts";
import type { FrameLayout } from "./frames.ts";
import {
  closeBody,
  type EmitHost,
  getLocals,
  openBody,
  setLocals,
  writeLocals,
  writeSpill,
  writeTest,
  writeTrap,
} from "./normal.ts";
import { type Construct, Event, type Item, type Sequence, type Site, TooComplex, type Walked } from "./structure.ts";

export interface ResumeHost extends EmitHost {
  /** Writes the call of what winds up a function of the source, or with -1 whichever's frame is next. */
  writeResumeCall(w: Writer, target: number, results: readonly ValueType[]): void;
}

/** V8's limit on the labels of a br_table. */
const MAX_LABELS = 65_000;
/** A br_table may have so many labels per item, and so many beyond that; else the items are compared one by one. */
const LABELS_PER_ITEM = 4;
const FREE_LABELS = 16;
/** Handlers that moved, inside of others that did. */
const MAX_MOVED = 64;

/** An open block of the source. */
interface Open {
  readonly construct: Construct;
  /** How many labels there were once its own was open; that of the try instruction, as long as it is open. */
  readonly label: number;
  tryLabel: number;
  section: number;
  /** The next item of its sequence, and by item the number of labels once its `$to` is open, 0 where it has none. */
  item: number;
  targets: number[];
  /** Handlers to be written behind the try, and the one that is being written there. */
  moved: Moved[] | undefined;
  moving: Sequence | undefined;
}

interface Moved {
  readonly sequence: Sequence;
  /** Its events. */
  from: number;
  to: number;
  /** The label in front of it. */
  label: number;
}

/** Writes a function's version that winds it up, from its locals on. Throws `TooComplex` where it grows beyond `limit` bytes. */
export function writeResume(w: CodeWriter, host: ResumeHost, walked: Walked, frame: FrameLayout, limit: number): void {
  new ResumeEmitter(w, host, walked, limit).run(frame);
}

class ResumeEmitter {
  readonly #w: CodeWriter;
  readonly #host: ResumeHost;
  readonly #walked: Walked;
  /** The writer's length must not pass this. */
  readonly #end: number;
  /** Locals: the number of the site to go to, -1 once there; the condition of an if. */
  readonly #site: number;
  readonly #condition: number;
  /** Locals for results, by type and count. */
  readonly #temporaries = new Map<string, number>();
  #extra: number[] = [TYPE_NUMBER.i32, TYPE_NUMBER.i32];
  #opens: Open[] = [];
  /** Labels that are open. */
  #depth = 0;
  #from = 0;
  /** Where a section began whose values have been set to their spill locals. */
  #entered = -1;
  #movedDepth = 0;
  /** Of the block whose header is being copied: its label where it is not that of its instruction, its moved handlers. */
  #label = 0;
  #moved: Moved[] | undefined;

  constructor(w: CodeWriter, host: ResumeHost, walked: Walked, limit: number) {
    this.#w = w;
    this.#host = host;
    this.#walked = walked;
    this.#end = w.length + limit;
    this.#site = walked.locals.length;
    this.#condition = this.#site + 1;
    for (const { under, type, resumable } of walked.sites) {
      if (!resumable || under.length === 0) continue;
      for (const [place, result] of type.results.entries()) this.#temporary(result, place);
    }
  }

  /** The local that keeps the result of this type and place. */
  #temporary(type: ValueType, place: number): number {
    const key = `${type},${place}`;
    let local = this.#temporaries.get(key);
    if (local === undefined) {
      local = this.#site + this.#extra.push(TYPE_NUMBER[type]) - 1;
      this.#temporaries.set(key, local);
    }
    return local;
  }

  run(frame: FrameLayout): void {
    const w = this.#w;
    const host = this.#host;
    const walked = this.#walked;
    writeLocals(w, 0, () => {}, [...walked.locals, ...this.#extra]);
    openBody(w, host, walked);
    this.#depth = 2;
    host.frames.restore(w, frame, this.#site);
    this.#from = walked.root.at;
    this.#label = this.#depth;
    this.#events(0, walked.events.length);
    closeBody(w, host, walked, frame);
  }

  // ------------------------------------------------------------ small parts

  #copyTo(to: number): void {
    this.#host.copyCode(this.#w, this.#from, to);
    this.#from = to;
    if (this.#w.length > this.#end) throw new TooComplex();
  }

  #block(results: readonly ValueType[] = []): number {
    this.#w.u8(Op.block);
    this.#host.blockType(this.#w, results);
    return ++this.#depth;
  }

  #endBlock(): void {
    this.#w.u8(Op.end);
    this.#depth--;
  }

  #branch(op: number, label: number): void {
    this.#w.u8(op).u32(this.#depth - label);
  }

  /** Branches to `label` if the site to go to is this one or a later one. */
  #branchFrom(site: number, label: number): void {
    this.#w.u8(Op.localGet).u32(this.#site).u8(Op.i32Const).s32(site).u8(Op.i32GeS);
    this.#branch(Op.brIf, label);
  }

  // ------------------------------------------------------------ sequences

  /** A section begins: opens a block for each item, and jumps to the one that holds the site to go to. */
  #enterSection(open: Open, sequence: Sequence | undefined): void {
    open.item = 0;
    if (!hasItems(sequence)) return;
    const w = this.#w;
    const { items, entry, at } = sequence;
    if (entry.length > 0) {
      setLocals(w, entry);
      this.#entered = at;
    }
    open.targets = new Array(items.length).fill(0);
    for (let i = items.length - 1; i >= 0; i--) {
      const item = items[i];
      if (item.kind === "site") this.#block(item.type.results);
      else if (item.leading) break;
      open.targets[i] = this.#block();
    }
    this.#dispatch(items, open.targets);
    getLocals(w, entry);
  }

  #dispatch(items: readonly Item[], targets: readonly number[]): void {
    const w = this.#w;
    const first = targets[0] === 0 ? 1 : 0;
    if (first === items.length) return;
    const from = firstSite(items[first]);
    const to = afterSites(items[items.length - 1]);
    const count = items.length - first;
    if (count === 1 || to - from > Math.min(MAX_LABELS, LABELS_PER_ITEM * count + FREE_LABELS)) {
      for (let i = items.length - 1; i >= first; i--) this.#branchFrom(firstSite(items[i]), targets[i]);
      return;
    }
    const on = this.#block();
    w.u8(Op.localGet).u32(this.#site);
    if (from > 0) w.u8(Op.i32Const).s32(from).u8(Op.i32Sub);
    w.u8(Op.brTable).u32(to - from);
    for (let i = first, site = from; i < items.length; i++) {
      for (const end = afterSites(items[i]); site < end; site++) w.u32(this.#depth - targets[i]);
    }
    w.u32(this.#depth - on);
    this.#endBlock();
  }

  // ------------------------------------------------------------ events

  #events(from: number, to: number): void {
    const { events, constructs, sites, spills } = this.#walked;
    const w = this.#w;
    for (let i = from; i < to; i += 3) {
      const at = events[i + 1];
      const argument = events[i + 2];
      switch (events[i]) {
        case Event.label:
          this.#copyTo(at);
          this.#branchLabel(this.#opens[this.#opens.length - 1 - argument].label);
          this.#from = afterLeb(this.#host.source, at);
          break;
        case Event.tryLabel:
          this.#rethrow(at, this.#opens[this.#opens.length - 1 - argument]);
          break;
        case Event.open:
          this.#copyTo(at);
          if (argument > 0) this.#open(constructs[argument]);
          break;
        case Event.enter:
          this.#copyTo(at);
          this.#enter(constructs[argument]);
          break;
        case Event.section:
          i = this.#section(i, at);
          break;
        case Event.end:
          this.#close(at);
          break;
        case Event.delegate:
          this.#delegate(at, argument);
          break;
        case Event.site:
          this.#call(sites[argument]);
          break;
        case Event.skip:
          this.#copyTo(at);
          this.#from = argument;
          break;
        case Event.spill:
          this.#copyTo(at);
          if (at === this.#entered) this.#entered = -1;
          else writeSpill(w, spills[argument].locals);
          break;
      }
    }
  }

  /** In front of a block's opcode: if it has items, this is where a jump to it arrives. */
  #open(construct: Construct): void {
    const { sections, under, params, opcode, leading } = construct;
    this.#label = 0;
    this.#moved = undefined;
    if (!sections.some(hasItems)) return;
    const w = this.#w;
    const outer = this.#opens[this.#opens.length - 1];
    const moves = opcode === Op.try && sections.some((sequence, section) => section > 0 && hasItems(sequence));
    outer.item++;
    if (leading) {
      if (moves) for (const _ of params) w.u8(Op.drop);
    } else {
      if (opcode === Op.if) w.u8(Op.localSet).u32(this.#condition);
      // What lies on the operand stack has been copied: a branch leaves it behind.
      if (under.length + params.length > 0) w.u8(Op.br).u32(0);
      this.#endBlock();
      getLocals(w, under);
      if (!moves) getLocals(w, params);
      if (opcode === Op.if) this.#writeCondition(construct);
    }
    if (moves) this.#openMoved(construct);
  }

  /** The condition of an if, or which of its arms has the site to go to: until that is reached, the condition's local is 0. */
  #writeCondition({ sections: [then, otherwise] }: Construct): void {
    const bound = hasItems(otherwise) ? firstSite(otherwise.items[0]) : afterSites(then!.items[then!.items.length - 1]);
    const w = this.#w.u8(Op.localGet).u32(this.#condition);
    w.u8(Op.localGet).u32(this.#site).u8(Op.i32Const).s32(bound).u8(Op.i32LtU).u8(Op.i32Or);
  }

  /**
   * In front of a try with handlers that have items:
   *
   *   block $after (result ...)
   *     block $handler (result <what the exception carries>)
   *       $r in the handler: br $handler
   *       try ... catch $e  br $handler end
   *       br $after
   *     end
   *     <handler>
   *   end
   */
  #openMoved({ sections, params, results }: Construct): void {
    if (++this.#movedDepth > MAX_MOVED) throw new TooComplex();
    const w = this.#w;
    this.#label = this.#block(results);
    const moved: Moved[] = [];
    for (let section = sections.length - 1; section > 0; section--) {
      const sequence = sections[section];
      if (!hasItems(sequence)) continue;
      moved[section] = { sequence, label: this.#block(sequence.values), from: 0, to: 0 };
    }
    for (let section = sections.length - 1; section > 0; section--) {
      if (!moved[section]) continue;
      const { sequence, label } = moved[section];
      // As restored: the handler puts them into these locals again.
      getLocals(w, sequence.entry);
      this.#branchFrom(firstSite(sequence.items[0]), label);
      for (const _ of sequence.values) w.u8(Op.drop);
    }
    getLocals(w, params);
    this.#moved = moved;
  }

  #enter(construct: Construct): void {
    // (The function's own block is open already.)
    const label = this.#opens.length === 0 ? this.#depth : ++this.#depth;
    const open: Open = {
      construct,
      label: this.#label || label,
      tryLabel: label,
      section: 0,
      item: 0,
      targets: [],
      moved: this.#moved,
      moving: undefined,
    };
    this.#opens.push(open);
    this.#enterSection(open, construct.sections[0]);
    // Only now, where no jump comes by: while the stack is wound up, no other task may run.
    if (construct.opcode === Op.loop) this.#host.loopPoll(this.#w);
  }

  /** An else or a catch: gives the event to go on after. */
  #section(event: number, at: number): number {
    const { source } = this.#host;
    const open = this.#opens[this.#opens.length - 1];
    const section = ++open.section;
    this.#copyTo(source[at] === Op.catch ? afterLeb(source, at + 1) : at + 1);
    const moved = open.moved?.[section];
    if (!moved) {
      this.#enterSection(open, open.construct.sections[section]);
      return event;
    }
    this.#branch(Op.br, moved.label);
    moved.from = event + 3;
    moved.to = this.#sectionEnd(event + 3);
    this.#from = this.#walked.events[moved.to + 1];
    return moved.to - 3;
  }

  /** The event that ends the section which `event` is in. */
  #sectionEnd(event: number): number {
    const { events } = this.#walked;
    let depth = 0;
    for (let i = event; ; i += 3) {
      const kind = events[i];
      if (kind === Event.open) depth++;
      else if (depth === 0 && (kind === Event.section || kind === Event.end)) return i;
      else if (kind === Event.end || kind === Event.delegate) depth--;
    }
  }

  #close(at: number): void {
    const open = this.#opens[this.#opens.length - 1];
    this.#copyTo(at + 1);
    this.#depth--;
    if (open.moved) this.#writeMoved(open, open.moved);
    this.#opens.pop();
  }

  /** Behind a try: the handlers that were moved. */
  #writeMoved(open: Open, moved: readonly Moved[]): void {
    const { events } = this.#walked;
    const after = this.#from;
    open.moved = undefined;
    open.tryLabel = open.label;
    this.#branch(Op.br, open.label);
    for (const { sequence, from, to } of moved.filter(Boolean)) {
      this.#endBlock();
      open.moving = sequence;
      this.#from = sequence.at;
      this.#enterSection(open, sequence);
      this.#events(from, to);
      this.#copyTo(events[to + 1]);
      this.#branch(Op.br, open.label);
    }
    this.#endBlock();
    this.#from = after;
    this.#movedDepth--;
  }

  #delegate(at: number, depth: number): void {
    this.#copyTo(at + 1);
    this.#from = afterLeb(this.#host.source, at + 1);
    this.#opens.pop();
    this.#depth--;
    this.#branchLabel(this.#opens[this.#opens.length - 1 - depth].tryLabel);
  }

  /** A rethrow, whose label stands there. Behind its try it throws what the handler caught. */
  #rethrow(at: number, { moving, tryLabel }: Open): void {
    if (moving) {
      const { tag, locals } = moving.again!;
      this.#copyTo(at - 1);
      getLocals(this.#w, locals);
      this.#w.u8(Op.throw).u32(tag);
    } else {
      this.#copyTo(at);
      this.#branchLabel(tryLabel);
    }
    this.#from = afterLeb(this.#host.source, at);
  }

  #branchLabel(label: number): void {
    this.#w.u32(this.#depth - label);
  }

  #call(site: Site): void {
    const w = this.#w;
    const host = this.#host;
    const { number, end, type, under, resumable } = site;
    this.#copyTo(end);
    if (!resumable) {
      writeTrap(w, host.unwinding);
      return;
    }
    const open = this.#opens[this.#opens.length - 1];
    const to = open.targets[open.item++];
    this.#branch(Op.br, to - 1);
    this.#endBlock();
    w.u8(Op.i32Const).s32(-1).u8(Op.localSet).u32(this.#site);
    host.writeResumeCall(w, site.target, type.results);
    this.#endBlock();
    if (under.length > 0) {
      const results = type.results.map((each, i) => this.#temporary(each, i));
      setLocals(w, results);
      getLocals(w, under);
      getLocals(w, results);
    }
    writeTest(w, host, number, this.#depth - 1);
  }
}

function hasItems(sequence: Sequence | undefined): sequence is Sequence {
  return sequence !== undefined && sequence.items.length > 0;
}

/** The first of an item's sites. */
function firstSite(item: Item): number {
  return item.kind === "site" ? item.number : item.first;
}

/** The site after its last. */
function afterSites(item: Item): number {
  return item.kind === "site" ? item.number + 1 : item.end;
}
