/**
 * The virtual file system of one machine: its mounts, devices and open files. System calls are in the files named after them (open.ts,
 * stat.ts...); what kinds of file there are, in ramfs.ts, devfs.ts, hostfs.ts, ../proc.
 */
import { EBADF, ENFILE, ENOMEM, ENOTDIR, ENXIO } from "../abi/errno.ts";
import { AT_EMPTY_PATH, AT_FDCWD, O_ACCMODE, O_PATH, O_RDONLY, O_RDWR, O_WRONLY } from "../abi/fcntl.ts";
import { fail } from "../errors.ts";
import {
  COARSE_REALTIME,
  DENTRY_COLD,
  DENTRY_PARENT,
  DENTRY_REFS,
  DENTRY_SEED,
  FB_CLOSE_HOOK,
  FB_PATH,
  FB_READ,
  FB_SEEK,
  FB_WRITE,
  FILE_BITS,
  FILE_COLD,
  FILE_MOUNT,
  FILE_NEXT,
  FILES_OPEN,
  IF_DEAD,
  INODE_FILES,
  INODE_FLAGS,
  KIND_COLD,
  MOUNT_COLD,
  PROC_NOFILE,
  SPARE_SHARE,
} from "../hot/layout.ts";
import type { Kernel } from "../kernel.ts";
import type { Task } from "../task/task.ts";
import { AnonFs, coldSideOf } from "./anon.ts";
import { Dentry } from "./dentry.ts";
import { type ExecFile, openForExec } from "./exec.ts";
import { type File, fileFlags } from "./file.ts";
import type { Inode } from "./inode.ts";
import { dropFileLocks, dropPosixLocks, type LockWaiter } from "./locks.ts";
import { type Mappable, mappableFile } from "./mmap.ts";
import { MNT_RELATIME, Mount, majorOf, minorOf } from "./mount.ts";
import { type MakeFs, makeRamfs, makeTmpfs } from "./mounts.ts";
import { Walk } from "./namei.ts";
import { type Path, pathName } from "./path.ts";
import { RamFs } from "./ramfs.ts";
import { Slots } from "./slots.ts";
import { Sysctl } from "./sysctl.ts";

/** Opens a device node: makes and attaches a File, or gives -errno (or what t.block gives). */
export type OpenDevice = (t: Task | null, inode: Inode, path: Path, flags: number) => File | number;

/** CLOCK_REALTIME as of the last tick. */
export interface Now {
  seconds: number;
  nanoseconds: number;
}

export class Vfs {
  readonly kernel: Kernel;
  readonly walk: Walk;
  /** The root of the machine; a task's own root may lie below (chroot). */
  root: Path;
  /** Cold sides of open file descriptions; FILE_COLD is the index. */
  readonly files = new Slots<File>();
  /** Dentries and mounts that have records in kernel memory; DENTRY_COLD and MOUNT_COLD are the indices. */
  readonly dentries = new Slots<Dentry>();
  readonly mountRecords = new Slots<Mount>();
  readonly sysctl: Sysctl;
  /** Who waits in F_SETLKW, by descriptor table: to find circles. */
  readonly lockWaiters = new Map<number, LockWaiter>();
  /** Descriptions of FIFOs whose open(2) waits for the other side; see fifo.ts. */
  readonly opening = new Map<Task, number>();
  /** Every mount in the tree, in the order in which they were made. */
  readonly mounts = new Set<Mount>();
  /** What mount(2) can make, by the names of /proc/filesystems. */
  readonly fileSystems = new Map<string, MakeFs>([
    ["tmpfs", makeTmpfs],
    ["ramfs", makeRamfs],
  ]);
  /** Inodes of memory file systems, and further names of them; see MAX_INODES. */
  memoryInodes = 0;
  /** Objects without a place in the tree: pipes, eventfds, epolls, memfds. */
  readonly anon: AnonFs;
  readonly #charDevices = new Map<string, OpenDevice>();
  readonly #now: Now = { seconds: 0, nanoseconds: 0 };
  #nowLow = -1;
  #nowHigh = -1;
  #minor = 20;
  #buffer = 0;
  /** Bytes of buffer(). */
  readonly bufferSize = 65536;

