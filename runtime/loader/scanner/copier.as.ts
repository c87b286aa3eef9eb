/**
 * Copies function bodies (AssemblyScript), with what the rewriter changes at the sites that the scanner noted: functions renumbered,
 * memory.grow and atomic waits turned into calls, polls added (../polls.ts).
 */

import {
  COPY_ADDED,
  COPY_BODIES,
  COPY_DUE,
  COPY_DUE_LENGTH,
  COPY_ENDS,
  COPY_ENTER,
  COPY_ENTER_LENGTH,
  COPY_ENTRIES,
  COPY_ENTRY_POLLS,
  COPY_FIRST_INDEX,
  COPY_HINT,
  COPY_HINTED,
  COPY_HINTS,
  COPY_HINTS_END,
  COPY_IMPORTED,
  COPY_IMPORTS,
  COPY_LOOP_POLLS,
  COPY_NEXT,
  COPY_OUT,
  COPY_PLACES,
  COPY_POLLS,
  COPY_REPLACED,
  COPY_RESTARTABLE,
  COPY_ROOM,
  COPY_SITES,
  GROWTH,
  GROWTH_FREE,
  LIKELY,
  NOT_REPLACED,
  SHAPE_BLOCK,
  SHAPE_ELSE,
  SHAPE_END,
  SHAPE_IF,
  SHAPE_PREFIX,
  SITE_ATOMIC_NOTIFY,
  SITE_ATOMIC_WAIT32,
  SITE_ATOMIC_WAIT64,
  SITE_CALL,
  SITE_DATA_DROP,
  SITE_LEAF_LOOP,
  SITE_LOOP,
  SITE_MEMORY_GROW,
  SITE_MEMORY_SIZE,
  SITE_REFERENCE,
  SITES_END,
  SPACES,
  UNLIKELY,
} from "./layout";
import { addressBase, afterLeb, prefixed, rare } from "./scanner.as";

// Opcodes.
const BLOCK: u32 = 0x02;
const LOOP: u32 = 0x03;
const IF: u32 = 0x04;
const RETHROW: u32 = 0x09;
const END: u32 = 0x0b;
const BR: u32 = 0x0c;
const BR_IF: u32 = 0x0d;
const BR_TABLE: u32 = 0x0e;
const CALL: u32 = 0x10;
const I32_CONST: u32 = 0x41;
const I32_EQZ: u32 = 0x45;
const EMPTY: u32 = 0x40;

/** How many blocks stand between a leaf loop's label and what the loop stood in. */
const ADDED_BLOCKS: u32 = 3;

/** Where the next byte goes. */
let out: u32 = 0;
/** From where the offsets of hints count; where the next hint of the body goes (offset, value). */
let origin: u32 = 0;
let hints: u32 = 0;
/** The site after the last that was passed. */
let nextSite: u32 = 0;

// ---------------------------------------------------------------- writing

function put(byte: u32): void {
  store<u8>(out++, byte);
}

function leb(value: u32): void {
  let rest = value;
  for (; rest >= 0x80; rest >>= 7) put((rest & 0x7f) | 0x80);
  put(rest);
}

function signedLeb(value: i32): void {
  let rest = value;
  for (;;) {
    const byte = rest & 0x7f;
    rest >>= 7;
    if ((rest == 0 && byte < 0x40) || (rest == -1 && byte >= 0x40)) {
      put(byte);
      return;
    }
    put(byte | 0x80);
  }
}

/** Copies what lies between two addresses. Short runs go by words, of which the last may write too much: it is written over. */
function copy(from: u32, to: u32): void {
  const length = to - from;
  if (length <= 64) for (let i: u32 = 0; i < length; i += 8) store<u64>(out + i, load<u64>(from + i));
  else memory.copy(out, from, length);
  out += length;
}

function hint(value: u32): void {
  store<u32>(hints, out - origin);
  store<u32>(hints, value, 4);
  hints += 8;
}

function count(counter: u32): void {
  store<u32>(counter, load<u32>(counter) + 1);
}

function due(): void {
  const at = load<u32>(COPY_DUE);
  copy(at, at + load<u32>(COPY_DUE_LENGTH));
}

function enter(): void {
  const at = load<u32>(COPY_ENTER);
  copy(at, at + load<u32>(COPY_ENTER_LENGTH));
}

function poll(): void {
  due();
  hint(UNLIKELY);
  put(IF);
  put(EMPTY);
  enter();
  put(END);
}

