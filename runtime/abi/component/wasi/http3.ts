/** wasi:http 0.3: requests to the outside, where the machine's network is allowed, and messages of a handler's (see http-service.ts). */
import { EPIPE } from "../../../../kernel/abi/errno.ts";
import { POLLIN } from "../../../../kernel/abi/poll.ts";
import { Fd } from "../descriptor.ts";
import { WasiError } from "./errors.ts";
import { Fields, type Method, responseTimeout, type Scheme, Target, takesBody } from "./http-message.ts";
import {
  CHUNK,
  chunkBytes,
  type GuestStream,
  inward,
  OK,
  outward,
  type Result,
  readSome,
  writeSome,
} from "./streams3.ts";
import type { World } from "./world.ts";

/** A future of a guest's: it is lazy, so that each must be awaited. A guest that drops it unwritten gets what it was made with. */
type GuestFuture = PromiseLike<Result>;

/** A body that a guest makes, which somebody else may read. */
export class GuestBody {
  readonly contents: GuestStream | undefined;
  readonly #trailers: GuestFuture;
  /** How its transmission went. */
  readonly sent: Promise<Result>;
  settle!: (result: Result) => void;

  constructor(contents: GuestStream | undefined, trailers: GuestFuture) {
    this.contents = contents;
    this.#trailers = trailers;
    this.sent = new Promise((resolve) => {
      this.settle = resolve;
    });
  }

  /** Gives it to a guest: the stream, and a future of the trailers. */
  open(): [AsyncIterable<Uint8Array>, PromiseLike<Result>] {
    const { contents } = this;
    const [stream, end] = outward(
      async () => {
        const { value, done } = (await contents?.read({ count: CHUNK })) ?? { done: true };
        return value === undefined || done ? undefined : chunkBytes(value);
      },
      () => contents?.[Symbol.dispose]?.(),
    );
    void end.then(this.settle);
    return [stream, this.#trailers];
  }

  /** Passes it on; `put` gives how many bytes it took, or -errno. Gives how that went: an error of the trailers is one too. */
  async transmit(put: (bytes: Uint8Array) => Promise<number> = async ({ length }) => length): Promise<Result> {
    const code = (result: number) => ({
      tag: result === -EPIPE ? "connection-terminated" : "connection-write-timeout",
    });
    const written = this.contents ? await inward(this.contents, put, code) : OK;
    const trailers = await this.#trailers;
    const result = written.tag === "err" ? written : trailers.tag === "err" ? trailers : OK;
    this.settle(result);
    return result;
  }

  /** Nobody wants it. */
  drop(): void {
    this.contents?.[Symbol.dispose]?.();
    this.settle({ tag: "err", val: { tag: "connection-terminated" } });
  }
}

/** A body that the host has. */
export class ReceivedBody {
  readonly source: ReadableStream<Uint8Array<ArrayBuffer>> | null;
  readonly #world: World;

  constructor(world: World, source: ReadableStream<Uint8Array<ArrayBuffer>> | null) {
    this.#world = world;
    this.source = source;
  }

  open(): [AsyncIterable<Uint8Array>, PromiseLike<Result>] {
    const { calls, bodies } = this.#world;
    const { fd: number, brokeOff } = bodies.toGuest(calls.task, this.source);
    const fd = new Fd(calls, number);
    const next = async () => {
      const chunk = await readSome(calls, fd);
      if (typeof chunk === "number" || (chunk.length === 0 && brokeOff())) {
        throw new WasiError({ tag: "HTTP-response-incomplete" });
      }
      return chunk.length === 0 ? undefined : chunk;
    };
    return outward(next, () => fd.release());
  }

  drop(): void {
    void this.source?.cancel().catch(() => {});
  }
}

/** What comes after a message's headers. */
type Body = GuestBody | ReceivedBody;

/** Who handles a message knows only later how that went. */
const observe = (result: GuestFuture): void => void Promise.resolve(result).catch(() => {});

/** A request or response. */
class Message {
  readonly fields: Fields;
  #body: Body | null;

  constructor(fields: Fields, body: Body) {
    this.fields = fields.frozen();
    this.#body = body;
  }

  getHeaders(): Fields {
    return this.fields.clone().frozen();
  }

  /** The body, which is then gone from here. */
  take(): Body {
    const body = this.#body;
    if (!body) throw new WebAssembly.RuntimeError("a message's body is consumed twice");
    this.#body = null;
    return body;
  }

  static consumeBody(message: Message, result: GuestFuture) {
    observe(result);
    return message.take().open();
  }

  [Symbol.dispose](): void {
    this.#body?.drop();
    this.#body = null;
  }
}

export class RequestOptions {
  #times: Record<"connect" | "firstByte" | "betweenBytes", bigint | undefined> = {
    connect: undefined,
    firstByte: undefined,
    betweenBytes: undefined,
  };
  #immutable = false;

  #set(name: "connect" | "firstByte" | "betweenBytes", duration: bigint | undefined): void {
    if (this.#immutable) throw new WasiError({ tag: "immutable" });
    this.#times[name] = duration;
  }

