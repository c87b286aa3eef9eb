// The poll that the rewriter puts at loop heads and where recursion needs it: how a guest that makes no system call is
// preempted, signalled and killed.

import { POLL_FLAG } from "../../kernel/hot/layout.ts";
import type { Writer } from "./binary.ts";
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

/** Writes one poll, which leaves the operand stack as it is. `counter` is the index of the global that counts. */
export function writePoll(w: Writer, mode: PollMode, poll: number, counter: number): void {
  if (mode === "flag") {
    // Alignment 2^2, bit 6: a memory index follows.
    w.u8(Op.i32Const).u8(0).u8(Op.i32Load).u8(0x42).u8(1).u32(POLL_FLAG);
  } else {
    w.u8(Op.globalGet).u32(counter).u8(Op.i32Const).u8(1).u8(Op.i32Sub).u8(Op.globalSet).u32(counter);
    w.u8(Op.globalGet).u32(counter).u8(Op.i32Const).u8(0).u8(Op.i32LtS);
  }
  w.u8(Op.if).u8(Op.emptyBlock);
  if (mode === "count") w.u8(Op.i32Const).s32(POLL_PERIOD).u8(Op.globalSet).u32(counter);
  w.u8(Op.call).u32(poll).u8(Op.end);
}
