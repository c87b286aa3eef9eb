// The cache of prepared images: how an entry is named and what is in it. Where entries are kept is the host's affair.

import type { ImageInfo } from "./info.ts";
import type { PollMode } from "./polls.ts";

/**
 * Part of each entry's name: to be raised with every change that makes the loader's output differ.
 * tests/loader/version.test.ts fails when that is forgotten.
 */
export const LOADER_VERSION = 9;

/** A store of bytes by name. Neither method throws: a cache that cannot be read or written is one without entries. */
export interface ImageCache {
  get(key: string): Promise<Uint8Array<ArrayBuffer> | undefined>;
  put(key: string, bytes: Uint8Array): Promise<void>;
}

/** The name of an entry; `hash` is the SHA-256 of the source in hex. A name is a valid file name. */
export function cacheKey(hash: string, polls: PollMode): string {
  return `${hash}-v${LOADER_VERSION}-${polls}`;
}

// An entry: magic, SHA-256 of all that follows, length of the JSON (u32, little endian), JSON of ImageInfo, module.
const MAGIC = new TextEncoder().encode("ring3img");
const CHECKSUM_AT = MAGIC.length;
const BODY_AT = CHECKSUM_AT + 32;

export async function encodeEntry(info: ImageInfo, module: Uint8Array): Promise<Uint8Array<ArrayBuffer>> {
  const json = new TextEncoder().encode(JSON.stringify(info));
  const entry = new Uint8Array(BODY_AT + 4 + json.length + module.length);
  new DataView(entry.buffer).setUint32(BODY_AT, json.length, true);
  entry.set(json, BODY_AT + 4);
  entry.set(module, BODY_AT + 4 + json.length);
  entry.set(MAGIC);
  entry.set(await checksum(entry), CHECKSUM_AT);
  return entry;
}

/** An entry's content; undefined where it is damaged. */
export async function decodeEntry(
  entry: Uint8Array<ArrayBuffer>,
): Promise<{ info: ImageInfo; module: Uint8Array<ArrayBuffer> } | undefined> {
  if (entry.length < BODY_AT + 4 || !startsWith(entry, 0, MAGIC)) return undefined;
  if (!startsWith(entry, CHECKSUM_AT, await checksum(entry))) return undefined;
  const jsonLength = new DataView(entry.buffer, entry.byteOffset).getUint32(BODY_AT, true);
  const moduleAt = BODY_AT + 4 + jsonLength;
  const json = new TextDecoder().decode(entry.subarray(BODY_AT + 4, moduleAt));
  return { info: JSON.parse(json) as ImageInfo, module: entry.subarray(moduleAt) };
}

async function checksum(entry: Uint8Array<ArrayBuffer>): Promise<Uint8Array> {
  return new Uint8Array(await crypto.subtle.digest("SHA-256", entry.subarray(BODY_AT)));
}

function startsWith(bytes: Uint8Array, at: number, expected: Uint8Array): boolean {
  return expected.every((byte, i) => bytes[at + i] === byte);
}
