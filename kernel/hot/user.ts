/** User memory, through the gate of an address space. Every function checks the bounds first: false (or -1) is EFAULT. */
import {
  GATE_CAS32,
  GATE_FILL,
  GATE_IN,
  GATE_LOAD32,
  GATE_OUT,
  GATE_PAIR,
  MM_BYTES,
  MM_GATE,
  TASK_MM,
  WINDOW,
  WINDOW_PAGE,
} from "./layout";
import { window_at, window_ok } from "./window";

/** Whether `bytes` at `address` lie in the task's memory. */
export function user_ok(task: u32, address: u32, bytes: u32): bool {
  const mm = load<u32>(task, TASK_MM);
  return <u64>address + <u64>bytes <= load<u64>(mm, MM_BYTES) || window_ok(mm, address, bytes);
}

/** Where the memory ends that `address` is in: the task's memory, or a page of its window. */
export function user_end(task: u32, address: u32): u64 {
  const mm = load<u32>(task, TASK_MM);
  const size = load<u64>(mm, MM_BYTES);
  if (<u64>address <= size || !window_at(mm, address)) return size;
  return <u64>(address & ~(WINDOW_PAGE - 1)) + <u64>WINDOW_PAGE;
}

/** The kernel address of what the caller found to lie in the task's window; 0 for memory. */
function in_window(mm: u32, address: u32): u32 {
  return address >= <u32>WINDOW ? window_at(mm, address) : 0;
}

/** Copies without a check: the caller did user_ok. */
export function copy_in_unchecked(task: u32, kdst: u32, usrc: u32, bytes: u32): void {
  const mm = load<u32>(task, TASK_MM);
  const window = in_window(mm, usrc);
  if (window) memory.copy(kdst, window, bytes);
  else call_indirect<void>(load<u32>(mm, MM_GATE) + GATE_IN, kdst, usrc, bytes);
}

export function copy_out_unchecked(task: u32, udst: u32, ksrc: u32, bytes: u32): void {
  const mm = load<u32>(task, TASK_MM);
  const window = in_window(mm, udst);
  if (window) memory.copy(window, ksrc, bytes);
  else call_indirect<void>(load<u32>(mm, MM_GATE) + GATE_OUT, udst, ksrc, bytes);
}

export function fill_unchecked(task: u32, udst: u32, byte: i32, bytes: u32): void {
  const mm = load<u32>(task, TASK_MM);
  const window = in_window(mm, udst);
  if (window) memory.fill(window, <u8>byte, bytes);
  else call_indirect<void>(load<u32>(mm, MM_GATE) + GATE_FILL, udst, byte, bytes);
}

/** Writes two 64-bit words, such as a timespec. Checks: false is EFAULT. */
export function put_pair(task: u32, udst: u32, first: i64, second: i64): bool {
  if (!user_ok(task, udst, 16)) return false;
  const mm = load<u32>(task, TASK_MM);
  const window = in_window(mm, udst);
  if (window) {
    store<i64>(window, first);
    store<i64>(window, second, 8);
  } else call_indirect<void>(load<u32>(mm, MM_GATE) + GATE_PAIR, udst, first, second);
  return true;
}

export function copy_in(task: u32, kdst: u32, usrc: u32, bytes: u32): bool {
  if (!user_ok(task, usrc, bytes)) return false;
  copy_in_unchecked(task, kdst, usrc, bytes);
  return true;
}

export function copy_out(task: u32, udst: u32, ksrc: u32, bytes: u32): bool {
  if (!user_ok(task, udst, bytes)) return false;
  copy_out_unchecked(task, udst, ksrc, bytes);
  return true;
}

/** Atomic load of an aligned, checked word. */
export function user_load32(mm: u32, address: u32): u32 {
  return call_indirect<u32>(load<u32>(mm, MM_GATE) + GATE_LOAD32, address);
}

/** Atomic compare-and-swap of an aligned, checked word; gives the old value. */
export function user_cas32(mm: u32, address: u32, expected: u32, value: u32): u32 {
  return call_indirect<u32>(load<u32>(mm, MM_GATE) + GATE_CAS32, address, expected, value);
}

/** Scratch in kernel memory for small structures on their way to or from the user: 64 bytes, used and left within one function. */
export const BOUNCE: u32 = 1024;
