// What follows each opcode in a function body: a table, from which the scanner's look-up arrays are made.
// Source: the core specification 3.0 (binary/instructions), the threads, legacy exception handling and relaxed SIMD proposals.
// The ranges may include holes of the opcode space: V8 refuses those when it compiles the result.

import * as scanner from "./scanner/layout.ts";

/** The shapes of an instruction's immediates; the scanner has one case for each. */
export const Shape = {
  none: scanner.SHAPE_NONE,
  /** one LEB128 of any width that is copied as it is: an index of a local, a label, a constant */
  leb: scanner.SHAPE_LEB,
  leb2: scanner.SHAPE_LEB2,
  memarg: scanner.SHAPE_MEMARG,
  /** a memarg, then a lane */
  memargLane: scanner.SHAPE_MEMARG_LANE,
  byte: scanner.SHAPE_BYTE,
  bytes4: scanner.SHAPE_BYTES4,
  bytes8: scanner.SHAPE_BYTES8,
  bytes16: scanner.SHAPE_BYTES16,
  /** block types and what opens or closes a block */
  block: scanner.SHAPE_BLOCK,
  loop: scanner.SHAPE_LOOP,
  if: scanner.SHAPE_IF,
  else: scanner.SHAPE_ELSE,
  try: scanner.SHAPE_TRY,
  catch: scanner.SHAPE_CATCH,
  catchAll: scanner.SHAPE_CATCH_ALL,
  delegate: scanner.SHAPE_DELEGATE,
  tryTable: scanner.SHAPE_TRY_TABLE,
  end: scanner.SHAPE_END,
  brTable: scanner.SHAPE_BR_TABLE,
  call: scanner.SHAPE_CALL,
  /** type index, table index */
  callIndirect: scanner.SHAPE_CALL_INDIRECT,
  refFunc: scanner.SHAPE_REF_FUNC,
  refNull: scanner.SHAPE_REF_NULL,
  /** a vector of value types */
  types: scanner.SHAPE_TYPES,
  /** one memory index, which has to be 0 */
  memory: scanner.SHAPE_MEMORY,
  memoryGrow: scanner.SHAPE_MEMORY_GROW,
  /** data index, memory index */
  memoryInit: scanner.SHAPE_MEMORY_INIT,
  memoryCopy: scanner.SHAPE_MEMORY_COPY,
  atomicNotify: scanner.SHAPE_ATOMIC_NOTIFY,
  atomicWait32: scanner.SHAPE_ATOMIC_WAIT32,
  atomicWait64: scanner.SHAPE_ATOMIC_WAIT64,
  fence: scanner.SHAPE_FENCE,
  /** a second opcode follows, a LEB128 */
  prefix: scanner.SHAPE_PREFIX,
  /** belongs to the GC or typed function reference proposals, which the loader does not take */
  gc: scanner.SHAPE_GC,
  /** data index */
  dataDrop: scanner.SHAPE_DATA_DROP,
  memorySize: scanner.SHAPE_MEMORY_SIZE,
  unknown: scanner.SHAPE_UNKNOWN,
} as const;

/** What a module uses beyond the first version of WebAssembly, as bits. */
export const Feature = {
  signExtension: 1 << 0,
  saturatingFloat: 1 << 1,
  bulkMemory: 1 << 2,
  referenceTypes: 1 << 3,
  simd: 1 << 4,
  relaxedSimd: 1 << 5,
  atomics: 1 << 6,
  tailCalls: 1 << 7,
  legacyExceptions: 1 << 8,
  exceptions: 1 << 9,
  multiValue: scanner.FEATURE_MULTI_VALUE,
  extendedConst: 1 << 11,
  mutableGlobals: 1 << 12,
  /** a table changes at run time */
  dynamicTable: 1 << 13,
} as const;

type Row = readonly [first: number, last: number, shape: keyof typeof Shape, features?: number];
const F = Feature;
const EITHER_EXCEPTIONS = 0;

