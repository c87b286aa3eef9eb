/** Finding and reading a program for execve(2). */
import { EACCES, ELOOP } from "../abi/errno.ts";
import { AT_EMPTY_PATH, AT_SYMLINK_NOFOLLOW } from "../abi/fcntl.ts";
import { S_ISGID, S_ISUID, S_IXGRP } from "../abi/stat.ts";
import { fail } from "../errors.ts";
import type { Task } from "../task/task.ts";
import type { Dentry } from "./dentry.ts";
import { Filename } from "./filename.ts";
import type { Content, Inode } from "./inode.ts";
import { MNT_NOEXEC, MNT_NOSUID, type Mount } from "./mount.ts";
import { LOOKUP_FOLLOW } from "./namei.ts";
import type { Path } from "./path.ts";
import { MAY_EXEC, permission } from "./permission.ts";
import type { Vfs } from "./vfs.ts";

/** Bytes of a program's start that are kept with its content: `#!` lines are looked for in them. */
const HEAD_BYTES = 256;

export class ExecFile implements Path {
  readonly mount: Mount;
  readonly dentry: Dentry;
  readonly inode: Inode;
  /** Stands for the file's bytes as they are now: another object once they have changed. */
  readonly identity: Content;
  #bytes: Uint8Array | null = null;

  constructor(path: Path) {
    this.mount = path.mount;
    this.dentry = path.dentry;
    this.inode = path.dentry.inode;
    this.identity = this.inode.content();
  }

  get path(): Path {
    return { mount: this.mount, dentry: this.dentry };
  }

  /** User and group that the program is to run as, by its set-user-ID and set-group-ID bits; -1 none. */
  get setuid(): number {
    return this.inode.mode & S_ISUID && !(this.mount.flags & MNT_NOSUID) ? this.inode.uid : -1;
  }
  get setgid(): number {
    const bits = S_ISGID | S_IXGRP;
    return (this.inode.mode & bits) === bits && !(this.mount.flags & MNT_NOSUID) ? this.inode.gid : -1;
  }

  /** The first bytes, at most `length` (<= 256). Throws SysError. */
  readHead(length: number): Uint8Array {
    this.identity.head ??= this.readAll().slice(0, HEAD_BYTES);
    return this.identity.head.subarray(0, length);
  }

  /** The whole file. Throws SysError. */
  readAll(): Uint8Array {
    if (this.#bytes === null) {
      this.inode.accessed(this.mount);
      const bytes = this.inode.readAll();
      if (typeof bytes === "number") fail(-bytes);
      this.#bytes = bytes;
    }
    return this.#bytes;
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
  return permission(inode, MAY_EXEC, walk.cred) || inode.refresh() || new ExecFile(found);
}
