/** A process of the machine, seen from outside. */

import type { ExitStatus, KernelSide, SpawnRequest, StdioRequest } from "../worker/protocol.ts";
import type { Rpc } from "../worker/rpc.ts";
import { Ring3Error } from "./errors.ts";
import {
  checkArgv,
  checkEnv,
  checkId,
  checkSize,
  checkTrace,
  type InputOption,
  type OutputOption,
  type SpawnOptions,
  signalNumber,
} from "./options.ts";
import { GuestInput, GuestOutput } from "./streams.ts";

/** Most output, of both streams each, that result() gathers before it gives up. */
const RESULT_LIMIT = 256 * 1024 * 1024;

export type { ExitStatus };

export interface ProcessResult extends ExitStatus {
  /** What it wrote, as UTF-8 text; empty where the stream was not a pipe. */
  stdout: string;
  stderr: string;
  stdoutBytes: Uint8Array;
  stderrBytes: Uint8Array;
  /** Its timeout killed it. */
  timedOut: boolean;
}

/** What a process needs of its machine. */
export interface ProcessOwner {
  readonly rpc: Rpc<KernelSide>;
  readonly env: Readonly<Record<string, string>>;
  newInput(): GuestInput;
  newOutput(): GuestOutput;
  /** Where output option "inherit" goes: 1 is standard output, 2 standard error. */
  inherit(fd: 1 | 2): (chunk: Uint8Array) => Promise<void>;
}

/** The two directions of a process's terminal. */
export interface Terminal {
  /** What is typed. */
  readonly input: GuestInput;
  /** What the screen gets. */
  readonly output: GuestOutput;
}

const encoder = new TextEncoder();

/** Made by machine.spawn(). */
export class Process {
  /** Its process id in the machine. */
  pid = 0;
  /** The terminal that spawn's option `tty` asked for. */
  readonly terminal: Terminal | null = null;
  /** @internal */
  readonly handle: number;
  readonly #owner: ProcessOwner;
  readonly #stdio: (GuestInput | GuestOutput | null)[] = [null, null, null];
  #stdinTouched = false;
  /** Work that ends after the process: sources and functions that its streams are connected to. */
  readonly #pumps: Promise<void>[] = [];
  /** The first thing that went wrong on our side; wait() rejects with it. */
  #failure: { reason: unknown } | null = null;
  #timedOut = false;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #unabort: () => void = () => {};
  #resolve!: (status: ExitStatus) => void;
  #reject!: (reason: unknown) => void;
  readonly #end: Promise<ExitStatus>;
  #over = false;

  /** @internal Use machine.spawn(). */
  constructor(owner: ProcessOwner, handle: number, options: SpawnOptions) {
    this.#owner = owner;
    this.handle = handle;
    this.#end = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
    this.#end.catch(() => {});
    if (options.tty) {
      this.terminal = { input: owner.newInput(), output: owner.newOutput() };
    }
  }

  /** @internal Connects the streams and gives the request that starts the process. */
  request(command: string | readonly string[], options: SpawnOptions): SpawnRequest {
    const argv = checkArgv(typeof command === "string" ? ["/bin/sh", "-c", command] : command);
    const { terminal } = this;
    const uid = checkId(options.uid ?? 0, "uid");
    return {
      handle: this.handle,
      argv,
      path: options.path ?? null,
      env: checkEnv(this.#owner.env, options.env),
      cwd: options.cwd ?? "/",
      uid,
      gid: checkId(options.gid ?? uid, "gid"),
      groups: (options.groups ?? []).map((id) => checkId(id, "groups")),
      stdio: [
        this.#connectInput(options.stdin),
        this.#connectOutput(1, options.stdout),
        this.#connectOutput(2, options.stderr),
      ],
      tty:
        terminal && options.tty
          ? { ...checkSize(options.tty), input: terminal.input.id, output: terminal.output.id }
          : null,
      trace: options.trace ? checkTrace(options.trace) : null,
      library: false,
    };
  }

  /** @internal It runs. */
  started(pid: number, options: SpawnOptions): void {
    this.pid = pid;
    if (this.#over) return;
    if (options.timeout !== undefined) {
      this.#timer = setTimeout(() => {
        this.#timedOut = true;
        void this.kill("SIGKILL");
      }, options.timeout);
    }
    const { signal } = options;
    if (signal) {
      const abort = () => this.#fail(signal.reason);
      if (signal.aborted) abort();
      else signal.addEventListener("abort", abort, { once: true });
      this.#unabort = () => signal.removeEventListener("abort", abort);
    }
  }

