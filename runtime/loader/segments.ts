// What the code does with data segments: whether exec can apply them again in the same instance, and where they go.

import { afterLeb, readIndex, Writer } from "./binary.ts";
import { Op } from "./opcodes.ts";
import type { CodeScan } from "./scan.ts";
import type { ModuleView } from "./sections.ts";
import { Site } from "./sites.ts";

export interface SegmentUse {
  /**
   * Segments can stay instead of being dropped, since nothing could tell: only the start function drops any, and nothing but it
   * (or instantiation) uses those. `ring3:init` can then be called again on cleared memory. So it is with what wasm-ld makes.
   */
  readonly restartable: boolean;
  /** Lowest address that a segment is written to; undefined where that is not known of each. */
  readonly lowest: number | undefined;
}

const NO_START = -1;

export function segmentUse(view: ModuleView, scan: CodeScan): SegmentUse {
  const { bytes, data, imports, start } = view;
  const starting = start === undefined ? NO_START : start - imports.length;
  const addresses = data.map(({ offset }) => offset?.value);
  const dropped = data.map(({ offset }) => offset !== undefined);
  const usedLater = data.map(() => false);
  let restartable = true;
  const { words } = scan.sites;
  for (const i of scan.sitesOf(Site.memoryInit, Site.dataDrop)) {
    const at = words[i];
    const inStart = at >= scan.bodies[starting] && at < scan.ends[starting];
    const segment = readIndex(bytes, afterLeb(bytes, at + 1));
    // V8 will refuse it.
    if (segment >= data.length) return { restartable: false, lowest: undefined };
    if (words[i + 1] === Site.dataDrop) {
      dropped[segment] = true;
      if (!inStart) restartable = false;
    } else if (inStart && !data[segment].offset) {
      addresses[segment] = destination(bytes, at, data[segment].bytes.end - data[segment].bytes.start);
    } else usedLater[segment] = true;
  }
  if (dropped.some((drop, segment) => drop && usedLater[segment])) restartable = false;
  const known = addresses.filter((address) => address !== undefined).map((address) => address >>> 0);
  return { restartable, lowest: known.length === data.length && known.length > 0 ? Math.min(...known) : undefined };
}

/**
 * Where the memory.init at `at` puts a whole segment of `length` bytes, if its operands are three constants, as wasm-ld writes them
 * (lld/wasm/Writer.cpp, createInitMemoryFunction; for thread-local data it sets __tls_base in between).
 */
function destination(bytes: Uint8Array, at: number, length: number): number | undefined {
  const tail = new Writer(16).u8(Op.i32Const).s32(0).u8(Op.i32Const).s32(length).view();
  const end = at - tail.length;
  if (!tail.every((byte, i) => bytes[end + i] === byte)) return undefined;
  const plain = constantBefore(bytes, end);
  if (plain) return plain.value;
  const base = bytes[end - 1] < 0x80 && bytes[end - 2] === Op.globalSet ? constantBefore(bytes, end - 2) : undefined;
  return base && constantBefore(bytes, base.start)?.value;
}

/** The i32.const that ends at `end`. What precedes a LEB128's last byte and has its high bit set is part of it. */
function constantBefore(bytes: Uint8Array, end: number): { value: number; start: number } | undefined {
  let first = end - 1;
  if (bytes[first] >= 0x80) return undefined;
  while (bytes[first - 1] >= 0x80) first--;
  if (bytes[first - 1] !== Op.i32Const || end - first > 5) return undefined;
  let value = 0;
  for (let p = first; p < end; p++) value |= (bytes[p] & 0x7f) << (7 * (p - first));
  const unused = Math.max(0, 32 - 7 * (end - first));
  return { value: (value << unused) >> unused, start: first - 1 };
}
