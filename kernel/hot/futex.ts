/** Futexes (man 2 futex), and the Wasm atomic wait and notify instructions, which the loader turns into them. */

import { EAGAIN, EFAULT, EINVAL, ENOSYS, ETIMEDOUT } from "../abi/errno";
import {
  FUTEX_BITSET_MATCH_ANY,
  FUTEX_CLOCK_REALTIME,
  FUTEX_CMD_MASK,
  FUTEX_CMP_REQUEUE,
  FUTEX_PRIVATE_FLAG,
  FUTEX_REQUEUE,
  FUTEX_WAIT,
  FUTEX_WAIT_BITSET,
  FUTEX_WAKE,
  FUTEX_WAKE_BITSET,
  FUTEX_WAKE_OP,
} from "../abi/futex";
import { clock_monotonic, clock_realtime } from "./clock";
import { cold_shared_offset, cold_shared_segment } from "./imports";
import {
  ERESTARTNOHAND,
  ERESTARTSYS,
  MM_BYTES,
  MM_SHARED,
  RESULT_BLOCK,
  TASK_DEADLINE,
  TASK_FUTEX,
  TASK_FUTEX_BITS,
  TASK_FUTEX_MM,
  TASK_FUTEX_NEXT,
  TASK_MM,
  TASK_RESTARTED,
  TASK_WAKE,
  WAKE_EVENT,
  WAKE_SIGNAL,
  WAKE_TIMEOUT,
} from "./layout";
import { wake_task } from "./sched";
import { BOUNCE, copy_in, user_cas32, user_load32 } from "./user";

/**
 * What a futex is known by: (address space, address), or in memory that several processes share (segment id with bit 31 set,
 * offset in it). Set by resolve().
 */
let key_mm: u32 = 0;
let key_address: u32 = 0;

function resolve(mm: u32, address: u32, op: i32): void {
  key_mm = mm;
  key_address = address;
  if (op & FUTEX_PRIVATE_FLAG || !load<u32>(mm, MM_SHARED)) return;
  const segment = <u32>cold_shared_segment(mm, address);
  if (!segment) return;
  key_mm = segment | 0x80000000;
  key_address = <u32>cold_shared_offset(mm, address) + 4; // 0 means none
}

/** Waiters by hash of (address space, address): heads of lists in arrival order, linked by TASK_FUTEX_NEXT. */
const BUCKETS: u32 = 256;
const buckets: u32 = <u32>memory.data(1024);

function bucket(mm: u32, address: u32): u32 {
  return buckets + 4 * ((((mm >> 4) * 31) ^ (address >> 2)) & (BUCKETS - 1));
}

function enqueue(task: u32, mm: u32, address: u32, bits: u32): void {
  store<u32>(task, address, TASK_FUTEX);
  store<u32>(task, mm, TASK_FUTEX_MM);
  store<u32>(task, bits, TASK_FUTEX_BITS);
  store<u32>(task, 0, TASK_FUTEX_NEXT);
  let at = bucket(mm, address);
  while (load<u32>(at)) at = load<u32>(at) + TASK_FUTEX_NEXT;
  store<u32>(at, task);
}

/** Takes a task off the futex it waits on, if any: also when it ends. */
export function futex_leave(task: u32): void {
  const address = load<u32>(task, TASK_FUTEX);
  if (!address) return;
  let at = bucket(load<u32>(task, TASK_FUTEX_MM), address);
  while (load<u32>(at) && load<u32>(at) != task) at = load<u32>(at) + TASK_FUTEX_NEXT;
  if (load<u32>(at)) store<u32>(at, load<u32>(task, TASK_FUTEX_NEXT));
  store<u32>(task, 0, TASK_FUTEX);
}

/** Wakes up to `count` waiters with a bit in common. A woken one has TASK_FUTEX 0, which is how it knows. */
function wake(mm: u32, address: u32, count: i32, bits: u32): i32 {
  let woken = 0;
  let at = bucket(mm, address);
  while (woken < count) {
    const task = load<u32>(at);
    if (!task) break;
    if (
      load<u32>(task, TASK_FUTEX) == address &&
      load<u32>(task, TASK_FUTEX_MM) == mm &&
      load<u32>(task, TASK_FUTEX_BITS) & bits
    ) {
      store<u32>(at, load<u32>(task, TASK_FUTEX_NEXT));
      store<u32>(task, 0, TASK_FUTEX);
      wake_task(task, WAKE_EVENT);
      woken++;
    } else at = task + TASK_FUTEX_NEXT;
  }
  return woken;
}

