/** Builds the WASI adapter: `node runtime/abi/wasi/build.ts` writes .build/wasi/wasi.wasm. At build time only. */
import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { buildHot, compile, inputsHash } from "../../../kernel/hot/build.ts";

const here = fileURLToPath(new URL(".", import.meta.url));

export const WASI_ADAPTER = join(here, "../../../.build/wasi/wasi.wasm");

/** Hash of everything that it is made from: the hot half's tables and layouts among it. */
export function adapterHash(): string {
  const hash = createHash("sha256")
    .update(inputsHash())
    .update(readFileSync(join(here, "layout.ts")));
  for (const file of readdirSync(join(here, "adapter")).sort()) {
    hash.update(file).update(readFileSync(join(here, "adapter", file)));
  }
  return hash.digest("hex");
}

/** Builds it unless it is up to date. Throws with the compiler's messages. */
export async function buildAdapter(): Promise<string> {
  await buildHot(); // writes tables that the adapter includes
  return compile("runtime/abi/wasi/adapter/index.ts", WASI_ADAPTER, adapterHash());
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) {
  process.stdout.write(`${await buildAdapter()}\n`);
}
