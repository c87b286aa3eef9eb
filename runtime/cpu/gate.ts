// The gate: a tiny instance per memory that sees both it and kernel memory, and copies between them. The hot half calls it
// through its table; the user range was checked before.

import { GATE_FILL, GATE_FUNCTIONS, GATE_IN, GATE_OUT } from "../../kernel/hot/layout.ts";

/**
 * In Wasm's text format (memory 0 is the kernel's, memory 1 the user's):
 *   (func (param $kdst i32) (param $usrc i32) (param $n i32) (memory.copy 0 1 (local.get 0) (local.get 1) (local.get 2)))  ;; GATE_IN
 *   (func (param $udst i32) (param $ksrc i32) (param $n i32) (memory.copy 1 0 ...))                                       ;; GATE_OUT
 *   (func (param $u i32) (result i32) (i32.atomic.load 1 (local.get 0)))                                                  ;; GATE_LOAD32
 *   (func (param $u i32) (param $expected i32) (param $new i32) (result i32) (i32.atomic.rmw.cmpxchg 1 ...))              ;; GATE_CAS32
 *   (func (param $udst i32) (param $byte i32) (param $n i32) (memory.fill 1 ...))                                         ;; GATE_FILL
 */
// biome-ignore format: one section, one line
const GATE_BYTES = new Uint8Array([
  0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00,
  // types: (i32 i32 i32), (i32) -> i32, (i32 i32 i32) -> i32
  0x01, 0x13, 0x03, 0x60, 0x03, 0x7f, 0x7f, 0x7f, 0x00, 0x60, 0x01, 0x7f, 0x01, 0x7f, 0x60, 0x03, 0x7f, 0x7f, 0x7f, 0x01, 0x7f,
  // imports: "m" "k" and "m" "u", shared, 1 to 65536 pages
  0x02, 0x15, 0x02, 0x01, 0x6d, 0x01, 0x6b, 0x02, 0x03, 0x01, 0x80, 0x80, 0x04, 0x01, 0x6d, 0x01, 0x75, 0x02, 0x03, 0x00, 0x80, 0x80, 0x04,
  // functions
  0x03, 0x06, 0x05, 0x00, 0x00, 0x01, 0x02, 0x00,
  // exports "0" to "4"
  0x07, 0x15, 0x05, 0x01, 0x30, 0x00, 0x00, 0x01, 0x31, 0x00, 0x01, 0x01, 0x32, 0x00, 0x02, 0x01, 0x33, 0x00, 0x03, 0x01, 0x34, 0x00, 0x04,
  // code
  0x0a, 0x3f, 0x05,
  0x0c, 0x00, 0x20, 0x00, 0x20, 0x01, 0x20, 0x02, 0xfc, 0x0a, 0x00, 0x01, 0x0b,
  0x0c, 0x00, 0x20, 0x00, 0x20, 0x01, 0x20, 0x02, 0xfc, 0x0a, 0x01, 0x00, 0x0b,
  0x09, 0x00, 0x20, 0x00, 0xfe, 0x10, 0x42, 0x01, 0x00, 0x0b,
  0x0d, 0x00, 0x20, 0x00, 0x20, 0x01, 0x20, 0x02, 0xfe, 0x48, 0x42, 0x01, 0x00, 0x0b,
  0x0b, 0x00, 0x20, 0x00, 0x20, 0x01, 0x20, 0x02, 0xfc, 0x0b, 0x01, 0x0b,
]);

let compiled: WebAssembly.Module | undefined;

/** What a gate does, by GATE_*: here for the runtime's own copies. Ranges are the caller's to check. */
export interface Gate {
  in(kdst: number, usrc: number, bytes: number): void;
  out(udst: number, ksrc: number, bytes: number): void;
  fill(udst: number, byte: number, bytes: number): void;
}

type GateFunction = (a: number, b: number, c: number) => void;

/** Makes a gate and puts its functions into the hot table at `slot` and the following. */
export function openGate(
  kernel: WebAssembly.Memory,
  user: WebAssembly.Memory,
  table: WebAssembly.Table,
  slot: number,
): Gate {
  compiled ??= new WebAssembly.Module(GATE_BYTES);
  const { exports } = new WebAssembly.Instance(compiled, { m: { k: kernel, u: user } });
  for (let i = 0; i < GATE_FUNCTIONS; i++) table.set(slot + i, exports[i]);
  return {
    in: exports[GATE_IN] as GateFunction,
    out: exports[GATE_OUT] as GateFunction,
    fill: exports[GATE_FILL] as GateFunction,
  };
}
