/**
 * Builds the hot half: generates entries.ts and structs.ts (generate.ts) and compiles AssemblyScript.
 * `node kernel/hot/build.ts` writes .build/hot/hot.wasm; it is the one place under kernel/ that runs at build time only.
 */
import { createHash } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
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
  const target = HOT;
  const stamp = join(out, "hot.sha256");
  const hash = inputsHash();
  try {
    if (readFileSync(stamp, "utf8") === hash && readFileSync(target)) return target;
  } catch {
    // Not built yet.
  }
  mkdirSync(out, { recursive: true });
  writeFileSync(join(here, "entries.ts"), generateEntries(here));
  writeFileSync(join(here, "structs.ts"), generateStructs());
  const { default: asc } = await import("assemblyscript/asc");
  const temporary = `hot.${process.pid}.wasm`;
  const { error, stderr } = await asc.main(
    ["kernel/hot/index.ts", "--config", "asconfig.json", "--outFile", `.build/hot/${temporary}`],
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
    throw new Error(`the hot half does not compile:\n${stderr.toString()}`);
  }
  renameSync(join(out, temporary), target);
  writeFileSync(stamp, hash);
  return target;
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) {
  process.stdout.write(`${await buildHot()}\n`);
}
