/** Finding and reading a program for execve(2). */
import { EACCES, ELOOP } from "../abi/errno.ts";
import { AT_EMPTY_PATH, AT_SYMLINK_NOFOLLOW } from "../abi/fcntl.ts";
import type { Task } from "../task/task.ts";
import type { Dentry } from "./dentry.ts";
import { Filename } from "./filename.ts";
import type { Inode } from "./inode.ts";
import { MNT_NOEXEC, type Mount } from "./mount.ts";
import { LOOKUP_FOLLOW } from "./namei.ts";
import type { Path } from "./path.ts";
import { MAY_EXEC, permission } from "./permission.ts";
import type { Vfs } from "./vfs.ts";

export class ExecFile implements Path {
  readonly mount: Mount;
  readonly dentry: Dentry;
  readonly inode: Inode;

  constructor(path: Path) {
    this.mount = path.mount;
    this.dentry = path.dentry;
    this.inode = path.dentry.inode;
  }

  get path(): Path {
    return this;
  }

  /** The whole file, or -errno. With inode and inode.version as the key, what was made of it can be kept. */
  readAll(): Uint8Array | number {
    this.inode.accessed();
    return this.inode.readAll();
  }
}

/**
 * Opens a program. `dir`: where a relative path begins, null for the working directory; with AT_EMPTY_PATH and an empty path it is the
 * program itself. -EACCES for what is no regular file, has no x bit for the task, or lies on a noexec mount.
 */
export function openForExec(vfs: Vfs, t: Task, dir: Path | null, path: string, flags: number): ExecFile | number {
  const { walk } = vfs;
  let found: Path;
  if (path === "" && flags & AT_EMPTY_PATH && dir !== null) {
    walk.cred.of(t);
    found = dir;
  } else {
    const error = walk.lookupAt(t, dir, new Filename(path), flags & AT_SYMLINK_NOFOLLOW ? 0 : LOOKUP_FOLLOW);
    if (error) return error;
    found = walk;
  }
  const { inode } = found.dentry;
  if (inode.isSymlink) return -ELOOP;
  if (!inode.isRegular || found.mount.flags & MNT_NOEXEC) return -EACCES;
  return permission(inode, MAY_EXEC, walk.cred) || new ExecFile(found);
}
