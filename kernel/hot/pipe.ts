/**
 * Pipes and FIFOs (man 7 pipe): a ring of bytes, readers and writers counted, two wait queues.
 * The ring starts at one page and doubles up to the pipe's capacity, so idle pipes are cheap.
 */

import { EAGAIN, EBUSY, EINVAL, ENOMEM, EPIPE } from "../abi/errno";
import { POLLERR, POLLHUP, POLLIN, POLLOUT, POLLRDNORM, POLLWRNORM } from "../abi/poll";
import { alloc, free, pages_alloc_raw, pages_free, pages_left } from "./alloc";
import { file_new } from "./files";
import {
  FB_READ,
  FB_WRITE,
  FILE_OBJECT,
  FILE_WAITQ0,
  FILE_WAITQ1,
  KIND_PIPE,
  PAGE_SIZE,
  PIPE_ALLOC,
  PIPE_BUF,
  PIPE_BUFFER,
  PIPE_CAP,
  PIPE_DEFAULT,
  PIPE_HEAD,
  PIPE_LEN,
  PIPE_MAX,
  PIPE_READER_COUNT,
  PIPE_READERS,
  PIPE_REFS,
  PIPE_RQ,
  PIPE_SIZE,
  PIPE_WQ,
  PIPE_WRITER_COUNT,
  PIPE_WRITERS,
  SPARE_SHARE,
  TASK_RESTARTED,
} from "./layout";
import { copy_in_unchecked, copy_out_unchecked } from "./user";
import { waitq_drain, waitq_init, wake_queue } from "./wait";

const O_ACCMODE: u32 = 3;
const O_WRONLY: u32 = 1;
const O_RDWR: u32 = 2;
/** Pipes leave 1/16 of kernel memory free (see pages_left), but each has a page as long as there are descriptors: programs speak through it. */
const SHARE: u32 = 4;

export function pipe_new(): u32 {
  const pipe = alloc(PIPE_SIZE);
  if (!pipe) return 0;
  store<u32>(pipe, PIPE_DEFAULT, PIPE_CAP);
  store<u32>(pipe, 1, PIPE_REFS);
  waitq_init(pipe + PIPE_RQ);
  waitq_init(pipe + PIPE_WQ);
  return pipe;
}

export function pipe_put(pipe: u32): void {
  const refs = load<u32>(pipe, PIPE_REFS) - 1;
  store<u32>(pipe, refs, PIPE_REFS);
  if (refs) return;
  waitq_drain(pipe + PIPE_RQ);
  waitq_drain(pipe + PIPE_WQ);
  drop_ring(pipe);
  free(pipe, PIPE_SIZE);
}

function drop_ring(pipe: u32): void {
  if (load<u32>(pipe, PIPE_ALLOC)) pages_free(load<u32>(pipe, PIPE_BUFFER));
  store<u32>(pipe, 0, PIPE_ALLOC);
  store<u32>(pipe, 0, PIPE_HEAD);
  store<u32>(pipe, 0, PIPE_LEN);
}

export function pipe_open(pipe: u32, flags: u32): u32 {
  const mode = flags & O_ACCMODE;
  const bits = mode == O_RDWR ? FB_READ | FB_WRITE : mode == O_WRONLY ? FB_WRITE : FB_READ;
  const file = file_new(KIND_PIPE, flags, bits);
  if (!file) return 0;
  store<u32>(file, pipe, FILE_OBJECT);
  store<u32>(pipe, load<u32>(pipe, PIPE_REFS) + 1, PIPE_REFS);
  if (bits & FB_READ) {
    store<u32>(file, pipe + PIPE_RQ, FILE_WAITQ0);
    store<u32>(pipe, load<u32>(pipe, PIPE_READERS) + 1, PIPE_READERS);
    store<u32>(pipe, load<u32>(pipe, PIPE_READER_COUNT) + 1, PIPE_READER_COUNT);
  }
  if (bits & FB_WRITE) {
    store<u32>(file, pipe + PIPE_WQ, FILE_WAITQ1);
    store<u32>(pipe, load<u32>(pipe, PIPE_WRITERS) + 1, PIPE_WRITERS);
    store<u32>(pipe, load<u32>(pipe, PIPE_WRITER_COUNT) + 1, PIPE_WRITER_COUNT);
  }
  wake_queue(pipe + PIPE_RQ, i32.MAX_VALUE);
  wake_queue(pipe + PIPE_WQ, i32.MAX_VALUE);
  return file;
}

/** A description of the pipe, with these FB_* bits, is gone. */
export function pipe_close(pipe: u32, bits: u32): void {
  if (bits & FB_READ) store<u32>(pipe, load<u32>(pipe, PIPE_READERS) - 1, PIPE_READERS);
  if (bits & FB_WRITE) store<u32>(pipe, load<u32>(pipe, PIPE_WRITERS) - 1, PIPE_WRITERS);
  if (!load<u32>(pipe, PIPE_READERS) || !load<u32>(pipe, PIPE_WRITERS)) {
    wake_queue(pipe + PIPE_RQ, i32.MAX_VALUE);
    wake_queue(pipe + PIPE_WQ, i32.MAX_VALUE);
  }
  if (!load<u32>(pipe, PIPE_READERS) && !load<u32>(pipe, PIPE_WRITERS)) drop_ring(pipe);
  pipe_put(pipe);
}

