// Functions that the rewriter adds to a module: what the kernel calls into a guest, and what replaces the atomic waits.

import { Writer } from "./binary.ts";
import { Op } from "./opcodes.ts";
import { ExternKind, type ModuleView, typeKey, typeOfFunction, VALUE_TYPE_CODES, type ValueType } from "./sections.ts";
import { Site } from "./sites.ts";

/** A type as the loader writes it down: parameters, results. */
export type Signature = readonly [params: readonly ValueType[], results: readonly ValueType[]];

export const VOID: Signature = [[], []];

/** The functions that a rewritten module imports from module `ring3`. */
export const KERNEL_IMPORTS = {
  poll: VOID,
  memory_size: [[], ["i32"]],
  memory_grow: [["i32"], ["i32"]],
  atomic_wait32: [["i32", "i32", "i64"], ["i32"]],
  atomic_wait64: [["i32", "i64", "i64"], ["i32"]],
  atomic_notify: [["i32", "i32"], ["i32"]],
  unwound: VOID,
} as const satisfies Record<string, Signature>;

export type KernelImport = keyof typeof KERNEL_IMPORTS;

/** A function of the loader's own making. */
export interface Stub {
  readonly name: string;
  readonly signature: Signature;
  readonly exported: boolean;
  /** Locals and instructions, with the final `end`. */
  readonly body: Uint8Array;
}

/** What the bodies of the stubs refer to in the rewritten module. */
export interface StubContext {
  /** The index of a signature in the type section; adds it where it is missing. */
  type(signature: Signature): number;
  /** Writes a constant expression of the source with its function indices renumbered. */
  constant(w: Writer, start: number, end: number): void;
  kernelImport(name: KernelImport): number;
  /** The index in the rewritten module of a function of the source. */
  functionIndex(source: number): number;
  /** Writes the call of the start function. */
  callStart(w: Writer, source: number): void;
  /** Global that holds the stack pointer. */
  readonly stackPointer: number | undefined;
}

/**
 * `ring3:init`: what instantiation did in the source: active data segments, then the start function. Called once at
 * exec and not for a thread or a forked child, whose memory is initialised already. Drops the segments, as instantiation does,
 * unless it is to be called again (segments.ts).
 */
export function initStub(view: ModuleView, context: StubContext, restartable: boolean): Stub {
  const w = new Writer(64).u8(0);
  view.data.forEach((segment, index) => {
    if (!segment.offset) return;
    context.constant(w, segment.offset.start, segment.offset.end);
    w.u8(Op.i32Const).u8(0);
    w.u8(Op.i32Const).s32(segment.bytes.end - segment.bytes.start);
    w.u8(Op.misc).u32(Op.memoryInit).u32(index).u8(0);
    if (!restartable) w.u8(Op.misc).u32(Op.dataDrop).u32(index);
  });
  if (view.start !== undefined) context.callStart(w, view.start);
  return { name: "ring3:init", signature: VOID, exported: true, body: w.u8(Op.end).view() };
}

/** Locals are the parameters 0 to `count` - 1, pushed in order. */
function pushLocals(w: Writer, ...locals: number[]): void {
  for (const local of locals) w.u8(Op.localGet).u32(local);
}

function callTable(w: Writer, type: number): void {
  w.u8(Op.callIndirect).u32(type).u8(0);
}

const INT_TO_VOID: Signature = [["i32"], []];
const SIGACTION: Signature = [["i32", "i32", "i32"], []];

/**
 * `ring3:signal` (fn, sig, info, ctx, sp): runs a signal handler on the stack at `sp`. Where `info` is 0 the handler is
 * called as (sig), else as (sig, info, ctx). Gives the stack pointer of before; with fn 0, which no handler has, it does
 * nothing else: so the kernel reads the stack pointer without one more export.
 */
export function signalStub(context: StubContext): Stub {
  const w = new Writer(64);
  const [FN, SIG, INFO, CTX, SP, SAVED] = [0, 1, 2, 3, 4, 5];
  const { stackPointer } = context;
  w.u8(1).u8(1).u8(VALUE_TYPE_CODES.i32);
  if (stackPointer !== undefined) w.u8(Op.globalGet).u32(stackPointer).u8(Op.localSet).u32(SAVED);
  w.u8(Op.localGet).u32(FN).u8(Op.i32Eqz).u8(Op.if).u8(Op.emptyBlock);
  w.u8(Op.localGet).u32(SAVED).u8(Op.return).u8(Op.end);
  if (stackPointer !== undefined) {
    w.u8(Op.localGet).u32(SP).u8(Op.globalSet).u32(stackPointer);
  }
  w.u8(Op.localGet).u32(INFO).u8(Op.if).u8(Op.emptyBlock);
  pushLocals(w, SIG, INFO, CTX, FN);
  callTable(w, context.type(SIGACTION));
  w.u8(Op.else);
  pushLocals(w, SIG, FN);
  callTable(w, context.type(INT_TO_VOID));
  w.u8(Op.end);
  if (stackPointer !== undefined) w.u8(Op.localGet).u32(SAVED).u8(Op.globalSet).u32(stackPointer);
  w.u8(Op.localGet).u32(SAVED);
  const signature: Signature = [["i32", "i32", "i32", "i32", "i32"], ["i32"]];
  return { name: "ring3:signal", signature, exported: true, body: w.u8(Op.end).view() };
}

