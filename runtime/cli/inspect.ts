/** `ring3 inspect`: what a program asks of the kernel, and what the loader makes of it. */
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { SYSCALLS } from "../../kernel/abi/syscalls.ts";
import { isComponent } from "../abi/component/binary.ts";
import { servedImports } from "../cpu/link.ts";
import { PREPARED } from "../host/node/built.ts";
import { fileCache } from "../host/node/cache.ts";
import { printReport } from "../host/node/stdio.ts";
import { inspect as examine, LoadError, renderInspection } from "../loader/index.ts";
import { CliError, EXIT_NOT_EXECUTABLE, EXIT_NOT_FOUND, EXIT_RING3 } from "./errors.ts";

export async function inspect(file: string, flags: { json?: boolean; types?: string }): Promise<number> {
  const bytes = read(file);
  if (isComponent(bytes)) return inspectComponent(bytes, file, flags);
  if (flags.types !== undefined) throw new CliError(EXIT_RING3, `--types: ${file} is no component`);
  const linked = servedImports();
  const missing = new Set(SYSCALLS.filter(({ status }) => status.kind === "no").map(({ name }) => `wali.SYS_${name}`));
  const served = (module: string, name: string): boolean => {
    const full = `${module}.${name}`;
    return linked.has(full) && !missing.has(full);
  };
  try {
    const report = await examine(bytes, served, {
      file,
      cache: fileCache(),
      prepared: fileCache(PREPARED),
    });
    await printReport(flags.json ? `${JSON.stringify(report, null, 2)}\n` : renderInspection(report));
    return 0;
  } catch (error) {
    if (error instanceof LoadError) throw new CliError(EXIT_NOT_EXECUTABLE, error.message, error);
    throw error;
  }
}

/** What a component wants and gives; with `types`, its declarations in TypeScript as files in a folder. */
async function inspectComponent(
  bytes: Uint8Array<ArrayBuffer>,
  file: string,
  flags: { json?: boolean; types?: string },
): Promise<number> {
  const { inspectComponent, renderComponent } = await import("../abi/component/inspect.ts");
  try {
    const { types, ...report } = await inspectComponent(bytes, { file, cache: fileCache() });
    await printReport(flags.json ? `${JSON.stringify(report, null, 2)}\n` : renderComponent(report));
    if (flags.types !== undefined) {
      for (const [name, text] of Object.entries(types)) {
        const path = join(flags.types, name);
        mkdirSync(dirname(path), { recursive: true });
        writeFileSync(path, text);
      }
    }
    return 0;
  } catch (error) {
    if (error instanceof LoadError) throw new CliError(EXIT_NOT_EXECUTABLE, error.message, error);
    const { code, message } = error as NodeJS.ErrnoException;
    if (code !== undefined) throw new CliError(EXIT_RING3, `--types: ${message}`, error as Error);
    throw error;
  }
}

function read(file: string): Uint8Array<ArrayBuffer> {
  try {
    return readFileSync(file);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "ENOENT") throw new CliError(EXIT_NOT_FOUND, `${file}: no such file`);
    const why =
      code === "EISDIR" ? "is a directory" : code === "EACCES" ? "permission denied" : `cannot be read (${code})`;
    throw new CliError(EXIT_NOT_EXECUTABLE, `${file}: ${why}`);
  }
}