  /** @internal It is over. */
  exited(status: ExitStatus): void {
    this.#settle();
    if (this.#failure) this.#reject(this.#failure.reason);
    else this.#resolve(status);
  }

  /** @internal The machine is gone and never said how the process ended. */
  lost(reason: Ring3Error): void {
    this.#settle();
    this.#reject(reason);
  }

  /** Its standard input. Throws ERR_STREAM where spawn() connected that to something else. */
  get stdin(): GuestInput {
    this.#stdinTouched = true;
    return this.#stream(0) as GuestInput;
  }

  /** Its standard output. Throws ERR_STREAM likewise. */
  get stdout(): GuestOutput {
    return this.#stream(1) as GuestOutput;
  }

  /** Its standard error. Throws ERR_STREAM likewise. */
  get stderr(): GuestOutput {
    return this.#stream(2) as GuestOutput;
  }

  /** Whether the timeout of spawn() killed it. */
  get timedOut(): boolean {
    return this.#timedOut;
  }

  /** How it ended, once it has. Rejects with the reason of an AbortSignal, or what a connected source or function threw. */
  wait(): Promise<ExitStatus> {
    return this.#end;
  }

  /**
   * Runs it to its end and gathers what it writes, at most 256 MiB a stream. Standard input that has not been touched is ended first.
   * Rejects as wait() does, with ERR_OUTPUT_LIMIT, or with ERR_STREAM when a stream is being read elsewhere.
   */
  async result(): Promise<ProcessResult> {
    const stdin = this.#stdio[0];
    if (stdin instanceof GuestInput && !this.#stdinTouched && !this.terminal) void stdin.end();
    const gather = async (stream: GuestInput | GuestOutput | null) => {
      if (!(stream instanceof GuestOutput) || stream.taken) return new Uint8Array(0);
      const bytes = await stream.gather(RESULT_LIMIT);
      if (bytes) return bytes;
      const error = new Ring3Error("ERR_OUTPUT_LIMIT", "the process wrote more than 256 MiB");
      this.#fail(error);
      throw error;
    };
    const [stdoutBytes, stderrBytes] = await Promise.all([gather(this.#stdio[1]), gather(this.#stdio[2])]);
    const status = await this.wait();
    await Promise.all(this.#pumps);
    const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
    return {
      ...status,
      stdout: text(stdoutBytes),
      stderr: text(stderrBytes),
      stdoutBytes,
      stderrBytes,
      timedOut: this.#timedOut,
    };
  }

  /**
   * Sends a signal, by name or number (default SIGTERM), to the process, or with `group` to all of its process group, as a terminal
   * does at ctrl-C. False when the process is over.
   */
  async kill(signal: string | number = "SIGTERM", options: { group?: boolean } = {}): Promise<boolean> {
    const number = signalNumber(signal);
    if (this.#over) return false;
    return this.#owner.rpc.call("kill", [this.handle, number, options.group ?? false]).catch((error) => {
      if (error instanceof Ring3Error && error.code === "ERR_CLOSED") return false;
      throw error;
    });
  }

  /** The terminal has another size now: SIGWINCH to its foreground processes. */
  resize(rows: number, cols: number): void {
    const size = checkSize({ rows, cols });
    this.#owner.rpc.notify("resize", [this.handle, size.rows, size.cols]);
  }

  /** The terminal is gone: SIGHUP to its session. */
  hangup(): void {
    this.#owner.rpc.notify("hangup", [this.handle]);
  }

  /** Kills it (SIGKILL) and waits for its end. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.kill("SIGKILL");
    await this.#end.catch(() => {});
  }

  #settle(): void {
    this.#over = true;
    clearTimeout(this.#timer);
    this.#unabort();
  }

  #stream(fd: 0 | 1 | 2): GuestInput | GuestOutput {
    const name = ["stdin", "stdout", "stderr"][fd];
    return this.#stdio[fd] ?? fail(`${name} of process ${this.pid} is no pipe: spawn() connected it otherwise`);
  }

  #fail(reason: unknown): void {
    this.#failure ??= { reason };
    void this.kill("SIGKILL");
  }

  #pump(work: Promise<void>): void {
    this.#pumps.push(work.catch((error) => this.#fail(error)));
  }

  #connectInput(option: InputOption | undefined): StdioRequest {
    if (option === undefined && this.terminal) {
      this.#stdio[0] = this.terminal.input;
      return { kind: "tty" };
    }
    if (option === "null") return { kind: "null" };
    if (option instanceof Uint8Array) return { kind: "bytes", bytes: new Uint8Array(option) };
    // "pipe" is the one text that cannot be given as such: an array of bytes can.
    if (typeof option === "string" && option !== "pipe") return { kind: "bytes", bytes: encoder.encode(option) };
    const input = this.#owner.newInput();
    if (option === undefined || option === "pipe") this.#stdio[0] = input;
    else if (typeof option?.[Symbol.asyncIterator] === "function") this.#pump(input.pipeFrom(option));
    else fail("stdin must be a word, bytes, text or an async iterable", "ERR_OPTION");
    return { kind: "pipe", stream: input.id };
  }

  #connectOutput(fd: 1 | 2, option: OutputOption | undefined): StdioRequest {
    if (option === undefined && this.terminal) {
      if (fd === 1) this.#stdio[1] = this.terminal.output;
      return { kind: "tty" };
    }
    if (option === "null") return { kind: "null" };
    const output = this.#owner.newOutput();
    if (option === undefined || option === "pipe") this.#stdio[fd] = output;
    else if (option === "inherit") this.#pump(consume(output, this.#owner.inherit(fd)));
    else if (typeof option === "function") this.#pump(consume(output, option));
    else fail(`${fd === 1 ? "stdout" : "stderr"}: "${String(option)}" is unknown`, "ERR_OPTION");
    return { kind: "pipe", stream: output.id };
  }
}

async function consume(output: GuestOutput, take: (chunk: Uint8Array) => void | Promise<void>): Promise<void> {
  for await (const chunk of output) await take(chunk);
}

function fail(message: string, code = "ERR_STREAM"): never {
  throw new Ring3Error(code, message);
}
