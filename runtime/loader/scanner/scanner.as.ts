/**
 * Walks all function bodies once (AssemblyScript): checks that they are well-formed as far as the rewriter depends on it (types are
 * V8's affair), and notes the sites that matter. In JavaScript this took 60 of the 120 ms that a MB took to prepare in a fresh
 * process, nearly all of it in the interpreter; V8's baseline compiler for Wasm needs no warming up.
 *
 * What is wrong with a module is left at ERROR, and the walk ends by a trap: ../scan.ts has the words for it.
 */

import { MAX_FUNCTION_SIZE, MAX_LOCALS, MAX_RESULTS } from "../limits";
import {
  COUNTS,
  DEPTH,
  ERROR,
  ERROR_A,
  ERROR_AT,
  ERROR_B,
  ERROR_C,
  ERROR_CATCH,
  ERROR_CATCH_ALL,
  ERROR_CATCH_CLAUSE,
  ERROR_CODE_LEFT,
  ERROR_COUNT,
  ERROR_CUT,
  ERROR_DELEGATE,
  ERROR_EARLY_END,
  ERROR_ELSE,
  ERROR_FUNCTION_SIZE,
  ERROR_GC_BLOCK,
  ERROR_GC_LOCAL,
  ERROR_GC_NULL,
  ERROR_GC_OPCODE,
  ERROR_GC_TYPE,
  ERROR_INDEX,
  ERROR_LIMIT,
  ERROR_LOCALS,
  ERROR_LONG,
  ERROR_MEMORY,
  ERROR_OPCODE,
  ERROR_ROOM,
  FEATURE_MULTI_VALUE,
  FEATURES,
  LARGEST,
  NESTING,
  SHAPE_ATOMIC_NOTIFY,
  SHAPE_ATOMIC_WAIT32,
  SHAPE_ATOMIC_WAIT64,
  SHAPE_BLOCK,
  SHAPE_BR_TABLE,
  SHAPE_BYTE,
  SHAPE_BYTES4,
  SHAPE_BYTES8,
  SHAPE_BYTES16,
  SHAPE_CALL,
  SHAPE_CALL_INDIRECT,
  SHAPE_CATCH,
  SHAPE_CATCH_ALL,
  SHAPE_DATA_DROP,
  SHAPE_DELEGATE,
  SHAPE_ELSE,
  SHAPE_END,
  SHAPE_FENCE,
  SHAPE_GC,
  SHAPE_IF,
  SHAPE_LEB,
  SHAPE_LEB2,
  SHAPE_LOOP,
  SHAPE_MEMARG,
  SHAPE_MEMARG_LANE,
  SHAPE_MEMORY,
  SHAPE_MEMORY_COPY,
  SHAPE_MEMORY_GROW,
  SHAPE_MEMORY_INIT,
  SHAPE_MEMORY_SIZE,
  SHAPE_NONE,
  SHAPE_PREFIX,
  SHAPE_REF_FUNC,
  SHAPE_REF_NULL,
  SHAPE_TRY,
  SHAPE_TRY_TABLE,
  SHAPE_TYPES,
  SHAPE_UNKNOWN,
  SITE_ATOMIC_NOTIFY,
  SITE_CALL,
  SITE_DATA_DROP,
  SITE_INDIRECT,
  SITE_LEAF_LOOP,
  SITE_LOOP,
  SITE_MEMORY_GROW,
  SITE_MEMORY_INIT,
  SITE_MEMORY_SIZE,
  SITE_REFERENCE,
  SITES_END,
  SPACE_COUNT,
  SPACE_FEATURES,
  SPACE_SIZE,
  SPACES,
  WHAT_BODY,
  WHAT_CLAUSE,
  WHAT_CLAUSES,
  WHAT_FUNCTION,
  WHAT_FUNCTION_INDEX,
  WHAT_LABEL,
  WHAT_LOCAL_GROUPS,
  WHAT_LOCAL_TYPE,
  WHAT_LOCALS,
  WHAT_SIZE,
  WHAT_TAG,
  WHAT_TARGETS,
  WHAT_TYPE_INDEX,
  WHAT_TYPES,
} from "./layout";

