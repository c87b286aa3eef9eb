// `ring3:run` (kind, resume, a, b, c) -> i32: the function that all stacks of a module with the unwinding pass are rooted in. It calls
// the entry, or with `resume` what winds it up; when the entry comes back because the stack unwinds, it lets the kernel do what was to be
// done then, and winds it up, on the same host stack. Gives the exit status of `_start`.

import { Writer } from "../binary.ts";
import { Op } from "../opcodes.ts";
import { ExternKind, type ModuleView, typeOfFunction, VALUE_TYPE_CODES, type ValueType } from "../sections.ts";
import { call2Results, type Signature } from "../stubs.ts";
import { ZERO } from "../thunks.ts";

/** What `kind` says, by the export that a module without the pass has: the entry, whose arguments are a, b, c. */
export const RUN_KINDS: Readonly<Record<string, number>> = { _start: 0, "ring3:call1": 1, "ring3:call2": 2 };

export interface RunContext {
  readonly unwinding: number;
  readonly unwound: number;
  readonly spawnsThreads: boolean;
  type(signature: Signature): number;
  readonly calls: {
    callTarget(target: number): number;
    /** Writes the call of what winds up a function of the source, or with -1 whichever's frame is next. */
    writeResumeCall(w: Writer, target: number, results: readonly ValueType[]): void;
  };
}

const [KIND, RESUME, A, B, C, RESULT] = [0, 1, 2, 3, 4, 5];

export function runBody(view: ModuleView, context: RunContext): [signature: Signature, body: Uint8Array] {
  const { calls, unwinding } = context;
  const w = new Writer(256).u8(1).u8(1).u8(VALUE_TYPE_CODES.i32);
  const get = (...locals: number[]) => {
    for (const local of locals) w.u8(Op.localGet).u32(local);
  };
  /** One entry: the call, or what winds it up; its first result if that is an i32, else 0. */
  const entry = (target: number, results: readonly ValueType[], call: () => void) => {
    get(RESUME);
    w.u8(Op.if).u8(VALUE_TYPE_CODES.i32);
    for (const write of [() => calls.writeResumeCall(w, target, results), call]) {
      write();
      const kept = results[0] === "i32" ? 1 : 0;
      for (let i = results.length; i > kept; i--) w.u8(Op.drop);
      if (kept === 0) w.raw(ZERO.i32);
      if (write !== call) w.u8(Op.else);
    }
    w.u8(Op.end).u8(Op.localSet).u32(RESULT);
  };
  const indirect = (params: readonly ValueType[], results: readonly ValueType[], ...args: number[]) => {
    entry(-1, results, () => {
      get(...args);
      w.u8(Op.callIndirect)
        .u32(context.type([params, results]))
        .u8(0);
    });
  };
  const table = view.tables[0]?.type === "funcref";
  const entries: (() => void)[] = [() => start(view, calls, w, entry)];
  if (table) {
    entries.push(() => indirect(["i32"], ["i32"], B, A));
    if (context.spawnsThreads) entries.push(() => indirect(["i32", "i32"], call2Results(view), B, C, A));
  }

  w.u8(Op.loop).u8(Op.emptyBlock).u8(Op.block).u8(Op.emptyBlock);
  for (const _ of entries) w.u8(Op.block).u8(Op.emptyBlock);
  get(KIND);
  w.u8(Op.brTable).u32(entries.length - 1);
  for (let i = 0; i < entries.length; i++) w.u32(i);
  entries.forEach((write, i) => {
    w.u8(Op.end);
    write();
    w.u8(Op.br).u32(entries.length - 1 - i);
  });
  w.u8(Op.end);
  w.u8(Op.globalGet).u32(unwinding).u8(Op.if).u8(Op.emptyBlock);
  w.raw(ZERO.i32).u8(Op.globalSet).u32(unwinding).u8(Op.call).u32(context.unwound);
  w.u8(Op.i32Const).u8(1).u8(Op.localSet).u32(RESUME).u8(Op.br).u32(1).u8(Op.end);
  w.u8(Op.end);
  get(RESULT);
  return [[["i32", "i32", "i32", "i32", "i32"], ["i32"]], w.u8(Op.end).view()];
}

function start(
  view: ModuleView,
  calls: RunContext["calls"],
  w: Writer,
  entry: (target: number, results: readonly ValueType[], call: () => void) => void,
): void {
  const item = view.exports.get("_start");
  if (item?.kind !== ExternKind.function) {
    w.u8(Op.unreachable);
    return;
  }
  const { params, results } = view.types[typeOfFunction(view, item.index)];
  entry(item.index, results, () => {
    for (const type of params) w.raw(ZERO[type]);
    w.u8(Op.call).u32(calls.callTarget(item.index));
  });
}
