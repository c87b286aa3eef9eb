// Processes: this one, and those that it starts. What fails gives -1, false or null, and sets `errno` (errors.ts).

import { CLONE_VFORK, CLONE_VM, F_DUPFD_CLOEXEC, O_CLOEXEC, SIGCHLD } from "./abi/constants";
import { EACCES, EINTR, ENOENT, ENOTDIR } from "./abi/errno";
import {
  __cl_copy_argv,
  __cl_get_argc,
  __cl_get_argv_len,
  clone,
  env_copy,
  env_count,
  env_len,
  SYS_chdir,
  SYS_dup2,
  SYS_execve,
  SYS_exit_group,
  SYS_fcntl,
  SYS_fork,
  SYS_getcwd,
  SYS_getpid,
  SYS_getppid,
  SYS_kill,
  SYS_pipe2,
  SYS_wait4,
} from "./abi/syscalls";
import { checked, errno, failed } from "./errors";
import { File } from "./fs";
import { cstring, cstrings, fromCString } from "./text";
import "./language";

const PATH_MAX = 4096;
/** Where programs are looked for when PATH is not set. */
const DEFAULT_PATH = "/usr/local/bin:/usr/bin:/bin";

// ---------------------------------------------------------------- this process

/** The command line, the program's name first. */
export function args(): string[] {
  const list: string[] = [];
  for (let i = 0; i < __cl_get_argc(); i++) {
    const bytes = new ArrayBuffer(__cl_get_argv_len(i) + 1);
    __cl_copy_argv(i32(changetype<usize>(bytes)), i);
    list.push(fromCString(changetype<usize>(bytes)));
  }
  return list;
}

let variables: Map<string, string> | null = null;

/** The environment, in the order in which it was given. It is this process's copy: programs that it executes get what is in it then. */
export function environment(): Map<string, string> {
  const known = variables;
  if (known !== null) return known;
  const fresh = new Map<string, string>();
  for (let i = 0; i < env_count(); i++) {
    const bytes = new ArrayBuffer(env_len(i) + 1);
    env_copy(i32(changetype<usize>(bytes)), i);
    const entry = fromCString(changetype<usize>(bytes));
    const equals = entry.indexOf("=");
    if (equals > 0) fresh.set(entry.substring(0, equals), entry.substring(equals + 1));
  }
  variables = fresh;
  return fresh;
}

/** The value of a variable; null if it is not set. */
export function getenv(name: string): string | null {
  const known = environment();
  return known.has(name) ? known.get(name) : null;
}

export function setenv(name: string, value: string): void {
  environment().set(name, value);
}

export function unsetenv(name: string): void {
  environment().delete(name);
}

/** Ends the process, with all its threads. A program whose top level ends has status 0. */
export function exit(status: i32 = 0): void {
  SYS_exit_group(status);
}

export function getpid(): i32 {
  return i32(SYS_getpid());
}

export function getppid(): i32 {
  return i32(SYS_getppid());
}

/** The working directory. */
export function cwd(): string | null {
  const buffer = new ArrayBuffer(PATH_MAX);
  return checked(SYS_getcwd(changetype<usize>(buffer), PATH_MAX)) < 0 ? null : fromCString(changetype<usize>(buffer));
}

export function chdir(path: string): bool {
  const name = cstring(path);
  return checked(SYS_chdir(changetype<usize>(name))) == 0;
}

// ---------------------------------------------------------------- other processes

/**
 * fork(2): 0 in the child, the child's pid in the parent, -1 on failure. The garbage collector's heap and the stack of its roots are in the
 * memory that is copied, so the child goes on with objects of its own.
 */
export function fork(): i32 {
  return i32(checked(SYS_fork()));
}

/**
 * execve(2), with the search along PATH for a name without a slash: comes back only on failure.
 * @param argv the command line; argv[0] is the program.
 * @param env the environment; the one of this process if it is null.
 */
export function exec(argv: string[], env: Map<string, string> | null = null): i32 {
  const files = candidates(argv[0]);
  const line = cstrings(argv);
  const variables = cstrings(assignments(env === null ? environment() : env));
  let error = ENOENT;
  for (let i = 0; i < files.length; i++) {
    const name = cstring(files[i]);
    const result = SYS_execve(changetype<usize>(name), changetype<usize>(line), changetype<usize>(variables));
    error = worse(error, i32(-result));
    if (!isElsewhere(i32(-result))) break;
  }
  return failed(error);
}

/** How a process ended. */
export class Ended {
  constructor(
    readonly pid: i32,
    /** The status word of wait(2). */
    readonly status: i32,
  ) {}

  /** The signal that ended it; 0 if it exited. */
  get signal(): i32 {
    return this.status & 0x7f;
  }
  /** Its exit status, 128 + the signal if that ended it: `$?`. */
  get code(): i32 {
    return this.signal ? 128 + this.signal : (this.status >> 8) & 0xff;
  }
}

/** wait4(2): waits until a child ends. `pid` -1 is any; with WNOHANG null and errno 0 say that none has ended yet. */
export function wait(pid: i32 = -1, options: i32 = 0): Ended | null {
  const word = new ArrayBuffer(4);
  while (true) {
    const ended = i32(checked(SYS_wait4(pid, changetype<usize>(word), options, 0)));
    if (ended > 0) return new Ended(ended, load<i32>(changetype<usize>(word)));
    if (ended == 0) failed(0);
    if (errno != EINTR) return null;
  }
}

