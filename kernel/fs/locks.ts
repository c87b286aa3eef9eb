/**
 * File locks: record locks of fcntl(2), by process (F_SETLK) or by open file description (F_OFD_SETLK), and flock(2).
 *
 * An owner is an address in kernel memory: the descriptor table for a process's locks, the description for the others. Record locks of a
 * process end with its first close of any descriptor of the file, which FB_CLOSE_HOOK reports.
 */
import { EAGAIN, EBADF, EDEADLK, EINVAL, ENOLCK, EOVERFLOW } from "../abi/errno.ts";
import {
  F_GETLK,
  F_OFD_GETLK,
  F_OFD_SETLK,
  F_OFD_SETLKW,
  F_RDLCK,
  F_SETLKW,
  F_UNLCK,
  F_WRLCK,
  LOCK_EX,
  LOCK_MAND,
  LOCK_NB,
  LOCK_SH,
  LOCK_UN,
  SEEK_CUR,
  SEEK_END,
  SEEK_SET,
} from "../abi/fcntl.ts";
import type { Values } from "../abi/layout.ts";
import { flock as flockStruct } from "../abi/structs.ts";
import { FB_CLOSE_HOOK, FB_PATH, FB_READ, FB_WRITE } from "../hot/layout.ts";
import type { Handlers } from "../kernel.ts";
import type { Task } from "../task/task.ts";
import type { File } from "./file.ts";
import type { Inode } from "./inode.ts";
import type { Vfs } from "./vfs.ts";

/** A record lock; `end` is the last byte, Infinity for "to the end of the file, however long". */
interface RecordLock {
  owner: number;
  /** l_pid of F_GETLK: the process, or -1 for a description's. */
  pid: number;
  write: boolean;
  start: number;
  end: number;
}

interface Flock {
  owner: number;
  pid: number;
  write: boolean;
}

/** The locks of one inode. */
export interface FileLocks {
  records: RecordLock[];
  flocks: Flock[];
  /** Wait queue of those who wait for any of them. */
  readonly queue: number;
}

/** Record locks of one file: each call looks at all of them. */
const MAX_RECORDS = 10000;

function locksOf(inode: Inode): FileLocks {
  inode.locks ??= { records: [], flocks: [], queue: inode.sb.vfs.kernel.newWaitQueue() };
  return inode.locks;
}

/** After locks went away: wakes the waiting, and drops what is empty. */
function released(vfs: Vfs, inode: Inode): void {
  const locks = inode.locks!;
  const { kernel } = vfs;
  kernel.wake(locks.queue);
  const unused = kernel.kmem.u32[locks.queue >> 2] === locks.queue;
  if (unused && locks.records.length === 0 && locks.flocks.length === 0) {
    kernel.freeWaitQueue(locks.queue);
    inode.locks = null;
  }
}

function conflict(locks: FileLocks, wanted: RecordLock): RecordLock | undefined {
  return locks.records.find(
    (lock) =>
      lock.owner !== wanted.owner &&
      (lock.write || wanted.write) &&
      lock.start <= wanted.end &&
      wanted.start <= lock.end,
  );
}

/** Puts a lock in place of whatever its owner had on those bytes (null: unlocks them), cutting and joining as needed. */
function replace(locks: FileLocks, owner: number, start: number, end: number, added: RecordLock | null): void {
  const kept: RecordLock[] = [];
  for (const lock of locks.records) {
    const touches = lock.owner === owner && lock.start <= end + 1 && start <= lock.end + 1;
    if (!touches) kept.push(lock);
    else if (added !== null && lock.write === added.write) {
      added.start = Math.min(added.start, lock.start);
      added.end = Math.max(added.end, lock.end);
    } else {
      if (lock.start < start) kept.push({ ...lock, end: Math.min(lock.end, start - 1) });
      if (lock.end > end) kept.push({ ...lock, start: Math.max(lock.start, end + 1) });
    }
  }
  if (added !== null) kept.push(added);
  locks.records = kept.sort((a, b) => a.start - b.start);
}

