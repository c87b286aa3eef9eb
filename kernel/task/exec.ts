/** execve(2): finding the program, loading it, and the point of no return. */
import { E2BIG, EBADF, ELOOP, ENOENT, ENOEXEC, ENOMEM } from "../abi/errno.ts";
import { AT_FDCWD } from "../abi/fcntl.ts";
import { S_ISGID, S_ISUID, S_IXGRP } from "../abi/stat.ts";
import { fail, SysError } from "../errors.ts";
import type { ExecFile } from "../fs/exec.ts";
import type { Inode } from "../fs/inode.ts";
import { type Path, pathName } from "../fs/path.ts";
import {
  ACTION_SIZE,
  PROC_EGID,
  PROC_EUID,
  PROC_FSGID,
  PROC_FSUID,
  PROC_SGID,
  PROC_SUID,
  RESULT_GONE,
  SIGHAND_ACTIONS,
  TASK_ALTSTACK_SIZE,
  TASK_CLEAR_TID,
  TASK_MM,
  TASK_SIGHAND,
  TASK_TGID,
  TASK_TID,
  WORK_TRACED,
} from "../hot/layout.ts";
import type { Handlers, Kernel } from "../kernel.ts";
import { AddressSpace, encodeString } from "../mm/address-space.ts";
import type { Image, Platform, ProgramContent } from "../platform.ts";
import type { Task } from "./task.ts";

/** Bytes of arguments and environment together (man 2 execve: a quarter of the stack limit, 2 MiB by default). */
const ARG_MAX = 2 * 1024 * 1024;
/** One string (MAX_ARG_STRLEN). */
const STRING_MAX = 131072;
/** Interpreters of interpreters (BINPRM_MAX_RECURSION). */
const MAX_INTERPRETERS = 5;
/** Bytes of a script's first line that count (BINPRM_BUF_SIZE). */
const SCRIPT_LINE = 256;

/** As Platform.loadImage. */
export type LoadImage = Platform["loadImage"];

/** What execve will start. */
export interface Program {
  image: Image;
  /** The file whose bytes run: the interpreter of a script. */
  exe: Path;
  argv: string[];
  /** Last component of the path that was asked for: the new comm. */
  name: string;
  /** From the file's set-user-ID and set-group-ID bits; -1 none. */
  setuid: number;
  setgid: number;
}

/** A load in progress, per task: what the re-entered handler looks at. */
const loading = new WeakMap<Task, { program: Program | null; error: unknown; queue: number }>();

/** A NULL-terminated array of strings from user memory. A null pointer is an empty one, as in Linux. Throws EFAULT, E2BIG. */
function readStrings(t: Task, array: number, budget: { left: number }): string[] {
  const strings: string[] = [];
  if (array === 0) return strings;
  for (let at = array; ; at += 4) {
    const pointer = t.mm.u32(at);
    if (pointer === 0) return strings;
    let text: string;
    try {
      text = t.mm.readString(pointer, STRING_MAX);
    } catch (error) {
      throw error instanceof SysError && error.errno === 36 ? new SysError(E2BIG) : error;
    }
    budget.left -= encodeString(text).length + 5;
    if (budget.left < 0) fail(E2BIG);
    strings.push(text);
  }
}

/** The interpreter and its one argument from a `#!` line. Throws ENOEXEC. */
function parseScript(bytes: Uint8Array): string[] {
  const line = new TextDecoder("latin1").decode(bytes.subarray(2, SCRIPT_LINE).slice());
  const end = line.indexOf("\n");
  if (end < 0 && bytes.length > SCRIPT_LINE && !/\S\s/.test(line)) fail(ENOEXEC);
  const text = (end < 0 ? line : line.slice(0, end)).replace(/^[ \t]+|[ \t\0]+$/g, "");
  if (text === "") fail(ENOEXEC);
  const match = /^(\S+)(?:[ \t]+(.*))?$/s.exec(text)!;
  return match[2] ? [match[1], match[2]] : [match[1]];
}

/** What the bytes of a file turned out to be, while they do not change. */
interface Known {
  version: number;
  /** The words of a `#!` line, for a script. */
  interpreter?: string[];
  content: ProgramContent;
}

const known = new WeakMap<Inode, Known>();

