/** What /proc/sys/fs shows and root may set there (man 5 proc_sys_fs). The hot half looks at some of it, in kernel memory. */
import type { KernelMemory } from "../hot/hot.ts";
import { FILES_MAX, PIPE_MAX, PROTECTED } from "../hot/layout.ts";

export class Sysctl {
  readonly #kmem: KernelMemory;
  protectedHardlinks = 1;
  protectedFifos = 0;
  pipeMaxSize = PIPE_MAX;
  #fileMax = 0;
  #protectedSymlinks = 0;
  #protectedRegular = 0;

  constructor(kmem: KernelMemory) {
    this.#kmem = kmem;
    this.fileMax = 1048576;
  }

  get fileMax(): number {
    return this.#fileMax;
  }
  set fileMax(files: number) {
    this.#fileMax = files;
    this.#kmem.u32[FILES_MAX >> 2] = Math.min(files, 0xffffffff);
  }

  get protectedSymlinks(): number {
    return this.#protectedSymlinks;
  }
  set protectedSymlinks(level: number) {
    this.#protectedSymlinks = level;
    this.#tell();
  }

  get protectedRegular(): number {
    return this.#protectedRegular;
  }
  set protectedRegular(level: number) {
    this.#protectedRegular = level;
    this.#tell();
  }

  #tell(): void {
    this.#kmem.u32[PROTECTED >> 2] = this.#protectedSymlinks | this.#protectedRegular;
  }
}
