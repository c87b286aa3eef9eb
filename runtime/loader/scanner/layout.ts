/**
 * What the scanner, which is AssemblyScript, and the loader around it share. This file is both TypeScript and AssemblyScript.
 */

// ---------------------------------------------------------------- shapes: what follows an opcode (../opcodes.ts)
export const SHAPE_NONE: i32 = 0;
export const SHAPE_LEB: i32 = 1;
export const SHAPE_LEB2: i32 = 2;
export const SHAPE_MEMARG: i32 = 3;
export const SHAPE_MEMARG_LANE: i32 = 4;
export const SHAPE_BYTE: i32 = 5;
export const SHAPE_BYTES4: i32 = 6;
export const SHAPE_BYTES8: i32 = 7;
export const SHAPE_BYTES16: i32 = 8;
export const SHAPE_BLOCK: i32 = 9;
export const SHAPE_LOOP: i32 = 10;
export const SHAPE_IF: i32 = 11;
export const SHAPE_ELSE: i32 = 12;
export const SHAPE_TRY: i32 = 13;
export const SHAPE_CATCH: i32 = 14;
export const SHAPE_CATCH_ALL: i32 = 15;
export const SHAPE_DELEGATE: i32 = 16;
export const SHAPE_TRY_TABLE: i32 = 17;
export const SHAPE_END: i32 = 18;
export const SHAPE_BR_TABLE: i32 = 19;
export const SHAPE_CALL: i32 = 20;
export const SHAPE_CALL_INDIRECT: i32 = 21;
export const SHAPE_REF_FUNC: i32 = 22;
export const SHAPE_REF_NULL: i32 = 23;
export const SHAPE_TYPES: i32 = 24;
export const SHAPE_MEMORY: i32 = 25;
export const SHAPE_MEMORY_GROW: i32 = 26;
export const SHAPE_MEMORY_INIT: i32 = 27;
export const SHAPE_MEMORY_COPY: i32 = 28;
export const SHAPE_ATOMIC_NOTIFY: i32 = 29;
export const SHAPE_ATOMIC_WAIT32: i32 = 30;
export const SHAPE_ATOMIC_WAIT64: i32 = 31;
export const SHAPE_FENCE: i32 = 32;
export const SHAPE_PREFIX: i32 = 33;
export const SHAPE_GC: i32 = 34;
export const SHAPE_DATA_DROP: i32 = 35;
export const SHAPE_MEMORY_SIZE: i32 = 36;
export const SHAPE_UNKNOWN: i32 = 37;

/** Feature.multiValue. */
export const FEATURE_MULTI_VALUE: i32 = 1024;

// ---------------------------------------------------------------- sites (../sites.ts)
export const SITE_CALL: i32 = 0;
export const SITE_REFERENCE: i32 = 1;
export const SITE_INDIRECT: i32 = 2;
export const SITE_LOOP: i32 = 3;
export const SITE_MEMORY_GROW: i32 = 4;
export const SITE_ATOMIC_NOTIFY: i32 = 5;
export const SITE_ATOMIC_WAIT32: i32 = 6;
export const SITE_ATOMIC_WAIT64: i32 = 7;
export const SITE_MEMORY_INIT: i32 = 8;
export const SITE_DATA_DROP: i32 = 9;
export const SITE_MEMORY_SIZE: i32 = 10;
export const SITE_LEAF_LOOP: i32 = 11;
export const SITE_KINDS: i32 = 12;

// ---------------------------------------------------------------- the scanner's memory, in bytes
/** u32 each: kind of the error (ERROR_* below), its offset in the file, its values. */
export const ERROR: i32 = 16;
export const ERROR_AT: i32 = 20;
export const ERROR_A: i32 = 24;
export const ERROR_B: i32 = 28;
export const ERROR_C: i32 = 32;
/** u32: bits of `Feature`; the deepest nesting; the end of the sites. */
export const FEATURES: i32 = 36;
export const DEPTH: i32 = 40;
export const SITES_END: i32 = 44;
/** u32: the size of the largest function. */
export const LARGEST: i32 = 48;
/** u32 for each kind of site: how many there are. */
export const COUNTS: i32 = 64;
/**
 * u32 each, for the copier. Addresses: of the sites, of the arrays of bodies, entries and ends, of that of the places to poll at, of the
 * new indices of imports; of the code that says whether a poll is due, and that of the poll, with their lengths.
 */
