// Which functions need a poll at their entry, so that recursion cannot run for ever without one. A loop polls at its
// head; a cycle of calls has to pass a function that polls.

import { readIndex } from "./binary.ts";
import type { CodeScan } from "./scan.ts";
import type { ModuleView } from "./sections.ts";
import { Site } from "./sites.ts";

/**
 * The call graph in compressed rows: the successors of node `n` are `targets[firsts[n] .. firsts[n + 1])`.
 * Nodes are the defined functions, then one hub for each function type: an indirect call leads to the hub of its type,
 * and the hub to every function of that type to which the module has a reference.
 */
export interface CallGraph {
  readonly functions: number;
  readonly firsts: Uint32Array;
  readonly targets: Uint32Array;
  /** The hub of each type index. */
  readonly hubs: Uint32Array;
  /** By function index, imports too: 1 where an indirect call can reach it. */
  readonly referenced: Uint8Array;
}

export function callGraph(view: ModuleView, scan: CodeScan): CallGraph {
  const { bytes, functions } = view;
  const imported = view.imports.length;
  const { words } = scan.sites;
  // Types that are written twice are the same type to call_indirect.
  const hubs = new Map<string, number>();
  for (const { key } of view.types) if (!hubs.has(key)) hubs.set(key, functions.length + hubs.size);
  const hubOfType = Uint32Array.from(view.types, ({ key }) => hubs.get(key)!);
  const nodes = functions.length + hubs.size;
  const firsts = new Uint32Array(nodes + 1);

  const referenced = referencedFunctions(view, scan);
  for (let f = 0; f < functions.length; f++) {
    if (referenced[imported + f]) firsts[hubOfType[functions[f]] + 1]++;
    for (let i = scan.firstSite[f]; i < scan.firstSite[f + 1]; i += 2) {
      const kind = words[i + 1];
      if (kind === Site.indirect || (kind === Site.call && readIndex(bytes, words[i]) >= imported)) firsts[f + 1]++;
    }
  }
  for (let n = 0; n < nodes; n++) firsts[n + 1] += firsts[n];
  const targets = new Uint32Array(firsts[nodes]);
  const next = firsts.slice(0, nodes);
  for (let f = 0; f < functions.length; f++) {
    if (referenced[imported + f]) targets[next[hubOfType[functions[f]]]++] = f;
    for (let i = scan.firstSite[f]; i < scan.firstSite[f + 1]; i += 2) {
      const kind = words[i + 1];
      if (kind !== Site.indirect && kind !== Site.call) continue;
      const index = readIndex(bytes, words[i]);
      if (kind === Site.indirect) targets[next[f]++] = hubOfType[index];
      else if (index >= imported) targets[next[f]++] = index - imported;
    }
  }
  return { functions: functions.length, firsts, targets, hubs: hubOfType, referenced };
}

/** The functions that an indirect call can reach: those in element segments, initial values and ref.func. */
function referencedFunctions(view: ModuleView, scan: CodeScan): Uint8Array {
  const referenced = new Uint8Array(view.imports.length + view.functions.length);
  const { words, length } = view.references;
  for (let i = 0; i < length; i += 2) {
    if (words[i + 1] === Site.reference) referenced[readIndex(view.bytes, words[i])] = 1;
  }
  for (const i of scan.sitesOf(Site.reference)) referenced[readIndex(view.bytes, scan.sites.words[i])] = 1;
  return referenced;
}

const UNSEEN = 0;
const OPEN = 1;
const DONE = 2;

/**
 * The functions to poll in, one byte per defined function. Every cycle of a graph has an edge that a depth-first walk
 * meets as a back edge, one to a node whose walk is not finished. Polling at one end of each back edge therefore breaks
 * all cycles; the end taken is the one it leads to, or where that is a hub, the function that calls through it.
 */
export function recursionEntries({ functions, firsts, targets }: CallGraph): Uint8Array {
  const entries = new Uint8Array(functions);
  const state = new Uint8Array(firsts.length - 1);
  const next = firsts.slice(0, state.length);
  const path = new Uint32Array(state.length);
  for (let root = 0; root < functions; root++) {
    if (state[root] !== UNSEEN) continue;
    let depth = 0;
    path[0] = root;
    state[root] = OPEN;
    while (depth >= 0) {
      const node = path[depth];
      if (next[node] === firsts[node + 1]) {
        state[node] = DONE;
        depth--;
        continue;
      }
      const target = targets[next[node]++];
      if (state[target] === UNSEEN) {
        state[target] = OPEN;
        path[++depth] = target;
      } else if (state[target] === OPEN) {
        entries[target < functions ? target : node] = 1;
      }
    }
  }
  return entries;
}
