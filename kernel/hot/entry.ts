/**
 * The way in and out of the kernel. Each call has an export (generated from the syscall table into entries.ts) that tests the
 * task's WORK word, tries the hot handler, and returns: that is the fast way. Whatever is out of the ordinary goes through slow().
 */

import { EFBIG, EINTR, EPIPE } from "../abi/errno";
import { SIGPIPE, SIGXFSZ } from "../abi/signal";
import { dispatch_cold, dispatch_hot } from "./entries";
import { cold_expect_trap, cold_unwound, trace_enter, trace_exit } from "./imports";
import {
  CPU_COLD,
  ERESTARTNOHAND,
  ERESTARTSYS,
  RESULT_BLOCK,
  RESULT_COLD,
  RESULT_EFBIG,
  RESULT_EPIPE,
  RESULT_GONE,
  RESULT_SLEEP,
  RESULT_UNBLOCKED,
  RESULT_UNWIND,
  TASK_BLOCKED,
  TASK_NR,
  TASK_RESTARTED,
  TASK_RESULT,
  TASK_SAVED_MASK,
  TASK_WAKE,
  TASK_WORK,
  WAKE_EVENT,
  WORK_KILLED,
  WORK_RESTORE_MASK,
  WORK_REWIND,
  WORK_SIGNAL,
  WORK_STOPPED,
  WORK_TRACED,
} from "./layout";
import { current, preempt, set_work, sleep, sleep_uninterruptible } from "./sched";
import { clear_call, DELIVERED, DELIVERED_NONE, deliver, signal_recalc, signal_self } from "./signal";

/** Results at or below this are no results yet: ERESTART* and RESULT_*. */
export const SPECIAL: i64 = -512;
/** As `first`: the call has not been tried. */
export const NOT_TRIED: i64 = i64.MIN_VALUE;

/** Serves a call in the cold half, its arguments in the trap frame: the result, or a special one. */
function cold(task: u32, nr: i32): i64 {
  store<u32>(CPU_COLD, 1);
  const result = dispatch_cold(task, nr);
  store<u32>(CPU_COLD, 0);
  return result;
}

function dispatch(task: u32, nr: i32): i64 {
  const result = dispatch_hot(task, nr);
  return result == RESULT_COLD ? cold(task, nr) : result;
}

/** The slow way through a call whose arguments are in the trap frame. `first`: what the hot handler gave, or NOT_TRIED. */
export function slow(task: u32, nr: i32, first: i64): i64 {
  store<i32>(task, nr, TASK_NR);
  let result = first;
  if (first == NOT_TRIED) {
    const work = load<u32>(task, TASK_WORK);
    if (work & WORK_KILLED) unreachable();
    if (work & WORK_REWIND) {
      set_work(task, work & ~WORK_REWIND);
      result = load<i64>(task, TASK_RESULT);
    } else {
      if (work & (WORK_SIGNAL | WORK_STOPPED)) {
        deliver(task, 1);
        store<i32>(task, nr, TASK_NR);
      }
      if (work & WORK_TRACED) trace_enter(task);
      result = dispatch(task, nr);
    }
  } else if (result == RESULT_COLD) {
    result = cold(task, nr);
  }

  while (true) {
    if (result == RESULT_BLOCK) {
      store<u32>(task, load<u32>(task, TASK_RESTARTED) + 1, TASK_RESTARTED);
      sleep(task);
      if (load<u32>(task, TASK_WORK) & WORK_KILLED) unreachable();
      result = dispatch(task, nr);
      continue;
    }
    if (result == RESULT_SLEEP) {
      store<u32>(task, load<u32>(task, TASK_RESTARTED) + 1, TASK_RESTARTED);
      sleep_uninterruptible(task);
      if (load<u32>(task, TASK_WORK) & WORK_KILLED) unreachable();
      result = dispatch(task, nr);
      continue;
    }
    if (result == RESULT_UNWIND) return 0;
    if (result == RESULT_GONE) {
      // What an exec that waited left must not look like the next call's.
      clear_call(task);
      cold_expect_trap();
      unreachable();
    }
    if (result == RESULT_EPIPE) {
      signal_self(task, SIGPIPE);
      result = -EPIPE;
    } else if (result == RESULT_EFBIG) {
      signal_self(task, SIGXFSZ);
      result = -EFBIG;
    } else if (result == RESULT_UNBLOCKED) result = 0;
    const restarts = result == -ERESTARTSYS || result == -ERESTARTNOHAND;
    if (load<u32>(task, TASK_WORK) & ~WORK_TRACED) {
      const delivered = leave(task, restarts ? 1 : 0);
      if (restarts) {
        if (delivered == DELIVERED || (delivered != DELIVERED_NONE && result == -ERESTARTNOHAND)) result = -EINTR;
        else {
          // A handler that ran starts the call anew; a stop or an ignored signal lets it wait on, with its deadline.
          if (delivered != DELIVERED_NONE) clear_call(task);
          store<u32>(task, WAKE_EVENT, TASK_WAKE);
          result = dispatch(task, nr);
          continue;
        }
      }
    } else if (restarts) {
      store<u32>(task, WAKE_EVENT, TASK_WAKE);
      result = dispatch(task, nr);
      continue;
    }
    break;
  }
  if (load<u32>(task, TASK_WORK) & WORK_TRACED) trace_exit(task, <f64>result);
  if (load<u32>(task, TASK_RESTARTED)) clear_call(task);
  return result;
}

/**
 * Signals on the way out. A mask that the call had put in place for its own duration stays for the signal that interrupted it;
 * a call that succeeded gets its old mask back first, as in Linux. Gives DELIVERED_*.
 */
function leave(task: u32, interrupted: u32): i32 {
  const work = load<u32>(task, TASK_WORK);
  if (!interrupted && work & WORK_RESTORE_MASK) {
    set_work(task, work & ~WORK_RESTORE_MASK);
    store<u64>(task, load<u64>(task, TASK_SAVED_MASK), TASK_BLOCKED);
    signal_recalc(task);
  }
  return deliver(task, interrupted);
}

/** Where the loader's polls lead: the guest is interrupted between two instructions. */
export function poll(): void {
  const task = current;
  const work = load<u32>(task, TASK_WORK);
  if (work & WORK_KILLED) unreachable();
  if (work & (WORK_SIGNAL | WORK_STOPPED)) deliver(task, 0);
  preempt(task);
  const after = load<u32>(task, TASK_WORK);
  if (after & WORK_KILLED) unreachable();
  if (after & (WORK_SIGNAL | WORK_STOPPED)) deliver(task, 0);
}

/** Called by the root of a guest's stack that is unwound (the loader's `ring3:run`), which winds it up again on return. */
export function unwound(): void {
  const task = current;
  while (cold_unwound(task)) {
    sleep_uninterruptible(task);
    if (load<u32>(task, TASK_WORK) & WORK_KILLED) unreachable();
  }
  if (load<u32>(task, TASK_WORK) & WORK_KILLED) unreachable();
}
