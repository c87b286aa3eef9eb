/** /dev: a memory file system with the devices that every Linux has (Linux's drivers/char/mem.c, Documentation/admin-guide/devices.txt). */
import { EAGAIN, EINVAL, ENOSPC } from "../abi/errno.ts";
import { S_IFCHR } from "../abi/stat.ts";
import { KIND_COLD, KIND_FULL, KIND_NULL, KIND_ZERO } from "../hot/layout.ts";
import type { Kernel } from "../kernel.ts";
import { decodeBytes, encodeString } from "../mm/address-space.ts";
import type { Task } from "../task/task.ts";
import { File } from "./file.ts";
import type { Inode } from "./inode.ts";
import { makedev } from "./mount.ts";
import type { Path } from "./path.ts";
import { Cred } from "./permission.ts";
import { RamFs } from "./ramfs.ts";
import type { Vfs } from "./vfs.ts";

/** Major number of the memory devices, minors below. */
const MEM_MAJOR = 1;

/** A device without an end: seeking does nothing. */
class EndlessFile extends File {
  override seek(): number {
    this.pos = 0;
    return 0;
  }
}

class NullFile extends EndlessFile {
  override read(): number {
    return 0;
  }
  override write(_t: Task | null, from: Uint8Array): number {
    return from.length;
  }
}

class ZeroFile extends EndlessFile {
  override readonly mappable = true;
  override read(_t: Task | null, into: Uint8Array): number {
    into.fill(0);
    return into.length;
  }
  override write(_t: Task | null, from: Uint8Array): number {
    return from.length;
  }
}

class FullFile extends EndlessFile {
  override read(_t: Task | null, into: Uint8Array): number {
    into.fill(0);
    return into.length;
  }
  override write(): number {
    return -ENOSPC;
  }
}

/** random and urandom: one thing, as on Linux once it is seeded. */
class RandomFile extends EndlessFile {
  override read(_t: Task | null, into: Uint8Array): number {
    // The host's generator wants memory that is not shared.
    const bytes = new Uint8Array(into.length);
    this.kernel.platform.random(bytes);
    into.set(bytes);
    return into.length;
  }
  override write(_t: Task | null, from: Uint8Array): number {
    return from.length;
  }
}

/** The kernel log, a record a read (Linux's Documentation/ABI/testing/dev-kmsg); at the end there is no waiting: EAGAIN. */
class KernelLogFile extends File {
  #next = 0;

  override read(_t: Task | null, into: Uint8Array): number {
    const { lines } = this.kernel.log;
    if (this.#next >= lines.length) return -EAGAIN;
    const line = /^\[ *(\d+)\.(\d+)\] (.*)$/s.exec(lines[this.#next]);
    const time = line === null ? 0 : Number(line[1]) * 1000000 + Number(line[2]);
    const record = encodeString(`6,${this.#next},${time},-;${line === null ? lines[this.#next] : line[3]}\n`);
    if (record.length > into.length) return -EINVAL;
    into.set(record);
    this.#next++;
    return record.length;
  }

  override write(_t: Task | null, from: Uint8Array): number {
    this.kernel.log.print(
      decodeBytes(from.slice())
        .replace(/^<\d+>/, "")
        .replace(/\n$/, ""),
    );
    return from.length;
  }

  override seek(): number {
    this.#next = 0;
    return 0;
  }
}

interface MemDevice {
  readonly name: string;
  readonly minor: number;
  readonly mode: number;
  readonly kind: number;
  readonly file: new (kernel: Kernel, path: Path) => File;
}

const MEM_DEVICES: readonly MemDevice[] = [
  { name: "null", minor: 3, mode: 0o666, kind: KIND_NULL, file: NullFile },
  { name: "zero", minor: 5, mode: 0o666, kind: KIND_ZERO, file: ZeroFile },
  { name: "full", minor: 7, mode: 0o666, kind: KIND_FULL, file: FullFile },
  { name: "random", minor: 8, mode: 0o666, kind: KIND_COLD, file: RandomFile },
  { name: "urandom", minor: 9, mode: 0o666, kind: KIND_COLD, file: RandomFile },
  { name: "kmsg", minor: 11, mode: 0o644, kind: KIND_COLD, file: KernelLogFile },
];

/** Terminals' nodes; what they do is registered by kernel/tty. */
const TTY_NODES: readonly (readonly [name: string, major: number, minor: number, mode: number])[] = [
  ["tty", 5, 0, 0o666],
  ["console", 5, 1, 0o600],
  ["ptmx", 5, 2, 0o666],
];

const LINKS: readonly (readonly [name: string, target: string])[] = [
  ["fd", "/proc/self/fd"],
  ["stdin", "/proc/self/fd/0"],
  ["stdout", "/proc/self/fd/1"],
  ["stderr", "/proc/self/fd/2"],
];

export class DevFs extends RamFs {
  constructor(vfs: Vfs) {
    super(vfs, "devtmpfs", 0o755);
    // There is one, however often it is mounted.
    vfs.fileSystems.set("devtmpfs", () => this);
    for (const { name, minor, mode, kind, file: Kind } of MEM_DEVICES) {
      vfs.registerCharDevice(MEM_MAJOR, minor, (_t, _inode, path, flags) => {
        const file = new Kind(vfs.kernel, path);
        return vfs.attach(file, flags, kind) || file;
      });
      this.addNode(name, S_IFCHR | mode, makedev(MEM_MAJOR, minor));
    }
    for (const [name, major, minor, mode] of TTY_NODES) this.addNode(name, S_IFCHR | mode, makedev(major, minor));
    const cred = new Cred();
    const dir = this.root;
    for (const [name, target] of LINKS) this.#add(name, this.rootDirectory.symlink(dir, name, target, cred));
    for (const name of ["pts", "shm"]) this.#add(name, this.rootDirectory.mkdir(dir, name, 0o755, cred));
  }

  /** Adds a device node, owned by root. */
  addNode(name: string, mode: number, rdev: number): void {
    this.#add(name, this.rootDirectory.mknod(this.root, name, mode, rdev, new Cred()));
  }

  /** Nothing is added when the machine's memory is full of files already. */
  #add(name: string, inode: Inode | number): void {
    if (typeof inode !== "number") this.vfs.newDentry(this.root, name, inode);
  }
}