// What each open block is; decides what may follow inside it.
const FUNCTION: u32 = 0;
const BLOCK: u32 = 1;
const IF: u32 = 2;
const TRY: u32 = 3;
const CATCH: u32 = 4;

const NO_LEAF: u32 = 0;

/** What to take from an address for the offset in the file. */
let base: u32 = 0;
let functionCount: u32 = 0;
let typeCount: u32 = 0;
/** Where the next site goes. */
let sites: u32 = 0;
let features: u32 = 0;
let deepest: u32 = 0;
/** The site of the loop that may be a leaf: the innermost open one, if nothing has spoken against it; the depth inside it. */
let leaf: u32 = NO_LEAF;
let leafDepth: u32 = 0;
/** Where the cursor of those functions stands that read more than one thing. */
let cursor: u32 = 0;

function fail(kind: u32, at: u32, a: u32 = 0, b: u32 = 0, c: u32 = 0): void {
  store<u32>(ERROR, kind);
  store<u32>(ERROR_AT, at - base);
  store<u32>(ERROR_A, a);
  store<u32>(ERROR_B, b);
  store<u32>(ERROR_C, c);
  unreachable();
}

// ---------------------------------------------------------------- checked reading, at the cursor

function byte(end: u32, what: u32): u32 {
  if (cursor >= end) fail(ERROR_CUT, cursor, what);
  return load<u8>(cursor++);
}

/** An unsigned 32-bit LEB128: at most five bytes, the unused bits of the fifth zero. */
function u32At(end: u32, what: u32): u32 {
  const at = cursor;
  let value: u32 = 0;
  for (let shift: u32 = 0; shift < 35; shift += 7) {
    const next = byte(end, what);
    if (shift == 28 && next > 0x0f) break;
    value |= (next & 0x7f) << shift;
    if (next < 0x80) return value;
  }
  fail(ERROR_LONG, at, what);
  return 0;
}

/** The length of a vector, each element of which takes at least one byte. */
function count(end: u32, what: u32, limit: u32): u32 {
  const at = cursor;
  const length = u32At(end, what);
  if (length > end - cursor) fail(ERROR_COUNT, at, what, length, end - cursor);
  if (length > limit) fail(ERROR_LIMIT, at, what, length, limit);
  return length;
}

// ---------------------------------------------------------------- sites

function site(position: u32, kind: u32): void {
  store<u32>(sites, position - base);
  store<u32>(sites, kind, 4);
  sites += 8;
  const counter = COUNTS + (kind << 2);
  store<u32>(counter, load<u32>(counter) + 1);
  leaf = NO_LEAF;
}

function loop(at: u32, type: u32, depth: u32): void {
  site(at, SITE_LOOP);
  // One with parameters has the index of a type here.
  if (type < 0x40 || type >= 0x80) return;
  leaf = sites - 8;
  leafDepth = depth;
}

function leafEnds(): void {
  store<u32>(leaf, SITE_LEAF_LOOP, 4);
  store<u32>(COUNTS + (SITE_LOOP << 2), load<u32>(COUNTS + (SITE_LOOP << 2)) - 1);
  store<u32>(COUNTS + (SITE_LEAF_LOOP << 2), load<u32>(COUNTS + (SITE_LEAF_LOOP << 2)) + 1);
  leaf = NO_LEAF;
}

// ---------------------------------------------------------------- parts of instructions: each gives where it ends

export function afterLeb(at: u32): u32 {
  let p = at;
  while (load<u8>(p++) >= 0x80);
  return p;
}

/** Alignment and offset; bit 6 of the alignment announces a memory index (multi-memory), which has to be 0. */
function memarg(at: u32): u32 {
  let p = afterLeb(at);
  if (load<u8>(at) & 0x40) p = memoryZero(p);
  return afterLeb(p);
}

function memoryZero(at: u32): u32 {
  const after = afterLeb(at);
  for (let p = at; p < after; p++) if (load<u8>(p) & 0x7f) fail(ERROR_MEMORY, at);
  return after;
}

