// The thread of asyncify.ts.

import { parentPort } from "node:worker_threads";
import { asyncify } from "../../loader/index.ts";
import type { AsyncifyAnswer, AsyncifyRequest } from "./asyncify.ts";

parentPort?.on("message", async ({ bytes, imports, features }: AsyncifyRequest) => {
  let answer: AsyncifyAnswer;
  try {
    answer = { bytes: await asyncify(bytes, imports, features) };
  } catch (error) {
    answer = { error: error instanceof Error ? error.message : String(error) };
  }
  parentPort?.postMessage(answer);
});
