/** Where the build (guests/build.ts) puts what a machine is made of. */
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const BUILD = fileURLToPath(new URL("../../../.build/", import.meta.url));

export const MADE = {
  /** The kernel's hot half. */
  hot: join(BUILD, "hot", "hot.wasm"),
  /** The adapter for WASI programs. */
  wasi: join(BUILD, "wasi", "wasi.wasm"),
  /** Index of the root image, and the folder with its files. */
  rootIndex: join(BUILD, "root.json"),
  /** The C++ library, where somebody wanted it; a thousand headers. */
  cxx: join(BUILD, "cxx"),
} as const;
/** Prepared images of the root image's programs; may be missing. */
export const PREPARED = join(BUILD, "prepared");
