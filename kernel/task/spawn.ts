/** Starting a process from outside the machine: what the library and the CLI do, in place of fork and exec. */

import { ENOENT } from "../abi/errno.ts";
import { RLIM_NLIMITS } from "../abi/resource.ts";
import { fail } from "../errors.ts";
import { FsContext } from "../fs/fs-context.ts";
import type { Path } from "../fs/path.ts";
import { pathName } from "../fs/path.ts";
import { PF_INIT, PROC_FLAGS, PROC_GID, PROC_UID, TASK_MM } from "../hot/layout.ts";
import type { Kernel } from "../kernel.ts";
import { AddressSpace } from "../mm/address-space.ts";
import type { Tty } from "../tty/tty.ts";
import { type LoadImage, loadProgram, memoryFor } from "./exec.ts";
import type { Process } from "./process.ts";

export interface SpawnOptions {
  /** Path of the program: absolute, or relative to cwd. */
  readonly path: string;
  readonly argv: readonly string[];
  /** NAME=value. */
  readonly env: readonly string[];
  readonly cwd: Path;
  readonly uid: number;
  readonly gid: number;
  readonly groups?: readonly number[];
  /** Open file descriptions for descriptors 0, 1, 2...: their references pass to the process. */
  readonly files: readonly number[];
  /** Its controlling terminal. */
  readonly tty?: Tty;
  /** In place of Platform.loadImage. */
  readonly load?: LoadImage;
  /** Called once it is certain to start, before its first instruction. */
  readonly started?: (process: Process) => void;
}

/** Soft and hard limits that a process begins with (what a Debian login has, without limits on memory). */
function initialLimits(): { soft: number; hard: number }[] {
  const infinite = Number.POSITIVE_INFINITY;
  const limits = Array.from({ length: RLIM_NLIMITS }, () => ({ soft: infinite, hard: infinite }));
  limits[3] = { soft: 8 * 2 ** 20, hard: infinite }; // RLIMIT_STACK
  limits[4] = { soft: 0, hard: infinite }; // RLIMIT_CORE
  limits[7] = { soft: 1024, hard: 1048576 }; // RLIMIT_NOFILE
  limits[8] = { soft: 8 * 2 ** 20, hard: 8 * 2 ** 20 }; // RLIMIT_MEMLOCK
  limits[11] = { soft: 4096, hard: 4096 }; // RLIMIT_SIGPENDING
  limits[12] = { soft: 819200, hard: 819200 }; // RLIMIT_MSGQUEUE
  limits[13] = { soft: 0, hard: 0 }; // RLIMIT_NICE
  limits[14] = { soft: 0, hard: 0 }; // RLIMIT_RTPRIO
  return limits;
}

/** Makes pid 1: it has no program, adopts orphans and reaps them. Once, at boot. */
export function makeInit(kernel: Kernel): Process {
  const init = kernel.lifecycle.newProcess(null, 1);
  init.rlimits = initialLimits();
  kernel.lifecycle.limitsChanged(init);
  kernel.kmem.u32[(init.ptr + PROC_FLAGS) >> 2] = PF_INIT;
  kernel.init = init;
  return init;
}

/** Starts a process, leader of a new session, child of init. Rejects with SysError: ENOENT, EACCES, ENOEXEC, ENOMEM, EAGAIN. */
export async function spawn(kernel: Kernel, options: SpawnOptions): Promise<Process> {
  const { hot, kmem, lifecycle } = kernel;
  const { path, argv, env, cwd, uid, gid, files, tty } = options;
  if (path === "") fail(ENOENT);
  const room = lifecycle.checkRoom();
  if (room < 0) fail(-room);
  const process = lifecycle.newProcess(kernel.init);
  for (let i = 0; i < 4; i++) {
    kmem.u32[((process.ptr + PROC_UID) >> 2) + i] = uid;
    kmem.u32[((process.ptr + PROC_GID) >> 2) + i] = gid;
  }
  process.groups = [...(options.groups ?? [])];
  process.session = { sid: process.pid, tty: null };
  process.pgid = process.pid;
  const fs = new FsContext(kernel, kernel.vfs.rootPath(), cwd, 0o022);
  // The program is found and loaded in the name of a task that has no memory yet.
  const table = hot.files_new();
  files.forEach((file, fd) => {
    hot.fd_install(table, fd, file, 0);
  });
  const nothing = new AddressSpace(kernel.kmem, hot, kernel.platform.newMemory(0, 65536), 0);
  const task = lifecycle.newTask(
    process,
    nothing,
    fs,
    table,
    hot.sighand_new(),
    path.slice(path.lastIndexOf("/") + 1).slice(0, 15),
  );
  try {
    const program = await loadProgram(task, path, () => [...argv], null, 0, options.load);
    task.mm = memoryFor(kernel, program.image, pathName(program.exe, fs.root));
    kmem.u32[(task.ptr + TASK_MM) >> 2] = task.mm.ptr;
    nothing.memory.release(0);
    hot.mm_free(nothing.ptr);
    process.exe = program.exe;
    process.argv = program.argv;
    process.environ = [...env];
    process.execed = true;
    if (tty) kernel.ttys.setControlling(process, tty);
    options.started?.(process);
    kernel.platform.event(() => kernel.platform.startImage(task, program.image));
    return process;
  } catch (error) {
    lifecycle.endProcess(process, 127 << 8);
    throw error;
  }
}
