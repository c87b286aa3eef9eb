// The cache of prepared images: how an entry is named and what is in it. Where entries are kept is the host's affair.

import type { ImageInfo } from "./info.ts";
import type { PollMode } from "./polls.ts";

/**
 * Part of each entry's name: to be raised with every change that makes the loader's output differ.
 * tests/loader/version.test.ts fails when that is forgotten.
 */
export const LOADER_VERSION = 15;

/** A store of bytes by name. Neither method throws: a cache that cannot be read or written is one without entries. */
export interface ImageCache {
  get(key: string): Promise<Uint8Array<ArrayBuffer> | undefined>;
  put(key: string, bytes: Uint8Array): Promise<void>;
}

/** The name of an entry; `hash` is the SHA-256 of the source in hex. A name is a valid file name. */
export function cacheKey(hash: string, polls: PollMode): string {
  return `${hash}-v${LOADER_VERSION}-${polls}`;
}

// An entry: magic, checksum of all that follows, length of the JSON (both u32, little endian), JSON of ImageInfo, module. Components
// keep JSON and bytes of their own kind (abi/component/prepare.ts).
const MAGIC = new TextEncoder().encode("ring3im2");
const CHECKSUM_AT = MAGIC.length;
const BODY_AT = CHECKSUM_AT + 4;

export function encodeEntry(info: object, module: Uint8Array): Uint8Array<ArrayBuffer> {
  const json = new TextEncoder().encode(JSON.stringify(info));
  const entry = new Uint8Array(BODY_AT + 4 + json.length + module.length);
  const view = new DataView(entry.buffer);
  view.setUint32(BODY_AT, json.length, true);
  entry.set(json, BODY_AT + 4);
  entry.set(module, BODY_AT + 4 + json.length);
  entry.set(MAGIC);
  view.setUint32(CHECKSUM_AT, checksum(entry), true);
  return entry;
}

/** An entry's content; undefined where it is damaged. */
export function decodeEntry<Info = ImageInfo>(
  entry: Uint8Array<ArrayBuffer>,
): { info: Info; module: Uint8Array<ArrayBuffer> } | undefined {
  if (entry.length < BODY_AT + 4 || MAGIC.some((byte, i) => entry[i] !== byte)) return undefined;
  const view = new DataView(entry.buffer, entry.byteOffset);
  if (view.getUint32(CHECKSUM_AT, true) !== checksum(entry)) return undefined;
  const jsonLength = view.getUint32(BODY_AT, true);
  const moduleAt = BODY_AT + 4 + jsonLength;
  const json = new TextDecoder().decode(entry.subarray(BODY_AT + 4, moduleAt));
  return { info: JSON.parse(json) as Info, module: entry.subarray(moduleAt) };
}

/**
 * Against what a disk or a crash does to a file, not against an attacker, who could as well write a right one: 0.5 ms a MB, where a
 * SHA-256 takes 5. Each step can be undone, so that no change within one word goes unnoticed.
 */
function checksum(entry: Uint8Array<ArrayBuffer>): number {
  const body = entry.byteOffset % 4 === 0 ? entry : new Uint8Array(entry);
  const words = new Uint32Array(body.buffer, body.byteOffset + BODY_AT, (body.length - BODY_AT) >> 2);
  let sum = body.length;
  for (let i = 0; i < words.length; i++) {
    sum = Math.imul(sum ^ words[i], 0x9e3779b1);
    sum ^= sum >>> 15;
  }
  for (let i = BODY_AT + words.byteLength; i < body.length; i++) sum = Math.imul(sum ^ body[i], 0x9e3779b1);
  return sum >>> 0;
}
