/** A booted machine, seen from the program that owns it: what boot() gives. */
import type { KernelSide, OwnerSide, ProcessInfo } from "../worker/protocol.ts";
import { type Port, Rpc } from "../worker/rpc.ts";
import { Component, type ComponentOptions } from "./component.ts";
import { Ring3Error } from "./errors.ts";
import { MachineFiles } from "./fs.ts";
import { type BootOptions, checkBoot, DEFAULT_PATH, type SpawnOptions, type TraceOptions } from "./options.ts";
import { Process, type ProcessOwner } from "./process.ts";
import { GuestInput, GuestOutput } from "./streams.ts";

/** The line to a machine's thread. */
export interface Connection {
  readonly port: Port;
  /** Whether it keeps the host program alive. */
  hold(on: boolean): void;
  /** Ends the thread, if it is one of its own. */
  terminate(): Promise<void>;
}

/** The host that a machine is started on. */
export interface Host {
  connect(thread: "worker" | "same"): Promise<Connection>;
  inherit(fd: 1 | 2): (chunk: Uint8Array) => Promise<void>;
}

/** How long shutdown waits for the machine's thread before it ends it. */
const SHUTDOWN_PATIENCE = 3000;

export type { ProcessInfo };

export class Machine {
  /** Its files, in the manner of node:fs/promises, with the rights of root. */
  readonly fs: MachineFiles;
  readonly #connection: Connection;
  readonly #rpc: Rpc<KernelSide>;
  readonly #options: BootOptions;
  readonly #owner: ProcessOwner;
  readonly #inputs = new Map<number, GuestInput>();
  readonly #outputs = new Map<number, GuestOutput>();
  readonly #processes = new Map<number, Process>();
  /** Who gets a process's trace, which its children may go on with after its end. */
  readonly #tracers = new Map<number, TraceOptions["write"]>();
  #nextStream = 1;
  #nextHandle = 1;
  #shutdown: Promise<void> | null = null;
  #unabort: () => void = () => {};

