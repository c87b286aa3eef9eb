/** What the hot half exports: the entries of all calls for guests, and the services that the cold half uses (hot.ts). */
export { alloc, free, heap_init, pages_left } from "./alloc";
export { clock_init, clock_realtime, monotonic_ns, realtime_ns } from "./clock";
export {
  d_add,
  d_drop,
  d_find,
  d_free,
  d_move,
  d_new,
  dget,
  dput,
  mntget,
  mntput,
  mount_attach,
  mount_detach,
  mount_free,
  mount_new,
} from "./dcache";
export * from "./entries";
export { poll, unwound } from "./entry";
export { epoll_new } from "./epoll";
export { eventfd_new } from "./eventfd";
export {
  fd_alloc,
  fd_cloexec,
  fd_get,
  fd_install,
  fd_set_cloexec,
  fd_take,
  file_new,
  file_put,
  file_ref,
  file_set_path,
  files_clone,
  files_close_exec,
  files_new,
  files_put,
  files_ref,
} from "./files";
export { futex_leave, futex_wake_address } from "./futex";
export { inode_accessed, inode_changed, inode_free, inode_modified, inode_new } from "./inode";
export { cache_free, cache_page, cache_punch, cache_truncate } from "./pagecache";
export { pipe_new, pipe_open, pipe_put, pipe_read_kernel, pipe_resize, pipe_write_kernel } from "./pipe";
export { file_poll } from "./poll";
export { ring_drop } from "./ring";
export {
  current,
  dequeue,
  get_current,
  make_runnable,
  pick_next,
  set_current,
  set_work,
  wake_task,
  wake_uninterruptible,
} from "./sched";
export {
  sighand_clone,
  sighand_new,
  sighand_put,
  sighand_ref,
  siginfo_to_user_layout,
  signal_discard,
  signal_flush,
  signal_recalc,
  signal_send,
  signal_take,
  stack_pointer,
} from "./signal";
export { socket_consume, socket_free, socket_new, socket_open, socket_write } from "./socket";
export { mm_free, mm_new, proc_add_task, proc_free, proc_new, proc_remove_task, task_free, task_new } from "./task";
export { copy_in, copy_out, fill_unchecked, user_ok } from "./user";
export { wait_add, wait_clear, waitq_drain, waitq_init, wake_queue } from "./wait";
export { window_close, window_open } from "./window";