// ---------------------------------------------------------------- loops without calls

/** Copies the loop whose opcode is at an address, in the form that polls.ts describes; gives where it ends. */
function copyLeaf(at: u32): u32 {
  const type: u32 = load<u8>(at + 1);
  put(BLOCK);
  put(type);
  put(LOOP);
  put(type);
  put(LOOP);
  put(EMPTY);
  put(BLOCK);
  put(EMPTY);
  const end = copyOpenBlock(at + 2);
  put(BR);
  put(3);
  put(END);
  due();
  put(I32_EQZ);
  hint(LIKELY);
  put(BR_IF);
  put(0);
  put(END);
  enter();
  put(BR);
  put(0);
  put(END);
  put(END);
  count(COPY_LOOP_POLLS);
  return end;
}

/** Where copying has come to in copyOpenBlock. */
let copied: u32 = 0;

function label(at: u32, depth: u32): u32 {
  const target = value(at);
  const after = afterLeb(at);
  if (target > depth) {
    copy(copied, at);
    leb(target + ADDED_BLOCKS);
    copied = after;
  }
  return after;
}

/** Copies what stands in a block, around which there will be more, up to its `end`, and gives what follows that. */
function copyOpenBlock(start: u32): u32 {
  let depth: i32 = 0;
  let p = start;
  let at = start;
  copied = start;
  while (depth >= 0) {
    at = p;
    const op: u32 = load<u8>(p++);
    const shape: u32 = load<u8>(SPACES + op);
    if (op == BR || op == BR_IF || op == RETHROW) p = label(p, depth);
    else if (op == BR_TABLE) {
      let left = value(p) + 1;
      for (p = afterLeb(p); left > 0; left--) p = label(p, depth);
    } else if (shape == SHAPE_BLOCK || shape == SHAPE_IF) {
      depth++;
      p = afterLeb(p);
    } else if (shape == SHAPE_END) depth--;
    else if (shape == SHAPE_PREFIX) p = prefixed(op, at, p, <u32>-1, 0);
    else if (shape != SHAPE_ELSE) p = rare(shape, 0, op, at, p, <u32>-1, 0);
  }
  copy(copied, at);
  return p;
}

// ---------------------------------------------------------------- sites

/** An unsigned LEB128 that the scanner has checked. */
function value(at: u32): u32 {
  let p = at;
  let byte: u32 = load<u8>(p);
  let result = byte & 0x7f;
  for (let shift: u32 = 7; byte >= 0x80; shift += 7) {
    byte = load<u8>(++p);
    result |= (byte & 0x7f) << shift;
  }
  return result;
}

/** The first site at or after a position: nearly always the next. */
function siteFrom(position: u32): u32 {
  const first = load<u32>(COPY_SITES);
  const end = load<u32>(SITES_END);
  const next = nextSite;
  if (
    next >= first &&
    (next == first || load<u32>(next - 8) < position) &&
    (next >= end || load<u32>(next) >= position)
  ) {
    return next;
  }
  let low: u32 = 0;
  let high = (end - first) >> 3;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (load<u32>(first + (middle << 3)) < position) low = middle + 1;
    else high = middle;
  }
  return first + (low << 3);
}

function functionIndex(source: u32): u32 {
  if (source >= load<u32>(COPY_IMPORTED)) return source + load<u32>(COPY_ADDED);
  return load<u32>(load<u32>(COPY_IMPORTS) + (source << 2));
}

/** Replaces an atomic wait or notify by a call, to which its offset is another argument. */
function atomic(at: u32, callee: u32): u32 {
  const memarg = afterLeb(at + 1);
  let p = afterLeb(memarg);
  if (load<u8>(memarg) & 0x40) p = afterLeb(p);
  put(I32_CONST);
  signedLeb(value(p));
  put(CALL);
  leb(callee);
  return afterLeb(p);
}

