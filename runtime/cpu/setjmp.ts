// Stacks that setjmp saved, for guests that import it (programs built with Wasm exceptions need none of this).
//
// setjmp unwinds the stack, keeps a copy of the frames, and winds it up again. longjmp ends the stack by a trap, as exec does, and
// winds up the copy on a new one. So a longjmp out of a signal handler works too, though nothing could unwind the hot half's
// frames, on which handlers run.

/** A stack as setjmp found it. Never changed: a forked child shares it. */
export interface SavedStack {
  /** What stands in the jmp_buf, which programs copy about (bash does): the address of the buffer would not find it again. */
  readonly token: number;
  readonly buf: number;
  readonly stackPointer: number;
  /** Signal mask to put back (sigsetjmp), as two words. */
  readonly mask: readonly [low: number, high: number] | null;
  /** The frames, innermost first. */
  readonly frames: Uint8Array;
}

/** Where a jmp_buf holds no saved stack. */
export const NO_STACK = 0;

/** Bytes that all saved stacks of a machine hold, and the token given last. */
export class SavedStackTotals {
  bytes = 0;
  token = NO_STACK;
}

/** The saved stacks of one task. */
export class SavedStacks {
  readonly #totals: SavedStackTotals;
  #list: SavedStack[] = [];

  constructor(totals: SavedStackTotals) {
    this.#totals = totals;
  }

  /** Keeps a stack, and gives its token. Forgets those whose function has returned meanwhile, and the one that it takes the place of. */
  add(buf: number, stackPointer: number, mask: SavedStack["mask"], frames: Uint8Array): number {
    const token = ++this.#totals.token;
    this.#dropAbove(stackPointer, frames.length);
    this.#filter((each) => each.buf !== buf || each.stackPointer !== stackPointer || !sameCall(each.frames, frames));
    this.#list.push({ token, buf, stackPointer, mask, frames });
    this.#totals.bytes += frames.length;
    return token;
  }

  /** What a longjmp goes back to; stacks of functions that it leaves are forgotten. */
  take(token: number): SavedStack | undefined {
    const found = this.#list.find((each) => each.token === token);
    if (found) this.#dropAbove(found.stackPointer, found.frames.length);
    return found;
  }

  /** A forked child can jump to where its parent could. */
  inherit(from: SavedStacks): void {
    this.#list = [...from.#list];
    for (const { frames } of this.#list) this.#totals.bytes += frames.length;
  }

  clear(): void {
    this.#filter(() => false);
  }

  /**
   * Functions deeper than this frame are gone. Their stack pointers lie below it; and as the frames of a function that is
   * still running are part of every deeper stack, a longer stack than the present one belongs to no such function.
   */
  #dropAbove(stackPointer: number, length: number): void {
    this.#filter((each) => each.stackPointer >= stackPointer && each.frames.length <= length);
  }

  #filter(keep: (stack: SavedStack) => boolean): void {
    this.#list = this.#list.filter((each) => {
      const kept = keep(each);
      if (!kept) this.#totals.bytes -= each.frames.length;
      return kept;
    });
  }
}

/** The innermost frame is that of the import itself, a word; the next begins with the number of its function's call. */
const CALL_AT = 4;

/**
 * Whether two stacks were saved by the same call in the same function, as in a loop. The older one's buffer has been written over
 * then, while a copy of it that a program keeps (bash does) belongs to another call.
 */
function sameCall(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false;
  for (let i = CALL_AT; i < CALL_AT + 4; i++) if (a[i] !== b[i]) return false;
  return true;
}
