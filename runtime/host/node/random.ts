/** Random bytes of the host. */
import { closeSync, openSync, readSync } from "node:fs";

const pool = new Uint8Array(4096);
/** Where what is left of the pool begins. */
let next = pool.length;

/**
 * Fills with random bytes for keys and seeds. The few that most machines ask for are read from /dev/urandom: crypto.getRandomValues first
 * loads 12 ms of Node's modules.
 */
export function hostRandom(bytes: Uint8Array): void {
  if (bytes.length > pool.length / 4) {
    fillByCrypto(bytes);
    return;
  }
  if (next + bytes.length > pool.length) refill();
  const used = pool.subarray(next, next + bytes.length);
  bytes.set(used);
  used.fill(0);
  next += bytes.length;
}

function refill(): void {
  next = 0;
  try {
    const device = openSync("/dev/urandom", "r");
    try {
      if (readSync(device, pool) === pool.length) return;
    } finally {
      closeSync(device);
    }
  } catch {
    // A system without it.
  }
  fillByCrypto(pool);
}

function isPrivate(bytes: Uint8Array): bytes is Uint8Array<ArrayBuffer> {
  return bytes.buffer instanceof ArrayBuffer;
}

function fillByCrypto(bytes: Uint8Array): void {
  // getRandomValues takes neither shared memory nor more than 64 KiB at once.
  for (let at = 0; at < bytes.length; at += 65536) {
    const part = bytes.subarray(at, at + 65536);
    if (isPrivate(part)) crypto.getRandomValues(part);
    else part.set(crypto.getRandomValues(new Uint8Array(part.length)));
  }
}
