/** What all inodes of memory file systems have in common: they are counted. */
import { Inode } from "./inode.ts";
import type { RamFs } from "./ramfs.ts";

/** Inodes that the memory file systems of a machine may have together: each costs the host some 500 bytes. */
export const MAX_INODES = 1 << 19;

export abstract class RamInode extends Inode {
  declare readonly sb: RamFs;

  constructor(sb: RamFs, mode: number, uid: number, gid: number) {
    super(sb, sb.newIno(), mode, uid, gid);
    sb.vfs.memoryInodes++;
  }

  override evict(): void {
    super.evict();
    this.sb.vfs.memoryInodes--;
  }
}
