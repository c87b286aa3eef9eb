// Which functions a stack may have to be unwound through: those from which an import that unwinds can be reached in the call
// graph. The others stay as they are.

import { readIndex } from "../binary.ts";
import type { CallGraph } from "../callgraph.ts";
import { Op } from "../opcodes.ts";
import type { CodeScan } from "../scan.ts";
import type { ModuleView } from "../sections.ts";
import { Site } from "../sites.ts";

/** Imports that unwind the guest's stack and wind it up again. */
const UNWINDING_IMPORTS: readonly string[] = ["SYS_fork", "SYS_vfork", "setjmp", "sigsetjmp"];

export interface Reach {
  /** Function indices of the imports that unwind. */
  readonly imports: readonly number[];
  /** By function index: 1 where a call of it may unwind. */
  readonly functions: Uint8Array;
  /** By type index: 1 where an indirect call through it may unwind. */
  readonly types: Uint8Array;
  /**
   * By function index: 1 where a frame may lie on top of its caller's although the caller did not call it by its index: it is
   * called through a table, or by a tail call, or makes tail calls itself.
   */
  readonly dispatched: Uint8Array;
  /** By function index: 1 where it may unwind by a tail call, which leaves no frame of its own. */
  readonly tails: Uint8Array;
}

/** Function indices of the imports that unwind. */
export function unwindingImports({ imports }: ModuleView): number[] {
  return imports.flatMap(({ module, name }, index) =>
    module === "wali" && UNWINDING_IMPORTS.includes(name) ? [index] : [],
  );
}

/** What may unwind; undefined where nothing does. */
export function unwindingReach(view: ModuleView, scan: CodeScan, graph: CallGraph): Reach | undefined {
  const imported = view.imports.length;
  const imports = unwindingImports(view);
  if (imports.length === 0) return undefined;
  const functions = new Uint8Array(imported + view.functions.length);
  for (const index of imports) functions[index] = 1;
  const reached = reachedFrom(graph, roots(view, scan, graph, functions));
  functions.set(reached.subarray(0, graph.functions), imported);
  const types = Uint8Array.from(graph.hubs, (hub) => reached[hub]);

  const dispatched = functions.map((member, index) => member & graph.referenced[index]);
  const tails = new Uint8Array(functions.length);
  const { words } = scan.sites;
  for (let f = 0; f < graph.functions; f++) {
    if (!functions[imported + f]) continue;
    for (let i = scan.firstSite[f]; i < scan.firstSite[f + 1]; i += 2) {
      const opcode = view.bytes[words[i] - 1];
      const index = readIndex(view.bytes, words[i]);
      const direct = words[i + 1] === Site.call && opcode === Op.returnCall && functions[index];
      const indirect = words[i + 1] === Site.indirect && opcode === Op.returnCallIndirect && types[index];
      if (!direct && !indirect) continue;
      tails[imported + f] = 1;
      dispatched[imported + f] = 1;
      if (direct) dispatched[index] = 1;
    }
  }
  return { imports, functions, types, dispatched, tails };
}

/** The nodes from which an import that unwinds is one step away. */
function roots(view: ModuleView, scan: CodeScan, graph: CallGraph, unwinds: Uint8Array): number[] {
  const found: number[] = [];
  const { words } = scan.sites;
  for (let f = 0; f < graph.functions; f++) {
    for (let i = scan.firstSite[f]; i < scan.firstSite[f + 1]; i += 2) {
      if (words[i + 1] !== Site.call || !unwinds[readIndex(view.bytes, words[i])]) continue;
      found.push(f);
      break;
    }
  }
  view.imports.forEach(({ type }, index) => {
    if (unwinds[index] && graph.referenced[index]) found.push(graph.hubs[type]);
  });
  return found;
}

/** 1 for each node from which one of `roots` can be reached. */
function reachedFrom({ firsts, targets }: CallGraph, roots: readonly number[]): Uint8Array {
  const nodes = firsts.length - 1;
  // The graph turned around, in compressed rows too.
  const starts = new Uint32Array(nodes + 1);
  for (const target of targets) starts[target + 1]++;
  for (let n = 0; n < nodes; n++) starts[n + 1] += starts[n];
  const sources = new Uint32Array(targets.length);
  const next = starts.slice(0, nodes);
  for (let n = 0; n < nodes; n++) {
    for (let i = firsts[n]; i < firsts[n + 1]; i++) sources[next[targets[i]]++] = n;
  }
  const reached = new Uint8Array(nodes);
  const queue = new Uint32Array(nodes);
  let length = 0;
  const add = (node: number) => {
    if (reached[node]) return;
    reached[node] = 1;
    queue[length++] = node;
  };
  roots.forEach(add);
  for (let at = 0; at < length; at++) {
    const node = queue[at];
    for (let i = starts[node]; i < starts[node + 1]; i++) add(sources[i]);
  }
  return reached;
}
