/** Calls that make descriptors of objects without a name: pipe(2), eventfd(2), epoll_create(2), memfd_create(2). */
import { EFAULT, EINVAL, ENFILE, ENOSPC } from "../abi/errno.ts";
import {
  F_SEAL_SEAL,
  MFD_ALLOW_SEALING,
  MFD_CLOEXEC,
  O_CLOEXEC,
  O_DIRECT,
  O_NONBLOCK,
  O_RDONLY,
  O_RDWR,
  O_WRONLY,
} from "../abi/fcntl.ts";
import { EFD_CLOEXEC, EFD_NONBLOCK, EFD_SEMAPHORE, EPOLL_CLOEXEC } from "../abi/poll.ts";
import { SPARE_SHARE } from "../hot/layout.ts";
import type { Handlers } from "../kernel.ts";
import type { Task } from "../task/task.ts";
import { nameless } from "./anon.ts";
import { RamRegular } from "./ram-regular.ts";

function pipe2(t: Task, address: number, flags: number): number {
  if (flags & ~(O_CLOEXEC | O_NONBLOCK | O_DIRECT)) return -EINVAL;
  const { hot, vfs } = t.kernel;
  if (!hot.pages_left(0, SPARE_SHARE)) return -ENFILE;
  const pipe = hot.pipe_new();
  const reader = hot.pipe_open(pipe, O_RDONLY | (flags & (O_NONBLOCK | O_DIRECT)));
  const writer = hot.pipe_open(pipe, O_WRONLY | (flags & (O_NONBLOCK | O_DIRECT)));
  hot.pipe_put(pipe);
  const cloexec = (flags & O_CLOEXEC) !== 0;
  const first = vfs.installFd(t, reader, cloexec);
  if (first < 0) {
    hot.file_put(writer);
    return first;
  }
  const second = vfs.installFd(t, writer, cloexec);
  if (second < 0 || address + 8 > t.mm.size) {
    vfs.closeFd(t, first);
    if (second >= 0) vfs.closeFd(t, second);
    return second < 0 ? second : -EFAULT;
  }
  t.mm.setU32(address, first);
  t.mm.setU32(address + 4, second);
  return 0;
}

function eventfd2(t: Task, count: number, flags: number): number {
  if (flags & ~(EFD_SEMAPHORE | EFD_CLOEXEC | EFD_NONBLOCK)) return -EINVAL;
  const { hot } = t.kernel;
  const ptr = hot.pages_left(0, SPARE_SHARE) ? hot.eventfd_new(count, flags & EFD_SEMAPHORE, flags & EFD_NONBLOCK) : 0;
  return ptr === 0 ? -ENFILE : t.kernel.vfs.installFd(t, ptr, (flags & EFD_CLOEXEC) !== 0);
}

function epollCreate(t: Task, flags: number): number {
  if (flags & ~EPOLL_CLOEXEC) return -EINVAL;
  const { hot } = t.kernel;
  const ptr = hot.pages_left(0, SPARE_SHARE) ? hot.epoll_new(0) : 0;
  return ptr === 0 ? -ENFILE : t.kernel.vfs.installFd(t, ptr, (flags & EPOLL_CLOEXEC) !== 0);
}

/** "memfd:" and the name are one file name of at most 255 bytes. */
const MEMFD_NAME_MAX = 249;
const MFD_NOEXEC_SEAL = 8;
const MFD_EXEC = 0x10;

function memfdCreate(t: Task, address: number, flags: number): number {
  if (flags & ~(MFD_CLOEXEC | MFD_ALLOW_SEALING | MFD_NOEXEC_SEAL | MFD_EXEC)) return -EINVAL;
  if (flags & MFD_NOEXEC_SEAL && flags & MFD_EXEC) return -EINVAL;
  const end = t.mm.u8.indexOf(0, address);
  if (end < 0) return -EFAULT;
  if (end - address > MEMFD_NAME_MAX) return -EINVAL;
  const name = t.mm.readString(address);
  const { vfs } = t.kernel;
  const { memory } = vfs.anon;
  const mode = flags & MFD_NOEXEC_SEAL ? 0o666 : 0o777;
  const inode = memory.root.inode.tmpfile(mode, vfs.walk.cred.of(t));
  if (!(inode instanceof RamRegular)) return -ENOSPC;
  inode.seals = flags & (MFD_ALLOW_SEALING | MFD_NOEXEC_SEAL) ? 0 : F_SEAL_SEAL;
  const file = inode.open(t, { mount: memory, dentry: nameless(inode, `/memfd:${name} (deleted)`) }, O_RDWR);
  if (typeof file === "number") {
    inode.evictUnused();
    return file;
  }
  return vfs.installFd(t, file.ptr, (flags & MFD_CLOEXEC) !== 0);
}

export const pipeCalls: Handlers = {
  pipe: (t, address) => pipe2(t, address, 0),
  pipe2,
  eventfd: (t, count) => eventfd2(t, count, 0),
  eventfd2,
  epoll_create: (t, size) => (size <= 0 ? -EINVAL : epollCreate(t, 0)),
  epoll_create1: (t, flags) => epollCreate(t, flags),
  memfd_create: memfdCreate,
};
