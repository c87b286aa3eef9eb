/** A component as a library of the host program: what machine.component() gives. */
import type { CallResult, ExportTree, HttpAnswer, HttpMessage } from "../worker/protocol.ts";
import type { SpawnOptions } from "./options.ts";
import type { ExitStatus, Process } from "./process.ts";

/** Exported functions as the host program calls them: each gives a promise. */
export type Callable<Exports> = {
  readonly [Name in keyof Exports]: Exports[Name] extends (...args: infer Args) => infer Result
    ? (...args: Args) => Promise<Awaited<Result>>
    : Callable<Exports[Name]>;
};

export interface ComponentOptions
  extends Pick<SpawnOptions, "cwd" | "env" | "uid" | "gid" | "groups" | "stdin" | "stdout" | "stderr" | "trace"> {
  /** Its arguments, for a component that asks for them. Default none. */
  args?: readonly string[];
}

/** The error of an exported function's `result`. */
export class ComponentError extends Error {
  override readonly name = "ComponentError";
  readonly payload: unknown;

  constructor(payload: unknown) {
    super(typeof payload === "string" ? payload : JSON.stringify(payload, bigintText));
    this.payload = payload;
  }
}

const bigintText = (_: string, value: unknown): unknown => (typeof value === "bigint" ? String(value) : value);

/** What a Component needs of its machine. */
export interface ComponentLine {
  call(path: string[], args: unknown[]): Promise<CallResult>;
  handle(request: HttpMessage): Promise<HttpAnswer>;
  close(): void;
}

const EMPTY: ReadonlySet<number> = new Set([204, 205, 304]);

export class Component<Exports> {
  /**
   * Its functions, by the conventions of jco: names in camelCase, interfaces by their short and full names, values as JavaScript has
   * them. They run one after the other. A `result` is its value, or throws a ComponentError. Rejects with a Ring3Error: ERR_COMPONENT
   * for a trap, which ends the process; ERR_CLOSED after its end.
   */
  readonly exports: Callable<Exports>;
  /** The process that it is. */
  readonly process: Process;
  readonly #line: ComponentLine;

  /** @internal Use machine.component(). */
  constructor(process: Process, tree: ExportTree, line: ComponentLine) {
    this.process = process;
    this.#line = line;
    this.exports = callable(tree, [], line) as Callable<Exports>;
  }

  /**
   * Has a component that exports wasi:http/incoming-handler (or 0.3's wasi:http/handler) answer a request, as a server would that fetch
   * sends it to; the URL is absolute. Requests are answered one after the other: a response's body is to be read. Some engines
   * (StarlingMonkey's fetch event) answer one and no more: start such a component for each. Rejects with a Ring3Error: ERR_COMPONENT where
   * there is no response, ERR_CLOSED after the process's end.
   */
  async fetch(input: string | URL | Request, init?: RequestInit): Promise<Response> {
    const { method, url, headers, body } = new Request(input, init);
    const answer = await this.#line.handle({ method, url, headers: [...headers], body });
    const { status } = answer;
    // A Response refuses a body where HTTP has none, and statuses that are no answer yet.
    return new Response(EMPTY.has(status) ? null : answer.body, { status, headers: answer.headers });
  }

  /** Ends it once the calls under way are done. */
  close(): Promise<ExitStatus> {
    this.#line.close();
    return this.process.wait();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }
}

function callable(tree: ExportTree, path: readonly string[], line: ComponentLine): object {
  const entries = Object.entries(tree).map(([name, item]): [string, unknown] => {
    const here = [...path, name];
    if (item !== true) return [name, callable(item, here, line)];
    const call = async (...args: unknown[]): Promise<unknown> => {
      const result = await line.call(here, args);
      if ("error" in result) throw new ComponentError(result.error);
      return result.value;
    };
    return [name, call];
  });
  return Object.fromEntries(entries);
}
