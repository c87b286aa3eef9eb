// The poll that the rewriter puts into loops and where recursion needs it: how a guest that makes no system call is preempted,
// signalled and killed.

import { POLL_FLAG } from "../../kernel/hot/layout.ts";
import { Writer } from "./binary.ts";
import type { CodeWriter } from "./code.ts";
import { Op } from "./opcodes.ts";

/**
 * How a module polls.
 * - `flag`: tests POLL_FLAG in kernel memory (memory 1), which a timer sets
 * - `count`: counts down a global, so that the same run polls at the same places every time (deterministic mode)
 * - `none`: never
 */
export type PollMode = "flag" | "count" | "none";

/** With `count`, how many polls pass between two that enter the kernel: at some ns each, a slice of about TICK_MS. */
export const POLL_PERIOD = 100_000;

/**
 * The polls of one module. A loop polls at its head, but one that makes no calls does so outside (scanner/copier.as.ts): V8 unrolls and
 * peels no loop with a call. And there is a step of the program between two polls, whatever they take.
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
export class Polls {
  /** Written so far. */
  readonly counts = { loops: 0, entries: 0 };
  readonly wanted: boolean;
  /** Code that pushes whether a poll is due: an i32; and code that polls. */
  readonly due: Uint8Array;
  readonly enter: Uint8Array;

  /** `poll`: function index of the import `ring3.poll`; `counter`: with `count`, index of the global that counts. */
  constructor(mode: PollMode, poll: number, counter: number) {
    this.wanted = mode !== "none";
    const due = new Writer(32);
    const enter = new Writer(32);
    if (mode === "flag") {
      // Alignment 2^2, bit 6: a memory index follows.
      due.u8(Op.i32Const).u8(0).u8(Op.i32Load).u8(0x42).u8(1).u32(POLL_FLAG);
    } else {
      due.u8(Op.globalGet).u32(counter).u8(Op.i32Const).u8(1).u8(Op.i32Sub).u8(Op.globalSet).u32(counter);
      due.u8(Op.globalGet).u32(counter).u8(Op.i32Const).u8(0).u8(Op.i32LtS);
      enter.u8(Op.i32Const).s32(POLL_PERIOD).u8(Op.globalSet).u32(counter);
    }
    this.due = due.view();
    this.enter = enter.u8(Op.call).u32(poll).view();
  }

  /** Writes the poll of a function. */
  entry(w: CodeWriter): void {
    if (!this.wanted) return;
    this.#write(w);
    this.counts.entries++;
  }

  /** Writes that of a loop's head. */
  loop(w: CodeWriter): void {
    if (!this.wanted) return;
    this.#write(w);
    this.counts.loops++;
  }

  #write(w: CodeWriter): void {
    w.raw(this.due).unlikely().u8(Op.if).u8(Op.emptyBlock).raw(this.enter).u8(Op.end);
  }
}
