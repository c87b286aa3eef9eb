/** Programs in JavaScript, made components by `jco componentize`. Once for each content: .build/tests/javascript/HASH.wasm. */
import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { cpSync, existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { promisify } from "node:util";
import { built, ROOT } from "../../guests/paths.ts";
import { temporaryFolder } from "../cleanup.ts";

const OUT = built("tests", "javascript");
const JCO = join(ROOT, "node_modules", "@bytecodealliance", "jco");
const { version } = JSON.parse(readFileSync(join(JCO, "package.json"), "utf8"));

/**
 * The engine inside, and the version of WASI. StarlingMonkey (Firefox's) has fetch, and takes its time to build; QuickJS has none of the
 * web's interfaces.
 */
const ENGINES = {
  starlingmonkey: { wasi: "0.2.12", options: ["--backend", "starlingmonkey"] },
  quickjs: { wasi: "0.2.12", options: ["--backend", "quickjs", "--backend-qjs-disable-async"] },
  "quickjs 0.3": { wasi: "0.3.0", options: ["--backend", "quickjs"] },
};

/** How long to wait for a build at most: half a minute of CPU, beside other tests. */
export const BUILD_TIMEOUT = 300_000;

/**
 * A command: `source` is a module that exports `run`; `imports` are interfaces of WASI without version, which `source` imports with
 * `@WASI` in the version's place.
 */
export async function componentize(
  engine: keyof typeof ENGINES,
  imports: readonly string[],
  source: string,
): Promise<Uint8Array> {
  const { wasi, options } = ENGINES[engine];
  const text = source.replaceAll("@WASI", `@${wasi}`);
  const items = [...imports.map((name) => `import ${name}@${wasi};`), `export wasi:cli/run@${wasi};`];
  const wit = `package test:test;\nworld test {\n${items.join("\n")}\n}\n`;
  const hash = createHash("sha256").update(JSON.stringify([version, options, wit, text]));
  const path = join(OUT, `${hash.digest("hex").slice(0, 20)}.wasm`);
  if (!existsSync(path)) {
    const folder = temporaryFolder();
    cpSync(join(JCO, "lib", "wit", "builtin", wasi), join(folder, "wit", "deps"), { recursive: true });
    writeFileSync(join(folder, "wit", "world.wit"), wit);
    writeFileSync(join(folder, "program.js"), text);
    const out = join(folder, basename(path));
    const command = ["componentize", "program.js", "--wit", "wit", "--world-name", "test", ...options, "--out", out];
    await promisify(execFile)(process.execPath, [join(JCO, "dist", "jco.js"), ...command], { cwd: folder });
    mkdirSync(OUT, { recursive: true });
    renameSync(out, path);
  }
  return readFileSync(path);
}
