/** WASI 0.3: the interfaces of 0.2 with asynchronous functions, streams and futures. */
import { EAGAIN, EPIPE } from "../../../../kernel/abi/errno.ts";
import { RWF_APPEND } from "../../../../kernel/abi/fcntl.ts";
import { iovec } from "../../../../kernel/abi/structs.ts";
import { ASYNC_BUFFER, ASYNC_BUFFER_BYTES, ASYNC_STRUCTS } from "../calls.ts";
import type { Fd } from "../descriptor.ts";
import { environment, exit, terminals } from "./cli.ts";
import { clocks } from "./clocks.ts";
import { fileError, WasiError } from "./errors.ts";
import {
  type DescriptorFlags,
  metadataHash,
  type NewTimestamp,
  type Node,
  type OpenFlags,
  type PathFlags,
} from "./filesystem.ts";
import { openPreopens } from "./preopens.ts";
import { CHUNK, type GuestStream, inward, outward, type Result, readSome, writeSome } from "./streams3.ts";
import type { World } from "./world.ts";

/** wasi:cli/types' error-code. */
const cliError = (result: number): string => (result === -EPIPE ? "pipe" : "io");

export const cli3 = (world: World) => {
  const { calls, stdio } = world;
  const { getEnvironment, getArguments, initialCwd } = environment(world);
  const output = (fd: Fd) => ({
    writeViaStream: (data: GuestStream) => inward(data, (bytes) => writeSome(calls, fd, bytes), cliError),
  });
  const { exit: end, exitWithCode } = exit(world);
  return {
    environment: { getEnvironment, getArguments, getInitialCwd: initialCwd },
    // Not by a promise, which jco would not wait for here.
    exit: {
      exit: (status: { tag: "ok" | "err" }) => void end(status),
      exitWithCode: (code: number) => void exitWithCode(code),
    },
    types: {},
    stdin: {
      readViaStream: () =>
        outward(
          async () => {
            const chunk = await readSome(calls, stdio[0]);
            if (typeof chunk === "number") throw new WasiError(cliError(chunk));
            return chunk.length === 0 ? undefined : chunk;
          },
          () => {},
        ),
    },
    stdout: output(stdio[1]),
    stderr: output(stdio[2]),
    ...terminals(world),
  };
};

export const clocks3 = (world: World) => {
  const { "monotonic-clock": monotonic, "wall-clock": wall } = clocks(world);
  const { calls } = world;
  return {
    types: {},
    "monotonic-clock": {
      now: monotonic.now,
      getResolution: monotonic.resolution,
      // What has come is there at once, without a turn of the event loop.
      waitUntil: async (when: bigint) => {
        if (when > calls.reactor!.now()) await calls.reactor!.time(when);
      },
      waitFor: async (duration: bigint) => {
        if (duration > 0n) await calls.reactor!.time(calls.reactor!.now() + duration);
      },
    },
    "system-clock": { now: wall.now, getResolution: monotonic.resolution },
  };
};

/** Error codes are a variant here. */
const coded = (payload: unknown): unknown => (typeof payload === "string" ? { tag: payload } : payload);
const fileCode = (result: number): unknown => ({ tag: result === -EAGAIN ? "io" : fileError(result) });

function filePosition(offset: bigint): number {
  if (offset > BigInt(Number.MAX_SAFE_INTEGER)) throw new WasiError({ tag: "invalid" });
  return Number(offset);
}

/** One at a time: calls of the same process share the memory that arguments and results stand in. */
class Turns {
  #last: Promise<unknown> = Promise.resolve();

  take<T>(body: () => Promise<T> | T): Promise<T> {
    const run = async (): Promise<T> => {
      try {
        return await body();
      } catch (error) {
        throw error instanceof WasiError ? new WasiError(coded(error.payload)) : error;
      }
    };
    const result = this.#last.then(run);
    this.#last = result.catch(() => {});
    return result;
  }
}

const fileType = (type: string): { tag: string; val?: undefined } =>
  type === "unknown" ? { tag: "other", val: undefined } : { tag: type };

