/** Reading a guest's memory without trusting a single address in it. */

/** A guest's memory as tracing sees it: two views of the same bytes, usually shared. */
export interface GuestMemory {
  readonly u8: Uint8Array;
  readonly view: DataView;
  /**
   * Finds an address that is not in the memory itself, but in the window that the adapter of a foreign ABI has (hot/layout.ts: WINDOW):
   * the memory that it is in, and its address there. Undefined for all others.
   */
  readonly elsewhere?: (address: number) => { memory: GuestMemory; address: number } | undefined;
}

/** Whether the `length` bytes at `address` lie in memory. Address 0 is NULL, and no data. */
export function readable(memory: GuestMemory, address: number, length: number): boolean {
  return address > 0 && length >= 0 && address + length <= memory.u8.length;
}

/** The length of the string at `address`, up to `limit` bytes; -1 where memory ends before the string does. */
export function stringLength(memory: GuestMemory, address: number, limit: number): number {
  if (!readable(memory, address, 1)) return -1;
  const end = Math.min(address + limit, memory.u8.length);
  for (let at = address; at < end; at++) if (memory.u8[at] === 0) return at - address;
  return end === address + limit ? limit : -1;
}
