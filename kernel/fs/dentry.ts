/**
 * Directory entries: the names of a tree, kept in memory (Linux's dcache).
 *
 * Those of memory file systems are in kernel memory, where the hot half walks them (hot/dcache.ts); a Dentry then belongs to a record and
 * all changes of the tree go through here. Of other file systems a directory keeps the entries that were looked up.
 */
import { ENOSPC } from "../abi/errno.ts";
import { NAME_MAX } from "../abi/limits.ts";
import { fail } from "../errors.ts";
import { DENTRY_COLD, DENTRY_NEXT, DENTRY_OFFSET, INODE_FIRST, NAME_BUFFER } from "../hot/layout.ts";
import { encodeString } from "../mm/address-space.ts";
import type { Inode } from "./inode.ts";
import type { Mount } from "./mount.ts";
import type { Vfs } from "./vfs.ts";

export class Dentry {
  name: string;
  /** The directory it is in; a root is its own parent. */
  parent: Dentry;
  inode: Inode;
  /** Its record in kernel memory (DENTRY_*); 0 where it has none: outside of memory file systems, and when nobody uses it any more. */
  ptr = 0;
  /** Mounts on this entry. */
  mounts = 0;
  /** No longer (or never) in its parent: unlinked, or an object without a name in any tree. */
  unhashed = false;
  /** What /proc/pid/fd shows for an object outside of every tree, e.g. "pipe:[7]". */
  readonly ownName: string | null;
  /** Known entries by name, where they have no records. */
  #children: Map<string, Dentry> | null = null;

  constructor(name: string, parent: Dentry | null, inode: Inode, ownName: string | null = null) {
    this.name = name;
    this.parent = parent ?? this;
    this.inode = inode;
    this.ownName = ownName;
  }

  get #vfs(): Vfs {
    return this.inode.sb.vfs;
  }

  // ------------------------------------------------------------ the entries of a directory

  /** The entry of that name, as far as it is known: in a memory file system there is no other (Inode.complete). */
  find(name: string): Dentry | undefined {
    if (this.ptr === 0) return this.#children?.get(name);
    const vfs = this.#vfs;
    const length = putName(vfs, name);
    const found = length < 0 ? 0 : vfs.kernel.hot.d_find(this.ptr, length);
    return found === 0 ? undefined : vfs.dentryAt(found);
  }

  /** The known entries, in the order in which they were added. Whoever is asked for one may drop it. */
  *entries(): IterableIterator<Dentry> {
    if (this.ptr === 0) {
      yield* this.#children?.values() ?? [];
      return;
    }
    const vfs = this.#vfs;
    const { u32 } = vfs.kernel.kmem;
    for (let at = u32[(this.inode.ptr + INODE_FIRST) >> 2]; at !== 0; ) {
      const next = u32[(at + DENTRY_NEXT) >> 2];
      yield vfs.dentryAt(at);
      at = next;
    }
  }

  get isEmpty(): boolean {
    if (this.ptr === 0) return (this.#children?.size ?? 0) === 0;
    return this.#vfs.kernel.kmem.u32[(this.inode.ptr + INODE_FIRST) >> 2] === 0;
  }

  /** Where an entry of a memory file system stands in its directory, as getdents64 gives it: from 2 on, growing. */
  get offset(): number {
    return this.#vfs.kernel.kmem.getI64(this.ptr + DENTRY_OFFSET);
  }

  /** Puts a new entry into this directory, where its name is free. Throws ENOSPC where kernel memory is full. */
  add(child: Dentry): void {
    child.parent = this;
    if (this.ptr === 0) (this.#children ??= new Map()).set(child.name, child);
    else if (!this.#vfs.kernel.hot.d_add(child.record())) fail(ENOSPC);
    child.unhashed = false;
    child.inode.alias = child;
  }

  // ------------------------------------------------------------ an entry

  /** Takes the entry out of its directory; its parent stays known, for "..". */
  drop(): void {
    const listed = !this.unhashed;
    this.unhashed = true;
    if (this.ptr === 0) this.forget();
    else if (listed) this.#vfs.kernel.hot.d_drop(this.ptr);
  }

  /** The directory no longer knows the entry, which may be found anew: outside of memory file systems. */
  forget(): void {
    const siblings = this.parent.#children;
    if (siblings?.get(this.name) === this) siblings.delete(this.name);
  }

  /** Moves the entry to another directory (or the same) under a name that is free. Throws ENOSPC where kernel memory is full. */
  moveTo(dir: Dentry, name: string): void {
    if (this.ptr === 0) {
      this.forget();
      this.name = name;
      dir.add(this);
      return;
    }
    const vfs = this.#vfs;
    if (!vfs.kernel.hot.d_move(this.ptr, dir.ptr, putName(vfs, name))) fail(ENOSPC);
    this.name = name;
    this.parent = dir;
    this.inode.alias = this;
  }

  /** Whether this is `other` or lies below it. */
  isWithin(other: Dentry): boolean {
    for (let d: Dentry = this; ; d = d.parent) {
      if (d === other) return true;
      if (d.parent === d) return false;
    }
  }

  /**
   * Its record, made where it has none yet (0 outside of memory file systems): for those who count a reference (dget) at once. Throws
   * ENOSPC where kernel memory is full.
   */
  record(): number {
    const { inode } = this;
    if (this.ptr !== 0 || inode.ptr === 0) return this.ptr;
    const vfs = this.#vfs;
    const parent = this.parent === this ? 0 : this.parent.ptr;
    this.ptr = vfs.kernel.hot.d_new(inode.ptr, parent, Math.max(0, putName(vfs, this.name)));
    if (this.ptr === 0) fail(ENOSPC);
    vfs.kernel.kmem.i32[(this.ptr + DENTRY_COLD) >> 2] = vfs.dentries.add(this);
    return this.ptr;
  }
}

/** Puts a name into NAME_BUFFER: its length in bytes, -1 where it is longer than NAME_MAX. */
function putName(vfs: Vfs, name: string): number {
  const { u8 } = vfs.kernel.kmem;
  const { length } = name;
  if (length > NAME_MAX) return -1;
  for (let i = 0; i < length; i++) {
    const code = name.charCodeAt(i);
    if (code >= 0x80) return putBytes(u8, encodeString(name));
    u8[NAME_BUFFER + i] = code;
  }
  return length;
}

function putBytes(u8: Uint8Array, bytes: Uint8Array): number {
  if (bytes.length > NAME_MAX) return -1;
  u8.set(bytes, NAME_BUFFER);
  return bytes.length;
}

/** The mount on top of a dentry, or null. `mount` is the one through which the dentry is seen. */
export function mountedOn(mount: Mount, dentry: Dentry): Mount | null {
  if (dentry.mounts === 0) return null;
  return mount.children?.get(dentry) ?? null;
}
