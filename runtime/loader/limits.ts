// How much of anything a module may have. Counts are checked against the bytes that are left as well (binary.ts), so a
// limit here only has to stop what is absurd although it is well-formed.
// "JS API" marks V8's own limits: https://webassembly.github.io/spec/js-api/#limits

/** Bytes of a file. The rewriter holds input and output at once; the largest programs known (clang itself) are 60 MB. */
export const MAX_FILE = 256 * 1024 * 1024;
/** JS API. */
export const MAX_TYPES = 1_000_000;
export const MAX_FUNCTIONS = 1_000_000;
export const MAX_GLOBALS = 1_000_000;
export const MAX_DATA_SEGMENTS = 100_000;
export const MAX_TAGS = 1_000_000;
export const MAX_TABLES = 100_000;
export const MAX_ELEMENT_SEGMENTS = 10_000_000;
export const MAX_PARAMETERS = 1_000;
export const MAX_RESULTS = 1_000;
export const MAX_LOCALS = 50_000;
export const MAX_FUNCTION_SIZE = 7_654_321;
/** The JS API allows a million; each costs an object here and a microsecond at instantiation. */
export const MAX_IMPORTS = 100_000;
export const MAX_EXPORTS = 100_000;
/** JS API; the second one is refused anyway, by name. */
export const MAX_MEMORIES = 100;
/** Pages of 64 KiB that a 32-bit memory can have. */
export const MAX_PAGES = 65_536;
