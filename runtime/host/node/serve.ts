/** A machine's worker thread: the kernel's end of the line to the thread that booted it. */
import type { MessagePort, Transferable } from "node:worker_threads";
import type { Message, Port } from "../../worker/rpc.ts";
import { serve } from "../../worker/service.ts";
import { nodeMachineHost } from "./machine-host.ts";

export { nodeMachineHost, serve };

/** Serves the thread at the other end of a message port. */
export function serveOwner(line: MessagePort): void {
  const port: Port = {
    post: (message, transfer) => line.postMessage(message, transfer as Transferable[]),
    onMessage: () => {},
    onClose: () => {},
    close: () => line.close(),
  };
  line.on("message", (message: Message) => port.onMessage(message));
  serve(port, nodeMachineHost);
}
