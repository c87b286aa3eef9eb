// Where functions have to poll so that recursion cannot run for ever without one: loops poll by themselves, and each cycle of calls has
// to pass a poll.

import { readIndex } from "./binary.ts";
import type { CallGraph } from "./callgraph.ts";
import { Op } from "./opcodes.ts";
import type { CodeScan } from "./scan.ts";
import type { ModuleView } from "./sections.ts";
import { Site } from "./sites.ts";
import { afterInstruction } from "./unwind/instructions.ts";

export interface Recursion {
  /** By defined function: 1 where one has to poll. */
  readonly polls: Uint8Array;
  /** By node of the graph: nodes with the same number reach each other. */
  readonly components: Uint32Array;
}

const UNSEEN = 0;
const OPEN = 1;
const DONE = 2;

/**
 * Every cycle of a graph has an edge that a depth-first walk meets as a back edge, one to a node whose walk is not finished. Polling at
 * one end of each back edge therefore breaks all cycles; the end taken is the one it leads to, or where that is a hub, the function
 * that calls through it. The same walk finds the strongly connected components (Tarjan 1972).
 */
export function recursion({ functions, firsts, targets }: CallGraph): Recursion {
  const nodes = firsts.length - 1;
  const polls = new Uint8Array(functions);
  const state = new Uint8Array(nodes);
  const next = firsts.slice(0, nodes);
  const path = new Uint32Array(nodes);
  // The place of a node in the order of the walk, and the first place that it reaches; nodes without a component yet.
  const order = new Uint32Array(nodes);
  const lowest = new Uint32Array(nodes);
  const components = new Uint32Array(nodes);
  const waiting = new Uint32Array(nodes);
  let waitingCount = 0;
  let seen = 0;
  for (let root = 0; root < functions; root++) {
    if (state[root] !== UNSEEN) continue;
    let depth = 0;
    path[0] = root;
    state[root] = OPEN;
    order[root] = lowest[root] = ++seen;
    waiting[waitingCount++] = root;
    while (depth >= 0) {
      const node = path[depth];
      if (next[node] === firsts[node + 1]) {
        state[node] = DONE;
        if (lowest[node] === order[node]) {
          do components[waiting[--waitingCount]] = order[node];
          while (waiting[waitingCount] !== node);
        }
        if (--depth >= 0 && lowest[node] < lowest[path[depth]]) lowest[path[depth]] = lowest[node];
        continue;
      }
      const target = targets[next[node]++];
      if (state[target] === UNSEEN) {
        state[target] = OPEN;
        order[target] = lowest[target] = ++seen;
        waiting[waitingCount++] = target;
        path[++depth] = target;
        continue;
      }
      if (state[target] === OPEN) polls[target < functions ? target : node] = 1;
      if (components[target] === 0 && order[target] < lowest[node]) lowest[node] = order[target];
    }
  }
  return { polls, components };
}

/** How many bytes of a function are looked at for a place later than its entry: what is longer does not feel a poll. */
const SEARCHED = 1024;

/** No poll is needed. */
export const NO_PLACE = 0;

/**
 * Where each defined function polls: the position of an instruction that comes before all calls that could lead back to it, and as late
 * as possible, so that what ends the recursion does not poll. `NO_PLACE` where it need not, or a loop polls before those calls.
 */
export function entryPolls(view: ModuleView, scan: CodeScan, graph: CallGraph): Uint32Array {
  const { polls, components } = recursion(graph);
  const places = new Uint32Array(polls.length);
  for (let f = 0; f < polls.length; f++) {
    if (polls[f])
      places[f] = placeBefore(view.bytes, scan.entries[f], recursiveCalls(view, scan, graph, components, f));
  }
  return places;
}

/** Positions of the calls in a function that can lead back to it. */
function recursiveCalls(
  view: ModuleView,
  scan: CodeScan,
  graph: CallGraph,
  components: Uint32Array,
  f: number,
): number[] {
  const imported = view.imports.length;
  const { words } = scan.sites;
  const found: number[] = [];
  for (let i = scan.firstSite[f]; i < scan.firstSite[f + 1]; i += 2) {
    const kind = words[i + 1];
    if (kind !== Site.call && kind !== Site.indirect) continue;
    const index = readIndex(view.bytes, words[i]);
    if (kind === Site.call && index < imported) continue;
    const target = kind === Site.call ? index - imported : graph.hubs[index];
    if (components[target] === components[f]) found.push(words[i] - 1);
  }
  return found;
}

/**
 * The innermost block (or arm of an if or try) that has all the calls inside is entered in front of each; in it, control comes to the
 * first of them, or to the block which has that inside, before it comes to what follows.
 */
function placeBefore(bytes: Uint8Array, entry: number, calls: readonly number[]): number {
  const last = calls[calls.length - 1];
  if (calls.length === 0 || last - entry > SEARCHED) return entry;
  /** Positions of the blocks that are open; those around the first call, and how many of them are around all up to here. */
  const open: number[] = [];
  let around: number[] = [];
  let common = 0;
  /** How many of `around` have not ended. */
  let left = 0;
  let next = 0;
  for (let p = entry; p <= last; p = afterInstruction(bytes, p)) {
    switch (bytes[p]) {
      case Op.block:
      case Op.loop:
      case Op.if:
      case Op.try:
      case Op.tryTable:
        open.push(p);
        break;
      case Op.else:
      case Op.catch:
      case Op.catchAll:
        left = Math.min(left, open.length - 1);
        break;
      case Op.end:
      case Op.delegate:
        open.pop();
        left = Math.min(left, open.length);
        break;
    }
    if (p !== calls[next]) continue;
    if (next++ === 0) {
      around = [...open];
      common = left = open.length;
    } else common = Math.min(common, left);
  }
  if (around.slice(0, common).some((at) => bytes[at] === Op.loop)) return NO_PLACE;
  return common < around.length ? around[common] : calls[0];
}
