/** Readiness: poll(2), ppoll(2), epoll_wait(2) and what they ask of every kind of file. */

import { EFAULT, EINVAL, ENOMEM } from "../abi/errno";
import { POLLERR, POLLHUP, POLLIN, POLLNVAL, POLLOUT, POLLRDNORM, POLLWRNORM } from "../abi/poll";
import { alloc, free } from "./alloc";
import { clock_monotonic } from "./clock";
import { epoll_collect, epoll_of, epoll_poll } from "./epoll";
import { eventfd_poll } from "./eventfd";
import { fd_get } from "./files";
import { cold_poll } from "./imports";
import {
  EPOLL_WQ,
  ERESTARTNOHAND,
  FB_PATH,
  FILE_BITS,
  FILE_KIND,
  FILE_OBJECT,
  FILE_WAITQ0,
  FILE_WAITQ1,
  KIND_COLD,
  KIND_EPOLL,
  KIND_EVENTFD,
  KIND_PIPE,
  KIND_SOCKET,
  POLL_ARRAY,
  POLL_ARRAY_SIZE,
  PROC_NOFILE,
  RESULT_BLOCK,
  TASK_BLOCKED,
  TASK_DEADLINE,
  TASK_FILES,
  TASK_PROC,
  TASK_RESTARTED,
  TASK_SAVED_MASK,
  TASK_WAKE,
  TASK_WORK,
  WAIT_EXCLUSIVE,
  WAIT_TASK,
  WAKE_SIGNAL,
  WAKE_TIMEOUT,
  WORK_RESTORE_MASK,
} from "./layout";
import { pipe_poll } from "./pipe";
import { set_work } from "./sched";
import { signal_recalc, UNBLOCKABLE } from "./signal";
import { socket_poll } from "./socket";
import { BOUNCE, copy_in, copy_in_unchecked, copy_out_unchecked, user_ok } from "./user";
import { wait_add } from "./wait";

/** What a description is ready for, as POLL* bits. */
export function file_poll(file: u32): i32 {
  const kind = load<u32>(file, FILE_KIND);
  const object = load<u32>(file, FILE_OBJECT);
  if (kind == KIND_PIPE) return pipe_poll(object, load<u32>(file, FILE_BITS));
  if (kind == KIND_SOCKET) return socket_poll(file);
  if (kind == KIND_EVENTFD) return eventfd_poll(object);
  if (kind == KIND_EPOLL) return epoll_poll(object);
  if (kind == KIND_COLD) return cold_poll(file);
  return POLLIN | POLLRDNORM | POLLOUT | POLLWRNORM;
}

function sleep_on(task: u32, file: u32): void {
  const q0 = load<u32>(file, FILE_WAITQ0);
  const q1 = load<u32>(file, FILE_WAITQ1);
  if (q0) wait_add(task, q0, WAIT_TASK);
  if (q1) wait_add(task, q1, WAIT_TASK);
}

/**
 * One round of poll: revents into the user's array. Gives how many are ready, or -errno. With none ready and `wait` the task is on the
 * files' queues.
 */
function poll_once(task: u32, fds: u32, count: u32, wait: bool): i64 {
  if (count > load<u32>(load<u32>(task, TASK_PROC), PROC_NOFILE)) return -EINVAL;
  const bytes = count * 8;
  if (!user_ok(task, fds, bytes)) return -EFAULT;
  if (!count) return 0;
  const array = bytes <= <u32>POLL_ARRAY_SIZE ? <u32>POLL_ARRAY : alloc(bytes);
  if (!array) return -ENOMEM;
  copy_in_unchecked(task, array, fds, bytes);
  const files = load<u32>(task, TASK_FILES);
  const end = array + bytes;
  let ready = 0;
  for (let at = array; at < end; at += 8) {
    const fd = load<i32>(at);
    let mask = 0;
    if (fd >= 0) {
      const file = fd_get(files, fd);
      mask =
        file && !(load<u32>(file, FILE_BITS) & FB_PATH)
          ? file_poll(file) & (load<i16>(at, 4) | POLLERR | POLLHUP)
          : POLLNVAL;
    }
    store<u16>(at, <u16>mask, 6);
    if (mask) ready++;
  }
  copy_out_unchecked(task, fds, array, bytes);
  if (!ready && wait) {
    for (let at = array; at < end; at += 8) {
      const fd = load<i32>(at);
      if (fd >= 0) sleep_on(task, fd_get(files, fd));
    }
  }
  if (array != <u32>POLL_ARRAY) free(array, bytes);
  return ready;
}