export function futex_wake_address(mm: u32, address: u32, count: i32): i32 {
  resolve(mm, address, 0);
  return wake(key_mm, key_address, count, FUTEX_BITSET_MATCH_ANY);
}

function requeue(mm: u32, from: u32, to_mm: u32, to: u32, count: i32): i32 {
  let moved = 0;
  let at = bucket(mm, from);
  while (moved < count) {
    const task = load<u32>(at);
    if (!task) break;
    if (load<u32>(task, TASK_FUTEX) == from && load<u32>(task, TASK_FUTEX_MM) == mm) {
      const bits = load<u32>(task, TASK_FUTEX_BITS);
      store<u32>(at, load<u32>(task, TASK_FUTEX_NEXT));
      enqueue(task, to_mm, to, bits);
      moved++;
    } else at = task + TASK_FUTEX_NEXT;
  }
  return moved;
}

function bad_address(mm: u32, address: u32): i64 {
  if (address & 3) return -EINVAL;
  return <u64>address + 4 > load<u64>(mm, MM_BYTES) ? <i64>-EFAULT : 0;
}

/** What a waiter that was entered again finds: 1 it must wait on, else the result. */
function woken(task: u32, restart: i32): i64 {
  if (!load<u32>(task, TASK_FUTEX)) return 0;
  const reason = load<u32>(task, TASK_WAKE);
  if (reason == WAKE_TIMEOUT) {
    futex_leave(task);
    return -ETIMEDOUT;
  }
  if (reason == WAKE_SIGNAL) {
    futex_leave(task);
    return -restart;
  }
  return 1;
}

function wait(task: u32, address: u32, op: i32, expected: u32, timeout: u32, bits: u32, absolute: bool): i64 {
  if (load<u32>(task, TASK_RESTARTED) && (load<u32>(task, TASK_FUTEX) || load<u32>(task, TASK_WAKE) != WAKE_SIGNAL)) {
    const result = woken(task, timeout ? ERESTARTNOHAND : ERESTARTSYS);
    return result == 1 ? <i64>RESULT_BLOCK : result;
  }
  if (!bits) return -EINVAL;
  const mm = load<u32>(task, TASK_MM);
  let deadline: f64 = load<f64>(task, TASK_DEADLINE);
  if (timeout && deadline == 0) {
    if (!copy_in(task, BOUNCE, timeout, 16)) return -EFAULT;
    const seconds = load<i64>(BOUNCE);
    const nanoseconds = load<i64>(BOUNCE, 8);
    if (seconds < 0 || nanoseconds < 0 || nanoseconds > 999999999) return -EINVAL;
    const ms = <f64>seconds * 1000 + <f64>nanoseconds / 1e6;
    deadline =
      clock_monotonic() + (absolute ? ms - (op & FUTEX_CLOCK_REALTIME ? clock_realtime() : clock_monotonic()) : ms);
    if (deadline <= 0) deadline = f64.MIN_VALUE;
  }
  const bad = bad_address(mm, address);
  if (bad) return bad;
  if (user_load32(mm, address) != expected) return -EAGAIN;
  if (timeout) {
    if (deadline <= clock_monotonic()) return -ETIMEDOUT;
    store<f64>(task, deadline, TASK_DEADLINE);
  }
  resolve(mm, address, op);
  enqueue(task, key_mm, key_address, bits);
  return RESULT_BLOCK;
}

/** FUTEX_WAKE_OP: changes the second word and compares what it was. */
function wake_op(mm: u32, address: u32, op: i32, count: i32, second: u32, count2: i32, coded: u32): i64 {
  const change = (coded >> 28) & 7;
  const compare = (coded >> 24) & 15;
  let operand: u32 = <u32>(<i32>(coded << 8) >> 20);
  const operand2 = <i32>(coded << 20) >> 20;
  if (coded & 0x80000000) operand = 1 << (operand & 31);
  let old: u32;
  while (true) {
    old = user_load32(mm, second);
    let value: u32;
    if (change == 0) value = operand;
    else if (change == 1) value = old + operand;
    else if (change == 2) value = old | operand;
    else if (change == 3) value = old & ~operand;
    else if (change == 4) value = old ^ operand;
    else return -ENOSYS;
    if (user_cas32(mm, second, old, value) == old) break;
  }
  const was = <i32>old;
  let hit: bool;
  if (compare == 0) hit = was == operand2;
  else if (compare == 1) hit = was != operand2;
  else if (compare == 2) hit = was < operand2;
  else if (compare == 3) hit = was <= operand2;
  else if (compare == 4) hit = was > operand2;
  else if (compare == 5) hit = was >= operand2;
  else return -ENOSYS;
  resolve(mm, address, op);
  let total = wake(key_mm, key_address, count, FUTEX_BITSET_MATCH_ANY);
  if (!hit) return total;
  resolve(mm, second, op);
  total += wake(key_mm, key_address, count2, FUTEX_BITSET_MATCH_ANY);
  return total;
}

