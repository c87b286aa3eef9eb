/**
 * A component that is called from the host program. It is a process like any other: it instantiates itself, then reads from a pipe that
 * only we write to, a byte for each call, and makes the calls one after the other, as itself.
 */
import { POLLIN } from "../../../kernel/abi/poll.ts";
import { WORK_KILLED } from "../../../kernel/hot/layout.ts";
import { Ring3Error } from "../../api/errors.ts";
import { InputPipe } from "../../machine-pipes.ts";
import type { CallResult, ExportTree, HttpAnswer, HttpMessage } from "../../worker/protocol.ts";
import { ASYNC_BUFFER, BUFFER, type Calls } from "./calls.ts";
import type { Exports } from "./glue.ts";
import { type ComponentHost, ComponentInstance, isTrap } from "./process.ts";
import { serveRequest } from "./service.ts";
import type { World } from "./wasi/world.ts";

/** Something that the process is to do. */
interface Pending {
  /** What it is, for messages. */
  readonly name: string;
  /** Resolves when the next may begin. */
  readonly perform: (exports: Exports, world: World) => Promise<void>;
  readonly reject: (error: unknown) => void;
}

export class Library {
  readonly #host: ComponentHost;
  readonly #pipe: InputPipe;
  readonly #pending: Pending[] = [];
  /** What it exports, once it runs. */
  readonly ready: Promise<ExportTree>;
  #started!: (exports: ExportTree) => void;
  #failed!: (error: unknown) => void;
  #ended = false;
  #installed = false;

  constructor(host: ComponentHost) {
    this.#host = host;
    this.ready = new Promise((resolve, reject) => {
      this.#started = resolve;
      this.#failed = reject;
    });
    this.ready.catch(() => {});
    this.#pipe = new InputPipe(host.kernel, { wanted: () => {}, closed: () => {} });
    host.addStream(this.#pipe);
  }

  /** Calls an exported function. Rejects with a Ring3Error where it traps or is none, ERR_CLOSED where the process is over. */
  call(path: readonly string[], args: readonly unknown[]): Promise<CallResult> {
    return new Promise((resolve, reject) => {
      const run = async (exports: Exports) => resolve(await perform(exports, path, args));
      this.#add({ name: path.join("."), perform: run, reject });
    });
  }

  /** Has it answer an HTTP request. Rejects as `call`. */
  handle(request: HttpMessage): Promise<HttpAnswer> {
    return new Promise((resolve, reject) => {
      const run = async (exports: Exports, world: World) => {
        const { response, done } = serveRequest(world, exports, request);
        resolve(await response);
        await done;
      };
      this.#add({ name: `${request.method} ${request.url}`, perform: run, reject });
    });
  }

  #add(pending: Pending): void {
    if (this.#ended) {
      pending.reject(over());
      return;
    }
    this.#pending.push(pending);
    this.#host.kernel.platform.event(() => void this.#pipe.put(new Uint8Array(1)).catch(() => {}));
  }

  /** It is to end when it has made the calls that it was given. */
  close(): void {
    this.#host.kernel.platform.event(() => this.#pipe.end());
  }

  /** Its process is over. */
  ended(): void {
    this.#ended = true;
    // Never given to the process.
    if (!this.#installed) this.#host.kernel.hot.file_put(this.#pipe.guestEnd);
    this.#failed(over());
    for (const { reject } of this.#pending.splice(0)) reject(over());
  }

  /** The process's program. */
  async serve(calls: Calls, exports: Exports, world: World): Promise<void> {
    const { vfs } = calls.task.kernel;
    this.#installed = true;
    const fd = vfs.installFd(calls.task, this.#pipe.guestEnd, true);
    this.#started(exportTree(exports));
    while ((await nextByte(calls, fd)) === 1) {
      const { name, perform, reject } = this.#pending[0];
      try {
        await perform(exports, world);
      } catch (error) {
        const killed = (calls.task.work & WORK_KILLED) !== 0;
        reject(killed ? over() : new Ring3Error("ERR_COMPONENT", `${name}: ${(error as Error).message}`));
        if (isTrap(error)) throw error;
      } finally {
        this.#pending.shift();
      }
    }
  }
}

/** Reads a byte of a pipe: 0 at its end. With asynchronous functions, whatever else the component does goes on meanwhile. */
async function nextByte(calls: Calls, fd: number): Promise<number> {
  if (!calls.reactor) return calls.wait("read", fd, BUFFER, 1);
  await calls.reactor.ready(fd, POLLIN);
  return calls.now("read", fd, ASYNC_BUFFER, 1);
}

const over = () => new Ring3Error("ERR_CLOSED", "the component's process is over");

/** The names of the functions, by the interfaces that they are in. */
function exportTree(exports: Exports): ExportTree {
  return Object.fromEntries(
    Object.entries(exports).flatMap(([name, value]): [string, true | ExportTree][] => {
      if (value instanceof Function) return value.prototype && isClass(value) ? [] : [[name, true]];
      return value && typeof value === "object" ? [[name, exportTree(value as Exports)]] : [];
    }),
  );
}

const isClass = (value: object): boolean => Object.getOwnPropertyDescriptor(value, "prototype")?.writable === false;

async function perform(exports: Exports, path: readonly string[], args: readonly unknown[]): Promise<CallResult> {
  const found = path.reduce<unknown>(
    (at, name) => (Object.hasOwn(Object(at), name) ? (at as Exports)[name] : undefined),
    exports,
  );
  if (!(found instanceof Function)) throw new TypeError("no such function is exported");
  try {
    return { value: checked(await found(...args)) };
  } catch (error) {
    // The error of a `result` is thrown as it is.
    if (error instanceof Error) throw error;
    return { error: checked(error) };
  }
}

/** A value that can cross to the host program's thread: resources cannot. */
function checked(value: unknown): unknown {
  if (typeof value === "object" && value !== null && !ArrayBuffer.isView(value)) {
    const prototype = Object.getPrototypeOf(value);
    if (!Array.isArray(value) && prototype !== Object.prototype && prototype !== null) {
      throw new TypeError("a resource cannot be passed to the host program");
    }
    for (const each of Object.values(value)) checked(each);
  }
  return value;
}

export class LibraryInstance extends ComponentInstance {
  readonly #library: Library;

  constructor(library: Library, ...rest: ConstructorParameters<typeof ComponentInstance>) {
    super(...rest);
    this.#library = library;
  }

  protected override async main(calls: Calls): Promise<number> {
    const { exports, world } = await this.instantiate(calls);
    await this.#library.serve(calls, exports, world);
    return 0;
  }
}
