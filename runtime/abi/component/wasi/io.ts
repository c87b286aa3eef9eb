/** wasi:io 0.2: errors, pollables and byte streams, on descriptors of the process. */
import { EAGAIN, EPIPE } from "../../../../kernel/abi/errno.ts";
import { strerror } from "../../../../kernel/abi/errno-names.ts";
import { RWF_APPEND } from "../../../../kernel/abi/fcntl.ts";
import { POLLIN, POLLOUT } from "../../../../kernel/abi/poll.ts";
import { S_IFMT, S_IFREG } from "../../../../kernel/abi/stat.ts";
import { iovec, pollfd, stat, timespec } from "../../../../kernel/abi/structs.ts";
import { CLOCK_MONOTONIC } from "../../../../kernel/abi/time.ts";
import { BUFFER, BUFFER_BYTES, type Calls, STRUCTS } from "../calls.ts";
import type { Fd } from "../descriptor.ts";
import type { Reactor } from "../reactor.ts";
import { WasiError } from "./errors.ts";

/** wasi:io/error's resource. */
export class IoError {
  /** Of the system call: -errno. */
  readonly result: number;

  constructor(result: number) {
    this.result = result;
  }

  toDebugString(): string {
    return strerror(-this.result);
  }
}

const closed = () => new WasiError({ tag: "closed" });
const failed = (result: number) =>
  result === -EPIPE ? closed() : new WasiError({ tag: "last-operation-failed", val: new IoError(result) });

/** CLOCK_MONOTONIC in nanoseconds. */
export function monotonicNow(calls: Calls): bigint {
  calls.now("clock_gettime", CLOCK_MONOTONIC, STRUCTS);
  const { view } = calls;
  return view.getBigInt64(STRUCTS, true) * 1_000_000_000n + view.getBigInt64(STRUCTS + 8, true);
}

/** What a pollable waits for: a descriptor, or a time in ns of CLOCK_MONOTONIC. */
export type Awaited = { readonly fd: Fd; readonly events: number } | { readonly deadline: bigint };

export class Pollable {
  readonly #calls: Calls;
  readonly #awaited: Awaited;

  constructor(calls: Calls, awaited: Awaited) {
    this.#calls = calls;
    this.#awaited = awaited;
    if ("fd" in awaited) awaited.fd.share();
  }

  /** What it waits for now. */
  get awaited(): Awaited {
    return this.#awaited;
  }