/** What a wait that found nothing gives when it is entered again: 0 after its time, a restart after a signal, else a block. */
function wait_again(task: u32): i64 {
  const wake = load<u32>(task, TASK_WAKE);
  if (wake == WAKE_TIMEOUT) return 0;
  return wake == WAKE_SIGNAL ? -ERESTARTNOHAND : RESULT_BLOCK;
}

/** The same where the time is in ms from the first entry on, -1 for ever. */
function wait_more(task: u32, timeout: i32): i64 {
  if (load<u32>(task, TASK_RESTARTED)) return wait_again(task);
  if (timeout >= 0) store<f64>(task, clock_monotonic() + timeout, TASK_DEADLINE);
  return RESULT_BLOCK;
}

export function sys_poll(task: u32, fds: u32, count: i64, timeout: i32): i64 {
  if (count < 0 || count > 0x1000000) return -EINVAL;
  const ready = poll_once(task, fds, <u32>count, timeout != 0);
  return ready != 0 || timeout == 0 ? ready : wait_more(task, timeout);
}

/** Puts a mask in place for the duration of a call. 0, or -EFAULT, -EINVAL. Only at the call's first entry. */
function temporary_mask(task: u32, mask: u32, size: u32): i32 {
  if (!mask || load<u32>(task, TASK_RESTARTED)) return 0;
  if (size != 8) return -EINVAL;
  if (!copy_in(task, BOUNCE, mask, 8)) return -EFAULT;
  store<u64>(task, load<u64>(task, TASK_BLOCKED), TASK_SAVED_MASK);
  store<u64>(task, load<u64>(BOUNCE) & ~UNBLOCKABLE, TASK_BLOCKED);
  set_work(task, load<u32>(task, TASK_WORK) | WORK_RESTORE_MASK);
  signal_recalc(task);
  return 0;
}

export function sys_ppoll(task: u32, fds: u32, count: i64, timeout: u32, mask: u32, size: u32): i64 {
  if (count < 0 || count > 0x1000000) return -EINVAL;
  let wait = true;
  let ms: f64 = 0;
  const first = !load<u32>(task, TASK_RESTARTED);
  if (timeout && first) {
    if (!copy_in(task, BOUNCE, timeout, 16)) return -EFAULT;
    const seconds = load<i64>(BOUNCE);
    const nanoseconds = load<i64>(BOUNCE, 8);
    if (seconds < 0 || nanoseconds < 0 || nanoseconds > 999999999) return -EINVAL;
    ms = <f64>seconds * 1000 + <f64>nanoseconds / 1e6;
    wait = ms > 0;
  }
  const bad = temporary_mask(task, mask, size);
  if (bad) return bad;
  const ready = poll_once(task, fds, <u32>count, wait);
  if (ready != 0 || !wait) return ready;
  if (!first) return wait_again(task);
  if (timeout) store<f64>(task, clock_monotonic() + ms, TASK_DEADLINE);
  return RESULT_BLOCK;
}

export function sys_epoll_wait(task: u32, epfd: u32, events: u32, max: i32, timeout: i32): i64 {
  const epoll = epoll_of(task, epfd, events, max);
  if (epoll < 0) return epoll;
  const count = epoll_collect(epoll, task, events, max);
  if (count != 0 || timeout == 0) return count;
  const result = wait_more(task, timeout);
  if (result == RESULT_BLOCK) wait_add(task, epoll + EPOLL_WQ, WAIT_EXCLUSIVE);
  return result;
}

export function sys_epoll_pwait(task: u32, epfd: u32, events: u32, max: i32, timeout: i32, mask: u32, size: u32): i64 {
  const bad = temporary_mask(task, mask, size);
  if (bad) return bad;
  return sys_epoll_wait(task, epfd, events, max, timeout);
}
