/**
 * Runs a program outside of any machine: just V8, and the few system calls that programs which only compute make. So a module as it
 * came and the loader's image of it differ by nothing but what the loader did.
 */
import { type Prepared, RUN_KINDS } from "../../runtime/loader/index.ts";

export interface Arguments {
  readonly argv: readonly string[];
  readonly stdin?: string;
}

/** Thrown to leave a program that ends. */
class Exit {
  readonly status: number;
  constructor(status: number) {
    this.status = status;
  }
}

const PAGE = 65536;
const ENOSYS = 38;
const ENOENT = 2;
const ENOTTY = 25;
const ENOMEM = 12;

type Call = (...args: number[]) => number;

/** A program's process, as far as it has one. */
class Process {
  memory!: WebAssembly.Memory;
  output = "";
  readonly #argv: readonly Uint8Array[];
  readonly #input: Uint8Array;
  #read = 0;
  /** Ranges that were unmapped, by their size: they are used again, cleared. */
  readonly #unmapped = new Map<number, number[]>();

  constructor({ argv, stdin = "" }: Arguments) {
    const encoder = new TextEncoder();
    this.#argv = argv.map((argument) => encoder.encode(`${argument}\0`));
    this.#input = encoder.encode(stdin);
  }

  /** What is served. All else is ENOSYS. */
  readonly calls: Readonly<Record<string, Call>> = {
    __cl_get_argc: () => this.#argv.length,
    __cl_get_argv_len: (i) => this.#argv[i].length - 1,
    __cl_copy_argv: (to, i) => {
      this.#bytes(to, this.#argv[i].length).set(this.#argv[i]);
      return 0;
    },
    env_count: () => 0,
    SYS_brk: () => 0,
    SYS_mmap: (_at, length) => this.#map(length),
    SYS_munmap: (at, length) => {
      const size = Math.ceil(length / PAGE) * PAGE;
      this.#unmapped.set(size, [...(this.#unmapped.get(size) ?? []), at]);
      return 0;
    },
    SYS_mprotect: () => 0,
    SYS_madvise: () => 0,
    SYS_read: (_fd, to, length) => this.#readInput(to, length),
    SYS_readv: (_fd, vector, count) => this.#each(vector, count, (to, length) => this.#readInput(to, length)),
    SYS_write: (_fd, from, length) => this.#print(from, length),
    SYS_writev: (_fd, vector, count) => this.#each(vector, count, (from, length) => this.#print(from, length)),
    SYS_ioctl: () => -ENOTTY,
    SYS_open: () => -ENOENT,
    SYS_fcntl: () => 0,
    SYS_clock_gettime: (_clock, to) => {
      const now = performance.now();
      const view = new DataView(this.memory.buffer);
      view.setBigInt64(to, BigInt(Math.floor(now / 1000)), true);
      view.setBigInt64(to + 8, BigInt(Math.floor((now % 1000) * 1e6)), true);
      return 0;
    },
    SYS_getpid: () => 1,
    SYS_set_tid_address: () => 1,
    SYS_rt_sigaction: () => 0,
    SYS_rt_sigprocmask: () => 0,
    SYS_futex: () => 0,
    SYS_exit: (status) => {
      throw new Exit(status);
    },
    SYS_exit_group: (status) => {
      throw new Exit(status);
    },
  };

  #bytes(at: number, length: number): Uint8Array {
    return new Uint8Array(this.memory.buffer, at >>> 0, length >>> 0);
  }

  #map(length: number): number {
    const size = Math.ceil((length >>> 0) / PAGE) * PAGE;
    const again = this.#unmapped.get(size)?.pop();
    if (again !== undefined) {
      this.#bytes(again, size).fill(0);
      return again;
    }
    try {
      return this.memory.grow(size / PAGE) * PAGE;
    } catch {
      return -ENOMEM;
    }
  }

  #readInput(to: number, length: number): number {
    const part = this.#input.subarray(this.#read, this.#read + (length >>> 0));
    this.#bytes(to, part.length).set(part);
    this.#read += part.length;
    return part.length;
  }

  #print(from: number, length: number): number {
    this.output += new TextDecoder().decode(this.#bytes(from, length).slice());
    return length;
  }

  /** Does something with each part of an iovec, until one is not used whole. */
  #each(vector: number, count: number, body: Call): number {
    const parts = new Uint32Array(this.memory.buffer, vector, 2 * count);
    let total = 0;
    for (let i = 0; i < count; i++) {
      const done = body(parts[2 * i], parts[2 * i + 1]);
      total += done;
      if (done < parts[2 * i + 1]) break;
    }
    return total;
  }
}

/** What is run: a module, with what the loader knows about it. */
export interface Runnable {
  readonly module: WebAssembly.Module;
  readonly info: Prepared["info"];
  /** Memory is imported: it is the loader's image. */
  readonly prepared: boolean;
}

/** Runs it to its end; gives what it printed. Throws where it fails. */
export function runBare({ module, info, prepared }: Runnable, given: Arguments): string {
  const process = new Process(given);
  const imports: Record<string, Record<string, WebAssembly.ImportValue>> = {};
  for (const { module: from, name, kind } of WebAssembly.Module.imports(module)) {
    if (kind === "function") (imports[from] ??= {})[name] = serve(process, info, from, name);
  }
  if (prepared) {
    const { min, max = 65536 } = info.memory;
    process.memory = new WebAssembly.Memory({ initial: min, maximum: max, shared: true });
    // Nothing ever sets the flags in the kernel's memory that polls and unwinding look at.
    const kernel = new WebAssembly.Memory({ initial: 1, maximum: 65536, shared: true });
    Object.assign((imports.ring3 ??= {}), { memory: process.memory, kernel });
  }
  const { exports } = new WebAssembly.Instance(module, imports);
  if (!prepared) process.memory = exports.memory as WebAssembly.Memory;
  try {
    (exports["ring3:init"] as (() => void) | undefined)?.();
    const { _start, "ring3:run": run } = exports as Record<string, ((...args: number[]) => void) | undefined>;
    // Images with the unwinding pass have an entry that says what to call: the program's, not resumed, with no arguments.
    if (_start) _start();
    else run!(RUN_KINDS._start, 0, 0, 0, 0);
  } catch (error) {
    if (!(error instanceof Exit)) throw error;
    if (error.status !== 0) throw new Error(`it ended with status ${error.status}: ${process.output.slice(-200)}`);
  }
  return process.output;
}

/** The function for an import, with the result's type that the program declares. */
function serve(process: Process, info: Prepared["info"], from: string, name: string): (...args: never[]) => unknown {
  const declared = info.imports.find((item) => item.module === from && item.name === name);
  const call = process.calls[name] ?? (declared ? () => -ENOSYS : () => 0);
  const plain = (args: (number | bigint)[]) => call(...args.map(Number));
  if (declared?.results[0] === "i64") return (...args: (number | bigint)[]) => BigInt(plain(args));
  return (...args: (number | bigint)[]) => plain(args);
}
