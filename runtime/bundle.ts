/**
 * Bundles the CLI and the machine's thread into `.build/bundle`: loading 130 TypeScript modules takes longer than all the rest of
 * starting a program. It is a cache and nothing else: host/node/bundle.js takes it while it is newer than every source, and who changes
 * one runs the sources until the next build.
 */
import { readdirSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { rolldown } from "rolldown";

const PROJECT = fileURLToPath(new URL("..", import.meta.url));
/** Three levels down, as runtime/host/node is: what a module finds by its own address it finds from there too. */
const FOLDER = join(PROJECT, ".build", "bundle", "node");
/** Made last: while it is there the bundle is whole. */
export const BUNDLE_SOURCES = join(FOLDER, "sources.json");

const ENTRIES = {
  cli: "runtime/cli/main.ts",
  thread: "runtime/host/node/thread.js",
  "ticker-thread": "runtime/host/node/ticker-thread.js",
};

/** Loaded from where they are: what start-up never wants, and what looks for other files by its own address. */
const IN_PLACE = ["guests/build.ts", "runtime/cli/bench.ts"];

function leaveInPlace(id: string, importer: string | undefined): { id: string; external: "absolute" } | null {
  const path = importer ? relative(PROJECT, resolve(dirname(importer), id)) : "";
  return IN_PLACE.includes(path) ? { id: `../../../${path}`, external: "absolute" } : null;
}

/** Makes the bundle. Throws with the bundler's messages. */
export async function buildBundle(): Promise<void> {
  const started = Date.now();
  const bundle = await rolldown({
    cwd: PROJECT,
    input: ENTRIES,
    platform: "node",
    external: ["binaryen"],
    plugins: [{ name: "leave-in-place", resolveId: leaveInPlace }],
  });
  try {
    rmSync(BUNDLE_SOURCES, { force: true });
    const { output } = await bundle.write({
      dir: FOLDER,
      format: "cjs",
      entryFileNames: "[name].js",
      chunkFileNames: "[name]-[hash].js",
    });
    writeFileSync(join(FOLDER, "package.json"), '{"type":"commonjs"}');
    const chunks = output.filter((item) => item.type === "chunk");
    const sources = chunks.flatMap(({ moduleIds }) => moduleIds).filter((id) => !id.startsWith("\0"));
    removeOld(chunks.map(({ fileName }) => fileName));
    const lines = sources.map((path) => {
      const { mtimeMs, size } = statSync(path);
      // Changed while the bundler read it: who knows which version it saw.
      return [relative(PROJECT, path), mtimeMs < started ? mtimeMs : 0, size];
    });
    writeFileSync(`${BUNDLE_SOURCES}.new`, JSON.stringify(lines));
    renameSync(`${BUNDLE_SOURCES}.new`, BUNDLE_SOURCES);
  } finally {
    await bundle.close();
  }
}

/** What earlier bundles left. A process that still runs one may load a part of it yet: a day is enough for that. */
const KEPT = 24 * 60 * 60 * 1000;

function removeOld(names: readonly string[]): void {
  for (const name of readdirSync(FOLDER)) {
    const path = join(FOLDER, name);
    if (!names.includes(name) && Date.now() - statSync(path).mtimeMs > KEPT) rmSync(path);
  }
}
