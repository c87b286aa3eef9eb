/** Components that answer HTTP requests. The WASI testsuite has those of 0.3: tests/wasi/conformance.ts. */
import { afterAll, expect, test } from "vitest";
import { boot } from "../../runtime/index.ts";
import { clean } from "../cleanup.ts";
import { component, REALLOC } from "./support.ts";

afterAll(clean);

const TYPES = "wasi:http/types@0.2.0";
const STREAMS = "wasi:io/streams@0.2.0";
const HANDLER = "wasi:http/incoming-handler@0.2.0";

/** Answers 201 with `x-test: yes` and the request's body; "/none" not at all, and "/broken" with a part of a body before it traps. */
const SERVICE = `(module
  (import "${TYPES}" "[method]incoming-request.path-with-query" (func $path (param i32 i32)))
  (import "${TYPES}" "[method]incoming-request.consume" (func $consume (param i32 i32)))
  (import "${TYPES}" "[method]incoming-body.stream" (func $input (param i32 i32)))
  (import "${TYPES}" "[constructor]fields" (func $fields (result i32)))
  (import "${TYPES}" "[method]fields.append" (func $append (param i32 i32 i32 i32 i32 i32)))
  (import "${TYPES}" "[constructor]outgoing-response" (func $response (param i32) (result i32)))
  (import "${TYPES}" "[method]outgoing-response.set-status-code" (func $status (param i32 i32) (result i32)))
  (import "${TYPES}" "[method]outgoing-response.body" (func $body (param i32 i32)))
  (import "${TYPES}" "[method]outgoing-body.write" (func $output (param i32 i32)))
  (import "${TYPES}" "[static]outgoing-body.finish" (func $finish (param i32 i32 i32 i32)))
  (import "${TYPES}" "[static]response-outparam.set" (func $set (param i32 i32 i32 i32 i64 i32 i32 i32 i32)))
  (import "${STREAMS}" "[method]output-stream.blocking-splice" (func $splice (param i32 i32 i64 i32)))
  (import "${STREAMS}" "[resource-drop]output-stream" (func $close (param i32)))
  (memory (export "memory") 1)
  (data (i32.const 256) "x-test") (data (i32.const 264) "yes")
  ${REALLOC}
  (func (export "${HANDLER}#handle") (param $request i32) (param $out i32)
    (local $length i32) (local $in i32) (local $headers i32) (local $response i32) (local $body i32) (local $output i32)
    (global.set $heap (i32.const 32768))
    (call $path (local.get $request) (i32.const 0)) (local.set $length (i32.load (i32.const 8)))
    (if (i32.eq (local.get $length) (i32.const 5)) (then (return)))
    (call $consume (local.get $request) (i32.const 0))
    (call $input (i32.load (i32.const 4)) (i32.const 0)) (local.set $in (i32.load (i32.const 4)))
    (local.set $headers (call $fields))
    (call $append (local.get $headers) (i32.const 256) (i32.const 6) (i32.const 264) (i32.const 3) (i32.const 0))
    (local.set $response (call $response (local.get $headers)))
    (drop (call $status (local.get $response) (i32.const 201)))
    (call $body (local.get $response) (i32.const 0)) (local.set $body (i32.load (i32.const 4)))
    (call $output (local.get $body) (i32.const 0)) (local.set $output (i32.load (i32.const 4)))
    (call $set (local.get $out) (i32.const 0) (local.get $response)
      (i32.const 0) (i64.const 0) (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 0))
    (loop $more
      (call $splice (local.get $output) (local.get $in) (i64.const 65536) (i32.const 0))
      (if (i32.eq (local.get $length) (i32.const 7)) (then unreachable))
      (br_if $more (i32.eqz (i32.load8_u (i32.const 0)))))
    (call $close (local.get $output))
    (call $finish (local.get $body) (i32.const 0) (i32.const 0) (i32.const 0))))`;

const ITEMS = `import ${TYPES}; import ${STREAMS}; export ${HANDLER};`;
const URL = "http://service.test";

test.each(["worker", "same"] as const)("fetch, with the machine on a thread: %s", async (thread) => {
  const bytes = await component(ITEMS, SERVICE);
  const machine = await boot({ thread });
  try {
    const service = await machine.component(bytes);
    const answer = await service.fetch(`${URL}/`, { method: "POST", body: "hello" });
    expect(answer.status).toBe(201);
    expect(answer.headers.get("x-test")).toBe("yes");
    expect(await answer.text()).toBe("hello");

    // More than all pipes and windows hold, there and back; the other one waits for its turn.
    const large = "x".repeat(3_000_000);
    const both = [large, "second"].map((body) => service.fetch(`${URL}/`, { method: "PUT", body }));
    expect(await (await both[0]).text()).toBe(large);
    expect(await (await both[1]).text()).toBe("second");

    await expect(service.fetch(`${URL}/none`)).rejects.toMatchObject({ code: "ERR_COMPONENT" });
    expect(await (await service.fetch(`${URL}/`)).text()).toBe("");

    // A response that breaks off does not look whole, and the process is over.
    const broken = await service.fetch(`${URL}/broken`, { method: "POST", body: "part" });
    await expect(broken.text()).rejects.toThrow();
    expect(await service.process.wait()).toMatchObject({ signal: "SIGILL" });
    await expect(service.fetch(`${URL}/`)).rejects.toMatchObject({ code: "ERR_CLOSED" });
    expect((await machine.log()).filter((line) => line.includes("BUG"))).toEqual([]);
  } finally {
    await machine.shutdown();
  }
});

test("a component that handles none says so", async () => {
  const bytes = await component("export f: func();", '(module (func (export "f")))');
  const machine = await boot();
  try {
    const library = await machine.component(bytes);
    await expect(library.fetch(`${URL}/`)).rejects.toThrow(/GET .*: it exports no wasi:http\/incoming-handler/);
    await library.close();
  } finally {
    await machine.shutdown();
  }
});