/** Whether a file is a script; its bytes are read at most once for each version. Throws SysError. */
function examine(file: ExecFile, bytes: () => Uint8Array): Known {
  const { inode } = file;
  const before = known.get(inode);
  if (before && before.version === inode.version) return before;
  const { version, digest } = inode;
  const found: Known = { version, content: { digest } };
  if (digest === undefined) {
    const head = bytes().subarray(0, SCRIPT_LINE);
    if (head[0] === 0x23 && head[1] === 0x21) found.interpreter = parseScript(head);
  }
  known.set(inode, found);
  return found;
}

/**
 * Finds and loads what `path` names: follows `#!` lines, prepares and compiles. A promise where the image is not known yet.
 * Throws SysError: ENOENT, EACCES, ENOEXEC, ELOOP...
 */
export function loadProgram(
  t: Task,
  path: string,
  argv: () => string[],
  base: Path | null,
  flags: number,
  load: LoadImage = (content, bytes, file) => t.kernel.platform.loadImage(content, bytes, file),
): Program | Promise<Program> {
  const { kernel } = t;
  const name = path.slice(path.lastIndexOf("/") + 1);
  let args: string[] = [];
  let script = path;
  let setuid = -1;
  let setgid = -1;
  for (let depth = 0; ; depth++) {
    const file = kernel.vfs.openForExec(t, depth === 0 ? base : null, script, depth === 0 ? flags : 0);
    if (typeof file === "number") fail(-file);
    const { mode, uid, gid } = file.inode;
    if (depth === 0) {
      args = argv();
      if (mode & S_ISUID) setuid = uid;
      if (mode & S_ISGID && mode & S_IXGRP) setgid = gid;
    }
    let read: Uint8Array | undefined;
    const bytes = (): Uint8Array => {
      const all = read ?? file.readAll();
      if (typeof all === "number") fail(-all);
      read = all;
      return all;
    };
    const { interpreter, content } = examine(file, bytes);
    if (!interpreter) {
      const exe: Path = { mount: file.mount, dentry: file.dentry };
      const finish = (image: Image): Program => ({ image, exe, argv: args, name, setuid, setgid });
      const image = load(content, bytes, script);
      return image instanceof Promise ? image.then(finish) : finish(image);
    }
    if (depth === MAX_INTERPRETERS) fail(ELOOP);
    args = [...interpreter, script, ...args.slice(1)];
    script = interpreter[0];
  }
}

/** A memory for a new image of a process. Throws ENOMEM. */
export function memoryFor(kernel: Kernel, image: Image, name: string): AddressSpace {
  if (
    image.initialBytes > kernel.options.memoryLimit ||
    kernel.memoryMapped() + image.initialBytes > kernel.options.memoryLimit
  )
    fail(ENOMEM);
  const maximum = Math.min(image.maximumBytes, kernel.options.memoryLimit);
  const memory = kernel.platform.newMemory(image.initialBytes, maximum, image);
  const mm = new AddressSpace(kernel.kmem, kernel.hot, memory, image.initialBytes);
  mm.mappings.layOut(image.initialBytes, image.initialBytes, name);
  kernel.addAddressSpace(mm);
  return mm;
}

/** Handlers go back to the default; what is ignored stays ignored (man 2 execve). */
function resetSignals(t: Task): void {
  const { kmem, hot } = t.kernel;
  const own = hot.sighand_clone(t.sighand);
  hot.sighand_put(t.sighand);
  t.sighand = own;
  kmem.u32[(t.ptr + TASK_SIGHAND) >> 2] = own;
  for (let i = 0; i < 64; i++) {
    const at = (own + SIGHAND_ACTIONS + i * ACTION_SIZE) >> 2;
    const ignored = kmem.u32[at] === 1;
    kmem.u32.fill(0, at, at + ACTION_SIZE / 4);
    if (ignored) kmem.u32[at] = 1;
  }
  kmem.u32.fill(0, (t.ptr + TASK_ALTSTACK_SIZE - 4) >> 2, (t.ptr + TASK_ALTSTACK_SIZE + 12) >> 2);
}

