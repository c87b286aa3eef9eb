/**
 * Signals (man 7 signal): sending, masks, and delivery to handlers in the guest.
 *
 * A handler runs on top of the interrupted stack: the hot half calls the image's `ring3:signal` stub, which calls the function
 * table entry. So a handler can block, make calls, be interrupted, leave by longjmp (an exception passes through the frames here:
 * nothing in them may need cleaning up) or end the process.
 */

import { EAGAIN, EFAULT, EINVAL } from "../abi/errno";
import {
  SA_NODEFER,
  SA_ONSTACK,
  SA_RESETHAND,
  SA_RESTART,
  SA_SIGINFO,
  SIG_BLOCK,
  SIG_SETMASK,
  SIG_UNBLOCK,
  SIGCHLD,
  SIGCONT,
  SIGKILL,
  SIGSEGV,
  SS_AUTODISARM,
  SS_DISABLE,
} from "../abi/signal";
import { alloc, free } from "./alloc";
import { cold_default_action, trace_signal } from "./imports";
import {
  ACTION_FLAGS,
  ACTION_HANDLER,
  ACTION_MASK,
  ACTION_SIZE,
  PF_INIT,
  POLL_FLAG,
  PROC_FLAGS,
  PROC_PENDING,
  PROC_SIGQUEUE,
  PROC_SIGQUEUE_LEN,
  PROC_TASKS,
  PROC_UID,
  RESULT_UNBLOCKED,
  SIGHAND_ACTIONS,
  SIGHAND_REFS,
  SIGHAND_SIZE,
  SIGINFO_CODE,
  SIGINFO_NEXT,
  SIGINFO_PID,
  SIGINFO_SIGNO,
  SIGINFO_SIZE,
  SIGINFO_STATUS,
  SIGINFO_STIME,
  SIGINFO_UID,
  SIGINFO_UTIME,
  SIGINFO_VALUE,
  STATE_DEAD,
  STATE_SLEEPING,
  STATE_STOPPED,
  STATE_ZOMBIE,
  TASK_ALTSTACK_FLAGS,
  TASK_ALTSTACK_SIZE,
  TASK_ALTSTACK_SP,
  TASK_ARGS,
  TASK_BLOCKED,
  TASK_DEADLINE,
  TASK_HANDLER_SP,
  TASK_NEXT_THREAD,
  TASK_NR,
  TASK_PENDING,
  TASK_PROC,
  TASK_RESTARTED,
  TASK_SAVED_MASK,
  TASK_SCRATCH,
  TASK_SIGHAND,
  TASK_SIGNAL_STUB,
  TASK_SIGQUEUE,
  TASK_STATE,
  TASK_TGID,
  TASK_WORK,
  WAKE_SIGNAL,
  WORK_KILLED,
  WORK_RESTORE_MASK,
  WORK_SIGNAL,
  WORK_STOPPED,
  WORK_TRACED,
} from "./layout";
import { set_work, sleep_stopped, wake_task } from "./sched";
import { BOUNCE, copy_in, copy_out } from "./user";

/** Queued siginfos a process may have: RLIMIT_SIGPENDING's usual order of magnitude. */
const QUEUE_MAX: u32 = 4096;
const SIG_DFL: u32 = 0;
const SIG_IGN: u32 = 1;

function bit(signo: i32): u64 {
  return (<u64>1) << (signo - 1);
}

/** SIGKILL and SIGSTOP can not be blocked. */
export const UNBLOCKABLE: u64 = ((<u64>1) << 8) | ((<u64>1) << 18);
const STOPS: u64 = ((<u64>1) << 18) | ((<u64>1) << 19) | ((<u64>1) << 20) | ((<u64>1) << 21);
const IGNORED_BY_DEFAULT: u64 = ((<u64>1) << 16) | ((<u64>1) << 17) | ((<u64>1) << 22) | ((<u64>1) << 27);

// ---------------------------------------------------------------- actions

export function sighand_new(): u32 {
  const sighand = alloc(SIGHAND_SIZE);
  if (sighand) store<u32>(sighand, 1, SIGHAND_REFS);
  return sighand;
}

export function sighand_clone(sighand: u32): u32 {
  const copy = alloc(SIGHAND_SIZE);
  if (!copy) return 0;
  memory.copy(copy, sighand, SIGHAND_SIZE);
  store<u32>(copy, 1, SIGHAND_REFS);
  return copy;
}

