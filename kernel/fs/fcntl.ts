/** fcntl(2), and ioctl(2) for what every file has. */
import { EBADF, EINVAL, ENOTTY, EPERM, ESRCH } from "../abi/errno.ts";
import {
  F_ADD_SEALS,
  F_DUPFD,
  F_DUPFD_CLOEXEC,
  F_GET_SEALS,
  F_GETFD,
  F_GETFL,
  F_GETLEASE,
  F_GETLK,
  F_GETOWN,
  F_GETOWN_EX,
  F_GETPIPE_SZ,
  F_GETSIG,
  F_OFD_GETLK,
  F_OFD_SETLK,
  F_OFD_SETLKW,
  F_OWNER_PGRP,
  F_OWNER_PID,
  F_OWNER_TID,
  F_SEAL_FUTURE_WRITE,
  F_SEAL_GROW,
  F_SEAL_SEAL,
  F_SEAL_SHRINK,
  F_SEAL_WRITE,
  F_SETFD,
  F_SETFL,
  F_SETLK,
  F_SETLKW,
  F_SETOWN,
  F_SETOWN_EX,
  F_SETPIPE_SZ,
  F_SETSIG,
  F_UNLCK,
  FD_CLOEXEC,
  O_APPEND,
  O_ASYNC,
  O_DIRECT,
  O_NOATIME,
  O_NONBLOCK,
} from "../abi/fcntl.ts";
import { FIOASYNC, FIOCLEX, FIONBIO, FIONCLEX, FIONREAD, FIOQSIZE } from "../abi/ioctl.ts";
import { f_owner_ex } from "../abi/structs.ts";
import { FB_PATH, FB_WRITE, FB_WRITE_HOOK, PROC_NOFILE, RING_CAP } from "../hot/layout.ts";
import type { Handlers } from "../kernel.ts";
import type { Task } from "../task/task.ts";
import { PipeFile } from "./fifo.ts";
import type { File } from "./file.ts";
import { fcntlLock } from "./locks.ts";
import { RamRegular } from "./ram-regular.ts";

/** What one command does; `fd` for those about the descriptor rather than the description. */
type Command = (t: Task, file: File, argument: number, fd: number, command: number) => number;

/** What F_SETFL can change. */
const CHANGEABLE = O_APPEND | O_NONBLOCK | O_DIRECT | O_NOATIME | O_ASYNC;

function duplicate(t: Task, file: File, min: number, cloexec: boolean): number {
  const { hot, kmem, vfs } = t.kernel;
  if (min < 0 || min >= kmem.u32[(t.process.ptr + PROC_NOFILE) >> 2]) return -EINVAL;
  const fd = vfs.freeFd(t, min);
  if (fd < 0) return fd;
  hot.file_ref(file.ptr);
  hot.fd_install(t.files, fd, file.ptr, cloexec ? 1 : 0);
  return fd;
}

function setFlags(t: Task, file: File, flags: number): number {
  if (flags & O_NOATIME && !(file.flags & O_NOATIME) && !t.kernel.vfs.walk.cred.of(t).owns(file.inode)) return -EPERM;
  file.flags = (file.flags & ~CHANGEABLE) | (flags & CHANGEABLE);
  return 0;
}

function setPipeSize(t: Task, file: File, size: number): number {
  if (!(file instanceof PipeFile)) return -EBADF;
  const { hot, vfs } = t.kernel;
  if (size < 0) return -EINVAL;
  if (size > vfs.sysctl.pipeMaxSize && !vfs.walk.cred.of(t).root) return -EPERM;
  return hot.pipe_resize(file.pipe, size);
}

const SEALS = F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE | F_SEAL_FUTURE_WRITE;

function addSeals(t: Task, file: File, seals: number): number {
  if (!(file.bits & FB_WRITE)) return -EPERM;
  const { inode } = file;
  if (!(inode instanceof RamRegular) || seals & ~SEALS) return -EINVAL;
  if (inode.seals & F_SEAL_SEAL) return -EPERM;
  inode.seals |= seals;
  // From now on writes have to ask.
  t.kernel.vfs.hook(inode, FB_WRITE_HOOK);
  return 0;
}

function getSeals(file: File): number {
  return file.inode instanceof RamRegular ? file.inode.seals : -EINVAL;
}

/** A process, or the negative of a group's id. */
function setOwner(t: Task, file: File, argument: number): number {
  const owner = argument | 0;
  if (owner === -(2 ** 31)) return -EINVAL;
  return own(t, file, owner < 0 ? F_OWNER_PGRP : F_OWNER_PID, Math.abs(owner));
}

/** struct f_owner_ex: what kind of thing owns the file, and its id. */
function getOwnerEx(t: Task, file: File, address: number): number {
  const { owner, ownerThread } = file;
  const type = owner < 0 ? F_OWNER_PGRP : ownerThread ? F_OWNER_TID : F_OWNER_PID;
  const { view, at } = t.mm.region(address, f_owner_ex.size);
  f_owner_ex.write(view, at, { type, pid: Math.abs(owner) });
  return 0;
}

