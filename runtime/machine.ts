/**
 * A machine on its own thread: kernel, CPU and host put together. The owner's side of it, perhaps on another thread, is api/machine.ts;
 * worker/service.ts stands between the two.
 */

import { EACCES, ENOENT, ENOEXEC } from "../kernel/abi/errno.ts";
import { errnoName, strerror } from "../kernel/abi/errno-names.ts";
import { AT_FDCWD, O_RDWR } from "../kernel/abi/fcntl.ts";
import { SI_USER } from "../kernel/abi/signal.ts";
import { S_IFCHR } from "../kernel/abi/stat.ts";
import { SysError } from "../kernel/errors.ts";
import { FileApi, FsError } from "../kernel/fs/api.ts";
import type { DevFs } from "../kernel/fs/devfs.ts";
import { Filename } from "../kernel/fs/filename.ts";
import { LOOKUP_FOLLOW } from "../kernel/fs/namei.ts";
import { openFile } from "../kernel/fs/open.ts";
import type { Path } from "../kernel/fs/path.ts";
import { CPU_IDLE, PROC_UID, TASK_SLOT } from "../kernel/hot/layout.ts";
import { Kernel, type TaskTable } from "../kernel/kernel.ts";
import { coldCalls, unserved } from "../kernel/syscalls.ts";
import type { Process } from "../kernel/task/process.ts";
import { makeInit, spawn } from "../kernel/task/spawn.ts";
import type { Task } from "../kernel/task/task.ts";
import type { Tracer } from "../kernel/trace/tracer.ts";
import type { ConsoleTty } from "../kernel/tty/console.ts";
import { isComponent } from "./abi/component/binary.ts";
import type { Components } from "./abi/component/components.ts";
import type { Library } from "./abi/component/library.ts";
import { checkLinux } from "./abi/wasi/check.ts";
import { Wasi } from "./abi/wasi/wasi.ts";
import { Ring3Error } from "./api/errors.ts";
import type { FsApi } from "./api/fs.ts";
import { signalName } from "./api/options.ts";
import { Cpu } from "./cpu/cpu.ts";
import { type HotInstance, startHot } from "./cpu/hot.ts";
import { Images, type LoadedImage, otherImage, type PreparedOther } from "./cpu/images.ts";
import { Instances } from "./cpu/instances.ts";
import { resolveImports } from "./cpu/link.ts";
import { Memories } from "./cpu/memories.ts";
import type { MachineHost, Ticker } from "./host/host.ts";
import { findPrepared, type Prepared, type PrepareOptions, prepare } from "./loader/index.ts";
import { HostTime, seededRandom, VirtualTime } from "./machine-clock.ts";
import { ConsoleStreams } from "./machine-console.ts";
import { HostLoop, VirtualLoop } from "./machine-loop.ts";
import { type HostStream, InputPipe, OutputPipe } from "./machine-pipes.ts";
import { mountAll } from "./machine-root.ts";
import type { TraceHooks } from "./machine-trace.ts";
import type { BootRequest, ExitStatus, OwnerSide, ProcessInfo, SpawnRequest, StdioRequest } from "./worker/protocol.ts";
import type { Rpc } from "./worker/rpc.ts";

/** States of /proc/pid/stat by STATE_*. */
const STATES = ["R", "S", "T", "Z", "X", "D"];
/** How long shutdown waits for killed tasks to unwind their stacks. */
const KILL_PATIENCE = 1000;

/** Characters of a trace that may be on their way. */
const TRACE_WINDOW = 1 << 20;

type Tracing = typeof import("./machine-trace.ts");

/** What was started for the owner. */
interface Spawned {
  process: Process;
  /** Null once it ended: its pid may be another's. */
  alive: boolean;
  tty: ConsoleTty | null;
}