export function sighand_ref(sighand: u32): void {
  store<u32>(sighand, load<u32>(sighand, SIGHAND_REFS) + 1, SIGHAND_REFS);
}

export function sighand_put(sighand: u32): void {
  const refs = load<u32>(sighand, SIGHAND_REFS) - 1;
  store<u32>(sighand, refs, SIGHAND_REFS);
  if (!refs) free(sighand, SIGHAND_SIZE);
}

function action_of(task: u32, signo: i32): u32 {
  return load<u32>(task, TASK_SIGHAND) + SIGHAND_ACTIONS + (signo - 1) * ACTION_SIZE;
}

// ---------------------------------------------------------------- pending sets and queues

function queue_push(list: u32, info: u32): void {
  let at = list;
  while (load<u32>(at)) at = load<u32>(at) + SIGINFO_NEXT;
  store<u32>(info, 0, SIGINFO_NEXT);
  store<u32>(at, info);
}

/** Takes the first queued siginfo of a signal out of a list into `info`; gives whether another one is left. */
function queue_take(list: u32, signo: i32, info: u32, proc: u32): bool {
  let at = list;
  let found = false;
  while (load<u32>(at)) {
    const entry = load<u32>(at);
    if (load<i32>(entry, SIGINFO_SIGNO) == signo) {
      if (found) return true;
      memory.copy(info, entry, SIGINFO_SIZE);
      store<u32>(at, load<u32>(entry, SIGINFO_NEXT));
      free(entry, SIGINFO_SIZE);
      store<u32>(proc, load<u32>(proc, PROC_SIGQUEUE_LEN) - 1, PROC_SIGQUEUE_LEN);
      found = true;
    } else at = entry + SIGINFO_NEXT;
  }
  return false;
}

function queue_drop(list: u32, set: u64, proc: u32): void {
  let at = list;
  while (load<u32>(at)) {
    const entry = load<u32>(at);
    if (bit(load<i32>(entry, SIGINFO_SIGNO)) & set) {
      store<u32>(at, load<u32>(entry, SIGINFO_NEXT));
      free(entry, SIGINFO_SIZE);
      store<u32>(proc, load<u32>(proc, PROC_SIGQUEUE_LEN) - 1, PROC_SIGQUEUE_LEN);
    } else at = entry + SIGINFO_NEXT;
  }
}

/** Forgets pending signals of `set` in the whole process. */
function discard(proc: u32, set: u64): void {
  store<u64>(proc, load<u64>(proc, PROC_PENDING) & ~set, PROC_PENDING);
  queue_drop(proc + PROC_SIGQUEUE, set, proc);
  for (let task = load<u32>(proc, PROC_TASKS); task; task = load<u32>(task, TASK_NEXT_THREAD)) {
    store<u64>(task, load<u64>(task, TASK_PENDING) & ~set, TASK_PENDING);
    queue_drop(task + TASK_SIGQUEUE, set, proc);
    signal_recalc(task);
  }
}

/** A signal is ignored from now on: what is pending of it is forgotten. */
export function signal_discard(proc: u32, signo: i32): void {
  discard(proc, bit(signo));
}

/** Drops what is pending for a task that ends (proc 0), or for a process (task 0). */
export function signal_flush(task: u32, proc: u32): void {
  if (task) {
    store<u64>(task, 0, TASK_PENDING);
    queue_drop(task + TASK_SIGQUEUE, u64.MAX_VALUE, load<u32>(task, TASK_PROC));
  }
  if (proc) {
    store<u64>(proc, 0, PROC_PENDING);
    queue_drop(proc + PROC_SIGQUEUE, u64.MAX_VALUE, proc);
  }
}

export function signal_recalc(task: u32): void {
  const pending = load<u64>(task, TASK_PENDING) | load<u64>(load<u32>(task, TASK_PROC), PROC_PENDING);
  const work = load<u32>(task, TASK_WORK);
  const deliverable = (pending & ~load<u64>(task, TASK_BLOCKED)) != 0;
  set_work(task, deliverable ? work | WORK_SIGNAL : work & ~WORK_SIGNAL);
}