function setOwnerEx(t: Task, file: File, address: number): number {
  const { view, at } = t.mm.region(address, f_owner_ex.size);
  const { type, pid } = f_owner_ex.read(view, at);
  if (type < F_OWNER_TID || type > F_OWNER_PGRP) return -EINVAL;
  return own(t, file, type, pid);
}

function own(t: Task, file: File, type: number, pid: number): number {
  if (pid !== 0 && !exists(t, type, pid)) return -ESRCH;
  file.owner = type === F_OWNER_PGRP ? -pid : pid;
  file.ownerThread = type === F_OWNER_TID;
  return 0;
}

function exists({ kernel }: Task, type: number, pid: number): boolean {
  if (type === F_OWNER_TID) return kernel.tasksByTid.has(pid);
  return type === F_OWNER_PID ? kernel.processes.has(pid) : kernel.groups.has(pid);
}

const lock: Command = (t, file, address, _fd, command) => fcntlLock(t, file, command, address >>> 0);

const COMMANDS = new Map<number, Command>([
  [F_DUPFD, (t, file, min) => duplicate(t, file, min | 0, false)],
  [F_DUPFD_CLOEXEC, (t, file, min) => duplicate(t, file, min | 0, true)],
  [F_GETFD, (t, _file, _argument, fd) => (t.kernel.hot.fd_cloexec(t.files, fd) ? FD_CLOEXEC : 0)],
  [
    F_SETFD,
    (t, _file, flags, fd) => {
      t.kernel.hot.fd_set_cloexec(t.files, fd, flags & FD_CLOEXEC);
      return 0;
    },
  ],
  [F_GETFL, (_t, file) => file.flags],
  [F_SETFL, setFlags],
  [F_GETLK, lock],
  [F_SETLK, lock],
  [F_SETLKW, lock],
  [F_OFD_GETLK, lock],
  [F_OFD_SETLK, lock],
  [F_OFD_SETLKW, lock],
  [F_GETOWN, (_t, file) => file.owner],
  [F_SETOWN, setOwner],
  [F_GETOWN_EX, getOwnerEx],
  [F_SETOWN_EX, setOwnerEx],
  [F_GETSIG, (_t, file) => file.ownerSignal],
  [
    F_SETSIG,
    (_t, file, signo) => {
      if (signo < 0 || signo > 64) return -EINVAL;
      file.ownerSignal = signo;
      return 0;
    },
  ],
  [F_GETLEASE, () => F_UNLCK],
  [F_GETPIPE_SZ, (t, file) => (file instanceof PipeFile ? t.kernel.kmem.u32[(file.pipe + RING_CAP) >> 2] : -EBADF)],
  [F_SETPIPE_SZ, setPipeSize],
  [F_ADD_SEALS, addSeals],
  [F_GET_SEALS, (_t, file) => getSeals(file)],
]);

/** What an O_PATH descriptor allows (man 2 open). */
const WITH_PATH: readonly number[] = [F_DUPFD, F_DUPFD_CLOEXEC, F_GETFD, F_SETFD, F_GETFL];

function fcntl(t: Task, fd: number, command: number, argument: number): number {
  const file = t.kernel.vfs.fileOfFd(t, fd);
  if (file === null || (file.bits & FB_PATH && !WITH_PATH.includes(command))) return -EBADF;
  const run = COMMANDS.get(command);
  return run === undefined ? -EINVAL : run(t, file, argument, fd, command);
}

type Request = (t: Task, file: File, argument: number, fd: number) => number;

function setCloexec(on: number): Request {
  return (t, _file, _argument, fd) => {
    t.kernel.hot.fd_set_cloexec(t.files, fd, on);
    return 0;
  };
}

function setFlagByPointer(flag: number): Request {
  return (t, file, address) => {
    const on = t.mm.i32(address) !== 0;
    file.flags = on ? file.flags | flag : file.flags & ~flag;
    return 0;
  };
}

/** ioctls that the file itself is not asked about. */
const REQUESTS = new Map<number, Request>([
  [FIOCLEX, setCloexec(1)],
  [FIONCLEX, setCloexec(0)],
  [FIONBIO, setFlagByPointer(O_NONBLOCK)],
  [FIOASYNC, setFlagByPointer(O_ASYNC)],
  [
    FIOQSIZE,
    (t, file, address) => {
      if (!file.inode.isRegular && !file.inode.isDirectory && !file.inode.isSymlink) return -ENOTTY;
      t.mm.setI64(address, file.inode.size);
      return 0;
    },
  ],
]);

/** How many bytes are left before the end of a regular file. */
function bytesLeft(t: Task, file: File, address: number): number {
  const error = file.inode.refresh();
  if (!error) t.mm.setU32(address, Math.max(0, Math.min(file.inode.size - file.pos, 0x7fffffff)));
  return error;
}

function ioctl(t: Task, fd: number, request: number, argument: number): number {
  const file = t.kernel.vfs.fileOfFd(t, fd);
  if (file === null || file.bits & FB_PATH) return -EBADF;
  const code = request >>> 0;
  const generic = REQUESTS.get(code);
  if (generic !== undefined) return generic(t, file, argument, fd);
  if (code === FIONREAD && file.inode.isRegular) return bytesLeft(t, file, argument);
  return file.ioctl(t, code, argument);
}

export const fcntlCalls: Handlers = { fcntl, ioctl };
