// Asyncify on a thread of its own: it takes seconds for a big program, and a program made to that end could keep it busy
// for hours. Here nobody waits but who starts that program, and not longer than the time that its size allows.

import { once } from "node:events";
import { setTimeout as delay } from "node:timers/promises";
import { Worker } from "node:worker_threads";
import type { Asyncifier } from "../../loader/index.ts";

/** What the thread is asked; it answers with the module or with the text of an error. */
export interface AsyncifyRequest {
  readonly bytes: Uint8Array;
  readonly imports: readonly string[];
  readonly features: number;
}

export type AsyncifyAnswer = { readonly bytes: Uint8Array<ArrayBuffer> } | { readonly error: string };

// measured.md: 2 to 3 s for a MB. Ten times that, for slow and busy machines.
const BASE_TIME = 10_000;
const TIME_PER_BYTE = 30_000 / (1024 * 1024);
/** The thread is kept this long (ms) for the next program, since loading binaryen takes half a second. */
const IDLE_TIME = 5_000;

export interface AsyncifyThread extends AsyncDisposable {
  readonly asyncify: Asyncifier;
}

/** How long (ms) a module of so many bytes may take. */
const timeFor = (bytes: number) => BASE_TIME + bytes * TIME_PER_BYTE;

/** An `Asyncifier` for `prepare`. The thread is started when it is needed and does not keep the process alive. */
export function asyncifyThread(limitFor: (bytes: number) => number = timeFor): AsyncifyThread {
  let worker: Worker | undefined;
  let idle: NodeJS.Timeout | undefined;
  let queue: Promise<unknown> = Promise.resolve();

  const stop = async () => {
    clearTimeout(idle);
    const stopped = worker;
    worker = undefined;
    await stopped?.terminate();
  };

  const run = async (request: AsyncifyRequest): Promise<Uint8Array<ArrayBuffer>> => {
    clearTimeout(idle);
    // binaryen writes warnings to the console: `stdout` and `stderr` keep them from ours.
    worker ??= new Worker(new URL("../../../runtime/host/node/asyncify-worker.ts", import.meta.url), {
      execArgv: [],
      stdout: true,
      stderr: true,
    });
    const current = worker;
    current.ref();
    const limit = limitFor(request.bytes.length);
    const settled = new AbortController();
    const { signal } = settled;
    const fail = (reason: string) => () => {
      throw new Error(reason);
    };
    try {
      current.postMessage(request);
      const [answer]: AsyncifyAnswer[] = await Promise.race([
        once(current, "message", { signal }),
        once(current, "exit", { signal }).then(fail("its thread ended")),
        delay(limit, undefined, { signal }).then(fail(`took longer than ${Math.round(limit / 1000)} s`)),
      ]);
      if ("error" in answer) throw new Error(answer.error);
      return answer.bytes;
    } catch (error) {
      // After a failure, nobody knows what state binaryen is in.
      await stop();
      throw error;
    } finally {
      settled.abort();
      current.unref();
      if (worker) idle = setTimeout(stop, IDLE_TIME).unref();
    }
  };

  return {
    asyncify(bytes, imports, features) {
      const result = queue.then(() => run({ bytes, imports, features }));
      queue = result.catch(() => {});
      return result;
    },
    async [Symbol.asyncDispose]() {
      await stop();
    },
  };
}