/** Takes one pending signal of `set`: lowest number first, the task's own before the process's. Its number, or 0. */
function take(task: u32, set: u64, info: u32): i32 {
  const proc = load<u32>(task, TASK_PROC);
  const own = load<u64>(task, TASK_PENDING) & set;
  const shared = load<u64>(proc, PROC_PENDING) & set;
  const all = own | shared;
  if (!all) return 0;
  const signo = <i32>ctz(all) + 1;
  memory.fill(info, 0, SIGINFO_SIZE);
  store<i32>(info, signo, SIGINFO_SIGNO);
  if (own & bit(signo)) {
    if (!queue_take(task + TASK_SIGQUEUE, signo, info, proc)) {
      store<u64>(task, load<u64>(task, TASK_PENDING) & ~bit(signo), TASK_PENDING);
    }
  } else if (!queue_take(proc + PROC_SIGQUEUE, signo, info, proc)) {
    store<u64>(proc, load<u64>(proc, PROC_PENDING) & ~bit(signo), PROC_PENDING);
    if (load<u32>(load<u32>(proc, PROC_TASKS), TASK_NEXT_THREAD)) {
      for (let other = load<u32>(proc, PROC_TASKS); other; other = load<u32>(other, TASK_NEXT_THREAD))
        signal_recalc(other);
    }
  }
  signal_recalc(task);
  return signo;
}

export function signal_take(task: u32, low: u32, high: u32, info: u32): i32 {
  return take(task, ((<u64>high) << 32) | low, info);
}

// ---------------------------------------------------------------- sending

function ends(task: u32): bool {
  const state = load<u32>(task, TASK_STATE);
  return state == STATE_ZOMBIE || state == STATE_DEAD || (load<u32>(task, TASK_WORK) & WORK_KILLED) != 0;
}

/** Makes a task look at its signals soon: out of its sleep, or at its next poll. */
function kick(task: u32): void {
  if (!(load<u32>(task, TASK_WORK) & (WORK_SIGNAL | WORK_KILLED))) return;
  wake_task(task, WAKE_SIGNAL);
  store<u32>(POLL_FLAG, 1);
}

/** Sends to a process (task 0) or one task. 0, or -EAGAIN where a queued real-time signal finds the queue full. */
export function signal_send(
  proc: u32,
  task: u32,
  signo: i32,
  code: i32,
  pid: i32,
  uid: u32,
  status: i32,
  value: f64,
): i32 {
  const first = load<u32>(proc, PROC_TASKS);
  if (!first || !signo) return 0;
  const set = bit(signo);
  // Stop signals cancel SIGCONT and the other way round, whatever their action; SIGCONT and SIGKILL also end a stop.
  if (signo == SIGCONT) discard(proc, STOPS);
  else if (set & STOPS) discard(proc, bit(SIGCONT));
  if (signo == SIGCONT || signo == SIGKILL) {
    for (let each = first; each; each = load<u32>(each, TASK_NEXT_THREAD)) resume(each);
  }
  const handler = load<u32>(action_of(first, signo));
  const target = task ? task : first;
  let blocked = (load<u64>(target, TASK_BLOCKED) & set) != 0;
  if (load<u32>(target, TASK_WORK) & WORK_RESTORE_MASK && load<u64>(target, TASK_SAVED_MASK) & set) blocked = true;
  const traced = (load<u32>(first, TASK_WORK) & WORK_TRACED) != 0;
  const ignored = handler == SIG_IGN || (handler == SIG_DFL && (set & IGNORED_BY_DEFAULT) != 0);
  if (ignored && !blocked && !traced) return 0;
  if (handler == SIG_DFL && load<u32>(proc, PROC_FLAGS) & PF_INIT && code <= 0) return 0;

  const list = task ? task + TASK_SIGQUEUE : proc + PROC_SIGQUEUE;
  const pending = task ? task + TASK_PENDING : proc + PROC_PENDING;
  if (signo < 32 && load<u64>(pending) & set) return 0; // a standard signal is pending once
  if (load<u32>(proc, PROC_SIGQUEUE_LEN) < QUEUE_MAX) {
    const info = alloc(SIGINFO_SIZE);
    if (info) {
      store<i32>(info, signo, SIGINFO_SIGNO);
      store<i32>(info, code, SIGINFO_CODE);
      store<i32>(info, pid, SIGINFO_PID);
      store<u32>(info, uid, SIGINFO_UID);
      store<i32>(info, status, SIGINFO_STATUS);
      store<i64>(info, <i64>value, SIGINFO_VALUE);
      queue_push(list, info);
      store<u32>(proc, load<u32>(proc, PROC_SIGQUEUE_LEN) + 1, PROC_SIGQUEUE_LEN);
    }
  } else if (signo >= 32 && code != 0) return -EAGAIN;
  store<u64>(pending, load<u64>(pending) | set);

  // Whom to wake: the task itself; for a process one that does not block the signal, the leader first.
  if (task) {
    signal_recalc(task);
    kick(task);
    return 0;
  }
  let chosen: u32 = 0;
  for (let each = first; each; each = load<u32>(each, TASK_NEXT_THREAD)) {
    signal_recalc(each);
    if (!chosen && !ends(each) && !(load<u64>(each, TASK_BLOCKED) & set)) chosen = each;
  }
  if (chosen) kick(chosen);
  return 0;
}

