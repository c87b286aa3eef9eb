/**
 * A kernel without a CPU: the real hot half, the real file systems, and tasks whose calls the test makes itself: calls of the cold half's
 * handlers, or (`enter`) of the hot half's exports, as a guest makes them. A call that waits gives "waits"; `again()` enters it once more, as
 * the CPU would after a wake-up.
 */
import { readFileSync } from "node:fs";
import { ARG_TYPES, type ArgTypeName } from "../../kernel/abi/argtypes.ts";
import { errnoName } from "../../kernel/abi/errno-names.ts";
import { syscallByName, wasmParams } from "../../kernel/abi/syscalls.ts";
import { SysError } from "../../kernel/errors.ts";
import { FileApi } from "../../kernel/fs/api.ts";
import { DevFs } from "../../kernel/fs/devfs.ts";
import { Filename } from "../../kernel/fs/filename.ts";
import { FsContext } from "../../kernel/fs/fs-context.ts";
import { MNT_RELATIME, Mount } from "../../kernel/fs/mount.ts";
import { mountNew } from "../../kernel/fs/mounts.ts";
import type { Path } from "../../kernel/fs/path.ts";
import { buildHot } from "../../kernel/hot/build.ts";
import {
  COARSE_REALTIME,
  FILES_OPEN,
  GATE_FUNCTIONS,
  PAGES_USED,
  PROC_EGID,
  PROC_EUID,
  PROC_FSGID,
  PROC_FSUID,
  PROC_GID,
  PROC_UID,
  RESULT_BLOCK,
  TASK_RESTARTED,
  TASK_SCRATCH,
  TASK_SLOT,
  TASK_WAKE,
  WAKE_SIGNAL,
} from "../../kernel/hot/layout.ts";
import { Kernel, type TaskTable } from "../../kernel/kernel.ts";
import { AddressSpace, decodeBytes, encodeString } from "../../kernel/mm/address-space.ts";
import type { Platform } from "../../kernel/platform.ts";
import { coldCalls, HANDLERS } from "../../kernel/syscalls.ts";
import { makeInit } from "../../kernel/task/spawn.ts";
import type { Task } from "../../kernel/task/task.ts";
import { openGate } from "../../runtime/cpu/gate.ts";
import { type HotInstance, startHot } from "../../runtime/cpu/hot.ts";

const hotModule = new WebAssembly.Module(readFileSync(await buildHot()));
const MEMORY_BYTES = 1 << 20;
/** Where strings and buffers of calls are put. */
const ARENA = 4096;

/** A number as the trap frame would give it to an argument of that type. */
function inFrame(type: ArgTypeName, value: number): number {
  const { wasm, signed } = ARG_TYPES[type];
  if (wasm === "i64") return value;
  return signed ? value | 0 : value >>> 0;
}

/** A result as C sees it: a number, "ENOENT"..., or "waits". */
export type Result = number | string;

export class TestTask {
  readonly task: Task;
  readonly #exports: Readonly<Record<string, unknown>>;
  #at = ARENA;
  #last: (() => Result) | null = null;

  constructor(task: Task, exports: Readonly<Record<string, unknown>>) {
    this.task = task;
    this.#exports = exports;
  }

  /** Makes a call as a guest does: the hot half first. It must not wait. */
  enter(name: string, ...args: readonly (number | string | Uint8Array)[]): Result {
    this.#at = ARENA;
    const types = wasmParams(syscallByName(name)!);
    const values = types.map((type, i) => {
      const arg = args[i] ?? 0;
      const value = typeof arg === "number" ? arg : this.put(arg);
      return type === "i64" ? BigInt(value) : value;
    });
    this.task.kernel.hot.set_current(this.task.ptr);
    const entry = this.#exports[`SYS_${name}`] as (...args: (number | bigint)[]) => bigint;
    const result = Number(entry(...values));
    return result < 0 ? (errnoName(-result) ?? `-${-result}`) : result;
  }

  /** Makes a call; strings become pointers, byte arrays are copied in. */
  call(name: string, ...args: readonly (number | string | Uint8Array)[]): Result {
    this.#at = ARENA;
    const { kmem } = this.task.kernel;
    kmem.u32[(this.task.ptr + TASK_RESTARTED) >> 2] = 0;
    for (let i = 0; i < 4; i++) kmem.f64[(this.task.ptr + TASK_SCRATCH + 8 * i) >> 3] = 0;
    const types = syscallByName(name)!.args;
    const [a = 0, b = 0, c = 0, d = 0, e = 0, f = 0] = args.map((arg, i) =>
      typeof arg === "number" ? inFrame(types[i].type, arg) : this.put(arg),
    );
    this.#last = () => {
      try {
        const result = HANDLERS[name]!(this.task, a, b, c, d, e, f, 0);
        if (result === RESULT_BLOCK) return "waits";
        return result < 0 ? (errnoName(-result) ?? `-${-result}`) : result;
      } catch (error) {
        if (error instanceof SysError) return errnoName(error.errno)!;
        throw error;
      }
    };
    return this.#last();
  }

  /** Enters the call that waits again; with `signal`, because a signal came. */
  again(signal = false): Result {
    const { kmem, hot } = this.task.kernel;
    hot.wait_clear(this.task.ptr);
    kmem.u32[(this.task.ptr + TASK_RESTARTED) >> 2]++;
    kmem.u32[(this.task.ptr + TASK_WAKE) >> 2] = signal ? WAKE_SIGNAL : 0;
    return this.#last!();
  }

  /** Puts text (with its NUL) or bytes into user memory; the address. */
  put(data: string | Uint8Array): number {
    const bytes = typeof data === "string" ? encodeString(`${data}\0`) : data;
    const at = this.#at;
    this.task.mm.u8.set(bytes, at);
    this.#at = (at + bytes.length + 15) & ~15;
    return at;
  }

  get(address: number, length: number): string {
    return decodeBytes(this.task.mm.u8.slice(address, address + length));
  }

  /** Reads all of a file through a descriptor. */
  slurp(path: string): string {
    const fd = this.call("open", path, 0, 0);
    if (typeof fd === "string") return fd;
    let text = "";
    for (;;) {
      const got = this.call("read", fd, 65536, 65536);
      if (typeof got === "string") return got;
      if (got === 0) break;
      text += this.get(65536, got);
    }
    this.call("close", fd);
    return text;
  }

  setIds(uid: number, gid = uid): void {
    const { u32 } = this.task.kernel.kmem;
    const { ptr } = this.task.process;
    for (const field of [PROC_UID, PROC_EUID, PROC_FSUID]) u32[(ptr + field) >> 2] = uid;
    for (const field of [PROC_GID, PROC_EGID, PROC_FSGID]) u32[(ptr + field) >> 2] = gid;
  }
}

