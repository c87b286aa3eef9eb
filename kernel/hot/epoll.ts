/**
 * Epoll (man 7 epoll). An item sleeps on its file's wait queues; a wake-up puts it on the ready list, so epoll_wait costs the same
 * with any number of idle descriptors.
 */

import { EBADF, EEXIST, EFAULT, EINVAL, ELOOP, ENOENT, ENOMEM, EPERM } from "../abi/errno";
import {
  EPOLL_CTL_ADD,
  EPOLL_CTL_DEL,
  EPOLL_CTL_MOD,
  EPOLLERR,
  EPOLLET,
  EPOLLEXCLUSIVE,
  EPOLLHUP,
  EPOLLIN,
  EPOLLONESHOT,
  EPOLLOUT,
  EPOLLPRI,
  EPOLLRDBAND,
  EPOLLRDHUP,
  EPOLLRDNORM,
  EPOLLWRBAND,
  EPOLLWRNORM,
  POLLIN,
  POLLRDNORM,
} from "../abi/poll";
import { alloc, free, pages_left } from "./alloc";
import { fd_get, file_new } from "./files";
import {
  EPITEM_DATA,
  EPITEM_EPOLL,
  EPITEM_EVENTS,
  EPITEM_FD,
  EPITEM_FILE,
  EPITEM_FILE_NEXT,
  EPITEM_NEXT,
  EPITEM_ON_READY,
  EPITEM_PREV,
  EPITEM_READY_NEXT,
  EPITEM_SIZE,
  EPOLL_FILE,
  EPOLL_ITEMS,
  EPOLL_READY,
  EPOLL_READY_TAIL,
  EPOLL_SIZE,
  EPOLL_WQ,
  FB_PATH,
  FB_READ,
  FILE_BITS,
  FILE_EPITEMS,
  FILE_KIND,
  FILE_OBJECT,
  FILE_WAITQ0,
  FILE_WAITQ1,
  KIND_EPOLL,
  KIND_SOCKET,
  SPARE_SHARE,
  TASK_FILES,
} from "./layout";
import { file_poll } from "./poll";
import { BOUNCE, copy_in, copy_out, user_ok } from "./user";
import { wait_add_item, wait_clear_item, waitq_drain, waitq_init, wake_queue } from "./wait";

const O_RDWR: u32 = 2;
/** Epolls in epolls (linux/fs/eventpoll.c: EP_MAX_NESTS). */
const MAX_NEST: i32 = 4;
const MODES: u32 = <u32>(EPOLLET | EPOLLONESHOT | EPOLLEXCLUSIVE) | 0x20000000; // EPOLLWAKEUP

/** What a socket's two queues are woken for. */
const READS: u32 = <u32>(EPOLLIN | EPOLLRDNORM | EPOLLRDBAND | EPOLLPRI | EPOLLRDHUP);
const WRITES: u32 = <u32>(EPOLLOUT | EPOLLWRNORM | EPOLLWRBAND);

/** What may go with EPOLLEXCLUSIVE (man 2 epoll_ctl). */
const EXCLUSIVE_OK: u32 = <u32>(EPOLLIN | EPOLLOUT | EPOLLERR | EPOLLHUP | EPOLLET | EPOLLEXCLUSIVE) | 0x20000000; // EPOLLWAKEUP

export function epoll_new(flags: u32): u32 {
  const epoll = alloc(EPOLL_SIZE);
  if (!epoll) return 0;
  const file = file_new(KIND_EPOLL, O_RDWR | flags, FB_READ);
  if (!file) {
    free(epoll, EPOLL_SIZE);
    return 0;
  }
  waitq_init(epoll + EPOLL_WQ);
  store<u32>(epoll, file, EPOLL_FILE);
  store<u32>(file, epoll, FILE_OBJECT);
  store<u32>(file, epoll + EPOLL_WQ, FILE_WAITQ0);
  return file;
}

export function epoll_release(epoll: u32): void {
  while (load<u32>(epoll, EPOLL_ITEMS)) remove(load<u32>(epoll, EPOLL_ITEMS));
  waitq_drain(epoll + EPOLL_WQ);
  free(epoll, EPOLL_SIZE);
}

/** The last reference to a watched file is going away: so do the items that watch it. */
export function epoll_file_gone(file: u32): void {
  while (load<u32>(file, FILE_EPITEMS)) remove(load<u32>(file, FILE_EPITEMS));
}

