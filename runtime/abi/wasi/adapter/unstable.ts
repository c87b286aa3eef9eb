/** What was different in wasi_unstable (witx: phases/old/snapshot_0): the order of whence, and some structures. */
import { filestat } from "./files";
import { fd_seek } from "./io";
import { filestat_at } from "./paths";
import { poll } from "./poll";

/** whence: cur, end, set. */
export function unstable_fd_seek(fd: u32, offset: i64, whence: u32, out: u32): u32 {
  return fd_seek(fd, offset, whence > 2 ? whence : whence == 2 ? 0 : whence + 1, out);
}

export function unstable_fd_filestat_get(fd: u32, out: u32): u32 {
  return filestat(fd, out, true);
}

export function unstable_path_filestat_get(dirfd: u32, flags: u32, path: u32, bytes: u32, out: u32): u32 {
  return filestat_at(dirfd, flags, path, bytes, out, true);
}

export function unstable_poll_oneoff(subscriptions: u32, events: u32, count: u32, out: u32): u32 {
  return poll(subscriptions, events, count, out, 56, true);
}