/** One-byte opcodes. */
const PLAIN: readonly Row[] = [
  [0x00, 0x01, "none"], // unreachable, nop
  [0x02, 0x02, "block"],
  [0x03, 0x03, "loop"],
  [0x04, 0x04, "if"],
  [0x05, 0x05, "else"],
  [0x06, 0x06, "try", F.legacyExceptions],
  [0x07, 0x07, "catch", F.legacyExceptions],
  [0x08, 0x08, "leb", EITHER_EXCEPTIONS], // throw: in both encodings
  [0x09, 0x09, "leb", F.legacyExceptions], // rethrow
  [0x0a, 0x0a, "none", F.exceptions], // throw_ref
  [0x0b, 0x0b, "end"],
  [0x0c, 0x0d, "leb"], // br, br_if
  [0x0e, 0x0e, "brTable"],
  [0x0f, 0x0f, "none"], // return
  [0x10, 0x10, "call"],
  [0x11, 0x11, "callIndirect"],
  [0x12, 0x12, "call", F.tailCalls],
  [0x13, 0x13, "callIndirect", F.tailCalls],
  [0x14, 0x15, "gc"], // call_ref, return_call_ref
  [0x18, 0x18, "delegate", F.legacyExceptions],
  [0x19, 0x19, "catchAll", F.legacyExceptions],
  [0x1a, 0x1b, "none"], // drop, select
  [0x1c, 0x1c, "types", F.referenceTypes], // select t
  [0x1f, 0x1f, "tryTable", F.exceptions],
  [0x20, 0x24, "leb"], // local.get .set .tee, global.get .set
  [0x25, 0x25, "leb", F.referenceTypes], // table.get
  [0x26, 0x26, "leb", F.referenceTypes | F.dynamicTable], // table.set
  [0x28, 0x3e, "memarg"], // loads and stores
  [0x3f, 0x3f, "memorySize"],
  [0x40, 0x40, "memoryGrow"],
  [0x41, 0x42, "leb"], // i32.const, i64.const
  [0x43, 0x43, "bytes4"], // f32.const
  [0x44, 0x44, "bytes8"], // f64.const
  [0x45, 0xbf, "none"], // comparison, arithmetic, conversion
  [0xc0, 0xc4, "none", F.signExtension],
  [0xd0, 0xd0, "refNull", F.referenceTypes],
  [0xd1, 0xd1, "none", F.referenceTypes], // ref.is_null
  [0xd2, 0xd2, "refFunc", F.referenceTypes],
  [0xd3, 0xd6, "gc"], // ref.eq, ref.as_non_null, br_on_null, br_on_non_null
  [0xfb, 0xfb, "gc"],
  [0xfc, 0xfe, "prefix"],
];

/** After 0xfc: saturating conversions, bulk memory, tables. */
const MISC: readonly Row[] = [
  [0x00, 0x07, "none", F.saturatingFloat],
  [0x08, 0x08, "memoryInit", F.bulkMemory],
  [0x09, 0x09, "dataDrop", F.bulkMemory],
  [0x0a, 0x0a, "memoryCopy", F.bulkMemory],
  [0x0b, 0x0b, "memory", F.bulkMemory], // memory.fill
  [0x0c, 0x0c, "leb2", F.bulkMemory | F.dynamicTable], // table.init
  [0x0d, 0x0d, "leb", F.bulkMemory], // elem.drop
  [0x0e, 0x0e, "leb2", F.bulkMemory | F.dynamicTable], // table.copy
  [0x0f, 0x0f, "leb", F.referenceTypes | F.dynamicTable], // table.grow
  [0x10, 0x10, "leb", F.referenceTypes], // table.size
  [0x11, 0x11, "leb", F.referenceTypes | F.dynamicTable], // table.fill
];

