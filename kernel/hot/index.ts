/** What the hot half exports: the entries of all calls for guests, and the services that the cold half uses (hot.ts). */
export { heap_init, alloc, free } from "./alloc";
export { task_new, task_free, proc_new, proc_free, mm_new, mm_free, proc_add_task, proc_remove_task } from "./task";
export { get_current, set_current, make_runnable, wake_task, wake_uninterruptible, pick_next, dequeue } from "./sched";
export { waitq_init, waitq_drain, wait_add, wait_clear, wake_queue } from "./wait";
export {
  sighand_new,
  sighand_clone,
  sighand_ref,
  sighand_put,
  signal_send,
  signal_recalc,
  signal_flush,
  signal_discard,
  signal_take,
  siginfo_to_user_layout,
  stack_pointer,
} from "./signal";
export {
  files_new,
  files_clone,
  files_ref,
  files_put,
  fd_alloc,
  fd_install,
  fd_get,
  fd_cloexec,
  fd_set_cloexec,
  fd_take,
  files_close_exec,
  file_new,
  file_ref,
  file_put,
} from "./files";
export { file_poll } from "./poll";
export { cache_new, cache_free, cache_truncate, cache_read, cache_write, cache_page, cache_punch } from "./pagecache";
export { pipe_new, pipe_put, pipe_open, pipe_resize, pipe_write_kernel, pipe_read_kernel } from "./pipe";
export { eventfd_new } from "./eventfd";
export { epoll_new } from "./epoll";
export { futex_wake_address, futex_leave } from "./futex";
export { poll } from "./entry";
export * from "./entries";
