/**
 * Sockets (SOCK_*): those of connected streams (SF_STREAM) are served here, at a pipe's price; all else about sockets is the cold half's,
 * kernel/net. A socket's ring holds what it received: its peer writes into it, and sleeps on queues of its own while it is full.
 */

import { EAGAIN, ENOBUFS, EPIPE } from "../abi/errno";
import { POLLERR, POLLHUP, POLLIN, POLLRDHUP, POLLRDNORM } from "../abi/poll";
import { MSG_DONTWAIT, MSG_NOSIGNAL } from "../abi/socket";
import { alloc, free } from "./alloc";
import { fd_get, file_new } from "./files";
import { cold_poll } from "./imports";
import {
  FB_PATH,
  FB_READ,
  FB_WRITE,
  FILE_BITS,
  FILE_FLAGS,
  FILE_KIND,
  FILE_OBJECT,
  FILE_WAITQ0,
  FILE_WAITQ1,
  KIND_SOCKET,
  RCV_SHUTDOWN,
  RESULT_COLD,
  RESULT_EPIPE,
  RING_ALLOC,
  RING_LEN,
  SEND_SHUTDOWN,
  SF_COLD_READ,
  SF_COLD_WRITE,
  SF_SHUT_WRITABLE,
  SF_STREAM,
  SHUTDOWN_MASK,
  SOCK_ENOUGH,
  SOCK_ERROR,
  SOCK_FLAGS,
  SOCK_LOW,
  SOCK_PEER,
  SOCK_READY,
  SOCK_RQ,
  SOCK_SHUT,
  SOCK_SIZE,
  SOCK_WQ,
  SOCK_WRITABLE,
  TASK_FILES,
  TASK_RESTARTED,
  TASK_SCRATCH,
} from "./layout";
import { ring_copy, ring_drop, ring_put, ring_reserve, ring_skip, ring_space } from "./ring";
import { MAX_RW, would_block } from "./rw";
import { user_ok } from "./user";
import { waitq_drain, waitq_init, wake_queue } from "./wait";

const O_RDWR: u32 = 2;
const O_NONBLOCK: u32 = 0o4000;

/** A socket without a peer, or 0 when memory is full. */
export function socket_new(): u32 {
  const sock = alloc(SOCK_SIZE);
  if (!sock) return 0;
  waitq_init(sock + SOCK_RQ);
  waitq_init(sock + SOCK_WQ);
  return sock;
}

/** Its end. Nobody's SOCK_PEER may be it. */
export function socket_free(sock: u32): void {
  waitq_drain(sock + SOCK_RQ);
  waitq_drain(sock + SOCK_WQ);
  ring_drop(sock);
  free(sock, SOCK_SIZE);
}

/** Its open file description; 0 when memory is full. `flags`: O_NONBLOCK or 0. */
export function socket_open(sock: u32, flags: u32): u32 {
  const file = file_new(KIND_SOCKET, O_RDWR | flags, FB_READ | FB_WRITE);
  if (!file) return 0;
  store<u32>(file, sock, FILE_OBJECT);
  store<u32>(file, sock + SOCK_RQ, FILE_WAITQ0);
  store<u32>(file, sock + SOCK_WQ, FILE_WAITQ1);
  return file;
}

/**
 * Puts as many bytes into the peer's ring as fit now, from the user of `task` (checked) or kernel memory (task 0). Bytes, or -EAGAIN,
 * -EPIPE, -ENOBUFS.
 */
export function socket_write(sock: u32, task: u32, src: u32, bytes: u32): i32 {
  const peer = load<u32>(sock, SOCK_PEER);
  if (load<u32>(sock, SOCK_SHUT) & SEND_SHUTDOWN || !peer) return -EPIPE;
  const len = load<u32>(peer, RING_LEN);
  let count = min(ring_space(peer), bytes);
  if (!count) return -EAGAIN;
  if (!ring_reserve(peer, len + count)) {
    // Memory is full: what the ring has must do. Who sleeps is woken when it is read.
    count = min<u32>(count, load<u32>(peer, RING_ALLOC) - len);
    if (!count) return len ? -EAGAIN : -ENOBUFS;
  }
  ring_put(peer, task, src, count);
  wake_queue(peer + SOCK_RQ, 1);
  return count;
}

/** Takes out of the ring what is there: bytes, 0 where nothing more will come, -EAGAIN. */
function socket_read(sock: u32, task: u32, dst: u32, bytes: u32): i32 {
  const len = load<u32>(sock, RING_LEN);
  if (!len) return load<u32>(sock, SOCK_SHUT) & RCV_SHUTDOWN ? 0 : -EAGAIN;
  const count = min(len, bytes);
  ring_copy(sock, task, dst, 0, count);
  socket_consume(sock, count);
  // What is left is for the next reader: the exclusive wake-up reached only this one.
  if (len > count && task && load<u32>(task, TASK_RESTARTED)) wake_queue(sock + SOCK_RQ, 1);
  return count;
}

/** Takes bytes out of the ring; wakes the peer's writers where that made it writable, or left room where there was no memory for more. */
export function socket_consume(sock: u32, count: u32): void {
  ring_skip(sock, count);
  const peer = load<u32>(sock, SOCK_PEER);
  if (peer && load<u32>(sock, RING_LEN) <= load<u32>(sock, SOCK_LOW)) wake_queue(peer + SOCK_WQ, i32.MAX_VALUE);
}

