/** The proc file system: its root (man 5 proc). */
import { ENOENT } from "../abi/errno.ts";
import { Dentry } from "../fs/dentry.ts";
import type { Kernel } from "../kernel.ts";
import type { Process } from "../task/process.ts";
import { type Child, directory, file, link, makeInode, ProcFs } from "./node.ts";
import { processDirectory } from "./process.ts";
import { Machine, Member } from "./subjects.ts";
import { sysDirectory } from "./sys.ts";
import { cpuinfo, devices, filesystems, loadavg, locks, meminfo, stat, swaps, uptime, version } from "./system.ts";

function processChild(process: Process): Child {
  return {
    name: `${process.pid}`,
    offset: 2 + process.pid,
    inode: (fs) => makeInode(fs, new Member(process), processDirectory),
  };
}

/** Makes the file system of a machine. */
export function makeProcFs(kernel: Kernel): ProcFs {
  const root = directory<Machine>(
    {
      cpuinfo: file(cpuinfo),
      devices: file(devices),
      filesystems: file(filesystems),
      loadavg: file(loadavg),
      locks: file(locks),
      meminfo: file(meminfo),
      mounts: link(() => "self/mounts"),
      net: link(() => "self/net"),
      self: link((_machine, t) => (t === null ? -ENOENT : `${t.process.pid}`)),
      stat: file(stat),
      swaps: file(swaps),
      sys: sysDirectory(kernel),
      "thread-self": link((_machine, t) => (t === null ? -ENOENT : `${t.process.pid}/task/${t.tid}`)),
      uptime: file(uptime),
      version: file(version),
    },
    {
      find(_machine, name) {
        if (!/^[1-9]\d{0,6}$/.test(name)) return null;
        // A thread has a directory by its tid, too, which no listing shows.
        const process = kernel.processes.get(Number(name)) ?? kernel.tasksByTid.get(Number(name))?.process;
        return process === undefined ? null : processChild(process);
      },
      list: () => [...kernel.processes.values()].map(processChild).sort((a, b) => a.offset - b.offset),
    },
  );
  return new ProcFs(kernel, (fs) => new Dentry("/", null, makeInode(fs, new Machine(kernel), root)));
}
