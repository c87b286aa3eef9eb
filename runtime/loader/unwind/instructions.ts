// Where an instruction ends: what follows its opcode, by its shape.

import { afterLeb, readIndex } from "../binary.ts";
import { Op, plainOpcodes, prefixedOpcodes, Shape } from "../opcodes.ts";

/** Where a try_table's catch clauses end. */
export function afterClauses(bytes: Uint8Array, at: number): number {
  let p = afterLeb(bytes, at);
  for (let left = readIndex(bytes, at); left > 0; left--) {
    if (bytes[p++] < 2) p = afterLeb(bytes, p);
    p = afterLeb(bytes, p);
  }
  return p;
}

/** Where the instruction at `at` ends. */
export function afterInstruction(bytes: Uint8Array, at: number): number {
  const shape = plainOpcodes.shape[bytes[at]];
  if (shape !== Shape.prefix) return immediates(bytes, at + 1, shape);
  const second = readIndex(bytes, at + 1);
  return immediates(bytes, afterLeb(bytes, at + 1), prefixedOpcodes[bytes[at] - Op.misc].shape[second]);
}

/** Where an instruction ends whose immediates, of this shape, begin at `at`. The scanner has checked them. */
export function immediates(bytes: Uint8Array, at: number, shape: number): number {
  let p = at;
  switch (shape) {
    case Shape.memarg:
    case Shape.memargLane:
    case Shape.atomicNotify:
    case Shape.atomicWait32:
    case Shape.atomicWait64: {
      const flags = bytes[p];
      p = afterLeb(bytes, p);
      if (flags & 0x40) p = afterLeb(bytes, p);
      p = afterLeb(bytes, p);
      return shape === Shape.memargLane ? p + 1 : p;
    }
    case Shape.byte:
    case Shape.fence:
    case Shape.refNull:
      return p + 1;
    case Shape.bytes4:
      return p + 4;
    case Shape.bytes8:
      return p + 8;
    case Shape.bytes16:
      return p + 16;
    case Shape.leb2:
    case Shape.callIndirect:
    case Shape.memoryInit:
    case Shape.memoryCopy:
      return afterLeb(bytes, afterLeb(bytes, p));
    case Shape.brTable: {
      let left = readIndex(bytes, p);
      for (p = afterLeb(bytes, p); left >= 0; left--) p = afterLeb(bytes, p);
      return p;
    }
    case Shape.types: {
      const count = readIndex(bytes, p);
      return afterLeb(bytes, p) + count;
    }
    case Shape.tryTable:
      return afterClauses(bytes, afterLeb(bytes, p));
    case Shape.none:
    case Shape.else:
    case Shape.catchAll:
    case Shape.end:
      return p;
    default:
      // One LEB: indices, labels, integers, block types.
      return afterLeb(bytes, p);
  }
}