  constructor(kernel: Kernel) {
    this.kernel = kernel;
    const { kmem, platform } = kernel;
    const seed = new Uint8Array(4);
    platform.random(seed);
    kmem.u8.set(seed, DENTRY_SEED);
    this.sysctl = new Sysctl(kmem);
    this.walk = new Walk(this);
    this.refreshClock();
    const mount = new Mount(new RamFs(this, "tmpfs", 0o755), "root", MNT_RELATIME);
    mount.detached = false;
    this.mounts.add(mount);
    this.root = { mount, dentry: mount.root };
    this.anon = new AnonFs(this);
  }

  rootPath(): Path {
    return this.root;
  }

  // ------------------------------------------------------------ clocks and numbers

  /** The coarse wall clock (current_time of Linux's inodes). The same object every time: take the fields. */
  now(): Now {
    const { kmem } = this.kernel;
    const low = kmem.u32[COARSE_REALTIME >> 2];
    const high = kmem.u32[(COARSE_REALTIME >> 2) + 1];
    if (low !== this.#nowLow || high !== this.#nowHigh) {
      this.#nowLow = low;
      this.#nowHigh = high;
      const ns = kmem.i64[COARSE_REALTIME >> 3];
      this.#now.seconds = Number(ns / 1000000000n);
      this.#now.nanoseconds = Number(ns % 1000000000n);
    }
    return this.#now;
  }

  /** Sets the coarse clock from the fine one: where no tick came for a while, because the CPU was idle. */
  refreshClock(): void {
    const { kmem, clock } = this.kernel;
    kmem.i64[COARSE_REALTIME >> 3] = BigInt(Math.floor(clock.realtime())) * 1000000n;
  }

  /** A device number (major 0) for a file system without a device. */
  newAnonymousDevice(): number {
    return this.#minor++;
  }

  /** A block of kernel memory through which bytes pass on their way between files; valid until anyone else asks for it. */
  buffer(): number {
    this.#buffer ||= this.kernel.hot.alloc(this.bufferSize);
    return this.#buffer;
  }

  // ------------------------------------------------------------ tree

  /** A dentry for an entry that the file system found or made. */
  newDentry(dir: Dentry, name: string, inode: Inode): Dentry {
    const dentry = new Dentry(name, dir, inode);
    if (dir.inode.sb.caches) dir.add(dentry);
    return dentry;
  }

  /** Puts a mount on a path, on top of what may be mounted there. */
  attachMount(mount: Mount, on: Path): void {
    mount.attach(on.mount, on.dentry);
    this.mounts.add(mount);
  }

  /** Takes a mount, and those on it, out of the tree. It goes when nobody uses it any more. */
  detachMount(mount: Mount): void {
    for (const child of [...(mount.children?.values() ?? [])]) this.detachMount(child);
    mount.detach();
    this.mounts.delete(mount);
    this.kernel.hot.mntput(mount.ptr);
  }

  /** The last reference to a mount is gone; the file system ends with its last mount. */
  releaseMount(ptr: number): void {
    const { sb } = this.mountRecords.remove(this.kernel.kmem.i32[(ptr + MOUNT_COLD) >> 2]);
    this.kernel.hot.mount_free(ptr);
    if (--sb.mounts === 0) sb.shutdown();
  }

  mountAt(ptr: number): Mount {
    return this.mountRecords.at(this.kernel.kmem.i32[(ptr + MOUNT_COLD) >> 2]);
  }

  dentryAt(ptr: number): Dentry {
    return this.dentries.at(this.kernel.kmem.i32[(ptr + DENTRY_COLD) >> 2]);
  }

  /** The last reference to a dentry's record is gone: its inode has a user less, and so have the directories above it. */
  releaseDentry(ptr: number): void {
    const { u32, i32 } = this.kernel.kmem;
    for (let at = ptr; ; ) {
      const dentry = this.dentries.remove(i32[(at + DENTRY_COLD) >> 2]);
      const parent = u32[(at + DENTRY_PARENT) >> 2];
      dentry.ptr = 0;
      dentry.inode.put();
      this.kernel.hot.d_free(at);
      if (parent === at || --u32[(parent + DENTRY_REFS) >> 2] > 0) break;
      at = parent;
    }
  }

