/** Connects the kernel's tracing hooks to strace's formatter (kernel/trace). */

import { ARG_TYPES } from "../kernel/abi/argtypes.ts";
import { INTERNAL_CALLS } from "../kernel/abi/internal.ts";
import { SYSCALLS, type Syscall, syscallByName } from "../kernel/abi/syscalls.ts";
import { TASK_ARGS, TASK_NR, TASK_WINDOW, WORK_TRACED } from "../kernel/hot/layout.ts";
import type { Kernel } from "../kernel/kernel.ts";
import { encodeString, WINDOW_START } from "../kernel/mm/address-space.ts";
import type { Process } from "../kernel/task/process.ts";
import type { Task } from "../kernel/task/task.ts";
import { traceFilter } from "../kernel/trace/filter.ts";
import type { GuestMemory } from "../kernel/trace/memory.ts";
import { Tracer } from "../kernel/trace/tracer.ts";
import { Ring3Error } from "./api/errors.ts";
import type { TraceRequest } from "./worker/protocol.ts";

const BY_NUMBER: (Syscall | undefined)[] = [];
for (const call of SYSCALLS) BY_NUMBER[call.nr] = call;
/** Numbers of imports that are no system calls (the C start-up's, the loader's): strace does not show them. */
const INTERNAL = new Set(INTERNAL_CALLS.map(({ nr }) => nr));
/** Bytes of a guest's siginfo_t. */
const SIGINFO_BYTES = 128;

/** The test that strace's -e trace= describes. Throws ERR_OPTION. */
export function checkFilter(filter: string): (entry: Syscall) => boolean {
  try {
    return traceFilter(filter);
  } catch (error) {
    throw new Ring3Error("ERR_OPTION", `trace: ${(error as Error).message}`);
  }
}

/** Starts tracing a process that execs `path`, before its first call. `write` takes pieces of text that need not be whole lines. */
export function traceProcess(
  kernel: Kernel,
  process: Process,
  path: string,
  request: TraceRequest,
  write: (text: string) => void,
): Tracer {
  const tracer = new Tracer({
    write,
    now: () => kernel.clock.realtime() * 1000,
    follow: request.follow,
    toFile: request.toFile,
    filter: request.filter === null ? undefined : checkFilter(request.filter),
    timestamps: request.timestamps ? "microseconds" : undefined,
    durations: request.durations,
    summary: request.summary,
  });
  kernel.tracer = tracer;
  kernel.traceChildren = request.follow;
  for (const task of process.tasks) {
    task.work |= WORK_TRACED;
    tracer.attached(task.tid);
    traceExec(tracer, task.tid, path, process);
  }
  return tracer;
}

/** strace's first line: the execve that nobody called here. Its strings stand in a memory made for the purpose. */
function traceExec(tracer: Tracer, tid: number, path: string, { argv, environ }: Process): void {
  const strings = [path, ...argv, ...environ].map((text) => encodeString(`${text}\0`));
  const pointers = 4 * (argv.length + environ.length + 2);
  // Address 0 is NULL to the formatter.
  const base = 16;
  const u8 = new Uint8Array(base + pointers + strings.reduce((sum, { length }) => sum + length, 0));
  const view = new DataView(u8.buffer);
  let at = base + pointers;
  const addresses = strings.map((bytes) => {
    u8.set(bytes, at);
    at += bytes.length;
    return at - bytes.length;
  });
  const environment = base + 4 * (argv.length + 1);
  for (let i = 0; i < argv.length; i++) view.setUint32(base + 4 * i, addresses[1 + i], true);
  for (let i = 0; i < environ.length; i++) view.setUint32(environment + 4 * i, addresses[1 + argv.length + i], true);
  tracer.enter(tid, syscallByName("execve")!, [addresses[0], base, environment], { u8, view });
  tracer.leave(tid, 0, { u8, view });
}

/** A task's memory, with its address space's window where it has a page of that. */
function memoryOf({ kernel, ptr, mm }: Task): GuestMemory {
  const { kmem } = kernel;
  if (!kmem.u32[(ptr + TASK_WINDOW) >> 2]) return mm;
  const find = (address: number) => {
    if (address < WINDOW_START || address >= 2 ** 32) return undefined;
    try {
      return { memory: kmem, address: mm.region(address, 1).at };
    } catch {
      return undefined;
    }
  };
  return { u8: mm.u8, view: mm.view, elsewhere: find };
}

/** What the hot half's trace imports call. */
export class TraceHooks {
  readonly #kernel: Kernel;
  readonly #taskAt: (ptr: number) => Task;
  #siginfo = 0;

  constructor(kernel: Kernel, taskAt: (ptr: number) => Task) {
    this.#kernel = kernel;
    this.#taskAt = taskAt;
  }

  enter(ptr: number): void {
    const { tracer, kmem } = this.#kernel;
    const nr = kmem.i32[(ptr + TASK_NR) >> 2];
    const entry = BY_NUMBER[nr];
    if (!tracer || !entry || INTERNAL.has(nr)) return;
    const task = this.#taskAt(ptr);
    const args = entry.args.map(({ type }, i) => {
      const { wasm, signed } = ARG_TYPES[type];
      const at = ptr + TASK_ARGS + 8 * i;
      return wasm === "i64" ? kmem.getI64(at) : signed ? kmem.i32[at >> 2] : kmem.u32[at >> 2];
    });
    tracer.enter(task.tid, entry, args, memoryOf(task));
  }

  leave(ptr: number, result: number): void {
    const { tracer, kmem } = this.#kernel;
    if (!tracer || INTERNAL.has(kmem.i32[(ptr + TASK_NR) >> 2])) return;
    const task = this.#taskAt(ptr);
    tracer.leave(task.tid, result, memoryOf(task));
  }

  /** `info`: a queued siginfo in kernel memory (SIGINFO_*). */
  signal(ptr: number, info: number): void {
    const { tracer, hot, kmem } = this.#kernel;
    if (!tracer) return;
    // Its address must not be 0, which the formatter takes for NULL.
    this.#siginfo ||= hot.alloc(SIGINFO_BYTES);
    kmem.u8.fill(0, this.#siginfo, this.#siginfo + SIGINFO_BYTES);
    hot.siginfo_to_user_layout(info, this.#siginfo);
    const memory = { u8: kmem.u8, view: new DataView(kmem.buffer) };
    tracer.signal(this.#taskAt(ptr).tid, memory, this.#siginfo);
  }
}
