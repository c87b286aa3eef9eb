/**
 * File names handed in by guests, read and cut into components once: programs name the same files again and again, so the last ones are kept
 * by their bytes, and a path that is known costs neither decoding nor garbage.
 */
import { EFAULT, ENAMETOOLONG } from "../abi/errno.ts";
import { NAME_MAX, PATH_MAX } from "../abi/limits.ts";
import { fail } from "../errors.ts";
import { type AddressSpace, decodeBytes, encodeString } from "../mm/address-space.ts";

export class Filename {
  readonly text: string;
  /** Components, empty ones left out; "." and ".." are kept. */
  readonly parts: readonly string[];
  readonly absolute: boolean;
  /** It ends in a slash, and so has to name a directory. */
  readonly trailingSlash: boolean;
  /** Some component is longer than NAME_MAX bytes. */
  readonly hasLongPart: boolean;

  constructor(text: string) {
    this.text = text;
    this.parts = text.split("/").filter((part) => part !== "");
    this.absolute = text.startsWith("/");
    this.trailingSlash = this.parts.length > 0 && text.endsWith("/");
    this.hasLongPart = this.parts.some(isTooLong);
  }
}

/** Whether a component has more than NAME_MAX bytes. */
export function isTooLong(part: string): boolean {
  return part.length > NAME_MAX || (part.length * 3 > NAME_MAX && encodeString(part).length > NAME_MAX);
}

interface Known {
  readonly bytes: Uint8Array;
  readonly name: Filename;
}

/** Slots of the cache; a slot holds the last path that hashed to it. */
const SLOTS = 1024;
/** Longer paths are not kept. */
const LONGEST_KEPT = 256;
const known: (Known | undefined)[] = new Array(SLOTS).fill(undefined);

/** Reads the path at a user address. Throws EFAULT, ENAMETOOLONG. */
export function getName(mm: AddressSpace, address: number): Filename {
  const { u8, at, end: last } = mm.region(address, 1);
  const limit = Math.min(at + PATH_MAX, last);
  let hash = 0x811c9dc5; // FNV-1a
  let end = at;
  for (; end < limit; end++) {
    const byte = u8[end];
    if (byte === 0) break;
    hash = Math.imul(hash ^ byte, 0x01000193);
  }
  if (end === limit) fail(limit < at + PATH_MAX ? EFAULT : ENAMETOOLONG);
  const length = end - at;
  const slot = (hash ^ (hash >>> 15)) & (SLOTS - 1);
  const entry = known[slot];
  if (entry !== undefined && entry.bytes.length === length) {
    const bytes = entry.bytes;
    let i = 0;
    while (i < length && bytes[i] === u8[at + i]) i++;
    if (i === length) return entry.name;
  }
  const bytes = u8.slice(at, end);
  const name = new Filename(decodeBytes(bytes));
  if (length <= LONGEST_KEPT) known[slot] = { bytes, name };
  return name;
}