export const filesystem3 = ({ calls, folders }: World) => {
  const turns = new Turns();

  const stat = (node: ReturnType<Node["stat"]>) => ({
    type: fileType(node.type),
    linkCount: node.linkCount,
    size: node.size,
    dataAccessTimestamp: node.times[0],
    dataModificationTimestamp: node.times[1],
    statusChangeTimestamp: node.times[2],
  });

  class Descriptor {
    readonly #node: Node;

    constructor(node: Node) {
      this.#node = node;
    }

    readViaStream(offset: bigint) {
      const { fd, flags } = this.#node;
      fd.share();
      let at = -1;
      return outward(
        async () => {
          if (!flags.read) throw new WasiError({ tag: "bad-descriptor" });
          if (at < 0) at = filePosition(offset);
          const result = calls.now("pread64", fd.number, ASYNC_BUFFER, Math.min(CHUNK, ASYNC_BUFFER_BYTES), at);
          if (result < 0) throw new WasiError(fileCode(result));
          at += result;
          return result === 0 ? undefined : calls.copy(ASYNC_BUFFER, result);
        },
        () => fd.release(),
      );
    }

    async #write(data: GuestStream, write: (fd: number, length: number) => number): Promise<Result> {
      const { fd, flags } = this.#node;
      fd.share();
      try {
        const put = async (bytes: Uint8Array) => {
          if (!flags.write) throw new WasiError({ tag: "bad-descriptor" });
          const part = bytes.subarray(0, ASYNC_BUFFER_BYTES);
          calls.u8.set(part, ASYNC_BUFFER);
          return write(fd.number, part.length);
        };
        return await inward(data, put, fileCode);
      } catch (error) {
        if (!(error instanceof WasiError)) throw error;
        return { tag: "err", val: error.payload };
      } finally {
        fd.release();
      }
    }

    writeViaStream(data: GuestStream, offset: bigint): Promise<Result> {
      let at = -1;
      return this.#write(data, (fd, length) => {
        if (at < 0) at = filePosition(offset);
        const result = calls.now("pwrite64", fd, ASYNC_BUFFER, length, at);
        if (result > 0) at += result;
        return result;
      });
    }

    appendViaStream(data: GuestStream): Promise<Result> {
      return this.#write(data, (fd, length) => {
        iovec.write(calls.view, ASYNC_STRUCTS, { iov_base: ASYNC_BUFFER, iov_len: length });
        return calls.now("pwritev2", fd, ASYNC_STRUCTS, 1, 0, 0, RWF_APPEND);
      });
    }

    readDirectory() {
      let entries: { type: unknown; name: string }[] | null = null;
      const { fd } = this.#node;
      fd.share();
      return outward(
        async () => {
          entries ??= (await turns.take(() => this.#node.entries())).map(({ type, name }) => ({
            type: fileType(type),
            name,
          }));
          return entries.shift();
        },
        () => fd.release(),
      );
    }

    advise(offset: bigint, length: bigint, advice: string): Promise<void> {
      return turns.take(() => this.#node.advise(offset, length, advice));
    }
    syncData(): Promise<void> {
      return turns.take(async () => void (await this.#node.call("fdatasync")));
    }
    sync(): Promise<void> {
      return turns.take(async () => void (await this.#node.call("fsync")));
    }
    async getFlags(): Promise<DescriptorFlags> {
      return this.#node.flags;
    }
    getType() {
      return turns.take(() => fileType(this.#node.stat().type));
    }
    setSize(size: bigint): Promise<void> {
      return turns.take(() => this.#node.setSize(size));
    }
    setTimes(accessed: NewTimestamp, modified: NewTimestamp): Promise<void> {
      return turns.take(() => this.#node.setTimes(accessed, modified));
    }
    createDirectoryAt(path: string): Promise<void> {
      return turns.take(() => this.#node.createDirectory(path));
    }
    stat() {
      return turns.take(() => stat(this.#node.stat()));
    }
    statAt(flags: PathFlags, path: string) {
      return turns.take(async () => stat(await this.#node.statAt(flags, path)));
    }
    setTimesAt(flags: PathFlags, path: string, accessed: NewTimestamp, modified: NewTimestamp): Promise<void> {
      return turns.take(() => this.#node.setTimesAt(flags, path, accessed, modified));
    }
    linkAt(flags: PathFlags, path: string, to: Descriptor, name: string): Promise<void> {
      return turns.take(() => this.#node.link(flags, path, to.#node, name));
    }
    openAt(path: PathFlags, name: string, open: OpenFlags, flags: DescriptorFlags): Promise<Descriptor> {
      return turns.take(async () => new Descriptor(await this.#node.open(path, name, open, flags)));
    }
    readlinkAt(path: string): Promise<string> {
      return turns.take(() => this.#node.readlink(path));
    }
    removeDirectoryAt(path: string): Promise<void> {
      return turns.take(() => this.#node.removeDirectory(path));
    }
    renameAt(path: string, to: Descriptor, name: string): Promise<void> {
      return turns.take(() => this.#node.rename(path, to.#node, name));
    }
    symlinkAt(target: string, path: string): Promise<void> {
      return turns.take(() => this.#node.symlink(target, path));
    }
    unlinkFileAt(path: string): Promise<void> {
      return turns.take(() => this.#node.unlinkFile(path));
    }
    isSameObject(other: Descriptor): Promise<boolean> {
      return turns.take(() => {
        const [a, b] = [this.#node.stat(), other.#node.stat()];
        return a.dev === b.dev && a.ino === b.ino;
      });
    }
    metadataHash() {
      return turns.take(() => metadataHash(this.#node.stat()));
    }
    metadataHashAt(flags: PathFlags, path: string) {
      return turns.take(async () => metadataHash(await this.#node.statAt(flags, path)));
    }

    [Symbol.dispose](): void {
      this.#node.fd.release();
    }
  }

  return {
    types: { Descriptor },
    preopens: {
      getDirectories: () => openPreopens(calls, folders).map(([node, name]) => [new Descriptor(node), name]),
    },
  };
};
