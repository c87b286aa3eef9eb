/**
 * HTTP of components: requests through the host's fetch. Bodies pass through pipes of the kernel whose other ends are ours, so the
 * component reads, writes and polls descriptors, a full pipe holds its writer up on either side, and a process that ends lets go of all.
 */
import type { Kernel } from "../../../kernel/kernel.ts";
import type { Task } from "../../../kernel/task/task.ts";
import { type HostStream, InputPipe, OutputPipe } from "../../machine-pipes.ts";

/** The host's fetch. */
export type Fetch = (url: string, init: RequestInit) => Promise<Response>;

export interface HttpRequest {
  readonly method: string;
  readonly url: string;
  readonly headers: readonly (readonly [name: string, value: string])[];
  /** What its body is read from, or null. */
  readonly body: ReadableStream<Uint8Array<ArrayBuffer>> | null;
  /** Milliseconds for the response to begin in, or null. */
  readonly timeout: number | null;
}

/** What came of a request: a response, or an error-code of wasi:http/types. */
export type Outcome =
  | {
      readonly status: number;
      readonly headers: [string, string][];
      readonly body: ReadableStream<Uint8Array<ArrayBuffer>> | null;
    }
  | { readonly error: { readonly tag: string; readonly val?: unknown } };

/** See Bodies.fromGuest. */
export interface OutgoingPipe {
  readonly fd: number;
  readonly body: ReadableStream<Uint8Array<ArrayBuffer>>;
  complete(): void;
}

/** Bodies of messages, between a component's process and the host. */
export class Bodies {
  readonly #kernel: Kernel;
  readonly #add: (stream: HostStream) => void;

  /** `add` has the machine move what can be moved in a pipe whenever it returns to the event loop. */
  constructor(kernel: Kernel, add: (stream: HostStream) => void) {
    this.#kernel = kernel;
    this.#add = add;
  }

  /**
   * A pipe that the task writes a body into: its descriptor (-errno where there is none), and what the host reads. Unless complete() was
   * called, the reader gets an error where the end would come.
   */
  fromGuest(task: Task): OutgoingPipe {
    const { platform } = this.#kernel;
    let taken = 0;
    let dropped = false;
    let whole = false;
    let controller!: ReadableStreamDefaultController<Uint8Array<ArrayBuffer>>;
    const body = new ReadableStream<Uint8Array<ArrayBuffer>>(
      {
        start(given) {
          controller = given;
        },
        pull() {
          const bytes = taken;
          taken = 0;
          if (bytes > 0) platform.event(() => pipe.credit(bytes));
        },
        // The server has heard enough. SIGPIPE would be no answer to that: the rest is dropped.
        cancel() {
          dropped = true;
          const bytes = taken;
          taken = 0;
          platform.event(() => pipe.credit(bytes));
        },
      },
      { highWaterMark: 65536, size: ({ length }) => length },
    );
    const pipe = new OutputPipe(this.#kernel, {
      chunk: (bytes) => {
        if (dropped) pipe.credit(bytes.length);
        else {
          taken += bytes.length;
          controller.enqueue(bytes);
        }
      },
      end: () => {
        if (dropped) return;
        if (whole) controller.close();
        else controller.error(new TypeError("the body broke off"));
      },
    });
    this.#add(pipe);
    const complete = () => {
      whole = true;
    };
    return { fd: this.#install(task, pipe.guestEnd), body, complete };
  }

