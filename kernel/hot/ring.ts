/**
 * Rings of bytes (RING_*): what pipes and streams of sockets keep their bytes in. Where they are used stands first, so a pipe and a socket
 * are rings. A ring starts at one page and doubles up to what RING_CAP needs, so idle ones are cheap.
 */

import { pages_alloc_raw, pages_free, pages_left } from "./alloc";
import { PAGE_SIZE, RING_ALLOC, RING_BUFFER, RING_CAP, RING_HEAD, RING_LEN, SPARE_SHARE } from "./layout";
import { copy_in_unchecked, copy_out_unchecked } from "./user";

/** Rings leave 1/16 of kernel memory free (see pages_left), but each has a page as long as there are descriptors: programs speak through it. */
const SHARE: u32 = 4;

/** Forgets what is in it. */
export function ring_drop(ring: u32): void {
  if (load<u32>(ring, RING_ALLOC)) pages_free(load<u32>(ring, RING_BUFFER));
  store<u32>(ring, 0, RING_ALLOC);
  store<u32>(ring, 0, RING_HEAD);
  store<u32>(ring, 0, RING_LEN);
}

/** Makes it `bytes` (a power of two) long, keeping what is in it. False where memory is full. */
export function ring_resize(ring: u32, bytes: u32): bool {
  const buffer = pages_left(bytes, bytes == PAGE_SIZE ? SPARE_SHARE : SHARE) ? pages_alloc_raw(bytes) : 0;
  if (!buffer) return false;
  const old = load<u32>(ring, RING_ALLOC);
  const len = load<u32>(ring, RING_LEN);
  if (old) {
    const from = load<u32>(ring, RING_BUFFER);
    const head = load<u32>(ring, RING_HEAD);
    const first = min<u32>(len, old - head);
    memory.copy(buffer, from + head, first);
    memory.copy(buffer + first, from, len - first);
    pages_free(from);
  }
  store<u32>(ring, buffer, RING_BUFFER);
  store<u32>(ring, bytes, RING_ALLOC);
  store<u32>(ring, 0, RING_HEAD);
  return true;
}

/** Bytes that it may take in; the capacity may have been made smaller than what is in it. */
export function ring_space(ring: u32): u32 {
  const cap = load<u32>(ring, RING_CAP);
  const len = load<u32>(ring, RING_LEN);
  return len < cap ? cap - len : 0;
}

/** Makes room for `bytes` in all. False where memory is full. */
export function ring_reserve(ring: u32, bytes: u32): bool {
  const old = load<u32>(ring, RING_ALLOC);
  if (bytes <= old) return true;
  let larger: u32 = old ? old : PAGE_SIZE;
  while (larger < bytes) larger <<= 1;
  return ring_resize(ring, larger);
}

/** Puts bytes in, for which there is room: from the user of `task` (checked), or kernel memory (task 0). */
export function ring_put(ring: u32, task: u32, src: u32, count: u32): void {
  const len = load<u32>(ring, RING_LEN);
  const alloc = load<u32>(ring, RING_ALLOC);
  const buffer = load<u32>(ring, RING_BUFFER);
  const at = (load<u32>(ring, RING_HEAD) + len) & (alloc - 1);
  const first = min<u32>(count, alloc - at);
  bytes_in(task, buffer + at, src, first);
  if (first < count) bytes_in(task, buffer, src + first, count - first);
  store<u32>(ring, len + count, RING_LEN);
}

/** Copies bytes that are in it, from the one at `offset` on, to the user (checked) or kernel memory. */
export function ring_copy(ring: u32, task: u32, dst: u32, offset: u32, count: u32): void {
  const alloc = load<u32>(ring, RING_ALLOC);
  const buffer = load<u32>(ring, RING_BUFFER);
  const at = (load<u32>(ring, RING_HEAD) + offset) & (alloc - 1);
  const first = min<u32>(count, alloc - at);
  bytes_out(task, dst, buffer + at, first);
  if (first < count) bytes_out(task, dst + first, buffer, count - first);
}

/** Takes the first bytes out. */
export function ring_skip(ring: u32, count: u32): void {
  const len = load<u32>(ring, RING_LEN) - count;
  store<u32>(ring, len, RING_LEN);
  const head = load<u32>(ring, RING_HEAD) + count;
  store<u32>(ring, len ? head & (load<u32>(ring, RING_ALLOC) - 1) : 0, RING_HEAD);
}

function bytes_in(task: u32, to: u32, src: u32, bytes: u32): void {
  if (task) copy_in_unchecked(task, to, src, bytes);
  else memory.copy(to, src, bytes);
}

function bytes_out(task: u32, dst: u32, from: u32, bytes: u32): void {
  if (task) copy_out_unchecked(task, dst, from, bytes);
  else memory.copy(dst, from, bytes);
}
