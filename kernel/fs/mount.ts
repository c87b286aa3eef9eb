/** Mounts and super blocks: a file system, and the places where it is attached (man 2 mount, man 7 mount_namespaces). */
import { ENOMEM } from "../abi/errno.ts";
import { fail } from "../errors.ts";
import { MOUNT_COLD, MOUNT_FLAGS, MOUNT_REFS } from "../hot/layout.ts";
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
  /** Entries that Dentry.find gives may be out of date: Inode.revalidate is asked first. */
  readonly revalidates: boolean = false;
  /** Entries that were looked up are kept. */
  readonly caches: boolean = true;
  /** Its options for /proc/mounts, with a comma before each. */
  options = "";
  /** How many mounts of it there are. */
  mounts = 0;
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
  /** Its record in kernel memory (MOUNT_*); it has one reference for its place in the tree. */
  readonly ptr: number;
  #flags = 0;
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
    const { hot, kmem } = sb.vfs.kernel;
    this.ptr = hot.mount_new(root.record());
    if (this.ptr === 0) fail(ENOMEM);
    kmem.i32[(this.ptr + MOUNT_COLD) >> 2] = sb.vfs.mountRecords.add(this);
    this.flags = flags;
    sb.mounts++;
  }

  /** MNT_* */
  get flags(): number {
    return this.#flags;
  }
  set flags(flags: number) {
    this.#flags = flags;
    this.sb.vfs.kernel.kmem.u32[(this.ptr + MOUNT_FLAGS) >> 2] = flags | (this.sb.readOnly ? MNT_READONLY : 0);
  }

  /** Whether anything but the tree uses it: open files, working directories. */
  get isUsed(): boolean {
    return this.sb.vfs.kernel.kmem.u32[(this.ptr + MOUNT_REFS) >> 2] > 1;
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
    this.sb.vfs.kernel.hot.mount_attach(this.ptr, parent.ptr, mountpoint.ptr);
  }

  /** Takes it out of the tree; the reference for that stays. */
  detach(): void {
    if (this.parent) {
      this.parent.children!.delete(this.mountpoint!);
      this.mountpoint!.mounts--;
      this.sb.vfs.kernel.hot.mount_detach(this.ptr);
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
