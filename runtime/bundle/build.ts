/**
 * Bundles the CLI and the machine's thread into `.build/bundle`: to find, read and compile 130 TypeScript modules takes longer than all
 * the rest of starting a program. It is a cache and nothing else: host/node/bundle.js takes it while it is newer than every source, and
 * who changes one runs the sources until the next build.
 */
import { copyFileSync, mkdirSync, readdirSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { rolldown } from "rolldown";

const PROJECT = fileURLToPath(new URL("../..", import.meta.url));
/** Three levels down, as runtime/host/node is: what a module finds by its own address it finds from there too. */
const FOLDER = join(PROJECT, ".build", "bundle", "node");
/** Made last: while it is there the bundle is whole. */
export const BUNDLE_SOURCES = join(FOLDER, "sources.json");
/** What loads the machine's scripts, and the first of them. */
export const THREAD = join(FOLDER, "thread.js");
export const MACHINE = "machine.js";
/** V8's code for a script (record.ts). */
export const codeOf = (script: string): string => join(FOLDER, `${script}.code`);

/** One script each, with all that it imports at once; what it may import later is in files beside it. */
const SCRIPTS: Readonly<Record<string, string>> = {
  "cli.js": "runtime/cli/main.ts",
  [MACHINE]: "runtime/host/node/serve.ts",
};
/** Copied: what threads begin with. */
const THREADS: Readonly<Record<string, string>> = {
  "thread.js": "runtime/bundle/thread.cjs",
  "ticker-thread.cjs": "runtime/host/node/ticker-thread.cjs",
};
/** Loaded from where they are: what start-up never wants, and what looks for other files by its own address. */
const IN_PLACE = ["guests/build.ts", "runtime/cli/bench.ts", "runtime/host/node/serve.ts"];

function leaveInPlace(id: string, importer: string | undefined): { id: string; external: "absolute" } | null {
  const path = importer ? relative(PROJECT, resolve(dirname(importer), id)) : "";
  return IN_PLACE.includes(path) ? { id: `../../../${path}`, external: "absolute" } : null;
}

/** Makes a script; gives the files that went into it. */
async function bundle(script: string, entry: string): Promise<string[]> {
  const build = await rolldown({
    cwd: PROJECT,
    input: entry,
    platform: "node",
    // Megabytes that only those wait for who run components.
    external: /^@bytecodealliance\//,
    plugins: [{ name: "leave-in-place", resolveId: { filter: { id: /\.ts$/ }, handler: leaveInPlace } }],
    checks: { pluginTimings: false },
  });
  try {
    // CommonJS takes Node half as long to load as ES modules, its own modules included.
    const { output } = await build.write({
      dir: FOLDER,
      format: "cjs",
      // What is imported later is required: a script of vm (thread.cjs) imports nothing.
      dynamicImportInCjs: script !== MACHINE,
      entryFileNames: script,
      chunkFileNames: "[name]-[hash].js",
    });
    return output.flatMap((file) => (file.type === "chunk" ? file.moduleIds : [])).filter((id) => !id.startsWith("\0"));
  } finally {
    await build.close();
  }
}

/** Makes the bundle. Throws with the bundler's messages. */
export async function buildBundle(): Promise<void> {
  const started = Date.now();
  mkdirSync(FOLDER, { recursive: true });
  for (const file of [BUNDLE_SOURCES, codeOf(MACHINE)]) rmSync(file, { force: true });
  const sources = new Set(Object.values(THREADS).map((file) => join(PROJECT, file)));
  for (const [script, entry] of Object.entries(SCRIPTS)) {
    for (const source of await bundle(script, entry)) sources.add(source);
  }
  for (const [thread, file] of Object.entries(THREADS)) copyFileSync(join(PROJECT, file), join(FOLDER, thread));
  writeFileSync(join(FOLDER, "package.json"), '{"type":"commonjs"}');
  const lines = [...sources].map((path) => {
    const { mtimeMs, size } = statSync(path);
    // Changed while the bundler read it: who knows which version it saw.
    return [relative(PROJECT, path), mtimeMs < started ? mtimeMs : 0, size];
  });
  writeFileSync(`${BUNDLE_SOURCES}.new`, JSON.stringify(lines));
  renameSync(`${BUNDLE_SOURCES}.new`, BUNDLE_SOURCES);
  removeOld();
}

/** Of an earlier bundle: a process that still runs it may load a part of it yet. */
const KEPT = 24 * 60 * 60 * 1000;

function removeOld(): void {
  for (const name of readdirSync(FOLDER)) {
    const path = join(FOLDER, name);
    if (Date.now() - statSync(path).mtimeMs > KEPT) rmSync(path);
  }
}
