/** Files as mmap(2) sees them: bytes that are read in, and written back from shared mappings. */
import { EBADF } from "../abi/errno.ts";
import { FB_PATH, FB_READ, FB_WRITE, KIND_ZERO } from "../hot/layout.ts";
import type { MappedFile } from "../mm/mappings.ts";
import type { Task } from "../task/task.ts";
import type { File } from "./file.ts";
import { pathName } from "./path.ts";

class FileMapping implements MappedFile {
  readonly #file: File;

  constructor(file: File) {
    this.#file = file;
  }

  get name(): string {
    return pathName(this.#file, this.#file.kernel.vfs.root);
  }

  get inode(): number {
    return this.#file.inode.ino;
  }

  get device(): number {
    return this.#file.inode.sb.dev;
  }

  read(position: number, into: Uint8Array): number {
    return Math.max(0, this.#file.readAt(position, into));
  }

  write(position: number, from: Uint8Array): void {
    this.#file.inode.refresh();
    const count = Math.min(from.length, this.#file.inode.size - position);
    if (count > 0) this.#file.write(null, from.subarray(0, count), position);
  }

  retain(): void {
    this.#file.kernel.hot.file_ref(this.#file.ptr);
  }

  release(): void {
    this.#file.kernel.hot.file_put(this.#file.ptr);
  }
}

export interface Mappable {
  readable: boolean;
  writable: boolean;
  /** Null where there are no bytes to map: ENODEV, but for `zero`. */
  file: MappedFile | null;
  /** /dev/zero: as MAP_ANONYMOUS. */
  zero: boolean;
}

/** The file of a descriptor for mmap, or -EBADF. */
export function mappableFile(t: Task, fd: number): Mappable | number {
  const file = t.kernel.vfs.fileOfFd(t, fd);
  if (file === null || file.bits & FB_PATH) return -EBADF;
  return {
    readable: (file.bits & FB_READ) !== 0,
    writable: (file.bits & FB_WRITE) !== 0,
    file: file.mappable ? new FileMapping(file) : null,
    zero: file.kind === KIND_ZERO,
  };
}
