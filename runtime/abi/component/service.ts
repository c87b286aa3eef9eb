/** Components that answer HTTP requests: those that export wasi:http/incoming-handler (0.2) or wasi:http/handler (0.3). */
import type { HttpAnswer, HttpMessage } from "../../worker/protocol.ts";
import { Fd } from "./descriptor.ts";
import type { Exports } from "./glue.ts";
import { isTrap } from "./process.ts";
import { IncomingRequest, ResponseOutparam } from "./wasi/http.ts";
import { Fields, Target } from "./wasi/http-message.ts";
import { GuestBody, ReceivedBody, Request, type Response } from "./wasi/http3.ts";
import { writeSome } from "./wasi/streams3.ts";
import type { World } from "./wasi/world.ts";

interface Handler2 {
  handle(request: IncomingRequest, out: ResponseOutparam): Promise<void>;
}
interface Handler3 {
  handle(request: Request): Promise<Response>;
}

const HANDLER2 = /^wasi:http\/incoming-handler@0\.2\./;
const HANDLER3 = /^wasi:http\/handler@0\.3\./;

function find(exports: Exports, name: RegExp): unknown {
  const found = Object.keys(exports).find((each) => name.test(each));
  return found && exports[found];
}

/**
 * Has a component answer a request: gives the response once its headers are there. `done` resolves when the component is through with it:
 * its body may be under way until then. Rejects with an Error.
 */
export function serveRequest(
  world: World,
  exports: Exports,
  request: HttpMessage,
): { response: Promise<HttpAnswer>; done: Promise<void> } {
  const handler3 = find(exports, HANDLER3) as Handler3 | undefined;
  if (handler3) {
    const response = answer3(world, handler3, request);
    return { response, done: Promise.resolve() };
  }
  const handler2 = find(exports, HANDLER2) as Handler2 | undefined;
  if (!handler2) throw new TypeError("it exports no wasi:http/incoming-handler and no wasi:http/handler");
  return answer2(world, handler2, request);
}

/** What both kinds of request are made of. */
const received = ({ method, url, headers }: HttpMessage) => ({
  target: Target.received(method, new URL(url)),
  fields: Fields.received(headers),
});

/** An error-code as a message. */
const failure = (code: unknown): Error =>
  new TypeError(`no response: ${(code as { tag?: string } | undefined)?.tag ?? "error"}`);

/** Whether what was thrown is an error-code, and not an end of the component. */
const isCode = (error: unknown): boolean => !(error instanceof Error) && !isTrap(error);

function answer2(world: World, handler: Handler2, request: HttpMessage) {
  const { target, fields } = received(request);
  let out!: ResponseOutparam;
  const response = new Promise<HttpAnswer>((resolve, reject) => {
    out = new ResponseOutparam((result) => {
      if (result.tag === "err") reject(failure(result.val));
      else resolve(result.val.message());
    });
  });
  const done = handler.handle(new IncomingRequest(world, target, fields, request.body), out);
  const none = done.then(() => Promise.reject(failure({ tag: "its handler set none" })));
  done.catch(() => {});
  return { response: Promise.race([response, none]), done };
}

async function answer3(world: World, handler: Handler3, request: HttpMessage): Promise<HttpAnswer> {
  const { target, fields } = received(request);
  let response: Response;
  try {
    response = await handler.handle(new Request(target, fields, new ReceivedBody(world, request.body), undefined));
  } catch (error) {
    throw isCode(error) ? failure(error) : error;
  }
  const body = response.take();
  const stream = body instanceof GuestBody ? send(world, body) : body.source;
  return { status: response.getStatusCode(), headers: response.fields.toHost(), body: stream };
}

/** The body of a response of 0.3, written beside whatever else the component does. */
function send({ calls, bodies }: World, body: GuestBody): HttpAnswer["body"] {
  if (!body.contents) {
    calls.detach(body.transmit());
    return null;
  }
  const { fd: number, body: stream, complete } = bodies.fromGuest(calls.task);
  const fd = new Fd(calls, number);
  const transmit = async () => {
    const { tag } = await body.transmit((bytes) => writeSome(calls, fd, bytes));
    if (tag === "ok") complete();
    fd.release();
  };
  calls.detach(transmit());
  return stream;
}
