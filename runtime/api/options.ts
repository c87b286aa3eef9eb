/** The options of boot() and spawn(): what they mean, and the checks that turn them into requests for the machine's thread. */
import * as signals from "../../kernel/abi/signal.ts";
import type { BootRequest, MountRequest, TraceRequest } from "../worker/protocol.ts";
import { Ring3Error } from "./errors.ts";

export interface MountOption {
  /** A folder on the host. Guests cannot leave it, whatever links it holds. */
  host: string;
  /** Absolute path in the machine; made if it is missing. */
  guest: string;
  /** Default false. */
  readOnly?: boolean;
}

export interface BootOptions {
  /** `"image"` (default): the root image that ring3's build makes. Otherwise a folder on the host to use as `/`. */
  root?: "image" | (string & {});
  mounts?: readonly MountOption[];
  /** Default "ring3". */
  hostname?: string;
  /** Most memory that all processes together may map: bytes, or a number with k, m or g. Default "4g", at least "1m", at most "1024g"; one process has at most 4g. */
  memory?: number | string;
  /** Most processes and threads at once. Default 4096. */
  pids?: number;
  /** Guests may talk to the outside (now: HTTP requests of components, by the host's fetch). Default false. */
  network?: boolean;
  /** Environment that every process gets, below what spawn() adds. Default: PATH, HOME and HOSTNAME. */
  env?: Readonly<Record<string, string>>;
  /** The same run every time: clock, random numbers and time slices come from a seed (true: 0), not from the host. */
  deterministic?: boolean | number;
  /** Called for each line of the kernel log (dmesg). */
  log?: (line: string) => void;
  /**
   * Where the kernel runs: on a `"worker"` thread of its own (default), so that guests never stall the program; or on the `"same"`
   * thread as the caller, between its events.
   */
  thread?: "worker" | "same";
  /** Shuts the machine down when aborted. */
  signal?: AbortSignal;
}

export interface TraceOptions {
  /** Gets the trace, in the format of strace(1); a piece need not be whole lines. A promise holds the guests back. */
  write: (text: string) => void | Promise<void>;
  /** Trace children and threads too. */
  follow?: boolean;
  /** Count calls, time and errors; one table at the end. */
  summary?: boolean;
  /** Which calls to show, as strace's -e trace=: "open,%file", "!read"...; default all. */
  filter?: string;
  /** Written to a file: every line names its task when children are followed. */
  toFile?: boolean;
  /** Time of day before each line. */
  timestamps?: boolean;
  /** Time spent in each call after each line. */
  durations?: boolean;
}

/** Where a process's output goes: to its GuestOutput, nowhere, to the host program's own stream, or to a function that may hold it back. */
export type OutputOption = "pipe" | "null" | "inherit" | ((chunk: Uint8Array) => void | Promise<void>);
/** Where its input comes from: its GuestInput, nowhere, given bytes or text, or a source (such as a Node Readable). */
export type InputOption = "pipe" | "null" | Uint8Array | string | AsyncIterable<string | Uint8Array>;

export interface SpawnOptions {
  /** File to execute in place of argv[0] looked up in PATH. */
  path?: string;
  /** Working directory. Default "/". */
  cwd?: string;
  /** Added to the machine's environment; undefined takes a variable out. */
  env?: Readonly<Record<string, string | undefined>>;
  /** Default 0, root. */
  uid?: number;
  /** Default: the same as uid. */
  gid?: number;
  /** Supplementary groups. */
  groups?: readonly number[];
  /** Default "pipe". */
  stdin?: InputOption;
  /** Default "pipe". */
  stdout?: OutputOption;
  /** Default "pipe". */
  stderr?: OutputOption;
  /**
   * Gives the process a terminal of this size, as its controlling terminal. Standard streams that are not set otherwise are the
   * terminal: what is written to `stdin` is typed, and `stdout` is what the screen gets.
   */
  tty?: { rows: number; cols: number };
  /** Milliseconds after which the process is killed (SIGKILL). */
  timeout?: number;
  /** Kills the process (SIGKILL) when aborted; wait() and result() then reject with its reason. */
  signal?: AbortSignal;
  /** Traces its system calls. */
  trace?: TraceOptions;
}

/** docker's PATH for images that set none. */
export const DEFAULT_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

const UNITS: Readonly<Record<string, number>> = { "": 1, k: 1024, m: 1024 ** 2, g: 1024 ** 3 };

/** Throws ERR_OPTION. */
export function badOption(message: string): never {
  throw new Ring3Error("ERR_OPTION", message);
}

/** Bytes of a size such as 1048576, "64m", "512K" or "1.5gb". Throws ERR_OPTION. */
export function parseSize(size: number | string, what: string): number {
  const match = /^(\d+(?:\.\d+)?)\s*([kmg]?)i?b?$/i.exec(String(size).trim());
  if (!match) badOption(`${what}: "${size}" is no size (a number of bytes, or one with k, m or g)`);
  return Math.floor(Number(match[1]) * UNITS[match[2].toLowerCase()]);
}