export function sys_futex(task: u32, address: u32, op: i32, value: u32, timeout: u32, second: u32, value3: u32): i64 {
  const command = op & FUTEX_CMD_MASK;
  const mm = load<u32>(task, TASK_MM);
  if (command == FUTEX_WAIT) return wait(task, address, op, value, timeout, FUTEX_BITSET_MATCH_ANY, false);
  if (command == FUTEX_WAIT_BITSET) return wait(task, address, op, value, timeout, value3, true);
  const bad = bad_address(mm, address);
  if (bad) return bad;
  resolve(mm, address, op);
  if (command == FUTEX_WAKE) return wake(key_mm, key_address, <i32>value, FUTEX_BITSET_MATCH_ANY);
  if (command == FUTEX_WAKE_BITSET) return value3 ? wake(key_mm, key_address, <i32>value, value3) : -EINVAL;
  const bad2 = bad_address(mm, second);
  if (command == FUTEX_WAKE_OP) return bad2 ? bad2 : wake_op(mm, address, op, <i32>value, second, <i32>timeout, value3);
  if (command == FUTEX_REQUEUE || command == FUTEX_CMP_REQUEUE) {
    if (bad2) return bad2;
    if (<i32>value < 0 || <i32>timeout < 0) return -EINVAL;
    if (command == FUTEX_CMP_REQUEUE && user_load32(mm, address) != value3) return -EAGAIN;
    const from_mm = key_mm;
    const from = key_address;
    const count = wake(from_mm, from, <i32>value, FUTEX_BITSET_MATCH_ANY);
    resolve(mm, second, op);
    return count + requeue(from_mm, from, key_mm, key_address, <i32>timeout);
  }
  return -ENOSYS;
}

/** memory.atomic.wait32: 0 woken, 1 not equal, 2 timed out; a bad address gives -EFAULT, which the entry turns into a trap. */
export function sys_atomic_wait32(task: u32, address: u32, expected: u32, timeout: i64): i64 {
  return atomic_wait(task, address, user_equal32(task, address, expected), timeout);
}

export function sys_atomic_wait64(task: u32, address: u32, expected: i64, timeout: i64): i64 {
  let equal = 0;
  if (address & 7 || !copy_in(task, BOUNCE, address, 8)) equal = -1;
  else if (load<i64>(BOUNCE) == expected) equal = 1;
  return atomic_wait(task, address, equal, timeout);
}

function user_equal32(task: u32, address: u32, expected: u32): i32 {
  const mm = load<u32>(task, TASK_MM);
  if (bad_address(mm, address)) return -1;
  return user_load32(mm, address) == expected ? 1 : 0;
}

function atomic_wait(task: u32, address: u32, equal: i32, timeout: i64): i64 {
  if (equal < 0) return -EFAULT;
  if (load<u32>(task, TASK_RESTARTED)) {
    if (!load<u32>(task, TASK_FUTEX)) {
      if (load<u32>(task, TASK_WAKE) != WAKE_SIGNAL) return 0;
      // Handlers have run; the instruction knows no interruption, so it waits on.
    } else {
      const reason = load<u32>(task, TASK_WAKE);
      futex_leave(task);
      if (reason == WAKE_TIMEOUT) return 2;
      if (reason == WAKE_SIGNAL) return -ERESTARTSYS;
    }
  }
  if (!equal) return 1;
  if (timeout >= 0 && load<f64>(task, TASK_DEADLINE) == 0) {
    store<f64>(task, clock_monotonic() + <f64>timeout / 1e6, TASK_DEADLINE);
  }
  resolve(load<u32>(task, TASK_MM), address, 0);
  enqueue(task, key_mm, key_address, FUTEX_BITSET_MATCH_ANY);
  return RESULT_BLOCK;
}

/** memory.atomic.notify: waiters woken. */
export function sys_atomic_notify(task: u32, address: u32, count: u32): i64 {
  const mm = load<u32>(task, TASK_MM);
  if (bad_address(mm, address)) return -EFAULT;
  resolve(mm, address, 0);
  return wake(key_mm, key_address, count > <u32>i32.MAX_VALUE ? i32.MAX_VALUE : <i32>count, FUTEX_BITSET_MATCH_ANY);
}