/** The locks of a descriptor table on a file end. */
export function dropPosixLocks(vfs: Vfs, inode: Inode, files: number): void {
  const locks = inode.locks!;
  const kept = locks.records.filter((lock) => lock.owner !== files);
  if (kept.length === locks.records.length) return;
  locks.records = kept;
  released(vfs, inode);
}

/** An open file description ends: its flock, and its own record locks. */
export function dropFileLocks(vfs: Vfs, file: File): void {
  const locks = file.inode.locks!;
  locks.records = locks.records.filter((lock) => lock.owner !== file.ptr);
  locks.flocks = locks.flocks.filter((lock) => lock.owner !== file.ptr);
  released(vfs, file.inode);
}

/** The range of a struct flock, as absolute bytes; or -errno. */
function rangeOf(file: File, request: Values<typeof flockStruct>): { start: number; end: number } | number {
  const { l_whence, l_start, l_len } = request;
  let from = l_start;
  if (l_whence === SEEK_CUR) from += file.pos;
  else if (l_whence === SEEK_END) {
    file.inode.refresh();
    from += file.inode.size;
  } else if (l_whence !== SEEK_SET) return -EINVAL;
  if (from > Number.MAX_SAFE_INTEGER) return -EOVERFLOW;
  if (from < 0) return -EINVAL;
  if (l_len === 0) return { start: from, end: Infinity };
  if (l_len > 0) return { start: from, end: from + l_len - 1 };
  return from + l_len < 0 ? -EINVAL : { start: from + l_len, end: from - 1 };
}

/** A process that waits in F_SETLKW. */
export interface LockWaiter {
  readonly task: Task;
  readonly inode: Inode;
  readonly wanted: RecordLock;
}

/** Whether waiting for `blocker` would, over others that wait, come back to `owner`. */
function wouldDeadlock(vfs: Vfs, owner: number, blocker: number): boolean {
  const waiters = vfs.lockWaiters;
  for (let steps = 0; steps <= waiters.size; steps++) {
    if (blocker === owner) return true;
    const next = waiters.get(blocker);
    const lock = next?.inode.locks ? conflict(next.inode.locks, next.wanted) : undefined;
    if (lock === undefined) return false;
    blocker = lock.owner;
  }
  return false;
}

/** The lock commands of fcntl(2). */
export function fcntlLock(t: Task, file: File, command: number, address: number): number {
  t.mm.check(address, flockStruct.size);
  const { vfs } = t.kernel;
  const byDescription = command === F_OFD_GETLK || command === F_OFD_SETLK || command === F_OFD_SETLKW;
  const request = flockStruct.read(t.mm.view, address);
  const { l_type: type } = request;
  if (byDescription && request.l_pid !== 0) return -EINVAL;
  const query = command === F_GETLK || command === F_OFD_GETLK;
  if (query && type !== F_RDLCK && type !== F_WRLCK) return -EINVAL;
  const range = rangeOf(file, request);
  if (typeof range === "number") return range;
  const owner = byDescription ? file.ptr : t.files;
  const wanted: RecordLock = {
    owner,
    pid: byDescription ? -1 : t.process.pid,
    write: type === F_WRLCK,
    start: range.start,
    end: range.end,
  };
  if (query) {
    const lock = file.inode.locks === null ? undefined : conflict(file.inode.locks, wanted);
    if (lock === undefined) request.l_type = F_UNLCK;
    else {
      request.l_type = lock.write ? F_WRLCK : F_RDLCK;
      request.l_whence = SEEK_SET;
      request.l_start = lock.start;
      request.l_len = lock.end === Infinity ? 0 : lock.end - lock.start + 1;
      request.l_pid = lock.pid;
    }
    flockStruct.write(t.mm.view, address, request);
    return 0;
  }
  const wait = command === F_SETLKW || command === F_OFD_SETLKW;
  if (!byDescription) vfs.lockWaiters.delete(owner);
  if (type === F_UNLCK) {
    if (file.inode.locks === null) return 0;
    replace(file.inode.locks, owner, range.start, range.end, null);
    released(vfs, file.inode);
    return 0;
  }
  if (type !== F_RDLCK && type !== F_WRLCK) return -EINVAL;
  if (!(file.bits & (type === F_RDLCK ? FB_READ : FB_WRITE))) return -EBADF;
  const locks = locksOf(file.inode);
  const blocker = conflict(locks, wanted);
  if (blocker !== undefined) {
    if (!wait) return -EAGAIN;
    if (!byDescription) {
      if (wouldDeadlock(vfs, owner, blocker.owner)) return -EDEADLK;
      vfs.lockWaiters.set(owner, { task: t, inode: file.inode, wanted });
    }
    const result = t.block([locks.queue]);
    if (t.interrupted) vfs.lockWaiters.delete(owner);
    return result;
  }
  if (locks.records.length >= MAX_RECORDS) return -ENOLCK;
  if (!byDescription) vfs.hook(file.inode, FB_CLOSE_HOOK);
  const weakens = !wanted.write && locks.records.some((lock) => lock.owner === owner && lock.write);
  replace(locks, owner, range.start, range.end, wanted);
  if (weakens) t.kernel.wake(locks.queue);
  return 0;
}

