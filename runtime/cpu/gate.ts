// The gate: a tiny instance per memory that sees both it and kernel memory, and copies between them. The hot half calls it
// through its table; the user range was checked before.

import { GATE_FILL, GATE_FUNCTIONS } from "../../kernel/hot/layout.ts";

const KERNEL = 0;
const USER = 1;

/** The instruction's memory argument: no alignment to rely on, the memory, an offset. */
const at = (memory: number, offset = 0) => [0x40, memory, offset];
const get = (...locals: readonly number[]) => locals.flatMap((local) => [0x20, local]);

/**
 * (func (param $d i32) (param $s i32) (param $n i32) ...): copies to one memory from another. memory.copy leaves Wasm for a C function
 * (10 ns with all around it), so 8 to 16 bytes are two words, which may overlap, 4 to 7 two halves of one, and a byte is a byte (5 ns).
 */
function copy(to: number, from: number): number[] {
  const words = (load: number, store: number, bytes: number) => [
    // (if (i32.ge_u $n bytes) (then (store $d (load $s)) $n -= bytes, (store ($d + $n) (load ($s + $n))) (return)))
    ...[...get(2), 0x41, bytes, 0x4f, 0x04, 0x40],
    ...[...get(0, 1), load, ...at(from), store, ...at(to)],
    ...[...get(2), 0x41, bytes, 0x6b, 0x21, 2],
    ...[...get(0, 2), 0x6a, ...get(1, 2), 0x6a, load, ...at(from), store, ...at(to)],
    ...[0x0f, 0x0b],
  ];
  return [
    // (if (i32.le_u $n 16) (then
    ...[...get(2), 0x41, 16, 0x4d, 0x04, 0x40],
    ...words(0x29, 0x37, 8),
    ...words(0x28, 0x36, 4),
    // (if (i32.eq $n 1) (then (i32.store8 $d (i32.load8_u $s)) (return)))
    ...[...get(2), 0x41, 1, 0x46, 0x04, 0x40, ...get(0, 1), 0x2d, ...at(from), 0x3a, ...at(to), 0x0f, 0x0b],
    // )) (memory.copy $d $s $n)
    ...[0x0b, ...get(0, 1, 2), 0xfc, 0x0a, to, from],
  ];
}

/** Bodies by GATE_*, their types in the type section of HEAD. */
const BODIES: readonly (readonly number[])[] = [
  copy(KERNEL, USER), // GATE_IN
  copy(USER, KERNEL), // GATE_OUT
  [...get(0), 0xfe, 0x10, 0x42, USER, 0], // GATE_LOAD32: (param $u i32) (result i32) (i32.atomic.load $u)
  // GATE_CAS32: (param $u i32) (param $expected i32) (param $new i32) (result i32) (i32.atomic.rmw.cmpxchg $u $expected $new)
  [...get(0, 1, 2), 0xfe, 0x48, 0x42, USER, 0],
  [...get(0, 1, 2), 0xfc, 0x0b, USER], // GATE_FILL: (param $u i32) (param $byte i32) (param $n i32) (memory.fill $u $byte $n)
  // GATE_PAIR: (param $u i32) (param $a i64) (param $b i64) (i64.store $u $a) (i64.store offset=8 $u $b)
  [...get(0, 1), 0x37, ...at(USER), ...get(0, 2), 0x37, ...at(USER, 8)],
];

/**
 * (func (param $at i32) (param $end i32)): zeroes the pages of a range, whole ones, that are not zero; GATE_FUNCTIONS is its index, as the
 * hot half has no use for it. It reads 1 MiB in 16 us, by vectors; zeroing takes seven times that (and 2 ms where nobody touched it).
 */
const SWEEP: readonly number[] = [
  // (loop $next (if (i32.ge_u $at $end) (then (return)))
  ...[0x03, 0x40, ...get(0, 1), 0x4f, 0x04, 0x40, 0x0f, 0x0b],
  // (if (v128.any_true (v128.or (v128.or (v128.load $at) (v128.load offset=16 $at)) ... (v128.load offset=112 $at))) (then
  ...Array.from({ length: 8 }, (_, i) => [
    ...get(0),
    0xfd,
    0,
    ...at(USER, 16 * i),
    ...(i > 0 ? [0xfd, 0x50] : []),
  ]).flat(),
  ...[0xfd, 0x53, 0x04, 0x40],
  // $at &= -4096 (memory.fill $at 0 4096) $at += 4096 (br $next)))
  ...[...get(0), 0x41, 0x80, 0x60, 0x71, 0x22, 0, 0x41, 0, 0x41, 0x80, 0x20, 0xfc, 0x0b, USER],
  ...[...get(0), 0x41, 0x80, 0x20, 0x6a, 0x21, 0, 0x0c, 1, 0x0b],
  // $at += 128 (br $next))
  ...[...get(0), 0x41, 0x80, 0x01, 0x6a, 0x21, 0, 0x0c, 0, 0x0b],
];