  ready(): boolean {
    const { awaited } = this;
    if ("fd" in awaited) return isReady(this.#calls, awaited.fd, awaited.events);
    return awaited.deadline <= monotonicNow(this.#calls);
  }

  async block(): Promise<void> {
    await waitFor(this.#calls, [this.awaited]);
  }

  [Symbol.dispose](): void {
    if ("fd" in this.#awaited) this.#awaited.fd.release();
  }
}

/** Whether a descriptor is ready for some of the events (POLL*), or will never be. */
export function isReady(calls: Calls, fd: Fd, events: number): boolean {
  pollfd.write(calls.view, BUFFER, { fd: fd.number, events, revents: 0 });
  timespec.write(calls.view, STRUCTS, { tv_sec: 0, tv_nsec: 0 });
  return calls.now("ppoll", BUFFER, 1, STRUCTS, 0, 8) !== 0;
}

/** Waits until some of what is awaited is there; gives its indices. */
async function waitFor(calls: Calls, list: readonly Awaited[]): Promise<number[]> {
  if (calls.reactor) return waitBeside(calls, calls.reactor, list);
  if (list.length * pollfd.size > BUFFER_BYTES) throw new WebAssembly.RuntimeError(`poll: ${list.length} pollables`);
  const fds = list.flatMap((awaited, index) => ("fd" in awaited ? [{ index, ...awaited }] : []));
  const times = list.flatMap((awaited, index) => ("deadline" in awaited ? [{ index, ...awaited }] : []));
  for (;;) {
    fds.forEach(({ fd, events }, i) => {
      pollfd.write(calls.view, BUFFER + i * pollfd.size, { fd: fd.number, events, revents: 0 });
    });
    const soonest = times.reduce<bigint | null>((a, { deadline }) => (a === null || deadline < a ? deadline : a), null);
    if (soonest !== null) {
      const left = soonest - monotonicNow(calls);
      const wait = left > 0n ? left : 0n;
      const tv_sec = Number(wait / 1_000_000_000n);
      timespec.write(calls.view, STRUCTS, { tv_sec, tv_nsec: Number(wait % 1_000_000_000n) });
    }
    await calls.wait("ppoll", BUFFER, fds.length, soonest === null ? 0 : STRUCTS, 0, 8);
    const found = fds.filter((_, i) => pollfd.read(calls.view, BUFFER + i * pollfd.size).revents !== 0);
    const now = times.length > 0 ? monotonicNow(calls) : 0n;
    const all = [...found, ...times.filter(({ deadline }) => deadline <= now)].map(({ index }) => index);
    if (all.length > 0) return all.sort((a, b) => a - b);
  }
}

/** The same for a component in which other things may go on meanwhile. */
async function waitBeside(calls: Calls, reactor: Reactor, list: readonly Awaited[]): Promise<number[]> {
  await reactor.any(list.map((each) => ("fd" in each ? { fd: each.fd.number, events: each.events } : each)));
  const now = monotonicNow(calls);
  return list.flatMap((each, i) =>
    ("fd" in each ? isReady(calls, each.fd, each.events) : each.deadline <= now) ? [i] : [],
  );
}

/** wasi:io/poll. */
export const poll = (calls: Calls) => ({
  Pollable,
  async poll(list: readonly Pollable[]): Promise<Uint32Array> {
    if (list.length === 0) throw new WebAssembly.RuntimeError("poll: an empty list");
    return Uint32Array.from(
      await waitFor(
        calls,
        list.map(({ awaited }) => awaited),
      ),
    );
  },
});

/** Bytes that one read takes at most. */
const READ_MOST = Math.min(BUFFER_BYTES, 256 * 1024);

export class InputStream {
  protected readonly calls: Calls;
  protected readonly fd: Fd;
  /** Where the next bytes come from, for a file that is read from an offset. */
  #offset: number | null;

  /** The stream holds the descriptor from now on. */
  constructor(calls: Calls, fd: Fd, offset: bigint | null = null) {
    this.calls = calls;
    this.fd = fd;
    this.#offset = offset === null ? null : Number(offset);
  }

  async read(length: bigint): Promise<Uint8Array> {
    if (!isReady(this.calls, this.fd, POLLIN)) return new Uint8Array(0);
    return this.blockingRead(length);
  }

  async blockingRead(length: bigint): Promise<Uint8Array> {
    if (length === 0n) return new Uint8Array(0);
    const count = length < BigInt(READ_MOST) ? Number(length) : READ_MOST;
    const { number } = this.fd;
    if (this.calls.reactor && this.#offset === null) await waitFor(this.calls, [{ fd: this.fd, events: POLLIN }]);
    const result =
      this.#offset === null
        ? await this.calls.wait("read", number, BUFFER, count)
        : await this.calls.wait("pread64", number, BUFFER, count, this.#offset);
    if (result === 0) throw closed();
    if (result === -EAGAIN) {
      // A description that others set O_NONBLOCK on.
      await waitFor(this.calls, [{ fd: this.fd, events: POLLIN }]);
      return this.blockingRead(length);
    }
    if (result < 0) throw failed(result);
    if (this.#offset !== null) this.#offset += result;
    return this.calls.copy(BUFFER, result);
  }

  async skip(length: bigint): Promise<bigint> {
    return BigInt((await this.read(length)).length);
  }

  async blockingSkip(length: bigint): Promise<bigint> {
    return BigInt((await this.blockingRead(length)).length);
  }

  subscribe(): Pollable {
    return new Pollable(this.calls, { fd: this.fd, events: POLLIN });
  }

  [Symbol.dispose](): void {
    this.fd.release();
  }
}

/** What a write that does not wait may be: POLLOUT promises that a pipe takes PIPE_BUF bytes; files take all. */
const PERMIT = 4096;
const LARGE_PERMIT = 65536;

const joined = (a: Uint8Array, b: Uint8Array): Uint8Array => {
  const both = new Uint8Array(a.length + b.length);
  both.set(a);
  both.set(b, a.length);
  return both;
};

export class OutputStream {
  protected readonly calls: Calls;
  protected readonly fd: Fd;
  #offset: number | "append" | null;
  /** Bytes of one write; 0 until it is known. */
  #permit: number;
  /** What a write could not do without waiting. */
  #rest: Uint8Array | null = null;

  /**
   * The stream holds the descriptor from now on. `offset`: where in a file it writes; null: where the description stands. `nonblocking`:
   * it has O_NONBLOCK, and no write waits, however long.
   */
  constructor(calls: Calls, fd: Fd, offset: bigint | "append" | null = null, nonblocking = false) {
    this.calls = calls;
    this.fd = fd;
    this.#offset = typeof offset === "bigint" ? Number(offset) : offset;
    this.#permit = nonblocking ? LARGE_PERMIT : 0;
  }

  checkWrite(): bigint {
    this.#drain();
    return this.#rest ? 0n : BigInt(this.#isReady() ? this.#most : 0);
  }

  #isReady(): boolean {
    return isReady(this.calls, this.fd, POLLOUT);
  }

  get #most(): number {
    this.#permit ||= this.#isFile() ? LARGE_PERMIT : PERMIT;
    return this.#permit;
  }

  #isFile(): boolean {
    if (this.calls.now("fstat", this.fd.number, STRUCTS) < 0) return false;
    return (stat.read(this.calls.view, STRUCTS).st_mode & S_IFMT) === S_IFREG;
  }

  write(contents: Uint8Array): void {
    this.#drain();
    // After what is still to be written. Only a writer that did not ask gets here, or one that another overtook.
    if (this.#rest) this.#rest = joined(this.#rest, contents);
    else if (contents.length > 0) this.#rest = contents;
    this.#drain();
    if (this.#rest) this.calls.unwritten.add(this.#finishQuietly);
  }

  #finishQuietly = (): Promise<void> => this.#finish().catch(() => {});

  /** Writes what it can of the rest without waiting. */
  #drain(): void {
    while (this.#rest && this.#isReady()) {
      const part = this.#rest.subarray(0, this.#most);
      this.calls.u8.set(part, BUFFER);
      const [name, ...args] = this.#writeCall(part.length);
      const result = this.calls.now(name, ...args);
      if (result === -EAGAIN) return;
      this.#wrote(result);
    }
  }

  /** Writes the rest, waiting where it must. */
  async #finish(): Promise<void> {
    while (this.#rest) {
      if (this.calls.reactor && this.#offset === null) await waitFor(this.calls, [{ fd: this.fd, events: POLLOUT }]);
      const part = this.#rest.subarray(0, this.calls.reactor ? this.#most : BUFFER_BYTES);
      this.calls.u8.set(part, BUFFER);
      const [name, ...args] = this.#writeCall(part.length);
      const result = await this.calls.wait(name, ...args);
      if (result === -EAGAIN) await waitFor(this.calls, [{ fd: this.fd, events: POLLOUT }]);
      else this.#wrote(result);
    }
  }

  /** A call that writes so many bytes of the buffer. */
  #writeCall(length: number): [name: string, ...args: number[]] {
    const { number } = this.fd;
    if (this.#offset === null) return ["write", number, BUFFER, length];
    if (this.#offset === "append") {
      iovec.write(this.calls.view, STRUCTS, { iov_base: BUFFER, iov_len: length });
      return ["pwritev2", number, STRUCTS, 1, 0, 0, RWF_APPEND];
    }
    return ["pwrite64", number, BUFFER, length, this.#offset];
  }

  /** That many bytes of the rest are written, or -errno. Throws a stream-error. */
  #wrote(result: number): void {
    if (result < 0) {
      this.#rest = null;
      throw failed(result);
    }
    const rest = this.#rest!.subarray(result);
    this.#rest = rest.length > 0 ? rest : null;
    if (typeof this.#offset === "number") this.#offset += result;
  }

  async blockingWriteAndFlush(contents: Uint8Array): Promise<void> {
    this.#rest = this.#rest ? joined(this.#rest, contents) : contents.length > 0 ? contents : null;
    await this.#finish();
  }

  /** What is written is with the kernel: there is nothing to flush. */
  flush(): void {
    this.#drain();
  }

  /** In a component with asynchronous functions it cannot wait (transpile.ts): what is left is written before the process ends. */
  blockingFlush(): Promise<void> | undefined {
    if (!this.calls.reactor) return this.#finish();
    this.#drain();
    return undefined;
  }

  writeZeroes(length: bigint): void {
    if (length > LARGE_PERMIT)
      throw new WebAssembly.RuntimeError(`write-zeroes: ${length} bytes are more than was permitted`);
    this.write(new Uint8Array(Number(length)));
  }

  async blockingWriteZeroesAndFlush(length: bigint): Promise<void> {
    const zeroes = new Uint8Array(BUFFER_BYTES);
    for (let left = length; left > 0n; left -= BigInt(BUFFER_BYTES)) {
      await this.blockingWriteAndFlush(left < BigInt(BUFFER_BYTES) ? zeroes.subarray(0, Number(left)) : zeroes);
    }
  }

  async splice(source: InputStream, length: bigint): Promise<bigint> {
    const permit = this.checkWrite();
    const bytes = await source.read(length < permit ? length : permit);
    this.write(bytes);
    return BigInt(bytes.length);
  }

  async blockingSplice(source: InputStream, length: bigint): Promise<bigint> {
    const bytes = await source.blockingRead(length);
    await this.blockingWriteAndFlush(bytes);
    return BigInt(bytes.length);
  }

  subscribe(): Pollable {
    return new Pollable(this.calls, { fd: this.fd, events: POLLOUT });
  }

  [Symbol.dispose](): void {
    this.fd.release();
  }
}
