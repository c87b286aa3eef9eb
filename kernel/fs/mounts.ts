/** mount(2) and umount2(2) for what can be mounted from inside: memory file systems, proc, /dev, and parts of the tree again (bind). */
import { EBUSY, EINVAL, ENODEV, ENOSPC, ENOTDIR, EPERM } from "../abi/errno.ts";
import { AT_FDCWD } from "../abi/fcntl.ts";
import type { Handlers } from "../kernel.ts";
import type { Task } from "../task/task.ts";
import { Filename, getName } from "./filename.ts";
import {
  MNT_NOATIME,
  MNT_NODEV,
  MNT_NODIRATIME,
  MNT_NOEXEC,
  MNT_NOSUID,
  MNT_READONLY,
  MNT_RELATIME,
  Mount,
  type SuperBlock,
} from "./mount.ts";
import { LOOKUP_FOLLOW } from "./namei.ts";
import type { Path } from "./path.ts";
import { RamFs } from "./ramfs.ts";
import type { Vfs } from "./vfs.ts";

// mount(2): <linux/mount.h>
const MS_REMOUNT = 0x20;
const MS_BIND = 0x1000;
const MS_MOVE = 0x2000;
const MS_STRICTATIME = 0x1000000;
/** How mounts propagate: there is one mount namespace, so these change nothing. */
const MS_PROPAGATION = 0x1e0000;
/** Flags that are the mount's, with the same bits in MNT_*. */
const MS_PER_MOUNT = 0xc0f;
/** Mounts of a machine. */
const MOUNT_MAX = 10000;
// umount2(2)
const MNT_DETACH = 2;
const UMOUNT_NOFOLLOW = 8;
const UMOUNT_FLAGS = 0xf;

/** Makes (or gives) a file system for a mount; `options` as in mount -o. */
export type MakeFs = (vfs: Vfs, options: string) => SuperBlock | number;

/** tmpfs with its mode= option; size= and the like are taken and have no effect. */
export const makeTmpfs: MakeFs = (vfs, options) => {
  const mode = /(?:^|,)mode=([0-7]+)/.exec(options);
  return new RamFs(vfs, "tmpfs", mode === null ? 0o1777 : Number.parseInt(mode[1], 8) & 0o7777);
};
export const makeRamfs: MakeFs = (vfs) => new RamFs(vfs, "ramfs", 0o755);

/** Mounts a kind of file system on a path. 0 or -errno. */
export function mountNew(vfs: Vfs, type: string, source: string, on: Path, flags: number, options: string): number {
  const make = vfs.fileSystems.get(type);
  if (make === undefined) return -ENODEV;
  if (!on.dentry.inode.isDirectory) return -ENOTDIR;
  const sb = make(vfs, options);
  if (typeof sb === "number") return sb;
  vfs.attachMount(new Mount(sb, source, mountFlags(flags)), on);
  return 0;
}

function mountFlags(flags: number): number {
  const kept = flags & MS_PER_MOUNT;
  return kept & MNT_NOATIME || flags & MS_STRICTATIME ? kept : kept | MNT_RELATIME;
}

function bind(vfs: Vfs, source: Path, on: Path): number {
  if (source.dentry.inode.isDirectory !== on.dentry.inode.isDirectory) return -ENOTDIR;
  const { sb, flags, source: name } = source.mount;
  vfs.attachMount(new Mount(sb, name, flags, source.dentry), on);
  return 0;
}

function mount(t: Task, source: number, target: number, type: number, flags: number, data: number): number {
  const { vfs } = t.kernel;
  const { walk } = vfs;
  const typeName = type === 0 ? "" : t.mm.readString(type);
  const sourceName = source === 0 ? "" : t.mm.readString(source);
  const options = data === 0 || flags & (MS_BIND | MS_MOVE) ? "" : t.mm.readString(data);
  const error = walk.lookup(t, AT_FDCWD, getName(t.mm, target), LOOKUP_FOLLOW);
  if (error) return error;
  if (!walk.cred.root) return -EPERM;
  const on = walk.path();
  if (flags & MS_REMOUNT) {
    if (on.dentry !== on.mount.root) return -EINVAL;
    on.mount.flags = mountFlags(flags);
    return 0;
  }
  if (vfs.mounts.size >= MOUNT_MAX) return -ENOSPC;
  if (flags & MS_PROPAGATION) return on.dentry === on.mount.root ? 0 : -EINVAL;
  if (flags & MS_BIND) {
    const missing = walk.lookup(t, AT_FDCWD, new Filename(sourceName), LOOKUP_FOLLOW);
    return missing || bind(vfs, walk.path(), on);
  }
  if (flags & MS_MOVE) return -EINVAL;
  return mountNew(vfs, typeName, sourceName || "none", on, flags, options);
}

/** Whether anything uses the mount: mounts on it, open files, working directories, running programs. */
function isBusy(mount: Mount): boolean {
  return mount.isUsed || (mount.children !== null && mount.children.size > 0);
}

function umount2(t: Task, target: number, flags: number): number {
  if (flags & ~UMOUNT_FLAGS) return -EINVAL;
  const { vfs } = t.kernel;
  const { walk } = vfs;
  const error = walk.lookup(t, AT_FDCWD, getName(t.mm, target), flags & UMOUNT_NOFOLLOW ? 0 : LOOKUP_FOLLOW);
  if (error) return error;
  if (!walk.cred.root) return -EPERM;
  const { mount, dentry } = walk;
  if (dentry !== mount.root || mount.parent === null) return -EINVAL;
  if (!(flags & MNT_DETACH) && isBusy(mount)) return -EBUSY;
  vfs.detachMount(mount);
  return 0;
}

/** "rw,relatime" and so on, for /proc/mounts. */
export function optionsOf(mount: Mount): string {
  const { flags } = mount;
  const words = [flags & MNT_READONLY || mount.sb.readOnly ? "ro" : "rw"];
  for (const [bit, word] of FLAG_WORDS) if (flags & bit) words.push(word);
  return words.join(",");
}

const FLAG_WORDS: readonly (readonly [bit: number, word: string])[] = [
  [MNT_NOSUID, "nosuid"],
  [MNT_NODEV, "nodev"],
  [MNT_NOEXEC, "noexec"],
  [MNT_NOATIME, "noatime"],
  [MNT_NODIRATIME, "nodiratime"],
  [MNT_RELATIME, "relatime"],
];

export const mountCalls: Handlers = { mount, umount2 };