  getConnectTimeout(): bigint | undefined {
    return this.#times.connect;
  }
  setConnectTimeout(duration: bigint | undefined): void {
    this.#set("connect", duration);
  }
  getFirstByteTimeout(): bigint | undefined {
    return this.#times.firstByte;
  }
  setFirstByteTimeout(duration: bigint | undefined): void {
    this.#set("firstByte", duration);
  }
  getBetweenBytesTimeout(): bigint | undefined {
    return this.#times.betweenBytes;
  }
  setBetweenBytesTimeout(duration: bigint | undefined): void {
    this.#set("betweenBytes", duration);
  }

  clone(): RequestOptions {
    const copy = new RequestOptions();
    copy.#times = { ...this.#times };
    return copy;
  }

  frozen(): this {
    this.#immutable = true;
    return this;
  }
}

export class Request extends Message {
  readonly target: Target;
  readonly #options: RequestOptions | undefined;

  constructor(target: Target, fields: Fields, body: Body, options: RequestOptions | undefined) {
    super(fields, body);
    this.target = target;
    this.#options = options?.frozen();
  }

  static new(
    headers: Fields,
    contents: GuestStream | undefined,
    trailers: GuestFuture,
    options: RequestOptions | undefined,
  ): [Request, Promise<Result>] {
    const body = new GuestBody(contents, trailers);
    return [new Request(new Target(), headers, body, options), body.sent];
  }

  getMethod(): Method {
    return this.target.method;
  }
  setMethod(method: Method): void {
    this.target.method = method;
  }
  getPathWithQuery(): string | undefined {
    return this.target.path;
  }
  setPathWithQuery(path: string | undefined): void {
    this.target.path = path;
  }
  getScheme(): Scheme | undefined {
    return this.target.scheme;
  }
  setScheme(scheme: Scheme | undefined): void {
    this.target.scheme = scheme;
  }
  getAuthority(): string | undefined {
    return this.target.authority;
  }
  setAuthority(authority: string | undefined): void {
    this.target.authority = authority;
  }
  getOptions(): RequestOptions | undefined {
    return this.#options?.clone().frozen();
  }
}

export class Response extends Message {
  #status = 200;

  static new(headers: Fields, contents: GuestStream | undefined, trailers: GuestFuture): [Response, Promise<Result>] {
    const body = new GuestBody(contents, trailers);
    return [new Response(headers, body), body.sent];
  }

  static received(status: number, fields: Fields, body: Body): Response {
    const response = new Response(fields, body);
    response.#status = status;
    return response;
  }

  getStatusCode(): number {
    return this.#status;
  }
  setStatusCode(status: number): void {
    if (status < 100 || status > 599) throw new WasiError(undefined);
    this.#status = status;
  }
}

/** Sends a request. Throws an error-code. */
async function send(world: World, request: Request): Promise<Response> {
  const { calls, http, bodies } = world;
  const body = request.take();
  const settle = (error: unknown): never => {
    if (body instanceof GuestBody) body.settle({ tag: "err", val: error });
    throw new WasiError(error);
  };
  if (!http) return settle({ tag: "HTTP-request-denied" });
  let message: ReturnType<Target["message"]>;
  try {
    message = request.target.message();
  } catch (error) {
    return settle((error as WasiError).payload);
  }
  const options = request.getOptions();
  const timeout = responseTimeout(options?.getFirstByteTimeout(), options?.getConnectTimeout());
  const hasBody = body instanceof GuestBody && body.contents !== undefined && takesBody(message.method);
  const upload = hasBody ? bodies.fromGuest(calls.task) : null;
  const { fd, outcome } = http.send(calls.task, {
    ...message,
    headers: request.fields.toHost(),
    body: upload?.body ?? null,
    timeout,
  });
  const signal = new Fd(calls, fd);
  const output = upload && new Fd(calls, upload.fd);
  const failed = new Promise<WasiError>((resolve) => {
    if (!output) return;
    const put = (bytes: Uint8Array) => writeSome(calls, output, bytes);
    const transmit = async () => {
      const result = await (body as GuestBody).transmit(put);
      if (result.tag === "ok") upload.complete();
      else resolve(new WasiError(result.val));
      output.release();
    };
    calls.detach(transmit());
  });
  const failure = await Promise.race([calls.reactor!.ready(fd, POLLIN), failed]);
  const result = outcome();
  // Nobody waits for it any more: where it is under way, that ends it.
  signal.release();
  if (failure) throw failure;
  if (!result || "error" in result) return settle(result?.error ?? { tag: "internal-error", val: undefined });
  if (!upload && body instanceof GuestBody) calls.detach(body.transmit());
  return Response.received(result.status, Fields.received(result.headers), new ReceivedBody(world, result.body));
}

export const http3 = (world: World) => ({
  types: { Fields, Request, RequestOptions, Response },
  client: { send: (request: Request) => send(world, request) },
});
