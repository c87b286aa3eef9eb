/** Allocation of the structures that tasks consist of. The cold half decides when; the layouts are here. */
import { alloc, free } from "./alloc";
import {
  MM_SIZE,
  PROC_SIZE,
  PROC_TASKS,
  TASK_CREDIT,
  TASK_NEXT_THREAD,
  TASK_PROC,
  TASK_SIZE,
  TASK_SLOT,
} from "./layout";
import { window_free } from "./window";

export function task_new(slot: i32): u32 {
  const task = alloc(TASK_SIZE);
  if (task) {
    store<i32>(task, slot, TASK_SLOT);
    store<i32>(task, 4000, TASK_CREDIT);
  }
  return task;
}

export function task_free(task: u32): void {
  free(task, TASK_SIZE);
}

export function proc_new(): u32 {
  return alloc(PROC_SIZE);
}

export function proc_free(proc: u32): void {
  free(proc, PROC_SIZE);
}

export function mm_new(): u32 {
  return alloc(MM_SIZE);
}

export function mm_free(mm: u32): void {
  window_free(mm);
  free(mm, MM_SIZE);
}

/** Appends a task to its process's list of threads, so that the leader stays first. */
export function proc_add_task(proc: u32, task: u32): void {
  store<u32>(task, proc, TASK_PROC);
  store<u32>(task, 0, TASK_NEXT_THREAD);
  let at = proc + PROC_TASKS;
  while (load<u32>(at)) at = load<u32>(at) + TASK_NEXT_THREAD;
  store<u32>(at, task);
}

export function proc_remove_task(proc: u32, task: u32): void {
  let at = proc + PROC_TASKS;
  while (load<u32>(at) && load<u32>(at) != task) at = load<u32>(at) + TASK_NEXT_THREAD;
  if (load<u32>(at)) store<u32>(at, load<u32>(task, TASK_NEXT_THREAD));
}
