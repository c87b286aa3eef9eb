/** How long it takes to start: the command line, and the loader. */
import { spawn } from "node:child_process";
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { ROOT } from "../../guests/paths.ts";
import { programs } from "../../guests/ports/port.ts";
import { run } from "../../guests/run.ts";
import { buildBundle } from "../../runtime/bundle/build.ts";
import { recordCode } from "../../runtime/bundle/record.ts";
import { freshBundle } from "../../runtime/host/node/bundle.js";
import { compile, oneFile, RING3 } from "../build.ts";
import { KERNELS, sourceOf, withoutFork } from "../compute/programs.ts";
import type { Row, Samples, Target } from "../row.ts";
import type { Session } from "../session.ts";

const CLI = join(ROOT, "runtime", "cli", "ring3.js");
const ROUNDS = 7;
/** Of what takes seconds. */
const FEW_ROUNDS = 3;
const SMALL = join(import.meta.dirname, "..", "programs", "small.c");
const SQLITE3 = join(programs("ring3"), "sqlite3");

/** Measured from the command line to the first output, less what `node -e 0` takes in the same round. */
interface Start {
  id: string;
  title: string;
  /** The command's arguments. */
  command: () => Promise<string[]>;
  /** With an empty cache of images each time. */
  cold: boolean;
  target?: Target;
}

const STARTS: readonly Start[] = [
  {
    id: "cold-start",
    title: "first output of a 30 KB program, empty cache",
    command: async () => ["run", await compile(oneFile(SMALL), RING3), "hello"],
    cold: true,
    target: { figure: 150 },
  },
  {
    id: "warm-start",
    title: "first output of a 30 KB program, prepared before",
    command: async () => ["run", await compile(oneFile(SMALL), RING3), "hello"],
    cold: false,
  },
  {
    id: "cold-start-sqlite3",
    title: "first output of sqlite3 from the host, empty cache",
    command: async () => ["run", SQLITE3, ":memory:", "select 1"],
    cold: true,
  },
  {
    id: "start-sqlite3",
    title: "first output of sqlite3, a command of the machine",
    command: async () => ["run", "sqlite3", ":memory:", "select 1"],
    cold: false,
  },
];

function startRow({ id, title, command, cold, target }: Start): Row {
  const measure = async (session: Session): Promise<Samples> => {
    const args = await command();
    await session.once("bundle", ensureBundle);
    const cache = join(session.folder, "cache");
    const empty = () => {
      rmSync(cache, { recursive: true, force: true });
      mkdirSync(cache);
    };
    empty();
    await firstOutput([CLI, ...args], cache);
    const ring3: number[] = [];
    for (let round = 0; round < ROUNDS; round++) {
      if (cold) empty();
      const node = await firstOutput(["-e", "0"], cache);
      ring3.push((await firstOutput([CLI, ...args], cache)) - node);
    }
    return { native: null, ring3 };
  };
  return { id, group: "start", title, unit: "ms", target, measure };
}

/** Sources that were changed since the build are run as they are; what is installed runs from the bundle. */
async function ensureBundle(): Promise<void> {
  if (freshBundle()) return;
  await buildBundle();
  await recordCode();
}

/** Milliseconds from the start of a Node program to its first output, or to its end where it writes nothing. */
function firstOutput(args: readonly string[], cache: string): Promise<number> {
  return new Promise((resolve, reject) => {
    const from = performance.now();
    let first: number | undefined;
    let complaint = "";
    const child = spawn(process.execPath, args, {
      stdio: ["ignore", "pipe", "pipe"],
      env: { ...process.env, XDG_CACHE_HOME: cache },
    });
    child.stdout.on("data", () => {
      first ??= performance.now() - from;
    });
    child.stderr.on("data", (chunk) => {
      complaint += chunk;
    });
    child.on("error", reject);
    child.on("close", (code) => {
      if (code === 0) resolve(first ?? performance.now() - from);
      else reject(new Error(complaint.trim() || `it ended with status ${code}`));
    });
  });
}

interface Preparation {
  id: string;
  title: string;
  modules: () => Promise<Uint8Array[]>;
  rounds: number;
  target: number;
}

/** Modules as another's toolchain would make them: not prepared. The last can fork as it came. */
async function foreign(): Promise<Uint8Array<ArrayBuffer>[]> {
  const large = KERNELS.filter(({ name }) => name === "lua" || name === "sqlite");
  const busybox = new Uint8Array(readFileSync(join(programs("ring3"), "busybox")));
  return [...(await Promise.all(large.map(sourceOf))), busybox];
}

const PREPARATIONS: readonly Preparation[] = [
  {
    id: "prepare-plain",
    title: "prepare lua, sqlite, busybox without fork, no cache",
    modules: async () => (await foreign()).map(withoutFork),
    rounds: ROUNDS,
    target: 50,
  },
  {
    id: "prepare-fork",
    title: "prepare lua, sqlite, busybox with fork, no cache",
    modules: foreign,
    rounds: FEW_ROUNDS,
    target: 1000,
  },
];

/** Run by a Node of its own, in which nothing is warm: prepares the files that it is given, prints how many ms that took. */
const PREPARE = `
  import { readFileSync } from "node:fs";
  import { prepare } from ${JSON.stringify(join(ROOT, "runtime", "loader", "index.ts"))};
  const modules = process.argv.slice(1).map((file) => readFileSync(file));
  const from = performance.now();
  for (const module of modules) await prepare(module);
  console.log(performance.now() - from);
`;

function prepareRow({ id, title, modules, rounds, target }: Preparation): Row {
  const measure = async (session: Session): Promise<Samples> => {
    const sources = await modules();
    const files = sources.map((bytes, i) => {
      const file = join(session.folder, `${id}-${i}.wasm`);
      writeFileSync(file, bytes);
      return file;
    });
    const megabytes = sources.reduce((sum, { length }) => sum + length, 0) / 1e6;
    const ring3: number[] = [];
    for (let round = 0; round < rounds; round++) {
      const { stdout } = await run(process.execPath, ["--input-type=module", "-e", PREPARE, ...files]);
      ring3.push(Number(stdout) / megabytes);
    }
    return { native: null, ring3 };
  };
  return { id, group: "start", title, unit: "ms/MB", target: { figure: target }, measure };
}

export const START: readonly Row[] = [...STARTS.map(startRow), ...PREPARATIONS.map(prepareRow)];
