/** The bytes of regular files of memory file systems: pages in kernel memory, held by the inode; holes are not stored. */

import { EFBIG, ENOSPC } from "../abi/errno";
import { alloc, free, pages_alloc, pages_free, pages_left } from "./alloc";
import { inode_modified } from "./inode";
import { INODE_CAP, INODE_PAGES, INODE_SEQ, INODE_SIZE, INODE_TABLE, PAGE_SIZE } from "./layout";
import { copy_in_unchecked, copy_out_unchecked, fill_unchecked } from "./user";

const SHIFT: i64 = 12;
const MASK: u32 = 4095;
/** Files leave 1/8 of kernel memory free: see pages_left. */
const SHARE: u32 = 3;
/** Largest file: 2^26 pages, 256 GiB; the table then takes 256 MiB, the largest block there is. */
const MAX_SIZE: i64 = 1 << 38;

/** Frees all pages; the size stays. */
export function cache_free(inode: u32): void {
  free_pages(inode, 0);
  const cap = load<u32>(inode, INODE_CAP);
  if (!cap) return;
  free(load<u32>(inode, INODE_TABLE), 4 * cap);
  store<u32>(inode, 0, INODE_CAP);
}

function touch(inode: u32): void {
  store<u32>(inode, load<u32>(inode, INODE_SEQ) + 1, INODE_SEQ);
  inode_modified(inode);
}

/** Frees all pages from index `first` on. */
function free_pages(inode: u32, first: u32): void {
  const table = load<u32>(inode, INODE_TABLE);
  const cap = load<u32>(inode, INODE_CAP);
  if (!load<u32>(inode, INODE_PAGES)) return;
  for (let i = first; i < cap; i++) {
    const page = load<u32>(table + 4 * i);
    if (page) {
      pages_free(page);
      store<u32>(table + 4 * i, 0);
      store<u32>(inode, load<u32>(inode, INODE_PAGES) - 1, INODE_PAGES);
    }
  }
}

function reserve(inode: u32, index: u32): bool {
  const cap = load<u32>(inode, INODE_CAP);
  if (index < cap) return true;
  let larger = cap ? cap : 4;
  while (larger <= index) larger <<= 1;
  const table = pages_left(4 * larger, SHARE) ? alloc(4 * larger) : 0;
  if (!table) return false;
  if (cap) {
    memory.copy(table, load<u32>(inode, INODE_TABLE), 4 * cap);
    free(load<u32>(inode, INODE_TABLE), 4 * cap);
  }
  store<u32>(inode, table, INODE_TABLE);
  store<u32>(inode, larger, INODE_CAP);
  return true;
}

/** The page of index, 0 for a hole; with `make`, a hole is filled: 0 then means that memory is full. */
function page_at(inode: u32, index: u32, make: bool): u32 {
  if (index >= load<u32>(inode, INODE_CAP)) {
    if (!make || !reserve(inode, index)) return 0;
  }
  const at = load<u32>(inode, INODE_TABLE) + 4 * index;
  let page = load<u32>(at);
  if (!page && make) {
    page = pages_left(PAGE_SIZE, SHARE) ? pages_alloc(PAGE_SIZE) : 0;
    if (page) {
      store<u32>(at, page);
      store<u32>(inode, load<u32>(inode, INODE_PAGES) + 1, INODE_PAGES);
    }
  }
  return page;
}

export function cache_page(inode: u32, pos: f64, make: i32): u32 {
  return page_at(inode, <u32>(<i64>pos >> SHIFT), make != 0);
}

/** Sets the size; bytes cut off read as zero when the file grows again. 0, -EFBIG. */
export function cache_truncate(inode: u32, to: f64): i32 {
  const size = <i64>to;
  if (size > MAX_SIZE) return -EFBIG;
  if (size < load<i64>(inode, INODE_SIZE)) {
    free_pages(inode, <u32>((size + PAGE_SIZE - 1) >> SHIFT));
    const tail = <u32>size & MASK;
    const page = tail ? page_at(inode, <u32>(size >> SHIFT), false) : 0;
    if (page) memory.fill(page + tail, 0, PAGE_SIZE - tail);
  }
  store<i64>(inode, size, INODE_SIZE);
  touch(inode);
  return 0;
}

/** Makes a range a hole (fallocate's FALLOC_FL_PUNCH_HOLE); the size stays. */
export function cache_punch(inode: u32, from: f64, bytes: f64): void {
  let pos = <i64>from;
  const end = pos + <i64>bytes;
  while (pos < end) {
    const offset = <u32>pos & MASK;
    const chunk = min<i64>(PAGE_SIZE - offset, end - pos);
    const index = <u32>(pos >> SHIFT);
    const page = page_at(inode, index, false);
    if (page) {
      if (chunk == PAGE_SIZE) {
        pages_free(page);
        store<u32>(load<u32>(inode, INODE_TABLE) + 4 * index, 0);
        store<u32>(inode, load<u32>(inode, INODE_PAGES) - 1, INODE_PAGES);
      } else memory.fill(page + offset, 0, <u32>chunk);
    }
    pos += chunk;
  }
  touch(inode);
}

/** Moves bytes out of the file to the user of `task`. The destination was checked. */
export function cache_copy_out(inode: u32, task: u32, dst: u32, pos: i64, bytes: u32): u32 {
  const size = load<i64>(inode, INODE_SIZE);
  if (pos >= size) return 0;
  const count = <u32>min<i64>(bytes, size - pos);
  let done: u32 = 0;
  while (done < count) {
    const at = pos + done;
    const offset = <u32>at & MASK;
    const chunk = min<u32>(PAGE_SIZE - offset, count - done);
    const page = page_at(inode, <u32>(at >> SHIFT), false);
    if (page) copy_out_unchecked(task, dst + done, page + offset, chunk);
    else fill_unchecked(task, dst + done, 0, chunk);
    done += chunk;
  }
  return count;
}

/** Moves bytes into the file, growing it; a short count when memory fills up, -ENOSPC or -EFBIG when nothing went in. */
export function cache_copy_in(inode: u32, task: u32, src: u32, pos: i64, bytes: u32): i64 {
  if (pos + bytes > MAX_SIZE) return -EFBIG;
  let done: u32 = 0;
  while (done < bytes) {
    const at = pos + done;
    const offset = <u32>at & MASK;
    const chunk = min<u32>(PAGE_SIZE - offset, bytes - done);
    const page = page_at(inode, <u32>(at >> SHIFT), true);
    if (!page) {
      if (done) break;
      return -ENOSPC;
    }
    copy_in_unchecked(task, page + offset, src + done, chunk);
    done += chunk;
  }
  if (pos + done > load<i64>(inode, INODE_SIZE)) store<i64>(inode, pos + done, INODE_SIZE);
  touch(inode);
  return done;
}
