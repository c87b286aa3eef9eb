/**
 * Compiles the scanner: `node runtime/loader/scanner/build.ts` writes code.ts, which is committed, since the loader runs where there is
 * nothing to build it with or to read it from. tests/loader/scanner.test.ts fails when that is forgotten.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import asc from "assemblyscript/asc";

const HERE = import.meta.dirname;
const OUTPUT = join(HERE, "code.ts");

/** The module that holds the compiled scanner. Throws with the compiler's messages. */
export async function scannerCode(): Promise<string> {
  let wasm = new Uint8Array();
  const options = ["--runtime", "stub", "--use", "abort=", "--optimizeLevel", "3", "--noAssert"];
  const { error, stderr } = await asc.main(["index.as.ts", "--outFile", "scanner.wasm", ...options], {
    readFile: (name: string) => {
      try {
        return readFileSync(join(HERE, name), "utf8");
      } catch {
        return null;
      }
    },
    writeFile: (_name: string, data: string | Uint8Array) => {
      wasm = new Uint8Array(Buffer.from(data));
    },
    listFiles: () => [],
  });
  if (error) throw new Error(`the scanner does not compile:\n${stderr.toString()}`);
  return `// Made by build.ts from index.as.ts: not to be edited.
export const SCANNER =
  "${wasm.toBase64()}";
`;
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) writeFileSync(OUTPUT, await scannerCode());