/** Empty, a value type, or a type index as a signed 33-bit LEB128. */
function blockType(at: u32): u32 {
  const first: u32 = load<u8>(at);
  if (first == 0x40) return at + 1;
  if (first == 0x63 || first == 0x64) fail(ERROR_GC_BLOCK, at);
  if (first < 0x40 || first >= 0x80) features |= FEATURE_MULTI_VALUE;
  return afterLeb(at);
}

function index(at: u32, end: u32, limit: u32, what: u32): u32 {
  cursor = at;
  const value = u32At(end, what);
  if (value >= limit) fail(ERROR_INDEX, at, what, value, limit);
  return cursor;
}

function labels(at: u32, end: u32): u32 {
  cursor = at;
  const length = count(end, WHAT_TARGETS, MAX_FUNCTION_SIZE);
  let p = cursor;
  for (let i: u32 = 0; i <= length && p < end; i++) p = afterLeb(p);
  return p;
}

function types(at: u32, end: u32): u32 {
  cursor = at;
  const length = count(end, WHAT_TYPES, MAX_RESULTS);
  for (let p = cursor; p < cursor + length; p++) {
    const type: u32 = load<u8>(p);
    if (type == 0x63 || type == 0x64) fail(ERROR_GC_TYPE, p);
  }
  return cursor + length;
}

/** The catch clauses of try_table: kind, tag (kinds 0 and 1), label. */
function handlers(at: u32, end: u32): u32 {
  cursor = at;
  const length = count(end, WHAT_CLAUSES, MAX_FUNCTION_SIZE);
  for (let i: u32 = 0; i < length; i++) {
    const kindAt = cursor;
    const kind = byte(end, WHAT_CLAUSE);
    if (kind > 3) fail(ERROR_CATCH_CLAUSE, kindAt, kind);
    if (kind < 2) u32At(end, WHAT_TAG);
    u32At(end, WHAT_LABEL);
  }
  return cursor;
}

function locals(start: u32, end: u32): u32 {
  cursor = start;
  const groups = count(end, WHAT_LOCAL_GROUPS, MAX_LOCALS);
  let total: u64 = 0;
  for (let i: u32 = 0; i < groups; i++) {
    const at = cursor;
    total += u32At(end, WHAT_LOCALS);
    // (Below 2^33 here: what came before was within the limit.)
    if (total > <u64>MAX_LOCALS) fail(ERROR_LOCALS, at, <u32>min(total, <u64>u32.MAX_VALUE));
    const type = byte(end, WHAT_LOCAL_TYPE);
    if (type == 0x63 || type == 0x64) fail(ERROR_GC_LOCAL, at);
  }
  return cursor;
}

// ---------------------------------------------------------------- instructions

/**
 * Walks the instructions from `entry` to the end of the body, and returns where the last `end` stands.
 * Every read beyond `end` is noticed at the top of the loop, before anything is done with what was read.
 */
function instructions(entry: u32, end: u32): u32 {
  let depth: u32 = 0;
  let p = entry;
  let used: u32 = 0;
  leaf = NO_LEAF;
  store<u8>(NESTING, FUNCTION);
  while (p < end) {
    const at = p;
    const op: u32 = load<u8>(p++);
    let shape: u32 = load<u8>(SPACES + op);
    used |= load<u16>(SPACES + (op << 1), SPACE_FEATURES);
    // The frequent shapes first; the rest is in rare().
    if (shape <= <u32>SHAPE_LEB2) {
      for (; shape > 0; shape--) while (load<u8>(p++) >= 0x80);
    } else if (shape == SHAPE_MEMARG && load<u8>(p) < 0x40) {
      p++;
      while (load<u8>(p++) >= 0x80);
    } else if (shape == SHAPE_END) {
      if (depth == 0) {
        features |= used;
        return p;
      }
      if (depth == leafDepth && leaf != NO_LEAF) leafEnds();
      depth--;
    } else if (shape == SHAPE_CALL) {
      site(p, SITE_CALL);
      const first: u32 = load<u8>(p);
      p = first < 0x80 && first < functionCount ? p + 1 : index(p, end, functionCount, WHAT_FUNCTION_INDEX);
    } else if (shape == SHAPE_BLOCK || shape == SHAPE_LOOP || shape == SHAPE_IF) {
      const type: u32 = load<u8>(p);
      p = blockType(p);
      depth++;
      store<u8>(NESTING + depth, shape == SHAPE_IF ? IF : BLOCK);
      if (shape == SHAPE_LOOP) loop(at, type, depth);
      if (depth > deepest) deepest = depth;
    } else if (shape == SHAPE_TRY || shape == SHAPE_TRY_TABLE) {
      p = blockType(p);
      if (shape == SHAPE_TRY_TABLE) p = handlers(p, end);
      leaf = NO_LEAF;
      depth++;
      store<u8>(NESTING + depth, shape == SHAPE_TRY ? TRY : BLOCK);
      if (depth > deepest) deepest = depth;
    } else if (shape == SHAPE_DELEGATE) {
      p = afterLeb(p);
      if (load<u8>(NESTING + depth) != TRY) fail(ERROR_DELEGATE, at);
      depth--;
    } else if (shape == SHAPE_PREFIX) {
      p = prefixed(op, at, p, end, depth);
    } else {
      p = rare(shape, 0, op, at, p, end, depth);
    }
  }
  fail(ERROR_CUT, end, WHAT_BODY);
  return end;
}

