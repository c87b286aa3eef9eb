/** What wasi:http 0.2 and 0.3 have in common: fields, and what a request is for. */
import type { HttpRequest } from "../exchange.ts";
import { WasiError } from "./errors.ts";

type Entry = [name: string, value: Uint8Array];

/** RFC 9110, 5.6.2. */
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

/** Headers or trailers. Methods throw a header-error. */
export class Fields {
  #entries: Entry[] = [];
  #immutable = false;

  static fromList(entries: readonly Entry[]): Fields {
    const fields = new Fields();
    for (const [name, value] of entries) fields.append(name, value);
    return fields;
  }

  /** Headers of a message that is there already. */
  static received(entries: Iterable<readonly [string, string]>): Fields {
    const fields = new Fields();
    fields.#entries = Array.from(entries, ([name, value]) => [name, latin1(value)]);
    return fields.frozen();
  }

  frozen(): this {
    this.#immutable = true;
    return this;
  }

  /** As the host's fetch wants them. */
  toHost(): [string, string][] {
    return this.#entries.map(([name, value]) => [name, String.fromCharCode(...value)]);
  }

  #check(name: string, values: readonly Uint8Array[]): void {
    if (this.#immutable) throw new WasiError({ tag: "immutable" });
    if (!TOKEN.test(name) || !values.every(validValue)) throw new WasiError({ tag: "invalid-syntax" });
    if (FORBIDDEN.has(name.toLowerCase())) throw new WasiError({ tag: "forbidden" });
  }

  /** The entries of a name, whose case does not matter, and the others. */
  #split(name: string): { same: Entry[]; others: Entry[] } {
    const isSame = ([other]: Entry) => other.toLowerCase() === name.toLowerCase();
    return { same: this.#entries.filter(isSame), others: this.#entries.filter((entry) => !isSame(entry)) };
  }

  get(name: string): Uint8Array[] {
    return this.#split(name).same.map(([, value]) => value);
  }

  has(name: string): boolean {
    return this.#split(name).same.length > 0;
  }

  set(name: string, values: readonly Uint8Array[]): void {
    this.#check(name, values);
    this.#entries = [...this.#split(name).others, ...values.map((value): Entry => [name, value])];
  }

  delete(name: string): void {
    this.getAndDelete(name);
  }

  getAndDelete(name: string): Uint8Array[] {
    this.#check(name, []);
    const { same, others } = this.#split(name);
    this.#entries = others;
    return same.map(([, value]) => value);
  }

  append(name: string, value: Uint8Array): void {
    this.#check(name, [value]);
    const [first] = this.#split(name).same;
    this.#entries.push([first?.[0] ?? name, value]);
  }

  entries(): Entry[] {
    return [...this.#entries];
  }

  /** What 0.3 calls `entries`. */
  copyAll(): Entry[] {
    return this.entries();
  }

  clone(): Fields {
    const copy = new Fields();
    copy.#entries = [...this.#entries];
    return copy;
  }
}

const latin1 = (text: string): Uint8Array => Uint8Array.from(text, (letter) => letter.charCodeAt(0));

export type Method = { tag: string; val?: string };
export type Scheme = { tag: "HTTP" | "HTTPS" | "other"; val?: string };

const METHODS = new Set(["get", "head", "post", "put", "delete", "connect", "options", "trace", "patch"]);
/** What fetch does not send. */
const UNSENT = /^(CONNECT|TRACE|TRACK)$/;
const SCHEME = /^[a-z][a-z0-9+.-]*$/i;
/** RFC 3986, 3.2: user information, a name or an address, a port. */
const AUTHORITY = /^(?:[\w\-.~%!$&'()*+,;=:]*@)?(?:\[[\da-fA-F:.]+\]|[\w\-.~%!$&'()*+,;=]+)(?::\d*)?$/;
const NOT_IN_PATH = /[\0-\x20\x7f#<>`]/;

/** What a request is for. Setters throw the error of a `result` without one. */
export class Target {
  #method: Method = { tag: "get" };
  #path: string | undefined;
  #scheme: Scheme | undefined;
  #authority: string | undefined;

  get method(): Method {
    return this.#method;
  }
  set method(method: Method) {
    if (method.tag !== "other") this.#method = method;
    else {
      const name = method.val!;
      if (!TOKEN.test(name)) throw new WasiError(undefined);
      const known = name.toLowerCase();
      this.#method = name === name.toUpperCase() && METHODS.has(known) ? { tag: known } : method;
    }
  }

  get path(): string | undefined {
    return this.#path;
  }
  set path(path: string | undefined) {
    if (path !== undefined && NOT_IN_PATH.test(path)) throw new WasiError(undefined);
    this.#path = path === "" ? "/" : path;
  }

  get scheme(): Scheme | undefined {
    return this.#scheme;
  }
  set scheme(scheme: Scheme | undefined) {
    if (scheme?.tag !== "other") this.#scheme = scheme;
    else {
      const name = scheme.val!;
      if (!SCHEME.test(name)) throw new WasiError(undefined);
      this.#scheme = name === "http" ? { tag: "HTTP" } : name === "https" ? { tag: "HTTPS" } : scheme;
    }
  }

  get authority(): string | undefined {
    return this.#authority;
  }
  set authority(authority: string | undefined) {
    if (authority !== undefined && !AUTHORITY.test(authority)) throw new WasiError(undefined);
    this.#authority = authority;
  }

  /** The target of a request that came in. */
  static received(method: string, { protocol, host, pathname, search }: URL): Target {
    const target = new Target();
    target.method = { tag: "other", val: method };
    target.scheme = { tag: "other", val: protocol.slice(0, -1) };
    target.authority = host;
    target.path = pathname + search;
    return target;
  }

  /** What the host is to send. Throws an error-code. */
  message(): Pick<HttpRequest, "method" | "url"> {
    const method = this.#method.tag === "other" ? this.#method.val! : this.#method.tag.toUpperCase();
    if (UNSENT.test(method)) throw new WasiError({ tag: "HTTP-request-method-invalid" });
    if (this.#authority === undefined || this.#scheme?.tag === "other") {
      throw new WasiError({ tag: "HTTP-request-URI-invalid" });
    }
    const scheme = this.#scheme?.tag === "HTTP" ? "http" : "https";
    return { method, url: `${scheme}://${this.#authority}${this.#path ?? "/"}` };
  }
}

/** Whether fetch sends a body with such a request. */
export const takesBody = (method: string): boolean => method !== "GET" && method !== "HEAD";

/** How long the response may take to begin: ns to ms, or null. */
export function responseTimeout(firstByte: bigint | undefined, connect: bigint | undefined): number | null {
  const timeout = firstByte ?? connect;
  return timeout === undefined ? null : Math.ceil(Number(timeout) / 1e6);
}