const PAGE = 65536;
const SMALLEST_MEMORY = 16 * PAGE;
/** Mapped is not touched: thousands of small processes map more than any host has. */
const LARGEST_MEMORY = 2 ** 40;
/**
 * A process takes about four mappings of the host (memory, gates, stack), of which Linux allows 65,530 (vm.max_map_count). V8 ends the
 * host's process where it gets none for a stack: at 15,500 measured.
 */
const MOST_PIDS = 12_000;

function whole(value: number, what: string, least: number, most: number): number {
  if (!Number.isInteger(value) || value < least || value > most) {
    badOption(`${what}: ${value} is not a whole number from ${least} to ${most}`);
  }
  return value;
}

function checkMount(mount: MountOption): MountRequest {
  if (typeof mount?.host !== "string" || typeof mount.guest !== "string") {
    badOption("mounts: each needs the folders host and guest");
  }
  if (!mount.guest.startsWith("/")) badOption(`mounts: the path in the machine must be absolute, not "${mount.guest}"`);
  return { host: mount.host, guest: mount.guest, readOnly: mount.readOnly ?? false };
}

/** Throws ERR_OPTION for what is not understood. */
export function checkBoot(options: BootOptions): BootRequest {
  const hostname = options.hostname ?? "ring3";
  if (!/^[A-Za-z0-9.-]{1,64}$/.test(hostname)) badOption(`hostname: "${hostname}" is no host name`);
  const memory = parseSize(options.memory ?? "4g", "memory");
  if (memory < SMALLEST_MEMORY || memory > LARGEST_MEMORY) badOption("memory: must be from 1m to 1024g");
  const seed = options.deterministic ?? false;
  return {
    root: options.root === undefined || options.root === "image" ? null : options.root,
    mounts: (options.mounts ?? []).map(checkMount),
    hostname,
    memory: Math.floor(memory / PAGE) * PAGE,
    pids: whole(options.pids ?? 4096, "pids", 2, MOST_PIDS),
    seed: seed === false ? null : whole(Number(seed === true ? 0 : seed), "deterministic", 0, 0xffffffff),
    network: options.network ?? false,
    log: options.log !== undefined,
  };
}

export function checkTrace(trace: TraceOptions): TraceRequest {
  return {
    follow: trace.follow ?? false,
    summary: trace.summary ?? false,
    filter: trace.filter ?? null,
    toFile: trace.toFile ?? false,
    timestamps: trace.timestamps ?? false,
    durations: trace.durations ?? false,
  };
}

export function checkArgv(argv: readonly string[]): string[] {
  if (argv.length === 0) badOption("argv: the program's name is missing");
  for (const argument of argv) {
    if (typeof argument !== "string") badOption(`argv: ${String(argument)} is not a string`);
    if (argument.includes("\0")) badOption("argv: an argument holds a NUL character");
  }
  return [...argv];
}

/** `NAME=value` strings of the machine's environment and the process's own. Throws ERR_OPTION. */
export function checkEnv(...layers: readonly (Readonly<Record<string, string | undefined>> | undefined)[]): string[] {
  const merged: Record<string, string> = {};
  for (const layer of layers) {
    for (const [name, value] of Object.entries(layer ?? {})) {
      if (name === "" || /[=\0]/.test(name)) badOption(`env: "${name}" is no name of a variable`);
      if (value === undefined) delete merged[name];
      else if (String(value).includes("\0")) badOption(`env: the value of ${name} holds a NUL character`);
      else merged[name] = String(value);
    }
  }
  return Object.entries(merged).map(([name, value]) => `${name}=${value}`);
}

export function checkSize(size: { rows: number; cols: number }): { rows: number; cols: number } {
  return { rows: whole(size.rows, "rows", 0, 65535), cols: whole(size.cols, "cols", 0, 65535) };
}

export function checkId(id: number, what: string): number {
  return whole(id, what, 0, 0xfffffffe);
}

/** Names by number, without the aliases that share one. */
const SIGNAL_NAMES: readonly string[] = (() => {
  const names: string[] = [];
  for (const [name, value] of Object.entries(signals)) {
    if (/^SIG[A-Z0-9]+$/.test(name) && value >= 1 && value < signals.SIGRTMIN) names[value] ??= name;
  }
  return names;
})();

/** "SIGTERM" of 15; real-time signals are "SIGRTMIN+n". */
export function signalName(signo: number): string {
  return SIGNAL_NAMES[signo] ?? (signo >= signals.SIGRTMIN ? `SIGRTMIN+${signo - signals.SIGRTMIN}` : `SIG${signo}`);
}

/** 15 of "SIGTERM", "TERM" or 15. Throws ERR_OPTION. */
export function signalNumber(signal: string | number): number {
  if (typeof signal === "number") return whole(signal, "signal", 0, signals.SIGRTMAX);
  const name = signal.startsWith("SIG") ? signal : `SIG${signal}`;
  const at = SIGNAL_NAMES.indexOf(name.toUpperCase());
  return at > 0 ? at : badOption(`signal: "${signal}" is unknown`);
}
