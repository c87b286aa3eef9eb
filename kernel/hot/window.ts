/** The window: user addresses that are kernel memory. See WINDOW in layout.ts. */
import { alloc, free } from "./alloc";
import {
  MM_WINDOW,
  TASK_MM,
  TASK_WINDOW,
  TASK_WINDOW_ADDRESS,
  WINDOW,
  WINDOW_PAGE,
  WINDOW_PAGE_SHIFT,
  WINDOW_SLOTS,
} from "./layout";

/** The kernel address of a user address in a window, 0 where there is no page. */
export function window_at(mm: u32, address: u32): u32 {
  const pages = load<u32>(mm, MM_WINDOW);
  if (!pages || address < <u32>WINDOW) return 0;
  const offset = address - <u32>WINDOW;
  const page = load<u32>(pages + 4 * (offset >> WINDOW_PAGE_SHIFT));
  return page ? page + (offset & (WINDOW_PAGE - 1)) : 0;
}

/** Whether `bytes` at `address` lie in one page of a window. */
export function window_ok(mm: u32, address: u32, bytes: u32): bool {
  if (!window_at(mm, address)) return false;
  return <u64>(address & (WINDOW_PAGE - 1)) + <u64>bytes <= <u64>WINDOW_PAGE;
}

/** Gives a task a page of its address space's window. False where kernel memory is full or all slots are taken. */
export function window_open(task: u32): bool {
  const mm = load<u32>(task, TASK_MM);
  if (!load<u32>(mm, MM_WINDOW)) store<u32>(mm, alloc(4 * WINDOW_SLOTS), MM_WINDOW);
  const pages = load<u32>(mm, MM_WINDOW);
  if (!pages) return false;
  for (let slot = 0; slot < WINDOW_SLOTS; slot++) {
    if (load<u32>(pages + 4 * slot)) continue;
    const page = alloc(WINDOW_PAGE);
    if (!page) return false;
    store<u32>(task, WINDOW + (slot << WINDOW_PAGE_SHIFT), TASK_WINDOW_ADDRESS);
    store<u32>(pages + 4 * slot, page);
    store<u32>(task, page, TASK_WINDOW);
    return true;
  }
  return false;
}

/** The task leaves its address space. */
export function window_close(task: u32): void {
  const page = load<u32>(task, TASK_WINDOW);
  if (!page) return;
  const slot = (load<u32>(task, TASK_WINDOW_ADDRESS) - <u32>WINDOW) >> WINDOW_PAGE_SHIFT;
  store<u32>(load<u32>(load<u32>(task, TASK_MM), MM_WINDOW) + 4 * slot, 0);
  store<u32>(task, 0, TASK_WINDOW);
  free(page, WINDOW_PAGE);
}

/** An address space goes. */
export function window_free(mm: u32): void {
  const pages = load<u32>(mm, MM_WINDOW);
  if (pages) free(pages, 4 * WINDOW_SLOTS);
}