/** A signal that the running task brings upon itself (SIGPIPE, SIGXFSZ). */
export function signal_self(task: u32, signo: i32): void {
  const proc = load<u32>(task, TASK_PROC);
  signal_send(proc, task, signo, 0, load<i32>(task, TASK_TGID), load<u32>(proc, PROC_UID), 0, 0);
}

/** Ends a task's stop. */
function resume(task: u32): void {
  set_work(task, load<u32>(task, TASK_WORK) & ~WORK_STOPPED);
  if (load<u32>(task, TASK_STATE) == STATE_STOPPED) {
    store<u32>(task, STATE_SLEEPING, TASK_STATE);
    wake_task(task, WAKE_SIGNAL);
  }
}

// ---------------------------------------------------------------- delivery

/** What deliver() did. */
export const DELIVERED_NONE: i32 = 0;
export const DELIVERED_RESTART: i32 = 1; // handlers ran, all with SA_RESTART
export const DELIVERED: i32 = 2; // a handler without SA_RESTART ran

/** siginfo_t 128 bytes, then ucontext_t 184 bytes: the layouts of the C library, see guests/libc. */
const SIGINFO_USER: u32 = 128;
const UCONTEXT_USER: u32 = 184;
const UCONTEXT_STACK: u32 = 12;
const UCONTEXT_MCONTEXT: u32 = 24;
const UCONTEXT_MASK: u32 = 56;
/** LLVM's leaf functions use this much below the stack pointer (WebAssemblyFrameLowering's red zone). */
const RED_ZONE: u32 = 128;

function stub(task: u32, handler: u32, signo: i32, info: u32, context: u32, sp: u32): u32 {
  return call_indirect<u32>(load<u32>(task, TASK_SIGNAL_STUB), handler, signo, info, context, sp);
}

/** The guest's stack pointer. */
export function stack_pointer(task: u32): u32 {
  return stub(task, 0, 0, 0, 0, 0);
}

function on_altstack(task: u32, sp: u32): bool {
  const base = load<u32>(task, TASK_ALTSTACK_SP);
  return sp > base && sp - base <= load<u32>(task, TASK_ALTSTACK_SIZE);
}

/**
 * Delivers what is pending and not blocked, stops while stopped. Gives DELIVERED_*. Does not return when the task is to end.
 * `before`: 1 where the call in progress had no effect yet.
 */
export function deliver(task: u32, before: u32): i32 {
  let result = DELIVERED_NONE;
  while (true) {
    const work = load<u32>(task, TASK_WORK);
    if (work & WORK_KILLED) unreachable();
    if (work & WORK_STOPPED) {
      sleep_stopped(task);
      continue;
    }
    if (!(work & WORK_SIGNAL)) return result;
    // The queue node's layout, in a block of its own: delivery nests.
    const info = alloc(SIGINFO_SIZE);
    const signo = take(task, ~load<u64>(task, TASK_BLOCKED), info);
    if (!signo) {
      free(info, SIGINFO_SIZE);
      signal_recalc(task);
      return result;
    }
    const action = action_of(task, signo);
    const handler = load<u32>(action, ACTION_HANDLER);
    if (work & WORK_TRACED) trace_signal(task, signo, info);
    if (handler == SIG_IGN || (handler == SIG_DFL && bit(signo) & IGNORED_BY_DEFAULT)) {
      free(info, SIGINFO_SIZE);
    } else if (handler == SIG_DFL) {
      cold_default_action(task, signo, info);
      free(info, SIGINFO_SIZE);
    } else if (call_handler(task, signo, action, info, before)) {
      if (result != DELIVERED) result = load<u32>(action, ACTION_FLAGS) & SA_RESTART ? DELIVERED_RESTART : DELIVERED;
    }
    before = 0;
  }
}

