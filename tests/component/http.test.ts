/** HTTP requests of a component, to a server of the test. */
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type BootOptions, boot, type Machine } from "../../runtime/index.ts";
import { clean } from "../cleanup.ts";
import { component, FOLDER, install, REALLOC } from "./support.ts";

afterAll(clean);

const TYPES = "wasi:http/types@0.2.0";
const STREAMS = "wasi:io/streams@0.2.0";
const IMPORTS: readonly (readonly [id: string, iface: string, name: string, type: string])[] = [
  ["$arguments", "wasi:cli/environment@0.2.0", "get-arguments", "(param i32)"],
  ["$exit", "wasi:cli/exit@0.2.0", "exit-with-code", "(param i32)"],
  ["$stdout", "wasi:cli/stdout@0.2.0", "get-stdout", "(result i32)"],
  ["$write", STREAMS, "[method]output-stream.blocking-write-and-flush", "(param i32 i32 i32 i32)"],
  ["$splice", STREAMS, "[method]output-stream.blocking-splice", "(param i32 i32 i64 i32)"],
  ["$close", STREAMS, "[resource-drop]output-stream", "(param i32)"],
  ["$block", "wasi:io/poll@0.2.0", "[method]pollable.block", "(param i32)"],
  ["$fields", TYPES, "[constructor]fields", "(result i32)"],
  ["$append", TYPES, "[method]fields.append", "(param i32 i32 i32 i32 i32 i32)"],
  ["$request", TYPES, "[constructor]outgoing-request", "(param i32) (result i32)"],
  ["$method", TYPES, "[method]outgoing-request.set-method", "(param i32 i32 i32 i32) (result i32)"],
  ["$scheme", TYPES, "[method]outgoing-request.set-scheme", "(param i32 i32 i32 i32 i32) (result i32)"],
  ["$authority", TYPES, "[method]outgoing-request.set-authority", "(param i32 i32 i32 i32) (result i32)"],
  ["$path", TYPES, "[method]outgoing-request.set-path-with-query", "(param i32 i32 i32 i32) (result i32)"],
  ["$body", TYPES, "[method]outgoing-request.body", "(param i32 i32)"],
  ["$output", TYPES, "[method]outgoing-body.write", "(param i32 i32)"],
  ["$finish", TYPES, "[static]outgoing-body.finish", "(param i32 i32 i32 i32)"],
  ["$handle", "wasi:http/outgoing-handler@0.2.0", "handle", "(param i32 i32 i32 i32)"],
  ["$subscribe", TYPES, "[method]future-incoming-response.subscribe", "(param i32) (result i32)"],
  ["$get", TYPES, "[method]future-incoming-response.get", "(param i32 i32)"],
  ["$status", TYPES, "[method]incoming-response.status", "(param i32) (result i32)"],
  ["$consume", TYPES, "[method]incoming-response.consume", "(param i32 i32)"],
  ["$input", TYPES, "[method]incoming-body.stream", "(param i32 i32)"],
  ["$timer", "wasi:clocks/monotonic-clock@0.2.0", "subscribe-duration", "(param i64) (result i32)"],
];

/** Constants of wasi:http/types in the order of their declaration. */
const METHODS = { get: 0, post: 2 };
const ERRORS = { refused: 6, denied: 15 };

/**
 * `client AUTHORITY PATH`: sends a request with `chunks` times 4096 bytes, writes the response's body to standard output and exits with
 * the status less 200; for an error with 100 and its number. `pause`: ms between the response and a look at its body.
 */
const client = (method: number, chunks: number, pause = 0) => `(module
  ${IMPORTS.map(([id, iface, name, type]) => `(import "${iface}" "${name}" (func ${id} ${type}))`).join("\n")}
  (memory (export "memory") 2)
  (data (i32.const 256) "x-test") (data (i32.const 264) "yes")
  ${REALLOC}
  (func (export "wasi:cli/run@0.2.0#run") (result i32)
    (local $request i32) (local $headers i32) (local $arguments i32) (local $body i32) (local $output i32) (local $left i32)
    (local $future i32) (local $response i32) (local $input i32)
    (local.set $headers (call $fields))
    (call $append (local.get $headers) (i32.const 256) (i32.const 6) (i32.const 264) (i32.const 3) (i32.const 0))
    (local.set $request (call $request (local.get $headers)))
    (call $arguments (i32.const 0)) (local.set $arguments (i32.load (i32.const 0)))
    (drop (call $method (local.get $request) (i32.const ${method}) (i32.const 0) (i32.const 0)))
    (drop (call $scheme (local.get $request) (i32.const 1) (i32.const 0) (i32.const 0) (i32.const 0)))
    (drop (call $authority (local.get $request) (i32.const 1)
      (i32.load offset=8 (local.get $arguments)) (i32.load offset=12 (local.get $arguments))))
    (drop (call $path (local.get $request) (i32.const 1)
      (i32.load offset=16 (local.get $arguments)) (i32.load offset=20 (local.get $arguments))))
    (local.set $left (i32.const ${chunks}))
    (if (local.get $left) (then
      (call $body (local.get $request) (i32.const 0)) (local.set $body (i32.load (i32.const 4)))
      (call $output (local.get $body) (i32.const 0)) (local.set $output (i32.load (i32.const 4)))))
    (call $handle (local.get $request) (i32.const 0) (i32.const 0) (i32.const 0))
    (if (i32.load8_u (i32.const 0)) (then (call $exit (i32.add (i32.const 100) (i32.load8_u (i32.const 8))))))
    (local.set $future (i32.load (i32.const 8)))
    (if (local.get $left) (then
      (loop $more
        (call $write (local.get $output) (i32.const 65536) (i32.const 4096) (i32.const 0))
        (br_if $more (local.tee $left (i32.sub (local.get $left) (i32.const 1)))))
      (call $close (local.get $output))
      (call $finish (local.get $body) (i32.const 0) (i32.const 0) (i32.const 0))))
    (call $block (call $subscribe (local.get $future)))
    ;; option<result<result<incoming-response, error-code>>>
    (call $get (local.get $future) (i32.const 0))
    (if (i32.load8_u (i32.const 16)) (then (call $exit (i32.add (i32.const 100) (i32.load8_u (i32.const 24))))))
    (local.set $response (i32.load (i32.const 24)))
    (call $block (call $timer (i64.const ${pause}000000)))
    (call $consume (local.get $response) (i32.const 0))
    (call $input (i32.load (i32.const 4)) (i32.const 0)) (local.set $input (i32.load (i32.const 4)))
    (local.set $output (call $stdout))
    (loop $more
      (call $splice (local.get $output) (local.get $input) (i64.const 65536) (i32.const 0))
      (br_if $more (i32.eqz (i32.load8_u (i32.const 0)))))
    (call $exit (i32.sub (call $status (local.get $response)) (i32.const 200)))
    (i32.const 0)))`;

