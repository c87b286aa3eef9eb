/** What the kernel asks of the runtime: the only way from kernel/ to WebAssembly and the host. */
import type { AddressSpace, UserMemory } from "./mm/address-space.ts";
import type { Task } from "./task/task.ts";

/** A program prepared and compiled: opaque to the kernel. */
export interface Image {
  /** Whether fork and vfork work in it (the loader made it able to unwind its stack). */
  readonly canFork: boolean;
  /** Bytes of memory it wants at the start: its static data and stack lie below. */
  readonly initialBytes: number;
  /** Bytes its memory may grow to: what the module declares, at most 4 GiB. */
  readonly maximumBytes: number;
}

/** Stands for the bytes of a program. */
export interface ProgramContent {
  /** SHA-256 in hex, where it is known without reading them. */
  readonly digest?: string;
}

export interface Platform {
  /** Fills with random bytes (seeded in deterministic mode). */
  random(bytes: Uint8Array): void;
  /**
   * Prepares and compiles a program; `content` is an object that stands for these very bytes (an inode's version), so that the next
   * exec of it is quick. Throws SysError (ENOEXEC, ENOMEM) or rejects with one; `path` is for messages.
   */
  loadImage(content: ProgramContent, bytes: () => Uint8Array, path: string): Image | Promise<Image>;
  /** A zeroed memory of at least `bytes`, at most `maximum`, for `image` to run on. Throws SysError ENOMEM. */
  newMemory(bytes: number, maximum: number, image?: Image): UserMemory;
  /** A memory as large as the parent's, for its forked child: usable once copyMemory has filled it. Throws SysError ENOMEM. */
  forkMemory(parent: Task): UserMemory;
  /** Copies what is mapped in the unwound task's memory, and its saved stack, to `to`, the rest of which it clears. */
  copyMemory(from: Task, to: AddressSpace): void;
  /** Makes the task start `image` from its beginning on task.mm: at once for a new task, after the trap for one that called exec. */
  startImage(task: Task, image: Image): void;
  /**
   * Begins to unwind the calling task's stack. `then` runs when it is unwound; its result is what the call returns in that task, which winds
   * up at once, or where `then` left it in STATE_VFORK, when it is woken. Gives RESULT_UNWIND, or -errno.
   */
  unwind(task: Task, then: () => number): number;
  /** Makes `child` a copy of the unwound `parent` (image, globals, stack) on child.mm: it returns 0 from the call. Throws. */
  startFork(parent: Task, child: Task): void;
  /** Makes `task` start at a table entry, in a new instance of the image of `creator`, on the same memory. */
  startThread(creator: Task, task: Task, start: ThreadStart): void;
  /** Whether a stack of the task exists that must unwind by a trap before the task is finished. */
  hasStack(task: Task): boolean;
  /** The image that a task runs. */
  imageOf(task: Task): Image;
  /** The task is over: drops its instance. */
  endTask(task: Task): void;
  /**
   * Saves the calling stack, and with `withMask` the signal mask, under a token that is written to the user's `buf`; longjmp winds it
   * up again, the setjmp then giving `value` (1 for 0). For guests that import setjmp. Throws EFAULT.
   */
  setjmp(task: Task, buf: number, withMask: boolean): number;
  longjmp(task: Task, buf: number, value: number): number;
  /** Calls kernel.timers.run at or soon after monotonic ms `at`. */
  setAlarm(at: number): void;
  /** Runs `event`, which came from outside a system call (a host event), then lets the CPU run what it made runnable. */
  event(body: () => void): void;
}

export interface ThreadStart {
  /** Table index of the function. */
  fn: number;
  /** Its arguments: (arg) -> i32 for ring3.clone, (tid, arg) for WALI's thread spawn. */
  args: readonly number[];
  /** Stack pointer and TLS base to install; -1 leaves them. */
  stack: number;
  tls: number;
}
