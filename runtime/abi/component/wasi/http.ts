/** wasi:http 0.2: requests to the outside, where the machine's network is allowed. */
import { POLLIN } from "../../../../kernel/abi/poll.ts";
import type { Calls } from "../calls.ts";
import { Fd } from "../descriptor.ts";
import type { HttpClient, HttpRequest, Outcome } from "../exchange.ts";
import { WasiError } from "./errors.ts";
import { InputStream, OutputStream, Pollable } from "./io.ts";
import type { World } from "./world.ts";

type Entry = [name: string, value: Uint8Array];

const TOKEN = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;
/** The connection's own, which is the host's affair (RFC 9110, 7.6.1). */
const FORBIDDEN = new Set([
  "connection",
  "keep-alive",
  "proxy-connection",
  "proxy-authenticate",
  "proxy-authorization",
  "te",
  "transfer-encoding",
  "upgrade",
  "host",
  "http2-settings",
]);

const validValue = (value: Uint8Array): boolean => value.every((byte) => byte === 9 || (byte >= 0x20 && byte !== 0x7f));

export class Fields {
  #entries: Entry[] = [];
  #immutable = false;

  static fromList(entries: readonly Entry[]): Fields {
    const fields = new Fields();
    for (const [name, value] of entries) fields.append(name, value);
    return fields;
  }

  /** Headers of a message that is there already. */
  static received(entries: readonly (readonly [string, string])[]): Fields {
    const fields = new Fields();
    fields.#entries = entries.map(([name, value]) => [name, latin1(value)]);
    return fields.frozen();
  }

  frozen(): this {
    this.#immutable = true;
    return this;
  }

  #check(name: string, values: readonly Uint8Array[]): void {
    if (this.#immutable) throw new WasiError({ tag: "immutable" });
    if (!TOKEN.test(name) || !values.every(validValue)) throw new WasiError({ tag: "invalid-syntax" });
    if (FORBIDDEN.has(name.toLowerCase())) throw new WasiError({ tag: "forbidden" });
  }

  #others(name: string): Entry[] {
    return this.#entries.filter(([other]) => other.toLowerCase() !== name.toLowerCase());
  }

  get(name: string): Uint8Array[] {
    return this.#entries.flatMap(([other, value]) => (other.toLowerCase() === name.toLowerCase() ? [value] : []));
  }

  has(name: string): boolean {
    return this.get(name).length > 0;
  }

  set(name: string, values: readonly Uint8Array[]): void {
    this.#check(name, values);
    this.#entries = [...this.#others(name), ...values.map((value): Entry => [name, value])];
  }

  delete(name: string): void {
    this.#check(name, []);
    this.#entries = this.#others(name);
  }

  append(name: string, value: Uint8Array): void {
    this.#check(name, [value]);
    this.#entries.push([name, value]);
  }

  entries(): Entry[] {
    return [...this.#entries];
  }

  clone(): Fields {
    const copy = new Fields();
    copy.#entries = [...this.#entries];
    return copy;
  }
}

const latin1 = (text: string): Uint8Array => Uint8Array.from(text, (letter) => letter.charCodeAt(0));

type Method = { tag: string; val?: string };
type Scheme = { tag: "HTTP" | "HTTPS" | "other"; val?: string };

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
function outgoingRequest({ calls, http }: World) {
  return class OutgoingRequest {
    readonly #headers: Fields;
    #method: Method = { tag: "get" };
    #path: string | undefined;
    #scheme: Scheme | undefined;
    #authority: string | undefined;
    #body: HttpRequest["body"] = null;

    constructor(headers: Fields) {
      this.#headers = headers.frozen();
    }

    body(): OutgoingBody {
      if (this.#body || !http) throw new WasiError(undefined);
      const { fd, body } = http.requestBody(calls.task);
      this.#body = body;
      return new OutgoingBody(new OutputStream(calls, new Fd(calls, fd)));
    }

    method(): Method {
      return this.#method;
    }
    setMethod(method: Method): void {
      if (method.tag === "other" && !TOKEN.test(method.val!)) throw new WasiError(undefined);
      this.#method = method;
    }
    pathWithQuery(): string | undefined {
      return this.#path;
    }
    setPathWithQuery(path: string | undefined): void {
      if (path !== undefined && /[\s\p{Cc}#]/u.test(path)) throw new WasiError(undefined);
      this.#path = path;
    }
    scheme(): Scheme | undefined {
      return this.#scheme;
    }
    setScheme(scheme: Scheme | undefined): void {
      if (scheme?.tag === "other" && !/^[a-z][a-z0-9+.-]*$/i.test(scheme.val!)) throw new WasiError(undefined);
      this.#scheme = scheme;
    }
    authority(): string | undefined {
      return this.#authority;
    }
    setAuthority(authority: string | undefined): void {
      if (authority !== undefined && !/^[^\s/?#@\p{Cc}]+$/u.test(authority)) throw new WasiError(undefined);
      this.#authority = authority;
    }
    headers(): Fields {
      return this.#headers;
    }

    /** The request as the host sends it. Throws an error-code. */
    message(options: RequestOptions | undefined): HttpRequest {
      const method = this.#method.tag === "other" ? this.#method.val! : this.#method.tag.toUpperCase();
      if (/^(CONNECT|TRACE|TRACK)$/.test(method)) throw new WasiError({ tag: "HTTP-request-method-invalid" });
      if (this.#authority === undefined || this.#scheme?.tag === "other") {
        throw new WasiError({ tag: "HTTP-request-URI-invalid" });
      }
      const scheme = this.#scheme?.tag === "HTTP" ? "http" : "https";
      const timeout = options?.firstByteTimeout() ?? options?.connectTimeout();
      return {
        method,
        url: `${scheme}://${this.#authority}${this.#path ?? "/"}`,
        headers: this.#headers.entries().map(([name, value]) => [name, String.fromCharCode(...value)]),
        body: this.#bodyFor(method),
        timeout: timeout === undefined ? null : Math.ceil(Number(timeout) / 1e6),
      };
    }

    /** What is written for a request that has no body goes nowhere. */
    #bodyFor(method: string): HttpRequest["body"] {
      if (method !== "GET" && method !== "HEAD") return this.#body;
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
    const { calls, http } = this.#world;
    const open = () => new InputStream(calls, new Fd(calls, http!.responseBody(calls.task, outcome.body)));
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
