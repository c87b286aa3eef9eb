/** getdents64(2) and getdents(2). */
import { EBADF, EFAULT, EINVAL, ENOENT, ENOTDIR } from "../abi/errno.ts";
import { O_NOATIME } from "../abi/fcntl.ts";
import { putU64 } from "../abi/layout.ts";
import { dirent } from "../abi/structs.ts";
import { FB_PATH } from "../hot/layout.ts";
import type { Handlers } from "../kernel.ts";
import { encodeString } from "../mm/address-space.ts";
import type { Task } from "../task/task.ts";

/** Reads entries into user memory. `old`: getdents's form, which has the type in the record's last byte. */
function readDirectory(t: Task, fd: number, address: number, size: number, old: boolean): number {
  const { vfs } = t.kernel;
  const file = vfs.fileOfFd(t, fd);
  if (file === null || file.bits & FB_PATH) return -EBADF;
  if (!file.inode.isDirectory) return -ENOTDIR;
  if (file.inode.dead) return -ENOENT;
  const { view, u8, at: start, end: last } = t.mm.region(address, 0);
  const at = dirent.offset;
  const nameAt = old ? at.d_type : dirent.size;
  const end = Math.min(start + Math.min(size, 0x7fffffff), last);
  let to = start;
  let full = false;
  const error = file.readdir((name, ino, type, offset) => {
    const bytes = encodeString(name);
    // The name's NUL, and in the old form the type's byte.
    const length = (nameAt + bytes.length + (old ? 2 : 1) + 7) & ~7;
    if (to + length > end) {
      full = true;
      return false;
    }
    putU64(view, to + at.d_ino, ino);
    putU64(view, to + at.d_off, offset);
    view.setUint16(to + at.d_reclen, length, true);
    u8.fill(0, to + nameAt + bytes.length, to + length);
    u8.set(bytes, to + nameAt);
    u8[to + (old ? length - 1 : at.d_type)] = type;
    to += length;
    return true;
  });
  if (error) return error;
  if (!(file.flags & O_NOATIME)) file.inode.accessed(file.mount);
  if (to === start && full) return end < start + size ? -EFAULT : -EINVAL;
  return to - start;
}

export const readdirCalls: Handlers = {
  getdents64: (t, fd, address, size) => readDirectory(t, fd, address, size, false),
  getdents: (t, fd, address, size) => readDirectory(t, fd, address, size, true),
};