function ready_push(epoll: u32, item: u32): void {
  if (load<u32>(item, EPITEM_ON_READY)) return;
  store<u32>(item, 1, EPITEM_ON_READY);
  store<u32>(item, 0, EPITEM_READY_NEXT);
  const tail = load<u32>(epoll, EPOLL_READY_TAIL);
  if (tail) store<u32>(tail, item, EPITEM_READY_NEXT);
  else store<u32>(epoll, item, EPOLL_READY);
  store<u32>(epoll, item, EPOLL_READY_TAIL);
}

function ready_remove(epoll: u32, item: u32): void {
  if (!load<u32>(item, EPITEM_ON_READY)) return;
  store<u32>(item, 0, EPITEM_ON_READY);
  let previous: u32 = 0;
  let at = load<u32>(epoll, EPOLL_READY);
  while (at != item) {
    previous = at;
    at = load<u32>(at, EPITEM_READY_NEXT);
  }
  const next = load<u32>(item, EPITEM_READY_NEXT);
  if (previous) store<u32>(previous, next, EPITEM_READY_NEXT);
  else store<u32>(epoll, next, EPOLL_READY);
  if (!next) store<u32>(epoll, previous, EPOLL_READY_TAIL);
}

/** A wait queue that the item sleeps on was woken. `key`: for which EPOLL*, 0 for whatever happens. */
export function epoll_item_ready(item: u32, key: u32): void {
  const epoll = load<u32>(item, EPITEM_EPOLL);
  const events = load<u32>(item, EPITEM_EVENTS);
  if (!(events & ~MODES)) return; // disabled by EPOLLONESHOT
  // One side's news are no edge for who watches the other side alone. What concerns both, an end or an error, wakes both queues.
  if (key && events & (READS | WRITES) && !(events & key)) return;
  ready_push(epoll, item);
  wake_queue(epoll + EPOLL_WQ, 1);
}

function remove(item: u32): void {
  const epoll = load<u32>(item, EPITEM_EPOLL);
  ready_remove(epoll, item);
  wait_clear_item(item);
  const next = load<u32>(item, EPITEM_NEXT);
  const prev = load<u32>(item, EPITEM_PREV);
  if (prev) store<u32>(prev, next, EPITEM_NEXT);
  else store<u32>(epoll, next, EPOLL_ITEMS);
  if (next) store<u32>(next, prev, EPITEM_PREV);
  let at = load<u32>(item, EPITEM_FILE) + FILE_EPITEMS;
  while (load<u32>(at) != item) at = load<u32>(at) + EPITEM_FILE_NEXT;
  store<u32>(at, load<u32>(item, EPITEM_FILE_NEXT));
  free(item, EPITEM_SIZE);
}

function find(file: u32, epoll: u32, fd: i32): u32 {
  let item = load<u32>(file, FILE_EPITEMS);
  while (item && (load<u32>(item, EPITEM_EPOLL) != epoll || load<i32>(item, EPITEM_FD) != fd)) {
    item = load<u32>(item, EPITEM_FILE_NEXT);
  }
  return item;
}

/** Whether `epoll` can be reached from the epoll `from` by watching, or the chain is too long. */
function loops(from: u32, epoll: u32, depth: i32): bool {
  if (from == epoll || depth > MAX_NEST) return true;
  for (let item = load<u32>(from, EPOLL_ITEMS); item; item = load<u32>(item, EPITEM_NEXT)) {
    const file = load<u32>(item, EPITEM_FILE);
    if (load<u32>(file, FILE_KIND) == KIND_EPOLL && loops(load<u32>(file, FILE_OBJECT), epoll, depth + 1)) return true;
  }
  return false;
}

