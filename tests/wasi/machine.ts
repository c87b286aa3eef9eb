/** Running WASI programs in a machine, and with node:wasi. */
import { execFile } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { buildAdapter } from "../../runtime/abi/wasi/build.ts";
import { boot, type Machine, type SpawnOptions } from "../../runtime/index.ts";

await buildAdapter();

export interface Outcome {
  readonly status: string;
  readonly stdout: string;
  readonly stderr: string;
}

/** A machine whose log holds no kernel bug at the end. */
export class Bench implements AsyncDisposable {
  readonly machine: Machine;
  readonly log: string[];

  constructor(machine: Machine, log: string[]) {
    this.machine = machine;
    this.log = log;
  }

  static async boot(options: Parameters<typeof boot>[0] = {}): Promise<Bench> {
    const log: string[] = [];
    return new Bench(await boot({ ...options, log: (line) => log.push(line) }), log);
  }

  /** Puts a program into the machine. */
  async install(path: string, bytes: Uint8Array): Promise<void> {
    await this.machine.fs.writeFile(path, bytes, { mode: 0o755 });
  }

  async run(argv: readonly string[], options: SpawnOptions = {}): Promise<Outcome> {
    const process = await this.machine.spawn(argv, { stdin: "null", timeout: 20_000, ...options });
    const { code, signal, stdout, stderr } = await process.result();
    return { status: signal ?? String(code), stdout, stderr };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.machine.shutdown();
    const bugs = this.log.filter((line) => line.includes("BUG"));
    if (bugs.length > 0) throw new Error(bugs.join("\n"));
  }
}

const RUNNER = `
const { WASI } = require("node:wasi");
const { readFileSync } = require("node:fs");
const [version, preopens, file, ...args] = process.argv.slice(1);
const wasi = new WASI({ version, args: [file, ...args], env: {}, preopens: JSON.parse(preopens), returnOnExit: true });
const module = new WebAssembly.Module(readFileSync(file));
process.exitCode = wasi.start(new WebAssembly.Instance(module, wasi.getImportObject()));
`;

/** Runs the program in a file with node:wasi; `preopens`: the host's folders by their names in it. */
export function runFileInNode(
  file: string,
  args: readonly string[],
  preopens: Readonly<Record<string, string>>,
  version = "preview1",
): Promise<Outcome> {
  return new Promise((resolve) => {
    const argv = ["--no-warnings", "-e", RUNNER, version, JSON.stringify(preopens), file, ...args];
    execFile(process.execPath, argv, { timeout: 20_000 }, (error, stdout, stderr) => {
      resolve({ status: String(error ? (error.code ?? error.signal) : 0), stdout, stderr });
    });
  });
}

/** Runs a program with node:wasi, with a fresh folder as /w. */
export async function runInNode(
  bytes: Uint8Array,
  version = "preview1",
  args: readonly string[] = [],
): Promise<Outcome> {
  const folder = mkdtempSync(join(tmpdir(), "ring3-wasi-"));
  try {
    const file = join(folder, "program.wasm");
    const work = mkdtempSync(join(folder, "w"));
    writeFileSync(file, bytes);
    return await runFileInNode(file, args, { "/w": work }, version);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
