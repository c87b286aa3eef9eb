/** As much of a kernel as terminals need: no file system, no scheduler, signals that are only noted. */
import { O_RDWR } from "../../kernel/abi/fcntl.ts";
import { SysError } from "../../kernel/errors.ts";
import type { Path } from "../../kernel/fs/path.ts";
import { KernelMemory } from "../../kernel/hot/hot.ts";
import { FILE_FLAGS, RESULT_BLOCK, SIGHAND_SIZE, TASK_SIZE } from "../../kernel/hot/layout.ts";
import type { Kernel } from "../../kernel/kernel.ts";
import { Signals } from "../../kernel/signal/signals.ts";
import { Members } from "../../kernel/task/members.ts";
import type { Process, Session } from "../../kernel/task/process.ts";
import type { Task } from "../../kernel/task/task.ts";
import type { DevPts } from "../../kernel/tty/devpts.ts";
import { Pty } from "../../kernel/tty/pty.ts";
import type { Tty } from "../../kernel/tty/tty.ts";
import { openTty, type TtyFile } from "../../kernel/tty/tty-file.ts";

const MEMORY = 1 << 20;
const USER = 1 << 20;

export class FakeKernel {
  readonly kmem = new KernelMemory(new ArrayBuffer(MEMORY));
  readonly processes = new Map<number, Process>();
  readonly groups = new Members<Process>();
  readonly stopped = 0;
  readonly init = null;
  /** Signals sent to processes. */
  readonly sent: { pid: number; signo: number }[] = [];
  /** Wait queues that were woken. */
  readonly woken = new Set<number>();
  now = 1000;
  #top = 64;

  readonly clock = { monotonic: () => this.now };
  readonly signals = new Signals(this.real);
  readonly hot = {
    signal_send: (process: number, _task: number, signo: number) => {
      this.sent.push({ pid: process, signo });
      return 0;
    },
  };
  readonly vfs = {
    attach: (file: TtyFile, flags: number) => {
      file.ptr = this.alloc(64);
      this.kmem.u32[(file.ptr + FILE_FLAGS) >> 2] = flags;
      return 0;
    },
  };

  alloc(bytes: number): number {
    this.#top += (bytes + 15) & ~15;
    return this.#top;
  }
  newWaitQueue(): number {
    return this.alloc(16);
  }
  freeWaitQueue(): void {}
  wake(queue: number): void {
    this.woken.add(queue);
  }

  get real(): Kernel {
    return this as unknown as Kernel;
  }

  newProcess(
    pid: number,
    pgid = pid,
    session: Session = { sid: pid, tty: null },
    parent: Process | null = null,
  ): Process {
    const fields = { kernel: this.real, ptr: pid, pid, pgid, session, parent, zombie: false, stopped: false };
    const process = fields as unknown as Process;
    this.processes.set(pid, process);
    this.groups.add(pgid, process);
    return process;
  }

  newPty(index = 0): Pty {
    const devpts = { add: () => {}, remove: () => {}, free: () => {} };
    return new Pty(this.real, devpts as unknown as DevPts, index, 0);
  }

  open(tty: Tty, flags = O_RDWR, t: Task | null = null, console = false): TtyFile {
    const path = { mount: null, dentry: { inode: { users: 0 } } };
    const file = openTty(t, tty, path as unknown as Path, flags, { console });
    if (typeof file === "number") throw new SysError(-file);
    return file;
  }
}

/** A task in one call at a time. */
export class FakeTask {
  readonly kernel: FakeKernel;
  readonly process: Process;
  readonly ptr: number;
  readonly sighand: number;
  readonly memory = new Uint8Array(USER);
  readonly view = new DataView(this.memory.buffer);
  restarted = false;
  interrupted = false;
  timedOut = false;
  euid = 0;
  /** What the last block waited for. */
  queues: readonly number[] = [];
  deadline = 0;
  #scratch = [0, 0, 0, 0];

  constructor(kernel: FakeKernel, process: Process) {
    this.kernel = kernel;
    this.process = process;
    this.ptr = kernel.alloc(TASK_SIZE);
    this.sighand = kernel.alloc(SIGHAND_SIZE);
  }

  get real(): Task {
    return this as unknown as Task;
  }

  get mm() {
    const { memory, view } = this;
    return {
      u8: memory,
      view,
      check(address: number, bytes: number) {
        if (address < 0 || address + bytes > memory.length) throw new SysError(14);
      },
      i32: (address: number) => view.getInt32(address, true),
      u32: (address: number) => view.getUint32(address, true),
      setU32: (address: number, value: number) => view.setUint32(address, value, true),
    };
  }

  scratch(i: number): number {
    return this.#scratch[i];
  }
  setScratch(i: number, value: number): void {
    this.#scratch[i] = value;
  }
  block(queues: readonly number[], options?: { deadline?: number }): number {
    this.queues = queues;
    this.deadline = options?.deadline ?? 0;
    return RESULT_BLOCK;
  }

  /** Runs a call from its first entry. */
  call(body: (t: Task) => number): number {
    this.#scratch = [0, 0, 0, 0];
    this.restarted = this.interrupted = this.timedOut = false;
    return body(this.real);
  }
  /** Enters a call that blocked again. */
  again(body: (t: Task) => number, why: "event" | "signal" | "timeout" = "event"): number {
    this.restarted = true;
    this.interrupted = why === "signal";
    this.timedOut = why === "timeout";
    return body(this.real);
  }
}
