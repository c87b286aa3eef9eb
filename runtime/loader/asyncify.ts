// Makes a module able to unwind its stack into its own memory and to wind it up again, for fork and setjmp: binaryen's
// asyncify. The rest of the loader sees only `asyncify()`, so that a pass of our own can take its place.

import { Feature } from "./opcodes.ts";

/** The functions that an asyncified module exports. */
export const ASYNCIFY_EXPORTS = [
  "asyncify_start_unwind",
  "asyncify_stop_unwind",
  "asyncify_start_rewind",
  "asyncify_stop_rewind",
  "asyncify_get_state",
];

/**
 * Asyncifies a valid module. `imports` are the functions that may unwind, as `module.name`; `features` are bits of
 * `Feature`. Throws `LoadError` where it cannot.
 */
export type Asyncifier = (
  bytes: Uint8Array,
  imports: readonly string[],
  features: number,
) => Promise<Uint8Array<ArrayBuffer>>;

type Binaryen = typeof import("binaryen")["default"];

// binaryen must be told exactly what the input uses: what it is allowed beyond that, it may use in its output.
const BINARYEN_FEATURES: readonly [feature: number, names: readonly (keyof Binaryen["Features"])[]][] = [
  [Feature.signExtension, ["SignExt"]],
  [Feature.saturatingFloat, ["NontrappingFPToInt"]],
  [Feature.bulkMemory, ["BulkMemory", "BulkMemoryOpt"]],
  [Feature.referenceTypes, ["ReferenceTypes", "CallIndirectOverlong"]],
  [Feature.simd, ["SIMD128"]],
  [Feature.relaxedSimd, ["RelaxedSIMD"]],
  [Feature.atomics, ["Atomics"]],
  [Feature.tailCalls, ["TailCall"]],
  [Feature.legacyExceptions, ["ExceptionHandling"]],
  [Feature.multiValue, ["Multivalue"]],
  [Feature.extendedConst, ["ExtendedConst"]],
  [Feature.mutableGlobals, ["MutableGlobals"]],
];

/** Asyncifies by binaryen, which is only loaded here. */
export const asyncify: Asyncifier = async (bytes, imports, features) => {
  const { default: binaryen } = await import("binaryen");
  const names = BINARYEN_FEATURES.flatMap(([feature, list]) => (features & feature ? list : []));
  const set = names.reduce((bits, name) => bits | (binaryen.Features[name] as number), 0);
  // The declarations of binaryen 132 know this parameter by another function's name, which is not there.
  const read = binaryen.readBinary as (data: Uint8Array, features: number) => ReturnType<typeof binaryen.readBinary>;
  const module = read(bytes, set);
  try {
    binaryen.setDebugInfo(true);
    binaryen.setOptimizeLevel(0);
    binaryen.setShrinkLevel(0);
    binaryen.setPassArgument("asyncify-imports", imports.join(","));
    module.runPasses(["asyncify"]);
    return new Uint8Array(module.emitBinary());
  } finally {
    module.dispose();
  }
};
