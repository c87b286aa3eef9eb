// The loader: what the rest of the runtime may use of it.

export type { ImageCache } from "./cache.ts";
export { LoadError, type LoadErrorKind, oneLine } from "./errors.ts";
export type { GlobalInfo, ImageInfo, ImportInfo } from "./info.ts";
export { type ImportReport, type Inspection, inspect, renderInspection } from "./inspect.ts";
export { type Part, type PartMemory, preparePart, START } from "./part.ts";
export type { PollMode } from "./polls.ts";
export { findPrepared, type Prepared, type PrepareOptions, prepare } from "./prepare.ts";
export type { FuncType, ValueType } from "./sections.ts";
export { type LinkType, sameType, type Thunk, thunkModule } from "./thunks.ts";
export { RUN_KINDS } from "./unwind/run.ts";
