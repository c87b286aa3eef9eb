/** Node as the host of machines: worker threads, and the standard streams of the program. */
import { fileURLToPath } from "node:url";
import { type Transferable, Worker } from "node:worker_threads";
import type { Connection, Host } from "../../api/machine.ts";
import { type Message, type Port, portPair } from "../../worker/rpc.ts";
import { freshBundle } from "./bundle.js";

/** Starts the thread of a machine. */
function startThread(): Worker {
  // The program's own flags for Node (--eval, --import...) are not for it.
  return new Worker(`${freshBundle() ?? fileURLToPath(new URL("./", import.meta.url))}thread.js`, { execArgv: [] });
}

/** A machine on a thread of its own. */
function connectTo(worker: Worker): Connection {
  const port: Port = {
    post: (message, transfer) => worker.postMessage(message, transfer as Transferable[]),
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

/** A thread that was started before it was asked for. */
let early: Worker | null = null;

/** Gives the thread of the machine that will be booted next: it has been loading the kernel while its owner did something else. */
export function useThread(thread: Worker): void {
  early = thread;
}

/** A machine on the caller's thread. */
async function startHere(): Promise<Connection> {
  const { serve, nodeMachineHost } = await import("./serve.ts");
  const [ours, theirs] = portPair();
  serve(theirs, nodeMachineHost);
  return { port: ours, hold: () => {}, terminate: async () => {} };
}

export const nodeHost: Host = {
  connect: async (thread) => {
    if (thread === "same") return startHere();
    const worker = early ?? startThread();
    early = null;
    return connectTo(worker);
  },
  inherit: (fd) => {
    const stream = fd === 1 ? process.stdout : process.stderr;
    return (chunk) =>
      new Promise((resolve, reject) => {
        stream.write(chunk, (error) => (error ? reject(error) : resolve()));
      });
  },
};