  readonly #deadInodes = new Map<number, number>();
  /** A record that says nothing but a file type (S_IF*): what is left of an inode that is gone. */
  deadInode(type: number): number {
    let ptr = this.#deadInodes.get(type);
    if (ptr === undefined) {
      ptr = this.kernel.hot.inode_new(0, 0, type, 0, 0);
      if (ptr === 0) fail(ENOMEM);
      this.kernel.kmem.u32[(ptr + INODE_FLAGS) >> 2] = IF_DEAD;
      this.#deadInodes.set(type, ptr);
    }
    return ptr;
  }

  /** Keeps a place in the tree from going away, until release. */
  hold(path: Path): void {
    const { hot } = this.kernel;
    hot.mntget(path.mount.ptr);
    const dentry = path.dentry.record();
    if (dentry !== 0) hot.dget(dentry);
  }

  release(path: Path): void {
    const { hot } = this.kernel;
    if (path.dentry.ptr !== 0) hot.dput(path.dentry.ptr);
    hot.mntput(path.mount.ptr);
  }

  /** Opens a program for exec; see exec.ts. `dir`: where a relative path begins, null for the working directory. */
  openForExec(t: Task, dir: Path | null, path: string, flags: number): ExecFile | number {
    return openForExec(this, t, dir, path, flags);
  }

  /** The name of a path as the task sees it. */
  pathName(t: Task, path: Path): string {
    return pathName(path, t.fs.root);
  }

  /** Where a path of an *at call begins: the descriptor's directory (with AT_EMPTY_PATH and an empty path any file), or -errno. */
  directoryOf(t: Task, dirfd: number, path: string, flags: number): Path | number {
    if (dirfd === AT_FDCWD || path.startsWith("/")) return t.fs.cwd;
    const file = this.fileOfFd(t, dirfd);
    if (file === null) return -EBADF;
    if (!file.inode.isDirectory && !(path === "" && flags & AT_EMPTY_PATH)) return -ENOTDIR;
    return { mount: file.mount, dentry: file.dentry };
  }

  /** The file of a descriptor for mmap, or -EBADF; see mmap.ts. */
  mappableFile(t: Task, fd: number): Mappable | number {
    return mappableFile(t, fd);
  }

  // ------------------------------------------------------------ devices

  /** Says what opening a character device does. `minor` -1: every minor that is not registered itself. */
  registerCharDevice(major: number, minor: number, open: OpenDevice): void {
    this.#charDevices.set(`${major}:${minor}`, open);
  }

  openCharDevice(t: Task | null, inode: Inode, path: Path, flags: number): File | number {
    const major = majorOf(inode.rdev);
    const open = this.#charDevices.get(`${major}:${minorOf(inode.rdev)}`) ?? this.#charDevices.get(`${major}:-1`);
    return open === undefined ? -ENXIO : open(t, inode, path, flags);
  }

  // ------------------------------------------------------------ open files

  /**
   * Gives a File its open file description. `flags` are open's. `kind` and `object`: what the hot half serves it as. 0 or -errno.
   */
  attach(file: File, flags: number, kind: number = KIND_COLD, seekable = true): number {
    const mode = flags & O_ACCMODE;
    let bits = file.inode.hooks;
    if (flags & O_PATH) bits = FB_PATH;
    else {
      if (mode === O_RDONLY || mode === O_RDWR) bits |= FB_READ;
      if (mode === O_WRONLY || mode === O_RDWR) bits |= FB_WRITE;
      if (seekable) bits |= FB_SEEK;
    }
    const ptr = this.hasRoom() ? this.kernel.hot.file_new(kind, fileFlags(flags), bits) : 0;
    if (ptr === 0) return -ENFILE;
    this.adopt(file, ptr);
    return 0;
  }

  /** Whether there may be one more open file description. */
  hasRoom(): boolean {
    const { hot, kmem } = this.kernel;
    return kmem.u32[FILES_OPEN >> 2] < this.sysctl.fileMax && hot.pages_left(0, SPARE_SHARE) !== 0;
  }