/** All of the module before its code. */
// biome-ignore format: one section, one line
const HEAD = [
  0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00,
  // types: (i32 i32 i32), (i32) -> i32, (i32 i32 i32) -> i32, (i32 i64 i64), (i32 i32)
  0x01, 0x1e, 0x05, 0x60, 0x03, 0x7f, 0x7f, 0x7f, 0x00, 0x60, 0x01, 0x7f, 0x01, 0x7f, 0x60, 0x03, 0x7f, 0x7f, 0x7f, 0x01, 0x7f, 0x60, 0x03, 0x7f, 0x7e, 0x7e, 0x00, 0x60, 0x02, 0x7f, 0x7f, 0x00,
  // imports: "m" "k" and "m" "u", shared, 1 to 65536 pages
  0x02, 0x15, 0x02, 0x01, 0x6d, 0x01, 0x6b, 0x02, 0x03, 0x01, 0x80, 0x80, 0x04, 0x01, 0x6d, 0x01, 0x75, 0x02, 0x03, 0x00, 0x80, 0x80, 0x04,
  // functions, by GATE_*, and SWEEP
  0x03, 0x08, 0x07, 0x00, 0x00, 0x01, 0x02, 0x00, 0x03, 0x04,
  // exports "0" to "6"
  0x07, 0x1d, 0x07, 0x01, 0x30, 0x00, 0x00, 0x01, 0x31, 0x00, 0x01, 0x01, 0x32, 0x00, 0x02, 0x01, 0x33, 0x00, 0x03, 0x01, 0x34, 0x00, 0x04, 0x01, 0x35, 0x00, 0x05, 0x01, 0x36, 0x00, 0x06,
];

/** An unsigned LEB128 below 2^14. */
const size = (value: number) => (value < 0x80 ? [value] : [0x80 | (value & 0x7f), value >> 7]);

/** The gate in Wasm's binary format: memory 0 is the kernel's, memory 1 the user's. */
function gateBytes(): Uint8Array<ArrayBuffer> {
  // Each has its length, no locals, and an end.
  const bodies = [...BODIES, SWEEP];
  const code = [bodies.length, ...bodies.flatMap((body) => [...size(body.length + 2), 0, ...body, 0x0b])];
  return Uint8Array.from([...HEAD, 0x0a, ...size(code.length), ...code]);
}

/**
 * In the text format (memory 0 is copied from, memory 1 to):
 *   (func (export "c") (param $at i32) (param $n i32) (memory.copy 1 0 (local.get 0) (local.get 0) (local.get 1)))
 */
// biome-ignore format: one section, one line
const COPIER_BYTES = new Uint8Array([
  0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00,
  0x01, 0x06, 0x01, 0x60, 0x02, 0x7f, 0x7f, 0x00,
  0x02, 0x15, 0x02, 0x01, 0x6d, 0x01, 0x66, 0x02, 0x03, 0x00, 0x80, 0x80, 0x04, 0x01, 0x6d, 0x01, 0x74, 0x02, 0x03, 0x00, 0x80, 0x80, 0x04,
  0x03, 0x02, 0x01, 0x00,
  0x07, 0x05, 0x01, 0x01, 0x63, 0x00, 0x00,
  0x0a, 0x0e, 0x01, 0x0c, 0x00, 0x20, 0x00, 0x20, 0x00, 0x20, 0x01, 0xfc, 0x0a, 0x01, 0x00, 0x0b,
]);

let compiled: WebAssembly.Module | undefined;
let compiledCopier: WebAssembly.Module | undefined;

/** Copies bytes at an address of one memory to the same address of another. Ranges are the caller's to check. */
export type Copier = (at: number, bytes: number) => void;

/** Makes a copier between two memories; some microseconds (8 measured). */
export function openCopier(from: WebAssembly.Memory, to: WebAssembly.Memory): Copier {
  compiledCopier ??= new WebAssembly.Module(COPIER_BYTES);
  return new WebAssembly.Instance(compiledCopier, { m: { f: from, t: to } }).exports.c as Copier;
}

/** What the runtime itself uses of a gate. Ranges are the caller's to check. */
export interface Gate {
  fill(udst: number, byte: number, bytes: number): void;
  /** Makes whole pages zero, without touching those that are. */
  sweep(start: number, end: number): void;
}

type GateFunction = (a: number, b: number, c: number) => void;

/** Makes a gate and puts its functions into the hot table at `slot` and the following. */
export function openGate(
  kernel: WebAssembly.Memory,
  user: WebAssembly.Memory,
  table: WebAssembly.Table,
  slot: number,
): Gate {
  compiled ??= new WebAssembly.Module(gateBytes());
  const { exports } = new WebAssembly.Instance(compiled, { m: { k: kernel, u: user } });
  for (let i = 0; i < GATE_FUNCTIONS; i++) table.set(slot + i, exports[i]);
  return { fill: exports[GATE_FILL] as GateFunction, sweep: exports[GATE_FUNCTIONS] as Gate["sweep"] };
}
