/** Who may do what: mode bits, owners and groups (man 7 path_resolution, credentials, capabilities: user 0 has them all). */
import { EACCES, EISDIR, ENOENT, ENOTDIR, EPERM, EROFS } from "../abi/errno.ts";
import { S_IFDIR, S_IFLNK, S_IFMT, S_IFREG, S_ISGID, S_ISUID, S_ISVTX, S_IXGRP } from "../abi/stat.ts";
import { PROC_FSGID, PROC_FSUID, PROC_GID, PROC_UID } from "../hot/layout.ts";
import type { Task } from "../task/task.ts";
import type { Dentry } from "./dentry.ts";
import type { Inode } from "./inode.ts";

export const MAY_EXEC = 1;
export const MAY_WRITE = 2;
export const MAY_READ = 4;

/** The identity a check is made for. */
export class Cred {
  uid = 0;
  gid = 0;
  groups: readonly number[] = [];

  /** The task's file system ids; the kernel itself (null) is root. */
  of(t: Task | null): this {
    if (t === null) {
      this.uid = this.gid = 0;
      this.groups = [];
    } else {
      const { u32 } = t.kernel.kmem;
      const ptr = t.process.ptr;
      this.uid = u32[(ptr + PROC_FSUID) >> 2];
      this.gid = u32[(ptr + PROC_FSGID) >> 2];
      this.groups = t.process.groups;
    }
    return this;
  }

  /** The task's real ids, which access(2) asks about. */
  realOf(t: Task): this {
    this.of(t);
    const { u32 } = t.kernel.kmem;
    this.uid = u32[(t.process.ptr + PROC_UID) >> 2];
    this.gid = u32[(t.process.ptr + PROC_GID) >> 2];
    return this;
  }

  /** All capabilities. */
  get root(): boolean {
    return this.uid === 0;
  }

  inGroup(gid: number): boolean {
    return this.gid === gid || this.groups.includes(gid);
  }

  /** Owner of the file, or root (CAP_FOWNER). */
  owns(inode: Inode): boolean {
    return this.uid === inode.uid || this.uid === 0;
  }
}

/** Whether `cred` may do `mask` (MAY_*) with the inode: 0, -EACCES, -EROFS. The mount's read-only flag is not looked at. */
export function permission(inode: Inode, mask: number, cred: Cred): number {
  let { mode } = inode;
  const type = mode & S_IFMT;
  if (mask & MAY_WRITE && inode.sb.readOnly && (type === S_IFREG || type === S_IFDIR || type === S_IFLNK))
    return -EROFS;
  if (cred.uid === inode.uid) mode >>= 6;
  else if (cred.inGroup(inode.gid)) mode >>= 3;
  if ((mask & ~mode & 7) === 0) return 0;
  // Root may search any directory, read and write anything, and execute what anyone may execute.
  const byRoot = cred.uid === 0 && (type === S_IFDIR || !(mask & MAY_EXEC) || (inode.mode & 0o111) !== 0);
  return byRoot ? 0 : -EACCES;
}

/** The sticky bit's rule: in /tmp only the owners of file or directory remove an entry. 0 or -EPERM. */
export function sticky(dir: Inode, victim: Inode, cred: Cred): number {
  if (!(dir.mode & S_ISVTX) || cred.uid === victim.uid || cred.uid === dir.uid || cred.uid === 0) return 0;
  return -EPERM;
}

/** Whether an entry may be added to the directory. 0 or -errno. */
export function mayCreate(dir: Inode, cred: Cred): number {
  if (dir.dead) return -ENOENT;
  return permission(dir, MAY_WRITE | MAY_EXEC, cred);
}

/** Whether the directory's entry `victim` may be removed, by rmdir (`asDirectory`) or unlink. 0 or -errno. */
export function mayDelete(dir: Inode, victim: Dentry, asDirectory: boolean, cred: Cred): number {
  const error = permission(dir, MAY_WRITE | MAY_EXEC, cred) || sticky(dir, victim.inode, cred);
  if (error) return error;
  if (asDirectory) {
    if (!victim.inode.isDirectory) return -ENOTDIR;
  } else if (victim.inode.isDirectory) return -EISDIR;
  return dir.dead ? -ENOENT : 0;
}

/** Mode of the file once someone without privilege wrote to it or owns it newly: set-user-ID and set-group-ID are gone. */
export function withoutPrivileges(inode: Inode): number {
  const { mode } = inode;
  return mode & ~(S_ISUID | (mode & S_IXGRP ? S_ISGID : 0));
}

/** After a write or truncation: takes the set-user-ID and set-group-ID bits away unless root did it (man 2 write). */
export function dropPrivileges(inode: Inode, cred: Cred): void {
  const mode = withoutPrivileges(inode);
  if (mode !== inode.mode && inode.isRegular && !cred.root) inode.setAttributes({ mode });
}

/** Group of a new file: the directory's where that has its set-group-ID bit, as with BSD's rule. */
export function newGroup(dir: Inode, cred: Cred): number {
  return dir.mode & S_ISGID ? dir.gid : cred.gid;
}

/** Mode of a new file (type included): directories inherit set-group-ID, other files lose it where the creator is not in the group. */
export function newMode(dir: Inode, mode: number, cred: Cred): number {
  if (!(dir.mode & S_ISGID)) return mode;
  if ((mode & S_IFMT) === S_IFDIR) return mode | S_ISGID;
  const forOthers = (mode & (S_ISGID | S_IXGRP)) === (S_ISGID | S_IXGRP) && !cred.inGroup(dir.gid) && !cred.root;
  return forOthers ? mode & ~S_ISGID : mode;
}