/** Copies the code between two offsets in the file. */
function copyCode(start: u32, end: u32, polls: bool): void {
  const base = addressBase();
  const sitesEnd = load<u32>(SITES_END);
  let from = start + base;
  let i = siteFrom(start);
  for (; i < sitesEnd && load<u32>(i) < end; i += 8) {
    const at = load<u32>(i) + base;
    const kind = load<u32>(i, 4);
    switch (kind) {
      case SITE_CALL:
      case SITE_REFERENCE:
        copy(from, at);
        leb(functionIndex(value(at)));
        from = afterLeb(at);
        break;
      case SITE_LOOP:
        if (!polls) break;
        copy(from, afterLeb(at + 1));
        from = afterLeb(at + 1);
        poll();
        count(COPY_LOOP_POLLS);
        break;
      case SITE_LEAF_LOOP:
        if (!polls) break;
        copy(from, at);
        from = copyLeaf(at);
        break;
      case SITE_DATA_DROP:
        if (!load<u32>(COPY_RESTARTABLE)) break;
        copy(from, at);
        from = afterLeb(afterLeb(at + 1));
        break;
      case SITE_MEMORY_SIZE:
      case SITE_MEMORY_GROW:
      case SITE_ATOMIC_NOTIFY:
      case SITE_ATOMIC_WAIT32:
      case SITE_ATOMIC_WAIT64: {
        const callee = load<u32>(COPY_REPLACED + (kind << 2));
        if (callee == NOT_REPLACED) break;
        copy(from, at);
        if (kind == SITE_MEMORY_SIZE || kind == SITE_MEMORY_GROW) {
          put(CALL);
          leb(callee);
          from = afterLeb(at + 1);
        } else from = atomic(at, callee);
        break;
      }
    }
  }
  nextSite = i;
  copy(from, end + base);
}

// ---------------------------------------------------------------- what the loader calls

function begin(): void {
  out = origin = load<u32>(COPY_OUT);
  hints = load<u32>(COPY_HINTS) + load<u32>(COPY_ROOM);
}

/** Copies code without polls to COPY_OUT; gives how many bytes that made. */
export function copyPlain(start: u32, end: u32): u32 {
  begin();
  copyCode(start, end, false);
  return out - origin;
}

/** Copies the leaf loop at an offset; 0 where there is none. COPY_NEXT: where it ends, COPY_HINT: where in the copy its branch is. */
export function copyLoop(at: u32): u32 {
  const site = siteFrom(at);
  if (site >= load<u32>(SITES_END) || load<u32>(site) != at || load<u32>(site, 4) != SITE_LEAF_LOOP) return 0;
  begin();
  const first = hints;
  store<u32>(COPY_NEXT, copyLeaf(at + addressBase()) - addressBase());
  store<u32>(COPY_HINT, load<u32>(first));
  return out - origin;
}

/**
 * Copies bodies with their sizes, from the `first` on, up to the `last` but one, or as many as there is room for; gives the next.
 * COPY_NEXT: the end of what came out, COPY_HINTS_END: that of the entries for the section of hints, COPY_HINTED: how many those are.
 */
export function copyBodies(first: u32, last: u32): u32 {
  begin();
  const bodies = load<u32>(COPY_BODIES);
  const entries = load<u32>(COPY_ENTRIES);
  const ends = load<u32>(COPY_ENDS);
  const places = load<u32>(COPY_PLACES);
  const base = addressBase();
  const polls = load<u32>(COPY_POLLS) != 0;
  const room = load<u32>(COPY_ROOM);
  const limit = load<u32>(COPY_OUT) + room;
  const temporary = hints;
  let hintsOut = load<u32>(COPY_HINTS);
  let hinted: u32 = 0;
  let i = first;
  for (; i < last; i++) {
    const body = load<u32>(bodies + (i << 2));
    const entry = load<u32>(entries + (i << 2));
    const end = load<u32>(ends + (i << 2));
    // (Hints take less room than code.)
    if (i > first && out + GROWTH * (end - body) + GROWTH_FREE > limit) break;
    const start = out;
    out += 5;
    origin = out;
    hints = temporary;
    copy(body + base, entry + base);
    const place = load<u32>(places + (i << 2));
    if (polls && place != 0) {
      copyCode(entry, place, polls);
      poll();
      count(COPY_ENTRY_POLLS);
      copyCode(place, end, polls);
    } else copyCode(entry, end, polls);
    const size = out - origin;
    out = start;
    leb(size);
    memory.copy(out, origin, size);
    out += size;
    if (hints == temporary) continue;
    hinted++;
    const code = out;
    out = hintsOut;
    leb(load<u32>(COPY_FIRST_INDEX) + i);
    leb((hints - temporary) >> 3);
    for (let at = temporary; at < hints; at += 8) {
      leb(load<u32>(at));
      put(1);
      put(load<u32>(at, 4));
    }
    hintsOut = out;
    out = code;
  }
  store<u32>(COPY_NEXT, out);
  store<u32>(COPY_HINTS_END, hintsOut);
  store<u32>(COPY_HINTED, hinted);
  return i;
}
