/** wasi:http 0.2: requests to the outside, where the machine's network is allowed, and those that a handler answers. */
import { POLLIN } from "../../../../kernel/abi/poll.ts";
import type { Calls } from "../calls.ts";
import { Fd } from "../descriptor.ts";
import type { HttpClient, HttpRequest, Outcome, OutgoingPipe } from "../exchange.ts";
import { WasiError } from "./errors.ts";
import { Fields, type Method, responseTimeout, type Scheme, Target, takesBody } from "./http-message.ts";
import { InputStream, OutputStream, Pollable } from "./io.ts";
import type { World } from "./world.ts";

export class RequestOptions {
  #connect: bigint | undefined;
  #firstByte: bigint | undefined;
  #betweenBytes: bigint | undefined;

  connectTimeout(): bigint | undefined {
    return this.#connect;
  }
  setConnectTimeout(duration: bigint | undefined): void {
    this.#connect = duration;
  }
  firstByteTimeout(): bigint | undefined {
    return this.#firstByte;
  }
  setFirstByteTimeout(duration: bigint | undefined): void {
    this.#firstByte = duration;
  }
  betweenBytesTimeout(): bigint | undefined {
    return this.#betweenBytes;
  }
  setBetweenBytesTimeout(duration: bigint | undefined): void {
    this.#betweenBytes = duration;
  }
}

export class OutgoingBody {
  readonly #calls: Calls;
  readonly #fd: Fd;
  readonly #complete: () => void;
  #written = false;

  constructor(calls: Calls, { fd, complete }: OutgoingPipe) {
    this.#calls = calls;
    this.#fd = new Fd(calls, fd);
    this.#complete = complete;
  }

