/** Eventfd objects (man 2 eventfd): a 64-bit counter with a wait queue. */

import { EAGAIN, EFAULT, EINVAL } from "../abi/errno";
import { POLLERR, POLLIN, POLLOUT, POLLRDNORM, POLLWRNORM } from "../abi/poll";
import { alloc, free } from "./alloc";
import { file_new } from "./files";
import {
  EVENTFD_COUNT,
  EVENTFD_SEMAPHORE,
  EVENTFD_SIZE,
  EVENTFD_WQ,
  FB_READ,
  FB_WRITE,
  FILE_OBJECT,
  FILE_WAITQ0,
  KIND_EVENTFD,
} from "./layout";
import { BOUNCE, copy_in, copy_out } from "./user";
import { waitq_drain, waitq_init, wake_queue } from "./wait";

const O_RDWR: u32 = 2;
const MAX: u64 = u64.MAX_VALUE - 1;

/** A new eventfd's open file description; 0 when memory is full. */
export function eventfd_new(count: u32, semaphore: u32, flags: u32): u32 {
  const event = alloc(EVENTFD_SIZE);
  if (!event) return 0;
  const file = file_new(KIND_EVENTFD, O_RDWR | flags, FB_READ | FB_WRITE);
  if (!file) {
    free(event, EVENTFD_SIZE);
    return 0;
  }
  store<u64>(event, count, EVENTFD_COUNT);
  store<u32>(event, semaphore, EVENTFD_SEMAPHORE);
  waitq_init(event + EVENTFD_WQ);
  store<u32>(file, event, FILE_OBJECT);
  store<u32>(file, event + EVENTFD_WQ, FILE_WAITQ0);
  return file;
}

export function eventfd_free(event: u32): void {
  waitq_drain(event + EVENTFD_WQ);
  free(event, EVENTFD_SIZE);
}

/** 8, or -EAGAIN where it would block, -EINVAL, -EFAULT. */
export function eventfd_read(event: u32, task: u32, dst: u32, bytes: u32): i64 {
  if (bytes < 8) return -EINVAL;
  const count = load<u64>(event, EVENTFD_COUNT);
  if (!count) return -EAGAIN;
  const taken: u64 = load<u32>(event, EVENTFD_SEMAPHORE) ? 1 : count;
  store<u64>(BOUNCE, taken);
  if (!copy_out(task, dst, BOUNCE, 8)) return -EFAULT;
  store<u64>(event, count - taken, EVENTFD_COUNT);
  wake_queue(event + EVENTFD_WQ, i32.MAX_VALUE);
  return 8;
}

export function eventfd_write(event: u32, task: u32, src: u32, bytes: u32): i64 {
  if (bytes < 8) return -EINVAL;
  if (!copy_in(task, BOUNCE, src, 8)) return -EFAULT;
  const added = load<u64>(BOUNCE);
  if (added > MAX) return -EINVAL;
  const count = load<u64>(event, EVENTFD_COUNT);
  if (MAX - count < added) return -EAGAIN;
  store<u64>(event, count + added, EVENTFD_COUNT);
  if (added) wake_queue(event + EVENTFD_WQ, i32.MAX_VALUE);
  return 8;
}

export function eventfd_poll(event: u32): i32 {
  const count = load<u64>(event, EVENTFD_COUNT);
  let mask = 0;
  if (count > 0) mask |= POLLIN | POLLRDNORM;
  if (count < MAX) mask |= POLLOUT | POLLWRNORM;
  if (count == u64.MAX_VALUE) mask |= POLLERR;
  return mask;
}