/** `ring3:call1` (fn, arg) -> i32: starts a task that `ring3.clone` made. */
export function call1Stub(context: StubContext): Stub {
  const w = new Writer(16).u8(0);
  pushLocals(w, 1, 0);
  callTable(w, context.type([["i32"], ["i32"]]));
  return { name: "ring3:call1", signature: [["i32", "i32"], ["i32"]], exported: true, body: w.u8(Op.end).view() };
}

/** `ring3:call2` (fn, tid, arg): starts a thread that `__wasm_thread_spawn` made. */
export function call2Stub(view: ModuleView, context: StubContext): Stub {
  const w = new Writer(16).u8(0);
  pushLocals(w, 1, 2, 0);
  const results = call2Results(view);
  callTable(w, context.type([["i32", "i32"], results]));
  if (results.length > 0) w.u8(Op.drop);
  return { name: "ring3:call2", signature: [["i32", "i32", "i32"], []], exported: true, body: w.u8(Op.end).view() };
}

/** `ring3:call2` of a WASI program, whose threads begin in an export; `fn` means nothing. */
export function wasiThreadStub(start: number, context: StubContext): Stub {
  const w = new Writer(16).u8(0);
  pushLocals(w, 1, 2);
  w.u8(Op.call).u32(context.functionIndex(start)).u8(Op.end);
  return { name: "ring3:call2", signature: [["i32", "i32", "i32"], []], exported: true, body: w.view() };
}

/** The results of a thread's entry: WALI's C library has none (shared/abi); a library that exports the entry shows its own type. */
export function call2Results(view: ModuleView): readonly ValueType[] {
  const entry = view.exports.get("__wasm_thread_start_libc");
  if (entry?.kind !== ExternKind.function) return [];
  const { key, results } = view.types[typeOfFunction(view, entry.index)];
  return key === typeKey(["i32", "i32"], ["i32"]) ? results : [];
}

/** Per site kind: the import that replaces the instruction, and the load that traps where the instruction would. */
export const ATOMICS: Readonly<Record<number, { name: KernelImport; load: number; align: number }>> = {
  [Site.atomicNotify]: { name: "atomic_notify", load: Op.i32AtomicLoad, align: 2 },
  [Site.atomicWait32]: { name: "atomic_wait32", load: Op.i32AtomicLoad, align: 2 },
  [Site.atomicWait64]: { name: "atomic_wait64", load: Op.i64AtomicLoad, align: 3 },
};

/**
 * Stands for an atomic wait or notify: takes the operands and the instruction's static offset, traps where the
 * instruction would (out of bounds, also by carry, or unaligned), and calls the kernel with the effective address.
 */
export function atomicStub(kind: number, context: StubContext): Stub {
  const { name, load, align } = ATOMICS[kind];
  const [params, results] = KERNEL_IMPORTS[name];
  const offset = params.length;
  const address = offset + 1;
  const w = new Writer(64);
  w.u8(1).u8(1).u8(VALUE_TYPE_CODES.i32);
  w.u8(Op.localGet).u8(0).u8(Op.localGet).u8(offset).u8(Op.i32Add).u8(Op.localTee).u8(address);
  w.u8(Op.localGet).u8(0).u8(Op.i32LtU).u8(Op.if).u8(Op.emptyBlock);
  // The sum passes 4 GiB: so does this load, whatever the size of the memory.
  w.u8(Op.i32Const).s32(-1).u8(Op.i32Load).u8(2).u32(0xffffffff).u8(Op.drop);
  w.u8(Op.end);
  w.u8(Op.localGet).u8(address).u8(Op.atomic).u32(load).u8(align).u8(0).u8(Op.drop);
  w.u8(Op.localGet).u8(address);
  for (let i = 1; i < offset; i++) w.u8(Op.localGet).u8(i);
  w.u8(Op.call).u32(context.kernelImport(name)).u8(Op.end);
  return { name: `ring3:${name}`, signature: [[...params, "i32"], results], exported: false, body: w.view() };
}