const ITEMS = [...new Set(IMPORTS.map(([, iface]) => `import ${iface};`)), "export wasi:cli/run@0.2.0;"].join("\n");

let server: Server;
let authority: string;
const requests: string[] = [];
beforeAll(async () => {
  install("get", await component(ITEMS, client(METHODS.get, 0)));
  install("post", await component(ITEMS, client(METHODS.post, 500)));
  install("late", await component(ITEMS, client(METHODS.get, 0, 300)));
  server = createServer((request, response) => {
    let length = 0;
    request.on("data", (chunk: Buffer) => {
      length += chunk.length;
    });
    request.on("end", () => {
      requests.push(`${request.method} ${request.url} ${request.headers["x-test"]} ${length}`);
      if (request.url === "/never") return;
      response.writeHead(request.url === "/created" ? 201 : 200);
      if (request.url === "/big") response.end(Buffer.alloc(3_000_000, "x"));
      else response.end(`you said ${length} bytes`);
    });
  });
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  authority = `127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});

async function withMachine(options: BootOptions, body: (machine: Machine) => Promise<void>): Promise<void> {
  const machine = await boot({ ...options, mounts: [{ host: FOLDER, guest: "/c" }] });
  try {
    await body(machine);
    expect((await machine.log()).filter((line) => line.includes("BUG"))).toEqual([]);
  } finally {
    await machine.shutdown();
  }
}

test("requests and responses, with bodies larger than any pipe", () =>
  withMachine({ network: true }, async (machine) => {
    const send = async (...argv: string[]) => (await machine.spawn(argv)).result();
    expect(await send("/c/get", authority, "/a?b=c")).toMatchObject({ code: 0, stdout: "you said 0 bytes" });
    expect(await send("/c/get", authority, "/created")).toMatchObject({ code: 1 });
    expect(await send("/c/post", authority, "/p")).toMatchObject({ code: 0, stdout: "you said 2048000 bytes" });
    expect((await send("/c/get", authority, "/big")).stdout).toBe("x".repeat(3_000_000));
    expect(await (await machine.spawn(`/c/get ${authority} /big | wc -c`)).result()).toMatchObject({
      stdout: "3000000\n",
    });
    expect(requests.slice(0, 3)).toEqual(["GET /a?b=c yes 0", "GET /created yes 0", "POST /p yes 2048000"]);
    const closed = createServer();
    await new Promise<void>((listening) => closed.listen(0, "127.0.0.1", listening));
    const nobody = `127.0.0.1:${(closed.address() as AddressInfo).port}`;
    await new Promise((done) => closed.close(done));
    expect(await send("/c/get", nobody, "/")).toMatchObject({ code: 100 + ERRORS.refused });
  }));

test("a request that is not answered holds nobody else up, and its process can be killed", () =>
  withMachine({ network: true }, async (machine) => {
    const waiting = await machine.spawn(["/c/get", authority, "/never"]);
    while (!requests.includes("GET /never yes 0")) {
      expect(await (await machine.spawn(["echo", "on"])).result()).toMatchObject({ stdout: "on\n" });
    }
    waiting.kill("SIGTERM");
    expect(await waiting.wait()).toMatchObject({ signal: "SIGTERM" });
  }));

test("a body that is asked for late is whole: fetch cancels that of a response which is garbage", () =>
  withMachine({ network: true, thread: "same" }, async (machine) => {
    setFlagsFromString("--expose-gc");
    const gc: () => void = runInNewContext("gc");
    const collecting = setInterval(gc, 100);
    const { stdout } = await (await machine.spawn(["/c/late", authority, "/late"])).result();
    clearInterval(collecting);
    expect(stdout).toBe("you said 0 bytes");
  }));

test("a machine without a network denies them", () =>
  withMachine({}, async (machine) => {
    const { code } = await (await machine.spawn(["/c/get", authority, "/denied"])).result();
    expect(code).toBe(100 + ERRORS.denied);
    expect(requests.join()).not.toContain("denied");
  }));
