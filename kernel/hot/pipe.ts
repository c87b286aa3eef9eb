/** Pipes and FIFOs (man 7 pipe): a ring of bytes, readers and writers counted, two wait queues. */

import { EAGAIN, EBUSY, EINVAL, ENOMEM, EPIPE } from "../abi/errno";
import { POLLERR, POLLHUP, POLLIN, POLLOUT, POLLRDNORM, POLLWRNORM } from "../abi/poll";
import { alloc, free } from "./alloc";
import { file_new } from "./files";
import {
  FB_READ,
  FB_WRITE,
  FILE_OBJECT,
  FILE_WAITQ0,
  FILE_WAITQ1,
  KIND_PIPE,
  PAGE_SIZE,
  PIPE_BUF,
  PIPE_DEFAULT,
  PIPE_MAX,
  PIPE_READER_COUNT,
  PIPE_READERS,
  PIPE_REFS,
  PIPE_RQ,
  PIPE_SIZE,
  PIPE_WQ,
  PIPE_WRITER_COUNT,
  PIPE_WRITERS,
  RING_ALLOC,
  RING_CAP,
  RING_LEN,
  TASK_RESTARTED,
} from "./layout";
import { ring_copy, ring_drop, ring_put, ring_reserve, ring_resize, ring_skip, ring_space } from "./ring";
import { waitq_drain, waitq_init, wake_queue } from "./wait";

const O_ACCMODE: u32 = 3;
const O_WRONLY: u32 = 1;
const O_RDWR: u32 = 2;

export function pipe_new(): u32 {
  const pipe = alloc(PIPE_SIZE);
  if (!pipe) return 0;
  store<u32>(pipe, PIPE_DEFAULT, RING_CAP);
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
  ring_drop(pipe);
  free(pipe, PIPE_SIZE);
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
  if (!load<u32>(pipe, PIPE_READERS) && !load<u32>(pipe, PIPE_WRITERS)) ring_drop(pipe);
  pipe_put(pipe);
}

/** F_SETPIPE_SZ: the capacity, rounded up to a power of two of pages. Gives it, or -EBUSY, -EINVAL, -ENOMEM. */
export function pipe_resize(pipe: u32, bytes: u32): i32 {
  if (bytes > <u32>PIPE_MAX) return -EINVAL;
  let cap: u32 = PAGE_SIZE;
  while (cap < bytes) cap <<= 1;
  if (cap < load<u32>(pipe, RING_LEN)) return -EBUSY;
  if (load<u32>(pipe, RING_ALLOC) > cap && !ring_resize(pipe, cap)) return -ENOMEM;
  store<u32>(pipe, cap, RING_CAP);
  wake_queue(pipe + PIPE_WQ, i32.MAX_VALUE);
  return cap;
}

/**
 * Puts in as much as fits now, from the user of `task` (checked) or kernel memory (task 0).
 * At most PIPE_BUF bytes go in whole or not at all. Bytes, or -EAGAIN, -EPIPE, -ENOMEM.
 */
export function pipe_write(pipe: u32, task: u32, src: u32, bytes: u32): i32 {
  if (!load<u32>(pipe, PIPE_READERS)) return -EPIPE;
  const space = ring_space(pipe);
  if (space < bytes && (space == 0 || bytes <= <u32>PIPE_BUF)) return -EAGAIN;
  const count = min(space, bytes);
  if (!ring_reserve(pipe, load<u32>(pipe, RING_LEN) + count)) return -ENOMEM;
  ring_put(pipe, task, src, count);
  wake_queue(pipe + PIPE_RQ, 1);
  return count;
}

/** Takes out what is there, to the user (checked) or kernel memory. Bytes, 0 at end of file, -EAGAIN. */
export function pipe_read(pipe: u32, task: u32, dst: u32, bytes: u32): i32 {
  const len = load<u32>(pipe, RING_LEN);
  if (!len) return load<u32>(pipe, PIPE_WRITERS) ? -EAGAIN : 0;
  const count = min(len, bytes);
  ring_copy(pipe, task, dst, 0, count);
  ring_skip(pipe, count);
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
    if (load<u32>(pipe, RING_LEN)) mask |= POLLIN | POLLRDNORM;
    if (!load<u32>(pipe, PIPE_WRITERS) && load<u32>(pipe, PIPE_WRITER_COUNT)) mask |= POLLHUP;
  }
  if (bits & FB_WRITE) {
    if (ring_space(pipe) >= <u32>PIPE_BUF) mask |= POLLOUT | POLLWRNORM;
    if (!load<u32>(pipe, PIPE_READERS)) mask |= POLLERR;
  }
  return mask;
}