/** Runs one handler; frees `info`. False where there was no room for its frame: SIGSEGV then ends the process. */
function call_handler(task: u32, signo: i32, action: u32, info: u32, before: u32): bool {
  const handler = load<u32>(action, ACTION_HANDLER);
  const flags = load<u32>(action, ACTION_FLAGS);
  const mask = load<u64>(action, ACTION_MASK);
  const work = load<u32>(task, TASK_WORK);
  const blocked = load<u64>(task, TASK_BLOCKED);
  const saved = work & WORK_RESTORE_MASK ? load<u64>(task, TASK_SAVED_MASK) : blocked;
  if (flags & SA_RESETHAND) store<u32>(action, SIG_DFL, ACTION_HANDLER);
  set_work(task, work & ~WORK_RESTORE_MASK);
  store<u64>(task, (blocked | mask | (flags & SA_NODEFER ? 0 : bit(signo))) & ~UNBLOCKABLE, TASK_BLOCKED);
  signal_recalc(task);
  // Linux sets up frames for all that is pending before it runs anything: what is still deliverable now runs first.
  if (load<u32>(task, TASK_WORK) & WORK_SIGNAL) deliver(task, 0);
  const interrupted = stack_pointer(task);
  const alt_flags = load<u32>(task, TASK_ALTSTACK_FLAGS);
  const alt_sp = load<u32>(task, TASK_ALTSTACK_SP);
  const alt_size = load<u32>(task, TASK_ALTSTACK_SIZE);
  let top = interrupted - RED_ZONE;
  if (flags & SA_ONSTACK && alt_size && !on_altstack(task, interrupted)) top = alt_sp + alt_size;
  let sp = top & ~15;
  let user_info: u32 = 0;
  let user_context: u32 = 0;
  if (flags & SA_SIGINFO) {
    user_context = (sp - UCONTEXT_USER) & ~15;
    user_info = user_context - SIGINFO_USER;
    sp = user_info & ~15;
    if (sp > top || !write_frame(task, info, user_info, user_context, saved, before, interrupted)) {
      free(info, SIGINFO_SIZE);
      cold_default_action(task, SIGSEGV, 0);
      return false;
    }
  }
  free(info, SIGINFO_SIZE);
  if (alt_flags & SS_AUTODISARM) store<u32>(task, 0, TASK_ALTSTACK_SIZE);

  // The call in progress: its trap frame is used again by the calls that the handler makes.
  const nr = load<i32>(task, TASK_NR);
  const restarted = load<u32>(task, TASK_RESTARTED);
  const deadline = load<f64>(task, TASK_DEADLINE);
  const a0 = load<i64>(task, TASK_ARGS);
  const a1 = load<i64>(task, TASK_ARGS + 8);
  const a2 = load<i64>(task, TASK_ARGS + 16);
  const a3 = load<i64>(task, TASK_ARGS + 24);
  const a4 = load<i64>(task, TASK_ARGS + 32);
  const a5 = load<i64>(task, TASK_ARGS + 40);
  const s0 = load<f64>(task, TASK_SCRATCH);
  const s1 = load<f64>(task, TASK_SCRATCH + 8);
  const s2 = load<f64>(task, TASK_SCRATCH + 16);
  const s3 = load<f64>(task, TASK_SCRATCH + 24);
  const outer = load<u32>(task, TASK_HANDLER_SP);
  clear_call(task);
  store<u32>(task, top, TASK_HANDLER_SP);

  stub(task, handler, signo, user_info, user_context, sp);

  store<u32>(task, outer, TASK_HANDLER_SP);
  store<i32>(task, nr, TASK_NR);
  store<u32>(task, restarted, TASK_RESTARTED);
  store<f64>(task, deadline, TASK_DEADLINE);
  store<i64>(task, a0, TASK_ARGS);
  store<i64>(task, a1, TASK_ARGS + 8);
  store<i64>(task, a2, TASK_ARGS + 16);
  store<i64>(task, a3, TASK_ARGS + 24);
  store<i64>(task, a4, TASK_ARGS + 32);
  store<i64>(task, a5, TASK_ARGS + 40);
  store<f64>(task, s0, TASK_SCRATCH);
  store<f64>(task, s1, TASK_SCRATCH + 8);
  store<f64>(task, s2, TASK_SCRATCH + 16);
  store<f64>(task, s3, TASK_SCRATCH + 24);
  if (alt_flags & SS_AUTODISARM) store<u32>(task, alt_size, TASK_ALTSTACK_SIZE);
  let restored = saved;
  if (user_context && copy_in(task, BOUNCE, user_context + UCONTEXT_MASK, 8)) restored = load<u64>(BOUNCE);
  store<u64>(task, restored & ~UNBLOCKABLE, TASK_BLOCKED);
  signal_recalc(task);
  return true;
}

