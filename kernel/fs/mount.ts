/** Mounts and super blocks: a file system, and the places where it is attached (man 2 mount, man 7 mount_namespaces). */
import type { Dentry } from "./dentry.ts";
import type { Vfs } from "./vfs.ts";

/** Mount flags, as statfs(2) shows them in f_flags (ST_*). */
export const MNT_READONLY = 1;
export const MNT_NOSUID = 2;
export const MNT_NODEV = 4;
export const MNT_NOEXEC = 8;
export const MNT_NOATIME = 0x400;
export const MNT_NODIRATIME = 0x800;
export const MNT_RELATIME = 0x1000;

/** Sizes of a file system, in blocks and files (man 2 statfs). */
export interface FsSizes {
  blockSize: number;
  blocks: number;
  freeBlocks: number;
  availableBlocks: number;
  files: number;
  freeFiles: number;
}

/** One file system instance. Kinds of file system derive from it. */
export abstract class SuperBlock {
  readonly vfs: Vfs;
  /** st_dev, as new_encode_dev packs it: major 0, a minor of its own. */
  readonly dev: number;
  /** As in /proc/mounts and /proc/filesystems. */
  readonly type: string;
  /** statfs's f_type. */
  readonly magic: number;
  readonly blockSize: number = 4096;
  /** Read-only as a whole: changes are EROFS whatever the mount says. */
  readOnly = false;
  /** Entries found in Dentry.children may be out of date: Inode.revalidate is asked first. */
  readonly revalidates: boolean = false;
  /** Entries that were looked up are kept in Dentry.children. */
  readonly caches: boolean = true;
  /** Its options for /proc/mounts, with a comma before each. */
  options = "";
  root!: Dentry;

  constructor(vfs: Vfs, type: string, magic: number) {
    this.vfs = vfs;
    this.dev = vfs.newAnonymousDevice();
    this.type = type;
    this.magic = magic;
  }

  abstract sizes(): FsSizes;

  /** Writes everything out (syncfs); 0 or -errno. */
  sync(): number {
    return 0;
  }

  /** The last mount of it is gone. */
  shutdown(): void {}
}

let nextMountId = 1;

export class Mount {
  readonly id = nextMountId++;
  readonly sb: SuperBlock;
  /** The directory (or file, for bind mounts) of the file system that shows at the mount point. */
  readonly root: Dentry;
  /** What was mounted, for /proc/mounts: a host folder, "tmpfs"... */
  readonly source: string;
  flags: number;
  parent: Mount | null = null;
  mountpoint: Dentry | null = null;
  /** Mounts on dentries seen through this mount. */
  children: Map<Dentry, Mount> | null = null;
  /** Unmounted, or never in the tree (pipes, memfds). */
  detached = true;

  constructor(sb: SuperBlock, source: string, flags: number, root: Dentry = sb.root) {
    this.sb = sb;
    this.root = root;
    this.source = source;
    this.flags = flags;
  }

  get readOnly(): boolean {
    return (this.flags & MNT_READONLY) !== 0 || this.sb.readOnly;
  }

  /** Puts this mount on top of a dentry of `parent`. */
  attach(parent: Mount, mountpoint: Dentry): void {
    this.parent = parent;
    this.mountpoint = mountpoint;
    this.detached = false;
    mountpoint.mounts++;
    (parent.children ??= new Map()).set(mountpoint, this);
  }

  /** Takes it out of the tree. */
  detach(): void {
    if (this.parent) {
      this.parent.children!.delete(this.mountpoint!);
      this.mountpoint!.mounts--;
    }
    this.parent = null;
    this.mountpoint = null;
    this.detached = true;
  }
}

/** st_dev and st_rdev of a device number, and back: glibc's and the kernel's 64-bit form (man 3 makedev). */
export function makedev(major: number, minor: number): number {
  return (minor & 0xff) + (major & 0xfff) * 0x100 + (minor & 0xfff00) * 0x1000 + (major & 0xfffff000) * 0x100000000;
}

export function majorOf(dev: number): number {
  return (Math.floor(dev / 0x100) & 0xfff) | (Math.floor(dev / 0x100000000) & 0xfffff000);
}

export function minorOf(dev: number): number {
  return (dev & 0xff) | (Math.floor(dev / 0x1000) & 0xfff00);
}