/** The point of no return: the task becomes the new program. */
function commit(t: Task, program: Program, environ: string[]): number {
  const { kernel, process } = t;
  const { kmem, hot } = kernel;
  const mm = memoryFor(kernel, program.image, pathName(program.exe, t.fs.root));
  if (t.tid !== process.pid) {
    // A thread that is not the leader takes the leader's id (man 2 execve).
    kernel.tasksByTid.delete(t.tid);
    t.tid = process.pid;
    kmem.i32[(t.ptr + TASK_TID) >> 2] = t.tid;
    kmem.i32[(t.ptr + TASK_TGID) >> 2] = t.tid;
    kernel.tasksByTid.set(t.tid, t);
  }
  kernel.lifecycle.leaveMemory(t);
  kernel.lifecycle.releaseVfork(t);
  t.mm = mm;
  kmem.u32[(t.ptr + TASK_MM) >> 2] = mm.ptr;
  kmem.u32[(t.ptr + TASK_CLEAR_TID) >> 2] = 0;
  kernel.unshareFiles(t);
  hot.files_close_exec(t.files);
  resetSignals(t);
  const { ptr } = process;
  if (!process.noNewPrivileges) {
    if (program.setuid >= 0) kmem.u32[(ptr + PROC_EUID) >> 2] = program.setuid;
    if (program.setgid >= 0) kmem.u32[(ptr + PROC_EGID) >> 2] = program.setgid;
  }
  for (const field of [PROC_SUID, PROC_FSUID]) kmem.u32[(ptr + field) >> 2] = kmem.u32[(ptr + PROC_EUID) >> 2];
  for (const field of [PROC_SGID, PROC_FSGID]) kmem.u32[(ptr + field) >> 2] = kmem.u32[(ptr + PROC_EGID) >> 2];
  process.exe = program.exe;
  process.argv = program.argv;
  process.environ = environ;
  process.execed = true;
  // The call does not return, but what it did is known.
  if (t.work & WORK_TRACED) kernel.tracer?.leave(t.tid, 0, mm);
  t.comm = new TextDecoder().decode(encodeString(program.name).slice(0, 15));
  kernel.platform.startImage(t, program.image);
  return RESULT_GONE;
}

function execve(
  t: Task,
  pathname: number,
  argvAt: number,
  envpAt: number,
  base: Path | null = null,
  flags = 0,
): number {
  const { kernel } = t;
  const state = loading.get(t);
  if (t.restarted && state?.error) {
    loading.delete(t);
    kernel.freeWaitQueue(state.queue);
    if (state.error instanceof SysError) return -state.error.errno;
    throw state.error;
  }
  const budget = { left: ARG_MAX };
  const path = t.mm.readString(pathname);
  if (path === "" && !(flags & 0x1000)) return -ENOENT;
  let environ: string[] = [];
  // Bad pointers among the arguments are found after a path that is not there.
  const argv = (): string[] => {
    const strings = readStrings(t, argvAt, budget);
    environ = readStrings(t, envpAt, budget);
    return strings.length > 0 ? strings : [""]; // since Linux 5.18
  };
  let program = t.restarted ? (state?.program ?? null) : null;
  if (!program) {
    if (state) {
      // Woken by a signal or by another thread's end; the load goes on.
      if (t.interrupted) return t.block([state.queue]);
      kernel.hot.wait_add(t.ptr, state.queue, 0);
      return t.block([state.queue]);
    }
    const loaded = loadProgram(t, path, argv, base, flags);
    if (loaded instanceof Promise) {
      const entry = { program: null as Program | null, error: null as unknown, queue: kernel.newWaitQueue() };
      loading.set(t, entry);
      const settle = (outcome: Partial<typeof entry>): void =>
        kernel.platform.event(() => {
          Object.assign(entry, outcome);
          kernel.wake(entry.queue);
        });
      loaded.then(
        (done) => settle({ program: done }),
        (error) => settle({ error }),
      );
      return t.block([entry.queue]);
    }
    program = loaded;
  }
  if (!kernel.lifecycle.killOtherThreads(t)) {
    if (!state) loading.set(t, { program, error: null, queue: kernel.newWaitQueue() });
    return t.block([t.process.waitQueue]);
  }
  if (state) {
    loading.delete(t);
    kernel.freeWaitQueue(state.queue);
  }
  if (t.restarted) argv(); // reads the environment again: the load was waited for
  return commit(t, program, environ);
}

export const execCalls: Handlers = {
  execve: (t, path, argv, envp) => execve(t, path, argv, envp),
  execveat(t, dirfd, path, argv, envp, flags) {
    if (dirfd === AT_FDCWD || t.mm.readString(path).startsWith("/")) return execve(t, path, argv, envp, null, flags);
    const file = t.kernel.vfs.fileOfFd(t, dirfd);
    return file ? execve(t, path, argv, envp, file.path, flags) : -EBADF;
  },
};
