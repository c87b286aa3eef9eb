/** Node as the host of machines: worker threads, and the standard streams of the program. */
import { Worker } from "node:worker_threads";
import type { Connection, Host } from "../../api/machine.ts";
import { type Message, type Port, portPair } from "../../worker/rpc.ts";

/** A machine on a thread of its own. */
function startWorker(): Connection {
  const worker = new Worker(new URL("./thread.js", import.meta.url));
  const port: Port = {
    post: (message, transfer) => worker.postMessage(message, transfer),
    onMessage: () => {},
    onClose: () => {},
    close: () => {},
  };
  worker.on("message", (message: Message) => port.onMessage(message));
  worker.on("error", (error: Error) => port.onClose(error));
  worker.on("exit", () => port.onClose(new Error("it exited")));
  return {
    port,
    hold: (on) => (on ? worker.ref() : worker.unref()),
    terminate: async () => {
      await worker.terminate();
    },
  };
}

/** A machine on the caller's thread. */
async function startHere(): Promise<Connection> {
  const { serve } = await import("../../worker/service.ts");
  const { nodeMachineHost } = await import("./machine-host.ts");
  const [ours, theirs] = portPair();
  serve(theirs, nodeMachineHost);
  return { port: ours, hold: () => {}, terminate: async () => {} };
}

export const nodeHost: Host = {
  connect: async (thread) => (thread === "same" ? startHere() : startWorker()),
  inherit: (fd) => {
    const stream = fd === 1 ? process.stdout : process.stderr;
    return (chunk) =>
      new Promise((resolve, reject) => {
        stream.write(chunk, (error) => (error ? reject(error) : resolve()));
      });
  },
};
