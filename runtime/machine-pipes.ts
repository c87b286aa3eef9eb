/**
 * Pipes with one end in the machine and the other with its owner: a process's standard streams. They are the hot half's own pipes; the
 * host's end is an open file description that no process has. Nothing waits on them: the machine pumps them whenever the CPU
 * returns to the event loop, which it does when all tasks sleep and every few milliseconds when they do not.
 */
import { O_RDONLY, O_WRONLY } from "../kernel/abi/fcntl.ts";
import { PIPE_READERS, PIPE_RQ, PIPE_WRITERS, RING_LEN } from "../kernel/hot/layout.ts";
import type { Kernel } from "../kernel/kernel.ts";
import { Ring3Error } from "./api/errors.ts";
import { OUTPUT_WINDOW } from "./worker/protocol.ts";

/** Most bytes of one chunk to the owner: what a pipe holds. */
const CHUNK = 65536;

/** Makes a pipe; gives its address and the open file descriptions of the guest's and the host's end. */
function makePipe(kernel: Kernel, guestMode: number): { pipe: number; guestEnd: number; hostEnd: number } {
  const { hot } = kernel;
  const pipe = hot.pipe_new();
  if (pipe === 0) throw new Ring3Error("ENFILE", "kernel memory is full");
  const guestEnd = hot.pipe_open(pipe, guestMode);
  const hostEnd = hot.pipe_open(pipe, guestMode === O_RDONLY ? O_WRONLY : O_RDONLY);
  hot.pipe_put(pipe);
  return { pipe, guestEnd, hostEnd };
}

export interface HostStream {
  /** Moves what can be moved. Called within platform.event. */
  pump(): void;
  /** Sends what there is to send, whether the owner has room or not: the machine ends. */
  flush?(): void;
  /** Nothing more will ever move. */
  readonly done: boolean;
}

/** Whether a task sleeps on a wait queue, or an epoll watches it. */
export function someoneWaits(kernel: Kernel, queue: number): boolean {
  return kernel.kmem.u32[queue >> 2] !== queue;
}

interface PendingWrite {
  bytes: Uint8Array;
  at: number;
  resolve: () => void;
  reject: (error: unknown) => void;
}

/** From the owner to a guest: standard input. */
export class InputPipe implements HostStream {
  /** For the process; its reference passes to whom it is given. */
  readonly guestEnd: number;
  readonly #kernel: Kernel;
  readonly #pipe: number;
  readonly #hostEnd: number;
  readonly #queue: PendingWrite[] = [];
  readonly #events: { wanted(): void; closed(): void };
  #ended = false;
  #wanted = false;
  done = false;

  constructor(kernel: Kernel, events: { wanted(): void; closed(): void }) {
    this.#kernel = kernel;
    this.#events = events;
    const { pipe, guestEnd, hostEnd } = makePipe(kernel, O_RDONLY);
    this.#pipe = pipe;
    this.guestEnd = guestEnd;
    this.#hostEnd = hostEnd;
  }

  /** Resolves when the pipe has taken the bytes; rejects with EPIPE. */
  put(bytes: Uint8Array): Promise<void> {
    if (this.done) return Promise.reject(brokenPipe());
    return new Promise((resolve, reject) => {
      this.#queue.push({ bytes, at: 0, resolve, reject });
      this.pump();
    });
  }

  /** End of file, after what was written. */
  end(): void {
    this.#ended = true;
    this.pump();
  }

  pump(): void {
    if (this.done) return;
    const { hot, kmem, vfs } = this.#kernel;
    if (kmem.u32[(this.#pipe + PIPE_READERS) >> 2] === 0) {
      this.#close();
      return;
    }
    while (this.#queue.length > 0) {
      const write = this.#queue[0];
      const part = write.bytes.subarray(write.at, write.at + vfs.bufferSize);
      kmem.u8.set(part, vfs.buffer());
      const count = part.length === 0 ? 0 : hot.pipe_write_kernel(this.#pipe, vfs.buffer(), part.length);
      if (count < 0) break;
      write.at += count;
      if (write.at < write.bytes.length) continue;
      this.#queue.shift();
      write.resolve();
    }
    if (this.#queue.length === 0) {
      if (this.#ended) this.#close();
      else if (!this.#wanted && someoneWaits(this.#kernel, this.#pipe + PIPE_RQ)) {
        this.#wanted = true;
        this.#events.wanted();
      }
    }
  }

  #close(): void {
    this.done = true;
    this.#kernel.hot.file_put(this.#hostEnd);
    for (const write of this.#queue.splice(0)) write.reject(brokenPipe());
    this.#events.closed();
  }
}

/** From a guest to the owner: standard output and error. */
export class OutputPipe implements HostStream {
  /** For the process; its reference passes to whom it is given. */
  readonly guestEnd: number;
  readonly #kernel: Kernel;
  readonly #pipe: number;
  readonly #hostEnd: number;
  readonly #events: { chunk(bytes: Uint8Array<ArrayBuffer>): void; end(): void };
  /** Bytes that the owner can still take. */
  #credit = OUTPUT_WINDOW;
  done = false;

  constructor(kernel: Kernel, events: { chunk(bytes: Uint8Array<ArrayBuffer>): void; end(): void }) {
    this.#kernel = kernel;
    this.#events = events;
    const { pipe, guestEnd, hostEnd } = makePipe(kernel, O_WRONLY);
    this.#pipe = pipe;
    this.guestEnd = guestEnd;
    this.#hostEnd = hostEnd;
  }

  credit(bytes: number): void {
    this.#credit += bytes;
    this.pump();
  }

  /** Nobody reads any more: EPIPE for the guest. */
  cancel(): void {
    if (this.done) return;
    this.done = true;
    this.#kernel.hot.file_put(this.#hostEnd);
  }

  pump(): void {
    const { kmem } = this.#kernel;
    while (!this.done) {
      // What is left when all writers are gone is little, and goes at once: the owner may keep it unread without keeping the pipe.
      const last = kmem.u32[(this.#pipe + PIPE_WRITERS) >> 2] === 0;
      const room = last ? CHUNK : Math.min(this.#credit, CHUNK);
      if (room <= 0 || !this.#move(room)) return;
    }
  }

  flush(): void {
    while (!this.done && this.#move(CHUNK));
    if (this.done) return;
    this.cancel();
    this.#events.end();
  }

  /** Moves one chunk. False when the pipe is empty. */
  #move(room: number): boolean {
    const { hot, kmem, vfs } = this.#kernel;
    const held = kmem.u32[(this.#pipe + RING_LEN) >> 2];
    const bytes = new Uint8Array(Math.min(held, room));
    let length = 0;
    while (length < bytes.length) {
      const count = hot.pipe_read_kernel(this.#pipe, vfs.buffer(), Math.min(bytes.length - length, vfs.bufferSize));
      bytes.set(kmem.u8.subarray(vfs.buffer(), vfs.buffer() + count), length);
      length += count;
    }
    if (length > 0) {
      this.#credit -= length;
      this.#events.chunk(bytes);
      return true;
    }
    if (kmem.u32[(this.#pipe + PIPE_WRITERS) >> 2] === 0) {
      this.cancel();
      this.#events.end();
    }
    return false;
  }
}

function brokenPipe(): Ring3Error {
  return new Ring3Error("EPIPE", "write: broken pipe", { syscall: "write" });
}
