/**
 * The host program's standard streams for the CLI. Reading and writing never block the thread, and leave the flags of the pipes as they
 * are, since other programs share them: Node's process.stdin makes a shared pipe non-blocking, process.stdout blocks on a full one
 * (then neither signals nor timeouts would be served), and a read in libuv's thread pool keeps the process from exiting.
 */
import { constants, fstatSync, openSync, readSync, writeSync } from "node:fs";
import { Socket } from "node:net";

const CHUNK = 65536;

/** Opens the pipe behind a descriptor once more, with flags of its own; null where that is no pipe, or the system has no such way. */
function reopenPipe(fd: number, access: number): Socket | null {
  if (process.platform !== "linux" || !fstatSync(fd).isFIFO()) return null;
  try {
    const own = openSync(`/proc/self/fd/${fd}`, access | constants.O_NONBLOCK);
    const reading = access === constants.O_RDONLY;
    return new Socket({ fd: own, readable: reading, writable: !reading });
  } catch {
    // The pipe belongs to another user (sudo), or /proc is not mounted.
    return null;
  }
}

/** The bytes of standard input, to its end. Nothing is read before the first is asked for. */
export async function* readStdin(): AsyncGenerator<Uint8Array> {
  if (fstatSync(0).isFile()) {
    for (;;) {
      const chunk = new Uint8Array(CHUNK);
      const length = readSync(0, chunk);
      if (length === 0) return;
      yield chunk.subarray(0, length);
    }
  }
  yield* reopenPipe(0, constants.O_RDONLY) ?? process.stdin;
}

/** Writes to a descriptor: each call's promise resolves when the bytes are with the host. Rejects with EPIPE. */
export function hostWriter(fd: number): (chunk: Uint8Array | string) => Promise<void> {
  const stat = fstatSync(fd);
  if (stat.isFile() || stat.isCharacterDevice()) return async (chunk) => writeAll(fd, chunk);
  const stream = reopenPipe(fd, constants.O_WRONLY) ?? (fd === 1 ? process.stdout : process.stderr);
  let failure: Error | null = null;
  // Each write's own callback tells; without a listener Node would end the program.
  stream.on("error", (error: Error) => {
    failure = error;
  });
  return (chunk) =>
    new Promise((resolve, reject) => {
      if (failure) reject(failure);
      else stream.write(chunk, (error?: Error | null) => (error ? reject(error) : resolve()));
    });
}

/** Prints a command's report. A reader that has seen enough (`| head`) is no failure. */
export async function printReport(text: string): Promise<void> {
  await hostWriter(1)(text).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== "EPIPE") throw error;
  });
}

/** Writes all of it at once, waiting as long as it takes. */
export function writeAll(fd: number, chunk: Uint8Array | string): void {
  const bytes = typeof chunk === "string" ? new TextEncoder().encode(chunk) : chunk;
  for (let at = 0; at < bytes.length; ) {
    try {
      at += writeSync(fd, bytes, at);
    } catch (error) {
      // Somebody else made the terminal or pipe non-blocking.
      if ((error as NodeJS.ErrnoException).code !== "EAGAIN") throw error;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1);
    }
  }
}