/** An instruction with a prefix; those without sites and blocks can be anywhere. */
export function prefixed(prefix: u32, at: u32, after: u32, end: u32, depth: u32): u32 {
  const space: u32 = SPACES + (prefix - 0xfb) * SPACE_SIZE;
  let p = after;
  let op: u32 = 0;
  for (let shift: u32 = 0; shift < 35; shift += 7) {
    const next: u32 = load<u8>(p++);
    op |= (next & 0x7f) << shift;
    if (next < 0x80) break;
  }
  const known = op < load<u32>(space, SPACE_COUNT);
  const shape: u32 = known ? load<u8>(space + op) : SHAPE_UNKNOWN;
  if (shape == SHAPE_UNKNOWN) fail(ERROR_OPCODE, at, prefix, op);
  features |= load<u16>(space + (op << 1), SPACE_FEATURES);
  return rare(shape, prefix, op, at, p, end, depth);
}

/** The instructions that are not frequent and neither open nor close a block. */
export function rare(shape: u32, prefix: u32, op: u32, at: u32, p: u32, end: u32, depth: u32): u32 {
  const block = NESTING + depth;
  switch (shape) {
    case SHAPE_NONE:
      return p;
    case SHAPE_LEB:
      return afterLeb(p);
    case SHAPE_LEB2:
      return afterLeb(afterLeb(p));
    case SHAPE_MEMARG:
      return memarg(p);
    case SHAPE_MEMARG_LANE:
      return memarg(p) + 1;
    case SHAPE_BYTE:
    case SHAPE_FENCE:
      return p + 1;
    case SHAPE_BYTES4:
      return p + 4;
    case SHAPE_BYTES8:
      return p + 8;
    case SHAPE_BYTES16:
      return p + 16;
    case SHAPE_ELSE:
      if (load<u8>(block) != IF) fail(ERROR_ELSE, at);
      store<u8>(block, BLOCK);
      return p;
    case SHAPE_CATCH:
      if (load<u8>(block) != TRY && load<u8>(block) != CATCH) fail(ERROR_CATCH, at);
      store<u8>(block, CATCH);
      return afterLeb(p);
    case SHAPE_CATCH_ALL:
      if (load<u8>(block) != TRY && load<u8>(block) != CATCH) fail(ERROR_CATCH_ALL, at);
      store<u8>(block, BLOCK);
      return p;
    case SHAPE_BR_TABLE:
      return labels(p, end);
    case SHAPE_CALL_INDIRECT:
      site(p, SITE_INDIRECT);
      return afterLeb(index(p, end, typeCount, WHAT_TYPE_INDEX));
    case SHAPE_REF_FUNC:
      site(p, SITE_REFERENCE);
      return index(p, end, functionCount, WHAT_FUNCTION_INDEX);
    case SHAPE_REF_NULL: {
      const type: u32 = load<u8>(p);
      if (type != 0x70 && type != 0x6f && type != 0x69) fail(ERROR_GC_NULL, at);
      return p + 1;
    }
    case SHAPE_TYPES:
      return types(p, end);
    case SHAPE_MEMORY:
      return memoryZero(p);
    case SHAPE_MEMORY_SIZE:
      site(at, SITE_MEMORY_SIZE);
      return memoryZero(p);
    case SHAPE_MEMORY_GROW:
      site(at, SITE_MEMORY_GROW);
      return memoryZero(p);
    case SHAPE_DATA_DROP:
      site(at, SITE_DATA_DROP);
      return afterLeb(p);
    case SHAPE_MEMORY_INIT:
      site(at, SITE_MEMORY_INIT);
      return memoryZero(afterLeb(p));
    case SHAPE_MEMORY_COPY:
      return memoryZero(memoryZero(p));
    case SHAPE_ATOMIC_NOTIFY:
    case SHAPE_ATOMIC_WAIT32:
    case SHAPE_ATOMIC_WAIT64:
      site(at, shape - SHAPE_ATOMIC_NOTIFY + SITE_ATOMIC_NOTIFY);
      return memarg(p);
    case SHAPE_GC:
      fail(ERROR_GC_OPCODE, at, prefix, op);
      return p;
    default:
      fail(ERROR_OPCODE, at, prefix, op);
      return p;
  }
}

