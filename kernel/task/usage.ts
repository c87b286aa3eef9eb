/** CPU time and memory used: getrusage, times, clocks of CPU time. */
import { EINVAL } from "../abi/errno.ts";
import { RUSAGE_CHILDREN, RUSAGE_SELF, RUSAGE_THREAD } from "../abi/resource.ts";
import { rusage } from "../abi/structs.ts";
import { USER_HZ } from "../abi/time.ts";
import { TASK_INVOLUNTARY, TASK_VOLUNTARY } from "../hot/layout.ts";
import type { Handlers, Kernel } from "../kernel.ts";
import type { CpuTimes, Process } from "./process.ts";
import type { Task } from "./task.ts";

/** CPU time of a process so far, in ms: ended tasks and running ones. */
export function processTimes(process: Process): CpuTimes {
  let { user, system } = process.times;
  for (const task of process.tasks) {
    user += task.userTime;
    system += task.systemTime;
  }
  return { user, system };
}

const timeval = (ms: number) => ({ tv_sec: Math.floor(ms / 1000), tv_usec: Math.floor((ms % 1000) * 1000) });

/** Writes a struct rusage: of the process itself, its waited-for children, or both together (what wait4 tells of a child). */
export function usageOf(
  kernel: Kernel,
  process: Process,
  what: "self" | "children" | "both",
  view: DataView,
  at: number,
  task?: Task,
): void {
  let user = 0;
  let system = 0;
  let rss = 0;
  let voluntary = 0;
  let involuntary = 0;
  if (what !== "children") {
    const own = task ? { user: task.userTime, system: task.systemTime } : processTimes(process);
    user += own.user;
    system += own.system;
    rss = process.maxRss;
    for (const each of task ? [task] : process.tasks) {
      rss = Math.max(rss, each.mm.mappings.total / 1024);
      voluntary += kernel.kmem.u32[(each.ptr + TASK_VOLUNTARY) >> 2];
      involuntary += kernel.kmem.u32[(each.ptr + TASK_INVOLUNTARY) >> 2];
    }
  }
  if (what !== "self") {
    user += process.childTimes.user;
    system += process.childTimes.system;
    rss = Math.max(rss, process.childMaxRss);
  }
  const zero = {
    ru_ixrss: 0,
    ru_idrss: 0,
    ru_isrss: 0,
    ru_minflt: 0,
    ru_majflt: 0,
    ru_nswap: 0,
    ru_inblock: 0,
    ru_oublock: 0,
    ru_msgsnd: 0,
    ru_msgrcv: 0,
    ru_nsignals: 0,
  };
  rusage.set(view, at, {
    ...zero,
    ru_utime: timeval(user),
    ru_stime: timeval(system),
    ru_maxrss: Math.round(rss),
    ru_nvcsw: voluntary,
    ru_nivcsw: involuntary,
  } as Parameters<typeof rusage.set>[2]);
}

const ticks = (ms: number): number => Math.floor((ms * USER_HZ) / 1000);

export const usageCalls: Handlers = {
  getrusage(t, who, at) {
    if (who !== RUSAGE_SELF && who !== RUSAGE_CHILDREN && who !== RUSAGE_THREAD) return -EINVAL;
    t.mm.check(at, rusage.size - 128);
    t.kernel.accountTime();
    usageOf(
      t.kernel,
      t.process,
      who === RUSAGE_CHILDREN ? "children" : "self",
      t.mm.view,
      at,
      who === RUSAGE_THREAD ? t : undefined,
    );
    return 0;
  },
  times(t, at) {
    t.kernel.accountTime();
    if (at) {
      const own = processTimes(t.process);
      const { childTimes } = t.process;
      const values = [own.user, own.system, childTimes.user, childTimes.system];
      values.forEach((ms, i) => {
        t.mm.setI64(at + 8 * i, ticks(ms));
      });
    }
    return ticks(t.kernel.clock.monotonic());
  },
};
