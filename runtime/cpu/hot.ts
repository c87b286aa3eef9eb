// The hot half's instance, and kernel memory.

import { type Hot, KernelMemory } from "../../kernel/hot/hot.ts";
import type { ColdCall } from "../../kernel/syscalls.ts";

/** What the hot half imports: kernel/hot/imports.ts. */
export interface HotImports {
  readonly block: (task: number, next: number) => Promise<void>;
  /** Every call's way into the cold half, by name. */
  readonly calls: Readonly<Record<string, ColdCall>>;
  readonly unserved: (nr: number) => number;
  readonly expect_trap: () => void;
  readonly file_release: (file: number) => void;
  readonly dentry_release: (dentry: number) => void;
  readonly mount_release: (mount: number) => void;
  readonly close_hook: (task: number, file: number) => void;
  readonly poll: (file: number) => number;
  readonly default_action: (task: number, signo: number, info: number) => void;
  readonly trace_enter: (task: number) => void;
  readonly trace_exit: (task: number, result: number) => void;
  readonly trace_signal: (task: number, signo: number, info: number) => void;
  readonly unwound: (task: number) => number;
  readonly now: () => number;
  readonly wall: () => number;
  readonly random: (at: number, bytes: number) => void;
  readonly shared_segment: (mm: number, address: number) => number;
  readonly shared_offset: (mm: number, address: number) => number;
}

export interface HotInstance {
  readonly memory: WebAssembly.Memory;
  readonly kmem: KernelMemory;
  readonly hot: Hot;
  /** Its exports by name, for linking guests. */
  readonly exports: Readonly<Record<string, unknown>>;
  readonly table: WebAssembly.Table;
}

/** Kernel memory, in bytes: reserved at once, touched as needed, so that views of it never go stale. */
export const KERNEL_MEMORY = 1 << 30;

/** Instantiates the hot half with a kernel memory of its own. */
export function startHot(module: WebAssembly.Module, imports: HotImports, bytes = KERNEL_MEMORY): HotInstance {
  const pages = bytes / 65536;
  // Grown at once, not big from the start: V8 counts a big initial size as pressure on its garbage collector, which costs 15 ms.
  const memory = new WebAssembly.Memory({ initial: 1, maximum: pages, shared: true });
  memory.grow(pages - 1);
  const { block, calls, ...cold } = imports;
  const instance = new WebAssembly.Instance(module, {
    env: { memory },
    cpu: { block: new WebAssembly.Suspending(block) as never },
    cold: cold as never,
    calls: calls as never,
  });
  const exports = instance.exports as Record<string, unknown>;
  const hot = exports as unknown as Hot;
  hot.heap_init(bytes);
  return { memory, kmem: new KernelMemory(memory.buffer), hot, exports, table: exports.table as WebAssembly.Table };
}