// ---------------------------------------------------------------- functions

/** Makes room for the sites of so many bytes of code: one takes two bytes at least, and eight here. */
function reserve(size: u32): void {
  const wanted: u64 = <u64>sites + 4 * (<u64>size + 2);
  const have: u64 = (<u64>memory.size()) << 16;
  if (wanted <= have) return;
  const more = max((wanted - have + 0xffff) >> 16, have >> 20);
  if (memory.grow(<i32>more) < 0 && memory.grow(<i32>((wanted - have + 0xffff) >> 16)) < 0) fail(ERROR_ROOM, base);
}

/**
 * Walks `bodyCount` bodies, which fill the addresses from `start` to `end`; `offset`: of address 0 in the file. `bodies`, `entries`,
 * `ends`: where their offsets in the file go, a u32 each; `firsts`: the first word in the sites of each; the sites go to `into`.
 */
export function scan(
  offset: u32,
  start: u32,
  end: u32,
  bodyCount: u32,
  functions: u32,
  typesDeclared: u32,
  bodies: u32,
  entries: u32,
  ends: u32,
  firsts: u32,
  into: u32,
): void {
  base = 0 - offset;
  functionCount = functions;
  typeCount = typesDeclared;
  sites = into;
  let at = start;
  let largest: u32 = 0;
  for (let i: u32 = 0; i < bodyCount; i++) {
    cursor = at;
    const size = u32At(end, WHAT_SIZE);
    if (size > <u32>MAX_FUNCTION_SIZE) fail(ERROR_FUNCTION_SIZE, at, size);
    largest = max(largest, size);
    const body = cursor;
    if (size > end - body) fail(ERROR_CUT, body, WHAT_FUNCTION);
    const after = body + size;
    reserve(size);
    const entry = locals(body, after);
    store<u32>(bodies + (i << 2), body - base);
    store<u32>(entries + (i << 2), entry - base);
    store<u32>(ends + (i << 2), after - base);
    const finish = instructions(entry, after);
    if (finish != after) fail(ERROR_EARLY_END, finish, i, after - finish);
    store<u32>(firsts + (i << 2), (sites - into) >> 2, 4);
    at = after;
  }
  if (at != end) fail(ERROR_CODE_LEFT, at, end - at);
  store<u32>(FEATURES, features);
  store<u32>(DEPTH, deepest);
  store<u32>(SITES_END, sites);
  store<u32>(LARGEST, largest);
}

/** What to add to an offset in the file for its address. */
export function addressBase(): u32 {
  return base;
}

/** The first word of the first site at or after `from` (addresses) whose kind is one of `kinds` (1 << kind); the end where there is none. */
export function next(from: u32, kinds: u32): u32 {
  const end = load<u32>(SITES_END);
  let at = from;
  while (at < end && !((kinds >> load<u32>(at, 4)) & 1)) at += 8;
  return at;
}