/** Outside of a call, these are zero: see TASK_SCRATCH. */
export function clear_call(task: u32): void {
  store<u32>(task, 0, TASK_RESTARTED);
  store<f64>(task, 0, TASK_DEADLINE);
  memory.fill(task + TASK_SCRATCH, 0, 32);
}

function write_frame(task: u32, info: u32, user_info: u32, user_context: u32, mask: u64, before: u32, sp: u32): bool {
  const frame = alloc(SIGINFO_USER + UCONTEXT_USER);
  if (!frame) return false;
  siginfo_to_user_layout(info, frame);
  const context = frame + SIGINFO_USER;
  store<u32>(context + UCONTEXT_STACK, load<u32>(task, TASK_ALTSTACK_SP));
  store<u32>(context + UCONTEXT_STACK, load<u32>(task, TASK_ALTSTACK_SIZE) ? 0 : SS_DISABLE, 4);
  store<u32>(context + UCONTEXT_STACK, load<u32>(task, TASK_ALTSTACK_SIZE), 8);
  store<u64>(context + UCONTEXT_MCONTEXT, before);
  store<u64>(context + UCONTEXT_MCONTEXT, sp, 8);
  store<u64>(context + UCONTEXT_MASK, mask);
  const good = copy_out(task, user_info, frame, SIGINFO_USER) && copy_out(task, user_context, context, UCONTEXT_USER);
  free(frame, SIGINFO_USER + UCONTEXT_USER);
  return good;
}

/** Writes a queued siginfo as the guest's siginfo_t (x86-64's layout: the union begins at 16) into 128 zeroed bytes. */
export function siginfo_to_user_layout(info: u32, to: u32): void {
  const signo = load<i32>(info, SIGINFO_SIGNO);
  const code = load<i32>(info, SIGINFO_CODE);
  store<i32>(to, signo);
  store<i32>(to, code, 8);
  if (code > 0 && (signo == SIGSEGV || signo == 7 || signo == 8 || signo == 4)) {
    store<u32>(to, load<u32>(info, SIGINFO_STATUS), 16);
    return;
  }
  store<i32>(to, load<i32>(info, SIGINFO_PID), 16);
  store<u32>(to, load<u32>(info, SIGINFO_UID), 20);
  if (signo == SIGCHLD && code > 0) {
    store<i32>(to, load<i32>(info, SIGINFO_STATUS), 24);
    store<i64>(to, load<i64>(info, SIGINFO_UTIME), 32);
    store<i64>(to, load<i64>(info, SIGINFO_STIME), 40);
  } else store<u64>(to, load<u64>(info, SIGINFO_VALUE), 24);
}

// ---------------------------------------------------------------- calls

export function sys_rt_sigprocmask(task: u32, how: i32, set: u32, old: u32, size: u32): i64 {
  if (size != 8) return -EINVAL;
  const blocked = load<u64>(task, TASK_BLOCKED);
  let changed = blocked;
  if (set) {
    if (!copy_in(task, BOUNCE, set, 8)) return -EFAULT;
    const given = load<u64>(BOUNCE);
    if (how == SIG_BLOCK) changed = blocked | given;
    else if (how == SIG_UNBLOCK) changed = blocked & ~given;
    else if (how == SIG_SETMASK) changed = given;
    else return -EINVAL;
    changed &= ~UNBLOCKABLE;
  }
  store<u64>(task, changed, TASK_BLOCKED);
  if (changed != blocked) signal_recalc(task);
  if (old) {
    store<u64>(BOUNCE, blocked);
    if (!copy_out(task, old, BOUNCE, 8)) return -EFAULT;
  }
  return load<u32>(task, TASK_WORK) & WORK_SIGNAL ? <i64>RESULT_UNBLOCKED : 0;
}
