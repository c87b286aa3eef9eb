/**
 * WASI programs as processes: linking them to the adapter, and what the kernel keeps for them. The adapter (adapter/, in AssemblyScript) is
 * an instance beside the hot half's, on kernel memory, made when the first such program is loaded.
 */
import { O_ACCMODE, O_RDONLY, O_RDWR, O_WRONLY } from "../../../kernel/abi/fcntl.ts";
import { SIG_IGN, SIGPIPE } from "../../../kernel/abi/signal.ts";
import { SOCK_DGRAM } from "../../../kernel/abi/socket.ts";
import {
  ACTION_HANDLER,
  ACTION_SIZE,
  FILES_CAP,
  PF_BENEATH,
  PROC_ABI,
  PROC_FLAGS,
  SIGHAND_ACTIONS,
} from "../../../kernel/hot/layout.ts";
import { encodeString } from "../../../kernel/mm/address-space.ts";
import { Socket } from "../../../kernel/net/socket.ts";
import type { Process } from "../../../kernel/task/process.ts";
import type { Task } from "../../../kernel/task/task.ts";
import type { HotInstance } from "../../cpu/hot.ts";
import type { Imports } from "../../cpu/link.ts";
import { addedImports } from "../../cpu/link.ts";
import type { ImageInfo } from "../../loader/index.ts";
import { WASI_MODULES } from "./calls.ts";
import { checkWasi } from "./check.ts";
import { errnoTable } from "./errno.ts";
import {
  FD_READ,
  FD_RECORD,
  FD_WRITE,
  WASI_COUNT,
  WASI_NAMES,
  WASI_NAMES_BYTES,
  WASI_RECORDS,
  WASI_STATE,
} from "./layout.ts";
import { openPreopens, type Preopen } from "./preopens.ts";

/** Descriptors that a process's table of records has room for at first; a power of two. */
const FIRST_RECORDS = 64;
/** No descriptor is higher (/proc/sys/fs/nr_open). */
const NR_OPEN = 1048576;
/** Where preopened directories begin. */
const FIRST_PREOPEN = 3;

type Export = (...args: never[]) => unknown;

/** What of the adapter is called from here; all else is for guests. */
interface Adapter extends Readonly<Record<string, Export>> {
  setup(table: number): void;
  adopt(state: number, fd: number, mode: number, rdev: number, access: number, datagrams: boolean): number;
  preopen(state: number, fd: number, name: number, bytes: number): void;
}

const ACCESS: Readonly<Record<number, number>> = {
  [O_RDONLY]: FD_READ,
  [O_WRONLY]: FD_WRITE,
  [O_RDWR]: FD_READ | FD_WRITE,
};

export class Wasi {
  readonly #instance: HotInstance;
  readonly #load: () => Promise<WebAssembly.Module>;
  readonly #folders: readonly string[];
  #adapter: Promise<Adapter> | null = null;
  #ready!: Adapter;

  /** `load` gives the adapter compiled; `folders`: the machine's mounted folders, by their paths in it. */
  constructor(instance: HotInstance, load: () => Promise<WebAssembly.Module>, folders: readonly string[]) {
    this.#instance = instance;
    this.#load = load;
    this.#folders = folders;
  }

  /** A program's imports. Rejects with the reason, which names the file, where it is no program that can be run. */
  async link(info: ImageInfo, file: string): Promise<Imports> {
    checkWasi(info, file);
    this.#adapter ??= this.#start();
    const adapter = await this.#adapter;
    const imports: Imports = { ring3: addedImports(this.#instance.exports) };
    for (const { module, name } of info.imports) {
      imports[module] ??= {};
      imports[module][name] = adapter[WASI_MODULES[module][name].target];
    }
    return imports;
  }

  async #start(): Promise<Adapter> {
    const { memory, exports: hot, kmem } = this.#instance;
    const { exports } = new WebAssembly.Instance(await this.#load(), {
      env: { memory },
      hot: hot as WebAssembly.ModuleImports,
    });
    const adapter = exports as unknown as Adapter;
    const errors = errnoTable();
    const table = this.#instance.hot.alloc(errors.length);
    kmem.u8.set(errors, table);
    adapter.setup(table);
    this.#ready = adapter;
    return adapter;
  }

