/** A process (thread group): what its tasks share besides memory, descriptors and signal actions. */
import type { Path } from "../fs/path.ts";
import { PF_GROUPS, PROC_FLAGS, PROC_PID } from "../hot/layout.ts";
import type { Kernel } from "../kernel.ts";
import type { Tty } from "../tty/tty.ts";
import type { Task } from "./task.ts";

/** A session (man 2 setsid): process groups with, perhaps, a controlling terminal. */
export interface Session {
  readonly sid: number;
  tty: Tty | null;
}

/** CPU time used, in ms. */
export interface CpuTimes {
  user: number;
  system: number;
}

export class Process {
  readonly kernel: Kernel;
  /** Its struct in kernel memory (PROC_*). */
  readonly ptr: number;
  readonly pid: number;
  parent: Process | null;
  readonly children = new Set<Process>();
  /** Live tasks, the leader (whose tid is the pid) first while it lives. */
  readonly tasks: Task[] = [];
  #pgid: number;
  #session: Session;
  #stopped = false;
  #groups: readonly number[] = [];
  /** Soft and hard limits by RLIMIT_* number; Infinity is RLIM_INFINITY. */
  rlimits: { soft: number; hard: number }[];
  #exe: Path | null = null;
  argv: string[] = [];
  environ: string[] = [];
  /** Monotonic ms at which it started. */
  readonly startTime: number;
  /** True from exit until a wait reaps it. */
  zombie = false;
  /** Wait status as wait4(2) gives it: code << 8, or the signal. */
  status = 0;
  /** A stop or continue that a wait has not seen yet: the signal, 0xffff for continued, 0 none. */
  stopStatus = 0;
  /** Exec'd since fork: setpgid by the parent is then EACCES. */
  execed = false;
  /** Signal the parent gets at exit (SIGCHLD, or clone's). */
  exitSignal: number;
  /** Whether this process adopts orphans below it (PR_SET_CHILD_SUBREAPER). */
  subreaper = false;
  /** prctl(PR_SET_PDEATHSIG). */
  parentDeathSignal = 0;
  dumpable = 1;
  noNewPrivileges = false;
  /** CPU time of ended tasks, and of waited-for children. */
  readonly times: CpuTimes = { user: 0, system: 0 };
  readonly childTimes: CpuTimes = { user: 0, system: 0 };
  /** Largest resident size seen, in KiB. */
  maxRss = 0;
  childMaxRss = 0;
  /** Wait queue (address in kernel memory) for this process's wait4 callers. */
  readonly waitQueue: number;
  /** Set while exit_group or a fatal signal ends all tasks. */
  exiting = false;

  constructor(kernel: Kernel, ptr: number, pid: number, parent: Process | null, session: Session, pgid: number) {
    this.kernel = kernel;
    this.ptr = ptr;
    this.pid = pid;
    kernel.kmem.i32[(ptr + PROC_PID) >> 2] = pid;
    this.parent = parent;
    this.#session = session;
    this.#pgid = pgid;
    kernel.sessions.add(session.sid, this);
    kernel.groups.add(pgid, this);
    this.rlimits = [];
    this.startTime = kernel.clock.monotonic();
    this.exitSignal = 17;
    this.waitQueue = kernel.newWaitQueue();
  }

  /** Its process group. */
  get pgid(): number {
    return this.#pgid;
  }

  set pgid(pgid: number) {
    const { groups } = this.kernel;
    groups.remove(this.#pgid, this);
    groups.add(pgid, this);
    this.#pgid = pgid;
  }

  get session(): Session {
    return this.#session;
  }

  set session(session: Session) {
    const { sessions } = this.kernel;
    sessions.remove(this.#session.sid, this);
    sessions.add(session.sid, this);
    this.#session = session;
  }

  /** By SIGSTOP or its like. */
  get stopped(): boolean {
    return this.#stopped;
  }

  set stopped(stopped: boolean) {
    this.kernel.stopped += Number(stopped) - Number(this.#stopped);
    this.#stopped = stopped;
  }

  /** Reaped: its ids are free. */
  forget(): void {
    this.kernel.groups.remove(this.#pgid, this);
    this.kernel.sessions.remove(this.#session.sid, this);
  }

  /** Supplementary groups. */
  get groups(): readonly number[] {
    return this.#groups;
  }
  set groups(groups: readonly number[]) {
    this.#groups = groups;
    const { u32 } = this.kernel.kmem;
    const at = (this.ptr + PROC_FLAGS) >> 2;
    u32[at] = groups.length > 0 ? u32[at] | PF_GROUPS : u32[at] & ~PF_GROUPS;
  }

  /** The file being executed, for /proc/pid/exe. It stays while it runs, whatever becomes of its name. */
  get exe(): Path | null {
    return this.#exe;
  }
  set exe(path: Path | null) {
    const { vfs } = this.kernel;
    const old = this.#exe;
    this.#exe = path;
    if (path !== null) vfs.hold(path);
    if (old !== null) vfs.release(old);
  }

  /** The task that stands for the process: its leader, or after that ended any other. */
  get leader(): Task {
    return this.tasks[0];
  }
}
