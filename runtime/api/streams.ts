/** Standard streams as the owner of a machine sees them. Both directions hold back: nothing piles up that nobody takes. */
import { OUTPUT_WINDOW } from "../worker/protocol.ts";
import { Ring3Error } from "./errors.ts";

const encoder = new TextEncoder();

/** How a GuestOutput speaks to the other end. */
export interface OutputLine {
  /** So many bytes have been taken. */
  credit(bytes: number): void;
  /** No more will be taken. */
  cancel(): void;
}

/**
 * What a process writes: an async iterable of byte chunks, for one reader.
 *
 * ```js
 * for await (const chunk of process.stdout) ...   // leaving the loop early closes the pipe: the guest gets SIGPIPE
 * await process.stderr.text();
 * ```
 * When nobody reads, at most 256 KiB are held here and 64 KiB in the guest's pipe; then the guest's write blocks.
 */
export class GuestOutput implements AsyncIterable<Uint8Array> {
  /** @internal Its number on the line to the machine's thread. */
  readonly id: number;
  readonly #line: OutputLine;
  readonly #chunks: Uint8Array[] = [];
  #ended = false;
  #taken = false;
  /** Bytes taken by the reader and not yet reported. */
  #uncredited = 0;
  #wake: (() => void) | null = null;

  /** @internal */
  constructor(id: number, line: OutputLine) {
    this.id = id;
    this.#line = line;
  }

  /** Whether somebody reads it. */
  get taken(): boolean {
    return this.#taken;
  }

  /** @internal A chunk has come. */
  push(chunk: Uint8Array): void {
    if (this.#ended) return;
    this.#chunks.push(chunk);
    this.#wake?.();
  }

  /** @internal End of file. */
  finish(): void {
    this.#ended = true;
    this.#wake?.();
  }

  /** Stops reading: drops what is there and closes the pipe. */
  cancel(): void {
    this.#chunks.length = 0;
    if (this.#ended) return;
    this.#ended = true;
    this.#line.cancel();
    this.#wake?.();
  }

  /** Takes the stream for one reader. Throws ERR_STREAM when it has one. */
  [Symbol.asyncIterator](): AsyncIterator<Uint8Array, undefined> & { return(): Promise<IteratorResult<Uint8Array>> } {
    if (this.#taken) throw new Ring3Error("ERR_STREAM", "this output is already being read");
    this.#taken = true;
    return {
      next: async () => {
        while (this.#chunks.length === 0) {
          if (this.#ended) return { done: true, value: undefined };
          await new Promise<void>((resolve) => {
            this.#wake = resolve;
          });
          this.#wake = null;
        }
        const value = this.#chunks.shift()!;
        this.#credit(value.length);
        return { done: false, value };
      },
      return: async () => {
        this.cancel();
        return { done: true, value: undefined };
      },
    };
  }

  /** Everything up to the end, as bytes. */
  async bytes(): Promise<Uint8Array> {
    return (await this.gather(Number.POSITIVE_INFINITY))!;
  }

  /** Everything up to the end, as text (UTF-8). */
  async text(): Promise<string> {
    return new TextDecoder().decode(await this.bytes());
  }

  /** @internal As bytes(), but gives null and closes the pipe when there are more than `limit`. */
  async gather(limit: number): Promise<Uint8Array | null> {
    const chunks: Uint8Array[] = [];
    let length = 0;
    for await (const chunk of this) {
      length += chunk.length;
      if (length > limit) return null;
      chunks.push(chunk);
    }
    if (chunks.length === 1) return chunks[0];
    const all = new Uint8Array(length);
    let at = 0;
    for (const chunk of chunks) {
      all.set(chunk, at);
      at += chunk.length;
    }
    return all;
  }

  /** Reports in lumps, so that small writes do not cost a message each. */
  #credit(bytes: number): void {
    this.#uncredited += bytes;
    if (this.#uncredited < OUTPUT_WINDOW / 4 || this.#ended) return;
    this.#line.credit(this.#uncredited);
    this.#uncredited = 0;
  }
}

/** How a GuestInput speaks to the other end. */
export interface InputLine {
  write(chunk: Uint8Array): Promise<void>;
  end(): void;
}

/**
 * A process's standard input. Writes keep their order; each promise resolves when the guest's pipe (64 KiB) has taken the bytes, so a
 * writer that awaits them never runs ahead of the guest. A promise that nobody awaits may reject without harm, as with Node's streams.
 */
export class GuestInput {
  /** @internal Its number on the line to the machine's thread. */
  readonly id: number;
  readonly #line: InputLine;
  #ended = false;
  #readerGone = false;
  /** Ends pipeFrom's wait for its source. */
  #stopPiping: () => void = () => {};
  #wanted: () => void = () => {};
  /** Resolves when a guest waits for input for the first time, or can no more. */
  readonly firstRead: Promise<void> = new Promise<void>((resolve) => {
    this.#wanted = resolve;
  });

  /** @internal */
  constructor(id: number, line: InputLine) {
    this.id = id;
    this.#line = line;
  }

  /** @internal Nobody reads any more. */
  closed(): void {
    this.#readerGone = true;
    this.#stopPiping();
    this.#wanted();
  }

  /** @internal A guest waits for it for the first time. */
  wanted(): void {
    this.#wanted();
  }

  /** Writes text (as UTF-8) or bytes. Rejects with EPIPE when the guest does not read any more, ERR_STREAM after end(). */
  write(chunk: string | Uint8Array): Promise<void> {
    // A copy of bytes: the caller may use its buffer again, and the copy can be moved to the other thread.
    const done = this.#ended
      ? Promise.reject(new Ring3Error("ERR_STREAM", "write after the end of standard input"))
      : this.#line.write(typeof chunk === "string" ? encoder.encode(chunk) : new Uint8Array(chunk));
    done.catch(() => {});
    return done;
  }

  /** Writes a last chunk, if given, then end of file. */
  end(chunk?: string | Uint8Array): Promise<void> {
    const done = chunk === undefined ? Promise.resolve() : this.write(chunk);
    if (!this.#ended) {
      this.#ended = true;
      this.#line.end();
    }
    return done;
  }

  /**
   * Passes a source on to its end, then ends. Nothing is taken from the source before the guest reads for the first time, so a
   * program that does not read its standard input leaves it to others. A guest that stops reading ends it early, without an error;
   * the source is closed then.
   */
  async pipeFrom(source: AsyncIterable<string | Uint8Array>): Promise<void> {
    await this.firstRead;
    const iterator = source[Symbol.asyncIterator]();
    try {
      while (!this.#readerGone) {
        const next = await new Promise<IteratorResult<string | Uint8Array> | null>((resolve, reject) => {
          this.#stopPiping = () => resolve(null);
          iterator.next().then(resolve, reject);
        });
        if (!next || next.done) break;
        await this.write(next.value);
      }
    } catch (error) {
      if (!(error instanceof Ring3Error && (error.code === "EPIPE" || error.code === "ERR_CLOSED"))) throw error;
    } finally {
      void this.end();
      // Not awaited: a generator that waits for its own source answers only when that does.
      iterator.return?.().catch(() => {});
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.end();
  }
}
