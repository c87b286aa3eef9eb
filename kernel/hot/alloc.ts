/**
 * Kernel memory: a buddy allocator of pages, and slabs of small blocks cut from them.
 * Blocks are zeroed when handed out. Nothing here is ever moved.
 */
import { HEAP_START, PAGE_SIZE, PAGES_LIMIT, PAGES_USED } from "./layout";

const PAGE_SHIFT: u32 = 12;
/** Largest block: 2^16 pages, 256 MiB. */
const MAX_ORDER: u32 = 16;
const FREE: u8 = 0x80;

/** One byte a page: for the first page of a block its order, | FREE. */
let map: u32 = 0;
let base: u32 = 0;
let pages: u32 = 0;
/** Free lists by order: heads at lists + 4 * order; a free block begins with next u32, prev u32. */
let lists: u32 = 0;
/** Small blocks by size / 16, SLAB_BYTES each: the first page with free blocks, and how many blocks a page has. */
let slabs: u32 = 0;
const SLAB_PER_PAGE: i32 = 4;
const SLAB_BYTES: i32 = 8;
const CLASSES: u32 = 129;
/** What is known about each page that is cut into small blocks, INFO_BYTES a page. */
let infos: u32 = 0;
const INFO_FREE: i32 = 0; // u32: its first free block
const INFO_COUNT: i32 = 4; // u32: its free blocks
const INFO_NEXT: i32 = 8; // u32: the next page (its INFO_*) of that size with free blocks
const INFO_PREV: i32 = 12; // u32
const INFO_BYTES: u32 = 16;
/** Pages cut into small blocks that are all free. They are kept for the next ones, until pages are short. */
let empty_pages: u32 = 0;

/** Lays out the heap in `bytes` of kernel memory. Called once, before anything else. */
export function heap_init(bytes: u32): void {
  lists = HEAP_START;
  slabs = lists + 4 * (MAX_ORDER + 1);
  map = slabs + SLAB_BYTES * CLASSES;
  for (let cls: u32 = 1; cls < CLASSES; cls++) {
    store<u32>(slabs + SLAB_BYTES * cls, <u32>PAGE_SIZE / (cls << 4), SLAB_PER_PAGE);
  }
  const all = (bytes - HEAP_START) >> PAGE_SHIFT;
  infos = (map + all + INFO_BYTES - 1) & ~(INFO_BYTES - 1);
  base = (infos + INFO_BYTES * all + PAGE_SIZE - 1) & ~(PAGE_SIZE - 1);
  pages = (bytes - base) >> PAGE_SHIFT;
  store<u32>(PAGES_LIMIT, pages);
  // Cover the heap with the largest aligned blocks.
  let page: u32 = 0;
  while (page < pages) {
    let order: u32 = MAX_ORDER;
    while ((page & ((1 << order) - 1)) != 0 || page + (1 << order) > pages) order--;
    push_free(page, order);
    page += 1 << order;
  }
}

function push_free(page: u32, order: u32): void {
  const block = base + (page << PAGE_SHIFT);
  const head = lists + 4 * order;
  const next = load<u32>(head);
  store<u32>(block, next);
  store<u32>(block, 0, 4);
  if (next) store<u32>(next, block, 4);
  store<u32>(head, block);
  store<u8>(map + page, <u8>order | FREE);
}

function take_free(block: u32, order: u32): void {
  const next = load<u32>(block);
  const prev = load<u32>(block, 4);
  if (prev) store<u32>(prev, next);
  else store<u32>(lists + 4 * order, next);
  if (next) store<u32>(next, prev, 4);
}

function order_of(bytes: u32): u32 {
  if (bytes <= <u32>PAGE_SIZE) return 0;
  return 32 - clz((bytes - 1) >> PAGE_SHIFT);
}

/** The smallest order that has a free block of 2^order pages or more; > MAX_ORDER where none has, or the limit is reached. */
function first_free(order: u32): u32 {
  if (load<u32>(PAGES_USED) + (1 << order) > load<u32>(PAGES_LIMIT)) return MAX_ORDER + 1;
  while (order <= MAX_ORDER && !load<u32>(lists + 4 * order)) order++;
  return order;
}

/** A block of at least `bytes`, a power of two of pages, not zeroed; 0 when there is none or the limit is reached. */
export function pages_alloc_raw(bytes: u32): u32 {
  const order = order_of(bytes);
  if (order > MAX_ORDER) return 0;
  let from = first_free(order);
  if (from > MAX_ORDER && shrink()) from = first_free(order);
  if (from > MAX_ORDER) return 0;
  const block = load<u32>(lists + 4 * from);
  take_free(block, from);
  const page = (block - base) >> PAGE_SHIFT;
  while (from > order) {
    from--;
    push_free(page + (1 << from), from);
  }
  store<u8>(map + page, <u8>order);
  store<u32>(PAGES_USED, load<u32>(PAGES_USED) + (1 << order));
  return block;
}

/**
 * Whether at least 1/2^share of kernel memory stays free when `bytes` more are taken. What guests can pile up leaves room for what
 * the kernel cannot do without, so that a full file system does not stop the machine: files leave 1/8, pipes 1/16, and
 * descriptors, a pipe's first page, processes and threads 1/32 (SPARE_SHARE).
 */
export function pages_left(bytes: u32, share: u32): bool {
  return has_left(bytes, share) || (shrink() && has_left(bytes, share));
}