  /** @internal Use boot(). */
  private constructor(host: Host, connection: Connection, options: BootOptions, hostname: string) {
    this.#connection = connection;
    this.#options = options;
    const rpc: Rpc<KernelSide> = new Rpc(connection.port, this.#answers());
    this.#rpc = rpc;
    rpc.onClose = (reason) => this.#lineClosed(reason);
    this.#owner = {
      rpc,
      env: { PATH: DEFAULT_PATH, HOME: "/root", HOSTNAME: hostname, ...options.env },
      newInput: () => this.#newInput(),
      newOutput: () => this.#newOutput(),
      inherit: (fd) => host.inherit(fd),
    };
    this.fs = new MachineFiles((op, args) => this.#held(() => rpc.call("fs", [op, args])) as never);
  }

  /** @internal Use boot(). */
  static async boot(host: Host, options: BootOptions): Promise<Machine> {
    const request = checkBoot(options);
    options.signal?.throwIfAborted();
    const connection = await host.connect(options.thread ?? "worker");
    const machine = new Machine(host, connection, options, request.hostname);
    try {
      await machine.#rpc.call("boot", [request]);
      options.signal?.throwIfAborted();
    } catch (error) {
      await machine.shutdown();
      throw error;
    }
    connection.hold(false);
    const { signal } = options;
    if (signal) {
      const abort = () => void machine.shutdown();
      signal.addEventListener("abort", abort, { once: true });
      machine.#unabort = () => signal.removeEventListener("abort", abort);
    }
    return machine;
  }

  /**
   * Starts a program: an argument vector whose first element is looked up in PATH, or a command line for /bin/sh.
   * Rejects with ENOENT, EACCES, ENOEXEC, EAGAIN (too many processes)..., or ERR_OPTION.
   */
  spawn(command: string | readonly string[], options: SpawnOptions = {}): Promise<Process> {
    return this.#spawn(command, options, false);
  }

  async #spawn(command: string | readonly string[], options: SpawnOptions, library: boolean): Promise<Process> {
    options.signal?.throwIfAborted();
    const process = new Process(this.#owner, this.#nextHandle++, options);
    const request = { ...process.request(command, options), library };
    this.#processes.set(process.handle, process);
    if (options.trace) this.#tracers.set(process.handle, options.trace.write);
    try {
      const { pid } = await this.#held(() => this.#rpc.call("spawn", [request]));
      process.started(pid, options);
      return process;
    } catch (error) {
      this.#processes.delete(process.handle);
      for (const stdio of request.stdio) if (stdio.kind === "pipe") this.#dropStream(stdio.stream);
      if (request.tty) for (const stream of [request.tty.input, request.tty.output]) this.#dropStream(stream);
      this.#holdWhileBusy();
      throw error;
    }
  }

  /**
   * Starts a component whose functions the host program calls: a file of the machine, or bytes. `Exports` are its types as jco writes
   * them (`ring3 inspect FILE --types FOLDER`). Rejects with ENOENT, ENOEXEC (no component, or one that needs what ring3 lacks)...
   */
  async component<Exports = Record<string, never>>(
    source: string | Uint8Array,
    options: ComponentOptions = {},
  ): Promise<Component<Exports>> {
    const bytes = typeof source === "string" ? null : source;
    const path = typeof source === "string" ? source : `/run/component-${this.#nextHandle}.wasm`;
    const { args = [], ...rest } = options;
    const streams: SpawnOptions = { stdin: "null", stdout: "inherit", stderr: "inherit" };
    if (bytes) await this.fs.writeFile(path, bytes, { mode: 0o755 });
    let process: Process;
    try {
      process = await this.#spawn([path, ...args], { ...streams, ...rest, path }, true);
    } finally {
      if (bytes) await this.fs.rm(path, { force: true });
    }
    const { handle } = process;
    try {
      const tree = await this.#held(() => this.#rpc.call("componentExports", [handle]));
      return new Component(process, tree, {
        call: (names, values) => this.#held(() => this.#rpc.call("callComponent", [handle, names, values])),
        handle: (request) =>
          this.#held(() => this.#rpc.call("handleRequest", [handle, request], request.body ? [request.body] : [])),
        close: () => this.#rpc.notify("closeComponent", [handle]),
      });
    } catch (error) {
      await process.kill("SIGKILL");
      throw error;
    }
  }

  /** Every process of the machine, by pid. */
  processes(): Promise<ProcessInfo[]> {
    return this.#held(() => this.#rpc.call("processes", []));
  }

  /** The kernel log: what dmesg shows. */
  log(): Promise<string[]> {
    return this.#held(() => this.#rpc.call("log", []));
  }

  /** Kills every process and lets go of everything: thread, timers, files. What the guests have written can still be read. */
  shutdown(): Promise<void> {
    this.#shutdown ??= this.#stop();
    return this.#shutdown;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.shutdown();
  }

  async #stop(): Promise<void> {
    this.#unabort();
    this.#connection.hold(true);
    let timer: ReturnType<typeof setTimeout> | undefined;
    const patience = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, SHUTDOWN_PATIENCE);
    });
    await Promise.race([this.#rpc.call("shutdown", []).catch(() => {}), patience]);
    clearTimeout(timer);
    this.#rpc.close(new Ring3Error("ERR_CLOSED", "the machine has been shut down"));
    await this.#connection.terminate();
  }

  #lineClosed(reason: Ring3Error): void {
    for (const input of this.#inputs.values()) input.closed();
    for (const output of this.#outputs.values()) output.finish();
    for (const process of this.#processes.values()) process.lost(reason);
    this.#inputs.clear();
    this.#outputs.clear();
    this.#processes.clear();
  }

  /** Calls under way. */
  #calls = 0;

  async #held<T>(call: () => Promise<T>): Promise<T> {
    this.#calls++;
    this.#holdWhileBusy();
    try {
      return await call();
    } finally {
      this.#calls--;
      this.#holdWhileBusy();
    }
  }

  /** The machine keeps the host program alive while it works for it: calls under way, processes that run, output to come. */
  #holdWhileBusy(): void {
    if (!this.#shutdown) this.#connection.hold(this.#calls + this.#processes.size + this.#outputs.size > 0);
  }

  #newInput(): GuestInput {
    const rpc = this.#rpc;
    const id = this.#nextStream++;
    const input = new GuestInput(id, {
      write: (chunk) => rpc.call("write", [id, chunk], [chunk.buffer as ArrayBuffer]),
      end: () => rpc.notify("end", [id]),
    });
    this.#inputs.set(id, input);
    return input;
  }

  #newOutput(): GuestOutput {
    const rpc = this.#rpc;
    const id = this.#nextStream++;
    const output = new GuestOutput(id, {
      credit: (bytes) => rpc.notify("credit", [id, bytes]),
      cancel: () => {
        this.#outputs.delete(id);
        rpc.notify("end", [id]);
      },
    });
    this.#outputs.set(id, output);
    return output;
  }

  #dropStream(id: number): void {
    this.#inputs.get(id)?.closed();
    this.#outputs.get(id)?.finish();
    this.#inputs.delete(id);
    this.#outputs.delete(id);
    this.#holdWhileBusy();
  }

  /** What the machine's thread may call. */
  #answers(): OwnerSide {
    return {
      output: (stream, chunk) => this.#outputs.get(stream)?.push(chunk),
      outputEnd: (stream) => this.#dropStream(stream),
      inputClosed: (stream) => this.#dropStream(stream),
      exit: (handle, status) => {
        const process = this.#processes.get(handle);
        this.#processes.delete(handle);
        process?.exited(status);
        this.#holdWhileBusy();
      },
      inputWanted: (stream) => this.#inputs.get(stream)?.wanted(),
      trace: (handle, text) => this.#tracers.get(handle)?.(text),
      log: (line) => this.#options.log?.(line),
    };
  }
}
