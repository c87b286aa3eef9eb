/** What a machine's thread and its owner say to each other: written once, used by both ends (rpc.ts carries it). */
import type { FsApi } from "../api/fs.ts";
import type { Moved } from "./rpc.ts";

/** A host folder in the machine. */
export interface MountRequest {
  host: string;
  guest: string;
  readOnly: boolean;
}

/** Plain data: the options of boot() once checked (api/options.ts). */
export interface BootRequest {
  /** A host folder to use as the root file system instead of the image that the build made. */
  root: string | null;
  mounts: MountRequest[];
  hostname: string;
  /** Bytes of memory that one process may have. */
  memory: number;
  /** Processes and threads at once. */
  pids: number;
  /** Seed of clock, random numbers and scheduling; null: the host's. */
  seed: number | null;
  /** Guests may reach the outside. */
  network: boolean;
  /** Send each line of the kernel log. */
  log: boolean;
}

/**
 * What stands behind descriptor 0, 1 or 2 of a process: nothing, a pipe whose other end is ours, or the terminal of its
 * SpawnRequest. `stream` is a number that the owner chooses; bytes move under it.
 */
export type StdioRequest =
  | { kind: "null" }
  | { kind: "tty" }
  /** `bytes`: all that standard input will hold. */
  | { kind: "bytes"; bytes: Uint8Array }
  | { kind: "pipe"; stream: number };

/** What strace shows, and how (man 1 strace). */
export interface TraceRequest {
  /** -f: children too. */
  follow: boolean;
  /** -c: counts and times instead of lines. */
  summary: boolean;
  /** -e trace=: which calls, or null for all. */
  filter: string | null;
  /** -o: the text goes to a file: every line names its task. */
  toFile: boolean;
  /** -tt: time of day before each line. */
  timestamps: boolean;
  /** -T: time spent in each call. */
  durations: boolean;
}

export interface SpawnRequest {
  /** The owner's name for the process: pids are reused, this is not. */
  handle: number;
  argv: string[];
  /** File to execute; null: argv[0], looked up in PATH. */
  path: string | null;
  env: string[];
  cwd: string;
  uid: number;
  gid: number;
  groups: number[];
  stdio: [StdioRequest, StdioRequest, StdioRequest];
  /** A terminal of its own, whose two directions are the streams `input` and `output`. */
  tty: { rows: number; cols: number; input: number; output: number } | null;
  trace: TraceRequest | null;
  /** The program is a component that is to be called by `callComponent`. */
  library: boolean;
}

/** What a component exports: functions (true), and interfaces of them. */
export interface ExportTree {
  [name: string]: true | ExportTree;
}

/** What an exported function gave: its value, or the error of its `result`. */
export type CallResult = { value: unknown } | { error: unknown };

/** A request that a component is to answer; its URL is absolute. */
export interface HttpMessage {
  readonly method: string;
  readonly url: string;
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly body: ReadableStream<Uint8Array<ArrayBuffer>> | null;
}

export interface HttpAnswer {
  readonly status: number;
  readonly headers: [string, string][];
  readonly body: ReadableStream<Uint8Array<ArrayBuffer>> | null;
}

/** How a process ended: `code` or the name of the signal that killed it, the other is null. */
export interface ExitStatus {
  code: number | null;
  signal: string | null;
}

export interface ProcessInfo {
  pid: number;
  ppid: number;
  pgid: number;
  sid: number;
  uid: number;
  /** At most 15 bytes, as ps shows it. */
  comm: string;
  argv: string[];
  /** R, S, D, T or Z, as in /proc/pid/stat. */
  state: string;
  threads: number;
}

/** Answered by the machine's thread. */
export interface KernelSide {
  boot(request: BootRequest): Promise<void>;
  spawn(request: SpawnRequest): Promise<{ pid: number }>;
  /** What the library that was spawned under this handle exports. Rejects with ENOEXEC, ERR_CLOSED. */
  componentExports(handle: number): Promise<ExportTree>;
  /** Calls an exported function by the names that lead to it. Rejects with ERR_COMPONENT, ERR_CLOSED. */
  callComponent(handle: number, path: string[], args: unknown[]): Promise<CallResult>;
  /** Has the component answer an HTTP request. Rejects with ERR_COMPONENT, ERR_CLOSED. */
  handleRequest(handle: number, request: HttpMessage): Promise<Moved<HttpAnswer>>;
  /** The library is to end. */
  closeComponent(handle: number): void;
  /** Gives bytes to a guest's standard input or terminal; answered when the guest's pipe has taken them. Rejects with EPIPE. */
  write(stream: number, chunk: Uint8Array): Promise<void>;
  /** Input: end of file. Output: nobody reads any more, the guest gets EPIPE. */
  end(stream: number): void;
  /** The owner can take this many bytes more of an output. */
  credit(stream: number, bytes: number): void;
  /** Signals the process, or with `group` its process group. False when the process is over. */
  kill(handle: number, signal: number, group: boolean): boolean;
  resize(handle: number, rows: number, cols: number): void;
  /** The terminal's other side is gone: SIGHUP to its session. */
  hangup(handle: number): void;
  fs<Op extends keyof FsApi>(op: Op, args: Parameters<FsApi[Op]>): ReturnType<FsApi[Op]>;
  processes(): ProcessInfo[];
  log(): string[];
  /** Kills every process, sends what their pipes still hold, and lets go of everything. */
  shutdown(): Promise<void>;
}

/** Answered by the owner's thread. */
export interface OwnerSide {
  output(stream: number, chunk: Uint8Array): void;
  /** End of file on an output. */
  outputEnd(stream: number): void;
  /** For the first time a guest waits for this input. */
  inputWanted(stream: number): void;
  /** An input's reader is gone. */
  inputClosed(stream: number): void;
  exit(handle: number, status: ExitStatus): void;
  /** Text of a process's trace; answered when it is written. */
  trace(handle: number, text: string): void | Promise<void>;
  log(line: string): void;
}

/** Bytes of an output that may be under way or unread at the owner's side: what bounds its memory. */
export const OUTPUT_WINDOW = 256 * 1024;
