/** What a task's paths begin at, and its umask: chdir(2), fchdir(2), getcwd(2), chroot(2), umask(2). */
import { EBADF, ENAMETOOLONG, ENOENT, ENOMEM, ENOTDIR, EPERM, ERANGE } from "../abi/errno.ts";
import { AT_FDCWD } from "../abi/fcntl.ts";
import { PATH_MAX } from "../abi/limits.ts";
import { fail } from "../errors.ts";
import { FS_CWD_DENTRY, FS_CWD_MOUNT, FS_ROOT_DENTRY, FS_ROOT_MOUNT, FS_STRUCT } from "../hot/layout.ts";
import type { Handlers, Kernel } from "../kernel.ts";
import { encodeString } from "../mm/address-space.ts";
import type { Task } from "../task/task.ts";
import { getName } from "./filename.ts";
import { LOOKUP_DIRECTORY, LOOKUP_FOLLOW } from "./namei.ts";
import { isReachable, type Path, pathName } from "./path.ts";
import { MAY_EXEC, permission } from "./permission.ts";

/** Root, working directory and umask: shared by tasks cloned with CLONE_FS (man 2 clone). */
export class FsContext {
  readonly #kernel: Kernel;
  /** Its record in kernel memory (FS_*). */
  readonly ptr: number;
  umask: number;
  #users = 1;
  #root: Path;
  #cwd: Path;

  /** Throws ENOMEM. */
  constructor(kernel: Kernel, root: Path, cwd: Path, umask: number) {
    this.#kernel = kernel;
    this.ptr = kernel.hot.alloc(FS_STRUCT);
    if (this.ptr === 0) fail(ENOMEM);
    this.#root = root;
    this.#cwd = cwd;
    this.#enter(FS_ROOT_MOUNT, FS_ROOT_DENTRY, root);
    this.#enter(FS_CWD_MOUNT, FS_CWD_DENTRY, cwd);
    this.umask = umask;
  }

  #enter(mountAt: number, dentryAt: number, path: Path): void {
    const { kmem, vfs } = this.#kernel;
    vfs.hold(path);
    kmem.u32[(this.ptr + mountAt) >> 2] = path.mount.ptr;
    kmem.u32[(this.ptr + dentryAt) >> 2] = path.dentry.ptr;
  }

  get root(): Path {
    return this.#root;
  }
  set root(path: Path) {
    const old = this.#root;
    this.#root = path;
    this.#enter(FS_ROOT_MOUNT, FS_ROOT_DENTRY, path);
    this.#kernel.vfs.release(old);
  }

  get cwd(): Path {
    return this.#cwd;
  }
  set cwd(path: Path) {
    const old = this.#cwd;
    this.#cwd = path;
    this.#enter(FS_CWD_MOUNT, FS_CWD_DENTRY, path);
    this.#kernel.vfs.release(old);
  }

  /** For a child: the same places, to be changed by itself. Throws ENOMEM. */
  copy(): FsContext {
    return new FsContext(this.#kernel, this.#root, this.#cwd, this.umask);
  }

  /** One more task shares it. */
  share(): this {
    this.#users++;
    return this;
  }

  /** A task ends. */
  leave(): void {
    if (--this.#users > 0) return;
    const { hot, vfs } = this.#kernel;
    vfs.release(this.#root);
    vfs.release(this.#cwd);
    hot.free(this.ptr, FS_STRUCT);
  }
}

/** Finds a directory that the task may enter; the walk then stands there. 0 or -errno. */
function findDirectory(t: Task, path: number): number {
  const { walk } = t.kernel.vfs;
  const error = walk.lookup(t, AT_FDCWD, getName(t.mm, path), LOOKUP_FOLLOW | LOOKUP_DIRECTORY);
  return error || permission(walk.dentry.inode, MAY_EXEC, walk.cred);
}

function chdir(t: Task, path: number): number {
  const error = findDirectory(t, path);
  if (!error) t.fs.cwd = t.kernel.vfs.walk.path();
  return error;
}

function fchdir(t: Task, fd: number): number {
  const { vfs } = t.kernel;
  const file = vfs.fileOfFd(t, fd);
  if (file === null) return -EBADF;
  if (!file.inode.isDirectory) return -ENOTDIR;
  const error = permission(file.inode, MAY_EXEC, vfs.walk.cred.of(t));
  if (!error) t.fs.cwd = { mount: file.mount, dentry: file.dentry };
  return error;
}

function chroot(t: Task, path: number): number {
  const error = findDirectory(t, path);
  if (error) return error;
  const { walk } = t.kernel.vfs;
  if (!walk.cred.root) return -EPERM;
  t.fs.root = walk.path();
  return 0;
}

function getcwd(t: Task, address: number, size: number): number {
  const { root, cwd } = t.fs;
  if (cwd.dentry.unhashed) return -ENOENT;
  const bytes = encodeString((isReachable(cwd, root) ? "" : "(unreachable)") + pathName(cwd, root));
  if (bytes.length >= PATH_MAX) return -ENAMETOOLONG;
  if (bytes.length + 1 > size) return -ERANGE;
  t.mm.check(address, bytes.length + 1);
  t.mm.u8.set(bytes, address);
  t.mm.u8[address + bytes.length] = 0;
  return bytes.length + 1;
}

export const fsContextCalls: Handlers = {
  chdir,
  fchdir,
  getcwd,
  chroot,
  umask(t, mask) {
    const old = t.fs.umask;
    t.fs.umask = mask & 0o777;
    return old;
  },
};
