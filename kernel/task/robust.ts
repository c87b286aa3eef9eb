/** Robust futexes (man 2 get_robust_list): what a task that ends still holds is marked, and a waiter is woken. */
import { FUTEX_OWNER_DIED, FUTEX_TID_MASK, FUTEX_WAITERS, ROBUST_LIST_LIMIT } from "../abi/futex.ts";
import { SysError } from "../errors.ts";
import type { Task } from "./task.ts";

function release(t: Task, address: number): void {
  const word = t.mm.u32(address);
  if ((word & FUTEX_TID_MASK) !== t.tid) return;
  t.mm.setU32(address, ((word & FUTEX_WAITERS) | FUTEX_OWNER_DIED) >>> 0);
  if (word & FUTEX_WAITERS) t.kernel.hot.futex_wake_address(t.mm.ptr, address, 1);
}

/** Walks the list: head, 64-bit offset from entry to futex word, pending entry. A broken list ends the walk. */
export function releaseRobustFutexes(t: Task): void {
  const head = t.robustList;
  t.robustList = 0;
  if (head === 0) return;
  try {
    const offset = t.mm.i32(head + 8);
    const pending = t.mm.u32(head + 16);
    let entry = t.mm.u32(head);
    for (let i = 0; entry !== head && entry !== 0 && i < ROBUST_LIST_LIMIT; i++) {
      const next = t.mm.u32(entry);
      if (entry !== pending) release(t, entry + offset);
      entry = next;
    }
    if (pending) release(t, pending + offset);
  } catch (error) {
    if (!(error instanceof SysError)) throw error;
  }
}
