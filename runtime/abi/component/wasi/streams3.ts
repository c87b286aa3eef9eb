/**
 * Streams and futures of WASI 0.3, as jco has them. A stream that we give is an async iterable of chunks, a future a promise of a
 * `result`; a stream that we get has `read({ count })`.
 */
import { EAGAIN } from "../../../../kernel/abi/errno.ts";
import { POLLIN, POLLOUT } from "../../../../kernel/abi/poll.ts";
import { ASYNC_BUFFER, type Calls } from "../calls.ts";
import type { Fd } from "../descriptor.ts";
import { WasiError } from "./errors.ts";

/** A stream of bytes from a guest. */
export interface GuestStream {
  read(options: { count: number }): Promise<{ value?: Uint8Array | number[]; done: boolean }>;
  [Symbol.dispose]?(): void;
}

export type Result = { tag: "ok"; val: undefined } | { tag: "err"; val: unknown };

export const OK: Result = { tag: "ok", val: undefined };
export const CHUNK = 65536;

/** A stream of chunks, and a future of how it ended. `next` gives a chunk, undefined at the end; throws an error for the future. */
export function outward<T>(next: () => Promise<T | undefined>, close: () => void): [AsyncIterable<T>, Promise<Result>] {
  let settle!: (result: Result) => void;
  const future = new Promise<Result>((resolve) => {
    settle = resolve;
  });
  let over = false;
  const end = (result: Result) => {
    if (!over) close();
    over = true;
    settle(result);
    return { done: true as const, value: undefined };
  };
  const iterator = {
    async next() {
      if (over) return end(OK);
      try {
        const value = await next();
        return value === undefined ? end(OK) : { done: false as const, value };
      } catch (error) {
        if (!(error instanceof WasiError)) throw error;
        return end({ tag: "err", val: error.payload });
      }
    },
    async return() {
      return end(OK);
    },
    [Symbol.asyncIterator]() {
      return iterator;
    },
  };
  return [iterator as unknown as AsyncIterable<T>, future];
}

/** What is in a chunk of a guest's stream. */
export const chunkBytes = (value: Uint8Array | number[]): Uint8Array =>
  value instanceof Uint8Array ? value : Uint8Array.from(value);

/** Passes a guest's stream on to its end; gives how that went. `write` gives how many bytes it took, or -errno. */
export async function inward(
  stream: GuestStream,
  write: (bytes: Uint8Array) => Promise<number>,
  code: (result: number) => unknown,
): Promise<Result> {
  for (;;) {
    const { value, done } = await stream.read({ count: CHUNK });
    const bytes = value === undefined ? new Uint8Array() : chunkBytes(value);
    for (let at = 0; at < bytes.length; ) {
      const result = await write(bytes.subarray(at));
      if (result < 0) {
        stream[Symbol.dispose]?.();
        return { tag: "err", val: code(result) };
      }
      at += result;
    }
    if (done) return OK;
  }
}

/** Reads what there is of a pipe or terminal, waiting for some: -errno, or a chunk that is empty at the end. */
export async function readSome(calls: Calls, fd: Fd): Promise<number | Uint8Array> {
  for (;;) {
    await calls.reactor!.ready(fd.number, POLLIN);
    const result = calls.now("read", fd.number, ASYNC_BUFFER, CHUNK);
    if (result !== -EAGAIN) return result < 0 ? result : calls.copy(ASYNC_BUFFER, result);
  }
}

/** A pipe that POLLOUT announces takes this much without waiting. */
const PIPE_BUF = 4096;

/** Writes some of the bytes, at most `most`: how many, or -errno. More than PIPE_BUF only where the descriptor has O_NONBLOCK. */
export async function writeSome(calls: Calls, fd: Fd, bytes: Uint8Array, most = PIPE_BUF): Promise<number> {
  for (;;) {
    await calls.reactor!.ready(fd.number, POLLOUT);
    const part = bytes.subarray(0, most);
    calls.u8.set(part, ASYNC_BUFFER);
    const result = calls.now("write", fd.number, ASYNC_BUFFER, part.length);
    if (result !== -EAGAIN) return result;
  }
}
