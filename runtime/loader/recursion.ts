// Where functions have to poll so that calls cannot go on for ever, or for long, without one. Loops poll by themselves; each cycle of
// calls has to pass a poll, and so has what calls too much without any cycle: 40 functions that call the next one twice make 2^40 calls.

import { readIndex } from "./binary.ts";
import type { CallGraph } from "./callgraph.ts";
import { Op } from "./opcodes.ts";
import type { CodeScan } from "./scan.ts";
import type { ModuleView } from "./sections.ts";
import { Site } from "./sites.ts";
import { afterInstruction } from "./unwind/instructions.ts";

export interface Recursion {
  /** By defined function: whether it has to poll (NEVER, BEFORE_CALLS, AT_ENTRY). */
  readonly polls: Uint8Array;
  /** By node of the graph: nodes with the same number reach each other. */
  readonly components: Uint32Array;
}

const NEVER = 0;
/** In front of the calls that can lead back to it. */
const BEFORE_CALLS = 1;
const AT_ENTRY = 2;

/** Bytes of code that a call may run without a poll, loops left out: some 0.3 ms. */
const LONGEST = 1 << 20;

/** A depth-first walk over a call graph: finds cycles, strongly connected components (Tarjan 1972), and what calls cost. */
class Walk {
  readonly polls: Uint8Array;
  /** Once it is known; 0 before. */
  readonly components: Uint32Array;
  readonly #graph: CallGraph;
  /** Bytes of each function. */
  readonly #sizes: ArrayLike<number>;
  /** When the walk came to a node and when it had finished with it, 0 before; the first node that it reaches. */
  readonly #order: Uint32Array;
  readonly #finish: Uint32Array;
  readonly #lowest: Uint32Array;
  /** Nodes without a component yet. */
  readonly #waiting: Uint32Array;
  #waitingCount = 0;
  /** Bytes of code that a call of a node may run before it polls or returns. */
  readonly #costs: Float64Array;
  #seen = 0;
  #finished = 0;

  constructor(graph: CallGraph, sizes: ArrayLike<number>) {
    const nodes = graph.firsts.length - 1;
    this.#graph = graph;
    this.#sizes = sizes;
    this.polls = new Uint8Array(graph.functions);
    this.components = new Uint32Array(nodes);
    this.#order = new Uint32Array(nodes);
    this.#finish = new Uint32Array(nodes);
    this.#lowest = new Uint32Array(nodes);
    this.#waiting = new Uint32Array(nodes);
    this.#costs = new Float64Array(nodes);
  }

  run(): void {
    const { functions, firsts, targets } = this.#graph;
    const order = this.#order;
    const lowest = this.#lowest;
    const finish = this.#finish;
    const next = firsts.slice(0, -1);
    const path = new Uint32Array(next.length);
    for (let root = 0; root < functions; root++) {
      if (order[root] > 0) continue;
      let depth = 0;
      path[0] = root;
      this.#enter(root);
      while (depth >= 0) {
        const node = path[depth];
        if (next[node] === firsts[node + 1]) {
          finish[node] = ++this.#finished;
          if (lowest[node] === order[node]) this.#component(node);
          if (--depth >= 0 && lowest[node] < lowest[path[depth]]) lowest[path[depth]] = lowest[node];
          continue;
        }
        const target = targets[next[node]++];
        if (order[target] === 0) {
          this.#enter(target);
          path[++depth] = target;
          continue;
        }
        if (finish[target] === 0) this.polls[target < functions ? target : node] = BEFORE_CALLS;
        if (this.components[target] === 0 && order[target] < lowest[node]) lowest[node] = order[target];
      }
    }
  }

  #enter(node: number): void {
    this.#order[node] = this.#lowest[node] = ++this.#seen;
    this.#waiting[this.#waitingCount++] = node;
  }

  /** The nodes that wait since `root` are a component, and what they lead to outside of it has been looked at. */
  #component(root: number): void {
    const waiting = this.#waiting;
    let first = this.#waitingCount;
    do this.components[waiting[--first]] = this.#order[root];
    while (waiting[first] !== root);
    const members = waiting.subarray(first, this.#waitingCount);
    this.#waitingCount = first;
    // Those that poll do so before they call others of the component.
    for (const node of members) if (this.polls[node]) this.#cost(node, false);
    // What the others call in it polls, or was finished before them.
    if (members.length > 1) members.sort((a, b) => this.#finish[a] - this.#finish[b]);
    for (const node of members) if (!this.polls[node]) this.#cost(node, true);
  }

  /** Finds out what a call of a node costs; `inside`: with what it calls in its own component. */
  #cost(node: number, inside: boolean): void {
    const { functions, firsts, targets } = this.#graph;
    const { components } = this;
    const costs = this.#costs;
    const own = components[node];
    const isHub = node >= functions;
    let cost = isHub ? 0 : this.#sizes[node];
    for (let i = firsts[node]; i < firsts[node + 1]; i++) {
      const target = targets[i];
      if (!inside && components[target] === own) continue;
      if (!isHub) cost += costs[target];
      else if (costs[target] > cost) cost = costs[target];
    }
    if (!isHub && cost > LONGEST) {
      this.polls[node] = AT_ENTRY;
      cost = 0;
    }
    costs[node] = cost;
  }
}

/**
 * Every cycle of a graph has an edge that a depth-first walk meets as a back edge, one to a node whose walk is not finished. Polling at
 * one end of each back edge therefore breaks all cycles; the end taken is the one it leads to, or where that is a hub, the function
 * that calls through it. Functions that would run more than LONGEST without a poll get one too. `sizes`: the bytes of each function.
 */
export function recursion(graph: CallGraph, sizes: ArrayLike<number>): Recursion {
  const walk = new Walk(graph, sizes);
  walk.run();
  return walk;
}

/** How many bytes of a function are looked at for a place later than its entry: what is longer does not feel a poll. */
const SEARCHED = 256;

/** No poll is needed. */
export const NO_PLACE = 0;

/**
 * Where each defined function polls: the position of an instruction that comes before all calls that could lead back to it, and as late
 * as possible, so that what ends the recursion does not poll. `NO_PLACE` where it need not, or a loop polls before those calls.
 */
export function entryPolls(view: ModuleView, scan: CodeScan, graph: CallGraph): Uint32Array {
  const { bodies, entries, ends } = scan;
  const sizes = ends.map((end, f) => end - bodies[f]);
  const { polls, components } = recursion(graph, sizes);
  const places = new Uint32Array(polls.length);
  for (let f = 0; f < polls.length; f++) {
    if (polls[f] === AT_ENTRY) places[f] = entries[f];
    else if (polls[f] !== NEVER) {
      places[f] = placeBefore(view.bytes, entries[f], recursiveCalls(view, scan, graph, components, f));
    }
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
