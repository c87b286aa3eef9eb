// What the CPU keeps for a task beside what the kernel does.

import type { Task } from "../../kernel/task/task.ts";
import type { Timer } from "../../kernel/time/timers.ts";
import type { LoadedImage } from "./images.ts";
import type { GuestInstance } from "./instances.ts";
import type { SavedStack, SavedStacks } from "./setjmp.ts";

export interface Context {
  image: LoadedImage;
  instance: GuestInstance;
  /** Export that the stack is rooted in, and its arguments. */
  entry: string;
  args: readonly number[];
  /** Settles the promise that the parked stack waits for; null while it runs or has none. */
  resume: (() => void) | null;
  /** A stack exists: running or parked. */
  live: boolean;
  /** `ring3:init` is still to be called. */
  fresh: boolean;
  /** While the stack unwinds: what to do once it is gone, which gives the result of the call. */
  unwound: (() => number) | null;
  /** Frames to be wound up when it is the task's turn, and the result of the call that they wait in. */
  windUp: { frames: Uint8Array; result: number } | null;
  deadline: Timer | null;
  /** What setjmp saved. */
  saved: SavedStacks;
  /** Set by longjmp: what to wind up in place of the stack that traps. */
  jump: { to: SavedStack; value: number } | null;
}

export function contextOf(task: Task): Context {
  return task.context as Context;
}
