/**
 * The stress test: tests/stress/stress.c natively and in one machine, seed after seed. Its output must agree, and what the machine
 * holds when it is at rest must not grow.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { boot, type Machine } from "../../runtime/index.ts";
import { compile } from "../diff/build.ts";
import { runNative } from "../diff/native.ts";
import { RUN_ENV } from "../diff/ring3.ts";

const SOURCE = join(import.meta.dirname, "stress.c");
const SECONDS = 300;

/** A machine at rest, in KiB. */
export interface Rest {
  /** Mapped by its processes. */
  mapped: number;
  /** Kernel memory handed out by pages. */
  kernel: number;
  /** The JavaScript heap after a collection; 0 without --expose-gc. */
  heap: number;
  tasks: number;
}

export class Stress {
  readonly #machine: Machine;
  readonly #native: string;
  readonly #ring3: string;

  private constructor(machine: Machine, native: string, ring3: string) {
    this.#machine = machine;
    this.#native = native;
    this.#ring3 = ring3;
  }

  static async start(): Promise<Stress> {
    const [native, ring3] = [await compile(SOURCE, "native"), await compile(SOURCE, "ring3")];
    const folder = dirname(ring3);
    const machine = await boot({ thread: "same", mounts: [{ host: folder, guest: folder, readOnly: true }] });
    return new Stress(machine, native, ring3);
  }

  /** Runs one seed on both sides. Throws an error that shows both outputs where they differ. */
  async round(seed: number, workers: number, steps: number): Promise<void> {
    const args = [`${seed}`, `${workers}`, `${steps}`];
    const folder = mkdtempSync(join(tmpdir(), "ring3-stress-"));
    try {
      const script = 'cd "$1" && shift && exec "$@"';
      const native = await runNative("sh", ["-c", script, "sh", folder, this.#native, ...args], {
        env: RUN_ENV,
        seconds: SECONDS,
        name: "stress",
      });
      const child = await this.#machine.spawn([this.#ring3, ...args], {
        cwd: "/tmp",
        stdin: "null",
        timeout: SECONDS * 1000,
      });
      const ring3 = await child.result();
      const wanted = `${native.stdout}${native.stderr}${JSON.stringify(native.end)}`;
      const found = `${ring3.stdout}${ring3.stderr}${JSON.stringify({ kind: "exit", code: ring3.code, left: 0 })}`;
      if (found !== wanted) {
        const log = (await this.#machine.log()).slice(-20).join("\n");
        throw new Error(`seed ${seed}: native\n${wanted}\nring3\n${found}\nkernel log\n${log}`);
      }
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  }

  async rest(): Promise<Rest> {
    const child = await this.#machine.spawn(["cat", "/proc/meminfo", "/proc/loadavg"], { stdin: "null" });
    const { stdout } = await child.result();
    const row = (name: string) => Number(new RegExp(`^${name}: +(\\d+) kB`, "m").exec(stdout)![1]);
    const { gc } = globalThis as { gc?: () => void };
    gc?.();
    return {
      mapped: row("AnonPages"),
      kernel: row("Cached"),
      heap: gc ? Math.round(process.memoryUsage().heapUsed / 1024) : 0,
      tasks: Number(/ \d+\/(\d+) /.exec(stdout)![1]),
    };
  }

  async stop(): Promise<void> {
    await this.#machine.shutdown();
  }
}
