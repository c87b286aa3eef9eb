/** A queue of bytes: what a terminal has received and its line discipline has no room for yet. */
export class ByteQueue {
  readonly #chunks: Uint8Array[] = [];
  #start = 0;
  length = 0;

  /** Adds a copy of the bytes. */
  push(bytes: Uint8Array): void {
    if (bytes.length === 0) return;
    this.#chunks.push(bytes.slice());
    this.length += bytes.length;
  }

  /** The first bytes, as many as lie together; empty when there are none. */
  first(): Uint8Array {
    return this.length === 0 ? EMPTY : this.#chunks[0].subarray(this.#start);
  }

  /** Takes `count` bytes off the front: at most as many as first() gave. */
  drop(count: number): void {
    this.length -= count;
    this.#start += count;
    if (this.#start < this.#chunks[0]?.length) return;
    this.#chunks.shift();
    this.#start = 0;
  }

  clear(): void {
    this.#chunks.length = 0;
    this.#start = 0;
    this.length = 0;
  }
}

const EMPTY = new Uint8Array(0);
