// The core modules of a component: linked to one another by the component's glue, with memories of their own. They get polls, and ask
// the kernel for memory.

import { callGraph } from "./callgraph.ts";
import { refuse } from "./errors.ts";
import type { PollMode } from "./polls.ts";
import { entryPolls } from "./recursion.ts";
import { rewrite } from "./rewrite.ts";
import { scanCode } from "./scan.ts";
import { readSections } from "./sections.ts";

/** Export of the start function, which is not run at instantiation: it could not be suspended there. */
export const START = "ring3:start";

/** The memory that a part works on. Plain data: it is kept in the cache as JSON. */
export interface PartMemory {
  /** Pages of 64 KiB. */
  readonly min: number;
  readonly max?: number;
  /** Where it comes from, unless it is the part's own. */
  readonly imported?: { readonly module: string; readonly name: string };
}

/** A core module that is ready to be linked. */
export interface Part {
  /** The rewritten module: imports `ring3.memory` if it has no other, `ring3.kernel`, `ring3.poll` and `ring3.memory_grow` as it needs them. */
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly memory: PartMemory | null;
}

/** Rewrites a core module of a component. Throws `LoadError`. */
export function preparePart(bytes: Uint8Array, polls: PollMode): Part {
  const source = readSections(bytes, true);
  // A name of the kernel's own: it could be bound to what only the rewriter may import.
  for (const { module, name } of source.imports) {
    if (module === "ring3") refuse("unsupported", `a core module imports ${module}.${name}`, -1);
  }
  const { memory } = source;
  if (source.exports.has(START)) refuse("unsupported", `a core module exports ${START}`, -1);
  if (memory?.imported?.module === "ring3") refuse("unsupported", "a core module imports a memory from ring3", -1);
  if (memory?.shared) refuse("unsupported", "a core module with a shared memory", -1);
  const scan = scanCode(source);
  const entries = entryPolls(source, scan, callGraph(source, scan));
  const rewritten = rewrite(source, scan, {
    polls,
    entries,
    stackPointer: undefined,
    spawnsThreads: false,
    restartable: false,
    reach: undefined,
    part: true,
  });
  return { bytes: rewritten.bytes, memory: memory ? partMemory(memory) : null };
}

function partMemory({ min, max, imported }: NonNullable<ReturnType<typeof readSections>["memory"]>): PartMemory {
  return {
    min,
    ...(max === undefined ? {} : { max }),
    ...(imported ? { imported: { module: imported.module, name: imported.name } } : {}),
  };
}