  /**
   * A descriptor from which the task reads a body, and whether that broke off: a pipe only ends.
   */
  toGuest(task: Task, body: ReadableStream<Uint8Array> | null): { fd: number; brokeOff: () => boolean } {
    const { platform } = this.#kernel;
    const reader = body?.getReader();
    const pipe = new InputPipe(this.#kernel, { wanted: () => {}, closed: () => void reader?.cancel().catch(() => {}) });
    this.#add(pipe);
    const copy = async () => {
      for (;;) {
        const { done, value } = (await reader?.read()) ?? { done: true };
        if (done) break;
        await new Promise<void>((resolve, reject) => platform.event(() => pipe.put(value!).then(resolve, reject)));
      }
    };
    let broken = false;
    copy()
      .catch(() => {
        broken = true;
      })
      .then(() => platform.event(() => pipe.end()));
    return { fd: this.#install(task, pipe.guestEnd), brokeOff: () => broken };
  }

  #install(task: Task, file: number): number {
    return this.#kernel.vfs.installFd(task, file, true);
  }
}

/** Node's fetch cancels the body of a Response that is garbage: it has to live as long as its body. */
const RESPONSES = new WeakMap<ReadableStream, Response>();

export class HttpClient {
  readonly #fetch: Fetch;
  readonly #kernel: Kernel;
  readonly #add: (stream: HostStream) => void;

  /** `add`: see Bodies. */
  constructor(fetch: Fetch, kernel: Kernel, add: (stream: HostStream) => void) {
    this.#fetch = fetch;
    this.#kernel = kernel;
    this.#add = add;
  }

  /** Sends a request. The descriptor becomes readable, at its end, once `outcome` gives what came of it. */
  send(task: Task, request: HttpRequest): { fd: number; outcome: () => Outcome | null } {
    const { platform } = this.#kernel;
    const abort = new AbortController();
    let outcome: Outcome | null = null;
    const signal = new InputPipe(this.#kernel, {
      wanted: () => {},
      // Nobody waits for it any more.
      closed: () => {
        if (outcome === null) abort.abort();
      },
    });
    this.#add(signal);
    const settled = (result: Outcome) =>
      platform.event(() => {
        outcome = result;
        signal.end();
      });
    this.#perform(request, abort).then(settled, (error) => settled({ error: errorCode(error) }));
    return { fd: this.#kernel.vfs.installFd(task, signal.guestEnd, true), outcome: () => outcome };
  }

  async #perform({ method, url, headers, body, timeout }: HttpRequest, abort: AbortController): Promise<Outcome> {
    const timer = timeout === null ? undefined : setTimeout(() => abort.abort(new Timeout()), timeout);
    try {
      const response = await this.#fetch(url, {
        method,
        headers: headers as [string, string][],
        body,
        redirect: "manual",
        signal: abort.signal,
        ...(body ? { duplex: "half" } : {}),
      } as RequestInit);
      if (response.body) RESPONSES.set(response.body, response);
      return { status: response.status, headers: [...response.headers].filter(fits(response)), body: response.body };
    } finally {
      clearTimeout(timer);
    }
  }
}

class Timeout extends Error {}

/** fetch has decoded the body: what its headers say of it as it was sent does not hold. */
function fits(response: Response): (header: [string, string]) => boolean {
  const decoded = response.headers.has("content-encoding");
  return ([name]) => !decoded || (name !== "content-encoding" && name !== "content-length");
}

/** Error codes of wasi:http/types by those that Node gives; other hosts only say that it failed. */
const ERROR_CODES: Readonly<Record<string, string>> = {
  ECONNREFUSED: "connection-refused",
  ECONNRESET: "connection-terminated",
  UND_ERR_SOCKET: "connection-terminated",
  ETIMEDOUT: "connection-timeout",
  UND_ERR_CONNECT_TIMEOUT: "connection-timeout",
  UND_ERR_HEADERS_TIMEOUT: "HTTP-response-timeout",
  EHOSTUNREACH: "destination-unavailable",
  ENETUNREACH: "destination-IP-unroutable",
  HPE_INVALID_CONSTANT: "HTTP-protocol-error",
};

function errorCode(error: unknown): { tag: string; val?: unknown } {
  if (error instanceof Timeout) return { tag: "connection-read-timeout" };
  const cause = (error as { cause?: { code?: string; message?: string } }).cause;
  const code = cause?.code ?? "";
  if (code === "ENOTFOUND" || code === "EAI_AGAIN") return { tag: "DNS-error", val: { rcode: code } };
  const tag = ERROR_CODES[code];
  return tag ? { tag } : { tag: "internal-error", val: cause?.message ?? (error as Error).message };
}