/** After 0xfd: vectors. */
const VECTOR: readonly Row[] = [
  [0x00, 0x0b, "memarg", F.simd],
  [0x0c, 0x0d, "bytes16", F.simd], // v128.const, i8x16.shuffle
  [0x0e, 0x14, "none", F.simd],
  [0x15, 0x22, "byte", F.simd], // extract_lane, replace_lane
  [0x23, 0x53, "none", F.simd],
  [0x54, 0x5b, "memargLane", F.simd], // load and store of one lane
  [0x5c, 0x5d, "memarg", F.simd], // load32_zero, load64_zero
  [0x5e, 0xff, "none", F.simd],
  [0x100, 0x113, "none", F.simd | F.relaxedSimd],
];

/** After 0xfe: atomics. */
const ATOMIC: readonly Row[] = [
  [0x00, 0x00, "atomicNotify", F.atomics],
  [0x01, 0x01, "atomicWait32", F.atomics],
  [0x02, 0x02, "atomicWait64", F.atomics],
  [0x03, 0x03, "fence", F.atomics],
  [0x10, 0x4e, "memarg", F.atomics],
];

/** Shape and features by opcode, for one opcode space. */
export interface OpcodeSpace {
  readonly shape: Uint8Array;
  readonly features: Uint16Array;
}

function space(rows: readonly Row[], size: number): OpcodeSpace {
  const shape = new Uint8Array(size).fill(Shape.unknown);
  const features = new Uint16Array(size);
  for (const [first, last, name, bits] of rows) {
    shape.fill(Shape[name], first, last + 1);
    features.fill(bits ?? 0, first, last + 1);
  }
  return { shape, features };
}

export const plainOpcodes = space(PLAIN, 0x100);
/** The prefixed spaces by prefix byte less 0xfc. */
export const prefixedOpcodes: readonly OpcodeSpace[] = [space(MISC, 0x12), space(VECTOR, 0x114), space(ATOMIC, 0x4f)];

/** The opcodes that the loader itself writes. */
export const Op = {
  unreachable: 0x00,
  block: 0x02,
  loop: 0x03,
  if: 0x04,
  else: 0x05,
  try: 0x06,
  catch: 0x07,
  throw: 0x08,
  rethrow: 0x09,
  throwRef: 0x0a,
  end: 0x0b,
  br: 0x0c,
  brIf: 0x0d,
  brTable: 0x0e,
  return: 0x0f,
  call: 0x10,
  callIndirect: 0x11,
  returnCall: 0x12,
  returnCallIndirect: 0x13,
  delegate: 0x18,
  catchAll: 0x19,
  drop: 0x1a,
  select: 0x1b,
  selectTyped: 0x1c,
  tryTable: 0x1f,
  localGet: 0x20,
  localSet: 0x21,
  localTee: 0x22,
  globalGet: 0x23,
  globalSet: 0x24,
  tableGet: 0x25,
  tableSet: 0x26,
  i32Load: 0x28,
  i64Load: 0x29,
  f32Load: 0x2a,
  f64Load: 0x2b,
  i32Store: 0x36,
  i64Store: 0x37,
  f32Store: 0x38,
  f64Store: 0x39,
  i32Const: 0x41,
  i64Const: 0x42,
  f32Const: 0x43,
  f64Const: 0x44,
  i32Eqz: 0x45,
  i32LtS: 0x48,
  i32LtU: 0x49,
  i32GtU: 0x4b,
  i32GeS: 0x4e,
  i32Add: 0x6a,
  i32Sub: 0x6b,
  i32Or: 0x72,
  i32WrapI64: 0xa7,
  i64ExtendI32S: 0xac,
  i64ExtendI32U: 0xad,
  refNull: 0xd0,
  refIsNull: 0xd1,
  refFunc: 0xd2,
  misc: 0xfc,
  vector: 0xfd,
  memoryInit: 0x08,
  dataDrop: 0x09,
  tableGrow: 0x0f,
  tableFill: 0x11,
  atomic: 0xfe,
  i32AtomicLoad: 0x10,
  i64AtomicLoad: 0x11,
  emptyBlock: 0x40,
} as const;