/** Makes the ring `bytes` (a power of two) long, keeping what is in it. */
function set_ring(pipe: u32, bytes: u32): bool {
  const ring = pages_left(bytes, bytes == PAGE_SIZE ? SPARE_SHARE : SHARE) ? pages_alloc_raw(bytes) : 0;
  if (!ring) return false;
  const old = load<u32>(pipe, PIPE_ALLOC);
  const len = load<u32>(pipe, PIPE_LEN);
  if (old) {
    const from = load<u32>(pipe, PIPE_BUFFER);
    const head = load<u32>(pipe, PIPE_HEAD);
    const first = min<u32>(len, old - head);
    memory.copy(ring, from + head, first);
    memory.copy(ring + first, from, len - first);
    pages_free(from);
  }
  store<u32>(pipe, ring, PIPE_BUFFER);
  store<u32>(pipe, bytes, PIPE_ALLOC);
  store<u32>(pipe, 0, PIPE_HEAD);
  return true;
}

/** F_SETPIPE_SZ: the capacity, rounded up to a power of two of pages. Gives it, or -EBUSY, -EINVAL, -ENOMEM. */
export function pipe_resize(pipe: u32, bytes: u32): i32 {
  if (bytes > <u32>PIPE_MAX) return -EINVAL;
  let cap: u32 = PAGE_SIZE;
  while (cap < bytes) cap <<= 1;
  if (cap < load<u32>(pipe, PIPE_LEN)) return -EBUSY;
  if (load<u32>(pipe, PIPE_ALLOC) > cap && !set_ring(pipe, cap)) return -ENOMEM;
  store<u32>(pipe, cap, PIPE_CAP);
  wake_queue(pipe + PIPE_WQ, i32.MAX_VALUE);
  return cap;
}

function ring_in(pipe: u32, task: u32, src: u32, at: u32, bytes: u32): void {
  const to = load<u32>(pipe, PIPE_BUFFER) + at;
  if (task) copy_in_unchecked(task, to, src, bytes);
  else memory.copy(to, src, bytes);
}

function ring_out(pipe: u32, task: u32, dst: u32, at: u32, bytes: u32): void {
  const from = load<u32>(pipe, PIPE_BUFFER) + at;
  if (task) copy_out_unchecked(task, dst, from, bytes);
  else memory.copy(dst, from, bytes);
}

/** Bytes that a write can put in now. */
export function pipe_space(pipe: u32): u32 {
  return load<u32>(pipe, PIPE_CAP) - load<u32>(pipe, PIPE_LEN);
}

/**
 * Puts in as much as fits now, from the user of `task` (checked) or kernel memory (task 0).
 * At most PIPE_BUF bytes go in whole or not at all. Bytes, or -EAGAIN, -EPIPE, -ENOMEM.
 */
export function pipe_write(pipe: u32, task: u32, src: u32, bytes: u32): i32 {
  if (!load<u32>(pipe, PIPE_READERS)) return -EPIPE;
  const space = pipe_space(pipe);
  if (space < bytes && (space == 0 || bytes <= <u32>PIPE_BUF)) return -EAGAIN;
  const count = min(space, bytes);
  const len = load<u32>(pipe, PIPE_LEN);
  let ring = load<u32>(pipe, PIPE_ALLOC);
  if (len + count > ring) {
    let larger = ring ? ring : PAGE_SIZE;
    while (larger < len + count) larger <<= 1;
    if (!set_ring(pipe, larger)) return -ENOMEM;
    ring = larger;
  }
  const at = (load<u32>(pipe, PIPE_HEAD) + len) & (ring - 1);
  const first = min<u32>(count, ring - at);
  ring_in(pipe, task, src, at, first);
  if (first < count) ring_in(pipe, task, src + first, 0, count - first);
  store<u32>(pipe, len + count, PIPE_LEN);
  wake_queue(pipe + PIPE_RQ, 1);
  return count;
}

/** Takes out what is there, to the user (checked) or kernel memory. Bytes, 0 at end of file, -EAGAIN. */
export function pipe_read(pipe: u32, task: u32, dst: u32, bytes: u32): i32 {
  const len = load<u32>(pipe, PIPE_LEN);
  if (!len) return load<u32>(pipe, PIPE_WRITERS) ? -EAGAIN : 0;
  const count = min(len, bytes);
  const ring = load<u32>(pipe, PIPE_ALLOC);
  const head = load<u32>(pipe, PIPE_HEAD);
  const first = min<u32>(count, ring - head);
  ring_out(pipe, task, dst, head, first);
  if (first < count) ring_out(pipe, task, dst + first, 0, count - first);
  store<u32>(pipe, len - count, PIPE_LEN);
  store<u32>(pipe, len == count ? 0 : (head + count) & (ring - 1), PIPE_HEAD);
  wake_queue(pipe + PIPE_WQ, 1);
  // What is left is for the next reader: the exclusive wake-up reached only this one.
  if (len > count && task && load<u32>(task, TASK_RESTARTED)) wake_queue(pipe + PIPE_RQ, 1);
  return count;
}

export function pipe_write_kernel(pipe: u32, ksrc: u32, bytes: u32): i32 {
  return pipe_write(pipe, 0, ksrc, bytes);
}

export function pipe_read_kernel(pipe: u32, kdst: u32, bytes: u32): i32 {
  return pipe_read(pipe, 0, kdst, bytes);
}

/** Readiness as poll(2) shows it, for a description with these FB_* bits. */
export function pipe_poll(pipe: u32, bits: u32): i32 {
  let mask = 0;
  if (bits & FB_READ) {
    if (load<u32>(pipe, PIPE_LEN)) mask |= POLLIN | POLLRDNORM;
    if (!load<u32>(pipe, PIPE_WRITERS) && load<u32>(pipe, PIPE_WRITER_COUNT)) mask |= POLLHUP;
  }
  if (bits & FB_WRITE) {
    if (pipe_space(pipe) >= <u32>PIPE_BUF) mask |= POLLOUT | POLLWRNORM;
    if (!load<u32>(pipe, PIPE_READERS)) mask |= POLLERR;
  }
  return mask;
}
