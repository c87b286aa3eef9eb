// The version of a function that runs: the code as it was, with a test after each call that may unwind. When the stack unwinds, it
// saves what matters and returns.
//
//   block $unwind (result i32)          ;; the number of the site
//     block $body (result ...)
//       ...
//       call $f
//       i32.const 3  global.get $unwinding  br_if $unwind  drop
//       ...
//     end
//     return
//   end
//   <save>  <any result>

import { afterLeb, readIndex, type Writer } from "../binary.ts";
import type { CodeWriter } from "../code.ts";
import { Op } from "../opcodes.ts";
import { VALUE_TYPE_CODES } from "../sections.ts";
import { ZERO } from "../thunks.ts";
import { VALUE_TYPE_LIST } from "./effects.ts";
import type { FrameLayout, Frames } from "./frames.ts";
import { Event, type Walked } from "./structure.ts";

/** What the emitters need of the module that is written. */
export interface EmitHost {
  readonly source: Uint8Array;
  readonly frames: Frames;
  /** Index of the global that says whether the stack unwinds. */
  readonly unwinding: number;
  /** Copies source code with what the rewriter changes in it. */
  copyCode(w: CodeWriter, from: number, to: number): void;
  /** Writes the poll of a loop's head. */
  loopPoll(w: CodeWriter): void;
  /** Copies the loop whose opcode stands there, with its poll, and gives where it ends; undefined where it has to be looked into. */
  copyLeafLoop(w: CodeWriter, at: number): number | undefined;
  /** The type of a block without parameters. */
  blockType(w: Writer, results: Walked["type"]["results"]): void;
}

/** After a call that may unwind: leaves to `$unwind`, at this depth, with the number of the site. */
export function writeTest(w: CodeWriter, host: EmitHost, site: number, depth: number): void {
  w.u8(Op.i32Const).s32(site).u8(Op.globalGet).u32(host.unwinding);
  w.unlikely().u8(Op.brIf).u32(depth).u8(Op.drop);
}

/** After a call that may unwind where the function cannot be left: traps. */
export function writeTrap(w: Writer, unwinding: number): void {
  // V8 takes a branch to `unreachable` for unlikely by itself.
  w.u8(Op.globalGet).u32(unwinding).u8(Op.if).u8(Op.emptyBlock).u8(Op.unreachable).u8(Op.end);
}

/** Copies values that are just born to their spill locals. */
export function writeSpill(w: Writer, locals: readonly number[]): void {
  if (locals.length === 1) w.u8(Op.localTee).u32(locals[0]);
  else {
    setLocals(w, locals);
    getLocals(w, locals);
  }
}

export function setLocals(w: Writer, locals: readonly number[]): void {
  for (let i = locals.length - 1; i >= 0; i--) w.u8(Op.localSet).u32(locals[i]);
}

export function getLocals(w: Writer, locals: readonly number[]): void {
  for (const local of locals) w.u8(Op.localGet).u32(local);
}

/** A run-length encoded vector of locals, by type numbers; gives the number of runs and the code. */
export function writeLocals(w: Writer, runsBefore: number, before: () => void, types: readonly number[]): void {
  const runs: [count: number, type: number][] = [];
  for (const type of types) {
    const last = runs[runs.length - 1];
    if (last?.[1] === type) last[0]++;
    else runs.push([1, type]);
  }
  w.u32(runsBefore + runs.length);
  before();
  for (const [count, type] of runs) w.u32(count).u8(VALUE_TYPE_CODES[VALUE_TYPE_LIST[type]]);
}

/** `$unwind` and `$body` begin. */
export function openBody(w: Writer, host: EmitHost, { type }: Walked): void {
  w.u8(Op.block).u8(VALUE_TYPE_CODES.i32).u8(Op.block);
  host.blockType(w, type.results);
}

/** `$body` has ended: the rest. */
export function closeBody(w: Writer, host: EmitHost, walked: Walked, frame: FrameLayout): void {
  w.u8(Op.return).u8(Op.end);
  host.frames.save(w, frame);
  for (const type of walked.type.results) w.raw(ZERO[type]);
  w.u8(Op.end);
}

const NOWHERE = Number.MAX_SAFE_INTEGER;

/**
 * Writes a function's body from its locals on. `locals`, `entry`: where they and the instructions begin; `poll` writes its poll, which
 * belongs in front of the instruction at `place`.
 */
export function writeNormal(
  w: CodeWriter,
  host: EmitHost,
  walked: Walked,
  frame: FrameLayout,
  body: { locals: number; entry: number; place: number | undefined; poll: () => void },
): void {
  const { source } = host;
  const { events, constructs, sites, spills, locals, own } = walked;
  const groupsAt = afterLeb(source, body.locals);
  const copyGroups = () => void w.copy(source, groupsAt, body.entry);
  writeLocals(w, readIndex(source, body.locals), copyGroups, locals.slice(own));
  openBody(w, host, walked);
  let from = body.entry;
  let place = body.place ?? NOWHERE;
  let depth = 0;
  const copyTo = (to: number) => {
    host.copyCode(w, from, to);
    from = to;
  };
  for (let i = 0; i < events.length; i += 3) {
    const at = events[i + 1];
    if (place <= at) {
      // (Not in code that cannot be reached and has been left out.)
      if (place >= from) {
        copyTo(place);
        body.poll();
      }
      place = NOWHERE;
    }
    switch (events[i]) {
      case Event.open: {
        if (constructs[events[i + 2]].opcode !== Op.loop) break;
        copyTo(at);
        const end = host.copyLeafLoop(w, at);
        if (end === undefined) break;
        from = end;
        while (events[i + 3 + 1] < end) i += 3;
        break;
      }
      case Event.enter:
        depth++;
        if (constructs[events[i + 2]].opcode === Op.loop) {
          copyTo(at);
          host.loopPoll(w);
        }
        break;
      case Event.delegate:
        depth--;
        break;
      case Event.end:
        if (--depth === 0) copyTo(at + 1);
        break;
      case Event.site: {
        const { end, number, resumable } = sites[events[i + 2]];
        copyTo(end);
        if (resumable) writeTest(w, host, number, depth);
        else writeTrap(w, host.unwinding);
        break;
      }
      case Event.skip:
        copyTo(at);
        from = events[i + 2];
        break;
      case Event.spill:
        copyTo(at);
        writeSpill(w, spills[events[i + 2]].locals);
        break;
    }
  }
  closeBody(w, host, walked, frame);
}
