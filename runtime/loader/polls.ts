// The poll that the rewriter puts into loops and where recursion needs it: how a guest that makes no system call is preempted,
// signalled and killed.

import { POLL_FLAG } from "../../kernel/hot/layout.ts";
import { afterLeb, readIndex } from "./binary.ts";
import type { CodeWriter } from "./code.ts";
import { Op } from "./opcodes.ts";
import { afterInstruction } from "./unwind/instructions.ts";

/**
 * How a module polls.
 * - `flag`: tests POLL_FLAG in kernel memory (memory 1), which a timer sets
 * - `count`: counts down a global, so that the same run polls at the same places every time (deterministic mode)
 * - `none`: never
 */
export type PollMode = "flag" | "count" | "none";

/** With `count`, how many polls pass between two that enter the kernel: at some ns each, a slice of about TICK_MS. */
export const POLL_PERIOD = 100_000;

/** How many of the loader's blocks stand between a loop without calls and what the loop stood in (copyLeafLoop). */
const ADDED_BLOCKS = 3;

/** Writes the polls of one module. */
export class Polls {
  /** Written so far. */
  readonly counts = { loops: 0, entries: 0 };
  readonly #mode: PollMode;
  /** Function index of the import `ring3.poll`. */
  readonly #poll: number;
  /** With `count`, index of the global that counts. */
  readonly #counter: number;

  constructor(mode: PollMode, poll: number, counter: number) {
    this.#mode = mode;
    this.#poll = poll;
    this.#counter = counter;
  }

  get wanted(): boolean {
    return this.#mode !== "none";
  }

  /** The poll of a function's entry. */
  entry(w: CodeWriter): void {
    if (!this.wanted) return;
    this.#inline(w);
    this.counts.entries++;
  }

  /** The poll at the head of a loop. */
  loop(w: CodeWriter): void {
    if (!this.wanted) return;
    this.#inline(w);
    this.counts.loops++;
  }

  /**
   * Copies a loop that makes no calls, the one whose opcode stands at `at`, and gives where it ends. V8 unrolls and peels no loop
   * with a call, so that of the poll is put outside; and there is a step of the program between two polls, whatever they take.
   *
   *   block $after
   *     loop $again
   *       loop $step
   *         block $next               ;; where the loop's label was
   *           ...
   *           br $after
   *         end
   *         <is a poll due?>  i32.eqz  br_if $step
   *       end
   *       call $poll
   *       br $again
   *     end
   *   end
   *
   * With the call inside, the loop of bench/compute/loop.c takes 1.3 times as long, so 1.01 times.
   */
  copyLeafLoop(w: CodeWriter, bytes: Uint8Array, at: number): number {
    const type = bytes[at + 1];
    w.u8(Op.block).u8(type).u8(Op.loop).u8(type).u8(Op.loop).u8(Op.emptyBlock).u8(Op.block).u8(Op.emptyBlock);
    const end = copyOpenBlock(w, bytes, at + 2, ADDED_BLOCKS);
    w.u8(Op.br).u32(3).u8(Op.end);
    this.#due(w);
    w.u8(Op.i32Eqz);
    w.likely().u8(Op.brIf).u32(0).u8(Op.end);
    this.#enter(w);
    w.u8(Op.br).u32(0).u8(Op.end).u8(Op.end);
    this.counts.loops++;
    return end;
  }

  #inline(w: CodeWriter): void {
    this.#due(w);
    w.unlikely().u8(Op.if).u8(Op.emptyBlock);
    this.#enter(w);
    w.u8(Op.end);
  }

  /** Pushes whether a poll is due: an i32. */
  #due(w: CodeWriter): void {
    if (this.#mode === "flag") {
      // Alignment 2^2, bit 6: a memory index follows.
      w.u8(Op.i32Const).u8(0).u8(Op.i32Load).u8(0x42).u8(1).u32(POLL_FLAG);
    } else {
      w.u8(Op.globalGet).u32(this.#counter).u8(Op.i32Const).u8(1).u8(Op.i32Sub).u8(Op.globalSet).u32(this.#counter);
      w.u8(Op.globalGet).u32(this.#counter).u8(Op.i32Const).u8(0).u8(Op.i32LtS);
    }
  }

  #enter(w: CodeWriter): void {
    if (this.#mode === "count") w.u8(Op.i32Const).s32(POLL_PERIOD).u8(Op.globalSet).u32(this.#counter);
    w.u8(Op.call).u32(this.#poll);
  }
}

/** Copies what stands in a block, around which there will be `added` more, up to its `end`, and gives what follows that. */
function copyOpenBlock(w: CodeWriter, bytes: Uint8Array, start: number, added: number): number {
  let from = start;
  let depth = 0;
  const label = (at: number) => {
    const target = readIndex(bytes, at);
    const after = afterLeb(bytes, at);
    if (target > depth) {
      w.copy(bytes, from, at).u32(target + added);
      from = after;
    }
    return after;
  };
  for (let p = start; ; ) {
    switch (bytes[p]) {
      case Op.br:
      case Op.brIf:
      case Op.rethrow:
        p = label(p + 1);
        break;
      case Op.brTable: {
        let left = readIndex(bytes, p + 1);
        for (p = afterLeb(bytes, p + 1); left >= 0; left--) p = label(p);
        break;
      }
      case Op.block:
      case Op.if:
        depth++;
        p = afterLeb(bytes, p + 1);
        break;
      case Op.end:
        if (depth-- === 0) {
          w.copy(bytes, from, p);
          return p + 1;
        }
        p++;
        break;
      default:
        p = afterInstruction(bytes, p);
    }
  }
}
