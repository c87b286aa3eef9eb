/**
 * Runs a WASI program in another implementation, as a process of its own: node bench/wasi/host.ts node|shim PROGRAM. Its one preopened
 * folder is ".".
 */
import { readFileSync, readSync, writeSync } from "node:fs";
import { ConsoleStdout, Fd, PreopenDirectory, WASI as Shim } from "@bjorn3/browser_wasi_shim";

/** Standard input that waits for more: the shim's own is what there is from the start. */
class Input extends Fd {
  override fd_read(size: number) {
    const data = new Uint8Array(size);
    return { ret: 0, data: data.subarray(0, readSync(0, data)) };
  }
}

const output = (fd: number) => new ConsoleStdout((bytes) => void writeSync(fd, bytes));

const [host, file] = process.argv.slice(2);
const module = new WebAssembly.Module(readFileSync(file));
if (host === "shim") {
  const wasi = new Shim([file], [], [new Input(), output(1), output(2), new PreopenDirectory(".", new Map())], {
    debug: false,
  });
  const { exports } = new WebAssembly.Instance(module, { wasi_snapshot_preview1: wasi.wasiImport });
  process.exitCode = wasi.start({ exports: exports as { memory: WebAssembly.Memory; _start: () => void } });
} else {
  // It warns that it is experimental, on standard error.
  process.removeAllListeners("warning");
  const { WASI } = await import("node:wasi");
  const wasi = new WASI({ version: "preview1", args: [file], preopens: { ".": "." } });
  process.exitCode = wasi.start(new WebAssembly.Instance(module, wasi.getImportObject() as WebAssembly.Imports));
}
