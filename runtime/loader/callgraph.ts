// Which functions call which.

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
