/** The kernel's end of the line: answers its owner's calls with a machine on this thread. */
import { Ring3Error } from "../api/errors.ts";
import type { MachineHost } from "../host/host.ts";
import { LocalMachine } from "../machine.ts";
import type { KernelSide, OwnerSide } from "./protocol.ts";
import { Moved, type Port, Rpc } from "./rpc.ts";

/** Serves one machine on a port. */
export function serve(port: Port, host: MachineHost): void {
  let machine: LocalMachine | null = null;
  const booted = (): LocalMachine => {
    if (!machine) throw new Ring3Error("ERR_CLOSED", "the machine is not running");
    return machine;
  };
  const answers: KernelSide = {
    boot: async (request) => {
      machine = await LocalMachine.boot(request, host, owner);
    },
    spawn: (request) => booted().spawn(request),
    componentExports: (handle) => booted().library(handle).ready,
    callComponent: (handle, path, args) => booted().library(handle).call(path, args),
    handleRequest: async (handle, request) => {
      const answer = await booted().library(handle).handle(request);
      return new Moved(answer, answer.body ? [answer.body] : []);
    },
    closeComponent: (handle) => machine?.closeLibrary(handle),
    write: (stream, chunk) => booted().write(stream, chunk),
    end: (stream) => machine?.end(stream),
    credit: (stream, bytes) => machine?.credit(stream, bytes),
    kill: (handle, signal, group) => booted().kill(handle, signal, group),
    resize: (handle, rows, cols) => machine?.resize(handle, rows, cols),
    hangup: (handle) => machine?.hangup(handle),
    fs: (op, args) => booted().fs(op, args),
    processes: () => booted().processes(),
    log: () => booted().log(),
    shutdown: async () => {
      const ending = machine;
      machine = null;
      await ending?.shutdown();
    },
  };
  const owner: Rpc<OwnerSide> = new Rpc<OwnerSide>(port, answers);
}