  /** Ties a File to a description that exists. */
  adopt(file: File, ptr: number): void {
    const { kmem, hot } = this.kernel;
    file.ptr = ptr;
    file.index = this.files.add(file);
    kmem.i32[(ptr + FILE_COLD) >> 2] = file.index;
    if (kmem.u32[(ptr + FILE_MOUNT) >> 2] === 0) hot.file_set_path(ptr, file.mount.ptr, file.dentry.record());
    if (file.inode.ptr === 0) file.inode.users++;
  }

  /** The cold side of a description; made now for what the hot half made by itself. */
  fileOf(ptr: number): File {
    const index = this.kernel.kmem.i32[(ptr + FILE_COLD) >> 2];
    if (index >= 0) return this.files.at(index);
    const file = coldSideOf(this, ptr);
    this.adopt(file, ptr);
    return file;
  }

  /** The file behind a task's descriptor, or null. */
  fileOfFd(t: Task | null, fd: number): File | null {
    const ptr = t === null ? 0 : this.kernel.hot.fd_get(t.files, fd);
    return ptr === 0 ? null : this.fileOf(ptr);
  }

  /** The hot half dropped the last reference to a description. */
  releaseFile(ptr: number): void {
    const file = this.files.remove(this.kernel.kmem.i32[(ptr + FILE_COLD) >> 2]);
    if (file.inode.locks !== null) dropFileLocks(this, file);
    file.release();
    if (file.inode.ptr === 0) file.inode.put();
  }

  /** A task closes a descriptor of a description with FB_CLOSE_HOOK: its record locks on the file end (man 2 fcntl). */
  onCloseHook(t: Task, ptr: number): void {
    const file = this.fileOf(ptr);
    if (file.inode.locks !== null) dropPosixLocks(this, file.inode, t.files);
  }

  /** A task ends in the middle of a call, perhaps: an open that waits is given up, and so is the wait for a lock. */
  taskExit(t: Task): void {
    const opening = this.opening.get(t);
    if (opening !== undefined) {
      this.opening.delete(t);
      this.kernel.hot.file_put(opening);
    }
    if (this.lockWaiters.get(t.files)?.task === t) this.lockWaiters.delete(t.files);
  }

  poll(ptr: number): number {
    return this.fileOf(ptr).poll();
  }

  /** Makes every open description of the inode, and every later one, carry FB_* bits. */
  hook(inode: Inode, bits: number): void {
    if ((inode.hooks & bits) === bits) return;
    inode.hooks |= bits;
    const { u32 } = this.kernel.kmem;
    const add = (ptr: number): void => {
      if (!(u32[(ptr + FILE_BITS) >> 2] & FB_PATH)) u32[(ptr + FILE_BITS) >> 2] |= bits;
    };
    if (inode.ptr === 0) {
      for (const file of this.files) if (file.inode === inode) add(file.ptr);
      return;
    }
    for (let at = u32[(inode.ptr + INODE_FILES) >> 2]; at !== 0; at = u32[(at + FILE_NEXT) >> 2]) add(at);
  }

  // ------------------------------------------------------------ descriptors

  /** The lowest free descriptor of the task, or -EMFILE. It stays free until installFd. */
  freeFd(t: Task, min = 0): number {
    return this.kernel.hot.fd_alloc(t.files, min, this.kernel.kmem.u32[(t.process.ptr + PROC_NOFILE) >> 2]);
  }

  /** Gives a description (and the caller's reference to it) a descriptor; on failure the reference is dropped. */
  installFd(t: Task, ptr: number, cloexec: boolean): number {
    const fd = this.freeFd(t);
    if (fd < 0) this.kernel.hot.file_put(ptr);
    else this.kernel.hot.fd_install(t.files, fd, ptr, cloexec ? 1 : 0);
    return fd;
  }

  /** As close(2): 0, or -1 where the descriptor was not open. */
  closeFd(t: Task, fd: number): number {
    const { hot, kmem } = this.kernel;
    const ptr = hot.fd_take(t.files, fd);
    if (ptr === 0) return -1;
    if (kmem.u32[(ptr + FILE_BITS) >> 2] & FB_CLOSE_HOOK) this.onCloseHook(t, ptr);
    hot.file_put(ptr);
    return 0;
  }
}
