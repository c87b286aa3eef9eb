/** What the kernel asks of the runtime: the only way from kernel/ to WebAssembly and the host. */
import type { UserMemory } from "./mm/address-space.ts";
import type { Task } from "./task/task.ts";

/** A program prepared and compiled: opaque to the kernel. */
export interface Image {
  /** Whether fork and vfork work in it (the loader gave it asyncify). */
  readonly canFork: boolean;
  /** Bytes of memory it wants at the start. */
  readonly initialBytes: number;
  /** First byte after its static data and stack: where brk starts. */
  readonly dataEnd: number;
}

export interface Platform {
  /** Fills with random bytes (seeded in deterministic mode). */
  random(bytes: Uint8Array): void;
  /** Prepares and compiles a program. Throws SysError ENOEXEC (with a kernel log line) for what is no program, ENOMEM. */
  loadImage(bytes: Uint8Array, path: string): Image;
  /** A new, zeroed memory of at least `bytes`, at most `maximum`. Throws SysError ENOMEM. */
  newMemory(bytes: number, maximum: number): UserMemory;
  /** Makes the task start `image` from its beginning on task.mm: at once for a new task, after the trap for one that called exec. */
  startImage(task: Task, image: Image): void;
  /**
   * Begins to unwind the calling task's stack into the asyncify buffer at `buffer`; `then` runs when the stack is gone and gives the
   * result with which the call returns in the same task, once rewound.
   */
  unwind(task: Task, buffer: number, bufferSize: number, then: () => number): void;
  /** Makes `child` a copy of the unwound `parent`: same image, globals and stack, on child.mm; it will return `result` from the call. */
  startFork(parent: Task, child: Task, buffer: number, result: number): void;
  /** Makes `task` start at table entry `fn` in a new instance of the image of `creator`, on the same memory. */
  startThread(creator: Task, task: Task, start: ThreadStart): void;
  /** The image that a task runs. */
  imageOf(task: Task): Image;
  /** The task is over: drop its instance (its stack is gone or will never run again). */
  endTask(task: Task): void;
  /** Calls `wakeUp` at or soon after monotonic ms `at`; a new call replaces the last. Infinity: never. */
  setAlarm(at: number): void;
  /** Bytes of host memory that the machine's guests hold, for /proc/meminfo. */
  memoryInUse(): number;
}

export interface ThreadStart {
  /** Table index of the function. */
  fn: number;
  /** Its arguments: (arg) for ring3.clone, (tid, arg) for WALI's thread spawn. */
  args: readonly number[];
  /** Stack pointer and TLS base to install; -1 leaves them. */
  stack: number;
  tls: number;
}
