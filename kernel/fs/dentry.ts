/** Directory entries: the names of a tree, kept in memory (Linux's dcache). */
import type { Inode } from "./inode.ts";
import type { Mount } from "./mount.ts";

export class Dentry {
  name: string;
  /** The directory it is in; a root is its own parent. */
  parent: Dentry;
  inode: Inode;
  /**
   * Known entries by name. In a memory file system these are the directory itself (Inode.complete): a name that is not here does not
   * exist, so negative entries need no objects.
   */
  children: Map<string, Dentry> | null = null;
  /** Mounts on this entry. */
  mounts = 0;
  /** No longer (or never) in its parent: unlinked, or an object without a name in any tree. */
  unhashed = false;
  /** Offset of the entry in its directory, as getdents64 gives it: entries get growing ones as they are added; "." and ".." are 0 and 1. */
  offset = 0;
  #nextOffset = 2;
  /** What /proc/pid/fd shows for an object outside of every tree, e.g. "pipe:[7]". */
  readonly ownName: string | null;

  constructor(name: string, parent: Dentry | null, inode: Inode, ownName: string | null = null) {
    this.name = name;
    this.parent = parent ?? this;
    this.inode = inode;
    this.ownName = ownName;
  }

  /** Puts a new entry into this directory. */
  add(child: Dentry): void {
    (this.children ??= new Map()).set(child.name, child);
    child.parent = this;
    child.offset = this.#nextOffset++;
    child.unhashed = false;
    child.inode.alias = child;
  }

  /** Takes the entry out of its directory; its parent stays known, for "..". */
  drop(): void {
    const siblings = this.parent.children;
    if (siblings?.get(this.name) === this) siblings.delete(this.name);
    this.unhashed = true;
  }

  /** Whether this is `other` or lies below it. */
  isWithin(other: Dentry): boolean {
    for (let d: Dentry = this; ; d = d.parent) {
      if (d === other) return true;
      if (d.parent === d) return false;
    }
  }
}

/** The mount on top of a dentry, or null. `mount` is the one through which the dentry is seen. */
export function mountedOn(mount: Mount, dentry: Dentry): Mount | null {
  if (dentry.mounts === 0) return null;
  return mount.children?.get(dentry) ?? null;
}