/** kill(2). */
export function kill(pid: i32, signal: i32): bool {
  return checked(SYS_kill(pid, signal)) == 0;
}

/** A pipe: what is written to one end can be read from the other. Not inherited by programs that are executed. */
export class Pipe {
  constructor(
    readonly reader: File,
    readonly writer: File,
  ) {}

  static open(): Pipe | null {
    const fds = new ArrayBuffer(8);
    const at = changetype<usize>(fds);
    if (checked(SYS_pipe2(at, O_CLOEXEC)) < 0) return null;
    return new Pipe(new File(load<i32>(at)), new File(load<i32>(at, 4)));
  }
}

/** What is executed in a new process, and with what. */
export class Command {
  env: Map<string, string> | null = null;
  stdin: File | null = null;
  stdout: File | null = null;
  stderr: File | null = null;

  constructor(readonly argv: string[]) {}

  /**
   * Starts it: its pid, or -1 if it cannot be executed. Unlike fork this copies nothing, as posix_spawn(3): the child
   * runs on this memory until it executes the program, so it only makes system calls.
   */
  spawn(): i32 {
    const files = candidates(this.argv[0]);
    const names = cstrings(files);
    const line = cstrings(this.argv);
    const env = this.env;
    const variables = cstrings(assignments(env === null ? environment() : env));
    const block = new ArrayBuffer(i32(ORDER_BYTES));
    const order = changetype<usize>(block);
    store<usize>(order + ORDER_FILES, changetype<usize>(names));
    store<usize>(order + ORDER_ARGV, changetype<usize>(line));
    store<usize>(order + ORDER_ENV, changetype<usize>(variables));
    store<i32>(order + ORDER_STDIO, fdOr(this.stdin, 0));
    store<i32>(order + ORDER_STDIO + 4, fdOr(this.stdout, 1));
    store<i32>(order + ORDER_STDIO + 8, fdOr(this.stderr, 2));
    const entry = load<i32>(changetype<usize>(execute)); // its place in the table of functions
    const pid = clone(entry, -1, CLONE_VM | CLONE_VFORK | SIGCHLD, i32(order), 0, 0, 0);
    if (checked(pid) < 0) return -1;
    const error = load<i32>(order + ORDER_ERROR);
    if (error == 0) return pid;
    wait(pid);
    return failed(error);
  }

  /** Starts it and waits: its exit status as the shell's `$?`, 127 if it is not there, 126 if it cannot be executed. */
  run(): i32 {
    const pid = this.spawn();
    if (pid < 0) return notExecuted(errno);
    const ended = wait(pid);
    return ended === null ? 127 : ended.code;
  }
}

/** The shell's `$?` for what could not be executed: POSIX, 2.8.2. */
export function notExecuted(error: i32): i32 {
  return error == ENOENT || error == ENOTDIR ? 127 : 126;
}

// What `spawn` tells the child, and the child answers: 32-bit words in a block. The child's instance of the program has
// globals of its own, without a heap, so it must not touch objects.
const ORDER_FILES: usize = 0;
const ORDER_ARGV: usize = 4;
const ORDER_ENV: usize = 8;
const ORDER_STDIO: usize = 12;
const ORDER_ERROR: usize = 24;
const ORDER_BYTES: usize = 28;

/** What a spawned child does: places its descriptors, and executes the first of the files that is there. */
function execute(order: usize): i32 {
  // Those that stand on one another's places are moved out of the way first.
  for (let target = 0; target < 3; target++) {
    const at = order + ORDER_STDIO + (usize(target) << 2);
    const fd = load<i32>(at);
    if (fd < 3 && fd != target) store<i32>(at, i32(SYS_fcntl(fd, F_DUPFD_CLOEXEC, 3)));
  }
  for (let target = 0; target < 3; target++) {
    const fd = load<i32>(order + ORDER_STDIO + (usize(target) << 2));
    if (fd != target) SYS_dup2(fd, target);
  }
  let error: i32 = ENOENT;
  for (let file = load<usize>(order + ORDER_FILES); load<usize>(file); file += sizeof<usize>()) {
    const result = i32(-SYS_execve(load<usize>(file), load<usize>(order + ORDER_ARGV), load<usize>(order + ORDER_ENV)));
    error = worse(error, result);
    if (!isElsewhere(result)) break;
  }
  store<i32>(order + ORDER_ERROR, error);
  SYS_exit_group(127);
  return 127;
}

/** Whether the search along PATH goes on after this error: execvp(3). */
function isElsewhere(error: i32): bool {
  return error == ENOENT || error == ENOTDIR || error == EACCES;
}

/** A file that is there but cannot be executed is worth more than one that is not there. */
function worse(error: i32, next: i32): i32 {
  return error == ENOENT || next == EACCES || !isElsewhere(next) ? next : error;
}

function fdOr(file: File | null, fd: i32): i32 {
  return file === null ? fd : file.fd;
}

/** The files that a program's name can mean. */
function candidates(name: string): string[] {
  if (name.includes("/")) return [name];
  const path = getenv("PATH");
  const folders = (path === null ? DEFAULT_PATH : path).split(":");
  const files: string[] = [];
  for (let i = 0; i < folders.length; i++) files.push(folders[i].length > 0 ? `${folders[i]}/${name}` : name);
  return name.length > 0 ? files : [];
}

/** "NAME=value" for each variable. */
function assignments(env: Map<string, string>): string[] {
  const names = env.keys();
  const list: string[] = [];
  for (let i = 0; i < names.length; i++) list.push(`${names[i]}=${env.get(names[i])}`);
  return list;
}