  /** A process begins with a program. `outside`: it was not another program that started it. False where memory is full. */
  begin(t: Task, outside: boolean): boolean {
    const { kmem, hot } = t.kernel;
    const state = hot.alloc(WASI_STATE);
    const records = hot.alloc(FD_RECORD * FIRST_RECORDS);
    if (!state || !records || !hot.window_open(t.ptr)) {
      if (state) hot.free(state, WASI_STATE);
      if (records) hot.free(records, FD_RECORD * FIRST_RECORDS);
      return false;
    }
    kmem.u32[(state + WASI_COUNT) >> 2] = FIRST_RECORDS;
    kmem.u32[(state + WASI_RECORDS) >> 2] = records;
    kmem.u32[(t.process.ptr + PROC_ABI) >> 2] = state;
    const preopens = openPreopens(t, this.#folders, outside && this.#folders.length > 0);
    makeRoom(t, preopens.length);
    preopens.forEach(({ file }, i) => {
      hot.fd_install(t.files, FIRST_PREOPEN + i, file.ptr, 0);
    });
    kmem.u32[(t.process.ptr + PROC_FLAGS) >> 2] |= PF_BENEATH;
    ignorePipeSignal(t);
    return this.#adopt(t, state) && this.#name(t, state, preopens);
  }

  /** Enters every open descriptor into the records. */
  #adopt(t: Task, state: number): boolean {
    const { kernel } = t;
    const count = kernel.kmem.u32[(t.files + FILES_CAP) >> 2];
    for (let fd = 0; fd < count; fd++) {
      const ptr = kernel.hot.fd_get(t.files, fd);
      if (!ptr) continue;
      const file = kernel.vfs.fileOf(ptr);
      const { inode, flags } = file;
      const access = ACCESS[flags & O_ACCMODE] ?? 0;
      const datagrams = file instanceof Socket && file.type === SOCK_DGRAM;
      if (!this.#ready.adopt(state, fd, inode.mode, inode.rdev, access, datagrams)) return false;
    }
    return true;
  }

  #name(t: Task, state: number, preopens: readonly Preopen[]): boolean {
    const { kmem, hot } = t.kernel;
    const names = preopens.map(({ name }) => encodeString(name));
    const bytes = names.reduce((sum, { length }) => sum + length, 0);
    if (bytes === 0) return true;
    let at = hot.alloc(bytes);
    if (!at) return false;
    kmem.u32[(state + WASI_NAMES) >> 2] = at;
    kmem.u32[(state + WASI_NAMES_BYTES) >> 2] = bytes;
    names.forEach((name, i) => {
      kmem.u8.set(name, at);
      this.#ready.preopen(state, FIRST_PREOPEN + i, at, name.length);
      at += name.length;
    });
    return true;
  }

  /** A thread begins. False where memory is full. */
  beginThread(t: Task): boolean {
    return t.kernel.hot.window_open(t.ptr) !== 0;
  }

  /** A process has ended. */
  end({ kernel, ptr }: Process): void {
    const { kmem, hot } = kernel;
    const state = kmem.u32[(ptr + PROC_ABI) >> 2];
    if (!state) return;
    kmem.u32[(ptr + PROC_ABI) >> 2] = 0;
    const word = (offset: number) => kmem.u32[(state + offset) >> 2];
    hot.free(word(WASI_RECORDS), FD_RECORD * word(WASI_COUNT));
    if (word(WASI_NAMES)) hot.free(word(WASI_NAMES), word(WASI_NAMES_BYTES));
    hot.free(state, WASI_STATE);
  }
}

/** A pipe without readers is an error to WASI programs, and SIGPIPE nothing (witx: signal, pipe: "Action: Ignored"). */
export function ignorePipeSignal({ kernel, sighand }: Task): void {
  kernel.kmem.u32[(sighand + SIGHAND_ACTIONS + (SIGPIPE - 1) * ACTION_SIZE + ACTION_HANDLER) >> 2] = SIG_IGN;
}

/** Frees the descriptors where `count` directories go: what a program inherited there moves up, whatever RLIMIT_NOFILE says. */
function makeRoom({ kernel, files }: Task, count: number): void {
  const { hot } = kernel;
  for (let fd = FIRST_PREOPEN; fd < FIRST_PREOPEN + count; fd++) {
    const file = hot.fd_take(files, fd);
    if (file) hot.fd_install(files, hot.fd_alloc(files, FIRST_PREOPEN + count, NR_OPEN), file, 0);
  }
}