export class TestMachine {
  readonly kernel: Kernel;
  readonly files: FileApi;
  readonly #hot: HotInstance;
  /** ms since the epoch; moved by the test. */
  now = 1_600_000_000_000;

  /** `kernelMemory` in bytes. */
  constructor(kernelMemory = 64 << 20) {
    const refuse = () => {
      throw new Error("the test kernel has no CPU");
    };
    // What the hot half asks of the others; most of it is for a CPU that runs guests.
    const names = WebAssembly.Module.imports(hotModule).filter(({ kind }) => kind === "function");
    const tasks: TaskTable = [null];
    const imports = {
      ...Object.fromEntries(names.map(({ name }) => [name, refuse])),
      file_release: (file: number) => this.kernel.vfs.releaseFile(file),
      dentry_release: (dentry: number) => this.kernel.vfs.releaseDentry(dentry),
      mount_release: (mount: number) => this.kernel.vfs.releaseMount(mount),
      close_hook: (task: number, file: number) => this.kernel.vfs.onCloseHook(this.#taskAt(task), file),
      poll: (file: number) => this.kernel.vfs.poll(file),
      calls: coldCalls(tasks),
      now: () => this.now,
      wall: () => this.now,
    };
    this.#hot = startHot(hotModule, imports as never, kernelMemory);
    const { kmem, hot } = this.#hot;
    const platform = {
      random: (bytes: Uint8Array<ArrayBuffer>) => crypto.getRandomValues(bytes),
      hasStack: () => false,
      endTask() {},
      setAlarm() {},
    } as unknown as Platform;
    const clock = { monotonic: () => this.now - 1_600_000_000_000, realtime: () => this.now };
    this.kernel = new Kernel(kmem, hot, tasks, clock, platform, {
      hostname: "test",
      memoryLimit: 64 << 20,
      pidsLimit: 100,
    });
    const { vfs } = this.kernel;
    this.files = new FileApi(vfs);
    makeInit(this.kernel);
    for (const path of ["/dev", "/proc", "/tmp"]) this.files.mkdir(path);
    this.kernel.ttys.register(vfs);
    vfs.attachMount(new Mount(new DevFs(vfs), "devtmpfs", MNT_RELATIME), this.path("/dev"));
    mountNew(vfs, "proc", "proc", this.path("/proc"), 0, "");
  }

  #taskAt(ptr: number): Task {
    return this.kernel.tasks[this.kernel.kmem.i32[(ptr + TASK_SLOT) >> 2]]!;
  }

  path(path: string): Path {
    const { walk } = this.kernel.vfs;
    const error = walk.lookupAt(null, null, new Filename(path), 1);
    if (error) throw new Error(`${path}: ${errnoName(-error)}`);
    return walk.path();
  }

  /** A new process with one task and no descriptors. */
  spawn(): TestTask {
    const { kernel } = this;
    const process = kernel.lifecycle.newProcess(kernel.init);
    const memory = new WebAssembly.Memory({
      initial: MEMORY_BYTES / 65536,
      maximum: MEMORY_BYTES / 65536,
      shared: true,
    });
    const { memory: kernelMemory, table, exports } = this.#hot;
    const gate = table.grow(GATE_FUNCTIONS);
    openGate(kernelMemory, memory, table, gate);
    const user = {
      buffer: memory.buffer,
      maximum: MEMORY_BYTES,
      former: 0,
      gate,
      grow: () => false,
      zero() {},
      release() {},
    };
    const mm = new AddressSpace(kernel.kmem, kernel.hot, user, MEMORY_BYTES);
    const root = kernel.vfs.rootPath();
    const fs = new FsContext(kernel, root, root, 0o022);
    process.argv = ["test", "process"];
    const task = kernel.lifecycle.newTask(process, mm, fs, kernel.hot.files_new(), kernel.hot.sighand_new(), "test");
    return new TestTask(task, exports);
  }

  /** Ends a process as exit does. */
  end(task: TestTask): void {
    this.kernel.lifecycle.endProcess(task.task.process, 0);
  }

  /** Lets time pass, and the tick come. */
  sleep(ms: number): void {
    this.now += ms;
    this.kernel.kmem.i64[COARSE_REALTIME >> 3] = BigInt(this.now) * 1_000_000n;
  }

  /** Open files and kernel pages: what must come back to where it was. */
  get usage(): { files: number; pages: number } {
    return { files: this.kernel.kmem.u32[FILES_OPEN >> 2], pages: this.kernel.kmem.u32[PAGES_USED >> 2] };
  }
}