export const COPY_SITES: i32 = 256;
export const COPY_BODIES: i32 = 260;
export const COPY_ENTRIES: i32 = 264;
export const COPY_ENDS: i32 = 268;
export const COPY_PLACES: i32 = 272;
export const COPY_IMPORTS: i32 = 276;
export const COPY_DUE: i32 = 280;
export const COPY_DUE_LENGTH: i32 = 284;
export const COPY_ENTER: i32 = 288;
export const COPY_ENTER_LENGTH: i32 = 292;
/** How many imports the source has, how many the other functions move by, the new index of the first of them. */
export const COPY_IMPORTED: i32 = 296;
export const COPY_ADDED: i32 = 300;
export const COPY_FIRST_INDEX: i32 = 304;
/** 1: loops poll; data.drop is left out. */
export const COPY_POLLS: i32 = 308;
export const COPY_RESTARTABLE: i32 = 312;
/** Addresses of three areas of COPY_ROOM bytes: the copy, entries for the section of hints; hints of one function follow. */
export const COPY_OUT: i32 = 316;
export const COPY_HINTS: i32 = 320;
export const COPY_ROOM: i32 = 324;
/** What comes out: see the functions, and how many polls were written. */
export const COPY_NEXT: i32 = 328;
export const COPY_HINT: i32 = 332;
export const COPY_HINTS_END: i32 = 336;
export const COPY_HINTED: i32 = 340;
export const COPY_LOOP_POLLS: i32 = 344;
export const COPY_ENTRY_POLLS: i32 = 348;
/** For each kind of site the function that is called instead, or NOT_REPLACED. */
export const COPY_REPLACED: i32 = 352;
export const NOT_REPLACED: u32 = 0xffffffff;
/** COPY_DUE and COPY_ENTER point here: code of 64 bytes at most. */
export const COPY_CODE: i32 = 448;
export const COPY_CODE_SIZE: i32 = 64;
/** A copied body may be so many times as long, plus so many bytes: most grows `loop end`, with counting polls 3 -> 62 bytes. */
export const GROWTH: i32 = 32;
export const GROWTH_FREE: i32 = 4096;
/** What is said of a branch (../code.ts). */
export const UNLIKELY: i32 = 0;
export const LIKELY: i32 = 1;
/** Opcode spaces: plain, then those of the prefixes 0xfc to 0xfe. Of each: shapes (u8), features (u16), how many (u32). */
export const SPACES: i32 = 1024;
export const SPACE_SIZE: i32 = 2048;
export const SPACE_FEATURES: i32 = 512;
export const SPACE_COUNT: i32 = 2040;
/** u8 for each open block: what it is. Room for half of MAX_FUNCTION_SIZE: a block begins with two bytes. */
export const NESTING: i32 = 16384;
export const NESTING_SIZE: i32 = 4194304;
/** The code section; ZEROS bytes of zero follow, at which a run of LEB128 bytes ends. */
export const CODE: i32 = 4210688;
export const ZEROS: i32 = 16;

// ---------------------------------------------------------------- what is wrong with a module: in the words of ../scan.ts
/** A: what (WHAT_*) is cut short */
export const ERROR_CUT: i32 = 1;
/** A: which integer has more than 32 bits */
export const ERROR_LONG: i32 = 2;
/** A: which vector is longer than the bytes that are left, B: its length, C: those; C: the limit that it is over */
export const ERROR_COUNT: i32 = 3;
export const ERROR_LIMIT: i32 = 4;
/** A: what index it is, B: the index, C: how many there are */
export const ERROR_INDEX: i32 = 5;
/** A: the size of a function; its number of locals */
export const ERROR_FUNCTION_SIZE: i32 = 6;
export const ERROR_LOCALS: i32 = 7;
/** A: the function, B: how many bytes its end comes early */
export const ERROR_EARLY_END: i32 = 8;
/** A: the bytes that are left */
export const ERROR_CODE_LEFT: i32 = 9;
/** A: prefix or 0, B: opcode */
export const ERROR_OPCODE: i32 = 10;
export const ERROR_GC_OPCODE: i32 = 11;
export const ERROR_ELSE: i32 = 12;
export const ERROR_CATCH: i32 = 13;
export const ERROR_CATCH_ALL: i32 = 14;
export const ERROR_DELEGATE: i32 = 15;
/** A: the kind */
export const ERROR_CATCH_CLAUSE: i32 = 16;
export const ERROR_MEMORY: i32 = 17;
export const ERROR_GC_BLOCK: i32 = 18;
export const ERROR_GC_LOCAL: i32 = 19;
export const ERROR_GC_NULL: i32 = 20;
export const ERROR_GC_TYPE: i32 = 21;
/** There is no memory for what is found. */
export const ERROR_ROOM: i32 = 22;

export const WHAT_BODY: i32 = 0;
export const WHAT_SIZE: i32 = 1;
export const WHAT_FUNCTION: i32 = 2;
export const WHAT_LOCAL_GROUPS: i32 = 3;
export const WHAT_LOCALS: i32 = 4;
export const WHAT_LOCAL_TYPE: i32 = 5;
export const WHAT_FUNCTION_INDEX: i32 = 6;
export const WHAT_TYPE_INDEX: i32 = 7;
export const WHAT_TARGETS: i32 = 8;
export const WHAT_TYPES: i32 = 9;
export const WHAT_CLAUSES: i32 = 10;
export const WHAT_CLAUSE: i32 = 11;
export const WHAT_TAG: i32 = 12;
export const WHAT_LABEL: i32 = 13;
