/** What keeps a WASI program from being run, found before it starts. */
import type { ImageInfo, ImportInfo } from "../../loader/index.ts";
import { oneLine, sameType } from "../../loader/index.ts";
import { PREVIEW1, THREADS, UNSTABLE, WASI_MODULES, type WasiCall } from "./calls.ts";

const typeText = ({ params, results }: Pick<WasiCall, "params" | "results">): string =>
  `(${params.join(", ")}) -> ${results.length === 0 ? "nothing" : results.join(", ")}`;

function problem(item: ImportInfo): string | null {
  const { module, name } = item;
  const functions = Object.hasOwn(WASI_MODULES, module) ? WASI_MODULES[module] : undefined;
  if (!functions) {
    return module.startsWith("wasi")
      ? `it imports from "${module}", a version of WASI that is not served (${PREVIEW1} and ${UNSTABLE} are)`
      : `it imports "${module}.${name}", which is not of WASI`;
  }
  if (!Object.hasOwn(functions, name)) return `it imports "${module}.${name}", and WASI has no such function`;
  const call = functions[name];
  return sameType(item, call)
    ? null
    : `it imports "${module}.${name}" as ${typeText(item)}, and the function is ${typeText(call)}`;
}

/** Throws an Error that names the file and the reason, in one line. */
export function checkWasi(info: ImageInfo, file: string): void {
  for (const item of info.imports) {
    const reason = problem(item);
    if (reason !== null) throw new Error(oneLine(`${file}: ${reason}`));
  }
  if (!info.memory.exported) throw new Error(`${file}: it exports no memory named "memory", which WASI needs`);
  const threads = info.imports.some(({ module }) => module === THREADS);
  if (threads && !info.threadStart)
    throw new Error(`${file}: it imports wasi.thread-spawn, but exports no wasi_thread_start`);
}

/** The same for a Linux program: WASI's descriptors have rights, its paths a directory that they stay beneath, and Linux's have neither. */
export function checkLinux({ abi, imports }: ImageInfo, file: string): void {
  if (abi !== "wali") return;
  const wasi = imports.find(({ module }) => Object.hasOwn(WASI_MODULES, module));
  if (!wasi) return;
  const linux = imports.find(({ module }) => module === "wali" || module === "ring3")!;
  const both = `"${linux.module}" and "${wasi.module}"`;
  throw new Error(`${file}: it imports from both ${both}: a program is Linux's or WASI's`);
}