export function sys_epoll_ctl(task: u32, epfd: u32, op: i32, fd: i32, event: u32): i64 {
  const files = load<u32>(task, TASK_FILES);
  let events: u32 = 0;
  let data: u64 = 0;
  if (op != EPOLL_CTL_DEL) {
    if (!copy_in(task, BOUNCE, event, 12)) return -EFAULT;
    events = load<u32>(BOUNCE);
    data = load<u64>(BOUNCE, 4);
  }
  const epfile = fd_get(files, epfd);
  const file = fd_get(files, fd);
  if (!epfile || !file || load<u32>(file, FILE_BITS) & FB_PATH) return -EBADF;
  if (!load<u32>(file, FILE_WAITQ0) && !load<u32>(file, FILE_WAITQ1)) return -EPERM;
  if (epfile == file || load<u32>(epfile, FILE_KIND) != KIND_EPOLL) return -EINVAL;
  const epoll = load<u32>(epfile, FILE_OBJECT);
  const nested = load<u32>(file, FILE_KIND) == KIND_EPOLL;
  if (events & EPOLLEXCLUSIVE) {
    if (op == EPOLL_CTL_MOD || nested || events & ~EXCLUSIVE_OK) return -EINVAL;
  }
  let item = find(file, epoll, fd);
  if (op == EPOLL_CTL_ADD) {
    if (item) return -EEXIST;
    if (nested && loops(load<u32>(file, FILE_OBJECT), epoll, 1)) return -ELOOP;
    item = pages_left(0, SPARE_SHARE) ? alloc(EPITEM_SIZE) : 0;
    if (!item) return -ENOMEM;
    store<u32>(item, epoll, EPITEM_EPOLL);
    store<u32>(item, file, EPITEM_FILE);
    store<i32>(item, fd, EPITEM_FD);
    const first = load<u32>(epoll, EPOLL_ITEMS);
    store<u32>(item, first, EPITEM_NEXT);
    if (first) store<u32>(first, item, EPITEM_PREV);
    store<u32>(epoll, item, EPOLL_ITEMS);
    store<u32>(item, load<u32>(file, FILE_EPITEMS), EPITEM_FILE_NEXT);
    store<u32>(file, item, FILE_EPITEMS);
    const q0 = load<u32>(file, FILE_WAITQ0);
    const q1 = load<u32>(file, FILE_WAITQ1);
    const sides = load<u32>(file, FILE_KIND) == KIND_SOCKET;
    if (q0) wait_add_item(item, q0, sides ? READS : 0);
    if (q1) wait_add_item(item, q1, sides ? WRITES : 0);
  } else if (op == EPOLL_CTL_MOD) {
    if (!item) return -ENOENT;
    if (load<u32>(item, EPITEM_EVENTS) & EPOLLEXCLUSIVE) return -EINVAL;
    ready_remove(epoll, item);
  } else if (op == EPOLL_CTL_DEL) {
    if (!item) return -ENOENT;
    remove(item);
    return 0;
  } else return -EINVAL;
  store<u32>(item, events | EPOLLERR | EPOLLHUP, EPITEM_EVENTS);
  store<u64>(item, data, EPITEM_DATA);
  if (file_poll(file) & load<u32>(item, EPITEM_EVENTS)) epoll_item_ready(item, 0);
  return 0;
}

/** Writes up to `max` ready events to the user; their number, or -EFAULT. */
export function epoll_collect(epoll: u32, task: u32, events: u32, max: i32): i32 {
  let count = 0;
  // Items that stay ready (level-triggered) go back to the tail: one round over what is there now.
  const last = load<u32>(epoll, EPOLL_READY_TAIL);
  let item = load<u32>(epoll, EPOLL_READY);
  let done = !item;
  while (!done && count < max) {
    done = item == last;
    const next = load<u32>(item, EPITEM_READY_NEXT);
    ready_remove(epoll, item);
    const wanted = load<u32>(item, EPITEM_EVENTS);
    const mask = <u32>file_poll(load<u32>(item, EPITEM_FILE)) & wanted & ~MODES;
    if (mask) {
      store<u32>(BOUNCE, mask);
      store<u64>(BOUNCE, load<u64>(item, EPITEM_DATA), 4);
      if (!copy_out(task, events + 12 * count, BOUNCE, 12)) {
        ready_push(epoll, item);
        return count ? count : -EFAULT;
      }
      count++;
      if (wanted & EPOLLONESHOT) store<u32>(item, wanted & MODES, EPITEM_EVENTS);
      else if (!(wanted & EPOLLET)) ready_push(epoll, item);
    }
    item = next;
  }
  return count;
}

/** The epoll of a descriptor for epoll_wait, after its checks; or -errno. */
export function epoll_of(task: u32, epfd: u32, events: u32, max: i32): i32 {
  if (max <= 0 || max > i32.MAX_VALUE / 12) return -EINVAL;
  if (!user_ok(task, events, 12 * max)) return -EFAULT;
  const file = fd_get(load<u32>(task, TASK_FILES), epfd);
  if (!file) return -EBADF;
  if (load<u32>(file, FILE_KIND) != KIND_EPOLL) return -EINVAL;
  return load<u32>(file, FILE_OBJECT);
}

/** An epoll file is readable while an item of it is ready. */
export function epoll_poll(epoll: u32): i32 {
  for (let item = load<u32>(epoll, EPOLL_READY); item; item = load<u32>(item, EPITEM_READY_NEXT)) {
    if (<u32>file_poll(load<u32>(item, EPITEM_FILE)) & load<u32>(item, EPITEM_EVENTS) & ~MODES)
      return POLLIN | POLLRDNORM;
  }
  return 0;
}
