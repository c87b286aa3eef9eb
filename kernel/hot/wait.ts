/** Wait queues: lists of sleepers in kernel memory, so that either half can wake. A sleeper is a task or an epoll item. */
import { alloc, free } from "./alloc";
import { epoll_item_ready } from "./epoll";
import {
  EPITEM_WAITS,
  TASK_WAIT,
  TASK_WAITS,
  WAIT_EPITEM,
  WAIT_EXCLUSIVE,
  WAIT_KEY,
  WAIT_KIND,
  WAIT_NEXT,
  WAIT_OWNER,
  WAIT_PREV,
  WAIT_SIBLING,
  WAIT_SIZE,
  WAKE_EVENT,
} from "./layout";
import { wake_task } from "./sched";

export function waitq_init(queue: u32): void {
  store<u32>(queue, queue, WAIT_NEXT);
  store<u32>(queue, queue, WAIT_PREV);
}

function add(entry: u32, owner: u32, list: u32, queue: u32, kind: u32): void {
  store<u32>(entry, owner, WAIT_OWNER);
  store<u32>(entry, kind, WAIT_KIND);
  store<u32>(entry, load<u32>(list), WAIT_SIBLING);
  store<u32>(list, entry);
  const last = load<u32>(queue, WAIT_PREV);
  store<u32>(entry, queue, WAIT_NEXT);
  store<u32>(entry, last, WAIT_PREV);
  store<u32>(last, entry, WAIT_NEXT);
  store<u32>(queue, entry, WAIT_PREV);
}

/** Empties an owner's list. `inner`: the entry that is part of the owner. */
function clear(list: u32, inner: u32): void {
  let entry = load<u32>(list);
  while (entry) {
    const next = load<u32>(entry, WAIT_NEXT);
    const prev = load<u32>(entry, WAIT_PREV);
    store<u32>(next, prev, WAIT_PREV);
    store<u32>(prev, next, WAIT_NEXT);
    const sibling = load<u32>(entry, WAIT_SIBLING);
    if (entry != inner) free(entry, WAIT_SIZE);
    entry = sibling;
  }
  store<u32>(list, 0);
}

/** The task will be woken by this queue. `kind`: WAIT_TASK or WAIT_EXCLUSIVE. */
export function wait_add(task: u32, queue: u32, kind: u32): void {
  const entry = load<u32>(task, TASK_WAITS) ? alloc(WAIT_SIZE) : task + TASK_WAIT;
  if (entry) add(entry, task, task + TASK_WAITS, queue, kind);
}

/** Takes the task off all queues. */
export function wait_clear(task: u32): void {
  if (load<u32>(task, TASK_WAITS)) clear(task + TASK_WAITS, task + TASK_WAIT);
}

/** The epoll item will be told by this queue. `key`: EPOLL* that the queue is woken for; 0 for whatever happens. */
export function wait_add_item(item: u32, queue: u32, key: u32): void {
  const entry = alloc(WAIT_SIZE);
  if (!entry) return;
  add(entry, item, item + EPITEM_WAITS, queue, WAIT_EPITEM);
  store<u32>(entry, key, WAIT_KEY);
}

export function wait_clear_item(item: u32): void {
  clear(item + EPITEM_WAITS, 0);
}

/** Wakes all on a queue, but of the exclusive sleepers at most `exclusive`. Gives how many tasks it woke. */
export function wake_queue(queue: u32, exclusive: i32): i32 {
  let woken = 0;
  let entry = load<u32>(queue, WAIT_NEXT);
  while (entry != queue) {
    const next = load<u32>(entry, WAIT_NEXT);
    const kind = load<u32>(entry, WAIT_KIND);
    const owner = load<u32>(entry, WAIT_OWNER);
    if (kind == WAIT_EPITEM) {
      epoll_item_ready(owner, load<u32>(entry, WAIT_KEY));
    } else if (kind != WAIT_EXCLUSIVE || exclusive > 0) {
      // One that was woken before and has not run yet does not use up the wake-up.
      if (wake_task(owner, WAKE_EVENT)) {
        woken++;
        if (kind == WAIT_EXCLUSIVE) exclusive--;
      }
    }
    entry = next;
  }
  return woken;
}

/** Before a queue's memory is freed (another thread closed the file): its sleepers are woken and linked to nothing but themselves. */
export function waitq_drain(queue: u32): void {
  let entry = load<u32>(queue, WAIT_NEXT);
  while (entry != queue) {
    const next = load<u32>(entry, WAIT_NEXT);
    waitq_init(entry);
    if (load<u32>(entry, WAIT_KIND) != WAIT_EPITEM) wake_task(load<u32>(entry, WAIT_OWNER), WAKE_EVENT);
    entry = next;
  }
  waitq_init(queue);
}