  write(): OutputStream {
    if (this.#written) throw new WasiError(undefined);
    this.#written = true;
    return new OutputStream(this.#calls, this.#fd.share());
  }

  /** Trailers are not sent: fetch has none. */
  static finish(body: OutgoingBody, _trailers: Fields | undefined): void {
    body.#complete();
    body.#fd.release();
  }

  /** Not finished, so it is not whole. */
  [Symbol.dispose](): void {
    this.#fd.release();
  }
}

/** wasi:http/types' outgoing-request, on the network of one world. */
function outgoingRequest({ calls, bodies }: World) {
  return class OutgoingRequest {
    readonly #headers: Fields;
    readonly #target = new Target();
    #body: HttpRequest["body"] = null;

    constructor(headers: Fields) {
      this.#headers = headers.frozen();
    }

    body(): OutgoingBody {
      if (this.#body) throw new WasiError(undefined);
      const pipe = bodies.fromGuest(calls.task);
      this.#body = pipe.body;
      return new OutgoingBody(calls, pipe);
    }

    method(): Method {
      return this.#target.method;
    }
    setMethod(method: Method): void {
      this.#target.method = method;
    }
    pathWithQuery(): string | undefined {
      return this.#target.path;
    }
    setPathWithQuery(path: string | undefined): void {
      this.#target.path = path;
    }
    scheme(): Scheme | undefined {
      return this.#target.scheme;
    }
    setScheme(scheme: Scheme | undefined): void {
      this.#target.scheme = scheme;
    }
    authority(): string | undefined {
      return this.#target.authority;
    }
    setAuthority(authority: string | undefined): void {
      this.#target.authority = authority;
    }
    headers(): Fields {
      return this.#headers.clone().frozen();
    }

    /** The request as the host sends it. Throws an error-code. */
    message(options: RequestOptions | undefined): HttpRequest {
      const { method, url } = this.#target.message();
      return {
        method,
        url,
        headers: this.#headers.toHost(),
        body: this.#bodyFor(method),
        timeout: responseTimeout(options?.firstByteTimeout(), options?.connectTimeout()),
      };
    }

    /** What is written for a request that has no body goes nowhere. */
    #bodyFor(method: string): HttpRequest["body"] {
      if (takesBody(method)) return this.#body;
      this.#body?.pipeTo(new WritableStream()).catch(() => {});
      return null;
    }
  };
}

/** A body that the host has. */
const received = ({ calls, bodies }: World, source: ReadableStream<Uint8Array> | null): InputStream =>
  new InputStream(calls, new Fd(calls, bodies.toGuest(calls.task, source).fd));

export class IncomingBody {
  readonly calls: Calls;
  readonly #open: () => InputStream;
  #taken = false;

  constructor(calls: Calls, open: () => InputStream) {
    this.calls = calls;
    this.#open = open;
  }

  stream(): InputStream {
    if (this.#taken) throw new WasiError(undefined);
    this.#taken = true;
    return this.#open();
  }

  static finish(body: IncomingBody): FutureTrailers {
    return new FutureTrailers(body.calls);
  }
}

/** There are never any: fetch has none. */
export class FutureTrailers {
  readonly #calls: Calls;
  #taken = false;

  constructor(calls: Calls) {
    this.#calls = calls;
  }

  subscribe(): Pollable {
    return new Pollable(this.#calls, { deadline: 0n });
  }

  get() {
    if (this.#taken) return { tag: "err", val: undefined };
    this.#taken = true;
    return { tag: "ok", val: { tag: "ok", val: undefined } };
  }
}

export class IncomingResponse {
  readonly #status: number;
  readonly #headers: Fields;
  readonly #body: IncomingBody;
  #consumed = false;

  constructor(status: number, headers: Fields, body: IncomingBody) {
    this.#status = status;
    this.#headers = headers;
    this.#body = body;
  }

  status(): number {
    return this.#status;
  }

  headers(): Fields {
    return this.#headers;
  }

  consume(): IncomingBody {
    if (this.#consumed) throw new WasiError(undefined);
    this.#consumed = true;
    return this.#body;
  }
}

export class FutureIncomingResponse {
  readonly #world: World;
  readonly #fd: Fd;
  readonly #outcome: () => Outcome | null;
  #taken = false;

  constructor(world: World, fd: Fd, outcome: () => Outcome | null) {
    this.#world = world;
    this.#fd = fd;
    this.#outcome = outcome;
  }

  subscribe(): Pollable {
    return new Pollable(this.#world.calls, { fd: this.#fd, events: POLLIN });
  }

  get() {
    const outcome = this.#outcome();
    if (!outcome) return undefined;
    if (this.#taken) return { tag: "err", val: undefined };
    this.#taken = true;
    if ("error" in outcome) return { tag: "ok", val: { tag: "err", val: outcome.error } };
    const { calls } = this.#world;
    const open = () => received(this.#world, outcome.body);
    const response = new IncomingResponse(
      outcome.status,
      Fields.received(outcome.headers),
      new IncomingBody(calls, open),
    );
    return { tag: "ok", val: { tag: "ok", val: response } };
  }

  [Symbol.dispose](): void {
    this.#fd.release();
  }
}

/** A request that the component is to answer. */
export class IncomingRequest {
  readonly #world: World;
  readonly #target: Target;
  readonly #headers: Fields;
  #body: IncomingBody | null;

  constructor(world: World, target: Target, headers: Fields, source: ReadableStream<Uint8Array> | null) {
    this.#world = world;
    this.#target = target;
    this.#headers = headers;
    this.#body = new IncomingBody(world.calls, () => received(this.#world, source));
  }

  method(): Method {
    return this.#target.method;
  }
  pathWithQuery(): string | undefined {
    return this.#target.path;
  }
  scheme(): Scheme | undefined {
    return this.#target.scheme;
  }
  authority(): string | undefined {
    return this.#target.authority;
  }
  headers(): Fields {
    return this.#headers.clone().frozen();
  }

  consume(): IncomingBody {
    const body = this.#body;
    if (!body) throw new WasiError(undefined);
    this.#body = null;
    return body;
  }
}

/** wasi:http/types' outgoing-response, in one world. */
function outgoingResponse({ calls, bodies }: World) {
  return class OutgoingResponse implements Sendable {
    readonly #headers: Fields;
    #status = 200;
    #body: HttpRequest["body"] = null;

    constructor(headers: Fields) {
      this.#headers = headers.frozen();
    }

    statusCode(): number {
      return this.#status;
    }
    setStatusCode(status: number): void {
      if (status < 100 || status > 599) throw new WasiError(undefined);
      this.#status = status;
    }
    headers(): Fields {
      return this.#headers.clone().frozen();
    }

    body(): OutgoingBody {
      if (this.#body) throw new WasiError(undefined);
      const pipe = bodies.fromGuest(calls.task);
      this.#body = pipe.body;
      return new OutgoingBody(calls, pipe);
    }

    message() {
      return { status: this.#status, headers: this.#headers.toHost(), body: this.#body };
    }
  };
}

/** What an outgoing-response is for the host. */
interface Sendable {
  message(): { status: number; headers: [string, string][]; body: HttpRequest["body"] };
}

type ResponseResult = { tag: "ok"; val: Sendable } | { tag: "err"; val: unknown };

/** Where a handler puts its response. */
export class ResponseOutparam {
  readonly #settle: (result: ResponseResult) => void;

  constructor(settle: (result: ResponseResult) => void) {
    this.#settle = settle;
  }

  static set(param: ResponseOutparam, response: ResponseResult): void {
    param.#settle(response);
  }
}

export const http = (world: World) => {
  const OutgoingRequest = outgoingRequest(world);
  return {
    types: {
      Fields,
      OutgoingRequest,
      OutgoingBody,
      RequestOptions,
      FutureIncomingResponse,
      IncomingResponse,
      IncomingBody,
      FutureTrailers,
      IncomingRequest,
      ResponseOutparam,
      OutgoingResponse: outgoingResponse(world),
      httpErrorCode: () => undefined,
    },
    "outgoing-handler": {
      handle(request: InstanceType<typeof OutgoingRequest>, options: RequestOptions | undefined) {
        const client: HttpClient | null = world.http;
        if (!client) throw new WasiError({ tag: "HTTP-request-denied" });
        const { fd, outcome } = client.send(world.calls.task, request.message(options));
        return new FutureIncomingResponse(world, new Fd(world.calls, fd), outcome);
      },
    },
  };
};
