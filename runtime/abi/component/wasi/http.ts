/** wasi:http 0.2: requests to the outside, where the machine's network is allowed. */
import { POLLIN } from "../../../../kernel/abi/poll.ts";
import type { Calls } from "../calls.ts";
import { Fd } from "../descriptor.ts";
import type { HttpClient, HttpRequest, Outcome } from "../exchange.ts";
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
  readonly stream: OutputStream;
  #written = false;

  constructor(stream: OutputStream) {
    this.stream = stream;
  }

  write(): OutputStream {
    if (this.#written) throw new WasiError(undefined);
    this.#written = true;
    return this.stream;
  }

  /** Trailers are not sent: fetch has none. */
  static finish(body: OutgoingBody, _trailers: Fields | undefined): void {
    body[Symbol.dispose]();
  }

  [Symbol.dispose](): void {
    if (!this.#written) this.stream[Symbol.dispose]();
    this.#written = true;
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
      const { fd, body } = bodies.fromGuest(calls.task);
      this.#body = body;
      return new OutgoingBody(new OutputStream(calls, new Fd(calls, fd)));
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
      void this.#body?.pipeTo(new WritableStream());
      return null;
    }
  };
}

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
    const { calls, bodies } = this.#world;
    const open = () => new InputStream(calls, new Fd(calls, bodies.toGuest(calls.task, outcome.body).fd));
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

/** What only a server has: ring3 calls no wasi:http/incoming-handler, so there are none of these. */
export class IncomingRequest {}
export class ResponseOutparam {}
export class OutgoingResponse {}

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
      OutgoingResponse,
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
