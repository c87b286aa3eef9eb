/** The adapter from WASI preview 1 to Linux: an export for each function, which calls.ts lists, and what process.ts calls. */
export { adopt, preopen } from "./descriptors";
export { fd_readdir } from "./directory";
export { setup } from "./errno";
export {
  fd_advise,
  fd_allocate,
  fd_close,
  fd_datasync,
  fd_fdstat_get,
  fd_fdstat_set_flags,
  fd_fdstat_set_rights,
  fd_filestat_get,
  fd_filestat_set_size,
  fd_filestat_set_times,
  fd_prestat_dir_name,
  fd_prestat_get,
  fd_renumber,
  fd_sync,
} from "./files";
export { fd_pread, fd_pwrite, fd_read, fd_seek, fd_tell, fd_write } from "./io";
export {
  path_create_directory,
  path_filestat_get,
  path_filestat_set_times,
  path_link,
  path_open,
  path_readlink,
  path_remove_directory,
  path_rename,
  path_symlink,
  path_unlink_file,
} from "./paths";
export { poll_oneoff } from "./poll";
export { sock_accept, sock_recv, sock_send, sock_shutdown } from "./sockets";
export {
  args_get,
  args_sizes_get,
  clock_res_get,
  clock_time_get,
  environ_get,
  environ_sizes_get,
  proc_exit,
  proc_raise,
  random_get,
  sched_yield,
  thread_spawn,
} from "./system";
export {
  unstable_fd_filestat_get,
  unstable_fd_seek,
  unstable_path_filestat_get,
  unstable_poll_oneoff,
} from "./unstable";
