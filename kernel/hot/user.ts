/** User memory, through the gate of an address space. Every function checks the bounds first: false (or -1) is EFAULT. */
import { GATE_CAS32, GATE_FILL, GATE_IN, GATE_LOAD32, GATE_OUT, GATE_PAIR, MM_BYTES, MM_GATE, TASK_MM } from "./layout";

/** Whether `bytes` at `address` lie in the task's memory. */
export function user_ok(task: u32, address: u32, bytes: u32): bool {
  return <u64>address + <u64>bytes <= load<u64>(load<u32>(task, TASK_MM), MM_BYTES);
}

/** Copies without a check: the caller did user_ok. */
export function copy_in_unchecked(task: u32, kdst: u32, usrc: u32, bytes: u32): void {
  call_indirect<void>(load<u32>(load<u32>(task, TASK_MM), MM_GATE) + GATE_IN, kdst, usrc, bytes);
}

export function copy_out_unchecked(task: u32, udst: u32, ksrc: u32, bytes: u32): void {
  call_indirect<void>(load<u32>(load<u32>(task, TASK_MM), MM_GATE) + GATE_OUT, udst, ksrc, bytes);
}

export function fill_unchecked(task: u32, udst: u32, byte: i32, bytes: u32): void {
  call_indirect<void>(load<u32>(load<u32>(task, TASK_MM), MM_GATE) + GATE_FILL, udst, byte, bytes);
}

/** Writes two 64-bit words, such as a timespec. Checks: false is EFAULT. */
export function put_pair(task: u32, udst: u32, first: i64, second: i64): bool {
  if (!user_ok(task, udst, 16)) return false;
  call_indirect<void>(load<u32>(load<u32>(task, TASK_MM), MM_GATE) + GATE_PAIR, udst, first, second);
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
