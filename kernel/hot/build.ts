/**
 * Builds the hot half: generates entries.ts and structs.ts (generate.ts) and compiles AssemblyScript.
 * `node kernel/hot/build.ts` writes .build/hot/hot.wasm; it is the one place under kernel/ that runs at build time only.
 */
import { createHash } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { generateEntries, generateStructs } from "./generate.ts";

const here = fileURLToPath(new URL(".", import.meta.url));
const root = join(here, "../..");
const out = join(root, ".build/hot");
/** What is written here, and not to be edited. */
const GENERATED = ["entries.ts", "structs.ts"];

/** Hash of everything that hot.wasm is made from. */
export function inputsHash(): string {
  const hash = createHash("sha256");
  for (const folder of [here, join(here, "../abi")]) {
    for (const file of readdirSync(folder).sort()) {
      if (file.endsWith(".ts") && !GENERATED.includes(file)) hash.update(file).update(readFileSync(join(folder, file)));
    }
  }
  hash.update(readFileSync(join(root, "asconfig.json")));
  return hash.digest("hex");
}

/** The hot half. */
export const HOT = join(out, "hot.wasm");

/** Builds .build/hot/hot.wasm unless it is up to date. Throws with the compiler's messages. */
export async function buildHot(): Promise<string> {
  return compile("kernel/hot/index.ts", HOT, inputsHash(), () => {
    writeFileSync(join(here, "entries.ts"), generateEntries(here));
    writeFileSync(join(here, "structs.ts"), generateStructs());
  });
}

/**
 * Compiles AssemblyScript that works on kernel memory, unless that was done for the same `hash` before. `entry`: its first file, from the
 * repository's root; `prepare` writes what it includes. Gives `target`. Throws with the compiler's messages.
 */
export async function compile(entry: string, target: string, hash: string, prepare = () => {}): Promise<string> {
  const stamp = target.replace(/wasm$/, "sha256");
  try {
    if (readFileSync(stamp, "utf8") === hash && readFileSync(target)) return target;
  } catch {
    // Not built yet.
  }
  mkdirSync(dirname(target), { recursive: true });
  prepare();
  const { default: asc } = await import("assemblyscript/asc");
  const temporary = `${target}.${process.pid}`;
  const { error, stderr } = await asc.main(
    [entry, "--config", "asconfig.json", "--outFile", relative(root, temporary)],
    {
      readFile: (name: string, base: string) => {
        try {
          return readFileSync(join(base === "." ? root : base, name), "utf8");
        } catch {
          return null;
        }
      },
      writeFile: (name: string, data: string | Uint8Array) => writeFileSync(join(root, name), data),
      listFiles: () => [],
    },
  );
  if (error) {
    rmSync(stamp, { force: true });
    throw new Error(`${entry} does not compile:\n${stderr.toString()}`);
  }
  renameSync(temporary, target);
  writeFileSync(stamp, hash);
  return target;
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) {
  process.stdout.write(`${await buildHot()}\n`);
}