/** Readiness as poll(2) shows it. */
export function socket_poll(file: u32): i32 {
  const sock = load<u32>(file, FILE_OBJECT);
  const flags = load<u32>(sock, SOCK_FLAGS);
  if (!(flags & SF_STREAM)) return cold_poll(file);
  const shut = load<u32>(sock, SOCK_SHUT);
  let mask = load<i32>(sock, SOCK_READY);
  if (load<u32>(sock, SOCK_ERROR)) mask |= POLLERR;
  if (shut == SHUTDOWN_MASK) mask |= POLLHUP;
  if (shut & RCV_SHUTDOWN) mask |= POLLRDHUP | POLLIN | POLLRDNORM;
  if (load<u32>(sock, RING_LEN) >= load<u32>(sock, SOCK_ENOUGH)) mask |= POLLIN | POLLRDNORM;
  const peer = load<u32>(sock, SOCK_PEER);
  const sends = !(shut & SEND_SHUTDOWN && flags & SF_SHUT_WRITABLE);
  if (!sends || !peer || load<u32>(peer, RING_LEN) <= load<u32>(peer, SOCK_LOW)) mask |= load<i32>(sock, SOCK_WRITABLE);
  return mask;
}

/** Whether the hot half may read: what is there, or that nothing more will come. */
function reads(sock: u32): bool {
  if ((load<u32>(sock, SOCK_FLAGS) & (SF_STREAM | SF_COLD_READ)) != SF_STREAM) return false;
  return load<u32>(sock, RING_LEN) != 0 || load<u32>(sock, SOCK_ERROR) == 0;
}

/** Whether the hot half may write. */
export function socket_writes(sock: u32): bool {
  if ((load<u32>(sock, SOCK_FLAGS) & (SF_STREAM | SF_COLD_WRITE)) != SF_STREAM) return false;
  return load<u32>(sock, SOCK_ERROR) == 0;
}

/** Reads into one checked range. `flags`: MSG_DONTWAIT or 0. */
export function socket_recv(task: u32, file: u32, dst: u32, bytes: u32, flags: i32): i64 {
  const sock = load<u32>(file, FILE_OBJECT);
  if (!bytes || !reads(sock)) return RESULT_COLD;
  const count = socket_read(sock, task, dst, bytes);
  return count == -EAGAIN ? would_block(task, waits(file, flags), sock + SOCK_RQ, 0) : count;
}

/** Writes one checked range, of which `done` bytes went out before a block. `flags`: MSG_DONTWAIT, MSG_NOSIGNAL. */
export function socket_send(task: u32, file: u32, src: u32, bytes: u32, flags: i32, done: u32): i64 {
  const sock = load<u32>(file, FILE_OBJECT);
  if (!bytes || !socket_writes(sock)) return RESULT_COLD;
  while (done < bytes) {
    const count = socket_write(sock, task, src + done, bytes - done);
    if (count < 0) return socket_stopped(task, file, count, flags, done);
    done += count;
  }
  return bytes;
}

/** What a write gives that could not go on after `done` bytes, for the reason `error`. */
export function socket_stopped(task: u32, file: u32, error: i32, flags: i32, done: u32): i64 {
  if (error == -EAGAIN) return would_block(task, waits(file, flags), load<u32>(file, FILE_OBJECT) + SOCK_WQ, done);
  if (done) return done;
  return error == -EPIPE && !(flags & MSG_NOSIGNAL) ? <i64>RESULT_EPIPE : <i64>error;
}

function waits(file: u32, flags: i32): bool {
  return !(flags & MSG_DONTWAIT || load<u32>(file, FILE_FLAGS) & O_NONBLOCK);
}

/** The description of a descriptor if it is a socket; else 0: the cold half says what is wrong. */
function socket_of(task: u32, fd: u32): u32 {
  const file = fd_get(load<u32>(task, TASK_FILES), fd);
  return file && !(load<u32>(file, FILE_BITS) & FB_PATH) && load<u32>(file, FILE_KIND) == KIND_SOCKET ? file : 0;
}

export function sys_sendto(task: u32, fd: u32, src: u32, bytes: u32, flags: i32, to: u32, _toBytes: u32): i64 {
  if (to || flags & ~(MSG_DONTWAIT | MSG_NOSIGNAL)) return RESULT_COLD;
  const file = socket_of(task, fd);
  if (!file || !user_ok(task, src, bytes)) return RESULT_COLD;
  const done = load<u32>(task, TASK_RESTARTED) ? <u32>load<f64>(task, TASK_SCRATCH) : 0;
  return socket_send(task, file, src, min(bytes, MAX_RW), flags, done);
}

export function sys_recvfrom(task: u32, fd: u32, dst: u32, bytes: u32, flags: i32, from: u32, _fromBytes: u32): i64 {
  if (from || flags & ~(MSG_DONTWAIT | MSG_NOSIGNAL)) return RESULT_COLD;
  const file = socket_of(task, fd);
  if (!file || !user_ok(task, dst, bytes)) return RESULT_COLD;
  return socket_recv(task, file, dst, min(bytes, MAX_RW), flags);
}
