// The loader: what the rest of the runtime may use of it.

export { LoadError, type LoadErrorKind } from "./errors.ts";
export type { GlobalInfo, ImageInfo, ImportInfo } from "./info.ts";
export type { PollMode } from "./polls.ts";
export { type Prepared, type PrepareOptions, prepare } from "./prepare.ts";
export type { FuncType, ValueType } from "./sections.ts";
