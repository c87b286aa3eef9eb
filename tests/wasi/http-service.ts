/** The WASI testsuite's HTTP services (doc/specification.md: `request`): components that are called, with servers for their own requests. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { buffer } from "node:stream/consumers";
import { boot } from "../../runtime/index.ts";

export interface HttpServer {
  readonly name: string;
  /** "closed": nothing listens there. */
  readonly kind?: "closed";
  readonly endpoints?: readonly Endpoint[];
}

interface Endpoint {
  readonly method: string;
  readonly path: string;
  readonly mode?: "echo-body" | "echo-headers";
  readonly response?: ExpectedResponse & { chunks?: readonly string[]; trailers?: Readonly<Record<string, string>> };
}

interface ExpectedResponse {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

export interface HttpOperation {
  readonly method: string;
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly response: ExpectedResponse;
}

const TIMEOUT_MS = 20_000;

async function answer(endpoints: readonly Endpoint[], request: IncomingMessage, response: ServerResponse) {
  const found = endpoints.find(({ method, path }) => method === request.method && path === request.url);
  const body = await buffer(request);
  if (found?.mode === "echo-headers") {
    response.setHeader("x-request-method", request.method!);
    response.setHeader("x-request-path", request.url!);
    for (const [name, value] of Object.entries(request.headers)) response.setHeader(`x-echo-${name}`, value!);
    for (const [name, value] of Object.entries(request.trailers)) response.setHeader(`x-trailer-${name}`, value!);
    response.end();
    return;
  }
  const { status, chunks = [], trailers, ...rest } = found?.response ?? { status: found ? 200 : 404 };
  response.writeHead(status, { ...rest.headers, ...(trailers ? { trailer: Object.keys(trailers).join(", ") } : {}) });
  for (const chunk of chunks) response.write(chunk);
  if (trailers) response.addTrailers(trailers);
  response.end(found?.mode === "echo-body" ? body : rest.body);
}

async function listen({ endpoints = [] }: HttpServer): Promise<Server> {
  const server = createServer((request, response) => {
    answer(endpoints, request, response).catch(() => response.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return server;
}

async function close(server: Server): Promise<void> {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
}

/** What is wrong with an answer, "" for nothing. */
async function compare(response: Response, expected: ExpectedResponse): Promise<string> {
  if (response.status !== expected.status) return `status ${response.status}, expected ${expected.status}`;
  const text = await response.text();
  if (expected.body !== undefined && text !== expected.body) return `body ${JSON.stringify(text)}`;
  const wrong = Object.entries(expected.headers ?? {}).filter(([name, value]) => response.headers.get(name) !== value);
  return wrong.map(([name]) => `header ${name}: ${response.headers.get(name)}`).join("; ");
}

/** Runs a service; gives what is wrong, "" for nothing. */
export async function runService(
  bytes: Uint8Array,
  servers: readonly HttpServer[],
  requests: readonly HttpOperation[],
): Promise<string> {
  const running: Server[] = [];
  const env: Record<string, string> = {};
  for (const server of servers) {
    const started = await listen(server);
    env[`HTTP_SERVER_${server.name.toUpperCase()}`] = `127.0.0.1:${(started.address() as AddressInfo).port}`;
    if (server.kind === "closed") await close(started);
    else running.push(started);
  }
  const log: string[] = [];
  const machine = await boot({ network: true, log: (line) => log.push(line) });
  try {
    const component = await machine.component(bytes, { env, stderr: "pipe" });
    const errors = component.process.stderr!.text();
    const timer = setTimeout(() => void component.process.kill("SIGKILL"), TIMEOUT_MS);
    try {
      for (const { method, path, headers, body, response } of requests) {
        const init = { method, headers, ...(body === undefined ? {} : { body }) };
        const problem = await compare(await component.fetch(`http://localhost${path}`, init), response);
        if (problem !== "") return `${method} ${path}: ${problem}`;
      }
      await component.close();
      return log.filter((line) => line.includes("BUG")).join("\n");
    } catch (error) {
      await component.process.kill("SIGKILL");
      return `${(error as Error).message}\n${await errors}`;
    } finally {
      clearTimeout(timer);
    }
  } finally {
    await machine.shutdown();
    await Promise.all(running.map(close));
  }
}