export class LocalMachine {
  readonly kernel: Kernel;
  readonly #cpu: Cpu;
  readonly #hot: HotInstance;
  readonly #network: boolean;
  /** Paths of the mounted folders of the host. */
  readonly #folders: readonly string[];
  readonly #imageOptions: PrepareOptions;
  #components: Promise<Components> | null = null;
  readonly #loop: HostLoop;
  readonly #owner: Rpc<OwnerSide>;
  readonly #host: MachineHost;
  readonly #inputs = new Map<number, InputPipe | ConsoleStreams>();
  readonly #outputs = new Map<number, OutputPipe | ConsoleStreams>();
  readonly #streams = new Set<HostStream>();
  readonly #spawned = new Map<number, Spawned>();
  /** Components that the owner calls, by the handles of their processes. */
  readonly #libraries = new Map<number, Library>();
  readonly #files: FileApi;
  #dev!: DevFs;
  #ticker: Ticker | null = null;
  /** What the loader last refused, and why. */
  #refusal = "";
  /** Made for the first process that is traced. */
  #traceHooks: TraceHooks | null = null;
  /** The trace, whose it is, text that has not been sent, and characters that have been and are not written yet. */
  #trace: { handle: number; tracer: Tracer; text: string; unwritten: number } | null = null;

  private constructor(hotHalf: WebAssembly.Module, request: BootRequest, host: MachineHost, owner: Rpc<OwnerSide>) {
    this.#host = host;
    this.#network = request.network;
    this.#owner = owner;
    const virtual = request.seed === null ? null : new VirtualTime();
    const time = virtual ?? new HostTime();
    const random = request.seed === null ? host.random : seededRandom(request.seed);
    // The hot half imports CPU and kernel, which are made with it at hand: they are looked up when they are called.
    const locate = (mm: number, address: number) => this.kernel.shared.locate(this.kernel.addressSpaceAt(mm)!, address);
    const tasks: TaskTable = [null];
    const instance = startHot(hotHalf, {
      block: (task, next) => this.#cpu.block(task, next),
      calls: coldCalls(tasks),
      unserved: (nr) => unserved(this.kernel, nr),
      expect_trap: () => this.#cpu.expectTrap(),
      file_release: (file) => this.kernel.vfs.releaseFile(file),
      dentry_release: (dentry) => this.kernel.vfs.releaseDentry(dentry),
      mount_release: (mount) => this.kernel.vfs.releaseMount(mount),
      close_hook: (task, file) => this.kernel.vfs.onCloseHook(this.#taskAt(task), file),
      poll: (file) => this.kernel.vfs.poll(file),
      default_action: (task, signo) => this.#cpu.defaultAction(task, signo),
      trace_enter: (task) => this.#traceHooks!.enter(task),
      trace_exit: (task, result) => this.#traceHooks!.leave(task, result),
      trace_signal: (task, _signo, info) => this.#traceHooks!.signal(task, info),
      unwound: (task) => this.#cpu.unwoundAt(task),
      now: time.now,
      wall: time.wall,
      random: (at, bytes) => {
        // Kernel memory is shared, and a host's generator does not write to shared memory.
        const chunk = new Uint8Array(bytes);
        random(chunk);
        instance.kmem.u8.set(chunk, at);
      },
      shared_segment: (mm, address) => locate(mm, address).id,
      shared_offset: (mm, address) => locate(mm, address).offset,
    });
    this.#hot = instance;
    const { hot } = instance;
    hot.clock_init(time.boot);
    const clock = { monotonic: () => time.now() - time.boot, realtime: () => hot.clock_realtime() };
    const options = {
      polls: virtual ? ("count" as const) : ("flag" as const),
      cache: host.cache,
      prepared: host.prepared,
    };
    this.#imageOptions = options;
    this.#folders = request.mounts.map(({ guest }) => guest.replace(/(?<=.)\/+$/, ""));
    const wasi = new Wasi(instance, () => host.wasiAdapter(), this.#folders);
    const images = new Images(
      ({ digest }, bytes, file) => {
        const known = digest === undefined ? Promise.resolve(undefined) : findPrepared(digest, options);
        const prepared = known.then((image) => image ?? this.#prepare(bytes(), { ...options, file }));
        // With a seed, what others do meanwhile must not depend on how long it takes.
        return virtual ? this.#loop.pause(prepared) : prepared;
      },
      (info, file) => {
        if (info.abi === "wasi") return wasi.link(info, file);
        checkLinux(info, file);
        return resolveImports(info.imports, instance.exports, (name) => this.kernel.unknownImports.push(name) - 1);
      },
      (line) => {
        this.#refusal = line;
        this.kernel.log.print(line);
      },
    );
    const events = {
      pump: () => this.#pump(),
      defer: (body: () => void) => host.defer(body),
      wakeTicker: () => this.#wakeTicker(),
      event: (body: () => void) => this.#cpu.event(body),
    };
    this.#loop = virtual ? new VirtualLoop(virtual, instance.kmem, events) : new HostLoop(instance.kmem, events);
    const instances = new Instances(instance.memory, instance.table);
    const memories = new Memories(instance.memory, instance.table, instances);
    this.#cpu = new Cpu(instance, memories, images, this.#loop, random, wasi);
    const kernel = new Kernel(instance.kmem, hot, tasks, clock, this.#cpu, {
      hostname: request.hostname,
      memoryLimit: request.memory,
      pidsLimit: request.pids,
      onLog: request.log ? (line) => owner.notify("log", [line]) : undefined,
    });
    this.kernel = kernel;
    this.#files = new FileApi(kernel.vfs);
    this.#cpu.kernel = kernel;
    kernel.accountTime = this.#cpu.accountTime;
    kernel.loadAverages = this.#cpu.loadAverages;
  }

  /** Boots: memory, kernel, file systems, init. Rejects with Ring3Errors ERR_NOT_BUILT, ERR_MOUNT. */
  static async boot(request: BootRequest, host: MachineHost, owner: Rpc<OwnerSide>): Promise<LocalMachine> {
    const machine = new LocalMachine(await host.hotHalf(), request, host, owner);
    makeInit(machine.kernel);
    machine.#dev = await mountAll(machine.kernel, host, request);
    return machine;
  }

  /** Components are prepared by what is loaded when the first one is met. */
  async #prepare(bytes: Uint8Array, options: PrepareOptions): Promise<Prepared | PreparedOther> {
    if (!isComponent(bytes)) return prepare(bytes, options);
    return (await this.#loadedComponents()).prepare(bytes, options);
  }

  #loadedComponents(): Promise<Components> {
    this.#components ??= this.#loadComponents();
    return this.#components;
  }

  async #loadComponents(): Promise<Components> {
    const { Components } = await import("./abi/component/components.ts");
    return new Components(this.kernel, this.#hot, {
      addStream: (stream) => void this.#streams.add(stream),
      fetch: this.#network ? this.#host.fetch : null,
      folders: this.#folders,
      defer: (body) => this.#host.defer(body),
    });
  }

  async #loadLibrary(handle: number, bytes: Uint8Array, file: string): Promise<LoadedImage> {
    const components = await this.#loadedComponents();
    try {
      const options = { ...this.#imageOptions, file };
      return otherImage(await components.prepareLibrary(this.library(handle), bytes, options));
    } catch (error) {
      this.#refusal = (error as Error).message;
      this.kernel.log.print(`exec: ${this.#refusal}`);
      throw new SysError(ENOEXEC);
    }
  }

  /** The library whose process was spawned under a handle. Throws ERR_CLOSED where it is over. */
  library(handle: number): Library {
    const library = this.#libraries.get(handle);
    if (!library) throw new Ring3Error("ERR_CLOSED", "the component's process is over");
    return library;
  }

  closeLibrary(handle: number): void {
    this.#libraries.get(handle)?.close();
  }

  #endLibrary(handle: number): void {
    this.#libraries.get(handle)?.ended();
    this.#libraries.delete(handle);
  }

  // ------------------------------------------------------------ processes

  /** Starts a program. Rejects with a Ring3Error that has an errno's name. */
  async spawn(request: SpawnRequest): Promise<{ pid: number }> {
    const { kernel } = this;
    const tracing = request.trace ? await this.#loadTracing() : null;
    const name = request.path ?? request.argv[0];
    if (request.library) this.#libraries.set(request.handle, (await this.#loadedComponents()).newLibrary());
    const { terminal, files } = this.#connect(request);
    try {
      const cwd = this.#directory(request.cwd);
      const path = request.path ?? this.#which(request.argv[0], request.env);
      const process = await spawn(kernel, {
        path,
        argv: request.argv,
        env: request.env,
        cwd,
        uid: request.uid,
        gid: request.gid,
        groups: request.groups,
        files: files(),
        tty: terminal ?? undefined,
        load: request.library ? (_, bytes, file) => this.#loadLibrary(request.handle, bytes(), file) : undefined,
        started: (process) => this.#started(process, path, request, terminal, tracing),
      });
      return { pid: process.pid };
    } catch (error) {
      this.#endLibrary(request.handle);
      if (terminal && request.tty) this.#removeConsole(terminal, request.tty);
      throw this.#spawnError(error, name);
    }
  }

  /** Tracing and its tables cost 10 ms to load, which most machines never need. */
  async #loadTracing(): Promise<Tracing> {
    const tracing = await import("./machine-trace.ts");
    this.#traceHooks ??= new tracing.TraceHooks(this.kernel, (ptr) => this.#taskAt(ptr));
    return tracing;
  }

  #taskAt(ptr: number): Task {
    const { tasks, kmem } = this.kernel;
    return tasks[kmem.i32[(ptr + TASK_SLOT) >> 2]]!;
  }

  #started(
    process: Process,
    path: string,
    request: SpawnRequest,
    tty: ConsoleTty | null,
    tracing: Tracing | null,
  ): void {
    const { handle, trace } = request;
    this.#host.sizeStacks();
    const spawned: Spawned = { process, alive: true, tty };
    this.#spawned.set(handle, spawned);
    if (trace && tracing) {
      const sink = { text: "" };
      const tracer = tracing.traceProcess(this.kernel, process, path, trace, (piece) => {
        sink.text += piece;
        if (sink.text.length > TRACE_WINDOW) this.#sendTrace();
      });
      this.#trace = Object.assign(sink, { handle, tracer, unwritten: 0 });
    }
    this.kernel.lifecycle.onEnd(process, (status) => {
      spawned.alive = false;
      this.#spawned.delete(handle);
      this.#endLibrary(handle);
      this.#pump();
      if (request.tty && tty) this.#removeConsole(tty, request.tty);
      if (this.#trace?.handle === handle && !trace?.follow) this.#endTrace();
      this.#owner.notify("exit", [handle, exitStatus(status)]);
    });
  }

  /** A failure as the owner sees it, with the reason that an errno leaves out. */
  #spawnError(error: unknown, name: string): unknown {
    if (!(error instanceof SysError)) return error;
    const code = errnoName(error.errno) ?? `E${error.errno}`;
    let message = `${name}: ${strerror(error.errno)}`;
    if (error.errno === ENOEXEC && this.#refusal !== "") message = this.#refusal.replace(/^exec: /, "");
    if (error.errno === EACCES) message = `${name}: ${this.#whyDenied(name)}`;
    return new Ring3Error(code, message, { syscall: "execve", path: name });
  }

  #whyDenied(path: string): string {
    const { walk } = this.kernel.vfs;
    if (walk.lookup(null, AT_FDCWD, new Filename(path), LOOKUP_FOLLOW) !== 0) return strerror(EACCES);
    const { inode } = walk.dentry;
    if (inode.isDirectory) return "is a directory";
    return inode.mode & 0o111 ? strerror(EACCES) : "permission denied: it is not marked executable";
  }

  /** A command's path by PATH, as execvp(3) finds it: a file that may not be executed is remembered, and the search goes on. */
  #which(command: string, env: readonly string[]): string {
    if (command.includes("/")) return command;
    const path = env.find((variable) => variable.startsWith("PATH="))?.slice(5) ?? "";
    let denied: string | null = null;
    for (const folder of path.split(":")) {
      const candidate = `${folder || "."}/${command}`;
      const { walk } = this.kernel.vfs;
      if (walk.lookup(null, AT_FDCWD, new Filename(candidate), LOOKUP_FOLLOW) !== 0) continue;
      const { inode } = walk.dentry;
      if (inode.isRegular && inode.mode & 0o111) return candidate;
      denied ??= candidate;
    }
    if (denied !== null) return denied;
    throw new SysError(ENOENT);
  }

  #directory(path: string): Path {
    const { walk } = this.kernel.vfs;
    const error = walk.lookup(null, AT_FDCWD, new Filename(path), LOOKUP_FOLLOW);
    const isDirectory = error === 0 && walk.dentry.inode.isDirectory;
    if (isDirectory) return walk.path();
    const code = error === 0 ? "ENOTDIR" : (errnoName(-error) ?? "");
    throw new Ring3Error(code, `working directory ${path}: ${error === 0 ? "Not a directory" : strerror(-error)}`, {
      syscall: "chdir",
      path,
    });
  }

  // ------------------------------------------------------------ standard streams

  /** Makes the streams and terminal that a process asks for. `files()` opens descriptors 0 to 2. */
  #connect({ stdio, tty }: SpawnRequest): { terminal: ConsoleTty | null; files: () => number[] } {
    const { kernel } = this;
    let terminal: ConsoleTty | null = null;
    if (tty) {
      const { input, output } = tty;
      const streams = new ConsoleStreams({
        chunk: (bytes) => this.#owner.notify("output", [output, bytes], [bytes.buffer]),
        wanted: () => this.#owner.notify("inputWanted", [input]),
      });
      terminal = kernel.ttys.addConsole(streams, tty.rows, tty.cols);
      streams.connect(terminal);
      this.#dev.addNode(terminal.name, S_IFCHR | 0o620, terminal.dev);
      this.#inputs.set(input, streams);
      this.#outputs.set(output, streams);
      this.#streams.add(streams);
    }
    return { terminal, files: () => stdio.map((stream, fd) => this.#openStdio(stream, fd, terminal)) };
  }

  /** The process that a terminal was made for has ended. */
  #removeConsole(tty: ConsoleTty, { input, output }: { input: number; output: number }): void {
    this.#outputs.get(output)?.cancel();
    this.#inputs.delete(input);
    this.#outputs.delete(output);
    this.kernel.ttys.removeConsole(tty);
    this.#files.rm(`/dev/${tty.name}`, false, true);
    this.#owner.notify("outputEnd", [output]);
    this.#owner.notify("inputClosed", [input]);
  }

  #openStdio(request: StdioRequest, fd: number, terminal: ConsoleTty | null): number {
    switch (request.kind) {
      case "null":
        return this.#open("/dev/null");
      case "tty":
        return this.#open(`/dev/${terminal!.name}`);
      case "bytes": {
        const input = this.#newInput(null);
        input.put(request.bytes).catch(() => {}); // the guest need not read it all
        input.end();
        return input.guestEnd;
      }
      case "pipe":
        return fd === 0 ? this.#newInput(request.stream).guestEnd : this.#newOutput(request.stream).guestEnd;
    }
  }

  #open(path: string): number {
    const file = openFile(this.kernel.vfs, null, AT_FDCWD, new Filename(path), O_RDWR, 0);
    if (typeof file === "number") throw new SysError(-file);
    return file.ptr;
  }

  #newInput(stream: number | null): InputPipe {
    const tell = (method: "inputWanted" | "inputClosed") => () => {
      if (stream !== null) this.#owner.notify(method, [stream]);
    };
    const input = new InputPipe(this.kernel, { wanted: tell("inputWanted"), closed: tell("inputClosed") });
    if (stream !== null) this.#inputs.set(stream, input);
    this.#streams.add(input);
    return input;
  }

  #newOutput(stream: number): OutputPipe {
    const output = new OutputPipe(this.kernel, {
      chunk: (bytes) => this.#owner.notify("output", [stream, bytes], [bytes.buffer]),
      end: () => this.#owner.notify("outputEnd", [stream]),
    });
    this.#outputs.set(stream, output);
    this.#streams.add(output);
    return output;
  }

  /** Moves what can be moved between guests and owner. */
  #pump(): void {
    for (const stream of this.#streams) {
      stream.pump();
      if (stream.done) this.#streams.delete(stream);
    }
    this.#sendTrace();
  }

  /** Sends what was traced. Where the owner does not keep up, the machine waits for it. */
  #sendTrace(): void {
    const trace = this.#trace;
    if (!trace || trace.text === "") return;
    const { text } = trace;
    trace.text = "";
    trace.unwritten += text.length;
    const written = this.#owner.call("trace", [trace.handle, text]).then(
      () => {
        trace.unwritten -= text.length;
      },
      () => {}, // the line is closed: the machine is about to end
    );
    if (trace.unwritten > TRACE_WINDOW) void this.#loop.pause(written);
  }

  write(stream: number, bytes: Uint8Array): Promise<void> {
    const input = this.#inputs.get(stream);
    if (!input) throw new Ring3Error("EPIPE", "write: broken pipe", { syscall: "write" });
    let done!: Promise<void>;
    this.#cpu.event(() => {
      done = input.put(bytes);
    });
    return done;
  }

  end(stream: number): void {
    this.#cpu.event(() => {
      this.#inputs.get(stream)?.end();
      this.#outputs.get(stream)?.cancel();
    });
    this.#inputs.delete(stream);
    this.#outputs.delete(stream);
  }

  credit(stream: number, bytes: number): void {
    this.#cpu.event(() => this.#outputs.get(stream)?.credit(bytes));
  }

  // ------------------------------------------------------------ control

  kill(handle: number, signal: number, group: boolean): boolean {
    const spawned = this.#spawned.get(handle);
    if (!spawned) return false;
    const { process } = spawned;
    const info = { code: SI_USER, pid: 0, uid: 0 };
    this.#cpu.event(() => {
      if (group) this.kernel.signals.toProcessGroup(process.pgid, signal, info);
      else this.kernel.signals.toProcess(process, signal, info);
    });
    return true;
  }

  resize(handle: number, rows: number, cols: number): void {
    this.#cpu.event(() => this.#spawned.get(handle)?.tty?.resizeWindow(rows, cols));
  }

  hangup(handle: number): void {
    this.#cpu.event(() => this.#spawned.get(handle)?.tty?.hangup());
  }

  /** Reaches the machine's files, as root. Throws Ring3Errors with errno names. */
  fs<Op extends keyof FsApi>(op: Op, args: Parameters<FsApi[Op]>): ReturnType<FsApi[Op]> {
    const call = this.#files[op] as (...args: Parameters<FsApi[Op]>) => ReturnType<FsApi[Op]>;
    let result!: ReturnType<FsApi[Op]>;
    try {
      this.#cpu.event(() => {
        result = call.apply(this.#files, args);
      });
    } catch (error) {
      if (!(error instanceof FsError)) throw error;
      const { code, message, syscall, path } = error;
      throw new Ring3Error(code, message, { syscall, path });
    }
    return result;
  }

  processes(): ProcessInfo[] {
    const { kmem, processes, init } = this.kernel;
    return [...processes.values()]
      .filter((process) => process !== init)
      .map((process) => ({
        pid: process.pid,
        ppid: process.parent?.pid ?? 0,
        pgid: process.pgid,
        sid: process.session.sid,
        uid: kmem.u32[(process.ptr + PROC_UID) >> 2],
        comm: process.leader?.comm ?? process.argv[0] ?? "",
        argv: process.argv,
        state: process.zombie ? "Z" : STATES[process.leader.state],
        threads: process.tasks.length,
      }));
  }

  log(): string[] {
    return this.kernel.log.lines;
  }

  // ------------------------------------------------------------ end

  async shutdown(): Promise<void> {
    const { kernel } = this;
    this.#cpu.event(() => {
      for (const process of [...kernel.processes.values()]) {
        if (process !== kernel.init) kernel.lifecycle.endProcess(process, 9);
      }
    });
    const until = performance.now() + KILL_PATIENCE;
    while (kernel.tasksByTid.size > 0 && performance.now() < until)
      await new Promise<void>((ended) => this.#host.defer(ended));
    this.#pump();
    for (const stream of this.#streams) stream.flush?.();
    this.#endTrace();
    this.#cpu.stop();
    for (const mount of kernel.vfs.mounts) mount.sb.shutdown();
    await this.#ticker?.stop();
  }

  #endTrace(): void {
    this.#trace?.tracer.finish();
    this.#pump();
    this.#trace = null;
    this.kernel.tracer = null;
  }

  /** The CPU is busy again: the ticker, which slept, goes on. It is started when it is first wanted. */
  #wakeTicker(): void {
    const { buffer, i32 } = this.kernel.kmem;
    if (this.#ticker) Atomics.notify(i32, CPU_IDLE >> 2);
    else this.#ticker = this.#host.startTicker(buffer as SharedArrayBuffer);
  }
}

/** What a wait status means (man 2 wait). */
function exitStatus(status: number): ExitStatus {
  const signal = status & 0x7f;
  return signal === 0 ? { code: (status >> 8) & 0xff, signal: null } : { code: null, signal: signalName(signal) };
}
