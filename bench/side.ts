/** The two sides on which a row's program runs: the host, and a machine of ring3. */
import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, mkdtempSync, symlinkSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { text } from "node:stream/consumers";
import { ensureNative } from "../guests/build.ts";
import { programs } from "../guests/ports/port.ts";
import type { Machine, SpawnOptions } from "../runtime/index.ts";
import { compile, NATIVE, oneFile, RING3, type Toolchain } from "./build.ts";
import { type RowProcess, Subject } from "./subject.ts";

const ROWS = join(import.meta.dirname, "rows");
/** Sources of the programs that rows execute. */
const PROGRAMS = join(import.meta.dirname, "programs");

export interface Side {
  /** Path, as the row sees it, of a program of bench/programs. */
  program(name: string): Promise<string>;
  /** Path, as the row sees it, of busybox under one of its names. */
  busybox(name: string): Promise<string>;
  /** Starts a row of bench/rows, in an empty folder. */
  start(row: string, args: readonly string[]): Promise<Subject>;
}

export interface SideOptions {
  /** What makes the programs. */
  toolchain?: Toolchain;
  /** The folder with the rows' sources. Default: bench/rows. */
  sources?: string;
}

export interface NativeOptions extends SideOptions {
  /** What starts the programs, and its options. */
  runner?: readonly string[];
}

/** The host. Rows run in folders under `folder`. */
export class NativeSide implements Side {
  readonly #folder: string;
  readonly #toolchain: Toolchain;
  readonly #sources: string;
  readonly #runner: readonly string[];

  constructor(folder: string, { toolchain = NATIVE, sources = ROWS, runner = [] }: NativeOptions = {}) {
    this.#folder = folder;
    this.#toolchain = toolchain;
    this.#sources = sources;
    this.#runner = runner;
  }

  program(name: string): Promise<string> {
    return compile(oneFile(join(PROGRAMS, `${name}.c`)), this.#toolchain);
  }

  async busybox(name: string): Promise<string> {
    await ensureNative({ log: (line) => console.error(line) });
    const link = join(this.#folder, name);
    if (!existsSync(link)) symlinkSync(join(programs("native"), "busybox"), link);
    return link;
  }

  async start(row: string, args: readonly string[]): Promise<Subject> {
    const program = await compile(oneFile(join(this.#sources, `${row}.c`)), this.#toolchain);
    const cwd = mkdtempSync(join(this.#folder, `${row}-`));
    // A process group of its own, so that what it started can be killed with it.
    const [command, ...rest] = [...this.#runner, program, ...args];
    const child = spawn(command, rest, { cwd, stdio: "pipe", detached: true });
    return Subject.start(nativeProcess(child));
  }
}

function nativeProcess(child: ChildProcess): RowProcess {
  const { stdin, stdout, stderr } = child;
  stdin!.on("error", () => {}); // it is gone: its output says why
  return {
    output: stdout!,
    complaint: text(stderr!),
    end: new Promise((resolve) => {
      child.on("error", (error) => resolve(error.message));
      child.on("close", (code, signal) => resolve(signal ?? `status ${code}`));
    }),
    write: async (line) => void stdin!.write(line),
    close: () => stdin!.end(),
    kill: () => {
      try {
        process.kill(-child.pid!, "SIGKILL");
      } catch {
        // it has ended
      }
    },
  };
}

/** A machine. Each row's programs are placed in it as files. */
export class GuestSide implements Side {
  readonly #machine: Machine;
  readonly #toolchain: Toolchain;
  readonly #sources: string;

  constructor(machine: Machine, { toolchain = RING3, sources = ROWS }: SideOptions = {}) {
    this.#machine = machine;
    this.#toolchain = toolchain;
    this.#sources = sources;
  }

  program(name: string): Promise<string> {
    return this.#place(join(PROGRAMS, `${name}.c`));
  }

  async busybox(name: string): Promise<string> {
    return `/bin/${name}`;
  }

  async start(row: string, args: readonly string[], options: SpawnOptions = {}): Promise<Subject> {
    const path = await this.#place(join(this.#sources, `${row}.c`));
    const cwd = `/tmp/${row}`;
    await this.#machine.fs.mkdir(cwd, { recursive: true });
    const guest = await this.#machine.spawn([path, ...args], { cwd, ...options });
    return Subject.start({
      output: guest.stdout,
      complaint: text(guest.stderr),
      end: guest.wait().then(({ code, signal }) => signal ?? `status ${code}`),
      write: (line) => guest.stdin.write(line),
      close: () => void guest.stdin.end(),
      kill: () => void guest.kill("SIGKILL"),
    });
  }

  /** A file that a row has written in its folder. */
  read(row: string, file: string): Promise<string> {
    return this.#machine.fs.readFile(`/tmp/${row}/${file}`, "utf8");
  }

  async #place(source: string): Promise<string> {
    const path = `/run/bench/${basename(source, ".c")}`;
    await this.#machine.fs.mkdir("/run/bench", { recursive: true });
    await this.#machine.fs.writeFile(path, await readFile(await compile(oneFile(source), this.#toolchain)), {
      mode: 0o755,
    });
    return path;
  }
}