/** flock(2). */
function flock(t: Task, fd: number, operation: number): number {
  const { vfs } = t.kernel;
  // Mandatory locks are gone since Linux 5.15, and asking for one does nothing (fs/locks.c), even on no file at all.
  if (operation & LOCK_MAND) return 0;
  const kind = operation & ~LOCK_NB;
  const file = vfs.fileOfFd(t, fd);
  if (kind !== LOCK_SH && kind !== LOCK_EX && kind !== LOCK_UN) return -EINVAL;
  if (file === null || file.bits & FB_PATH) return -EBADF;
  const { inode } = file;
  const held = inode.locks?.flocks.find((lock) => lock.owner === file.ptr);
  const write = kind === LOCK_EX;
  if (kind !== LOCK_UN && held?.write === write) return 0;
  if (held !== undefined) {
    // A change of kind is an unlock first: others may come between (man 2 flock).
    inode.locks!.flocks = inode.locks!.flocks.filter((lock) => lock !== held);
    released(vfs, inode);
  }
  if (kind === LOCK_UN) return 0;
  const locks = locksOf(inode);
  if (locks.flocks.some((lock) => lock.write || write)) {
    return operation & LOCK_NB ? -EAGAIN : t.block([locks.queue]);
  }
  locks.flocks.push({ owner: file.ptr, pid: t.process.pid, write });
  return 0;
}

/** Lines of /proc/locks, and of /proc/pid/fdinfo where `file` is given. */
export function lockLines(inode: Inode, file?: File, files?: number): string[] {
  const range = (lock: RecordLock) => `${lock.start} ${lock.end === Infinity ? "EOF" : lock.end}`;
  const name = `${(inode.sb.dev >> 8).toString(16).padStart(2, "0")}:${(inode.sb.dev & 0xff).toString(16).padStart(2, "0")}:${inode.ino}`;
  const lines: string[] = [];
  for (const lock of inode.locks?.flocks ?? []) {
    if (file !== undefined && lock.owner !== file.ptr) continue;
    lines.push(`FLOCK  ADVISORY  ${lock.write ? "WRITE" : "READ "} ${lock.pid} ${name} 0 EOF`);
  }
  for (const lock of inode.locks?.records ?? []) {
    if (file !== undefined && lock.owner !== file.ptr && lock.owner !== files) continue;
    const kind = lock.pid === -1 ? "OFDLCK" : "POSIX ";
    lines.push(`${kind} ADVISORY  ${lock.write ? "WRITE" : "READ "} ${lock.pid} ${name} ${range(lock)}`);
  }
  return lines;
}

export const lockCalls: Handlers = { flock };