function has_left(bytes: u32, share: u32): bool {
  const limit = load<u32>(PAGES_LIMIT);
  return <u64>load<u32>(PAGES_USED) + (<u64>bytes >> PAGE_SHIFT) + (limit >> share) <= <u64>limit;
}

/** As pages_alloc_raw, zeroed. */
export function pages_alloc(bytes: u32): u32 {
  const block = pages_alloc_raw(bytes);
  if (block) memory.fill(block, 0, (<u32>PAGE_SIZE) << order_of(bytes));
  return block;
}

/** Gives back a block of pages; joins it with its free buddies. */
export function pages_free(block: u32): void {
  let page = (block - base) >> PAGE_SHIFT;
  let order: u32 = load<u8>(map + page);
  store<u32>(PAGES_USED, load<u32>(PAGES_USED) - (1 << order));
  while (order < MAX_ORDER) {
    const buddy = page ^ (1 << order);
    if (buddy + (1 << order) > pages || load<u8>(map + buddy) != (<u8>order | FREE)) break;
    take_free(base + (buddy << PAGE_SHIFT), order);
    store<u8>(map + (page > buddy ? page : buddy), 0);
    if (buddy < page) page = buddy;
    order++;
  }
  push_free(page, order);
}

// ---------------------------------------------------------------- small blocks

function info_of(block: u32): u32 {
  return infos + INFO_BYTES * ((block - base) >> PAGE_SHIFT);
}

/** Puts a page first among those of its size that have free blocks. */
function link(slab: u32, info: u32): void {
  const next = load<u32>(slab);
  store<u32>(info, next, INFO_NEXT);
  store<u32>(info, 0, INFO_PREV);
  if (next) store<u32>(next, info, INFO_PREV);
  store<u32>(slab, info);
}

function unlink(slab: u32, info: u32): void {
  const next = load<u32>(info, INFO_NEXT);
  const prev = load<u32>(info, INFO_PREV);
  if (next) store<u32>(next, prev, INFO_PREV);
  if (prev) store<u32>(prev, next, INFO_NEXT);
  else store<u32>(slab, next);
}

/** Gives back the pages whose small blocks are all free. Whether there were any. */
function shrink(): bool {
  if (!empty_pages) return false;
  empty_pages = 0;
  for (let cls: u32 = 1; cls < CLASSES; cls++) {
    const slab = slabs + SLAB_BYTES * cls;
    let info = load<u32>(slab);
    while (info) {
      const next = load<u32>(info, INFO_NEXT);
      if (load<u32>(info, INFO_COUNT) == load<u32>(slab, SLAB_PER_PAGE)) {
        unlink(slab, info);
        pages_free(base + (((info - infos) / INFO_BYTES) << PAGE_SHIFT));
      }
      info = next;
    }
  }
  return true;
}

/** Cuts a new page into blocks: its INFO_*, or 0 when memory is full. */
function cut(slab: u32, size: u32): u32 {
  const page = pages_alloc_raw(PAGE_SIZE);
  if (!page) return 0;
  const info = info_of(page);
  let block: u32 = 0;
  for (let at: u32 = 0; at + size <= <u32>PAGE_SIZE; at += size) {
    store<u32>(page + at, block);
    block = page + at;
  }
  store<u32>(info, block, INFO_FREE);
  store<u32>(info, load<u32>(slab, SLAB_PER_PAGE), INFO_COUNT);
  link(slab, info);
  empty_pages++;
  return info;
}

/** A zeroed block of `bytes`; small ones (to 2048) are rounded up to 16, others to pages. 0 when memory is full. */
export function alloc(bytes: u32): u32 {
  if (bytes > 2048) return pages_alloc(bytes);
  const cls = (bytes + 15) >> 4;
  const slab = slabs + SLAB_BYTES * cls;
  let info = load<u32>(slab);
  if (!info) {
    info = cut(slab, cls << 4);
    if (!info) return 0;
  }
  const block = load<u32>(info, INFO_FREE);
  const count = load<u32>(info, INFO_COUNT) - 1;
  if (count + 1 == load<u32>(slab, SLAB_PER_PAGE)) empty_pages--;
  store<u32>(info, load<u32>(block), INFO_FREE);
  store<u32>(info, count, INFO_COUNT);
  if (!count) unlink(slab, info);
  // The engine's memory.fill is a call out of Wasm: 15 ns, where most blocks take a third of that in stores.
  if (cls > 16) memory.fill(block, 0, cls << 4);
  else {
    for (let at = block; at < block + (cls << 4); at += 16) {
      store<u64>(at, 0);
      store<u64>(at, 0, 8);
    }
  }
  return block;
}

/** Gives back what alloc(bytes) handed out. */
export function free(block: u32, bytes: u32): void {
  if (bytes > 2048) {
    pages_free(block);
    return;
  }
  const slab = slabs + SLAB_BYTES * ((bytes + 15) >> 4);
  const info = info_of(block);
  const count = load<u32>(info, INFO_COUNT) + 1;
  store<u32>(block, load<u32>(info, INFO_FREE));
  store<u32>(info, block, INFO_FREE);
  store<u32>(info, count, INFO_COUNT);
  if (count == 1) link(slab, info);
  if (count == load<u32>(slab, SLAB_PER_PAGE)) empty_pages++;
}
